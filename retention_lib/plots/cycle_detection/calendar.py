"""Do purchases follow a rhythm? The sales of every day, notebook 02."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import date, timedelta
from typing import Final, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from babel.dates import get_day_names
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from retention_lib.plots.dates import month_names
from retention_lib.plots.style import COLOURS, SMALL, figure
from retention_lib.results import RhythmName
from retention_lib.speech import Speech

_MOST_YEARS: Final = 4
_WEEKS: Final = 54  # columns that a leap year which begins on a Sunday needs
_STRIP: Final = 8.2  # rows of a year: seven days and a gap
_HEAD: Final = 1.5  # rows of the names of the months
_FOOT: Final = 2.6  # rows of the key
_ROW: Final = 0.142  # inches
_TINY: Final = 9.0
_SAMPLE: Final = 5.2  # columns of a tone in the key
_LONGEST_NUMBER: Final = 6  # signs that fit on it
_NO_SALES: Final = "#F2F2F2"
_WIDEST, _NARROWEST = 4.0, 1.5  # times the median day at the darkest tone


class _Scale(NamedTuple):
    """Tones by the ratio to the median day: the middle one is that day's, ``reach`` the darkest."""

    median: float
    reach: float

    def tone(self, occasions: float) -> tuple[float, float, float, float]:
        ratio = math.log(occasions / self.median) / math.log(self.reach)
        return _tones()(float(np.clip((ratio + 1) / 2, 0, 1)))

    def steps(self) -> list[int]:
        """Return round numbers from the lightest to the darkest tone, each once."""
        exact = [self.median * self.reach**power for power in (-1, -0.5, 0, 0.5, 1)]
        return sorted({max(1, round(float(f"{occasions:.2g}"))) for occasions in exact})


def _tones() -> LinearSegmentedColormap:
    """Return blues whose lightest stands out from days without sales, in grey print too."""
    tones = mpl.colormaps["Blues"](np.linspace(0.28, 1, 128))
    return LinearSegmentedColormap.from_list("blues", tones)


def _height(frame: pd.DataFrame) -> float:
    return 0.95 + _ROW * (_HEAD + _STRIP * _years(frame) + _FOOT)


def _years(frame: pd.DataFrame) -> int:
    years = frame["day"].dt.year
    return min(_MOST_YEARS, int(years.max() - years.min()) + 1)


@figure(height=_height, known=lambda frame: frame if frame["occasions"].any() else None)
def plot(
    ax: Axes, frame: pd.DataFrame, speech: Speech, rhythms: Collection[RhythmName] = ()
) -> None:
    """Draw on which days customers buy: a strip for each year, weeks across, weekdays down.

    The darker a day, the more purchases; the middle tone is the median day's. Days without any
    are pale and framed, those outside the history blank. Only the latest four years are drawn;
    should they be empty, the tones of the key are those of the years before.

    Parameters
    ----------
    frame
        Columns day (Timestamp; every day of the history), occasions (0 where nothing was sold).
    rhythms
        Those that purchases follow: if the week is one, its busiest day is bold.
    """
    shown = _placed(frame)
    top = _STRIP * _years(frame)
    recent = shown["occasions"]
    scale = _scale(recent if recent.any() else frame["occasions"])
    _days(ax, shown, scale)
    _year_names(ax, shown)
    _weekday_names(ax, shown, "week" in rhythms, speech)
    for at, name in enumerate(month_names(speech)):
        ax.text(2.7 + at * 365.25 / 84, -0.35, name, ha="center", va="bottom", fontsize=SMALL)
    _colour_key(ax, top, scale, bool((recent == 0).any()), speech)
    _frame(ax, top)
    said = speech.text(
        "Days ({n:count} purchases; {typical:count} on a typical day)"
        if recent.median() > 0
        else "Days ({n:count} purchases; {typical:count} on a typical day with sales)",
        n=recent.sum(),
        typical=scale.median,
    )
    ax.set_xlabel(said)


