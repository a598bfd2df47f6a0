"""Figures of notebook 03: rates, comings and goings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from retention_lib.plots.style import (
    COLOURS,
    HATCHES,
    SMALL,
    axes,
    entitle,
    grid,
    in_shares,
    nothing,
    on_white,
    styled,
)
from retention_lib.results import Interval, NoChurn, Period, Retention
from retention_lib.speech import Speech

_UNDER: Final = 0.6  # rows from the rate of all down to the classic formula
_SLOT: Final = 0.45  # rows by which the other rates give way to it
_WIDEST: Final = 1.5  # a classic formula's rate beyond this stands at the axis' end
_BAND: Final = 0.16  # of a row: half the height of the models' range


class _Row(NamedTuple):
    name: str
    customers: int | None
    rate: float | None
    ci95: Interval | None
    expected: float | None
    colour: str
    marker: str


@styled
def plot_rates(
    result: Retention,
    speech: Speech,
    *,
    at_least: bool = False,
    ax: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw the share of customers who came back, and how much room is left above it.

    Dots are rates with their 95 % intervals; green ticks are what would be expected if nobody
    had left, the dotted line up to them is the room, the pale band the range over the models. A
    hollow diamond is the classic formula's rate.

    Parameters
    ----------
    result
        Rates, expectations, and the numbers of customers behind them.
    speech
        How words and numbers are said.
    at_least
        Whether the expectations are called lower bounds, as for customers who buy regularly.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if result.retained_rate is None:
        return nothing(ax, title, speech)
    ax = axes(ax, 3.7 if result.no_churn is None else 4.5)
    rows = _rows(result, speech)
    heights = _heights(len(rows), result.formula_rate is not None)
    end = max(1.0, min(1.08 * (result.formula_rate or 0), _WIDEST))
    for row, height in zip(rows, heights, strict=True):
        _expectation(ax, row, height, end, at_least, speech)
        _dot(ax, row, height, end, speech)
    if result.formula_rate is not None:
        _formula(ax, result.formula_rate, heights[0] - _UNDER, end, speech)
    if result.no_churn is not None:
        _models(ax, result.no_churn, heights[0])
    ax.set_yticks(heights, [_named(row, speech) for row in rows])
    ax.set_ylim(-0.55, heights[0] + 0.55)
    ax.set_xlim(0, end)
    ax.set_xlabel(_rates_axis(result, speech))
    in_shares(ax.xaxis, speech)
    ax.tick_params(axis="y", length=0)
    grid(ax, "x")
    entitle(ax, title)
    return ax


def _heights(rows: int, formula: bool) -> list[float]:
    """Return where the rows stand, the first on top, with room for the formula under it."""
    heights = [float(at) for at in range(rows - 1, -1, -1)]
    return [heights[0] + (_SLOT if formula else 0.0), *heights[1:]]


def _rows(result: Retention, speech: Speech) -> list[_Row]:
    expected = result.no_churn
    return [
        _Row(
            speech.text("All customers"),
            result.start_customers,
            result.retained_rate,
            result.retained_ci95,
            None if expected is None else expected.expectation,
            COLOURS["all"],
            "o",
        ),
        _Row(
            speech.text("Established"),
            result.returning_customers,
            result.returning_rate,
            result.returning_ci95,
            None if expected is None else expected.returning,
            COLOURS["returning"],
            "s",
        ),
        _Row(
            speech.text("First-time"),
            result.first_time_customers,
            result.first_time_rate,
            result.first_time_ci95,
            None if expected is None else expected.first_time,
            COLOURS["new"],
            "^",
        ),
    ]


def _named(row: _Row, speech: Speech) -> str:
    if row.customers is None:
        return row.name
    return speech.text("{name}\nn = {n}", name=row.name, n=speech.count(row.customers))


def _rates_axis(result: Retention, speech: Speech) -> str:
    if result.no_churn is None or result.no_churn.lowest == result.no_churn.highest:
        return speech.text("Share who bought again (line: 95% interval)")
    return speech.text("Share who bought again\n(line: 95% interval; pale band: range over models)")


def _expectation(
    ax: Axes, row: _Row, height: float, end: float, at_least: bool, speech: Speech
) -> None:
    """Draw what would be expected if nobody had left, and the room up to it."""
    if row.rate is None or row.expected is None:
        return
    green = COLOURS["predicted"]
    if row.expected > row.rate:
        ax.hlines(height, row.rate, row.expected, color=green, linewidth=2, linestyle=":")
    ax.plot(
        [row.expected], [height], "|", color=green, markersize=21, markeredgewidth=3, clip_on=False
    )
    share = speech.share(row.expected, 0)
    said = (
        speech.text("if nobody had left: at least {rate}", rate=share)
        if at_least
        else speech.text("if nobody had left: {rate}", rate=share)
    )
    _labelled(ax, said, row.expected, height, end, -15, color=green, weight="bold", fontsize=SMALL)


def _models(ax: Axes, expected: NoChurn, height: float) -> None:
    """Shade the range of the expectations of all customers over the models."""
    ax.fill_between(
        [expected.lowest, expected.highest],
        height - _BAND,
        height + _BAND,
        color=COLOURS["predicted"],
        alpha=0.25,
        linewidth=0,
        zorder=1,
    )


def _dot(ax: Axes, row: _Row, height: float, end: float, speech: Speech) -> None:
    if row.rate is None:
        ax.text(
            0.015 * end,
            height,
            speech.text("no such customers in the earlier window"),
            va="center",
            color="#666666",
            style="italic",
        )
        return
    said = speech.share(row.rate)
    if row.ci95 is not None:
        ends = [speech.share(end) for end in row.ci95]
        said = speech.text("{rate} ({low} to {high})", rate=said, low=ends[0], high=ends[1])
        ax.hlines(height, *row.ci95, color=row.colour, linewidth=2.5)
        ax.plot(row.ci95, [height, height], "|", color=row.colour, markersize=13, markeredgewidth=2)
    ax.plot([row.rate], [height], row.marker, color=row.colour, markersize=5.5, clip_on=False)
    _labelled(ax, said, row.rate, height, end, 11, weight="bold")


def _labelled(
    ax: Axes, said: str, x: float, height: float, end: float, above: float, **looks: Any
) -> None:
    """Write a label ``above`` points over a mark (under it, if negative), inside the axes."""
    on_white(
        ax.annotate(
            said,
            (x, height),
            xytext=(3 if x < 0.33 * end else 0, above),
            textcoords="offset points",
            ha="left" if x < 0.33 * end else "right" if x > 0.67 * end else "center",
            va="bottom" if above > 0 else "top",
            **looks,
        )
    )


def _formula(ax: Axes, rate: float, height: float, end: float, speech: Speech) -> None:
    """Draw the classic formula's rate with its name beside it; an arrow if it lies beyond."""
    x = min(rate, end)
    ax.plot(
        [x],
        [height],
        "D" if rate <= end else ">",
        markerfacecolor="white",
        markeredgecolor=COLOURS["all"],
        markeredgewidth=1.6,
        markersize=8,
        zorder=4,
        clip_on=False,
    )
    right = x < 0.5 * end
    on_white(
        ax.annotate(
            speech.text("classic formula: {rate}", rate=speech.share(rate)),
            (x, height),
            xytext=(10 if right else -10, 0),
            textcoords="offset points",
            va="center",
            ha="left" if right else "right",
        )
    )


