"""How much depends on a few customers?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from retention_lib import stats
from retention_lib.results import Concentration


def shares(spend: pd.DataFrame) -> Concentration | None:
    """Return how much of all spend few customers hold; None where nobody has spent anything.

    Parameters
    ----------
    spend
        Columns ``spend`` (of one customer) and ``customers``.
    """
    values, counts = spend["spend"], spend["customers"]
    if not (values > 0).any():
        return None
    hhi = stats.herfindahl(values, counts)
    largest = {"20": 0.2 * float(counts.sum()), "1": 1, "5": 5, "10": 10}
    return Concentration(
        hhi=hhi,
        effective_customers=1 / hhi,
        gini=stats.gini(values, counts),
        **{
            f"top{name}_share": stats.share_of_largest(values, counts, n)
            for name, n in largest.items()
        },
    )


def lorenz(spend: pd.DataFrame) -> pd.DataFrame:
    """Return the share of spend held by the largest 0, 1, ... 100 % of customers.

    Returns
    -------
    pandas.DataFrame
        customers_share, spend_share (fractions); empty where nobody has spent anything
    """
    if not (spend["spend"] > 0).any():
        return pd.DataFrame({"customers_share": [], "spend_share": []}, dtype=float)
    customers = np.linspace(0, 1, 101)
    held = stats.lorenz(spend["spend"], spend["customers"], customers)
    return pd.DataFrame({"customers_share": customers, "spend_share": held})
