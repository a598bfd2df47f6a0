"""Customers lost between two windows: how much they were worth, and who the most valuable are.

Lost are those with an occasion in the prior window and none in the window that follows it at
once. They are ranked by what they spent in the prior window, to the cent: the net amount of
their lines there, returns included; among equals, those who bought more often come first.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import frame, single
from retention_lib.summaries.occasions import (
    CENT,
    Days,
    days_until,
    net_spend,
    standing_at,
    whole_cents,
    within,
)

_ATTRIBUTES = ("channel", "owner", "region")
_TREND = ("before_3", "before_2", "before_1", "prior")
_MOST_PRODUCTS = 3


def most_valuable(
    occasions: ibis.Table, kept: ibis.Table, prior: Days, window: Days, top: int = 10
) -> pd.DataFrame:
    """Return a dossier of the most valuable customers lost, so that somebody can call them.

    Parameters
    ----------
    occasions
        The annotated occasions.
    kept
        The usable transactions that these were made of, with ``product`` and ``effort`` (text)
        where the client has them.
    prior, window
        First and last day of each; the window begins on the day after the prior one.
    top
        How many customers at most.

    Returns
    -------
    pandas.DataFrame
        The most valuable first, ties by occasions, then by customer_id:

        - customer_id; prior_spend: net spend in the prior window, missing without amounts
        - spend, occasions: of all time; first_day, last_day: of the first and latest occasion
        - before_3, before_2, before_1, prior: occasions in the prior window and in the three
          spans of as many days before it; missing where the records begin later than the span
        - silent_days: from the latest occasion to the end of the window
        - channel, owner, region: where the occasions have them
        - products: the up to three of the highest amount on the day of the latest occasion, then
          "…" if there are more; missing without products
        - effort: what the latest line of the prior window that has any says; where it is mapped
    """
    first = single(occasions.agg(day=_.day.min()))["day"]
    # each part below joins the same few customers, who are ranked once
    chosen = _ranked(_lost(occasions, kept, prior, window)).limit(top).cache()
    parts = [
        _trend(occasions.semi_join(chosen, "customer_id"), prior, first),
        _products(kept, chosen),
        *([_effort(kept, chosen, prior)] if "effort" in kept.columns else []),
    ]
    dossier = chosen
    for part in parts:
        dossier = dossier.left_join(part, "customer_id").drop("customer_id_right")
    found = frame(_ranked(dossier).drop("cents")[_order(dossier)])
    return found.astype(dict.fromkeys(_TREND, "Int64"))


def total(
    occasions: ibis.Table, kept: ibis.Table, prior: Days, window: Days
) -> dict[str, float | int | None]:
    """Return how many customers were lost, and what they spent in the prior window.

    Parameters
    ----------
    occasions, kept, prior, window
        As for :func:`most_valuable`.

    Returns
    -------
    dict
        customers; spend, None where nobody was lost or the records carry no amounts
    """
    lost = _lost(occasions, kept, prior, window)
    # whole cents add up to the same sum in any order
    row = single(lost.agg(customers=_.count(), cents=_.cents.sum()))
    spend = None if row["cents"] is None else float(row["cents"]) * CENT
    return {"customers": row["customers"], "spend": spend}


def _lost(occasions: ibis.Table, kept: ibis.Table, prior: Days, window: Days) -> ibis.Table:
    """Return the lost with what their latest occasion tells, and their spend before."""
    latest = standing_at(occasions, window[1]).filter(within(*prior))
    lost = latest.select(
        "customer_id",
        spend=net_spend(),
        first_day=_.first_day,
        last_day=_.day,
        occasions=_.position,
        silent_days=days_until(window[1], _.day),
        **{name: latest[name] for name in _ATTRIBUTES if name in latest.columns},
    )
    lines = kept.filter(within(*prior))
    spent = lines.group_by("customer_id").agg(prior_spend=_.amount.sum())
    # sums of floats differ in their last digits from run to run, which would shuffle ties
    return lost.inner_join(spent, "customer_id").mutate(
        cents=whole_cents(_.prior_spend).cast("int64")
    )


def _ranked(lost: ibis.Table) -> ibis.Table:
    return lost.order_by(_.cents.isnull(), _.cents.desc(), _.occasions.desc(), _.customer_id)


def _order(dossier: ibis.Table) -> list[str]:
    """Return the dossier's columns as a reader wants them, those that it has."""
    wanted = ["customer_id", "prior_spend", "spend", "first_day", "last_day", "occasions"]
    wanted += [*_TREND, "silent_days", *_ATTRIBUTES, "products", "effort"]
    return [name for name in wanted if name in dossier.columns]


def _trend(own: ibis.Table, prior: Days, first: date | None) -> ibis.Table:
    """Return per customer the occasions in the prior window and the spans before it."""
    length = (prior[1] - prior[0]).days + 1
    counts: dict[str, Any] = {}
    for back, name in enumerate(reversed(_TREND)):
        since, to = (day - timedelta(back * length) for day in prior)
        occasions = ibis.ifelse(within(since, to), 1, 0).sum().cast("int64")
        counts[name] = occasions if back == 0 or (first and since >= first) else ibis.null("int64")
    return own.group_by("customer_id").agg(**counts)


def _products(kept: ibis.Table, chosen: ibis.Table) -> ibis.Table:
    """Return per customer what was bought on the day of the latest occasion, in one text."""
    if "product" not in kept.columns:
        return chosen.select("customer_id", products=ibis.null("string"))
    days = chosen.select("customer_id", day=_.last_day)
    lines = kept.filter(_.product.notnull(), _.amount.isnull() | (_.amount >= 0))
    bought = (
        lines.inner_join(days, ["customer_id", "day"])
        .group_by("customer_id", "product")
        .agg(cents=whole_cents(_.amount.sum().fill_null(0.0)))
    )
    order = ibis.window(group_by="customer_id", order_by=[_.cents.desc(), _.product])
    placed = bought.mutate(place=ibis.row_number().over(order))
    names = placed.group_by("customer_id").agg(
        kinds=_.count(),
        **{f"p{n}": _.product.max(where=_.place == n) for n in range(_MOST_PRODUCTS)},
    )
    text = names.p0
    for n in range(1, _MOST_PRODUCTS):
        text = text + ibis.ifelse(names.kinds > n, ibis.literal(", ") + names[f"p{n}"], "")
    more = ibis.ifelse(names.kinds > _MOST_PRODUCTS, ", …", "")
    return names.select("customer_id", products=text + more)


def _effort(kept: ibis.Table, chosen: ibis.Table, prior: Days) -> ibis.Table:
    """Return per customer what the latest line of the prior window says of the effort."""
    told = kept.semi_join(chosen, "customer_id").filter(_.effort.notnull(), within(*prior))
    order = ibis.window(group_by="customer_id", order_by=[_.day.desc(), _.effort.desc()])
    return (
        told.mutate(place=ibis.row_number().over(order))
        .filter(_.place == 0)
        .select("customer_id", "effort")
    )
