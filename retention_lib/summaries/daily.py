"""What each day brought, and what prices did across a day: where breaks of the records are found."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import single, summed
from retention_lib.summaries.occasions import within

AROUND: Final = 120  # days before and after a day within which prices are held against each other
_ODD: Final = 0.5  # of a log price: beyond that it is another pack or an error


def daily(rows: ibis.Table, occasions: ibis.Table) -> pd.DataFrame:
    """Return the sales of each day that has a row in use or an occasion.

    Parameters
    ----------
    rows
        All typed rows with their ``reason``.
    occasions
        As :mod:`retention_lib.summaries.occasions` describes them.

    Returns
    -------
    pandas.DataFrame
        - day
        - rows: those in use
        - customers: who bought; new_customers: of them, for the first time
        - money: the value of their occasions
        - log_value: sum of the logs of values above 0; valued: how many these are
    """
    bought = summed(
        occasions.group_by("day"),
        customers=_.count(),
        new_customers=(_.position == 1).sum(),
        money=_.value.sum().fill_null(0.0),
        log_value=_log(occasions.value).sum().fill_null(0.0),
        valued=(_.value > 0).sum().fill_null(0),
    )
    read = summed(rows.filter(_.reason.isnull()).group_by("day"), rows=_.count())
    both = read.merge(bought, "outer", "day").fillna(0).sort_values("day")
    return both.reset_index(drop=True)


def _log(number: ir.FloatingValue) -> ir.FloatingValue:
    """Return the logarithm of what is above 0; of all else some engines know none, and stop."""
    logs: ir.FloatingValue = ibis.ifelse(number > 0, number, None).ln()
    return logs


def new_customers(occasions: ibis.Table) -> pd.DataFrame:
    """Return who bought for the first time: day, new_customers; only days that have any."""
    return summed(occasions.filter(_.position == 1).group_by("day"), new_customers=_.count())


def has_prices(rows: ibis.Table) -> bool:
    """Say whether the rows tell what a piece of a product cost."""
    return "product" in rows.columns and bool({"unit_price", "quantity"} & set(rows.columns))


def prices(rows: ibis.Table) -> pd.DataFrame:
    """Return by day how far products' prices lie from their own mean.

    Returns
    -------
    pandas.DataFrame
        day, log_price (sum of logs against the product's own mean), priced (lines of products sold
        on several days); empty where the rows tell no prices
    """
    if not has_prices(rows):
        return pd.DataFrame({"day": [], "log_price": [], "priced": []})
    sold = _log_prices(rows)
    known = sold.group_by("product").agg(usual=_.log_price.mean(), often=_.day.min() < _.day.max())
    # joined by product, not summed by product and day: of these there may be as many as rows
    apart = sold.join(known.filter(_.often), "product").mutate(
        apart=(_.log_price - _.usual).clip(-_ODD, _ODD)
    )
    return summed(apart.group_by("day"), log_price=_.apart.sum(), priced=_.count())


def _log_prices(rows: ibis.Table) -> ibis.Table:
    """Return product, day and the log of a piece's price, of sales alone."""
    price: ir.FloatingValue = (
        rows.unit_price if "unit_price" in rows.columns else rows.amount / rows.quantity.nullif(0)
    )
    sold = rows.mutate(price=price).filter(
        _.reason.isnull(), _.price > 0, _.amount > 0, _.product.notnull()
    )
    return sold.select("product", "day", log_price=_log(sold.price))


def price_change(rows: ibis.Table, day: date) -> dict[str, Any]:
    """Return what products' prices did across a day, each product once.

    Returns
    -------
    dict
        n (products sold on both sides of it), mean and spread (standard deviation) of the change
        of their mean log price, and its median; without any, n is 0
    """
    return _change(_log_prices(rows), "product", "log_price", day)


def value_change(occasions: ibis.Table, day: date) -> dict[str, Any]:
    """Return what customers' order values did across a day: as :func:`price_change` does."""
    bought = occasions.mutate(log_value=_log(occasions.value)).filter(_.log_value.notnull())
    return _change(bought, "customer_id", "log_value", day)


def _change(table: ibis.Table, who: str, what: str, day: date) -> dict[str, Any]:
    near = within(day - timedelta(days=AROUND), day + timedelta(days=AROUND - 1))
    later = _.day >= ibis.date(day)
    sides = (
        table.filter(near)
        .group_by(who)
        .agg(before=_[what].mean(where=~later), after=_[what].mean(where=later))
    )
    change = sides.filter(_.before.notnull(), _.after.notnull()).mutate(change=_.after - _.before)
    return single(
        change.agg(
            n=_.count(),
            mean=_.change.mean(),
            spread=_.change.std(),
            median=_.change.median(),
        )
    )


__all__ = [
    "AROUND",
    "daily",
    "has_prices",
    "new_customers",
    "price_change",
    "prices",
    "value_change",
]
