"""Published parameters of the CDNOW 1/10 sample, and what each model says of a customer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import ModuleType
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest
from scipy import stats as stats_of
from scipy.special import betaln

from retention_lib.models import bgnbd, mbg, pareto, purchase_model
from retention_lib.models.purchase_model import PurchaseModel
from retention_lib.models.units import Span
from retention_lib.summaries import counts

CALIBRATION_END = date(1997, 9, 30)
# Fader, Hardie and Lee (2005), table 2; standard errors by an independent implementation
PARAMS = {"r": 0.2425945, "alpha": 4.413603, "a": 0.792922, "b": 2.425906}
ERRORS = {"r": 0.01256, "alpha": 0.37822, "a": 0.18573, "b": 0.70541}
# the same, table 2, of Pareto/NBD
PARETO = {"r": 0.5533, "alpha": 10.578, "s": 0.6060, "beta": 11.669}
MODELS = [bgnbd, mbg, pareto]
WEEK = 7


@pytest.fixture(scope="module")
def triples(sample: ibis.Table) -> pd.DataFrame:
    return counts.frequency_recency(sample, CALIBRATION_END)


@pytest.fixture(scope="module")
def fitted(triples: pd.DataFrame) -> bgnbd.BgNbd:
    return bgnbd.fit(triples)


def test_bgnbd_finds_the_published_parameters(fitted: bgnbd.BgNbd) -> None:
    assert fitted.params == pytest.approx(PARAMS, rel=1e-3)
    assert fitted.standard_errors == pytest.approx(ERRORS, rel=1e-2)
    assert fitted.log_likelihood == pytest.approx(-9582.4292, abs=1e-2)


def test_one_customer_as_published(fitted: bgnbd.BgNbd) -> None:
    state = [2], [30.43 * 7], [38.86 * 7]
    assert fitted.expected_purchases(*state, Span.weeks(39))[0] == pytest.approx(1.226, abs=1e-3)
    assert fitted.p_alive(*state)[0] == pytest.approx(0.7266, abs=1e-4)


def test_one_time_buyers_are_alive_for_certain(fitted: bgnbd.BgNbd) -> None:
    assert fitted.p_alive([0], [0], [270])[0] == 1


def test_the_published_holdout(
    fitted: bgnbd.BgNbd, triples: pd.DataFrame, sample_days: pd.DataFrame
) -> None:
    days = (date(1998, 6, 30) - CALIBRATION_END).days
    expected = fitted.expected_purchases(
        triples["frequency"], triples["recency_days"], triples["T_days"], Span.days(days)
    )
    assert float(expected @ triples["customers"]) == pytest.approx(1653, abs=1)
    assert (sample_days["day"] > "1997-09-30").sum() == 1882


@pytest.mark.parametrize("model", MODELS)
def test_weighted_counts_fit_as_one_row_each(model: ModuleType, triples: pd.DataFrame) -> None:
    some = triples.sample(400, random_state=1)
    each = some.loc[some.index.repeat(some["customers"])].assign(customers=1)
    one, other = model.fit(each), model.fit(some)
    assert one.params == pytest.approx(other.params, rel=1e-6)
    assert one.standard_errors == pytest.approx(other.standard_errors, rel=1e-6)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-9)


# --- MBG/NBD and Pareto/NBD beside it ---


@pytest.fixture(scope="module")
def beside(triples: pd.DataFrame, fitted: bgnbd.BgNbd) -> dict[str, PurchaseModel]:
    return {"bgnbd": fitted, "mbg": mbg.fit(triples), "pareto": pareto.fit(triples)}


def test_pareto_finds_the_published_parameters(beside: dict[str, PurchaseModel]) -> None:
    assert beside["pareto"].params == pytest.approx(PARETO, rel=1e-3)
    assert beside["pareto"].log_likelihood == pytest.approx(-9594.976, abs=2e-3)


def test_mean_p_alive_of_the_three(beside: dict[str, PurchaseModel], triples: pd.DataFrame) -> None:
    state = triples["frequency"], triples["recency_days"], triples["T_days"]
    mean = {
        name: np.average(model.p_alive(*state), weights=triples["customers"])
        for name, model in beside.items()
    }
    assert mean == pytest.approx({"bgnbd": 0.813, "mbg": 0.449, "pareto": 0.446}, abs=5e-4)


Chances = tuple[float, float, float, float]


def by_coins(params: dict[str, float], first: bool, state: tuple[int, float, float, float]) -> Any:
    """Likelihood, P(alive), P(buys), from each customer's own rate and chance to leave.

    ``first``: customers may leave after their first purchase too (MBG/NBD).
    """
    x, t_x, age, ahead = state
    r, alpha, a, b = params.values()
    y = np.linspace(-120, 8, 20_000)
    rate, logit = np.exp(y), np.linspace(-60, 60, 6000)
    p, q = 1 / (1 + np.exp(-logit)), 1 / (1 + np.exp(logit))
    weight_rate = stats_of.gamma(r, scale=1 / alpha).pdf(rate) * rate
    weight_p = np.exp((a * np.log(p)) + (b * np.log(q))) / np.exp(betaln(a, b))

    def over_rate(values: Any) -> float:
        return float(np.trapezoid(values * weight_rate, y))

    def over_p(values: Any) -> float:
        return float(np.trapezoid(values * weight_p, logit))

    stays = over_p(q ** (x + first))
    leaves = over_p(p * q ** (x + first - 1)) if x + first > 0 else 0.0
    alive = stays * over_rate(np.exp(x * y - rate * age))
    gone = leaves * over_rate(np.exp(x * y - rate * t_x))
    buys = stays * over_rate(np.exp(x * y - rate * age) * -np.expm1(-rate * ahead))
    return alive + gone, alive / (alive + gone), buys / (alive + gone)


def by_clocks(params: dict[str, float], state: tuple[int, float, float, float]) -> Chances:
    """Likelihood, P(alive), P(buys), expected purchases, from each customer's own two rates."""
    x, t_x, age, ahead = state
    r, alpha, s, beta = params.values()
    y = np.linspace(-35, 9, 2500)
    rate, leave = np.exp(y)[:, None], np.exp(y)[None, :]
    weight = np.exp(
        stats_of.gamma(r, scale=1 / alpha).logpdf(rate)
        + stats_of.gamma(s, scale=1 / beta).logpdf(leave)
        + y[:, None]
        + y[None, :]
        + x * y[:, None]
    )
    both = rate + leave

    def mean(values: Any) -> float:
        return float(np.trapezoid(np.trapezoid(values * weight, y), y))

    still = np.exp(-both * age)
    alive = mean(still)
    total = alive + mean(leave / both * (np.exp(-both * t_x) - still))
    buys = mean(still * rate / both * -np.expm1(-both * ahead))
    expected = mean(still * rate / leave * -np.expm1(-leave * ahead))
    return total, alive / total, buys / total, expected / total


