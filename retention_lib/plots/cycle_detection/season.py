"""Is there a season? The sales of each week of the year, notebook 02."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from retention_lib.plots.dates import month_names
from retention_lib.plots.style import COLOURS, SMALL, figure, grid, label
from retention_lib.results import Cycle
from retention_lib.speech import Speech

_FLAT: Final = 0.005  # what is nearer to the average has no highest and lowest week


@figure(height=3.6)
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech, result: Cycle) -> None:
    """Draw in which weeks of the year sales stand above and below an even year's.

    The curve is grey where chance alone may have drawn it.

    Parameters
    ----------
    frame
        Columns week (1 to 52), factor (sales of the week, 1 is the average); empty where the
        season cannot be judged.
    result
        Whether there is a season, and the length of the history.
    """
    above = pd.Series(frame["factor"].to_numpy() - 1, index=7 * frame["week"] - 3.5)
    _curve(ax, above, result.has_season)
    _scales(ax, above, speech)
    years = result.history_days / 365.25
    ax.set_xlabel(speech.text("Month (from {years:number 1} years of sales)", years=years))
    for at, at_top in ((int(above.argmax()), True), (int(above.argmin()), False)):
        if abs(above.iloc[at]) >= _FLAT:
            _extreme(ax, float(above.index[at]), above.iloc[at], at_top, speech)


def _curve(ax: Axes, above: pd.Series, clear: bool) -> None:
    colour = COLOURS["returning"] if clear else COLOURS["muted"]
    x, y = above.index.to_numpy(dtype=float), above.to_numpy(dtype=float)
    ax.fill_between(x, 0, np.maximum(y, 0), facecolor=colour, alpha=0.35, linewidth=0)
    ax.fill_between(
        x,
        0,
        np.minimum(y, 0),
        facecolor=COLOURS["faint"],
        edgecolor=COLOURS["muted"],
        hatch="////",
        linewidth=0,
    )
    ax.axhline(0, color=COLOURS["all"], linewidth=1.2)
    ax.plot(x, y, color=colour, linewidth=2.4)


def _scales(ax: Axes, above: pd.Series, speech: Speech) -> None:
    low, high = min(above.min(), 0.0), max(above.max(), 0.0)
    room = max(0.2 * (high - low), 0.02)
    ax.set_ylim(low - room, high + room)
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    digits = 0 if high - low >= 0.05 else 1
    ax.yaxis.set_major_formatter(FuncFormatter(lambda x, _: _signed(x, speech, digits)))
    ax.set_ylabel(speech.text("Sales against an even year"))
    starts = [date(2001, month, 1).timetuple().tm_yday - 1 for month in range(1, 13)] + [365]
    ax.set_xlim(0, 365)
    ax.set_xticks(starts, [""] * len(starts))
    middles = [(one + two) / 2 for one, two in pairwise(starts)]
    ax.set_xticks(middles, month_names(speech), minor=True)
    ax.tick_params(axis="x", which="minor", length=0, pad=4, labelsize=SMALL)
    grid(ax, "y")


def _signed(x: float, speech: Speech, digits: int = 0) -> str:
    """Return a difference in per cent with its sign."""
    share = speech.share(abs(round(x, digits + 2)), digits)
    if abs(x) < 0.5 * 10 ** -(digits + 2):
        return share
    return speech.text("+{share}", share=share) if x > 0 else speech.text("−{share}", share=share)


def _extreme(ax: Axes, day: float, height: float, at_top: bool, speech: Speech) -> None:
    month = (date(2001, 1, 1) + timedelta(days=int(day))).month
    said = speech.text(
        "{change} ({month})", change=_signed(height, speech), month=month_names(speech)[month - 1]
    )
    ax.plot([day], [height], "o", color=COLOURS["all"], markersize=6, zorder=5)
    side = "left" if day < 50 else "right" if day > 315 else "center"
    label(ax, said, (day, height), (0, 8 if at_top else -8), ha=side, weight="bold")
