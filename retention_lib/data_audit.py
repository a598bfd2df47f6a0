"""Notebook 01: can the sales records be trusted?"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import date
from typing import Any

import pandas as pd

from retention_lib.models.purchase_model import MINIMUM_REPEAT_BUYERS
from retention_lib.results import Audit, Check, Fitness, Gate, Verdict

MINIMUM_CUSTOMERS = 30
MINIMUM_HISTORY_DAYS = 90
_ACTIONS = {
    "zero_amounts": "kept",
    "duplicate_lines": "kept",
    "decimal_ids": "counted",
    "negative_amounts": "netted",
    "acquisition_stops": "counted",
    "isolated_dates": "counted",
    "unused_status": "counted",
    "unused_discount": "counted",
    "unused_account": "counted",
    "unused_cost": "counted",
}
_LOST_SHARE_CARE, _LOST_SHARE_UNFIT = 0.01, 0.10
# sales without a customer say nothing about the others, unless they are many of the sales
_GUEST_SHARE_CARE, _GUEST_SHARE_UNFIT = 0.05, 0.50
# findings that touch every figure: a stray date moves the history, an unused column hides sales
_SPOILS: dict[str, Fitness] = {
    "isolated_dates": "unfit",
    "unused_status": "fit with care",
    "unused_discount": "fit with care",
    "unused_account": "fit with care",
}
# a later day, a zero line, a copy or a cancelled order is left out on purpose: nothing is lost
_BY_CHOICE = {"after_as_of", "zero_amount", "duplicate_line", "cancelled"}


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
    set_aside = rows.dropna(subset="reason")
    kept = int(rows.loc[rows["reason"].isna(), "rows"].sum())
    aside = dict(
        zip(set_aside["reason"].astype(str), set_aside["rows"].astype(int).tolist(), strict=True)
    )
    found = _with_acquisition(findings, totals, as_of)
    checks = [_check(row, rate_without) for row in found.to_dict("records")]
    checks.sort(key=lambda check: -(check.money or 0))
    retention, clv = _concerns(_losses(kept, aside), totals, as_of)
    if gate == "refused":
        retention["short_history"] = "unfit"
    if not has_money:
        clv["no_amounts"] = "unfit"
    for name in found["name"][found["name"].isin(_SPOILS)]:
        retention[name] = clv[name] = _SPOILS[name]
    rate = rate_without("nothing")
    return Audit(
        rows_in=kept + sum(aside.values()),
        rows_kept=kept,
        set_aside=aside,
        **totals,
        verdict=Verdict(retention=_fitness(retention), clv=_fitness(clv)),
        reasons={"retention": list(retention), "clv": list(clv)},
        retained_rate=rate,
        checks=checks,
        why_not=_why_not(rate, checks),
    )


def _check(row: dict[Hashable, Any], rate_without: Callable[[str], float | None]) -> Check:
    name = str(row["name"])
    return Check(
        name=name,
        rows=int(row["rows"]),
        customers=None if pd.isna(row["customers"]) else int(row["customers"]),
        money=None if pd.isna(row["money"]) else float(row["money"]),
        action=_ACTIONS.get(name, "set aside"),  # type: ignore[arg-type]
        rate_without=rate_without(name),
    )


def _why_not(rate: float | None, checks: list[Check]) -> dict[str, str]:
    why_not = {"/retained_rate": "There is no retained rate yet."} if rate is None else {}
    sentences = {
        "customers": "These rows name no customer that could be counted.",
        "money": "No money can be put on this check.",
        "rate_without": "There is no retained rate with and without this step to compare.",
    }
    return why_not | {
        f"/checks/{at}/{field}": sentence
        for at, check in enumerate(checks)
        for field, sentence in sentences.items()
        if getattr(check, field) is None
    }


def acquisition_stops(totals: dict[str, Any], as_of: date) -> bool:
    """Say whether no new customer appears in the last tenth of the history (28 days at least)."""
    history = (as_of - totals["first_date"]).days + 1
    if totals["customers"] < MINIMUM_CUSTOMERS or history < MINIMUM_HISTORY_DAYS:
        return False
    return bool((as_of - totals["last_first_purchase"]).days > max(28, 0.1 * history))


def _with_acquisition(findings: pd.DataFrame, totals: dict[str, Any], as_of: date) -> pd.DataFrame:
    if not acquisition_stops(totals, as_of):
        return findings
    stop = {"name": "acquisition_stops", "rows": 0, "customers": totals["customers"], "money": None}
    return pd.concat([findings, pd.DataFrame([stop]).astype({"money": float})], ignore_index=True)


def _concerns(
    losses: dict[str, Fitness], totals: dict[str, Any], as_of: date
) -> tuple[dict[str, Fitness], dict[str, Fitness]]:
    """Return what lowers the verdict for retention and for CLV, and how far."""
    both = dict(losses)
    if acquisition_stops(totals, as_of):
        both["acquisition_stops"] = "fit with care"
    retention, clv = dict(both), dict(both)
    if totals["customers"] < MINIMUM_CUSTOMERS:
        retention["few_customers"] = "unfit"
    if totals["repeat_buyers"] < MINIMUM_REPEAT_BUYERS:
        clv["few_repeat_buyers"] = "unfit"
        retention["few_repeat_buyers"] = "fit with care" if totals["repeat_buyers"] else "unfit"
    return retention, clv


def _losses(kept: int, aside: dict[str, int]) -> dict[str, Fitness]:
    rows_in = kept + sum(aside.values())
    losses: dict[str, Fitness] = {}
    for reason, rows in aside.items():
        guests = reason == "missing_customer_id"
        care = _GUEST_SHARE_CARE if guests else _LOST_SHARE_CARE
        limit = _GUEST_SHARE_UNFIT if guests else _LOST_SHARE_UNFIT
        if reason not in _BY_CHOICE and rows / rows_in > care:
            losses[reason] = "unfit" if rows / rows_in > limit else "fit with care"
    return losses


def _fitness(concerns: dict[str, Fitness]) -> Fitness:
    if "unfit" in concerns.values():
        return "unfit"
    return "fit with care" if concerns else "fit"
