"""Customers who pay as subscribers do, told from buyers by the rhythm of their occasions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import frame
from retention_lib.summaries.occasions import CENT, days_between

# days between charges, and by how much a charge may be early or late; no gap fits two of them,
# once or doubled, so that no customer does
_PERIODS = {
    "week": (7.0, 1.0),
    "month": (30.44, 3.0),
    "quarter": (91.3, 7.0),
    "year": (365.25, 10.0),
}
_FEWEST = 3


def subscribers(occasions: ibis.Table, periods: Iterable[str] = ("month", "quarter")) -> ibis.Table:
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


def subscriptions(
    occasions: ibis.Table, periods: Iterable[str] = ("month", "quarter")
) -> pd.DataFrame:
    """Return how many customers pay as subscribers do, by billing period.

    Returns
    -------
    pandas.DataFrame
        period, customers, occasions (theirs); no row for a period that nobody has
    """
    return frame(
        subscribers(occasions, periods)
        .group_by("period")
        .agg(customers=_.count(), occasions=_.charges.sum()),
        by=["period"],
    )


def _regular(occasions: ibis.Table, periods: list[str]) -> ibis.Table:
    """Return customer, period and charges of those whose gaps keep to a period."""
    gap = days_between(_.day, _.previous_day)
    counted: dict[str, Any] = {"gaps": _.count(), "charges": _.total.max()}
    for period in periods:
        once, twice = _lasts(gap, period, 1), _lasts(gap, period, 2)
        counted |= {f"{period}_once": once.sum(), f"{period}_either": (once | twice).sum()}
    table = (
        occasions.filter(_.position > 1, _.total > _FEWEST).group_by("customer_id").agg(**counted)
    )
    fits = ((_keeps_to(table, period), period) for period in periods)
    return table.mutate(period=ibis.cases(*fits)).filter(_.period.notnull())


def _lasts(gap: Any, period: str, times: int) -> Any:
    """Return whether a gap in whole days is within the tolerance around so many periods."""
    days, tolerance = _PERIODS[period]
    return gap.between(math.ceil(times * days - tolerance), math.floor(times * days + tolerance))


def _keeps_to(table: ibis.Table, period: str) -> Any:
    once, either = table[f"{period}_once"], table[f"{period}_either"]
    # in whole numbers: .7 of ten gaps is to be seven on every engine
    return (once >= _FEWEST) & (10 * either >= 7 * table.gaps)


def _has_amounts(occasions: ibis.Table) -> bool:
    highest = frame(occasions.agg(value=_.value.max()))["value"].iloc[0]
    return bool(pd.notna(highest) and highest > 0)


def _commonest(occasions: ibis.Table) -> ibis.Table:
    """Return per customer how many occasions have the commonest value, rounded to cents."""
    valued = occasions.filter(_.value.notnull())
    times = valued.group_by("customer_id", cents=(_.value / CENT + 0.5).floor()).agg(n=_.count())
    return times.group_by("customer_id").agg(commonest=_.n.max())
