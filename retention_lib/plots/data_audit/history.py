"""Figures of notebook 01."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from retention_lib.plots.style import (
    COLOURS,
    HATCHES,
    axes,
    entitle,
    grid,
    in_counts,
    key,
    nothing,
    styled,
)
from retention_lib.speech import Speech

_MOST_TICKS = 7


@styled
def plot_monthly_sales(
    frame: pd.DataFrame, speech: Speech, *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw who bought in each month: first-time and returning customers, one on the other.

    Parameters
    ----------
    frame
        Columns month (Timestamp), customers, new_customers, complete (bool: the history covers
        the whole month; other months are hatched in grey).
    speech
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if frame.empty:
        return nothing(ax, title, speech)
    ax = axes(ax)
    _bars(ax, frame)
    key(ax, _kinds(frame, speech))
    _months(ax, frame, speech)
    ax.set_ylabel(speech.text("Customers who bought in the month"))
    ax.set_xlabel(
        speech.text("Month ({n} customers in all)", n=speech.count(frame["new_customers"].sum()))
    )
    ax.yaxis.set_major_formatter(in_counts(speech))
    grid(ax, "y")
    entitle(ax, title)
    return ax


def _bars(ax: Axes, frame: pd.DataFrame) -> None:
    x = range(len(frame))
    new = frame["new_customers"].to_numpy()
    returning = frame["customers"].to_numpy() - new
    ax.bar(x, returning, width=0.85, color=COLOURS["returning"])
    ax.bar(
        x,
        new,
        width=0.85,
        bottom=returning,
        color=COLOURS["new"],
        hatch=HATCHES["new"],
        edgecolor="white",
        linewidth=0,
    )
    partial = ~frame["complete"].to_numpy(dtype=bool)
    ax.bar(
        [at for at in x if partial[at]],
        frame["customers"].to_numpy()[partial],
        width=0.85,
        facecolor=(1, 1, 1, 0.55),
        hatch="xxx",
        edgecolor=COLOURS["muted"],
        linewidth=0,
    )


def _kinds(frame: pd.DataFrame, speech: Speech) -> list[Patch]:
    kinds = [
        Patch(
            facecolor=COLOURS["new"],
            hatch=HATCHES["new"],
            edgecolor="white",
            label=speech.text("first-time"),
        ),
        Patch(facecolor=COLOURS["returning"], label=speech.text("returning")),
    ]
    if not frame["complete"].all():
        kinds.append(
            Patch(
                facecolor="white",
                hatch="xxx",
                edgecolor=COLOURS["muted"],
                label=speech.text("month not complete"),
            )
        )
    return kinds


def _months(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    step = -(-len(frame) // _MOST_TICKS)
    step = next((whole for whole in (1, 2, 3, 4, 6, 12) if whole >= step), 12 * -(-step // 12))
    at = list(range(0, len(frame), step))
    names = [speech.month(frame["month"].iloc[place].date()) for place in at]
    ax.set_xticks(at, ["\n".join(name.rsplit(" ", 1)) for name in names])
    ax.set_xlim(-0.7, max(len(frame), 6) - 0.3)
