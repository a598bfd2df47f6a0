"""One row per customer, and what scores say about them."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import frame, monetary, standing_with_recent, triple
from retention_lib.summaries.occasions import CENT, days_until

TRIPLE = ["frequency", "recency_days", "T_days"]


def customers(occasions: ibis.Table, as_of: date, recent_days: int = 0) -> ibis.Table:
    """Return one row per customer: the table that scores are joined to.

    Parameters
    ----------
    recent_days
        Length of the window up to and with ``as_of`` whose occasions are counted; 0: there is none.

    Returns
    -------
    ibis.Table
        customer_id, first_day, last_day, frequency, recency_days, T_days, silent_days,
        spend (net of returns), monetary (null for one-time buyers); recent (occasions in the last
        ``recent_days``), only where these are given
    """
    return standing_with_recent(occasions, as_of, recent_days).select(
        "customer_id",
        "first_day",
        last_day=_.day,
        **triple(as_of),
        silent_days=days_until(as_of, _.day),
        spend=_.spend_to_date + _.refunds.fill_null(0.0),
        monetary=monetary(),
        **({"recent": _.recent} if recent_days else {}),
    )


def with_scores(customers: ibis.Table, scores: ibis.Table, spend: Any, margin: float) -> ibis.Table:
    """Join scores of distinct triples to customers, and give each a value.

    Parameters
    ----------
    scores
        frequency, recency_days, T_days, p_alive, expected_purchases, discounted_purchases. Some
        have ``recent`` as well, which the customers then need too, and some no ``p_alive``.
    spend
        Expected spend per occasion as a function of the columns (frequency, monetary); None
        where the records carry no amounts.
    margin
        Share of spend that counts as value.

    Returns
    -------
    ibis.Table
        The customers with p_alive, expected_purchases, expected_value (per occasion) and clv.
    """
    keys = [*TRIPLE, *({"recent"} & set(scores.columns))]
    joined = customers.inner_join(scores, keys)
    if "p_alive" not in scores.columns:
        joined = joined.mutate(p_alive=ibis.null("float64"))
    known = [name for name in customers.columns if name != "recent"]
    columns = [*known, "p_alive", "expected_purchases"]
    if spend is None:
        missing = ibis.null("float64")
        return joined.select(*columns, expected_value=missing, clv=missing)
    # as floats: the engine takes a model's parameters for decimals, which overflow with integers
    frequency = _.frequency.cast("float64")
    value = spend(frequency, ibis.greatest(_.monetary.fill_null(0.0), 0.0)) * margin
    return joined.mutate(expected_value=value).select(
        *columns, "expected_value", clv=_.expected_value * _.discounted_purchases
    )


def without_scores(customers: ibis.Table) -> ibis.Table:
    """Return the customers with the columns of :func:`with_scores`, all missing."""
    names = ("p_alive", "expected_purchases", "expected_value", "clv")
    return customers.mutate(**dict.fromkeys(names, ibis.null("float64")))


def with_state(customers: ibis.Table, slipping_days: int, lapse_days: int) -> ibis.Table:
    """Say of each customer whether new, active, slipping or lapsed.

    Lapsed is silent for longer than ``lapse_days``; of the others, one-time buyers are new,
    those silent for longer than ``slipping_days`` slipping, the rest active.
    """
    state = ibis.cases(
        (_.silent_days > lapse_days, "lapsed"),
        (_.frequency == 0, "new"),
        (_.silent_days > slipping_days, "slipping"),
        else_="active",
    )
    return customers.mutate(state=state)


def states(customers: ibis.Table) -> pd.DataFrame:
    """Return customers, spend, expected purchases and CLV by state."""
    return frame(
        customers.group_by("state").agg(
            customers=_.count(),
            spend=_.spend.sum(),
            expected_purchases=_.expected_purchases.sum(),
            clv=_.clv.sum(),
        ),
        by=["state"],
    )


def worth(customers: ibis.Table) -> pd.DataFrame:
    """Return how many customers are worth how much; empty where none has a value.

    Returns
    -------
    pandas.DataFrame
        clv (rounded to cents), customers
    """
    cents = (_.clv / CENT + 0.5).floor() * CENT
    valued = customers.filter(_.clv.notnull())
    return frame(valued.group_by(clv=cents).agg(customers=_.count()), by=["clv"])


def value_bands(customers: ibis.Table, bands: int = 10) -> pd.DataFrame:
    """Return customers in bands of equal size, from the most valuable down.

    Returns
    -------
    pandas.DataFrame
        band (0 is the top), customers; clv, expected_purchases, p_alive (means); value_share
    """
    order = ibis.window(order_by=[ibis.desc("clv"), "customer_id"])
    table = frame(
        customers.mutate(band=ibis.ntile(bands).over(order))
        .group_by("band")
        .agg(
            customers=_.count(),
            clv=_.clv.mean(),
            expected_purchases=_.expected_purchases.mean(),
            p_alive=_.p_alive.mean(),
            total=_.clv.sum(),
        ),
        by=["band"],
    )
    return table.assign(value_share=table["total"] / table["total"].sum()).drop(columns="total")
