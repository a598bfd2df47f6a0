"""The figure of notebook 03 that asks which customers come back more than others."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, MultipleLocator

from retention_lib.plots.rows import HEADING, LONGEST_NAME, ROW, draw_mark, draw_whole, write_right
from retention_lib.plots.style import beside, figure, grid, in_shares, literal
from retention_lib.speech import Speech, mark

_MOST_ROWS: Final = 16
_KINDS: Final = mark(
    {"channel": "Channel", "owner": "Owner", "segment": "Segment", "product": "First product"}
)
_AXES: Final = mark(
    {  # whether of second purchases
        False: "Share who bought again\n(line: 95% interval; ▲▼: clearly above or below the rest)",
        True: "Share who bought a second time within one window\n"
        "(line: 95% interval; ▲▼: clearly above or below the rest)",
    }
)
_WHOLES: Final = mark(
    {False: "all customers: {rate:share}", True: "all first-time buyers: {rate:share}"}
)


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows to draw, by kind, the highest rate of each kind first."""
    keys = {"unclear": frame["clearly"] == "unclear", "less": -frame["customers"]}
    weighty = frame.assign(**keys).sort_values(["unclear", "less", "name"]).head(_MOST_ROWS)
    places = weighty["kind"].map(list(_KINDS).index)
    return weighty.assign(place=places, lower=-weighty["rate"]).sort_values(
        ["place", "lower", "name"]
    )


def _height(frame: pd.DataFrame) -> float:
    shown = _shown(frame)
    lines = len(shown) + HEADING * shown["kind"].nunique()
    return 1.6 + ROW * lines + 0.2 * (len(shown) < len(frame))


@figure(height=_height, pad=26)
def plot(
    ax: Axes,
    frame: pd.DataFrame,
    speech: Speech,
    rate: float | None = None,
    *,
    second: bool = False,
) -> None:
    """Draw the rate of each part of the customers with its 95 % interval, beside that of all.

    Filled triangles are parts clearly above or below all others, hollow dots may differ by
    chance. Of more than 16 parts the clear ones, then the largest, are drawn.

    Parameters
    ----------
    frame
        As :meth:`retention_lib.study.Study.parts` gives it.
    speech
        How words and numbers are said.
    rate
        The rate of all customers, drawn as a line; None draws none.
    second
        Whether these are the shares who bought a second time, instead of those who came back.
    """
    shown, top = _shown(frame), 0.0
    for kind, rows in shown.groupby("kind", sort=False):
        beside(ax, speech.text(_KINDS[str(kind)]), top + HEADING - 1, "bold")
        for at, row in enumerate(rows.to_dict("records")):
            _part(ax, row, top + HEADING + at, speech)
        top += HEADING + len(rows)
    ax.set_ylim(top - 0.4, -0.35)
    ax.set_xlim(0, _end(shown, rate))
    if rate is not None:
        draw_whole(ax, rate, speech.text(_WHOLES[second], rate=rate))
    _scale(ax, speech)
    ax.set_xlabel(_axis(second, len(shown), len(frame), speech))


def _end(shown: pd.DataFrame, rate: float | None) -> float:
    """Return where the axis ends: after the longest interval, at most a bit past all."""
    reached = float(shown["high"].fillna(shown["rate"]).max())
    return min(1.08 * max(reached, rate or 0.0), 1.0) or 1.0


def _part(ax: Axes, row: dict[Any, Any], height: float, speech: Speech) -> None:
    beside(ax, literal(row["name"], LONGEST_NAME), height)
    ci95 = None if pd.isna(row["low"]) else (row["low"], row["high"])
    draw_mark(ax, row["rate"], ci95, height, row["clearly"], end=1.0)
    said = speech.text("{rate:share 0}, n = {n:short_count}", rate=row["rate"], n=row["customers"])
    write_right(ax, said, height, row["clearly"])


def _axis(second: bool, shown: int, parts: int, speech: Speech) -> str:
    said = speech.text(_AXES[second])
    if shown == parts:
        return said
    few = speech.text(
        "{shown:count} of {parts:count} parts: the clearest and largest", shown=shown, parts=parts
    )
    return f"{said}\n{few}"


def _scale(ax: Axes, speech: Speech) -> None:
    ax.set_yticks([])
    in_shares(ax.xaxis, speech)
    few = MaxNLocator(4, steps=[1, 2, 5, 10])  # between names and numbers is room for no more
    ax.xaxis.set_major_locator(MultipleLocator(0.25) if ax.get_xlim()[1] > 0.5 else few)
    grid(ax, "x")