class _Part(NamedTuple):
    name: str
    customers: int
    colour: str
    hatch: str


@styled
def plot_flow(
    result: Retention, speech: Speech, *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw who came and who left between two windows.

    The left bar holds the customers of the earlier window, the right one those of the later;
    the band between them is who stayed.

    Parameters
    ----------
    result
        The numbers of customers.
    speech
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if not result.start_customers and not result.end_customers:
        return nothing(ax, title, speech)
    ax = axes(ax)
    before, after = _before(result, speech), _after(result, speech)
    whole = max(sum(part.customers for part in bar) for bar in (before, after))
    _bar(ax, 0.0, before, whole, speech)
    _bar(ax, 1.0, after, whole, speech)
    stayed = result.retained_customers or 0
    ax.fill_between([0.16, 0.84], 0, stayed, color=COLOURS["returning"], alpha=0.2, linewidth=0)
    ax.set_xticks(
        [0, 1],
        [
            _window(speech.text("Earlier window"), result.prior, speech),
            _window(speech.text("Later window"), result.window, speech),
        ],
    )
    ax.set_xlim(-1.0, 2.0)
    ax.set_ylim(0, whole * 1.03)
    ax.yaxis.set_visible(False)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="x", length=0)
    entitle(ax, title)
    return ax


def _before(result: Retention, speech: Speech) -> list[_Part]:
    return [
        _Part(speech.text("stayed"), result.retained_customers or 0, COLOURS["returning"], ""),
        _Part(
            speech.text("did not come back"),
            result.lost_customers or 0,
            COLOURS["lost"],
            HATCHES["lost"],
        ),
    ]


def _after(result: Retention, speech: Speech) -> list[_Part]:
    return [
        _Part(speech.text("stayed"), result.retained_customers or 0, COLOURS["returning"], ""),
        _Part(
            speech.text("back after a pause"),
            result.resurrected_customers or 0,
            COLOURS["resurrected"],
            HATCHES["resurrected"],
        ),
        _Part(speech.text("first-time"), result.new_customers or 0, COLOURS["new"], HATCHES["new"]),
    ]


def _bar(ax: Axes, x: float, parts: Sequence[_Part], whole: float, speech: Speech) -> None:
    left = x < 0.5
    sizes = [part.customers for part in parts]
    bottoms = np.cumsum([0, *sizes[:-1]])
    for part, bottom in zip(parts, bottoms, strict=True):
        ax.bar(
            x,
            part.customers,
            width=0.32,
            bottom=bottom,
            color=part.colour,
            hatch=part.hatch,
            edgecolor="white",
            linewidth=0.8,
        )
    middles = _apart(
        [float(bottom + size / 2) for bottom, size in zip(bottoms, sizes, strict=True)],
        gap=0.16 * whole,
        top=whole,
    )
    for part, height in zip(parts, middles, strict=True):
        said = speech.text("{n}\n{name}", n=speech.count(part.customers), name=part.name)
        ax.text(
            x - 0.21 if left else x + 0.21,
            height,
            said,
            va="center",
            ha="right" if left else "left",
            linespacing=1.05,
        )


def _apart(heights: list[float], gap: float, top: float) -> list[float]:
    """Move labels up, and the whole stack down again, until none covers another."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + gap) if placed else max(height, 0.5 * gap))
    for at in range(len(placed) - 1, -1, -1):
        ceiling = top - 0.5 * gap if at == len(placed) - 1 else placed[at + 1] - gap
        placed[at] = min(placed[at], ceiling)
    return placed


def _window(name: str, period: Period | None, speech: Speech) -> str:
    if period is None:
        return name
    return speech.text(
        "{name}\n{start} –\n{end}",
        name=name,
        start=speech.date(period.start),
        end=speech.date(period.end),
    )
