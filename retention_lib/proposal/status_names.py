"""Statuses that a database keeps as numbers: the column, and the table that says what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from typing import Final

from retention_lib.sources.databases import Database, Table
from retention_lib.sources.names import identifier
from retention_lib.vocabulary import names, plain, words

__all__ = ["Status", "status"]

_NUMBER: Final = re.compile(r"[-+]?\d+")
_KEYS: Final = ("id", "key", "no", "nr", "code")
_VAGUE: Final = ("state", "stan", "stage")  # may be a place, too
_STEM: Final = 4  # letters
_MEANINGS: Final = ("sale", "return", "cancelled")


@dataclass(frozen=True)
class Status:
    """A column of statuses; ``sql`` names it, after ``join``, which is blank where it has the names.

    ``o`` is what ``sql`` and ``join`` call the table of orders, ``s`` that of the statuses.
    """

    column: str
    sql: str
    join: str = ""


def status(database: Database, header: Table, tables: Sequence[Table]) -> Status | None:
    """Find the statuses of the orders in a table; None where none are there.

    Numbers are looked up in the table that names them, if there is one of that name.
    """
    found = [column for column in header.columns if _stem(column)]
    found.sort(key=lambda it: _is_number(header, it))  # names say more than numbers
    for column in found:
        if not _is_number(header, column):
            return Status(column, f"o.{identifier(column)}")
        for table, key, name in _named(database, header, column, tables):
            join = f" LEFT JOIN {table.sql} AS s ON s.{identifier(key)} = o.{identifier(column)}"
            return Status(column, f"s.{identifier(name)}", join)
    known = [column for column in found if _stem(column) not in _VAGUE]
    return Status(known[0], f"o.{identifier(known[0])}") if known else None


def _stem(column: str) -> str:
    """Return what a column of statuses is called without ``id``; blank for any other column."""
    name = plain(column)
    bare = re.sub(r"^id | (id|no|nr|key|code)$", "", name)
    if name in names("status") or bare in names("status"):
        return bare
    return bare if bare in _VAGUE and bare != name else ""


def _is_number(table: Table, column: str) -> bool:
    values = table.columns[column]
    return bool(values) and all(_NUMBER.fullmatch(value.strip()) for value in values)


def _named(
    database: Database, header: Table, column: str, tables: Sequence[Table]
) -> Iterator[tuple[Table, str, str]]:
    """Yield the tables that name a column's numbers, with their key and their column of names."""
    stem = _stem(column)
    for table in tables:
        if table.name == header.name or not _akin(stem, table.name):
            continue
        texts = [it for it, values in table.columns.items() if values and not _is_number(table, it)]
        texts = [it for it in texts if stem not in _VAGUE or _is_known(table.columns[it])]
        keys = [it for it in table.columns if plain(it) in (*_KEYS, plain(column))]
        keys = [it for it in keys if it not in texts and database.is_unique(table, it)]
        if texts and keys and database.refers(header, column, table, keys[0]):
            yield table, keys[0], texts[0]


def _akin(stem: str, table: str) -> bool:
    """Whether a table is called as statuses are: ``order_statuses`` for ``status_id``."""
    ends = [stem.split()[-1], "status"]
    shared = (
        (len(commonprefix([end, word])), len(end)) for end in ends for word in plain(table).split()
    )
    return any(letters >= max(_STEM, 0.7 * length) for letters, length in shared)


def _is_known(values: Sequence[str]) -> bool:
    return any(plain(value) in words(it) for value in values for it in _MEANINGS)
