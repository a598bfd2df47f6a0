"""How good were earlier forecasts?"""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from retention_lib.plots.rows import beyond
from retention_lib.plots.style import COLOURS, figure, grid, in_counts, in_few, key
from retention_lib.speech import Speech

_ROW: Final = 0.4  # inches
_HEAD: Final = 1.0  # rows from the top down to the first forecast
_APART: Final = 1.5  # rows from the last earlier forecast down to today's
_WIDEST: Final = 1.6  # times the largest number at the axis' end; longer ranges are cut there
_INSIDE: Final[Any] = {"marker": "o", "color": COLOURS["all"], "markersize": 6, "linestyle": ""}
_OUTSIDE: Final[Any] = _INSIDE | {"marker": "D", "color": COLOURS["lost"]}
_SQUARE: Final[Any] = {
    "marker": "s",
    "color": COLOURS["predicted"],
    "markerfacecolor": "white",
    "markeredgewidth": 1.8,
    "markersize": 9.5,
}


class _Forecast(NamedTuple):
    origin: date
    predicted: float
    actual: float
    own: tuple[float, float]
    range: tuple[float, float]
    today: bool
    height: float

    @property
    def inside(self) -> bool:
        return self.range[0] <= self.actual <= self.range[1]


@figure(height=lambda frame: 1.55 + _ROW * (_forecasts(frame)[-1].height + 0.6 + _HEAD))
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Draw forecasts as they would have been made on earlier days, beside what came.

    A hollow square is what was predicted, the thick line the model's own range, the thin one the
    range widened by earlier errors. A black dot is what came, a red diamond if outside the
    widened range. Today's forecast stands apart below. A range that reaches beyond the axis ends
    in an arrow.

    Parameters
    ----------
    frame
        Columns origin, end (dates), predicted, actual (occasions; NaN for today's), own_low,
        own_high, low, high, today (bool); the earliest first.
    """
    forecasts = _forecasts(frame)
    end, last = _end(forecasts), forecasts[-1]
    for forecast in forecasts:
        _forecast(ax, forecast, end, speech)
    if last.today and len(forecasts) > 1:
        between = last.height - _APART / 2
        ax.axhline(between, color=COLOURS["muted"], linewidth=1, linestyle=":")
    named = [
        speech.text("today:\n{origin:date}" if one.today else "{origin:date}", one)
        for one in forecasts
    ]
    ax.set_yticks([one.height for one in forecasts], named)
    ax.set_ylim(last.height + 0.6, -_HEAD)
    if not forecasts[0].today:
        beyond(ax, speech.text("came:"), 0.3 - _HEAD)
    ax.set_xlim(0, end)
    _scale(ax, frame, speech)
    key(ax, _kinds(forecasts, speech))


def _forecasts(frame: pd.DataFrame) -> list[_Forecast]:
    """Return the rows with their heights, today's below a gap."""
    rows = frame.sort_values(["today", "origin"], kind="stable").reset_index(drop=True)
    earlier = not rows["today"].all()
    return [
        _Forecast(
            pd.Timestamp(row["origin"]).date(),
            row["predicted"],
            row["actual"],
            (row["own_low"], row["own_high"]),
            (row["low"], row["high"]),
            row["today"],
            at + (_APART - 1 if row["today"] and earlier else 0.0),
        )
        for at, row in enumerate(rows.to_dict("records"))
    ]


def _end(forecasts: list[_Forecast]) -> float:
    """Return where the axis ends, which one wide range alone does not move."""
    numbers = [(forecast.predicted, forecast.actual) for forecast in forecasts]
    largest = max(1.0, float(np.nanmax(numbers)))
    widest = max(forecast.range[1] for forecast in forecasts)
    return 1.06 * max(min(widest, _WIDEST * largest), largest)


def _forecast(ax: Axes, forecast: _Forecast, end: float, speech: Speech) -> None:
    green, height = COLOURS["predicted"], forecast.height
    low, high = forecast.range
    ax.hlines(height, low, min(high, end), color=green, linewidth=1.6)
    for x in (x for x in forecast.range if x <= end):
        ax.plot([x], [height], "|", color=green, markersize=9, markeredgewidth=1.6)
    if high > end:
        ax.plot([end], [height], ">", color=green, markersize=7, clip_on=False)
    own_low, own_high = forecast.own
    ax.hlines(height, own_low, min(own_high, end), color=green, alpha=0.45, linewidth=13)
    ax.plot([forecast.predicted], [height], **_SQUARE, zorder=4)
    if forecast.today:
        n = round(forecast.predicted)
        beyond(ax, speech.text("expected:\n{n:short_count}", n=n), height)
        return
    marker = _INSIDE if forecast.inside else _OUTSIDE
    ax.plot([forecast.actual], [height], **marker, zorder=5)
    weight = "normal" if forecast.inside else "bold"
    beyond(ax, speech.short_count(forecast.actual), height, weight=weight)


def _scale(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    days = (pd.to_datetime(frame["end"]) - pd.to_datetime(frame["origin"])).dt.days.max()
    ax.set_xlabel(
        speech.text(
            "Repeat purchases in the {days:days} after each day\n"
            "(thick: the model's own range; thin: widened by earlier errors)",
            days=days,
        )
    )
    in_few(ax.xaxis)
    ax.xaxis.set_major_formatter(in_counts(speech))
    ax.tick_params(axis="y", length=0)
    grid(ax, "x")


def _kinds(forecasts: list[_Forecast], speech: Speech) -> list[Artist]:
    """Return what the marks mean, of those that are drawn."""
    earlier = {forecast.inside for forecast in forecasts if not forecast.today}
    marks = [(_SQUARE, speech.text("predicted"))]
    if True in earlier:
        marks.append((_INSIDE, speech.text("came: inside")))
    if False in earlier:
        marks.append((_OUTSIDE, speech.text("came: outside")))
    return [Line2D([], [], **mark, label=name) for mark, name in marks]
