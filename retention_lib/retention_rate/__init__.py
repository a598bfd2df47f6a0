"""Notebook 03: do customers come back, and is that good?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.models import no_churn
from retention_lib.models.purchase_model import FitError
from retention_lib.results import (
    ChartPeriod,
    Cycle,
    Gate,
    Lost,
    NoChurn,
    PartKind,
    Period,
    Retention,
)
from retention_lib.retention_rate import counted, subscribers
from retention_lib.retention_rate.cohorts import cohort_means, cohort_rates, horizon_rates
from retention_lib.retention_rate.growth import growth
from retention_lib.retention_rate.parts import Share, rate_parts
from retention_lib.retention_rate.reasons import RATED, why_not
from retention_lib.retention_rate.second_purchase import second_purchase_curve

__all__ = [
    "Evidence",
    "cohort_means",
    "cohort_rates",
    "horizon_rates",
    "rates_at",
    "retention",
    "second_purchase_curve",
]


@dataclass(frozen=True)
class Evidence:
    """What the rates are found from: where to get small weighted frames, each asked for at need.

    Attributes
    ----------
    periods
        The prior window and the window.
    counts, second, state
        As :func:`retention_lib.summaries.counts.window_counts`, ``second_purchases`` and, on the
        last day of the prior window, ``frequency_recency`` give them.
    revenue
        As :func:`retention_lib.summaries.revenue.revenue` gives it.
    flow
        As :func:`retention_lib.summaries.revenue.windows` gives it.
    unassigned
        The money of sales without a customer id, and that of all others.
    activity
        The full periods of a unit: start, end, active, new, retained, resurrected.
    parts
        For each kind of part: part, start, retained, second_customers, second_again.
    charges, subscribers
        As :mod:`retention_lib.summaries.subscriptions` gives them.
    lost, lost_total
        As :func:`retention_lib.summaries.lost.most_valuable` and ``total`` give them.
    """

    periods: tuple[Period, Period]
    counts: Callable[[], pd.DataFrame]
    second: Callable[[], pd.DataFrame]
    state: Callable[[], pd.DataFrame]
    revenue: Callable[[], pd.DataFrame]
    flow: Callable[[], pd.DataFrame]
    unassigned: Callable[[], tuple[float, float]]
    activity: Callable[[ChartPeriod], pd.DataFrame]
    parts: Callable[[], Sequence[tuple[PartKind, pd.DataFrame]]]
    charges: Callable[[], pd.DataFrame]
    subscribers: Callable[[], pd.DataFrame]
    lost: Callable[[], pd.DataFrame]
    lost_total: Callable[[], Mapping[str, float | None]]


def retention(cycle: Cycle, evidence: Evidence | None) -> Retention:
    """Return who came back in the window, read against what it would be if nobody had left.

    Parameters
    ----------
    cycle
        The result of notebook 02: its gate decides what may be said.
    evidence
        Where the frames come from; None without a window.
    """
    figures: dict[str, Any] = dict.fromkeys(_names()) | {"parts": [], "parts_compared": 0}
    figures |= {"contractual": []}
    known: dict[str, str] = {}
    if evidence is not None:
        figures |= {"window": evidence.periods[1]} | rates_at(cycle.gate, evidence)
        figures["unassigned_revenue_share"] = _unassigned(*evidence.unassigned())
        if cycle.gate != "refused" and cycle.chart_period is not None:
            figures["growth"] = growth(cycle.chart_period, evidence.activity(cycle.chart_period))
        if cycle.gate != "refused":
            figures |= _parts(cycle.gate, evidence, figures)
        if cycle.gate in RATED:
            figures |= {"prior": evidence.periods[0], "lost": _lost(evidence)}
            found, known = _no_churn(evidence, figures["start_customers"])
            figures |= found
        if cycle.subscriptions is not None and cycle.subscriptions.reported:
            figures["contractual"], reasons = subscribers.contractual(
                evidence.charges(), evidence.subscribers()
            )
            known |= {f"/contractual{at}": why for at, why in reasons.items()}
    plain = Retention.model_construct(**figures).figures()
    return Retention(**figures, why_not=why_not(plain, cycle, known))


def rates_at(gate: Gate, evidence: Evidence) -> dict[str, Any]:
    """Return the counts, rates and shares that can be held against those of another day."""
    figures: dict[str, Any] = {}
    if gate in RATED:
        figures |= counted.rates(evidence.counts()) | counted.revenue(evidence.flow())
    if gate != "refused":
        figures |= counted.second_purchase(evidence.second())
    spent = evidence.revenue().sum()
    return figures | {"repeat_revenue_share": stats.ratio(spent["repeat_value"], spent["value"])}


def _names() -> list[str]:
    return [name for name in Retention.model_fields if name not in ("why_not", "varied")]


def _unassigned(nobody: float, others: float) -> float | None:
    """Return the share of all revenue that belongs to no customer."""
    return stats.ratio(max(nobody, 0), max(nobody, 0) + others)


def _parts(gate: Gate, evidence: Evidence, figures: dict[str, Any]) -> dict[str, Any]:
    second = evidence.second()
    again = Share(int(second["customers"].sum()), int(second["again"].sum()))
    kept, divisions = Share(0, 0), evidence.parts()
    if gate in RATED:
        kept = Share(figures["start_customers"], figures["retained_customers"])
    else:  # one window only: its customers cannot be held against a prior one
        divisions = [(kind, table.assign(start=0, retained=0)) for kind, table in divisions]
    parts, compared = rate_parts(divisions, kept, again)
    return {"parts": parts, "parts_compared": compared}


def _no_churn(evidence: Evidence, members: int) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what the rate would be if nobody had left, or the sentence why it is not known."""
    if not members:
        return {}, {}
    prior, window = evidence.periods
    lengths = [(period.end - period.start).days + 1 for period in (prior, window)]
    try:
        found = no_churn.expectation(evidence.state(), *lengths)
    except FitError as error:
        return {}, dict.fromkeys(("/no_churn", "/no_churn_expectation"), str(error))
    result = NoChurn.model_validate(vars(found))
    return {"no_churn": result, "no_churn_expectation": result.expectation}, {}


def _lost(evidence: Evidence) -> Lost | None:
    listed, spend = evidence.lost(), evidence.lost_total()["spend"]
    if listed.empty:
        return None
    theirs = None if spend is None else float(listed["prior_spend"].sum())
    share = None if theirs is None or spend is None else stats.ratio(theirs, spend)
    return Lost(customers=len(listed), spend=theirs, share=share)
