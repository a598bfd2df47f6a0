"""Subscribers are worth the charges that their renewals let them pay."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_lib.clv.past_forecasts import UNTRIED
from retention_lib.clv.ranges import ranges
from retention_lib.clv.subscribers import (
    Renewals,
    Total,
    by_period,
    charges_ahead,
    p_subscribed,
    purchases,
    renewals,
    scores,
    value,
)
from retention_lib.clv.valuation import Terms
from retention_lib.models import sbg
from retention_lib.models.total_uncertainty import TotalUncertainty
from retention_lib.models.units import AnnualRate, Span
from retention_lib.summaries import subscribers, subscriptions
from retention_lib.summaries.occasions import as_known, occasions
from tests import planted
from tests.conftest import bought, lines, occasions_of
from tests.test_subscriptions import every

TENTH, FREE = AnnualRate(0.1), AnnualRate(0.0)
YEAR = Terms(TENTH, 12, 0.5)


def monthly(ended: float = 0.2, paused: float = 0.1, days: float = 30.0) -> Renewals:
    """Charged every 30 days, and all end alike."""
    return Renewals(
        days, paused, (28, 33), (58, 63), lambda charge: np.full(np.shape(charge), ended)
    )


# --- worked by hand ---


@pytest.mark.parametrize(
    ("silent", "chance"),
    [
        (0, 1.0),
        (33, 1.0),
        (34, 0.8 * 0.1 / (0.2 + 0.8 * 0.1)),  # left out, or ended: 2 to 5
        (63, 0.8 * 0.1 / (0.2 + 0.8 * 0.1)),
        (64, 0.0),
    ],
)
def test_who_is_still_subscribed(silent: int, chance: float) -> None:
    assert p_subscribed(monthly(), [5], [silent]) == pytest.approx([chance])


def test_after_five_charges_without_pauses_each_renewal_counts() -> None:
    """Hazard after the fifth charge a/(a + b + 1), the sixth a/(a + b + 2): 1/6, 1/7, 1/8."""
    own = Renewals(30.0, 0.0, (28, 33), (58, 63), lambda charge: sbg.hazard(1.0, 4.0, charge - 3))
    coming = charges_ahead(own, [5], [10], Span.days(90), FREE)  # due in 20, 50 and 80 days
    left = [5 / 6, 5 / 6 * 6 / 7, 5 / 6 * 6 / 7 * 7 / 8]
    assert coming.at_least[0, :3] == pytest.approx(left)
    assert coming.expected == pytest.approx([sum(left)])
    assert coming.variance == pytest.approx([left[0] + 3 * left[1] + 5 * left[2] - sum(left) ** 2])


def test_a_period_left_out_puts_charges_off() -> None:
    """Two charges fall due: in ten days and in forty; each is left out one time in ten."""
    coming = charges_ahead(monthly(), [5], [20], Span.days(60), FREE)
    first = 0.8 * (0.9 + 0.1 * 0.9)
    assert coming.at_least[0, :2] == pytest.approx([first, 0.8**2 * 0.9**2])
    assert coming.at_least[0, 2:].sum() == 0


def test_who_missed_a_charge_and_is_still_there_has_renewed() -> None:
    still = 0.08 / 0.28
    coming = charges_ahead(monthly(), [5], [40], Span.days(60), FREE)  # due in 20 and 50 days
    first, second = still * (0.9 + 0.1 * 0.9), still * 0.8 * 0.9**2
    assert coming.expected == pytest.approx([first + second])


def test_who_has_gone_pays_nothing() -> None:
    coming = charges_ahead(monthly(), [5], [64], Span.months(12), TENTH)
    assert coming.expected == coming.discounted == coming.quantile(0.95) == 0


def test_charges_are_discounted_from_the_end_of_their_month() -> None:
    """Nobody ends or pauses: in 20, 50 and 80 days is in the first, second and third month."""
    own = monthly(ended=0.0, paused=0.0)
    coming = charges_ahead(own, [5], [10], Span.days(90), TENTH)
    assert coming.expected == pytest.approx([3])
    assert coming.discounted == pytest.approx([sum(1.1 ** -(month / 12) for month in (1, 2, 3))])


@pytest.mark.parametrize(("silent", "charges"), [(30, 1), (29, 1), (31, 2), (33, 2)])
def test_a_charge_overdue_comes_at_once_and_the_next_when_it_is_due(
    silent: int, charges: int
) -> None:
    """In 29 days a charge of today, and then the next one only if today's is overdue."""
    own = monthly(ended=0.0, paused=0.0)
    coming = charges_ahead(own, [5], [silent], Span.days(29), FREE)
    assert coming.expected == pytest.approx([charges])


