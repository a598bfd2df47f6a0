"""What an occasion is, and the small tables made of them."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_lib.summaries import counts, customers, revenue
from retention_lib.summaries.occasions import (
    GROUPS,
    as_known,
    hash_group,
    hash_number,
    occasions,
    sampled,
)
from tests.conftest import bought, lines, occasions_of


def table(rows: list[tuple[Any, ...]], merge_days: int = 0, **columns: list[Any]) -> pd.DataFrame:
    found = occasions(lines(rows, **columns), merge_days).order_by("customer_id", "day").to_pandas()
    return found.assign(day=found["day"].astype(str))


def days(rows: list[tuple[Any, ...]], **columns: list[Any]) -> list[tuple[str, float]]:
    found = table(rows, **columns)
    return list(zip(found["day"], found["value"], strict=True))


# --- what is an occasion ---


def test_lines_of_one_day_are_one_occasion_of_their_net_value() -> None:
    assert days([("a", "2020-01-01", 5.0), ("a", "2020-01-01", 7.5)]) == [("2020-01-01", 12.5)]


def test_a_day_of_zero_lines_is_an_occasion_of_value_zero() -> None:
    assert days([("a", "2020-01-01", 0.0)]) == [("2020-01-01", 0)]


@pytest.mark.parametrize(
    ("amounts", "value"),
    [
        ([50.0, -50.0], None),  # reversed line by line
        ([30.0, 20.0, -50.0], None),  # reversed in one sum
        ([0.1, 0.2, -0.3], None),  # the same in floating point
        ([50.0, -20.0], 30.0),  # partly returned
        ([50.0, -80.0], -30.0),  # a purchase, and an older one returned
        ([50.0, -50.0, -20.0], None),  # today's reversed, and an older one returned
        ([50.0, -50.0, 0.0], 0.0),  # reversed, and a free line beside it
        ([-20.0], None),  # a return alone
    ],
)
def test_a_day_counts_where_a_purchase_of_it_stands(
    amounts: list[float], value: float | None
) -> None:
    found = days([("a", "2020-01-01", amount) for amount in amounts])
    expected = [] if value is None or sum(amounts) == 0 and 0.0 not in amounts else [value]
    assert [held for _, held in found] == pytest.approx(expected)


def test_a_reversal_of_another_product_leaves_the_purchase() -> None:
    rows = [("a", "2020-01-01", 50.0), ("a", "2020-01-01", -50.0), ("a", "2020-01-01", 1.0)]
    assert days(rows, product=["hat", "shoe", "bag"]) == [("2020-01-01", 1)]
    assert len(days(rows[:2], product=["hat", "hat"])) == 0


@pytest.mark.parametrize(
    ("amounts", "orders", "products", "value"),
    [
        ([30.0, 20.0, -50.0], "111", None, 0.0),  # paid wholly by a voucher
        ([30.0, -20.0], "11", None, 10.0),  # in part
        ([30.0, 20.0, -50.0], "112", None, None),  # a return of its own number
        ([50.0, -50.0], "11", None, None),  # the mirror of a line, whatever it is
        ([50.0, -50.0], "11", ["tea", "tea"], None),  # the line taken back
        ([50.0, -50.0], "11", ["tea", "coupon"], 0.0),  # its own line for the voucher
        ([50.0, -50.0], "11", ["tea", None], 0.0),
        (
            [50.0, 20.0, 10.0, -30.0, -50.0],
            "12223",
            ["tea"] * 5,
            0.0,
        ),  # one order paid, one taken back
        ([50.0, 30.0, -80.0], "112", ["tea"] * 3, None),  # all taken back in one sum
        ([50.0, -50.0], "1-", None, None),  # a line without a number is no voucher
    ],
)
def test_a_voucher_on_an_order_is_no_reversal_of_it(
    amounts: list[float], orders: str, products: list[str | None] | None, value: float | None
) -> None:
    numbers = [None if it == "-" else it for it in orders]
    columns = {"order_id": numbers} | ({"product": products} if products else {})
    found = days([("a", "2020-01-01", amount) for amount in amounts], **columns)
    assert [held for _, held in found] == ([] if value is None else [value])


def test_a_return_on_a_day_of_its_own_creates_no_occasion_and_reduces_spend() -> None:
    rows = [("a", "2020-01-01", 50.0), ("a", "2020-01-09", -20.0), ("a", "2020-01-20", 30.0)]
    found = table(rows)
    assert list(found["day"]) == ["2020-01-01", "2020-01-20"]
    assert list(found["total"]) == [2, 2]
    assert str(found["next_day"][0])[:10] == "2020-01-20"
    assert pd.isna(found["next_day"][1])
    held, as_of = occasions(lines(rows)), date(2020, 2, 1)
    assert list(revenue.spend(held, as_of)["spend"]) == [60]
    assert list(counts.spend_per_occasion(held, as_of)["monetary"]) == [10]
    total = revenue.revenue(held, as_of).sum()
    assert (total["value"], total["repeat_value"]) == (60, 10)


def test_a_customer_with_returns_only_is_no_customer() -> None:
    assert days([("a", "2020-01-01", -5.0)]) == []


def test_without_amounts_every_line_is_a_purchase() -> None:
    found = table([("a", "2020-01-01", None), ("a", "2020-01-05", None)])
    assert list(found["position"]) == [1, 2]
    assert found["value"].isna().all()


def test_merge_days_chains_near_days_onto_the_first() -> None:
    rows = [("a", f"2020-01-{day:02}", 1.0) for day in (1, 3, 5, 20, 23)]
    assert list(table(rows, merge_days=2)["day"]) == ["2020-01-01", "2020-01-20", "2020-01-23"]
    merged = table(rows, merge_days=3)
    assert list(merged["day"]) == ["2020-01-01", "2020-01-20"]
    assert list(merged["value"]) == [3, 2]


def test_positions_days_and_running_spend() -> None:
    rows = [("a", "2020-01-01", 5.0), ("a", "2020-01-11", 7.0), ("a", "2020-03-01", 9.0)]
    found = table(rows[::-1])
    assert list(found["position"]) == [1, 2, 3]
    assert list(found["spend_to_date"]) == [5, 12, 21]
    assert set(found["first_value"]) == {5}
    assert [str(day)[:10] for day in found["previous_day"]] == ["NaT", "2020-01-01", "2020-01-11"]


def test_hash_group_is_the_same_on_every_engine() -> None:
    ids = ["007", "17850", "ä", "a b", "x" * 300]
    engine = ibis.duckdb.connect()
    found = engine.create_table("ids", pd.DataFrame({"id": ids})).mutate(grp=hash_group(ibis._.id))
    expected = {i: int(hashlib.md5(i.encode()).hexdigest()[:4], 16) % GROUPS for i in ids}
    got = found.to_pandas()
    assert dict(zip(got["id"], got["grp"], strict=True)) == expected


# --- what the first occasion says of a customer ---


def attributes(rows: list[tuple[Any, ...]], merge_days: int = 0, **columns: list[Any]) -> list[Any]:
    found = table(rows, merge_days, **columns)
    assert len(found) == found["total"][0]
    told = found[list(columns)].astype(object).where(found[list(columns)].notna(), None)
    assert len(told.drop_duplicates()) == 1
    return list(told.iloc[0])


@pytest.mark.parametrize("merge_days", [0, 3])
def test_attributes_are_those_of_the_first_purchase_day(merge_days: int) -> None:
    rows = [
        ("a", "2019-12-25", -5.0),  # a return alone is no purchase
        ("a", "2020-01-01", 5.0),
        ("a", "2020-01-01", 7.0),
        ("a", "2020-01-01", -1.0),  # nor does a return on the day say anything
        ("a", "2020-01-03", 5.0),
        ("a", "2020-02-01", 5.0),
    ]
    channel = ["1", "web", "shop", "app", "app", "app"]
    owner = ["1", None, "Ann", "Al", "Al", "Al"]
    region = ["1", None, None, "N", "N", "N"]
    found = attributes(rows, merge_days, channel=channel, owner=owner, region=region)
    assert found == ["shop", "Ann", None]


def test_attributes_of_a_day_that_was_reversed_do_not_count() -> None:
    rows = [("a", "2020-01-01", 5.0), ("a", "2020-01-01", -5.0), ("a", "2020-01-09", 5.0)]
    assert attributes(rows, channel=["app", "app", "web"]) == ["web"]


def test_attributes_need_no_amounts() -> None:
    rows = [("a", "2020-01-01", None), ("a", "2020-01-09", None)]
    assert attributes(rows, channel=["web", "app"]) == ["web"]


def test_segments_are_numbered_as_declared() -> None:
    rows = [("a", "2020-01-01", 5.0), ("a", "2020-01-09", 5.0), ("b", "2020-01-01", 5.0)]
    typed = lines(rows, plan=["pro", "free", None], city=["Oslo", "Bern", "Rome"])
    packed = typed.mutate(segments=ibis.struct({"plan": typed.plan, "city": typed.city}))
    held = occasions(packed.drop("plan", "city")).order_by("customer_id", "day").to_pandas()
    assert list(held["segment_2"]) == ["Oslo", "Oslo", "Rome"]
    assert list(held["segment_1"].fillna("none")) == ["pro", "pro", "none"]
    assert "segment_3" not in held


def test_without_such_columns_there_are_none_and_with_them_all_else_is_the_same() -> None:
    rows = [("a", "2020-01-01", 5.0), ("a", "2020-01-02", 7.0), ("b", "2020-01-01", -1.0)]
    for merge_days in (0, 2):
        plain = table(rows, merge_days)
        assert not {"channel", "owner", "region", "segment_1"} & set(plain.columns)
        more = table(rows, merge_days, channel=["web", "app", "web"])
        pd.testing.assert_frame_equal(more.drop(columns="channel"), plain)


# --- as known on a day, and one occasion per customer ---

_KNOWN = ["customer_id", "day", "position", "total", "previous_day", "next_day", "first_day", "grp"]


def _known(held: ibis.Table) -> pd.DataFrame:
    return counts.frame(held.select(*_KNOWN), by=["customer_id", "day"])


def test_as_known_forgets_what_came_later() -> None:
    held = bought(a=["2020-01-01", "2020-02-01", "2020-03-01"], b=["2020-03-01"])
    known = _known(as_known(held, date(2020, 2, 1)))
    assert list(known["total"]) == [2, 2]
    assert str(known["next_day"][0])[:10] == "2020-02-01"
    assert pd.isna(known["next_day"][1])


def test_cdnow_as_known_is_that_of_the_rows_up_to_the_day(
    cdnow: ibis.Table, cdnow_days: pd.DataFrame
) -> None:
    at = date(1997, 9, 30)
    expected = _known(occasions_of(cdnow_days[cdnow_days["day"] <= pd.Timestamp(at)]))
    pd.testing.assert_frame_equal(_known(as_known(cdnow, at)), expected)


def test_hash_number_is_the_first_hex_digits() -> None:
    typed = lines([("Ä", "2020-01-01", 1.0)])
    found = typed.select(n=hash_number(typed.customer_id, 6)).to_pandas()["n"][0]
    assert found == int(hashlib.md5("Ä".encode()).hexdigest()[:6], 16)


def test_the_sampled_occasion_is_told_by_the_md5_of_seed_and_customer() -> None:
    held = bought(**{name: [f"2020-01-{day:02}" for day in range(1, 12)] for name in "abcd"})
    found = counts.frame(sampled(held, seed=7), by=["customer_id"])
    drawn = [int(hashlib.md5(f"7:{name}".encode()).hexdigest()[:6], 16) % 11 + 1 for name in "abcd"]
    assert list(found["position"]) == drawn
    assert set(found.columns) == set(held.columns)


def test_cdnow_sample_is_one_occasion_each_and_even(cdnow: ibis.Table) -> None:
    found = sampled(cdnow, seed=1).to_pandas()
    assert len(found) == found["customer_id"].nunique() == 23_570
    assert (found["position"] <= found["total"]).all()
    pairs = found[found["total"] == 2]
    # within four standard errors of a half
    assert abs((pairs["position"] == 1).mean() - 0.5) < 2 / len(pairs) ** 0.5
    other = sampled(cdnow, seed=2).to_pandas().set_index("customer_id")["position"]
    repeat = found[found["total"] > 1].set_index("customer_id")["position"]
    assert (repeat != other[repeat.index]).mean() > 0.4


# --- counts ---


def test_gaps_count_each_customer_once_and_waits_run_to_the_day() -> None:
    held = bought(
        a=["2020-01-01", "2020-01-31", "2020-03-01"],
        b=["2020-01-01", "2020-02-20"],
        c=["2020-01-01"],
    )
    gaps = counts.gaps(held).groupby("days")[["gaps", "weight"]].sum()
    assert gaps.to_dict("index") == {30: {"gaps": 2, "weight": 1}, 50: {"gaps": 1, "weight": 1}}
    waits = counts.waits(held, date(2020, 3, 31)).groupby("days")[["waits", "single"]].sum()
    assert waits.to_dict("index") == {
        30: {"waits": 1, "single": 0},
        40: {"waits": 1, "single": 0},
        90: {"waits": 1, "single": 1},
    }


def test_last_gap_pairs_are_the_last_two_gaps() -> None:
    held = bought(
        a=["2020-01-01", "2020-01-03", "2020-01-10", "2020-01-11"], b=["2020-01-01", "2020-01-05"]
    )
    pairs = counts.last_gap_pairs(held)
    assert pairs[["previous", "last", "customers"]].to_numpy().tolist() == [[7, 1, 1]]


def test_window_counts_of_the_worked_example() -> None:
    """Before: a, e, f; prior window: a, b, c, d; window: a, b, e, g, h."""
    before, prior, window = "2019-06-01", "2020-02-01", "2020-05-01"
    held = bought(
        a=[before, prior, window],
        b=[prior, window],
        c=[prior],
        d=[prior],
        e=[before, window],
        f=[before],
        g=[window],
        h=[window],
    )
    total = counts.window_counts(held, date(2020, 1, 1), date(2020, 4, 1), date(2020, 6, 30)).sum()
    assert total.drop("grp").to_dict() == {
        "start": 4,
        "first_time": 3,
        "end": 5,
        "new": 2,
        "retained": 2,
        "first_time_retained": 1,
    }


def test_a_group_of_new_customers_alone_has_none_retained() -> None:
    held = bought(a=["2020-05-01"], b=["2020-05-02"])
    found = counts.window_counts(held, date(2020, 1, 1), date(2020, 4, 1), date(2020, 6, 30))
    assert found["new"].sum() == 2
    assert found["retained"].tolist() == found["first_time_retained"].tolist() == [0, 0]


def test_second_purchases_need_a_whole_window_of_watching() -> None:
    held = bought(
        a=["2020-01-01", "2020-01-31"],
        b=["2020-01-01", "2020-03-01"],
        c=["2020-01-20"],
        d=["2020-02-15"],
    )
    total = counts.second_purchases(held, date(2020, 3, 10), within_days=30).sum()
    assert (total["customers"], total["again"]) == (3, 1)


def test_frequency_recency_at_an_earlier_day_needs_no_second_aggregation() -> None:
    held = bought(a=["2020-01-01", "2020-01-11", "2020-03-01"], b=["2020-02-01"], c=["2020-03-05"])
    found = counts.frequency_recency(held, date(2020, 2, 10))
    assert found.to_numpy().tolist() == [[0, 0, 9, 0, 1], [1, 10, 40, 1, 1]]


def test_recent_occasions_are_those_of_the_window_up_to_the_day() -> None:
    """The ten days up to 10 February begin on the 1st; what comes later is not recent."""
    held = bought(
        a=["2020-01-01", "2020-01-31", "2020-02-01", "2020-02-10", "2020-02-11"],
        b=["2020-01-31"],
        c=["2020-02-11"],
    )
    found = counts.frequency_recency(held, date(2020, 2, 10), recent_days=10)
    assert list(found) == ["frequency", "recency_days", "T_days", "recent", "later", "customers"]
    assert found.to_numpy().tolist() == [[0, 0, 10, 0, 0, 1], [3, 40, 40, 2, 1, 1]]


def test_revenue_splits_first_from_repeat_and_established_from_young() -> None:
    rows = [("a", "2018-01-01", 10.0), ("a", "2019-12-01", 4.0), ("b", "2019-11-01", 6.0)]
    total = revenue.revenue(occasions(lines(rows)), date(2019, 12, 31)).sum()
    assert (total["value"], total["repeat_value"]) == (20, 4)
    assert (total["firsts"], total["repeats"]) == (2, 1)
    assert (total["year_value"], total["established_value"]) == (10, 4)


def test_states_are_told_by_silence_and_frequency() -> None:
    as_of = date(2020, 12, 31)
    held = bought(
        lapsed=["2020-01-01"],
        new=["2020-12-01"],
        slipping=["2020-01-01", "2020-09-01"],
        active=["2020-01-01", "2020-12-20"],
    )
    table = customers.with_state(customers.customers(held, as_of), slipping_days=60, lapse_days=200)
    found = table.to_pandas()
    assert dict(zip(found["customer_id"], found["state"], strict=True)) == {
        name: name for name in ("lapsed", "new", "slipping", "active")
    }


def test_states_add_up_what_their_customers_are_worth() -> None:
    table = ibis.duckdb.connect().create_table(
        "customers",
        pd.DataFrame(
            {
                "state": ["new", "new", "lapsed"],
                "spend": [1.114, 2.004, -3.0],
                "expected_purchases": [0.1, 0.2, 0.3],
                "expected_revenue": [12.004, 21.004, 0.0],
                "clv": [10.004, 20.004, 0.0],
                "value_at_risk": [1.0, 2.499, 0.0],
            }
        ),
    )
    found = customers.states(table).set_index("state")
    assert found.loc["new"].tolist() == pytest.approx([2, 3.11, 0.3, 33, 30, 3.5])
    assert found.loc["lapsed"].tolist() == pytest.approx([1, -3, 0.3, 0, 0, 0])
    empty = {name: ibis.null("float64") for name in ("clv", "value_at_risk")}
    assert customers.states(table.mutate(**empty))[["clv", "at_risk"]].isnull().all().all()


def test_daily_counts_of_a_tiny_table() -> None:
    held = bought(a=["2020-01-01", "2020-01-03"], b=["2020-01-03"], c=["2020-01-07"])
    table = counts.daily(held, seed=1)
    assert [str(day)[:10] for day in table["day"]] == ["2020-01-01", "2020-01-03", "2020-01-07"]
    assert table[["occasions", "first_purchases"]].to_numpy().tolist() == [[1, 1], [2, 1], [1, 1]]
    assert table["sampled"].sum() == 3
    assert table["sampled"][2] == 1


def activity_rows(held: ibis.Table, unit: Any) -> dict[str, list[int]]:
    """Return active, new, retained and resurrected by the first day of the period."""
    table = counts.activity(held, unit).set_index("period")
    assert list(table.columns) == ["active", "new", "retained", "resurrected"]
    return {
        str(counts.period_bounds(int(period), unit)[0]): row.tolist()
        for period, row in zip(table.index, table.to_numpy(), strict=True)
    }


def test_activity_of_the_worked_example() -> None:
    held = bought(
        a=["2019-12-31", "2020-01-01", "2020-01-31", "2020-02-29"],
        b=["2019-12-30", "2020-02-01"],
        c=["2020-04-15"],
    )
    assert activity_rows(held, "month") == {
        "2019-12-01": [2, 2, 0, 0],
        "2020-01-01": [1, 0, 1, 0],
        "2020-02-01": [2, 0, 1, 1],
        "2020-03-01": [0, 0, 0, 0],
        "2020-04-01": [1, 1, 0, 0],
    }
    assert activity_rows(held, "quarter") == {
        "2019-10-01": [2, 2, 0, 0],
        "2020-01-01": [2, 0, 2, 0],
        "2020-04-01": [1, 1, 0, 0],
    }
    assert activity_rows(held, "half-year") == {
        "2019-07-01": [2, 2, 0, 0],
        "2020-01-01": [3, 1, 2, 0],
    }
    assert activity_rows(held, "year") == {"2019-01-01": [2, 2, 0, 0], "2020-01-01": [3, 1, 2, 0]}


def test_weeks_begin_on_monday() -> None:
    held = bought(a=["2020-01-05", "2020-01-06", "2020-01-12", "2020-01-27"])
    assert activity_rows(held, "week") == {
        "2019-12-30": [1, 1, 0, 0],
        "2020-01-06": [1, 0, 1, 0],
        "2020-01-13": [0, 0, 0, 0],
        "2020-01-20": [0, 0, 0, 0],
        "2020-01-27": [1, 0, 0, 1],
    }


def test_no_occasion_is_no_activity() -> None:
    table = counts.activity(bought(a=["2020-01-05"]).filter(ibis.literal(False)), "week")
    assert list(table.columns) == ["period", "active", "new", "retained", "resurrected"]
    assert len(table) == 0


@pytest.mark.parametrize("unit", ["week", "month", "quarter", "half-year", "year"])
def test_periods_adjoin_and_hold_the_days_they_are_numbered_for(unit: Any) -> None:
    days = pd.to_datetime(["1970-01-02", "1999-12-31", "2000-02-29", "2024-06-30", "2199-12-31"])
    for day in days.date:
        number = int(counts.activity(bought(a=[str(day)]), unit)["period"][0])
        first, last = counts.period_bounds(number, unit)
        assert first <= day <= last
        assert counts.period_bounds(number + 1, unit)[0] == last + timedelta(days=1)


def test_customers_between_counts_the_days_at_both_ends() -> None:
    held = bought(a=["2020-01-01", "2020-01-10"], b=["2020-01-05", "2020-01-06"], c=["2020-01-11"])
    assert counts.customers_between(held, date(2020, 1, 1), date(2020, 1, 11)) == 3
    assert counts.customers_between(held, date(2020, 1, 2), date(2020, 1, 10)) == 2
    assert counts.customers_between(held, date(2020, 1, 6), date(2020, 1, 6)) == 1
    assert counts.customers_between(held, date(2020, 1, 7), date(2020, 1, 9)) == 0
    assert counts.customers_between(held, date(2021, 1, 1), date(2021, 1, 9)) == 0


# --- CDNOW, recounted by pandas ---


def test_cdnow_totals(cdnow: ibis.Table, cdnow_days: pd.DataFrame) -> None:
    found = counts.totals(cdnow)
    per_customer = cdnow_days.groupby("customer")["day"].agg(["size", "min"])
    assert found == {
        "customers": len(per_customer),
        "occasions": len(cdnow_days),
        "repeat_buyers": int((per_customer["size"] > 1).sum()),
        "zero_occasions": int((cdnow_days["value"] == 0).sum()),
        "first_date": date(1997, 1, 1),
        "last_date": date(1998, 6, 30),
        "last_first_purchase": per_customer["min"].max().date(),
    }
    assert found["customers"] == 23_570


def test_cdnow_gaps(cdnow: ibis.Table, cdnow_days: pd.DataFrame) -> None:
    ordered = cdnow_days.sort_values(["customer", "day"])
    expected = ordered.groupby("customer")["day"].diff().dt.days.dropna().value_counts()
    found = counts.gaps(cdnow).groupby("days")["gaps"].sum()
    assert found.to_dict() == expected.to_dict()


def test_cdnow_calibration_is_the_published_one(sample: ibis.Table) -> None:
    triples = counts.frequency_recency(sample, date(1997, 9, 30))
    assert triples["customers"].sum() == 2357
    assert (triples["frequency"] * triples["customers"]).sum() == 2457
    assert triples.loc[triples["frequency"] > 0, "customers"].sum() == 946


def test_cdnow_daily(cdnow: ibis.Table, cdnow_days: pd.DataFrame) -> None:
    found = counts.daily(cdnow, seed=3).set_index("day")
    expected = cdnow_days.groupby("day").size()
    assert found["occasions"].to_dict() == expected.to_dict()
    firsts = cdnow_days.groupby("customer")["day"].min().value_counts()
    assert found["first_purchases"].sum() == firsts.sum()
    assert found.loc[firsts.index, "first_purchases"].to_dict() == firsts.to_dict()
    drawn = sampled(cdnow, seed=3).to_pandas()["day"].value_counts()
    assert found["sampled"].sum() == drawn.sum()
    assert found.loc[drawn.index, "sampled"].to_dict() == drawn.to_dict()


@pytest.mark.parametrize(
    ("unit", "rule"), [("week", "W-SUN"), ("month", "M"), ("quarter", "Q"), ("year", "Y")]
)
def test_cdnow_activity(cdnow: ibis.Table, cdnow_days: pd.DataFrame, unit: Any, rule: str) -> None:
    periods = cdnow_days["day"].dt.to_period(rule)
    active = cdnow_days.assign(period=periods).groupby("period")["customer"].agg(set).sort_index()
    seen: set[str] = set()
    before: set[str] = set()
    expected = {}
    for period, now in active.items():
        new, kept = len(now - seen), len(now & before)
        row = [len(now), new, kept, len(now) - new - kept]
        expected[str(period.start_time.date())] = row
        seen, before = seen | now, now
    assert activity_rows(cdnow, unit) == expected


def test_cdnow_customers_between(cdnow: ibis.Table, cdnow_days: pd.DataFrame) -> None:
    start, end = date(1997, 12, 1), date(1998, 6, 30)
    within = cdnow_days["day"].between(pd.Timestamp(start), pd.Timestamp(end))
    expected = cdnow_days.loc[within, "customer"].nunique()
    assert counts.customers_between(cdnow, start, end) == expected == 5_994


# --- properties ---

purchase = st.tuples(
    st.sampled_from("abcd"), st.dates(date(2020, 1, 1), date(2020, 3, 31)), st.integers(-3, 5)
)


def _summary(rows: list[tuple[str, str, float]], as_of: date) -> list[Any]:
    held = occasions(lines(rows)).cache()
    tables = counts.gaps(held), counts.waits(held, as_of), revenue.spend(held, as_of)
    tables += (
        counts.frequency_recency(held, as_of),
        counts.window_counts(held, date(2020, 1, 1), date(2020, 2, 15), as_of),
    )
    return [table.to_numpy().tolist() for table in tables]


@settings(max_examples=12, deadline=None)
@given(st.lists(purchase, min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_row_order_changes_nothing(rows: list[tuple[str, date, int]], random: Any) -> None:
    typed = [(name, str(day), float(amount)) for name, day, amount in rows]
    shuffled = random.sample(typed, len(typed))
    as_of = date(2020, 3, 31)
    assert _summary(typed, as_of) == _summary(shuffled, as_of)


@settings(max_examples=12, deadline=None)
@given(st.lists(purchase, min_size=1, max_size=25))
def test_every_customer_and_occasion_is_counted_once(rows: list[tuple[str, date, int]]) -> None:
    held = occasions(lines([(name, str(day), float(amount)) for name, day, amount in rows])).cache()
    as_of = date(2020, 3, 31)
    total = counts.totals(held)
    assert counts.waits(held, as_of)["waits"].sum() == total["customers"]
    assert counts.gaps(held)["gaps"].sum() + total["customers"] == total["occasions"]
    assert counts.gaps(held)["weight"].sum() == pytest.approx(total["repeat_buyers"])
    split = counts.window_counts(held, date(2020, 1, 1), date(2020, 2, 15), as_of).sum()
    resurrected = split["end"] - split["new"] - split["retained"]
    lost = split["start"] - split["retained"]
    assert split["end"] - split["start"] == split["new"] + resurrected - lost
    assert resurrected == 0  # nothing lies before the prior window


def test_a_model_s_parameters_do_not_overflow_the_engine_s_decimals() -> None:
    """Regression: the engine took p for a DECIMAL(18), too small once multiplied by 61."""
    days = pd.date_range("2020-01-01", periods=62).strftime("%Y-%m-%d")
    table = customers.customers(bought(a=list(days)), date(2020, 6, 30))
    names = {"frequency": 61, "recency_days": 61, "T_days": 181}
    scores = pd.DataFrame([names | {"p_alive": 0.5, "expected_purchases": 1.0}])
    scores["discounted_purchases"] = 1.0
    scores = scores.assign(purchases_low=0, purchases_high=3, worth_low=0.0, worth_high=4.0)
    days = ("next_purchase", "next_purchase_from", "next_purchase_to")
    scores = scores.assign(**dict.fromkeys(days, date(2020, 8, 1)))
    p = 1.6780320883249815
    valued = customers.with_scores(
        table, ibis.memtable(scores), lambda x, mean: p * (349.3 + x * mean) / (p * x + 7.5), 0.35
    )
    assert valued.clv.max().to_pyarrow().as_py() == pytest.approx(
        0.35 * p * (349.3 + 61 * 10) / (p * 61 + 7.5)
    )
