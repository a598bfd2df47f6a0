"""An order is one thing: the lines of one order id have one customer, day and status.

One aggregate over the lines says whether anything is to be done; only orders that need it are
joined to their lines again.
"""

from __future__ import annotations

from typing import Any, Final

import ibis
import ibis.expr.types as ir
from ibis import _

from retention_lib.client import Client
from retention_lib.client.lines import as_line
from retention_lib.errors import Choice, ConfigError, redacted
from retention_lib.sources import Raw
from retention_lib.transactions import overlaps

__all__ = ["united"]

_MOST_CONFLICTS = 0.01  # of the orders of several lines; above, the column is no order number
_FEW = 3  # orders that are too few to say how a column is written
_MOST_DAYS = 366  # between the first and the last line of one order
_EQUAL_SHARE = 0.95
_PER_ORDER: Final = ("amount", "refunded", "cost")


def united(raw: Raw, client: Client, rows: ibis.Table) -> ibis.Table:
    """Give each line what is its order's: customer, day, status, amount and refund.

    Parameters
    ----------
    raw, client
        The source and the client.
    rows
        Rows typed cell by cell: order_id (if mapped), customer_id, ``is_nobody`` (whether
        ``not_customers`` names it), day, amount, status and so on, ``no_date``, ``no_amount``,
        ``is_copy``, ``source_file``, ``line_number``, and ``stands_alone``: lines that are no part
        of an order, such as those that cannot be read.

    Returns
    -------
    ibis.Table
        The rows with ``customer_id``, ``day`` and ``status`` of their order. Besides:

        - ``order_id``: one text per order; that of the source, unless it stands for several orders
        - ``is_replaced``: whether a later file holds the order anew
        - ``is_part``: whether the amount of its order stands on another line. ``amount``,
          ``refunded`` and ``cost`` are those of the order on all its lines then
        - ``order_total``: the sum of an order's amounts where refunds need it, else null
        - ``order_doubt``: what was decided about the order, see :data:`DOUBTS`; null if nothing

    Raises
    ------
    ConfigError
        If order numbers begin anew in each file, if they are no order numbers, or if an amount
        looks like the order's total repeated on each line; each with the lines that settle it.
    """
    if "order_id" not in rows.columns:
        return rows.mutate(is_replaced=False, is_part=False, order_total=ibis.null("float64"))
    rows = overlaps.marked(raw, client, rows)
    rows = rows.mutate(
        order_key=ibis.ifelse(rows.is_replaced | rows.stands_alone, None, rows.order_id),
        order_doubt=ibis.null(str),
    ).view()
    count = _row(rows.agg(lines=_.order_key.count(), orders=_.order_key.nunique()))
    if count["lines"] == count["orders"]:
        return _alone(rows)
    orders = _several(rows, client).cache()
    found = _summed(orders)
    if found["conflicts"]:
        _refuse_reused(raw, client, orders, found)
        rows = _told_apart(rows, orders)
        orders = _several(rows, client).cache()
        found = _summed(orders)
    if client.has_amounts:
        _check_grain(raw, client, rows, orders, found)
    decided = _decided(orders, client, found)
    needed = decided.filter(_.needed).cache()
    if not _row(needed.agg(it=_.count()))["it"]:
        return _alone(rows)
    return raw.stored(_put_back(rows, needed))  # joined once


#: What ``order_doubt`` says: the id stood for several customers or distant days and was told apart
#: by them; the amounts differ though ``amount_is: order``, and stay the lines' own, or one that
#: stands more than once is taken; the refund stood on each line and was counted once.
DOUBTS: Final = ("reused", "amounts_differ", "refund_repeated")


def _alone(rows: ibis.Table) -> ibis.Table:
    return rows.drop("order_key").mutate(is_part=False, order_total=ibis.null("float64"))


def _several(rows: ibis.Table, client: Client) -> ibis.Table:
    """Return one row per order of several lines: how far they agree, and what they say."""
    own = ~rows.is_copy
    measures: dict[str, Any] = {
        "lines": _.count(),
        "own_lines": own.sum(),
        "first_line": rows.line_number.min(where=own),
        "customer": rows.customer_id.min(where=~rows.is_nobody),
        "other_customer": rows.customer_id.max(where=~rows.is_nobody),
        "nobody": rows.customer_id.min(where=rows.is_nobody),
        "named": rows.customer_id.count(where=~rows.is_nobody),
        "day": rows.day.min(),
        "last_day": rows.day.max(),
        "dated": rows.day.count(),
    }
    if "status" in rows.columns:
        measures["status"] = rows.status.argmin(rows.line_number, where=rows.status.notnull())
        measures["stated"] = rows.status.count()
    if client.has_amounts:
        measures |= _measures_of_money(rows, own, client)
    grouped = rows.filter(rows.order_key.notnull()).group_by("order_key")
    return grouped.agg(**measures).filter(_.lines > 1)