@pytest.mark.parametrize(
    ("share", "charges"), [(0.05, 0), (0.19, 0), (0.21, 1), (0.4, 2), (0.5, 3)]
)
def test_quantiles_of_the_number_of_charges(share: float, charges: int) -> None:
    """Chances of 1, 2, 3 charges or more: .8, .64, .512."""
    coming = charges_ahead(monthly(paused=0.0), [5], [10], Span.days(90), FREE)
    assert coming.quantile(share) == [charges]


def test_a_chance_just_at_the_end_of_the_range_is_outside() -> None:
    coming = charges_ahead(monthly(ended=0.2, paused=0.0), [5], [10], Span.days(30), FREE)
    assert coming.quantile(0.2) == [0]  # none at all in one of five, exactly
    assert coming.quantile(0.201) == [1]


# --- what their charges say ---


def told(ended: list[int], again: list[int]) -> pd.DataFrame:
    numbers = range(4, 4 + len(ended))
    return pd.DataFrame({"period": "month", "charge": numbers, "ended": ended, "again": again})


PAUSES = pd.DataFrame({"period": ["month"], "gaps": [100], "days": [3_300], "paused": [10]})


def test_hazards_are_those_of_the_contractual_projection() -> None:
    charges = told([20, 12, 6], [180, 130, 90])
    own, model = renewals(charges, PAUSES)["month"], sbg.fit_charges(charges)
    kept = np.cumprod(1 - own.hazard(np.arange(4.0, 8.0)))
    assert kept == pytest.approx(model.survival([1, 2, 3, 4]))
    assert own.days == 30.0  # 3,300 days in 110 billing periods
    assert own.paused == 10.5 / 101  # with half a gap of each kind more
    assert (own.once, own.twice) == ((28, 33), (58, 63))


@pytest.mark.parametrize(("ended", "again", "hazard"), [([0, 0], [9, 5], 0), ([2], [8], 0.2)])
def test_what_cannot_be_fitted_is_the_plain_rate(
    ended: list[int], again: list[int], hazard: float
) -> None:
    own = renewals(told(ended, again), PAUSES)["month"]
    assert own.hazard(np.array([4.0, 40.0])) == pytest.approx([hazard] * 2)


def test_where_nobody_has_renewed_the_period_is_as_long_as_its_name_says() -> None:
    own = renewals(told([3], [0]), PAUSES.iloc[:0])["month"]
    assert (own.days, own.paused, own.hazard(np.array([4.0]))[0]) == (30.44, 0.5, 1.0)


def test_of_a_period_nothing_is_known_of_there_are_no_scores() -> None:
    assert renewals(told([], []), PAUSES.iloc[:0]) == {}
    states = pd.DataFrame({"period": ["year"], "charges": [5], "silent_days": [3]})
    assert len(scores(states, {}, YEAR)) == 0
    assert len(scores(states, {"month": monthly()}, YEAR)) == 0


# --- all of them ---


