"""Rows that a column beside the status says are no sales: tests, payments that were denied.

``not_sales: {Mode: [test], "Cancelled at": ["*"]}`` names such values; ``"*"`` is any but a blank.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from retention_lib.client import Client, folded
from retention_lib.sources import Raw
from retention_lib.transactions import cells

__all__ = ["ANY", "marked", "of_orders"]

ANY = "*"
_MOST = 10_000  # different values of a column that are looked through


def marked(raw: Raw, client: Client) -> ir.BooleanValue:
    """Say of each row of a source whether ``not_sales`` of the YAML names a value of it.

    Case and blanks around do not count.
    """
    found = [_holds(raw, column, words) for column, words in client.not_sales.items()]
    return ibis.or_(*found).fill_null(False) if found else ibis.literal(False)


def _holds(raw: Raw, column: str, words: tuple[str, ...]) -> ir.BooleanValue:
    text = cells.bare(raw.table[raw.names[column]]).cast(str)
    if ANY in words:
        return text.notnull()
    wanted = {folded(word) for word in words}
    seen = raw.table.select(text=text).distinct().limit(_MOST).to_pyarrow()["text"].to_pylist()
    spelt = [value for value in seen if value is not None and folded(value) in wanted]
    return text.isin(spelt) if spelt else ibis.literal(False)


def of_orders(rows: ibis.Table, client: Client) -> ibis.Table:
    """Let ``is_no_sale`` hold for all lines of an order of which it holds for one."""
    if not client.not_sales or "order_id" not in rows.columns:
        return rows
    named = rows.filter(rows.is_no_sale, rows.order_id.notnull(), ~rows.is_replaced)
    orders = named.select(no_sale=named.order_id).distinct()
    both = rows.left_join(orders, rows.order_id == orders.no_sale)
    is_no_sale = both.is_no_sale | (both.no_sale.notnull() & ~both.stands_alone)
    return both.mutate(is_no_sale=is_no_sale).drop("no_sale").view()