STATES = [
    (0, 0.0, 30.0, 18.0),
    (2, 30.43, 38.86, 39.0),
    (7, 10.0, 38.0, 4.0),
    (150, 38.5, 39.0, 5.0),
]


def chances(model: PurchaseModel, state: tuple[int, float, float, float]) -> tuple[float, float]:
    x, t_x, age, ahead = state
    now = [x], [t_x * WEEK], [age * WEEK]
    return float(model.p_alive(*now)[0]), float(model.buys_within(*now, Span.weeks(ahead))[0])


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("name", "first"), [("bgnbd", 0), ("mbg", 1)])
def test_chances_of_customers_who_toss_coins(
    beside: dict[str, PurchaseModel], name: str, first: int, state: tuple[int, float, float, float]
) -> None:
    model = beside[name]
    _, alive, buys = by_coins(model.params, bool(first), state)
    assert chances(model, state) == pytest.approx((alive, buys), rel=1e-6)


@pytest.mark.parametrize("state", STATES)
def test_chances_of_customers_with_two_clocks(
    beside: dict[str, PurchaseModel], state: tuple[int, float, float, float]
) -> None:
    model = beside["pareto"]
    total, alive, buys, expected = by_clocks(model.params, state)
    x, t_x, age, ahead = state
    params = np.array(list(model.params.values()))
    one = (np.array([value], dtype=float) for value in (x, t_x, age))
    assert pareto.log_likelihood(params, *one)[0] == pytest.approx(np.log(total), abs=1e-6)
    assert chances(model, state) == pytest.approx((alive, buys), rel=1e-6)
    found = model.expected_purchases([x], [t_x * WEEK], [age * WEEK], Span.weeks(ahead))[0]
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.fixture(scope="module")
def lifetimes_pareto() -> Callable[[dict[str, float]], Any]:
    def of(params: dict[str, float]) -> Any:
        with purchase_model.quiet():
            from lifetimes import ParetoNBDFitter

            fitter = ParetoNBDFitter()
        fitter.params_ = pd.Series(params)
        return fitter

    return of


