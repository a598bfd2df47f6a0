"""Value per customer: the months, the discount, the holdout, and clients without a model."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifetimes.utils import _customer_lifetime_value

from retention_lib.clv import concentration, race, result
from retention_lib.clv.known import Customers, Forecast
from retention_lib.clv.new_customers import NewCustomers
from retention_lib.clv.outlook import outlook
from retention_lib.clv.spend import Spend
from retention_lib.clv.valuation import Terms, Valuation, value
from retention_lib.models.own_means import OwnMeans
from retention_lib.models.race import Setting
from retention_lib.models.units import AnnualRate, Span
from retention_lib.results import Clv, why
from retention_lib.study import Study

TERMS = Terms(rate=AnnualRate(0.10), horizon_months=12, margin=None)
SETTING = Setting(date(2020, 1, 1), window_days=50, lapse_days=None)
LAST_WINDOW = {"last window": 365}  # as tested a year ahead


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Study:
    run = str(tmp_path_factory.mktemp("sample"))
    return Study.open("cdnow-sample", as_of="1997-09-30", run=run)


def test_published_parameters_from_the_raw_file(published: Study) -> None:
    found = published.clv()
    assert found.model == "BG/NBD" and found.time_unit == "week"
    expected = {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}
    assert found.params == pytest.approx(expected, rel=1e-3)
    assert found.log_likelihood == pytest.approx(-9582.43, abs=1e-2)
    spend = found.gamma_gamma
    assert spend is not None
    assert (spend.p, spend.q, spend.v) == pytest.approx((6.250, 3.744, 15.44), rel=1e-3)


def test_too_little_history_for_a_rate_still_gives_a_value(published: Study) -> None:
    assert published.cycle().gate == "one_window"
    assert published.retention().retained_rate is None
    assert published.clv().total_clv is not None


def test_a_model_in_which_one_time_buyers_leave_stands_beside(published: Study) -> None:
    """Definitions, section 6: mean P(alive) on the sample is .813 by BG, .449 by MBG."""
    found = published.clv()
    assert found.mean_p_alive == pytest.approx(0.813, abs=5e-4)
    assert found.p_alive_beside == pytest.approx({"MBG/NBD": 0.449}, abs=5e-4)


def test_discount_is_annual() -> None:
    assert TERMS.rate.worth(TERMS.months.last) == pytest.approx(1 / 1.1)
    assert TERMS.months.in_days == pytest.approx(365.25 / 12 * np.arange(1, 13))


def test_scores_add_up_over_months(published: Study) -> None:
    """Half of 273 days, 136, are four months; all are moved by the record."""
    valuation, months = published._clv_inputs.valuation, published.clv().horizon_months
    scores, model, moved = valuation.scores, valuation.purchases, valuation.moved
    assert scores is not None and model is not None and months == 4
    row = scores[scores["frequency"] > 3].iloc[0]
    state = [row["frequency"]], [row["recency_days"]], [row["T_days"]]
    upto = [float(model.expected_purchases(*state, Span.months(m))[0]) for m in range(5)]
    discounted = sum((upto[m] - upto[m - 1]) * 1.1 ** (-m / 12) for m in range(1, 5))
    assert row["discounted_purchases"] == pytest.approx(moved * discounted)
    assert row["expected_purchases"] == pytest.approx(moved * upto[4])
    assert discounted < upto[4]


def test_clv_agrees_with_lifetimes_but_for_the_length_of_a_month(published: Study) -> None:
    """Lifetimes' month is 4.345 weeks, ours 30.4375 days: 0.07 % apart."""
    customers = published.customers.to_pandas()
    some = customers[customers["frequency"] > 0].head(200)
    valuation = published._clv_inputs.valuation
    model, spend = valuation.purchases, valuation.spend.model
    assert model is not None and spend is not None
    theirs = _customer_lifetime_value(
        model.fitter,
        some["frequency"],
        some["recency_days"] / 7,
        some["T_days"] / 7,
        spend.expected_spend(some["frequency"], some["monetary"]),
        published.clv().horizon_months,
        1.1 ** (1 / 12) - 1,
        freq="W",
    )
    ours = some["clv"].to_numpy() / valuation.moved
    assert ours == pytest.approx(np.asarray(theirs), rel=2e-3)