def _placed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the days of the latest years with their places.

    Returns
    -------
    pandas.DataFrame
        day, occasions, year, strip (0 is the earliest year shown), week (column), weekday (row,
        0 is Monday)
    """
    day = pd.DatetimeIndex(frame["day"])
    placed = frame[["day", "occasions"]].assign(
        year=day.year, weekday=day.day_of_week, week=(day.day_of_year - 1 + _begins(day.year)) // 7
    )
    first = max(placed["year"].max() - _MOST_YEARS + 1, placed["year"].min())
    latest: pd.DataFrame = placed[placed["year"] >= first]
    return latest.assign(strip=latest["year"] - first)


def _begins(years: pd.Index) -> pd.Index:
    """Return the weekday on which each year begins."""
    return pd.Index([date(year, 1, 1).weekday() for year in years])


def _scale(occasions: pd.Series) -> _Scale:
    """Return the tones of days by how they stand to the median day."""
    sold = occasions[occasions > 0]
    median = float(occasions.median()) or float(sold.median())
    low, high = sold.quantile([0.025, 0.975])
    reach = max(high / median, median / low)
    return _Scale(median, float(np.clip(reach, _NARROWEST, _WIDEST)))


def _days(ax: Axes, frame: pd.DataFrame, scale: _Scale) -> None:
    places = zip(frame["week"], frame["strip"], frame["weekday"], frame["occasions"], strict=True)
    for week, strip, weekday, occasions in places:
        _cell(ax, week, _STRIP * strip + weekday, 1, occasions, scale)
    known = set(frame["day"].dt.date)
    for year, strip in _strips(frame):
        for month in range(2, 13):
            first = date(year, month, 1)
            if known & {first, first - timedelta(days=1)}:
                _month_border(ax, first, _STRIP * strip)


def _strips(frame: pd.DataFrame) -> list[tuple[int, int]]:
    pairs = frame[["year", "strip"]].drop_duplicates()
    return [(int(year), int(strip)) for year, strip in pairs.itertuples(index=False)]


def _cell(ax: Axes, x: float, y: float, width: float, occasions: float, scale: _Scale) -> None:
    """Draw a day, or a sample of the key: its tone, or a pale frame where nothing was sold."""
    sold = occasions > 0
    ax.add_patch(
        Rectangle(
            (x + 0.06, y + 0.06),
            width - 0.12,
            0.88 if width == 1 else 1.28,
            facecolor=scale.tone(occasions) if sold else _NO_SALES,
            edgecolor="none" if sold else "#C4C4C4",
            linewidth=0.5,
        )
    )


def _month_border(ax: Axes, first: date, top: float) -> None:
    """Draw the line that parts a month from the one before."""
    new_year = date(first.year, 1, 1)
    week, weekday = divmod((first - new_year).days + new_year.weekday(), 7)
    x = [week + 1, week + 1, week, week] if weekday else [week, week]
    y = [0, weekday, weekday, 7] if weekday else [0, 7]
    ax.plot(x, [top + row for row in y], color=COLOURS["muted"], linewidth=0.8)


def _year_names(ax: Axes, frame: pd.DataFrame) -> None:
    for year, strip in _strips(frame):
        middle = _STRIP * strip + 3.5
        ax.text(-5.6, middle, str(year), rotation=90, ha="center", va="center", weight="bold")


def _weekday_names(ax: Axes, frame: pd.DataFrame, follows: bool, speech: Speech) -> None:
    """Name every other weekday, and the busiest where purchases follow the week."""
    names = get_day_names("abbreviated", "stand-alone", speech.locale)
    means = frame.groupby("weekday")["occasions"].mean()
    busiest = int(means.index.to_numpy()[means.argmax()]) if follows else None
    for strip in frame["strip"].unique():
        for weekday in range((busiest or 0) % 2, 7, 2):
            ax.text(
                -0.5,
                _STRIP * strip + weekday + 0.5,
                names[weekday],
                ha="right",
                va="center",
                fontsize=_TINY,
                weight="bold" if weekday == busiest else "normal",
            )


def _colour_key(ax: Axes, top: float, scale: _Scale, pauses: bool, speech: Speech) -> None:
    """Draw the tones below the last strip, from fewer to more purchases."""
    row, right = top + 0.5, 40.5
    left = right - _SAMPLE * len(scale.steps())
    if pauses:
        _cell(ax, 0, row, 1.7, 0, scale)
        ax.text(2.2, row + 0.7, speech.text("no sales"), va="center", fontsize=SMALL)
    _samples(ax, left, row, scale, speech)
    for x, side, said in (
        (left - 0.5, "right", speech.text("fewer")),
        (right + 0.5, "left", speech.text("more purchases")),
    ):
        ax.text(x, row + 0.7, said, ha=side, va="center", fontsize=SMALL)


def _samples(ax: Axes, left: float, row: float, scale: _Scale, speech: Speech) -> None:
    """Write the key's numbers on its tones, every other one where they are long."""
    steps = scale.steps()
    said = [speech.short_count(step) for step in steps]
    every = 2 if max(map(len, said)) > _LONGEST_NUMBER else 1
    for at, step in enumerate(steps):
        x, tone = left + _SAMPLE * at, scale.tone(step)
        _cell(ax, x, row, _SAMPLE, step, scale)
        ax.text(
            x + _SAMPLE / 2,
            row + 0.7,
            said[at] if at % every == 0 else "",
            ha="center",
            va="center",
            fontsize=_TINY,
            color="white" if sum(tone[:3]) < 1.7 else "black",
        )


def _frame(ax: Axes, top: float) -> None:
    ax.set_xlim(-6.2, _WEEKS)
    ax.set_ylim(top + _FOOT - 0.5, -_HEAD)
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)
