"""Is the forecast right week by week?"""

from __future__ import annotations

import textwrap
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention_lib.plots.clv.forecast_lines import Heights, draw_forecast, name_dates, name_ends
from retention_lib.plots.style import COLOURS, figure, grid, in_counts, in_numbers, note
from retention_lib.speech import Speech

_WEEK: Final = 7  # days
_ROOM: Final = 0.24  # of the weeks' length, right of them for the lines' names
_NARROW: Final = 0.42  # of the axes: a stretch whose name takes two lines
_LARGE: Final = 100_000  # purchases; from here on the axis writes thousands and millions
_DENSE: Final = 90  # weeks; more are drawn finer


@figure()
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Draw the repeat purchases of each week beside those predicted.

    The weeks that the forecast had not seen are shaded.

    Parameters
    ----------
    frame
        Columns week_ends (date), made, predicted (repeat occasions of the week; NaN where the
        forecast says nothing), held_out (bool).
    """
    names = (speech.text("made"), speech.text("predicted"))
    draw_weeks(ax, frame, ("made", "predicted"), names, speech)
    ax.set_ylabel(speech.text("Repeat purchases in the week"))


def draw_weeks(
    ax: Axes, frame: pd.DataFrame, of: tuple[str, str], names: tuple[str, str], speech: Speech
) -> None:
    """Draw two columns of the frame, made and predicted, over the weeks, each line with its name."""
    weeks = [day.date() for day in pd.to_datetime(frame["week_ends"])]
    x = np.array([day.toordinal() for day in weeks], dtype=float)
    first, last = x[0] - _WEEK, x[-1]
    made, predicted = (frame[name].to_numpy(dtype=float) for name in of)
    highest = float(np.nanmax([1.0, *made, *predicted]))
    ax.set_xlim(first, last + _ROOM * (last - first))
    ax.set_ylim(0, 1.3 * highest)
    _held_out(ax, frame, x, speech)
    lone = min(np.count_nonzero(~np.isnan(one)) for one in (made, predicted)) == 1
    draw_forecast(ax, x, made, predicted, dots=lone, width=2.0 if len(x) <= _DENSE else 1.2)
    name_ends(ax, last, made, predicted, names)
    name_dates(ax, weeks, speech)
    in_numbers(ax.yaxis, speech, 1.3 * highest)
    if highest >= _LARGE:
        ax.yaxis.set_major_formatter(in_counts(speech))
    n = frame["made"].sum()
    ax.set_xlabel(speech.text("Week's end ({n:short_count} repeat purchases in all)", n=n))
    grid(ax, "y")


def _held_out(ax: Axes, frame: pd.DataFrame, x: Heights, speech: Speech) -> None:
    """Shade the weeks that the forecast had not seen, and name them."""
    kept = x[frame["held_out"].to_numpy(dtype=bool)]
    if not len(kept):
        return
    start, end = kept[0] - _WEEK, kept[-1]
    ax.axvspan(start, end, facecolor=COLOURS["faint"], alpha=0.6, linewidth=0, zorder=0)
    left, right = ax.get_xlim()
    wide = (end - start) / (right - left) > _NARROW
    said = speech.text("kept from the forecast")
    note(
        ax,
        said if wide else textwrap.fill(said, 12),
        ((start + end) / 2 if wide else end, 1),
        (0 if wide else -4, -4),
        xycoords=ax.get_xaxis_transform(),
        weight="bold",
        color="#555555",
    )
