"""What the audit looks for: one entry a check, and the rows, customers and money it touches.

A new check needs its words in ``words.checks`` and its test in ``tests/test_checks.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

import ibis
import ibis.expr.types as ir
from ibis import _

from retention_lib.summaries.checks import hours, lines, orders, people, products, returns
from retention_lib.summaries.checks.records import Records
from retention_lib.transactions import EVERY_FIGURE


@dataclass(frozen=True)
class Check:
    """Something about the rows that a reader of the figures should know.

    Attributes
    ----------
    name : str
        What it is called in results.
    holds : callable, optional
        Says of each row read whether it is touched; None where none can be. All are counted in one
        pass, so none may look at other rows: what must be known of them is computed before.
    among : callable, optional
        Where that does not do: returns the rows in use that are touched, or None. It looks at few
        rows only, and may return one row per order with how many ``lines`` it stands for.
    action : str
        What is done about it: such rows are kept as they are, netted, or only counted.
    spoils : str, optional
        The best verdict that is left once rows are touched.
    spoils_from : float
        The share of the rows in use from which on that is so.
    undone : callable or "left out", optional
        What the rows in use would be had the step not been taken, if that can be told: those that
        are touched would be left out, or all would be as this returns them. It is asked of the
        days that are touched alone, each customer's as a whole.
    not_undone : str
        The code of why that cannot be told, where there is no ``undone``.
    has_money : bool
        Whether the amounts of such rows say how much hangs on them.
    unused : str, optional
        The column that is only looked at where it is mapped and changes no figure.
    needs : str, optional
        The column without which there is nothing to look at.
    touches : tuple of str
        The figures that it moves where it spoils a verdict.
    asks : bool
        Whether the client is asked about such rows where they are many, and always where they
        lower a verdict.
    """

    name: str
    holds: Callable[[Records], ir.BooleanValue | None] | None = None
    among: Callable[[Records], ibis.Table | None] | None = None
    action: Literal["kept", "netted", "counted"] = "counted"
    spoils: Literal["fit with care", "unfit"] | None = None
    spoils_from: float = 0.0
    undone: Callable[[ibis.Table], ibis.Table] | Literal["left out"] | None = None
    not_undone: str = "nothing_done"
    has_money: bool = True
    unused: str | None = None
    needs: str | None = None
    touches: tuple[str, ...] = EVERY_FIGURE
    asks: bool = False

    def looks_at(self, records: Records) -> bool:
        """Say whether the records have what the check looks at."""
        return (self.unused is None or self.unused in records.unused) and (
            self.needs is None or records.has(self.needs)
        )


_CARE: Final = "fit with care"
_SOME: Final = 0.01  # of the rows in use
_LINES: Final = "lines_not_kept"
_MONEY: Final = ("revenue", "clv", "forecast")
# what moves where it is not known who a customer is, or on which day they came
_WHOM: Final = tuple(figure for figure in EVERY_FIGURE if figure != "revenue")
_WHEN: Final = tuple(figure for figure in _WHOM if figure != "customers")


def _decided(doubt: str) -> Callable[[Records], ir.BooleanValue]:
    """Return what says of each row whether that was decided of its order."""
    return lambda records: records.rows.order_doubt == doubt


def _returns(kind: str) -> Check:
    name = "discounts_in_orders" if kind == returns.DISCOUNT else f"returns_{kind}"
    return Check(
        name,
        among=partial(returns.of_kind, kind=kind),
        action="netted",
        undone="left out",
    )


def _accounts(name: str, holds: Callable[[Records], Any], **more: Any) -> Check:
    """Return the check of ids that may be no customers: they count, and could be left out."""
    return Check(name, holds, action="kept", undone="left out", asks=True, **more)


CHECKS: Final = (
    # what an order is
    Check(
        "orders_of_one_amount",
        among=orders.with_one_amount,
        not_undone=_LINES,
        needs="order_id",
    ),
    Check(
        "orders_booked_twice",
        among=orders.booked_twice,
        action="kept",
        undone="left out",
        spoils=_CARE,
        spoils_from=_SOME,
        touches=_MONEY,
        asks=True,
    ),
    Check(
        "reused_orders",
        _decided("reused"),
        not_undone="order_of_several",
        needs="order_doubt",
        asks=True,
    ),
    Check(
        "order_amounts_differ",
        _decided("amounts_differ"),
        spoils=_CARE,
        not_undone=_LINES,
        needs="order_doubt",
        touches=_MONEY,
        asks=True,
    ),
    Check("refund_repeated", _decided("refund_repeated"), not_undone=_LINES, needs="order_doubt"),
    # what stands more than once
    Check(
        "duplicate_lines",
        among=lines.repeated,
        action="kept",
        undone="left out",
        touches=_MONEY,
        asks=True,
    ),
    Check(
        "overlapping_files", among=lines.in_several_files, spoils=_CARE, touches=_MONEY, asks=True
    ),
    # what was given back
    _returns(returns.MATCHED),
    _returns(returns.UNMATCHED),
    _returns(returns.DISCOUNT),
    Check(
        "reversed_same_day",
        among=returns.reversed_days,
        action="netted",
        undone=returns.with_reversed,
    ),
    Check("reversed_within_orders", among=returns.mirrors, spoils=_CARE, asks=True),
    Check("reversed_large", among=returns.large, touches=_MONEY, asks=True),
    Check(
        "expenses",
        among=returns.expenses,
        action="netted",
        undone="left out",
        spoils=_CARE,
        touches=_MONEY,
        asks=True,
    ),
    Check("return_documents", lines.on_return_documents),
    Check("negative_quantities", lines.negative_quantities),
    # prices, amounts and what is no product
    Check(
        "zero_amounts",
        lambda records: records.rows.amount == 0,
        action="kept",
        undone="left out",
    ),
    Check("free_but_paid", lines.free_but_paid, touches=_MONEY, asks=True),
    Check("negative_prices", lines.negative_prices, touches=_MONEY, asks=True),
    Check("extreme_amounts", lines.far_above, touches=_MONEY, asks=True),
    Check(
        "fees_and_adjustments",
        products.are_fees,
        action="kept",
        undone="left out",
    ),
    # who the customers are
    Check(
        "decimal_ids",
        lambda records: records.rows.id_was_decimal,
        undone=lambda rows: rows.mutate(
            customer_id=ibis.ifelse(_.id_was_decimal, _.customer_id + ".0", _.customer_id)
        ),
        has_money=False,
    ),
    Check("ids_by_case", among=people.spelled_apart, spoils=_CARE, touches=_WHOM, asks=True),
    _accounts("placeholder_ids", people.placeholders),
    _accounts("test_accounts", people.tests, spoils=_CARE, spoils_from=_SOME),
    _accounts("staff_accounts", people.staff, spoils=_CARE, spoils_from=_SOME),
    _accounts("dominant_accounts", people.dominant),
    Check(
        "shared_emails",
        among=people.shared_email,
        spoils=_CARE,
        spoils_from=_SOME,
        touches=_WHOM,
        asks=True,
    ),
    Check(
        "several_emails",
        among=people.several_emails,
        spoils=_CARE,
        spoils_from=_SOME,
        touches=_WHOM,
        asks=True,
    ),
    # when
    # one stray date moves the history, and every figure with it
    Check("isolated_dates", lines.isolated, spoils="unfit", asks=True),
    Check("midnight_times", hours.midnight, has_money=False),
    Check("times_in_utc", hours.in_utc, spoils=_CARE, spoils_from=_SOME, touches=_WHEN, asks=True),
    Check(
        "times_at_night", hours.at_night, spoils=_CARE, has_money=False, touches=_WHEN, asks=True
    ),
    # what nobody uses
    Check(
        "unused_status",
        lambda records: records.rows.status.notnull(),
        spoils=_CARE,
        unused="status",
        asks=True,
    ),
    Check("unused_cost", lambda records: records.rows.cost.notnull(), unused="cost"),
)