def _measures_of_money(
    rows: ibis.Table, own: ir.BooleanValue, client: Client
) -> dict[str, ir.Value]:
    """Return how often and how alike amounts, refunds and costs stand on an order's own lines."""
    found: dict[str, ir.Value] = {
        "amounts": (own & ~rows.no_amount).sum(),
        "carrier": rows.line_number.min(where=own & ~rows.no_amount),
        "amount": rows.amount.max(where=own & ~rows.no_amount),
    }
    for name in (name for name in _PER_ORDER if name in rows.columns):
        column = rows[name]
        stands = own & (column != 0) if name == "refunded" else own & column.notnull()
        found |= {
            f"{name}_stands": stands.sum().fill_null(0),
            f"{name}_least": column.min(where=stands),
            f"{name}_most": column.max(where=stands),
            f"{name}_sum": column.sum(where=stands).fill_null(0.0),
        }
    if client.amount_is == "order":
        found["usual"] = rows.amount.mode(where=own)
        found["different"] = rows.amount.nunique(where=own)
    return found


def _conflict(orders: ibis.Table) -> ir.BooleanValue:
    return _several_customers(orders) | _far_apart(orders)


def _several_customers(orders: ibis.Table) -> ir.BooleanValue:
    found: ir.BooleanValue = (orders.customer != orders.other_customer).fill_null(False)
    return found


def _far_apart(orders: ibis.Table) -> ir.BooleanValue:
    apart: ir.BooleanValue = orders.last_day.delta(orders.day, unit="day") > _MOST_DAYS
    return apart.fill_null(False)


def _equal(orders: ibis.Table, name: str) -> ir.BooleanValue:
    """Say of each order whether a number that is not 0 stands alike on all of its own lines."""
    least, most = orders[f"{name}_least"], orders[f"{name}_most"]
    found: ir.BooleanValue = _on_all(orders, name) & (least == most)
    return found.fill_null(False)


def _on_all(orders: ibis.Table, name: str) -> ir.BooleanValue:
    """Say of each order whether a number stands on all of its own lines, not 0 throughout."""
    least, most = orders[f"{name}_least"], orders[f"{name}_most"]
    on_all = (orders.own_lines > 1) & (orders[f"{name}_stands"] == orders.own_lines)
    found: ir.BooleanValue = (on_all & ~((least == 0) & (most == 0))).fill_null(False)
    return found


def _summed(orders: ibis.Table) -> dict[str, Any]:
    """Count the orders of several lines by what they are like, in one pass."""
    sums: dict[str, ir.Value] = {"orders": orders.count(), "conflicts": _conflict(orders).sum()}
    for name in (name for name in _PER_ORDER if f"{name}_stands" in orders.columns):
        on_all, equal = _on_all(orders, name), _equal(orders, name)
        if name == "refunded":  # of lines with one price, each may have been given back
            unlike = ~_equal(orders, "amount")
            on_all, equal = on_all & unlike, equal & unlike
        sums |= {f"{name}_on_all": on_all.sum(), f"{name}_equal": equal.sum()}
    return {name: value or 0 for name, value in _row(orders.agg(**sums)).items()}


def _repeated(found: dict[str, Any], name: str, at_least: int = 1) -> bool:
    """Say whether a number that stands on all lines of an order is the order's."""
    on_all, equal = found.get(f"{name}_on_all", 0), found.get(f"{name}_equal", 0)
    return bool(on_all >= at_least and equal >= _EQUAL_SHARE * on_all)


def _refuse_reused(raw: Raw, client: Client, orders: ibis.Table, found: dict[str, Any]) -> None:
    """Stop where too many order ids stand for several customers, or for lines years apart."""
    count, several = found["conflicts"], found["orders"]
    if not _too_many(count, several):
        return
    example = orders.filter(_conflict(orders)).order_by("order_key").limit(1)
    row = example.to_pyarrow().to_pylist()[0]
    gone = ("amount_is", "order_ids")
    settings: dict[str, Any] = {"columns": {"order_id": None}}
    settings |= {key: None for key in gone if getattr(client, key)}
    line = ", ".join(as_line(key, value) for key, value in settings.items())
    choice = Choice(
        line if len(settings) == 1 else f"{{{line}}}", "lines stand alone, without order numbers"
    )
    said = (
        f"customers {_shown(row['customer'])} and {_shown(row['other_customer'])}"
        if row["customer"] != row["other_customer"]
        else f"lines of {row['day']} and {row['last_day']}"
    )
    raise ConfigError(
        f"{raw.where}: column {client.columns.order_id!r} holds no order numbers: {count:,} of "
        f"{several:,} numbers that stand on several lines stand for several customers, or for lines "
        f"more than {_MOST_DAYS} days apart, e.g. {_shown(row['order_key'])} for {said}. Map the "
        f"column that numbers the orders, or none: {choice}.",
        choices=(choice,),
    )


