"""Who is still a customer?"""

from __future__ import annotations

from typing import Any, Final

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import NDArray

from retention_lib.plots.style import figure, in_whole, on_white
from retention_lib.speech import Speech

_LEVELS: Final = (0.2, 0.5, 0.8)
_GONE: Final = 0.03  # chances below this are not worth a place
_WORTH_CUTTING: Final = 0.7  # of the silences; if fewer are drawn, the lines gain by it
_UNKNOWN: Final = "#F2F2F2"
_WIDE, _TALL = 0.1, 0.085  # of the axes: the size of a line's name
_ASIDE: Final = 0.068  # of the axes: from a point to the middle of the name beside it

Grid = NDArray[np.float64]


@figure(height=4.4, known=lambda frame: frame if frame["p_alive"].notna().any() else None)
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Draw the chance to be a customer still, by purchases so far and days of silence.

    The darker, the surer; lines go through chances of 20, 50 and 80 %. What cannot be is pale.
    Long silences after which next to nobody is a customer still are left out.

    Parameters
    ----------
    frame
        Columns frequency (repeat occasions), silent_days, p_alive (NaN where such a customer
        cannot be), T_days (constant: days since the first purchase).
    """
    table = _table(frame)
    frequencies, silences = (np.asarray(of, dtype=float) for of in (table.columns, table.index))
    chances = table.to_numpy(dtype=float)
    x, y = _edges(frequencies), _edges(silences)
    ax.set_facecolor(_UNKNOWN)
    ax.pcolormesh(x, y, np.ma.masked_invalid(chances), cmap=_tones(), vmin=0, vmax=1)
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(0, y[-1])
    _name_axes(ax, int(frame["T_days"].iloc[0]), speech)
    _lines(ax, frequencies, silences, chances, speech)


def _table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return chances by silence and frequency, up to where all customers are gone for certain."""
    table = frame.pivot_table(
        index="silent_days", columns="frequency", values="p_alive", dropna=False
    )
    several = table.loc[:, table.notna().sum() > 1]  # others tell nothing of how chances fall
    left = np.flatnonzero((several >= _GONE).any(axis=1))
    last = left[-1] + 2 if len(left) else len(table)
    cut = table.iloc[:last] if last < _WORTH_CUTTING * len(table) else table
    return cut.dropna(axis=1, how="all")


def _edges(middles: Grid) -> Grid:
    """Return the limits of the cells around the middles, as far beyond the ends as inside."""
    if len(middles) < 2:
        return np.array([middles[0] - 0.5, middles[0] + 0.5])
    between = (middles[1:] + middles[:-1]) / 2
    return np.array([2 * middles[0] - between[0], *between, 2 * middles[-1] - between[-1]])


def _tones() -> LinearSegmentedColormap:
    """Return blues from the palest to one on which a black line stands out."""
    tones = mpl.colormaps["Blues"](np.linspace(0.03, 0.78, 128))
    return LinearSegmentedColormap.from_list("chances", tones)


def _lines(ax: Axes, frequencies: Grid, silences: Grid, chances: Grid, speech: Speech) -> None:
    """Draw after which silence the chance falls below each level, and name the lines."""
    (left, right), top = ax.get_xlim(), ax.get_ylim()[1]
    x = (frequencies - left) / (right - left)
    found = {level: _crossings(silences, chances, level) for level in _LEVELS}
    lines = {level: y for level, y in found.items() if not np.isnan(y).all()}
    for y in lines.values():
        ax.plot(frequencies, y, "o-", color="black", linewidth=1.6, markersize=4)
    for level, box in zip(lines, _boxes(x, [y / top for y in lines.values()]), strict=True):
        said = speech.share(level, 0)
        middle: Any = {"ha": "center", "va": "center"}
        on_white(ax.text(*box, said, transform=ax.transAxes, weight="bold", **middle))


def _boxes(x: Grid, lines: list[Grid]) -> list[tuple[float, float]]:
    """Return the middle of each line's name: beside a point, over as few lines as can be.

    All is in parts of the axes.
    """
    placed: list[tuple[float, float]] = []
    for y in lines:
        beside = [
            (float(x[at]) + side * _ASIDE, float(np.clip(y[at], _TALL / 2, 1 - _TALL / 2)))
            for at in np.flatnonzero(~np.isnan(y))
            for side in (-1, 1)
        ]
        placed.append(min(beside, key=lambda box: _cost(box, x, lines, placed)))
    return placed


def _cost(
    box: tuple[float, float], x: Grid, lines: list[Grid], placed: list[tuple[float, float]]
) -> int:
    """Return how bad a place for a name is: off the axes, on other names, on lines."""
    middle, height = box
    off = not _WIDE / 2 <= middle <= 1 - _WIDE / 2
    on_names = sum(abs(middle - u) < _WIDE and abs(height - v) < _TALL for u, v in placed)
    across = np.linspace(middle - _WIDE / 2, middle + _WIDE / 2, 9)
    drawn = (np.interp(across, x, y, left=np.nan, right=np.nan) for y in lines)
    on_lines = sum(bool((np.abs(y - height) < _TALL / 2).any()) for y in drawn)
    return 10 * on_names + 5 * off + on_lines


def _crossings(silences: Grid, chances: Grid, level: float) -> Grid:
    """Return after which silence each frequency's chance falls below a level, NaN if never."""
    found = np.full(chances.shape[1], np.nan)
    for at, column in enumerate(chances.T):
        known = ~np.isnan(column)
        falls, days = column[known], silences[known]
        below = int(np.argmax(falls < level))  # 0 where it never falls below, or always is
        if below:
            part = (falls[below - 1] - level) / (falls[below - 1] - falls[below])
            found[at] = days[below - 1] + part * (days[below] - days[below - 1])
    return found


def _name_axes(ax: Axes, age_days: int, speech: Speech) -> None:
    for axis in (ax.xaxis, ax.yaxis):
        in_whole(axis, speech)
    ax.set_xlabel(
        speech.text(
            "Repeat purchases so far\n(the darker, the likelier still a customer; lines: the "
            "chance;\nall first came {days:days} ago)",
            days=age_days,
        )
    )
    ax.set_ylabel(speech.text("Days since the last purchase"))
