"""When does each customer buy again, and how often did such days come true?"""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from retention_lib.models import next_purchase
from retention_lib.models.purchase_model import Floats, PurchaseModel, state
from retention_lib.models.units import Span
from retention_lib.results import NextPurchases

LEAST_ALIVE: Final = 0.5  # of a customer who is more likely gone, a day would mislead
# by the day half have bought; between the other two days eight in ten do
SHARES: Final = {"next_purchase": 0.5, "next_purchase_from": 0.1, "next_purchase_to": 0.9}
_MEDIAN: Final = next(iter(SHARES))
_DUST = 1e-9  # what rounding may leave beyond a whole day


def days(states: pd.DataFrame, by: PurchaseModel | Floats, longest: int) -> pd.DataFrame:
    """Return in how many days customers buy again who stay until then, once per state.

    Parameters
    ----------
    states
        Columns ``frequency``, ``recency_days``, ``T_days``.
    by
        The fitted model, or by a plain rule the purchases a day of each state.
    longest
        The most days that may be told.

    Returns
    -------
    pandas.DataFrame
        ``next_purchase``: whole days in which half of such customers have bought again;
        ``next_purchase_from``, ``next_purchase_to``: one in ten, and nine in ten. Missing where it
        is later than ``longest``, or the customer is more likely gone than not.
    """
    known = state(states)
    model = by if isinstance(by, PurchaseModel) else None
    alive = np.ones(len(states)) if model is None else model.p_alive(*known)
    found = {
        name: next_purchase.days_at_pace(np.asarray(by), share)
        if model is None
        else next_purchase.days_until(model, *known, share)
        for name, share in SHARES.items()
    }
    told = {
        name: np.where(alive >= LEAST_ALIVE, _whole(until, longest), np.nan)
        for name, until in found.items()
    }
    return pd.DataFrame(told, index=states.index)


def _whole(until: Floats, longest: int) -> Floats:
    """Return the day within which a time ahead ends, tomorrow at the earliest; missing if too far."""
    day = np.maximum(np.ceil(until - _DUST), 1)
    return np.where(day <= longest, day, np.nan)


def dated(table: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return the table with the days ahead of :func:`days` as dates."""
    dates = {
        name: np.datetime64(as_of, "s") + pd.to_timedelta(table[name], unit="D").dt.as_unit("s")
        for name in SHARES
    }
    return table.assign(**dates)


# --- how often they came true ---


def told(counts: pd.DataFrame, by: PurchaseModel | Floats, longest: int) -> pd.DataFrame:
    """Return the states whose day came within a time, and how likely they were to buy by then.

    Parameters
    ----------
    counts
        As of :func:`days`, with ``customers``.

    Returns
    -------
    pandas.DataFrame
        The counts with ``days`` (until the told day) and ``chance``, of a purchase up to then:
        half of the chance that the customer was still there, but for the rounding to whole days.
    """
    until = days(counts, by, longest)[_MEDIAN]
    due = until.notna().to_numpy()
    own = counts[due].assign(days=until[due].astype(int))
    if isinstance(by, PurchaseModel):
        return own.assign(chance=_bought(own, by))
    return own.assign(chance=-np.expm1(-by[due] * own["days"].to_numpy()))


def _bought(own: pd.DataFrame, model: PurchaseModel) -> Floats:
    """Return each state's chance of a purchase within its own days."""
    chance = np.zeros(len(own))
    for until in np.unique(own["days"]):
        at = (own["days"] == until).to_numpy()
        chance[at] = model.buys_within(*state(own[at]), Span.days(until))
    return chance


def came_true(told: pd.DataFrame, customers: int, bought: int) -> NextPurchases | None:
    """Return how often the told days came true; None where none was told.

    Parameters
    ----------
    told
        As :func:`told` gives it.
    customers, bought
        How many customers were told a day within the holdout, and had bought by then.
    """
    if not customers:
        return None
    expected = float(np.average(told["chance"], weights=told["customers"]))
    return NextPurchases(customers=customers, expected=expected, actual=bought / customers)
