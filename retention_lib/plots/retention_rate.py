"""Figures of notebook 03: rates, comings and goings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from retention_lib.plots.style import (
    COLOURS,
    HATCHES,
    Voice,
    axes,
    entitle,
    grid,
    in_shares,
    nothing,
    styled,
)
from retention_lib.results import Interval, Period, Retention


class _Row(NamedTuple):
    name: str
    customers: int | None
    rate: float | None
    ci95: Interval | None
    colour: str
    marker: str


@styled
def plot_rates(result: Retention, voice: Voice, *, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw the share of customers who came back, for all and for both populations.

    Dots are rates with their 95 % intervals; a hollow diamond is the classic formula's rate.

    Parameters
    ----------
    result
        Rates and the numbers of customers behind them.
    voice
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if result.retained_rate is None:
        return nothing(ax, title, voice)
    ax = axes(ax, 3.4)
    rows = _rows(result, voice)
    for height, row in enumerate(reversed(rows)):
        _dot(ax, row, height, voice)
    if result.formula_rate is not None:
        _formula(ax, result.formula_rate, len(rows) - 1, voice)
    ax.set_yticks(range(len(rows)), [_named(row, voice) for row in reversed(rows)])
    ax.set_ylim(-0.5, len(rows) - 0.35)
    ax.set_xlim(0, max(1.0, 1.08 * (result.formula_rate or 0)))
    ax.set_xlabel(voice.text("Share who bought again (line: 95% interval)"))
    in_shares(ax.xaxis, voice)
    ax.tick_params(axis="y", length=0)
    grid(ax, "x")
    entitle(ax, title)
    return ax


def _rows(result: Retention, voice: Voice) -> list[_Row]:
    return [
        _Row(
            voice.text("All customers"),
            result.start_customers,
            result.retained_rate,
            result.retained_ci95,
            COLOURS["all"],
            "o",
        ),
        _Row(
            voice.text("Established"),
            result.returning_customers,
            result.returning_rate,
            result.returning_ci95,
            COLOURS["returning"],
            "s",
        ),
        _Row(
            voice.text("First-time"),
            result.first_time_customers,
            result.first_time_rate,
            result.first_time_ci95,
            COLOURS["new"],
            "^",
        ),
    ]


def _named(row: _Row, voice: Voice) -> str:
    if row.customers is None:
        return row.name
    return voice.text("{name}\nn = {n}", name=row.name, n=voice.count(row.customers))


def _dot(ax: Axes, row: _Row, height: int, voice: Voice) -> None:
    if row.rate is None:
        ax.text(
            0.015,
            height,
            voice.text("no such customers in the earlier window"),
            va="center",
            color="#666666",
            style="italic",
        )
        return
    said = voice.share(row.rate)
    if row.ci95 is not None:
        ends = [voice.share(end) for end in row.ci95]
        said = voice.text("{rate} ({low} to {high})", rate=said, low=ends[0], high=ends[1])
        ax.hlines(height, *row.ci95, color=row.colour, linewidth=2.5)
        ax.plot(row.ci95, [height, height], "|", color=row.colour, markersize=13, markeredgewidth=2)
    ax.plot([row.rate], [height], row.marker, color=row.colour, markersize=5.5, clip_on=False)
    ax.annotate(
        said,
        (row.rate, height),
        xytext=(0, 11),
        textcoords="offset points",
        ha=_side(row.rate, 0.25, 0.72),
        weight="bold",
    )


def _side(x: float, low: float, high: float) -> str:
    """Return the side of a point its label stands on, so that it stays in the figure."""
    return "left" if x < low else "right" if x > high else "center"


def _formula(ax: Axes, rate: float, height: int, voice: Voice) -> None:
    ax.plot(
        [rate],
        [height],
        "D",
        markerfacecolor="white",
        markeredgecolor=COLOURS["all"],
        markeredgewidth=1.6,
        markersize=8,
        zorder=4,
        clip_on=False,
    )
    ax.annotate(
        voice.text("classic formula: {rate}", rate=voice.share(rate)),
        (rate, height),
        xytext=(0, -11),
        textcoords="offset points",
        va="top",
        ha=_side(rate, 0.2, 0.82),
    )


class _Part(NamedTuple):
    name: str
    customers: int
    colour: str
    hatch: str


@styled
def plot_flow(result: Retention, voice: Voice, *, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw who came and who left between two windows.

    The left bar holds the customers of the earlier window, the right one those of the later;
    the band between them is who stayed.

    Parameters
    ----------
    result
        The numbers of customers.
    voice
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if not result.start_customers and not result.end_customers:
        return nothing(ax, title, voice)
    ax = axes(ax)
    before, after = _before(result, voice), _after(result, voice)
    whole = max(sum(part.customers for part in bar) for bar in (before, after))
    _bar(ax, 0.0, before, whole, voice)
    _bar(ax, 1.0, after, whole, voice)
    stayed = result.retained_customers or 0
    ax.fill_between([0.16, 0.84], 0, stayed, color=COLOURS["returning"], alpha=0.2, linewidth=0)
    ax.set_xticks(
        [0, 1],
        [
            _window(voice.text("Earlier window"), result.prior, voice),
            _window(voice.text("Later window"), result.window, voice),
        ],
    )
    ax.set_xlim(-1.0, 2.0)
    ax.set_ylim(0, whole * 1.03)
    ax.yaxis.set_visible(False)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="x", length=0)
    entitle(ax, title)
    return ax


def _before(result: Retention, voice: Voice) -> list[_Part]:
    return [
        _Part(voice.text("stayed"), result.retained_customers or 0, COLOURS["returning"], ""),
        _Part(
            voice.text("did not come back"),
            result.lost_customers or 0,
            COLOURS["lost"],
            HATCHES["lost"],
        ),
    ]


def _after(result: Retention, voice: Voice) -> list[_Part]:
    return [
        _Part(voice.text("stayed"), result.retained_customers or 0, COLOURS["returning"], ""),
        _Part(
            voice.text("back after a pause"),
            result.resurrected_customers or 0,
            COLOURS["resurrected"],
            HATCHES["resurrected"],
        ),
        _Part(voice.text("first-time"), result.new_customers or 0, COLOURS["new"], HATCHES["new"]),
    ]


def _bar(ax: Axes, x: float, parts: Sequence[_Part], whole: float, voice: Voice) -> None:
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
        said = voice.text("{n}\n{name}", n=voice.count(part.customers), name=part.name)
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


def _window(name: str, period: Period | None, voice: Voice) -> str:
    if period is None:
        return name
    return voice.text(
        "{name}\n{start} –\n{end}",
        name=name,
        start=voice.date(period.start),
        end=voice.date(period.end),
    )
