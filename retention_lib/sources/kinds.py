"""Kinds of files: one entry a kind, which serves the sales and the files beside them alike.

A new kind is its reader, its entry in ``KINDS``, its test, and a word in the README.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple, TextIO

import duckdb
from ibis.backends.duckdb import Backend

from retention_lib.client import Format, shown
from retention_lib.errors import Choice, ConfigError
from retention_lib.sources import encoding, json_rows, markup, sheets, sniffing, text, workbook
from retention_lib.sources.encoding import unpacked
from retention_lib.sources.grids import Sheet
from retention_lib.sources.lines import Counted
from retention_lib.sources.names import (
    LINE,
    NUMBER,
    ORIGIN,
    file_literal,
    identifier,
    safe_names,
    text_literal,
)
from retention_lib.sources.sniffed import Sniffed, choice
from retention_lib.sources.start import Start, decoded, is_packed, start


@dataclass(frozen=True)
class Task:
    """A file to be read.

    Attributes
    ----------
    file : Path
        The file.
    format : Format
        How it is written, where its kind leaves that open.
    check : callable
        Refuses the names of its columns, before any row is read.
    engine : Backend
        A DuckDB connection.
    target : Path
        Where its rows go as Parquet, unless they are that already.
    only : str or None
        The file's label, where what it needs is not what all files of the source need.
    part_format : callable or None
        How a sheet is written that has a format of its own, from what its label ends in.
    """

    file: Path
    format: Format
    check: Callable[[Sequence[str]], None]
    engine: Backend
    target: Path
    only: str | None = None
    part_format: Callable[[str], Format] | None = None

    def choice(self, settings: Mapping[str, Any], means: str = "") -> Choice:
        """Return the line of the YAML that says how this file is written."""
        return choice(settings, means, self.only)


@dataclass(frozen=True)
class Rows:
    """The rows of a file or of a database as one Parquet file.

    Attributes
    ----------
    path : Path
        The Parquet file.
    given, stored : sequence of str
        The columns' names in the source, and in the Parquet file.
    has_lines : bool
        Whether it holds ``unreadable_line`` and ``line_number`` beside them.
    first : int
        The line of its first row, where each line after that is the next row.
    counted : Counted or None
        What the lines of a text file, or the rows of a sheet, became.
    unfit : str or None
        Its first line, if none of them can be read.
    part : str
        What the file's label ends in where these are not all of its rows: `` [Orders]``.
    """

    path: Path
    given: Sequence[str]
    stored: Sequence[str]
    has_lines: bool = False
    first: int = 1
    counted: Counted | None = None
    unfit: str | None = None
    part: str = ""

    def sql(self, label: str) -> str:
        """Select all rows: the columns by their safe names, then the three of ours."""
        columns = [
            f"{identifier(stored)} AS {identifier(safe)}"
            for stored, safe in zip(self.stored, safe_names(self.given), strict=True)
        ]
        columns.append(f"{text_literal(label)} AS {ORIGIN}")
        columns.append(LINE if self.has_lines else f"NULL::VARCHAR AS {LINE}")
        columns.append(NUMBER if self.has_lines else f"file_row_number + {self.first} AS {NUMBER}")
        read = f"read_parquet({file_literal(self.path)}, file_row_number = true)"
        return f"SELECT {', '.join(columns)} FROM {read}"


class Kind(NamedTuple):
    """Which files are of a kind, how they are read, and how it is found out how one is written."""

    fits: Callable[[Start], bool]
    read: Callable[[Task], tuple[Rows, ...]]
    sniff: Callable[[Path, Backend], Sniffed]


def _parquet(task: Task) -> tuple[Rows, ...]:
    file = task.file
    if is_packed(file):
        file = task.target
        with file.open("wb") as out:
            out.writelines(unpacked(task.file))
    names = _parquet_names(file, task.file, task.engine)
    task.check(names)
    return (Rows(file, names, names),)


def _parquet_names(file: Path, named: Path, engine: Backend) -> list[str]:
    try:
        sql = f"DESCRIBE FROM read_parquet({file_literal(file)})"
        return [row[0] for row in engine.raw_sql(sql).fetchall()]
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"{shown(named)} cannot be read as Parquet: {reason}") from None


def _sniff_parquet(file: Path, engine: Backend) -> Sniffed:
    if not is_packed(file):
        return Sniffed({}, _parquet_names(file, file, engine))
    with TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.parquet"
        with plain.open("wb") as out:
            out.writelines(unpacked(file))
        return Sniffed({}, _parquet_names(plain, file, engine))


def _workbook(task: Task) -> tuple[Rows, ...]:
    return _of_sheets(task, workbook.sheets(task.file, task.format))


def _sniff_workbook(file: Path, engine: Backend) -> Sniffed:
    return sheets.sniff(shown(file), workbook.sheets(file))


def _of_sheets(task: Task, found: Sequence[Sheet]) -> tuple[Rows, ...]:
    """Read the sheets that are meant, each as a part of its own if its file has several."""
    rows: list[Rows] = []
    grids = sheets.chosen(shown(task.file), found, task.format, task.choice)
    for grid in grids:
        part = f" [{grid.sheet.name}]" if len(grids) > 1 else ""
        target = task.target.with_stem(f"{task.target.stem}_{len(rows)}")
        where = f"{shown(task.file)}{part}"
        format_ = task.part_format(part) if task.part_format and part else task.format
        names, counted = sheets.write(where, grid, format_, task.check, target, task.choice)
        rows.append(Rows(target, names, safe_names(names), True, counted=counted, part=part))
    return tuple(rows)


def _spreadsheet_xml(task: Task) -> tuple[Rows, ...]:
    return _of_sheets(task, markup.spreadsheet_xml(task.file, unpacked(task.file)))


def _sniff_spreadsheet_xml(file: Path, engine: Backend) -> Sniffed:
    return sheets.sniff(shown(file), markup.spreadsheet_xml(file, unpacked(file)))


def _page(task: Task) -> tuple[Rows, ...]:
    declared = None
    if "encoding" not in task.format.model_fields_set:
        declared = markup.declared_charset(start(task.file).bytes)
    with _plain(task, declared or task.format.encoding) as stream:
        return _of_sheets(task, markup.page_tables(stream))


def _sniff_page(file: Path, engine: Backend) -> Sniffed:
    declared = markup.declared_charset(start(file).bytes)
    try:
        with decoded(file, declared or "utf-8") as stream:
            return sheets.sniff(shown(file), markup.page_tables(stream))
    except UnicodeError:
        return _in_its_encoding(file, lambda it: sheets.sniff(shown(file), markup.page_tables(it)))


def _json(task: Task) -> tuple[Rows, ...]:
    with _plain(task, task.format.encoding) as stream:
        names = json_rows.write(
            shown(task.file), stream, task.format, task.check, task.target, task.choice
        )
    return (Rows(task.target, names, safe_names(names), True),)


def _sniff_json(file: Path, engine: Backend) -> Sniffed:
    return _in_its_encoding(file, lambda stream: json_rows.sniff(shown(file), stream))


@contextmanager
def _plain(task: Task, name: str) -> Iterator[TextIO]:
    """Open a file as text, once all of it has been checked to be in its encoding."""
    copy = task.target.with_suffix(".txt")
    try:
        plain = encoding.as_utf8(task.file, name, copy, task.choice).plain
        with plain.open(encoding="utf-8-sig", newline="") as stream:
            yield stream
    finally:
        copy.unlink(missing_ok=True)


def _in_its_encoding(file: Path, sniff_: Callable[[TextIO], Sniffed]) -> Sniffed:
    """Find out how a text is written once its encoding is known."""
    found = encoding.found(file)
    name = found[0][0]
    with decoded(file, name, errors="replace") as stream:
        sniffed = sniff_(stream)
    utf_8 = codecs.lookup(name).name in ("utf-8", "ascii", "utf-8-sig")
    settings = {} if utf_8 else {"encoding": name}
    choices = [choice({"encoding": it}, f"which reads “{word}”") for it, word in found]
    open_ = (*(choices if len(choices) > 1 else ()), *sniffed.choices)
    return replace(sniffed, format=settings | {**sniffed.format}, choices=open_)


def _database(task: Task) -> tuple[Rows, ...]:
    raise _no_file_of_rows(task.file)


def _sniff_database(file: Path, engine: Backend) -> Sniffed:
    raise _no_file_of_rows(file)


def _no_file_of_rows(file: Path) -> ConfigError:
    scheme = start(file).database
    return ConfigError(
        f"{shown(file)} is a database; in place of the file write "
        f"`source: {{table: …, connection: '{scheme}:///input/{file.name}'}}`, or `query: …`."
    )


def _text(task: Task) -> tuple[Rows, ...]:
    copy = task.target.with_suffix(".txt")
    with text.opened(task.file, task.format, copy, task.check, task.choice) as opened:
        safe = safe_names(opened.names)
        counted, numbered, unfit = text.to_parquet(opened, safe, task.engine, task.target)
    first = counted.above + 1
    return (Rows(task.target, opened.names, safe, numbered, first, counted, unfit),)


# the first that fits; what has no kind of its own is text
KINDS: Final = (
    Kind(lambda it: it.is_parquet, _parquet, _sniff_parquet),
    Kind(lambda it: it.database is not None, _database, _sniff_database),
    Kind(lambda it: it.is_workbook, _workbook, _sniff_workbook),
    Kind(lambda it: it.is_spreadsheet_xml, _spreadsheet_xml, _sniff_spreadsheet_xml),
    Kind(lambda it: it.is_page, _page, _sniff_page),
    Kind(lambda it: it.is_json, _json, _sniff_json),
    Kind(lambda it: True, _text, sniffing.sniff),
)


def read(task: Task) -> tuple[Rows, ...]:
    """Read a file as its kind is read: each of its sheets as rows of its own.

    Raises
    ------
    ConfigError
        If it cannot be read, its columns are refused, or it is not written as ``format`` says.
    DataError
        If it holds no row that can be read.
    """
    return _kind(task.file).read(task)


def one(rows: Sequence[Rows], file: Path) -> Rows:
    """Return the only rows of a file that may have one sheet.

    Raises
    ------
    ConfigError
        If several of its sheets are named.
    """
    if len(rows) > 1:
        raise ConfigError(f"{shown(file)}: only one of its sheets can be read; name that one.")
    return rows[0]


def sniff(file: Path, engine: Backend) -> Sniffed:
    """Find out how a file is written, from some of it.

    Raises
    ------
    ConfigError
        If it cannot be read.
    DataError
        If there is nothing in it.
    """
    return _kind(file).sniff(file, engine)


def has_types(file: Path) -> bool:
    """Whether a file's cells are numbers and dates, which become texts as ``format`` says."""
    begun = start(file)
    return begun.is_workbook or begun.is_spreadsheet_xml


def may_have_types(file: Path) -> bool:
    """Whether a file, or one packed in it, may hold cells that become texts as ``format`` says."""
    begun = start(file)
    return has_types(file) or begun.is_json or begun.is_zip


def _kind(file: Path) -> Kind:
    begun = start(file)
    return next(kind for kind in KINDS if kind.fits(begun))
