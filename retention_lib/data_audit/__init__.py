"""Notebook 01: can the sales records be trusted?"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import pandas as pd

from retention_lib.data_audit.acquisition import acquisition_stop
from retention_lib.data_audit.books import books
from retention_lib.data_audit.evidence import Evidence
from retention_lib.data_audit.moved import closed_days
from retention_lib.data_audit.verdict import (
    closed_group,
    fitness,
    reasons,
    unfit,
)
from retention_lib.models.purchase_model import MINIMUM_REPEAT_BUYERS
from retention_lib.results import Audit, Check, Gate, Verdict, why
from retention_lib.summaries.checks import CHECKS

__all__ = ["Evidence", "acquisition_stop", "audit", "unfit"]

_CHECKS = {check.name: check for check in CHECKS}
_REASONS = {
    "/retained_rate": why("no_rate_yet"),
    "/checks/*/customers": why("rows_without_customers"),
    "/checks/*/money": why("rows_without_money"),
    "/checks/*/rate_without": why("nothing_to_compare"),
    "/checks/*/revenue_without": why("nothing_to_compare"),
    "/breaks/*/end": why("goes_on"),
    "/breaks/*": why("no_level"),
    "/closures": why("no_yearly_closure"),
    "/questions/*/rows": why("not_of_rows"),
    "/questions/*/money": why("not_of_rows"),
    "/questions/*/start": why("of_no_day"),
    "/orders": why("no_order_ids"),
    "/years/*/orders": why("no_order_ids"),
    "/statuses/*/means": why("status_without_meaning"),
    "/files/*/lines": why("file_without_lines"),
    "/files/*/same_as": why("no_file_alike"),
    "/doubts/*/line": why("no_line_settles"),
    "/control/*": why("not_in_records"),
    "/ahead": why("none_ahead"),
    "*": why("no_amounts"),
}


def audit(evidence: Evidence, gate: Gate, rate_without: Callable[[str], float | None]) -> Audit:
    """Return the audit: what was in the records, what was done with it, and the verdict.

    Parameters
    ----------
    gate
        How far the history reaches: the result of notebook 02.
    rate_without
        The retained rate under the same window without a check's step (without "nothing": as
        used); None where there is none.
    """
    lowered = reasons(evidence, gate)
    checks = [_check(row, rate_without) for row in evidence.findings.to_dict("records")]
    checks.sort(key=lambda check: -(check.money or 0))
    figures = {
        "rows_in": evidence.kept + sum(evidence.set_aside.values()),
        "rows_kept": evidence.kept,
        "set_aside": evidence.set_aside,
        **evidence.totals,
        **books(evidence),
        "closed_group": closed_group(evidence),
        "needed_repeat_buyers": MINIMUM_REPEAT_BUYERS,
        "verdict": Verdict(**{name: fitness(found) for name, found in lowered.items()}),
        "reasons": {name: list(found) for name, found in lowered.items()},
        "spoilt": {
            name: [reason for reason, left in found.items() if left == "unfit"]
            for name, found in lowered.items()
        },
        "retained_rate": rate_without("nothing"),
        "touches": {},
        "checks": checks,
        "breaks": list(evidence.breaks),
        "closures": closed_days(evidence.breaks, evidence.windows),
        "questions": [],
    }
    return Audit.explained(figures, _REASONS)


def _check(row: dict[Hashable, Any], rate_without: Callable[[str], float | None]) -> Check:
    name = str(row["name"])
    return Check(
        name=name,
        rows=int(row["rows"]),
        rows_read=int(row["rows"]),
        customers=None if pd.isna(row["customers"]) else int(row["customers"]),
        money=None if pd.isna(row["money"]) else float(row["money"]),
        action=_CHECKS[name].action if name in _CHECKS else "set aside",
        rate_without=rate_without(name),
        revenue_without=None,
    )
