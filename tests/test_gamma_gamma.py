"""Gamma-Gamma: published parameters, the mean spend, lifetimes' own fit, and what is refused."""

from __future__ import annotations

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from retention_lib.models import gamma_gamma, purchase_model
from retention_lib.models.purchase_model import BoundaryError, FitError
from retention_lib.summaries import counts

CALIBRATION_END = date(1997, 9, 30)


@pytest.fixture(scope="module")
def spenders(sample: ibis.Table) -> pd.DataFrame:
    return counts.spend_per_occasion(sample, CALIBRATION_END)


@pytest.fixture(scope="module")
def spend(spenders: pd.DataFrame) -> gamma_gamma.SpendModel:
    return gamma_gamma.fit(spenders)


def test_gamma_gamma_finds_the_published_parameters(spend: gamma_gamma.SpendModel) -> None:
    assert (spend.p, spend.q, spend.v) == pytest.approx((6.24957, 3.74422, 15.4435), rel=1e-3)
    assert spend.log_likelihood == pytest.approx(-4055.9177, abs=1e-2)
    assert spend.customers == 946


def test_expected_spend_shrinks_towards_the_population(spend: gamma_gamma.SpendModel) -> None:
    mean = spend.p * spend.v / (spend.q - 1)
    assert spend.expected_spend(0, 0.0) == pytest.approx(mean)
    few, many = spend.expected_spend(1, 100.0), spend.expected_spend(50, 100.0)
    assert mean < few < many < 100
    weight = spend.p * 3 / (spend.p * 3 + spend.q - 1)  # Fader and Hardie (2013), equation 5
    assert spend.expected_spend(3, 60.0) == pytest.approx((1 - weight) * mean + weight * 60)


def test_correlation_is_weighted_and_defined_for_constants() -> None:
    table = pd.DataFrame(
        {"frequency": [1, 2, 3], "monetary": [1.0, 2.0, 9.0], "customers": [5, 1, 2]}
    )
    each = table.loc[table.index.repeat(table["customers"])]
    assert gamma_gamma.correlation(table) == pytest.approx(
        each["frequency"].corr(each["monetary"], method="spearman")
    )
    assert gamma_gamma.correlation(table.assign(monetary=4.0)) == 0


def test_one_huge_account_does_not_make_a_correlation() -> None:
    generator = np.random.default_rng(3)
    table = pd.DataFrame({"frequency": generator.integers(1, 20, 400), "customers": 1})
    table["monetary"] = 30 * generator.gamma(6, 1 / 6, 400)
    huge = pd.concat(
        [table, pd.DataFrame({"frequency": [100], "monetary": [25_000.0], "customers": [1]})]
    )
    assert huge["frequency"].corr(huge["monetary"]) > 0.3  # Pearson's
    assert abs(gamma_gamma.correlation(huge) - gamma_gamma.correlation(table)) < 0.01


def test_every_figure_is_that_of_lifetimes_own_fit(
    spend: gamma_gamma.SpendModel, spenders: pd.DataFrame
) -> None:
    with purchase_model.quiet():
        from lifetimes import GammaGammaFitter

        state = spenders["frequency"], spenders["monetary"]
        theirs = GammaGammaFitter().fit(*state, weights=spenders["customers"])
        expected = theirs.conditional_expected_average_profit(*state)
    ours = spend.fitter
    assert ours.params_.to_dict() == pytest.approx(theirs.params_.to_dict(), rel=1e-5)
    assert ours._negative_log_likelihood_ == pytest.approx(theirs._negative_log_likelihood_)
    assert ours._hessian_ == pytest.approx(theirs._hessian_, rel=1e-5)
    assert ours.summary.to_numpy() == pytest.approx(theirs.summary.to_numpy(), rel=1e-5)
    assert ours.conditional_expected_average_profit(*state).to_numpy() == pytest.approx(
        expected.to_numpy(), rel=1e-6
    )
    assert spend.expected_spend(*state).to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-6)
    pd.testing.assert_frame_equal(ours.data, theirs.data, check_dtype=False)


def test_covariances_are_those_of_the_curvature(spend: gamma_gamma.SpendModel) -> None:
    params = np.array([spend.p, spend.q, spend.v])
    matrix = spend.fitter.variance_matrix_.to_numpy()
    assert matrix == pytest.approx(
        np.outer(params, params) * np.linalg.inv(spend.fitter._hessian_) / spend.customers
    )
    assert spend.covariance_log == pytest.approx(matrix / np.outer(params, params))
    assert list(spend.standard_errors.values()) == pytest.approx(np.sqrt(np.diag(matrix)))


