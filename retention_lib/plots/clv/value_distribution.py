"""How much is a customer worth?"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention_lib.plots.rows import beyond, write_beyond
from retention_lib.plots.style import COLOURS, figure, grid, in_shares
from retention_lib.speech import Speech

_BIN: Final = 0.31  # inches
_INSIDE: Final = 0.36  # of the axes: a bar that has room for its name
_LOWEST: Final = 3.9  # inches, for the axis' name


@figure(
    height=lambda frame: max(1.65 + _BIN * len(frame), _LOWEST),
    pad=34,
    known=lambda frame: frame if frame["customers"].any() else None,
)
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Draw how many customers are worth how much, and what share of all value they hold.

    Parameters
    ----------
    frame
        Columns low, high (money, limits of expected value per customer; the first bin, next to
        nothing, from 0), customers, value (money, of all of them together).
    """
    whole = frame["customers"].sum()
    shares = (frame["customers"] / whole).to_numpy(dtype=float)
    colours = [COLOURS["muted"], *[COLOURS["value"]] * (len(frame) - 1)]
    ax.barh(range(len(frame)), shares, height=1.0, color=colours, edgecolor="white", linewidth=1)
    ax.set_xlim(0, 1.2 * shares.max())
    _next_to_nothing(ax, shares[0], speech)
    for at, share in enumerate(shares[1:], start=1):
        write_beyond(ax, share, at, speech.share(share, 0))
    if frame["value"].any():
        _held(ax, frame, speech)
    limits = [*frame["low"], frame["high"].iloc[-1]]
    ax.set_yticks(np.arange(len(limits)) - 0.5, [speech.short_money(limit) for limit in limits])
    ax.set_ylim(-0.5, len(frame) - 0.5)
    ax.set_xlabel(speech.text("Share of customers (n = {n:count})", n=whole))
    ax.set_ylabel(speech.text("Expected value of a customer"))
    in_shares(ax.xaxis, speech)
    ax.set_xticks([tick for tick in ax.get_xticks() if tick <= 1])
    grid(ax, "x")


def _next_to_nothing(ax: Axes, share: float, speech: Speech) -> None:
    """Say the first bin's share and name it, in its bar if that is long, else after the share."""
    if share / ax.get_xlim()[1] > _INSIDE:
        write_beyond(ax, share, 0, speech.share(share, 0))
        write_beyond(ax, 0, 0, speech.text("next to nothing"))
    else:
        write_beyond(ax, share, 0, speech.text("{share:share 0}: next to nothing", share=share))


def _held(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Write right of the bars what share of all value each bin holds."""
    shares = frame["value"] / frame["value"].sum()
    for at, (n, share) in enumerate(zip(frame["customers"], shares, strict=True)):
        if n:
            beyond(ax, speech.share(share, 0), at, x=54, ha="right", weight="bold")
    heading = speech.text("share of\nvalue")
    beyond(ax, heading, len(frame) - 0.3, x=54, ha="right", va="bottom", weight="bold")
