"""Notebook 01: can the sales records be trusted?"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import pandas as pd

from retention_lib.data_audit.acquisition import acquisition_stop
from retention_lib.data_audit.books import books
from retention_lib.data_audit.evidence import Evidence, Without
from retention_lib.data_audit.moved import closed_days
from retention_lib.data_audit.questions import questions
from retention_lib.data_audit.verdict import (
    closed_group,
    decided,
    lowered,
    unfit,
)
from retention_lib.models.purchase_model import MINIMUM_REPEAT_BUYERS
from retention_lib.results import Audit, Check, Gate, PurchaseSteps, Why, why
from retention_lib.summaries.checks import CHECKS

__all__ = ["Evidence", "Without", "acquisition_stop", "audit", "unfit"]

_CHECKS = {check.name: check for check in CHECKS}
_REASONS = {
    "/retained_rate": why("no_rate_yet"),
    "/checks/*/customers": why("rows_without_customers"),
    "/checks/*/money": why("rows_without_money"),
    "/breaks/*/end": why("goes_on"),
    "/breaks/*": why("no_level"),
    "/closures": why("no_yearly_closure"),
    "/questions/*/rows": why("not_of_rows"),
    "/questions/*/money": why("not_of_rows"),
    "/questions/*/start": why("of_no_day"),
    "/orders": why("no_order_ids"),
    "/years/*/orders": why("no_order_ids"),
    "/years/*/unassigned_orders": why("no_order_ids"),
    "/statuses/*/means": why("status_without_meaning"),
    "/files/*/lines": why("file_without_lines"),
    "/files/*/same_as": why("no_file_alike"),
    "/doubts/*/line": why("no_line_settles"),
    "/control/*": why("not_in_records"),
    "/control_tax": why("no_one_tax"),
    "/unassigned_share": why("no_revenue"),
    "/ahead": why("none_ahead"),
    "*": why("no_amounts"),
}


def audit(
    evidence: Evidence,
    gate: Gate,
    retained_rate: float | None,
    without: Callable[[str], Without],
) -> Audit:
    """Return the audit: what was in the records, what was done with it, and the verdict.

    Parameters
    ----------
    gate
        How far the history reaches: the result of notebook 02.
    retained_rate
        That of all customers; None where there is none yet.
    without
        What that rate and the revenue would be without a step, by the name of its check.
    """
    found = lowered(evidence, gate)
    checks = [_check(row, without) for row in evidence.findings.to_dict("records")]
    checks.sort(key=lambda check: -(check.money or 0))
    figures = {
        "rows_in": evidence.rows_in,
        "rows_kept": evidence.kept,
        "set_aside": evidence.set_aside,
        "purchase_steps": PurchaseSteps(**evidence.purchase_steps),
        **evidence.totals,
        **books(evidence),
        **decided(found),
        "closed_group": closed_group(evidence),
        "needed_repeat_buyers": MINIMUM_REPEAT_BUYERS,
        "retained_rate": retained_rate,
        "checks": checks,
        "breaks": list(evidence.breaks),
        "closures": closed_days(evidence.breaks, evidence.windows),
        "questions": questions(evidence, found, checks),
    }
    return Audit.explained(figures, _not_told(checks, without) | _REASONS)


def _not_told(checks: Sequence[Check], without: Callable[[str], Without]) -> dict[str, Why | None]:
    """Return why rate and revenue without a step cannot be told, by what is null."""
    found: dict[str, Why | None] = {}
    for place, check in enumerate(checks):
        codes = without(check.name)
        found[f"/checks/{place}/rate_without"] = why(codes.no_rate or "no_rate_yet")
        found[f"/checks/{place}/revenue_without"] = why(codes.no_revenue or "no_amounts")
    return found


def _check(row: dict[Hashable, Any], without: Callable[[str], Without]) -> Check:
    name = str(row["name"])
    then = without(name)
    return Check(
        name=name,
        rows=int(row["rows"]),
        rows_read=int(row["rows_read"]),
        customers=None if pd.isna(row["customers"]) else int(row["customers"]),
        money=None if pd.isna(row["money"]) else float(row["money"]),
        action=_CHECKS[name].action if name in _CHECKS else "set aside",
        rate_without=then.rate,
        revenue_without=then.revenue,
    )
