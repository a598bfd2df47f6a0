"""NBD of buyers who never leave: planted rates, BG/NBD's limit, one common rate."""

from __future__ import annotations

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import optimize
from scipy import stats as stats_of

from retention_lib.models import nbd, purchase_model
from retention_lib.models.purchase_model import FitError
from retention_lib.models.units import Span
from retention_lib.summaries import counts

WEEK = 7


def buyers(rate: np.ndarray, weeks: np.ndarray, seed: int) -> pd.DataFrame:
    """Customers who buy at random at their own rates per week and never leave."""
    bought = np.random.default_rng(seed).poisson(rate * weeks)
    return table(bought, weeks * WEEK)


def table(frequency: object, days: object) -> pd.DataFrame:
    return pd.DataFrame({"frequency": frequency, "recency_days": 0, "T_days": days, "customers": 1})


def gamma_buyers(customers: int, r: float, alpha: float, seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    weeks = generator.integers(20, 100, customers).astype(float)
    return buyers(generator.gamma(r, 1 / alpha, customers), weeks, seed + 1)


@pytest.mark.parametrize(("r", "alpha"), [(0.5, 5.0), (1.0, 10.0), (6.0, 20.0)])
def test_planted_rates_are_found(r: float, alpha: float) -> None:
    found = nbd.fit(gamma_buyers(8000, r, alpha, seed=11))
    for name, truth in {"r": r, "alpha": alpha}.items():
        error = found.standard_errors[name] / found.params[name]
        assert abs(np.log(found.params[name] / truth)) < 3.5 * error < 0.5


def test_standard_errors_are_the_spread_of_refits() -> None:
    fits = [nbd.fit(gamma_buyers(1000, 0.8, 8.0, seed)) for seed in range(0, 120, 2)]
    for name in ("r", "alpha"):
        spread = np.std([np.log(one.params[name]) for one in fits])
        said = np.mean([one.standard_errors[name] / one.params[name] for one in fits])
        assert said == pytest.approx(spread, rel=0.3)


def test_likelihood_is_that_of_the_number_times_that_of_the_days() -> None:
    """A Poisson process spreads its x purchases evenly: x! / T^x beside the number's chance."""
    r, alpha = 0.7, 4.0
    x, age = np.array([0.0, 1.0, 5.0, 40.0]), np.array([3.0, 10.0, 30.0, 52.0])
    number = stats_of.nbinom(r, alpha / (alpha + age)).logpmf(x)
    days = np.array([0, 0, np.log(120), np.sum(np.log(np.arange(1, 41)))]) - x * np.log(age)
    assert nbd.log_likelihood(np.array([r, alpha]), x, age) == pytest.approx(number + days)


@pytest.mark.parametrize("name", ["BetaGeoFitter", "ModifiedBetaGeoFitter"])
@pytest.mark.parametrize("b", [0.3, 2.4, 1e4])
def test_it_is_what_leaving_less_and_less_comes_to(sample: ibis.Table, name: str, b: float) -> None:
    known = counts.frequency_recency(sample, date(1997, 9, 30))
    found = nbd.fit(known)
    x, t_x, age = purchase_model.weeks(known["frequency"], known["recency_days"], known["T_days"])
    weights = known["customers"].to_numpy()
    with purchase_model.quiet():
        import lifetimes

        params = np.log([found.params["r"], found.params["alpha"], 1e-12, b])
        theirs = -getattr(lifetimes, name)._negative_log_likelihood(
            params, x, t_x, age, weights, 0.0
        )
    assert found.log_likelihood == pytest.approx(theirs * weights.sum(), abs=1e-3)


@example([(0, 1), (22, 8)])
@example([(945, 1)] * 3)
@given(
    st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 900)), min_size=2, max_size=15).filter(
        lambda rows: any(x for x, _ in rows)
    )
)
@settings(max_examples=25, deadline=None)
def test_no_other_parameters_are_likelier(rows: list[tuple[int, int]]) -> None:
    frequency, days = (np.array(part, dtype=float) for part in zip(*rows, strict=True))
    found = nbd.fit(table(frequency, days))

    def loss(logs: np.ndarray) -> float:
        r, rate = np.exp(np.minimum(logs, 11))
        return -float(nbd.log_likelihood(np.array([r, r / rate]), frequency, days / WEEK).sum())

    rate = WEEK * frequency.sum() / days.sum()
    for start in (-2.0, 0.0, 4.0):
        other = optimize.minimize(loss, [start, np.log(rate)], method="Nelder-Mead")
        assert found.log_likelihood >= -other.fun - 1e-4 * abs(other.fun) ** 0.5
    assert np.isfinite(found.expected_purchases(frequency, days * 0, days, Span.days(30))).all()


