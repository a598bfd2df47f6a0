"""Orders whose lines have one amount, and orders that are booked twice."""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir
from ibis import _

from retention_lib.summaries.checks.records import Records
from retention_lib.summaries.counts import single

_PARTS: Final = ("product", "quantity", "amount")


def _orders(records: Records) -> ibis.Table | None:
    """Return one row per order of several lines; None where there are none."""
    if not records.has("order_id"):
        return None
    numbered = records.used.filter(_.order_id.notnull())
    orders = numbered.group_by("order_id").agg(
        customer_id=_.customer_id.min(),
        day=_.day.min(),
        lines=_.count(),
        parts=_.order_id.count(where=is_part(numbered)),
        money=_.amount.sum().fill_null(0.0),
    )
    several = orders.filter(_.lines > 1).cache()
    return several if single(several.limit(1).agg(n=_.count()))["n"] else None


def is_part(rows: ibis.Table) -> ir.BooleanValue:
    """Say of each row whether the amount of its order stands on another line."""
    if "no_purchase" not in rows.columns:
        return ibis.literal(False)
    empty = rows.no_purchase & rows.amount.isnull()
    if "status_means" in rows.columns:
        empty = empty & (rows.status_means != "return").fill_null(True)
    return empty.fill_null(False)


def with_one_amount(records: Records) -> ibis.Table | None:
    """Return orders of several lines whose amount stands on one of them, and counts once."""
    orders = records.known(_orders)
    if orders is None:
        return None
    fitting = orders.filter(_.parts > 0)
    # one row per order is enough: how many lines each stands for is counted with it
    return fitting.select("customer_id", amount=_.money, lines=_.lines)


def booked_twice(records: Records) -> ibis.Table | None:
    """Return the lines of orders that repeat another of that customer and day under a new number.

    All of their lines, two at least, agree in product, quantity and amount.
    """
    orders = records.known(_orders)
    if orders is None:
        return None
    kind = ["customer_id", "day", "lines", "cents"]
    keyed = orders.filter(_.money > 0).mutate(cents=(_.money * 100).round().cast("int64"))
    again = keyed.group_by(kind).agg(orders=_.count()).filter(_.orders > 1)
    few = keyed.semi_join(again, kind).select("order_id").cache()
    if not single(few.limit(1).agg(n=_.count()))["n"]:
        return None
    lines = records.used.semi_join(few, "order_id")
    content = ibis.struct({name: lines[name] for name in _PARTS if name in lines.columns}).hash()
    signed = lines.group_by("order_id").agg(
        customer_id=_.customer_id.min(), day=_.day.min(), content=content.bit_xor(), n=_.count()
    )
    same = ibis.window(group_by=["customer_id", "day", "content", "n"], order_by="order_id")
    copies = signed.mutate(at=ibis.row_number().over(same)).filter(_.at > 0)
    return lines.semi_join(copies, "order_id")
