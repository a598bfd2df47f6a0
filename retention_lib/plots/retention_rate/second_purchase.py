"""The figure of notebook 03 that asks whether a first purchase leads to a second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

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
    literal,
    nothing,
    on_white,
)
from retention_lib.results import Interval, Retention
from retention_lib.speech import Speech

_WATCHED: Final = 30  # customers; a curve ends where fewer are left to be watched
_LOOKS: Final = (  # colour and dashes of the groups, the latest first
    ("#333333", "--"),
    ("#555555", "-."),
    ("#777777", ":"),
    ("#777777", (0, (8, 3))),
    ("#8C8C8C", (0, (3, 1, 1, 1, 1, 1))),
)
_LONGEST_NAME: Final = 10  # signs
_SIGN: Final = 0.021  # width of a sign of a name, in parts of the axes
_LINE: Final = 0.062  # height of a name, in parts of the axes
_SHORTEST: Final = 0.05  # of the longest curve; shorter ones are stubs that show nothing
_BESIDE: Final = 1.16  # where the axis ends, times the last day: room for names at curves' ends


class _Curve(NamedTuple):
    name: str
    days: np.ndarray
    shares: np.ndarray


class _Mark(NamedTuple):
    """The length of a window, and the share who bought a second time within it."""

    days: int
    rate: float | None
    ci95: Interval | None


@figure()
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech, result: Retention | None = None) -> None:
    """Draw how many first-time buyers have bought a second time, by days since the first.

    Each curve ends where fewer than 30 customers are left to be watched. Of the groups the latest
    five are drawn, but none that could be watched for a few days only.

    Parameters
    ----------
    frame
        Columns group ("all", or the year of the first purchase), day, share_back (fraction),
        at_risk (customers still watched).
    speech
        How words and numbers are said.
    result
        Its window's length is marked, and on it the second-purchase rate with its interval; None
        marks nothing.
    """
    curves = _curves(frame)
    if not curves or curves[0].name != "all":
        nothing(ax, "", speech)
        return
    mark = _mark(result)
    last = max(*(int(curve.days[-1]) for curve in curves), mark.days if mark else 1)
    ax.set_xlim(0, _BESIDE * last)
    ax.set_ylim(0, _top(curves, mark))
    for curve, (colour, dashes) in zip(curves[:0:-1], _LOOKS, strict=False):
        ax.step(curve.days, curve.shares, where="post", color=colour, linestyle=dashes, lw=1.5)
    whole = curves[0]
    ax.step(whole.days, whole.shares, where="post", color=COLOURS["returning"], linewidth=3)
    _names(ax, curves, speech)
    if mark is not None:
        _window(ax, mark, curves, speech)
    _scales(ax, frame, speech)


def _curves(frame: pd.DataFrame) -> list[_Curve]:
    """Return the curves as far as enough customers are watched: all, then the latest groups."""
    names = sorted(set(frame["group"]) - {"all"})[-len(_LOOKS) :]
    curves = []
    for name in ("all", *names):
        group = frame[frame["group"] == name].sort_values("day")
        watched = group[(group["at_risk"] >= _WATCHED).cummin()]
        if len(watched):
            days = watched["day"].to_numpy(dtype=float)
            shares = watched["share_back"].to_numpy(dtype=float)
            curves.append(_Curve(name, np.append(0.0, days), np.append(0.0, shares)))
    longest = max((curve.days[-1] for curve in curves), default=0.0)
    return [curve for curve in curves if curve.days[-1] >= _SHORTEST * longest]


def _mark(result: Retention | None) -> _Mark | None:
    if result is None or result.window is None:
        return None
    days = result.window.days
    return _Mark(days, result.second_purchase_rate, result.second_purchase_ci95)


def _top(curves: Sequence[_Curve], mark: _Mark | None) -> float:
    """Return where the axis ends: with room above the curves, but not beyond all customers."""
    ends = [float(curve.shares.max()) for curve in curves]
    highest = max(*ends, *(mark.ci95 or () if mark else ()), 0.0)
    return min(1.3 * highest, 1.03) or 1.0


def _names(ax: Axes, curves: Sequence[_Curve], speech: Speech) -> None:
    """Name each curve at its end, moved up or down until no name covers another."""
    (_, right), (_, top) = ax.get_xlim(), ax.get_ylim()
    placed: list[tuple[float, float, float]] = []
    for curve in curves:
        whole = curve.name == "all"
        said = speech.text("all") if whole else literal(curve.name, _LONGEST_NAME)
        x, y = curve.days[-1] / right, curve.shares[-1] / top
        height = _free(x, x + _SIGN * len(said), y, placed)
        placed.append((x, x + _SIGN * len(said), height))
        on_white(
            ax.annotate(
                said,
                (x, y),
                xycoords="axes fraction",
                xytext=(x + 0.012, height),
                textcoords="axes fraction",
                va="center",
                fontsize=SMALL,
                weight="bold" if whole else "normal",
                color=COLOURS["returning" if whole else "all"],
            )
        )


def _free(
    left: float, right: float, y: float, placed: Sequence[tuple[float, float, float]]
) -> float:
    """Return the height nearest to ``y`` at which a name covers none of those placed."""

    def is_free(height: float) -> bool:
        return all(
            abs(height - other) >= _LINE or right < start or left > end
            for start, end, other in placed
        )

    steps = (sign * step * _LINE / 2 for step in range(40) for sign in (1, -1))
    inside = (min(max(y + step, _LINE / 2), 1 - _LINE / 2) for step in steps)
    return next((height for height in inside if is_free(height)), y)


def _window(ax: Axes, mark: _Mark, curves: Sequence[_Curve], speech: Speech) -> None:
    """Mark the window's length, and on it the second-purchase rate with its interval."""
    black, at = COLOURS["all"], mark.days
    ax.axvline(at, color=COLOURS["muted"], linewidth=1.4, linestyle="--", zorder=1)
    said = speech.text("one window: {days:days}", mark)
    if mark.rate is not None:
        said = speech.text("within {days:days}:\n{rate:share}", mark)
        ax.plot([at], [mark.rate], "o", color=black, markersize=7, zorder=5, clip_on=False)
    if mark.rate is not None and mark.ci95 is not None:
        said = speech.text("within {days:days}:\n{rate:share} ({ci95:range share})", mark)
        ax.vlines(at, *mark.ci95, color=black, linewidth=2.5, zorder=5)
        ax.plot([at, at], mark.ci95, "_", color=black, markersize=12, markeredgewidth=2, zorder=5)
    _said(ax, said, at, curves)


