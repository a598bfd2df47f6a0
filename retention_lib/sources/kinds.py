"""Kinds of files: one entry a kind, which serves the sales and the files beside them alike.

A new kind is its reader, its entry in ``KINDS``, its test, and a word in the README.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import duckdb
from ibis.backends.duckdb import Backend

from retention_lib.client import Format, shown
from retention_lib.errors import ConfigError
from retention_lib.sources import text
from retention_lib.sources.names import (
    LINE,
    NUMBER,
    ORIGIN,
    file_literal,
    identifier,
    safe_names,
    text_literal,
)


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
    numbered : bool
        Whether each row is to have the number of its line, which takes longer.
    """

    file: Path
    format: Format
    check: Callable[[Sequence[str]], None]
    engine: Backend
    target: Path
    numbered: bool = False


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
    """

    path: Path
    given: Sequence[str]
    stored: Sequence[str]
    has_lines: bool = False

    def sql(self, label: str) -> str:
        """Select all rows: the columns by their safe names, then the three of ours."""
        columns = [
            f"{identifier(stored)} AS {identifier(safe)}"
            for stored, safe in zip(self.stored, safe_names(self.given), strict=True)
        ]
        columns.append(f"{text_literal(label)} AS {ORIGIN}")
        columns.append(LINE if self.has_lines else f"NULL::VARCHAR AS {LINE}")
        number = f"coalesce({NUMBER}, file_row_number + 2)" if self.has_lines else "file_row_number + 1"
        columns.append(f"{number} AS {NUMBER}")
        read = f"read_parquet({file_literal(self.path)}, file_row_number = true)"
        return f"SELECT {', '.join(columns)} FROM {read}"


class Kind(NamedTuple):
    """How files with certain endings are read."""

    endings: tuple[str, ...]
    read: Callable[[Task], Rows]


def _parquet(task: Task) -> Rows:
    sql = f"DESCRIBE FROM read_parquet({file_literal(task.file)})"
    try:
        names = [row[0] for row in task.engine.raw_sql(sql).fetchall()]
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"{shown(task.file)} cannot be read as Parquet: {reason}") from None
    task.check(names)
    return Rows(task.file, names, names)


def _workbook(task: Task) -> Rows:
    raise ConfigError(
        f"{shown(task.file)} is a workbook; save its sheet as text (CSV UTF-8) and name that file "
        "in client.yaml."
    )


def _text(task: Task) -> Rows:
    with text.opened(task.file, task.format, task.target.with_suffix(".txt")) as opened:
        task.check(opened.names)
        safe = safe_names(opened.names)
        text.to_parquet(opened, safe, task.engine, task.target, task.numbered)
    return Rows(task.target, opened.names, safe, has_lines=True)


# the first that fits; all that has no kind of its own is text, packed where it ends in .gz
KINDS: Final = (
    Kind((".parquet", ".pq"), _parquet),
    Kind((".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".numbers"), _workbook),
    Kind(("",), _text),
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
    name = task.file.name.lower()
    return next(kind for kind in KINDS if name.endswith(kind.endings)).read(task)
