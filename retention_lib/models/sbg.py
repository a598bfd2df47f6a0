"""Shifted beta-geometric: how many subscribers will be left after so many renewals?

Fader and Hardie (2007), How to Project Customer Retention, Journal of Interactive Marketing
21 (1), 76-90: everybody ends at each renewal with an own, constant chance, and the chances follow
a beta distribution. Those likely to end go first, so the churn of those who are left falls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from retention_lib.models.purchase_model import FitError, Floats, quiet

# a subscriber is found by three gaps: after the fourth charge one may be seen to leave
FIRST_CHARGE = 4

# ln (alpha + beta): beyond it all customers are alike, and below it each ends at once or never
_ALIKE, _APART = float(np.log(1e6)), float(np.log(1e-6))


@dataclass(frozen=True)
class Sbg:
    """A fitted shifted beta-geometric; its unit of time is the renewal.

    Customers who all end with the same chance have an alpha + beta at its largest, a million:
    the geometric distribution.
    """

    alpha: float
    beta: float
    log_likelihood: float

    def survival(self, periods: ArrayLike) -> Floats:
        """Return the share of customers still there after so many renewals (equation 6).

        Parameters
        ----------
        periods
            Whole numbers from 0.
        """
        wanted = np.asarray(periods, dtype=np.int64)
        ages = np.arange(1, wanted.max(initial=0) + 1)
        kept = np.cumprod(1 - hazard(self.alpha, self.beta, ages))
        return np.concatenate([[1.0], kept])[wanted]


def hazard(alpha: float, beta: float, age: ArrayLike) -> Floats:
    """Return the share of those still there who end at their n-th renewal."""
    return alpha / (alpha + beta + np.asarray(age, dtype=float) - 1)


def log_likelihood(alpha: float, beta: float, ended: pd.DataFrame) -> float:
    """Return the log-likelihood, age by age, so that customers may enter late and go unseen.

    Parameters
    ----------
    ended
        As of :func:`fit`.
    """
    age, gone, kept = (ended[name].to_numpy(dtype=float) for name in ("age", "ended", "kept"))
    at_risk = np.log(alpha + beta + age - 1)
    each = gone * (np.log(alpha) - at_risk) + kept * (np.log(beta + age - 1) - at_risk)
    return float(each.sum())


def fit(ended: pd.DataFrame) -> Sbg:
    """Fit the shifted beta-geometric by maximum likelihood.

    Parameters
    ----------
    ended
        - age: renewals to which the customers have come, 1 the first
        - ended: customers who ended there
        - kept: customers who renewed there

    Raises
    ------
    FitError
        If nobody has ended or nobody was kept, or if all renewals are of one age, which says
        nothing of later ones.
    """
    seen = ended[ended["ended"] + ended["kept"] > 0]
    if not seen["ended"].sum():
        raise FitError("nobody_ended")
    if not seen["kept"].sum():
        raise FitError("nobody_renewed")
    if seen["age"].nunique() < 2:
        raise FitError("renewals_of_one_age")
    alpha, beta = _highest(seen)
    return Sbg(alpha, beta, log_likelihood(alpha, beta, seen))


def fit_charges(charges: pd.DataFrame) -> Sbg:
    """Fit it to subscribers' charges, the first renewal being that after the fourth charge.

    Parameters
    ----------
    charges
        - charge: its number, from 4 on
        - ended, again: charges after which no other came, and after which one did

    Raises
    ------
    FitError
        As of :func:`fit`.
    """
    by_charge = charges.groupby("charge", as_index=False)[["ended", "again"]].sum()
    ages = by_charge["charge"] - FIRST_CHARGE + 1
    return fit(by_charge.rename(columns={"again": "kept"}).assign(age=ages))


def _highest(seen: pd.DataFrame) -> tuple[float, float]:
    """Return alpha and beta, searched for by the logit of their mean and by ln (alpha + beta)."""
    from scipy.optimize import minimize
    from scipy.special import expit, logit

    customers = float(seen["ended"].sum() + seen["kept"].sum())

    def shape(search: Floats) -> tuple[float, float]:
        alpha, beta = np.exp(search[1]) * expit([search[0], -search[0]])
        return float(alpha), float(beta)

    def loss(search: Floats) -> float:
        return -log_likelihood(*shape(search), seen) / customers

    start = [float(logit(seen["ended"].sum() / customers)), 0.0]
    with quiet():
        found = minimize(
            loss,
            start,
            method="L-BFGS-B",
            jac="3-point",
            bounds=[(-20, 20), (_APART, _ALIKE)],
            options={"ftol": 1e-14, "gtol": 1e-8},
        )
    if not (np.isfinite(found.fun) and np.isfinite(found.x).all()):
        raise FitError("not_converged", model="sBG")
    return shape(found.x)
