"""Notebook 01: can the sales records be trusted?"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from retention_lib.models.purchase_model import MINIMUM_REPEAT_BUYERS
from retention_lib.results import Audit, Check, Fitness, Gate, Verdict, why
from retention_lib.summaries.checks import CHECKS
from retention_lib.transactions import REASONS

MINIMUM_CUSTOMERS = 30
MINIMUM_HISTORY_DAYS = 90
_STOPS = "acquisition_stops"
_CHECKS = {check.name: check for check in CHECKS}
_REASONS = {
    "/retained_rate": why("no_rate_yet"),
    "/checks/*/customers": why("rows_without_customers"),
    "/checks/*/money": why("rows_without_money"),
    "/checks/*/rate_without": why("nothing_to_compare"),
}


@dataclass(frozen=True)
class _Concern:
    """What lowers the verdict beside rows set aside and checks: for retention, and for CLV."""

    name: str
    holds: Callable[[dict[str, Any]], bool]
    retention: Fitness = "fit"
    clv: Fitness = "fit"


_CONCERNS = (
    _Concern(_STOPS, lambda known: known["closed_group"], "fit with care", "fit with care"),
    _Concern("few_customers", lambda known: known["customers"] < MINIMUM_CUSTOMERS, "unfit"),
    _Concern("few_repeat_buyers", lambda known: not known["repeat_buyers"], "unfit", "unfit"),
    _Concern(
        "few_repeat_buyers",
        lambda known: 0 < known["repeat_buyers"] < MINIMUM_REPEAT_BUYERS,
        "fit with care",
        "unfit",
    ),
    _Concern("short_history", lambda known: known["gate"] == "refused", "unfit"),
    _Concern("no_amounts", lambda known: not known["has_money"], clv="unfit"),
)


def audit(
    rows: pd.DataFrame,
    totals: dict[str, Any],
    findings: pd.DataFrame,
    as_of: date,
    rate_without: Callable[[str], float | None],
    gate: Gate,
    has_money: bool,
) -> Audit:
    """Return the audit: what was in the records, what was done with it, and the verdict.

    Parameters
    ----------
    rows
        Columns ``reason`` (null for kept rows) and ``rows``.
    totals
        As :func:`retention_lib.summaries.totals` gives them.
    findings
        Columns ``name``, ``rows``, ``customers`` (may be missing), ``money`` (may be missing).
    rate_without
        The retained rate under the same window without a check's step (without "nothing": as
        used); None where there is none.
    gate
        How far the history reaches: the result of notebook 02.
    has_money
        Whether purchases less returns leave a value above zero.
    """
    kept = int(rows.loc[rows["reason"].isna(), "rows"].sum())
    aside = _set_aside(rows)
    closed_group = acquisition_stops(totals, as_of)
    known = totals | {"closed_group": closed_group, "gate": gate, "has_money": has_money}
    checks = [_check(row, rate_without) for row in findings.to_dict("records")]
    if closed_group:
        checks.append(_stop(totals["customers"]))
    retention, clv = (
        _losses(kept, aside) | _concerns(known, question) | _spoiling(checks)
        for question in ("retention", "clv")
    )
    checks.sort(key=lambda check: -(check.money or 0))
    figures = {
        "rows_in": kept + sum(aside.values()),
        "rows_kept": kept,
        "set_aside": aside,
        **totals,
        "closed_group": closed_group,
        "needed_repeat_buyers": MINIMUM_REPEAT_BUYERS,
        "verdict": Verdict(retention=_fitness(retention), clv=_fitness(clv)),
        "reasons": {"retention": list(retention), "clv": list(clv)},
        "retained_rate": rate_without("nothing"),
        "checks": checks,
    }
    return Audit.explained(figures, _REASONS)


def _set_aside(rows: pd.DataFrame) -> dict[str, int]:
    """Return the rows set aside by their reason, the commonest first."""
    aside = rows.dropna(subset="reason").sort_values(["rows", "reason"], ascending=[False, True])
    return dict(zip(aside["reason"].astype(str), aside["rows"].astype(int).tolist(), strict=True))


def _check(row: dict[Hashable, Any], rate_without: Callable[[str], float | None]) -> Check:
    name = str(row["name"])
    return Check(
        name=name,
        rows=int(row["rows"]),
        customers=None if pd.isna(row["customers"]) else int(row["customers"]),
        money=None if pd.isna(row["money"]) else float(row["money"]),
        action=_CHECKS[name].action if name in _CHECKS else "set aside",
        rate_without=rate_without(name),
    )


def _stop(customers: int) -> Check:
    return Check(
        name=_STOPS, rows=0, customers=customers, money=None, action="counted", rate_without=None
    )


def acquisition_stops(totals: dict[str, Any], as_of: date) -> bool:
    """Say whether no new customer appears in the last tenth of the history (28 days at least)."""
    history = (as_of - totals["first_date"]).days + 1
    if totals["customers"] < MINIMUM_CUSTOMERS or history < MINIMUM_HISTORY_DAYS:
        return False
    return bool((as_of - totals["last_first_purchase"]).days > max(28, 0.1 * history))


# --- what lowers the verdict, and how far ---


def _losses(kept: int, aside: dict[str, int]) -> dict[str, Fitness]:
    shares = {name: rows / (kept + sum(aside.values())) for name, rows in sorted(aside.items())}
    limits = {reason.name: reason.spoils for reason in REASONS if reason.spoils}
    return {
        name: "unfit" if share > limits[name][1] else "fit with care"
        for name, share in shares.items()
        if name in limits and share > limits[name][0]
    }


def _concerns(known: dict[str, Any], question: str) -> dict[str, Fitness]:
    found = {it.name: getattr(it, question) for it in _CONCERNS if it.holds(known)}
    return {name: fitness for name, fitness in found.items() if fitness != "fit"}


def _spoiling(checks: list[Check]) -> dict[str, Fitness]:
    entries = (_CHECKS[check.name] for check in checks if check.name in _CHECKS)
    return {entry.name: entry.spoils for entry in entries if entry.spoils}


def _fitness(concerns: dict[str, Fitness]) -> Fitness:
    if "unfit" in concerns.values():
        return "unfit"
    return "fit with care" if concerns else "fit"
