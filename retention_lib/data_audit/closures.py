"""Runs of days without sales: gaps in recording, and closures that come every year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final

from dateutil.easter import EASTER_ORTHODOX, EASTER_WESTERN, easter

from retention_lib import stats
from retention_lib.stats import Floats

FEWEST_DAYS: Final = 3  # of sales, no holidays, that a run must lack
_LONG: Final = 6  # days of sales, which no holidays take
_YEAR: Final = 365.25
_MOVES: Final = 21  # days by which a closure may begin earlier or later than in another year
_ALIKE: Final = 3  # times as long as in another year
_EVERY: Final = 0.5  # of the years it must come in


@dataclass(frozen=True)
class Closure:
    """Days ``start`` to ``end`` by number: customers expected and found, and whether it recurs."""

    start: int
    end: int
    expected: float
    found: float
    recurs: bool


def found(
    customers: Floats, day: Callable[[int], date], least: float, least_if_again: float
) -> list[Closure]:
    """Return runs of days without sales that neither weekdays, holidays nor chance explain.

    Parameters
    ----------
    customers
        Who bought on each day.
    day
        Gives the day of a number.
    least, least_if_again
        The evidence (-ln p) that a run must have, and one that comes in other years as well.
    """
    runs = stats.empty_runs(customers, least_if_again, FEWEST_DAYS)
    runs = [run for run in runs if _working_days(run, day) >= FEWEST_DAYS]
    listed = []
    for run in runs:
        again = _again(run, runs, len(customers))
        if run.evidence >= least or again:
            listed.append(Closure(run.start, run.end, run.expected, run.found, again))
    return listed


def _working_days(run: stats.Run, day: Callable[[int], date]) -> int:
    """Return how many days of sales a run lacks, holidays not counted unless it goes on for long."""
    lacking = [day(run.start + n) for n, is_open in enumerate(run.open_days) if is_open]
    if len(lacking) >= _LONG:
        return len(lacking)
    return sum(not is_holiday(it) for it in lacking)


def _again(run: stats.Run, runs: Sequence[stats.Run], history: int) -> bool:
    """Say whether a run comes at the same time in at least half of the years, two at least."""
    years = {0: run}
    for other in runs:
        apart = round((other.start - run.start) / _YEAR)
        moved = other.start - run.start - apart * _YEAR
        lengths = sorted([run.end - run.start + 1, other.end - other.start + 1])
        if apart and abs(moved) <= _MOVES and lengths[1] <= _ALIKE * lengths[0]:
            years[apart] = other
    possible = int(run.start // _YEAR) + int((history - 1 - run.end) // _YEAR) + 1
    return len(years) >= max(2, _EVERY * possible)


@cache
def is_holiday(day: date) -> bool:
    """Say whether most shops of some country are closed on a day: Christmas, New Year, Easter."""
    if (day.month, day.day) in _HOLIDAYS:
        return True
    for calendar in (EASTER_WESTERN, EASTER_ORTHODOX):
        sunday = easter(day.year, calendar)
        if sunday - timedelta(days=3) <= day <= sunday + timedelta(days=1):
            return True
    return False


_HOLIDAYS: Final = {(12, 24), (12, 25), (12, 26), (12, 31), (1, 1), (1, 2), (1, 6), (1, 7)}
