"""One row per customer, and what scores say about them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import monetary, standing_with_recent, summed, triple
from retention_lib.summaries.occasions import CENT, days_until, net_spend, whole_cents

TRIPLE = ["frequency", "recency_days", "T_days"]
SUBSCRIBED = ["subscription", "frequency", "silent_days"]
_KNOWN = ("customer_id", "first_day", "last_day", *TRIPLE, "silent_days", "spend", "monetary")
_BUYING = ("p_alive", "expected_purchases", "purchases_low", "purchases_high")
_WHOLE = ("purchases_low", "purchases_high")
_NEXT = ("next_purchase", "next_purchase_from", "next_purchase_to")
_MONEY = ("expected_value", "expected_revenue", "clv", "clv_low", "clv_high")
_RISK = ("lapse_chance", "value_at_risk")
COLUMNS = (*_KNOWN, "state", *_BUYING, *_NEXT, *_MONEY, *_RISK, "subscription")
_MILLIONTH = 1e-6


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
        spend=net_spend(),
        monetary=monetary(occasions),
        **({"recent": _.recent} if recent_days else {}),
    )


def with_scores(
    customers: ibis.Table, scores: ibis.Table, spend: Any, margin: float | None
) -> ibis.Table:
    """Join scores of distinct triples to customers, and give each a value.

    Parameters
    ----------
    customers
        As :func:`customers` gives them, maybe with ``margin``, the customer's own (null: not known).
    scores
        frequency, recency_days, T_days, expected_purchases, discounted_purchases, and the ends of
        the 90 % intervals purchases_low, purchases_high, worth_low, worth_high (what is spent, in
        multiples of the expected spend per occasion, undiscounted). Some have ``recent`` as well,
        which the customers then need too, and some no ``p_alive`` or no ``lapse_chance``. Dates:
        next_purchase, next_purchase_from, next_purchase_to.
    spend
        Expected spend per occasion as a function of the columns (frequency, monetary); None
        where the records carry no amounts.
    margin
        Share of spend that counts as value, of customers without one of their own; None where
        customers have no value.

    Returns
    -------
    ibis.Table
        The customers with p_alive, expected_purchases, purchases_low, purchases_high,
        next_purchase, next_purchase_from, next_purchase_to, lapse_chance; expected_value (per
        occasion), expected_revenue (of all expected purchases, not discounted, whatever it costs),
        clv, clv_low, clv_high, value_at_risk (clv x
        lapse_chance).
    """
    keys = [*TRIPLE, *({"recent"} & set(scores.columns))]
    if spend is None:
        return _joined(customers, scores, keys, None, None)
    # as floats: the engine takes a model's parameters for decimals, which overflow with integers
    frequency = _.frequency.cast("float64")
    spent = spend(frequency, ibis.greatest(_.monetary.fill_null(0.0), 0.0))
    return _joined(customers, scores, keys, spent, margin)


def with_charges(customers: ibis.Table, scores: ibis.Table, margin: float | None) -> ibis.Table:
    """Join scores of subscribers' distinct states to them, and give each a value.

    Parameters
    ----------
    customers
        As :func:`customers` gives them, with ``subscription`` (billing period): subscribers only.
    scores
        As of :func:`with_scores`, with ``subscription``, ``frequency`` (charges - 1) and
        ``silent_days`` in place of the triple.
    margin
        Share of a charge that counts as value; None where customers have no value.

    Returns
    -------
    ibis.Table
        As of :func:`with_scores`; expected_value is what a charge has brought so far.
    """
    spent = _.spend if margin is None else _.spend.fill_null(0.0)
    charge = ibis.ifelse(spent < 0, 0.0, spent) / (_.frequency + 1)
    return _joined(customers, scores, SUBSCRIBED, charge, margin)


def _joined(
    customers: ibis.Table, scores: ibis.Table, keys: list[str], spent: Any, margin: float | None
) -> ibis.Table:
    """Return customers with their scores, and with what these bring at a spend per occasion."""
    unsaid = {"p_alive", "lapse_chance"} - set(scores.columns)
    dates = {name: _[name].cast("date") for name in _NEXT}
    joined = customers.inner_join(scores, keys).mutate(**_missing(unsaid), **dates)
    own = [name for name in customers.columns if name not in ("recent", "margin")]
    columns = [*own, *_BUYING, *_NEXT, "lapse_chance"]
    if spent is None:
        return joined.select(*columns, **_missing((*_MONEY, "value_at_risk")))
    joined = joined.mutate(spent=spent).mutate(expected_revenue=_.spent * _.expected_purchases)
    if margin is None:
        worth = tuple(name for name in _MONEY if name != "expected_revenue")
        return joined.select(*columns, "expected_revenue", **_missing((*worth, "value_at_risk")))
    share = ibis.literal(margin)
    if "margin" in customers.columns:
        share = _.margin.fill_null(margin)
    discount = (_.discounted_purchases / _.expected_purchases.nullif(0.0)).fill_null(0.0)
    return (
        joined.mutate(expected_value=_.spent * share)
        .select(
            *columns,
            "expected_value",
            "expected_revenue",
            clv=_.expected_value * _.discounted_purchases,
            clv_low=_.expected_value * _.worth_low * discount,
            clv_high=_.expected_value * _.worth_high * discount,
        )
        .mutate(value_at_risk=_.clv * _.lapse_chance)
    )


def without_scores(customers: ibis.Table) -> ibis.Table:
    """Return the customers with the columns of :func:`with_scores`, all missing."""
    return customers.mutate(**_missing((*_BUYING, *_NEXT, *_MONEY, *_RISK)))


def _missing(names: Iterable[str]) -> dict[str, Any]:
    kinds = dict.fromkeys(_WHOLE, "int64") | dict.fromkeys(_NEXT, "date")
    return {name: ibis.null(kinds.get(name, "float64")) for name in names}


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
    """Return how many customers are in each state, and what they spent, will buy and are worth.

    Whole cents and millionths add up to the same in any order, on however many processors.

    Returns
    -------
    pandas.DataFrame
        - state (missing where states are not told), customers
        - spend, expected_revenue, clv, at_risk (sum of value_at_risk): money, of customers rounded
          to cents
        - expected_purchases
    """
    return summed(
        customers.group_by("state"),
        customers=_.count(),
        spend=_total(_.spend, CENT),
        expected_purchases=_total(_.expected_purchases, _MILLIONTH),
        expected_revenue=_total(_.expected_revenue, CENT),
        clv=_total(_.clv, CENT),
        at_risk=_total(_.value_at_risk, CENT),
    )


def _total(column: Any, step: float) -> Any:
    """Return the sum of a column's values, each rounded to steps; missing where all are."""
    steps = (column / step + 0.5).floor().cast("int64")
    return steps.sum().cast("float64") * step


def worth(customers: ibis.Table) -> pd.DataFrame:
    """Return how many customers are worth how much; empty where none has a value.

    Returns
    -------
    pandas.DataFrame
        clv (rounded to cents), customers
    """
    valued = customers.filter(_.clv.notnull())
    return summed(valued.group_by(clv=whole_cents(_.clv) * CENT), customers=_.count())