def three() -> pd.DataFrame:
    """Two customers at their fifth charge, who pay 8 and 12, and one who has gone."""
    states = pd.DataFrame(
        {
            "period": "month",
            "charges": [5, 5],
            "silent_days": [10, 70],
            "customers": [2, 1],
            "charge": [20.0, 30.0],
            "squared": [64.0 + 144.0, 900.0],
        }
    )
    return scores(states, {"month": monthly(paused=0.0)}, Terms(FREE, 2, 0.5), Span.days(40))


def test_scores_by_hand() -> None:
    """Of charges due in 20 and 50 days within 61, the chances are .8 and .64."""
    there, gone = three().to_dict("records")
    assert there["p_alive"] == 1
    assert there["expected_purchases"] == pytest.approx(1.44)
    assert (there["purchases_low"], there["purchases_high"]) == (0, 2)
    assert there["variance"] == pytest.approx(0.8 + 3 * 0.64 - 1.44**2)
    assert there["lapse_chance"] == pytest.approx(0.2)  # one is due within 40 days
    assert gone["expected_purchases"] == gone["p_alive"] == gone["purchases_high"] == 0
    assert gone["lapse_chance"] == 1


def test_charges_and_their_worth_add_up() -> None:
    variance = 0.8 + 3 * 0.64 - 1.44**2
    charges, worth = purchases(three()), value(three(), 0.5)
    assert charges.expected == pytest.approx(2 * 1.44)
    assert charges.deviation == pytest.approx((2 * variance) ** 0.5)
    assert worth.expected == pytest.approx(0.5 * 20 * 1.44)
    assert worth.deviation == pytest.approx(0.5 * (208 * variance) ** 0.5)
    # discounted to a quarter less, they vary by a quarter less
    scored = three()
    less = value(scored.assign(discounted_purchases=0.75 * scored["expected_purchases"]), 0.5)
    assert less.expected == pytest.approx(0.75 * worth.expected)
    assert less.deviation == pytest.approx(0.75 * worth.deviation)


def test_those_who_have_ended_are_not_counted() -> None:
    (month,) = by_period(three(), 0.5)
    assert (month.period, month.customers) == ("month", 2)
    assert month.expected_purchases == pytest.approx(2.88)
    assert month.value == pytest.approx(14.4)
    assert by_period(three(), None)[0].value is None
    assert by_period(three().iloc[:0], 0.5) == []


def test_their_chance_adds_to_that_of_the_others() -> None:
    """The others' 80 purchases are sure to 10 %, 8; with 6 of the charges 10 in all of 100."""
    parts = Total(20.0, 6.0), Total(40.0, 30.0)
    found = ranges(100.0, 200.0, TotalUncertainty(0.1, 0.25), UNTRIED, parts)
    assert found["spread"].purchases == pytest.approx(0.1)
    assert found["spread"].value == pytest.approx(50 / 200)  # 40 and 30
    assert found["expected_purchases_own_ci95"] == pytest.approx(
        (100 * np.exp(-0.196), 100 * np.exp(0.196)), rel=1e-3
    )


def test_without_subscribers_a_range_is_that_of_the_others_to_the_last_digit() -> None:
    own = TotalUncertainty(0.123456789, 0.23456789)
    assert ranges(97.3, 31.7, own, UNTRIED)["spread"].purchases == own.purchases
    assert ranges(97.3, 31.7, own, UNTRIED)["spread"].value == own.value


# --- the summaries ---


def test_gaps_of_subscribers_are_measured_from_the_fourth_charge_on() -> None:
    early = every(30, 6)
    held = bought(
        a=[*early, *(str(date.fromisoformat(early[-1]) + timedelta(n)) for n in (61, 92))]
    )
    last = date.fromisoformat(early[-1]) + timedelta(92)
    # from the fourth to the eighth 30, 30, 61, 31 days; of the seventh it cannot be told yet
    table = subscriptions.pauses(held, last + timedelta(32), ("month",))
    assert table.to_dict("records") == [{"period": "month", "gaps": 3, "days": 121, "paused": 1}]
    later = subscriptions.pauses(held, last + timedelta(33), ("month",))
    assert later.to_dict("records") == [{"period": "month", "gaps": 4, "days": 152, "paused": 1}]


