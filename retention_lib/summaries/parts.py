"""Counts by part of the customers: do those who began in one way come back more often?"""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries import strata
from retention_lib.summaries.counts import summed
from retention_lib.summaries.occasions import Days, days_between, first_since, within

# compared, though only a few of them can be shown: the one that stands out may be small
MOST_COMPARED = 100
_COUNTS = ["start", "retained", "second_customers", "second_again"]


def by_attribute(
    occasions: ibis.Table, column: str, prior: Days, window: Days, as_of: date, within_days: int
) -> pd.DataFrame:
    """Return who stayed, and who bought a second time, by what the first occasion says.

    Parameters
    ----------
    column
        A column that is constant per customer, such as ``channel``; nulls are left out.
    prior, window
        First and last day of two adjoining windows; both days belong to it.
    as_of, within_days
        The last day known, and the days within which a second occasion counts.

    Returns
    -------
    pandas.DataFrame
        Customers of the largest parts, at most a hundred and none of under five, the largest
        first:

        - part
        - start: with an occasion in the prior window
        - retained: of them, with one in the window
        - second_customers: with their first occasion at least ``within_days`` before ``as_of``
        - second_again: of them, with a second one within ``within_days``

    Raises
    ------
    ValueError
        If the window does not begin on the day after the prior one.
    """
    counted = _counted(occasions, prior, window, as_of, within_days)
    held = counted.mutate(part=counted[column]).filter(_.part.notnull())
    return _shown(held)


def by_first_product(
    kept: ibis.Table,
    occasions: ibis.Table,
    prior: Days,
    window: Days,
    as_of: date,
    within_days: int,
) -> pd.DataFrame:
    """Return who stayed, and who bought a second time, by what was in the first basket.

    The first basket is all products bought on the day of the first occasion, those that were
    given back the same day among them. A customer counts once in each of its products.

    Parameters
    ----------
    kept
        The rows that the occasions were made from: customer_id, day, product, amount. An amount
        below 0 is a return; a null one is a purchase, as in the occasions.
    prior, window, as_of, within_days
        As in :func:`by_attribute`.

    Returns
    -------
    pandas.DataFrame
        As :func:`by_attribute` returns them: part (a product), start, retained,
        second_customers, second_again.

    Raises
    ------
    ValueError
        If the window does not begin on the day after the prior one.
    """
    counted = _counted(occasions, prior, window, as_of, within_days)
    baskets = first_baskets(kept, occasions)
    return _shown(counted.inner_join(baskets, "customer_id"))


def first_baskets(kept: ibis.Table, occasions: ibis.Table) -> ibis.Table:
    """Return what each customer bought on the day of the first occasion: customer_id, part.

    Parameters
    ----------
    kept
        As :func:`by_first_product` takes them.
    """
    firsts = occasions.filter(_.position == 1).select("customer_id", "day")
    bought = kept.filter(_.product.notnull(), _.amount.fill_null(0.0) >= 0)
    return (
        bought.semi_join(firsts, ["customer_id", "day"])
        .select("customer_id", part="product")
        .distinct()
    )


def _counted(
    occasions: ibis.Table, prior: Days, window: Days, as_of: date, within_days: int
) -> ibis.Table:
    """Return the occasions that count for anything, with a 1 under what they count for.

    Each customer has at most one 1 in each column, so that sums are customers.
    """
    if window[0] - prior[1] != timedelta(days=1):
        raise ValueError(f"a window from {window[0]} does not adjoin one to {prior[1]}")
    watched = (_.position == 1) & (_.day <= ibis.date(as_of - timedelta(days=within_days)))
    conditions = {
        "start": within(*prior) & first_since(prior[0]),
        "retained": within(*window) & _.previous_day.between(*map(ibis.date, prior)),
        "second_customers": watched,
        "second_again": watched & (days_between(_.next_day, _.day) <= within_days),
    }
    marked = occasions.mutate(**{name: ibis.ifelse(met, 1, 0) for name, met in conditions.items()})
    return marked.filter((_.start + _.retained + _.second_customers) > 0)


def _shown(counted: ibis.Table) -> pd.DataFrame:
    """Return the counts of the parts that are large enough to be shown."""
    sums = {name: counted[name].sum() for name in _COUNTS}
    table = summed(counted.group_by("part"), **sums)
    return strata.largest_of(table, "start", MOST_COMPARED)
