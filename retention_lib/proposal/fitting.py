"""Whether the values of a column can be what its name says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from retention_lib.proposal.profiles import Profile

__all__ = ["FITS", "identifies", "is_day", "is_money"]

_MOSTLY: Final = 0.9
_HALF: Final = 0.5
_MOST_STATUSES: Final = 60
_MOST_CURRENCIES: Final = 30
_MOST_PARTS: Final = 1_000


def is_day(column: Profile) -> bool:
    """Whether nearly all cells are days, written as such."""
    return column.present > 0 and column.dates >= _MOSTLY


def is_money(column: Profile) -> bool:
    """Whether nearly all cells are numbers with decimals: sums of money, no ids."""
    return (
        column.present > 0
        and column.numbers >= _MOSTLY
        and max(column.cents, column.signs) >= _HALF
    )


def identifies(column: Profile) -> bool:
    """Whether the values can be ids: several, and no days or sums of money."""
    return column.distinct > 1 and column.dates < _HALF and not is_money(column)


def _day(column: Profile) -> bool:
    return column.present > 0 and (column.dates >= _HALF or column.counted >= _MOSTLY)


def _number(column: Profile) -> bool:
    return column.present > 0 and column.numbers >= _HALF and not _telephone(column)


def _telephone(column: Profile) -> bool:
    return column.long >= _MOSTLY and column.cents < _HALF


def _quantity(column: Profile) -> bool:
    return _number(column) and column.dates < _HALF


def _status(column: Profile) -> bool:
    few = 0 < column.distinct <= min(_MOST_STATUSES, max(2, column.present // 2))
    return few and column.emails == 0 and column.dates < _HALF and column.cents < _HALF


def _currency(column: Profile) -> bool:
    return 0 < column.distinct <= _MOST_CURRENCIES and column.numbers < _HALF


def _product(column: Profile) -> bool:
    return column.distinct > 1 and column.dates < _HALF and column.emails < _HALF


def _part(column: Profile) -> bool:
    return 0 < column.distinct <= _MOST_PARTS and not is_money(column) and column.dates < _HALF


def _order(column: Profile) -> bool:
    """Numbers of orders may be written as days are: ``1/01/2024``."""
    return column.distinct > 1 and not is_money(column) and column.emails < _HALF


FITS: Final[dict[str, Callable[[Profile], bool]]] = {
    "ordered_at": _day,
    "customer_id": identifies,
    "customer_name": identifies,
    "order_id": _order,
    "status": _status,
    "currency": _currency,
    "refunded": _number,
    "quantity": _quantity,
    "unit_price": _number,
    "amount": _number,
    "product": _product,
    "email": lambda column: column.emails >= _HALF,
    "channel": _part,
    "region": _part,
    "owner": _part,
}
