"""How rows in use become purchase occasions: what falls away at each step, so that all adds up."""

from __future__ import annotations

from typing import Any

import ibis
from ibis import _

from retention_lib.summaries.counts import single
from retention_lib.summaries.occasions import occasions as occasions_of

_DAY = ("customer_id", "day")


def purchase_steps(rows: ibis.Table, occasions: ibis.Table, merge_days: int = 0) -> dict[str, int]:
    """Return what falls away between the rows in use and the occasions made of them.

    Rows in use less all of these are the occasions.

    Parameters
    ----------
    rows
        All typed rows with their ``reason``.
    occasions
        Those of the rows in use, by the same ``merge_days``.

    Returns
    -------
    dict
        - returns: rows that take something back, and rows of orders in which nothing was bought
        - same_order: further rows of an order; 0 without order ids
        - same_day: further orders (or rows of none) of a customer on one day
        - undone: days of a customer on which all that was bought was given back
        - near: days put to an earlier one by ``merge_days``
    """
    kept = rows.filter(_.reason.isnull())
    known = single(_by_day(kept).agg(days=_.count(), orders=_.orders.sum(), merged=_.merged.sum()))
    total = single(kept.agg(rows=_.count()))["rows"]
    days, orders, merged = (int(known[name] or 0) for name in ("days", "orders", "merged"))
    made = int(single(occasions.agg(n=_.count()))["n"])
    standing = made
    if merge_days:
        standing = int(single(occasions_of(kept).agg(n=_.count()))["n"])
    return {
        "returns": int(total) - orders - merged,
        "same_order": merged,
        "same_day": orders - days,
        "undone": days - standing,
        "near": standing - made,
    }


def _by_day(kept: ibis.Table) -> ibis.Table:
    """Return, of each customer's days with a sale, its orders and the rows merged into them."""
    ids = [name for name in ("order_id",) if name in kept.columns]
    sale = kept.amount.isnull() | (kept.amount >= 0)
    if "no_purchase" in kept.columns:
        sale &= ~kept.no_purchase
    returned = (kept.amount < 0).fill_null(False)
    orders = kept.group_by(*_DAY, *ids).agg(sales=sale.sum(), rest=(~returned).sum())
    alone = orders.order_id.isnull() if ids else ibis.literal(True)
    sold = orders.filter(_.sales > 0).mutate(
        orders=ibis.ifelse(alone, _.sales, 1),
        merged=ibis.ifelse(alone, 0, _.rest - 1),
    )
    sums: dict[str, Any] = {"orders": _.orders.sum(), "merged": _.merged.sum()}
    return sold.group_by(*_DAY).agg(**sums)
