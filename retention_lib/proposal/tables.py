"""Which table of a database holds the sales, or which tables joined do.

Columns are known by what they are called and by what they hold: days are dates, a customer stands
in several rows, all orders of the lines are in the table of orders.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product as combinations
from os.path import commonprefix
from typing import Final

from retention_lib.client.lines import as_line
from retention_lib.errors import Choice
from retention_lib.proposal.status_names import Status, status
from retention_lib.sources.databases import Database, Table
from retention_lib.sources.names import identifier
from retention_lib.vocabulary import names, plain

__all__ = ["Proposal", "propose_query"]

_DATE: Final = re.compile(
    r"\d{4}-\d\d?-\d\d?.*|\d{4}[./]\s?\d\d?[./]\s?\d\d?.*|\d\d?[./-]\d\d?[./-]\d{2,4}.*|1\d{9}(\d{3})?"
)
_NUMBER: Final = re.compile(r"[-+]?\d+([.,]\d+)?(e-?\d+)?", re.IGNORECASE)
_MONEY: Final = re.compile(r"\D{0,4}[-+(]?\d[\d\s.,'’]*\)?-?\s?\D{0,4}")
_ENOUGH: Final = 0.95
_CLOSE: Final = 0.005  # of the money: two readings are one then
_ORDERED: Final = ("ordered_at",)
_PAID: Final = ("ordered_at", "paid_at")
_OTHER_DAYS: Final = ("paid_at", "shipped_at", "due_date", "birth_date")
_OF_ORDERS: Final = [
    "currency",
    "refunded",
    "email",
    "owner",
    "region",
    "channel",
    "type",
    "test_flag",
]
_OF_LINES: Final = ["product", "quantity", "unit_price", "cost", "returned_quantity"]
_ANY_KEY: Final = ("id", "key", "no", "nr")
_STEM: Final = 4  # letters
_PERCENT: Final = re.compile(r"perc|pct|rate|%|proc", re.IGNORECASE)
_MONEY_BACK: Final = ("refund", "return", "credit", "retoure", "zwrot", "visszaru", "korekt")


@dataclass(frozen=True)
class Proposal:
    """One way to read a database's sales.

    Attributes
    ----------
    source : dict
        What ``source`` of the YAML says: a query or a table, and the connection.
    columns : dict
        What ``columns`` of it says: its columns, already called as the YAML calls them.
    means : str
        What is read, for somebody who has to choose.
    rows : int
        How many rows it gives.
    customers : int
        How many customers are in them.
    revenue : float or None
        The sum of their amounts.
    notes : tuple of str
        What else somebody should know, one sentence each.
    """

    source: dict[str, str]
    columns: dict[str, str]
    means: str
    rows: int
    customers: int
    revenue: float | None
    notes: tuple[str, ...] = field(default=())

    @property
    def choice(self) -> Choice:
        """The line of the YAML that reads it."""
        return Choice(as_line("source", self.source), self.means)


@dataclass(frozen=True)
class _Header:
    """A table in which a customer and a day stand together."""

    table: Table
    customer: str
    day: str
    status: Status | None


@dataclass(frozen=True)
class _Lines:
    """A table whose rows belong to the orders of another one."""

    table: Table
    order: str
    key: str


def propose_query(database: Database, connection: str) -> list[Proposal]:
    """Find the sales of a database.

    Parameters
    ----------
    database
        The database, opened.
    connection
        Its connection as the YAML is to have it: ``sqlite:///input/shop.sqlite``.

    Returns
    -------
    list of Proposal
        The ways to read them, the likeliest first; two that come to the same are one. None if no
        table has a customer and a day.
    """
    found = database.tables()
    base = [table for table in found if not table.view]
    for tables, days in ((base, _ORDERED), (base, _PAID), (found, _ORDERED)):
        proposals = [
            proposal
            for header in _headers(database, tables, days)
            for proposal in _of_header(database, header, tables, connection)
        ]
        if proposals:
            with_money = [it for it in proposals if "amount" in it.columns]
            return _distinct(with_money or proposals)
    return []


def _headers(database: Database, tables: Sequence[Table], days: Sequence[str]) -> Iterator[_Header]:
    for table in tables:
        customer = _called(table, "customer_id") or _called(table, "email")
        day = _day(table, days)
        if customer and day and customer != day and not database.is_unique(table, customer):
            yield _Header(table, customer, day, status(database, table, tables))


def _day(table: Table, days: Sequence[str]) -> str | None:
    """Return the column of the order's day: by its name, or the only one that holds dates."""
    dates = [name for name in table.columns if _holds(table, name, _DATE)]
    if named := next((it for day in days if (it := _called(table, day, dates))), None):
        return named
    others = {name for kind in _OTHER_DAYS for name in dates if plain(name) in names(kind)}
    left = [name for name in dates if name not in others and not _holds(table, name, _NUMBER)]
    return left[0] if len(left) == 1 else None


