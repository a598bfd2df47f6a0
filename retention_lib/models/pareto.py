"""Pareto/NBD: customers buy at random and leave at random, whether or not they bought.

Schmittlein, Morrison and Colombo (1987), Management Science 33 (1); the equations are those of
Fader and Hardie (2005), A Note on Deriving the Pareto/NBD Model. The integral over the day on
which a customer left is taken by quadrature, which gives its derivatives as well and holds for
frequent buyers, where the note's Gauss functions (equation 19 and 20) overflow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from retention_lib.models import nbd
from retention_lib.models.churn_model import ChurnModel, Days, Likelihood
from retention_lib.models.newton import LogLikelihood
from retention_lib.models.purchase_model import Floats, chunks

_POINTS = 40  # of Gauss and Legendre's quadrature: exact to 1e-10
_CHUNK = 384  # customers at a time
_GONE = 45.0  # logarithm of a density that may be left out


@dataclass(frozen=True)
class ParetoNbd(ChurnModel):
    """A fitted Pareto/NBD model; ``alpha`` and ``beta`` are in weeks."""

    name: ClassVar[str] = "Pareto/NBD"
    parameters = ("r", "alpha", "s", "beta")
    lifetimes_name = "ParetoNBDFitter"

    @classmethod
    def likelihood(cls, days: Days, customers: Floats, unit: float) -> Likelihood:
        """Return the log-likelihood of parameters (:meth:`ChurnModel.likelihood`)."""
        x, t_x, age = days
        return lambda params: derivatives(params, x, t_x / unit, age / unit, customers)

    @classmethod
    def fit(cls, counts: pd.DataFrame) -> Self:
        """Fit the model as :meth:`ChurnModel.fit` does."""
        found = super().fit(counts)
        # this one is lifetimes' only fitter to divide by the mean weight, and to keep no Hessian
        found.fitter._negative_log_likelihood_ *= len(counts)
        found.fitter._hessian_ = None
        return found

    def _expected_if_alive(self, ahead: Floats, x: Floats, age: Floats) -> Any:
        """Return equation 41 over P(alive), in a form that holds at s = 1 too."""
        from scipy.special import exprel

        r, alpha, s, beta = self._values
        fewer = -np.log1p(ahead / (beta + age))
        time_left = -(beta + age) * fewer * exprel((s - 1) * fewer)
        return (r + x) / (alpha + age) * time_left

    def _alive(self, x: Floats, t_x: Floats, age: Floats) -> Any:
        """Return equation 36."""
        from scipy.special import expit

        values = self._values
        return expit(_log_still(values, x, age) - _log_left(values, x, t_x, age))

    def _buys_nothing(self, ahead: float, x: Floats, t_x: Floats, age: Floats) -> Any:
        values, later = self._values, age + ahead
        silent = np.logaddexp(_log_still(values, x, later), _log_left(values, x, age, later))
        return np.exp(silent - _log_still(values, x, age))


# --- the likelihood ---


def log_likelihood(params: Floats, x: Floats, t_x: Floats, age: Floats) -> Floats:
    """Return the log-likelihood of each customer (equation 18), times in the unit of alpha.

    Parameters
    ----------
    params
        r, alpha, s, beta.
    """
    r, alpha, s, beta = params
    level = nbd.log_rising(r, x) + r * np.log(alpha) + s * np.log(beta)
    either = np.logaddexp(_log_still(params, x, age), _log_left(params, x, t_x, age))
    return np.asarray(level + either)


def _log_still(params: Floats, x: Floats, age: Floats) -> Floats:
    """Return the log-likelihood's part of customers who are still there."""
    r, alpha, s, beta = params
    return np.asarray(-(r + x) * np.log(alpha + age) - s * np.log(beta + age))


def _log_left(params: Floats, x: Floats, since: Floats, until: Floats) -> Floats:
    """Return the log-likelihood's part of customers who left between two ages."""
    x, since, until = np.broadcast_arrays(x, since, until)
    parts = [_days_left(params, *rows)[0] for rows in chunks(x, since, until, size=_CHUNK)]
    return np.asarray(np.log(params[2]) + np.concatenate(parts))


