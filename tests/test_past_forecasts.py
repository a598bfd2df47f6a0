"""Forecasts made again on earlier days: which days, the ranges printed then, and real logs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, cast

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_lib import stats
from retention_lib.clv import past_forecasts, race
from retention_lib.clv.past_forecasts import UNTRIED, Backtest, Past, coverage
from retention_lib.clv.ranges import ranges
from retention_lib.clv.valuation import Terms, too_few
from retention_lib.models import bgnbd
from retention_lib.models.purchase_model import distinct, state
from retention_lib.models.race import MODELS, ON_CLOCKS, RULES, Setting
from retention_lib.models.total_uncertainty import TotalUncertainty, of_total
from retention_lib.models.units import AnnualRate, Span
from retention_lib.results import PastForecasts, Why, Window, why
from retention_lib.study import Study
from retention_lib.study.clv_inputs import ClvInputs
from retention_lib.summaries import backtests, counts
from retention_lib.summaries.occasions import as_known
from tests.conftest import occasions_of
from tests.made import changed
from tests.made import clv as made_clv
from tests.made import cycle as made_cycle

TODAY = date(1998, 6, 30)


# --- which days ---


def wanted(months: int = 12) -> Terms:
    return Terms(AnnualRate(0.1), months, None)


@pytest.mark.parametrize(
    ("months", "history", "days"),
    [
        (12, 1096, 365),  # a year, of 548 days
        (12, 546, 273),  # nine months are 273.9 days
        (3, 546, 91),
        (12, 600, 273),  # 300 days hold nine whole months
        (12, 374, 182),
        (12, 50, 25),  # under a month of history to test on
    ],
)
def test_forecasts_look_as_far_as_the_value_but_at_most_half_the_history(
    months: int, history: int, days: int
) -> None:
    assert past_forecasts.days_ahead(wanted(months), history) == days


@pytest.mark.parametrize(
    ("tested", "months"),
    [(365, 12), (363, 12), (362, 11), (400, 12), (273, 9), (270, 8), (212, 7), (20, 1), (0, 1)],
)
def test_a_value_looks_no_further_than_was_tested(tested: int, months: int) -> None:
    """Three days short is near enough: 363 of 365.25 days are a year, 362 are eleven months."""
    assert wanted().within(tested).horizon_months == months
    assert wanted(3).within(tested).horizon_months == min(months, 3)


def test_days_of_the_record_by_hand() -> None:
    """CDNOW has 546 days; 273 ahead, a quarter of that apart, none with under 137 before."""
    found = past_forecasts.origins(TODAY, 546, 273)
    assert found == [date(1997, 9, 30), date(1997, 7, 24), date(1997, 5, 17)]


@given(history=st.integers(2, 4000), months=st.integers(1, 36))
def test_every_forecast_of_the_record_has_ended_and_had_a_past(history: int, months: int) -> None:
    days = past_forecasts.days_ahead(wanted(months), history)
    assert 1 <= days <= history // 2
    assert wanted(months).within(days) == wanted(months).within(history // 2)
    found = past_forecasts.origins(TODAY, history, days)
    assert 1 <= len(found) <= 9 and found[0] == TODAY - timedelta(days=days)
    assert all(2 * (history - (TODAY - at).days) >= days for at in found)
    apart = {(later - earlier).days for later, earlier in pairwise(found)}
    assert len(apart) <= 1 and all(gap >= max(days // 4, 1) for gap in apart)


# --- what was known, and what came ---


@settings(max_examples=20, deadline=None)
@given(at=st.integers(20, 270), ahead=st.integers(1, 200), recent=st.sampled_from([0, 1, 30, 90]))
def test_one_pass_counts_what_was_known_and_came(
    sample: ibis.Table, at: int, ahead: int, recent: int
) -> None:
    day = date(1997, 1, 1) + timedelta(days=at)
    known = as_known(sample, day + timedelta(days=ahead))
    pd.testing.assert_frame_equal(
        backtests.before_and_after(sample, day, ahead, recent),
        counts.frequency_recency(known, day, recent),
        check_dtype=False,
    )


# --- one forecast ---


@pytest.fixture(scope="module")
def half(sample: ibis.Table) -> pd.DataFrame:
    return counts.frequency_recency(sample, date(1997, 6, 30), 90)


SETTING = Setting(date(1997, 6, 30), 90, None)


@pytest.fixture(scope="module")
def raced(half: pd.DataFrame) -> race.Trial:
    return race.trial(half, SETTING, 92)


def test_a_rule_told_by_hand(half: pd.DataFrame, raced: race.Trial) -> None:
    found = past_forecasts.backtest("last window", raced, seed=1)
    assert isinstance(found, Backtest)
    total = float((half["recent"] * half["customers"]).sum()) * 92 / 90
    assert found.customers == 2357 and found.predicted == pytest.approx(total)
    assert found.own == pytest.approx(total**-0.5)
    assert found.actual == (half["later"] * half["customers"]).sum()
    assert found.error == pytest.approx(np.log(found.actual / total))


def test_a_model_told_is_that_of_the_race(half: pd.DataFrame, raced: race.Trial) -> None:
    found = past_forecasts.backtest("BG/NBD", raced, seed=1)
    assert isinstance(found, Backtest) and raced.race is not None and raced.holdout is not None
    assert found.predicted == raced.race.standings[0].predicted
    assert found.error == raced.race.standings[0].error
    model = bgnbd.fit(distinct(half))
    again = model.expected_purchases(*state(half), Span.days(92)) @ half["customers"]
    assert found.predicted == pytest.approx(again)
    assert found.own == of_total(model, distinct(half), Span.days(92), 1).purchases
    assert found.parts == () and (raced.holdout.start, raced.holdout.end) == (
        date(1997, 7, 1),
        date(1997, 9, 30),
    )


def test_a_model_too_young_for_the_calendar_was_mbg(raced: race.Trial) -> None:
    """Half a year of history: it took no part in the race, and would have said what MBG/NBD said."""
    (name, plain), *_ = ON_CLOCKS.items()
    assert raced.race is not None and raced.holdout is not None
    assert name not in {one.name for one in raced.race.standings} | set(raced.race.left_out)
    young = past_forecasts.backtest(name, raced, seed=1)
    assert young == past_forecasts.backtest(plain, raced, seed=1)
    past = past_forecasts.past(92, {SETTING.at: young}, ("season", "pace", "stay"))
    assert [one.alike for one in shown(past).forecasts] == [False] and past.errors == []


def test_what_is_kept_of_an_earlier_day_tells_the_same(raced: race.Trial) -> None:
    kept = replace(raced, counts=distinct(raced.counts))
    for name in ("BG/NBD", "NBD", "own"):
        here, there = (past_forecasts.backtest(name, one, 1) for one in (kept, raced))
        assert isinstance(here, Backtest) and isinstance(there, Backtest)
        assert here.own == pytest.approx(there.own)
        assert replace(here, own=there.own) == there
    assert kept.holdout == raced.holdout


def test_too_few_a_failed_fit_and_a_rule_without_hope_say_why() -> None:
    few = pd.DataFrame(
        {
            "frequency": [0, 1],
            "recency_days": [0, 30],
            "T_days": [100, 100],
            "recent": [0, 0],
            "later": [0, 1],
            "customers": [50, 29],
        }
    )
    setting = Setting(date(2020, 1, 1), 20, None)
    told = past_forecasts.backtest("last window", race.trial(few, setting, 20), seed=1)
    assert told == why("too_few_repeat_buyers", repeat=29, needed=30)
    assert too_few(few.assign(customers=30)) is None
    many = race.trial(few.assign(customers=50), setting, 20)
    assert past_forecasts.backtest("last window", many, seed=1) == why("nothing_expected")
    failed = past_forecasts.backtest("Pareto/NBD", many, seed=1)
    assert isinstance(failed, Why) and failed.model_dump()["model"] == "Pareto/NBD"


# --- the record ---


def day(number: int) -> date:
    return date(2020, 1, 1) + timedelta(days=number)


Told = dict[date, Backtest | Why]


def shown(past: Past) -> PastForecasts:
    assert past.forecasts is not None
    return past.forecasts


def test_a_range_is_widened_by_what_had_ended_and_nothing_else() -> None:
    """Forecasts of 30 days on days 0, 30 and 45: the second knows the first, the third too."""
    told: Told = {
        day(45): Backtest(12, 100.0, 100, 0.05),
        day(30): Backtest(11, 100.0, 90, 0.05),
        day(0): Backtest(10, 100.0, 200, 0.05),
        day(15): why("nothing_expected"),
    }
    past = past_forecasts.past(30, told)
    error = float(np.log(2))
    assert past.errors == [(error, 0.05), (pytest.approx(np.log(0.9)), 0.05), (0.0, 0.05)]
    found = shown(past)
    first, second, third = found.forecasts
    assert (first.origin, first.end, first.customers) == (day(0), day(30), 10)
    assert past.centre.shift == 0  # of forecasts that look 30 days ahead
    assert first.ci95 == stats.widened(100.0, 0.05, []).interval
    assert second.ci95 == third.ci95 == stats.widened(100.0, 0.05, [(error, 0.05)]).interval
    assert first.own_ci95 == pytest.approx((100 * np.exp(-0.098), 100 * np.exp(0.098)), rel=1e-4)
    assert found.left_out == {day(15).isoformat(): why("nothing_expected")}
    assert [one.inside for one in found.forecasts] == [False, True, True]
    assert coverage(found) == pytest.approx(2 / 3)
    assert [one.error for one in found.forecasts] == [error for error, _ in past.errors]


def test_what_came_later_changes_no_earlier_range() -> None:
    told: Told = {day(30 * n): Backtest(10, 100.0, 100 + n, 0.05) for n in range(5)}
    more = told | {day(120): Backtest(10, 100.0, 900, 0.05)}
    before, after = (shown(past_forecasts.past(30, one)).forecasts for one in (told, more))
    assert after[:4] == before[:4] and after[4].ci95 == before[4].ci95


def test_a_record_of_nothing_covers_nothing() -> None:
    past = past_forecasts.past(30, {day(0): why("nothing_expected")})
    assert coverage(shown(past)) is None
    assert past.errors == [] and past.centre == past_forecasts.UNTRIED.centre


def test_three_forecasts_that_had_ended_move_the_next() -> None:
    """A year ahead, once a year: 20 % too few each time moves the fourth, and today's further.

    With three windows of one error e: v = 2 x .0225 / 5 = .009, kept = .01 / (.01 + .003) = 10/13;
    with four v = .045 / 6 = .0075, kept = .01 / (.01 + .001875).
    """
    told: Told = {day(365 * n): Backtest(10, 1000.0, 1200, 0.02) for n in range(4)}
    past = past_forecasts.past(365, told)
    error = float(np.log(1.2))
    moved = [one.moved for one in shown(past).forecasts]
    assert moved == pytest.approx([1000, 1000, 1000, 1000 * np.exp(error * 10 / 13)])
    assert past.centre.kept == pytest.approx(0.01 / 0.011875)
    assert past.centre.shift == pytest.approx(error * 0.01 / 0.011875)
    assert (past.centre.windows, len(past.errors)) == (4, 4)
    last = shown(past).forecasts[3]
    three = [(error, 0.02)] * 3
    assert last.ci95 == stats.widened(last.moved, 0.02, three, error * 10 / 13).interval
    assert last.own_ci95 == stats.own_interval(1000.0, 0.02)
    assert last.ci95[1] / last.moved > last.moved / last.ci95[0]  # what is left lies above


def test_only_forecasts_made_alike_move_and_widen() -> None:
    """The first two knew the season alone, as the history was short: they move nothing of today."""
    early = [Backtest(10, 1000.0, 500, 0.02, ("season",)) for _ in range(2)]
    late = [Backtest(10, 1000.0, 1100, 0.02, ("season", "stay")) for _ in range(3)]
    told: Told = {day(365 * n): one for n, one in enumerate([*early, *late])}
    past = past_forecasts.past(365, told, ("season", "stay"))
    found = shown(past).forecasts
    assert [one.alike for one in found] == [False, False, True, True, True]
    error = float(np.log(1.1))
    assert past.errors == [(error, 0.02)] * 3 and past.centre.mean == pytest.approx(error)
    # what was printed on an early day knew the early ones
    assert found[1].ci95 == stats.widened(1000.0, 0.02, [(float(np.log(0.5)), 0.02)]).interval
    assert found[2].ci95 == stats.widened(1000.0, 0.02, []).interval
    none = past_forecasts.past(365, told, ("season", "pace", "stay"))
    assert none.errors == [] and none.centre.shift == 0
    assert none.widened(100.0, 0.02) == stats.widened(100.0, 0.02, [])


def test_half_an_occasion_stands_for_none() -> None:
    assert Backtest(1, 2.0, 0, 0.1).error == pytest.approx(np.log(0.25))


# --- the ranges of the totals ---


def test_ranges_by_hand() -> None:
    """Errors of ln 1.2 and ln .9, and a centre moved by ln 1.05, beside own deviations.

    Left are ln 1.2 / 1.05 = .1335 above and ln .9 / 1.05 = -.1542 below.
    """
    errors = [(np.log(1.2), 0.05), (np.log(0.9), 0.05)]
    past = Past(None, errors, stats.Moved(np.log(1.05), 0.1, 0.5, 2))
    found = ranges(1000.0, 5000.0, TotalUncertainty(0.05, 0.08), past)
    above = np.sqrt((0.04 + 2 * (0.1335314**2 - 0.0025)) / 6)
    below = np.sqrt((0.04 + 2 * (0.1541507**2 - 0.0025)) / 6)
    low, high = (2.446912 * np.sqrt(0.08**2 + side**2) for side in (below, above))
    assert found["total_clv_ci95"] == pytest.approx(
        (5000 * np.exp(-low), 5000 * np.exp(high)), rel=1e-5
    )
    assert found["total_clv_own_ci95"][1] == pytest.approx(5000 * np.exp(1.959964 * 0.08))
    spread = found["spread"]
    assert (spread.purchases, spread.value, spread.forecasts) == (0.05, 0.08, 2)
    assert (spread.below, spread.above, spread.factor) == pytest.approx((below, above, 2.446912))
    assert spread.error == pytest.approx(np.exp(below) - 1)


def test_value_without_a_model_of_spend_is_as_sure_as_the_purchases() -> None:
    found = ranges(1000.0, 5000.0, TotalUncertainty(0.05, None), UNTRIED)
    assert np.divide(found["total_clv_ci95"], 5000) == pytest.approx(
        np.divide(found["expected_purchases_ci95"], 1000)
    )
    assert found["spread"].value == 0.05 and found["spread"].forecasts == 0


def test_without_amounts_or_a_spread_there_are_no_ranges() -> None:
    found = ranges(1000.0, None, TotalUncertainty(0.05, None), UNTRIED)
    assert found["total_clv_ci95"] is None and found["spread"].value is None
    assert set(ranges(None, None, None, UNTRIED).values()) == {None}


# --- a client's own ---


def test_cdnow_record_is_recounted_by_pandas(cdnow_study: Study, cdnow_days: pd.DataFrame) -> None:
    found = cdnow_study.clv()
    assert found.past_forecasts is not None and found.past_forecasts.days == 273
    for one in found.past_forecasts.forecasts:
        past = cdnow_days[cdnow_days["day"] <= pd.Timestamp(one.origin)]
        ahead = cdnow_days["day"].between(
            pd.Timestamp(one.origin), pd.Timestamp(one.end), inclusive="right"
        )
        later = cdnow_days[ahead & cdnow_days["customer"].isin(past["customer"])]
        assert (one.customers, one.actual) == (past["customer"].nunique(), len(later))
    assert [one.inside for one in found.past_forecasts.forecasts] == [True] * 3
    assert [one.inside_own for one in found.past_forecasts.forecasts] == [False] * 3
    assert found.coverage == 1.0 and found.past_forecasts.left_out == {}


def test_cdnow_totals_have_ranges(cdnow_study: Study) -> None:
    found = cdnow_study.clv()
    total, own, wide = found.total_clv, found.total_clv_own_ci95, found.total_clv_ci95
    assert total is not None and own is not None and wide is not None
    assert wide[0] < own[0] < total < own[1] < wide[1]
    spread = found.spread
    assert spread is not None and spread.value is not None and spread.forecasts == 3
    for end, side in ((wide[0], -spread.below), (wide[1], spread.above)):
        far = spread.factor * np.hypot(spread.value, side) * np.sign(side)
        assert end == pytest.approx(total * np.exp(far))


def test_cdnow_s_record_is_of_all_contestants(cdnow_study: Study) -> None:
    """The races are those of the forecasts: their days, their customers, their totals."""
    found = cdnow_study.clv()
    past, choice = found.past_forecasts, found.choice
    assert past is not None and choice is not None
    assert (choice.by, choice.races, choice.days, choice.chosen) == ("record", 3, 273, found.model)
    assert [held.end for held in found.rolling] == [one.end for one in past.forecasts[::-1]]
    everybody = {*MODELS, *RULES} - set(ON_CLOCKS)
    for held, one in zip(found.rolling, past.forecasts[::-1], strict=True):
        assert held.start == one.origin + timedelta(days=1)
        assert {*(score.name for score in held.models), *held.left_out} == everybody
        (score,) = (score for score in held.models if score.name == found.model)
        assert (score.predicted, score.actual) == (one.predicted, one.actual)
    known = as_known(cdnow_study.occasions, found.rolling[0].end)
    counted = counts.frequency_recency(known, date(1997, 9, 30))
    assert found.rolling[0].models[0].actual == (counted["later"] * counted["customers"]).sum()


def test_cdnow_is_valued_for_the_nine_months_that_were_tested(cdnow_study: Study) -> None:
    found = cdnow_study.clv()
    assert (found.tested_days, found.horizon_months, found.wanted_months) == (273, 9, 12)
    assert found.outlasts_test and found.past_as_far
    raw = cdnow_study._clv_inputs.forecasts.valuation
    assert found.centre is not None and raw.purchases is not None and raw.scores is not None
    each = raw.purchases.expected_purchases(*state(raw.scores), Span.months(9))
    ahead = float(each @ raw.scores["customers"].to_numpy(dtype=float))
    assert found.expected_purchases == pytest.approx(ahead * np.exp(found.centre.shift))


def test_cdnow_s_figures_add_up_to_the_cent(cdnow_study: Study) -> None:
    """Customers, rounded to cents, states and the headline are all moved, by one factor."""
    found = cdnow_study.clv()
    assert found.centre is not None and found.centre.shift != 0
    table = cdnow_study.customers.to_pandas()
    assert table["clv"].round(2).sum() == pytest.approx(found.total_clv, abs=0.005)
    assert table["expected_purchases"].sum() == pytest.approx(found.expected_purchases)
    values = [one.value for one in found.states if one.value is not None]
    assert sum(values) == pytest.approx(found.total_clv, abs=0.005)
    risks = [one.at_risk for one in found.states if one.at_risk is not None]
    assert sum(risks) == pytest.approx(found.value_at_risk, abs=0.005)
    assert (table["clv"] * table["lapse_chance"]).round(2).sum() == pytest.approx(
        found.value_at_risk, abs=0.05
    )


def test_the_table_of_the_record(cdnow_study: Study) -> None:
    """The record looks 273 days ahead, the value nine months: today's forecast stands last."""
    table = cdnow_study.past_forecasts()
    assert list(table["origin"]) == [
        date(1997, 5, 17),
        date(1997, 7, 24),
        date(1997, 9, 30),
        TODAY,
    ]
    assert list(table["today"]) == [False] * 3 + [True]
    found = cdnow_study.clv()
    last = table.iloc[-1]
    assert found.centre is not None and last["moved"] == pytest.approx(found.expected_purchases)
    assert last["moved"] == pytest.approx(last["predicted"] * found.centre.factor)
    assert (last["low"], last["high"]) == pytest.approx(found.expected_purchases_ci95)
    assert cdnow_study.past_forecasts().equals(table)


