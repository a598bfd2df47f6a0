"""Any export or database as one raw table: every row of the source, nothing typed yet.

Text is read as text and databases keep their types; both become Parquet in the run's
cache, so that all later work is done by the embedded DuckDB.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis
from ibis.backends.duckdb import Backend

from retention_lib.client import Client, shown
from retention_lib.errors import ConfigError, DataError
from retention_lib.sources import database, files, text
from retention_lib.sources.files import locate
from retention_lib.sources.names import (
    LINE,
    ORIGIN,
    check_mapped,
    file_literal,
    identifier,
    safe_names,
    text_literal,
)

__all__ = ["Raw", "connect", "locate", "read"]


@dataclass(frozen=True)
class Raw:
    """All rows of a client's source.

    Attributes
    ----------
    table
        The source's columns, then ``source_file`` (text) and ``unreadable_line`` (text: null,
        or a line that does not fit the columns, all of which are null then).
    fingerprint
        SHA-256 (hex) of the client's YAML and of what was read.
    files
        The files read; none for a database.
    names
        The table's column for each column of the source. They differ only where the source
        has a name twice, or one of ours: ``reason``, ``source_file``, ``unreadable_line``.
    where
        The source as messages name it.
    """

    table: ibis.Table
    fingerprint: str
    files: tuple[Path, ...]
    names: dict[str, str]
    where: str


@dataclass(frozen=True)
class _Part:
    """One Parquet file: the source's names of its columns, their stored and safe names."""

    path: Path
    given: Sequence[str]
    stored: Sequence[str]
    safe: Sequence[str]
    label: str
    has_lines: bool

    def sql(self) -> str:
        """Select this part's rows: the source's columns and the two of ours."""
        columns = [
            f"{identifier(stored)} AS {identifier(safe)}"
            for stored, safe in zip(self.stored, self.safe, strict=True)
        ]
        columns.append(f"{text_literal(self.label)} AS {ORIGIN}")
        columns.append(LINE if self.has_lines else f"NULL::VARCHAR AS {LINE}")
        return f"SELECT {', '.join(columns)} FROM read_parquet({file_literal(self.path)})"


def connect(scratch: Path) -> Backend:
    """Open an embedded DuckDB in memory that spills to ``scratch`` and counts days in UTC."""
    scratch.mkdir(parents=True, exist_ok=True)
    engine = ibis.duckdb.connect(
        memory_limit="75%", temp_directory=str(scratch), preserve_insertion_order=False
    )
    engine.raw_sql("SET TimeZone = 'UTC'")
    return engine


def read(client: Client, engine: Backend, cache: Path) -> Raw:
    """Read everything that a client's source holds.

    Parameters
    ----------
    client
        The client; ``source``, ``columns`` and ``format`` of its YAML say what to read and how.
    engine
        A DuckDB connection, as :func:`connect` opens it.
    cache
        A folder for what is read; its ``raw.parquet``, a folder of Parquet files, is replaced.

    Returns
    -------
    Raw
        Every row of the source, in no particular order.

    Raises
    ------
    ConfigError
        If the source or a mapped column is missing, or the declared format does not fit.
    DataError
        If the source holds no row that can be read.
    """
    folder = _fresh(cache / "raw.parquet")
    if client.source.table or client.source.query:
        found: tuple[Path, ...] = ()
        where = database.described(client)
        parts = [_from_database(client, where, folder)]
        content = [_row_hash(engine, parts[0])]
    else:
        found = locate(client)
        where = shown(found[0]) + (f" and {len(found) - 1} more" if len(found) > 1 else "")
        parts = [_from_file(client, engine, f, folder, n) for n, f in enumerate(found)]
        content = [_file_hash(file) for file in found]
    table = _united(engine, parts)
    if not table.count().execute():
        raise DataError(f"{where} holds no rows, so nothing can be reported from it.")
    names: dict[str, str] = {}
    for part in parts:
        for given, safe in zip(part.given, part.safe, strict=True):
            names.setdefault(given, safe)
    return Raw(table, _fingerprint(client, content), found, names, where)


def _fresh(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    return folder


def _from_database(client: Client, where: str, folder: Path) -> _Part:
    path = folder / "0.parquet"
    given = database.stream(client, path)
    check_mapped(client, where, given)
    safe = safe_names(given)
    return _Part(path, given, safe, safe, where, has_lines=False)


def _from_file(client: Client, engine: Backend, file: Path, folder: Path, number: int) -> _Part:
    label = files.label(client, file)
    if file.suffix.lower() in files.PARQUET:
        given = _parquet_names(engine, file)
        check_mapped(client, shown(file), given)
        return _Part(file, given, given, safe_names(given), label, has_lines=False)
    path = folder / f"{number}.parquet"
    with text.opened(client, file, path.with_suffix(".txt")) as opened:
        check_mapped(client, shown(file), opened.names)
        safe = safe_names(opened.names)
        text.to_parquet(opened, safe, engine, path)
    return _Part(path, opened.names, safe, safe, label, has_lines=True)


def _parquet_names(engine: Backend, file: Path) -> list[str]:
    try:
        found = engine.raw_sql(f"DESCRIBE FROM read_parquet({file_literal(file)})").fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"{shown(file)} cannot be read as Parquet: {reason}") from None
    return [row[0] for row in found]


def _united(engine: Backend, parts: Sequence[_Part]) -> ibis.Table:
    """Put parts under one another; a column that a part lacks is null there."""
    name = ibis.util.gen_name("raw")
    union = " UNION ALL BY NAME ".join(part.sql() for part in parts)
    try:
        engine.raw_sql(f"CREATE TEMP VIEW {name} AS {union}")
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"{parts[0].label} and the other files do not fit: {reason}") from None
    table = engine.table(name)
    own = [column for column in table.columns if column not in (ORIGIN, LINE)]
    return table.select(*own, ORIGIN, LINE)


def _file_hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _row_hash(engine: Backend, part: _Part) -> str:
    """Hash a database's rows, whatever their order: number of rows and sum of their MD5s."""
    sql = f"FROM (FROM read_parquet({file_literal(part.path)})) AS row_"
    row = engine.raw_sql(f"SELECT count(*), sum(md5_number_lower(row_::VARCHAR)) {sql}").fetchone()
    return repr(row)


def _fingerprint(client: Client, content: Sequence[str]) -> str:
    yaml = client.file.read_bytes()
    return hashlib.sha256(
        "\n".join([hashlib.sha256(yaml).hexdigest(), *content]).encode()
    ).hexdigest()
