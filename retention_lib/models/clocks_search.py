"""The search for the highest likelihood of MBG/NBD on two clocks, where nobody may leave too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from retention_lib.models.clocks_likelihood import BUYING, LEAVING
from retention_lib.models.newton import (
    FARTHEST,
    STILL,
    LogLikelihood,
    last_steps,
    remembered,
    search,
)
from retention_lib.models.purchase_model import Floats

A, B = 2, 3  # places in a point
NEVER = float(np.log(1e-6))  # ln a where nobody leaves but for the clock
ALIKE = 9.0  # ln b from which on customers are told from others by their rate alone
_RARE = -9.0  # ln a from which on downwards nobody does
_UNSURE = 10.0  # standard error of a logarithm, of a parameter not told from 0 or without end
_MOST = 60  # steps of a search
_KINK = 1e-4  # a year: so near to 0 a search that ends there goes on nowhere


@dataclass(frozen=True)
class Found:
    """The highest likelihood over some numbers of a point; the others have a covariance of 0."""

    point: Floats
    value: float
    covariance: Floats


def searched(
    at: Callable[[Floats], LogLikelihood], start: Floats, clock: list[int], size: float
) -> Found | None:
    """Return the maximum over a clock's numbers and r, alpha, a, b; None if none is found.

    Where it has no such maximum, two bounds are tried, and the higher of the two counts: a stays at
    0, and b does not matter; or b stays so large that all leave alike, with the chance a / (a + b).
    """
    found = _highest(at, start, [*range(BUYING), *clock], size)
    if found is not None and _tells_of_leaving(found):
        return found
    never, alike = start.copy(), start.copy()
    never[[A, B]] = NEVER, 0.0
    alike[[A, B]] = ALIKE + min(start[A] - start[B], 0.0), ALIKE
    bounds = (
        _highest(at, never, [*range(A), *clock], size),
        _highest(at, alike, [*range(B), *clock], size),
    )
    return max(filter(None, bounds), key=lambda one: one.value, default=None)


def _tells_of_leaving(found: Found) -> bool:
    errors = np.sqrt(np.diag(found.covariance)[[A, B]])
    return bool(found.point[A] > _RARE and (errors < _UNSURE).all())


def _highest(
    at: Callable[[Floats], LogLikelihood], start: Floats, free: list[int], size: float
) -> Found | None:
    """Return the maximum over the free numbers of a point; None if the search finds none."""

    def whole(numbers: Floats) -> Floats:
        point = start.copy()
        point[free] = numbers
        return point

    def some(numbers: Floats) -> LogLikelihood:
        local = at(whole(numbers))
        return LogLikelihood(local.value, local.gradient[free], local.hessian[np.ix_(free, free)])

    def out(numbers: Floats) -> bool:
        point = whole(numbers)
        lost = np.abs(point[:BUYING]).max() > FARTHEST
        return bool(lost or (LEAVING in free and abs(point[LEAVING]) < _KINK))

    likelihood = remembered(some)
    near = search(likelihood, start[free], size, out, _MOST)
    numbers, local, step = last_steps(likelihood, near)
    if not (step <= STILL and np.isfinite(local.value)) or out(numbers):
        return None
    if not (np.linalg.eigvalsh(local.hessian) < 0).all():
        return None
    return Found(whole(numbers), local.value, spread_of(local.hessian, free, len(start)))


def spread_of(hessian: Floats, free: list[int], size: int) -> Floats:
    """Return the covariance of a point, 0 where a number is not free."""
    covariance = np.zeros((size, size))
    covariance[np.ix_(free, free)] = np.linalg.inv(-hessian)
    return covariance
