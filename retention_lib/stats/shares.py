"""Shares of a whole: intervals and concentration."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from retention_lib.stats.arrays import Floats


def wilson(successes: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval of a share (Wilson 1927).

    Raises
    ------
    ValueError
        If there are no trials, or more successes than trials.
    """
    if trials < 1:
        raise ValueError("a share of no trials has no interval")
    from scipy import stats as scipy_stats  # a second of every kernel's start, needed by few

    interval = scipy_stats.binomtest(successes, trials).proportion_ci(level, method="wilson")
    return float(interval.low), float(interval.high)


def at_least_by_chance(successes: int, trials: int, share: float) -> float:
    """Return the binomial chance of so many successes or more, at a given share."""
    from scipy import stats as scipy_stats  # a second of every kernel's start, needed by few

    return float(scipy_stats.binom.sf(successes - 1, trials, share))


def newcombe(
    part: int, whole: int, other_part: int, other_whole: int, level: float = 0.95
) -> tuple[float, float]:
    """Return the interval of one share less another, part / whole - other_part / other_whole.

    Newcombe (1998), Statistics in Medicine 17, 873-890: method 10, from Wilson's limits.

    Raises
    ------
    ValueError
        If there are no trials, or more successes than trials.
    """
    for successes, trials in ((part, whole), (other_part, other_whole)):
        if trials < 1:
            raise ValueError("a share of no trials has no interval")
        if not 0 <= successes <= trials:
            raise ValueError("a share is a part of its whole")
    # half a second of every kernel's start, needed by few
    from statsmodels.stats.proportion import confint_proportions_2indep

    low, high = confint_proportions_2indep(
        part, whole, other_part, other_whole, method="newcomb", compare="diff", alpha=1 - level
    )
    return float(low), float(high)


def mix_and_rate(
    before: Sequence[tuple[int, int]], after: Sequence[tuple[int, int]]
) -> tuple[float, float]:
    """Did a rate change because of who is counted, or because each group's own rate did?

    Kitagawa (1955), Journal of the American Statistical Association 50, 1168-1194, with average
    weights. A group that is empty in one period takes the other period's rate, so that its whole
    contribution is mix.

    Parameters
    ----------
    before, after
        Of each group, in the same order, its members and how many of them were retained.

    Returns
    -------
    tuple
        The mix effect and the rate effect; together they are the change of the common rate.

    Raises
    ------
    ValueError
        If a period has no members at all, or a group more retained than members.
    """
    (weights, rates), (later_weights, later_rates) = _weights_and_rates(before, after)
    mix = np.sum((later_weights - weights) * (rates + later_rates)) / 2
    rate = np.sum((later_rates - rates) * (weights + later_weights)) / 2
    return float(mix), float(rate)


def _weights_and_rates(*periods: Sequence[tuple[int, int]]) -> list[tuple[Floats, Floats]]:
    """Return each group's share of the members and its rate, of two periods."""
    counts = np.array(periods, dtype=float)
    members, retained = counts[..., 0], counts[..., 1]
    if not members.sum(axis=1).all():
        raise ValueError("a rate of no members has no change")
    if (retained > members).any() or (counts < 0).any():
        raise ValueError("who was retained is a part of the members")
    # of an empty group the other period's: rows swapped; of one that is empty in both, none
    own = retained / np.maximum(members, 1)
    rates = np.where(members > 0, own, own[::-1])
    return list(zip(members / members.sum(axis=1, keepdims=True), rates, strict=True))


def ratio(part: float, whole: float) -> float | None:
    """Return part / whole; None unless the whole is positive."""
    return float(part / whole) if whole > 0 else None


def weighted_median(values: ArrayLike, counts: ArrayLike) -> float | None:
    """Return the median of values that each occur so many times; None of nothing."""
    values, counts = np.asarray(values, dtype=float), np.asarray(counts, dtype=np.int64)
    total = int(counts.sum())
    if not total:
        return None
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(counts[order])
    middle = np.searchsorted(upto, [(total - 1) // 2, total // 2], side="right")
    return float(values[order][middle].mean())


def gini(values: ArrayLike, counts: ArrayLike) -> float:
    """Return the population Gini coefficient of values that each occur so many times."""
    values, counts = _descending(values, counts)
    share = np.concatenate([[0.0], np.cumsum(values * counts) / np.sum(values * counts)])
    width = counts / counts.sum()
    return float(np.sum(width * (share[1:] + share[:-1])) - 1)


def herfindahl(values: ArrayLike, counts: ArrayLike) -> float:
    """Return the Herfindahl index: the sum of squared shares (1 / n if all are equal)."""
    values, counts = _descending(values, counts)
    return float(np.sum(counts * values**2) / np.sum(counts * values) ** 2)


def share_of_largest(values: ArrayLike, counts: ArrayLike, customers: float) -> float:
    """Return the share of the whole that the largest so many customers hold.

    Customers may be a fraction; ties are split evenly, so their order never matters.
    """
    values, counts = _descending(values, counts)
    before = np.cumsum(counts) - counts
    taken = np.clip(customers - before, 0, counts)
    return float(np.sum(values * taken) / np.sum(values * counts))


def lorenz(values: ArrayLike, counts: ArrayLike, shares: ArrayLike) -> Floats:
    """Return what share of the whole the largest 0 to 100 % hold, at each of these shares.

    Between two values the curve is a straight line: ties are split evenly.
    """
    values, counts = _descending(values, counts)
    held = np.concatenate([[0.0], np.cumsum(values * counts)])
    upto = np.concatenate([[0.0], np.cumsum(counts)])
    return np.asarray(np.interp(np.asarray(shares, dtype=float), upto / upto[-1], held / held[-1]))


def _descending(values: ArrayLike, counts: ArrayLike) -> tuple[Floats, Floats]:
    """Return values from the largest down, what is below zero taken as zero, and counts."""
    held = np.maximum(np.asarray(values, dtype=float), 0)
    order = np.argsort(-held, kind="stable")
    return held[order], np.asarray(counts, dtype=float)[order]
