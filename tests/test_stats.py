"""Worked numbers of the definitions, and what must hold for any numbers."""

from __future__ import annotations

import math
from fractions import Fraction

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
    assert stats.lapse(curve, horizon=4, within=1, least=0) == 2
    assert stats.lapse(curve, horizon=4, within=2, least=0) == 2
    assert stats.lapse(curve, horizon=1, within=2, least=0) is None


def test_no_lapse_is_shorter_than_the_usual_return() -> None:
    """Nobody is back before day 3: one who is silent for a day is not lost, but not due."""
    curve = pd.DataFrame({"day": range(7), "not_back": [1.0, 1.0, 1.0, 0.4, 0.38, 0.37, 0.37]})
    assert stats.lapse(curve, horizon=6, within=2, least=0) == 0
    assert stats.lapse(curve, horizon=6, within=2, least=3) == 3
    assert stats.lapse(curve, horizon=6, within=2, least=5) is None


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(8, 10, 0.490, 0.943), (0, 12, 0, 0.242), (12, 12, 0.758, 1)],
)
def test_wilson(successes: int, trials: int, low: float, high: float) -> None:
    assert stats.wilson(successes, trials) == pytest.approx((low, high), abs=5e-4)


def test_wilson_refuses_no_trials() -> None:
    with pytest.raises(ValueError, match="no trials"):
        stats.wilson(0, 0)


# Newcombe (1998), Statistics in Medicine 17, table II, method 10
@pytest.mark.parametrize(
    ("shares", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0000),
        ((10, 10, 0, 10), 0.6075, 1.0000),
    ],
)
def test_newcombe_as_published(shares: tuple[int, int, int, int], low: float, high: float) -> None:
    assert stats.newcombe(*shares) == pytest.approx((low, high), abs=5e-5)


def test_newcombe_of_45_in_150_against_60_in_150() -> None:
    assert stats.newcombe(45, 150, 60, 150) == pytest.approx((-0.205, 0.008), abs=5e-4)


@given(
    st.tuples(st.integers(1, 400), st.integers(1, 400)).flatmap(
        lambda n: st.tuples(
            st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1])
        )
    ),
    st.sampled_from([0.8, 0.95]),
)
def test_newcombe_is_the_root_of_the_squares_of_wilsons_arms(
    shares: tuple[int, int, int, int], level: float
) -> None:
    part, whole, other_part, other_whole = shares
    one, two = part / whole, other_part / other_whole
    (low, high), (low_two, high_two) = (
        stats.wilson(part, whole, level),
        stats.wilson(other_part, other_whole, level),
    )
    expected = (
        one - two - math.hypot(one - low, high_two - two),
        one - two + math.hypot(high - one, two - low_two),
    )
    assert stats.newcombe(*shares, level) == pytest.approx(expected, abs=1e-9)
    turned = stats.newcombe(other_part, other_whole, part, whole, level)
    assert turned == pytest.approx((-expected[1], -expected[0]), abs=1e-9)


@pytest.mark.parametrize("shares", [(0, 0, 1, 2), (1, 2, 0, 0)])
def test_newcombe_refuses_no_trials(shares: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="no trials"):
        stats.newcombe(*shares)


@pytest.mark.parametrize("shares", [(3, 2, 1, 2), (1, 2, -1, 2)])
def test_newcombe_refuses_more_than_the_whole(shares: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="part of its whole"):
        stats.newcombe(*shares)


def test_mix_and_rate_of_two_groups_that_both_got_worse() -> None:
    # established 20 at 60 %, first-time 80 at 20 %; later 80 at 55 %, 20 at 15 %
    effects = stats.mix_and_rate([(20, 12), (80, 16)], [(80, 44), (20, 3)])
    assert effects == pytest.approx((0.24, -0.05))


