"""The cycle, the window of three of them, and the gate: worked numbers and edges."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_lib import cycle_detection, stats
from retention_lib.client.definitions import Definitions
from retention_lib.cycle_detection import calendar, return_curve, season, subscriptions
from retention_lib.cycle_detection.window import (
    before,
    chart_period,
    window_for,
    window_of,
    windows,
    year_before,
)
from retention_lib.cycle_detection.window import gate as reached_gate
from retention_lib.results import Cycle, Period, Why, why
from retention_lib.study.cycle_inputs import cycle_inputs
from retention_lib.summaries import counts
from retention_lib.summaries.occasions import occasions
from tests.conftest import bought, lines, occasions_of

END = date(1998, 6, 30)


def cycle_of(held: ibis.Table, as_of: date, pin: Definitions | None = None) -> Cycle:
    first: date = counts.totals(held)["first_date"]
    return cycle_detection.cycle(cycle_inputs(held, first, as_of), first, as_of, pin)


def simulated(gaps: np.ndarray, seen: int) -> ibis.Table:
    """Customers who all start on one day, with these gaps, seen for so many days."""
    days = np.hstack([np.zeros((len(gaps), 1)), np.floor(np.cumsum(gaps, axis=1))])
    rows = pd.DataFrame(
        [
            (f"c{customer}", pd.Timestamp("2020-01-01") + pd.Timedelta(days=int(day)), 1.0)
            for customer, own in enumerate(days)
            for day in sorted(set(own[own < seen]))
        ],
        columns=["customer", "day", "value"],
    )
    return occasions_of(rows)


@pytest.fixture(scope="module")
def cdnow_cycle(cdnow: ibis.Table) -> Cycle:
    return cycle_of(cdnow, END)


def test_cdnow_reference(cdnow_cycle: Cycle) -> None:
    found = cdnow_cycle
    assert (found.cycle_days, found.q75_days, found.tau_days) == (65, 177, 543)
    assert found.settled is False
    assert (found.cycle_lower, found.cycle_upper) == (65, None)
    assert found.bounds_high is None and found.why_not["/bounds_high"] == why("no_upper_bound")
    assert found.pooled_median_days == 38
    assert found.naive_median_gap_days == 34
    assert found.not_back_share == pytest.approx(0.507, abs=5e-4)
    assert found.regularity_k_raw == pytest.approx(0.93, abs=5e-3)
    assert found.regularity_k == pytest.approx(0.90, abs=5e-3)
    assert found.lapse_days == 203
    assert found.window is not None
    assert (found.window.length, found.window.unit, found.window.days) == (7, "month", 212)
    assert found.gate == "two_windows"
    assert near(found.cycle_ci95, 64, 67, 2)
    assert near(found.lapse_ci95, 189, 216, 4)
    low, high = found.regularity_ci95 or (0, 0)
    assert 0.86 < low < 0.90 < high < 0.94


def near(interval: tuple[float, float] | None, low: float, high: float, by: float) -> bool:
    """Whether both ends of an interval are where others, who drew otherwise, found them."""
    assert interval is not None
    return abs(interval[0] - low) <= by and abs(interval[1] - high) <= by


def test_complete_journey_reference(complete_journey_days: pd.DataFrame) -> None:
    found = cycle_of(occasions_of(complete_journey_days), date(2017, 12, 31))
    assert (found.cycle_days, found.q75_days, found.tau_days) == (6, 14, 196)
    assert found.settled is True
    assert (found.naive_median_gap_days, found.pooled_median_days) == (3, 3)
    assert found.not_back_share == pytest.approx(0.015, abs=5e-4)
    assert found.regularity_k_raw == pytest.approx(1.46, abs=5e-3)
    assert found.regularity_k == pytest.approx(1.08, abs=5e-3)
    assert found.window is not None
    assert (found.window.length, found.window.unit, found.window.days) == (3, "week", 21)
    assert found.gate == "trend"
    assert found.lapse_days == 112
    assert near(found.lapse_ci95, 95, 128, 8)
    assert found.starts_mid_life is True  # a panel of households who bought there before


def test_uci_reference(uci_days: pd.DataFrame) -> None:
    held = occasions_of(uci_days)
    found = cycle_of(held, date(2011, 12, 9))
    assert counts.totals(held)["customers"] == 4_338
    assert (found.cycle_days, found.q75_days, found.tau_days) == (73, 160, 368)
    assert found.settled is False
    assert (found.cycle_lower, found.cycle_upper) == (73, 97)
    assert near(found.cycle_ci95, 69, 77, 2)
    assert found.cycle_ci95 is not None and found.interval is not None
    low, high = found.interval
    assert low == found.cycle_ci95[0] < 73
    assert high is not None and 97 < high <= 105
    assert (found.naive_median_gap_days, found.pooled_median_days) == (28, 36)
    assert found.not_back_share == pytest.approx(0.154, abs=5e-4)
    assert found.regularity_k_raw == pytest.approx(1.83, abs=5e-3)
    assert found.regularity_k == pytest.approx(1.73, abs=5e-3)
    assert found.window is not None
    assert (found.window.length, found.window.unit, found.window.days) == (8, "month", 244)
    assert found.gate == "one_window"
    assert found.lapse_days is None
    assert found.starts_mid_life is True


def test_cdnow_recounted_by_pandas(cdnow_cycle: Cycle, cdnow_days: pd.DataFrame) -> None:
    """The cycle once more, from the raw file, with loops over days instead of weighted tables."""
    ordered = cdnow_days.sort_values(["customer", "day"])
    gaps = ordered.groupby("customer")["day"].diff().dt.days
    per_customer = gaps.groupby(ordered["customer"]).transform("count")
    waits = (pd.Timestamp(END) - ordered.groupby("customer")["day"].max()).dt.days
    single = waits[ordered.groupby("customer")["day"].size() == 1]
    not_back, curve, last_enough = 1.0, [], 0
    for day in range(int(max(gaps.max(), waits.max())) + 1):
        at_risk = (1 / per_customer[gaps >= day]).sum() + (single >= day).sum()
        if at_risk > 0:
            not_back *= 1 - (1 / per_customer[gaps == day]).sum() / at_risk
        curve.append(not_back)
        last_enough = day if at_risk >= max(30, 0.01 * len(waits)) - 1e-9 else last_enough
    half = 0.5 * (1 - curve[last_enough])
    assert cdnow_cycle.tau_days == last_enough
    assert cdnow_cycle.cycle_days == next(d for d, s in enumerate(curve) if 1 - s >= half)
    assert cdnow_cycle.not_back_share == pytest.approx(curve[last_enough])
    assert cdnow_cycle.naive_median_gap_days == gaps.median()


def test_cdnow_pooled_median_and_window_recounted(
    cdnow_cycle: Cycle, cdnow_days: pd.DataFrame
) -> None:
    ordered = cdnow_days.sort_values(["customer", "day"])
    gaps = ordered.groupby("customer")["day"].diff().dt.days.dropna()
    waits = (pd.Timestamp(END) - ordered.groupby("customer")["day"].max()).dt.days
    curve, last_enough = [1.0], 0
    for day in range(1, int(waits.max()) + 1):
        at_risk = (gaps >= day).sum() + (waits >= day).sum()
        curve.append(curve[-1] * (1 - (gaps == day).sum() / at_risk))
        last_enough = day if at_risk >= max(30, 0.01 * len(waits)) else last_enough
    half = 0.5 * (1 - curve[last_enough])
    pooled = next(day for day, left in enumerate(curve) if 1 - left >= half)
    assert cdnow_cycle.pooled_median_days == pooled == 38
    end = pd.Timestamp(END)
    months = next(n for n in range(1, 99) if (end - (end - pd.offsets.MonthEnd(n))).days >= 3 * 65)
    assert cdnow_cycle.window is not None and cdnow_cycle.window.length == months == 7
    assert cdnow_cycle.window.days == (end - (end - pd.offsets.MonthEnd(7))).days


def test_cdnow_regularity_recounted(cdnow_cycle: Cycle, cdnow_days: pd.DataFrame) -> None:
    """Customer by customer from the last three days of buying, with and without whole days."""
    ordered = cdnow_days.sort_values(["customer", "day"])
    three = ordered.groupby("customer").tail(3).groupby("customer")["day"].apply(list)
    two = np.array(
        [np.diff(days).astype("timedelta64[D]").astype(int) for days in three[three.str.len() == 3]]
    )
    u = (np.arange(8) + 0.5) / 8
    grid = np.array([(before, after) for before in u for after in u])
    for offsets, found in (
        (np.zeros((1, 2)), cdnow_cycle.regularity_k_raw),
        (grid, cdnow_cycle.regularity_k),
    ):
        spread = [np.mean(((two - o)[:, 1] / (two - o).sum(axis=1) - 0.5) ** 2) for o in offsets]
        variance = np.mean(spread)
        assert found == pytest.approx((1 - 4 * variance) / (8 * variance))


@pytest.mark.slow
def test_cdnow_cycle_grows_as_history_does(cdnow_days: pd.DataFrame) -> None:
    quarters = ["1997-06-30", "1997-09-30", "1997-12-31", "1998-03-31", "1998-06-30"]
    found = []
    for end in quarters:
        held = occasions_of(cdnow_days[cdnow_days["day"] <= end])
        found.append(cycle_of(held, date.fromisoformat(end)).cycle_days)
    assert found == [38, 46, 55, 63, 65]


def test_naive_median_is_far_too_short() -> None:
    """One-rate Poisson buyers with a true median of 83 days.

    Of customers who enter evenly over 180 days the completed gaps have a median of 34 days
    (33.57 by integrating the renewal density), of customers all seen for 180 days one of 47.
    """
    gaps = np.random.default_rng(11).exponential(83 / math.log(2), size=(40_000, 12))
    days = np.cumsum(gaps, axis=1)
    entered = np.random.default_rng(12).uniform(0, 180, size=(40_000, 1))
    for seen, expected in ((180 - entered, 33.57), (np.full((40_000, 1), 180.0), 46.88)):
        completed = np.floor(gaps[days < seen])
        found = stats.weighted_median(completed, np.ones(len(completed)))
        assert found == pytest.approx(expected, abs=1)


# --- window and periods ---


@pytest.mark.parametrize(
    ("cycle_days", "as_of", "length", "unit", "days"),
    [
        (65, END, 7, "month", 212),
        (6, date(2017, 12, 31), 3, "week", 21),
        (73, date(2011, 12, 9), 8, "month", 244),
        (1, date(2020, 1, 1), 1, "week", 7),
        (20, date(2020, 1, 1), 9, "week", 63),
        (21, date(2020, 3, 31), 3, "month", 91),
        (120, date(2020, 12, 31), 4, "quarter", 366),
    ],
)
def test_window(cycle_days: int, as_of: date, length: int, unit: str, days: int) -> None:
    window = window_for(cycle_days, as_of)
    assert (window.length, window.unit, window.days) == (length, unit, days)
    assert window.days >= 3 * cycle_days


def test_windows_of_cdnow() -> None:
    prior, window = windows(window_for(65, END), END)
    assert window == Period(start=date(1997, 12, 1), end=END)
    assert prior == Period(start=date(1997, 5, 1), end=date(1997, 11, 30))


@pytest.mark.parametrize(
    ("as_of", "months", "expected"),
    [
        ("2020-05-30", 3, "2020-02-29"),  # clipped
        ("2020-02-29", 1, "2020-01-31"),  # a month's end stays one
        ("2019-02-28", 12, "2018-02-28"),
        ("2020-04-15", 2, "2020-02-15"),
    ],
)
def test_months_back(as_of: str, months: int, expected: str) -> None:
    found = before(date.fromisoformat(as_of), months, "month")
    assert found == date.fromisoformat(expected)


# --- gate ---


def one_buyer_a_week(history: int) -> tuple[ibis.Table, date]:
    """Forty customers who come back every 7 days, up to the last day."""
    gaps = np.full((40, 80), 7.0)
    return simulated(gaps, history), date(2020, 1, 1) + timedelta(days=history - 1)


@pytest.mark.parametrize(
    ("history", "gate"),
    [(20, "refused"), (22, "one_window"), (43, "two_windows"), (64, "trend"), (300, "trend")],
)
def test_gate_follows_the_history(history: int, gate: str) -> None:
    found = cycle_of(*one_buyer_a_week(history))
    assert found.cycle_days == 7
    assert found.gate == gate
    if gate == "trend":
        assert found.gate_lifts_on is None
    else:
        assert found.gate_lifts_on is not None
        lifted = (found.gate_lifts_on - date(2020, 1, 1)).days + 1
        assert lifted in (21, 42, 63) and lifted > history


@given(
    st.integers(1, 400),
    st.dates(date(1990, 1, 1), date(2030, 1, 1)),
    st.integers(0, 4_000),
)
def test_the_gate_lifts_on_the_first_day_that_will_do(
    cycle_days: int, first: date, history: int
) -> None:
    """The window is that of the cycle on the day; months and quarters differ in length."""
    as_of = first + timedelta(days=history)
    window = window_for(cycle_days, as_of)
    gate, lifts = reached_gate(cycle_days, window, first, as_of)
    if gate == "trend":
        assert lifts is None
        return
    assert lifts is not None and lifts > as_of
    steps = ["refused", "one_window", "two_windows", "trend"]
    after, _ = reached_gate(cycle_days, window, first, lifts)
    eve, _ = reached_gate(cycle_days, window, first, lifts - timedelta(days=1))
    assert steps.index(after) > steps.index(gate) and eve == gate


def test_cdnow_reaches_a_trend_when_three_windows_have_passed(cdnow_cycle: Cycle) -> None:
    lifts = cdnow_cycle.gate_lifts_on
    assert lifts is not None
    assert before(lifts, 21, "month") <= date(1997, 1, 1) - timedelta(days=1)


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        (bought(a=["2020-01-01"]), why("no_gap")),
        (bought(a=["2020-01-01"], b=["2020-01-01"]), why("no_gap")),
        (bought(a=["2020-01-01", "2020-01-05"]), why("too_few_followed", needed=30)),
    ],
    ids=["one customer once", "nobody returns", "one customer twice"],
)
def test_too_little_says_why(held: ibis.Table, reason: Why) -> None:
    found = cycle_of(held, date(2020, 1, 9))
    assert found.cycle_days is None and found.window is None
    assert found.gate == "refused"
    assert (found.strata, found.lapse_race) == ([], [])
    assert found.why_not["/cycle_days"] == found.why_not["/lapse_rule"] == reason
    assert found.certainty == "open" and found.one_cycle.verdict == "unknown"


def test_of_few_returns_no_median_is_taken() -> None:
    """Of 31 customers seldom 30 are still followed when the first come back."""
    gaps = np.random.default_rng(5).exponential(25, size=(31, 8))
    found = cycle_of(simulated(gaps, 200), date(2020, 7, 18))
    assert found.tau_days is not None and found.tau_days < 10
    assert found.cycle_days is None and found.gate == "refused"
    reason = found.why_not["/cycle_days"]
    assert reason == why("too_few_back", back=reason.back, needed=30) and 0 < reason.back < 30


def some_leave(gap: float) -> ibis.Table:
    """Fifty customers who come back to the day for a hundred days, and fifty who never do."""
    never = np.full((50, 30), 1_000.0)
    return simulated(np.vstack([np.full((50, 30), gap), never]), 100)


def test_a_settled_cycle_needs_no_later_history() -> None:
    found = cycle_of(some_leave(5.0), date(2020, 4, 9))
    assert (found.cycle_days, found.tau_days, found.settled) == (5, 99, True)
    assert found.cycle_upper is None and found.why_not["/cycle_upper"] == why("cycle_settled")
    assert found.cycle_ci95 == found.interval == (5, 5)
    assert not found.grows


def test_nobody_waits_beyond_the_cycle_so_its_bounds_meet() -> None:
    """All are back on the fifth day: two thirds of five days show no return, so not settled."""
    found = cycle_of(simulated(np.full((50, 30), 5.0), 100), date(2020, 4, 9))
    assert (found.cycle_days, found.tau_days, found.settled) == (5, 5, False)
    assert (found.cycle_lower, found.cycle_upper) == (5, 5)
    assert found.interval == (found.bounds_low, found.bounds_high) == (5, 5)
    assert not found.grows


@pytest.mark.parametrize(
    ("earlier", "settled"), [(95, True), (94, False)], ids=["within a twentieth", "beyond it"]
)
def test_settled_is_the_cycle_of_two_thirds_within_a_twentieth(earlier: int, settled: bool) -> None:
    """A cycle of 100 days within 300, and of 95 or 94 within 200."""
    curve = pd.DataFrame({"day": range(301), "not_back": 1.0})
    drops = ((50, 0.85), (earlier, 0.75), (100, 0.7), (190, 0.5), (210, 0.42), (250, 0.4))
    for day, left in drops:
        curve.loc[curve["day"] >= day, "not_back"] = left
    assert stats.day_of_share(curve, 0.5, 200) == earlier
    assert stats.day_of_share(curve, 0.5, 300) == 100
    assert return_curve._settled(curve, 100, 300) is settled


# --- regularity of few ---


@pytest.mark.parametrize(("customers", "known"), [(29, False), (30, True)])
def test_the_regularity_of_few_has_no_interval(customers: int, known: bool) -> None:
    """Two gaps of one customer once passed for a real cycle of everybody's."""
    gaps = np.random.default_rng(8).exponential(20, size=(customers, 40))
    found = cycle_of(simulated(gaps, 200), date(2020, 7, 18))
    assert found.regularity_k is not None
    assert (found.regularity_ci95 is not None) == known
    if not known:
        assert found.why_not["/regularity_ci95"] == why("too_few_gaps", needed=30)
        assert found.regularity == "too_few"


