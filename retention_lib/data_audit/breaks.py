"""At which dates do the records change, by how much, and which figures does that move?

Days come in as one small table, :class:`retention_lib.results.Break` go out. A change that shows
in several series is one break, of the series that shows it most clearly. Settings were fixed on
simulated shops, so that one in twenty at most has a false alarm of any kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from retention_lib import stats
from retention_lib.data_audit import closures
from retention_lib.results import Break, Closures, Fitness, Touched
from retention_lib.stats import Floats

FEWEST_DAYS: Final = 90  # of history; what is shorter has no pattern yet
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
_SPIKE_DAYS: Final = 3
_SPIKE: Final = 20.0  # times what was to be expected
_SPIKE_SHARE: Final = 0.05  # of all customers until then
_SPIKE_FEWEST: Final = 10
_SILENT: Final = 28  # days without a new customer, at least
_SILENT_SHARE: Final = 0.1  # of the history
_STOPPED: Final = 7.0  # evidence
_PAUSED: Final = 20.0
_CUT_DAYS: Final = 14
_CUT: Final = 0.25  # of what was to be expected of the last days
_STRAY_DAYS: Final = 182  # at the beginning
_BESIDE: Final = 56  # days beside the first and the last ones
_NEXT_TO_NOTHING: Final = 0.05
_HELD_ALIKE: Final = 0.5  # of the days closed in one window that the other must hold as well
_UNFIT_GAP: Final = 0.25  # of a window without records
_UNFIT_LEVEL: Final = math.log(3)
_PEAK: Final = ((10, 20), (1, 20))  # month and day: here a season cannot be told from a shift

Days = tuple[date, date]  # first and last
Kind = Literal[
    "gap",
    "closed",
    "level",
    "tax",
    "acquisition_stops",
    "acquisition_starts",
    "migration",
    "mid_life",
    "truncated_start",
    "truncated_end",
]


@dataclass(frozen=True)
class Daily:
    """What breaks are found in.

    Attributes
    ----------
    days
        As :func:`retention_lib.summaries.daily.daily` gives it: only days with rows.
    first_date, as_of
        First and last day of the history.
    has_amounts
        Whether orders have a value.
    prices
        As :func:`retention_lib.summaries.daily.prices` gives it; empty without prices.
    value_change, price_change
        What customers' order values, and products' prices, did across a day:
        :func:`retention_lib.summaries.daily.value_change` and ``price_change``.
    cycle_days
        The purchase cycle, if there is one.
    starts_mid_life
        Whether the business was under way already (notebook 02 says so).
    windows
        First and last day of the prior window and of the window; none without a rate.
    """

    days: pd.DataFrame
    first_date: date
    as_of: date
    has_amounts: bool = True
    prices: pd.DataFrame | None = None
    value_change: Callable[[date], dict[str, Any]] | None = None
    price_change: Callable[[date], dict[str, Any]] | None = None
    cycle_days: int | None = None
    starts_mid_life: bool = False
    windows: Sequence[Days] = ()

    def by_day(self, table: pd.DataFrame, column: str) -> Floats:
        """Return a column of every day of the history, 0 where there is none."""
        days = pd.date_range(self.first_date, self.as_of, freq="D")
        own = pd.Series(table[column].to_numpy(dtype=float), pd.DatetimeIndex(table["day"]))
        return np.asarray(own.reindex(days, fill_value=0.0), dtype=float)

    def day(self, number: int) -> date:
        """Return the day of a number."""
        return self.first_date + timedelta(days=int(number))

    def number(self, day: date) -> int:
        """Return the number of a day."""
        return (day - self.first_date).days


@dataclass(frozen=True)
class _Series:
    """The series of every day, as far as found breaks leave them to be looked at."""

    customers: Floats
    new: Floats
    rows: Floats
    money: Floats
    log_value: Floats
    valued: Floats


def breaks(daily: Daily) -> list[Break]:
    """Return the dates at which the records change, in the order of their days."""
    series = _Series(
        *(
            daily.by_day(daily.days, name)
            for name in ("customers", "new_customers", "rows", "money", "log_value", "valued")
        )
    )
    found = list(_mid_life(daily, series))
    if len(series.customers) >= FEWEST_DAYS and series.customers.sum() > 0:
        empty = closures.found(series.customers, daily.day, _GAP, _RECURS)
        spikes = list(_migrations(daily, series.new, series.customers))
        flow = list(_acquisition(daily, series))
        found += [_of_run(daily, run) for run in empty]
        found += spikes + flow + list(_shifts(daily, series, empty, spikes + flow))
        found += _ends(daily, series.customers)
    found.sort(key=lambda it: (it.start, it.kind))
    closed = closed_days(found, daily.windows)
    return [it.model_copy(update={"touches": _touched(it, daily.windows, closed)}) for it in found]


# --- days without sales -------------------------------------------------------


def _of_run(daily: Daily, run: closures.Closure) -> Break:
    days = run.end - run.start + 1
    return _break(
        "closed" if run.recurs else "gap",
        "customers",
        daily.day(run.start),
        daily.day(run.end),
        run.expected / days,
        run.found / days,
    )


# --- customers who buy for the first time ------------------------------------


def acquisition_stop(first_purchases: pd.DataFrame, first_date: date, as_of: date) -> date | None:
    """Return the first day from which on nobody buys for the first time; None where some do.

    No new customer in the last tenth of the history, 28 days at least, though the rate of the
    quarter before, or of the whole history if that is lower, would have brought some.

    Parameters
    ----------
    first_purchases
        Columns day, new_customers; days without any may be left out.
    """
    daily = Daily(first_purchases, first_date, as_of)
    at = _stop(daily.by_day(first_purchases, "new_customers"))
    return None if at is None else daily.day(at)


def _stop(new: Floats) -> int | None:
    if len(new) < FEWEST_DAYS or not new.any():
        return None
    last = int(np.flatnonzero(new)[-1])
    silent = len(new) - 1 - last
    if silent <= max(_SILENT, _SILENT_SHARE * len(new)):
        return None
    before = new[: last + 1]
    rate = min(float(before.mean()), float(before[-_SILENT:].mean()), float(before[-91:].mean()))
    return last + 1 if rate * silent >= _STOPPED else None


def _acquisition(daily: Daily, series: _Series) -> Iterator[Break]:
    """Yield where customers stop to come for the first time, or start to after a silence."""
    at = _stop(series.new)
    if at is not None:
        before = _mean(series.new[max(0, at - 91) : at])
        yield _break("acquisition_stops", "new_customers", daily.day(at), None, before, 0.0)
    for start, end in _silences(series, len(series.new) if at is None else at):
        sides = _mean(series.new[max(0, start - 91) : start]), _mean(series.new[end + 1 : end + 92])
        if start <= max(_SILENT, _SILENT_SHARE * len(series.new)):
            first = daily.day(end + 1)
            yield _break("acquisition_starts", "new_customers", first, None, 0.0, sides[1])
        else:
            days = daily.day(start), daily.day(end)
            yield _break("acquisition_stops", "new_customers", *days, sides[0], 0.0)


def _silences(series: _Series, until: int) -> Iterator[tuple[int, int]]:
    """Yield stretches in which known customers buy, and nobody for the first time."""
    days = np.flatnonzero(series.new[:until])
    for last, following in pairwise(days):
        start, end = int(last) + 1, int(following) - 1
        length = end - start + 1
        if length <= max(_SILENT, _SILENT_SHARE * len(series.new)):
            continue
        around = series.new[max(0, start - length) : start], series.new[end + 1 :][:length]
        expected = min(_mean(side) for side in around) * length
        if expected >= _PAUSED and series.customers[start : end + 1].sum() >= expected:
            yield start, end


def _migrations(daily: Daily, new: Floats, customers: Floats) -> Iterator[Break]:
    """Yield days on which a bulk of customers is dated to have bought first."""
    left = new.copy()
    for _ in range(_SPIKE_DAYS):
        at = _steepest(left)
        start, end = _trimmed(left, at, at + _SPIKE_DAYS)
        usual = _usual_new(left, start, end)
        bulk = float(left[start:end].sum())
        excess = bulk - usual
        enough = excess >= max(_SPIKE_FEWEST, _SPIKE_SHARE * left[:end].sum())
        if start < 7 or not enough or bulk < _SPIKE * usual:
            return
        days = daily.day(start), daily.day(end - 1)
        yield _break(
            "migration", "new_customers", *days, usual / (end - start), bulk / (end - start)
        )
        left[start:end] = usual / (end - start)


def _steepest(new: Floats) -> int:
    """Return the day on which most new customers come within three days, against those around."""
    sums = np.convolve(new, np.ones(_SPIKE_DAYS), "valid")
    around = np.convolve(new, np.ones(2 * _BESIDE), "same")[: len(sums)] - sums
    against = sums / (np.maximum(around, 0) * _SPIKE_DAYS / (2 * _BESIDE) + _SPIKE_DAYS)
    against[:7] = 0  # at the beginning everybody is new
    return int(against.argmax())


def _trimmed(new: Floats, start: int, end: int) -> tuple[int, int]:
    """Return the days of a spike that hold it: not those at its ends with a tenth of the highest."""
    high = np.flatnonzero(new[start:end] >= 0.1 * new[start:end].max(initial=0.0))
    return (start + int(high[0]), start + int(high[-1]) + 1) if len(high) else (start, end)


def _usual_new(new: Floats, start: int, end: int) -> float:
    """Return how many new customers so many days have around a spike: the busier side's mean."""
    sides = (new[max(0, start - 56) : start], new[end : end + 56])
    return max(_mean(side) for side in sides) * (end - start)