def _days_left(
    params: Floats, x: Floats, since: Floats, until: Floats
) -> tuple[Floats, Floats, Floats]:
    """When did customers leave who left between two ages?

    The integral over the age u of (alpha + u)^-(r + x) (beta + u)^-(s + 1) is taken over
    w = ln (c + u), where c is the lesser of alpha and beta: there it is smooth. It stops where the
    integrand has all but vanished.

    Returns
    -------
    tuple
        - the logarithm of the integral, by customer
        - ages u, by customer and point
        - the share of the integral at each, by customer and point
    """
    r, alpha, s, beta = params
    c = min(alpha, beta)
    lesser, greater = (r + x, s + 1) if alpha < beta else (s + 1, r + x)
    ratio = (c + since) / (max(alpha, beta) + since)
    span = np.log1p((until - since) / (c + since))

    def fall(w: Floats) -> Floats:
        return np.asarray((lesser - 1) * w + greater * np.log1p(ratio * np.expm1(w)))

    def steepness(w: Floats) -> Floats:
        return np.asarray(lesser - 1 + greater / (1 + (1 / ratio - 1) * np.exp(-w)))

    for _ in range(4):  # Newton's steps towards where it has fallen so far, from beyond
        past = np.maximum(fall(span) - _GONE, 0)
        span = span - past / np.where(past > 0, steepness(span), 1)
    points, weights = np.polynomial.legendre.leggauss(_POINTS)
    w = span[:, None] * (points + 1) / 2
    gone_by = (c + since)[:, None] * np.expm1(w)
    here, there = alpha + since, beta + since
    logs = (
        w
        - (r + x)[:, None] * np.log1p(gone_by / here[:, None])
        - (s + 1) * np.log1p(gone_by / there[:, None])
    )
    shares = weights * np.exp(logs)
    sums = shares.sum(axis=1)
    level = np.log(c + since) - (r + x) * np.log(here) - (s + 1) * np.log(there)
    with np.errstate(divide="ignore"):  # of no time nobody left: the logarithm of 0
        integral = np.asarray(level + np.log(span / 2 * sums))
    return integral, since[:, None] + gone_by, shares / sums[:, None]


def derivatives(
    params: Floats, x: Floats, t_x: Floats, age: Floats, customers: Floats
) -> LogLikelihood:
    """Return the log-likelihood of all customers, with derivatives by r, alpha, s, beta."""
    parts = [_level(params, x, customers)]
    parts += [_still_or_left(params, *rows) for rows in chunks(x, t_x, age, customers, size=_CHUNK)]
    return LogLikelihood.sum(parts)


def _level(params: Floats, x: Floats, customers: Floats) -> LogLikelihood:
    """Return ln gamma(r + x) / gamma(r) + r ln alpha + s ln beta."""
    from scipy.special import polygamma, psi

    r, alpha, s, beta = params
    frequency, which = np.unique(x, return_inverse=True)
    bought, everybody = np.bincount(which, customers), customers.sum()
    value = bought @ nbd.log_rising(r, frequency) + everybody * (
        r * np.log(alpha) + s * np.log(beta)
    )
    gradient = everybody * np.array([np.log(alpha), r / alpha, np.log(beta), s / beta])
    gradient[0] += bought @ (psi(r + frequency) - psi(r))
    hessian = np.zeros((4, 4))
    hessian[0, 0] = bought @ (polygamma(1, r + frequency) - polygamma(1, r))
    hessian[0, 1] = hessian[1, 0] = everybody / alpha
    hessian[1, 1] = -everybody * r / alpha**2
    hessian[2, 3] = hessian[3, 2] = everybody / beta
    hessian[3, 3] = -everybody * s / beta**2
    return LogLikelihood(float(value), gradient, hessian)


def _still_or_left(
    params: Floats, x: Floats, t_x: Floats, age: Floats, customers: Floats
) -> LogLikelihood:
    """Return the sum of ln (still there + left between t_x and T), with derivatives.

    Each of the two is a (mean over u of a) power (alpha + u)^-(r + x) (beta + u)^-(s + k), whose
    logarithm has derivatives that are written out; of a mean's logarithm the first is the mean of
    the first, the second the mean of the second plus the covariance of the first. That holds for
    the sum of the two as well.
    """
    from scipy.special import expit

    r, alpha, s, beta = params
    integral, u, shares = _days_left(params, x, t_x, age)
    still, left = _log_still(params, x, age), np.log(s) + integral
    alive = expit(still - left)
    # the day of leaving, or today for who is still there, each as likely as the purchases say
    u = np.column_stack([u, age])
    shares = np.column_stack([shares * (1 - alive)[:, None], alive])
    past = np.append(np.ones(shares.shape[1] - 1), 0)  # 1 of having left
    here, there = 1 / (alpha + u), 1 / (beta + u)
    power, end = (r + x)[:, None], s + past
    by = [np.log(here), -power * here, np.log(there) + past / s, -end * there]
    second = {
        (0, 1): -here,
        (1, 1): power * here**2,
        (2, 2): np.broadcast_to(-past / s**2, shares.shape),
        (2, 3): -there,
        (3, 3): end * there**2,
    }
    means = np.stack([np.sum(shares * one, axis=1) for one in by])
    apart = [one - mean[:, None] for one, mean in zip(by, means, strict=True)]
    weight = customers[:, None] * shares
    hessian = np.zeros((4, 4))
    for i in range(4):
        own = weight * apart[i]
        for j in range(i, 4):
            hessian[i, j] = hessian[j, i] = _summed(own, apart[j])
    for (i, j), one in second.items():
        hessian[i, j] += _summed(weight, one)
        hessian[j, i] = hessian[i, j]
    value = float(customers @ np.logaddexp(still, left))
    return LogLikelihood(value, means @ customers, hessian)


def _summed(one: Floats, other: Floats) -> float:
    # without BLAS, whose threads wait for each other on a busy machine
    return float(np.einsum("ij,ij->", one, other))


fit = ParetoNbd.fit
