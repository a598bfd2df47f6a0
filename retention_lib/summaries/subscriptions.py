"""Customers who pay as subscribers do, told from buyers by the rhythm of their occasions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from typing import Any

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import single, summed
from retention_lib.summaries.occasions import days_between, days_until, standing_at, whole_cents

# days between charges, and by how much a charge may be early or late; no gap fits two of them,
# once or doubled, so that no customer does
_PERIODS = {
    "week": (7.0, 1.0),
    "month": (30.44, 3.0),
    "quarter": (91.3, 7.0),
    "year": (365.25, 10.0),
}
Periods = Iterable[str]
USUAL = ("month", "quarter")
_FEWEST = 3
_RECENT = 365  # days


def subscribers(occasions: ibis.Table, periods: Periods = USUAL) -> ibis.Table:
    """Return the customers whose occasions look like the charges of a subscription.

    At least three gaps last one billing period, and at least 70 % of all gaps one or, where a
    charge was left out, two of them. Where the records have amounts, at least 80 % of the
    charges, to the cent, are the customer's commonest.

    Parameters
    ----------
    periods
        Billing periods to look for: week (7 ± 1 days), month (30.44 ± 3), quarter (91.3 ± 7),
        year (365.25 ± 10). Two periods have the same tolerance as one.

    Returns
    -------
    ibis.Table
        customer_id, period, charges (the customer's occasions)
    """
    found = _regular(occasions, list(periods))
    if _has_amounts(occasions):
        steady = _commonest(occasions.semi_join(found, "customer_id"))
        found = found.inner_join(steady, "customer_id").filter(5 * _.commonest >= 4 * _.charges)
    return found.select("customer_id", "period", "charges")


def subscriptions(occasions: ibis.Table, periods: Periods = USUAL) -> pd.DataFrame:
    """Return how many customers pay as subscribers do, by billing period.

    Returns
    -------
    pandas.DataFrame
        period, customers, occasions (theirs); no row for a period that nobody has
    """
    found = subscribers(occasions, periods).group_by("period")
    return summed(found, customers=_.count(), occasions=_.charges.sum())


def charges(occasions: ibis.Table, as_of: date, periods: Periods = USUAL) -> pd.DataFrame:
    """Return how many charges were followed by another: what contractual churn is measured from.

    Nobody who stops says so. A customer has ended after two billing periods and their
    tolerance without a charge (63 days by month), so what became of later charges is not known yet:
    they are left out. A customer can first be recognised by the fourth charge, or a later one where
    a gap did not fit; charges count from that one on, since all before it were followed by another.

    Parameters
    ----------
    occasions
        The occasions as known on ``as_of``.

    Returns
    -------
    pandas.DataFrame
        - period: billing period
        - charge: number of the charge, from 4
        - recent: whether it lies within the last 365 days of those that can be told
        - again, ended: charges that were followed by another, and that were not
    """
    recent = days_until(as_of, _.day) <= _longest() + _RECENT
    told = _told(occasions, as_of, periods).group_by("period", charge=_.position, recent=recent)
    return summed(told, again=_.next_day.notnull().sum(), ended=_.next_day.isnull().sum())


def pauses(occasions: ibis.Table, as_of: date, periods: Periods = USUAL) -> pd.DataFrame:
    """Return how long subscribers took from one charge to the next, and how often one was left out.

    Of the charges that :func:`charges` counts as followed by another, those followed before the
    customer counted as ended.

    Parameters
    ----------
    occasions
        The occasions as known on ``as_of``.

    Returns
    -------
    pandas.DataFrame
        - period: billing period
        - gaps, days: how many gaps, and how long all of them together
        - paused: of the gaps, those longer than one billing period and its tolerance
    """
    gap = days_between(_.next_day, _.day)
    followed = _told(occasions, as_of, periods).filter(gap <= _longest())
    return summed(
        followed.group_by("period"),
        gaps=_.count(),
        days=gap.sum(),
        paused=(gap > _longest(1)).sum(),
    )


def period_days(period: str) -> float:
    """Return the length of a billing period."""
    return _PERIODS[period][0]


def due_days(period: str, times: int) -> tuple[int, int]:
    """Return the fewest and most days after which a charge comes, so many billing periods later.

    A customer silent for longer than one has left a charge out, for longer than two has ended.
    """
    return _days(period, times)


def active_subscribers(
    occasions: ibis.Table, as_of: date, periods: Periods = USUAL
) -> pd.DataFrame:
    """Return how many subscribers there are, and how many have not ended, by billing period.

    Parameters
    ----------
    occasions
        The occasions as known on ``as_of``.

    Returns
    -------
    pandas.DataFrame
        period, customers, active (silent for at most two billing periods and the tolerance)
    """
    found = subscribers(occasions, periods)
    latest = standing_at(occasions, as_of).inner_join(found, "customer_id")
    active = days_until(as_of, _.day) <= _longest()
    return summed(latest.group_by("period"), customers=_.count(), active=active.sum())


def _told(occasions: ibis.Table, as_of: date, periods: Periods) -> ibis.Table:
    """Return the charges that count, and are so long ago that another would have followed."""
    own = occasions.inner_join(subscribers(occasions, periods), "customer_id")
    return _numbered(own).filter(_.found, days_until(as_of, _.day) > _longest())


def _numbered(own: ibis.Table) -> ibis.Table:
    """Say of each charge of a subscriber whether it and those before it show the period."""
    once, twice = (
        ibis.cases(*((_.period == name, _lasts(name, times)) for name in _PERIODS))
        for times in (1, 2)
    )
    so_far = ibis.cumulative_window(group_by="customer_id", order_by="day")
    counted = own.mutate(
        once=ibis.ifelse(once, 1, 0).sum().over(so_far),
        either=ibis.ifelse(once | twice, 1, 0).sum().over(so_far),
        gaps=_.position - 1,
    )
    return counted.mutate(found=_keeps_to(counted.once, counted.either, counted.gaps))


def _longest(times: int = 2) -> Any:
    """Return the most days to a charge after so many periods; after two, no other is expected."""
    return ibis.cases(*((_.period == name, _days(name, times)[1]) for name in _PERIODS))


def _regular(occasions: ibis.Table, periods: list[str]) -> ibis.Table:
    """Return customer, period and charges of those whose gaps keep to a period."""
    counted: dict[str, Any] = {"gaps": _.count(), "charges": _.total.max()}
    for period in periods:
        once, twice = _lasts(period, 1), _lasts(period, 2)
        counted |= {f"{period}_once": once.sum(), f"{period}_either": (once | twice).sum()}
    later = occasions.filter(_.position > 1, _.total > _FEWEST)
    table = later.group_by("customer_id").agg(**counted)
    fits = (
        (_keeps_to(table[f"{period}_once"], table[f"{period}_either"], table.gaps), period)
        for period in periods
    )
    return table.mutate(period=ibis.cases(*fits)).filter(_.period.notnull())


def _lasts(period: str, times: int) -> Any:
    """Return whether the gap before an occasion is within the tolerance around so many periods."""
    return days_between(_.day, _.previous_day).between(*_days(period, times))


def _days(period: str, times: int) -> tuple[int, int]:
    """Return the fewest and most whole days within the tolerance around so many periods."""
    days, tolerance = _PERIODS[period]
    return math.ceil(times * days - tolerance), math.floor(times * days + tolerance)


def _keeps_to(once: Any, either: Any, gaps: Any) -> Any:
    """Return whether enough gaps last one period, and enough of all one or two."""
    # in whole numbers: .7 of ten gaps is to be seven on every engine
    return (once >= _FEWEST) & (10 * either >= 7 * gaps)


def _has_amounts(occasions: ibis.Table) -> bool:
    return (single(occasions.agg(value=_.value.max()))["value"] or 0) > 0


def _commonest(occasions: ibis.Table) -> ibis.Table:
    """Return per customer how many occasions have the commonest value, rounded to cents."""
    valued = occasions.filter(_.value.notnull())
    times = valued.group_by("customer_id", cents=whole_cents(_.value)).agg(n=_.count())
    return times.group_by("customer_id").agg(commonest=_.n.max())
