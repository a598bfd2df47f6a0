"""What became of the forecasts that earlier reports have published?"""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from retention_lib.plots.clv.forecast_lines import name_dates
from retention_lib.plots.style import COLOURS, figure, grid, in_counts, in_few, key
from retention_lib.speech import Speech

_WIDEST: Final = 1.6  # times the largest number at the axis' end; longer ranges are cut there
_MARGIN: Final = 0.12  # of the time shown, on either side of it
_LONE: Final = 30.0  # days on either side of a day that is alone
_MANY: Final = 26  # forecasts; more are drawn finer
_GREEN: Final = COLOURS["predicted"]
_SQUARE: Final[Any] = {"marker": "s", "color": _GREEN, "markerfacecolor": "white", "linestyle": ""}
_AHEAD: Final[Any] = _SQUARE | {"markerfacecolor": COLOURS["faint"]}
_INSIDE: Final[Any] = {"marker": "o", "color": COLOURS["all"], "linestyle": ""}
_CAME: Final[dict[str, Any]] = {
    "inside": _INSIDE,
    "outside": _INSIDE | {"marker": "D", "color": COLOURS["lost"]},
    "not judged": _INSIDE | {"marker": "X", "color": COLOURS["muted"]},
}


class _Forecast(NamedTuple):
    due: float
    purchases: float
    range: tuple[float, float]
    actual: float
    outcome: str

    @property
    def kind(self) -> str:
        return "outside" if self.outcome in ("above", "below") else self.outcome

    @property
    def is_due(self) -> bool:
        return not np.isnan(self.actual)


@figure()
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Draw published forecasts on the day that each is due, with its range, and what came.

    A hollow square is what was predicted, the line its range; grey and dashed until it is due. A
    black dot is what came, a red diamond if outside the range, a grey cross if that cannot be
    judged. A range that reaches beyond the axis ends in an arrow.

    Parameters
    ----------
    frame
        Columns day, due (dates), purchases, low, high (NaN without a range), actual (NaN where
        nothing is counted), outcome ("inside", "above", "below", "not judged", "not due").
    """
    forecasts = _forecasts(frame)
    end, size = _end(forecasts), 1.0 if len(forecasts) <= _MANY else 0.55
    _time(ax, frame, speech)
    ax.set_ylim(0, end)
    for forecast in forecasts:
        _forecast(ax, forecast, end, size)
    in_few(ax.yaxis, 5)
    ax.yaxis.set_major_formatter(in_counts(speech))
    ax.set_ylabel(speech.text("Purchases until then"))
    grid(ax, "y")
    key(ax, _kinds(forecasts, speech))


def _forecasts(frame: pd.DataFrame) -> list[_Forecast]:
    return [
        _Forecast(
            pd.Timestamp(row["due"]).toordinal(),
            row["purchases"],
            (row["low"], row["high"]),
            row["actual"],
            row["outcome"],
        )
        for row in frame.to_dict("records")
    ]


def _end(forecasts: list[_Forecast]) -> float:
    """Return where the axis ends, which one wide range alone does not move."""
    numbers = [(forecast.purchases, forecast.actual) for forecast in forecasts]
    largest = max(1.0, float(np.nanmax(numbers)))
    widest = float(np.nanmax([0.0, *(forecast.range[1] for forecast in forecasts)]))
    return 1.08 * max(min(widest, _WIDEST * largest), largest)


def _time(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Set the axis of the days on which forecasts are due, and name it."""
    days: list[date] = sorted({pd.Timestamp(day).date() for day in frame["due"]})
    first, last = days[0].toordinal(), days[-1].toordinal()
    margin = _MARGIN * (last - first) or _LONE
    ax.set_xlim(first - margin, last + margin)
    name_dates(ax, days, speech)
    ahead = (pd.to_datetime(frame["due"]) - pd.to_datetime(frame["day"])).dt.days
    shortest, longest = int(ahead.min()), int(ahead.max())
    ax.set_xlabel(
        speech.text("Day on which the forecast is due, {days:days} after its own", days=longest)
        if shortest == longest
        else speech.text(
            "Day on which the forecast is due, {shortest:count} to {longest:days} after its own",
            shortest=shortest,
            longest=longest,
        )
    )


def _forecast(ax: Axes, forecast: _Forecast, end: float, size: float) -> None:
    x, (low, high) = forecast.due, forecast.range
    dashes = "solid" if forecast.is_due else (0, (3, 2))
    if not np.isnan(low):
        ax.vlines(x, low, min(high, end), color=_GREEN, linewidth=1.8 * size, linestyle=dashes)
        for y in (y for y in forecast.range if y <= end):
            ax.plot([x], [y], "_", color=_GREEN, markersize=9 * size, markeredgewidth=1.8 * size)
        if high > end:
            ax.plot([x], [end], "^", color=_GREEN, markersize=7 * size, clip_on=False)
    square = _SQUARE if forecast.is_due else _AHEAD
    ax.plot([x], [forecast.purchases], **_sized(square, 9.5 * size), zorder=4)
    if forecast.is_due:
        ax.plot([x], [forecast.actual], **_sized(_CAME[forecast.kind], 6.5 * size), zorder=5)


def _sized(look: dict[str, Any], size: float) -> dict[str, Any]:
    edge = 0.19 * size if look["marker"] == "s" else 1.0
    return look | {"markersize": size, "markeredgewidth": edge}


def _kinds(forecasts: list[_Forecast], speech: Speech) -> list[Artist]:
    """Return what the marks mean, of those that are drawn."""
    solid = any(one.is_due for one in forecasts)
    dashed = any(not one.is_due for one in forecasts)
    names = {
        "inside": speech.text("came: inside"),
        "outside": speech.text("came: outside"),
        "not judged": speech.text("came: not judged"),
    }
    drawn = {one.kind for one in forecasts if one.is_due}
    came = [(_sized(_CAME[kind], 6.5), said) for kind, said in names.items() if kind in drawn]
    due = [(_sized(_SQUARE, 9.5), speech.text("predicted"))] if solid else []
    ahead = [(_sized(_AHEAD, 9.5), speech.text("not due yet"))] if dashed else []
    return [Line2D([], [], **look, label=name) for look, name in [*due, *came, *ahead]]
