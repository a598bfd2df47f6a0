"""Regularity: do customers buy like clockwork or by chance?

Wheat and Morrison (1990), Estimating Purchase Regularity with Two Interpurchase Times. If a
customer's gaps are gamma distributed with shape k, then M = last / (last + previous) is beta
(k, k), so V = mean (M - 1/2)^2 gives k = (1 - 4V) / (8V). Chance has k = 1.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from retention_lib.stats.arrays import Floats
from retention_lib.stats.resampling import by_group

GRID = 8


def regularity(previous: ArrayLike, last: ArrayLike, customers: ArrayLike) -> float | None:
    """Return the gamma shape k of gaps from each customer's last two (1 is random).

    None without a pair, infinity for perfectly regular gaps.
    """
    return _of(_spread(np.asarray(previous, float), np.asarray(last, float)), customers)


def regularity_corrected(
    previous: ArrayLike, last: ArrayLike, customers: ArrayLike
) -> float | None:
    """Return k with whole days undone: each gap is spread over the day it was rounded from.

    A gap of g whole days becomes g - u, averaged over a grid of midpoints u in (0, 1).
    """
    return _of(_corrected(np.asarray(previous, float), np.asarray(last, float)), customers)


def regularity_draws(pairs: pd.DataFrame, draws: Floats) -> Floats:
    """Return the corrected k of resampled groups; not a number where a draw has no pair.

    Parameters
    ----------
    pairs
        Columns ``grp``, ``previous``, ``last`` (days), ``customers``.
    draws
        How often each group is drawn, as :func:`group_draws` gives it.
    """
    customers = pairs["customers"].to_numpy(dtype=float)
    spread = _corrected(pairs["previous"].to_numpy(float), pairs["last"].to_numpy(float))
    sums = draws @ by_group(pairs["grp"], np.column_stack([spread * customers, customers]))
    variance = np.divide(
        sums[:, 0], sums[:, 1], out=np.full(len(draws), np.nan), where=sums[:, 1] > 0
    )
    return _shape(variance)


def _spread(previous: Floats, last: Floats) -> Floats:
    return np.asarray((last / (previous + last) - 0.5) ** 2)


def _corrected(previous: Floats, last: Floats) -> Floats:
    u = (np.arange(GRID) + 0.5) / GRID
    total = np.zeros(np.shape(previous))
    for before, after in product(u, u):  # one cell at a time: there may be millions of pairs
        total += _spread(previous - before, last - after)
    return total / GRID**2


def _of(spread: Floats, customers: ArrayLike) -> float | None:
    counts = np.asarray(customers, dtype=float)
    return float(_shape(np.asarray(np.average(spread, weights=counts)))) if counts.sum() else None


def _shape(variance: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray((1 - 4 * variance) / (8 * variance))
