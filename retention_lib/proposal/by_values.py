"""Columns told by their values alone, where names say nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from retention_lib.proposal.fitting import FITS, identifies, is_day, is_money
from retention_lib.proposal.profiles import Profile

__all__ = ["customers", "days", "sums"]

_MOSTLY: Final = 0.9
_ALL: Final = 0.98
_AGAIN: Final = 0.95  # where fewer of the values are different, some come back
_PIECES: Final = 100  # kinds of quantities


def days(
    free: Sequence[Profile],
    named: Sequence[Profile],
    columns: Mapping[str, str],
    agree: Callable[[str, str], float],
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
    agree: Callable[[str, str], float],
) -> list[Profile]:
    """Return the columns that can be customers: they come back on several days.

    An order does not: its lines are of one day, and of one customer.
    """
    if mails := [column for column in free if column.emails >= _MOSTLY]:
        return _with_name(named, mails)
    fit = [it for it in free if identifies(it) and not _counts(it) and _comes_back(it)]
    fit += [column for column in named if column not in fit]
    if day := columns.get("ordered_at"):
        fit = [it for it in fit if it in named or agree(it.name, day) < _ALL]
    if order := columns.get("order_id"):
        fit = [it for it in fit if agree(order, it.name) >= _ALL]
    return _with_name(named, fit) if not order else fit


def _with_name(named: Sequence[Profile], fit: Sequence[Profile]) -> list[Profile]:
    """Return those columns of a kind whose name fits, too; all where none does."""
    return [column for column in fit if column in named] or list(fit)


def _comes_back(column: Profile) -> bool:
    return column.distinct < _AGAIN * column.present


def _counts(column: Profile) -> bool:
    """Whether values may be numbers of pieces, flags or kinds rather than ids."""
    few = column.distinct <= _PIECES and column.distinct < 0.05 * column.present
    return few or (FITS["quantity"](column) and column.small >= _ALL and column.distinct < 30)
