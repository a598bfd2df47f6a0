"""Gaps and waits by order number and by what is known of the customers."""

from __future__ import annotations

from datetime import date

import ibis
import pandas as pd
import pytest

from retention_lib.summaries import counts, strata
from retention_lib.summaries.occasions import occasions
from tests.conftest import bought, lines

AS_OF = date(2020, 3, 31)


def worked() -> ibis.Table:
    """Five occasions, three, two and one."""
    return bought(
        a=["2020-01-01", "2020-01-11", "2020-01-31", "2020-02-10", "2020-03-01"],
        b=["2020-01-01", "2020-01-11", "2020-02-20"],
        c=["2020-01-01", "2020-01-21"],
        d=["2020-01-01"],
    )


def by_channel() -> ibis.Table:
    rows = [
        ("a", "2020-01-01", 1.0, "web"),
        ("a", "2020-01-31", 1.0, "shop"),
        ("a", "2020-03-01", 1.0, None),
        ("b", "2020-01-01", 1.0, "web"),
        ("c", "2020-01-01", 1.0, "shop"),
        ("c", "2020-01-08", 1.0, "web"),
        ("d", "2020-01-01", 1.0, None),
        ("d", "2020-01-05", 1.0, "web"),
    ]
    return occasions(lines((row[:3] for row in rows), channel=[row[3] for row in rows]))


def total(table: pd.DataFrame, *columns: str) -> dict[tuple[str, int], tuple[float, ...]]:
    summed = table.groupby(["part", "days"])[list(columns)].sum()
    return {key: tuple(row) for key, row in zip(summed.index, summed.to_numpy(), strict=True)}


def test_gaps_by_order_count_a_customer_once_in_each_part() -> None:
    gaps, _, customers = strata.spells(worked(), AS_OF, "order")
    assert total(gaps, "gaps", "weight") == {
        ("1", 10): (2, 2),
        ("1", 20): (1, 1),
        ("2", 20): (1, 1),
        ("2", 40): (1, 1),
        ("3+", 10): (1, 0.5),
        ("3+", 20): (1, 0.5),
    }
    assert customers.to_numpy().tolist() == [["1", 4], ["2", 3], ["3+", 2]]


def test_waits_by_order_are_single_where_the_part_has_no_gap() -> None:
    _, waits, _ = strata.spells(worked(), AS_OF, "order")
    assert total(waits, "waits", "single") == {
        ("1", 90): (1, 1),
        ("2", 70): (1, 1),
        ("3+", 30): (1, 0),
        ("3+", 40): (1, 1),
    }


def test_a_column_s_parts_are_told_by_the_first_occasion_and_nulls_left_out() -> None:
    gaps, waits, customers = strata.spells(by_channel(), AS_OF, "channel")
    assert total(gaps, "gaps", "weight") == {("shop", 7): (1, 1), ("web", 30): (2, 1)}
    assert total(waits, "waits", "single") == {
        ("shop", 83): (1, 0),
        ("web", 30): (1, 0),
        ("web", 90): (1, 1),
    }
    assert customers.to_numpy().tolist() == [["shop", 1], ["web", 2]]


@pytest.mark.parametrize("part", ["order", "channel"])
def test_only_some_parts_are_the_same_rows_of_all(part: str) -> None:
    held, wanted = by_channel(), ["web", "2"]
    every, some = strata.spells(held, AS_OF, part), strata.spells(held, AS_OF, part, wanted)
    for whole, few in zip(every, some, strict=True):
        expected = whole[whole["part"].isin(wanted)].reset_index(drop=True)
        assert len(expected) < len(whole)
        pd.testing.assert_frame_equal(few, expected)
    pd.testing.assert_frame_equal(strata.customers(held, part), every[2])


def test_the_largest_parts_are_shown_and_small_ones_never() -> None:
    parts = pd.DataFrame({"part": ["d", "a", "c", "b"], "customers": [5, 9, 4, 9]})
    shown, left_out = strata.largest(parts)
    assert shown.to_numpy().tolist() == [["a", 9], ["b", 9], ["d", 5]]
    assert left_out == 4
    shown, left_out = strata.largest(parts, keep=1)
    assert (list(shown["part"]), left_out) == (["a"], 18)
    assert strata.largest(parts.head(0))[1] == 0


# --- CDNOW, recounted by pandas ---


def test_cdnow_orders(cdnow: ibis.Table, cdnow_days: pd.DataFrame) -> None:
    ordered = cdnow_days.sort_values(["customer", "day"])
    own = ordered.groupby("customer")["day"]
    waited_from, size = own.cumcount(), own.transform("size")
    table = ordered.assign(days=own.diff().dt.days, part=waited_from.clip(upper=3), size=size)
    later = table.dropna(subset="days")
    gaps, waits, customers = strata.spells(cdnow, date(1998, 6, 30), "order")
    expected = later.replace({"part": {1: "1", 2: "2", 3: "3+"}}).groupby(["part", "days"]).size()
    found = gaps.groupby(["part", "days"])["gaps"].sum()
    assert found.to_dict() == expected.to_dict()
    sizes = table.groupby("customer")["size"].first()
    held = {"1": len(sizes), "2": int((sizes > 1).sum()), "3+": int((sizes > 2).sum())}
    assert dict(zip(customers["part"], customers["customers"], strict=True)) == held
    single = waits.groupby("part")["single"].sum()
    assert single.to_dict() == {
        part: int((sizes == n).sum()) for n, part in enumerate(held, start=1)
    }
    # whoever is in a part has gaps that weigh one there, or a wait alone
    weights = gaps.groupby("part")["weight"].sum() + single
    assert weights.to_dict() == pytest.approx(held)
    assert waits["waits"].sum() == len(sizes)


def test_one_part_of_all_customers_is_the_whole(cdnow: ibis.Table) -> None:
    as_of = date(1998, 6, 30)
    whole = cdnow.mutate(owner=ibis.literal("all"))
    gaps, waits, customers = strata.spells(whole, as_of, "owner")
    pd.testing.assert_frame_equal(gaps.drop(columns="part"), counts.gaps(cdnow))
    pd.testing.assert_frame_equal(waits.drop(columns="part"), counts.waits(cdnow, as_of))
    assert list(customers["customers"]) == [23_570]
