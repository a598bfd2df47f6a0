"""The day of the next purchase: by hand, beside what models say, simulated, and on the holdout."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_lib.clv import next_purchases
from retention_lib.clv.subscribers import Renewals, next_days
from retention_lib.models import mbg, next_purchase
from retention_lib.models.clock import Clock
from retention_lib.models.purchase_model import distinct, state
from retention_lib.models.race import Setting, daily_rates
from retention_lib.models.units import Span
from retention_lib.results import Clv, NextPurchases
from retention_lib.study.clv_inputs import ClvInputs
from retention_lib.summaries import backtests, counts
from tests.conftest import bought, occasions_of
from tests.test_clv_inputs import valued
from tests.test_purchase_model import BETA_GEOMETRIC, MODELS

STATES = pd.DataFrame(
    {
        "frequency": [2, 0, 9, 2],
        "recency_days": [213, 0, 260, 10],
        "T_days": [272, 100, 272, 900],
        "customers": [3, 5, 2, 1],
    }
)
FAR = 100_000

# --- by hand ---


def test_half_have_bought_after_so_many_weeks() -> None:
    """z = 4.41 + 38.86 weeks, power 2.2426: 43.27 x (2 ^ (1 / 2.2426) - 1) = 15.67 weeks."""
    x, t_x, age = (np.array([one]) for one in (2.0, 213.0, 272.0))
    found = next_purchase.days_until(MODELS["BG/NBD"], x, t_x, age, 0.5)
    z = BETA_GEOMETRIC["alpha"] + 272 / 7
    assert found == pytest.approx([7 * z * (2 ** (1 / 2.2425945) - 1)])
    assert found == pytest.approx([109.7], abs=0.05)


def test_at_a_pace_the_wait_is_exponential() -> None:
    """Once in ten days: half have bought after 10 ln 2 = 6.9 days, nine in ten after 23."""
    pace = np.array([0.1, 0.0])
    assert next_purchase.days_at_pace(pace, 0.5) == pytest.approx([10 * np.log(2), np.inf])
    assert next_purchase.days_at_pace(pace, 0.9)[0] == pytest.approx(23.03, abs=0.01)


def test_days_are_whole_and_tomorrow_at_the_earliest() -> None:
    states = STATES.iloc[:3]
    found = next_purchases.days(states, np.array([0.1, 5.0, 0.0]), FAR)
    assert found["next_purchase"].tolist()[:2] == [7, 1] and np.isnan(found["next_purchase"][2])
    assert found["next_purchase_from"].tolist()[:2] == [2, 1]
    assert found["next_purchase_to"].tolist()[:2] == [24, 1]


def test_what_lies_too_far_ahead_is_not_told() -> None:
    found = next_purchases.days(STATES.iloc[:1], np.array([0.1]), 7)
    assert found.loc[0].tolist()[:2] == [7, 2] and np.isnan(found["next_purchase_to"][0])
    assert next_purchases.days(STATES.iloc[:1], np.array([0.1]), 6)["next_purchase"].isna().all()


def test_of_who_is_more_likely_gone_no_day_is_told() -> None:
    model = MODELS["MBG/NBD"]
    alive = model.p_alive(*state(STATES))
    assert alive[0] > 0.5 > alive[3]
    found = next_purchases.days(STATES, model, FAR)
    assert found.loc[0].notna().all() and found.loc[3].isna().all()


def test_dates_count_from_the_day_of_the_report() -> None:
    table = pd.DataFrame(
        {
            "next_purchase": [1.0, np.nan],
            "next_purchase_from": [1.0, np.nan],
            "next_purchase_to": [31.0, np.nan],
        }
    )
    found = next_purchases.dated(table, date(2024, 12, 31))
    assert found["next_purchase"].tolist()[0] == pd.Timestamp("2025-01-01")
    assert found["next_purchase_to"].tolist()[0] == pd.Timestamp("2025-01-31")
    assert found.loc[1].isna().all()


# --- what the models say of the same day ---


@pytest.mark.parametrize("name", ["BG/NBD", "MBG/NBD", "NBD"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_by_that_day_this_share_of_those_still_there_has_bought(name: str, share: float) -> None:
    model = MODELS[name]
    for row in range(3):
        known = state(STATES.iloc[[row]])
        ahead = Span.days(next_purchase.days_until(model, *known, share)[0])
        alive = model.p_alive(*known)
        assert model.buys_within(*known, ahead) == pytest.approx(alive * share)


def test_by_pareto_nbd_some_leave_before_their_day() -> None:
    """Simulated: of those who stay half have bought by it; of all who are there today, fewer."""
    model, (x, age) = MODELS["Pareto/NBD"], (2, 272)
    known = tuple(np.array([float(one)]) for one in (x, 213, age))
    until = next_purchase.days_until(model, *known, 0.5)[0]
    generator, size = np.random.default_rng(3), 400_000
    values = model.params
    rate = generator.gamma(values["r"] + x, 1 / (values["alpha"] + age / 7), size)
    leaves = generator.gamma(values["s"], 1 / (values["beta"] + age / 7), size)
    buys, gone = (7 * generator.exponential(1 / one) for one in (rate, leaves))
    assert np.mean(buys <= until) == pytest.approx(0.5, abs=0.003)
    chance = model.buys_within(*known, Span.days(until)) / model.p_alive(*known)
    assert chance == pytest.approx(np.mean(buys <= np.minimum(until, gone)), abs=0.003)
    assert chance < 0.5


@given(st.floats(0, 900), st.integers(0, 1_000))
def test_a_clock_shows_the_day_of_what_it_shows(days: float, seed: int) -> None:
    steps = np.random.default_rng(seed).uniform(0.3, 2.0, 365) / 7
    clock = Clock(future=np.concatenate([[0.0], np.cumsum(steps)]))
    assert clock.days_ahead(clock.ahead(Span.days(days))) == pytest.approx(days)
    assert Clock().days_ahead(Clock().ahead(Span.days(days))) == pytest.approx(days)


def test_a_season_puts_the_day_off() -> None:
    """The clock stands almost still for a hundred days, then runs as the calendar does."""
    slow = np.cumsum(np.repeat([0.01, 1.0], [100, 265])) / 7
    clock = Clock(future=np.concatenate([[0.0], slow]))
    plain = MODELS["MBG/NBD"]
    model = mbg.MbgNbd(BETA_GEOMETRIC, {}, 0.0, None, clock=clock)
    known = state(STATES.iloc[[0]])
    even = next_purchase.days_until(plain, *known, 0.5)
    late = next_purchase.days_until(model, *known, 0.5)
    assert late == pytest.approx(even + 99)


# --- subscribers ---


def monthly(paused: float, ended: float = 0.05) -> Renewals:
    return Renewals(30.0, paused, (28, 33), (58, 63), lambda n: np.full(np.shape(n), ended))


@pytest.mark.parametrize(
    ("paused", "silent", "days"),
    [
        (0.05, 10, (20, 18, 23)),
        (0.05, 31, (1, 1, 2)),  # overdue, within the tolerance
        (0.2, 10, (20, 18, 53)),  # more than one in ten leave a charge out
        (0.6, 10, (50, 18, 53)),
        (0.6, 40, (20, 18, 23)),  # left one out
        (0.05, 40, None),  # more likely ended than not
        (0.6, 64, None),
    ],
)
def test_the_next_charge_is_due_by_its_period(
    paused: float, silent: int, days: tuple[int, int, int] | None
) -> None:
    found = next_days(monthly(paused), np.array([6.0]), np.array([float(silent)]), FAR)
    values = [float(found[name][0]) for name in next_purchases.SHARES]
    if days is None:
        assert np.isnan(values).all()
    else:
        assert values == list(days)


def test_a_charge_beyond_what_the_value_looks_ahead_is_not_told() -> None:
    found = next_days(monthly(0.05), np.array([6.0]), np.array([10.0]), 20)
    assert found["next_purchase"] == [20] and np.isnan(found["next_purchase_to"]).all()


# --- how often such days came true ---


def test_who_bought_in_time_is_counted() -> None:
    """a buys on the day itself, b a day late, c never; d was told no day."""
    held = bought(
        a=["2024-01-01", "2024-01-11", "2024-02-05"],
        b=["2024-01-01", "2024-01-11", "2024-02-06", "2024-02-07"],
        c=["2024-01-01", "2024-01-11"],
        d=["2024-01-20", "2024-02-01"],
        late=["2024-02-02"],
    )
    told = pd.DataFrame({"frequency": [1], "recency_days": [10], "T_days": [30], "days": [5]})
    table = held.get_backend().create_table("told", told)
    assert backtests.bought_in_time(held, table, date(2024, 1, 31)) == (3, 1)
    recent = held.get_backend().create_table("recent", told.assign(recent=2))
    assert backtests.bought_in_time(held, recent, date(2024, 1, 31), 31) == (3, 1)
    assert backtests.bought_in_time(held, recent, date(2024, 1, 31), 25) == (0, 0)


def test_the_share_to_be_expected_is_that_of_the_model() -> None:
    told = next_purchases.told(STATES, MODELS["MBG/NBD"], 200)
    assert told["frequency"].tolist() == [2, 9]  # one is as good as gone, one is told no day
    alive = MODELS["MBG/NBD"].p_alive(*state(told))
    # but for the part of a day that is rounded up
    assert told["chance"].to_numpy() == pytest.approx(alive / 2, rel=0.03)
    assert (told["chance"] >= alive / 2).all()
    found = next_purchases.came_true(told, 5, 2)
    expected = (3 * told["chance"].iloc[0] + 2 * told["chance"].iloc[1]) / 5
    assert found is not None and (found.customers, found.actual) == (5, 0.4)
    assert found.expected == pytest.approx(expected)
    assert next_purchases.came_true(told.iloc[:0], 0, 0) is None


def world(seed: int, customers: int = 20_000) -> pd.DataFrame:
    """Buyers as MBG/NBD has them, of whom all came within a year; seen for three."""
    generator = np.random.default_rng(seed)
    rate = generator.gamma(0.8, 1 / 40, customers)
    stays = generator.random((customers, 80)) >= generator.beta(1.0, 4.0, customers)[:, None]
    times = generator.exponential(1 / rate[:, None], (customers, 80)).cumsum(axis=1)
    times = np.where(np.logical_and.accumulate(stays, axis=1), times, np.inf)
    first = generator.uniform(0, 365, customers)[:, None]
    days = np.concatenate([first, first + times], axis=1)
    who, _ = np.nonzero(days < 1_095)
    day = np.floor(days[days < 1_095]).astype(int)
    table = pd.DataFrame({"customer": [f"c{n}" for n in who], "day": day}).drop_duplicates()
    dates = pd.Timestamp("2021-01-01") + pd.to_timedelta(table["day"], unit="D")
    return table.assign(day=dates, value=10.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_in_simulated_shops_such_days_come_true(seed: int) -> None:
    held, at = occasions_of(world(seed)), date(2021, 1, 1) + timedelta(days=729)
    states = distinct(counts.frequency_recency(held, at))
    found = checked(held, states, at, 365)
    error = np.sqrt(found.expected * (1 - found.expected) / found.customers)
    assert found.customers > 2_000
    assert abs(found.actual - found.expected) < 4 * error + 0.005


def checked(held: ibis.Table, states: pd.DataFrame, at: date, longest: int) -> NextPurchases:
    told = next_purchases.told(states, mbg.fit(states), longest)
    table = held.get_backend().create_table(
        ibis.util.gen_name("told"), told.drop(columns=["customers", "chance"])
    )
    found = next_purchases.came_true(told, *backtests.bought_in_time(held, table, at))
    assert found is not None and found.customers == told["customers"].sum()
    return found


# --- one client's ---


@cache
def shop() -> tuple[ClvInputs, pd.DataFrame, Clv]:
    return valued()


def test_dates_stand_in_their_order_within_the_horizon() -> None:
    worth, table, _ = shop()
    told = table[table["next_purchase"].notna()]
    assert len(told) and (told["p_alive"] >= 0.5).all()
    assert (told["next_purchase"] > pd.Timestamp(worth.as_of)).all()
    assert told["next_purchase"].max() <= pd.Timestamp(worth.as_of) + pd.Timedelta(days=366)
    assert (told["next_purchase_from"] <= told["next_purchase"]).all()
    both = told[told["next_purchase_to"].notna()]
    assert (both["next_purchase"] <= both["next_purchase_to"]).all()
    subscribed = told[told["subscription"] == "month"]
    # charged every 30 days, the last on 1 December: due today, so tomorrow, or up to the 33rd day
    assert [str(day.date()) for day in subscribed[[*next_purchases.SHARES]].iloc[0]] == [
        *("2025-01-01", "2025-01-01", "2025-01-03")
    ]
    assert subscribed["silent_days"].tolist() == [30]


def test_a_customers_day_is_that_of_the_model_in_use() -> None:
    worth, table, found = shop()
    model = worth.valuation.purchases
    assert model is not None and found.model == model.name
    own = table[table["subscription"].isna() & table["next_purchase"].notna()]
    until = next_purchase.days_until(model, *state(own), 0.5)
    days = (own["next_purchase"] - pd.Timestamp(worth.as_of)).dt.days
    assert days.tolist() == np.maximum(np.ceil(until), 1).tolist()


def test_the_holdout_recounted_by_pandas() -> None:
    """Whom a day was told on the eve, and who had bought by then, customer by customer."""
    worth, _, found = shop()
    forecasts, at = worth.forecasts, worth.forecasts.trial_day
    days = forecasts.subscribers.irregular(at).select("customer_id", "day").to_pandas()
    days["day"] = pd.to_datetime(days["day"])
    eve = pd.Timestamp(at)
    known = days[days["day"] <= eve].groupby("customer_id")["day"].agg(["min", "max", "size"])
    after = days[days["day"] > eve].groupby("customer_id")["day"].min()
    states = pd.DataFrame(
        {
            "frequency": known["size"] - 1,
            "recency_days": (known["max"] - known["min"]).dt.days,
            "T_days": (eve - known["min"]).dt.days,
        }
    )
    model = worth.backtests._on_trial()
    assert not isinstance(model, float) and model is not None
    until = next_purchases.days(states, model, forecasts.holdout_days)["next_purchase"]
    told = until[until.notna()]
    bought_by = (after.reindex(told.index) - eve).dt.days <= told
    assert found.next_purchases is not None
    assert found.next_purchases.customers == len(told) > 0
    assert found.next_purchases.actual == pytest.approx(bought_by.mean())
    alive = model.p_alive(*state(states.loc[told.index]))
    assert found.next_purchases.expected == pytest.approx(alive.mean() / 2, abs=0.05)


def test_a_rule_is_checked_by_its_pace() -> None:
    states = STATES.assign(recent=[1, 0, 4, 1])
    pace = daily_rates("last window", states, Setting(date(2024, 1, 1), 100))
    told = next_purchases.told(states, pace, 100)
    assert told["frequency"].tolist() == [2, 9, 2]  # who bought nothing in the window buys no more
    assert told["days"].tolist() == [70, 18, 70]
    assert told["chance"].to_numpy() == pytest.approx(0.5, abs=0.02)
