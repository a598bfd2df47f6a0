"""Gaps and waits by parts of the customers: one cycle does not fit all."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import summed
from retention_lib.summaries.occasions import days_between, days_until, standing_at

ORDER = "order"
_LAST = 3  # from the third order on, all are one part


def spells(
    occasions: ibis.Table, as_of: date, part: str, only: Collection[str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the gaps, waits and customers of each part.

    Parameters
    ----------
    occasions
        Up to ``as_of``, with ``part`` among their columns.
    part
        A column that is constant per customer, whose nulls are left out; or ``"order"``: the
        number of the order from which the next is waited for, ``1``, ``2`` or ``3+``.
    only
        The parts wanted, such as the :func:`largest`; all if None.

    Returns
    -------
    gaps : pandas.DataFrame
        part, grp, days, gaps; weight, in which a customer's gaps within a part count as one
    waits : pandas.DataFrame
        part, grp, days, waits; single (of them, customers without a gap in that part)
    customers : pandas.DataFrame
        part, customers (with a gap or a wait in it)
    """
    found = _by_order(occasions, as_of) if part == ORDER else _by_column(occasions, as_of, part)
    if only is not None:
        found = tuple(table.filter(_.part.isin(list(only))) for table in found)
    gaps, waits, starts = found
    ended = gaps.group_by("part", "grp", days=days_between(_.day, _.previous_day))
    unended = waits.group_by("part", "grp", days=days_until(as_of, _.day))
    return (
        summed(ended, gaps=_.count(), weight=(1.0 / _.own_gaps).sum()),
        summed(unended, waits=_.count(), single=_.alone.sum()),
        _customers(starts),
    )


def customers(occasions: ibis.Table, part: str) -> pd.DataFrame:
    """Return the customers of each part alone: part (as in :func:`spells`), customers."""
    starts = _order_starts(occasions) if part == ORDER else _column_starts(occasions, part)
    return _customers(starts)


def largest(parts: pd.DataFrame, keep: int = 8, at_least: int = 5) -> tuple[pd.DataFrame, int]:
    """Return the parts that are large enough to be shown.

    Parameters
    ----------
    parts
        part, customers.
    keep, at_least
        How many parts at most, and the fewest customers of each: few could be recognised.

    Returns
    -------
    shown : pandas.DataFrame
        part, customers; the largest first
    left_out : int
        Customers of all other parts.
    """
    ordered = parts.sort_values(["customers", "part"], ascending=[False, True])
    shown = ordered[ordered["customers"] >= at_least].head(keep).reset_index(drop=True)
    return shown, int(parts["customers"].sum() - shown["customers"].sum())


def largest_of(table: pd.DataFrame, column: str, keep: int) -> pd.DataFrame:
    """Return the rows of the :func:`largest` parts by a column of customers, the largest first."""
    parts = table[["part", column]].set_axis(["part", "customers"], axis=1)
    shown, _left_out = largest(parts, keep)
    return shown[["part"]].merge(table, on="part", how="left", validate="one_to_one")


def _by_order(occasions: ibis.Table, as_of: date) -> tuple[ibis.Table, ...]:
    """Return gaps, waits and starts by the order waited from; a customer may be in each part."""
    gaps = occasions.filter(_.position > 1).mutate(
        part=_order(_.position - 1), own_gaps=ibis.ifelse(_.position > _LAST, _.total - _LAST, 1)
    )
    waits = standing_at(occasions, as_of).mutate(part=_order(_.total), alone=_.total <= _LAST)
    return gaps, waits, _order_starts(occasions)


def _order_starts(occasions: ibis.Table) -> ibis.Table:
    return occasions.filter(_.position <= _LAST).mutate(part=_order(_.position))


def _order(number: Any) -> Any:
    return ibis.ifelse(number < _LAST, number.cast(str), f"{_LAST}+")


def _by_column(occasions: ibis.Table, as_of: date, part: str) -> tuple[ibis.Table, ...]:
    """Return gaps, waits and starts of the customers who have a value in a column."""
    held = occasions.mutate(part=occasions[part]).filter(_.part.notnull())
    gaps = held.filter(_.position > 1).mutate(own_gaps=_.total - 1)
    waits = standing_at(held, as_of).mutate(alone=_.total == 1)
    return gaps, waits, _column_starts(occasions, part)


def _column_starts(occasions: ibis.Table, part: str) -> ibis.Table:
    return occasions.mutate(part=occasions[part]).filter(_.position == 1, _.part.notnull())


def _customers(starts: ibis.Table) -> pd.DataFrame:
    return summed(starts.group_by("part"), customers=_.count())
