"""The return curve: who is back after how many days, and what is read off it.

Curves are arrays over the days 0, 1, ... in their last axis, so that one curve and two hundred
resampled ones are read alike.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from retention_lib.stats.arrays import Floats
from retention_lib.stats.resampling import GROUPS

MINIMUM_AT_RISK = 30
_DUST = 1e-9  # what summing fractions in another order may leave


def return_curve(events: pd.DataFrame, censored: pd.DataFrame) -> pd.DataFrame:
    """Return the share not yet back by day: the weighted product-limit estimate.

    With each customer's gaps weighted 1 / (number of gaps), and only customers without a gap
    censored, this is the recurrent-event estimate of Wang and Chang (1999, eq. 2.2); with
    weight 1 throughout it is Kaplan and Meier's.

    Parameters
    ----------
    events, censored
        Columns ``days`` (int) and ``weight`` (float): completed gaps and unfinished waits.

    Returns
    -------
    pandas.DataFrame
        - day: 0, 1, ... up to the longest gap or wait
        - at_risk: total weight of gaps and waits at least so long (R*)
        - not_back: share not back within so many days (S)
    """
    last = longest(events, censored)
    back, waiting = (
        np.bincount(_days(spells), _weights(spells), minlength=last + 1).astype(float)
        for spells in (events, censored)
    )
    at_risk = _at_risk(back, waiting)
    return pd.DataFrame(
        {"day": np.arange(last + 1), "at_risk": at_risk, "not_back": product_limit(back, at_risk)}
    )


def longest(*spells: pd.DataFrame) -> int:
    """Return the longest of gaps and waits, in days; 0 where there is none."""
    return max((int(table["days"].max()) for table in spells if len(table)), default=0)


def _days(spells: pd.DataFrame) -> np.ndarray:
    return spells["days"].to_numpy(dtype=np.int64)


def _weights(spells: pd.DataFrame) -> Floats:
    return spells["weight"].to_numpy(dtype=float)


def grouped_spells(spells: pd.DataFrame, last: int) -> Floats:
    """Return the weight of spells by hash group (rows) and day 0 ... ``last`` (columns).

    Parameters
    ----------
    spells
        Columns ``grp``, ``days``, ``weight``.
    """
    table = np.zeros((GROUPS, last + 1))
    np.add.at(table, (spells["grp"].to_numpy(dtype=np.int64), _days(spells)), _weights(spells))
    return table


def _at_risk(back: Floats, waiting: Floats) -> Floats:
    return np.asarray(np.cumsum((back + waiting)[..., ::-1], axis=-1)[..., ::-1])


def hazard(back: Floats, at_risk: Floats) -> Floats:
    """Return the share of those still away who are back on each day; 0 where nobody is away."""
    share = np.divide(back, at_risk, out=np.zeros_like(back, dtype=float), where=at_risk > 0)
    # summing fractions from the far end leaves dust: a hazard of 1 + 1e-16 is 1
    return np.asarray(np.minimum(share, 1))


def product_limit(back: Floats, at_risk: Floats) -> Floats:
    """Return the share not back within so many days: the product of 1 - hazard."""
    return np.asarray(np.cumprod(1 - hazard(back, at_risk), axis=-1))


def resampled(
    back: Floats, waiting: Floats, draws: Floats, towards: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return the hazards and the curves of resampled groups, one row for each draw.

    Parameters
    ----------
    back, waiting
        As :func:`grouped_spells` gives them.
    draws
        How often each group is drawn, as :func:`group_draws` gives it.
    towards
        Hazards of the whole, one row for each draw, that a small part is drawn towards: as if
        thirty more customers of the whole were away on every day.
    """
    drawn = draws @ back
    at_risk = _at_risk(drawn, draws @ waiting)
    if towards is not None:
        drawn, at_risk = drawn + MINIMUM_AT_RISK * towards, at_risk + MINIMUM_AT_RISK
    return hazard(drawn, at_risk), product_limit(drawn, at_risk)


def horizon(curve: pd.DataFrame, customers: int) -> int | None:
    """Return tau, the last day on which enough customers are still at risk; None if never."""
    enough = curve["at_risk"] >= max(MINIMUM_AT_RISK, 0.01 * customers) - _DUST
    return int(curve.loc[enough, "day"].max()) if enough.any() else None


def days_of_share(not_back: Floats, share: float, horizon: int) -> Floats:
    """Return the day by which this share of those who come back within the horizon are back.

    Not a number where nobody comes back within it.
    """
    back = 1 - not_back[..., : horizon + 1]
    reached = back >= share * back[..., -1:] - _DUST
    return np.where(back[..., -1] > 0, np.argmax(reached, axis=-1), np.nan)


def first_days_at_most(not_back: Floats, share: float) -> Floats:
    """Return the first day on which at most this share is not back; infinity if there is none."""
    reached = not_back <= share + _DUST
    return np.where(reached.any(axis=-1), np.argmax(reached, axis=-1), np.inf)


def lapses(not_back: Floats, horizon: int, within: int, least: int, share: float = 0.1) -> Floats:
    """Return the shortest silence after which at most this share comes back within some days.

    Infinity where the curve does not reach so far.

    Parameters
    ----------
    least
        The silence to begin with: that of the usual return. Where none is back before some day, as
        of buyers with a rhythm, or where few are back soon and many late, hardly anybody comes back
        within some days of a shorter one either.
    """
    if horizon < least + within:
        return np.full(not_back.shape[:-1], np.inf)
    upto = not_back[..., : horizon + 1]
    now, later = upto[..., least : horizon + 1 - within], upto[..., least + within :]
    comes_back = 1 - np.divide(later, now, out=np.ones_like(now), where=now > 0)
    reached = comes_back <= share + _DUST
    return np.where(reached.any(axis=-1), least + np.argmax(reached, axis=-1), np.inf)


def day_of_share(curve: pd.DataFrame, share: float, horizon: int) -> int | None:
    """Return :func:`days_of_share` of one curve; None where nobody comes back."""
    return _whole(days_of_share(_not_back(curve), share, horizon))


def first_day_at_most(curve: pd.DataFrame, share: float) -> int | None:
    """Return :func:`first_days_at_most` of one curve; None if there is no such day."""
    return _whole(first_days_at_most(_not_back(curve), share))


def lapse(
    curve: pd.DataFrame, horizon: int, within: int, least: int, share: float = 0.1
) -> int | None:
    """Return :func:`lapses` of one curve; None where it does not reach so far."""
    return _whole(lapses(_not_back(curve), horizon, within, least, share))


def _not_back(curve: pd.DataFrame) -> Floats:
    return curve["not_back"].to_numpy(dtype=float)


def _whole(day: Floats) -> int | None:
    return int(day) if np.isfinite(day) else None