def test_total_is_the_sum_over_customers(cdnow_study: Study) -> None:
    customers = cdnow_study.customers.to_pandas()
    found = cdnow_study.clv()
    assert len(customers) == 23_570 and customers["customer_id"].is_unique
    assert found.total_clv == pytest.approx(customers["clv"].sum(), abs=23_570 * 0.005)
    assert found.expected_purchases == pytest.approx(customers["expected_purchases"].sum())
    top = customers["clv"].nlargest(23_570 // 5).sum() / customers["clv"].sum()
    assert found.top20_share == pytest.approx(top, abs=1e-4)
    assert customers["p_alive"].between(0, 1).all() and (customers["clv"] >= 0).all()


def test_cdnow_holdout_reference(cdnow_study: Study) -> None:
    held = cdnow_study.clv().holdout
    assert held is not None
    assert (held.start, held.end) == (date(1997, 12, 1), date(1998, 6, 30))
    assert (held.chosen, held.passes, held.reason) == ("BG/NBD", True, "none better")
    score = held.models[0]
    assert score.deviance == pytest.approx(1.231, abs=5e-4)
    assert score.actual == 14_667
    assert score.bias == pytest.approx(score.predicted / 14_667 - 1)


def test_holdout_is_a_window_but_never_more_than_half_the_history() -> None:
    assert race.holdout_days(212, 546) == 212
    assert race.holdout_days(212, 300) == 150
    assert race.holdout_days(None, 91) == 45


def counts(repeat: int, once: int = 10) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "frequency": [0, 1],
            "recency_days": [0, 30],
            "T_days": [100, 100],
            "recent": [0, 1],
            "later": [0, 0],
            "customers": [once, repeat],
        }
    )


NO_STATES = pd.DataFrame(
    columns=["state", "customers", "spend", "expected_revenue", "clv", "at_risk"]
)
NOTHING = pd.DataFrame({"clv": [], "customers": []}, dtype=float)


def found_of(
    valuation: Valuation,
    worth: pd.DataFrame,
    states: pd.DataFrame,
    days: int | None,
    terms: Terms = TERMS,
) -> Clv:
    """The result without a holdout, a range or any earlier forecast."""
    trial = race.trial(counts(29), SETTING, 31)
    forecast = Forecast(valuation, terms, 12, trial, why("nothing_expected"))
    nobody = NewCustomers(None, why("no_model_fits"))
    return result.clv(forecast, Customers(worth, states, days, nobody))


NO_SPEND = pd.DataFrame({"frequency": [], "monetary": [], "customers": []}, dtype=float)


def test_under_thirty_repeat_buyers_no_model_is_fitted() -> None:
    valuation = value(counts(29), NO_SPEND, TERMS, SETTING, LAST_WINDOW)
    assert valuation.purchases is None and valuation.scores is None
    assert valuation.why_not["model"] == why("too_few_repeat_buyers", repeat=29, needed=30)
    found = found_of(valuation, NOTHING, NO_STATES, None)
    assert found.model is None and found.total_clv is None
    assert found.why_not["/holdout"] == why("too_few_before_holdout", repeat=29, needed=30)
    assert found.why_not["/total_clv"] == valuation.why_not["model"]


def test_the_next_that_can_be_fitted_steps_in_and_says_why() -> None:
    """Nobody ever bought again after a day: no model can be fitted, the rule after them can."""
    tested = {"BG/NBD": 365, "last window": 273, "own": 365}
    valuation = value(counts(40), NO_SPEND, TERMS, SETTING, tested)
    assert valuation.name == "last window" and valuation.purchases is None
    assert list(valuation.left_out) == ["BG/NBD"]
    assert valuation.tested_days == 273 and valuation.scores is not None
    # as far as the rule was tested, nine months, not as far as BG/NBD was
    assert valuation.expected == pytest.approx(40 * 9 * 365.25 / 12 / 50)
    models = dict.fromkeys(("BG/NBD", "MBG/NBD", "Pareto/NBD"), 365)
    failed = value(counts(40), NO_SPEND, TERMS, SETTING, models)
    assert failed.name is None and failed.scores is None
    assert set(failed.left_out) == set(models)
    assert failed.why_not["model"] == why("no_model_fits")


def test_nothing_that_was_not_tested_is_told() -> None:
    untested = value(counts(40), NO_SPEND, TERMS, SETTING, {})
    assert untested.name is None and untested.scores is None
    assert untested.why_not["model"] == why("not_tested")
    found = found_of(untested, NOTHING, NO_STATES, None)
    assert found.total_clv is None and found.why_not["/total_clv"] == why("not_tested")
    assert (found.tested_days, found.choice, found.centre) == (0, None, None)


