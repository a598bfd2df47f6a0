"""Notebook 02: how often do customers really buy, and how long must one watch them?"""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.results import Cycle, Gate, Period, Unit, Window

CYCLES_PER_WINDOW = 3
# the median of fewer returns is noise: of 31 customers it once said a day where it was three weeks
MINIMUM_BACK = 30
SETTLED_SHARE = 0.95
_LATER = "Not estimated yet: this version gives the cycle without {what}."
_MONTHS: dict[Unit, int] = {"month": 1, "quarter": 3}


def cycle(
    gaps: pd.DataFrame, waits: pd.DataFrame, pairs: pd.DataFrame, first_date: date, as_of: date
) -> Cycle:
    """Return the purchase cycle, the window of at least three of them, and the gate.

    Parameters
    ----------
    gaps, waits, pairs
        As :func:`retention_lib.summaries.gaps`, ``waits`` and ``last_gap_pairs`` give them.
    first_date, as_of
        First and last day of the history.
    """
    found = _found(gaps, waits, pairs)
    history = (as_of - first_date).days + 1
    window = None if found["cycle_days"] is None else window_for(found["cycle_days"], as_of)
    gate, lifts_on = _gate(found["cycle_days"], window, first_date, as_of)
    figures = found | {
        "history_days": history,
        "window": window,
        "gate": gate,
        "gate_lifts_on": lifts_on,
        "cycle_ci95": None,
        "regularity_ci95": None,
        "rhythm": None,
        "season_strength": None,
        "pinned": None,
    }
    return Cycle(**figures, why_not=_why_not(figures))


def return_curve(gaps: pd.DataFrame, waits: pd.DataFrame) -> pd.DataFrame:
    """Return the weighted return curve, every customer counted once (definitions: Wang-Chang)."""
    single = waits.assign(weight=waits["single"])
    return stats.return_curve(gaps[["days", "weight"]], single[["days", "weight"]])


def pooled_curve(gaps: pd.DataFrame, waits: pd.DataFrame) -> pd.DataFrame:
    """Return Kaplan and Meier's curve of all gaps and waits, which favours frequent buyers."""
    return stats.return_curve(
        gaps.assign(weight=gaps["gaps"])[["days", "weight"]],
        waits.assign(weight=waits["waits"])[["days", "weight"]],
    )


def _found(gaps: pd.DataFrame, waits: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, Any]:
    curve, pooled = return_curve(gaps, waits), pooled_curve(gaps, waits)
    customers = int(waits["waits"].sum())
    tau = stats.horizon(curve, customers)
    found = _cycle_and_bounds(curve, tau, customers) | {
        "tau_days": tau,
        "not_back_share": None if tau is None else float(curve["not_back"][tau]),
        "naive_median_gap_days": stats.weighted_median(gaps["days"], gaps["gaps"]),
        "pooled_median_days": _median(pooled, stats.horizon(pooled, customers)),
    }
    two = pairs["previous"], pairs["last"], pairs["customers"]
    return found | {
        "regularity_k_raw": _finite(stats.regularity(*two)),
        "regularity_k": _finite(stats.regularity_corrected(*two)),
    }


