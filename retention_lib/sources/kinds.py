"""Kinds of files: one entry a kind, which serves the sales and the files beside them alike.

A new kind is its reader, its entry in ``KINDS``, its test, and a word in the README.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb
from ibis.backends.duckdb import Backend

from retention_lib.client import Format, shown
from retention_lib.errors import Choice, ConfigError
from retention_lib.sources import sniffing, text
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
    """

    file: Path
    format: Format
    check: Callable[[Sequence[str]], None]
    engine: Backend
    target: Path
    only: str | None = None

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
        What the lines of a text file became.
    """

    path: Path
    given: Sequence[str]
    stored: Sequence[str]
    has_lines: bool = False
    first: int = 1
    counted: Counted | None = None

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
    """How files with certain endings are read, and how it is found out how one is written."""

    endings: tuple[str, ...]
    read: Callable[[Task], Rows]
    sniff: Callable[[Path, Backend], Sniffed]


def _parquet(task: Task) -> Rows:
    names = _parquet_names(task.file, task.engine)
    task.check(names)
    return Rows(task.file, names, names)


def _parquet_names(file: Path, engine: Backend) -> list[str]:
    try:
        sql = f"DESCRIBE FROM read_parquet({file_literal(file)})"
        return [row[0] for row in engine.raw_sql(sql).fetchall()]
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"{shown(file)} cannot be read as Parquet: {reason}") from None


def _sniff_parquet(file: Path, engine: Backend) -> Sniffed:
    return Sniffed({}, _parquet_names(file, engine))


def _workbook(task: Task) -> Rows:
    raise _no_workbook(task.file)


def _sniff_workbook(file: Path, engine: Backend) -> Sniffed:
    raise _no_workbook(file)


def _no_workbook(file: Path) -> ConfigError:
    return ConfigError(
        f"{shown(file)} is a workbook; save its sheet as text (CSV UTF-8) and name that file "
        "in client.yaml."
    )


def _text(task: Task) -> Rows:
    copy = task.target.with_suffix(".txt")
    with text.opened(task.file, task.format, copy, task.check, task.choice) as opened:
        safe = safe_names(opened.names)
        counted, numbered = text.to_parquet(opened, safe, task.engine, task.target)
    first = counted.above + 1
    return Rows(task.target, opened.names, safe, numbered, first, counted)


# the first that fits; all that has no kind of its own is text, packed where it ends in .gz
KINDS: Final = (
    Kind((".parquet", ".pq"), _parquet, _sniff_parquet),
    Kind((".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".numbers"), _workbook, _sniff_workbook),
    Kind(("",), _text, sniffing.sniff),
)


def read(task: Task) -> Rows:
    """Read a file as its kind is read.

    Raises
    ------
    ConfigError
        If it cannot be read, its columns are refused, or it is not written as ``format`` says.
    DataError
        If it holds no row that can be read.
    """
    return _kind(task.file).read(task)


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


def _kind(file: Path) -> Kind:
    return next(kind for kind in KINDS if file.name.lower().endswith(kind.endings))
