"""Figures of notebook 05."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from retention_lib.plots.lorenz import FIFTH, draw_curve, draw_equality, mark_fifth, scale
from retention_lib.plots.style import (
    SMALL,
    STATE_COLOURS,
    axes,
    entitle,
    grid,
    in_shares,
    nothing,
    on_white,
    styled,
)
from retention_lib.results import Recommendations, Segment
from retention_lib.speech import Speech


@styled
def plot_lorenz(
    frame: pd.DataFrame, speech: Speech, *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw how much of all spend the largest customers hold.

    Parameters
    ----------
    frame
        Columns customers_share, spend_share (fractions), the largest customers first.
    speech
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if frame.empty:
        return nothing(ax, title, speech)
    ax = axes(ax)
    draw_equality(ax, speech)
    draw_curve(ax, frame, "spend_share")
    _name_fifth(ax, mark_fifth(ax, frame, "spend_share"), speech)
    scale(ax, speech.text("Share of all spend"), speech)
    entitle(ax, title)
    return ax


def _name_fifth(ax: Axes, held: float, speech: Speech) -> None:
    said = speech.text(
        "{part} of customers:\n{share} of spend",
        part=speech.share(FIFTH, 0),
        share=speech.share(held, 0),
    )
    below = held > 0.35
    on_white(
        ax.annotate(
            said,
            (FIFTH, held),
            xytext=(10, -6 if below else 6),
            textcoords="offset points",
            va="top" if below else "bottom",
            weight="bold",
        )
    )


@styled
def plot_segments(
    result: Recommendations,
    names: dict[str, str],
    speech: Speech,
    *,
    ax: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw each state's share of customers and of past spend, one bar under the other.

    Parameters
    ----------
    result
        The segments.
    names
        The name of each state.
    speech
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if not result.segments:
        return nothing(ax, title, speech)
    ax = axes(ax, 1.6 + 0.72 * len(result.segments))
    for at, segment in enumerate(result.segments):
        _pair(ax, at, segment, speech)
    ax.set_yticks(range(len(result.segments)), [names[part.name] for part in result.segments])
    ax.set_ylim(len(result.segments) - 0.45, -0.55)
    longest = max(max(part.share, part.spend_share or 0) for part in result.segments)
    ax.set_xlim(0, longest * 1.55)
    ax.set_xlabel(
        speech.text(
            "Share (n = {n} customers)",
            n=speech.count(sum(part.customers for part in result.segments)),
        )
    )
    in_shares(ax.xaxis, speech)
    ax.set_xticks([tick for tick in ax.get_xticks() if tick <= min(1, longest * 1.55)])
    ax.tick_params(axis="y", length=0)
    grid(ax, "x")
    entitle(ax, title)
    return ax


def _pair(ax: Axes, at: int, segment: Segment, speech: Speech) -> None:
    colour = STATE_COLOURS[segment.name]
    ax.barh(
        at - 0.19,
        segment.share,
        height=0.34,
        facecolor="white",
        edgecolor=colour,
        linewidth=1.6,
        hatch="///",
    )
    _name(
        ax,
        at - 0.19,
        segment.share,
        speech.text("{share} of customers", share=speech.share(segment.share, 0)),
    )
    if segment.spend_share is None:
        return
    ax.barh(at + 0.19, max(segment.spend_share, 0), height=0.34, color=colour)
    _name(
        ax,
        at + 0.19,
        segment.spend_share,
        speech.text("{share} of past spend", share=speech.share(segment.spend_share, 0)),
    )


def _name(ax: Axes, height: float, share: float, said: str) -> None:
    ax.annotate(
        said,
        (max(share, 0), height),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL + 0.5,
    )
