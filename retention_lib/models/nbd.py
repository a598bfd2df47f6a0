"""NBD: how many more purchases, of customers who never leave?

Ehrenberg (1959), The Pattern of Consumer Purchases, Applied Statistics 8 (1): everybody buys at
random at an own rate, and the rates follow a gamma distribution. The likelihood is that of the
days of the purchases, so that it can be compared with BG/NBD's, which becomes it where a goes
to 0 (Fader, Hardie and Lee 2005, equation 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from retention_lib.models.purchase_model import START, FitError, Floats, PurchaseModel, quiet, weeks

_COMMON_RATE = float(np.log(1e6))  # ln r from which on all customers buy at one rate: a Poisson
_LOWEST = -15.0  # ln r: less than one customer in a million ever repeats
_LARGE = 1e3  # from here on Stirling's series is exact to 1e-12


@dataclass(frozen=True)
class Nbd(PurchaseModel):
    """A fitted NBD model: ``alpha`` in weeks, the mean rate r / alpha per week, P(alive) 1.

    Customers who all buy at one rate have ``r`` at its largest, a million, and standard errors
    without end: r and alpha each are then anything large, and only r / alpha means something.
    """

    name: ClassVar[str] = "NBD"

    def _expected_if_alive(self, ahead: Floats, x: Floats, age: Floats) -> Any:
        return (self.params["r"] + x) / (self.params["alpha"] + age) * ahead

    def _alive(self, x: Floats, t_x: Floats, age: Floats) -> Any:
        return np.ones_like(x + age)

    def _buys_nothing(self, ahead: float, x: Floats, t_x: Floats, age: Floats) -> Any:
        r, alpha = self.params["r"], self.params["alpha"]
        return np.exp(-(r + x) * np.log1p(ahead / (alpha + age)))


def log_likelihood(params: Floats, x: Floats, age: Floats) -> Floats:
    """Return the log-likelihood of each customer, times in the unit of alpha.

    It is the logarithm of gamma(r + x) / gamma(r) * alpha^r / (alpha + T)^(r + x).

    Parameters
    ----------
    params
        r, alpha.
    """
    r, alpha = params
    return np.asarray(log_rising(r, x) - r * np.log1p(age / alpha) - x * np.log(alpha + age))


def log_rising(base: float, x: Floats) -> Floats:
    """Return ln of gamma(base + x) / gamma(base), also where both are too large to subtract."""
    from scipy.special import gammaln

    if base < _LARGE:
        return np.asarray(gammaln(base + x) - gammaln(base))
    series = (1 / (base + x) - 1 / base) / 12
    return np.asarray(x * np.log(base) + (base + x - 0.5) * np.log1p(x / base) - x + series)


def fit(counts: pd.DataFrame) -> Nbd:
    """Fit NBD by maximum likelihood.

    Parameters
    ----------
    counts
        Columns ``frequency``, ``recency_days``, ``T_days``, ``customers`` (the weight).

    Raises
    ------
    FitError
        If nobody bought a second time, or the search does not converge.
    """
    x, _, age = weeks(counts["frequency"], counts["recency_days"], counts["T_days"])
    customers = counts["customers"].to_numpy(dtype=float)
    repeats, exposure = float(customers @ x), float(customers @ age)
    if not (repeats > 0 and exposure > 0):
        raise FitError("nobody_bought_again", model=Nbd.name)
    logs = _highest(x, age, customers, np.log(repeats / exposure))
    r, alpha = np.exp(logs[0]), np.exp(logs[0] - logs[1])
    covariance = _covariance(logs, x, age, customers)
    errors = np.sqrt(np.diag(covariance)) * [r, alpha]
    return Nbd(
        params={"r": float(r), "alpha": float(alpha)},
        standard_errors={"r": float(errors[0]), "alpha": float(errors[1])},
        log_likelihood=float(customers @ log_likelihood(np.array([r, alpha]), x, age)),
        covariance_log=covariance,
    )


def _highest(x: Floats, age: Floats, customers: Floats, rate: float) -> Floats:
    """Return ln r and the logarithm of the mean rate r / alpha at the highest likelihood."""
    from scipy.optimize import minimize

    total = float(customers @ (1 + x))  # so that the slope is of one size for frequent buyers too

    def loss(logs: Floats) -> tuple[float, Floats]:
        params = np.array([np.exp(logs[0]), np.exp(logs[0] - logs[1])])
        value = customers @ log_likelihood(params, x, age)
        return -float(value) / total, -_slope(logs, x, age, customers) / total

    def search(log_r: float) -> Any:
        return minimize(
            loss,
            np.array([log_r, rate]),
            jac=True,
            method="L-BFGS-B",
            bounds=[(_LOWEST, _COMMON_RATE), (None, None)],
            options={"ftol": 1e-14, "gtol": 1e-9},
        )

    with quiet():
        # of a few customers, some hardly known, a common rate may be a second top
        found = min(search(START), search(_COMMON_RATE), key=lambda one: float(one.fun))
    free = found.jac[[_LOWEST < found.x[0] < _COMMON_RATE, True]]
    # the search may end for want of precision at a point that is flat all the same
    if not (np.isfinite(found.fun) and np.abs(free).max() < 1e-5):
        raise FitError("not_converged", model=Nbd.name)
    return np.asarray(found.x)


def _slope(logs: Floats, x: Floats, age: Floats, customers: Floats) -> Floats:
    """Return the gradient of the log-likelihood by ln r (the rate held) and by ln rate."""
    from scipy.special import digamma

    r, alpha = np.exp(logs[0]), np.exp(logs[0] - logs[1])
    by_alpha = (r * age - x * alpha) / (alpha + age)
    by_r = r * (digamma(r + x) - digamma(r) - np.log1p(age / alpha))
    return np.array([customers @ (by_r + by_alpha), -(customers @ by_alpha)])


def _covariance(logs: Floats, x: Floats, age: Floats, customers: Floats) -> Floats:
    """Return the covariance of ln r and ln alpha; infinite where r is not told from infinity."""
    curvature = _curvature(np.exp(logs[0]), np.exp(logs[0] - logs[1]), x, age, customers)
    if logs[0] >= _COMMON_RATE or not (np.linalg.eigvalsh(curvature) < 0).all():
        return np.full((2, 2), np.inf)
    return np.asarray(np.linalg.inv(-curvature))


def _curvature(r: float, alpha: float, x: Floats, age: Floats, customers: Floats) -> Floats:
    """Return the second derivatives of the log-likelihood by ln r and ln alpha."""
    from scipy.special import digamma, polygamma

    later = alpha + age
    by_r = r * (digamma(r + x) - digamma(r) - np.log1p(age / alpha))
    both = customers @ (r * age / later)
    return np.array(
        [
            [customers @ (by_r + r**2 * (polygamma(1, r + x) - polygamma(1, r))), both],
            [both, -customers @ ((r + x) * alpha * age / later**2)],
        ]
    )