def test_today_stands_last_in_the_table_if_it_looks_as_far() -> None:
    record = made_clv().past_forecasts
    today = past_forecasts.Ahead(
        TODAY, 273, 16_900.0, 17_100.0, (16_400.0, 17_400.0), (13_000.0, 22_000.0)
    )
    table = past_forecasts.past_forecasts_table(record, today)
    assert list(table["today"]) == [False, False, True]
    last = table.iloc[-1]
    assert (last["origin"], last["end"]) == (TODAY, TODAY + timedelta(days=273))
    assert np.isnan(last["actual"]) and (last["predicted"], last["moved"]) == (16_900, 17_100)
    assert (last["own_low"], last["own_high"]) == (16_400, 17_400)
    assert (last["low"], last["high"]) == (13_000, 22_000)
    assert not past_forecasts.past_forecasts_table(record, replace(today, days=365))["today"].any()
    assert len(past_forecasts.past_forecasts_table(record, None)) == 2
    assert past_forecasts.past_forecasts_table(None, today).empty


# --- a client whom a plain rule serves ---


@pytest.fixture(scope="module")
def ruled(uci_days: pd.DataFrame) -> ClvInputs:
    """UCI Online Retail, of which a plain rule is taken to have won."""
    occasions = occasions_of(uci_days)
    cycle = changed(made_cycle(), history_days=374, window=Window(length=27, unit="week", days=189))
    found = ClvInputs(cast(Any, None), occasions, occasions, date(2011, 12, 9), cycle, wanted())
    won = race.Chosen({"last window": 187}, "record", "clearly better", 3, 182)
    vars(found.forecasts).update(chosen=won)
    return found


