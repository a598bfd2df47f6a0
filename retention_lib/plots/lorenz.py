"""What the figures of concentration share: Lorenz curves, the largest customers first."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention_lib.plots.style import COLOURS, SMALL, grid, in_shares
from retention_lib.speech import Speech

FIFTH: Final = 0.2


def draw_equality(ax: Axes, speech: Speech) -> None:
    """Draw what the curve would be if all customers were equal."""
    ax.plot([0, 1], [0, 1], "--", color=COLOURS["muted"], linewidth=1.4)
    ax.text(
        0.73,
        0.68,
        speech.text("if all were equal"),
        color="#666666",
        fontsize=SMALL + 0.5,
        va="top",
    )


def draw_curve(ax: Axes, frame: pd.DataFrame, column: str) -> None:
    """Draw the curve that the figure is about, and shade how far it is from equality."""
    ax.plot(frame["customers_share"], frame[column], color=COLOURS["value"], linewidth=2.6)
    ax.fill_between(
        frame["customers_share"],
        frame["customers_share"],
        frame[column],
        color=COLOURS["value"],
        alpha=0.12,
        linewidth=0,
    )


def mark_fifth(ax: Axes, frame: pd.DataFrame, column: str, colour: str = COLOURS["all"]) -> float:
    """Mark what the largest fifth of customers holds of a column, and return its share."""
    held = float(np.interp(FIFTH, frame["customers_share"], frame[column]))
    ax.vlines(FIFTH, 0, held, color=COLOURS["all"], linestyle=":", linewidth=1.4)
    ax.plot([FIFTH], [held], "o", color=colour, markersize=7, zorder=4)
    return held


def scale(ax: Axes, of: str, speech: Speech) -> None:
    """Name the axes, both in shares; ``of`` is what the curve shares out."""
    ax.set_xlim(0, 1.01)
    ax.set_ylim(0, 1.03)
    ax.set_xlabel(speech.text("Share of customers, the largest first"))
    ax.set_ylabel(of)
    for axis in (ax.xaxis, ax.yaxis):
        in_shares(axis, speech)
    grid(ax, "both")
