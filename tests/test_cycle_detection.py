"""The cycle, the window of three of them, and the gate: worked numbers and edges."""

from __future__ import annotations

import math
from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest

from retention_lib import cycle_detection, stats
from retention_lib.results import Cycle, Period
from retention_lib.summaries import counts
from tests.conftest import bought, occasions_of

END = date(1998, 6, 30)


def cycle_of(held: ibis.Table, as_of: date) -> Cycle:
    return cycle_detection.cycle(
        counts.gaps(held),
        counts.waits(held, as_of),
        counts.last_gap_pairs(held),
        counts.totals(held)["first_date"],
        as_of,
    )


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
    assert found.pooled_median_days == 38
    assert found.naive_median_gap_days == 34
    assert found.not_back_share == pytest.approx(0.507, abs=5e-4)
    assert found.regularity_k_raw == pytest.approx(0.93, abs=5e-3)
    assert found.regularity_k == pytest.approx(0.90, abs=5e-3)
    assert found.lapse_days == 203
    assert found.window is not None
    assert (found.window.length, found.window.unit, found.window.days) == (7, "month", 212)
    assert found.gate == "two_windows"


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


@pytest.mark.parametrize("gap", [7, 28])
def test_regular_buyers_show_their_gap(gap: int) -> None:
    generator = np.random.default_rng(gap)
    gaps = np.full((400, 60), float(gap))
    gaps[generator.random(400) < 0.3] = 1e6  # 30 % never come back
    found = cycle_of(simulated(gaps, 180), date(2020, 1, 1) + timedelta(days=179))
    assert found.cycle_days == gap
    assert found.settled is True
    assert found.cycle_upper is None and "settled" in found.why_not["/cycle_upper"]


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
    window = cycle_detection.window_for(cycle_days, as_of)
    assert (window.length, window.unit, window.days) == (length, unit, days)
    assert window.days >= 3 * cycle_days


def test_windows_of_cdnow() -> None:
    prior, window = cycle_detection.windows(cycle_detection.window_for(65, END), END)
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
    found = cycle_detection.before(date.fromisoformat(as_of), months, "month")
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


@pytest.mark.parametrize(
    ("held", "sentence"),
    [
        (bought(a=["2020-01-01"]), "two different days"),
        (bought(a=["2020-01-01"], b=["2020-01-01"]), "two different days"),
        (bought(a=["2020-01-01", "2020-01-05"]), "Fewer than 30 customers"),
    ],
    ids=["one customer once", "nobody returns", "one customer twice"],
)
def test_too_little_says_why(held: ibis.Table, sentence: str) -> None:
    found = cycle_of(held, date(2020, 1, 9))
    assert found.cycle_days is None and found.window is None
    assert found.gate == "refused"
    assert sentence in found.why_not["/cycle_days"]


def test_of_few_returns_no_median_is_taken() -> None:
    """Of 31 customers seldom 30 are still followed when the first come back."""
    gaps = np.random.default_rng(5).exponential(25, size=(31, 8))
    found = cycle_of(simulated(gaps, 200), date(2020, 7, 18))
    assert found.tau_days is not None and found.tau_days < 10
    assert found.cycle_days is None and found.gate == "refused"
    assert "Fewer than 30 customers have come back" in found.why_not["/cycle_days"]


def test_a_settled_cycle_needs_no_later_history() -> None:
    held = simulated(np.full((50, 30), 5.0), 100)
    assert cycle_of(held, date(2020, 4, 9)).cycle_days == 5
