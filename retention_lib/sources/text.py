"""Delimited text, read as text: every line becomes a row or an ``unreadable_line``.

DuckDB reads a file that is sound from end to end. A file in which it finds a fault, or
fewer rows than lines, is read again by Python line by line, slower, so that no line is lost.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend

from retention_lib.client import WHITESPACE, Format, shown
from retention_lib.errors import ConfigError, DataError
from retention_lib.sources.encoding import Scanned, as_utf8
from retention_lib.sources.heads import Check, MakeChoice, head, one_column, settled
from retention_lib.sources.lines import Counted, Layout, Lines, Reader
from retention_lib.sources.names import LINE, NUMBER, file_literal, identifier, text_literal
from retention_lib.sources.sniffed import choice as choice_

__all__ = ["NoRows", "Opened", "opened", "to_parquet"]

_BATCH = 50_000
_LONGEST_FIELD = 1 << 24
_SAMPLE = 1000  # lines that show what a row looks like


class NoRows(DataError):
    """A file without a row, of which others may have some; ``counted`` are its lines."""

    def __init__(self, message: str, counted: Counted) -> None:
        super().__init__(message)
        self.counted = counted


@dataclass(frozen=True)
class Opened:
    """A text file ready to be read: as utf-8, its columns known.

    ``above`` is how many lines stand before the first row.
    """

    file: Path
    scanned: Scanned
    above: int
    layout: Layout

    @property
    def names(self) -> Sequence[str]:
        """The names of its columns."""
        return self.layout.names


@contextmanager
def opened(
    file: Path, format_: Format, copy: Path, check: Check, choice: MakeChoice = choice_
) -> Iterator[Opened]:
    """Check a text file's encoding and read its columns' names.

    Parameters
    ----------
    file
        The file.
    format_
        How it is written.
    copy
        Where to put a utf-8 copy if DuckDB cannot read the file itself; deleted at the end.
    check
        Refuses the names of its columns.
    choice
        Makes a line of the YAML of what ``format`` should say of the file.

    Raises
    ------
    ConfigError
        If the file is not in the declared encoding, has one column only, or ``check`` refuses.
    NoRows
        If there is nothing below the header, or nothing at all.
    """
    try:
        scanned = as_utf8(file, format_.encoding, copy, choice)
        yield _with_names(file, scanned, format_, check, choice)
    finally:
        copy.unlink(missing_ok=True)


def _with_names(
    file: Path, scanned: Scanned, format_: Format, check: Check, choice: MakeChoice
) -> Opened:
    lines = scanned.lines
    with _text(scanned.plain) as stream:
        first = list(islice(stream, format_.skip_lines + _SAMPLE))
    found = head(first, format_)
    if not found.names:
        said = "holds nothing but blank lines" if lines else "is empty: it holds no text at all"
        raise NoRows(f"{shown(file)} {said}.", Counted(lines, 0, 0, lines))
    delimiter = format_.delimiter or ","
    try:
        if len(found.names) == 1:
            raise one_column(file, first[max(0, found.above - 1)].strip(), delimiter, choice)
        check(found.names)
    except ConfigError as error:
        raise settled(error, file, first, format_, check, choice) from None
    if not any(line.strip() for line in found.below):
        counted = Counted(lines, found.above, 0, lines - found.above)
        raise NoRows(f"{shown(file)} holds a header and no row below it.", counted)
    layout = Layout(delimiter, found.names, format_.header, found.below)
    return Opened(file, scanned, found.above, layout)


def to_parquet(
    opened: Opened, columns: Sequence[str], engine: Backend, path: Path
) -> tuple[Counted, bool]:
    """Write a text file's rows as Parquet: its columns as text.

    Parameters
    ----------
    opened
        The file, from :func:`opened`.
    columns
        What to call its columns.
    engine
        A DuckDB connection.
    path
        The Parquet file to write.

    Returns
    -------
    tuple
        What became of the lines, and whether the rows hold ``unreadable_line`` and
        ``line_number``; else every line is readable, and below one another.

    Raises
    ------
    DataError
        If no line of the file fits its columns.
    """
    if counted := _by_duckdb(opened, columns, engine, path):
        return counted, False
    return line_by_line(opened, columns, path), True


def _by_duckdb(
    opened: Opened, columns: Sequence[str], engine: Backend, path: Path
) -> Counted | None:
    """Read a sound file, in which each line after the header is one row; None if it is not."""
    lines = opened.scanned.lines - opened.above
    if not opened.scanned.plainly or opened.above > 1:
        return None
    rows = _blank_parted if opened.layout.delimiter == WHITESPACE else _delimited
    picked = ", ".join(f"c{n} AS {identifier(column)}" for n, column in enumerate(columns))
    target = f"{text_literal(path)} (FORMAT parquet)"
    try:
        engine.raw_sql("SET preserve_insertion_order = true")
        written = engine.raw_sql(f"COPY (SELECT {picked} FROM ({rows(opened)})) TO {target}")
        row = written.fetchone()
    except duckdb.Error:
        return None
    finally:
        engine.raw_sql("SET preserve_insertion_order = false")
    if row is None or row[0] != lines or _repeats(opened, columns, engine, path):
        return None
    return Counted(opened.scanned.lines, opened.above, 0, 0)


def _repeats(opened: Opened, columns: Sequence[str], engine: Backend, path: Path) -> bool:
    """Whether the header stands among the rows."""
    if not opened.layout.repeats:
        return False
    same = " AND ".join(
        f"coalesce(trim({identifier(column)}), '') = {text_literal(name)}"
        for column, name in zip(columns, opened.names, strict=True)
    )
    sql = f"SELECT 1 FROM read_parquet({file_literal(path)}) WHERE {same} LIMIT 1"
    return engine.raw_sql(sql).fetchone() is not None


def _delimited(opened: Opened) -> str:
    types = ", ".join(f"c{n}: 'VARCHAR'" for n in range(len(opened.names)))
    return f"""
        FROM read_csv({file_literal(opened.scanned.plain)}, auto_detect = false,
            strict_mode = true, header = false, skip = {opened.above}, columns = {{{types}}},
            delim = {text_literal(opened.layout.delimiter)}, quote = '"', escape = '"')"""


def _blank_parted(opened: Opened) -> str:
    """Read whole lines and split them; one with other than the expected fields is left out."""
    width = len(opened.names)
    fields = ", ".join(f"fields[{n + 1}] AS c{n}" for n in range(width))
    return f"""
        SELECT {fields} FROM (
            SELECT string_split_regex(trim(line, ' \t\r'), '\\s+') AS fields
            FROM read_csv({file_literal(opened.scanned.plain)}, auto_detect = false,
                header = false, skip = {opened.above}, columns = {{line: 'VARCHAR'}},
                delim = chr(31), quote = '', escape = '')
        ) WHERE len(fields) = {width}"""


def line_by_line(opened: Opened, columns: Sequence[str], path: Path) -> Counted:
    """Read a file with faults: a line that does not fit is kept as it stands."""
    schema = pa.schema([*((name, pa.string()) for name in [*columns, LINE]), (NUMBER, pa.int64())])
    fits, unreadable = False, ""
    with (
        _text(opened.scanned.plain) as stream,
        _longer_fields(),
        pq.ParquetWriter(path, schema) as writer,
    ):
        reader = Reader(Lines(stream, opened.above), opened.layout)
        rows = iter(reader)
        while batch := list(islice(rows, _BATCH)):
            lines = [str(row[-2]) for row in batch if row[-2] is not None]
            fits, unreadable = fits or len(lines) < len(batch), unreadable or next(iter(lines), "")
            columns_ = zip(zip(*batch, strict=True), schema.types, strict=True)
            arrays = [pa.array(column, kind) for column, kind in columns_]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
    if not fits:
        raise DataError(
            f"{opened.file.name}: none of its lines has the {len(columns)} columns of the "
            f"first line, e.g. {unreadable[:60]!r}; check `format: {{delimiter: …}}`."
        )
    return Counted(opened.scanned.lines, opened.above, reader.continued, reader.blank)


def _text(plain: Path) -> TextIO:
    return plain.open(encoding="utf-8-sig", newline="")


@contextmanager
def _longer_fields() -> Iterator[None]:
    """Let fields be as long as a report could ever hold, instead of 128 KiB."""
    before = csv.field_size_limit(_LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)
