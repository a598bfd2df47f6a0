"""Negative amounts: matched to the purchase that they take back, or what else they may be."""

from __future__ import annotations

from typing import Any, Final

import ibis
import ibis.expr.types as ir
from ibis import _

from retention_lib.summaries.checks import products
from retention_lib.summaries.checks.records import Records
from retention_lib.summaries.counts import single
from retention_lib.summaries.occasions import purchase_days, taken_off

DISCOUNT, MATCHED, UNMATCHED = "discount", "matched", "unmatched"
_LARGE = 5.0  # scales above the middle amount
_LEAST_SHARE, _LEAST_ROWS = 0.01, 20  # of rows in use: fewer are no habit
_MANY_UNMATCHED, _MOST_UNMATCHED = 0.05, 0.80  # of rows in use, and of negative amounts
_LEAST_MIRRORS = 0.01  # of the orders
_DAY: Final = ("customer_id", "day")


def kinds(records: Records) -> ibis.Table | None:
    """Return the rows in use with a negative amount, and what each is; None without any.

    Returns
    -------
    ibis.Table
        The rows' columns, ``is_mirror`` (whether it takes back a purchase of its own order), and
        ``is_a``: ``discount`` on an order that it is a line of; ``matched`` to the customer's
        latest earlier purchase, or one of the same day, of the same product and quantity (of the
        same amount where lines do not say both); else ``unmatched``
    """
    if not records.returns:
        return None
    negative = _told_apart(records)
    discounts = negative.filter(_.is_voucher).mutate(is_a=ibis.literal(DISCOUNT))
    matched = _matched(records, negative.filter(~_.is_voucher))
    return discounts.union(matched.select(*discounts.columns)).drop("is_voucher").cache()


def _told_apart(records: Records) -> ibis.Table:
    """Return negative rows with what they are to the order that they are part of."""
    negative = records.used.filter(_.amount < 0)
    if not records.has("order_id"):
        return taken_off(negative)
    orders = negative.filter(_.order_id.notnull()).select("order_id").distinct()
    of_orders = taken_off(records.used.semi_join(orders, "order_id")).filter(_.amount < 0)
    alone = negative.filter(_.order_id.isnull())
    none = {"is_mirror": ibis.literal(False), "is_voucher": ibis.literal(False)}
    return of_orders.union(alone.mutate(**none).select(*of_orders.columns)).cache()


def _matched(records: Records, returns: ibis.Table) -> ibis.Table:
    """Return returns with whether each finds a purchase that no later return has taken.

    Purchases and returns of a kind are a stack: each return takes the latest purchase off. It
    finds none where the running balance falls below where it ever was.
    """
    keyed = returns.mutate(**_keys(returns), _step=ibis.literal(-1))
    sold = records.used.filter(_.amount > 0)
    sold = sold.mutate(
        **_keys(sold),
        _step=ibis.literal(1),
        is_mirror=ibis.literal(False),
        is_voucher=ibis.literal(False),
    )
    kind = ["customer_id", "_product", "_size", "_counted"]
    fitting = sold.semi_join(keyed.select(*kind).distinct(), kind).select(*keyed.columns)
    order: dict[str, Any] = {"group_by": kind, "order_by": ["day", ibis.desc("_step")]}
    # rows of one day and kind are alike, so that any order of them gives the same counts
    both = fitting.union(keyed).mutate(_row=ibis.row_number().over(ibis.window(**order)))
    order["order_by"] = "_row"
    running = both.mutate(
        _left=_._step.sum().over(ibis.window(**order, preceding=None, following=0))
    )
    least = _._left.min().over(ibis.window(**order, preceding=(None, 1)))
    found = running.mutate(_least=least).filter(_._step < 0)
    is_unmatched = _._left < ibis.least(_._least.fill_null(0), 0)
    return found.mutate(is_a=ibis.ifelse(is_unmatched, UNMATCHED, MATCHED)).drop(
        "_product", "_size", "_counted", "_step", "_row", "_left", "_least"
    )


