"""What is in a database: its tables, some of their rows, and which refer to which."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb
import ibis

from retention_lib.client import Client, Columns, Source, shown
from retention_lib.client.values import looks_like_url
from retention_lib.errors import ConfigError
from retention_lib.sources import database
from retention_lib.sources.names import identifier
from retention_lib.sources.start import start

__all__ = ["Answer", "Database", "Table", "is_database", "opened", "tables"]

_SAMPLES: Final = 500


class Answer(NamedTuple):
    """The rows of a query, and what its columns are called."""

    names: list[str]
    rows: list[tuple[Any, ...]]


Ask = Callable[[str], Answer]


@dataclass(frozen=True)
class Table:
    """A table of a database.

    Attributes
    ----------
    name : str
        What it is called; ``schema.name`` outside the schema that goes without saying.
    columns : dict
        For each column's name up to 500 of its values as text, nulls left out.
    rows : int
        How many it has.
    view : bool
        Whether it is a view, which shows what other tables hold.
    in_schema : bool
        Whether its name begins with that of its schema.
    """

    name: str
    columns: dict[str, tuple[str, ...]]
    rows: int
    view: bool = False
    in_schema: bool = False

    @property
    def sql(self) -> str:
        """Its name, quoted as SQL asks for it."""
        schema, _, name = self.name.rpartition(".") if self.in_schema else ("", "", self.name)
        return f"{identifier(schema)}.{identifier(name)}" if schema else identifier(name)


class Database:
    """A database that is looked at and never changed; ``ask`` returns the rows of a query."""

    def __init__(self, ask: Ask, bare: list[Table]) -> None:
        self.ask = ask
        self._bare = bare

    def tables(self) -> list[Table]:
        """Return its tables and views that hold rows; one that cannot be read is left out."""
        found = map(self._looked_at, self._bare)
        return [table for table in found if table is not None and table.rows]

    def _looked_at(self, bare: Table) -> Table | None:
        try:
            rows = self.ask(f"SELECT count(*) FROM {bare.sql}").rows[0][0]
            return replace(bare, rows=rows, columns=self._columns(bare))
        except Exception:  # noqa: BLE001 - a view of what is gone, whatever the driver calls that
            return None

    def _columns(self, table: Table) -> dict[str, tuple[str, ...]]:
        names, rows = self.ask(f"SELECT * FROM {table.sql} LIMIT {_SAMPLES}")
        columns = zip(*rows, strict=True) if rows else ((),) * len(names)
        texts = (tuple(str(it) for it in column if it not in (None, "")) for column in columns)
        return dict(zip(names, texts, strict=True))

    def is_unique(self, table: Table, column: str) -> bool:
        """Whether no value of a column stands twice, and none is missing."""
        name = identifier(column)
        sql = f"SELECT count(*), count(DISTINCT {name}) FROM {table.sql}"
        rows, distinct = self.ask(sql).rows[0]
        return bool(rows == distinct)

    def refers(self, from_: Table, column: str, to: Table, key: str) -> bool:
        """Whether each value of a column is one of another table's."""
        own, theirs = identifier(column), identifier(key)
        sql = (
            f"SELECT count(*) FROM {from_.sql} AS a LEFT JOIN {to.sql} AS b "
            f"ON a.{own} = b.{theirs} WHERE b.{theirs} IS NULL"
        )
        try:
            return bool(self.ask(sql).rows[0][0] == 0)
        except Exception:  # noqa: BLE001 - values of types that do not compare
            return False


def is_database(file: Path) -> bool:
    """Whether a file is a database of SQLite or DuckDB."""
    return start(file).database is not None


@contextmanager
def opened(source: str | Path) -> Iterator[Database]:
    """Open a database to look at what is in it.

    Parameters
    ----------
    source
        A file of SQLite or DuckDB, or a connection's URL as a client's YAML has it.

    Raises
    ------
    ConfigError
        If it cannot be opened; no message holds a password.
    """
    client = _client(source)
    scheme = database.scheme_of(client)
    try:
        with _connected(client, scheme) as found:
            yield found
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001 - any driver's own may hold the password
        raise database.failed(client, error) from None


def tables(source: str | Path) -> list[Table]:
    """Return the tables of a database that hold rows, as :func:`opened` takes it."""
    with opened(source) as found:
        return found.tables()


def _client(source: str | Path) -> Client:
    """Return a client whose source is this database, of which no more is known."""
    url = str(source)
    folder = Path()
    if not looks_like_url(url):
        file = Path(source)
        kind = start(file).database if file.is_file() else None
        if kind is None:
            raise ConfigError(f"{shown(file)} is no database of SQLite or DuckDB.")
        folder, url = file.resolve().parent, f"{kind}:///{file.name}"
    return Client(
        slug="new",
        folder=folder,
        name="new",
        source=Source(table="its tables", connection=url),
        columns=Columns(customer_id="…", ordered_at="…"),
    )


@contextmanager
def _connected(client: Client, scheme: str) -> Iterator[Database]:
    if scheme == "sqlite":
        uri = f"{database.file_of(client).as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            yield Database(_asked(connection.execute), _sqlite_tables(connection))
    elif scheme == "duckdb":
        with duckdb.connect(str(database.file_of(client)), read_only=True) as engine:
            ask = _asked(engine.execute)
            yield Database(ask, _tables_of_schemas(ask, "main"))
    else:
        server = ibis.connect(database.url_of(client))
        try:
            ask = _asked(server.con.execute)
            yield Database(ask, _tables_of_schemas(ask, "public"))
        finally:
            server.disconnect()


def _asked(execute: Callable[[str], Any]) -> Ask:
    def ask(sql: str) -> Answer:
        cursor = execute(sql)
        return Answer([str(column[0]) for column in cursor.description], cursor.fetchall())

    return ask


def _sqlite_tables(connection: sqlite3.Connection) -> list[Table]:
    sql = "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"
    found = connection.execute(sql).fetchall()
    return [Table(it, {}, 0, kind == "view") for it, kind in found if not it.startswith("sqlite_")]


def _tables_of_schemas(ask: Ask, usual: str) -> list[Table]:
    """Return the tables of all schemas but the server's own."""
    sql = (
        "SELECT table_schema, table_name, table_type FROM information_schema.tables "
        "WHERE table_schema NOT IN ('information_schema', 'pg_catalog')"
    )
    return [
        Table(it if schema == usual else f"{schema}.{it}", {}, 0, kind == "VIEW", schema != usual)
        for schema, it, kind in ask(sql).rows
    ]
