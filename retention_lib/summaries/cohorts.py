"""Cohorts by period of first purchase: how many of each were active, and when.

A cohort is the number of a period, as :func:`retention_lib.summaries.counts.period_bounds`
turns it into days. Three ways to ask who was still there: in the k-th calendar period after the
first (:func:`bracket`), in that or any later one (:func:`unbounded`), and at a certain age, each
customer's days counted from their own first occasion (:func:`fixed_horizon`).
"""

from __future__ import annotations

from datetime import date

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import PeriodUnit, entering, frame, period_number, summed
from retention_lib.summaries.occasions import days_between, days_until


def bracket(occasions: ibis.Table, unit: PeriodUnit) -> pd.DataFrame:
    """Return the customers active in each period after that of their first purchase.

    Returns
    -------
    pandas.DataFrame
        - cohort: number of the period of first purchase
        - period: 0, 1, ... after it; no row where nobody was active
        - active: customers with an occasion in it
    """
    ages = entering(occasions, unit).group_by("cohort", period=_.period - _.cohort)
    return summed(ages, active=_.count())


def unbounded(occasions: ibis.Table, unit: PeriodUnit) -> pd.DataFrame:
    """Return the customers active in each period after that of their first purchase, or later.

    The latest periods are always low: what comes after them is not known yet.

    Returns
    -------
    pandas.DataFrame
        - cohort: number of the period of first purchase
        - period: 0, 1, ... after it, up to the last one with an occasion of the cohort
        - active: customers with an occasion in it or in a later one
    """
    latest = occasions.filter(_.next_day.isnull()).select(
        cohort=period_number(_.first_day, unit), period=period_number(_.day, unit)
    )
    ended = latest.group_by("cohort", period=_.period - _.cohort)
    return _at_least(summed(ended, active=_.count()), "active")


def fixed_horizon(
    occasions: ibis.Table, horizon_days: int, as_of: date, unit: PeriodUnit
) -> pd.DataFrame:
    """Return the customers active at each age, counted in horizons of so many days.

    Only those count at an age who have been seen for all of it: T ≥ k · ``horizon_days``.

    Parameters
    ----------
    horizon_days
        Days of a horizon, at least 1.
    as_of
        The day that T is counted to.
    unit
        Of the cohorts alone; ages know no calendar.

    Returns
    -------
    pandas.DataFrame
        - cohort: number of the period of first purchase
        - period: the age k; 0 is the first purchase itself, k the days after
          (k - 1) · ``horizon_days`` up to and with k · ``horizon_days``
        - exposed: customers seen until the end of it
        - active: of them, those with an occasion in it
    """
    if horizon_days < 1:
        raise ValueError(f"a horizon of {horizon_days} days holds no day")
    aged = occasions.filter(_.first_day <= ibis.date(as_of)).select(
        "position",
        cohort=period_number(_.first_day, unit),
        seen=days_until(as_of, _.first_day) // horizon_days,
        period=(days_between(_.day, _.first_day) + horizon_days - 1) // horizon_days,
        before=(days_between(_.previous_day, _.first_day) + horizon_days - 1) // horizon_days,
    )
    firsts = aged.filter(_.position == 1).group_by("cohort", period=_.seen)
    seen = summed(firsts, exposed=_.count())
    enters = aged.filter((_.position == 1) | (_.before < _.period), _.period <= _.seen)
    active = frame(enters.group_by("cohort", "period").agg(active=_.count()))
    table = _at_least(seen, "exposed").merge(active, how="left", on=["cohort", "period"])
    return table.assign(active=table["active"].fillna(0).astype(int))


def _at_least(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return per cohort and period the sum of a column over that period and all later ones."""
    every = range(int(table["period"].max()) + 1) if len(table) else range(0)
    wide = table.pivot_table(index="cohort", columns="period", values=column, aggfunc="sum")
    later = wide.reindex(columns=every).fillna(0).astype(int).loc[:, ::-1].cumsum(axis=1)
    long = later.melt(ignore_index=False, var_name="period", value_name=column).reset_index()
    long = long[long[column] > 0].astype("int64")
    return long.sort_values(["cohort", "period"], ignore_index=True)


def first_waits(occasions: ibis.Table, as_of: date) -> pd.DataFrame:
    """Return how long customers have waited with their second purchase.

    Parameters
    ----------
    occasions
        The occasions as known on ``as_of``.

    Returns
    -------
    pandas.DataFrame
        - year: of the first purchase; days: to the second, or to ``as_of`` where there is none
        - back: whether there is; customers
    """
    back = _.next_day.notnull()
    days = ibis.ifelse(back, days_between(_.next_day, _.day), days_until(as_of, _.day))
    firsts = occasions.filter(_.position == 1)
    return summed(firsts.group_by(year=_.day.year(), days=days, back=back), customers=_.count())
