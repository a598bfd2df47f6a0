"""Columns told by their values alone, where names say nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from retention_lib.proposal.fitting import FITS, identifies, is_day, is_money
from retention_lib.proposal.profiles import Profile

__all__ = ["ByValues", "comes_back", "customers", "days", "orders", "sums"]

Agree = Callable[[str, str], float]
ByValues = Callable[[Sequence[Profile], Sequence[Profile], Mapping[str, str], Agree], list[Profile]]

_MOSTLY: Final = 0.9
_ALL: Final = 0.98
_AGAIN: Final = 0.95  # where fewer of the values are different, some come back
_PIECES: Final = 30  # kinds of quantities
_FLAGS: Final = 3


def days(
    free: Sequence[Profile],
    named: Sequence[Profile],
    columns: Mapping[str, str],
    agree: Agree,
) -> list[Profile]:
    """Return the columns that can be the day of a sale, those with a fitting name if any are."""
    fit = [column for column in free if is_day(column)]
    return _with_name(named, fit) or [column for column in free if column.counted >= _ALL]


def sums(free: Sequence[Profile], named: Sequence[Profile]) -> list[Profile]:
    """Return the columns that can be sums of money."""
    fit = [column for column in free if is_money(column) and column.dates < _MOSTLY]
    return _with_name(named, fit)


def customers(
    free: Sequence[Profile],
    named: Sequence[Profile],
    columns: Mapping[str, str],
    agree: Agree,
) -> list[Profile]:
    """Return the columns that can be customers: they come back on several days.

    An order does not: its lines are of one day, and of one customer. Where no column comes back so,
    all that tell rows apart are returned, and somebody has to say.
    """
    if mails := [column for column in free if column.emails >= _MOSTLY]:
        return _with_name(named, mails)
    fit = [it for it in free if identifies(it) and not _counts(it)]
    day = columns.get("ordered_at")
    if day is None:  # nothing tells a customer from an order then
        return _with_name(named, fit)
    back = [it for it in fit if it in named or agree(it.name, day) < _ALL]
    for order in orders(free, columns, agree):
        back = [it for it in back if agree(order, it.name) >= _ALL]
    return _with_name(named, back) or [it for it in free if identifies(it)]


def orders(free: Sequence[Profile], columns: Mapping[str, str], agree: Agree) -> list[str]:
    """Return the column of orders' numbers, known or told by its lines being of one day."""
    day = columns.get("ordered_at")
    if known := columns.get("order_id"):
        return [known]
    fit = [it for it in free if identifies(it) and not _counts(it) and comes_back(it)]
    found = [it for it in fit if day and agree(it.name, day) >= _ALL]
    return [max(found, key=lambda it: it.distinct).name] if found else []


def _with_name(named: Sequence[Profile], fit: Sequence[Profile]) -> list[Profile]:
    """Return those columns of a kind whose name fits, too; all where none does."""
    return [column for column in fit if column in named] or list(fit)


def comes_back(column: Profile) -> bool:
    """Whether values stand in several rows, as those of customers do."""
    return column.distinct < _AGAIN * column.present


def _counts(column: Profile) -> bool:
    """Whether values may be numbers of pieces or flags rather than ids."""
    pieces = FITS["quantity"](column) and column.small >= _ALL and column.distinct < _PIECES
    return column.distinct <= _FLAGS or (pieces and column.distinct < _AGAIN * column.present / 2)