def _mid_life(daily: Daily, series: _Series) -> Iterator[Break]:
    """Yield the first day, where notebook 02 says that the business was under way by then."""
    if not daily.starts_mid_life:
        return
    cycle = daily.cycle_days or _SILENT
    later = _mean(series.new[cycle : 3 * cycle])
    yield _break(
        "mid_life", "new_customers", daily.first_date, None, _mean(series.new[:cycle]), later
    )


# --- levels -------------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    """A shift of one series."""

    series: Literal["rows", "customers", "money", "order_value", "unit_price"]
    shift: stats.Shift
    tax: bool = False


def _shifts(
    daily: Daily, series: _Series, empty: Sequence[closures.Closure], known: Sequence[Break]
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
        kind: Kind = "tax" if it.tax else "level"
        yield _break(kind, it.series, daily.day(at), None, *_levels(it, series))


def _levels(found: _Found, series: _Series) -> tuple[float, float]:
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
        _mean(values[max(0, shift.at - _BESIDE) : shift.at]),
        _mean(values[shift.at :][:_BESIDE]),
    )
    return sides if (sides[1] - sides[0]) * shift.size > 0 else (shift.before, shift.after)


def _explains(daily: Daily, known: Break, at: int) -> bool:
    start, end = daily.number(known.start), daily.number(known.end or known.start)
    fades = _FADES if known.kind in ("acquisition_stops", "acquisition_starts") else _ONE_BREAK
    return start - _ONE_BREAK <= at <= end + fades


