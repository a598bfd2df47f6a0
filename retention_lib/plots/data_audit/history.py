"""Is the history complete: who bought, month by month."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from retention_lib.plots.style import COLOURS, HATCHES, figure, grid, in_counts, key
from retention_lib.speech import Speech

_MOST_TICKS = 7
_NEW: dict[str, Any] = {"facecolor": COLOURS["new"], "hatch": HATCHES["new"], "edgecolor": "white"}
_RETURNING: dict[str, Any] = {"facecolor": COLOURS["returning"]}
_PARTIAL: dict[str, Any] = {
    "facecolor": (1, 1, 1, 0.55),
    "hatch": "xxx",
    "edgecolor": COLOURS["muted"],
}


@figure()
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Draw who bought in each month: first-time and returning customers, one on the other.

    Parameters
    ----------
    frame
        Columns month (Timestamp), customers, new_customers, complete (bool: the history covers
        the whole month; other months are hatched in grey).
    """
    _bars(ax, frame)
    key(ax, _kinds(frame, speech))
    _months(ax, frame, speech)
    ax.set_ylabel(speech.text("Customers who bought in the month"))
    ax.set_xlabel(speech.text("Month ({n:count} customers in all)", n=frame["new_customers"].sum()))
    ax.yaxis.set_major_formatter(in_counts(speech))
    grid(ax, "y")


def _bars(ax: Axes, frame: pd.DataFrame) -> None:
    x = range(len(frame))
    new = frame["new_customers"].to_numpy()
    returning = frame["customers"].to_numpy() - new
    partial = ~frame["complete"].to_numpy(dtype=bool)
    late = [at for at in x if partial[at]]
    ax.bar(x, returning, width=0.85, **_RETURNING)
    ax.bar(x, new, width=0.85, bottom=returning, linewidth=0, **_NEW)
    ax.bar(late, frame["customers"].to_numpy()[partial], width=0.85, linewidth=0, **_PARTIAL)


def _kinds(frame: pd.DataFrame, speech: Speech) -> list[Patch]:
    kinds = [
        Patch(**_NEW, label=speech.text("first-time")),
        Patch(**_RETURNING, label=speech.text("returning")),
    ]
    if not frame["complete"].all():
        kinds.append(Patch(**_PARTIAL, label=speech.text("month not complete")))
    return kinds


def _months(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    step = -(-len(frame) // _MOST_TICKS)
    step = next((whole for whole in (1, 2, 3, 4, 6, 12) if whole >= step), 12 * -(-step // 12))
    at = list(range(0, len(frame), step))
    names = [speech.month(frame["month"].iloc[place].date()) for place in at]
    ax.set_xticks(at, ["\n".join(name.rsplit(" ", 1)) for name in names])
    ax.set_xlim(-0.7, max(len(frame), 6) - 0.3)