def test_days_and_weights_do_not_matter() -> None:
    each = gamma_buyers(600, 0.7, 6.0, seed=5)
    weighted = each.groupby(["frequency", "recency_days", "T_days"], as_index=False).sum()
    slower = each.assign(T_days=each["T_days"] * 3)
    one, other, third = nbd.fit(each), nbd.fit(weighted), nbd.fit(slower)
    assert other.params == pytest.approx(one.params, rel=1e-6)
    assert other.log_likelihood == pytest.approx(one.log_likelihood)
    assert third.params["r"] == pytest.approx(one.params["r"], rel=1e-5)
    assert third.params["alpha"] == pytest.approx(3 * one.params["alpha"], rel=1e-5)


# --- one common rate ---


def test_customers_more_alike_than_chance_have_one_rate() -> None:
    weeks = np.array([20.0, 40.0, 60.0, 80.0] * 50)
    found = nbd.fit(table(weeks / 10, weeks * WEEK))
    assert found.params["r"] == pytest.approx(1e6)
    assert found.params["r"] / found.params["alpha"] == pytest.approx(0.1)
    assert found.standard_errors == {"r": np.inf, "alpha": np.inf}
    poisson = np.sum(weeks / 10 * np.log(0.1) - 0.1 * weeks)
    assert found.log_likelihood == pytest.approx(poisson, abs=1e-2)
    # what somebody has bought says nothing more about him
    state = [0, 50], [0, 300], [301, 301]
    assert found.expected_purchases(*state, Span.days(70)) == pytest.approx(1, rel=1e-4)
    assert found.buys_within(*state, Span.days(70)) == pytest.approx(1 - np.exp(-1), rel=1e-4)


def test_the_higher_of_two_tops_is_found() -> None:
    """Of two customers one is hardly known: either their rates differ much, or not at all."""
    frequency, days = np.array([0.0, 22.0]), np.array([1.0, 8.0])
    found = nbd.fit(table(frequency, days))
    rate = 22 / (days.sum() / WEEK)
    poisson = np.sum(frequency * np.log(rate) - rate * days / WEEK)
    assert found.log_likelihood == pytest.approx(poisson, abs=1e-2)


@pytest.mark.parametrize("seed", range(8))
def test_customers_of_a_common_rate_get_it(seed: int) -> None:
    weeks = np.random.default_rng(seed).integers(20, 100, 2000).astype(float)
    found = nbd.fit(buyers(np.full(2000, 0.2), weeks, seed + 100))
    assert found.params["r"] > 20
    error = 0.2 / np.sqrt(0.2 * weeks.sum())
    assert abs(found.params["r"] / found.params["alpha"] - 0.2) < 3.5 * error


@pytest.mark.parametrize("base", [0.01, 3.0, 999.0, 1001.0, 1e4, 1e6])
def test_the_rising_factorial_is_the_sum_of_its_logarithms(base: float) -> None:
    for x in (0, 1, 7, 2000):
        expected = np.sum(np.log(base + np.arange(x)))
        found = nbd.log_rising(base, np.array([float(x)]))[0]
        assert found == pytest.approx(expected, rel=1e-11, abs=1e-9)


# --- what it predicts ---


def test_everybody_is_there_and_buys_on() -> None:
    model = nbd.Nbd({"r": 0.5, "alpha": 4.0}, {}, 0.0)
    state = [0, 3, 2000], [0, 100, 350], [350, 350, 350]
    assert list(model.p_alive(*state)) == [1, 1, 1]
    expected = (0.5 + np.array([0, 3, 2000])) / 54 * 2
    assert model.expected_purchases(*state, Span.days(14)) == pytest.approx(expected)
    silent = stats_of.nbinom(0.5 + np.array([0, 3, 2000]), 54 / 56).pmf(0)
    assert model.buys_within(*state, Span.days(14)) == pytest.approx(1 - silent)


# --- what cannot be fitted ---


@pytest.mark.parametrize(
    ("frequency", "days"), [([0, 0], [10, 300]), ([0, 0], [0, 0]), ([1], [0]), ([], [])]
)
def test_customers_who_never_came_back_are_refused(frequency: list[int], days: list[int]) -> None:
    with pytest.raises(FitError, match="nobody_bought_again .*NBD"):
        nbd.fit(table(frequency, days))