# --- subscribers as a part of their own ---


@pytest.mark.parametrize(
    ("subscribers", "everybody", "reported"),
    [(19, 1_000, False), (20, 1_000, True), (29, 3_000, False), (30, 3_000, True)],
)
def test_twenty_subscribers_and_one_in_a_hundred_are_a_part(
    subscribers: int, everybody: int, reported: bool
) -> None:
    table = pd.DataFrame(
        {"period": ["month"], "customers": [subscribers], "occasions": [6 * subscribers]}
    )
    gaps = pd.DataFrame({"gaps": [everybody]})
    waits = pd.DataFrame({"waits": [everybody]})
    found = subscriptions.counted(table, gaps, waits)
    assert found.reported is reported
    assert found.customer_share == subscribers / everybody
    assert found.occasion_share == 3 * subscribers / everybody


# --- why there is no lapse ---


def test_customers_who_always_come_back_have_no_lapse_however_long_the_history() -> None:
    gaps = np.random.default_rng(9).exponential(20, size=(2_000, 60))
    found = cycle_of(simulated(gaps, 300), date(2020, 10, 26))
    assert found.cycle_days is not None and found.tau_days is not None
    assert found.tau_days > 2 * found.cycle_days and found.lapse_days is None
    assert found.why_not["/lapse_days"] == why("no_lapse")


