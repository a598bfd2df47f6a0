"""The maximum of a log-likelihood by Newton's method, and what shows that it is one.

Searches run over the logarithms of the parameters, by Newton's method within a trusted region
(Conn, Gould and Toint 2000), with the gradient and Hessian that each model writes out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from retention_lib.models.purchase_model import BoundaryError, FitError, Floats, gate, quiet

FARTHEST = 16.0  # logarithm of a parameter, in units of the data, beyond which it runs off
_FLAT = 1e-6  # gradient per observation at which the search ends and Newton's last steps begin
STILL = 1e-6  # length of Newton's next step from a maximum; towards a bound it stays about one


@dataclass(frozen=True)
class LogLikelihood:
    """A log-likelihood at one point: its value, and its first and second derivatives."""

    value: float
    gradient: Floats
    hessian: Floats

    def by_logs(self, params: Floats) -> LogLikelihood:
        """Return the same by the logarithms of the parameters (the chain rule)."""
        gradient = params * self.gradient
        hessian = np.outer(params, params) * self.hessian + np.diag(gradient)
        return LogLikelihood(self.value, gradient, hessian)

    @classmethod
    def sum(cls, parts: Iterable[Self]) -> Self:
        """Return the sum of the parts of a log-likelihood."""
        each = [(part.value, part.gradient, part.hessian) for part in parts]
        values, gradients, hessians = zip(*each, strict=True)
        return cls(float(sum(values)), np.sum(gradients, axis=0), np.sum(hessians, axis=0))


@dataclass(frozen=True)
class Maximum:
    """The maximum of a log-likelihood; ``covariance_log`` is that of the logs of the parameters."""

    params: Floats
    value: float
    hessian: Floats
    covariance_log: Floats

    @property
    def standard_errors(self) -> Floats:
        """The standard errors of the parameters (delta method)."""
        return np.asarray(self.params * np.sqrt(np.diag(self.covariance_log)))


def maximum(
    name: str,
    likelihood: Callable[[Floats], LogLikelihood],
    start: Floats,
    size: float,
    rough: Callable[[Floats], LogLikelihood] | None = None,
) -> Maximum:
    """Return the maximum of a log-likelihood.

    Parameters
    ----------
    name
        The model, for messages.
    likelihood
        Of the parameters, all positive and in units in which they are about one.
    start
        The logarithms to start from.
    size
        The number of observations, so that a gradient is judged per observation.
    rough
        The likelihood of a part of the customers, to find a better start by.

    Raises
    ------
    BoundaryError
        If the likelihood rises towards parameters of zero or infinity.
    FitError
        If the search does not converge, or ends where the likelihood is not curved.
    """
    at = _by_logs(likelihood)
    with quiet():
        begin = start if rough is None else search(_by_logs(rough), start, size)
        begin = begin if np.abs(begin).max() < FARTHEST else start
        logs, local, step = last_steps(at, search(at, begin, size))
    _refuse(name, start, logs, local, step, size)
    covariance = np.asarray(np.linalg.inv(-local.hessian), dtype=float)
    found = Maximum(np.exp(logs), local.value, local.hessian, covariance)
    gate(name, found.params, found.standard_errors, local.value)
    return found


def _by_logs(likelihood: Callable[[Floats], LogLikelihood]) -> Callable[[Floats], LogLikelihood]:
    """Return a likelihood of the logarithms of its parameters, which remembers the last point."""
    return remembered(lambda logs: likelihood(np.exp(logs)).by_logs(np.exp(logs)))


def remembered(likelihood: Callable[[Floats], LogLikelihood]) -> Callable[[Floats], LogLikelihood]:
    """Return a likelihood that is asked for a value, a gradient and a Hessian, but worked out once."""
    last: dict[bytes, LogLikelihood] = {}

    def at(point: Floats) -> LogLikelihood:
        key = point.tobytes()
        if key not in last:
            last.clear()
            last[key] = likelihood(point)
        return last[key]

    return at


def _refuse(
    name: str, start: Floats, logs: Floats, local: LogLikelihood, step: float, size: float
) -> None:
    """Raise the reason why a point is no maximum, if it is none."""
    if not (np.isfinite(local.value) and np.isfinite(step)):
        raise FitError("no_maximum", model=name)
    flat = bool(np.abs(local.gradient).max() < _FLAT * size)
    if np.abs(logs).max() > FARTHEST or (step > STILL and flat):
        raise BoundaryError("run_off", local.value, model=name)
    if step > STILL:
        raise FitError("not_converged", model=name)
    if np.abs(logs - start).max() < STILL:
        raise FitError("not_moved", model=name)
    if not (np.linalg.eigvalsh(local.hessian) < 0).all():
        raise FitError("no_maximum", model=name)


def search(
    at: Callable[[Floats], LogLikelihood],
    start: Floats,
    size: float,
    out: Callable[[Floats], bool] = lambda logs: bool(np.abs(logs).max() > FARTHEST),
    most: int | None = None,
) -> Floats:
    """Return logarithms of parameters near the maximum, or far out on the way to a bound.

    Parameters
    ----------
    out
        Says where the search need not go on.
    most
        Steps; None: 200 for each number.
    """
    from scipy.optimize import minimize

    def stop_far_out(intermediate_result: Any) -> None:
        if out(intermediate_result.x):
            raise StopIteration

    newton: Any = minimize  # its stubs know no callback of this name
    found = newton(
        lambda logs: -at(logs).value / size,
        start,
        jac=lambda logs: -at(logs).gradient / size,
        hess=lambda logs: -at(logs).hessian / size,
        method="trust-exact",
        callback=stop_far_out,
        options={
            "gtol": _FLAT,
            "initial_trust_radius": 1.0,
            "max_trust_radius": 4.0,
            "maxiter": most or 200 * len(start),
        },
    )
    return np.asarray(found.x)


def last_steps(
    at: Callable[[Floats], LogLikelihood], logs: Floats
) -> tuple[Floats, LogLikelihood, float]:
    """Take Newton's last steps, each of which squares the error; return the last one's length.

    The likelihood is that of before the last step, from which it is not to be told.
    """
    for _ in range(4):
        local = at(logs)
        try:
            step = np.linalg.solve(-local.hessian, local.gradient)
        except np.linalg.LinAlgError:
            return logs, local, np.nan
        length = float(np.abs(step).max())
        if not length < 0.5:
            break
        logs = logs + step
        if length < STILL:
            break
    return logs, local, length
