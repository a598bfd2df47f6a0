"""How has the chance to stay moved?"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention_lib.plots.clv.forecast_lines import Heights, name_dates
from retention_lib.plots.style import COLOURS, figure, grid, in_shares, label
from retention_lib.results import Clv
from retention_lib.speech import Speech

_COLUMNS: Final = ("stay", "stay_low", "stay_high")
_LEAST: Final = 0.2  # of the axis: a change of little is not to look like one of much


@figure(height=3.6)
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech, result: Clv) -> None:
    """Draw the mean chance to stay after a purchase over the history, with its interval.

    Parameters
    ----------
    frame
        Columns month (date, its first day), stay, stay_low, stay_high (fractions; 95 %), the
        earliest first.
    result
        What the chance was when the records begin, and what it is today: the ends are named by it.
    """
    days = [day.date() for day in pd.to_datetime(frame["month"])]
    x = np.array([day.toordinal() for day in days], dtype=float)
    stay, low, high = (frame[name].to_numpy(dtype=float) for name in _COLUMNS)
    colour = COLOURS["returning"]
    ax.fill_between(x, low, high, color=colour, alpha=0.25, linewidth=0)
    ax.plot(x, stay, color=colour, linewidth=2.4)
    _name_ends(ax, x, stay, high, result, speech)
    _scales(ax, x, low, high)
    in_shares(ax.yaxis, speech)
    name_dates(ax, days, speech)
    ax.set_xlabel(speech.text("Month of the purchase (band: 95% interval)"))
    ax.set_ylabel(speech.text("Chance to stay"))
    grid(ax, "y")


def _name_ends(
    ax: Axes, x: Heights, stay: Heights, high: Heights, result: Clv, speech: Speech
) -> None:
    """Mark the first month and the last, with the chance at the very ends of the records."""
    clocks, colour = result.clocks, COLOURS["returning"]
    if clocks is None:
        return
    ends = {0: (clocks.stay_then, "left"), len(x) - 1: (clocks.stay_now, "right")}
    for at, (chance, side) in ends.items():
        ax.plot(x[at], stay[at], "o", color=colour, markersize=7)
        said = speech.share(chance, 0)
        label(ax, said, (x[at], high[at]), (0, 6), ha=side, weight="bold", color=colour)


def _scales(ax: Axes, x: Heights, low: Heights, high: Heights) -> None:
    span = max(x[-1] - x[0], 30.0)
    ax.set_xlim(x[0] - 0.02 * span, x[-1] + 0.04 * span)
    bottom, top = float(low.min()), float(high.max())
    reach = max(top - bottom, _LEAST)
    middle = (top + bottom) / 2
    highest = min(middle + 0.75 * reach, 1 + 0.2 * reach)
    ax.set_ylim(max(highest - 1.5 * reach, 0), highest)
