"""At which dates do the records change, by how much, and which figures does that move?

Days come in as one small table, :class:`retention_lib.results.Break` go out. A change that shows
in several series is one break, of the series that shows it most clearly. Settings were fixed on
simulated shops, so that one in twenty at most has a false alarm of any kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from retention_lib import stats
from retention_lib.data_audit import closures
from retention_lib.data_audit.acquisition import acquisition, mid_life, migrations
from retention_lib.data_audit.cut_off import ends
from retention_lib.data_audit.days import FEWEST_DAYS, Daily, Series, broken, mean
from retention_lib.data_audit.moved import closed_days, touched
from retention_lib.results import Break, BreakKind
from retention_lib.stats import Floats

_GAP: Final = 13.0  # evidence, -ln p
_RECURS: Final = 9.0  # evidence of a closure that another year has as well
_CLEAR: Final = 5.0  # standard errors, of counts that fall
_CLEAR_RISE: Final = 5.5  # and of counts that rise, as those of a young shop do
_CLEAR_MEANS: Final = 6.0  # and of means
_HINT: Final = 3.5  # from here on customers, or products, are asked one by one
_OWN: Final = 4.0  # standard errors of what each of them did
_FEWEST_PAIRS: Final = 20
_SMALLEST: Final = 0.4  # log ratio of a shift of counts
_SMALLEST_MEAN: Final = {"rows": 0.25, "money": 0.3, "order_value": 0.045, "unit_price": 0.03}
TAXES: Final = (5, 7, 8, 9, 10, 17, 18, 19, 20, 21, 22, 23, 25, 27)  # per cent
_CLOSE: Final = 0.006  # a log ratio this near to a tax is that tax, or two standard errors
_FAR: Final = 0.045  # beyond this it is none, however uncertain the ratio
_ONE_BREAK: Final = 28  # days within which changes of several series are one
_FIRST_YEAR: Final = 364
_FADES: Final = 16 * 7  # days for which sales fall after the last new customer
_BESIDE: Final = 56  # days beside the first and the last ones
_PEAK: Final = ((10, 20), (1, 20))  # month and day: here a season cannot be told from a shift


def breaks(daily: Daily) -> list[Break]:
    """Return the dates at which the records change, in the order of their days."""
    series = Series(
        *(
            daily.by_day(daily.days, name)
            for name in ("customers", "new_customers", "rows", "money", "log_value", "valued")
        )
    )
    found = list(mid_life(daily, series))
    if len(series.customers) >= FEWEST_DAYS and series.customers.sum() > 0:
        empty = closures.found(series.customers, daily.day, _GAP, _RECURS)
        spikes = list(migrations(daily, series.new, series.customers))
        flow = list(acquisition(daily, series))
        found += [_of_run(daily, run) for run in empty]
        found += spikes + flow + list(_shifts(daily, series, empty, spikes + flow))
        found += ends(daily, series.customers)
    found.sort(key=lambda it: (it.start, it.kind))
    closed = closed_days(found, daily.windows)
    return [it.model_copy(update={"touches": touched(it, daily.windows, closed)}) for it in found]


# --- days without sales -------------------------------------------------------


def _of_run(daily: Daily, run: closures.Closure) -> Break:
    days = run.end - run.start + 1
    return broken(
        "closed" if run.recurs else "gap",
        "customers",
        daily.day(run.start),
        daily.day(run.end),
        run.expected / days,
        run.found / days,
    )


# --- levels -------------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    """A shift of one series."""

    series: Literal["rows", "customers", "money", "order_value", "unit_price"]
    shift: stats.Shift
    tax: bool = False


def _shifts(
    daily: Daily, series: Series, empty: Sequence[closures.Closure], known: Sequence[Break]
) -> Iterator[Break]:
    """Yield shifts of levels, each once, and none that another break explains."""
    found = sorted(_candidates(daily, series, empty, known), key=lambda it: -abs(it.shift.z))
    # who changed prices changed what orders are worth, and the share of money of it
    found.sort(key=lambda it: not it.tax)
    taken: list[int] = []
    for it in found:
        at = it.shift.at
        near = any(abs(at - other) <= _ONE_BREAK for other in taken)
        if near or any(_explains(daily, other, at) for other in known):
            continue
        taken.append(at)
        kind: BreakKind = "tax" if it.tax else "level"
        yield broken(kind, it.series, daily.day(at), None, *_levels(it, series))


def _levels(found: _Found, series: Series) -> tuple[float, float]:
    """Return what a day brings in the eight weeks before and after a shift, or what it is worth.

    Where a season hides the shift in these, it is the levels without that season; prices are an
    index, 100 before.
    """
    shift = found.shift
    if found.series == "unit_price":
        return 100.0, 100 * math.exp(shift.size)
    if found.series == "order_value":
        return shift.before, shift.after
    values: Floats = getattr(series, found.series)
    sides = (
        mean(values[max(0, shift.at - _BESIDE) : shift.at]),
        mean(values[shift.at :][:_BESIDE]),
    )
    return sides if (sides[1] - sides[0]) * shift.size > 0 else (shift.before, shift.after)


def _explains(daily: Daily, known: Break, at: int) -> bool:
    start, end = daily.number(known.start), daily.number(known.end or known.start)
    fades = _FADES if known.kind in ("acquisition_stops", "acquisition_starts") else _ONE_BREAK
    return start - _ONE_BREAK <= at <= end + fades


def _candidates(
    daily: Daily, series: Series, empty: Sequence[closures.Closure], known: Sequence[Break]
) -> Iterator[_Found]:
    runs = [(run.start, run.end) for run in empty]
    runs += [
        (daily.number(it.start), daily.number(it.end or it.start))
        for it in known
        if it.kind == "migration"
    ]
    judged = _out_of_peak(daily)
    counts = stats.filled(series.customers, runs)
    for shift in _of_counts(counts, judged):
        yield _Found("customers", shift)
    yield from _of_means(daily, series, judged)


def _out_of_peak(daily: Daily) -> np.ndarray:
    """Say of each day whether a season is unlikely to begin or end on it: not around the new year."""
    days = pd.date_range(daily.first_date, daily.as_of, freq="D")
    place = days.month * 100 + days.day
    (month, day), (later, last) = _PEAK
    return np.asarray((place < month * 100 + day) & (place > later * 100 + last))


def _of_counts(counts: Floats, judged: np.ndarray) -> Iterator[stats.Shift]:
    """Yield shifts of counts as they are and, from two years on, without their season."""
    season = stats.seasonal(counts)
    if (season == 1).all():
        yield from _scan(counts, judged, 8)
        return
    plain = counts / season
    found = _scan(counts, judged, 8, plain) + _scan(plain, judged, 8)
    for levels in (counts, plain):
        # over a quarter on each side; in its first year a shop is too lively for that
        wide = _scan(levels, judged, 13, plain)
        found += [it for it in wide if it.at >= _FIRST_YEAR or it.size < 0]
    # a peak of the season beside a shift hides its day
    yield from (stats.relocated(_counted(plain), it) for it in found)


def _counted(counts: Floats) -> stats.Levels:
    return stats.Levels(counts, np.ones(len(counts)), is_count=True)


def _scan(
    counts: Floats, judged: np.ndarray, near: int, calm: Floats | None = None
) -> list[stats.Shift]:
    found = stats.level_shifts(
        _counted(counts),
        _CLEAR,
        _SMALLEST,
        near,
        judged=judged,
        calm=None if calm is None else _counted(calm),
    )
    return [it for it in found if it.size < 0 or (it.z >= _CLEAR_RISE and judged[it.at])]


def _of_means(daily: Daily, series: Series, judged: np.ndarray) -> Iterator[_Found]:
    """Yield shifts of what a customer's day, or a product, is worth; and of rows."""
    bought = series.customers
    lines = series.rows / max(series.rows.sum() / max(bought.sum(), 1), 1e-9)
    if not np.allclose(series.rows, bought):
        for shift in _scan_means(lines, bought, "rows", judged):
            yield _Found("rows", shift)
    if daily.has_amounts and series.valued.sum() > 0:
        yield from _of_value(daily, series, judged)
    if daily.prices is not None and len(daily.prices):
        yield from _of_prices(daily, daily.prices, judged)


