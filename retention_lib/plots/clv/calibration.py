"""Is the forecast right for each kind of customer?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention_lib.plots.clv.forecast_lines import draw_forecast, name_ends
from retention_lib.plots.style import figure, grid, in_numbers
from retention_lib.speech import Speech


@figure(height=4.3)
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Draw purchases made in the holdout beside those predicted, by earlier repeat purchases.

    Parameters
    ----------
    frame
        Columns label, customers, actual, predicted (mean occasions in the holdout).
    """
    x = np.arange(len(frame), dtype=float)
    made, predicted = (frame[of].to_numpy(dtype=float) for of in ("actual", "predicted"))
    draw_forecast(ax, x, made, predicted, dots=True)
    kinds = zip(frame["label"], frame["customers"], strict=True)
    ax.set_xticks(x, [f"{label}\n{speech.short_count(n)}" for label, n in kinds])
    ax.tick_params(axis="x", labelsize=9)
    ax.set_xlim(-0.4, len(frame) - 1 + 0.4 + 0.13 * len(frame))
    highest = max(made.max(), predicted.max())
    ax.set_ylim(0, 1.12 * highest or 1)
    name_ends(ax, x[-1], made, predicted, (speech.text("made"), speech.text("predicted")))
    in_numbers(ax.yaxis, speech, 1.12 * highest)
    ax.set_xlabel(speech.text("Repeat purchases before the test, and number of customers"))
    ax.set_ylabel(speech.text("Purchases per customer in the test"))
    grid(ax, "y")
