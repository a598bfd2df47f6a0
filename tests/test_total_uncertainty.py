"""How sure totals are: by hand, against simulated chance, and whether a part tells the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

from retention_lib.models import bgnbd, mbg, nbd, pareto, purchase_model, total_uncertainty
from retention_lib.models.gamma_gamma import SpendModel
from retention_lib.models.purchase_model import FitError, PurchaseModel
from retention_lib.models.units import Span
from retention_lib.summaries import counts

WEEK = Span.weeks(1)
FITS = {"BG/NBD": bgnbd.fit, "MBG/NBD": mbg.fit, "Pareto/NBD": pareto.fit, "NBD": nbd.fit}


def geometric(covariance: list[list[float]] | None) -> nbd.Nbd:
    """Of a new customer, a week ahead, N is geometric: mean 1, variance 2."""
    known = None if covariance is None else np.array(covariance)
    return nbd.Nbd({"r": 1.0, "alpha": 1.0}, {}, 0.0, covariance_log=known)


SURE = [[0.0, 0.0], [0.0, 0.0]]


def customers(number: float, x: int = 0, weeks: float = 0, monetary: float = np.nan) -> Any:
    return pd.DataFrame(
        {
            "frequency": [x],
            "recency_days": [7 * weeks],
            "T_days": [7 * weeks],
            "customers": [number],
            "monetary": [monetary],
        }
    )


def money(p: float, q: float, v: float = 1.0, covariance: Any = None) -> SpendModel:
    known = np.zeros((3, 3)) if covariance is None else covariance
    return SpendModel(p, q, v, 0.0, 0, 0.0, covariance_log=known)


@pytest.fixture(scope="module")
def triples(sample: ibis.Table) -> pd.DataFrame:
    return counts.frequency_recency(sample, date(1997, 9, 30))


# --- by hand ---


def test_customers_chance_by_hand() -> None:
    # 8 customers: variance 16, total 8
    found = total_uncertainty.of_total(geometric(SURE), customers(8), WEEK, seed=1)
    assert found == total_uncertainty.TotalUncertainty(pytest.approx(0.5), None)
    assert total_uncertainty.of_rule(16) == 0.25
    with pytest.raises(ValueError, match="no logarithm"):
        total_uncertainty.of_rule(0)


def test_parameters_by_hand() -> None:
    # ln r - ln alpha: .04 + .01 - 2 x .015; of so many customers chance is nothing
    model = geometric([[0.04, 0.015], [0.015, 0.01]])
    found = total_uncertainty.of_total(model, customers(1e12), WEEK, seed=1)
    assert found.purchases == pytest.approx(np.sqrt(0.02), rel=1e-5)
    both = total_uncertainty.of_total(model, customers(8), WEEK, seed=1)
    assert both.purchases == pytest.approx(np.sqrt(0.25 + 0.02), rel=1e-5)


def test_value_by_hand() -> None:
    # x 10, T 0: E N 11, E N^2 143; p x + q = 25, so that (143 + 11 / 2) 24 / 23 - 121
    known = customers(5e7, x=10, monetary=4.0)
    found = total_uncertainty.of_total(geometric(SURE), known, WEEK, 1, money(2.0, 5.0, 3.0))
    assert found.value == pytest.approx(np.sqrt((148.5 * 24 / 23 - 121) / 5e7) / 11, rel=1e-5)
    assert found.purchases == pytest.approx(np.sqrt(22 / 5e7) / 11, rel=1e-9)
    # all spend in proportion to v, whose logarithm is drawn too
    drawn = money(2.0, 5.0, 3.0, np.diag([0, 0, 0.09]))
    new = total_uncertainty.of_total(geometric(SURE), customers(1e12), WEEK, 1, drawn)
    assert new.value == pytest.approx(0.3, rel=1e-5)
    assert new.purchases == pytest.approx(0, abs=1e-5)


# --- against chance ---


def test_customers_chance_is_that_of_a_simulation() -> None:
    generator = np.random.default_rng(5)
    many, runs, x, monetary, p, q, v = 40, 20_000, 3, 10.0, 4.0, 3.0, 15.0
    bought = generator.poisson(generator.gamma(1 + x, 1, (runs, many)))
    typical = (v + x * monetary) / generator.gamma(p * x + q, 1, (runs, many))
    spent = typical * np.where(bought > 0, generator.gamma(p * np.maximum(bought, 1)), 0)
    known = customers(many, x=x, monetary=monetary)
    found = total_uncertainty.of_total(geometric(SURE), known, WEEK, 1, money(p, q, v))
    for total, own in ((bought.sum(axis=1), found.purchases), (spent.sum(axis=1), found.value)):
        assert own == pytest.approx(total.std() / total.mean(), rel=0.03)


@pytest.mark.parametrize("q", [1.5, 1.9, 2.0, 2.1, 3.0])
def test_spend_without_a_variance_has_a_sensible_range(q: float) -> None:
    """Between new customers, of whom anybody might spend any amount."""
    generator = np.random.default_rng(7)
    many, runs, p = 1_000, 4_000, 3.0
    bought = generator.poisson(generator.gamma(1, 1, (runs, many)))
    typical = 1 / generator.gamma(q, 1, (runs, many))
    spent = (typical * np.where(bought > 0, generator.gamma(p * np.maximum(bought, 1)), 0)).sum(
        axis=1
    )
    own = total_uncertainty.of_total(geometric(SURE), customers(many), WEEK, 1, money(p, q)).value
    assert own is not None
    far = np.abs(np.log(spent / (many * p / (q - 1))))
    assert 0.93 < (far < 1.96 * own).mean() < 0.995


def test_at_two_nothing_happens() -> None:
    around = [
        total_uncertainty.of_total(geometric(SURE), customers(100), WEEK, 1, money(3.0, q)).value
        for q in (1.999, 2.0, 2.001)
    ]
    assert around[0] > around[1] > around[2]
    assert around[1] == pytest.approx((around[0] + around[2]) / 2, rel=1e-3)


# --- draws ---


@pytest.mark.parametrize("name", FITS)
def test_draws_have_the_covariance_of_the_fit(name: str, triples: pd.DataFrame) -> None:
    model = FITS[name](triples)
    drawn = list(total_uncertainty.parameter_draws(model, 40, seed=3))
    assert {type(one) for one in drawn} == {type(model)}
    logs = np.log([list(one.params.values()) for one in drawn])
    assert logs.mean(axis=0) == pytest.approx(np.log(list(model.params.values())))
    assert np.cov(logs, rowvar=False, bias=True) == pytest.approx(model.covariance_log)
    again = [one.params for one in total_uncertainty.parameter_draws(model, 40, seed=3)]
    assert again == [one.params for one in drawn]
    assert again != [one.params for one in total_uncertainty.parameter_draws(model, 40, seed=4)]


def test_draws_of_spend_have_nothing_to_do_with_those_of_buying() -> None:
    covariance = np.array([[0.04, 0.01, 0.0], [0.01, 0.02, -0.01], [0.0, -0.01, 0.03]])
    spends = list(total_uncertainty.spend_draws(money(6.0, 4.0, 15.0, covariance), 30, seed=3))
    logs = np.log([[one.p, one.q, one.v] for one in spends if one])
    assert np.cov(logs, rowvar=False, bias=True) == pytest.approx(covariance)
    models = total_uncertainty.parameter_draws(
        geometric([[0.04, 0.015], [0.015, 0.01]]), 30, seed=3
    )
    others = np.log([list(one.params.values()) for one in models])
    assert np.corrcoef(others.T, logs.T)[:2, 2:] == pytest.approx(0, abs=1e-12)


def test_spend_without_a_mean_is_no_draw() -> None:
    drawn = list(
        total_uncertainty.spend_draws(money(6.0, 1.3, 15.0, np.diag([0, 0.04, 0])), 50, seed=1)
    )
    assert 0 < sum(one is None for one in drawn) < 25
    assert all(one.q > 1 for one in drawn if one)


def test_a_fit_that_does_not_say_how_sure_it_is() -> None:
    endless = geometric([[np.inf, np.inf], [np.inf, np.inf]])
    for model in (geometric(None), endless):
        with pytest.raises(FitError, match="parameters_unsure .*NBD"):
            total_uncertainty.of_total(model, customers(8), WEEK, seed=1)
    with pytest.raises(FitError, match="parameters_unsure Gamma-Gamma"):
        spend = replace(money(2.0, 3.0), covariance_log=None)
        total_uncertainty.of_total(geometric(SURE), customers(8), WEEK, 1, spend)
    with pytest.raises(ValueError, match="at least 11 draws"):
        list(total_uncertainty.parameter_draws(geometric(SURE), 9, seed=1))


def test_draws_that_give_no_figure_must_be_few() -> None:
    def figure(number: int) -> int:
        if number % 10 < failing:
            raise FitError("no")
        return number

    failing = 5
    assert len(total_uncertainty.over_draws(figure, iter(range(40)))) == 20
    failing = 6
    with pytest.raises(FitError, match="draws_not_finite"):
        total_uncertainty.over_draws(figure, iter(range(40)))


def test_nothing_is_expected_of_anybody() -> None:
    with pytest.raises(FitError, match="nothing_expected"):
        total_uncertainty.of_total(geometric(SURE), customers(0), WEEK, seed=1)
    with pytest.raises(FitError, match="nothing_expected"):
        total_uncertainty.of_total(geometric(SURE), customers(8), Span.weeks(0), seed=1)


# --- many triples ---


def spent(triples: pd.DataFrame, seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    return triples.assign(monetary=10 / generator.gamma(3, 1, len(triples)))


@pytest.mark.parametrize("name", ["BG/NBD", "MBG/NBD", "Pareto/NBD"])
def test_some_triples_tell_what_all_do(
    name: str, triples: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = spent(purchase_model.distinct(triples), seed=1)
    model = FITS[name](triples)
    spend = money(6.25, 3.74, 15.4, np.diag([0.01, 0.01, 0.02]))
    every = total_uncertainty.of_total(model, known, Span.weeks(39), 1, spend)
    monkeypatch.setattr(total_uncertainty, "_ENOUGH", 300)
    some = total_uncertainty.of_total(model, known, Span.weeks(39), 1, spend)
    assert len(known) > 1000
    assert some.purchases == pytest.approx(every.purchases, rel=0.02)
    assert some.value == pytest.approx(every.value, rel=0.02)
    shuffled = known.sample(frac=1, random_state=1)
    assert total_uncertainty.of_total(model, shuffled, Span.weeks(39), 1, spend) == some


def test_representatives_stand_for_all(
    triples: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(total_uncertainty, "_ENOUGH", 200)
    known = spent(purchase_model.distinct(triples), seed=2)
    known = known.assign(purchases=known["frequency"] + 0.1)
    known["value"] = known["purchases"] * known["monetary"]
    few = total_uncertainty._representatives(known)
    assert len(few) <= 200
    for name in ("purchases", "value"):
        whole = known["customers"] @ known[name]
        assert few["weight"] @ few[name] == pytest.approx(whole, rel=0.05)


def test_the_published_sample(triples: pd.DataFrame) -> None:
    """The delta method on small differences, and the variance of each purchase's number."""
    model: PurchaseModel = bgnbd.fit(triples)
    state = triples["frequency"], triples["recency_days"], triples["T_days"]
    ahead, weights = Span.weeks(39), triples["customers"].to_numpy()

    def log_total(logs: np.ndarray) -> float:
        one = replace(model, params=dict(zip(model.params, np.exp(logs), strict=True)))
        return float(np.log(weights @ one.expected_purchases(*state, ahead)))

    at, step = np.log(list(model.params.values())), 1e-4
    slope = [(log_total(at + d) - log_total(at - d)) / 2 / step for d in step * np.eye(4)]
    from_parameters = slope @ model.covariance_log @ slope
    numbers = np.arange(1.0, 400)
    x, _, age = purchase_model.weeks(*state)
    chance = total_uncertainty.purchases_if_alive.at_least(
        model, numbers, 39.0, x[:, None], age[:, None]
    )
    chance *= model.p_alive(*state)[:, None]
    mean = chance.sum(axis=1)
    variances = chance @ (2 * numbers - 1) - mean**2
    own = weights @ variances / (weights @ mean) ** 2
    found = total_uncertainty.of_total(model, triples, ahead, seed=1)
    assert found.purchases == pytest.approx(np.sqrt(from_parameters + own), rel=0.01)