def _called(table: Table, standard: str, among: Iterable[str] | None = None) -> str | None:
    """Return the column whose name is the surest for what it should hold."""
    ranks = {name: rank for rank, name in enumerate(names(standard))}
    named = [it for it in (table.columns if among is None else among) if plain(it) in ranks]
    return min(named, key=lambda it: ranks[plain(it)], default=None)


def _number(table: Table, standard: str) -> str | None:
    return _called(table, standard, [it for it in table.columns if _is_number(table, it)])


def _holds(table: Table, column: str, pattern: re.Pattern[str]) -> bool:
    values = table.columns[column]
    fits = sum(bool(pattern.fullmatch(value.strip())) for value in values)
    return bool(values) and fits >= _ENOUGH * len(values)


def _of_header(
    database: Database, header: _Header, tables: Sequence[Table], connection: str
) -> Iterator[Proposal]:
    """Yield the ways to read the sales of one table: by the lines of its orders, and by itself."""
    of_lines = [
        found
        for lines in _lines(database, header.table, tables)
        for found in _by_lines(database, header, lines, connection)
    ]
    own = list(_alone(database, header, connection))
    notes = _money_back(header.table, tables)
    for proposal in _distinct([*of_lines, *own]):
        yield Proposal(**{**vars(proposal), "notes": (*proposal.notes, *notes)})


def _lines(database: Database, header: Table, tables: Sequence[Table]) -> Iterator[_Lines]:
    """Yield the tables whose rows are the lines of the orders in another table."""
    keys = [it for it in _keys(header) if database.is_unique(header, it)]
    for table, key in combinations(tables, keys):
        if table.name == header.name or table.view and not header.view:
            continue
        for column in table.columns:
            named = _refers_by_name(column, header, key) and _priced(table)
            if named and database.refers(table, column, header, key):
                yield _Lines(table, column, key)


def _refers_by_name(column: str, header: Table, key: str) -> bool:
    """Whether a column is called as the key of another table is, or as that table.

    Whole numbers from 1 on are in any table that is long enough, so that values alone say nothing.
    """
    name, own = plain(column), plain(key)
    if name in _ANY_KEY:
        return False
    if name == own or name in names("order_id"):
        return True
    stem = re.sub(r"^id | (id|no|nr|key)$", "", name)
    table = plain(_singular(header.name))
    shared = len(commonprefix([stem, table]))
    return stem != name and shared >= max(_STEM, 0.7 * max(len(stem), len(table)))


def _keys(table: Table) -> list[str]:
    """Return the columns that may tell the orders of a table apart."""
    own = {*_ANY_KEY, plain(f"{_singular(table.name)} id"), plain(f"{table.name} id")}
    known = own | set(names("order_id"))
    return [name for name in table.columns if plain(name) in known]


def _singular(name: str) -> str:
    return re.sub(r"(?<=\w)s$", "", name.rpartition(".")[2], flags=re.IGNORECASE)


def _priced(table: Table) -> bool:
    factors = _number(table, "quantity") and _number(table, "unit_price")
    return bool(factors or _number(table, "amount"))


def _by_lines(
    database: Database, header: _Header, lines: _Lines, connection: str
) -> Iterator[Proposal]:
    """Yield the ways to read orders by their lines; an order without any stays as a row."""
    picked = {
        "order_id": f"o.{identifier(lines.key)}",
        "customer_id": f"o.{identifier(header.customer)}",
        "ordered_at": f"o.{identifier(header.day)}",
    }
    if header.status:
        picked["status"] = header.status.sql
    for alias, table, kinds in (("o", header.table, _OF_ORDERS), ("l", lines.table, _OF_LINES)):
        for kind in kinds:
            if (column := _called(table, kind)) and kind not in picked:
                picked[kind] = f"{alias}.{identifier(column)}"
    joined = (
        f"FROM {header.table.sql} AS o LEFT JOIN {lines.table.sql} AS l "
        f"ON l.{identifier(lines.order)} = o.{identifier(lines.key)}"
        f"{header.status.join if header.status else ''}"
    )
    for amount, means in _amounts(database, lines.table, "l."):
        columns = {**picked, "amount": amount}
        selected = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
        said = f"the lines in {lines.table.name} of the orders in {header.table.name}, {means}"
        source = {"query": f"SELECT {selected} {joined}", "connection": connection}
        yield _counted(database, header.table, source, {name: name for name in columns}, said)


