"""Pareto/NBD: customers buy at random and leave at random, whether or not they bought.

Schmittlein, Morrison and Colombo (1987), Management Science 33 (1); the equations are those of
Fader and Hardie (2005), A Note on Deriving the Pareto/NBD Model. The likelihood is written out
here: lifetimes' is not a number for customers with 132 and more repeat purchases, and its
search starts at random, never says that it did not converge and gives no standard errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from retention_lib.models.buying import (
    START,
    Buying,
    FitError,
    Floats,
    gate,
    quiet,
    run_off,
    weeks,
)

_PARAMETERS = ("r", "alpha", "s", "beta")
_FARTHEST = (
    6  # ln s and ln beta beyond it, beta in longest ages: hardly anyone leaves, or all alike
)
_STEEPEST = 1e-4  # gradient of the mean log-likelihood at what counts as its maximum


@dataclass(frozen=True)
class ParetoNbd(Buying):
    """A fitted Pareto/NBD model; ``alpha`` and ``beta`` are in weeks."""

    name: ClassVar[str] = "Pareto/NBD"

    @property
    def _values(self) -> Floats:
        return np.array([self.params[key] for key in _PARAMETERS])

    def _expected(self, ahead: float, x: Floats, t_x: Floats, age: Floats) -> Any:
        """Return equation 41, in a form that holds at s = 1 too."""
        from scipy.special import exprel

        r, alpha, s, beta = self._values
        fewer = np.log((beta + age) / (beta + age + ahead))
        time_left = -(beta + age) * fewer * exprel((s - 1) * fewer)
        return self._alive(x, t_x, age) * (r + x) / (alpha + age) * time_left

    def _alive(self, x: Floats, t_x: Floats, age: Floats) -> Any:
        """Return equation 36."""
        from scipy.special import expit

        values = self._values
        return expit(_log_still(values, x, age) - _log_left(values, x, t_x, age))

    def _silent(self, ahead: float, x: Floats, t_x: Floats, age: Floats) -> Any:
        values, later = self._values, age + ahead
        silent = np.logaddexp(_log_still(values, x, later), _log_left(values, x, age, later))
        return np.exp(silent - _log_still(values, x, age))


def log_likelihood(params: Floats, x: Floats, t_x: Floats, age: Floats) -> Floats:
    """Return the log-likelihood of each customer (equation 18), times in the unit of alpha.

    Parameters
    ----------
    params
        r, alpha, s, beta.
    """
    from scipy.special import gammaln

    r, alpha, s, beta = params
    level = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    either = np.logaddexp(_log_still(params, x, age), _log_left(params, x, t_x, age))
    return np.asarray(level + either)


def _log_still(params: Floats, x: Floats, age: Floats) -> Floats:
    """Return the log-likelihood's part of customers who are still there."""
    r, alpha, s, beta = params
    return np.asarray(-(r + x) * np.log(alpha + age) - s * np.log(beta + age))


def _log_left(params: Floats, x: Floats, since: Floats, until: Floats) -> Floats:
    """Return the log-likelihood's part of customers who left between two ages."""
    r, _, s, _ = params
    more, less = _log_tail(params, x, since), _log_tail(params, x, until)
    share = -np.expm1(np.minimum(less - more, 0))
    with np.errstate(divide="ignore"):  # of no time nobody left: the logarithm of 0
        return np.asarray(np.log(s / (r + s + x)) + more + np.log(share))


def _log_tail(params: Floats, x: Floats, age: Floats) -> Floats:
    """Return ln of (r + s + x) times the integral of (alpha + u)^-(r + x) (beta + u)^-(s + 1).

    The integral runs from ``age`` without end. Euler's transformation (DLMF 15.8.1) takes the
    power that overflows out of the paper's Gauss function, and the logarithm takes care of it.
    """
    from scipy.special import hyp2f1

    r, alpha, s, beta = params
    least, most = min(alpha, beta), max(alpha, beta)
    power = r + x if alpha < beta else s + 1
    total = r + s + x
    series = hyp2f1(1, total + 1 - power, total + 1, (most - least) / (most + age))
    factor = (1 - power) * np.log((least + age) / (most + age))
    return np.asarray(np.log(series) + factor - total * np.log(most + age))


def fit(counts: pd.DataFrame) -> ParetoNbd:
    """Fit Pareto/NBD by maximum likelihood.

    Parameters
    ----------
    counts
        Columns ``frequency``, ``recency_days``, ``T_days``, ``customers`` (the weight).

    Raises
    ------
    FitError
        If the search does not converge, runs off, or ends where the likelihood is not curved.
    """
    x, t_x, age = weeks(counts["frequency"], counts["recency_days"], counts["T_days"])
    customers = counts["customers"].to_numpy(dtype=float)
    unit = np.array([1.0, age.max(), 1.0, age.max()])

    def loss(logs: Floats) -> float:
        each = log_likelihood(np.exp(logs) * unit, x, t_x, age)
        return -float(np.average(each, weights=customers))

    with quiet():
        logs = _lowest(loss)
        params, errors = np.exp(logs) * unit, _log_errors(loss, logs, customers.sum())
    gate(ParetoNbd.name, params, errors * params)
    return ParetoNbd(
        params={key: float(value) for key, value in zip(_PARAMETERS, params, strict=True)},
        standard_errors={
            key: float(value) for key, value in zip(_PARAMETERS, errors * params, strict=True)
        },
        log_likelihood=-float(customers.sum()) * loss(logs),
    )


def _lowest(loss: Callable[[Floats], float]) -> Floats:
    from scipy.optimize import minimize

    def stop_far_out(intermediate_result: Any) -> None:
        if _far_out(intermediate_result.x):
            raise StopIteration

    found = minimize(
        loss, np.full(4, START), method="BFGS", options={"gtol": 1e-6}, callback=stop_far_out
    )
    if _far_out(found.x):
        raise run_off(ParetoNbd.name)
    # the search may end for want of precision at a point that is flat all the same
    if not (np.isfinite(found.fun) and np.abs(found.jac).max() < _STEEPEST):
        raise FitError(f"{ParetoNbd.name} did not converge on these purchases.")
    return np.asarray(found.x)


def _far_out(logs: Floats) -> bool:
    return bool(np.abs(logs[2:]).max() > _FARTHEST)


def _log_errors(loss: Callable[[Floats], float], logs: Floats, customers: float) -> Floats:
    """Return standard errors of log parameters from the curvature; NaN where it is none."""
    from statsmodels.tools.numdiff import approx_hess

    curvature = customers * np.asarray(approx_hess(logs, loss))
    if not (np.isfinite(curvature).all() and (np.linalg.eigvalsh(curvature) > 0).all()):
        return np.full(len(logs), np.nan)
    return np.sqrt(np.diag(np.linalg.inv(curvature)))
