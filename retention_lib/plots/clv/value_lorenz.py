"""On how few customers does the value depend?"""

from __future__ import annotations

from typing import Final

import pandas as pd
from matplotlib.axes import Axes

from retention_lib.plots.lorenz import FIFTH, draw_curve, draw_equality, mark_fifth, scale
from retention_lib.plots.style import COLOURS, figure, label
from retention_lib.speech import Speech

_LINE: Final = 16  # points of a line of text
_EVEN: Final = 0.35  # what a fifth holds where the curves leave no room under them


@figure()
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Draw how much of all expected value the most valuable customers hold, beside spend so far.

    Parameters
    ----------
    frame
        Columns customers_share, value_share, spend_share (fractions), each curve with its own
        largest customers first.
    """
    draw_equality(ax, speech)
    muted, dashes = COLOURS["muted"], (0, (5, 1))
    ax.plot(
        frame["customers_share"], frame["spend_share"], color=muted, linewidth=2, linestyle=dashes
    )
    draw_curve(ax, frame, "value_share")
    spent = mark_fifth(ax, frame, "spend_share", muted)
    _name_fifths(ax, mark_fifth(ax, frame, "value_share", COLOURS["value"]), spent, speech)
    scale(ax, speech.text("Share of the whole"), speech)


def _name_fifths(ax: Axes, value: float, spent: float, speech: Speech) -> None:
    """Say what the fifth holds of both, in the curves' colours: under them, or over even ones."""
    part = speech.text("the top {part:share 0} of customers:", part=FIFTH)
    of_value = speech.text("{share:share 0} of expected value", share=value)
    of_spend = speech.text("{share:share 0} of spend so far", share=spent)
    height = 1.0 if max(value, spent) < _EVEN else max(min(value, spent), 0.3)
    colours = (COLOURS["all"], COLOURS["value"], "#666666")
    for at, (said, colour) in enumerate(zip((part, of_value, of_spend), colours, strict=True)):
        label(ax, said, (FIFTH, height), (10, -6 - _LINE * at), weight="bold", color=colour)