def test_a_rule_has_a_record_that_goes_by_the_window_of_then(
    ruled: ClvInputs, uci_days: pd.DataFrame
) -> None:
    past = ruled.backtests.past.forecasts
    assert ruled.valuation.name == "last window" and past is not None
    assert ruled.terms.horizon_months == 6 and past.days == 182
    assert [one.origin for one in past.forecasts] == [
        date(2011, 6, 10) - timedelta(days=45 * back) for back in (2, 1, 0)
    ]
    for one in past.forecasts:
        at, half = pd.Timestamp(one.origin), ((one.origin - date(2010, 12, 1)).days + 1) // 2
        since = at - pd.Timedelta(days=min(half, 189))
        recent = uci_days["day"].between(since, at, inclusive="right").sum()
        assert one.predicted == pytest.approx(recent * 182 / min(half, 189))
    assert isinstance(ruled.backtests.own_uncertainty, TotalUncertainty)
    assert ruled.backtests.own_uncertainty.purchases == pytest.approx(
        ruled.forecasts.valuation.expected**-0.5
    )


def test_a_rule_is_tracked_through_the_holdout_alone(ruled: ClvInputs) -> None:
    table = ruled.backtests.tracking()
    held = table["held_out"]
    assert table.loc[~held, "predicted"].isna().all() and held.sum() == 187 // 7
    holdout = ruled.forecasts.trial.holdout
    assert holdout is not None
    total = next(one.predicted for one in holdout.models if one.name == "last window")
    assert table.loc[held, "predicted"].to_numpy() == pytest.approx(total * 7 / 187)
    assert ruled.backtests.alive_grid().empty


