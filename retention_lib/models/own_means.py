"""What customers' own mean spends say without a model of how spend is distributed.

Two uses: each customer's own mean drawn towards the population's, where Gamma-Gamma cannot be fitted
(credibility, Bühlmann 1967), and whether own means go with how often customers buy. Both take the
means as :func:`capped` leaves them, so that one huge account is not the population.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from retention_lib.models.purchase_model import FitError, Floats

PURCHASES_OF_ALL: Final = 0.5
_FARTHEST = np.log(5)  # from the median of the logarithms, or so many robust deviations if more
_DEVIATIONS = 3.0
_NORMAL = 1.4826  # standard deviations of a normal distribution in its median absolute deviation
_TENTH = 0.1
_ROUNDS, _STILL = 50, 1e-10


@dataclass(frozen=True)
class OwnMeans:
    """Each customer's own mean, drawn towards the population's ``mean``.

    The population counts as much as so many repeat purchases (``weight``) of the customer's own.
    """

    mean: float
    weight: float = PURCHASES_OF_ALL

    def expected_spend(self, frequency: Any, monetary: Any) -> Any:
        """Return expected spend per occasion; arrays and Ibis columns alike.

        ``monetary`` may be anything finite where ``frequency`` is 0.
        """
        return (self.weight * self.mean + frequency * monetary) / (self.weight + frequency)


def fit(counts: pd.DataFrame) -> OwnMeans:
    """Return the population's mean of own means, and how single customers are drawn to it.

    Half a purchase was settled on made-up shops that Gamma-Gamma does not fit. It is not estimated:
    where that would be needed there are too few customers for it, or too unequal ones.

    Parameters
    ----------
    counts
        Columns ``frequency``, ``monetary`` (both positive), ``customers`` (the weight).

    Raises
    ------
    FitError
        If there are no such customers.
    """
    spend, customers = (counts[name].to_numpy(dtype=float) for name in ("monetary", "customers"))
    if not customers.sum() > 0:
        raise FitError("no_spend", model="credibility")
    return OwnMeans(float(np.average(capped(spend, customers), weights=customers)))


def capped(spend: Floats, customers: Floats) -> Floats:
    """Return own mean spends, none of them further from the middle than all but a few could be.

    The middle is the median of the logarithms; the limit on either side a factor of five, or three
    standard deviations as the median absolute deviation tells them, or where the last tenth of the
    customers begins: whichever is furthest. Of lognormal means that takes less than 1 % off the
    population's mean, and what a tenth of all customers spend is never cut.
    """
    logs = np.log(spend)
    low, middle, high = _quantiles(logs, customers, [_TENTH, 0.5, 1 - _TENTH])
    (deviation,) = _quantiles(np.abs(logs - middle), customers, [0.5])
    limit = max(_FARTHEST, _DEVIATIONS * _NORMAL * deviation)
    low, high = min(low, middle - limit), max(high, middle + limit)
    return np.asarray(np.exp(np.clip(logs, low, high)))


def _quantiles(values: Floats, weights: Floats, shares: Sequence[float]) -> list[float]:
    """Return values below which such shares of the weights lie."""
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(weights[order])
    places = np.searchsorted(upto, np.array(shares) * upto[-1])
    return [float(value) for value in values[order][places]]


def power_by_means(x: Floats, spend: Floats, customers: Floats) -> tuple[float, float]:
    """Return how mean spend grows with 1 + x, as a power, and the standard error of that.

    E(m | x) = mu (1 + x) ^ power, by quasi-likelihood (a variance in proportion to the square of
    the mean) with the sandwich's standard error: both hold whatever the distribution, where a
    likelihood takes a wrong shape of spend for a power (Wedderburn 1974, White 1982).

    Returns
    -------
    power, standard_error : float
        (0, infinity) where all customers bought equally often.
    """
    frequency, which = np.unique(x, return_inverse=True)
    if len(frequency) < 2:
        return 0.0, np.inf
    own = capped(spend, customers)
    n, sums, squares = (np.bincount(which, customers * own**power) for power in (0, 1, 2))
    design = np.column_stack([np.ones(len(frequency)), np.log1p(frequency)])
    at = np.array([np.log(sums.sum() / n.sum()), 0.0])
    for _ in range(_ROUNDS):
        means = np.exp(design @ at)
        bread = np.linalg.inv(design.T @ (design * (sums / means)[:, None]))
        step = bread @ design.T @ (sums / means - n)
        at = at + np.clip(step, -1, 1)
        if np.abs(step).max() < _STILL:
            break
    filling = squares / means**2 - 2 * sums / means + n
    covariance = bread @ (design.T @ (design * filling[:, None])) @ bread
    return float(at[1]), float(np.sqrt(covariance[1, 1]))
