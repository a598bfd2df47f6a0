"""What a bookkeeper would compare: revenue, orders, refunds and statuses, as they were counted.

Rows in use all name a customer. Sales that belong to nobody are told apart from them, by
:func:`retention_lib.summaries.revenue.nameless`.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import frame, single
from retention_lib.summaries.revenue import nameless

Unit = Literal["all", "year", "month"]
_SUMS: Final = ("revenue", "unassigned", "orders", "unassigned_orders", "occasions", "customers")
_OF_STATUS: Final = ("cancelled", "refunded")  # reasons that a status, or its refund, gives
DATED_AHEAD: Final = "dated_ahead"


def by_period(rows: ibis.Table, occasions: ibis.Table, unit: Unit) -> pd.DataFrame:
    """Return what each calendar year or month brought, or the whole history.

    Parameters
    ----------
    rows
        All typed rows: customer_id, day, amount, reason; order_id, one text per order, where it is
        known.
    occasions
        As :mod:`retention_lib.summaries.occasions` describes them.

    Returns
    -------
    pandas.DataFrame
        - period: ``all``, ``2024`` or ``2024-03``
        - revenue, unassigned: sums of amounts, net of returns, of rows in use and of sales that
          belong to nobody; 0 without amounts
        - orders, unassigned_orders: distinct orders with a line that is no return; 0 without
          order ids
        - occasions, customers
    """
    used = _sums(rows.filter(_.reason.isnull()), unit)
    nobody = _sums(nameless(rows), unit)
    names = {"revenue": "unassigned", "orders": "unassigned_orders"}
    days = occasions.group_by(period=_period(occasions.day, unit)).agg(
        occasions=_.count(), customers=_.customer_id.nunique()
    )
    table = frame(used).merge(frame(nobody).rename(columns=names), "outer", "period")
    table = table.merge(frame(days), "outer", "period").sort_values("period")
    filled = table.fillna(dict.fromkeys(_SUMS, 0)).reset_index(drop=True)
    counts = dict.fromkeys(_SUMS[2:], int)
    typed = filled.astype(counts).round({"revenue": 2, "unassigned": 2})
    return typed[["period", *_SUMS]]


def _sums(rows: ibis.Table, unit: Unit) -> ibis.Table:
    return rows.group_by(period=_period(rows.day, unit)).agg(
        revenue=_.amount.sum().fill_null(0.0), orders=_orders(rows)
    )


def _period(day: ir.DateValue, unit: Unit) -> ir.StringValue:
    if unit == "all":
        return ibis.literal("all")
    year = day.year().cast(str)
    return year if unit == "year" else year + "-" + day.month().cast(str).lpad(2, "0")


def _orders(rows: ibis.Table) -> ir.IntegerScalar:
    """Return how many orders have a line that is no return."""
    if "order_id" not in rows.columns:
        return rows.day.count(where=ibis.literal(False))
    sold = rows.amount.isnull() | (rows.amount >= 0)
    if "no_purchase" in rows.columns:
        sold &= ~rows.no_purchase  # a further line of a return has no amount of its own
    return rows.order_id.nunique(where=sold)


def refunds(rows: ibis.Table) -> float:
    """Return what was given back: returns, and what was refunded on orders; 0 without amounts.

    An order's amount is what was left of it after its refunds. Orders refunded in full are set
    aside, with their amounts and their refunds.
    """
    used = rows.filter(_.reason.isnull())
    back = used.refunded.fill_null(0.0) if "refunded" in rows.columns else ibis.literal(0.0)
    sold = used.mutate(back=back).mutate(before=_.amount + _.back)
    returned = (-sold.before).sum(where=sold.before < 0).fill_null(0.0)
    total = single(sold.agg(money=returned + sold.back.sum().fill_null(0.0)))["money"]
    return round(float(total), 2)  # the engine adds up in any order


def statuses(rows: ibis.Table) -> pd.DataFrame:
    """Return the statuses of the rows that were counted or, for their status, left out.

    Returns
    -------
    pandas.DataFrame
        status (``""``: blank), means (missing where nothing says so), rows, money (sum of amounts;
        missing without amounts), most rows first; empty where the client has no statuses
    """
    if "status" not in rows.columns:
        return pd.DataFrame(columns=["status", "means", "rows", "money"])
    counted = rows.filter(_.reason.isnull() | _.reason.isin(_OF_STATUS))
    if "status_means" not in rows.columns:
        counted = counted.mutate(status_means=ibis.null(str))
    by_status = counted.group_by(status=_.status.fill_null(""))
    found = frame(by_status.agg(means=_.status_means.max(), rows=_.count(), money=_.amount.sum()))
    ranked = found.sort_values(["rows", "status"], ascending=[False, True])
    return ranked.round({"money": 2}).reset_index(drop=True)


def ahead(rows: ibis.Table) -> dict[str, Any] | None:
    """Return the rows set aside as dated after the records end, and that day; None without any.

    Returns
    -------
    dict
        rows, first, last (day), ends (the last day of a row in use)
    """
    late = rows.reason == DATED_AHEAD
    found = single(
        rows.agg(
            rows=late.sum().fill_null(0),
            first=_.day.min(where=late),
            last=_.day.max(where=late),
            ends=_.day.max(where=rows.reason.isnull()),
        )
    )
    return found if found["rows"] and found["ends"] else None


def busiest(occasions: ibis.Table, rows: ibis.Table) -> dict[str, Any]:
    """Return the customer who bought on most days: customer_id, days, orders (of rows in use).

    Of several, the first by name. It is for whoever checks the records: no report names it.
    """
    order = [ibis.desc("total"), "customer_id"]
    first = single(occasions.filter(_.position == 1).order_by(order).limit(1))
    own = rows.filter(_.reason.isnull(), _.customer_id == first["customer_id"])
    orders = int(single(own.agg(n=_orders(own)))["n"] or 0)
    return {"customer_id": first["customer_id"], "days": int(first["total"]), "orders": orders}
