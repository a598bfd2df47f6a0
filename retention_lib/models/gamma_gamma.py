"""Gamma-Gamma: what will a customer spend per occasion?

Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value: what a customer spends is
gamma (p, nu) each time, and nu differs between customers as gamma (q, v).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from retention_lib.models import lifetimes_adapter
from retention_lib.models.newton import LogLikelihood, maximum
from retention_lib.models.purchase_model import START, FitError, Floats

NAME = "Gamma-Gamma"
PARAMETERS = ("p", "q", "v")


@dataclass(frozen=True)
class SpendModel:
    """A fitted Gamma-Gamma model; ``v`` is in the client's currency.

    ``covariance_log`` is the covariance of the logarithms of p, q and v, ``fitter`` the lifetimes
    object.
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    customers: int
    correlation: float
    standard_errors: dict[str, float] = field(default_factory=dict, repr=False)
    covariance_log: Floats | None = field(default=None, repr=False, compare=False)
    fitter: Any = field(default=None, repr=False, compare=False)

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
    BoundaryError
        If the parameters have no end, as where everybody spends the same each time.
    FitError
        If the search does not converge or the mean spend is not finite (q up to 1).
    """
    x, spend, customers = (
        counts[name].to_numpy(dtype=float) for name in ("frequency", "monetary", "customers")
    )
    size = float(customers.sum())
    if not (size > 0 and (x > 0).all() and (spend > 0).all() and np.isfinite(spend).all()):
        raise FitError("no_spend", model=NAME)
    unit = float(np.average(spend, weights=customers))

    def likelihood(params: Floats) -> LogLikelihood:
        return derivatives(params, x, spend / unit, customers)

    found = maximum(NAME, likelihood, np.full(3, START), size)
    p, q, v = found.params * [1, 1, unit]
    if q <= 1:
        raise FitError("no_mean_spend", model=NAME)
    fitter = lifetimes_adapter.spend_fitter(PARAMETERS, found, unit, counts)
    return SpendModel(
        p=float(p),
        q=float(q),
        v=float(v),
        log_likelihood=found.value - size * float(np.log(unit)),
        customers=int(size),
        correlation=correlation(counts),
        standard_errors={name: float(fitter.standard_errors_[name]) for name in PARAMETERS},
        covariance_log=found.covariance_log,
        fitter=fitter,
    )


def derivatives(params: Floats, x: Floats, spend: Floats, customers: Floats) -> LogLikelihood:
    """Return the log-likelihood (equation 1a) of all customers, with derivatives by p, q, v.

    Of one it is ln gamma(p x + q) / gamma(p x) gamma(q) + q ln v + (p x - 1) ln m + p x ln x
    - (p x + q) ln (v + x m), m being the mean spend.
    """
    return LogLikelihood.sum(
        [_by_frequency(params, x, customers), _by_spend(params, x, spend, customers)]
    )


def _by_frequency(params: Floats, x: Floats, customers: Floats) -> LogLikelihood:
    """Return what depends on x alone: ln gamma(p x + q) / (gamma(p x) gamma(q)) + q ln v."""
    from scipy.special import gammaln, polygamma, psi

    p, q, v = params
    frequency, which = np.unique(x, return_inverse=True)
    n = np.bincount(which, customers)
    own, both = p * frequency, p * frequency + q
    value = n @ (gammaln(both) - gammaln(own) - gammaln(q) + q * np.log(v))
    by_p = frequency * (psi(both) - psi(own))
    gradient = [n @ by_p, n @ (psi(both) - psi(q) + np.log(v)), n.sum() * q / v]
    pp = n @ (frequency**2 * (polygamma(1, both) - polygamma(1, own)))
    pq = n @ (frequency * polygamma(1, both))
    qq = n @ (polygamma(1, both) - polygamma(1, q))
    qv, vv = n.sum() / v, -n.sum() * q / v**2
    hessian = np.array([[pp, pq, 0], [pq, qq, qv], [0, qv, vv]])
    return LogLikelihood(float(value), np.array(gradient, dtype=float), hessian)


def _by_spend(params: Floats, x: Floats, spend: Floats, customers: Floats) -> LogLikelihood:
    """Return what is left: p x ln (x m) - ln m - (p x + q) ln (v + x m)."""
    p, q, v = params
    whole, both = x * spend, p * x + q
    shared = 1 / (v + whole)
    value = customers @ (p * x * np.log(whole) - np.log(spend) - both * np.log(v + whole))
    by = np.stack([x * np.log(whole * shared), np.log(shared), -both * shared])
    pv, qv = -customers @ (x * shared), -customers @ shared
    vv = customers @ (both * shared**2)
    hessian = np.array([[0, 0, pv], [0, 0, qv], [pv, qv, vv]])
    return LogLikelihood(float(value), by @ customers, hessian)


def correlation(counts: pd.DataFrame) -> float:
    """Return the correlation of frequency and spend over repeat buyers; 0 if either is constant.

    Gamma-Gamma assumes that how often and how much are unrelated (|rho| under .3).
    """
    table = np.cov(counts["frequency"], counts["monetary"], fweights=counts["customers"])
    spread = float(np.sqrt(table[0, 0] * table[1, 1]))
    return float(table[0, 1] / spread) if spread > 0 else 0.0
