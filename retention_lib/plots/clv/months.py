"""What is a month worth?"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from retention_lib.plots.dates import month_names
from retention_lib.plots.style import COLOURS, HATCHES, SMALL, figure, grid, label, note
from retention_lib.speech import Speech

_ROOM: Final = 0.2  # of the bars' reach, above and below them for their numbers


@figure(height=3.8)
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Draw how many times as often as in an even month customers buy in each month of the year.

    Bars stand on the line of an even month: blue ones lie clearly above it, grey ones clearly below,
    pale ones cannot be told from it. All are hatched while the season is tentative.

    Parameters
    ----------
    frame
        Columns month (1 to 12), factor (1 is an even month), low, high (95 %), compared
        (``"above"``, ``"below"``, ``"not clearly"``), tentative (bool).
    """
    months = frame.sort_values("month")
    low, high = min(1.0, months["low"].min()), max(1.0, months["high"].max())
    room = _ROOM * max(high - low, 0.1)
    tentative = months["tentative"].any()
    ax.set_ylim(max(low - room, 0), high + (2 * room if tentative else room))
    for row in months.to_dict("records"):
        _month(ax, row, speech)
    ax.axhline(1, color=COLOURS["all"], linewidth=1.4, zorder=3)
    if tentative:
        said = speech.text("tentative: under two years")
        note(ax, said, (0, 1), (4, -4), xycoords="axes fraction", weight="bold", color="#555555")
    ax.set_xlim(0.4, 12.6)
    names = month_names(speech)
    ax.set_xticks(months["month"], [names[month - 1] for month in months["month"]], fontsize=SMALL)
    ax.tick_params(axis="x", length=0)
    ax.set_xlabel(speech.text("Month (the line is an even month; marks: 95% interval)"))
    _scale(ax, speech)


def _month(ax: Axes, row: dict[Any, Any], speech: Speech) -> None:
    """Draw a month's bar, its interval and, beyond that, its number."""
    at, factor, up = row["month"], row["factor"], row["factor"] >= 1
    colour, face = _LOOKS[row["compared"]]
    tentative: dict[str, Any] = (
        {"facecolor": "white", "hatch": HATCHES["immature"]} if row["tentative"] else {}
    )
    look: dict[str, Any] = {"facecolor": face, "edgecolor": colour, "linewidth": 1.2} | tentative
    ax.bar(at, factor - 1, bottom=1, width=0.74, **look)
    for colour, width in (("white", 3.6), (COLOURS["all"], 1.6)):  # seen on dark bars as well
        ax.vlines(at, row["low"], row["high"], color=colour, linewidth=width, zorder=4)
    label(
        ax,
        speech.number(factor, 2),
        (at, row["high"] if up else row["low"]),
        (0, 3 if up else -3),
        fontsize=SMALL,
        weight="normal" if row["compared"] == "not clearly" else "bold",
    )


_LOOKS: Final = {
    "above": (COLOURS["returning"], COLOURS["returning"]),
    "below": (COLOURS["muted"], COLOURS["muted"]),
    "not clearly": (COLOURS["muted"], COLOURS["faint"]),
}


def _scale(ax: Axes, speech: Speech) -> None:
    low, high = ax.get_ylim()
    digits = 1 if high - low > 0.4 else 2
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda x, _: speech.number(np.abs(x), digits)))
    ax.set_ylabel(speech.text("Times an even month"))
    grid(ax, "y")