def _said(ax: Axes, said: str, length: int, curves: Sequence[_Curve]) -> None:
    """Write what the window's line says beside it: under the curves, or over them."""
    right, top = ax.get_xlim()[1], ax.get_ylim()[1]
    wide = 1.15 * _SIGN * max(len(line) for line in said.split("\n")) * right
    after = length + wide < right or length < 0.5 * right
    start, end = (length, length + wide) if after else (length - wide, length)
    reached = [curve.shares[(curve.days >= start) & (curve.days <= end)] / top for curve in curves]
    reached = [shares for shares in reached if len(shares)]
    under = min((float(shares.min()) for shares in reached), default=1.0)
    foot = under > 3 * _LINE
    label(
        ax,
        said,
        (length, 0.03 if foot else 0.985),
        (7 if after else -7, 0),
        xycoords=ax.get_xaxis_transform(),
        va="bottom" if foot else "top",
        weight="bold",
        color=COLOURS["all"],
    )


def _scales(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    customers = frame.loc[frame["group"] == "all", "at_risk"].max()
    ax.set_xlabel(speech.text("Days since the first purchase ({n:count} customers)", n=customers))
    ax.set_ylabel(speech.text("Share who bought a second time"))
    in_shares(ax.yaxis, speech)
    in_whole(ax.xaxis, speech)
    grid(ax, "y")