def test_of_customers_who_are_never_late_no_silence_can_be_watched() -> None:
    found = cycle_of(*one_buyer_a_week(300))
    assert found.lapse_days is None
    assert found.why_not["/lapse_days"] == why("lapse_unseen")
    assert found.why_not["/lapse_ci95"] == found.why_not["/lapse_days"]


# --- the period of charts ---


def activity(**resurrected: list[int]) -> Any:
    """Full periods of ten active customers, so many of whom had skipped the period before."""

    def of(unit: str) -> pd.DataFrame:
        back = resurrected.get(unit.replace("-", "_"), [])
        return pd.DataFrame({"active": [10] * len(back), "resurrected": back}, dtype=int)

    return of


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        ({"week": [0, 2, 3], "month": [0, 0, 0]}, "week"),  # a quarter on average
        ({"week": [0, 3, 3], "month": [0, 2, 2]}, "month"),
        ({"week": [0, 9, 9], "month": [0, 0], "quarter": [0, 0, 0]}, "quarter"),  # two full months
        ({"week": [9, 0, 0]}, "week"),  # the first has nobody before it
        ({"year": [0, 1, 1]}, "year"),
        ({"half_year": [0, 1, 1], "year": [0, 0, 0]}, "half-year"),
        ({"week": [0, 9, 9]}, None),
        ({}, None),
    ],
)
def test_chart_period(periods: dict[str, list[int]], expected: str | None) -> None:
    assert chart_period(activity(**periods)) == expected


