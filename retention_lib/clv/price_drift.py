"""Does the value of an order rise or fall from year to year, with the same customers?

Customers are held against themselves alone (fixed effects), and months of the year are taken off, so
that neither new customers who spend less nor a strong December look like a change of prices. What
prices do and what customers do as they go on cannot be told apart within customers; for what the same
customers will spend they need not be.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from retention_lib.models.purchase_model import MINIMUM_REPEAT_BUYERS
from retention_lib.results import PriceDrift, Why, why
from retention_lib.stats.arrays import Floats
from retention_lib.stats.resampling import by_group, group_draws, percentiles
from retention_lib.summaries.price_drift import PRODUCTS, REGRESSORS

LEAST_DAYS: Final = 730
SEED: Final = 7_919


def price_drift(within: pd.DataFrame, seed: int = SEED) -> PriceDrift | Why:
    """Return the yearly change of order value within customers, or why it cannot be told.

    Parameters
    ----------
    within
        As :func:`retention_lib.summaries.price_drift.within_customers` gives it.
    seed
        Of the draws of hash groups.
    """
    customers = int(within["customers"].sum())
    if customers < MINIMUM_REPEAT_BUYERS:
        return why("too_few_spenders", repeat=customers, needed=MINIMUM_REPEAT_BUYERS)
    groups = by_group(within["grp"], within[list(PRODUCTS)].to_numpy(dtype=float))
    slope = _slope(groups.sum(axis=0))
    drawn = np.array([_slope(sums) for sums in group_draws(seed) @ groups])
    ends = percentiles(slope + (drawn - slope) * _widened(groups[:, 0]))
    if ends is None or not np.isfinite(slope):
        return why("prices_not_told")
    low, high = float(np.expm1(ends[0])), float(np.expm1(ends[1]))
    return PriceDrift(per_year=float(np.expm1(slope)), ci95=(low, high), used=not low <= 0 <= high)


def _widened(told: Floats) -> float:
    """Return by how much draws are too close together where a few groups tell nearly everything.

    That of Student's t, with as many groups as tell equally much (``told`` is the variation of time
    in each), for a normal distribution's.
    """
    from scipy.special import stdtrit

    groups = max(float(told.sum() ** 2 / np.square(told).sum()), 2.0)
    return float(stdtrit(groups - 1, 0.975) / 1.96 * np.sqrt(groups / (groups - 1)))


def _slope(sums: Floats) -> float:
    """Return the slope of time in the regression on time and months, from sums of products."""
    number = len(REGRESSORS) + 1
    matrix = np.zeros((number, number))
    matrix[np.triu_indices(number)] = sums
    matrix = np.triu(matrix) + np.triu(matrix, 1).T
    inner = matrix[:-1, :-1]
    if inner[0, 0] <= 0:
        return float("nan")
    return float((np.linalg.pinv(inner, hermitian=True) @ matrix[:-1, -1])[0])
