"""How is the value spread over customers: by size, and between the largest and the rest?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from retention_lib import stats

_SMALL = 100  # under a hundredth of the mean is next to nothing
# the curve bends the most among the largest
_SHARES = np.concatenate([np.arange(0, 20, 0.5), np.arange(20, 1001, 5)]) / 1000


def distribution(worth: pd.DataFrame) -> pd.DataFrame:
    """Return how many customers are worth about how much, in bins with round limits.

    The first bin goes from 0 to a hundredth of the mean value or less: next to nothing.

    Parameters
    ----------
    worth
        clv, customers: how many customers are worth how much.

    Returns
    -------
    pandas.DataFrame
        low, high (1, 2 or 5 times a power of ten; ``low`` belongs to the bin, ``high`` does not),
        customers, value (the sum of theirs); empty where nobody has a value
    """
    value, customers = (worth[name].to_numpy(dtype=float) for name in ("clv", "customers"))
    total = float(value @ customers)
    if total <= 0:
        return pd.DataFrame({"low": [], "high": [], "customers": [], "value": []}, dtype=float)
    limits = _round_limits(total / customers.sum() / _SMALL, float(value.max()))
    which = np.searchsorted(limits, value, side="right") - 1
    bins = len(limits) - 1
    return pd.DataFrame(
        {
            "low": limits[:-1],
            "high": limits[1:],
            "customers": np.bincount(which, customers, bins).astype(int),
            "value": np.bincount(which, value * customers, bins),
        }
    )


def _round_limits(small: float, largest: float) -> stats.Floats:
    """Return 0, and the round numbers from the last up to ``small`` to the first over ``largest``."""
    powers = range(int(np.floor(np.log10(small))), int(np.floor(np.log10(largest))) + 2)
    numbers = np.array([float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5)])
    first = int(np.searchsorted(numbers, small, side="right")) - 1
    last = int(np.searchsorted(numbers, largest, side="right"))
    return np.concatenate([[0.0], numbers[first : last + 1]])


def lorenz(worth: pd.DataFrame, spend: pd.DataFrame) -> pd.DataFrame:
    """Return what the largest customers hold: of the value to come, and of the spend so far.

    Parameters
    ----------
    worth
        clv, customers.
    spend
        spend, customers.

    Returns
    -------
    pandas.DataFrame
        customers_share, and at it value_share and spend_share, each of its own largest; from
        (0, 0) to (1, 1); empty where nobody has a value
    """
    if not ((worth["clv"] > 0).any() and (spend["spend"] > 0).any()):
        names = ("customers_share", "value_share", "spend_share")
        return pd.DataFrame({name: [] for name in names}, dtype=float)
    return pd.DataFrame(
        {
            "customers_share": _SHARES,
            "value_share": stats.lorenz(worth["clv"], worth["customers"], _SHARES),
            "spend_share": stats.lorenz(spend["spend"], spend["customers"], _SHARES),
        }
    )
