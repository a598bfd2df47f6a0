"""MBG/NBD: like BG/NBD, but customers may leave after their first purchase already.

Batislam, Denizel and Filiztekin (2007), International Journal of Research in Marketing 24 (3),
with the erratum of Wagner and Hoppe (2008), 25 (3).
"""

from __future__ import annotations

from typing import ClassVar

import pandas as pd

from retention_lib.models.beta_geometric import BetaGeometric, fitted
from retention_lib.models.purchase_model import BoundaryError, FitError, quiet

__all__ = ["BoundaryError", "FitError", "MbgNbd", "fit"]


class MbgNbd(BetaGeometric):
    """A fitted MBG/NBD model; one-time buyers have a P(alive) that falls with their silence."""

    name: ClassVar[str] = "MBG/NBD"
    first_turns: ClassVar[int] = 1


def fit(counts: pd.DataFrame) -> MbgNbd:
    """Fit MBG/NBD by maximum likelihood.

    Parameters
    ----------
    counts
        Columns ``frequency``, ``recency_days``, ``T_days``, ``customers`` (the weight).

    Raises
    ------
    BoundaryError
        If nobody seems to leave, or all leave alike: a and b then have no end.
    FitError
        If nobody bought again, the search does not converge, does not leave its start, or ends
        where the likelihood is not curved.
    """
    with quiet():
        from lifetimes import ModifiedBetaGeoFitter

    return MbgNbd(**fitted(MbgNbd, ModifiedBetaGeoFitter, counts))
