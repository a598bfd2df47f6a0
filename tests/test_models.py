"""Published parameters of the CDNOW 1/10 sample, and what a fit must refuse."""

from __future__ import annotations

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from retention_lib.models import bgnbd, gamma_gamma
from retention_lib.summaries import counts

CALIBRATION_END = date(1997, 9, 30)
# Fader, Hardie and Lee (2005), table 2; standard errors by an independent implementation
PARAMS = {"r": 0.2425945, "alpha": 4.413603, "a": 0.792922, "b": 2.425906}
ERRORS = {"r": 0.01256, "alpha": 0.37822, "a": 0.18573, "b": 0.70541}


@pytest.fixture(scope="module")
def triples(sample: ibis.Table) -> pd.DataFrame:
    return counts.frequency_recency(sample, CALIBRATION_END)


@pytest.fixture(scope="module")
def fitted(triples: pd.DataFrame) -> bgnbd.BgNbd:
    return bgnbd.fit(triples)


@pytest.fixture(scope="module")
def spend(sample: ibis.Table) -> gamma_gamma.SpendModel:
    return gamma_gamma.fit(counts.spend_per_occasion(sample, CALIBRATION_END))


def test_bgnbd_finds_the_published_parameters(fitted: bgnbd.BgNbd) -> None:
    assert fitted.params == pytest.approx(PARAMS, rel=1e-3)
    assert fitted.standard_errors == pytest.approx(ERRORS, rel=1e-2)
    assert fitted.log_likelihood == pytest.approx(-9582.4292, abs=1e-2)


def test_one_customer_as_published(fitted: bgnbd.BgNbd) -> None:
    state = [2], [30.43 * 7], [38.86 * 7]
    assert fitted.expected_purchases(*state, days=39 * 7)[0] == pytest.approx(1.226, abs=1e-3)
    assert fitted.p_alive(*state)[0] == pytest.approx(0.7266, abs=1e-4)


def test_one_time_buyers_are_alive_for_certain(fitted: bgnbd.BgNbd) -> None:
    assert fitted.p_alive([0], [0], [270])[0] == 1


def test_the_published_holdout(
    fitted: bgnbd.BgNbd, triples: pd.DataFrame, sample_days: pd.DataFrame
) -> None:
    days = (date(1998, 6, 30) - CALIBRATION_END).days
    expected = fitted.expected_purchases(
        triples["frequency"], triples["recency_days"], triples["T_days"], days
    )
    assert float(expected @ triples["customers"]) == pytest.approx(1653, abs=1)
    assert (sample_days["day"] > "1997-09-30").sum() == 1882


def test_weighted_counts_fit_as_one_row_each(triples: pd.DataFrame) -> None:
    some = triples.sample(400, random_state=1)
    each = some.loc[some.index.repeat(some["customers"])].assign(customers=1)
    assert bgnbd.fit(each).params == pytest.approx(bgnbd.fit(some).params, rel=1e-4)


def test_gamma_gamma_finds_the_published_parameters(spend: gamma_gamma.SpendModel) -> None:
    assert (spend.p, spend.q, spend.v) == pytest.approx((6.24957, 3.74422, 15.4435), rel=1e-3)
    assert spend.log_likelihood == pytest.approx(-4055.9177, abs=1e-2)
    assert spend.customers == 946


def test_expected_spend_shrinks_towards_the_population(spend: gamma_gamma.SpendModel) -> None:
    mean = spend.population_mean
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
    assert gamma_gamma.correlation(table) == pytest.approx(each["frequency"].corr(each["monetary"]))
    assert gamma_gamma.correlation(table.assign(monetary=4.0)) == 0


def counts_of(frequency: list[int], recency: list[int], customers: list[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {"frequency": frequency, "recency_days": recency, "T_days": 300, "customers": customers}
    )


def test_a_fit_that_learns_nothing_of_leaving_is_refused() -> None:
    with pytest.raises(bgnbd.FitError, match="BG/NBD"):
        bgnbd.fit(counts_of([0], [0], [500]))


@pytest.mark.parametrize(
    ("params", "errors", "said"),
    [
        ([0.2, 4.4, 0.8, 2.4], [0.01, 0.4, 0.2, np.nan], "curvature"),
        ([0.5, 0.03, 2e5, 9e5], [0.02, 0.01, 8e6, 4e7], "run off to a bound"),
        ([0.2, 4.4, np.exp(0.1), np.exp(0.1)], [0.01, 0.4, 0.2, 0.7], "start values"),
    ],
)
def test_the_gate_of_a_fit(params: list[float], errors: list[float], said: str) -> None:
    with pytest.raises(bgnbd.FitError, match=said):
        bgnbd._gate(np.array(params), np.array(errors))
    bgnbd._gate(np.array(list(PARAMS.values())), np.array(list(ERRORS.values())))


def test_predictions_that_are_not_finite_are_refused(fitted: bgnbd.BgNbd) -> None:
    with pytest.raises(bgnbd.FitError, match="finite"):
        fitted.expected_purchases([np.nan], [0], [10], 30)


def test_spend_without_a_finite_mean_is_refused() -> None:
    heavy = np.random.default_rng(1).pareto(0.6, 400) + 0.01
    table = pd.DataFrame({"frequency": 1, "monetary": heavy, "customers": 1})
    with pytest.raises(bgnbd.FitError, match="Gamma-Gamma"):
        gamma_gamma.fit(table)
