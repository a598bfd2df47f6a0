"""The figure of notebook 04 that asks how right the forecast would have been before."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from retention_lib.plots.style import (
    COLOURS,
    SMALL,
    axes,
    entitle,
    grid,
    in_counts,
    in_few,
    key,
    nothing,
    styled,
)
from retention_lib.speech import Speech

_ROW: Final = 0.4  # inches
_HEAD: Final = 1.0  # rows from the top down to the first forecast
_APART: Final = 1.5  # rows from the last earlier forecast down to today's
_WIDEST: Final = 1.6  # times the largest number at the axis' end; longer ranges are cut there
_INSIDE: Final = ("o", COLOURS["all"])
_OUTSIDE: Final = ("D", COLOURS["lost"])


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


@styled
def plot_record(
    frame: pd.DataFrame, speech: Speech, *, ax: Axes | None = None, title: str = ""
) -> Axes:
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
    speech
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if frame.empty:
        return nothing(ax, title, speech)
    forecasts = _forecasts(frame)
    lowest = forecasts[-1].height
    ax = axes(ax, 1.55 + _ROW * (lowest + 0.6 + _HEAD))
    end = _end(forecasts)
    for forecast in forecasts:
        _forecast(ax, forecast, end, speech)
    _today(ax, forecasts, speech)
    ax.set_yticks(
        [forecast.height for forecast in forecasts],
        [_named(forecast, speech) for forecast in forecasts],
    )
    ax.set_ylim(lowest + 0.6, -_HEAD)
    if not forecasts[0].today:
        _right(ax, speech.text("came:"), 0.3 - _HEAD, "normal")
    ax.set_xlim(0, end)
    _scale(ax, frame, speech)
    key(ax, _kinds(forecasts, speech))
    entitle(ax, title)
    return ax


def _forecasts(frame: pd.DataFrame) -> list[_Forecast]:
    """Return the rows with their heights, today's below a gap."""
    rows = frame.sort_values(["today", "origin"], kind="stable").reset_index(drop=True)
    earlier = int((~rows["today"].astype(bool)).sum())
    return [
        _Forecast(
            pd.Timestamp(row["origin"]).date(),
            float(row["predicted"]),
            float(row["actual"]),
            (float(row["own_low"]), float(row["own_high"])),
            (float(row["low"]), float(row["high"])),
            bool(row["today"]),
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
    _square(ax, forecast.predicted, height)
    if forecast.today:
        said = speech.text("expected:\n{n}", n=speech.short_count(round(forecast.predicted)))
        weight = "normal"
    else:
        marker, colour = _INSIDE if forecast.inside else _OUTSIDE
        ax.plot([forecast.actual], [height], marker, color=colour, markersize=6, zorder=5)
        said, weight = speech.short_count(forecast.actual), "normal" if forecast.inside else "bold"
    _right(ax, said, height, weight)


def _square(ax: Axes, x: float, height: float) -> None:
    ax.plot(
        [x],
        [height],
        "s",
        markerfacecolor="white",
        markeredgecolor=COLOURS["predicted"],
        markeredgewidth=1.8,
        markersize=9.5,
        zorder=4,
    )


def _right(ax: Axes, said: str, height: float, weight: str) -> None:
    ax.annotate(
        said,
        (1, height),
        xycoords=ax.get_yaxis_transform(),
        xytext=(10, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL,
        weight=weight,
    )


def _today(ax: Axes, forecasts: list[_Forecast], speech: Speech) -> None:
    """Part today's forecast, if it is there, from the earlier ones."""
    if forecasts[-1].today and len(forecasts) > 1:
        between = forecasts[-1].height - _APART / 2
        ax.axhline(between, color=COLOURS["muted"], linewidth=1, linestyle=":")


def _named(forecast: _Forecast, speech: Speech) -> str:
    day = speech.date(forecast.origin)
    return speech.text("today:\n{day}", day=day) if forecast.today else day


def _scale(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    days = (pd.to_datetime(frame["end"]) - pd.to_datetime(frame["origin"])).dt.days.max()
    ax.set_xlabel(
        speech.text(
            "Repeat purchases in the {days} after each day\n"
            "(thick: the model's own range; thin: widened by earlier errors)",
            days=speech.days(days),
        )
    )
    in_few(ax.xaxis)
    ax.xaxis.set_major_formatter(in_counts(speech))
    ax.tick_params(axis="y", length=0)
    grid(ax, "x")


def _kinds(forecasts: list[_Forecast], speech: Speech) -> list[Artist]:
    """Return what the marks mean, of those that are drawn."""
    earlier = [forecast for forecast in forecasts if not forecast.today]
    kinds: list[Artist] = [
        Line2D(
            [],
            [],
            marker="s",
            color=COLOURS["predicted"],
            markerfacecolor="white",
            markeredgewidth=1.8,
            markersize=9.5,
            label=speech.text("predicted"),
        )
    ]
    for (marker, colour), inside, name in (
        (_INSIDE, True, speech.text("came: inside")),
        (_OUTSIDE, False, speech.text("came: outside")),
    ):
        if any(forecast.inside == inside for forecast in earlier):
            kinds.append(
                Line2D([], [], marker=marker, color=colour, linestyle="", markersize=6, label=name)
            )
    return kinds
