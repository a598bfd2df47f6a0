"""Dates at which the records change: worked by hand, then on the bundled clients."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from retention_lib import stats
from retention_lib.client import project_root
from retention_lib.data_audit.acquisition import acquisition_stop
from retention_lib.data_audit.breaks import breaks, is_tax
from retention_lib.data_audit.closures import is_holiday
from retention_lib.data_audit.days import Daily
from retention_lib.data_audit.moved import closed_days, in_windows, severity
from retention_lib.results import Audit, Break, Closures
from retention_lib.speech import Speech
from retention_lib.study import Study
from retention_lib.summaries import daily as summaries
from retention_lib.summaries.occasions import occasions
from retention_lib.words.data_audit import breaks as words
from tests import made
from tests.conftest import lines
from tests.simulated_shops import shop, with_tax

START = date(2021, 1, 4)  # a Monday
SPEECH = Speech(currency="EUR")
WINDOWS = ((date(2023, 1, 1), date(2023, 6, 30)), (date(2023, 7, 1), date(2023, 12, 31)))


def day(number: int) -> date:
    return START + timedelta(days=int(number))


def records(
    customers: np.ndarray, new: np.ndarray | None = None, value: float = 20.0, **known: Any
) -> Daily:
    """Return records of so many customers each day, of whom one in ten is new."""
    numbers = np.arange(len(customers))
    table = pd.DataFrame(
        {
            "day": pd.DatetimeIndex([day(n) for n in numbers]),
            "rows": 2.0 * customers,
            "customers": customers.astype(float),
            "new_customers": customers / 10 if new is None else new.astype(float),
            "money": value * customers,
            "log_value": math.log(value) * customers,
            "valued": customers.astype(float),
        }
    )
    table = table[table["rows"] > 0]
    return replace(Daily(table, START, day(len(customers) - 1)), **known)


def steady(days: int = 800, level: float = 40.0, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).poisson(level, days).astype(float)


def found(customers: np.ndarray, **known: Any) -> list[tuple[str, str, date, date | None]]:
    return [(it.kind, it.series, it.start, it.end) for it in breaks(records(customers, **known))]


# --- runs of days -------------------------------------------------------------


def test_the_evidence_of_a_silence_is_what_was_to_be_expected() -> None:
    assert stats.too_few(0, 14) == 14  # Poisson: p = exp(-14)
    assert stats.too_few(5, 10) == pytest.approx(5 + 5 * math.log(0.5))
    assert stats.too_few(10, 10) == stats.too_few(12, 10) == 0


def test_an_empty_week_is_a_run_with_what_it_lacks() -> None:
    counts = np.full(200, 10.0)
    counts[100:107] = 0
    (run,) = stats.empty_runs(counts, 13)
    assert run[:5] == (100, 106, 70, 0, 70)
    assert run.open_days == (True,) * 7


def test_days_are_expected_by_their_weekdays_and_by_the_quieter_side() -> None:
    week = np.array([8.0, 1, 2, 3, 4, 5, 0])
    counts = np.tile(week, 30)
    assert list(stats.by_weekday(counts, 70, 77)) == list(week)
    counts[77:] = counts[77:] / 2
    assert list(stats.by_weekday(counts, 70, 77)) == list(week / 2)
    assert np.isnan(stats.by_weekday(np.ones(10), 5, 7)).all()  # no two weeks on either side


def test_weekdays_without_sales_are_no_runs() -> None:
    counts = np.tile([9.0, 9, 9, 9, 0, 0, 0], 60)
    assert stats.empty_runs(counts, 6) == []
    counts[140:147] = 0  # four days of sales in a run of ten
    (run,) = stats.empty_runs(counts, 13)
    assert (run.start, run.end, sum(run.open_days), run.expected) == (137, 146, 4, 36)


def test_dispersion_is_that_of_neighbouring_weeks() -> None:
    rng = np.random.default_rng(1)
    assert stats.dispersion(rng.poisson(20, 1400).astype(float)) == pytest.approx(1, abs=0.3)
    bursts = rng.poisson(np.repeat(rng.gamma(4, 5, 200), 7)).astype(float)
    assert stats.dispersion(bursts) > 10
    assert stats.dispersion(np.full(20, 3.0)) == 1


# --- gaps and closures --------------------------------------------------------


def test_a_missing_week_is_a_gap_with_its_days_and_size() -> None:
    counts = steady()
    counts[400:407] = 0
    (gap,) = breaks(records(counts))
    assert (gap.kind, gap.series, gap.start, gap.end) == ("gap", "customers", day(400), day(406))
    assert gap.before == pytest.approx(40, rel=0.1) and gap.after == 0
    assert gap.touches == ["revenue", "cycle", "clv", "forecast"]


def test_in_a_small_shop_a_week_without_sales_is_chance() -> None:
    counts = steady(level=1.0)
    counts[400:407] = 0
    assert found(counts) == []
    counts[400:430] = 0
    assert [it[0] for it in found(counts)] == ["gap"]


def test_a_sale_or_two_within_it_leave_a_gap_a_gap() -> None:
    counts = steady()
    counts[400:414] = 0
    counts[405] = 1
    assert found(counts) == [("gap", "customers", day(400), day(413))]


def test_holidays_are_no_gaps_but_a_week_around_them_is() -> None:
    counts = steady()
    for year in (2021, 2022):
        at = (date(year, 12, 24) - START).days
        counts[at : at + 3] = 0  # 24 to 26 December
    easter = (date(2022, 4, 15) - START).days
    counts[easter : easter + 4] = 0  # Good Friday to Easter Monday
    assert found(counts) == []
    counts[easter - 3 : easter + 4] = 0
    assert [it[0] for it in found(counts)] == ["gap"]


def test_easter_is_that_of_either_church() -> None:
    assert is_holiday(date(2024, 3, 29)) and is_holiday(date(2024, 5, 6))
    assert not is_holiday(date(2024, 4, 15))


def test_a_shop_that_rests_every_august_is_closed_and_one_that_did_once_has_a_gap() -> None:
    counts = steady(1100)
    closed = [((date(year, 8, 1) - START).days, 31) for year in (2021, 2022, 2023)]
    for at, days in closed:
        counts[at : at + days] = 0
    assert found(counts) == [
        ("closed", "customers", date(year, 8, 1), date(year, 8, 31)) for year in (2021, 2022, 2023)
    ]
    once = steady(1100)
    once[closed[1][0] : closed[1][0] + 31] = 0
    assert [it[0] for it in found(once)] == ["gap"]


def test_a_closure_touches_the_rate_where_one_window_alone_holds_it() -> None:
    counts = steady(1100)
    for year in (2021, 2022, 2023):
        at = (date(year, 8, 1) - START).days
        counts[at : at + 31] = 0
    own = records(counts, windows=WINDOWS)
    assert [it.touches for it in breaks(own)] == [[], [], ["retained_rate"]]
    held = closed_days(breaks(own), WINDOWS)
    assert held == Closures(prior_days=0, window_days=31, held="more")
    whole_years = tuple((date(year, 1, 1), date(year, 12, 31)) for year in (2022, 2023))
    held = closed_days(breaks(own), whole_years)
    assert held == Closures(prior_days=31, window_days=31, held="alike")
    assert all(it.touches == [] for it in breaks(replace(own, windows=whole_years)))
    assert closed_days(breaks(own), ()) is None and closed_days([], WINDOWS) is None


# --- levels -------------------------------------------------------------------


def test_half_of_the_customers_from_a_day_on_is_one_break_of_all_series() -> None:
    counts = steady()
    counts[500:] = np.floor(counts[500:] / 2)
    (level,) = breaks(records(counts))
    assert (level.kind, level.series, level.end) == ("level", "customers", None)
    assert abs((level.start - day(500)).days) <= 2
    assert level.before == pytest.approx(40, rel=0.1)
    assert level.after == pytest.approx(20, rel=0.1)
    assert level.touches == ["clv", "forecast", "revenue"]


def test_rows_for_each_purchase_are_a_level_of_their_own() -> None:
    own = records(steady())
    later = own.days["day"] >= pd.Timestamp(day(500))
    rng = np.random.default_rng(4)
    rows = own.days["customers"] + rng.poisson(np.where(later, 3, 1) * own.days["customers"])
    (level,) = breaks(replace(own, days=own.days.assign(rows=rows)))
    assert (level.kind, level.series) == ("level", "rows")
    assert abs((level.start - day(500)).days) <= 3
    assert (level.after or 0) / (level.before or 1) == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize(
    "flow",
    [
        1 + 0.4 * np.sin(2 * np.pi * np.arange(1100) / 365.25),  # a season
        np.linspace(0.3, 2, 1100),  # growth
        np.exp(-np.arange(1100) / 500),  # decline
        np.where(np.arange(1100) % 364 < 35, 2.5, 1),  # a peak every year
        np.where((np.arange(1100) > 500) & (np.arange(1100) < 535), 2.0, 1),  # a peak once
        np.minimum(1, np.arange(1100) / 200),  # a young shop
    ],
)
def test_seasons_trends_and_peaks_are_no_breaks(flow: np.ndarray) -> None:
    for seed in range(5):
        counts = np.random.default_rng(seed).poisson(40 * flow).astype(float)
        assert found(counts[np.flatnonzero(counts)[0] :]) == []


@pytest.mark.parametrize("scale", [0.01, 1000.0])
def test_money_in_another_unit_has_the_same_breaks(scale: float) -> None:
    own = replace(_taxed(0.23), has_amounts=True)
    table = own.days.assign(
        money=own.days["money"] * scale,
        log_value=own.days["log_value"] + math.log(scale) * own.days["valued"],
    )
    (here,), (there,) = breaks(own), breaks(replace(own, days=table))
    assert (here.kind, here.series, here.start) == (there.kind, there.series, there.start)
    assert there.before == pytest.approx((here.before or 0) * scale)


def test_a_year_later_the_same_records_have_the_same_breaks() -> None:
    counts = steady()
    counts[300:307], counts[500:] = 0, np.floor(counts[500:] / 2)
    own = records(counts)
    moved = own.days.assign(day=own.days["day"] + pd.Timedelta(days=4 * 7))
    later = [timedelta(days=4 * 7) + it for it in (own.first_date, own.as_of)]
    here, there = breaks(own), breaks(Daily(moved, *later))
    assert [it.start + timedelta(days=28) for it in here] == [it.start for it in there]


def _taxed(rate: float) -> Daily:
    rng = np.random.default_rng(12)
    whole = with_tax(rate)(shop(rng, 10_000), 600, rng)
    table = whole.daily()
    ends = table["day"].iloc[0].date(), table["day"].iloc[-1].date()
    return Daily(table, *ends, value_change=whole.value_change)


@pytest.mark.parametrize("rate", [0.19, 0.23, -0.1667])
def test_order_values_that_move_by_a_tax(rate: float) -> None:
    (tax,) = breaks(_taxed(rate))
    assert (tax.kind, tax.series, tax.end) == ("tax", "order_value", None)
    assert abs((tax.start - (date(2022, 1, 1) + timedelta(days=600))).days) <= 7
    assert (tax.after or 0) / (tax.before or 1) == pytest.approx(1 + rate, rel=0.06)
    assert tax.touches == ["revenue", "clv", "forecast"]


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (1.19, True),
        (1 / 1.23, True),
        (1.07, True),
        (1.27, True),
        (1.14, False),
        (1.5, False),
        (2, False),
    ],
)
def test_what_is_a_tax(ratio: float, expected: bool) -> None:
    assert is_tax(math.log(ratio)) is expected
    assert is_tax(math.log(1.295), 0.01) and not is_tax(math.log(1.4), 0.5)


# --- new customers ------------------------------------------------------------


def _new(*parts: tuple[int, float]) -> np.ndarray:
    return np.concatenate([np.full(days, level) for days, level in parts])


def test_new_customers_who_stop() -> None:
    (stop,) = breaks(records(steady(500), _new((200, 4), (300, 0))))
    assert (stop.kind, stop.series) == ("acquisition_stops", "new_customers")
    assert (stop.start, stop.end, stop.before, stop.after) == (day(200), None, 4, 0)
    assert stop.touches == ["retained_rate", "new_customers", "clv", "forecast"]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (((150, 4.0), (50, 0.0)), 150),
        (((180, 4.0), (20, 0.0)), None),  # under 28 days
        (((370, 4.0), (30, 0.0)), None),  # under a tenth of the history
        (((150, 0.1), (50, 0.0)), None),  # five were to be expected
        (((60, 4.0), (29, 0.0)), None),  # under 90 days of history
        (((100, 4.0), (60, 0.0), (40, 4.0)), None),  # they come again
        (((200, 0.0),), None),
    ],
)
def test_when_nobody_new_is_a_stop(
    parts: tuple[tuple[int, float], ...], expected: int | None
) -> None:
    new = _new(*parts)
    table = pd.DataFrame({"day": [day(n) for n in range(len(new))], "new_customers": new})
    stop = acquisition_stop(table[table["new_customers"] > 0], START, day(len(new) - 1))
    assert stop == (None if expected is None else day(expected))


def test_new_customers_who_pause_or_begin_late() -> None:
    (pause,) = breaks(records(steady(500), _new((200, 4), (100, 0), (200, 4))))
    assert (pause.kind, pause.start, pause.end) == ("acquisition_stops", day(200), day(299))
    (begin,) = breaks(records(steady(500), _new((20, 30), (280, 0), (200, 4))))
    assert (begin.kind, begin.start, begin.after) == ("acquisition_starts", day(300), 4)


@pytest.mark.parametrize("days", [1, 3])
def test_a_bulk_of_first_purchases(days: int) -> None:
    new = _new((500, 4))
    new[300 : 300 + days] = 600 / days
    customers = steady(500)
    customers[300 : 300 + days] += 600 / days
    (bulk,) = breaks(records(customers, new))
    assert (bulk.kind, bulk.start, bulk.end) == ("migration", day(300), day(299 + days))
    assert (bulk.before, bulk.after) == (4, 600 / days)
    assert bulk.touches == ["cycle", "second_purchase_rate", "new_customers", "clv", "forecast"]


def test_in_the_first_days_everybody_is_new() -> None:
    new = _new((500, 4))
    new[:5] = 200
    assert breaks(records(steady(500), new)) == []


def test_a_history_that_starts_mid_life_breaks_on_its_first_day() -> None:
    (begin,) = breaks(records(steady(300), starts_mid_life=True, cycle_days=50))
    assert (begin.kind, begin.start, begin.end) == ("mid_life", START, None)
    assert begin.touches == ["cycle", "second_purchase_rate", "new_customers", "clv", "forecast"]


# --- the first and the last days ----------------------------------------------


def test_last_days_that_hold_far_less() -> None:
    counts = steady(500)
    counts[-5:] = 3
    (cut,) = breaks(records(counts, windows=((day(300), day(399)), (day(400), day(499)))))
    assert (cut.kind, cut.start, cut.end, cut.after) == ("truncated_end", day(495), day(499), 3)
    assert cut.before == pytest.approx(40, rel=0.1)
    assert cut.touches == ["clv", "forecast", "retained_rate"]


def test_stray_days_before_the_records_proper() -> None:
    counts = steady(500)
    counts[:60] = 0
    counts[[0, 20, 40]] = 1
    (stray,) = breaks(records(counts))
    assert (stray.kind, stray.start, stray.end) == ("truncated_start", START, day(59))
    assert stray.before == pytest.approx(40, rel=0.1) and stray.after == 3 / 60


@pytest.mark.parametrize("days", [0, 1, 30, 89])
def test_short_records_have_no_breaks(days: int) -> None:
    counts = steady(max(days, 1), 40) * (days > 0)
    assert breaks(replace(records(steady(1) + 1), as_of=day(max(days, 1) - 1))) == []
    assert found(counts + 1) == []


# --- how bad it is ------------------------------------------------------------


def broken(kind: str, start: date, end: date | None = None, **known: Any) -> Break:
    figures = {"series": "customers", "before": 40.0, "after": 0.0, "touches": ["revenue"]}
    return Break.model_validate({"kind": kind, "start": start, "end": end, **figures, **known})


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (broken("gap", date(2023, 8, 1), date(2023, 8, 7)), "fit with care"),
        (broken("gap", date(2023, 8, 1), date(2023, 10, 31)), "unfit"),
        (broken("gap", date(2021, 8, 1), date(2021, 12, 31)), "fit with care"),
        (broken("level", date(2023, 8, 1), after=10.0), "unfit"),
        (broken("level", date(2023, 8, 1), after=20.0), "fit with care"),
        (broken("level", date(2021, 8, 1), after=10.0), "fit with care"),
        (broken("closed", date(2023, 8, 1), date(2023, 8, 31), touches=[]), "fit"),
        (broken("tax", date(2023, 8, 1), series="order_value"), "fit with care"),
    ],
)
def test_a_break_within_the_windows_is_worse(found: Break, expected: str) -> None:
    assert severity(found, WINDOWS) == expected
    assert severity(replace_touches(found), WINDOWS) == "fit"


def replace_touches(found: Break) -> Break:
    return found.model_copy(update={"touches": []})


def test_what_lies_in_the_windows() -> None:
    gap = broken("gap", date(2022, 12, 20), date(2023, 1, 1))
    assert in_windows(gap, WINDOWS) and not in_windows(gap, ())
    assert not in_windows(broken("level", date(2022, 12, 31)), WINDOWS)
    assert not in_windows(broken("level", date(2024, 1, 1)), WINDOWS)


# --- the summaries that they are found in --------------------------------------

SALES = [
    ("a", "2024-01-01", 10.0),
    ("a", "2024-01-01", 10.0),
    ("b", "2024-01-01", 40.0),
    ("a", "2024-01-03", 30.0),
    ("b", "2024-01-03", 0.0),
]
FREE = [("a", "2024-02-01", 0.0), ("b", "2024-02-01", 5.0), ("b", "2024-02-01", -8.0)]


def test_days_are_summed_by_rows_and_by_purchases() -> None:
    rows = lines(SALES, reason=[None] * 4 + ["after_as_of"])
    used = rows.filter(rows.reason.isnull())
    table = summaries.daily(rows, occasions(used))
    assert table.drop(columns="log_value").to_numpy().tolist() == [
        [pd.Timestamp("2024-01-01"), 3, 2, 2, 60.0, 2],
        [pd.Timestamp("2024-01-03"), 1, 1, 0, 30.0, 1],
    ]
    assert list(table["log_value"]) == pytest.approx([math.log(20) + math.log(40), math.log(30)])


def test_purchases_worth_nothing_have_no_logarithm() -> None:
    rows = lines(FREE, reason=[None] * 3)
    table = summaries.daily(rows, occasions(rows))
    assert table[["customers", "money", "log_value", "valued"]].to_numpy().tolist() == [
        [2, -3.0, 0.0, 0]
    ]


def test_values_and_prices_across_a_day_are_of_who_is_on_both_sides() -> None:
    rows = lines(SALES)
    told = summaries.value_change(occasions(rows), date(2024, 1, 2))
    assert told["n"] == 1 and told["mean"] == told["median"] == pytest.approx(math.log(1.5))
    priced = lines(SALES, product=list("xyxxy"), reason=[None] * 5)
    priced = priced.mutate(quantity=priced.amount * 0 + 2)
    told = summaries.price_change(priced, date(2024, 1, 2))
    # x is sold at 5 and 20 a piece before, at 15 after; y for nothing after
    assert told["n"] == 1
    assert told["mean"] == pytest.approx(math.log(15) - (math.log(5) + math.log(20)) / 2)
    assert summaries.price_change(priced, date(2025, 1, 1))["n"] == 0


def test_prices_are_against_a_products_own_mean() -> None:
    rows = lines(
        [("a", "2024-01-01", 10.0), ("a", "2024-01-02", 11.0), ("b", "2024-01-02", 99.0)],
        product=["x", "x", "once"],
        reason=[None] * 3,
    )
    assert not summaries.has_prices(rows) and summaries.prices(rows).empty
    priced = rows.mutate(unit_price=rows.amount)
    table = summaries.prices(priced)
    half = math.log(1.1) / 2
    assert list(table["log_price"]) == pytest.approx([-half, half])
    assert list(table["priced"]) == [1, 1]


def test_prices_that_rise_by_a_tax_are_found_where_products_have_them() -> None:
    rng = np.random.default_rng(5)
    sold = rng.integers(0, 700, 9_000)
    product = rng.integers(0, 40, len(sold))
    price = np.round(np.exp(rng.normal(2, 1, 40))[product] * np.where(sold >= 400, 1.19, 1), 2)
    table = pd.DataFrame(
        {
            "customer_id": [f"c{n}" for n in rng.integers(0, 2_000, len(sold))],
            "day": [day(int(n)).isoformat() for n in sold],
            "amount": price * rng.integers(1, 5, len(sold)),
        }
    )
    rows = lines(
        table.itertuples(index=False, name=None),
        product=[f"p{n}" for n in product],
        price=[str(it) for it in price],
        reason=[None] * len(sold),
    )
    rows = rows.mutate(unit_price=rows.price.cast(float)).cache()
    whole = occasions(rows.select("customer_id", "day", "amount")).cache()
    (tax,) = breaks(
        Daily(
            summaries.daily(rows, whole),
            START,
            day(699),
            prices=summaries.prices(rows),
            value_change=lambda it: summaries.value_change(whole, it),
            price_change=lambda it: summaries.price_change(rows, it),
        )
    )
    assert (tax.kind, tax.series, tax.start) == ("tax", "unit_price", day(400))
    assert (tax.before, tax.after) == (100, pytest.approx(119, abs=0.2))


# --- real records -------------------------------------------------------------


def test_cdnow_stops_winning_customers_and_nothing_else_breaks(cdnow_study: Study) -> None:
    audit = cdnow_study.audit()
    assert [(it.kind, it.start, it.end) for it in audit.breaks] == [
        ("acquisition_stops", date(1997, 3, 26), None)
    ]
    assert audit.closed_group and audit.closures is None


def test_the_demo_client_has_no_breaks(demo: Study) -> None:
    assert demo.audit().breaks == [] and not demo.audit().closed_group


UCI = project_root() / "../shared/data/online_retail_uci.csv.gz"


@pytest.mark.slow
@pytest.mark.skipif(not UCI.exists(), reason="the UCI records are not beside the project")
def test_the_gift_shop_rests_at_christmas_and_begins_mid_life() -> None:
    raw = pd.read_csv(UCI, encoding="utf-8", dtype={"CustomerID": str})
    raw = raw[raw["CustomerID"].notna() & (raw["Quantity"] > 0)]
    days = pd.to_datetime(raw["InvoiceDate"]).dt.normalize()
    table = raw.assign(day=days, money=raw["Quantity"] * raw["UnitPrice"])
    bought = table.groupby(["CustomerID", "day"], as_index=False)["money"].sum()
    bought = bought[bought["money"] > 0]
    first = bought["day"] == bought.groupby("CustomerID")["day"].transform("min")
    by_day = bought.assign(new=first, log=np.log(bought["money"])).groupby("day")
    sums = by_day.agg(
        customers=("money", "size"),
        new_customers=("new", "sum"),
        money=("money", "sum"),
        log_value=("log", "sum"),
    )
    sums = sums.assign(rows=table.groupby("day").size(), valued=sums["customers"]).reset_index()
    own = Daily(sums, date(2010, 12, 1), date(2011, 12, 9), starts_mid_life=True, cycle_days=73)
    # one Christmas is a gap: no other year says that the shop is closed then
    assert [(it.kind, it.start, it.end) for it in breaks(own)] == [
        ("mid_life", date(2010, 12, 1), None),
        ("gap", date(2010, 12, 24), date(2011, 1, 3)),
    ]


NORTHWIND = project_root() / "../shared/data/northwind_small.sqlite"


@pytest.mark.skipif(
    not NORTHWIND.exists(), reason="the Northwind records are not beside the project"
)
def test_the_traders_prices_rise_by_a_quarter_between_two_weeks() -> None:
    with closing(sqlite3.connect(NORTHWIND)) as database:
        sold = pd.read_sql(
            "SELECT o.CustomerID, date(o.OrderDate) AS day, d.Quantity * d.UnitPrice AS amount, "
            'd.ProductID, d.UnitPrice FROM "Order Details" d JOIN Orders o USING (OrderID)',
            database,
        )
    # each product costs its highest price on all days from Monday, April 7, on, and on none before
    high = sold["UnitPrice"] >= 0.999 * sold.groupby("ProductID")["UnitPrice"].transform("max")
    near = sold[sold["day"].between("1997-03-10", "1997-04-18")]
    assert (high[near.index] == (near["day"] >= "1997-04-07")).all()
    rows = lines(
        sold[["CustomerID", "day", "amount"]].itertuples(index=False, name=None),
        product=list(sold["ProductID"].astype(str)),
        price=list(sold["UnitPrice"].astype(str)),
        reason=[None] * len(sold),
    )
    rows = rows.mutate(unit_price=rows.price.cast(float)).cache()
    whole = occasions(rows.select("customer_id", "day", "amount")).cache()
    (tax,) = breaks(
        Daily(
            summaries.daily(rows, whole),
            date(1996, 7, 4),
            date(1998, 5, 6),
            prices=summaries.prices(rows),
            value_change=lambda it: summaries.value_change(whole, it),
            price_change=lambda it: summaries.price_change(rows, it),
        )
    )
    assert (tax.kind, tax.series, tax.start) == ("tax", "unit_price", date(1997, 4, 7))
    assert (tax.before, tax.after) == (100, pytest.approx(125, abs=0.5))


# --- words --------------------------------------------------------------------


def audited(*breaks: Break, closures: Closures | None = None) -> Audit:
    return made.changed(made.audit(), breaks=list(breaks), closures=closures)  # type: ignore[no-any-return]


GAP = broken("gap", date(2023, 8, 1), date(2023, 8, 7), touches=["revenue", "cycle"])
HELD = Closures(prior_days=0, window_days=31, held="more")
SENTENCES: list[tuple[Callable[[Any, Speech], str], Any, str, Any, str]] = [
    (
        words.caption,
        audited(GAP),
        "Dates at which the records change",
        audited(),
        "No date at which the records change",
    ),
    (
        words.meaning,
        audited(GAP, broken("closed", date(2023, 8, 1), date(2023, 8, 31)), closures=HELD),
        "It moves revenue and the purchase cycle.",
        audited(),
        "No day was found on which the records change",
    ),
]


@pytest.mark.parametrize(
    ("found", "name", "when", "part"),
    [
        (GAP, "Days without sales", "Aug 1, 2023 to Aug 7, 2023", "40.0 customers a day were"),
        (broken("gap", GAP.start, GAP.start), "Days without sales", "Aug 1, 2023", "On Aug 1"),
        (broken("closed", GAP.start, GAP.end), "Closed every year", "Aug 1", "the shop rested"),
        (
            broken("level", GAP.start, after=20.0),
            "Customers a day",
            "from Aug 1, 2023 on",
            "20.0 customers buy each day instead of 40.0",
        ),
        (
            broken("level", GAP.start, series="order_value", before=20.0, after=25.0),
            "Value of a purchase",
            "from Aug 1, 2023 on",
            "worth €25 instead of €20",
        ),
        (
            broken("level", GAP.start, series="money", before=200.0, after=250.0),
            "Revenue of a purchase",
            "from",
            "€250 a day instead of €200",
        ),
        (
            broken("level", GAP.start, series="rows", after=9.0),
            "Rows for",
            "from",
            "9.0 rows a day",
        ),
        (
            broken("level", GAP.start, series="unit_price", before=100.0, after=112.0),
            "Prices",
            "from",
            "12% higher",
        ),
        (
            broken("level", GAP.start, series="unit_price", before=100.0, after=85.0),
            "Prices",
            "from",
            "15% lower",
        ),
        (
            broken("tax", GAP.start, series="unit_price", before=100.0, after=119.0),
            "Prices, by a tax rate",
            "from",
            "prices are 19% higher",
        ),
        (
            broken("tax", GAP.start, series="order_value", before=119.0, after=100.0),
            "Prices, by a tax rate",
            "from",
            "prices are 16% lower",
        ),
        (broken("acquisition_stops", GAP.start), "New customers stop", "from", "closed group"),
        (
            broken("acquisition_stops", GAP.start, GAP.end),
            "New customers stop",
            "to",
            "though known customers do",
        ),
        (broken("acquisition_starts", GAP.start, after=4.0), "New customers begin", "from", "4.0"),
        (
            broken("migration", GAP.start, GAP.end, before=4.0, after=200.0),
            "First purchases pile up",
            "to",
            "200.0 customers a day bought for the first time, against 4.0",
        ),
        (
            broken("migration", GAP.start, GAP.start, before=4.0, after=200.0),
            "First purchases pile up",
            "Aug 1, 2023",
            "200 customers bought for the first time",
        ),
        (broken("mid_life", GAP.start), "The records begin mid-life", "Aug 1, 2023", "under way"),
        (broken("truncated_start", GAP.start, GAP.end), "Stray days", "to", "stray sales only"),
        (broken("truncated_end", GAP.start, GAP.end), "The last days", "to", "made too early"),
    ],
)
def test_each_kind_of_break_is_said(found: Break, name: str, when: str, part: str) -> None:
    assert words.name(found, SPEECH).startswith(name)
    assert when in words.when(found, SPEECH)
    assert part in words.said(found, SPEECH)
    said = words.meaning(audited(found), SPEECH)
    assert part in said and said.count("\n") == 0


def test_the_table_of_breaks_has_a_row_each_and_one_for_a_yearly_closure() -> None:
    closed = [
        broken("closed", date(year, 8, 1), date(year, 8, 31), touches=[]) for year in (2021, 2022)
    ]
    table = words.rows(audited(*closed, GAP), SPEECH)
    assert table.to_numpy().tolist() == [
        ["Aug 1, 2022 to Aug 31, 2022", "Closed every year", *_SIZES, "–"],
        [
            "Aug 1, 2023 to Aug 7, 2023",
            "Days without sales",
            *_SIZES,
            "revenue and the purchase cycle",
        ],
    ]


_SIZES = ("40.0 customers a day", "0.0 customers a day")


def test_what_moves_no_figure_says_so_and_windows_are_told_apart() -> None:
    closed = broken("closed", GAP.start, date(2023, 8, 31), touches=[])
    said = words.meaning(audited(closed, closures=HELD), SPEECH)
    assert "It moves no figure." in said and "compare with the same window a year earlier" in said
    alike = Closures(prior_days=31, window_days=31, held="alike")
    assert "can be compared" in words.meaning(audited(closed, closures=alike), SPEECH)
