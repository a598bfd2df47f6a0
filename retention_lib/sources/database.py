"""A table or a query of a database, copied row by row into Parquet.

No password may ever reach a message: a connection is shown as ``scheme://host/database``,
and what a driver says is cleared of everything that came from the connection's secrets.
"""

from __future__ import annotations

import os
import pickle
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from retention_lib.client import Client, shown
from retention_lib.errors import ConfigError
from retention_lib.sources.names import safe_names

_BATCH = 50_000
_FILES = ("duckdb", "sqlite")
_OTHER_FILES = (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH)
_SERVERS = ("postgres", "postgresql")


def described(client: Client) -> str:
    """Return a database as messages name it, without user, password and options."""
    what = f"table {client.source.table}" if client.source.table else "query"
    return f"{_shown_url(client)} ({what})"


def stream(client: Client, path: Path) -> list[str]:
    """Copy what a client's table or query holds to one Parquet file.

    Parameters
    ----------
    client
        The client; its ``source`` has a connection and a table or a query.
    path
        The Parquet file to write; its columns are called as ``safe_names`` says.

    Returns
    -------
    list
        The names of the columns in the database.

    Raises
    ------
    ConfigError
        If the database cannot be reached, or refuses the table or query.
    """
    scheme = scheme_of(client)
    try:
        return _from_sqlite(client, path) if scheme == "sqlite" else _by_ibis(client, scheme, path)
    except ConfigError:
        raise
    except ImportError:
        raise ConfigError(
            f"{described(client)} needs a driver that is not installed; write "
            f"`pip install -c constraints.txt -e '.[postgres]'`."
        ) from None
    except Exception as error:  # noqa: BLE001 - any driver's own may hold the password
        raise failed(client, error) from None


def failed(client: Client, error: Exception) -> ConfigError:
    """Return what a driver says as an error without secrets."""
    reason = _without_secrets(client, f"{type(error).__name__}: {error}")
    first = next(iter(reason.strip().splitlines()), "")
    return ConfigError(f"{described(client)} cannot be read: {first.rstrip('.')}.")


def _by_ibis(client: Client, scheme: str, path: Path) -> list[str]:
    connection = (
        ibis.duckdb.connect(str(file_of(client)), read_only=True)
        if scheme == "duckdb"
        else ibis.connect(url_of(client))
    )
    try:
        if client.source.query:
            table = connection.sql(client.source.query.strip().rstrip(";"))
        else:
            schema, _, name = (client.source.table or "").rpartition(".")
            table = connection.table(name, database=schema or None)
        names = list(table.columns)
        batches = _arrow(connection, table.mutate(_odd_as_text(table)))
        schema_ = batches.schema
        safe = pa.schema([f.with_name(n) for f, n in zip(schema_, safe_names(names), strict=True)])
        with pq.ParquetWriter(path, safe) as writer:
            for batch in batches:
                writer.write_batch(pa.record_batch(batch.columns, schema=safe))
    finally:
        connection.disconnect()
    return names


def _odd_as_text(table: ibis.Table) -> dict[str, ibis.Value]:
    """Return as text the columns of types that Parquet cannot hold or no mapping can use."""
    plain = ("is_numeric", "is_string", "is_boolean", "is_date", "is_timestamp")
    kinds = table.schema().items()
    odd = [name for name, kind in kinds if not any(getattr(kind, test)() for test in plain)]
    return {name: table[name].cast(str) for name in odd}


def _arrow(connection: ibis.BaseBackend, table: ibis.Table) -> pa.RecordBatchReader:
    """Stream a table; Ibis 12 calls a method here that DuckDB 2.0 no longer has."""
    if connection.name == "duckdb":
        return connection.con.sql(str(ibis.to_sql(table))).to_arrow_reader(_BATCH)
    return table.to_pyarrow_batches(chunk_size=_BATCH)


def _from_sqlite(client: Client, path: Path) -> list[str]:
    """Copy from SQLite, whose columns may hold values of any type: known after the last row."""
    source = client.source
    query = source.query or 'SELECT * FROM "{}"'.format((source.table or "").replace('"', '""'))
    uri = f"{file_of(client).as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as connection, TemporaryFile() as spool:
        connection.execute("PRAGMA query_only = ON")
        connection.set_authorizer(_only_this_file)
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description or ()]
        kinds: list[set[type]] = [set() for _ in names]
        for rows in _batches(cursor):
            pickle.dump(rows, spool)
            for kind, column in zip(kinds, zip(*rows, strict=True), strict=True):
                kind.update(map(type, column))
        fields = zip(safe_names(names), map(_arrow_type, kinds), strict=True)
        schema = pa.schema([pa.field(name, kind) for name, kind in fields])
        with pq.ParquetWriter(path, schema) as writer:
            for rows in _spooled(spool):
                columns = zip(zip(*rows, strict=True), schema.types, strict=True)
                arrays = [pa.array(_values(column, kind), kind) for column, kind in columns]
                writer.write_batch(pa.record_batch(arrays, schema=schema))
    return names


