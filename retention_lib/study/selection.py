"""Which rows a variant keeps: by columns, by a condition, or without some customers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, Final, TypeAlias

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _
from ibis.backends.duckdb import Backend
from sqlglot import exp

from retention_lib.client import Client, nearest
from retention_lib.errors import ConfigError
from retention_lib.results import Varied
from retention_lib.summaries import customers

Condition = Callable[[ibis.Table], Any]
Ids: TypeAlias = str | Iterable[str] | ir.Table | pd.DataFrame
Selected = tuple[Varied, ibis.Table]

_MOST_NAMED: Final = 8
_OURS: Final = ("id_was_decimal", "source_file", "unreadable_line", "reason", "segments")
_WHO: Final = {"customer_id", "email", "account"}  # what nothing published may hold


def only(rows: ibis.Table, client: Client, name: str, value: Any) -> Selected:
    """Return the rows with one of the values in a column, and what that is called."""
    known = _columns(rows, client)
    if name not in known:
        raise ConfigError(_no_column(name, known))
    column, values = known[name], list(value) if isinstance(value, list | tuple | set) else [value]
    if not rows.filter(column.isin(values)).limit(1).count().execute():
        raise ConfigError(_no_such_value(rows, column, name, values))
    who = column.get_name() in _WHO
    n = int(rows.filter(column.isin(values)).customer_id.nunique().execute())
    said = {"n": n} if who else {"values": [str(one) for one in values]}
    step = Varied.model_validate({"code": "only", "column": name, **said})
    return step, rows.filter(column.isin(values))


def values(rows: ibis.Table, client: Client, name: str, most: int) -> list[Any]:
    """Return the values of a column, those of most customers first; none without that column.

    Raises
    ------
    ConfigError
        If no client could have such a column.
    """
    known = _columns(rows, client)
    if name not in known:
        if name in type(client.columns).model_fields:
            return []
        raise ConfigError(_no_column(name, known))
    named = rows.mutate(value=known[name]).filter(_.value.notnull())
    held = named.group_by("value").agg(customers=_.customer_id.nunique())
    largest = held.order_by(ibis.desc("customers"), "value").limit(most).to_pyarrow()
    return list(largest["value"].to_pylist())


def _columns(rows: ibis.Table, client: Client) -> dict[str, ir.Column]:
    """Return the columns by all their names: the standard ones, and the client's own."""
    names = [name for name in rows.columns if name not in _OURS]
    own = client.columns.mapped() | {"day": client.columns.ordered_at}
    known = {own[name]: rows[name] for name in names if name in own}
    if "segments" in rows.columns:
        known |= {name: rows.segments[name] for name in rows.segments.names}
    return known | {name: rows[name] for name in names}


def _no_column(name: str, known: Iterable[str]) -> str:
    near = nearest(name, list(known), 1)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    return f"The records have no column {name!r}.{meant} They have: {', '.join(known)}."


def _no_such_value(rows: ibis.Table, column: ir.Column, name: str, values: Sequence[Any]) -> str:
    if column.get_name() in _WHO:
        return f"No row has this {name}; see that it is written as in `study.rows`."
    often = rows.group_by(value=column).agg(rows=_.count()).order_by(ibis.desc("rows"), "value")
    found = [str(value) for value in often.limit(_MOST_NAMED + 1).to_pyarrow()["value"].to_pylist()]
    more = ", …" * (len(found) > _MOST_NAMED)
    asked = " or ".join(repr(value) for value in values)
    return f"No row has {asked} in {name}; there are: {', '.join(found[:_MOST_NAMED])}{more}."


# --- conditions ---------------------------------------------------------------


def ranked(occasions: ibis.Table, as_of: date) -> ibis.Table:
    """Return what a condition sees of every customer: one row each.

    Columns as of :func:`retention_lib.summaries.customers.customers`, ``occasions``, and
    ``spend_rank`` from 1, the largest spend; where that is equal, who bought more often.
    """
    order = [ibis.desc("spend", nulls_first=False), ibis.desc("frequency"), "customer_id"]
    found = customers.customers(occasions, as_of).mutate(occasions=_.frequency + 1)
    rank = ibis.row_number().over(ibis.window(order_by=order)) + 1
    return found.mutate(spend_rank=rank)


def with_customers(rows: ibis.Table, occasions: ibis.Table, as_of: date) -> ibis.Table:
    """Return all rows with what is known of their customers beside them, and their segments."""
    if "segments" in rows.columns:
        rows = rows.mutate(**{name: rows.segments[name] for name in rows.segments.names})
    known = ranked(occasions, as_of)
    return rows.left_join(known, "customer_id").drop("customer_id_right")


def holding(seen: ibis.Table, columns: Sequence[str], condition: Condition) -> Selected:
    """Return the rows for which a condition holds, and what that is called.

    Parameters
    ----------
    seen
        The rows as the condition sees them.
    columns
        Those of the rows themselves.
    """
    asked = ibis.table(seen.schema(), name="rows")
    try:
        (value,) = asked.bind(condition)
    except AttributeError as error:
        known = [name for name in asked.columns if name not in _OURS]
        raise ConfigError(_no_column(str(getattr(error, "name", "")), known)) from None
    if not isinstance(value, ir.BooleanValue):
        raise ConfigError("The condition should be true or false: `lambda t: t.spend < 5000`.")
    step = Varied.model_validate({"code": "condition", **_said(asked, value)})
    return step, seen.filter(condition).select(*columns)


def _said(asked: ibis.Table, value: ir.BooleanValue) -> dict[str, Any]:
    """Return a condition in a line, or of one on who customers are only its columns."""
    query = ibis.duckdb.connect().compiler.to_sqlglot(asked.select(held=value))
    found = query.selects[0].unalias()
    columns = {column.name for column in found.find_all(exp.Column)}
    if columns & _WHO:
        return {"columns": sorted(columns)}
    return {"condition": str(found.transform(_bare).sql())}


def _bare(part: exp.Expression) -> exp.Expression:
    """Return a column without its table and quotes, and a number without its type."""
    if isinstance(part, exp.Column):
        return exp.column(exp.to_identifier(part.name, quoted=False))
    if isinstance(part, exp.Cast) and isinstance(part.this, exp.Literal):
        return part.this
    return part


def without(engine: Backend, rows: ibis.Table, ids: Ids) -> Selected:
    """Return the rows of all other customers, and how many have been left out.

    Rows that name no customer stay.
    """
    listed = _listed(engine, ids).distinct()
    gone = rows.semi_join(listed, "customer_id")
    n = int(gone.customer_id.nunique().execute())
    if not n:
        raise ConfigError(
            "None of these customers is in the records; ids are texts, written as in "
            "`study.customers`."
        )
    step = Varied.model_validate({"code": "without", "n": n})
    return step, rows.anti_join(listed, "customer_id")


def _listed(engine: Backend, ids: Ids) -> ibis.Table:
    """Return ids as a table of the engine's own, so that it stays what it is now."""
    if isinstance(ids, ibis.Table):
        found = ids.select("customer_id").to_pyarrow()
        return engine.create_table(ibis.util.gen_name("ids"), found, temp=True)
    if isinstance(ids, pd.DataFrame):
        ids = ids["customer_id"]
    names = [ids] if isinstance(ids, str) else [str(one) for one in ids]
    return ibis.memtable({"customer_id": names}, schema={"customer_id": "string"})