@pytest.mark.parametrize("seed", range(5))
def test_derivatives_are_those_that_autograd_finds(seed: int) -> None:
    with purchase_model.quiet():
        from autograd import grad, hessian
        from lifetimes import GammaGammaFitter
    generator = np.random.default_rng(seed)
    x = generator.choice([1.0, 2.0, 7.0, 40.0, 2000.0], 30)
    money, weights = generator.gamma(2, 20, 30), generator.integers(1, 9, 30).astype(float)
    logs = generator.uniform(-1, 3, 3)
    found = gamma_gamma.derivatives(np.exp(logs), x, money, weights).by_logs(np.exp(logs))
    arguments = logs, x, money, weights, 0.0
    with purchase_model.quiet():
        theirs = GammaGammaFitter._negative_log_likelihood
        value = -weights.sum() * theirs(*arguments)
        slope = -weights.sum() * grad(theirs)(*arguments)
        curvature = -weights.sum() * hessian(theirs)(*arguments)
    assert found.value == pytest.approx(value)
    assert found.gradient == pytest.approx(slope, rel=1e-8, abs=1e-8 * np.abs(slope).max())
    assert found.hessian == pytest.approx(curvature, rel=1e-8, abs=1e-8 * np.abs(curvature).max())


def test_weights_and_the_currency_do_not_matter(spenders: pd.DataFrame) -> None:
    some = spenders.sample(400, random_state=2).assign(customers=lambda it: 1 + it.index % 3)
    each = some.loc[some.index.repeat(some["customers"])].assign(customers=1)
    cents = some.assign(monetary=some["monetary"] * 100)
    one, other, third = (gamma_gamma.fit(table) for table in (some, each, cents))
    assert (other.p, other.q, other.v) == pytest.approx((one.p, one.q, one.v), rel=1e-6)
    assert (third.p, third.q, third.v) == pytest.approx((one.p, one.q, 100 * one.v), rel=1e-6)
    assert other.log_likelihood == pytest.approx(one.log_likelihood)
    assert third.log_likelihood == pytest.approx(one.log_likelihood - one.customers * np.log(100))


def test_planted_parameters_are_found() -> None:
    generator = np.random.default_rng(4)
    x = generator.integers(1, 12, 20_000)
    typical = 20 / generator.gamma(3, 1, 20_000)
    money = typical * generator.gamma(5.0 * x) / x
    found = gamma_gamma.fit(pd.DataFrame({"frequency": x, "monetary": money, "customers": 1}))
    for name, truth in {"p": 5.0, "q": 3.0, "v": 20.0}.items():
        assert abs(getattr(found, name) - truth) < 3.5 * found.standard_errors[name] < truth / 3


def test_spend_without_a_finite_mean_is_refused() -> None:
    heavy = np.random.default_rng(1).pareto(0.6, 400) + 0.01
    table = pd.DataFrame({"frequency": 1, "monetary": heavy, "customers": 1})
    with pytest.raises(FitError, match="Gamma-Gamma"):
        gamma_gamma.fit(table)


@pytest.mark.parametrize("frequency", [1, 3])
def test_one_price_for_all_is_a_bound(frequency: int) -> None:
    table = pd.DataFrame({"frequency": [frequency] * 50, "monetary": 20.0, "customers": 1})
    with pytest.raises(BoundaryError, match="run_off Gamma-Gamma"):
        gamma_gamma.fit(table)


@pytest.mark.parametrize(
    "wrong", [{"monetary": 0.0}, {"frequency": 0}, {"customers": 0}, {"monetary": np.nan}]
)
def test_customers_without_a_repeat_spend_are_refused(
    spenders: pd.DataFrame, wrong: dict[str, float]
) -> None:
    with pytest.raises(FitError, match="no_spend Gamma-Gamma"):
        gamma_gamma.fit(spenders.assign(**wrong))


# --- spend that goes with frequency ---


def shop(power: float, customers: int, seed: int, lognormal: float = 0.0) -> pd.DataFrame:
    """Repeat buyers whose mean spend goes with 1 + x; lognormal around it, or Gamma-Gamma."""
    generator = np.random.default_rng(seed)
    x = 1 + generator.poisson(generator.gamma(0.8, 8, customers))
    if lognormal:
        typical = 40 * np.exp(generator.normal(0, lognormal, customers))
        noise = np.array([np.exp(generator.normal(-0.11, 0.47, n)).mean() for n in x])
    else:
        typical = 108 / generator.gamma(3.7, 1, customers)
        noise = generator.gamma(6.0 * x) / (6 * x)
    return pd.DataFrame(
        {"frequency": x, "monetary": typical * (1.0 + x) ** power * noise, "customers": 1}
    )


