import csv
from datetime import date, timedelta
from pathlib import Path
from random import Random

import ibis
import pandas as pd
import pytest

from retention_lib.client import parse_client, project_root
from retention_lib.transactions.days_ahead import first_day_ahead, mark

CASE = project_root() / "../shared/cases/preorders-ahead/o.csv"
FIRST = date(2024, 1, 1)


def shop(more: str = ""):
    text = "source: {file: a.csv}\ncolumns: {customer_id: c, ordered_at: d, amount: a}\n"
    return parse_client(f"name: Shop\n{text}{more}", "shop", Path("x"))


def on(*days: int, rows: int = 1) -> list[tuple[date, int]]:
    return [(FIRST + timedelta(day), rows) for day in days]


def ahead(rows, client=None) -> list[bool]:
    """Whether each row of (day, amount, reason) is ahead."""
    frame = pd.DataFrame(rows, columns=["day", "amount", "reason"])
    schema = {"day": "date", "amount": "float64", "reason": "string"}
    typed = ibis.duckdb.connect().create_table("rows", frame.reset_index(), schema=schema | {
        "index": "int64"
    })  # fmt: skip
    marked = mark(typed, client or shop()).order_by("index").to_pyarrow().to_pylist()
    return [row["is_ahead"] for row in marked]


def test_few_rows_after_a_long_pause():
    usual = on(*range(0, 500, 3), rows=2)  # pauses of 3 days
    assert first_day_ahead([*usual, *on(520)]) == FIRST + timedelta(520)
    assert first_day_ahead([*usual, *on(498 + 14)]) == FIRST + timedelta(512)
    assert first_day_ahead([*usual, *on(498 + 13)]) is None  # under 14 days


@pytest.mark.parametrize(("pause", "is_ahead"), [(30, False), (31, True)])
def test_longer_than_three_times_any_earlier_pause(pause, is_ahead):
    usual = on(*range(200), *range(209, 400))  # once ten days without a sale
    last = FIRST + timedelta(399 + pause)
    assert first_day_ahead([*usual, (last, 1)]) == (last if is_ahead else None)


@pytest.mark.parametrize(("rows", "is_ahead"), [(4, True), (5, False)])
def test_less_than_one_percent_of_the_rows(rows, is_ahead):
    usual = on(*range(99), rows=5)  # 495 rows; 5 of 500 are 1 %
    day = FIRST + timedelta(150)
    assert (first_day_ahead([*usual, (day, rows)]) == day) == is_ahead


def test_the_earliest_of_several_pauses():
    usual = on(*range(600))
    assert first_day_ahead([*usual, *on(640), *on(900), *on(2000)]) == FIRST + timedelta(640)


def test_more_rows_after_the_first_pause_than_after_the_second():
    usual = on(*range(300))
    assert first_day_ahead([*usual, *on(*range(330, 390)), *on(600)]) == FIRST + timedelta(600)


@pytest.mark.parametrize(
    "days",
    [
        [],
        on(0),
        on(0, 90),
        on(*range(0, 90, 10), 300),  # under a hundred rows, one of them is too many
        on(0, 120, 240, *range(300, 900), 1100),  # sparse at first: 200 days are not long
        on(*(year * 365 + day for year in range(4) for day in range(90))),  # a season's shop
        on(*range(1000)),
    ],
)
def test_records_that_go_on_to_their_last_day(days):
    assert first_day_ahead(days) is None


def test_a_seasonal_shop_with_an_order_ahead():
    seasons = on(*(year * 365 + day for year in range(4) for day in range(90)))
    assert first_day_ahead([*seasons, *on(3 * 365 + 89 + 3 * 276 + 1)]) is not None
    assert first_day_ahead([*seasons, *on(4 * 365)]) is None  # the next season


USUAL = [(FIRST + timedelta(day), 10.0, None) for day in range(300)]
LATE = FIRST + timedelta(400)


def test_all_rows_after_the_end_are_ahead_whatever_they_are():
    rows = [*USUAL, (LATE, 5.0, None), (LATE, -5.0, None), (LATE, 5.0, "cancelled"), (None, 1, "x")]
    assert ahead(rows) == [False] * 300 + [True, True, True, False]


def test_ahead_keep():
    assert ahead([*USUAL, (LATE, 5.0, None)], shop("ahead: keep\n")) == [False] * 301


def test_only_purchases_in_use_are_counted():
    aside = [(LATE, 1.0, "total_row")] * 50 + [(LATE, -1.0, None)] * 50
    assert ahead([*USUAL, (LATE, 5.0, None), *aside])[300:] == [True] * 101
    # what is set aside ends no pause either
    between = [(FIRST + timedelta(day), 1.0, "cancelled") for day in range(300, 400)]
    assert ahead([*USUAL, *between, (LATE, 5.0, None)])[-1]


def test_rows_without_amounts_count():
    rows = [(day, None, None) for day, _, _ in USUAL]
    assert ahead([*rows, (LATE, None, None)]) == [False] * 300 + [True]


def test_the_order_of_rows_does_not_matter():
    rows = [*USUAL, (LATE, 5.0, None)]
    Random(1).shuffle(rows)
    assert ahead(rows) == [day == LATE for day, _, _ in rows]


@pytest.mark.skipif(not CASE.exists(), reason="the shared cases are not here")
def test_preorders_ahead():
    lines = list(csv.DictReader(CASE.read_text(encoding="utf-8").splitlines()))
    rows = [(date.fromisoformat(line["day"]), float(line["total"]), None) for line in lines]
    marked = ahead(rows)
    assert [line["order"] for line, late in zip(lines, marked, strict=True) if late] == [
        str(number) for number in range(90000, 90006)
    ]
    last = max(day for (day, _, _), late in zip(rows, marked, strict=True) if not late)
    assert last == date(2025, 12, 29)
