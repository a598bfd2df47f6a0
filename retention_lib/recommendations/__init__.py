"""Notebook 05: where should the next effort go? One module a section, and the first screen."""

from __future__ import annotations

from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.recommendations import actions, claims, concentration, first_screen, states
from retention_lib.recommendations.claims import Evidence
from retention_lib.recommendations.first_screen import Answered
from retention_lib.results import Recommendations, null_pointers, why

__all__ = ["Answered", "Evidence", "concentration", "recommend", "states"]

DAYS_PER_YEAR = 365


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
        "claims": claims.tested(evidence),
        "segments": segments,
        "actions": actions.actions(answered.audit, segments),
        "lines": first_screen.lines(answered),
    }
    nulls = null_pointers(Recommendations.model_construct(**figures).figures())
    why_not = {at: _why(at.split("/")[1:], figures, answered) for at in nulls}
    return Recommendations(**figures, why_not=why_not)


def _established(answered: Answered, total: pd.Series) -> float | None:
    """Return the share of the last year's value from customers won more than a year ago."""
    if answered.cycle.history_days <= DAYS_PER_YEAR:
        return None
    return stats.ratio(total["established_value"], total["year_value"])


def _why(at: list[str], figures: dict[str, Any], answered: Answered) -> Any:
    """Return why a figure is null, by the parts of its pointer."""
    match at:
        case ["established_revenue_share"] if answered.cycle.history_days <= DAYS_PER_YEAR:
            return why("within_a_year", days=answered.cycle.history_days)
        case ["claims", n, "ci95"] if figures["claims"][int(n)].figure is not None:
            return why("count_of_all")
        case ["claims", *_]:
            return why("claim_not_tested")
        case ["actions", n, *_] if figures["actions"][int(n)].segment is None:
            return why("step_for_all")
        case ["segments", _, "expected_purchases"]:
            return answered.clv.why_not.get("/expected_purchases", why("no_value"))
        case ["segments", _, "expected_value"] | ["actions", *_]:
            return answered.clv.why_not.get("/total_clv", why("no_value"))
        case ["lines", n, _]:
            name = figures["lines"][int(n)].name
            return answered.section(name).why_not[f"/{name}"]
    return answered.retention.why_not.get("/repeat_revenue_share", why("no_amounts"))
