"""From rows in use to purchases: what falls away at each step, counted by hand."""

from __future__ import annotations

from typing import Any

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_lib.summaries.occasions import occasions
from retention_lib.summaries.purchase_steps import purchase_steps
from tests.conftest import lines

NOTHING = {"returns": 0, "same_order": 0, "same_day": 0, "undone": 0, "near": 0}


def steps(table: ibis.Table, merge_days: int = 0) -> dict[str, int]:
    kept = table.filter(table.reason.isnull())
    return purchase_steps(table, occasions(kept, merge_days), merge_days)


def typed(rows: list[tuple[Any, ...]], **columns: list[Any]) -> ibis.Table:
    return lines(rows, **({"reason": [None] * len(rows)} | columns))


# three lines of one order, another order that day, a return, a day undone, a later purchase
ROWS = [
    ("a", "2024-01-05", 20.0),
    ("a", "2024-01-05", 5.0),
    ("a", "2024-01-05", 0.0),
    ("a", "2024-01-05", 7.0),
    ("a", "2024-01-09", -5.0),
    ("b", "2024-01-09", 12.0),
    ("b", "2024-01-09", -12.0),
    ("b", "2024-01-11", 30.0),
]
ORDERS = ["1", "1", "1", "2", "1R", "3", "3R", "4"]


def test_each_step_is_counted_by_hand() -> None:
    found = steps(typed(ROWS, order_id=ORDERS))
    assert found == NOTHING | {"returns": 2, "same_order": 2, "same_day": 1, "undone": 1}
    assert len(ROWS) - sum(found.values()) == 2


def test_without_order_ids_rows_of_a_day_are_merged_at_once() -> None:
    assert steps(typed(ROWS)) == NOTHING | {"returns": 2, "same_day": 3, "undone": 1}


def test_rows_that_name_no_order_are_orders_of_their_own() -> None:
    blank = [None, None, "1", "2", *ORDERS[4:]]
    found = steps(typed(ROWS, order_id=blank))
    assert found == NOTHING | {"returns": 2, "same_day": 3, "undone": 1}


def test_further_lines_without_an_amount_belong_to_their_order() -> None:
    rows = [("a", "2024-01-05", 20.0), ("a", "2024-01-05", None), ("a", "2024-02-05", -20.0)]
    rows += [("a", "2024-02-05", None)]
    table = typed(rows, order_id=["1", "1", "2", "2"])
    marked = table.mutate(no_purchase=table.amount.isnull())
    assert steps(marked) == NOTHING | {"returns": 2, "same_order": 1}


def test_days_merged_by_choice_are_told_apart_from_days_undone() -> None:
    found = steps(typed(ROWS, order_id=ORDERS), merge_days=2)
    assert (found["undone"], found["near"]) == (1, 0)
    near = typed([("a", f"2024-01-0{day}", 1.0) for day in (1, 3, 5)])
    assert steps(near, merge_days=2) == NOTHING | {"near": 2}


def test_rows_set_aside_are_no_part_of_it() -> None:
    table = typed(ROWS[:2], order_id=["1", "1"], reason=[None, "cancelled"])
    assert steps(table) == NOTHING


AMOUNTS = st.sampled_from([-5.0, 0.0, 5.0, 7.5, None])
LINES = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(["01", "02", "09"]), AMOUNTS),
    min_size=1,
    max_size=12,
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(LINES, st.data(), st.sampled_from([0, 1]))
def test_all_steps_are_counts_and_add_up(
    rows: list[tuple[Any, ...]], data: st.DataObject, merge_days: int
) -> None:
    numbers = st.lists(st.sampled_from([None, "1", "2"]), min_size=len(rows), max_size=len(rows))
    # an order has one customer and one day
    ids = [
        number and f"{who}{day}{number}"
        for number, (who, day, _) in zip(data.draw(numbers), rows, strict=True)
    ]
    table = typed([(who, f"2024-01-{day}", sum_) for who, day, sum_ in rows], order_id=ids)
    found = steps(table, merge_days)
    made = occasions(table, merge_days).count().execute()
    assert min(found.values()) >= 0
    assert len(rows) - sum(found.values()) == made
