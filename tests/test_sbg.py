"""Shifted beta-geometric: the published fits, planted parameters, and what is at the bounds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_lib.models import sbg
from retention_lib.models.purchase_model import FitError

# Fader and Hardie (2007), table 1: per cent of customers left after 0, 1, ... 12 years
HIGH_END = [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4]
REGULAR = [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3]


def renewals(left: list[float], customers: int = 1000) -> pd.DataFrame:
    there = np.array(left) / 100 * customers
    ages = range(1, len(there))
    return pd.DataFrame({"age": ages, "ended": there[:-1] - there[1:], "kept": there[1:]})


def table(ended: list[int], kept: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"age": range(1, len(ended) + 1), "ended": ended, "kept": kept})


@pytest.mark.parametrize(
    ("left", "alpha", "beta", "likelihood"),
    [(HIGH_END, 0.668, 3.806, -1611.2), (REGULAR, 0.704, 1.182, -1680.3)],
)
def test_the_published_fits_on_seven_years(
    left: list[float], alpha: float, beta: float, likelihood: float
) -> None:
    found = sbg.fit(renewals(left[:8]))
    assert (found.alpha, found.beta) == pytest.approx((alpha, beta), abs=5e-4)
    assert found.log_likelihood == pytest.approx(likelihood, abs=0.05)
    # and the five years that the fit has not seen
    assert found.survival(range(8, 13)) == pytest.approx(np.array(left[8:]) / 100, abs=0.02)


def test_survival_is_the_beta_integral() -> None:
    model = sbg.Sbg(0.668, 3.806, 0.0)
    chance = np.linspace(0, 1, 2_000_001)[1:-1]
    # beta (.668, 3.806), the substitution u = p^alpha takes out its peak at 0
    leaves = chance ** (1 / 0.668)
    weight = (1 - leaves) ** 2.806
    expected = [np.average((1 - leaves) ** t, weights=weight) for t in (0, 1, 5, 30)]
    assert model.survival([0, 1, 5, 30]) == pytest.approx(expected, abs=1e-5)
    assert model.survival([30, 1]) == pytest.approx([expected[3], expected[1]], abs=1e-5)
    assert model.survival(0) == 1


def test_the_likelihood_is_that_of_each_customers_own_life() -> None:
    """Of 10 customers 3 end at the first, 2 at the second renewal, 5 have renewed twice."""
    model = sbg.Sbg(0.8, 2.0, 0.0)
    left = model.survival([0, 1, 2])
    lives = 3 * np.log(left[0] - left[1]) + 2 * np.log(left[1] - left[2]) + 5 * np.log(left[2])
    assert sbg.log_likelihood(0.8, 2.0, table([3, 2], [7, 5])) == pytest.approx(lives)


def simulated(alpha: float, beta: float, customers: int, seed: int) -> pd.DataFrame:
    """Lives of customers seen from an own first age on, for at most six renewals."""
    generator = np.random.default_rng(seed)
    end = generator.geometric(generator.beta(alpha, beta, customers))
    first = generator.integers(1, 5, customers)
    rows = [
        {
            "age": age,
            "ended": np.sum((first <= age) & (age < first + 6) & (end == age)),
            "kept": np.sum((first <= age) & (age < first + 6) & (end > age)),
        }
        for age in range(1, 10)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("alpha", "beta"), [(0.7, 1.2), (2.0, 8.0)])
def test_planted_parameters_are_found_though_customers_enter_late(
    alpha: float, beta: float
) -> None:
    found = sbg.fit(simulated(alpha, beta, 400_000, seed=4))
    assert found.alpha == pytest.approx(alpha, rel=0.06)
    assert found.beta == pytest.approx(beta, rel=0.06)


counted = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=2, max_size=8
).filter(
    lambda rows: (
        any(ended for ended, _ in rows)
        and any(kept for _, kept in rows)
        and sum(ended + kept > 0 for ended, kept in rows) > 1
    )
)


@given(counted, st.floats(-6, 6), st.floats(-6, 6))
@settings(max_examples=25, deadline=None)
def test_no_other_parameters_are_likelier(
    rows: list[tuple[int, int]], log_alpha: float, log_beta: float
) -> None:
    data = table(*map(list, zip(*rows, strict=True)))
    found = sbg.fit(data)
    other = sbg.log_likelihood(np.exp(log_alpha), np.exp(log_beta), data)
    assert found.log_likelihood >= other - 1e-4
    left = found.survival(range(20))
    assert left[0] == 1 and (np.diff(left) <= 0).all() and (left >= 0).all()


def test_rows_and_their_order_do_not_matter() -> None:
    data = renewals(HIGH_END[:8])
    halves = pd.concat([data.assign(ended=data["ended"] / 2, kept=data["kept"] / 2)] * 2)
    one, other = sbg.fit(data), sbg.fit(halves.iloc[::-1])
    assert (one.alpha, one.beta) == pytest.approx((other.alpha, other.beta), rel=1e-4)


# --- at the bounds ---


def test_customers_who_are_all_alike_end_like_a_geometric() -> None:
    found = sbg.fit(table([1000, 900, 810, 729], [9000, 8100, 7290, 6561]))
    assert found.survival([1, 4, 12]) == pytest.approx(0.9 ** np.array([1, 4, 12]), rel=1e-3)


def test_churn_that_rises_with_age_is_taken_as_constant() -> None:
    found = sbg.fit(table([10, 20, 40], [90, 70, 30]))
    assert found.alpha + found.beta == pytest.approx(1e6)
    assert found.survival([1, 3]) == pytest.approx((1 - 70 / 260) ** np.array([1, 3]), rel=1e-4)


def test_those_who_stay_after_the_first_renewal_stay() -> None:
    found = sbg.fit(table([50, 0, 0], [50, 50, 50]))
    assert found.survival([1, 2, 12]) == pytest.approx(0.5, abs=1e-4)


def test_all_who_end_in_the_end_leave_a_falling_curve() -> None:
    found = sbg.fit(table([30, 40, 30], [70, 30, 0]))
    assert found.survival([1, 2, 3]) == pytest.approx([0.5, 0.25, 0.125], rel=1e-4)  # 100 of 200


@pytest.mark.parametrize(
    ("ended", "kept", "said"),
    [
        ([0, 0], [9, 8], "nobody_ended"),
        ([9, 8], [0, 0], "nobody_renewed"),
        ([2], [8], "renewals_of_one_age"),
        ([2, 0], [8, 0], "renewals_of_one_age"),
        ([], [], "nobody_ended"),
    ],
)
def test_what_says_nothing_of_later_is_refused(
    ended: list[int], kept: list[int], said: str
) -> None:
    with pytest.raises(FitError, match=said):
        sbg.fit(table(ended, kept))