def _batches(cursor: sqlite3.Cursor) -> Iterator[list[tuple[Any, ...]]]:
    while rows := cursor.fetchmany(_BATCH):
        yield rows


def _only_this_file(action: int, *_: str | None) -> int:
    """Refuse a query that opens another database."""
    return sqlite3.SQLITE_DENY if action in _OTHER_FILES else sqlite3.SQLITE_OK


def _spooled(spool: IO[bytes]) -> Iterator[list[tuple[Any, ...]]]:
    """Give back rows written before; a query run twice need not answer the same."""
    end = spool.tell()
    spool.seek(0)
    while spool.tell() < end:
        yield pickle.load(spool)


def _arrow_type(kinds: set[type]) -> pa.DataType:
    kinds = kinds - {type(None)}
    if kinds and kinds <= {int, float}:
        return pa.int64() if kinds == {int} else pa.float64()
    return pa.string()


def _values(column: tuple[Any, ...], kind: pa.DataType) -> list[Any]:
    """Return a column's values as one type; text stands for all that is mixed."""
    if kind != pa.string():
        return list(column)
    return [v.hex() if isinstance(v, bytes) else None if v is None else str(v) for v in column]


def scheme_of(client: Client) -> str:
    """Return what the connection's URL begins with: sqlite, duckdb, postgres or postgresql."""
    scheme = url_of(client).partition("://")[0].lower()
    if scheme not in (*_FILES, *_SERVERS):
        raise ConfigError(
            f"{shown(client.file)}: the connection {_shown_url(client)} is of no kind that can be "
            "read; it begins with postgresql://, duckdb:// or sqlite://."
        )
    return scheme


def url_of(client: Client) -> str:
    """Put environment variables into the connection, quoted where a URL asks for it."""
    given = client.source.connection or ""
    whole = re.fullmatch(r"\$\{\w+\}", given) or given.partition("://")[0] in _FILES

    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match[1])
        if found is None:
            raise ConfigError(
                f"{shown(client.file)}: the connection needs the environment variable "
                f"{match[1]}, which is not set."
            )
        return found if whole else quote(found, safe="")

    return re.sub(r"\$\{(\w+)\}", value, given)


def file_of(client: Client) -> Path:
    """Find a database that is a file: from the YAML's folder on, else as an absolute path."""
    given = url_of(client).partition("://")[2].partition("?")[0]
    inside = client.folder / given.lstrip("/")
    file = inside if inside.is_file() or not given.startswith("/") else Path(given)
    if not file.is_file():
        place = "The database" if "@" in given else shown(inside)
        raise ConfigError(
            f"{place}, named in {shown(client.file)}, is missing: "
            "the path of a connection counts from the YAML's folder."
        )
    return file.resolve()


def _shown_url(client: Client) -> str:
    """Return ``scheme://host/database``; less where a stray mark could let a secret through."""
    scheme, _, rest = url_of(client).partition("://")
    if scheme.lower() in _FILES:
        return f"{scheme}://{shown(file_of(client))}"
    place = rest.partition("?")[0]
    if not rest or ("@" in rest and "@" not in place):
        return f"{scheme}://…" if rest else "in source"
    host, _, database = place.rpartition("@")[2].partition("/")
    return f"{scheme}://{host.partition(':')[0]}/{database}"


def _without_secrets(client: Client, text: str) -> str:
    """Blot out of a driver's message what came from the environment, a login or an option."""
    url = url_of(client)
    secrets = {
        os.environ.get(n, "") for n in re.findall(r"\$\{(\w+)\}", client.source.connection or "")
    }
    parts = urlsplit(url)
    secrets |= {url, *parts.netloc.rpartition("@")[0].split(":")}
    secrets |= {value for _, value in parse_qsl(parts.query)}
    secrets |= {unquote(secret) for secret in secrets} | {quote(s, safe="") for s in secrets}
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