def test_a_gap_after_which_one_had_ended_is_none() -> None:
    days = every(30, 8)
    back = [str(date.fromisoformat(days[-1]) + timedelta(64))]
    table = subscriptions.pauses(bought(a=[*days, *back]), date(2022, 1, 1), ("month",))
    assert table.to_dict("records") == [{"period": "month", "gaps": 4, "days": 120, "paused": 0}]


def test_states_hold_what_a_charge_has_brought() -> None:
    rows = [("a", day, 10.0) for day in every(30, 5)] + [("b", day, 30.0) for day in every(30, 5)]
    rows += [("a", "2020-05-05", -5.0), ("c", "2020-01-01", 99.0)]
    table = subscribers.states(occasions(lines(rows)), date(2020, 5, 10), ("month",))
    assert table.to_dict("records") == [
        {
            "period": "month",
            "charges": 5,
            "silent_days": 10,
            "customers": 2,
            "charge": pytest.approx(9.0 + 30.0),
            "squared": pytest.approx(81.0 + 900.0),
        }
    ]


def test_without_amounts_a_charge_has_brought_nothing_that_is_known() -> None:
    held = occasions(lines(("a", day, None) for day in every(30, 5)))
    assert subscribers.states(held, date(2020, 5, 10), ("month",))["charge"].isna().all()


def test_who_is_apart_is_told_by_what_was_known() -> None:
    held = bought(a=every(30, 6), b=["2020-01-01", "2020-03-05"])
    fourth = date.fromisoformat(every(30, 4)[-1])

    def left(at: date) -> set[str]:
        return set(subscribers.irregular(held, at, ("month",)).to_pandas()["customer_id"])

    assert left(fourth - timedelta(1)) == {"a", "b"}
    assert left(fourth) == {"b"}
    assert subscribers.irregular(held, fourth, ()) is held


# --- simulated lives ---


def _lives(seed: int, customers: int = 2_000) -> pd.DataFrame:
    """Subscribers by month who come over two years, seen for four; one month in 20 is left out."""
    rng = np.random.default_rng(seed)
    begins, on = rng.integers(0, 24, customers), rng.integers(0, 28, customers)
    cancels = rng.beta(1.5, 15.0, customers)
    stays, parts = np.ones(customers, bool), []
    for month in range(48):
        charged_now = stays & (begins <= month)
        charged_now &= (rng.random(customers) >= 0.05) | (begins == month)
        who = np.flatnonzero(charged_now)
        day = (np.datetime64("2018-01") + month).astype("M8[D]") + on[who]
        parts.append(pd.DataFrame({"customer": who.astype(str), "day": day.astype("M8[s]")}))
        stays &= ~(charged_now & (rng.random(customers) < cancels))
    return pd.concat(parts).assign(value=10.0)


@cache
def _forecast(seed: int) -> pd.DataFrame:
    """One row per subscriber found at the end of 2020: scores, and charges in the year after."""
    everything, at = _lives(seed), date(2020, 12, 31)
    held = occasions_of(everything)
    known = as_known(held, at)
    month = ("month",)
    own = renewals(subscriptions.charges(known, at, month), subscriptions.pauses(known, at, month))
    found = scores(subscribers.states(known, at, month), own, YEAR)
    found["promised"] = _promised(own["month"], found)
    who = subscriptions.subscribers(known, month).to_pandas()
    days = everything[everything["customer"].isin(who["customer_id"])]
    past = days[days["day"] <= pd.Timestamp(at)].groupby("customer")["day"]
    later = days[days["day"].between("2021-01-01", "2021-12-31")].groupby("customer").size()
    state = pd.DataFrame(
        {"charges": past.size(), "silent_days": (pd.Timestamp(at) - past.max()).dt.days}
    )
    state["later"] = later.reindex(state.index, fill_value=0)
    return state.merge(found, on=["charges", "silent_days"], how="left", validate="many_to_one")