def _candidates(
    daily: Daily, series: _Series, empty: Sequence[closures.Closure], known: Sequence[Break]
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


def _of_means(daily: Daily, series: _Series, judged: np.ndarray) -> Iterator[_Found]:
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


def _of_value(daily: Daily, series: _Series, judged: np.ndarray) -> Iterator[_Found]:
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


# --- the first and the last days ------------------------------------------------


def _ends(daily: Daily, customers: Floats) -> Iterator[Break]:
    """Yield where the first or the last days hold far less than those beside them.

    That a month ends in its middle is no break: windows count back from the last day, and figures
    by month hatch what is not complete.
    """
    start = _thin_start(customers)
    if start is not None:
        sides = _mean(customers[start : start + _BESIDE]), _mean(customers[:start])
        days = daily.first_date, daily.day(start - 1)
        yield _break("truncated_start", "customers", *days, *sides)
    end = None if _around_new_year(daily.as_of) else _thin_end(customers)
    if end is not None:
        at, expected = end
        days = daily.day(at), daily.as_of
        sides = expected / (len(customers) - at), _mean(customers[at:])
        yield _break("truncated_end", "customers", *days, *sides)


def _around_new_year(day: date) -> bool:
    return (day.month == 12 and day.day > 20) or (day.month == 1 and day.day < 15)


def _thin_start(customers: Floats) -> int | None:
    """Return the first day of the records proper, where stray days come before it.

    The level must be there at once, which that of a shop that has just opened is not.
    """
    spread = stats.dispersion(customers)
    for start in range(_SPIKE_DAYS, min(_STRAY_DAYS, len(customers) - _BESIDE)):
        beside = _mean(customers[start : start + _BESIDE])
        held = float(customers[:start].sum())
        soon = _mean(customers[start : start + 14]), float(customers[start])
        at_once = soon[0] >= 0.5 * beside and soon[1] >= _CUT * beside
        thin = held <= _NEXT_TO_NOTHING * beside * start
        if at_once and thin and stats.too_few(held, beside * start) / spread >= _GAP:
            return start
    return None


def _thin_end(customers: Floats) -> tuple[int, float] | None:
    """Return the first of the last days that have far less than the weeks before, if any."""
    spread, clearest = stats.dispersion(customers), None
    for days in range(2, _CUT_DAYS + 1):
        start = len(customers) - days
        if start < _BESIDE:
            break
        expected = float(stats.by_weekday(customers[:start], start, start + days).sum())
        held = float(customers[start:].sum())
        if held <= _CUT * expected and stats.too_few(held, expected) / spread >= _GAP:
            clearest = (start, expected)
    return clearest


# --- what a break does ----------------------------------------------------------


def _break(
    kind: Kind, series: Any, start: date, end: date | None, before: float, after: float
) -> Break:
    return Break(
        kind=kind, series=series, start=start, end=end, before=before, after=after, touches=[]
    )


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.0


_MOVES: Final[dict[Kind, tuple[Touched, ...]]] = {
    "gap": ("revenue", "cycle", "clv", "forecast"),
    "closed": (),
    "level": ("clv", "forecast"),
    "tax": ("revenue", "clv", "forecast"),
    "acquisition_stops": ("retained_rate", "new_customers", "clv", "forecast"),
    "acquisition_starts": ("new_customers", "clv"),
    "migration": ("cycle", "second_purchase_rate", "new_customers", "clv"),
    "mid_life": ("cycle", "second_purchase_rate", "new_customers", "clv"),
    "truncated_start": (),
    "truncated_end": (),
}


def _touched(found: Break, windows: Sequence[Days], closed: Closures | None) -> list[Touched]:
    """Return the figures that a break moves, given where the two windows lie."""
    inside = in_windows(found, windows)
    moved: list[Touched] = list(_MOVES[found.kind])
    if found.kind == "closed" and inside and closed is not None and closed.held != "alike":
        moved.append("retained_rate")
    if found.kind in ("gap", "migration", "truncated_start", "truncated_end") and inside:
        moved.append("retained_rate")
    if found.kind == "level" and found.series in ("customers", "rows", "money"):
        moved.append("revenue")
    if found.kind == "level" and found.series == "customers" and inside:
        moved.append("retained_rate")
    return moved


def in_windows(found: Break, windows: Sequence[Days]) -> bool:
    """Say whether a break lies in one of the two windows of the retained rate."""
    if not windows:
        return False
    last = found.end or found.start
    return found.start <= windows[-1][1] and last >= windows[0][0]


def closed_days(found: Iterable[Break], windows: Sequence[Days]) -> Closures | None:
    """Return how many days of yearly closures the two windows hold; None without either."""
    closed = [it for it in found if it.kind == "closed"]
    if not windows or not closed:
        return None
    prior, window = (sum(_shared(it, days) for it in closed) for days in windows)
    least = min(prior, window) >= _HELD_ALIKE * max(prior, window)
    held = "alike" if least else "more" if window > prior else "fewer"
    return Closures.model_validate({"prior_days": prior, "window_days": window, "held": held})


def _shared(found: Break, days: Days) -> int:
    last = min(found.end or found.start, days[1])
    return max(0, (last - max(found.start, days[0])).days + 1)


def severity(found: Break, windows: Sequence[Days]) -> Fitness:
    """Return the best verdict that a break leaves on the figures it touches.

    A quarter of a window without records, or a third of the customers from a day within them on,
    leaves no rate; the same before the windows only asks for care. What touches no figure, harms
    none.
    """
    if not found.touches:
        return "fit"
    if not in_windows(found, windows):
        return "fit with care"
    if found.kind == "gap":
        parts = (_shared(found, days) / ((days[1] - days[0]).days + 1) for days in windows)
        return "unfit" if max(parts) >= _UNFIT_GAP else "fit with care"
    if found.kind == "level" and found.series == "customers" and found.before and found.after:
        apart = abs(math.log(found.after / found.before))
        return "unfit" if apart >= _UNFIT_LEVEL else "fit with care"
    return "fit with care"
