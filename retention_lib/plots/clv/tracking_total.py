"""Is the forecast right when added up?"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from retention_lib.plots.clv.tracking import draw_weeks
from retention_lib.plots.style import figure
from retention_lib.speech import Speech


@figure()
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Draw the repeat purchases up to each week beside those predicted.

    The weeks that the forecast had not seen are shaded.

    Parameters
    ----------
    frame
        Columns week_ends (date), made, made_total, predicted_total (repeat occasions up to the
        week's end; NaN where the forecast says nothing), held_out (bool).
    """
    made, predicted = (_last(frame[of]) for of in ("made_total", "predicted_total"))
    names = (
        speech.text("made:\n{n:short_count}", n=made),
        speech.text("predicted:\n{n:short_count}", n=predicted),
    )
    draw_weeks(ax, frame, ("made_total", "predicted_total"), names, speech)
    ax.set_ylabel(speech.text("Repeat purchases so far"))


def _last(total: pd.Series) -> int:
    """Return the last known total, 0 where none is."""
    known = total.dropna()
    return round(known.iloc[-1]) if len(known) else 0
