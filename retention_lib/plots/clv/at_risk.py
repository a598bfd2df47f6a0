"""How much of the value may be lost?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from retention_lib.plots.rows import write_beyond
from retention_lib.plots.style import (
    COLOURS,
    HATCHES,
    STATE_COLOURS,
    figure,
    grid,
    in_money,
    key,
)
from retention_lib.speech import Speech


def _known(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[(frame["customers"] > 0) & frame["value"].notna()]


@figure(height=lambda known: 1.75 + 0.62 * len(known), known=_known)
def plot(ax: Axes, known: pd.DataFrame, speech: Speech, names: dict[str, str]) -> None:
    """Draw the expected value of each state's customers, the part at risk hatched.

    Parameters
    ----------
    known
        Columns state, customers, value, at_risk (money; the part of the value that goes if all
        go who may lapse, NaN where unknown). States without customers are left out.
    names
        The name of each state.
    """
    values, risks = (known[name].to_numpy(dtype=float) for name in ("value", "at_risk"))
    for at, state in enumerate(known["state"]):
        _state(ax, at, values[at], risks[at], STATE_COLOURS[state], speech)
    named = [
        speech.text("{name}\nn = {n:count}", name=names[state], n=n)
        for state, n in zip(known["state"], known["customers"], strict=True)
    ]
    ax.set_yticks(range(len(known)), named)
    ax.set_ylim(len(known) - 0.45, -0.55)
    ax.set_xlim(0, 1.45 * values.max() or 1)
    customers = known["customers"].sum()
    ax.set_xlabel(speech.text("Expected value (n = {n:count} customers)", n=customers))
    in_money(ax.xaxis, speech)
    ax.tick_params(axis="y", length=0)
    grid(ax, "x")
    if not np.isnan(risks).all():
        grey = COLOURS["muted"]
        certain = Patch(facecolor=grey, edgecolor=grey, label=speech.text("likely to come"))
        lapsing = Patch(**_hatched(grey), label=speech.text("at risk: may lapse"))
        key(ax, [certain, lapsing])


def _hatched(colour: str) -> dict[str, Any]:
    return {"facecolor": "white", "edgecolor": colour, "hatch": HATCHES["lost"]}


def _state(ax: Axes, at: int, value: float, risk: float, colour: str, speech: Speech) -> None:
    """Draw a state's bar: first what is likely to come, then the hatched part at risk."""
    known = not np.isnan(risk)
    at_risk = min(risk, value) if known else 0.0
    size: Any = {"height": 0.6, "linewidth": 1.4}
    ax.barh(at, value - at_risk, color=colour, edgecolor=colour, **size)
    ax.barh(at, at_risk, left=value - at_risk, **_hatched(colour), **size)
    said = speech.text(
        "{value:short_money},\n{risk:short_money} at risk" if known else "{value:short_money}",
        value=value,
        risk=risk,
    )
    write_beyond(ax, value, at, said)
