"""What the retained rate and the revenue would be without a step: by hand, and the naive way."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import ibis
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ibis import _

from retention_lib.summaries import checks, counts
from retention_lib.summaries.occasions import Days, occasions
from retention_lib.transactions import NAMELESS, REASONS
from retention_lib.words.data_audit.reasons import REASONS as SAID

PRIOR: Days = (date(2020, 1, 1), date(2020, 3, 31))
WINDOW: Days = (date(2020, 4, 1), date(2020, 6, 30))
Row = tuple[str | None, str | None, float | None]
# a buys in both windows, b in the prior one, c in the later one: 1 of 2 is retained, of 100
USED: list[Row] = [
    ("a", "2020-01-10", 10.0),
    ("a", "2020-04-10", 20.0),
    ("b", "2020-02-01", 30.0),
    ("c", "2020-05-05", 40.0),
]


def table(rows: list[dict[str, Any]]) -> ibis.Table:
    """Typed rows of plain values; what is not given is null."""
    schema = {
        "customer_id": "string",
        "day": "date",
        "amount": "float64",
        "id_was_decimal": "boolean",
        "order_id": "string",
        "product": "string",
        "no_purchase": "boolean",
        "reason": "string",
        "also": "string",
    }
    blank: dict[str, Any] = dict.fromkeys(schema) | {"id_was_decimal": False, "no_purchase": False}
    columns = {name: [(blank | row)[name] for row in rows] for name in schema}
    columns["day"] = [it and date.fromisoformat(str(it)) for it in columns["day"]]
    return ibis.memtable(pd.DataFrame(columns, dtype=object), schema=schema)


def row(values: Row, **more: Any) -> dict[str, Any]:
    return dict(zip(("customer_id", "day", "amount"), values, strict=True)) | more


def told(rows: list[dict[str, Any]], step: str) -> tuple[Any, Any, Any]:
    """Return start, retained and revenue without a step; None where it cannot be told."""
    made = table(rows)
    own = made.filter(_.reason.isnull())
    used = counted(own)
    more = checks.differences(checks.Records(made), occasions(own), [step], (PRIOR, WINDOW)).loc[
        step
    ]
    found = (one + two for one, two in zip(used, more, strict=True))
    return tuple(None if pd.isna(it) else round(float(it), 2) for it in found)  # type: ignore[return-value]


def counted(rows: ibis.Table, merge_days: int = 0) -> tuple[int, int, float]:
    """Return start, retained and revenue of rows in use, from all of their occasions."""
    made = counts.window_counts(occasions(rows, merge_days), PRIOR[0], *WINDOW).sum()
    money = rows.amount.sum().fill_null(0.0).to_pyarrow().as_py()
    return int(made.get("start", 0)), int(made.get("retained", 0)), float(money)


# each step, the rows that it is about, and start, retained and revenue without it
PUT_BACK: list[tuple[str, list[Row], str | None, tuple[Any, Any, Any]]] = [
    ("cancelled", [("b", "2020-05-01", 7.0)], None, (2, 2, 107)),
    ("cancelled", [("b", "2020-05-01", 7.0)], "after_as_of ", (2, 1, 100)),
    ("refunded", [("b", "2020-05-01", 7.0)], None, (2, 2, 107)),
    ("duplicate_line", [("a", "2020-01-10", 10.0)], None, (2, 1, 110)),
    ("zero_amount", [("b", "2020-06-30", 0.0)], None, (2, 2, 100)),
    ("replaced_order", [("d", "2020-01-01", 5.0)], None, (3, 1, 105)),
    ("missing_customer_id", [(None, "2020-05-01", 7.0)], None, (None, None, 107)),
    # each such id would be one customer
    ("no_customer", [("0", "2020-03-31", 3.0), ("0", "2020-04-01", 4.0)], None, (3, 2, 107)),
    ("missing_date", [("b", None, 7.0)], None, (None, None, 107)),
    ("unreadable_date", [("b", None, 7.0)], "cancelled ", (None, None, 100)),
    ("missing_amount", [("b", "2020-05-01", None)], None, (2, 2, None)),
    ("unreadable_amount", [("b", "2020-05-01", None)], "duplicate_line ", (2, 1, None)),
    # the window stays where it is
    ("dated_ahead", [("b", "2020-09-01", 7.0)], None, (2, 1, 107)),
    ("after_as_of", [("b", "2020-07-01", 7.0)], None, (2, 1, 107)),
    ("after_as_of", [("b", "2020-07-01", 7.0)], "cancelled ", (2, 1, 100)),
    # a total counts in the books whether or not it names a customer and a day
    ("total_row", [(None, None, 100.0)], "missing_customer_id missing_date ", (2, 1, 200)),
    ("total_row", [("Total", "2020-06-30", 100.0)], None, (2, 1, 200)),
    ("total_row", [("Total", "2020-03-31", 40.0)], "cancelled ", (2, 1, 100)),
    ("unreadable_line", [(None, None, None)], None, (None, None, None)),
    ("repeated_header", [(None, None, None)], None, (None, None, None)),
    ("empty_line", [(None, None, None)], None, (None, None, None)),
]


@pytest.mark.parametrize(("step", "aside", "also", "expected"), PUT_BACK)
def test_rows_set_aside_are_put_back_where_nothing_else_would_have_set_them_aside(
    step: str, aside: list[Row], also: str | None, expected: tuple[Any, Any, Any]
) -> None:
    rows = [row(it) for it in USED] + [row(it, reason=step, also=also) for it in aside]
    # what other reasons set aside stays there
    rows += [row(("b", "2020-05-20", 9.0), reason="another")]
    assert told(rows, step) == expected


def test_every_reason_has_its_case() -> None:
    assert {step for step, *_ in PUT_BACK} == {reason.name for reason in REASONS}


BEFORE = (2, 1, 100)
CHANGED: list[tuple[str, list[dict[str, Any]], tuple[Any, Any, Any], tuple[Any, Any, Any]]] = [
    ("zero_amounts", [row(("b", "2020-05-01", 0.0))], (2, 2, 100), (2, 1, 100)),
    ("zero_amounts", [row(("b", "2020-05-01", None))], (2, 2, 100), (2, 2, 100)),
    ("duplicate_lines", [row(("a", "2020-04-10", 20.0))], (2, 1, 120), (2, 1, 100)),
    # 17850.0 and 17850 would be two customers
    (
        "decimal_ids",
        [row(("b", "2020-05-01", 5.0), id_was_decimal=True)],
        (2, 2, 105),
        (2, 1, 105),
    ),
    # what was given back would be in the revenue
    ("returns_unmatched", [row(("b", "2020-05-01", -7.0))], (2, 1, 93), (2, 1, 100)),
    ("returns_matched", [row(("a", "2020-04-15", -20.0))], (2, 1, 80), (2, 1, 100)),
    (
        "discounts_in_orders",
        [
            row(("b", "2020-05-01", 8.0), order_id="1"),
            row(("b", "2020-05-01", -3.0), order_id="1"),
        ],
        (2, 2, 105),
        (2, 2, 108),
    ),
    # a day on which nothing was left would be a purchase
    (
        "reversed_same_day",
        [row(("b", "2020-05-01", 8.0)), row(("b", "2020-05-01", -8.0))],
        (2, 1, 100),
        (2, 2, 108),
    ),
    (
        "fees_and_adjustments",
        [row(("b", "2020-05-01", 8.0), product="POSTAGE")],
        (2, 2, 108),
        (2, 1, 100),
    ),
    *(
        (name, [row((who, "2020-02-01", 5.0)), row((who, "2020-05-01", 5.0))], (3, 2, 110), BEFORE)
        for name, who in (
            ("placeholder_ids", "guest"),
            ("test_accounts", "test-1"),
            ("staff_accounts", "staff-7"),
        )
    ),
    # of enough customers one who brings nearly all of the money
    (
        "dominant_accounts",
        [
            *(row((f"d{n}", "2019-05-01", 1.0)) for n in range(60)),
            row(("g", "2020-01-05", 1000.0)),
            row(("g", "2020-05-05", 1000.0)),
        ],
        (3, 2, 2160),
        (2, 1, 160),
    ),
    (
        "orders_booked_twice",
        [
            row(("b", "2020-05-01", amount), order_id=order, product=product)
            for order in "12"
            for product, amount in (("tea", 5.0), ("mug", 6.0))
        ],
        (2, 2, 122),
        (2, 2, 111),
    ),
    (
        "expenses",
        [row(("b", "2020-05-02", -1.0), product="Rent")] * 25,
        (2, 1, 75),
        (2, 1, 100),
    ),
    ("isolated_dates", [row(("a", "1990-01-01", 5.0))], (2, 1, 105), (None, None, None)),
]


@pytest.mark.parametrize(("step", "rows", "used", "expected"), CHANGED)
def test_what_was_done_about_rows_in_use_is_undone(
    step: str,
    rows: list[dict[str, Any]],
    used: tuple[Any, Any, Any],
    expected: tuple[Any, Any, Any],
) -> None:
    rows = [row(it) for it in USED] + rows
    assert counted(table(rows)) == used
    assert told(rows, step) == expected


STEPS = [it.name for it in (*REASONS, *checks.CHECKS)]


def test_every_check_that_is_undone_has_its_case() -> None:
    assert {step for step, *_ in CHANGED} >= {it.name for it in checks.CHECKS if it.undone}


def test_each_step_is_undone_or_has_a_reason_in_words_why_not() -> None:
    for check in checks.CHECKS:
        assert check.undone or check.not_undone != checks.NOTHING_DONE or check.action == "counted"
    for step in STEPS:
        codes = checks.not_told(step)
        assert {code for code in codes if code} <= set(SAID)
    assert checks.not_told("acquisition_stops") == ("nothing_done", "nothing_done")


DAYS = [str(PRIOR[0] + timedelta(days=days)) for days in (-40, -2, 0, 1, 45, 90, 91, 92, 180, 181)]
LINES = st.builds(
    lambda who, day, amount, step, also, decimal, order, product, part: row(
        (who, day, amount),
        reason=step,
        also=also if step else None,
        id_was_decimal=decimal,
        order_id=order and who + order,
        product=product,
        no_purchase=part,
    ),
    st.sampled_from("abcdefgh"),
    st.sampled_from(DAYS),
    st.sampled_from([None, 0.0, 5.0, 5.0, 7.0, -5.0, -7.0]),
    st.sampled_from([None, None, None, *(reason.name for reason in REASONS)]),
    st.sampled_from([None, None, "cancelled ", "missing_date unreadable_amount "]),
    st.booleans(),
    st.sampled_from([None, None, "1", "2"]),
    st.sampled_from([None, "x", "POSTAGE"]),
    st.sampled_from([False, False, False, True]),
)


@pytest.mark.slow
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(LINES, min_size=12, max_size=40), merge_days=st.sampled_from([0, 3]))
def test_it_equals_the_count_of_all_rows(rows: list[dict[str, Any]], merge_days: int) -> None:
    made = table(rows).cache()
    used = made.filter(_.reason.isnull())
    start, retained, revenue = counted(used, merge_days)
    days = occasions(used, merge_days).cache()
    records = checks.Records(made, ["status"])
    found = checks.differences(records, days, STEPS, (PRIOR, WINDOW), merge_days)
    for step in STEPS:
        left, more = checks.without(records, step), found.loc[step]
        assert pd.isna(more["start"]) == (left is None), step
        if left is not None:
            then = counted(left, merge_days)
            assert (start + more["start"], retained + more["retained"]) == then[:2], step
            # the money of these is that of all rows of theirs that would be in the books
            if step not in (*NAMELESS, "total_row") and not pd.isna(more["revenue"]):
                assert revenue + more["revenue"] == pytest.approx(then[2]), step
