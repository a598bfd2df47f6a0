"""Notebook 05: where should the next effort go? One module a section, and the first screen."""

from __future__ import annotations

from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.recommendations import actions, claims, concentration, first_screen, states
from retention_lib.recommendations.claims import Evidence
from retention_lib.recommendations.first_screen import Answered
from retention_lib.results import Recommendations, Why, why

__all__ = ["Answered", "Evidence", "concentration", "recommend", "states"]

DAYS_PER_YEAR = 365
_UNFIT = why("records_unfit")


def recommend(answered: Answered, evidence: Evidence, by_state: pd.DataFrame) -> Recommendations:
    """Return concentration, tested claims, customers by state, what to do, the first screen.

    Parameters
    ----------
    by_state
        Columns ``state``, ``customers``, ``spend``, ``expected_purchases``, ``clv`` (the last
        two may be missing values); empty without a cycle.
    """
    segments = states.segments(by_state)
    figures: dict[str, Any] = {
        "concentration": concentration.shares(evidence.spend),
        "repeat_revenue_share": answered.retention.repeat_revenue_share,
        "established_revenue_share": _established(answered, evidence.revenue.sum()),
        "claims": claims.tested(evidence, answered.audit.verdict.retention != "unfit"),
        "segments": segments,
        "actions": actions.actions(answered.audit, segments),
        "lines": first_screen.lines(answered),
    }
    return Recommendations.explained(figures, _reasons(figures, answered))


def _established(answered: Answered, total: pd.Series) -> float | None:
    """Return the share of the last year's value from customers won more than a year ago."""
    if answered.cycle.history_days <= DAYS_PER_YEAR:
        return None
    return stats.ratio(total["established_value"], total["year_value"])


def _reasons(figures: dict[str, Any], answered: Answered) -> dict[str, Why | None]:
    """Return why figures are null, if they are, under their pointers."""
    clv, no_value = answered.clv.why_not, why("no_value")
    revenue = answered.retention.why_not.get("/repeat_revenue_share", why("no_amounts"))
    days = answered.cycle.history_days
    young = why("within_a_year", days=days) if days <= DAYS_PER_YEAR else None
    return {
        "/established_revenue_share": young,
        **{
            f"/claims/{n}/ci95": why("count_of_all")
            for n, claim in enumerate(figures["claims"])
            if claim.figure is not None
        },
        "/claims/*": why("claim_not_tested"),
        **{
            f"/actions/{n}/*": why("step_for_all")
            for n, action in enumerate(figures["actions"])
            if action.segment is None
        },
        "/segments/*/expected_purchases": clv.get("/expected_purchases", no_value),
        "/segments/*/expected_value": clv.get("/total_clv", no_value),
        "/actions/*": clv.get("/total_clv", no_value),
        **{
            f"/lines/{n}/*": answered.section(line.name).why_not.get(f"/{line.name}", _UNFIT)
            for n, line in enumerate(figures["lines"])
        },
        "*": revenue,
    }
