"""Names of columns: as a source gives them, and as one table can hold them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from retention_lib.client import Client, nearest
from retention_lib.errors import ConfigError

ORIGIN = "source_file"
LINE = "unreadable_line"
RESERVED = (ORIGIN, LINE, "reason")


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


def check_mapped(client: Client, where: str, given: Sequence[str]) -> None:
    """Refuse a mapping to a column that the source does not have, or has twice.

    Raises
    ------
    ConfigError
        Naming the source, the column, the columns most like it and the line to write.
    """
    mapped = [*client.columns.mapped().items(), *(("segments", c) for c in client.columns.segments)]
    count = Counter(name.casefold() for name in given)
    for standard, column in mapped:
        entry = f"[{column}]" if standard == "segments" else column
        if column not in given:
            raise ConfigError(
                f"{where} has no column {column!r}.{_alternatives(column, standard, given)}"
            )
        if count[column.casefold()] > 1:
            raise ConfigError(
                f"{where} has {count[column.casefold()]} columns named {column!r}, so "
                f"`columns: {{{standard}: {entry}}}` can mean either; rename one in the source."
            )


def _alternatives(column: str, standard: str, given: Sequence[str]) -> str:
    like = nearest(column, given, 3) or list(given[:8])
    if not like:
        return ""
    first = f"[{like[0]}]" if standard == "segments" else like[0]
    more = ", …" if len(like) < len(given) else ""
    return (
        f" It has {', '.join(map(repr, like))}{more}: "
        f"write e.g. `columns: {{{standard}: {first}}}`."
    )


def text_literal(value: str | Path) -> str:
    """Return a value as a text literal of SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return a name as a quoted identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'
