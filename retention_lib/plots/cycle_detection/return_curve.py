"""Figures of notebook 02: when customers come back, and how long the gaps are."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from retention_lib.plots.style import (
    COLOURS,
    HATCHES,
    SMALL,
    axes,
    entitle,
    grid,
    in_counts,
    in_shares,
    nothing,
    on_white,
    styled,
)
from retention_lib.results import Cycle
from retention_lib.results.cycle import RhythmName
from retention_lib.speech import Speech

_BINS: Final = 40
_NAME_BEGINS, _NAME_HEIGHT = 0.42, 0.05  # of a curve's name, in parts of the axes
_LOW: Final = 0.3  # a curve that stays under this leaves no room for names under it
_SIGN: Final = 0.018  # width of a bold sign, in parts of the axes
_FADES: Final = 0.3  # how far a band without an end is drawn, in parts of the axes
_SHOWN: Final = 0.97  # share of the gaps left of the last bar, which takes all longer ones
_RHYTHMS: Final = {  # days; where there is no room for all, the first go before the last
    "week": 7.0,
    "month": 30.44,
    "quarter": 91.3,
    "year": 365.25,
    "fortnight": 14.0,
}
_MOST_RHYTHMS: Final = 3
_RHYTHM_WIDTH: Final = 0.14  # of a rhythm's name, in parts of the axes


@styled
def plot_return_curve(
    frame: pd.DataFrame, result: Cycle, speech: Speech, *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw how many customers are back by days since their last purchase, with cycle and lapse.

    Parameters
    ----------
    frame
        Columns day, share_back, share_back_pooled, at_risk (customers still watched).
    result
        The cycle with its interval or bounds, the lapse, and the last day that enough customers
        could be watched for.
    speech
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if frame.empty or frame["day"].max() < 1:
        return nothing(ax, title, speech)
    ax = axes(ax)
    last = result.tau_days or int(frame["day"].max())
    shown = frame[frame["day"] <= last]
    _curves(ax, shown, last, speech)
    _interval(ax, result, last)
    _cycle(ax, shown, result, last, speech)
    _lapse(ax, shown, result, last, speech)
    if result.not_back_share is not None:
        top = float(shown[["share_back", "share_back_pooled"]].iloc[-1].max())
        _not_back(ax, result, last, top, speech)
    _scales(ax, frame, last, speech)
    entitle(ax, title)
    return ax


def _curves(ax: Axes, frame: pd.DataFrame, last: int, speech: Speech) -> None:
    x = np.append(frame["day"], last)
    for column, colour, width, dashes in (
        ("share_back_pooled", COLOURS["muted"], 1.6, "--"),
        ("share_back", COLOURS["returning"], 2.6, "-"),
    ):
        y = np.append(frame[column], frame[column].iloc[-1:])
        ax.step(x[-len(y) :], y, where="post", color=colour, linewidth=width, linestyle=dashes)
    _name_pooled(ax, frame, last, speech)


def _name_pooled(ax: Axes, frame: pd.DataFrame, last: int, speech: Speech) -> None:
    """Name the pooled curve between both where they leave room for it, else under or over them."""
    both = frame.loc[frame["day"] >= _NAME_BEGINS * last, ["share_back", "share_back_pooled"]]
    upper, lower = both.max(axis=1), both.min(axis=1)
    if both.isna().to_numpy().any() or not (upper > lower).any():
        return
    roof, floor, under = upper.min(), lower.max(), lower.min() - 0.05
    near = under if under > 0.1 else upper.max() + 0.1
    height = (roof + floor) / 2 if roof - floor > _NAME_HEIGHT else near
    said = speech.text("- - frequent buyers counted many times")
    on_white(
        ax.text(0.97 * last, height, said, color="#666666", ha="right", va="center", fontsize=SMALL)
    )


def _interval(ax: Axes, result: Cycle, last: int) -> None:
    """Shade the days in which the cycle may lie."""
    if result.interval is None:
        return
    low, high = result.interval
    if high is None:
        _open_band(ax, low, last)
    else:
        ax.axvspan(low, min(high, last), facecolor=COLOURS["faint"], linewidth=0, zorder=0)


def _open_band(ax: Axes, low: float, last: int) -> None:
    """Let a band fade out under an arrow, since nobody knows where it ends."""
    high = min(low + _FADES * last, last)
    cuts = np.linspace(low, high, 25)
    for at, (left, right) in enumerate(pairwise(cuts)):
        alpha = 1 - at / (len(cuts) - 1)
        ax.axvspan(left, right, facecolor=COLOURS["faint"], alpha=alpha, linewidth=0, zorder=0)
    ax.annotate(
        "",
        xy=(high, 0.97),
        xytext=(low, 0.97),
        xycoords=ax.get_xaxis_transform(),
        arrowprops={
            "arrowstyle": "->",
            "color": COLOURS["muted"],
            "linewidth": 1.6,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )


def _cycle(ax: Axes, frame: pd.DataFrame, result: Cycle, last: int, speech: Speech) -> None:
    if result.cycle_days is None:
        return
    _upright(ax, frame, result.cycle_days, last, _cycle_name(result, speech), COLOURS["all"], 0)
    height = _height(frame, result.cycle_days)
    ax.plot([result.cycle_days], [height], "o", color=COLOURS["all"], markersize=6, zorder=5)


def _lapse(ax: Axes, frame: pd.DataFrame, result: Cycle, last: int, speech: Speech) -> None:
    if result.lapse_days is None or result.lapse_days > last:
        return
    said = speech.text("lapsed: {days}", days=speech.days(result.lapse_days))
    _upright(ax, frame, result.lapse_days, last, said, COLOURS["lost"], 1)


def _upright(
    ax: Axes, frame: pd.DataFrame, day: int, last: int, name: str, colour: str, line: int
) -> None:
    """Draw a line from a day up to the curve, its name at the foot: one line each.

    Over curves that leave no room below them, the line reaches up to its name.
    """
    top = float(frame[["share_back", "share_back_pooled"]].max().max())
    foot = top + 0.13 if top < _LOW else 0.0
    height = foot + 0.08 + 0.08 * line if foot else _height(frame, day)
    ax.vlines(day, 0, height, color=colour, linewidth=1.6, linestyle="--" if line else "-")
    right = day / last < 0.97 - _SIGN * len(name)
    on_white(
        ax.annotate(
            name,
            (day, foot),
            xytext=(6 if right else -6, 12 + 18 * line),
            textcoords="offset points",
            ha="left" if right else "right",
            weight="bold",
            color=colour,
        )
    )


def _height(frame: pd.DataFrame, day: int) -> float:
    return float(frame.loc[frame["day"] <= day, "share_back"].max())


def _cycle_name(result: Cycle, speech: Speech) -> str:
    assert result.cycle_days is not None
    days = speech.days(result.cycle_days)
    if not result.grows:
        return speech.text("cycle: {days}", days=days)
    if result.cycle_upper is None:
        return speech.text("cycle: at least {days} →", days=days)
    return speech.text("cycle: {days} to {upper}", days=days, upper=speech.days(result.cycle_upper))


def _not_back(ax: Axes, result: Cycle, last: int, top: float, speech: Speech) -> None:
    assert result.not_back_share is not None
    back = 1 - result.not_back_share
    ax.annotate(
        "",
        xy=(last, back),
        xytext=(last, 1),
        arrowprops={
            "arrowstyle": "<->",
            "color": COLOURS["lost"],
            "linewidth": 1.6,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
    said = speech.text(
        "{share} not back within {days}",
        share=speech.share(result.not_back_share, 0),
        days=speech.days(last),
    )
    middle = (1 + top) / 2 if top < 0.88 else back - 0.24
    on_white(ax.text(last * 0.985, middle, said, ha="right", va="center", color=COLOURS["lost"]))


def _scales(ax: Axes, frame: pd.DataFrame, last: int, speech: Speech) -> None:
    customers = speech.count(frame["at_risk"].max())
    ax.set_xlim(0, last * 1.015)
    ax.set_ylim(0, 1.02)
    ax.set_xlabel(speech.text("Days since the last purchase ({n} customers)", n=customers))
    ax.set_ylabel(speech.text("Share of customers who are back"))
    in_shares(ax.yaxis, speech)
    ax.xaxis.set_major_formatter(in_counts(speech))
    ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    grid(ax, "y")


@styled
def plot_gap_histogram(
    frame: pd.DataFrame, result: Cycle, speech: Speech, *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw how long the gaps between purchases are, each customer counted once.

    The scale above names periods of the calendar, in bold those that purchases follow.

    Parameters
    ----------
    frame
        Columns gap_days, gaps, weight (each customer's gaps add up to one).
    result
        The naive median and the cycle, which are marked, and the rhythms of the calendar.
    speech
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if frame.empty or not frame["weight"].sum() > 0:
        return nothing(ax, title, speech)
    ax = axes(ax)
    edges = _edges(frame)
    heights, _ = np.histogram(
        frame["gap_days"].clip(upper=edges[-1]),
        edges,
        weights=frame["weight"] / frame["weight"].sum(),
    )
    _gap_bars(ax, edges, heights, bool(frame["gap_days"].max() > edges[-1]), speech)
    _medians(ax, result, edges[-1], speech)
    ax.set_xlabel(
        speech.text(
            "Days between a purchase and the next ({n} gaps)", n=speech.count(frame["gaps"].sum())
        )
    )
    ax.set_ylabel(speech.text("Share, each customer counted once"))
    ax.set_ylim(0, heights.max() * 1.38)
    ax.set_xlim(edges[0] - 0.02 * np.ptp(edges), edges[-1] + 0.02 * np.ptp(edges))
    scaled = _rhythms(ax, result, speech)
    in_shares(ax.yaxis, speech)
    ax.xaxis.set_major_formatter(in_counts(speech))
    ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    grid(ax, "y")
    entitle(ax, title, pad=28 if scaled else None)
    return ax


def _edges(frame: pd.DataFrame) -> np.ndarray:
    """Return bars of whole days that reach to all but the longest gaps."""
    ordered = frame.sort_values("gap_days")
    reached = ordered["weight"].cumsum() >= _SHOWN * ordered["weight"].sum()
    longest = int(ordered.loc[reached, "gap_days"].iloc[0])
    width = max(1, -(-longest // _BINS))
    return np.arange(0.5, longest + width + 0.5, width)


def _gap_bars(
    ax: Axes, edges: np.ndarray, heights: np.ndarray, longer: bool, speech: Speech
) -> None:
    bars = ax.bar(
        edges[:-1],
        heights,
        width=np.diff(edges),
        align="edge",
        color=COLOURS["returning"],
        edgecolor="white",
        linewidth=0.4,
    )
    if not longer:
        return
    bars[-1].set(facecolor=COLOURS["resurrected"], hatch=HATCHES["immature"])
    on_white(
        ax.annotate(
            speech.text("all longer gaps together"),
            (edges[-1], heights[len(heights) // 2 :].max()),
            xytext=(0, 4),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=SMALL,
        )
    )


def _rhythms(ax: Axes, result: Cycle, speech: Speech) -> bool:
    """Name periods of the calendar on a scale above the bars; say whether there is any."""
    found = {rhythm.period for rhythm in result.rhythm if rhythm.found}
    names = {
        "week": speech.text("1 week"),
        "fortnight": speech.text("2 weeks"),
        "month": speech.text("1 month"),
        "quarter": speech.text("1 quarter"),
        "year": speech.text("1 year"),
    }
    low, high = ax.get_xlim()
    shown = _shown_rhythms(found, low, high)
    ax.spines["top"].set(visible=bool(shown), color=COLOURS["faint"])
    for period in shown:
        ax.annotate(
            names[period],
            ((_RHYTHMS[period] - low) / (high - low), 1),
            xycoords="axes fraction",
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=SMALL,
            weight="bold" if period in found else "normal",
            color=COLOURS["all"] if period in found else "#666666",
            arrowprops={"arrowstyle": "-", "color": COLOURS["muted"], "shrinkA": 0, "shrinkB": 0},
        )
    return bool(shown)


def _shown_rhythms(found: set[RhythmName], low: float, high: float) -> list[str]:
    """Return the periods in reach whose names do not touch, those that were found first."""
    chosen: list[str] = []
    for period in sorted(_RHYTHMS, key=lambda name: name not in found):
        day = _RHYTHMS[period]
        apart = (abs(day - _RHYTHMS[other]) > _RHYTHM_WIDTH * (high - low) for other in chosen)
        if low < day < high and all(apart):
            chosen.append(period)
    return chosen[:_MOST_RHYTHMS]


def _medians(ax: Axes, result: Cycle, end: float, speech: Speech) -> None:
    """Mark the naive median and the cycle, their names one above the other."""
    marks = [
        (result.naive_median_gap_days, speech.text("usual median"), COLOURS["lost"], ":"),
        (result.cycle_days, speech.text("cycle"), COLOURS["all"], "-"),
    ]
    shown = sorted((mark for mark in marks if mark[0] is not None), key=lambda mark: mark[0] or 0)
    # the left one stands higher, so that its name passes over the other line
    for (day, name, colour, dashes), height in zip(shown, (0.96, 0.88), strict=False):
        if day is None or day > end:
            continue
        ax.axvline(day, ymax=height, color=colour, linewidth=1.8, linestyle=dashes)
        right = day < 0.6 * end
        said = speech.text("{name}: {days}", name=name, days=speech.days(day))
        on_white(
            ax.annotate(
                said,
                (day, height),
                xycoords=("data", "axes fraction"),
                xytext=(5 if right else -5, 0),
                textcoords="offset points",
                ha="left" if right else "right",
                va="center",
                color=colour,
                weight="bold",
            )
        )