def _shown(text: str | None) -> str:
    return repr(redacted(text or "")[:40])


def _too_many(count: int, of: int) -> bool:
    return count > _MOST_CONFLICTS * of and (count >= _FEW or 2 * count > of)


def _told_apart(rows: ibis.Table, orders: ibis.Table) -> ibis.Table:
    """Return rows in which each customer of a reused order id has an order of its own."""
    reused = orders.filter(_conflict(orders)).select(
        "order_key", far_apart=_far_apart(orders), is_reused=True
    )
    both = rows.left_join(reused, "order_key")
    of_day = ibis.ifelse(both.far_apart, ibis.literal(" ") + both.day.cast(str), "")
    own = both.order_key + " (" + both.customer_id.fill_null("") + of_day.fill_null("") + ")"
    is_reused = both.is_reused.fill_null(False)
    return both.select(
        **{name: both[name] for name in rows.columns}
        | {
            "order_key": ibis.ifelse(is_reused, own, both.order_key),
            "order_id": ibis.ifelse(is_reused, own, both.order_id),
            "order_doubt": ibis.ifelse(is_reused, "reused", None),
        }
    ).view()


def _check_grain(
    raw: Raw, client: Client, rows: ibis.Table, orders: ibis.Table, found: dict[str, Any]
) -> None:
    """Stop where amounts look like totals of orders and nothing is said of it, or the reverse."""
    if client.amount_is == "order":
        _refuse_own_amounts(raw, client, orders)
    if client.amount_is is None and client.columns.amount and _repeated(found, "amount", _FEW):
        _refuse_totals(raw, client, rows, orders, found)


def _refuse_own_amounts(raw: Raw, client: Client, orders: ibis.Table) -> None:
    held = orders.filter(_.amount_stands > 1)
    row = _row(held.agg(orders=_.count(), differ=(_.amount_least != _.amount_most).sum()))
    if not _too_many(row["differ"] or 0, row["orders"]):
        return
    example = held.filter(_.amount_least != _.amount_most).order_by("order_key").limit(1)
    seen = example.to_pyarrow().to_pylist()[0]
    choice = Choice("amount_is: line", "each line's amount counts")
    raise ConfigError(
        f"{raw.where}: column {client.columns.amount!r} differs between the lines of "
        f"{row['differ']:,} of {row['orders']:,} orders, e.g. from {seen['amount_least']:,.2f} to "
        f"{seen['amount_most']:,.2f} in order {_shown(seen['order_key'])}, so it is not the order's "
        f"total as `amount_is: order` has it; write {choice}, or map the column of order totals.",
        choices=(choice,),
    )


def _refuse_totals(
    raw: Raw, client: Client, rows: ibis.Table, orders: ibis.Table, found: dict[str, Any]
) -> None:
    counted = rows.filter(rows.order_key.notnull(), ~rows.is_copy)
    by_line = _row(counted.agg(it=_.amount.sum()))["it"]
    extra = orders.filter(_equal(orders, "amount"))
    row = _row(extra.agg(it=(_.amount_sum - _.amount_most).sum()))
    choices = (
        Choice("amount_is: order", f"each order's amount counts once: {by_line - row['it']:,.2f}"),
        Choice("amount_is: line", f"each line's amount counts: {by_line:,.2f}"),
    )
    raise ConfigError(
        f"{raw.where}: column {client.columns.amount!r} is the same on all lines of "
        f"{found['amount_equal']:,} of {found['amount_on_all']:,} orders of several lines, so it may "
        f"be the order's total, repeated. Write {choices[0]} if it is (orders of "
        f"{by_line - row['it']:,.2f} in all), {choices[1]} if each line has an amount of its own "
        f"({by_line:,.2f}).",
        choices=choices,
    )


