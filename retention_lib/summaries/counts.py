"""Small weighted tables of the occasions: what every question is answered from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Literal

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries.occasions import (
    days_between,
    days_until,
    drawn,
    first_since,
    net_spend,
    standing_at,
    with_draw,
    within,
)

PeriodUnit = Literal["week", "month", "quarter", "half-year", "year"]
_MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
_MONDAY = date(1969, 12, 29)


def frame(table: ibis.Table, by: list[str] | None = None) -> pd.DataFrame:
    """Fetch a small table, in a fixed order, so that every run computes the same."""
    ordered = table.order_by(by) if by else table
    return pd.DataFrame(ordered.to_pandas())


def summed(groups: Any, **sums: Any) -> pd.DataFrame:
    """Fetch sums by group, in the order of the groups.

    Parameters
    ----------
    groups
        A grouped table: what its ``group_by`` returns.
    sums
        What to aggregate, by the name of its column.
    """
    table = groups.agg(**sums)
    return frame(table, by=[name for name in table.columns if name not in sums])


def single(table: ibis.Table) -> dict[str, Any]:
    """Fetch the one row of a table: plain values by column, missing ones as None."""
    return dict(table.to_pyarrow().to_pylist()[0])


def totals(occasions: ibis.Table) -> dict[str, Any]:
    """Return customers, occasions, repeat buyers, zero occasions and the three key dates."""
    return single(
        occasions.agg(
            customers=(_.position == 1).sum().fill_null(0),
            occasions=_.count(),
            repeat_buyers=(_.position == 2).sum().fill_null(0),
            zero_occasions=(_.value == 0).sum().fill_null(0),
            first_date=_.day.min(),
            last_date=_.day.max(),
            last_first_purchase=_.first_day.max(),
        )
    )


def gaps(occasions: ibis.Table) -> pd.DataFrame:
    """Return the gaps between consecutive occasions.

    Returns
    -------
    pandas.DataFrame
        - grp, days: hash group, length of the gap in days
        - gaps: how many
        - weight: the same with each customer counted once (1 / the customer's gaps)
    """
    later = occasions.filter(_.position > 1)
    lengths = later.group_by("grp", days=days_between(_.day, _.previous_day))
    return summed(lengths, gaps=_.count(), weight=(1.0 / (_.total - 1)).sum())


def waits(occasions: ibis.Table, as_of: date) -> pd.DataFrame:
    """Return the unfinished waits since each customer's latest occasion.

    Returns
    -------
    pandas.DataFrame
        - grp, days: hash group, days from the latest occasion to ``as_of``
        - waits: customers
        - single: of them, those with one occasion only
    """
    lengths = standing_at(occasions, as_of).group_by("grp", days=days_until(as_of, _.day))
    return summed(lengths, waits=_.count(), single=(_.total == 1).sum())


def last_gap_pairs(occasions: ibis.Table) -> pd.DataFrame:
    """Return the last two gaps of every customer who has two.

    Returns
    -------
    pandas.DataFrame
        grp, previous (days), last (days), customers
    """
    order = ibis.window(group_by="customer_id", order_by="day")
    before = occasions.mutate(before_previous=_.previous_day.lag().over(order))
    pairs = before.filter(_.next_day.isnull(), _.position > 2).group_by(
        "grp",
        previous=days_between(_.previous_day, _.before_previous),
        last=days_between(_.day, _.previous_day),
    )
    return summed(pairs, customers=_.count())


def window_counts(occasions: ibis.Table, prior_start: date, start: date, end: date) -> pd.DataFrame:
    """Return the customers of two adjoining windows, from previous days alone.

    A customer's first occasion in a window is the one whose previous day lies before it;
    that previous day tells whether the customer was there in the prior window.

    Returns
    -------
    pandas.DataFrame
        per ``grp``, customers: ``start`` (in the prior window), ``first_time`` (of them, first
        purchase in the prior window), ``end`` (in the window), ``new`` (first purchase in the
        window), ``retained`` (in both), ``first_time_retained``
    """
    enters_prior = within(prior_start, start - timedelta(days=1)) & first_since(prior_start)
    enters = within(start, end) & first_since(start)
    retained = (enters & (_.previous_day >= ibis.date(prior_start))).fill_null(False)
    return summed(
        occasions.group_by("grp"),
        start=enters_prior.sum(),
        first_time=(enters_prior & _.previous_day.isnull()).sum(),
        end=enters.sum(),
        new=(enters & _.previous_day.isnull()).sum(),
        retained=retained.sum(),
        first_time_retained=(retained & (_.first_day >= ibis.date(prior_start))).sum(),
    )


def second_purchases(occasions: ibis.Table, as_of: date, within_days: int) -> pd.DataFrame:
    """Return, of customers seen for at least so many days, those who bought again within them.

    Returns
    -------
    pandas.DataFrame
        per ``grp``: ``customers``, ``again``
    """
    last_first = ibis.date(as_of) - ibis.interval(days=within_days)
    exposed = occasions.filter(_.position == 1, _.day <= last_first)
    again = (days_between(_.next_day, _.day) <= within_days).fill_null(False)
    return summed(exposed.group_by("grp"), customers=_.count(), again=again.sum())


def active_buyers(occasions: ibis.Table, at: date, until: date, silent_days: int) -> pd.DataFrame:
    """Return customers silent for at most so many days, and those who bought by a later day.

    Returns
    -------
    pandas.DataFrame
        per ``grp``: ``customers``, ``bought``
    """
    active = standing_at(occasions, at).filter(days_until(at, _.day) <= silent_days)
    bought = (_.next_day <= ibis.date(until)).fill_null(False)
    return summed(active.group_by("grp"), customers=_.count(), bought=bought.sum())


def history(rows: ibis.Table, occasions: ibis.Table, unit: PeriodUnit, until: date) -> pd.DataFrame:
    """Return what each calendar period holds, from the first row to a day; empty ones too.

    Parameters
    ----------
    rows
        Rows in use.

    Returns
    -------
    pandas.DataFrame
        period (its number; :func:`period_bounds` gives its days), rows, money (net of returns; 0
        without amounts), occasions, customers, new_customers
    """
    days = rows.group_by(period=period_number(_.day, unit))
    read = summed(days, rows=_.count(), money=_.amount.sum().fill_null(0.0)).set_index("period")
    made = occasions.group_by(period=period_number(_.day, unit))
    bought = summed(made, occasions=_.count()).set_index("period")
    came = activity(occasions, unit)[["period", "active", "new"]].set_index("period")
    table = read.join([bought, came], how="outer").rename(
        columns={"active": "customers", "new": "new_customers"}
    )
    last = max(table.index.max(), _period_of(until, unit))
    every = pd.RangeIndex(table.index.min(), last + 1, name="period")
    filled = table.reindex(every).fillna(0)
    return filled.astype(dict.fromkeys(filled.columns.drop("money"), int)).reset_index()


def daily(occasions: ibis.Table, seed: int) -> pd.DataFrame:
    """Return the occasions of each day that has any.

    Parameters
    ----------
    seed
        Of the draw of one occasion per customer.

    Returns
    -------
    pandas.DataFrame
        day, occasions, first_purchases, sampled (of the occasions drawn, one per customer)
    """
    return summed(
        with_draw(occasions, seed).group_by("day"),
        occasions=_.count(),
        first_purchases=(_.position == 1).sum(),
        sampled=drawn().sum(),
    )


def activity(occasions: ibis.Table, unit: PeriodUnit, until: date | None = None) -> pd.DataFrame:
    """Return how many customers are active in each period, and whether they were before.

    Parameters
    ----------
    until
        The rows go on to the period that holds this day, though nobody bought any more.

    Returns
    -------
    pandas.DataFrame
        One row per period from the first to the last with an occasion, empty ones too:

        - period: its number; :func:`period_bounds` gives its days
        - active: customers with an occasion in it
        - new, retained, resurrected: of them, those whose first occasion it has, those active in
          the period before as well, and all others
    """
    retained = (_.before == _.period - 1).fill_null(False)
    found = summed(
        entering(occasions, unit).group_by("period"),
        active=_.count(),
        new=_.before.isnull().sum(),
        retained=retained.sum(),
    ).set_index("period")
    if len(found):
        last = found.index[-1] if until is None else max(found.index[-1], _period_of(until, unit))
        every = pd.RangeIndex(found.index[0], last + 1, name="period")
        found = found.reindex(every, fill_value=0)
    found = found.reset_index()
    return found.assign(resurrected=found["active"] - found["new"] - found["retained"])


def entering(occasions: ibis.Table, unit: PeriodUnit) -> ibis.Table:
    """Return each customer's first occasion in each period, so that rows are customers.

    Returns
    -------
    ibis.Table
        cohort, period, before: numbers of the periods of the first occasion, of this one, and of
        the one before it (null: there is none)
    """
    numbers = occasions.select(
        cohort=period_number(_.first_day, unit),
        period=period_number(_.day, unit),
        before=period_number(_.previous_day, unit),
    )
    return numbers.filter(_.before.isnull() | (_.before < _.period))


def period_number(day: Any, unit: PeriodUnit) -> Any:
    """Return the number of a day's period, in whole numbers that every engine divides alike."""
    if unit == "week":
        return day.delta(ibis.date(_MONDAY), unit="day") // 7
    return (day.year().cast("int64") * 12 + day.month() - 1) // _MONTHS[unit]


def _period_of(day: date, unit: PeriodUnit) -> int:
    """Return what :func:`period_number` gives for one day."""
    if unit == "week":
        return (day - _MONDAY).days // 7
    return (day.year * 12 + day.month - 1) // _MONTHS[unit]


def period_bounds(period: int, unit: PeriodUnit) -> tuple[date, date]:
    """Return the first and last day of a period that :func:`activity` has numbered.

    Weeks count from that of Monday, 1969-12-29; the others from the year 0. Weeks begin on Monday.
    """
    if unit == "week":
        first = _MONDAY + timedelta(weeks=period)
        return first, first + timedelta(days=6)
    start, end = (_first_of_month(n * _MONTHS[unit]) for n in (period, period + 1))
    return start, end - timedelta(days=1)


def _first_of_month(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


def customers_between(occasions: ibis.Table, start: date, end: date) -> int:
    """Return how many customers have an occasion in a closed range of days."""
    counted = occasions.filter(within(start, end)).agg(n=first_since(start).sum().fill_null(0))
    return int(single(counted)["n"])


def rows_between(rows: ibis.Table, start: date, end: date) -> int:
    """Return how many rows lie in a closed range of days."""
    return int(single(rows.filter(within(start, end)).agg(n=_.count()))["n"])


def frequency_recency(occasions: ibis.Table, at: date, recent_days: int = 0) -> pd.DataFrame:
    """Return the distinct (x, t_x, T) of customers on a day, and what they bought around it.

    Parameters
    ----------
    recent_days
        Length of the window up to and with ``at`` whose occasions are counted; 0: there is none.

    Returns
    -------
    pandas.DataFrame
        - frequency: repeat occasions up to ``at``
        - recency_days: last minus first occasion; T_days: ``at`` minus first occasion
        - recent: occasions in the last ``recent_days``, only where these are given
        - later: occasions after ``at``
        - customers
    """
    standing = standing_with_recent(occasions, at, recent_days)
    state = triple(at) | ({"recent": _.recent} if recent_days else {})
    return summed(standing.group_by(**state, later=_.total - _.position), customers=_.count())


def standing_with_recent(occasions: ibis.Table, at: date, recent_days: int) -> ibis.Table:
    """Return each customer's state on a day, with the occasions of the last days (``recent``)."""
    if not recent_days:
        return standing_at(occasions, at)
    since = _.day > ibis.date(at - timedelta(days=recent_days))
    own = ibis.window(group_by="customer_id")
    known = occasions.filter(_.day <= ibis.date(at))
    counted = known.mutate(recent=ibis.ifelse(since, 1, 0).sum().over(own).cast("int32"))
    return standing_at(counted, at)


def triple(at: date) -> dict[str, Any]:
    """Return x, t_x and T on a day as expressions of the occasion that stands then."""
    return {
        "frequency": _.position - 1,
        "recency_days": days_between(_.day, _.first_day),
        "T_days": days_until(at, _.first_day),
    }


def monetary(occasions: ibis.Table) -> Any:
    """Return the mean value of the repeat occasions, the first left out, less all returns.

    Where the occasions have ``repeat_spend``, they are at the level of a later day
    (:func:`retention_lib.summaries.price_drift.at_level_of`).
    """
    raised = "repeat_spend" in occasions.columns
    spent = _.repeat_spend if raised else net_spend() - _.first_value
    return spent / (_.position - 1).nullif(0)


def spend_per_occasion(occasions: ibis.Table, at: date) -> pd.DataFrame:
    """Return the distinct (frequency, monetary) of repeat buyers with positive spend.

    Returns
    -------
    pandas.DataFrame
        frequency, monetary (mean value of the repeat occasions), customers
    """
    buyers = standing_at(occasions, at).filter(_.position > 1)
    by = {"frequency": _.position - 1, "monetary": monetary(occasions)}
    counted = buyers.group_by(**by).agg(customers=_.count())
    return frame(counted.filter(_.monetary > 0), by=[*by])
