"""Figures of notebook 02."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from retention_lib.plots.style import (
    COLOURS,
    HATCHES,
    SMALL,
    Voice,
    axes,
    entitle,
    grid,
    in_counts,
    in_shares,
    key,
    nothing,
    on_white,
    styled,
)
from retention_lib.results import Cycle

_BINS = 40
_NAME_BEGINS, _NAME_HEIGHT = 0.5, 0.05  # of a curve's name, in parts of the axes
_SHOWN = 0.97  # share of the gaps left of the last bar, which takes all longer ones


@styled
def plot_return_curve(
    frame: pd.DataFrame, result: Cycle, voice: Voice, *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw how many customers are back by days since their last purchase, with the cycle.

    Parameters
    ----------
    frame
        Columns day, share_back, share_back_pooled, at_risk (customers still watched).
    result
        The cycle, its bounds, and the last day that enough customers could be watched for.
    voice
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if frame.empty or frame["day"].max() < 1:
        return nothing(ax, title, voice)
    ax = axes(ax)
    last = result.tau_days or int(frame["day"].max())
    shown = frame[frame["day"] <= last]
    _curves(ax, shown, last, voice)
    if result.cycle_days is not None:
        _cycle(ax, shown, result, last, voice)
    if result.not_back_share is not None:
        top = float(shown[["share_back", "share_back_pooled"]].iloc[-1].max())
        _not_back(ax, result, last, top, voice)
    _scales(ax, frame, last, voice)
    entitle(ax, title)
    return ax


def _curves(ax: Axes, frame: pd.DataFrame, last: int, voice: Voice) -> None:
    x = np.append(frame["day"], last)
    for column, colour, width, dashes in (
        ("share_back_pooled", COLOURS["muted"], 1.6, "--"),
        ("share_back", COLOURS["returning"], 2.6, "-"),
    ):
        y = np.append(frame[column], frame[column].iloc[-1:])
        ax.step(x[-len(y) :], y, where="post", color=colour, linewidth=width, linestyle=dashes)
    _name_pooled(ax, frame, last, voice)


def _name_pooled(ax: Axes, frame: pd.DataFrame, last: int, voice: Voice) -> None:
    """Name the pooled curve between both where they leave room for it, else under or over them."""
    both = frame.loc[frame["day"] >= _NAME_BEGINS * last, ["share_back", "share_back_pooled"]]
    upper, lower = both.max(axis=1), both.min(axis=1)
    if both.isna().to_numpy().any() or not (upper > lower).any():
        return
    roof, floor, under = upper.min(), lower.max(), lower.min() - 0.05
    near = under if under > 0.1 else upper.max() + 0.1
    height = (roof + floor) / 2 if roof - floor > _NAME_HEIGHT else near
    said = voice.text("- - frequent buyers counted many times")
    on_white(
        ax.text(0.97 * last, height, said, color="#666666", ha="right", va="center", fontsize=SMALL)
    )


def _cycle(ax: Axes, frame: pd.DataFrame, result: Cycle, last: int, voice: Voice) -> None:
    cycle = result.cycle_days
    assert cycle is not None
    height = frame.loc[frame["day"] <= cycle, "share_back"].max()
    ax.vlines(cycle, 0, height, color=COLOURS["all"], linewidth=1.4)
    ax.plot([cycle], [height], "o", color=COLOURS["all"], markersize=6, zorder=5)
    name = _cycle_name(result, voice)
    if result.settled is False and result.cycle_upper is not None:
        ax.axvspan(cycle, min(result.cycle_upper, last), facecolor=COLOURS["faint"], zorder=0)
    right = cycle < 0.6 * last
    on_white(
        ax.annotate(
            name,
            (cycle, 0),
            xytext=(6 if right else -6, 12),
            textcoords="offset points",
            ha="left" if right else "right",
            weight="bold",
            color=COLOURS["all"],
        )
    )


def _cycle_name(result: Cycle, voice: Voice) -> str:
    assert result.cycle_days is not None
    days = voice.days(result.cycle_days)
    if result.settled is not False:
        return voice.text("cycle: {days}", days=days)
    if result.cycle_upper is None:
        return voice.text("cycle: at least {days} →", days=days)
    return voice.text("cycle: {days} to {upper}", days=days, upper=voice.days(result.cycle_upper))


def _not_back(ax: Axes, result: Cycle, last: int, top: float, voice: Voice) -> None:
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
    said = voice.text(
        "{share} not back within {days}",
        share=voice.share(result.not_back_share, 0),
        days=voice.days(last),
    )
    middle = (1 + top) / 2 if top < 0.88 else back - 0.24
    on_white(ax.text(last * 0.985, middle, said, ha="right", va="center", color=COLOURS["lost"]))


def _scales(ax: Axes, frame: pd.DataFrame, last: int, voice: Voice) -> None:
    customers = voice.count(frame["at_risk"].max())
    ax.set_xlim(0, last * 1.015)
    ax.set_ylim(0, 1.02)
    ax.set_xlabel(voice.text("Days since the last purchase ({n} customers)", n=customers))
    ax.set_ylabel(voice.text("Share of customers who are back"))
    in_shares(ax.yaxis, voice)
    ax.xaxis.set_major_formatter(in_counts(voice))
    ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10], integer=True))
    grid(ax, "y")


@styled
def plot_gap_histogram(
    frame: pd.DataFrame, result: Cycle, voice: Voice, *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw how long the gaps between purchases are, each customer counted once.

    Parameters
    ----------
    frame
        Columns gap_days, gaps, weight (each customer's gaps add up to one).
    result
        The naive median and the cycle, which are marked.
    voice
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if frame.empty or not frame["weight"].sum() > 0:
        return nothing(ax, title, voice)
    ax = axes(ax)
    edges = _edges(frame)
    heights, _ = np.histogram(
        frame["gap_days"].clip(upper=edges[-1]),
        edges,
        weights=frame["weight"] / frame["weight"].sum(),
    )
    _gap_bars(ax, edges, heights, bool(frame["gap_days"].max() > edges[-1]), voice)
    _medians(ax, result, edges[-1], voice)
    ax.set_xlabel(
        voice.text(
            "Days between a purchase and the next ({n} gaps)", n=voice.count(frame["gaps"].sum())
        )
    )
    ax.set_ylabel(voice.text("Share, each customer counted once"))
    ax.set_ylim(0, heights.max() * 1.28)
    in_shares(ax.yaxis, voice)
    ax.xaxis.set_major_formatter(in_counts(voice))
    ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10], integer=True))
    grid(ax, "y")
    entitle(ax, title)
    return ax


def _edges(frame: pd.DataFrame) -> np.ndarray:
    """Return bars of whole days that reach to all but the longest gaps."""
    ordered = frame.sort_values("gap_days")
    reached = ordered["weight"].cumsum() >= _SHOWN * ordered["weight"].sum()
    longest = int(ordered.loc[reached, "gap_days"].iloc[0])
    width = max(1, -(-longest // _BINS))
    return np.arange(0.5, longest + width + 0.5, width)


def _gap_bars(ax: Axes, edges: np.ndarray, heights: np.ndarray, longer: bool, voice: Voice) -> None:
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
    key(
        ax,
        [
            Patch(
                facecolor=COLOURS["resurrected"],
                hatch=HATCHES["immature"],
                edgecolor="white",
                label=voice.text("all longer gaps together"),
            )
        ],
    )


def _medians(ax: Axes, result: Cycle, end: float, voice: Voice) -> None:
    """Mark the naive median and the cycle, their names one above the other."""
    marks = [
        (result.naive_median_gap_days, voice.text("usual median"), COLOURS["lost"], ":"),
        (result.cycle_days, voice.text("cycle"), COLOURS["all"], "-"),
    ]
    shown = sorted((mark for mark in marks if mark[0] is not None), key=lambda mark: mark[0] or 0)
    # the left one stands higher, so that its name passes over the other line
    for (day, name, colour, dashes), height in zip(shown, (0.96, 0.87), strict=False):
        if day is None or day > end:
            continue
        ax.axvline(day, ymax=height, color=colour, linewidth=1.8, linestyle=dashes)
        right = day < 0.6 * end
        said = voice.text("{name}: {days}", name=name, days=voice.days(day))
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
