"""Can the records carry a retention rate, and a customer value? What lowers the verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from retention_lib.data_audit.books import control
from retention_lib.data_audit.evidence import Evidence
from retention_lib.models.purchase_model import MINIMUM_REPEAT_BUYERS
from retention_lib.results import Fitness, Gate, Verdict, Why, why
from retention_lib.summaries.checks import CHECKS
from retention_lib.transactions import REASONS

MINIMUM_CUSTOMERS: Final = 30
MINIMUM_HISTORY_DAYS: Final = 90
STOPS: Final = "acquisition_stops"
SHORT: Final = "short_history"
_OWN_REASONS: Final = {SHORT, "few_repeat_buyers", "no_amounts"}
_CHECKS: Final = {check.name: check for check in CHECKS}


@dataclass(frozen=True)
class _Concern:
    """What lowers the verdict beside rows set aside and checks: for retention, and for CLV."""

    name: str
    holds: Callable[[Evidence, Gate], bool]
    retention: Fitness = "fit"
    clv: Fitness = "fit"
    forecast: Fitness = "fit"


_CARE: Final[tuple[Fitness, ...]] = ("fit with care", "fit with care", "fit with care")
_CONCERNS = (
    _Concern(STOPS, lambda known, _: closed_group(known), *_CARE),
    _Concern(
        "few_customers", lambda known, _: known.totals["customers"] < MINIMUM_CUSTOMERS, "unfit"
    ),
    _Concern(
        "few_repeat_buyers",
        lambda known, _: not known.totals["repeat_buyers"],
        "unfit",
        "unfit",
        "unfit",
    ),
    _Concern(
        "few_repeat_buyers",
        lambda known, _: 0 < known.totals["repeat_buyers"] < MINIMUM_REPEAT_BUYERS,
        "fit with care",
        "unfit",
        "unfit",
    ),
    _Concern(SHORT, lambda _, gate: gate == "refused", "unfit"),
    _Concern("no_amounts", lambda known, _: not known.has_money, clv="unfit"),
    _Concern("dated_ahead", lambda known, _: known.ahead is not None, *_CARE),
    _Concern("doubts", lambda known, _: bool(known.doubts), *_CARE),
    # money that is missing is purchases that are missing, and the other way round
    _Concern("control", lambda known, _: not all(it.meets for it in control(known)), *_CARE),
)


def reasons(evidence: Evidence, gate: Gate) -> dict[str, dict[str, Fitness]]:
    """Return what lowers each verdict, and to what: ``{"retention": {"few_customers": "unfit"}}``.

    Parameters
    ----------
    gate
        How far the history reaches: the result of notebook 02.
    """
    shared = _losses(evidence) | _spoiling(evidence)
    return {
        question: shared | _concerns(evidence, gate, question) for question in Verdict.model_fields
    }


def unfit(evidence: Evidence, gate: Gate, question: str) -> Why | None:
    """Return why a figure is not given for the sake of the records; None where it may be.

    What is too short, or has too few buyers or no amounts, has reasons of its own for that.
    """
    spoilt = (name for name, left in reasons(evidence, gate)[question].items() if left == "unfit")
    return why("records_unfit") if set(spoilt) - _OWN_REASONS else None


def fitness(lowered: dict[str, Fitness]) -> Fitness:
    """Return the verdict that is left."""
    if "unfit" in lowered.values():
        return "unfit"
    return "fit with care" if lowered else "fit"


def closed_group(evidence: Evidence) -> bool:
    """Say whether new customers stop before the records do."""
    return acquisition_stops(evidence.totals, evidence.as_of)


def acquisition_stops(totals: dict[str, Any], as_of: date) -> bool:
    """Say whether no new customer appears in the last tenth of the history (28 days at least)."""
    history = (as_of - totals["first_date"]).days + 1
    if totals["customers"] < MINIMUM_CUSTOMERS or history < MINIMUM_HISTORY_DAYS:
        return False
    return bool((as_of - totals["last_first_purchase"]).days > max(28, 0.1 * history))


def _losses(evidence: Evidence) -> dict[str, Fitness]:
    aside = evidence.set_aside
    total = evidence.kept + sum(aside.values())
    limits = {reason.name: reason.spoils for reason in REASONS if reason.spoils}
    return {
        name: "unfit" if rows / total > limits[name][1] else "fit with care"
        for name, rows in sorted(aside.items())
        if name in limits and rows / total > limits[name][0]
    }


def _concerns(evidence: Evidence, gate: Gate, question: str) -> dict[str, Fitness]:
    held = (it for it in _CONCERNS if it.holds(evidence, gate))
    found = {it.name: getattr(it, question) for it in held}
    return {name: fitness for name, fitness in found.items() if fitness != "fit"}


def _spoiling(evidence: Evidence) -> dict[str, Fitness]:
    """Return what checks leave of a verdict, where they touch as many of the rows in use as it takes."""
    table = evidence.findings
    rows = dict(zip(table["name"], table["rows"], strict=True))
    entries = (_CHECKS[name] for name in rows if name in _CHECKS)
    return {
        entry.name: entry.spoils
        for entry in entries
        if entry.spoils and rows[entry.name] > entry.spoils_from * evidence.kept
    }
