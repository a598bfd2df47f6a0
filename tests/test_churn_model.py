"""How models of buying are fitted: derivatives, weights, units, lifetimes' fitters, and gates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import ModuleType
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

from retention_lib.models import beta_geometric, bgnbd, mbg, nbd, pareto, purchase_model
from retention_lib.models.newton import LogLikelihood
from retention_lib.models.purchase_model import BoundaryError, FitError
from retention_lib.models.units import Span
from retention_lib.summaries import counts

CALIBRATION_END = date(1997, 9, 30)
MODELS = [bgnbd, mbg, pareto]
FITTERS = {
    bgnbd: "BetaGeoFitter",
    mbg: "ModifiedBetaGeoFitter",
    pareto: "ParetoNBDFitter",
}
TRIPLE = ["frequency", "recency_days", "T_days"]
WEEK = 7


@pytest.fixture(scope="module")
def triples(sample: ibis.Table) -> pd.DataFrame:
    return counts.frequency_recency(sample, CALIBRATION_END)


@pytest.fixture(scope="module")
def fits(triples: pd.DataFrame) -> dict[ModuleType, Any]:
    return {model: model.fit(triples) for model in MODELS}


# --- derivatives ---


def customers(seed: int) -> tuple[np.ndarray, ...]:
    """Frequency, recency and T in units, and weights; one-time and very frequent buyers too."""
    generator = np.random.default_rng(seed)
    x = generator.choice([0.0, 0.0, 1.0, 2.0, 9.0, 80.0, 2000.0], 40)
    age = generator.uniform(0.01, 1, 40).round(2)
    t_x = np.where(x > 0, age * generator.uniform(0, 1, 40) ** 0.3, 0)
    t_x[:3] = np.where(x[:3] > 0, age[:3], 0)  # bought today
    return x, t_x, age, generator.integers(1, 5, 40).astype(float)


def likelihood(model: ModuleType, seed: int) -> Callable[[np.ndarray], LogLikelihood]:
    x, t_x, age, weights = customers(seed)
    if model is pareto:
        return lambda logs: pareto.derivatives(np.exp(logs), x, t_x, age, weights).by_logs(
            np.exp(logs)
        )
    turns = int(model is mbg)
    known = beta_geometric.Counts.of((x, t_x, age), weights, 1.0, turns)
    return lambda logs: beta_geometric.log_likelihood(np.exp(logs), known, turns).by_logs(
        np.exp(logs)
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("model", [bgnbd, mbg])
def test_derivatives_are_those_that_autograd_finds(model: ModuleType, seed: int) -> None:
    with purchase_model.quiet():
        import lifetimes
        from autograd import grad, hessian
    logs = np.random.default_rng(seed + 50).uniform(-2, 2, 4)
    x, t_x, age, weights = customers(seed)
    found = likelihood(model, seed)(logs)
    arguments = logs, x, t_x, age, weights, 0.0
    with purchase_model.quiet():
        theirs = getattr(lifetimes, FITTERS[model])._negative_log_likelihood
        value = -weights.sum() * theirs(*arguments)
        slope = -weights.sum() * grad(theirs)(*arguments)
        curvature = -weights.sum() * hessian(theirs)(*arguments)
    assert found.value == pytest.approx(value, rel=1e-12)
    assert found.gradient == pytest.approx(slope, rel=1e-9, abs=1e-9 * np.abs(slope).max())
    assert found.hessian == pytest.approx(curvature, rel=1e-9, abs=1e-9 * np.abs(curvature).max())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("model", MODELS)
def test_derivatives_are_small_differences(model: ModuleType, seed: int) -> None:
    at = likelihood(model, seed)
    logs = np.random.default_rng(seed + 70).uniform(-2, 2, 4)
    found, step = at(logs), 1e-4
    for i, unit in enumerate(np.eye(4)):
        around = [at(logs + k * step * unit) for k in (-2, -1, 1, 2)]

        def slope(values: list[Any]) -> Any:
            return (8 * (values[2] - values[1]) - (values[3] - values[0])) / (12 * step)

        size = np.abs(found.hessian).max()
        assert found.gradient[i] == pytest.approx(
            slope([one.value for one in around]), rel=1e-6, abs=1e-6 * size
        )
        assert found.hessian[i] == pytest.approx(
            slope([one.gradient for one in around]), rel=1e-7, abs=1e-8 * size
        )


@pytest.mark.parametrize("seed", range(3))
def test_pareto_likelihood_is_the_sum_over_customers(seed: int) -> None:
    x, t_x, age, weights = customers(seed)
    params = np.exp(np.random.default_rng(seed).uniform(-2, 2, 4))
    found = pareto.derivatives(params, x, t_x, age, weights)
    assert found.value == pytest.approx(weights @ pareto.log_likelihood(params, x, t_x, age))


def test_nbd_covariance_is_that_of_small_differences(triples: pd.DataFrame) -> None:
    found = nbd.fit(triples)
    logs = np.log(list(found.params.values()))
    x, _, age = purchase_model.weeks(*(triples[name] for name in TRIPLE))
    weights, step = triples["customers"].to_numpy(), 1e-3

    def at(change: np.ndarray) -> float:
        return float(weights @ nbd.log_likelihood(np.exp(logs + change), x, age))

    axes = step * np.eye(2)
    curvature = [
        [(at(i + j) - at(i - j) - at(j - i) + at(-i - j)) / (4 * step**2) for i in axes]
        for j in axes
    ]
    assert found.covariance_log == pytest.approx(np.linalg.inv(-np.array(curvature)), rel=1e-4)
    assert list(found.standard_errors.values()) == pytest.approx(
        np.exp(logs) * np.sqrt(np.diag(found.covariance_log))
    )


# --- rows, weights and units ---


@pytest.mark.parametrize("model", MODELS)
def test_rows_and_days_do_not_matter(model: ModuleType, triples: pd.DataFrame) -> None:
    some = triples.sample(400, random_state=1)
    each = some.loc[some.index.repeat(some["customers"])].assign(customers=1)
    mixed = each.sample(frac=1, random_state=2)
    slower = some.assign(T_days=some["T_days"] * 3.7, recency_days=some["recency_days"] * 3.7)
    one, other, third = model.fit(some), model.fit(mixed), model.fit(slower)
    assert other.params == pytest.approx(one.params, rel=1e-6)
    assert other.standard_errors == pytest.approx(one.standard_errors, rel=1e-6)
    assert other.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-9)
    assert other.covariance_log == pytest.approx(one.covariance_log, rel=1e-5)
    times = {key: 3.7 if key in ("alpha", "beta") else 1 for key in one.params}
    scaled = {key: value * times[key] for key, value in one.params.items()}
    assert third.params == pytest.approx(scaled, rel=1e-6)
    repeats = some["frequency"] @ some["customers"]
    assert third.log_likelihood == pytest.approx(one.log_likelihood - repeats * np.log(3.7))


@pytest.mark.parametrize("model", MODELS)
def test_a_first_search_of_some_rows_changes_nothing(
    model: ModuleType, triples: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = model.fit(triples)
    monkeypatch.setattr("retention_lib.models.churn_model._MANY", 100)
    found = model.fit(triples)
    assert found.params == pytest.approx(plain.params, rel=1e-8)
    # and where that search fails, the usual start will do
    monkeypatch.setattr("retention_lib.models.churn_model._EVERY", len(triples))
    assert model.fit(triples).params == pytest.approx(plain.params, rel=1e-8)


@pytest.mark.parametrize("model", MODELS)
def test_a_few_who_buy_all_the_time_are_fitted_too(
    model: ModuleType, triples: pd.DataFrame
) -> None:
    busy = pd.DataFrame(
        {"frequency": 2000, "recency_days": [200, 260, 270], "T_days": 270, "customers": 1}
    )
    known = pd.concat([triples, busy])
    found = model.fit(known)
    assert np.isfinite(list(found.params.values())).all()
    assert np.isfinite(found.covariance_log).all()
    state = [known[name] for name in TRIPLE]
    assert np.isfinite(found.expected_purchases(*state, Span.days([7, 36_500]))).all()


# --- the fitters of lifetimes ---


@pytest.mark.parametrize("model", [bgnbd, mbg])
def test_every_figure_is_that_of_lifetimes_own_fit(
    model: ModuleType, fits: dict[ModuleType, Any], triples: pd.DataFrame
) -> None:
    ours, weeks = fits[model].fitter, purchase_model.weeks(*(triples[name] for name in TRIPLE))
    with purchase_model.quiet():
        import lifetimes

        theirs = getattr(lifetimes, FITTERS[model])().fit(*weeks, weights=triples["customers"])
        for call in (
            lambda it: it.predict(39, *weeks),
            lambda it: it.conditional_probability_alive(*weeks),
            lambda it: it.conditional_probability_alive_matrix(),
            lambda it: it.expected_number_of_purchases_up_to_time(52),
            lambda it: it.probability_of_n_purchases_up_to_time(30, 3),
        ):
            assert call(ours) == pytest.approx(call(theirs), rel=2e-4, abs=1e-12)
    assert type(ours) is type(theirs)
    assert ours._scale == theirs._scale
    assert ours.params_.to_dict() == pytest.approx(theirs.params_.to_dict(), rel=2e-4)
    mean = theirs._negative_log_likelihood_
    assert ours._negative_log_likelihood_ == pytest.approx(mean, rel=1e-8)
    assert ours._negative_log_likelihood_ <= mean + 1e-12
    assert ours._hessian_ == pytest.approx(theirs._hessian_, rel=1e-3, abs=1e-4)
    assert ours.summary.to_numpy() == pytest.approx(theirs.summary.to_numpy(), rel=2e-3)
    pd.testing.assert_frame_equal(ours.data, theirs.data, check_dtype=False)
    assert repr(ours) == repr(theirs)


def test_pareto_is_as_likely_as_lifetimes_own_fit(
    fits: dict[ModuleType, Any], triples: pd.DataFrame
) -> None:
    ours, weeks = fits[pareto].fitter, purchase_model.weeks(*(triples[name] for name in TRIPLE))
    scaled = (weeks[0], weeks[1] * ours._scale, weeks[2] * ours._scale)
    params = ours.params_.to_numpy() * [1, ours._scale, 1, ours._scale]
    with purchase_model.quiet():
        mean = ours._negative_log_likelihood(params, *scaled, triples["customers"], 0.0)
        own = ours.predict(39, *weeks)
    assert ours._negative_log_likelihood_ == pytest.approx(mean)
    state = (triples[name] for name in TRIPLE)
    assert fits[pareto].expected_purchases(*state, Span.weeks(39)) == pytest.approx(own, rel=1e-8)
    errors = list(fits[pareto].standard_errors.values())
    assert ours.summary["se(coef)"].to_numpy() == pytest.approx(errors)


@pytest.mark.parametrize("model", MODELS)
def test_covariances_are_those_of_the_curvature(
    model: ModuleType, fits: dict[ModuleType, Any], triples: pd.DataFrame
) -> None:
    found = fits[model]
    params = np.array(list(found.params.values()))
    matrix = found.fitter.variance_matrix_.to_numpy()
    assert matrix == pytest.approx(np.outer(params, params) * found.covariance_log)
    assert np.sqrt(np.diag(matrix)) == pytest.approx(list(found.standard_errors.values()))
    if model is not pareto:
        inverse = np.linalg.inv(found.fitter._hessian_) / triples["customers"].sum()
        assert found.covariance_log == pytest.approx(inverse)


@pytest.mark.parametrize("model", MODELS)
def test_plots_and_new_customers_of_lifetimes_work(
    model: ModuleType, fits: dict[ModuleType, Any]
) -> None:
    import matplotlib.pyplot as plt

    fitter = fits[model].fitter
    with purchase_model.quiet():
        from lifetimes import plotting

        for plot in (
            plotting.plot_probability_alive_matrix,
            plotting.plot_frequency_recency_matrix,
        ):
            assert plot(fitter, max_frequency=5, max_recency=5) is not None
        made = fitter.generate_new_data(size=len(fitter.data))
    plt.close("all")
    assert len(made) == len(fitter.data) and (made["frequency"] >= 0).all()


# --- what is refused ---


def counts_of(frequency: list[int], recency: list[int], customers: list[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {"frequency": frequency, "recency_days": recency, "T_days": 300, "customers": customers}
    )


@pytest.mark.parametrize("model", MODELS)
def test_a_fit_that_learns_nothing_of_leaving_is_refused(model: ModuleType) -> None:
    with pytest.raises(FitError, match="nobody_bought_again .*NBD"):
        model.fit(counts_of([0], [0], [500]))


@pytest.mark.parametrize("model", MODELS)
def test_a_fit_where_nobody_leaves_is_refused(model: ModuleType) -> None:
    """Everybody's last purchase lies as far back as the rate of purchase says."""
    frequency = [3, 6, 10, 20, 30]
    recency = [300 * x // (x + 1) for x in frequency]
    with pytest.raises(BoundaryError, match="nobody_leaves|run_off"):
        model.fit(counts_of(frequency, recency, [100] * 5))


@pytest.mark.parametrize("model", MODELS)
def test_customers_of_one_day_are_refused(model: ModuleType) -> None:
    with pytest.raises(FitError, match="nobody_bought_again .*NBD"):
        model.fit(counts_of([0, 0], [0, 0], [5, 5]).assign(T_days=0))


@pytest.mark.parametrize(
    ("params", "errors", "said"),
    [
        ([0.2, 4.4, 0.8, 2.4], [0.01, 0.4, 0.2, np.nan], "no_maximum"),
        ([0.5, 0.03, 2e5, 9e5], [0.02, 0.01, 8e6, 4e7], "run_off"),
    ],
)
def test_the_gate_of_a_fit(params: list[float], errors: list[float], said: str) -> None:
    with pytest.raises(FitError, match=said):
        purchase_model.gate("BG/NBD", np.array(params), np.array(errors))
    purchase_model.gate(
        "BG/NBD", np.array([0.24, 4.4, 0.8, 2.4]), np.array([0.013, 0.38, 0.19, 0.71])
    )


def stayers(seed: int) -> pd.DataFrame:
    """Customers with own rates who never leave, to the day."""
    generator = np.random.default_rng(seed)
    age = generator.integers(100, 700, 4000)
    x = generator.poisson(generator.gamma(0.8, 0.1 / 7 / 0.8, 4000) * age)
    last = np.floor(age * generator.random(4000) ** (1 / np.maximum(x, 1)))
    last = np.where(x > 0, np.maximum(last, x), 0)
    return pd.DataFrame({"frequency": x, "recency_days": last, "T_days": age, "customers": 1})


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("model", MODELS)
def test_where_nobody_leaves_is_told_from_not_converging(model: ModuleType, seed: int) -> None:
    """Most such logs have their top at a bound, by chance the others just beside it."""
    known = stayers(seed)
    try:
        found = model.fit(known)
    except BoundaryError as error:
        assert "nobody_leaves" in str(error)
    else:
        gain = found.log_likelihood - nbd.fit(known).log_likelihood
        assert 0 <= gain < 8
        assert found.p_alive(*(known[name] for name in TRIPLE)).mean() > 0.8


def test_customers_who_all_leave_alike_are_at_another_bound() -> None:
    generator = np.random.default_rng(3)
    age = generator.uniform(20, 104, 6000)
    rate, turns = generator.gamma(0.8, 0.2, 6000), generator.geometric(0.2, 6000)
    gaps = generator.exponential(1, (6000, 120)) / rate[:, None]
    times = np.cumsum(gaps, axis=1)
    kept = (times < age[:, None]) & (np.arange(120) < turns[:, None])
    known = pd.DataFrame(
        {
            "frequency": kept.sum(axis=1),
            "recency_days": WEEK * np.where(kept, times, 0).max(axis=1),
            "T_days": WEEK * age,
            "customers": 1,
        }
    )
    with pytest.raises(BoundaryError, match="run_off"):
        bgnbd.fit(known)
