"""Subscribers leave the models of buying, and come back in the totals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from retention_lib import stats
from retention_lib.clv.subscribers import charges_ahead
from retention_lib.clv.valuation import Terms
from retention_lib.models.units import AnnualRate, Span
from retention_lib.results import Clv, Subscriptions
from retention_lib.study import Study
from retention_lib.study.clv_inputs import ClvInputs
from retention_lib.study.subscribers import Subscribers
from retention_lib.summaries import counts, customers, subscriptions, young_subscribers
from retention_lib.summaries.occasions import as_known, occasions
from tests import made, planted
from tests.conftest import lines

AS_OF = date(2024, 12, 31)
TERMS = Terms(AnnualRate(0.1), 12, 0.4)
BEGIN = date(2023, 1, 1)


def buyers() -> list[tuple[str, str, float]]:
    """150 customers who buy when they like, of whom some stop after each purchase."""
    generator = np.random.default_rng(4)
    rows = []
    for name in range(150):
        pace, stops = generator.gamma(2.0, 1 / 60), generator.beta(0.8, 3)
        first, number = int(generator.integers(0, 500)), min(generator.geometric(stops), 40)
        days = first + generator.exponential(1 / pace, number).cumsum()
        own = sorted({first, *days[days < 730].astype(int)})
        rows += [
            (f"b{name:03}", str(BEGIN + timedelta(int(day))), round(20 * generator.gamma(6), 2))
            for day in own
        ]
    return rows


def subscribed() -> list[tuple[str, str, float]]:
    """60 who are charged 12 every 30 days, or 20, from different days on; one in ten ends."""
    generator = np.random.default_rng(5)
    rows = []
    for name in range(60):
        first, price = int(generator.integers(0, 600)), (12.0, 20.0)[name % 2]
        number = min(generator.geometric(0.08) + 3, (730 - first) // 30)
        rows += [
            (f"s{name:03}", str(BEGIN + timedelta(first + 30 * charge)), price)
            for charge in range(number)
        ]
    return rows


def worth_of(rows: list[tuple[str, str, float]], reported: bool = True) -> ClvInputs:
    held = occasions(lines(rows)).cache()
    found = subscriptions.subscriptions(held)
    apart = Subscriptions(
        customers=int(found["customers"].sum()),
        customer_share=0.2,
        occasion_share=0.3,
        periods=dict(zip(found["period"], found["customers"].astype(int), strict=True)),
        reported=reported and len(found) > 0,
    )
    cycle = made.changed(made.cycle(), history_days=730, lapse_days=90, subscriptions=apart)
    return ClvInputs(held.get_backend(), held, held, AS_OF, cycle, TERMS)


@cache
def valued(reported: bool = True) -> tuple[ClvInputs, pd.DataFrame, Clv]:
    worth = worth_of([*buyers(), *subscribed()], reported)
    table = worth.scored().cache()
    return worth, table.to_pandas(), worth.result(table)


def test_the_model_is_fitted_on_all_others_alone() -> None:
    worth, table, _ = valued()
    alone = worth_of(buyers())
    # the subscribers, as far as they are known: all who have paid four times
    charges = pd.DataFrame(subscribed()).groupby(0).size()
    known = set(charges.index[charges >= 4])
    assert set(table.loc[table["subscription"] == "month", "customer_id"]) == known
    young = [row for row in subscribed() if row[0] not in known]
    others = worth_of([*buyers(), *young])
    expected = others.valuation
    assert worth.valuation.scores is not None and expected.scores is not None
    pd.testing.assert_frame_equal(worth.valuation.scores, expected.scores)
    assert worth.valuation.spend == expected.spend
    assert worth.backtests.own_uncertainty == others.backtests.own_uncertainty
    assert alone.forecasts.subscribers.renewals == {}


def test_at_earlier_days_those_are_apart_who_were_known_then() -> None:
    worth, _, found = valued()
    at = worth.forecasts.trial_day
    then = young_subscribers.with_young(as_known(worth.occasions, at), ["month"])
    known = set(then.to_pandas()["customer_id"])
    today = young_subscribers.with_young(worth.occasions, ["month"]).to_pandas()
    assert known < set(today["customer_id"])
    counted = worth.forecasts.counted(at, worth.forecasts.holdout_days)
    everybody = counts.frequency_recency(worth.occasions, at)
    assert counted["customers"].sum() == everybody["customers"].sum() - len(known)
    assert found.holdout is not None
    assert found.holdout.customers == counted["customers"].sum()
    assert found.past_forecasts is not None
    for forecast in found.past_forecasts.forecasts:
        known_then = as_known(worth.occasions, forecast.origin)
        all_then = counts.totals(known_then)["customers"]
        apart = len(young_subscribers.with_young(known_then, ["month"]).to_pandas())
        assert forecast.customers == all_then - apart


def test_every_customer_has_a_row_and_a_value() -> None:
    _, table, found = valued()
    assert list(table) == list(customers.COLUMNS)
    assert table["customer_id"].is_unique and len(table) == 210
    dates = ["next_purchase", "next_purchase_from", "next_purchase_to"]
    assert table.drop(columns=["subscription", "monetary", *dates]).notnull().all().all()
    assert found.total_clv == pytest.approx(table["clv"].sum(), abs=210 * 0.005)
    assert found.expected_purchases == pytest.approx(table["expected_purchases"].sum())
    assert found.mean_p_alive == pytest.approx(table["p_alive"].mean())


def test_subscribers_are_worth_their_own_charges() -> None:
    worth, table, found = valued()
    own = table[table["subscription"] == "month"].set_index("customer_id")
    price = np.where(own.index.str[1:].astype(int) % 2, 20.0, 12.0)
    assert own["expected_value"].to_numpy() == pytest.approx(0.4 * price)
    month = worth.forecasts.subscribers.renewals["month"]
    assert month.days == 30.0
    coming = charges_ahead(
        month, own["frequency"] + 1, own["silent_days"], TERMS.months.last, TERMS.rate
    )
    assert own["expected_purchases"].to_numpy() == pytest.approx(coming.expected)
    assert own["clv"].to_numpy() == pytest.approx(0.4 * price * coming.discounted)
    ratio = np.divide(coming.discounted, coming.expected, out=0 * price, where=coming.expected > 0)
    for end in ("low", "high"):
        several = own[f"purchases_{end}"].to_numpy()
        assert own[f"clv_{end}"].to_numpy() == pytest.approx(0.4 * price * ratio * several)
    lapse = charges_ahead(
        month, own["frequency"] + 1, own["silent_days"], Span.days(90), TERMS.rate
    )
    assert own["lapse_chance"].to_numpy() == pytest.approx(1 - lapse.at_least[:, 0])
    assert (own.loc[own["silent_days"] > 63, ["p_alive", "clv", "purchases_high"]] == 0).all().all()
    (part,) = found.subscribers
    assert part.period == "month" and part.customers == (own["silent_days"] <= 63).sum()
    assert part.expected_purchases == pytest.approx(own["expected_purchases"].sum())
    assert part.value == pytest.approx(own["clv"].sum())


def test_their_chance_narrows_or_widens_the_ranges_of_the_totals() -> None:
    worth, _, found = valued()
    own, charges = worth.backtests.own_uncertainty, worth.charges
    assert not isinstance(own, str) and charges is not None and found.spread is not None
    variance = float(np.dot(charges["variance"], charges["customers"]))
    part, total = found.subscribers[0].expected_purchases, found.expected_purchases
    assert total is not None
    expected = np.sqrt((own.purchases * (total - part)) ** 2 + variance) / total
    assert found.spread.purchases == pytest.approx(expected)


def test_the_record_is_of_those_who_do_not_subscribe_today_as_well() -> None:
    worth, _, found = valued()
    today = worth.backtests.past_forecasts().iloc[-1]
    own = worth.backtests.own_uncertainty
    assert today["today"] and not isinstance(own, str) and found.expected_purchases is not None
    rest = found.expected_purchases - found.subscribers[0].expected_purchases
    assert today["predicted"] == pytest.approx(rest)
    assert today["own_high"] == pytest.approx(rest * np.exp(1.96 * own.purchases), rel=1e-4)
    past = worth.backtests.past
    assert past.forecasts is not None and past.forecasts.forecasts
    # of two years only today's forecast knows the trends, so that none of the earlier ones is like it
    assert not past.errors and past.centre.shift == 0
    wide = stats.widened(rest, own.purchases, []).interval
    assert (today["low"], today["high"]) == pytest.approx(wide)


def test_the_weeks_are_those_of_customers_who_did_not_subscribe_on_the_holdout_s_eve() -> None:
    worth, _, found = valued()
    weeks = worth.backtests.tracking()
    assert found.holdout is not None
    counted = worth.forecasts.counted(worth.forecasts.trial_day, worth.forecasts.holdout_days)
    repeats = (counted["frequency"] + counted["later"]) @ counted["customers"]
    assert weeks["made"].sum() == repeats


# --- where they are left to the models ---


@pytest.mark.slow
def test_too_few_are_left_to_the_models() -> None:
    worth, table, found = valued(reported=False)
    assert worth.forecasts.subscribers.renewals == {} and worth.charges is None
    assert table["subscription"].isnull().all() and len(table) == 210
    assert found.subscribers == []
    states = counts.frequency_recency(worth.occasions, AS_OF, worth.forecasts.holdout_days)
    pd.testing.assert_frame_equal(worth.forecasts.counted(AS_OF, 0), states, check_dtype=False)


def test_so_are_those_of_whose_renewals_nothing_is_known() -> None:
    """All began so late that it cannot be told yet of any charge whether another follows."""
    days = [str(AS_OF - timedelta(30 * charge)) for charge in (5, 4, 3, 2, 1)]
    late = [(f"s{name}", day, 12.0) for name in range(40) for day in days[1:]]
    worth = worth_of([*buyers(), *late])
    assert worth.cycle.subscriptions is not None
    assert worth.cycle.subscriptions.periods == {"month": 40}
    assert worth.forecasts.subscribers.renewals == {} and worth.charges is None


def test_without_a_model_subscribers_are_valued_and_there_is_no_total() -> None:
    worth = worth_of([*buyers()[:20], *subscribed()])
    table = worth.scored().cache()
    found, frame = worth.result(table), table.to_pandas()
    others = frame["subscription"].isnull()
    assert frame.loc[others, "clv"].isnull().all() and frame.loc[~others, "clv"].notnull().all()
    assert found.model is None and found.total_clv is None and found.expected_purchases is None
    assert found.subscribers[0].value == pytest.approx(frame["clv"].sum())


@pytest.mark.slow
def test_without_amounts_or_margin_their_charges_are_counted_and_not_valued() -> None:
    nothing = [(name, day, None) for name, day, _ in [*buyers(), *subscribed()]]
    unpaid: Any = worth_of(nothing)  # type: ignore[arg-type]
    paid = valued()[0]
    costly = replace(paid, wanted=Terms(AnnualRate(0.1), 12, -0.2))
    # forecasts of purchases are the same at any margin
    vars(costly.forecasts).update(trial=paid.forecasts.trial)
    vars(costly).update(backtests=paid.backtests)
    for worth in (unpaid, costly):
        table = worth.scored().cache()
        found = worth.result(table)
        assert table.to_pandas()["clv"].isnull().all()
        assert found.subscribers[0].value is None
        assert found.why_not["/subscribers/0/value"] == found.why_not["/total_clv"]
        assert found.expected_purchases is not None


@pytest.mark.slow
def test_cdnow_has_none_apart(cdnow_study: Study) -> None:
    found = cdnow_study.clv()
    assert found.subscribers == []
    counted = counts.frequency_recency(cdnow_study.occasions, cdnow_study.as_of)
    assert counted["customers"].sum() == 23_570
    assert cdnow_study.customers.to_pandas()["subscription"].isnull().all()
    charging = Subscribers(cdnow_study.occasions, cdnow_study.as_of, cdnow_study.cycle())
    assert charging.irregular(cdnow_study.as_of) is cdnow_study.occasions


# --- the demo client, against the lives that go on after the export ---


@pytest.mark.slow
def test_the_demo_s_subscribers_pay_and_are_worth_what_is_expected(demo: Study) -> None:
    """Within two standard deviations of what chance does to so many subscribers.

    Nobody knows yet who ended with their latest charge: one in twelve of the young, fewer of others.
    """
    (box,) = demo.clv().subscribers
    listed = demo.customers.filter(demo.customers.subscription.notnull()).to_pandas()
    boxes = set(listed["customer_id"])
    still = sum(
        it.number in boxes and not it.left_by(planted.END) for it in planted.shop().customers
    )
    assert still <= box.customers <= 1.12 * still
    off = planted.purchases_next_year(boxes) - box.expected_purchases
    assert abs(off) <= 2 * 53
    assert box.value == pytest.approx(planted.margin_next_year(boxes), rel=0.07)
