"""What the audit looks for: rows with and without each fault, counted by hand."""

from __future__ import annotations

from typing import Any

import ibis
import pandas as pd
import pytest

from retention_lib.summaries import checks
from retention_lib.transactions import REASONS
from tests.conftest import lines


def test_findings_name_rows_customers_and_money() -> None:
    rows = [("a", "2020-01-01", 5.0), ("a", "2020-01-01", 5.0), ("b", "2020-01-02", 0.0)]
    rows += [("b", "2020-01-03", -2.0), (None, "2020-01-03", 3.0)]
    typed = lines(rows).mutate(id_was_decimal=ibis.literal(False))
    reason = ibis.ifelse(typed.customer_id.isnull(), "missing_customer_id", ibis.null("string"))
    found = checks.findings(typed.mutate(reason=reason)).set_index("name")
    assert found["rows"].to_dict() == {
        "missing_customer_id": 1,
        "duplicate_lines": 1,
        "returns_unmatched": 1,
        "zero_amounts": 1,
    }
    assert pd.isna(found.loc["missing_customer_id", "customers"])
    assert found.loc["returns_unmatched", "money"] == 2
    assert found.loc["duplicate_lines", "money"] == 5


def found(rows: list[tuple[Any, ...]], **columns: list[Any]) -> dict[str, int]:
    typed = lines(rows, **columns).mutate(
        id_was_decimal=ibis.literal(False), reason=ibis.null("string")
    )
    table = checks.findings(typed, list(columns))
    return dict(zip(table["name"], table["rows"], strict=True))


@pytest.mark.parametrize(
    ("stray", "rows"), [("1975-01-01", 1), ("2025-01-01", 1), ("2020-06-01", 0)]
)
def test_a_date_far_from_all_others_is_noticed(stray: str, rows: int) -> None:
    days = pd.date_range("2020-01-01", periods=150).strftime("%Y-%m-%d")
    names = found([("a", stray, 1.0), *(("b", day, 2.0) for day in days)])
    assert names.get("isolated_dates", 0) == rows


def test_lines_that_agree_within_an_order_are_its_parts() -> None:
    rows = [("a", "2020-01-01", 5.0)] * 3
    assert found(rows) == {"duplicate_lines": 2}
    assert checks.findings(parts(rows, ["1", "1", "1"])).empty
    assert checks.findings(parts(rows, [None, None, "1"]))["rows"].tolist() == [1]


def parts(rows: list[tuple[Any, ...]], orders: list[str | None]) -> ibis.Table:
    made = lines(rows, order_id=orders)
    return made.mutate(id_was_decimal=ibis.literal(False), reason=ibis.null("string"))


def test_ids_that_differ_only_in_case_or_blanks_are_noticed() -> None:
    rows = [("Ann", "2020-01-01", 5.0), ("ann", "2020-01-02", 5.0), ("A nn", "2020-01-03", 5.0)]
    assert found([*rows, ("bob", "2020-01-01", 5.0)]) == {"ids_by_case": 3}
    assert found([("Ann", "2020-01-01", 5.0), ("bob", "2020-01-01", 5.0)]) == {}


@pytest.mark.parametrize(
    ("doubt", "name"),
    [
        ("reused", "reused_orders"),
        ("amounts_differ", "order_amounts_differ"),
        ("refund_repeated", "refund_repeated"),
    ],
)
def test_what_was_decided_of_an_order_is_noticed(doubt: str, name: str) -> None:
    rows = [("a", "2020-01-01", 5.0), ("b", "2020-01-02", 5.0)]
    assert found(rows, order_doubt=[doubt, None]) == {name: 1}


def test_two_halves_of_a_history_are_not_isolated() -> None:
    days = [f"{year}-01-{day:02}" for year in (2018, 2021) for day in range(1, 29)]
    assert "isolated_dates" not in found([("b", day, 2.0) for day in days])


def test_a_mapped_column_that_changes_nothing_is_named() -> None:
    rows = [("a", "2020-01-01", 5.0), ("a", "2020-01-02", 5.0)]
    assert found(rows, status=["paid", None]) == {"unused_status": 1}


def rest(rows: list[tuple[Any, ...]], step: str, **columns: list[Any]) -> list[float] | None:
    typed = lines(rows, **columns).mutate(id_was_decimal=ibis.literal(False))
    if "reason" not in columns:
        typed = typed.mutate(reason=ibis.null("string"))
    left = checks.without(checks.Records(typed.mutate(also=ibis.null("string"))), step)
    return None if left is None else sorted(left.amount.to_pyarrow().to_pylist())


@pytest.mark.parametrize(
    ("step", "left"),
    [
        ("zero_amounts", [-2.0, 5.0, 5.0]),
        ("returns_unmatched", [0.0, 5.0, 5.0]),
        ("returns_matched", [-2.0, 0.0, 5.0, 5.0]),
        ("duplicate_lines", [-2.0, 0.0, 5.0]),
        ("isolated_dates", None),
        ("missing_date", None),
        ("no such step", None),
    ],
)
def test_a_step_can_be_left_out(step: str, left: list[float] | None) -> None:
    days = ["2020-01-01", "2020-01-01", "2020-01-02", "2020-01-03"]
    rows = [("a", day, amount) for day, amount in zip(days, (5.0, 5.0, 0.0, -2.0), strict=True)]
    assert rest(rows, step) == left


def test_rows_set_aside_can_be_put_back() -> None:
    rows = [("a", "2020-01-01", 1.0), ("a", "2020-01-02", 2.0), ("a", "2020-01-03", 3.0)]
    reason = [None, "cancelled", "zero_amount"]
    assert rest(rows, "cancelled", reason=reason) == [1.0, 2.0]
    assert rest(rows, "zero_amount", reason=reason) == [1.0, 3.0]


def test_no_two_entries_have_one_name() -> None:
    names = [entry.name for entry in (*checks.CHECKS, *REASONS)]
    assert len(names) == len(set(names))
