"""Why a row is set aside: one entry a reason. A new one needs its words in ``words.checks``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
    undone : bool
        Whether the audit tells the rate that there would be with such rows.
    touches : tuple of str
        The figures that such a loss moves.
    asks : bool
        Whether the client is asked about such rows where they are many.
    """

    name: str
    holds: Callable[[ibis.Table, Client], ir.BooleanValue]
    spoils: tuple[float, float] | None = (0.01, 0.10)
    undone: bool = False
    touches: tuple[str, ...] = EVERY_FIGURE
    asks: bool = False


# a row has the first one that applies
REASONS = (
    Reason("repeated_header", lambda rows, _: rows.is_header, spoils=None),
    Reason("unreadable_line", lambda rows, _: rows.unreadable_line.notnull(), asks=True),
    Reason("empty_line", lambda rows, _: rows.is_empty, spoils=None),
    Reason("total_row", lambda rows, _: rows.is_total, spoils=None),
    Reason("replaced_order", lambda rows, _: rows.is_replaced, spoils=None),
    # what sales without a customer spoil is judged by their money, too: `data_audit.verdict`
    Reason(
        "missing_customer_id", lambda rows, _: rows.customer_id.isnull(), spoils=None, asks=True
    ),
    Reason("no_customer", lambda rows, _: rows.is_nobody, spoils=None, asks=True),
    Reason("missing_date", lambda rows, _: rows.no_date, asks=True),
    Reason("unreadable_date", lambda rows, _: rows.day.isnull(), asks=True),
    Reason("missing_amount", lambda rows, client: rows.no_amount & client.has_amounts, asks=True),
    Reason(
        "unreadable_amount",
        lambda rows, client: rows.amount.isnull() & client.has_amounts,
        asks=True,
    ),
    # these two are known only once all rows have their reason: `typed`, `transactions.until`
    Reason(DATED_AHEAD, lambda rows, _: ibis.literal(False), spoils=None, asks=True),
    Reason(AFTER_AS_OF, lambda rows, _: ibis.literal(False), spoils=None),
    Reason("duplicate_line", lambda rows, _: rows.is_copy, spoils=None),
    Reason("cancelled", lambda rows, _: rows.is_cancelled, spoils=None, undone=True),
    # given back as a whole: no purchase, as if it were reversed the same day
    Reason("refunded", lambda rows, _: rows.is_refunded, spoils=None, undone=True),
    Reason(
        "zero_amount",
        lambda rows, client: (rows.amount == 0) & (client.zero_amounts == "set_aside"),
        spoils=None,
    ),
)
