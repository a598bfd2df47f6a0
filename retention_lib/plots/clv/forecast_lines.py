"""What figures over time share: two lines, each named at its end, and the names of months."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from retention_lib.plots.style import COLOURS, note
from retention_lib.speech import Speech

_LINE: Final = 0.078  # height of a line of a name, in parts of the axes
_MOST_TICKS: Final = 6
_MONTHS: Final = (1, 2, 3, 4, 6, 12, 24, 36, 60, 120)  # between ticks

Heights = NDArray[np.float64]


def draw_forecast(
    ax: Axes, x: Heights, made: Heights, predicted: Heights, *, dots: bool, width: float = 2.0
) -> None:
    """Draw what was made as a solid line and what was predicted as a dashed one."""
    marked: dict[str, Any] = {"markersize": 7, "markeredgewidth": 1.8} if dots else {}
    ax.plot(x, made, "o-" if dots else "-", color=COLOURS["all"], linewidth=width, **marked)
    ax.plot(
        x,
        predicted,
        "s--" if dots else "--",
        color=COLOURS["predicted"],
        linewidth=max(width, 2.0),
        markerfacecolor="white",
        zorder=3,
        **marked,
    )


def name_ends(
    ax: Axes, x: float, made: Heights, predicted: Heights, names: tuple[str, str]
) -> None:
    """Name both lines right of their ends at ``x``, apart where the ends are close.

    The limits of the axes must be set. A line that is known nowhere has no name.
    """
    low, high = ax.get_ylim()
    lines = [(made, names[0], "all"), (predicted, names[1], "predicted")]
    known = [
        ((heights[~np.isnan(heights)][-1] - low) / (high - low), said, COLOURS[colour])
        for heights, said, colour in lines
        if not np.isnan(heights).all()
    ]
    gap = _LINE * max(1 + said.count("\n") for said in names)
    known.sort(key=lambda line: line[0])
    places = _apart([height for height, _, _ in known], gap)
    for (_, said, colour), height in zip(known, places, strict=True):
        note(
            ax,
            said,
            (x, height),
            (9, 0),
            xycoords=ax.get_xaxis_transform(),
            color=colour,
            weight="bold",
        )


def _apart(heights: list[float], gap: float) -> list[float]:
    """Move two heights, the lower first, apart to at least ``gap``, inside the axes."""
    if len(heights) < 2:
        return heights
    low, high = heights
    push = max(0.0, gap - (high - low)) / 2
    low = min(max(low - push, gap / 2), 1 - 1.5 * gap)
    return [low, max(min(high + push, 1 - gap / 2), low + gap)]


def name_dates(ax: Axes, days: list[date], speech: Speech) -> None:
    """Name the beginnings of months, as many as fit; of a few weeks their ends.

    The limits of the axes must be set.
    """
    starts = pd.date_range(days[0].replace(day=1), days[-1], freq="MS")
    shown = [day.date() for day in starts if day.date().toordinal() >= ax.get_xlim()[0]]
    if len(shown) < 3:
        named = [days[0], days[-1]] if len(days) > 1 else days
        names = [speech.date(day) for day in named]
    else:
        fits = (step for step in _MONTHS if len(shown) <= step * _MOST_TICKS)
        step = next(fits, _MONTHS[-1])
        # from a January where months are left out by whole years
        named = [day for day in shown if (12 * day.year + day.month - 1) % step == 0]
        names = [speech.month(day) for day in named]
    at = [day.toordinal() for day in named]
    ax.set_xticks(at, ["\n".join(name.rsplit(" ", 1)).replace(",\n", "\n") for name in names])