def test_chart_period_of_cdnow_recounted(cdnow_cycle: Cycle, cdnow_days: pd.DataFrame) -> None:
    """With sets of customers by period instead of previous days."""
    for unit, name in (("W", "week"), ("M", "month"), ("Q", "quarter")):
        periods = cdnow_days["day"].dt.to_period(unit)
        active = cdnow_days.groupby(periods)["customer"].agg(set)
        first = pd.Timestamp("1997-01-01")
        full = [it for it in active.index if it.start_time >= first and it.end_time.date() <= END]
        before: set[str] = set()
        shares = []
        for period in active.index:
            now = active[period]
            back = (now & before) - (active[period - 1] if period - 1 in active.index else set())
            if period in full[1:]:
                shares.append(len(back) / len(now))
            before |= now
        fits = len(full) >= 3 and np.mean(shares) <= 0.25
        if fits:
            assert cdnow_cycle.chart_period == name
            return
    assert cdnow_cycle.chart_period in (None, "half-year", "year")


# --- strata ---


def two_channels(quick: int, slow: int) -> ibis.Table:
    """Customers of a quick channel, back after a week, and of a slow one, back after ten."""
    generator = np.random.default_rng(3)
    rows = []
    for channel, gap, customers in (("quick", 7, quick), ("slow", 70, slow)):
        for customer in range(customers):
            days = np.cumsum([generator.integers(30), *generator.poisson(gap, 90)])
            rows += [
                (f"{channel}{customer}", (date(2020, 1, 1) + timedelta(int(day))).isoformat(), 1.0)
                for day in sorted(set(days[days < 366]))
            ]
    names = ["quick" if row[0].startswith("quick") else "slow" for row in rows]
    return occasions(lines(rows, channel=names)).cache()


