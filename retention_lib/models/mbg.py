"""MBG/NBD: like BG/NBD, but customers may leave after their first purchase already.

Batislam, Denizel and Filiztekin (2007), International Journal of Research in Marketing 24 (3),
with the erratum of Wagner and Hoppe (2008), 25 (3).
"""

from __future__ import annotations

from typing import Any, ClassVar

import pandas as pd

from retention_lib.models.buying import BetaGeometric, FitError, Floats, fitted, quiet

__all__ = ["FitError", "MbgNbd", "fit"]


class MbgNbd(BetaGeometric):
    """A fitted MBG/NBD model; one-time buyers have a P(alive) that falls with their silence."""

    name: ClassVar[str] = "MBG/NBD"

    def _expected(self, ahead: float, x: Floats, t_x: Floats, age: Floats) -> Any:
        """Return lifetimes' expectation by Euler's transformation of its Gauss series.

        The series itself overflows for frequent buyers (DLMF 15.8.1).
        """
        from scipy.special import hyp2f1

        r, alpha, a, b = (self.params[key] for key in ("r", "alpha", "a", "b"))
        z = ahead / (alpha + age + ahead)
        left = (1 - z) ** (a - 1) * hyp2f1(a + b - r, a - 1, a + b + x, z)
        return (a + b + x) / (a - 1) * (1 - left) * self._alive(x, t_x, age)


def fit(counts: pd.DataFrame) -> MbgNbd:
    """Fit MBG/NBD by maximum likelihood.

    Parameters
    ----------
    counts
        Columns ``frequency``, ``recency_days``, ``T_days``, ``customers`` (the weight).

    Raises
    ------
    FitError
        If the search does not converge, does not leave its start, or ends where the
        likelihood is not curved.
    """
    with quiet():
        from lifetimes import ModifiedBetaGeoFitter

    return MbgNbd(**fitted(MbgNbd.name, ModifiedBetaGeoFitter(), counts))