def _cycle_and_bounds(curve: pd.DataFrame, tau: int | None, customers: int) -> dict[str, Any]:
    days = _median(curve, tau)
    none = dict.fromkeys(
        ("cycle_days", "settled", "cycle_lower", "cycle_upper", "q75_days", "lapse_days")
    )
    if tau is None or days is None or customers * (1 - curve["not_back"][tau]) < MINIMUM_BACK:
        return none
    earlier = _median(curve, 2 * tau // 3)
    settled = earlier is not None and earlier >= SETTLED_SHARE * days
    return none | {
        "cycle_days": days,
        "settled": settled,
        "cycle_lower": None if settled else days,
        "cycle_upper": None if settled else stats.first_day_at_most(curve, 0.5),
        "q75_days": stats.day_of_share(curve, 0.75, tau),
        "lapse_days": stats.lapse(curve, tau, 2 * days),
    }


def _median(curve: pd.DataFrame, tau: int | None) -> int | None:
    return None if tau is None else stats.day_of_share(curve, 0.5, tau)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def window_for(cycle_days: int, as_of: date) -> Window:
    """Return the smallest whole number of weeks, months or quarters of at least three cycles."""
    need = CYCLES_PER_WINDOW * cycle_days
    if cycle_days < 21:
        weeks = max(1, math.ceil(need / 7))
        return Window(length=weeks, unit="week", days=7 * weeks)
    unit: Unit = "month" if cycle_days < 120 else "quarter"
    length = next(n for n in range(1, need + 1) if _days_back(as_of, n, unit) >= need)
    return Window(length=length, unit=unit, days=_days_back(as_of, length, unit))


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


def windows(window: Window, as_of: date) -> tuple[Period, Period]:
    """Return the prior window and the window that ends on ``as_of``, as closed periods."""
    middle = before(as_of, window.length, window.unit)
    start = before(as_of, 2 * window.length, window.unit)
    day = timedelta(days=1)
    return Period(start=start + day, end=middle), Period(start=middle + day, end=as_of)


def _days_back(as_of: date, length: int, unit: Unit) -> int:
    return (as_of - before(as_of, length, unit)).days


def _gate(
    cycle_days: int | None, window: Window | None, first_date: date, as_of: date
) -> tuple[Gate, date | None]:
    """Return how far the history reaches, and the day on which it will reach further."""
    if cycle_days is None or window is None:
        return "refused", None
    history = (as_of - first_date).days + 1
    gates: tuple[Gate, ...] = ("refused", "one_window", "two_windows")
    for n, gate in enumerate(gates, start=1):
        span = _days_back(as_of, n * window.length, window.unit)
        need = max(n * CYCLES_PER_WINDOW * cycle_days, span)
        if history < need:
            return gate, first_date + timedelta(days=need - 1)
    return "trend", None


def _why_not(figures: dict[str, Any]) -> dict[str, str]:
    sentences = _REASONS | (_no_cycle(figures) if figures["cycle_days"] is None else {})
    if figures["settled"]:
        sentences["cycle_upper"] = sentences["cycle_lower"]
    return {f"/{name}": sentences[name] for name, value in figures.items() if value is None}


def _no_cycle(figures: dict[str, Any]) -> dict[str, str]:
    if figures["naive_median_gap_days"] is None:
        why = "No customer has bought on two different days, so there is no gap to measure."
    elif figures["tau_days"] is None:
        why = "Fewer than 30 customers can be followed, too few to say when customers come back."
    else:
        why = "Fewer than 30 customers have come back, too few to say when customers do."
    names = (
        "cycle_days",
        "settled",
        "cycle_lower",
        "cycle_upper",
        "q75_days",
        "lapse_days",
        "window",
        "gate_lifts_on",
        "pooled_median_days",
        "not_back_share",
        "tau_days",
        "naive_median_gap_days",
    )
    return dict.fromkeys(names, why)


_REASONS = {
    "cycle_lower": "The cycle is settled, so it needs no bounds.",
    "cycle_upper": "No upper bound: at no time had half of all customers come back.",
    "lapse_days": "The history is too short to see after which silence customers stay away.",
    "pooled_median_days": "Fewer than 30 customers can be followed.",
    "regularity_k_raw": "No customer has two gaps of different length to compare.",
    "regularity_k": "No customer has two gaps of different length to compare.",
    "gate_lifts_on": "The history already reaches the last gate.",
    "cycle_ci95": _LATER.format(what="its interval"),
    "regularity_ci95": _LATER.format(what="the interval of its regularity"),
    "rhythm": _LATER.format(what="rhythms of the calendar"),
    "season_strength": _LATER.format(what="the season"),
    "pinned": "No definitions are pinned: every run estimates the cycle afresh.",
}