def _scan_means(
    sums: Floats, weights: Floats, name: str, judged: np.ndarray, least: float = _CLEAR_MEANS
) -> list[stats.Shift]:
    if weights.sum() < 16 * 7:
        return []
    levels = stats.Levels(sums, weights, is_count=False)
    return stats.level_shifts(levels, least, _SMALLEST_MEAN[name], 16, judged=judged)


def _of_value(daily: Daily, series: Series, judged: np.ndarray) -> Iterator[_Found]:
    mean = max(series.money.sum() / max(series.valued.sum(), 1), 1e-9)
    for shift in _scan_means(series.money / mean, series.valued, "money", judged, 7.0):
        yield _Found("money", shift)
    hints = _scan_means(series.log_value, series.valued, "order_value", judged, _HINT)
    yield from _confirmed("order_value", hints, daily.value_change, daily)


def _of_prices(daily: Daily, prices: pd.DataFrame, judged: np.ndarray) -> Iterator[_Found]:
    sums, weights = (daily.by_day(prices, name) for name in ("log_price", "priced"))
    hints = _scan_means(sums, weights, "unit_price", judged, _HINT)
    yield from _confirmed("unit_price", hints, daily.price_change, daily)


def _confirmed(
    name: Literal["order_value", "unit_price"],
    hints: Iterable[stats.Shift],
    change: Callable[[date], dict[str, Any]] | None,
    daily: Daily,
) -> Iterator[_Found]:
    """Yield the shifts that customers, or products, show one by one, by the size these show."""
    for shift in hints:
        told = change(daily.day(shift.at)) if change else None
        z, size, error = abs(shift.z), shift.size, abs(shift.size / shift.z)
        if told is not None:
            if told["n"] < _FEWEST_PAIRS or told["spread"] is None:
                continue
            error = max(told["spread"], 1e-4) / math.sqrt(told["n"])
            middle = told["median"] if name == "unit_price" else told["mean"]
            if abs(middle) < _OWN * error or middle * shift.size <= 0:
                continue
            z, size = max(z, _CLEAR_MEANS), float(middle)
        if z < _CLEAR_MEANS or abs(size) < _SMALLEST_MEAN[name]:
            continue
        ends = math.exp(shift.after - size), math.exp(shift.after)
        sized = shift._replace(before=ends[0], after=ends[1], size=size, z=math.copysign(z, size))
        yield _Found(name, sized, tax=is_tax(size, error))


def is_tax(size: float, error: float = 0.0) -> bool:
    """Say whether a log ratio is that of a price with a tax to one without it, or the reverse."""
    near = max(_CLOSE, min(2 * error, _FAR))
    return any(abs(abs(size) - math.log1p(rate / 100)) <= near for rate in TAXES)
