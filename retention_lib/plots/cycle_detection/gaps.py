"""Why is the usual median too short? The histogram of gaps between purchases, notebook 02."""

from __future__ import annotations

from textwrap import fill
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention_lib.plots.cycle_detection.return_curve import in_days
from retention_lib.plots.style import COLOURS, HATCHES, SMALL, figure, label, note
from retention_lib.results import Cycle, RhythmName
from retention_lib.speech import Speech, mark

_BINS: Final = 40
_LINE: Final = 24  # signs of a median's name that fit beside it
_SHOWN: Final = 0.97  # share of the gaps left of the last bar, which takes all longer ones
_RHYTHMS: Final[dict[RhythmName, float]] = {  # days; without room for all, the first go before
    "week": 7.0,
    "month": 30.44,
    "quarter": 91.3,
    "year": 365.25,
    "fortnight": 14.0,
}
_NAMES: Final[dict[RhythmName, str]] = mark(
    {
        "week": "1 week",
        "fortnight": "2 weeks",
        "month": "1 month",
        "quarter": "1 quarter",
        "year": "1 year",
    }
)
_MOST_RHYTHMS: Final = 3
_RHYTHM_WIDTH: Final = 0.14  # of a rhythm's name, in parts of the axes


@figure(pad=28)
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech, result: Cycle) -> None:
    """Draw how long the gaps between purchases are, each customer counted once.

    The scale above names periods of the calendar, in bold those that purchases follow.

    Parameters
    ----------
    frame
        Columns gap_days, gaps, weight (each customer's gaps add up to one).
    result
        The naive median and the cycle, which are marked, and the rhythms of the calendar.
    """
    edges = _edges(frame)
    weights = frame["weight"] / frame["weight"].sum()
    heights, _ = np.histogram(frame["gap_days"].clip(upper=edges[-1]), edges, weights=weights)
    _bars(ax, edges, heights)
    if frame["gap_days"].max() > edges[-1]:
        _longer(ax, edges[-1], heights, speech)
    ax.set_ylim(0, heights.max() * 1.38)
    _medians(ax, result, edges[-1], speech)
    n = frame["gaps"].sum()
    ax.set_xlabel(speech.text("Days between a purchase and the next ({n:count} gaps)", n=n))
    ax.set_ylabel(speech.text("Share, each customer counted once"))
    ax.set_xlim(edges[0] - 0.02 * np.ptp(edges), edges[-1] + 0.02 * np.ptp(edges))
    _rhythms(ax, set(result.rhythms_found), speech)
    in_days(ax, speech)


def _edges(frame: pd.DataFrame) -> np.ndarray:
    """Return bars of whole days that reach to all but the longest gaps."""
    ordered = frame.sort_values("gap_days")
    reached = ordered["weight"].cumsum() >= _SHOWN * ordered["weight"].sum()
    longest = int(ordered.loc[reached, "gap_days"].iloc[0])
    width = max(1, -(-longest // _BINS))
    return np.arange(0.5, longest + width + 0.5, width)


def _bars(ax: Axes, edges: np.ndarray, heights: np.ndarray) -> None:
    ax.bar(
        edges[:-1],
        heights,
        width=np.diff(edges),
        align="edge",
        color=COLOURS["returning"],
        edgecolor="white",
        linewidth=0.4,
    )


def _longer(ax: Axes, end: float, heights: np.ndarray, speech: Speech) -> None:
    """Let the last bar stand for all longer gaps."""
    ax.patches[-1].set(facecolor=COLOURS["resurrected"], hatch=HATCHES["immature"])
    said, height = speech.text("all longer gaps together"), heights[len(heights) // 2 :].max()
    label(ax, said, (end, height), (0, 4), ha="right", fontsize=SMALL)


def _rhythms(ax: Axes, found: set[RhythmName], speech: Speech) -> None:
    """Name periods of the calendar on a scale above the bars."""
    low, high = ax.get_xlim()
    shown = _shown_rhythms(found, low, high)
    ax.spines["top"].set(visible=bool(shown), color=COLOURS["faint"])
    for period in shown:
        note(
            ax,
            speech.text(_NAMES[period]),
            ((_RHYTHMS[period] - low) / (high - low), 1),
            (0, 6),
            xycoords="axes fraction",
            fontsize=SMALL,
            weight="bold" if period in found else "normal",
            color=COLOURS["all"] if period in found else "#666666",
            arrowprops={"arrowstyle": "-", "color": COLOURS["muted"], "shrinkA": 0, "shrinkB": 0},
        )


def _shown_rhythms(found: set[RhythmName], low: float, high: float) -> list[RhythmName]:
    """Return the periods in reach whose names do not touch, those that were found first."""
    chosen: list[RhythmName] = []
    for period in sorted(_RHYTHMS, key=lambda name: name not in found):
        day = _RHYTHMS[period]
        apart = (abs(day - _RHYTHMS[other]) > _RHYTHM_WIDTH * (high - low) for other in chosen)
        if low < day < high and all(apart):
            chosen.append(period)
    return chosen[:_MOST_RHYTHMS]


def _medians(ax: Axes, result: Cycle, end: float, speech: Speech) -> None:
    """Mark the naive median and the cycle, their names one above the other."""
    naive = fill(speech.text("usual median: {n:days}", n=result.naive_median_gap_days or 0), _LINE)
    cycle = fill(speech.text("cycle: {n:days}", n=result.cycle_days or 0), _LINE)
    marks = [
        (result.naive_median_gap_days, naive, COLOURS["lost"], ":"),
        (result.cycle_days, cycle, COLOURS["all"], "-"),
    ]
    shown = sorted((mark for mark in marks if mark[0] is not None), key=lambda mark: mark[0] or 0)
    upper, lower = 0.96, 0.88
    if "\n" in naive + cycle:
        upper, lower = 0.92, 0.78
        ax.set_ylim(0, 1.25 * ax.get_ylim()[1])
    # the left one stands higher, so that its name passes over the other line
    for (day, said, colour, dashes), height in zip(shown, (upper, lower), strict=False):
        if day is None or day > end:
            continue
        ax.axvline(day, ymax=height, color=colour, linewidth=1.8, linestyle=dashes)
        right = day < 0.6 * end
        label(
            ax,
            said,
            (day, height),
            (5 if right else -5, 0),
            xycoords=("data", "axes fraction"),
            color=colour,
            weight="bold",
        )
