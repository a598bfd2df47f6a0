"""What customers of one kind did after they first bought: what a next one may be expected to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import combinations_with_replacement

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries import strata
from retention_lib.summaries.counts import summed, triple
from retention_lib.summaries.occasions import standing_at
from retention_lib.summaries.parts import first_baskets

# of a kind: the one that stands out may be small, but a model is fitted to each
MOST_COMPARED = 20
EVERYONE = ""
_SUMMED = ("repeats", "first", "later")


@dataclass(frozen=True)
class NewCustomerTables:
    """The customers of each part, as small tables.

    ``states``: part, frequency, recency_days, T_days, customers, as
    :func:`retention_lib.summaries.counts.frequency_recency` gives the latter.

    ``sums``, the largest part first: part, customers, repeat_buyers, and sums over customers of

    - repeats: occasions after the first
    - first: value of the first occasion, less what one-time buyers sent back
    - later: value of all others, less all other returns
    - repeats_repeats, repeats_first, repeats_later, first_first, first_later, later_later: the
      products of two of these, which sampling errors are found from
    """

    states: pd.DataFrame
    sums: pd.DataFrame


def everyone(occasions: ibis.Table, as_of: date) -> NewCustomerTables:
    """Return all customers as one part, named ``""``."""
    standing = _standing(occasions, as_of).mutate(part=ibis.literal(EVERYONE))
    return NewCustomerTables(_states(standing), _sums(standing))


def by_cohort(occasions: ibis.Table, as_of: date, quarters: bool) -> NewCustomerTables:
    """Return the customers by year of the first purchase (``2023``) or quarter (``2023-Q2``)."""
    standing = _standing(occasions, as_of)
    name = standing.first_day.year().cast("string")
    if quarters:
        name = name + ibis.literal("-Q") + standing.first_day.quarter().cast("string")
    return _largest(standing.mutate(part=name))


def by_attribute(occasions: ibis.Table, as_of: date, column: str) -> NewCustomerTables:
    """Return the customers by a column that is constant per customer; nulls are left out."""
    standing = _standing(occasions, as_of, column)
    return _largest(standing.mutate(part=standing[column]).filter(_.part.notnull()))


def by_first_product(kept: ibis.Table, occasions: ibis.Table, as_of: date) -> NewCustomerTables:
    """Return the customers by what was in the first basket; one counts in each of its products.

    Parameters
    ----------
    kept
        As :func:`retention_lib.summaries.parts.by_first_product` takes them.
    """
    baskets = first_baskets(kept, occasions)
    return _largest(_standing(occasions, as_of).inner_join(baskets, "customer_id"))


def _standing(occasions: ibis.Table, as_of: date, *columns: str) -> ibis.Table:
    """Return one row per customer: the state, and what the first occasion and all later ones brought."""
    spent, of_first = _.spend_to_date.fill_null(0.0) + _.refunds.fill_null(0.0), _.first_value
    if "repeat_spend" in occasions.columns:  # at the level of today
        spent, of_first = (_.first_spend + _.repeat_spend).fill_null(0.0), _.first_spend
    brought = standing_at(occasions, as_of).mutate(
        **triple(as_of),
        repeats=(_.position - 1).cast("float64"),
        spent=spent,
        first=ibis.ifelse(_.position == 1, spent, of_first.fill_null(0.0)),
    )
    names = ["customer_id", "first_day", *triple(as_of), *_SUMMED]
    return brought.mutate(later=brought.spent - brought["first"]).select(*names, *columns)


def _largest(standing: ibis.Table) -> NewCustomerTables:
    """Return the parts of five customers and more, so many of them as models may be fitted to."""
    shown = strata.largest_of(_sums(standing), "customers", MOST_COMPARED)
    return NewCustomerTables(_states(standing.filter(_.part.isin(list(shown["part"])))), shown)


def _states(standing: ibis.Table) -> pd.DataFrame:
    by = ["part", "frequency", "recency_days", "T_days"]
    return summed(standing.group_by(by), customers=_.count())


def _sums(standing: ibis.Table) -> pd.DataFrame:
    pairs = combinations_with_replacement(_SUMMED, 2)
    sums = {name: standing[name].sum() for name in _SUMMED}
    products = {f"{one}_{two}": (standing[one] * standing[two]).sum() for one, two in pairs}
    repeat_buyers = ibis.ifelse(_.repeats > 0, 1, 0).sum()
    return summed(
        standing.group_by("part"),
        customers=_.count(),
        repeat_buyers=repeat_buyers,
        **sums,
        **products,
    )