def test_channels_have_cycles_of_their_own() -> None:
    found = cycle_of(two_channels(200, 200), date(2020, 12, 31))
    channels = {part.name: part for part in found.strata if part.kind == "channel"}
    assert channels["quick"].cycle_days == pytest.approx(7, abs=1)
    assert channels["slow"].cycle_days == pytest.approx(70, abs=5)
    assert channels["quick"].cycle_ci95[1] < channels["slow"].cycle_ci95[0]
    assert [part.name for part in found.strata if part.kind == "order"] == ["1", "2", "3+"]
    assert {part.column for part in found.strata} == {""}


def test_a_small_part_is_drawn_towards_the_whole() -> None:
    """Six slow customers among two hundred quick ones are no proof of a slow channel."""
    few, many = (
        next(
            it
            for it in cycle_of(two_channels(200, n), date(2020, 12, 31)).strata
            if it.name == "slow"
        )
        for n in (6, 300)
    )
    assert few.customers == 6
    assert few.cycle_days < 20 < many.cycle_days


def test_a_part_of_four_is_not_shown() -> None:
    found = cycle_of(two_channels(200, 4), date(2020, 12, 31))
    assert [part.name for part in found.strata if part.kind == "channel"] == ["quick"]


def test_first_orders_of_cdnow_recounted(cdnow_cycle: Cycle, cdnow_days: pd.DataFrame) -> None:
    """Of so many customers thirty more are nothing: Kaplan and Meier's curve of the first wait."""
    days = cdnow_days.sort_values(["customer", "day"]).groupby("customer")["day"]
    first, second = days.nth(0), days.nth(1)
    wait = (second - first.loc[second.index.map(lambda i: i - 1)].to_numpy()).dt.days
    open_waits = (pd.Timestamp(END) - days.first()[days.size() == 1]).dt.days
    left, curve = 1.0, []
    for day in range(544):
        at_risk = (wait >= day).sum() + (open_waits >= day).sum()
        left *= 1 - (wait == day).sum() / at_risk
        curve.append(left)
    half = next(day for day, rest in enumerate(curve) if 1 - rest >= (1 - curve[-1]) / 2)
    order = next(it for it in cdnow_cycle.strata if (it.kind, it.name) == ("order", "1"))
    assert order.customers == 23_570
    assert order.cycle_days == pytest.approx(half, abs=1)
    assert order.not_back_share == pytest.approx(curve[-1], abs=2e-3)


