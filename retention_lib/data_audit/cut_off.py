"""First and last days of the records that hold far less than those beside them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from retention_lib import stats
from retention_lib.data_audit.days import Daily, broken, mean
from retention_lib.results import Break
from retention_lib.stats import Floats

_GAP: Final = 13.0  # evidence, -ln p
_SPIKE_DAYS: Final = 3
_CUT_DAYS: Final = 14
_CUT: Final = 0.25  # of what was to be expected of the last days
_STRAY_DAYS: Final = 182  # at the beginning
_BESIDE: Final = 56  # days beside the first and the last ones
_NEXT_TO_NOTHING: Final = 0.05


def ends(daily: Daily, customers: Floats) -> Iterator[Break]:
    """Yield where the first or the last days hold far less than those beside them.

    That a month ends in its middle is no break: windows count back from the last day, and figures
    by month hatch what is not complete.
    """
    start = _thin_start(customers)
    if start is not None:
        sides = mean(customers[start : start + _BESIDE]), mean(customers[:start])
        days = daily.first_date, daily.day(start - 1)
        yield broken("truncated_start", "customers", *days, *sides)
    end = None if _around_new_year(daily.as_of) else _thin_end(customers)
    if end is not None:
        at, expected = end
        days = daily.day(at), daily.as_of
        sides = expected / (len(customers) - at), mean(customers[at:])
        yield broken("truncated_end", "customers", *days, *sides)


def _around_new_year(day: date) -> bool:
    return (day.month == 12 and day.day > 20) or (day.month == 1 and day.day < 15)


def _thin_start(customers: Floats) -> int | None:
    """Return the first day of the records proper, where stray days come before it.

    The level must be there at once, which that of a shop that has just opened is not.
    """
    spread = stats.dispersion(customers)
    for start in range(_SPIKE_DAYS, min(_STRAY_DAYS, len(customers) - _BESIDE)):
        beside = mean(customers[start : start + _BESIDE])
        held = float(customers[:start].sum())
        soon = mean(customers[start : start + 14]), float(customers[start])
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
