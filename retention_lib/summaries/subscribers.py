"""Subscribers apart from all others: the former for their charges, the latter for the models."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import summed
from retention_lib.summaries.occasions import as_known, days_until, net_spend, standing_at
from retention_lib.summaries.young_subscribers import with_young


def irregular(occasions: ibis.Table, at: date, periods: Sequence[str]) -> ibis.Table:
    """Return the occasions of all who were not known as subscribers on a day.

    Parameters
    ----------
    occasions
        They may go on after ``at``; what came then does not tell who is a subscriber.
    periods
        The billing periods whose subscribers are left out; without any, nobody is.
    """
    if not periods:
        return occasions
    return occasions.anti_join(with_young(as_known(occasions, at), periods), "customer_id")


def states(occasions: ibis.Table, as_of: date, periods: Sequence[str]) -> pd.DataFrame:
    """Return the distinct states of subscribers, and what a charge of theirs has brought.

    Parameters
    ----------
    occasions
        The occasions as known on ``as_of``.

    Returns
    -------
    pandas.DataFrame
        - period, charges, silent_days: billing period, charges so far, days since the latest
        - customers
        - charge, squared: sums over these of the customer's mean spend per charge, net of
          returns and at least 0, and of its square; null without amounts
    """
    found = with_young(occasions, periods).select("customer_id", "period")
    own = standing_at(occasions, as_of).inner_join(found, "customer_id")
    mean = net_spend() / _.position
    own = own.mutate(own_charge=ibis.ifelse(mean < 0, 0.0, mean))
    return summed(
        own.group_by("period", charges=_.position, silent_days=days_until(as_of, _.day)),
        customers=_.count(),
        charge=_.own_charge.sum(),
        squared=(_.own_charge * _.own_charge).sum(),
    )
