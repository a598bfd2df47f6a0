"""Names of columns: as a source gives them, and as one table can hold them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from retention_lib.client import Client, nearest
from retention_lib.client.lines import as_line
from retention_lib.errors import Choice, ConfigError

ORIGIN = "source_file"
LINE = "unreadable_line"
NUMBER = "line_number"
RESERVED = (ORIGIN, LINE, NUMBER, "reason")
_VALUE = r"[+-]?\d{1,4}([-./:, T]\d+)+Z?|[+-]?\d{5,}"  # a date, an amount or a long number


def safe_names(given: Sequence[str]) -> list[str]:
    """Return one distinct column name for each of a source's names.

    DuckDB does not tell ``Id`` from ``id``; a name that is empty, taken, or one of ours
    gets its position or a number.
    """
    taken = {name.casefold() for name in RESERVED}
    safe = []
    for position, name in enumerate(given, start=1):
        base = name or f"column_{position}"
        candidates = [base, *(f"{base}_{n}" for n in range(2, len(given) + 3))]
        safe.append(next(c for c in candidates if c.casefold() not in taken))
        taken.add(safe[-1].casefold())
    return safe


def mapped(client: Client) -> list[str]:
    """Return the names of the source's columns that a client's YAML maps."""
    return [*client.columns.mapped().values(), *client.columns.segments, *client.not_sales]


def check_mapped(client: Client, where: str, given: Sequence[str], others: bool = False) -> None:
    """Refuse a mapping to a column that the source does not have, or has twice.

    Parameters
    ----------
    client
        The client.
    where
        The file or the database.
    given
        The names of its columns.
    others
        Whether there are other files, so that a column of this one cannot be mapped for all.

    Raises
    ------
    ConfigError
        Naming the source, the column, the columns most like it and the line to write.
    """
    _check_not_sales(client, where, given)
    wanted = [*client.columns.mapped().items(), *(("segments", c) for c in client.columns.segments)]
    count = Counter(name.casefold() for name in given)
    for standard, column in wanted:
        entry = f"[{column}]" if standard == "segments" else column
        if column not in given and others:
            raise _absent_here(where, column, given)
        if column not in given:
            choices = _spelt_otherwise(client, standard, column, given)
            raise ConfigError(
                f"{where} has no column {column!r}.{_alternatives(column, standard, given)}"
                f"{_without_header(client, given)}",
                choices=choices,
            )
        if count[column.casefold()] > 1:
            raise ConfigError(
                f"{where} has {count[column.casefold()]} columns named {column!r}, so "
                f"`columns: {{{standard}: {entry}}}` can mean either; rename one in the source."
            )


def _check_not_sales(client: Client, where: str, given: Sequence[str]) -> None:
    count = Counter(name.casefold() for name in given)
    for column in client.not_sales:
        if column not in given or count[column.casefold()] > 1:
            listed = ", ".join(map(repr, nearest(column, given, 3) or given[:8]))
            raise ConfigError(
                f"{where} has {count[column.casefold()] if column in given else 'no'} columns "
                f"{column!r}, which `not_sales` speaks of; it has {listed}. Mend the name, or take "
                f"{column!r} out of `not_sales`."
            )


def _absent_here(where: str, column: str, given: Sequence[str]) -> ConfigError:
    near = nearest(column, given, 1)
    rename = f"rename {near[0]!r} to {column!r} in it if that is meant" if near else "add it there"
    listed = ", ".join(map(repr, given[:8])) + (", …" if len(given) > 8 else "")
    return ConfigError(
        f"{where} has no column {column!r}, which `columns` maps for all files. It has {listed}: "
        f"{rename}, or name in `source: {{file: […]}}` only the files that have it."
    )


def _spelt_otherwise(
    client: Client, standard: str, column: str, given: Sequence[str]
) -> list[Choice]:
    """Return the line that maps a column which differs in case or blanks alone."""
    alike = [name for name in given if plainly(name) == plainly(column)]
    if len(alike) != 1:
        return []
    segments = [alike[0] if name == column else name for name in client.columns.segments]
    value = segments if standard == "segments" else alike[0]
    return [Choice(as_line("columns", {standard: value}), f"{alike[0]!r} is that column")]


def plainly(name: str) -> str:
    """Return a column's name as it compares: without case, marks, and blanks around or doubled."""
    bare = unicodedata.normalize("NFKC", name).replace("\ufeff", "")
    return " ".join(bare.split()).casefold()


def _alternatives(column: str, standard: str, given: Sequence[str]) -> str:
    """Name the columns there are, and propose one only if its name is like the missing one."""
    near = nearest(column, given, 3)
    listed = near or list(given[:8])
    if not listed:
        return ""
    more = ", …" if len(listed) < len(given) else ""
    choice = near[0] if near else "…"
    entry = f"[{choice}]" if standard == "segments" else choice
    write = "write e.g." if near else "write the one that is meant as"
    return (
        f" It has {', '.join(map(repr, listed))}{more}: {write} `columns: {{{standard}: {entry}}}`."
    )


def _without_header(client: Client, given: Sequence[str]) -> str:
    """Say how to read a file without a header, if its first line looks like a sale."""
    if not client.format.header or not any(re.fullmatch(_VALUE, name.strip()) for name in given):
        return ""
    return (
        " Its first line looks like data: if it has no header, write `format: {header: false}` "
        "and columns by position, as in `columns: {customer_id: 1, ordered_at: 2}`."
    )


def text_literal(value: str | Path) -> str:
    """Return a value as a text literal of SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def file_literal(path: Path) -> str:
    """Return a file's path as a text literal that DuckDB does not take for a pattern."""
    return text_literal(re.sub(r"([*?\[])", r"[\1]", str(path)))


def identifier(name: str) -> str:
    """Return a name as a quoted identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'