@pytest.mark.parametrize("power", [-0.5, 0.3, 0.6, 1.0])
def test_a_planted_power_is_found(power: float) -> None:
    found = gamma_gamma.fit(shop(power, 3000, seed=1))
    assert found.power_ci95 is not None
    low, high = found.power_ci95
    assert low - 0.02 < power < high + 0.02 and high - low < 0.2
    for name, truth in {"p": 6.0, "q": 3.7, "v": 18.0}.items():
        assert abs(getattr(found, name) - truth) < 4 * found.standard_errors[name]
    mean = found.expected_spend(0, 0.0)
    assert mean == pytest.approx(40, rel=0.15)  # of a one-time buyer: 1 ^ power is 1


def test_the_scale_of_a_customer_by_hand() -> None:
    model = gamma_gamma.SpendModel(6.0, 4.0, 20.0, 0.0, 100, 0.3, power=0.5)
    assert model.expected_spend(0, 0.0) == pytest.approx(6 * 20 / 3)
    # three repeat purchases double the scale: 6 (40 + 3 x 60) / (18 + 3)
    assert model.expected_spend(3, 60.0) == pytest.approx(6 * 220 / 21)
    assert model.expected_spend(np.array([0.0, 3.0]), np.array([0.0, 60.0])) == pytest.approx(
        [40, 6 * 220 / 21]
    )


@pytest.mark.parametrize("seed", range(3))
def test_derivatives_with_a_power_are_those_of_differences(seed: int) -> None:
    generator = np.random.default_rng(seed)
    x = generator.choice([1.0, 2.0, 7.0, 40.0, 2000.0], 30)
    money, weights = generator.gamma(2, 20, 30), generator.integers(1, 9, 30).astype(float)
    at = np.exp(np.append(generator.uniform(-1, 2, 3), generator.uniform(-0.5, 1)))
    found = gamma_gamma.derivatives(at, x, money, weights)
    step = 1e-6
    for place in range(4):
        moved = at.copy()
        moved[place] *= 1 + step
        other = gamma_gamma.derivatives(moved, x, money, weights)
        by = at[place] * step
        assert (other.value - found.value) / by == pytest.approx(found.gradient[place], rel=1e-3)
        slopes = (other.gradient - found.gradient) / by
        assert slopes == pytest.approx(found.hessian[place], rel=1e-3, abs=1e-3)


def test_a_power_of_one_is_the_model_without() -> None:
    """At c = 1 the value, and the derivatives by p, q and v, are those of Gamma-Gamma itself."""
    table = shop(0.0, 200, seed=2)
    x, money, weights = (table[name].to_numpy(dtype=float) for name in table)
    three = np.array([6.0, 3.7, 18.0])
    plain = gamma_gamma.derivatives(three, x, money, weights)
    four = gamma_gamma.derivatives(np.append(three, 1.0), x, money, weights)
    assert four.value == plain.value
    assert four.gradient[:3].tolist() == plain.gradient.tolist()
    assert four.hessian[:3, :3].tolist() == plain.hessian.tolist()


@pytest.mark.slow
@pytest.mark.parametrize(("lognormal", "customers"), [(0.0, 400), (0.6, 4000), (1.1, 4000)])
def test_unrelated_spend_is_told_no_power_whatever_its_shape(
    lognormal: float, customers: int
) -> None:
    """Of the last kind the likelihood alone finds one nearly always."""
    powers = [gamma_gamma.fit(shop(0.0, customers, seed, lognormal)).power for seed in range(20)]
    assert powers == [0.0] * 20


def test_a_weak_relation_is_left_out_and_the_published_numbers_stay(
    spend: gamma_gamma.SpendModel, spenders: pd.DataFrame
) -> None:
    """CDNOW's likelihood ratio of a power is 30: its spend is no gamma. By the means it is .1."""
    assert spend.power == 0.0 and spend.power_ci95 is None
    assert spend.fitter is not None and 0.2 < spend.correlation < 0.21


def test_one_huge_account_makes_no_power() -> None:
    table = shop(0.0, 340, seed=3)
    huge = pd.DataFrame({"frequency": [104], "monetary": [25_000.0], "customers": [1]})
    found = gamma_gamma.fit(pd.concat([table, huge], ignore_index=True))
    assert found.power == 0.0
    assert found.expected_spend(104, 25_000.0) == pytest.approx(25_000, rel=0.02)
    alone = gamma_gamma.fit(table)
    assert found.expected_spend(0, 0.0) == pytest.approx(alone.expected_spend(0, 0.0), rel=0.15)
