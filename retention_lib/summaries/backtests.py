"""Small tables behind forecasts of earlier days: what was known then, and what came."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import (
    monetary,
    single,
    standing_with_recent,
    summed,
    triple,
)
from retention_lib.summaries.occasions import days_between, days_until, standing_at


def spend_by_triple(occasions: ibis.Table, at: date) -> pd.DataFrame:
    """Return the distinct (x, t_x, T) of customers on a day, with what their occasions bring.

    Returns
    -------
    pandas.DataFrame
        frequency, recency_days, T_days; monetary (mean over the customers of the mean value of
        their repeat occasions, at least 0 of each; 0 of one-time buyers), customers
    """
    each = ibis.greatest(monetary(occasions).fill_null(0.0), 0.0)
    states = standing_at(occasions, at).mutate(monetary=each).group_by(**triple(at))
    return summed(states, monetary=_.monetary.mean(), customers=_.count())


def daily_known(occasions: ibis.Table, known_by: date) -> pd.DataFrame:
    """Return the occasions, day by day, of the customers who had first come by a day.

    Returns
    -------
    pandas.DataFrame
        day (of those that have any), first_purchases, repeats (occasions after the first)
    """
    return summed(
        occasions.filter(_.first_day <= ibis.date(known_by)).group_by("day"),
        first_purchases=ibis.ifelse(_.position == 1, 1, 0).sum(),
        repeats=ibis.ifelse(_.position > 1, 1, 0).sum(),
    )


def daily_until(occasions: ibis.Table, at: date) -> pd.DataFrame:
    """Return the occasions of each day up to one, as :func:`daily_known` has them."""
    return daily_known(occasions.filter(_.day <= ibis.date(at)), at)


def before_and_after(
    occasions: ibis.Table, at: date, ahead_days: int, recent_days: int = 0
) -> pd.DataFrame:
    """Return the distinct (x, t_x, T) of customers on a day, and what they bought just after it.

    It counts each customer's days in one pass, where occasions as known on the later day would
    have to be numbered anew.

    Parameters
    ----------
    ahead_days
        Length of the time after ``at`` whose occasions are counted.
    recent_days
        Length of the window up to and with ``at`` whose occasions are counted; 0: there is none.

    Returns
    -------
    pandas.DataFrame
        As :func:`retention_lib.summaries.counts.frequency_recency`; ``later`` are the occasions of
        the ``ahead_days`` after ``at``.
    """
    end, since = at + timedelta(days=ahead_days), at - timedelta(days=recent_days)
    known = _.day <= ibis.date(at)
    around = occasions.filter(_.first_day <= ibis.date(at), _.day <= ibis.date(end))
    each = around.group_by("customer_id", "first_day").agg(
        bought=ibis.ifelse(known, 1, 0).sum(),
        last_day=_.day.max(where=known),
        recent=ibis.ifelse(known & (_.day > ibis.date(since)), 1, 0).sum(),
        later=ibis.ifelse(known, 0, 1).sum(),
    )
    state = {
        "frequency": _.bought - 1,
        "recency_days": days_between(_.last_day, _.first_day),
        "T_days": days_until(at, _.first_day),
        **({"recent": _.recent} if recent_days else {}),
    }
    return summed(each.group_by(**state, later=_.later), customers=_.count())


def bought_in_time(
    occasions: ibis.Table, told: ibis.Table, at: date, recent_days: int = 0
) -> tuple[int, int]:
    """Return how many customers of a day were told when they buy again, and how many did by then.

    Parameters
    ----------
    told
        Distinct states of that day: frequency, recency_days, T_days, some with ``recent``
        (occasions in the ``recent_days`` up to and with ``at``); and ``days``, within which they
        were told to buy.
    """
    keys = [name for name in told.columns if name != "days"]
    standing = standing_with_recent(occasions, at, recent_days)
    states = standing.select(**_own(at, keys), after=days_between(_.next_day, ibis.date(at)))
    joined = states.inner_join(told, keys)
    found = joined.agg(customers=_.count(), bought=(_.after <= _.days).sum())
    row = single(found)
    return int(row["customers"] or 0), int(row["bought"] or 0)


def _own(at: date, keys: list[str]) -> dict[str, Any]:
    """Return what names the state of a customer."""
    return {**triple(at), **({"recent": _.recent} if "recent" in keys else {})}