# --- the calendar ---


def shop(years: float, seed: int = 1, **flow: Any) -> pd.DataFrame:
    """Daily sales of a shop, as the evidence holds them."""
    days = pd.DataFrame({"day": pd.date_range("2020-01-01", periods=round(365.25 * years))})
    weekday = flow.get("weekday", 1.0)
    month = days["day"].dt.month.map(flow.get("months", dict.fromkeys(range(1, 13), 1.0)))
    trend = np.linspace(1, flow.get("grows", 1.0), len(days))
    mean = 20 * trend * month * np.where(days["day"].dt.day_of_week == 5, weekday, 1.0)
    sold = np.random.default_rng(seed).poisson(mean)
    return days.assign(occasions=sold, first_purchases=sold // 4, sampled=sold)


def test_a_busy_saturday_is_a_weekly_rhythm() -> None:
    found = {it.period: it for it in calendar.rhythms(shop(1.5, weekday=3.0))}
    assert found["week"].found and found["week"].p_value < 1e-6
    assert found["week"].swing == pytest.approx(2 * 2 / 9, abs=0.05)  # 2 x (3 - 1) / (6 + 3)
    assert not any(it.found for name, it in found.items() if name not in ("week", "fortnight"))
    assert "year" not in found  # the history holds one and a half


@pytest.mark.parametrize("grows", [0.2, 1.0, 6.0])
def test_a_shop_that_grows_or_shrinks_has_no_rhythm_of_its_own(grows: float) -> None:
    for seed in range(5):
        assert not any(it.found for it in calendar.rhythms(shop(3.1, seed=seed, grows=grows)))


@pytest.mark.parametrize("stops", [150, 200, 250])
def test_acquisition_that_stops_is_no_rhythm(stops: int) -> None:
    """Sales that fall once are an event; a rhythm comes round each time."""
    for seed in range(10):
        generator = np.random.default_rng([seed, stops])
        flow = np.where(np.arange(365) < stops, 12.0, 4.0)
        sampled = generator.poisson(flow)
        found = calendar.rhythms(pd.DataFrame({"sampled": sampled}))
        assert not any(it.found for it in found), [it for it in found if it.found]


def test_cdnow_has_no_rhythm_but_the_acquisition_of_one_quarter(cdnow_cycle: Cycle) -> None:
    """All first purchases fall into the first quarter: that is no quarterly rhythm."""
    assert [it.period for it in cdnow_cycle.rhythm] == ["week", "fortnight", "month", "quarter"]
    assert not any(it.found for it in cdnow_cycle.rhythm if it.period != "week")


CHRISTMAS = {month: 1.0 for month in range(1, 11)} | {11: 1.6, 12: 2.0}


def test_season_of_a_shop_with_a_christmas() -> None:
    found = season.season(shop(3, months=CHRISTMAS))
    assert found is not None and found.strength > 0.8 > found.chance
    curve = season.season_curve(shop(3, months=CHRISTMAS))
    assert list(curve["week"]) == list(range(1, 53))
    assert curve["factor"].mean() == pytest.approx(1)
    assert curve.loc[curve["factor"].idxmax(), "week"] > 44


@pytest.mark.slow
def test_chance_makes_a_season_no_stronger_than_chance_does() -> None:
    """STL sees a strength of a third in three years of nothing: it must not be called a season."""
    called = [season.season(shop(3, seed=seed)) for seed in range(40)]
    assert all(it is not None and it.strength > 0.1 for it in called)
    assert sum(it.strength > it.chance for it in called if it) <= 8  # of 40 at 5 %: one in 1,000


def test_season_is_refused_under_two_years() -> None:
    assert season.season(shop(1.99)) is None
    assert season.season_curve(shop(1.99)).empty
    found = cycle_of(bought(a=["2020-01-01", "2021-07-02"]), date(2021, 7, 2))
    assert found.why_not["/season_strength"] == why("too_short_for_season", years=1.5)


def test_even_sales_have_no_season() -> None:
    days = shop(2.5).assign(occasions=20, sampled=20)
    assert season.season(days) is None


@pytest.mark.parametrize(
    ("first_purchases", "expected"),
    [
        ([40] * 30 + [10] * 60 + [9] * 90, True),
        ([12] * 30 + [10] * 60 + [9] * 90, False),
        ([40] * 30 + [10] * 60 + [0] * 90, False),  # a group chosen by its first purchase
        ([1] * 20 + [0] * 100 + [1] * 60, False),  # too few to tell
        ([40] * 60, False),  # too short to tell
        ([2] * 15 + [1] * 105 + [1] * 90, False),  # no more than chance makes of small numbers
        (([30] * 30 + [12] * 335) * 2, False),  # the same every year
        ([60] * 30 + [12] * 335 + [24] * 30 + [12] * 335, True),  # far more than a year later
    ],
)
def test_a_log_that_begins_after_its_customers_did(
    first_purchases: list[int], expected: bool
) -> None:
    days = pd.DataFrame({"first_purchases": first_purchases})
    assert calendar.starts_mid_life(days, 30) is expected


def test_a_window_is_held_against_that_of_a_year_earlier() -> None:
    held, _ = one_buyer_a_week(500)
    found = cycle_of(held, date(2020, 1, 1) + timedelta(days=499)).year_earlier
    assert found is not None
    assert found.window == Period(start=date(2021, 4, 24), end=date(2021, 5, 14))
    assert found.earlier == Period(start=date(2020, 4, 24), end=date(2020, 5, 14))
    assert found.customers == found.earlier_customers == 40
    short = cycle_of(*one_buyer_a_week(380))
    assert short.year_earlier is None
    assert short.why_not["/year_earlier"] == why("no_year_earlier")


@pytest.mark.parametrize(
    ("length", "unit", "held"),
    [(12, "month", True), (13, "month", False), (4, "quarter", True), (5, "quarter", False)],
)
def test_a_window_longer_than_a_year_is_not_held_against_itself(
    length: int, unit: Any, held: bool
) -> None:
    for as_of in (date(2024, 2, 29), date(2024, 12, 31), date(2025, 1, 15)):
        window = window_of(length, unit, as_of)
        earlier = year_before(window, date(2000, 1, 1), as_of)
        assert (earlier is not None) == held
        if earlier is not None:
            assert earlier.end < windows(window, as_of)[1].start


def test_a_long_window_says_why_it_is_not_compared_with_a_year_earlier(cdnow: ibis.Table) -> None:
    years = pin(window={"length": 5, "unit": "quarter"})
    found = cycle_of(cdnow, END, years)
    assert found.year_earlier is None
    assert found.why_not["/year_earlier"] == why("window_over_a_year")


# --- pinned definitions ---


def pin(**changes: Any) -> Definitions:
    plain: dict[str, Any] = {
        "cycle_days": 65,
        "window": {"length": 7, "unit": "month"},
        "lapse_days": 203,
        "since": date(1998, 6, 30),
        "why": "First published run.",
    }
    return Definitions(**(plain | changes))


def test_the_pinned_yardstick_holds_though_the_cycle_moves(cdnow_days: pd.DataFrame) -> None:
    """CDNOW at 1998-03-31 reads 63 days, which alone would still be seven months."""
    held = occasions_of(cdnow_days[cdnow_days["day"] <= "1997-09-30"])
    end = date(1997, 9, 30)
    fresh, held_fast = cycle_of(held, end), cycle_of(held, end, pin())
    assert fresh.pinned is None and fresh.window is not None
    assert held_fast.cycle_days == fresh.cycle_days == 46
    assert fresh.window.length != 7
    assert held_fast.window is not None and held_fast.window.length == 7
    assert held_fast.window.days == (end - date(1997, 2, 28)).days
    assert held_fast.lapse_days == 203 != fresh.lapse_days
    assert held_fast.gate == "one_window"  # 273 days hold one of seven months
    assert held_fast.pinned is not None and held_fast.pinned.cycle_days == 65


@pytest.mark.parametrize(
    ("cycle_days", "rebase"),
    [(38, True), (62, True), (65, False), (80, False)],  # unsettled, without an upper bound
)
def test_a_new_yardstick_is_proposed_where_the_interval_excludes_the_old(
    cdnow_cycle: Cycle, cdnow: ibis.Table, cycle_days: int, rebase: bool
) -> None:
    found = cycle_of(cdnow, END, pin(cycle_days=cycle_days))
    assert found.pinned is not None and found.pinned.rebase is rebase
    assert found.cycle_days == cdnow_cycle.cycle_days


@pytest.mark.parametrize(("cycle_days", "rebase"), [(4, True), (5, False), (6, True)])
def test_a_settled_cycle_excludes_on_both_sides(cycle_days: int, rebase: bool) -> None:
    held = simulated(np.full((50, 30), 5.0), 100)
    weeks = {"length": 3, "unit": "week"}
    found = cycle_of(held, date(2020, 4, 9), pin(cycle_days=cycle_days, window=weeks))
    assert found.pinned is not None and found.pinned.rebase is rebase


def test_a_lapse_that_was_not_known_is_the_fresh_one(cdnow: ibis.Table) -> None:
    found = cycle_of(cdnow, END, pin(lapse_days=None))
    assert found.lapse_days == 203
    assert found.pinned is not None and found.pinned.lapse_days == 0


def test_a_pin_outlives_records_that_give_no_cycle() -> None:
    found = cycle_of(bought(a=["2020-01-01", "2020-01-05"]), date(2020, 1, 9), pin())
    assert found.cycle_days is None
    assert found.window is not None and found.window.length == 7
    assert found.gate == "refused" and found.gate_lifts_on is not None
