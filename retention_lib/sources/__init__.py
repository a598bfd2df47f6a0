"""Any export or database as one raw table: every row of the source, nothing typed yet.

Text is read as text and databases keep their types; both become Parquet in the run's
cache, so that all later work is done by the embedded DuckDB.
"""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import ibis
from ibis.backends.duckdb import Backend

from retention_lib.client import WHITESPACE, Client, Format, shown
from retention_lib.errors import ConfigError, DataError
from retention_lib.sources import database, files, kinds
from retention_lib.sources.archives import expanded
from retention_lib.sources.files import locate
from retention_lib.sources.kinds import Rows, sniff
from retention_lib.sources.names import (
    NUMBER,
    ORIGIN,
    check_mapped,
    file_literal,
    mapped,
    safe_names,
)
from retention_lib.sources.parts import FileRead, Files, Part, read_all
from retention_lib.sources.sniffed import Sniffed
from retention_lib.sources.united import united

__all__ = [
    "FileRead",
    "Raw",
    "Sniffed",
    "beside",
    "connect",
    "disconnect",
    "expanded",
    "locate",
    "read",
    "sniff",
    "survey",
]


@dataclass(frozen=True)
class Raw:
    """All rows of a client's source.

    Attributes
    ----------
    table
        The source's columns, then ``source_file`` (text: the label of the file),
        ``unreadable_line`` (text: null, or a line that does not fit the columns, or is the header
        once more; all of the columns are null then) and ``line_number`` (int64, never null: the
        line of the file on which the row begins; the row of a sheet, or of a database's answer).
    fingerprint
        SHA-256 (hex) of the client's YAML and of what was read.
    files
        What became of each file, in their order; none for a database.
    names
        The table's column for each column of the source. They differ only where the source
        has a name twice, or one of ours: ``reason``, ``source_file``, ``unreadable_line``,
        ``line_number``.
    where
        The source as messages name it.
    folder
        Where the table lies, and what is stored of it.
    """

    table: ibis.Table
    fingerprint: str
    files: tuple[FileRead, ...]
    names: dict[str, str]
    where: str
    folder: Path

    def stored(self, rows: ibis.Table) -> ibis.Table:
        """Return rows made of the source as Parquet beside it, so that nothing is read twice."""
        path = self.folder / f"{ibis.util.gen_name('stored')}.parquet"
        engine = self.table.get_backend()
        rows.to_parquet(path)
        stored: ibis.Table = engine.read_parquet(str(path))
        return stored

    def named(self, rows: ibis.Table) -> ibis.Table:
        """Return the same rows under a name of the engine's.

        The steps to them are put into SQL once, and not again with each question about them.
        """
        view: ibis.Table = self.table.get_backend().create_view(ibis.util.gen_name("named"), rows)
        weakref.finalize(view.op(), id, rows)  # what was made in memory stays as long as the view
        return view


def connect(scratch: Path) -> Backend:
    """Open an embedded DuckDB in memory that spills to ``scratch`` and counts days in UTC."""
    scratch.mkdir(parents=True, exist_ok=True)
    engine = ibis.duckdb.connect(
        memory_limit="75%", temp_directory=str(scratch), preserve_insertion_order=False
    )
    engine.raw_sql("SET TimeZone = 'UTC'")
    return engine


def disconnect(engine: Backend) -> None:
    """Close an engine, whoever still holds tables of it.

    Tables that Ibis caches are released before: each is dropped when nothing holds it any more, and
    what holds one may be the traceback of an error that outlives the engine.
    """
    for name in list(engine._cache_name_to_entry):
        engine._finalize_cached_table(name)
    engine.disconnect()


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
        Every row of the source, in no particular order; ``line_number`` says where each stood.

    Raises
    ------
    ConfigError
        If the source or a mapped column is missing, or the declared format does not fit.
    DataError
        If the source holds no row that can be read.
    """
    yaml = client.file.read_bytes()
    if client.source.table or client.source.query:
        where = database.described(client)
        folder = _fresh(cache / "raw.parquet")
        rows = _from_database(client, where, folder)
        content = (yaml, _row_hash(engine, rows))
        return _raw(engine, [(where, rows)], (), where, content, folder)
    labelled = {files.label(client, file): file for file in locate(client)}
    check = partial(check_mapped, client, others=len(labelled) > 1)
    source = Files(labelled, client.format_of, check, mapped(client), client.format)
    return _of_files(source, engine, cache, yaml)


def survey(
    files: Sequence[Path],
    format_of: Callable[[str], Format],
    engine: Backend,
    cache: Path,
    label: Callable[[Path], str] = lambda file: file.name,
) -> Raw:
    """Read files of which nobody has said yet what their columns are.

    Parameters
    ----------
    files
        The files, in their order.
    format_of
        How a file is written, by its label.
    engine, cache
        As in :func:`read`.
    label
        A file's label: what ``source_file`` holds and ``formats`` of a YAML names it by.

    Raises
    ------
    ConfigError, DataError
        As :func:`read`, but for the mapping.
    """
    labelled = {label(file): file for file in files}
    source = Files(labelled, format_of, lambda where, given: None)
    return _of_files(source, engine, cache, b"")


def _of_files(source: Files, engine: Backend, cache: Path, yaml: bytes) -> Raw:
    folder = _fresh(cache / "raw.parquet")
    found = list(source.labelled.values())
    labelled = expanded(source.labelled, cache / "unpacked")
    source = replace(source, labelled=labelled)
    where = shown(found[0]) + (f" and {len(found) - 1} more" if len(found) > 1 else "")
    parts, reads, content = read_all(source, engine, folder)
    return _raw(engine, parts, reads, where, (yaml, *content), folder)


def _raw(
    engine: Backend,
    parts: Sequence[Part],
    reads: tuple[FileRead, ...],
    where: str,
    content: Sequence[bytes | str],
    folder: Path,
) -> Raw:
    table = united(engine, parts)
    if not table.count().execute():
        raise DataError(f"{where} holds no rows, so nothing can be reported from it.")
    names: dict[str, str] = {}
    for _, part in parts:
        for given, safe in zip(part.given, safe_names(part.given), strict=True):
            names.setdefault(given, safe)
    return Raw(table, _fingerprint(content), reads, names, where, folder)


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
    label = files.label(client, file)
    written = client.format_of(label)
    own: dict[str, Any] = {"header": True}
    if written.delimiter == WHITESPACE:
        own["delimiter"] = None
    if written.sheet == client.format.sheet:
        own["sheet"] = ()
    written = written.model_copy(update=own)
    target = _fresh(cache / named) / "0.parquet"
    task = kinds.Task(file, written, partial(check, file), engine, target, label)
    rows = kinds.one(kinds.read(task), file)
    table = united(engine, [(file.name, rows)]).drop(ORIGIN).order_by(NUMBER)
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


def _row_hash(engine: Backend, part: Rows) -> str:
    """Hash a database's rows, whatever their order: number of rows and sum of their MD5s."""
    sql = f"FROM (FROM read_parquet({file_literal(part.path)})) AS row_"
    row = engine.raw_sql(f"SELECT count(*), sum(md5_number_lower(row_::VARCHAR)) {sql}").fetchone()
    return repr(row)


def _fingerprint(content: Sequence[bytes | str]) -> str:
    """Hash the YAML and what was read: the hashes of files, or of a database's rows."""
    yaml, *rest = content
    assert isinstance(yaml, bytes)
    lines = [hashlib.sha256(yaml).hexdigest(), *map(str, rest)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
