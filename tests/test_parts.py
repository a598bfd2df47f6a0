"""Who stayed by part of the customers: small tables, CDNOW and the demo client recounted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_lib import transactions
from retention_lib.study import Study
from retention_lib.summaries import counts, parts
from retention_lib.summaries.occasions import occasions
from tests import recounted
from tests.conftest import lines

PRIOR = (date(2020, 1, 1), date(2020, 1, 31))
WINDOW = (date(2020, 2, 1), date(2020, 2, 29))
SEEN: tuple[Any, ...] = (PRIOR, WINDOW, WINDOW[1], 30)
COLUMNS = ["part", "start", "retained", "second_customers", "second_again"]
Row = tuple[str, str, float | None, str | None]


def table(rows: list[Row], name: str) -> ibis.Table:
    return lines((row[:3] for row in rows), **{name: [row[3] for row in rows]})


def by_channel(rows: list[Row], merge_days: int = 0) -> list[list[Any]]:
    found = parts.by_attribute(occasions(table(rows, "channel"), merge_days), "channel", *SEEN)
    assert list(found.columns) == COLUMNS
    return found.to_numpy().tolist()


def by_product(rows: list[Row], merge_days: int = 0) -> list[list[Any]]:
    kept = table(rows, "product")
    found = parts.by_first_product(kept, occasions(kept, merge_days), *SEEN)
    assert list(found.columns) == COLUMNS
    return found.to_numpy().tolist()


def five(part: str | None, day: str = "2020-01-10", mark: str = "") -> list[Row]:
    """Five customers of a part who buy once on a day."""
    return [(f"{part}{mark}{n}", day, 10.0, part) for n in range(5)]


# --- small tables ---


def test_counts_of_each_part() -> None:
    rows: list[Row] = [
        *five("web"),
        ("web0", "2020-01-20", 10.0, "web"),  # within 30 days
        ("web0", "2020-02-01", 10.0, "web"),
        ("web1", "2020-02-29", 10.0, "web"),  # after 50
        ("web2", "2020-02-09", 10.0, "web"),  # after 30
        ("web3", "2020-03-01", 10.0, "web"),  # after the window
        ("web5", "2020-01-31", 10.0, "web"),  # seen for 29 days
        ("web6", "2020-01-30", 10.0, "web"),  # seen for 30
        ("old", "2019-12-31", 10.0, "web"),
        ("old", "2020-02-10", 10.0, "web"),  # not in the prior window
        ("new", "2020-02-10", 10.0, "web"),
    ]
    assert by_channel(rows) == by_product(rows) == [["web", 7, 3, 7, 2]]


def test_the_part_is_what_the_first_occasion_says_and_nulls_are_left_out() -> None:
    rows = [*five("web", "2019-12-01"), *five(None)]
    later: list[Row] = [(f"web{n}", "2020-01-05", 10.0, "shop") for n in range(5)]
    expected = [["web", 5, 0, 5, 0]]
    assert by_channel([*rows, *later]) == by_product([*rows, *later]) == expected


def test_a_part_of_fewer_than_five_in_the_prior_window_is_not_shown() -> None:
    rows = [*five("shop"), *five("web")[:4], *five("web", "2019-12-01", "old")]
    assert by_channel(rows) == by_product(rows) == [["shop", 5, 0, 5, 0]]


def test_the_largest_parts_are_compared_the_largest_first() -> None:
    rows = [row for part in "abcdefghi" for row in five(part)]
    rows += [("i5", "2020-01-01", 10.0, "i")]
    for found in (by_channel(rows), by_product(rows)):
        assert [row[0] for row in found] == ["i", *"abcdefgh"]


def test_a_customer_counts_once_in_each_product_of_the_first_basket() -> None:
    rows = [*five("hat"), *five("hat")]
    shoes: list[Row] = [(f"hat{n}", "2020-01-10", 0.0, "shoe") for n in range(5)]
    assert by_product([*rows, *shoes]) == [["hat", 5, 0, 5, 0], ["shoe", 5, 0, 5, 0]]


def test_returns_are_not_in_the_basket_but_what_was_given_back_the_same_day_is() -> None:
    reversed_: list[Row] = [
        (f"hat{n}", "2020-01-10", amount, "shoe") for n in range(5) for amount in (7.0, -7.0)
    ]
    older: list[Row] = [(f"hat{n}", "2020-01-10", -3.0, "bag") for n in range(5)]
    before: list[Row] = [(f"hat{n}", "2020-01-02", -3.0, "cap") for n in range(5)]
    found = by_product([*five("hat"), *reversed_, *older, *before])
    assert found == [["hat", 5, 0, 5, 0], ["shoe", 5, 0, 5, 0]]


def test_customers_with_returns_only_are_in_no_part() -> None:
    returned: list[Row] = [(f"x{n}", "2020-01-10", -3.0, "hat") for n in range(9)]
    assert by_channel(returned) == by_product(returned) == []
    assert by_product([*five("hat"), *returned]) == [["hat", 5, 0, 5, 0]]


def test_records_without_amounts_have_first_products_too() -> None:
    rows: list[Row] = [(name, day, None, part) for name, day, _, part in five("hat")]
    assert by_product(rows) == [["hat", 5, 0, 5, 0]]


def test_the_first_of_merged_days_is_the_first_basket() -> None:
    rows: list[Row] = [*five("hat", "2020-01-31")]
    rows += [(f"hat{n}", "2020-02-02", 5.0, "shoe") for n in range(5)]
    assert by_product(rows) == [["hat", 5, 5, 0, 0]]
    assert by_product(rows, merge_days=2) == by_channel(rows, merge_days=2)
    assert by_product(rows, merge_days=2) == [["hat", 5, 0, 0, 0]]


def test_windows_that_do_not_adjoin_are_refused() -> None:
    held = occasions(table(five("web"), "channel"))
    late = (WINDOW[0] + timedelta(days=1), WINDOW[1])
    with pytest.raises(ValueError, match="2020-02-02 does not adjoin"):
        parts.by_attribute(held, "channel", PRIOR, late, WINDOW[1], 30)


# --- properties ---

purchase = st.tuples(
    st.sampled_from("abcdefghij"),
    st.dates(date(2019, 12, 15), date(2020, 3, 10)),
    st.sampled_from([-5.0, 0.0, 5.0, 8.0]),
)


@settings(max_examples=6, deadline=None)
@given(st.lists(purchase, min_size=10, max_size=60), st.integers(0, 3))
def test_one_part_of_all_customers_is_the_whole(
    rows: list[tuple[str, date, float]], merge_days: int
) -> None:
    kept = table([(name, str(day), amount, "all") for name, day, amount in rows], "product")
    held = occasions(kept, merge_days).mutate(owner=ibis.literal("all")).cache()
    whole = counts.window_counts(held, PRIOR[0], *WINDOW).sum()
    second = counts.second_purchases(held, WINDOW[1], 30).sum()
    expected = [["all", *whole[["start", "retained"]], *second[["customers", "again"]]]]
    expected = expected if whole["start"] >= 5 else []
    assert parts.by_attribute(held, "owner", *SEEN).to_numpy().tolist() == expected
    assert parts.by_first_product(kept, held, *SEEN).to_numpy().tolist() == expected


# --- real logs, recounted by pandas ---


def test_cdnow_by_last_digit(cdnow: ibis.Table, cdnow_days: pd.DataFrame) -> None:
    prior, window = ("1997-05-01", "1997-11-30"), ("1997-12-01", "1998-06-30")
    names = cdnow_days[["customer"]].drop_duplicates()
    digits = names.assign(part=names["customer"].str[-1])
    expected = recounted.part_counts(cdnow_days, digits, prior, window, window[1], 212)
    held = cdnow.mutate(owner=cdnow.customer_id.right(1))
    spans = (dates(prior), dates(window), date(1998, 6, 30), 212)
    found = parts.by_attribute(held, "owner", *spans)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert len(found) == 10


def dates(days: tuple[str, str]) -> tuple[date, date]:
    return date.fromisoformat(days[0]), date.fromisoformat(days[1])


@pytest.mark.parametrize(
    ("prior", "window", "within"),
    [
        (("2024-05-01", "2024-08-31"), ("2024-09-01", "2024-12-31"), 122),
        (("2023-03-10", "2023-03-20"), ("2023-03-21", "2023-04-03"), 14),
    ],
)
@pytest.mark.parametrize("kind", ["channel", "product"])
def test_demo(
    demo: Study, kind: str, prior: tuple[str, str], window: tuple[str, str], within: int
) -> None:
    rows = recounted.demo_lines()
    days = recounted.purchase_days(rows)
    first = days.groupby("customer", as_index=False)["day"].min()
    baskets = rows[rows["amount"] >= 0].merge(first, on=["customer", "day"])
    if kind == "channel":
        told = baskets.groupby("customer", as_index=False)["channel"].min()
    else:
        told = baskets[["customer", "product"]].drop_duplicates()
    told = told.rename(columns={kind: "part"})
    expected = recounted.part_counts(days, told, prior, window, window[1], within)
    spans = (dates(prior), dates(window), dates(window)[1], within)
    if kind == "channel":
        found = parts.by_attribute(demo.occasions, "channel", *spans)
    else:
        kept = transactions.kept(demo.rows)
        found = parts.by_first_product(kept, demo.occasions, *spans)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert len(found) >= 5