def test_scores_are_moved_and_the_chance_to_lapse_is_not() -> None:
    """The range of a customer is moved outward to whole purchases."""
    plain = value(counts(40), NO_SPEND, TERMS, SETTING, LAST_WINDOW)
    moved = plain.moved_by(0.9)
    assert moved.expected == pytest.approx(0.9 * plain.expected) and moved.moved == 0.9
    here, there = (outlook(one, TERMS, 60) for one in (plain, moved))
    assert list(there["lapse_chance"]) == pytest.approx(list(here["lapse_chance"]))
    low, high = here["purchases_low"].iloc[1], here["purchases_high"].iloc[1]
    assert low * 0.9 % 1 and high * 0.9 % 1  # neither is whole
    assert there["purchases_low"].iloc[1] == np.floor(low * 0.9)
    assert there["purchases_high"].iloc[1] == np.ceil(high * 0.9)
    assert list(there["worth_high"]) == list(there["purchases_high"])
    assert there["discounted_purchases"].sum() == pytest.approx(
        0.9 * here["discounted_purchases"].sum()
    )


def test_a_rule_goes_on_at_its_pace_and_is_discounted_by_the_month() -> None:
    """One occasion in 50 days is 365.25 / 50 in a year, one twelfth of it in each month."""
    valuation = value(counts(40), NO_SPEND, TERMS, SETTING, LAST_WINDOW)
    scores = valuation.scores
    assert scores is not None and "p_alive" not in scores
    assert list(scores["expected_purchases"]) == pytest.approx([0, 365.25 / 50])
    worth = sum(1.1 ** (-month / 12) for month in range(1, 13)) / 12
    assert list(scores["discounted_purchases"]) == pytest.approx([0, worth * 365.25 / 50])
    found = found_of(valuation, NOTHING, NO_STATES, 60)
    assert found.model == "last window" and found.mean_p_alive is None
    assert found.why_not["/mean_p_alive"] == why("rule_has_no_p_alive")
    assert found.why_not["/params"] == why("rule_has_no_parameters")


def test_without_amounts_there_is_no_spend() -> None:
    assert value(counts(5), NO_SPEND, TERMS, SETTING, LAST_WINDOW).spend.expected is None


def test_calibration_takes_frequent_buyers_together() -> None:
    forecast = pd.DataFrame(
        {
            "frequency": [0, 7, 30],
            "later": [0, 2, 8],
            "predicted": [0.5, 1.0, 4.0],
            "customers": [10, 3, 1],
        }
    )
    table = race.calibration(forecast)
    assert list(table["label"]) == ["0", "7+"]
    assert list(table["customers"]) == [10, 4]
    assert list(table["actual"]) == [0, 3.5]
    assert list(table["predicted"]) == [0.5, 1.75]


def valued(*pairs: tuple[float, int]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["clv", "customers"])


def test_value_by_size_has_round_limits() -> None:
    """The mean is 65, a hundredth of it .65: below .5 is next to nothing."""
    table = concentration.distribution(
        valued((0, 4), (0.49, 1), (0.5, 1), (20, 1), (499.99, 1), (52, 2))
    )
    assert list(table["low"]) == [0, 0.5, 1, 2, 5, 10, 20, 50, 100, 200]
    assert list(table["high"]) == [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500]
    assert list(table["customers"]) == [5, 1, 0, 0, 0, 0, 1, 2, 0, 1]
    assert list(table["value"]) == pytest.approx([0.49, 0.5, 0, 0, 0, 0, 20, 104, 0, 499.99])
    assert (
        concentration.distribution(NOTHING).empty
        and concentration.distribution(valued((0, 9))).empty
    )


def test_a_value_that_is_a_limit_belongs_above_it() -> None:
    assert concentration.distribution(valued((100, 3))).iloc[-1].tolist() == [100, 200, 3, 300]


