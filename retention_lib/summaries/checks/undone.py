"""The records as they would be had a step of the audit not been taken."""

from __future__ import annotations

import ibis
from ibis import _

from retention_lib.summaries.checks.register import CHECKS
from retention_lib.transactions import REASONS


def without(rows: ibis.Table, step: str) -> ibis.Table | None:
    """Return the rows in use had the step of a check, or of a reason, not been taken.

    None where that cannot be told. Without the step "nothing" they are those that are used.
    """
    if step == "nothing":
        return rows.filter(_.reason.isnull())
    if any(reason.undone for reason in REASONS if reason.name == step):
        return rows.filter(_.reason.isnull() | (_.reason == step))
    undone = next((check.undone for check in CHECKS if check.name == step), None)
    return undone(rows.filter(_.reason.isnull())) if undone else None