def _keys(rows: ibis.Table) -> dict[str, ir.Value]:
    """Return what a return and its purchase must agree in: product, and quantity or amount."""
    money = rows.amount.abs().round(2)
    product = rows.product.fill_null("") if "product" in rows.columns else ibis.literal("")
    if not {"product", "quantity"} <= set(rows.columns):
        return {"_product": product, "_size": money, "_counted": ibis.literal(False)}
    counted = rows.product.notnull() & (rows.quantity != 0).fill_null(False)
    size = ibis.ifelse(counted, rows.quantity.abs(), money)
    return {"_product": product, "_size": size, "_counted": counted}


def of_kind(records: Records, kind: str) -> ibis.Table | None:
    """Return the negative rows of a kind."""
    found = records.known(kinds)
    return None if found is None else found.filter(_.is_a == kind)


def large(records: Records) -> ibis.Table | None:
    """Return returns of a purchase so large that it outweighs all others of its kind."""
    matched, spread = of_kind(records, MATCHED), records.spread
    if matched is None or spread is None:
        return None
    return matched.filter(_.amount.abs() > ibis.literal(spread.at(_LARGE)).exp())


def reversed_days(records: Records) -> ibis.Table | None:
    """Return purchases of days on which nothing was left: all was taken back the same day."""
    lines = _lines_of_reversed_days(records)
    return None if lines is None else lines.filter(_.amount > 0)


def _lines_of_reversed_days(records: Records) -> ibis.Table | None:
    if not records.returns:
        return None
    used = records.used
    mixed = used.semi_join(used.filter(_.amount < 0).select(*_DAY).distinct(), _DAY).cache()
    gone = purchase_days(mixed, {}).filter(~_.bought).select(*_DAY)
    return mixed.semi_join(gone, _DAY).cache()


def with_reversed(rows: ibis.Table) -> ibis.Table:
    """Return rows in use as if nothing had been taken back on the day of its purchase."""
    lines = _lines_of_reversed_days(Records(rows.mutate(reason=ibis.null(str))))
    if lines is None:
        return rows
    days = lines.filter(_.amount > 0).select(*_DAY).distinct()
    negative = rows.filter(_.amount < 0).anti_join(days, _DAY)
    return rows.filter((_.amount >= 0) | _.amount.isnull()).union(negative)


def mirrors(records: Records) -> ibis.Table | None:
    """Return lines that take back a line of their own order, where no product says whether it is so.

    They may as well be vouchers. Nothing where they are on less than 1 % of the orders.
    """
    found = records.known(kinds)
    if found is None or not records.has("order_id") or records.has("product"):
        return None
    held = found.filter(_.is_mirror)
    few = single(held.agg(orders=_.order_id.nunique()))["orders"]
    if not few or few < _LEAST_MIRRORS * single(records.used.agg(n=_.order_id.nunique()))["n"]:
        return None
    return held


def expenses(records: Records) -> ibis.Table | None:
    """Return negative amounts that look like expenses booked among the sales, if they are many.

    They match no purchase and are of products that nobody ever bought, or of customers who got
    back more than they paid; without products, they match nothing and are a habit.
    """
    unmatched = of_kind(records, UNMATCHED)
    if unmatched is None:
        return None
    unmatched = unmatched.filter(~products.is_fee(unmatched, records.known(products.fees)))
    found = single(unmatched.agg(n=_.count()))["n"]
    if found < max(_LEAST_ROWS, _LEAST_SHARE * records.count):
        return None
    if not records.has("product") and found >= max(
        _MANY_UNMATCHED * records.count, _MOST_UNMATCHED * records.returns
    ):
        return unmatched
    odd = _never_bought(records, unmatched)
    least = max(_LEAST_ROWS, _LEAST_SHARE * records.count)
    return odd if single(odd.agg(n=_.count()))["n"] >= least else None


def _never_bought(records: Records, unmatched: ibis.Table) -> ibis.Table:
    """Return those of products that nobody bought, and of customers who paid less than they got."""
    own = records.used.semi_join(unmatched.select("customer_id").distinct(), "customer_id")
    below = own.group_by("customer_id").agg(left=_.amount.sum()).filter(_.left < 0)
    over = unmatched.semi_join(below, "customer_id")
    if not records.has("product"):
        return over
    sold = records.used.filter(_.amount > 0).select("product").distinct()
    unsold = unmatched.filter(_.product.notnull()).anti_join(sold, "product")
    rest = over.filter(_.product.isnull()).union(over.semi_join(sold, "product"))
    return unsold.union(rest)