@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 1000)), min_size=1, max_size=30),
    st.integers(-3, 3),
)
def test_every_customer_is_in_the_bin_of_their_value(
    pairs: list[tuple[int, int]], power: int
) -> None:
    worth = valued(*((cents * 10.0**power, customers) for cents, customers in pairs))
    table = concentration.distribution(worth)
    total = float(worth["clv"] @ worth["customers"])
    assert table.empty == (total == 0)
    if total:
        assert table["customers"].sum() == worth["customers"].sum()
        assert table["value"].sum() == pytest.approx(total)
        assert list(table["low"][1:]) == list(table["high"][:-1])
        assert table["high"].iloc[0] <= total / worth["customers"].sum() / 100
        some = table[table["customers"] > 0]
        mean = some["value"] / some["customers"]
        assert (mean >= some["low"] * (1 - 1e-9)).all() and (mean <= some["high"]).all()
        assert table["customers"].iloc[-1] > 0 and len(table) < 40


def test_the_two_curves_each_go_by_their_own_largest() -> None:
    worth = valued((90, 1), (10, 1), (0, 8))
    spend = pd.DataFrame({"spend": [10.0], "customers": [10]})
    curve = concentration.lorenz(worth, spend).set_index("customers_share")
    assert curve.loc[[0, 0.05, 0.1, 0.2, 1], "value_share"].tolist() == pytest.approx(
        [0, 0.45, 0.9, 1, 1]
    )
    assert curve["spend_share"].to_numpy() == pytest.approx(curve.index.to_numpy())
    assert (
        concentration.lorenz(NOTHING, spend).empty
        and concentration.lorenz(valued((0, 9)), spend).empty
    )
    assert list(concentration.lorenz(NOTHING, spend)) == [
        "customers_share",
        "value_share",
        "spend_share",
    ]


STATES = pd.DataFrame(
    {
        "state": ["active", "lapsed"],
        "customers": [3, 7],
        "spend": [50.0, 60.0],
        "expected_revenue": [90.0, 21.5],
        "clv": [80.0, 20.0],
        "at_risk": [8.0, 19.0],
    }
)


def found_with(states: pd.DataFrame, days: int | None, margin: float | None = None) -> Clv:
    terms = Terms(rate=AnnualRate(0.10), horizon_months=12, margin=margin)
    valuation = value(counts(40), NO_SPEND, terms, SETTING, LAST_WINDOW)
    valuation = replace(valuation, spend=Spend(own=OwnMeans(5.0)))
    worth = valued((20, 4), (5, 4), (0, 2)) if (margin or 1) > 0 else NOTHING
    return found_of(valuation, worth, states, days, terms)


def test_value_at_risk_is_that_of_all_states() -> None:
    found = found_with(STATES, 60)
    assert (found.total_clv, found.value_at_risk, found.at_risk_days) == (100, 27, 60)
    assert found.median_clv == 5
    assert found.expected_revenue == 111.5
    rows = [tuple(state.model_dump().values()) for state in found.states]
    assert rows == [
        ("new", 0, 0.0, 0.0),
        ("active", 3, 80.0, 8.0),
        ("slipping", 0, 0.0, 0.0),
        ("lapsed", 7, 20.0, 19.0),
    ]


def test_states_that_are_not_told_still_have_a_value_at_risk() -> None:
    """A cycle is known but not who is slipping."""
    found = found_with(STATES.assign(state=None), 60)
    assert found.states == [] and found.value_at_risk == 27


def test_no_margin_no_value() -> None:
    found = found_with(STATES, 60, margin=-0.1)
    assert found.total_clv is None and found.value_at_risk is None and found.basis == "margin"
    assert found.expected_revenue == 111.5  # whatever it costs
    assert (
        {state.value for state in found.states}
        == {state.at_risk for state in found.states}
        == {None}
    )
    said = found.why_not
    assert said["/total_clv"] == why("sold_at_cost")
    assert said["/states/0/value"] == said["/states/3/at_risk"] == said["/total_clv"]
    assert [Terms(AnnualRate(0), 1, margin).no_margin is None for margin in (None, 0.01, 1, 0)] == [
        True,
        True,
        True,
        False,
    ]


def test_where_nobody_is_expected_to_buy_that_is_the_reason() -> None:
    valuation = replace(
        value(counts(40), NO_SPEND, TERMS, SETTING, LAST_WINDOW),
        spend=Spend(own=OwnMeans(5.0)),
    )
    nothing = STATES.assign(clv=0, at_risk=0, expected_revenue=0)
    found = found_of(valuation, valued((0, 50)), nothing, 60)
    assert found.expected_revenue is None
    assert found.why_not["/expected_revenue"] == why("nothing_expected")
    assert found.total_clv is None
    assert found.why_not["/total_clv"] == why("nothing_expected")
    assert found.why_not["/states/1/at_risk"] == why("nothing_expected")