def test_mix_and_rate_of_cdnow_by_hand(cdnow_days: pd.DataFrame) -> None:
    """Seven months to 1998-03-31 and to 1998-06-30; nobody is a first-time member in the latter."""

    def members(*ends: str) -> list[tuple[int, int]]:
        day, first = cdnow_days["day"], cdnow_days.groupby("customer")["day"].min()
        before = set(cdnow_days.loc[day.between(ends[0], ends[1]), "customer"])
        back = before & set(cdnow_days.loc[day.between(ends[2], ends[3]), "customer"])
        new = before & set(first.index[first >= ends[0]])
        return [(len(new), len(new & back)), (len(before - new), len(back - new))]

    march = members("1997-02-01", "1997-08-31", "1997-09-01", "1998-03-31")
    june = members("1997-05-01", "1997-11-30", "1997-12-01", "1998-06-30")
    assert march == [(15_724, 4440), (2882, 1465)]
    assert june == [(0, 0), (7405, 4088)]
    new_share, new_rate, old_rate = 15_724 / 18_606, 4440 / 15_724, 1465 / 2882
    later_rate = 4088 / 7405
    mix = -new_share * new_rate + new_share * (old_rate + later_rate) / 2
    rate = (later_rate - old_rate) * (1 - new_share + 1) / 2
    assert stats.mix_and_rate(march, june) == pytest.approx((mix, rate))
    assert (round(mix, 4), round(rate, 4)) == (0.2094, 0.0253)
    assert (round(old_rate, 3), round(later_rate, 3)) == (0.508, 0.552)


group = st.integers(0, 500).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
periods = st.lists(group, min_size=2, max_size=2).filter(lambda groups: any(n for n, _ in groups))


@given(periods, periods)
def test_mix_and_rate_are_all_of_the_change(
    before: list[tuple[int, int]], after: list[tuple[int, int]]
) -> None:
    def common(groups: list[tuple[int, int]]) -> Fraction:
        return Fraction(sum(kept for _, kept in groups), sum(n for n, _ in groups))

    mix, rate = stats.mix_and_rate(before, after)
    assert mix + rate == pytest.approx(float(common(after) - common(before)), abs=1e-14)
    assert stats.mix_and_rate(before[::-1], after[::-1]) == pytest.approx((mix, rate), abs=1e-14)
    assert stats.mix_and_rate(after, before) == pytest.approx((-mix, -rate), abs=1e-14)


@given(group.filter(lambda one: one[0] > 0), periods)
def test_a_group_that_is_new_changes_the_mix_alone(
    one: tuple[int, int], after: list[tuple[int, int]]
) -> None:
    members, kept = after[0]
    own = kept / members - one[1] / one[0] if members else 0
    weight = (1 + members / sum(n for n, _ in after)) / 2
    _, rate = stats.mix_and_rate([one, (0, 0)], after)
    assert rate == pytest.approx(own * weight, abs=1e-12)


def test_mix_and_rate_refuse_what_is_no_rate() -> None:
    with pytest.raises(ValueError, match="no members"):
        stats.mix_and_rate([(0, 0), (0, 0)], [(1, 1), (2, 1)])
    with pytest.raises(ValueError, match="part of the members"):
        stats.mix_and_rate([(1, 2), (0, 0)], [(1, 1), (2, 1)])


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


def test_the_lorenz_curve_of_the_largest_first() -> None:
    """{50, 20, 10, 10, 10}: a fifth holds half, two fifths 70 %, and ties lie on a line."""
    curve = stats.lorenz(*INEQUALITY, [0, 0.1, 0.2, 0.4, 0.5, 1])
    assert curve == pytest.approx([0, 0.25, 0.5, 0.7, 0.75, 1])
    assert stats.lorenz([3, -1], [1, 1], [0.5]) == pytest.approx([1])


@given(
    st.lists(st.tuples(st.floats(0.01, 1e6), st.integers(1, 5)), min_size=1, max_size=20),
    st.floats(0, 1),
)
def test_the_lorenz_curve_passes_where_the_largest_hold(
    pairs: list[tuple[float, int]], share: float
) -> None:
    values, counts = (np.array(part) for part in zip(*pairs, strict=True))
    held = stats.share_of_largest(values, counts, share * counts.sum())
    assert stats.lorenz(values, counts, [share]) == pytest.approx([held], abs=1e-9)


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
