"""Why a row is set aside: one entry a reason.

A new one needs its words in ``words.checks`` and, where its rows cannot be put back, those of the
reason for that in ``words.data_audit.reasons``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Final

import ibis
import ibis.expr.types as ir

from retention_lib.client import Client

AFTER_AS_OF, DATED_AHEAD = "after_as_of", "dated_ahead"
NAMELESS = ("missing_customer_id", "no_customer")  # sales that belong to no known customer
# the figures that the audit's result knows by name: what is lost to all of them
EVERY_FIGURE = (
    "customers",
    "revenue",
    "cycle",
    "retained_rate",
    "second_purchase_rate",
    "new_customers",
    "clv",
    "forecast",
)


@dataclass(frozen=True)
class Reason:
    """Why a row cannot be used.

    Attributes
    ----------
    name : str
        What it is called in results and in ``set_aside.parquet``.
    holds : callable
        Says of each row whether it applies, from the typed values and the client; besides the
        columns of :func:`retention_lib.transactions.typed` there are ``is_header``, ``is_empty``,
        ``no_date``, ``no_amount``, ``is_copy``, ``is_cancelled``, ``is_replaced``, ``is_total``,
        ``is_nobody`` and ``is_refunded`` (bool); each line has the amount of its order here, if
        that stands on one of them.
    spoils : tuple of float, optional
        Above which shares of all rows figures need care, and cannot be given; None where such rows
        are left out on purpose.
    touches : tuple of str
        The figures that such a loss moves.
    asks : bool
        Whether the client is asked about such rows where they are many.
    no_rate, no_revenue : str, optional
        Codes of why it cannot be told what the retained rate, or the revenue, would be with such
        rows; where there is none, they are put back as they are.
    money_despite : tuple of str
        Other reasons that would not keep the money of such rows out of the books.
    """

    name: str
    holds: Callable[[ibis.Table, Client], ir.BooleanValue]
    spoils: tuple[float, float] | None = (0.01, 0.10)
    touches: tuple[str, ...] = EVERY_FIGURE
    asks: bool = False
    no_rate: str | None = None
    no_revenue: str | None = None
    money_despite: tuple[str, ...] = ()


_NO_SALE: Final = "no_sale_in_row"
_UNKNOWN: Final = "sale_unknown"
_UNDATED: Final = ("missing_date", "unreadable_date")

# a row has the first one that applies
REASONS = (
    Reason(
        "repeated_header",
        lambda rows, _: rows.is_header,
        spoils=None,
        no_rate=_NO_SALE,
        no_revenue=_NO_SALE,
    ),
    Reason(
        "unreadable_line",
        lambda rows, _: rows.unreadable_line.notnull(),
        asks=True,
        no_rate=_UNKNOWN,
        no_revenue=_UNKNOWN,
    ),
    Reason(
        "empty_line",
        lambda rows, _: rows.is_empty,
        spoils=None,
        no_rate=_NO_SALE,
        no_revenue=_NO_SALE,
    ),
    # most totals name neither customer nor day, and would be in the books all the same
    Reason(
        "total_row",
        lambda rows, _: rows.is_total,
        spoils=None,
        money_despite=(*NAMELESS, *_UNDATED),
    ),
    Reason("replaced_order", lambda rows, _: rows.is_replaced, spoils=None),
    # what sales without a customer spoil is judged by their money, too: `data_audit.verdict`
    Reason(
        "missing_customer_id",
        lambda rows, _: rows.customer_id.isnull(),
        spoils=None,
        no_rate="customer_unknown",
        asks=True,
    ),
    # each such id would be one customer
    Reason("no_customer", lambda rows, _: rows.is_nobody, spoils=None, asks=True),
    Reason("missing_date", lambda rows, _: rows.no_date, no_rate="day_unknown", asks=True),
    Reason(
        "unreadable_date",
        lambda rows, _: rows.day.isnull() & ~rows.no_date,
        no_rate="day_unknown",
        asks=True,
    ),
    Reason(
        "missing_amount",
        lambda rows, client: rows.no_amount & client.has_amounts,
        no_revenue="amount_unknown",
        asks=True,
    ),
    Reason(
        "unreadable_amount",
        lambda rows, client: rows.amount.isnull() & ~rows.no_amount & client.has_amounts,
        no_revenue="amount_unknown",
        asks=True,
    ),
    # these two are known only once all rows have their reason: `typed`, `transactions.until`
    Reason(DATED_AHEAD, lambda rows, _: ibis.literal(False), spoils=None, asks=True),
    Reason(AFTER_AS_OF, lambda rows, _: ibis.literal(False), spoils=None),
    Reason("duplicate_line", lambda rows, _: rows.is_copy, spoils=None),
    Reason("cancelled", lambda rows, _: rows.is_cancelled, spoils=None),
    # given back as a whole: no purchase, as if it were reversed the same day
    Reason("refunded", lambda rows, _: rows.is_refunded, spoils=None),
    Reason(
        "zero_amount",
        lambda rows, client: (rows.amount == 0) & (client.zero_amounts == "set_aside"),
        spoils=None,
    ),
)


def found(rows: ibis.Table, client: Client) -> ibis.Table:
    """Say of each row why it is set aside: ``reason``, the first that holds, and ``also``."""
    first = ((it.holds(rows, client), it.name) for it in REASONS)
    rows = rows.mutate(reason=ibis.cases(*first)).view()
    others = [_named(it.name, it.holds(rows, client) & (rows.reason != it.name)) for it in REASONS]
    # most rows have no reason: nothing is looked for there
    also = ibis.ifelse(rows.reason.isnull(), None, reduce(add, others))
    return rows.mutate(also=also.nullif("")).view()


def found_late(
    rows: ibis.Table, holds: ir.BooleanValue, name: str, takes: ir.BooleanValue
) -> ibis.Table:
    """Return rows with one more reason: the one they go by, where it takes them, or another."""
    holds = holds.fill_null(False)
    other = ibis.ifelse(takes, rows.reason + " ", f"{name} ").fill_null("")
    also = (rows.also.fill_null("") + other).nullif("")
    return rows.mutate(
        reason=ibis.ifelse(holds & takes, name, rows.reason),
        also=ibis.ifelse(holds, also, rows.also),
    )


def despite(rows: ibis.Table, names: Iterable[str]) -> ir.BooleanValue:
    """Say of each row whether nothing but these, if any, would set it aside as well."""
    left = rows.also.fill_null("")
    for name in names:
        left = left.replace(f"{name} ", "")
    found: ir.BooleanValue = left == ""
    return found


def _named(name: str, holds: ir.BooleanValue) -> ir.StringValue:
    found: ir.StringValue = ibis.ifelse(holds.fill_null(False), f"{name} ", "")
    return found
