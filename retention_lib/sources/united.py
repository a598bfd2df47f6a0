"""Several files as one table: their columns put together by name."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import duckdb
import ibis
from ibis.backends.duckdb import Backend

from retention_lib.errors import ConfigError
from retention_lib.sources.kinds import Rows
from retention_lib.sources.names import LINE, NUMBER, ORIGIN

__all__ = ["same_names", "united"]


def united(engine: Backend, parts: Sequence[tuple[str, Rows]]) -> ibis.Table:
    """Put labelled parts under one another; a column that a part lacks is null there.

    Returns
    -------
    ibis.Table
        The parts' columns by their safe names, then ``source_file``, ``unreadable_line`` and
        ``line_number``.

    Raises
    ------
    ConfigError
        If the types of a column do not go together.
    """
    name = ibis.util.gen_name("raw")
    union = " UNION ALL BY NAME ".join(part.sql(label) for label, part in parts)
    try:
        engine.raw_sql(f"CREATE TEMP VIEW {name} AS {union}")
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"{parts[0][0]} and the other files do not fit: {reason}") from None
    table = engine.table(name)
    ours = (ORIGIN, LINE, NUMBER)
    return table.select(*(column for column in table.columns if column not in ours), *ours)


def same_names(given: Sequence[str], known: dict[str, str]) -> list[str]:
    """Return a file's names as an earlier file writes them, where only case or blanks differ.

    Parameters
    ----------
    given : sequence of str
        The names of a file's columns.
    known : dict
        The names of the files before it, by what they compare as; it is added to.
    """
    plain = [_plainly(name) for name in given]
    alone = [name and plain.count(name) == 1 for name in plain]
    return [
        known.setdefault(key, name) if one else name
        for key, name, one in zip(plain, given, alone, strict=True)
    ]


def _plainly(name: str) -> str:
    bare = unicodedata.normalize("NFKC", name).replace("\ufeff", "")
    return " ".join(bare.split()).casefold()
