"""Figures of notebook 04."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
from matplotlib.axes import Axes

from retention_lib.plots.style import (
    COLOURS,
    SMALL,
    Voice,
    axes,
    entitle,
    grid,
    in_numbers,
    in_shares,
    nothing,
    styled,
)


@styled
def plot_calibration(
    frame: pd.DataFrame, voice: Voice, *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw purchases made in the holdout beside those predicted, by earlier repeat purchases.

    Parameters
    ----------
    frame
        Columns label, customers, actual, predicted (mean occasions in the holdout).
    voice
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if frame.empty:
        return nothing(ax, title, voice)
    ax = axes(ax)
    x = range(len(frame))
    ax.plot(x, frame["actual"], "o-", color=COLOURS["all"], linewidth=2, markersize=7)
    ax.plot(
        x,
        frame["predicted"],
        "s--",
        color=COLOURS["predicted"],
        linewidth=2,
        markersize=7,
        markerfacecolor="white",
        markeredgewidth=1.8,
    )
    _line_names(ax, frame, voice)
    ax.set_xticks(
        x,
        [
            voice.text("{label}\n{n}", label=str(label), n=voice.short_count(n))
            for label, n in zip(frame["label"], frame["customers"], strict=True)
        ],
    )
    ax.tick_params(axis="x", labelsize=9)
    ax.set_xlim(-0.4, len(frame) - 1 + 0.4 + 0.13 * len(frame))
    highest = max(frame["actual"].max(), frame["predicted"].max())
    ax.set_ylim(0, 1.12 * highest or 1)
    in_numbers(ax.yaxis, voice, 1.12 * highest)
    ax.set_xlabel(voice.text("Repeat purchases before the test, and number of customers"))
    ax.set_ylabel(voice.text("Purchases per customer in the test"))
    grid(ax, "y")
    entitle(ax, title)
    return ax


def _line_names(ax: Axes, frame: pd.DataFrame, voice: Voice) -> None:
    """Name both lines at their right ends, the higher one above."""
    actual, predicted = frame["actual"].iloc[-1], frame["predicted"].iloc[-1]
    raised = 1 if actual >= predicted else -1
    close = abs(actual - predicted) < 0.08 * max(frame["actual"].max(), frame["predicted"].max())
    for name, height, colour, side in (
        (voice.text("made"), actual, COLOURS["all"], raised),
        (voice.text("predicted"), predicted, COLOURS["predicted"], -raised),
    ):
        ax.annotate(
            name,
            (len(frame) - 1, height),
            xytext=(9, 8 * side * close),
            textcoords="offset points",
            va="center",
            color=colour,
            weight="bold",
        )


@styled
def plot_value_bands(
    frame: pd.DataFrame, voice: Voice, *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw how much of the expected value each tenth of customers holds.

    Parameters
    ----------
    frame
        Columns customers, clv (mean per customer), value_share; the most valuable tenth first.
    voice
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if frame.empty:
        return nothing(ax, title, voice)
    ax = axes(ax, 4.4)
    heights = range(len(frame))
    colours = [COLOURS["value"] if at < len(frame) / 5 else COLOURS["muted"] for at in heights]
    ax.barh(heights, frame["value_share"], color=colours, height=0.75)
    for at, share, each in zip(heights, frame["value_share"], frame["clv"], strict=True):
        said = voice.text(
            "{share} ({money} each)", share=voice.share(share, 0), money=voice.short_money(each)
        )
        ax.annotate(
            said,
            (max(share, 0), at),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL + 0.5,
        )
    ax.set_yticks(heights, _bands(len(frame), voice))
    ax.set_ylim(len(frame) - 0.4, -0.6)
    ax.set_xlim(0, frame["value_share"].max() * 1.5)
    ax.set_xlabel(voice.text("Share of all expected value"))
    ax.set_ylabel(
        voice.text("Customers by value (n = {n})", n=voice.count(frame["customers"].sum()))
    )
    in_shares(ax.xaxis, voice)
    ax.tick_params(axis="y", length=0)
    grid(ax, "x")
    entitle(ax, title)
    return ax


def _bands(n: int, voice: Voice) -> list[str]:
    steps = [voice.share(at / n, 0) for at in range(n + 1)]
    between = [
        voice.text("{low} to {high}", low=low, high=high) for low, high in pairwise(steps[1:])
    ]
    return [voice.text("top {share}", share=steps[1]), *between]
