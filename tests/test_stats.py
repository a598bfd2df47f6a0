"""Worked numbers of the definitions, and what must hold for any numbers."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_lib import stats

INEQUALITY = [50, 20, 10, 10, 10], [1, 1, 1, 1, 1]


def spells(days: list[int], weights: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"days": days, "weight": weights}).astype({"days": int, "weight": float})


# customer A: gaps 30, 30, wait 40; B: gap 50, wait 50; C: no gap, wait 90
WANG_CHANG = spells([30, 30, 50], [0.5, 0.5, 1]), spells([90], [1])
KAPLAN_MEIER = spells([30, 30, 50], [1, 1, 1]), spells([40, 50, 90], [1, 1, 1])


@pytest.mark.parametrize(
    ("events", "censored", "at_30", "at_50"),
    [(*WANG_CHANG, 2 / 3, 1 / 3), (*KAPLAN_MEIER, 2 / 3, 4 / 9)],
    ids=["each customer once", "pooled"],
)
def test_return_curve_of_three_customers(
    events: pd.DataFrame, censored: pd.DataFrame, at_30: float, at_50: float
) -> None:
    curve = stats.return_curve(events, censored)
    assert curve["not_back"][29] == 1
    assert curve["not_back"][30] == pytest.approx(at_30)
    assert curve["not_back"][50] == pytest.approx(at_50)
    assert list(curve["day"]) == list(range(91))


def test_return_curve_counts_an_ending_wait_as_still_at_risk_that_day() -> None:
    curve = stats.return_curve(spells([5], [1]), spells([5], [1]))
    assert curve["at_risk"][5] == 2
    assert curve["not_back"][5] == 0.5


spell = st.tuples(st.integers(0, 60), st.floats(0.05, 5))


@given(st.lists(spell, max_size=30), st.lists(spell, max_size=30))
def test_return_curve_never_rises_and_stays_a_share(
    events: list[tuple[int, float]], censored: list[tuple[int, float]]
) -> None:
    curve = stats.return_curve(
        spells([d for d, _ in events], [w for _, w in events]),
        spells([d for d, _ in censored], [w for _, w in censored]),
    )
    assert curve["not_back"].between(0, 1).all()
    assert (curve["not_back"].diff().dropna() <= 0).all()


def test_horizon_needs_thirty_at_risk_or_one_in_a_hundred() -> None:
    curve = pd.DataFrame({"day": [0, 1, 2, 3], "at_risk": [5000, 40, 30, 29]})
    assert stats.horizon(curve, 3000) == 2
    assert stats.horizon(curve, 4000) == 1
    assert stats.horizon(curve, 600_000) is None


def test_day_of_share_is_of_those_who_come_back() -> None:
    curve = pd.DataFrame({"day": range(4), "not_back": [1.0, 0.9, 0.8, 0.6]})
    assert stats.day_of_share(curve, 0.5, 3) == 2
    assert stats.day_of_share(curve, 0.75, 3) == 3
    assert stats.day_of_share(curve, 0.5, 0) is None


def test_lapse_is_the_first_silence_after_which_one_in_ten_returns() -> None:
    curve = pd.DataFrame({"day": range(5), "not_back": [1.0, 0.8, 0.7, 0.66, 0.65]})
    assert stats.lapse(curve, horizon=4, within=1) == 2
    assert stats.lapse(curve, horizon=4, within=2) == 2
    assert stats.lapse(curve, horizon=1, within=2) is None


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(8, 10, 0.490, 0.943), (0, 12, 0, 0.242), (12, 12, 0.758, 1)],
)
def test_wilson(successes: int, trials: int, low: float, high: float) -> None:
    assert stats.wilson(successes, trials) == pytest.approx((low, high), abs=5e-4)


def test_wilson_refuses_no_trials() -> None:
    with pytest.raises(ValueError, match="no trials"):
        stats.wilson(0, 0)


@pytest.mark.parametrize(("variance", "k"), [(1 / 12, 1.0), (1 / 20, 2.0)])
def test_regularity_of_a_known_spread(variance: float, k: float) -> None:
    share = 0.5 + math.sqrt(variance)  # M - 1/2 = +- the root of the variance
    pairs = [(1 - share, share, 1), (share, 1 - share, 1)]
    previous, last, customers = map(list, zip(*pairs, strict=True))
    assert stats.regularity(previous, last, customers) == pytest.approx(k)


def test_regularity_of_perfectly_regular_buyers_is_infinite() -> None:
    assert stats.regularity([7, 28], [7, 28], [3, 1]) == math.inf
    assert stats.regularity([], [], []) is None


def test_whole_days_make_random_buyers_look_regular_and_the_correction_undoes_it() -> None:
    # the days on which a Poisson process with a mean gap of 3 days has an event
    daily = 1 - math.exp(-1 / 3)
    gaps = np.random.default_rng(7).geometric(daily, size=(60_000, 2))
    first, second = np.meshgrid(np.arange(1, 200), np.arange(1, 200))
    chance = daily**2 * (1 - daily) ** (first + second - 2)
    spread = float(np.sum(chance * (second / (first + second) - 0.5) ** 2))
    exact = (1 - 4 * spread) / (8 * spread)  # 1.985, by summing over all pairs of gaps
    raw = stats.regularity(gaps[:, 0], gaps[:, 1], np.ones(len(gaps)))
    corrected = stats.regularity_corrected(gaps[:, 0], gaps[:, 1], np.ones(len(gaps)))
    assert raw == pytest.approx(exact, abs=0.04)
    assert exact == pytest.approx(1.985, abs=1e-3)
    assert corrected is not None and 0.9 < corrected < 1.15


def test_weighted_median_takes_the_mean_of_the_middle_two() -> None:
    assert stats.weighted_median([5, 1, 9], [1, 1, 1]) == 5
    assert stats.weighted_median([9, 1], [1, 1]) == 5
    assert stats.weighted_median([1, 9], [3, 1]) == 1
    assert stats.weighted_median([], []) is None


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=1))
def test_weighted_median_is_the_median_of_the_repeated_values(pairs: list[tuple[int, int]]) -> None:
    values, counts = zip(*pairs, strict=True)
    assert stats.weighted_median(values, counts) == np.median(np.repeat(values, counts))


def test_inequality_of_five_customers() -> None:
    assert stats.herfindahl(*INEQUALITY) == pytest.approx(0.32)
    assert 1 / stats.herfindahl(*INEQUALITY) == pytest.approx(3.125)
    assert stats.gini(*INEQUALITY) == pytest.approx(0.36)
    assert stats.share_of_largest(*INEQUALITY, customers=1) == pytest.approx(0.50)


@given(st.lists(st.tuples(st.floats(0.01, 1e6), st.integers(1, 5)), min_size=1, max_size=20))
def test_counted_values_are_as_unequal_as_repeated_ones(pairs: list[tuple[float, int]]) -> None:
    values, counts = (np.array(part) for part in zip(*pairs, strict=True))
    each = np.repeat(values, counts)
    ones = np.ones(len(each))
    top = 0.2 * len(each)
    assert stats.gini(values, counts) == pytest.approx(stats.gini(each, ones), abs=1e-9)
    assert stats.herfindahl(values, counts) == pytest.approx(stats.herfindahl(each, ones))
    assert stats.share_of_largest(values, counts, top) == pytest.approx(
        stats.share_of_largest(each, ones, top)
    )


def test_poisson_deviance_floors_the_prediction() -> None:
    expected = 2 * (2 * math.log(2 / 0.01) - 1.99)
    assert stats.poisson_deviance([2], [0], [1]) == pytest.approx(expected)
    assert stats.poisson_deviance([0, 3], [0.01, 3], [1, 1]) == pytest.approx(0.01)
    assert stats.poisson_deviance([2, 0], [1, 1], [3, 0]) == pytest.approx(
        stats.poisson_deviance([2], [1], [1])
    )


def test_group_bootstrap_of_a_share_is_as_wide_as_wilson() -> None:
    generator = np.random.default_rng(3)
    part = generator.binomial(200, 0.4, size=100)
    groups = pd.DataFrame({"grp": range(100), "part": part, "whole": 200})
    low, high = stats.group_bootstrap(groups, lambda row: row["part"] / row["whole"], 1) or (0, 0)
    expected = stats.wilson(int(part.sum()), 20_000)
    assert high - low == pytest.approx(expected[1] - expected[0], rel=0.3)
    assert low < part.sum() / 20_000 < high


def test_group_bootstrap_is_reproducible_and_leaves_out_what_is_not_finite() -> None:
    groups = pd.DataFrame({"grp": [0, 1], "part": [1.0, 2.0]})
    figure = stats.group_bootstrap(groups, lambda row: row["part"], seed=5)
    assert figure == stats.group_bootstrap(groups, lambda row: row["part"], seed=5)
    assert stats.group_bootstrap(groups, lambda row: math.nan, seed=5) is None
    assert stats.group_bootstrap(groups.head(1), lambda row: row["part"], seed=5) is None


def test_ratio_of_nothing_is_none() -> None:
    assert stats.ratio(1, 4) == 0.25
    assert stats.ratio(0, 0) is None
    assert stats.ratio(1, -2) is None