def _alone(database: Database, header: _Header, connection: str) -> Iterator[Proposal]:
    """Yield the ways to read a table by itself: as it is, or with an amount that is computed."""
    table = header.table
    columns = {"customer_id": header.customer, "ordered_at": header.day}
    if order := next((it for it in [_called(table, "order_id"), *_keys(table)] if it), None):
        columns["order_id"] = order
    for kind in ("product", "quantity", "unit_price", *_OF_ORDERS):
        column = _called(table, kind)
        if column and column not in columns.values():
            columns[kind] = column
    amounts = list(_amounts(database, table, "o.")) or [("", "without amounts")]
    for amount, means in amounts:
        said = f"the rows of {table.name}, {means}"
        computed: dict[str, str] = {}
        for kind, sql in (("amount", amount), ("status", header.status and header.status.sql)):
            own = next((it for it in table.columns if f"o.{identifier(it)}" == sql), None)
            if sql and own is None:
                own = _free(table, kind)
                computed[own] = sql
            if own:
                columns = columns | {kind: own}
        source = {"table": table.name, "connection": connection}
        if computed:
            more = ", ".join(f"{sql} AS {name}" for name, sql in computed.items())
            join = header.status.join if header.status else ""
            query = f"SELECT o.*, {more} FROM {table.sql} AS o{join}"
            source = {"query": query, "connection": connection}
        yield _counted(database, header.table, source, columns, said)


def _free(table: Table, name: str) -> str:
    """Return a name for a column that is computed, none of the table's own."""
    taken = {it.casefold() for it in table.columns}
    return next(it for it in (name, f"line_{name}", f"{name}_name", "computed") if it not in taken)


def _amounts(database: Database, table: Table, alias: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to the money of a row: a column of it, or quantity times price."""
    quantity, price = _number(table, "quantity"), _number(table, "unit_price")
    numbers = (
        it for it in table.columns if it not in (quantity, price) and _holds(table, it, _MONEY)
    )
    if amount := _called(table, "amount", numbers):
        yield f"{alias}{identifier(amount)}", f"amount: {amount}"
    if not (quantity and price):
        return
    full = f"{alias}{identifier(price)} * {alias}{identifier(quantity)}"
    said = f"amount: {price} × {quantity}"
    discount = _number(table, "discount")
    least, most = _range(database, table, discount) if discount else (0.0, 0.0)
    if discount is None or least == most == 0:
        yield full, said
        return
    off = f"{alias}{identifier(discount)}"
    if least >= 0 and most <= 1:
        yield f"{full} * (1 - {off})", f"{said} × (1 − {discount})"
        return
    if not _PERCENT.search(discount):
        yield f"{full} - {off}", f"{said} − {discount}, a sum of money"
    if least >= 0 and most <= 100:
        yield f"{full} * (1 - {off} / 100.0)", f"{said} less {discount} per cent"


def _range(database: Database, table: Table, column: str) -> tuple[float, float]:
    """Return a column's least and largest number; those of its samples where it holds text."""
    number = f"{identifier(column)} * 1.0"
    try:
        found = database.ask(f"SELECT min({number}), max({number}) FROM {table.sql}").rows[0]
        return float(found[0]), float(found[1])
    except Exception:  # noqa: BLE001 - what text times a number is, each engine says by itself
        values = [float(it.replace(",", ".")) for it in table.columns[column]]
        return min(values), max(values)


def _is_number(table: Table, column: str) -> bool:
    return _holds(table, column, _NUMBER)


def _counted(
    database: Database,
    table: Table,
    source: Mapping[str, str],
    columns: Mapping[str, str],
    means: str,
) -> Proposal:
    """Count what a way to read the sales gives."""
    inner = source.get("query") or f"SELECT * FROM {table.sql}"
    customer, amount = identifier(columns["customer_id"]), columns.get("amount")
    known = amount and (amount not in table.columns or _is_number(table, amount))
    money = f"sum(CAST({identifier(amount)} AS DOUBLE PRECISION))" if amount and known else "NULL"
    sql = f"SELECT count(*), count(DISTINCT {customer}), {money} FROM ({inner}) AS sales"
    rows, customers, revenue = database.ask(sql).rows[0]
    revenue = None if revenue is None else float(revenue)
    said = f"{rows:,} rows of {customers:,} customers" + (
        "" if revenue is None else f", {revenue:,.2f} in all"
    )
    return Proposal(dict(source), dict(columns), f"{means} ({said})", rows, customers, revenue)


def _distinct(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Return each proposal that does not come to the same as one before it."""
    kept: list[Proposal] = []
    for proposal in proposals:
        if not any(_same(proposal, other) for other in kept):
            kept.append(proposal)
    return kept


def _same(one: Proposal, other: Proposal) -> bool:
    if one.customers != other.customers or (one.revenue is None) != (other.revenue is None):
        return False
    both = [it.revenue or 0.0 for it in (one, other)]
    return abs(both[0] - both[1]) <= _CLOSE * max(map(abs, both))


def _money_back(header: Table, tables: Sequence[Table]) -> tuple[str, ...]:
    """Say which tables may hold money that was given back, which nothing here takes off."""
    back = [
        table.name
        for table in tables
        if table.name != header.name and any(word in plain(table.name) for word in _MONEY_BACK)
    ]
    return tuple(f"The table {name} may hold refunds; they are not taken off." for name in back)