@pytest.mark.parametrize("swapped", [False, True])
def test_pareto_agrees_with_lifetimes(
    triples: pd.DataFrame, swapped: bool, lifetimes_pareto: Callable[[dict[str, float]], Any]
) -> None:
    r, alpha, s, beta = PARETO.values()
    alpha, beta = (beta, alpha) if swapped else (alpha, beta)
    params = {"r": r, "alpha": alpha, "s": s, "beta": beta}
    model, theirs = pareto.ParetoNbd(params, {}, 0.0), lifetimes_pareto(params)
    state = triples["frequency"], triples["recency_days"], triples["T_days"]
    weeks = purchase_model.weeks(*state)
    own = pareto.log_likelihood(np.array(list(params.values())), *weeks)
    with purchase_model.quiet():
        likelihood = theirs._conditional_log_likelihood(list(params.values()), *weeks)
        alive = theirs.conditional_probability_alive(*weeks)
        expected = theirs.conditional_expected_number_of_purchases_up_to_time(20, *weeks)
        none = theirs.conditional_probability_of_n_purchases_up_to_time(0, 20, *weeks)
    assert own == pytest.approx(likelihood, abs=1e-9)
    assert model.p_alive(*state) == pytest.approx(alive, abs=1e-9)
    assert model.expected_purchases(*state, Span.days(140)) == pytest.approx(expected, rel=1e-9)
    assert model.buys_within(*state, Span.days(140)) == pytest.approx(1 - none, abs=1e-9)


@pytest.mark.parametrize("frequency", [132, 300, 2000])
def test_frequent_buyers_have_finite_figures(
    beside: dict[str, PurchaseModel], frequency: int
) -> None:
    for model in (beside["mbg"], beside["pareto"]):
        here = [frequency], [999], [1000]
        gone = [frequency], [500], [1000]
        assert 0.9 < model.p_alive(*here)[0] <= 1
        assert model.p_alive(*gone)[0] < 1e-6
        # a rate of about one purchase in 1000 / frequency days
        assert model.expected_purchases(*here, Span.days(10))[0] == pytest.approx(
            frequency / 100, rel=0.1
        )


def test_mbg_expects_what_lifetimes_does(
    beside: dict[str, PurchaseModel], triples: pd.DataFrame
) -> None:
    model = beside["mbg"]
    assert isinstance(model, mbg.MbgNbd)
    state = triples["frequency"], triples["recency_days"], triples["T_days"]
    with purchase_model.quiet():
        theirs = model.fitter.conditional_expected_number_of_purchases_up_to_time(
            20, *purchase_model.weeks(*state)
        )
    assert model.expected_purchases(*state, Span.days(140)) == pytest.approx(theirs, rel=1e-9)


def simulated(customers: int, seed: int) -> pd.DataFrame:
    """Customers of a Pareto/NBD with r .8, alpha 6, s 1.2, beta 30 weeks, seen for 20-60 weeks."""
    generator = np.random.default_rng(seed)
    rate = generator.gamma(0.8, 1 / 6, customers)
    lifetime = generator.exponential(1 / generator.gamma(1.2, 1 / 30, customers))
    age = generator.integers(140, 420, customers)
    rows = []
    for own, end, days in zip(rate, lifetime, age, strict=True):
        seen = min(end, days / WEEK)
        bought = generator.uniform(0, seen, generator.poisson(own * seen))
        rows.append((len(bought), bought.max(initial=0) * WEEK, days, 1))
    return pd.DataFrame(rows, columns=["frequency", "recency_days", "T_days", "customers"])


def test_pareto_finds_planted_parameters() -> None:
    found = pareto.fit(simulated(6000, seed=3))
    for name, truth in {"r": 0.8, "alpha": 6.0, "s": 1.2, "beta": 30.0}.items():
        error = found.standard_errors[name] / found.params[name]
        assert abs(np.log(found.params[name] / truth)) < 3.5 * error < 1.5
