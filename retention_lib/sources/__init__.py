"""Any export or database as one raw table: every row of the source, nothing typed yet.

Text is read as text and databases keep their types; both become Parquet in the run's
cache, so that all later work is done by the embedded DuckDB.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import ibis
from ibis.backends.duckdb import Backend

from retention_lib.client import WHITESPACE, Client, shown
from retention_lib.errors import ConfigError, DataError
from retention_lib.sources import database, files, kinds
from retention_lib.sources.files import locate
from retention_lib.sources.kinds import Rows
from retention_lib.sources.names import (
    LINE,
    NUMBER,
    ORIGIN,
    check_mapped,
    file_literal,
    safe_names,
)

__all__ = ["Raw", "beside", "connect", "locate", "read"]


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
        has a name twice, or one of ours: ``reason``, ``source_file``, ``unreadable_line``,
        ``line_number``.
    where
        The source as messages name it.
    """

    table: ibis.Table
    fingerprint: str
    files: tuple[Path, ...]
    names: dict[str, str]
    where: str


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
        parts = [(where, _from_database(client, where, folder))]
        content = [_row_hash(engine, parts[0][1])]
    else:
        found = locate(client)
        where = shown(found[0]) + (f" and {len(found) - 1} more" if len(found) > 1 else "")
        parts = [
            (files.label(client, file), _from_file(client, engine, file, folder / f"{n}.parquet"))
            for n, file in enumerate(found)
        ]
        content = [_file_hash(file) for file in found]
    table = _united(engine, parts)
    if not table.count().execute():
        raise DataError(f"{where} holds no rows, so nothing can be reported from it.")
    names: dict[str, str] = {}
    for _, part in parts:
        for given, safe in zip(part.given, safe_names(part.given), strict=True):
            names.setdefault(given, safe)
    return Raw(table, _fingerprint(client, content), found, names, where)


def beside(
    client: Client,
    named: str,
    check: Callable[[Path, Sequence[str]], None],
    engine: Backend,
    cache: Path,
) -> tuple[Path, ibis.Table]:
    """Read a small file beside the sales, of any kind that the sales may be of.

    Parameters
    ----------
    client
        The client; the file is written as ``format`` of its YAML says for the sales, but has a
        header always, and commas between its columns where those of the sales are parted by blanks.
    named
        The key of the YAML that names the file: ``reasons``.
    check
        Refuses the names of its columns.
    engine, cache
        As in :func:`read`.

    Returns
    -------
    tuple
        The file, and its rows in its order: its columns, then ``unreadable_line`` and
        ``line_number`` (of a file without lines, the number of the row).

    Raises
    ------
    ConfigError, DataError
        As :func:`read`.
    """
    file = client.folder / str(getattr(client, named))
    if not file.is_file():
        raise ConfigError(
            f"{shown(file)}, named in {shown(client.file)}, is missing; put the file there, or "
            f"remove the line `{named}: …`."
        )
    delimiter = client.format.delimiter
    own = {"header": True, "delimiter": None if delimiter == WHITESPACE else delimiter}
    written = client.format.model_copy(update=own)
    target = _fresh(cache / named) / "0.parquet"
    rows = kinds.read(
        kinds.Task(file, written, partial(check, file), engine, target, numbered=True)
    )
    table = _united(engine, [(file.name, rows)]).drop(ORIGIN).order_by(NUMBER)
    return file, table.rename(dict(zip(rows.given, safe_names(rows.given), strict=True)))


def _fresh(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    return folder


def _from_database(client: Client, where: str, folder: Path) -> Rows:
    path = folder / "0.parquet"
    given = database.stream(client, path)
    check_mapped(client, where, given)
    return Rows(path, given, safe_names(given))


def _from_file(client: Client, engine: Backend, file: Path, target: Path) -> Rows:
    check = partial(check_mapped, client, shown(file))
    return kinds.read(kinds.Task(file, client.format, check, engine, target))


def _united(engine: Backend, parts: Sequence[tuple[str, Rows]]) -> ibis.Table:
    """Put labelled parts under one another; a column that a part lacks is null there."""
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


def _file_hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _row_hash(engine: Backend, part: Rows) -> str:
    """Hash a database's rows, whatever their order: number of rows and sum of their MD5s."""
    sql = f"FROM (FROM read_parquet({file_literal(part.path)})) AS row_"
    row = engine.raw_sql(f"SELECT count(*), sum(md5_number_lower(row_::VARCHAR)) {sql}").fetchone()
    return repr(row)


def _fingerprint(client: Client, content: Sequence[str]) -> str:
    yaml = client.file.read_bytes()
    return hashlib.sha256(
        "\n".join([hashlib.sha256(yaml).hexdigest(), *content]).encode()
    ).hexdigest()
