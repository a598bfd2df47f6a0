"""Many values of smooth functions, by interpolation between a few that are dear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retention_lib.models.purchase_model import Floats

_SMALL = 1e-12  # of the largest coefficient: the last ones then tell that there are enough
_DEGREES = (24, 48, 96, 192)


@dataclass(frozen=True)
class Table:
    """Functions on [0, longest] as Chebyshev series: ``coefficients`` by degree and function."""

    coefficients: Floats
    longest: float

    def __call__(self, at: Floats, which: NDArray[np.intp]) -> Floats:
        """Return, for each column of ``at``, the values there of the function it names."""
        from numpy.polynomial.chebyshev import chebval

        found = chebval(2 * at / self.longest - 1, self.coefficients[:, which], tensor=False)
        return np.asarray(found)


def fit(functions: Callable[[Floats], Floats], longest: float) -> Table:
    """Return the series of functions on [0, longest], as long as it takes.

    Parameters
    ----------
    functions
        Takes points, returns their values by point and function.
    """
    longest = max(longest, 1e-12)
    for degree in _DEGREES:
        angle = np.pi * (np.arange(degree) + 0.5) / degree
        values = functions(longest * (np.cos(angle) + 1) / 2)
        coefficients = 2 / degree * np.cos(np.outer(np.arange(degree), angle)) @ values
        coefficients[0] /= 2
        largest = np.abs(coefficients).max(axis=0)
        if (np.abs(coefficients[-3:]).max(axis=0) <= _SMALL * largest).all():
            break
    return Table(coefficients, longest)
