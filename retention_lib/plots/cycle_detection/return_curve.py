"""When do customers come back? The return curve of notebook 02."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention_lib.plots.style import (
    COLOURS,
    SMALL,
    figure,
    grid,
    in_shares,
    in_whole,
    label,
    nothing,
    on_white,
)
from retention_lib.results import Cycle
from retention_lib.speech import Speech

_NAME_BEGINS, _NAME_HEIGHT = 0.42, 0.05  # of a curve's name, in parts of the axes
_LOW: Final = 0.3  # a curve that stays under this leaves no room for names under it
_SIGN: Final = 0.018  # width of a bold sign, in parts of the axes
_FADES: Final = 0.3  # how far a band without an end is drawn, in parts of the axes


@figure()
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech, result: Cycle) -> None:
    """Draw how many customers are back by days since their last purchase, with cycle and lapse.

    Parameters
    ----------
    frame
        Columns day, share_back, share_back_pooled, at_risk (customers still watched).
    result
        The cycle with its interval or bounds, the lapse, and the last day that enough customers
        could be watched for.
    """
    last = result.tau_days or int(frame["day"].max())
    if last < 1:
        nothing(ax, "", speech)
        return
    shown = frame[frame["day"] <= last]
    _curves(ax, shown, last)
    _name_pooled(ax, shown, last, speech)
    _interval(ax, result, last)
    _cycle(ax, shown, result, last, speech)
    if result.lapse_days is not None and result.lapse_days <= last:
        said = speech.text("lapsed: {lapse_days:days}", result)
        _upright(ax, shown, result.lapse_days, last, said, COLOURS["lost"], 1)
    _not_back(ax, shown, result, last, speech)
    _scales(ax, frame, last, speech)


def _curves(ax: Axes, frame: pd.DataFrame, last: int) -> None:
    x = np.append(frame["day"], last)
    for column, colour, width, dashes in (
        ("share_back_pooled", COLOURS["muted"], 1.6, "--"),
        ("share_back", COLOURS["returning"], 2.6, "-"),
    ):
        y = np.append(frame[column], frame[column].iloc[-1:])
        ax.step(x[-len(y) :], y, where="post", color=colour, linewidth=width, linestyle=dashes)


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
    upper = ax.get_xaxis_transform()
    look = _arrow("->", COLOURS["muted"])
    ax.annotate("", xy=(high, 0.97), xytext=(low, 0.97), xycoords=upper, arrowprops=look)


def _arrow(style: str, colour: str) -> dict[str, object]:
    return {"arrowstyle": style, "color": colour, "linewidth": 1.6, "shrinkA": 0, "shrinkB": 0}


def _cycle(ax: Axes, frame: pd.DataFrame, result: Cycle, last: int, speech: Speech) -> None:
    if result.cycle_days is None:
        return
    _upright(ax, frame, result.cycle_days, last, _cycle_name(result, speech), COLOURS["all"], 0)
    height = _height(frame, result.cycle_days)
    ax.plot([result.cycle_days], [height], "o", color=COLOURS["all"], markersize=6, zorder=5)


def _cycle_name(result: Cycle, speech: Speech) -> str:
    if not result.grows:
        return speech.text("cycle: {cycle_days:days}", result)
    return speech.text(
        "cycle: at least {cycle_days:days} →"
        if result.cycle_upper is None
        else "cycle: {cycle_days:days} to {cycle_upper:days}",
        result,
    )


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
    by = (6 if right else -6, 12 + 18 * line)
    label(ax, name, (day, foot), by, weight="bold", color=colour, va="baseline")


def _height(frame: pd.DataFrame, day: int) -> float:
    return float(frame.loc[frame["day"] <= day, "share_back"].max())


def _not_back(ax: Axes, frame: pd.DataFrame, result: Cycle, last: int, speech: Speech) -> None:
    if result.not_back_share is None:
        return
    back, look = 1 - result.not_back_share, _arrow("<->", COLOURS["lost"])
    ax.annotate("", xy=(last, back), xytext=(last, 1), arrowprops=look)
    said = speech.text("{not_back_share:share 0} not back within {last:days}", result, last=last)
    top = float(frame[["share_back", "share_back_pooled"]].iloc[-1].max())
    middle = (1 + top) / 2 if top < 0.88 else back - 0.24
    on_white(ax.text(last * 0.985, middle, said, ha="right", va="center", color=COLOURS["lost"]))


def _scales(ax: Axes, frame: pd.DataFrame, last: int, speech: Speech) -> None:
    customers = frame["at_risk"].max()
    ax.set_xlim(0, last * 1.015)
    ax.set_ylim(0, 1.02)
    ax.set_xlabel(speech.text("Days since the last purchase ({n:count} customers)", n=customers))
    ax.set_ylabel(speech.text("Share of customers who are back"))
    in_days(ax, speech)


def in_days(ax: Axes, speech: Speech) -> None:
    """Let one axis count days, the other show shares of customers."""
    in_shares(ax.yaxis, speech)
    in_whole(ax.xaxis, speech)
    grid(ax, "y")
