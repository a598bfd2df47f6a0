"""The figure of notebook 03 on how many came back, and how much room is above it."""

from __future__ import annotations

import math
from textwrap import fill
from typing import Any, Final

import pandas as pd
from matplotlib.axes import Axes

from retention_lib.plots.style import COLOURS, SMALL, figure, grid, in_shares, label, nothing
from retention_lib.speech import Speech, mark

_LINE: Final = 44  # signs of a row that fit beside the names
_UNDER: Final = 0.6  # rows from the rate of all down to the classic formula
_SLOT: Final = 0.45  # rows by which the other rates give way to it
_WIDEST: Final = 1.5  # a classic formula's rate beyond this stands at the axis' end
_BAND: Final = 0.16  # of a row: half the height of the models' range
_NAMES: Final = mark(
    {"all": "All customers", "returning": "Established", "first_time": "First-time"}
)
_LOOKS: Final = {  # colour and marker
    "all": (COLOURS["all"], "o"),
    "returning": (COLOURS["returning"], "s"),
    "first_time": (COLOURS["new"], "^"),
}
_AXES: Final = mark(
    {  # whether the models' range is drawn
        False: "Share who bought again (line: 95% interval)",
        True: "Share who bought again\n(line: 95% interval; pale band: range over models)",
    }
)
_EXPECTED: Final = mark(
    {  # whether it is a lower bound
        False: "if nobody had left: {expected:share 0}",
        True: "if nobody had left: at least {expected:share 0}",
    }
)


def _height(frame: pd.DataFrame) -> float:
    return 4.5 if frame["expected"].notna().any() else 3.7


@figure(height=_height)
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Draw the share of customers who came back, and how much room is left above it.

    Dots are rates with their 95 % intervals; green ticks are what would be expected if nobody had
    left, the dotted line up to them is the room, the pale band the range over the models. A hollow
    diamond is the classic formula's rate.

    Parameters
    ----------
    frame
        As :meth:`retention_lib.study.Study.rates` gives it.
    speech
        How words and numbers are said.
    """
    rows = frame[frame["group"] != "formula"].to_dict("records")
    formula = float(frame.loc[frame["group"] == "formula", "rate"].max())
    if not rows:
        nothing(ax, "", speech)
        return
    heights, end = [float(at) for at in range(len(rows) - 1, -1, -1)], 1.0
    if not math.isnan(formula):
        heights[0] += _SLOT
        end = max(end, min(1.08 * formula, _WIDEST))
        _formula(ax, formula, heights[0] - _UNDER, end, speech)
    for row, height in zip(rows, heights, strict=True):
        _expectation(ax, row, height, end, speech)
        _dot(ax, row, height, end, speech)
    if rows[0]["group"] == "all":
        _models(ax, rows[0], heights[0])
    ax.set_yticks(heights, [_named(row, speech) for row in rows])
    ax.set_ylim(-0.55, heights[0] + 0.55)
    ax.set_xlim(0, end)
    ax.set_xlabel(speech.text(_AXES[bool(rows[0]["expected_low"] < rows[0]["expected_high"])]))
    in_shares(ax.xaxis, speech)
    ax.tick_params(axis="y", length=0)
    grid(ax, "x")


def _named(row: dict[Any, Any], speech: Speech) -> str:
    name = speech.text(_NAMES[row["group"]])
    if pd.isna(row["customers"]):
        return name
    return speech.text("{name}\nn = {n:count}", name=name, n=row["customers"])


def _expectation(ax: Axes, row: dict[Any, Any], height: float, end: float, speech: Speech) -> None:
    """Draw what would be expected if nobody had left, and the room up to it."""
    rate, expected, green = row["rate"], row["expected"], COLOURS["predicted"]
    if pd.isna(rate) or pd.isna(expected):
        return
    if expected > rate:
        ax.hlines(height, rate, expected, color=green, linewidth=2, linestyle=":")
    ax.plot([expected], [height], "|", color=green, markersize=21, markeredgewidth=3, clip_on=False)
    said = speech.text(_EXPECTED[bool(row["at_least"])], expected=expected)
    _labelled(ax, said, expected, height, end, -15, color=green, weight="bold", fontsize=SMALL)


def _models(ax: Axes, row: dict[Any, Any], height: float) -> None:
    """Shade the range of the expectations of all customers over the models."""
    if pd.isna(row["expected_low"]):
        return
    ax.fill_between(
        [row["expected_low"], row["expected_high"]],
        height - _BAND,
        height + _BAND,
        color=COLOURS["predicted"],
        alpha=0.25,
        linewidth=0,
        zorder=1,
    )


def _dot(ax: Axes, row: dict[Any, Any], height: float, end: float, speech: Speech) -> None:
    rate, ends, (colour, marker) = row["rate"], (row["low"], row["high"]), _LOOKS[row["group"]]
    if pd.isna(rate):
        said = speech.text("no such customers in the earlier window")
        lines = fill(said, _LINE)
        ax.text(0.015 * end, height, lines, va="center", color="#666666", style="italic")
        return
    said = speech.share(rate)
    if pd.notna(ends[0]):
        said = speech.text("{rate:share} ({ends:range share})", rate=rate, ends=ends)
        ax.hlines(height, *ends, color=colour, linewidth=2.5)
        ax.plot(ends, [height, height], "|", color=colour, markersize=13, markeredgewidth=2)
    ax.plot([rate], [height], marker, color=colour, markersize=5.5, clip_on=False)
    _labelled(ax, said, rate, height, end, 11, weight="bold")


def _labelled(
    ax: Axes, said: str, x: float, height: float, end: float, above: float, **looks: Any
) -> None:
    """Write a label ``above`` points over a mark (under it, if negative), inside the axes."""
    label(
        ax,
        said,
        (x, height),
        (3 if x < 0.33 * end else 0, above),
        ha="left" if x < 0.33 * end else "right" if x > 0.67 * end else "center",
        **looks,
    )


def _formula(ax: Axes, rate: float, height: float, end: float, speech: Speech) -> None:
    """Draw the classic formula's rate with its name beside it; an arrow if it lies beyond."""
    x = min(rate, end)
    looks: Any = {"markerfacecolor": "white", "markeredgecolor": COLOURS["all"], "zorder": 4}
    look = "D" if rate <= end else ">"
    ax.plot([x], [height], look, **looks, markeredgewidth=1.6, markersize=8, clip_on=False)
    right = x < 0.5 * end
    label(
        ax,
        speech.text("classic formula: {rate:share}", rate=rate),
        (x, height),
        (10 if right else -10, 0),
    )
