"""Do some customers pay like subscribers, and are they enough to be a part of their own?"""

from __future__ import annotations

import pandas as pd

from retention_lib.results import Subscriptions

FEWEST_SUBSCRIBERS = 20
_LEAST_SHARE = 0.01


def counted(found: pd.DataFrame, gaps: pd.DataFrame, waits: pd.DataFrame) -> Subscriptions:
    """Return how many customers pay as subscribers do.

    Parameters
    ----------
    found
        Columns period, customers, occasions.
    gaps, waits
        As :func:`retention_lib.summaries.counts.gaps` and ``waits`` give them, of all customers.
    """
    customers, everybody = int(found["customers"].sum()), int(waits["waits"].sum())
    occasions = int(gaps["gaps"].sum()) + everybody
    return Subscriptions(
        customers=customers,
        customer_share=customers / everybody,
        occasion_share=float(found["occasions"].sum() / occasions),
        periods=dict(zip(found["period"], found["customers"].tolist(), strict=True)),
        reported=customers >= max(FEWEST_SUBSCRIBERS, _LEAST_SHARE * everybody),
    )
