"""The figure of customers by state: where is the money and where the risk?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from retention_lib.plots.rows import write_beyond
from retention_lib.plots.style import STATE_COLOURS, figure, grid, in_shares
from retention_lib.speech import Speech

_THICKNESS = 0.34


@figure(height=lambda frame: 1.6 + 0.72 * len(frame))
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech, names: dict[str, str]) -> None:
    """Draw each state's share of customers and of past spend, one bar under the other.

    Parameters
    ----------
    frame
        Columns state, customers, share (of customers), spend_share (missing without amounts).
    names
        The name of each state (``words.labels.state_names``).
    """
    states: Iterable[Any] = frame.itertuples()
    for at, state in enumerate(states):
        _draw_customers(ax, at - 0.19, state, speech)
        if pd.notna(state.spend_share):
            _draw_spend(ax, at + 0.19, state, speech)
    ax.set_yticks(range(len(frame)), [names[state] for state in frame["state"]])
    ax.set_ylim(len(frame) - 0.45, -0.55)
    end = 1.55 * max(frame["share"].max(), frame["spend_share"].fillna(0).max())
    ax.set_xlim(0, end)
    ax.set_xlabel(
        speech.text("Share (n = {n:count} customer{n:|s})", n=int(frame["customers"].sum()))
    )
    in_shares(ax.xaxis, speech)
    ax.set_xticks([tick for tick in ax.get_xticks() if tick <= min(1, end)])
    ax.tick_params(axis="y", length=0)
    grid(ax, "x")


def _draw_customers(ax: Axes, height: float, state: Any, speech: Speech) -> None:
    ax.barh(
        height,
        state.share,
        _THICKNESS,
        facecolor="white",
        edgecolor=STATE_COLOURS[state.state],
        linewidth=1.6,
        hatch="///",
    )
    write_beyond(ax, state.share, height, speech.text("{share:share 0} of customers", state))


def _draw_spend(ax: Axes, height: float, state: Any, speech: Speech) -> None:
    length = max(state.spend_share, 0)
    ax.barh(height, length, _THICKNESS, color=STATE_COLOURS[state.state])
    write_beyond(ax, length, height, speech.text("{spend_share:share 0} of past spend", state))
