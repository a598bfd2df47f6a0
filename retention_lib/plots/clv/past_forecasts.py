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
_PRINTED: Final[Any] = {
    "marker": "s",
    "color": COLOURS["predicted"],
    "markersize": 9,
    "linestyle": "",
}
_BEFORE: Final[Any] = _PRINTED | {
    "markerfacecolor": "white",
    "markeredgewidth": 1.5,
    "markersize": 7,
}
_PALE: Final = 0.4  # of the ink of a forecast that was made of less than today's
_SAME: Final = 0.012  # of the axis: nearer to each other two squares are one


class _Forecast(NamedTuple):
    origin: date
    predicted: float
    moved: float
    actual: float
    own: tuple[float, float]
    range: tuple[float, float]
    today: bool
    alike: bool
    height: float

    @property
    def ink(self) -> float:
        return 1.0 if self.alike else _PALE

    @property
    def inside(self) -> bool:
        return self.range[0] <= self.actual <= self.range[1]


@figure(height=lambda frame: 1.55 + _ROW * (_forecasts(frame)[-1].height + 0.6 + _HEAD))
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Draw forecasts as they would have been printed on earlier days, beside what came.

    A square is what would have been printed, a hollow one what it was before earlier errors moved
    it; the thick line is the model's own range, the thin one that widened by earlier errors. A black
    dot is what came, a red diamond if outside the widened range. Forecasts that were made of less
    than today's are pale. Today's forecast stands apart below. A range that reaches beyond the axis
    ends in an arrow.

    Parameters
    ----------
    frame
        Columns origin, end (dates), predicted, moved, actual (occasions; NaN for today's), own_low,
        own_high, low, high, today, alike (bool); the earliest first.
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
    key(ax, _kinds(forecasts, end, speech))


def _forecasts(frame: pd.DataFrame) -> list[_Forecast]:
    """Return the rows with their heights, today's below a gap."""
    rows = frame.sort_values(["today", "origin"], kind="stable").reset_index(drop=True)
    earlier = not rows["today"].all()
    return [
        _Forecast(
            pd.Timestamp(row["origin"]).date(),
            row["predicted"],
            row["moved"],
            row["actual"],
            (row["own_low"], row["own_high"]),
            (row["low"], row["high"]),
            row["today"],
            row["alike"],
            at + (_APART - 1 if row["today"] and earlier else 0.0),
        )
        for at, row in enumerate(rows.to_dict("records"))
    ]


def _end(forecasts: list[_Forecast]) -> float:
    """Return where the axis ends, which one wide range alone does not move."""
    numbers = [(one.predicted, one.moved, one.actual) for one in forecasts]
    largest = max(1.0, float(np.nanmax(numbers)))
    widest = max(one.range[1] for one in forecasts)
    return 1.06 * max(min(widest, _WIDEST * largest), largest)


def _forecast(ax: Axes, forecast: _Forecast, end: float, speech: Speech) -> None:
    green, height, ink = COLOURS["predicted"], forecast.height, forecast.ink
    low, high = forecast.range
    ax.hlines(height, low, min(high, end), color=green, linewidth=1.6, alpha=ink)
    for x in (x for x in forecast.range if x <= end):
        ax.plot([x], [height], "|", color=green, markersize=9, markeredgewidth=1.6, alpha=ink)
    if high > end:
        ax.plot([end], [height], ">", color=green, markersize=7, clip_on=False, alpha=ink)
    own_low, own_high = forecast.own
    ax.hlines(height, own_low, min(own_high, end), color=green, alpha=0.45 * ink, linewidth=13)
    if _is_moved(forecast, end):
        ax.plot([forecast.predicted], [height], **_BEFORE, zorder=4, alpha=ink)
    ax.plot([forecast.moved], [height], **_PRINTED, zorder=4, alpha=ink)
    if forecast.today:
        n = round(forecast.moved)
        beyond(ax, speech.text("expected:\n{n:short_count}", n=n), height)
        return
    marker = _INSIDE if forecast.inside else _OUTSIDE
    ax.plot([forecast.actual], [height], **marker, zorder=5, alpha=ink)
    weight = "normal" if forecast.inside else "bold"
    colour = COLOURS["all"] if forecast.alike else "#666666"
    beyond(ax, speech.short_count(forecast.actual), height, weight=weight, color=colour)


def _is_moved(forecast: _Forecast, end: float) -> bool:
    return abs(forecast.moved - forecast.predicted) > _SAME * end


def _scale(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    days = (pd.to_datetime(frame["end"]) - pd.to_datetime(frame["origin"])).dt.days.max()
    ax.set_xlabel(
        speech.text(
            "Repeat purchases in the {days:days} after each day\n"
            "(thick: the model's own range; thin: widened by earlier errors)"
            if frame["alike"].all()
            else "Repeat purchases in the {days:days} after each day\n"
            "(thick: the model's own range; thin: widened by earlier errors;\n"
            "pale: made when the history was too short)",
            days=days,
        )
    )
    in_few(ax.xaxis)
    ax.xaxis.set_major_formatter(in_counts(speech))
    ax.tick_params(axis="y", length=0)
    grid(ax, "x")


def _kinds(forecasts: list[_Forecast], end: float, speech: Speech) -> list[Artist]:
    """Return what the marks mean, of those that are drawn."""
    earlier = {forecast.inside for forecast in forecasts if not forecast.today}
    kinds = [
        (_PRINTED, speech.text("forecast"), True),
        (_BEFORE, speech.text("unmoved"), any(_is_moved(f, end) for f in forecasts)),
        (_INSIDE, speech.text("came: inside"), True in earlier),
        (_OUTSIDE, speech.text("came: outside"), False in earlier),
    ]
    return [Line2D([], [], **mark, label=name) for mark, name, drawn in kinds if drawn]
