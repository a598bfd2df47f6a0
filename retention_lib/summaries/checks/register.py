"""What the audit looks for: one entry a check, and the rows, customers and money it touches.

A new check needs its words in ``words.checks`` and its test in ``tests/test_checks.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import frame, single
from retention_lib.transactions import ids

# what each line must agree in to be the same line as another
_LINE = ("customer_id", "day", "amount", "order_id", "product", "quantity", "unit_price", "cost")
_YEAR, _FEW = 365, 0.01


def _same(rows: ibis.Table) -> list[str]:
    return [name for name in _LINE if name in rows.columns]


def repeated(rows: ibis.Table) -> ir.BooleanValue:
    """Say of each line that is of no order whether it repeats an earlier one to the letter."""
    same = _same(rows)
    again = ibis.row_number().over(group_by=same, order_by=same[0]) > 0
    # what stands twice in an order was set aside: what is left are its parts
    return again & rows.order_id.isnull() if "order_id" in rows.columns else again


def in_several_files(rows: ibis.Table) -> ir.BooleanValue:
    """Say of each line that is of no order whether another file holds it to the letter.

    Where order numbers are mapped, a later file replaces what stands in an earlier one.
    """
    if "order_id" in rows.columns or "source_file" not in rows.columns:
        return ibis.literal(False)
    if rows.source_file.nunique().to_pyarrow().as_py() < 2:
        return ibis.literal(False)
    alike = ibis.window(group_by=_same(rows))
    found: ir.BooleanValue = rows.source_file.min().over(alike) != rows.source_file.max().over(
        alike
    )
    return found.fill_null(False)


def isolated(rows: ibis.Table) -> ir.BooleanValue:
    """Say of each row whether its date is so far from all others that it is likely wrong.

    A gap of more than a year with at most one row in a hundred on its far side cuts such
    rows off, at the beginning or at the end.
    """
    days = frame(rows.group_by("day").agg(rows=_.count()), by=["day"])
    apart = pd.to_datetime(days["day"]).diff().dt.days > _YEAR
    before = days["rows"].cumsum().shift(fill_value=0)
    few = _FEW * days["rows"].sum()
    first = days["day"][apart & (before <= few)].max()
    last = days["day"][apart & (days["rows"].sum() - before <= few)].min()
    early = rows.day < first if pd.notna(first) else ibis.literal(False)
    late = rows.day >= last if pd.notna(last) else ibis.literal(False)
    return early | late


def spelled_apart(rows: ibis.Table) -> ir.BooleanValue:
    """Say of each row whether an id differs from its own only in case, blanks or leading zeros."""
    known = rows.select("customer_id").distinct()
    alike = known.mutate(spelled=ids.alike(known.customer_id)).view()
    if single(alike.agg(none=_.customer_id.count() == _.spelled.nunique()))["none"]:
        return ibis.literal(False)
    several = alike.mutate(ids=_.count().over(group_by="spelled")).filter(_.ids > 1)
    return rows.customer_id.isin(several.customer_id)


@dataclass(frozen=True)
class Check:
    """Something about the rows in use that a reader of the figures should know.

    Attributes
    ----------
    name : str
        What it is called in results.
    holds : callable
        Says of each row in use whether it is touched.
    action : str
        What is done about it: such rows are kept as they are, netted, or only counted.
    spoils : str, optional
        The best verdict that is left once a row is touched.
    undone : callable, optional
        Returns the rows as they would be had the step not been taken, if that can be told: of rows
        in use, all of the customers that are touched, and of no others.
    not_undone : str
        The code of why that cannot be told, where there is no ``undone``.
    has_money : bool
        Whether the amounts of such rows say how much hangs on them.
    unused : str, optional
        The column that is only looked at where it is mapped and changes no figure.
    needs : str, optional
        The column without which there is nothing to look at.
    """

    name: str
    holds: Callable[[ibis.Table], ir.BooleanValue]
    action: Literal["kept", "netted", "counted"] = "counted"
    spoils: Literal["fit with care", "unfit"] | None = None
    undone: Callable[[ibis.Table], ibis.Table] | None = None
    not_undone: str = "nothing_done"
    has_money: bool = True
    unused: str | None = None
    needs: str | None = None


def _decided(doubt: str) -> Callable[[ibis.Table], ir.BooleanValue]:
    """Return what says of each row whether that was decided of its order."""
    return lambda rows: (rows.order_doubt == doubt).fill_null(False)


CHECKS: Final = (
    Check(
        "zero_amounts",
        lambda rows: rows.amount == 0,
        action="kept",
        undone=lambda rows: rows.filter((_.amount != 0).fill_null(True)),
    ),
    Check(
        "negative_amounts",
        lambda rows: rows.amount < 0,
        action="netted",
        undone=lambda rows: rows.mutate(amount=_.amount.abs()),
    ),
    Check(
        "decimal_ids",
        lambda rows: rows.id_was_decimal,
        undone=lambda rows: rows.mutate(
            customer_id=ibis.ifelse(_.id_was_decimal, _.customer_id + ".0", _.customer_id)
        ),
        has_money=False,
    ),
    Check(
        "duplicate_lines",
        repeated,
        action="kept",
        undone=lambda rows: rows.filter(~repeated(rows)),
    ),
    Check("overlapping_files", in_several_files, spoils="fit with care"),
    Check("ids_by_case", spelled_apart, spoils="fit with care"),
    Check("reused_orders", _decided("reused"), not_undone="order_of_several", needs="order_doubt"),
    Check(
        "order_amounts_differ",
        _decided("amounts_differ"),
        spoils="fit with care",
        needs="order_doubt",
    ),
    Check(
        "refund_repeated",
        _decided("refund_repeated"),
        not_undone="refund_of_lines_unknown",
        needs="order_doubt",
    ),
    # one stray date moves the history, and every figure with it
    Check("isolated_dates", isolated, spoils="unfit"),
    Check(
        "unused_status", lambda rows: rows.status.notnull(), spoils="fit with care", unused="status"
    ),
    Check("unused_cost", lambda rows: rows.cost.notnull(), unused="cost"),
)