def _promised(own: Renewals, found: pd.DataFrame) -> np.ndarray:
    """Return the chance of a number within the range."""
    coming = charges_ahead(own, found["charges"], found["silent_days"], Span.months(12), TENTH)
    least = np.pad(coming.at_least, ((0, 0), (1, 1)), constant_values=((0, 0), (1, 0)))
    low, high = (found[f"purchases_{end}"].to_numpy(dtype=int) for end in ("low", "high"))
    rows = np.arange(len(found))
    return least[rows, low] - least[rows, high + 1]


@pytest.mark.parametrize(("lowest", "highest"), [(0, 33), (34, 63), (64, 9_999)])
def test_simulated_charges_are_as_many_as_expected(lowest: int, highest: int) -> None:
    """Within three standard errors by state, and nearly none of those who count as ended."""
    own = _forecast(5)[lambda it: it["silent_days"].between(lowest, highest)]
    assert len(own) > 20
    assert own["later"].notna().all() and own["p_alive"].notna().all()
    allowed = 3 * np.sqrt(own["variance"].sum()) + 0.02 * len(own)
    assert abs(own["later"].sum() - own["expected_purchases"].sum()) <= allowed


def test_the_simulated_number_varies_as_expected() -> None:
    own = _forecast(5)[lambda it: it["silent_days"] <= 63]
    off = (own["later"] - own["expected_purchases"]) ** 2
    assert off.mean() == pytest.approx(own["variance"].mean(), rel=0.15)


def test_ranges_hold_as_many_simulated_subscribers_as_they_say() -> None:
    """Nine in ten at least: numbers are whole, so that ranges have to hold some more."""
    own = _forecast(5)[lambda it: it["silent_days"] <= 63]
    inside = own["later"].between(own["purchases_low"], own["purchases_high"]).mean()
    promised = own["promised"].mean()
    assert promised >= 0.9
    assert abs(inside - promised) <= 3 * np.sqrt(promised * (1 - promised) / len(own))


@given(
    ended=st.floats(0, 1),
    paused=st.floats(0, 0.9),
    silent=st.integers(0, 80),
    months=st.integers(1, 36),
)
def test_chances_are_chances(ended: float, paused: float, silent: int, months: int) -> None:
    own = monthly(ended, paused)
    coming = charges_ahead(own, [7], [silent], Span.months(months), TENTH)
    assert ((coming.at_least >= 0) & (coming.at_least <= 1 + 1e-9)).all()
    assert (np.diff(coming.at_least) <= 1e-9).all()
    assert 0 <= coming.discounted[0] <= coming.expected[0] + 1e-9
    assert coming.quantile(0.05) <= coming.quantile(0.95)
    assert coming.variance >= -1e-6


# --- the demo client ---


def test_the_demo_box_brings_next_year_what_its_subscribers_paid() -> None:
    """Held against the lives that go on after the export, within two standard errors."""
    until, end, month = planted.END.replace(year=planted.END.year + 1), planted.END, ("month",)
    boxes = {it.number: sorted(set(it.bought)) for it in planted.charged(1)}
    held = occasions(
        lines((name, str(day), 79.0) for name, days in boxes.items() for day in days if day <= end)
    )
    own = renewals(subscriptions.charges(held, end, month), subscriptions.pauses(held, end, month))
    found = scores(subscribers.states(held, end, month), own, YEAR)
    weights = found["customers"].to_numpy(dtype=float)
    expected = float(found["expected_purchases"] @ weights)
    who = subscriptions.subscribers(held, month).to_pandas()["customer_id"]
    came = sum(end < day <= until for name in who for day in boxes[name])
    assert abs(came - expected) <= 2 * float(found["variance"] @ weights) ** 0.5
