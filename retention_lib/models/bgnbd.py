"""BG/NBD: how many more purchases, and is the customer still there?

Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24 (2).
Customers may leave after each repeat purchase, so one-time buyers never leave.
"""

from __future__ import annotations

from typing import ClassVar

import pandas as pd

from retention_lib.models.beta_geometric import BetaGeometric, fitted
from retention_lib.models.purchase_model import BoundaryError, FitError, quiet

__all__ = ["BgNbd", "BoundaryError", "FitError", "fit"]


class BgNbd(BetaGeometric):
    """A fitted BG/NBD model; P(alive) is 1 for one-time buyers."""

    name: ClassVar[str] = "BG/NBD"
    first_turns: ClassVar[int] = 0


def fit(counts: pd.DataFrame) -> BgNbd:
    """Fit BG/NBD by maximum likelihood.

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
        from lifetimes import BetaGeoFitter

    return BgNbd(**fitted(BgNbd, BetaGeoFitter, counts))
