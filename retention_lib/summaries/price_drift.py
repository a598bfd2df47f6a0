"""How the value of an order moves within customers, and past amounts at the level of a later day."""

from __future__ import annotations

from datetime import date
from itertools import combinations_with_replacement
from math import log1p
from typing import Any, Final

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import summed
from retention_lib.summaries.occasions import days_until

DAYS_PER_YEAR: Final = 365.25
# what ln(value) is explained by: time, and the month of the year, of which the first is the base
REGRESSORS: Final = ("time", *(f"month_{number}" for number in range(2, 13)))
PRODUCTS: Final = tuple(
    f"{one}*{other}" for one, other in combinations_with_replacement((*REGRESSORS, "log"), 2)
)


def within_customers(occasions: ibis.Table, as_of: date) -> pd.DataFrame:
    """Return, by hash group, the sums that the yearly change of order value is found from.

    Each is the sum over customers of what two columns have in common around the customer's own means:
    so every customer is held against no one but themselves. First purchases are left out, which
    often differ from all later ones, and orders of nothing, which have no logarithm.

    Parameters
    ----------
    occasions
        May go on after ``as_of``.

    Returns
    -------
    pandas.DataFrame
        - grp, customers: hash group, its customers with two such orders or more
        - :data:`PRODUCTS`: sums of products of time (years before ``as_of``, negative), months
          (1 in it, else 0) and the logarithm of the order's value
    """
    orders = occasions.filter(
        _.day <= ibis.date(as_of), _.position > 1, (_.value > 0).fill_null(False)
    ).select(
        "customer_id",
        "grp",
        time=-days_until(as_of, _.day) / DAYS_PER_YEAR,
        log=_.value.ln(),
        month=_.day.month(),
    )
    own = orders.group_by("customer_id", "grp").agg(orders=_.count(), **_sums(orders))
    several = own.filter(_.orders > 1)
    return summed(
        several.group_by("grp"),
        customers=_.count(),
        **{name: _around_means(several, name).sum() for name in PRODUCTS},
    )


def _sums(orders: ibis.Table) -> dict[str, Any]:
    """Return a customer's sums of each column, and of the products that are not always 0."""
    columns = {name: _column(orders, name) for name in (*REGRESSORS, "log")}
    return {name: column.sum() for name, column in columns.items()} | {
        name: (columns[one] * columns[other]).sum()
        for name, (one, other) in _pairs().items()
        if not (one != other and one.startswith("month") and other.startswith("month"))
    }


def _column(orders: ibis.Table, name: str) -> Any:
    if not name.startswith("month"):
        return orders[name]
    return ibis.ifelse(orders.month == int(name.removeprefix("month_")), 1.0, 0.0)


def _pairs() -> dict[str, tuple[str, str]]:
    return {name: (name.split("*")[0], name.split("*")[1]) for name in PRODUCTS}


def _around_means(own: ibis.Table, name: str) -> Any:
    one, other = _pairs()[name]
    together = own[name] if name in own.columns else 0.0  # two months at once
    return together - own[one] * own[other] / own.orders


def at_level_of(occasions: ibis.Table, per_year: float, at: date) -> ibis.Table:
    """Return the occasions up to a day, with what the repeat ones brought at its level.

    Each order is multiplied by (1 + ``per_year``) to the number of years until then; returns on days
    without a purchase, whose dates the occasions do not hold, like the customer's orders together.
    :func:`retention_lib.summaries.counts.monetary` goes by that where it is there.

    Parameters
    ----------
    per_year
        The change of order value, as a share a year.

    Returns
    -------
    ibis.Table
        The occasions up to ``at`` with ``first_spend`` and ``repeat_spend``, the customer's in all
    """
    own = ibis.window(group_by="customer_id")
    each = _.value * _growth(per_year, at, _.day)
    known = occasions.filter(_.day <= ibis.date(at)).mutate(
        _raised=each.sum().over(own), _plain=_.value.sum().over(own)
    )
    back = _.refunds.fill_null(0.0) * (_._raised / _._plain.nullif(0.0)).fill_null(1.0)
    first = _.first_value * _growth(per_year, at, _.first_day)
    raised = known.mutate(repeat_spend=_._raised + back - first, first_spend=first)
    return raised.drop("_raised", "_plain")


def _growth(per_year: float, at: date, day: Any) -> Any:
    return (days_until(at, day) / DAYS_PER_YEAR * log1p(per_year)).exp()
