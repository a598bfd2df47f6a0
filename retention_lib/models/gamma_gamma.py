"""Gamma-Gamma: what will a customer spend per occasion?

Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value. Estimation by lifetimes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from retention_lib.models.buying import FitError, quiet


@dataclass(frozen=True)
class SpendModel:
    """A fitted Gamma-Gamma model; ``v`` is in the client's currency."""

    p: float
    q: float
    v: float
    log_likelihood: float
    customers: int
    correlation: float

    @property
    def population_mean(self) -> float:
        """The expected spend per occasion of a customer of whom nothing is known."""
        return self.p * self.v / (self.q - 1)

    def expected_spend(self, frequency: Any, monetary: Any) -> Any:
        """Return expected spend per occasion (eq. 5); arrays and Ibis columns alike.

        ``monetary`` may be anything finite where ``frequency`` is 0.
        """
        return self.p * (self.v + frequency * monetary) / (self.p * frequency + self.q - 1)


def fit(counts: pd.DataFrame) -> SpendModel:
    """Fit Gamma-Gamma by maximum likelihood on repeat buyers.

    Parameters
    ----------
    counts
        Columns ``frequency``, ``monetary`` (both positive), ``customers`` (the weight).

    Raises
    ------
    FitError
        If the search does not converge or the mean spend is not finite (q up to 1).
    """
    with quiet():
        from lifetimes import GammaGammaFitter

    fitter = GammaGammaFitter()
    with quiet():
        try:
            fitter.fit(counts["frequency"], counts["monetary"], weights=counts["customers"])
        except Exception as error:  # lifetimes raises its own and, on its way, numpy's errors
            raise FitError("Gamma-Gamma did not converge on these amounts.") from error
    params = {name: float(fitter.params_[name]) for name in "pqv"}
    if not np.isfinite(list(params.values())).all() or params["q"] <= 1:
        raise FitError("Gamma-Gamma gives no finite mean spend on these amounts (q is not over 1).")
    customers = int(counts["customers"].sum())
    return SpendModel(
        **params,
        log_likelihood=float(-customers * fitter._negative_log_likelihood_),
        customers=customers,
        correlation=correlation(counts),
    )


def correlation(counts: pd.DataFrame) -> float:
    """Return the correlation of frequency and spend over repeat buyers; 0 if either is constant.

    Gamma-Gamma assumes that how often and how much are unrelated (|rho| under .3).
    """
    table = np.cov(counts["frequency"], counts["monetary"], fweights=counts["customers"])
    spread = float(np.sqrt(table[0, 0] * table[1, 1]))
    return float(table[0, 1] / spread) if spread > 0 else 0.0
