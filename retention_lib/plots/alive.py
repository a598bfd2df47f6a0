"""The figure of notebook 04 that asks who is a customer still."""

from __future__ import annotations

from typing import Final

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from retention_lib.plots.style import Voice, axes, entitle, in_counts, nothing, on_white, styled

_LEVELS: Final = (0.2, 0.5, 0.8)
_UNKNOWN: Final = "#F2F2F2"
_ROOM: Final = 0.105  # of the axes: the width of a line's name

Grid = NDArray[np.float64]


@styled
def plot_alive(
    frame: pd.DataFrame, voice: Voice, *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw the chance to be a customer still, by purchases so far and days of silence.

    The darker, the surer; lines go through chances of 20, 50 and 80 %. What cannot be is pale.

    Parameters
    ----------
    frame
        Columns frequency (repeat occasions), silent_days, p_alive (NaN where such a customer
        cannot be), T_days (constant: days since the first purchase).
    voice
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if frame.empty or frame["p_alive"].isna().all():
        return nothing(ax, title, voice)
    ax = axes(ax, 4.4)
    table = frame.pivot_table(
        index="silent_days", columns="frequency", values="p_alive", dropna=False
    )
    frequencies, silences = (np.asarray(of, dtype=float) for of in (table.columns, table.index))
    chances = table.to_numpy(dtype=float)
    ax.set_facecolor(_UNKNOWN)
    ax.pcolormesh(
        _edges(frequencies),
        _edges(silences),
        np.ma.masked_invalid(chances),
        cmap=_tones(),
        vmin=0,
        vmax=1,
    )
    _scales(ax, frame, frequencies, silences, voice)
    _lines(ax, frequencies, silences, chances, voice)
    entitle(ax, title)
    return ax


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


def _lines(ax: Axes, frequencies: Grid, silences: Grid, chances: Grid, voice: Voice) -> None:
    """Draw after which silence the chance falls below each level, and name it on its line."""
    found = {level: _crossings(silences, chances, level) for level in _LEVELS}
    for level, crossings in found.items():
        if np.isnan(crossings).all():
            continue
        ax.plot(frequencies, crossings, "o-", color="black", linewidth=1.6, markersize=4)
        _name(ax, voice.share(level, 0), frequencies, crossings)


def _name(ax: Axes, said: str, frequencies: Grid, crossings: Grid) -> None:
    """Name a line at its first point: left of it if there is room, else right."""
    at = int(np.argmax(~np.isnan(crossings)))
    top = ax.get_ylim()[1]
    left = (at + 0.5) / len(frequencies) > _ROOM
    on_white(
        ax.annotate(
            said,
            (frequencies[at], float(np.clip(crossings[at], 0.05 * top, 0.95 * top))),
            xytext=(-7 if left else 7, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            weight="bold",
        )
    )


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


def _scales(ax: Axes, frame: pd.DataFrame, frequencies: Grid, silences: Grid, voice: Voice) -> None:
    ax.set_xlim(*_edges(frequencies)[[0, -1]])
    ax.set_ylim(0, _edges(silences)[-1])
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
        axis.set_major_formatter(in_counts(voice))
    ax.set_xlabel(
        voice.text(
            "Repeat purchases so far\n(the darker, the likelier still a customer; lines: the "
            "chance;\nall first came {days} ago)",
            days=voice.days(frame["T_days"].iloc[0]),
        )
    )
    ax.set_ylabel(voice.text("Days since the last purchase"))
