"""Notebook 03: do customers come back?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.results import Cycle, Period, Retention
from retention_lib.retention_rate.cohorts import cohort_means, cohort_rates, horizon_rates

__all__ = ["cohort_means", "cohort_rates", "horizon_rates", "retention"]

_RATED = ("two_windows", "trend")


def retention(
    cycle: Cycle,
    periods: tuple[Period, Period] | None,
    counts: pd.DataFrame | None,
    second: pd.DataFrame | None,
    revenue: pd.DataFrame,
) -> Retention:
    """Return the counts of two windows and the rates they give, each with its interval.

    Parameters
    ----------
    cycle
        The result of notebook 02: its gate decides what may be said.
    periods
        The prior window and the window; None without a cycle.
    counts, second, revenue
        As :func:`retention_lib.summaries.counts.window_counts`, ``second_purchases`` and
        :func:`retention_lib.summaries.revenue.revenue` give them; counts and second None without a cycle.
    """
    figures: dict[str, Any] = dict.fromkeys(_names()) | {"parts": [], "contractual": []}
    if periods is not None:
        figures |= {"window": periods[1]}
    if periods is not None and counts is not None and cycle.gate in _RATED:
        figures |= {"prior": periods[0]} | _rates(counts.sum())
    if second is not None and cycle.gate != "refused":
        figures |= _second(second.sum())
    spent = revenue.sum()
    figures["repeat_revenue_share"] = stats.ratio(spent["repeat_value"], spent["value"])
    return Retention(**figures, why_not=_why_not(figures, cycle))


def _names() -> list[str]:
    return [name for name in Retention.model_fields if name != "why_not"]


def _rates(total: pd.Series) -> dict[str, Any]:
    """Return counts and rates of two windows; the identity of the counts must hold."""
    count = {name: int(total[name]) for name in total.index if name != "grp"}
    start, end, new, kept = count["start"], count["end"], count["new"], count["retained"]
    first, first_kept = count["first_time"], count["first_time_retained"]
    resurrected, lost = end - new - kept, start - kept
    if min(resurrected, lost) < 0 or end - start != new + resurrected - lost:
        raise AssertionError("the counts of the two windows contradict each other")
    return {
        "start_customers": start,
        "new_customers": new,
        "end_customers": end,
        "retained_customers": kept,
        "resurrected_customers": resurrected,
        "lost_customers": lost,
        "returning_customers": start - first,
        "first_time_customers": first,
        "formula_rate": (end - new) / start if start else None,
        "quick_ratio": (new + resurrected) / lost if lost else None,
        **_rate("retained", kept, start),
        **_rate("returning", kept - first_kept, start - first),
        **_rate("first_time", first_kept, first),
    }


def _second(total: pd.Series) -> dict[str, Any]:
    customers = int(total["customers"])
    return _rate("second_purchase", int(total["again"]), customers) | {
        "second_purchase_customers": customers
    }


def _rate(name: str, part: int, whole: int) -> dict[str, Any]:
    if not whole:
        return {f"{name}_rate": None, f"{name}_ci95": None}
    return {f"{name}_rate": part / whole, f"{name}_ci95": stats.wilson(part, whole)}


def _why_not(figures: dict[str, Any], cycle: Cycle) -> dict[str, str]:
    sentences = _too_short(cycle) if cycle.gate not in _RATED else _REASONS
    return {
        f"/{name}": _ALWAYS.get(name) or sentences.get(name) or sentences["any"]
        for name, value in figures.items()
        if value is None
    }


def _too_short(cycle: Cycle) -> dict[str, str]:
    if cycle.cycle_days is None:
        return {"any": cycle.why_not["/cycle_days"]}
    if cycle.gate == "refused":
        sentence = (
            f"Too little history: {cycle.history_days} days, three cycles need "
            f"{_need(cycle)}; it will do on {cycle.gate_lifts_on}."
        )
    else:
        sentence = (
            f"One window only: {cycle.history_days} days of history, a period rate needs two "
            f"windows of {_need(cycle)} days; it will do on {cycle.gate_lifts_on}."
        )
    return {"any": sentence}


def _need(cycle: Cycle) -> int:
    days = cycle.pinned.cycle_days if cycle.pinned else cycle.cycle_days or 0
    return 0 if cycle.window is None else max(cycle.window.days, 3 * days)


_NOBODY = "Nobody bought in the prior window, so there is no one to keep."
_REASONS = {
    "any": _NOBODY,
    "returning_rate": "Every customer of the prior window bought there for the first time.",
    "returning_ci95": "Every customer of the prior window bought there for the first time.",
    "first_time_rate": "No customer of the prior window bought there for the first time.",
    "first_time_ci95": "No customer of the prior window bought there for the first time.",
    "quick_ratio": "No customer was lost, so nothing can be set against the gains.",
    "second_purchase_rate": "No customer has been seen for a whole window after the first purchase.",
    "second_purchase_ci95": "No customer has been seen for a whole window after the first purchase.",
}
_ALWAYS = {
    "repeat_revenue_share": "The records carry no amounts above zero.",
    "mix_effect": "There is no comparison with an earlier day yet.",
    "rate_effect": "There is no comparison with an earlier day yet.",
    "previous": "There is no comparison with an earlier run yet.",
    "no_churn_expectation": "What the rate would be if nobody left is not computed by this version.",
}
