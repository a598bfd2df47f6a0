"""How long must one watch: the window, its calendar days, the gate, and the period of charts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, get_args

import pandas as pd

from retention_lib.client.definitions import Definitions
from retention_lib.results import ChartPeriod, Gate, Period, Pinned, Unit, Window

CYCLES_PER_WINDOW = 3
MOST_RESURRECTED = 0.25
LONGEST_YEAR = 366
_MONTHS: dict[Unit, int] = {"month": 1, "quarter": 3}
_GATES: tuple[Gate, ...] = ("refused", "one_window", "two_windows")
_DAY = timedelta(days=1)


def yardstick(
    found: dict[str, Any], pin: Definitions | None, first_date: date, as_of: date
) -> dict[str, Any]:
    """Return window, gate and lapse: the pinned ones, or those that the fresh cycle asks for.

    Parameters
    ----------
    found
        The fresh cycle with its interval or bounds, and the lapse.
    """
    days = found.get("cycle_days") if pin is None else pin.cycle_days
    window = _window(days, pin, as_of)
    allows, lifts = gate(days, window, first_date, as_of)
    return {
        "window": window,
        "gate": allows,
        "gate_lifts_on": lifts,
        "lapse_days": (pin and pin.lapse_days) or found.get("lapse_days"),
        "pinned": None if pin is None or window is None else _pinned(pin, window, found),
    }


def _window(cycle_days: int | None, pin: Definitions | None, as_of: date) -> Window | None:
    if pin is not None:
        return window_of(pin.window.length, pin.window.unit, as_of)
    return None if cycle_days is None else window_for(cycle_days, as_of)


def _pinned(pin: Definitions, window: Window, found: dict[str, Any]) -> Pinned:
    return Pinned(
        cycle_days=pin.cycle_days,
        window=window,
        lapse_days=pin.lapse_days or 0,
        since=pin.since,
        why=pin.why,
        by_hand=pin.by_hand,
        rebase=_excludes(found, pin.cycle_days),
    )


def _excludes(found: dict[str, Any], pinned_days: int) -> bool:
    """Whether the interval of the fresh cycle, or of its bounds, leaves the pinned one out."""
    if "cycle_days" not in found:
        return False
    low, high = found["cycle_ci95"]
    if not found["settled"]:
        low, high = found["bounds_low"], found["bounds_high"]
    return bool(pinned_days < low or (high is not None and pinned_days > high))


def window_for(cycle_days: int, as_of: date) -> Window:
    """Return the smallest whole number of weeks, months or quarters of at least three cycles."""
    if cycle_days < 21:
        return window_in("week", cycle_days, as_of)
    return window_in("month" if cycle_days < 120 else "quarter", cycle_days, as_of)


def window_in(unit: Unit, cycle_days: int, as_of: date) -> Window:
    """Return the smallest whole number of a unit that is at least three cycles."""
    need = CYCLES_PER_WINDOW * cycle_days
    length = next(n for n in range(1, need + 2) if days_back(as_of, n, unit) >= need)
    return window_of(length, unit, as_of)


def window_of(length: int, unit: Unit, as_of: date) -> Window:
    """Return the window of a length that ends on a day."""
    return Window(length=length, unit=unit, days=days_back(as_of, length, unit))


def before(as_of: date, length: int, unit: Unit) -> date:
    """Return the day so many weeks, months or quarters earlier.

    Months keep the day, clipped to the month's end; from a month's end one lands on one.
    """
    if unit == "week":
        return as_of - timedelta(weeks=length)
    now, months = pd.Timestamp(as_of), length * _MONTHS[unit]
    earlier = (
        now - pd.offsets.MonthEnd(months)
        if now.is_month_end
        else now - pd.DateOffset(months=months)
    )
    return earlier.date()


def days_back(as_of: date, length: int, unit: Unit) -> int:
    """Return how many days so many weeks, months or quarters reach back."""
    return (as_of - before(as_of, length, unit)).days


def windows(window: Window, as_of: date) -> tuple[Period, Period]:
    """Return the prior window and the window that ends on ``as_of``, as closed periods."""
    middle = before(as_of, window.length, window.unit)
    start = before(as_of, 2 * window.length, window.unit)
    return Period(start=start + _DAY, end=middle), Period(start=middle + _DAY, end=as_of)


def year_before(window: Window, first_date: date, as_of: date) -> Period | None:
    """Return the window that ended a year earlier.

    None where the history does not hold it, or where it would overlap with the window itself.
    """
    if window.days > LONGEST_YEAR:
        return None
    _, earlier = windows(window, before(as_of, 12, "month"))
    return earlier if earlier.start >= first_date else None


def gate(
    cycle_days: int | None, window: Window | None, first_date: date, as_of: date
) -> tuple[Gate, date | None]:
    """Return what the history allows, and the day on which it will allow the next step."""
    if cycle_days is None or window is None:
        return "refused", None
    for n, name in enumerate(_GATES, start=1):
        if not _reaches(n, cycle_days, window, first_date, as_of):
            return name, _lifts(n, cycle_days, window, first_date, as_of)
    return "trend", None


def _reaches(n: int, cycle_days: int, window: Window, first_date: date, day: date) -> bool:
    """Whether the history up to a day holds n windows, and three cycles for each."""
    span = days_back(day, n * window.length, window.unit)
    return (day - first_date).days + 1 >= max(n * CYCLES_PER_WINDOW * cycle_days, span)


def _lifts(n: int, cycle_days: int, window: Window, first_date: date, as_of: date) -> date:
    """Return the first day on which the history holds n windows: months differ in length."""
    day = as_of + _DAY
    short = n * CYCLES_PER_WINDOW * cycle_days - ((day - first_date).days + 1)
    day += timedelta(days=max(0, short))
    while not _reaches(n, cycle_days, window, first_date, day):
        day += _DAY
    return day


def chart_period(
    activity: Callable[[ChartPeriod], pd.DataFrame],
) -> ChartPeriod | None:
    """Return the shortest period in which few seem to leave and come back; None if there is none.

    A chart by periods shorter than the cycle shows customers who are merely not due as lost, and
    as resurrected later. At least three full periods are asked for, and at most a quarter
    resurrected among the active, averaged over the full periods after the first.

    Parameters
    ----------
    activity
        Gives the full periods of a unit in their order: columns active, resurrected.
    """
    for unit in get_args(ChartPeriod):
        full = activity(unit)
        later = full.iloc[1:]
        later = later[later["active"] > 0]
        if len(full) < 3 or later.empty:
            continue
        if (later["resurrected"] / later["active"]).mean() <= MOST_RESURRECTED:
            return unit  # type: ignore[no-any-return]
    return None
