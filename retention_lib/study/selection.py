"""Which rows a variant keeps: by columns, by a condition, or without some customers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from numbers import Number
from typing import Any, Final, TypeAlias, cast, get_args

import duckdb
import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _
from ibis.common.annotations import SignatureValidationError
from ibis.common.deferred import Deferred
from ibis.common.exceptions import IbisError, IbisTypeError, IntegrityError
from sqlglot import exp

from retention_lib.client import Client
from retention_lib.client.mistakes import nearest
from retention_lib.errors import ConfigError
from retention_lib.results import Unit, Varied
from retention_lib.summaries import customers

Condition = Callable[[ibis.Table], Any]
Ids: TypeAlias = str | Iterable[str] | ir.Table | pd.DataFrame
Selected = tuple[Varied, ibis.Table]

_MOST_NAMED: Final = 8
_LONGEST: Final = 60
_LONGEST_WINDOW: Final = 1_000
_EXAMPLE: Final = "`lambda t: t.spend < 5000`"
_OURS: Final = ("id_was_decimal", "source_file", "unreadable_line", "reason", "also", "segments")
_WHO: Final = {"customer_id", "email", "account"}  # what nothing published may hold


def only(rows: ibis.Table, client: Client, name: str, value: Any) -> Selected:
    """Return the rows with one of the values in a column, and what that is called."""
    known = _columns(rows, client)
    if name not in known:
        raise ConfigError(_unknown(f"no column {name!r}", name, known))
    column, who = known[name], known[name].get_name() in _WHO
    values = [_as_text(one) if column.type().is_string() else one for one in _each(value)]
    missing = _missing(rows, column, values)
    if len(missing) == len(values) or (missing and not who):
        raise ConfigError(_no_such_value(rows, column, name, missing))
    n = int(rows.filter(column.isin(values)).customer_id.nunique().execute())
    said = {"n": n} if who else {"values": [str(one) for one in dict.fromkeys(values)]}
    step = Varied.model_validate({"code": "only", "column": name, **said})
    return step, rows.filter(column.isin(values))


def _each(values: Any) -> list[Any]:
    """Return what was given as one value or as several, in whatever kind of list."""
    several = isinstance(values, Iterable) and not isinstance(values, str | bytes)
    return list(values) if several else [values]


def _as_text(value: Any) -> Any:
    """Return a number as the records write it: 17850, also where it was read as 17850.0."""
    number = isinstance(value, Number) and not isinstance(value, bool)
    return f"{value:.0f}" if number and value == value // 1 else str(value) if number else value


def _missing(rows: ibis.Table, column: ir.Column, values: Sequence[Any]) -> list[Any]:
    """Return the values that a column does not hold; of another kind, it does not."""
    try:
        held = rows.filter(column.isin(values)).select(value=column).distinct()
        found = held.to_pyarrow()["value"].to_pylist()
    except (duckdb.Error, IbisError, SignatureValidationError):
        return list(values)
    written = set(map(str, found))
    return [one for one in values if str(one) not in written and one not in found]


def values(rows: ibis.Table, client: Client, name: str, most: int) -> list[Any]:
    """Return the values of a column, those of most customers first; none without that column.

    Raises
    ------
    ConfigError
        If no client could have such a column, or it says who customers are.
    """
    known = _columns(rows, client)
    if not isinstance(name, str):
        raise ConfigError(f"Name one column to go by; the records have: {', '.join(known)}.")
    if name in known and known[name].get_name() in _WHO:
        raise ConfigError(f"Customers are not set side by side one by one, so not by {name!r}.")
    if name not in known:
        if name in type(client.columns).model_fields:
            return []
        raise ConfigError(_unknown(f"no column {name!r}", name, known))
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


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    near = nearest(name, list(known), 1)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    return f"The records have {what}.{meant} They have: {', '.join(known)}."


def _no_such_value(rows: ibis.Table, column: ir.Column, name: str, values: Sequence[Any]) -> str:
    if column.get_name() in _WHO:
        return f"No row has this {name}; see that it is written as in `study.rows`."
    held = rows.group_by(value=column).agg(rows=_.count()).filter(_.value.notnull())
    often = held.order_by(ibis.desc("rows"), "value").limit(_MOST_NAMED + 1)
    found = [_short(value) for value in often.to_pyarrow()["value"].to_pylist()]
    more = ", …" * (len(found) > _MOST_NAMED)
    asked = " or ".join(_short(repr(value)) for value in values[:_MOST_NAMED])
    wrong = f"No row has {asked} in {name}" if values else f"No value of {name} is given"
    return f"{wrong}; there are: {', '.join(found[:_MOST_NAMED])}{more}."


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


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
    known = ranked(occasions, as_of)
    if "segments" in rows.columns:  # the standard names go before theirs
        own = set(rows.segments.names) - set(rows.columns) - set(known.columns)
        rows = rows.mutate(**{name: rows.segments[name] for name in sorted(own)})
    return rows.left_join(known, "customer_id").drop("customer_id_right")


def holding(
    seen: ibis.Table, columns: Sequence[str], client: Client, condition: Condition
) -> Selected:
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
        value = _asked(asked, condition)
        kept = seen.filter(condition).select(*columns)
        kept.count().execute()
        said = _said(asked, value)
    except ConfigError:
        raise
    except Exception as error:
        raise ConfigError(_failed(error, asked, client)) from error
    return Varied.model_validate({"code": "condition", **said}), kept


def _asked(asked: ibis.Table, condition: Condition) -> ir.BooleanValue:
    if not callable(condition) and not isinstance(condition, Deferred):
        raise ConfigError(f"A condition is a function of the rows: {_EXAMPLE}.")
    (value,) = asked.bind(condition)
    if not isinstance(value, ir.BooleanValue):
        raise ConfigError(f"The condition should be true or false: {_EXAMPLE}.")
    return value


def _failed(error: Exception, asked: ibis.Table, client: Client) -> str:
    """Say what is wrong with a condition that could not be asked."""
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    missing = re.match(r"Column '(.*)' is not found in table", said)
    name = missing[1] if missing else getattr(error, "name", "") or ""
    if isinstance(error, AttributeError | IbisTypeError) and name:
        standard = {own: ours for ours, own in client.columns.mapped().items()}
        if name in standard:
            ours = standard[name].replace("ordered_at", "day")
            return f"A condition knows the column {name!r} as {ours!r}."
        return _unknown(
            f"no column {name!r}", name, [at for at in asked.columns if at not in _OURS]
        )
    if isinstance(error, IntegrityError):
        said = "it is about the rows of another table"
    if "truth value" in said:
        return (
            "A condition joins its parts by `&` and `|`, each in brackets, and asks for one of "
            "several by `isin`: `lambda t: (t.spend > 50) & t.product.isin(['tea', 'cup'])`."
        )
    return (
        f"The condition cannot be asked of the rows ({said}); it is a function such as {_EXAMPLE}."
    )


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
    if isinstance(part, exp.Window) and not part.args.get("partition_by"):
        return cast("exp.Expression", part.this.transform(_bare))
    if isinstance(part, exp.Cast) and isinstance(part.this, exp.Literal):
        return part.this
    return part


def without(rows: ibis.Table, ids: Ids) -> Selected:
    """Return the rows of all other customers, and how many have been left out.

    Rows that name no customer stay.
    """
    listed = _listed(ids).distinct()
    gone = rows.semi_join(listed, "customer_id")
    n = int(gone.customer_id.nunique().execute())
    if not n:
        raise ConfigError(
            "None of these customers is in the records; ids are texts, written as in "
            "`study.customers`."
        )
    step = Varied.model_validate({"code": "without", "n": n})
    return step, rows.anti_join(listed, "customer_id")


def _listed(ids: Ids) -> ibis.Table:
    """Return ids as a table of its own, so that it stays what it is now."""
    if isinstance(ids, ir.Column):
        ids = ids.name("customer_id").as_table()
    if isinstance(ids, pd.DataFrame):
        ids = ids if "customer_id" in ids.columns else ids.reset_index()
    if isinstance(ids, ibis.Table | pd.DataFrame):
        if "customer_id" not in ids.columns:
            raise ConfigError(
                "This table of customers has no column 'customer_id'; it has: "
                f"{', '.join(map(str, ids.columns))}."
            )
        listed = ids["customer_id"]
        ids = listed.to_pyarrow().to_pylist() if isinstance(listed, ir.Column) else listed
    if callable(ids) or isinstance(ids, Deferred):
        raise ConfigError(
            "Customers are left out by their ids; by a condition, keep the others: "
            "`study.where(lambda t: t.spend < 5000)`."
        )
    names = [str(_as_text(one)) for one in _each(ids) if not pd.isna(one)]
    return ibis.memtable({"customer_id": names}, schema={"customer_id": "string"})


# --- windows and days -----------------------------------------------------------


def window(length: int | None, unit: Unit) -> None:
    """Check that a window is one."""
    whole = length is None or (
        isinstance(length, int | np.integer) and not isinstance(length, bool)
    )
    if unit in get_args(Unit) and whole and (length is None or 1 <= length <= _LONGEST_WINDOW):
        return
    raise ConfigError(
        "A window is a whole number of weeks, months or quarters, at most "
        f'{_LONGEST_WINDOW:,}: `with_window(6, "month")`, not {_short(f"{length!r}, {unit!r}")}.'
    )


def day(given: str | date) -> date:
    """Return a day that was given as such, or written as YYYY-MM-DD."""
    if isinstance(given, date) and not pd.isna(given):
        return given.date() if isinstance(given, datetime) else given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise ConfigError(
            f'{given!r} is not a date; write it as YYYY-MM-DD: `until("2024-06-30")`.'
        ) from None