# --- real logs ---


def rolling(occasions: ibis.Table, name: str, days: int, window: int) -> pd.DataFrame:
    """Forecasts of so many days every 30 days, back to a history of half as many."""
    row = occasions.agg(first=occasions.day.min(), last=occasions.day.max()).to_pandas().iloc[0]
    first, last = (pd.Timestamp(row[name]).date() for name in ("first", "last"))
    told: dict[date, Any] = {}
    at = last - timedelta(days=days)
    while 2 * (history := (at - first).days + 1) >= days:
        recent = race.holdout_days(window, history)
        counted = backtests.before_and_after(occasions, at, days, recent)
        trial = race.trial(counted, Setting(at, recent, None), days)
        told[at] = past_forecasts.backtest(name, trial, seed=1)
        at -= timedelta(days=30)
    forecasts = shown(past_forecasts.past(days, told)).forecasts
    return pd.DataFrame(
        {
            "origin": [one.origin for one in forecasts],
            "days": days,
            "model": name,
            "predicted": [round(one.predicted) for one in forecasts],
            "actual": [one.actual for one in forecasts],
            "own": [one.inside_own for one in forecasts],
            "widened": [one.inside for one in forecasts],
        }
    )


@pytest.mark.slow
def test_the_widened_range_covers_nine_in_ten_forecasts_of_real_logs(
    cdnow: ibis.Table,
    uci_days: pd.DataFrame,
    complete_journey_days: pd.DataFrame,
) -> None:
    """What the race of a window chooses on each log.

    The model's own range covers about one in four: that is why it is widened.
    """
    logs = {
        "CDNOW": (cdnow, "BG/NBD", 212),
        "UCI Online Retail": (occasions_of(uci_days), "last window", 187),
        "Complete Journey": (occasions_of(complete_journey_days), "BG/NBD", 91),
    }
    tables = [
        rolling(occasions, name, days, window).assign(log=log)
        for log, (occasions, name, window) in logs.items()
        for days in (91, 182, 273)
    ]
    table = pd.concat(tables, ignore_index=True)
    print(table.to_string())
    print(table.groupby(["log", "days"])[["own", "widened"]].agg(["sum", "count"]).to_string())
    assert len(table) > 45 and table["log"].nunique() == 3
    assert table["widened"].mean() >= 0.9
    assert table["own"].mean() < 0.5
