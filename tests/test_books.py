"""What a bookkeeper would compare: revenue, orders, refunds and statuses, counted by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pytest

from retention_lib.summaries import books
from retention_lib.summaries.occasions import occasions
from tests.conftest import lines

ROWS = [
    ("a", "2023-12-30", 10.0),
    ("a", "2024-01-05", 20.0),
    ("a", "2024-01-05", 5.0),
    ("b", "2024-02-01", 7.5),
    ("b", "2024-03-01", -2.5),
    (None, "2024-02-01", 100.0),
    ("c", "2024-02-02", 1000.0),
]
ORDERS = ["1", "2", "2", "3", "3R", "4", "5"]
REASONS = [None, None, None, None, None, "missing_customer_id", "cancelled"]


def typed(**columns: list[Any]) -> ibis.Table:
    return lines(ROWS, **({"reason": REASONS, "order_id": ORDERS} | columns))


def by(unit: books.Unit, table: ibis.Table) -> dict[str, tuple[float, ...]]:
    made = occasions(table.filter(table.reason.isnull()))
    found = books.by_period(table, made, unit)
    return {row[0]: row[1:] for row in found.itertuples(index=False)}


def test_years_add_up_to_all() -> None:
    # revenue, unassigned, orders, unassigned orders, occasions, customers
    assert by("all", typed()) == {"all": (40.0, 100.0, 3, 1, 3, 2)}
    assert by("year", typed()) == {
        "2023": (10.0, 0.0, 1, 0, 1, 1),
        "2024": (30.0, 100.0, 2, 1, 2, 2),
    }
    assert by("month", typed()) == {
        "2023-12": (10.0, 0.0, 1, 0, 1, 1),
        "2024-01": (25.0, 0.0, 1, 0, 1, 1),
        "2024-02": (7.5, 100.0, 1, 1, 1, 1),
        "2024-03": (-2.5, 0.0, 0, 0, 0, 0),
    }


def test_without_order_ids_or_amounts_there_is_nothing_to_add_up() -> None:
    plain = typed().drop("order_id")
    assert by("all", plain)["all"] == (40.0, 100.0, 0, 0, 3, 2)
    bare = plain.mutate(amount=ibis.null("float64"))
    assert by("all", bare)["all"][:2] == (0.0, 0.0)


def test_ids_that_stand_for_nobody_belong_to_nobody() -> None:
    table = typed(reason=[None, None, None, None, None, "no_customer", "cancelled"])
    assert by("all", table)["all"][:2] == (40.0, 100.0)


def test_returns_and_refunds_are_one_sum() -> None:
    assert books.refunds(typed()) == 2.5
    # amounts are what was left: 4 of 14 were given back, and 3 of a return of 2.5 nobody refunds
    refunded = typed().mutate(
        refunded=ibis.cases((ibis._.order_id == "1", 4.0), else_=ibis.null("float64"))
    )
    assert books.refunds(refunded) == 6.5


def test_an_order_refunded_in_full_is_set_aside_with_its_refund() -> None:
    table = typed(reason=[None, None, None, None, None, None, "refunded"]).mutate(
        refunded=ibis.cases((ibis._.order_id == "5", 1000.0), else_=ibis.null("float64"))
    )
    assert books.refunds(table) == 2.5


def test_refunds_beyond_an_order_are_counted_once() -> None:
    table = lines([("a", "2024-01-01", -5.0)], reason=[None]).mutate(refunded=ibis.literal(15.0))
    assert books.refunds(table) == 15.0


def test_statuses_are_those_that_were_counted_or_left_out_for_what_they_are() -> None:
    table = typed(
        status=["ok", "ok", "ok", None, "back", "ok", "void"],
        status_means=["sale", "sale", "sale", None, "return", "sale", "cancelled"],
    )
    found = [tuple(row) for row in books.statuses(table).fillna("-").itertuples(index=False)]
    assert found == [
        ("ok", "sale", 3, 35.0),
        ("", "-", 1, 7.5),
        ("back", "return", 1, -2.5),
        ("void", "cancelled", 1, 1000.0),
    ]
    assert books.statuses(typed()).empty


def test_rows_ahead_are_told_with_the_day_on_which_the_records_end() -> None:
    assert books.ahead(typed()) is None
    table = typed(reason=[None, None, None, None, "dated_ahead", None, "dated_ahead"])
    assert books.ahead(table) == {
        "rows": 2,
        "first": date(2024, 2, 2),
        "last": date(2024, 3, 1),
        "ends": date(2024, 2, 1),
    }


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0]])
def test_the_busiest_customer_is_the_one_with_most_days(order: list[int]) -> None:
    rows = [ROWS[at] for at in order]
    reasons, numbers = [REASONS[at] for at in order], [ORDERS[at] for at in order]
    table = lines(rows, reason=reasons, order_id=numbers)
    made = occasions(table.filter(table.reason.isnull()))
    assert books.busiest(made, table) == {"customer_id": "a", "days": 2, "orders": 2}
    without = books.busiest(made, table.drop("order_id"))
    assert without == {"customer_id": "a", "days": 2, "orders": 0}


def test_an_order_in_which_nothing_was_bought_is_none() -> None:
    """The further lines of a return stand without an amount; they make no order of it."""
    rows = [("a", "2024-01-05", 20.0), ("a", "2024-02-05", -20.0), ("a", "2024-02-05", None)]
    table = lines(rows, order_id=["1", "2", "2"], reason=[None] * 3)
    marked = table.mutate(no_purchase=table.amount.isnull())
    found = books.by_period(marked, occasions(marked), "all")
    assert found["orders"].tolist() == [1]
