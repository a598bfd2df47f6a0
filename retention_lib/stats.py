"""Estimators and intervals on arrays and small weighted frames."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
MINIMUM_AT_RISK = 30
DRAWS = 200


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


def ratio(part: float, whole: float) -> float | None:
    """Return part / whole; None unless the whole is positive."""
    return float(part / whole) if whole > 0 else None


def return_curve(events: pd.DataFrame, censored: pd.DataFrame) -> pd.DataFrame:
    """Return the share not yet back by day: the weighted product-limit estimate.

    With each customer's gaps weighted 1 / (number of gaps), and only customers without a gap
    censored, this is the recurrent-event estimate of Wang and Chang (1999, eq. 2.2); with
    weight 1 throughout it is Kaplan and Meier's.

    Parameters
    ----------
    events, censored
        Columns ``days`` (int) and ``weight`` (float): completed gaps and unfinished waits.

    Returns
    -------
    pandas.DataFrame
        - day: 0, 1, ... up to the longest gap or wait
        - at_risk: total weight of gaps and waits at least so long (R*)
        - not_back: share not back within so many days (S)
    """
    last = int(
        max(
            events["days"].max() if len(events) else 0,
            censored["days"].max() if len(censored) else 0,
        )
    )
    back = _by_day(events, last)
    at_risk = np.cumsum((back + _by_day(censored, last))[::-1])[::-1]
    hazard = np.divide(back, at_risk, out=np.zeros_like(back), where=at_risk > 0)
    # summing fractions from the far end leaves dust: a hazard of 1 + 1e-16 is 1
    not_back = np.cumprod(1 - np.minimum(hazard, 1))
    return pd.DataFrame({"day": np.arange(last + 1), "at_risk": at_risk, "not_back": not_back})


def _by_day(spells: pd.DataFrame, last: int) -> Floats:
    days = spells["days"].to_numpy(dtype=np.int64)
    weights = spells["weight"].to_numpy(dtype=float)
    return np.bincount(days, weights, minlength=last + 1).astype(float)


def horizon(curve: pd.DataFrame, customers: int) -> int | None:
    """Return tau, the last day on which enough customers are still at risk; None if never."""
    enough = curve["at_risk"] >= max(MINIMUM_AT_RISK, 0.01 * customers) - 1e-9
    return int(curve.loc[enough, "day"].max()) if enough.any() else None


def day_of_share(curve: pd.DataFrame, share: float, horizon: int) -> int | None:
    """Return the day by which this share of those who come back within the horizon are back.

    None where nobody comes back within it.
    """
    back = 1 - curve["not_back"].to_numpy()[: horizon + 1]
    if back[-1] <= 0:
        return None
    return int(np.argmax(back >= share * back[-1] - 1e-12))


def first_day_at_most(curve: pd.DataFrame, share: float) -> int | None:
    """Return the first day on which at most this share is not back; None if there is none."""
    reached = np.flatnonzero(curve["not_back"].to_numpy() <= share + 1e-12)
    return int(reached[0]) if len(reached) else None


def lapse(curve: pd.DataFrame, horizon: int, within: int, share: float = 0.1) -> int | None:
    """Return the shortest silence after which at most this share comes back within some days."""
    not_back = curve["not_back"].to_numpy()[: horizon + 1]
    if horizon < within:
        return None
    now, later = not_back[: horizon + 1 - within], not_back[within:]
    comes_back = 1 - np.divide(later, now, out=np.ones_like(now), where=now > 0)
    reached = np.flatnonzero(comes_back <= share)
    return int(reached[0]) if len(reached) else None


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


def regularity(previous: ArrayLike, last: ArrayLike, customers: ArrayLike) -> float | None:
    """Return the gamma shape k of gaps from each customer's last two (1 is random).

    M = last / (last + previous) is beta (k, k), so V = mean (M - 1/2)^2 gives
    k = (1 - 4V) / (8V). None without a pair, infinity for perfectly regular gaps.
    """
    return _shape(_ratio_spread(np.asarray(previous, float), np.asarray(last, float)), customers)


def regularity_corrected(
    previous: ArrayLike, last: ArrayLike, customers: ArrayLike, grid: int = 8
) -> float | None:
    """Return k with whole days undone: each gap is spread over the day it was rounded from.

    A gap of g whole days becomes g - u, averaged over a grid of midpoints u in (0, 1).
    """
    u = (np.arange(grid) + 0.5) / grid
    spread = np.mean(
        [
            _ratio_spread(np.asarray(previous, float) - before, np.asarray(last, float) - after)
            for before in u
            for after in u
        ],
        axis=0,
    )
    return _shape(spread, customers)


def _ratio_spread(previous: Floats, last: Floats) -> Floats:
    return np.asarray((last / (previous + last) - 0.5) ** 2)


def _shape(spread: Floats, customers: ArrayLike) -> float | None:
    counts = np.asarray(customers, dtype=float)
    if not counts.sum():
        return None
    variance = float(np.average(spread, weights=counts))
    return (1 - 4 * variance) / (8 * variance) if variance > 0 else float("inf")


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


def _descending(values: ArrayLike, counts: ArrayLike) -> tuple[Floats, Floats]:
    """Return values from the largest down, what is below zero taken as zero, and counts."""
    held = np.maximum(np.asarray(values, dtype=float), 0)
    order = np.argsort(-held, kind="stable")
    return held[order], np.asarray(counts, dtype=float)[order]


def poisson_deviance(actual: ArrayLike, predicted: ArrayLike, weights: ArrayLike) -> float:
    """Return the mean Poisson deviance, predictions floored at .01."""
    y, mu = np.asarray(actual, dtype=float), np.maximum(np.asarray(predicted, dtype=float), 0.01)
    log_ratio = np.log(np.where(y > 0, y, mu) / mu)
    return float(np.average(2 * (y * log_ratio - (y - mu)), weights=np.asarray(weights)))


def group_bootstrap(
    groups: pd.DataFrame, figure: Callable[[pd.Series], float], seed: int, level: float = 0.95
) -> tuple[float, float] | None:
    """Return the percentile interval of a figure of summed columns, resampling hash groups.

    Parameters
    ----------
    groups
        One row per hash group (column ``grp``), columns that add up over groups.
    figure
        The figure of one row of column sums; draws on which it is not finite are left out.

    Returns
    -------
    tuple or None
        None with fewer than two groups, or where no draw gives a finite figure.
    """
    columns = groups.drop(columns="grp")
    if len(columns) < 2:
        return None
    # a missing hash group holds no customer and takes part with zeros
    table = columns.to_numpy(dtype=float)
    table = np.vstack([table, np.zeros((max(0, 100 - len(table)), table.shape[1]))])
    picks = np.random.default_rng(seed).integers(len(table), size=(DRAWS, len(table)))
    sums = pd.DataFrame(table[picks].sum(axis=1), columns=columns.columns)
    draws = np.array([figure(row) for _, row in sums.iterrows()], dtype=float)
    draws = draws[np.isfinite(draws)]
    if not len(draws):
        return None
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
