"""The figure of concentration: how much depends on a few customers?"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from retention_lib.plots.lorenz import FIFTH, draw_curve, draw_equality, mark_fifth, scale
from retention_lib.plots.style import figure, label
from retention_lib.speech import Speech


@figure()
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Draw how much of all spend the largest customers hold.

    Parameters
    ----------
    frame
        Columns customers_share, spend_share (fractions), the largest customers first.
    """
    draw_equality(ax, speech)
    draw_curve(ax, frame, "spend_share")
    _name_fifth(ax, mark_fifth(ax, frame, "spend_share"), speech)
    scale(ax, speech.text("Share of all spend"), speech)


def _name_fifth(ax: Axes, held: float, speech: Speech) -> None:
    said = speech.text(
        "{part:share 0} of customers:\n{share:share 0} of spend", part=FIFTH, share=held
    )
    below = held > 0.35
    label(ax, said, (FIFTH, held), (10, -6 if below else 6), weight="bold")