def _decided(orders: ibis.Table, client: Client, found: dict[str, Any]) -> ibis.Table:
    """Return what the lines of each order are to get, and whether they need it."""
    told: dict[str, ir.Value] = {
        "of_order": ibis.coalesce(orders.customer, orders.nobody),
        "order_day": orders.day,
        "carrier": ibis.literal(None, "int64"),
        "is_whole": ibis.literal(False),
        "decided": ibis.literal(None, str),
    }
    needed = (orders.named < orders.lines) & told["of_order"].notnull()
    needed |= (orders.day != orders.last_day) | (orders.dated < orders.lines)
    if "status" in orders.columns:
        told["order_status"] = orders.status
        needed |= orders.stated.between(1, orders.lines - 1)
    if client.has_amounts:
        told |= _decided_money(orders, client, found)
        needed |= told["is_whole"] | told["once"] | told["decided"].notnull()
        if "refunded_stands" in orders.columns:
            needed |= (orders.refunded_stands > 0) & (orders.amount_least < 0)
    return orders.select("order_key", **told, needed=needed.fill_null(False)).view()


def _decided_money(
    orders: ibis.Table, client: Client, found: dict[str, Any]
) -> dict[str, ir.Value]:
    """Return whether an amount is the whole order's, and amount, refund and cost of the order."""
    is_whole = (orders.amounts == 1) & (orders.own_lines > 1)
    whole, doubt = orders.amount, ibis.literal(None, str)
    if client.amount_is == "order":
        stands_again = orders.different < orders.amount_stands
        is_whole |= (orders.amounts > 1) & stands_again
        whole = ibis.ifelse(orders.amounts == 1, orders.amount, orders.usual)
        differ = (orders.amount_stands > 1) & (orders.amount_least != orders.amount_most)
        doubt = ibis.ifelse(differ, "amounts_differ", None)
    told = {
        "carrier": orders.carrier,
        "is_whole": is_whole.fill_null(False),
        "whole_amount": whole,
        "order_total": ibis.ifelse(is_whole, whole, orders.amount_sum),
        "once": ibis.literal(False),
    }
    if "cost_stands" in orders.columns:
        repeated = _equal(orders, "cost") & _repeated(found, "cost", _FEW)
        known = ibis.ifelse(orders.cost_stands == orders.own_lines, orders.cost_sum, None)
        told["whole_cost"] = ibis.cases(
            (repeated | (orders.cost_stands == 1), orders.cost_most), else_=known
        )
    if "refunded_stands" in orders.columns:
        repeated = _equal(orders, "refunded") & _repeated(found, "refunded")
        repeated |= _equal(orders, "refunded") & is_whole & (orders.amounts > 1)
        told["whole_refund"] = ibis.ifelse(repeated, orders.refunded_most, orders.refunded_sum)
        told["once"] = (repeated & ~is_whole & ~_equal(orders, "amount")).fill_null(False)
        doubt = ibis.coalesce(doubt, ibis.ifelse(repeated, "refund_repeated", None))
    return told | {"decided": doubt}


def _put_back(rows: ibis.Table, needed: ibis.Table) -> ibis.Table:
    """Return the lines with what their order says."""
    both = rows.left_join(needed, "order_key")
    mine = both.carrier == both.line_number
    is_whole = both.is_whole.fill_null(False)
    given: dict[str, ir.Value] = {
        "customer_id": ibis.coalesce(both.of_order, both.customer_id),
        "is_nobody": both.is_nobody & both.of_order.isnull(),
        "day": ibis.coalesce(both.order_day, both.day),
        "no_date": both.no_date & both.order_day.isnull(),
        "order_doubt": ibis.coalesce(both.order_doubt, both.decided),
        "is_part": is_whole & ~mine.fill_null(False),
    }
    if "order_status" in both.columns:
        given["status"] = ibis.coalesce(both.status, both.order_status)
    if "whole_amount" in both.columns:
        given["amount"] = ibis.ifelse(is_whole, both.whole_amount, both.amount)
        given["no_amount"] = both.no_amount & ~is_whole
        if "cost" in rows.columns:
            given["cost"] = ibis.ifelse(is_whole, both.whole_cost, both.cost)
        if "refunded" in rows.columns:
            once = ibis.ifelse(mine, both.whole_refund, 0.0)
            given["refunded"] = ibis.cases(
                (is_whole, both.whole_refund), (both.once, once), else_=both.refunded
            )
    total = both.order_total if "order_total" in both.columns else ibis.null("float64")
    kept = {name: both[name] for name in rows.columns if name != "order_key"}
    return both.select(**kept | given, order_total=total)


def _row(aggregates: ibis.Table) -> dict[str, Any]:
    row: dict[str, Any] = aggregates.to_pyarrow().to_pylist()[0]
    return row
