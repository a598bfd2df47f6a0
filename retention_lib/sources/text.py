"""Delimited text, read as text: every line becomes a row or an ``unreadable_line``.

DuckDB reads a file that is sound from end to end. A file in which it finds a fault, or
fewer rows than lines, is read again by Python line by line, slower, so that no line is lost.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self, TextIO

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend

from retention_lib.client import WHITESPACE, Format, shown
from retention_lib.errors import ConfigError, DataError
from retention_lib.sources.encoding import as_utf8
from retention_lib.sources.names import LINE, NUMBER, file_literal, identifier, text_literal

_BATCH = 50_000
_LONGEST_FIELD = 1 << 24
_MOST_LINES_OF_A_FIELD = 200
_DELIMITERS = {";": "';'", ",": "','", "\t": "tab", "|": "'|'", WHITESPACE: WHITESPACE}


@dataclass(frozen=True)
class Opened:
    """A text file ready to be read: as utf-8, its columns known.

    ``lines`` is the number of lines of the file, ``header_lines`` how many of them stand
    before the first row.
    """

    file: Path
    plain: Path
    lines: int
    header_lines: int
    delimiter: str
    names: list[str]


@contextmanager
def opened(file: Path, format_: Format, copy: Path) -> Iterator[Opened]:
    """Check a text file's encoding and read its columns' names.

    Parameters
    ----------
    file
        The file.
    format_
        How it is written.
    copy
        Where to put a utf-8 copy if DuckDB cannot read the file itself; deleted at the end.

    Raises
    ------
    ConfigError
        If the file is empty, is not in the declared encoding, or has one column only.
    DataError
        If there is nothing below the header.
    """
    try:
        plain, lines = as_utf8(file, format_.encoding, copy)
        yield _with_names(file, plain, lines, format_)
    finally:
        copy.unlink(missing_ok=True)


def _with_names(file: Path, plain: Path, lines: int, format_: Format) -> Opened:
    delimiter = format_.delimiter or ","
    with _text(plain) as stream:
        skipped = _past_excel_line(stream)
        try:
            names, header_lines = _first_record(stream, delimiter)
        except csv.Error as error:
            raise ConfigError(f"{shown(file)}: its header cannot be read: {error}.") from None
        rows = [_split(line, delimiter) for line in islice(_filled(stream), 1000)]
    if not names:
        raise DataError(f"{shown(file)} holds nothing but blank lines.")
    if not format_.header:
        widths = Counter(len(row) for row in [names, *rows] if row)
        names, header_lines = [str(n + 1) for n in range(widths.most_common(1)[0][0])], 0
    header_lines += skipped
    if len(names) == 1:
        raise ConfigError(_one_column(file, plain, delimiter))
    if format_.header and not rows:
        raise DataError(f"{shown(file)} holds a header and no row below it.")
    return Opened(file, plain, lines, header_lines, delimiter, [name.strip() for name in names])


def _past_excel_line(stream: TextIO) -> int:
    """Skip the `sep=;` that Excel writes above a header; return the number of lines skipped."""
    start = stream.tell()
    if re.fullmatch(r'"?sep=.\s*"?\s*', stream.readline(), re.IGNORECASE):
        return 1
    stream.seek(start)
    return 0


def _first_record(stream: TextIO, delimiter: str) -> tuple[list[str], int]:
    """Return the first record that is not blank, and the number of lines read for it."""
    if delimiter == WHITESPACE:
        lines = ((number, line.split()) for number, line in enumerate(stream, start=1))
        return next(((fields, number) for number, fields in lines if fields), ([], 0))
    reader = csv.reader(stream, delimiter=delimiter, skipinitialspace=delimiter != " ")
    first = next((record for record in reader if any(map(str.strip, record))), [])
    return first, reader.line_num


def _one_column(file: Path, plain: Path, delimiter: str) -> str:
    """Say which delimiter would part the first line."""
    with _text(plain) as stream:
        _past_excel_line(stream)
        first = next(_filled(stream)).strip()
    counts = {mark: first.count(mark) for mark in _DELIMITERS if mark != WHITESPACE}
    counts[WHITESPACE] = len(first.split()) - 1
    fit = next((mark for mark in counts if counts[mark] and mark != delimiter), None)
    used = _DELIMITERS.get(delimiter, repr(delimiter))
    remedy = f" Write `format: {{delimiter: {_DELIMITERS[fit]}}}`." if fit else ""
    return (
        f"{shown(file)} has one column only with the delimiter {used}; "
        f"its first line is {first[:60]!r}.{remedy}"
    )


def to_parquet(
    opened: Opened, columns: Sequence[str], engine: Backend, path: Path, numbered: bool = False
) -> None:
    """Write a text file's rows as Parquet: its columns as text, and the two of ours for lines.

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
    numbered
        Whether each row must have its line's number, which only the slower way tells.

    Raises
    ------
    DataError
        If no line of the file fits its columns.
    """
    if numbered or not _by_duckdb(opened, columns, engine, path):
        fits, unreadable = _line_by_line(opened, columns, path)
        if not (fits or numbered):
            raise DataError(
                f"{opened.file.name}: none of its lines has the {len(columns)} columns of the "
                f"first line, e.g. {unreadable[:60]!r}; check `format: {{delimiter: …}}`."
            )


def _by_duckdb(opened: Opened, columns: Sequence[str], engine: Backend, path: Path) -> bool:
    """Read a sound file; tell whether each line after the header has become one row."""
    if opened.header_lines > 1:
        return False
    rows = _blank_parted if opened.delimiter == WHITESPACE else _delimited
    picked = (f"c{n} AS {identifier(column)}" for n, column in enumerate(columns))
    sql = f"""
        COPY (SELECT {", ".join(picked)}, NULL::VARCHAR AS {LINE},
            NULL::BIGINT AS {NUMBER} FROM ({rows(opened)}))
        TO {text_literal(path)} (FORMAT parquet)"""
    try:
        written = engine.raw_sql(sql).fetchone()
    except duckdb.Error:
        return False
    return written is not None and bool(written[0] == opened.lines - opened.header_lines)


def _delimited(opened: Opened) -> str:
    types = ", ".join(f"c{n}: 'VARCHAR'" for n in range(len(opened.names)))
    return f"""
        FROM read_csv({file_literal(opened.plain)}, auto_detect = false, strict_mode = true,
            header = false, skip = {opened.header_lines}, columns = {{{types}}},
            delim = {text_literal(opened.delimiter)}, quote = '"', escape = '"')"""


def _blank_parted(opened: Opened) -> str:
    """Read whole lines and split them; one with other than the expected fields is left out."""
    width = len(opened.names)
    fields = ", ".join(f"fields[{n + 1}] AS c{n}" for n in range(width))
    return f"""
        SELECT {fields} FROM (
            SELECT string_split_regex(trim(line, ' \t\r'), '\\s+') AS fields
            FROM read_csv({file_literal(opened.plain)}, auto_detect = false, header = false,
                skip = {opened.header_lines}, columns = {{line: 'VARCHAR'}},
                delim = chr(31), quote = '', escape = '')
        ) WHERE len(fields) = {width}"""


def _line_by_line(opened: Opened, columns: Sequence[str], path: Path) -> tuple[int, str]:
    """Read a file with faults: a line that does not fit is kept as it stands.

    Return how many fit, and the first that does not.
    """
    schema = pa.schema([*((name, pa.string()) for name in [*columns, LINE]), (NUMBER, pa.int64())])
    fits, unreadable = 0, ""
    with (
        _text(opened.plain) as stream,
        _longer_fields(),
        pq.ParquetWriter(path, schema) as writer,
    ):
        rows = _rows(_Lines(stream, opened.header_lines), opened.delimiter, len(columns))
        while batch := list(islice(rows, _BATCH)):
            lines = [str(row[-2]) for row in batch if row[-2] is not None]
            fits, unreadable = fits + len(batch) - len(lines), unreadable or next(iter(lines), "")
            columns_ = zip(zip(*batch, strict=True), schema.types, strict=True)
            arrays = [pa.array(column, kind) for column, kind in columns_]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
    return fits, unreadable


def _rows(lines: _Lines, delimiter: str, width: int) -> Iterator[tuple[str | int | None, ...]]:
    """Yield each line's fields, or only nulls and the line where it does not fit; its number."""
    for line in lines:
        if not line.strip():
            continue
        number = lines.number
        record = _fitting(_split(line, delimiter), width)
        if record is None and line.count('"') % 2:
            record = _over_lines(line, lines, delimiter, width)
        if record is None:
            yield (*[None] * width, line.rstrip("\r\n"), number)
        else:
            yield (*(field or None for field in record), None, number)


def _over_lines(line: str, lines: _Lines, delimiter: str, width: int) -> list[str] | None:
    """Read on to the end of a quoted field; give the lines back if that makes no row."""
    taken: list[str] = []
    for following in islice(lines, _MOST_LINES_OF_A_FIELD):
        taken.append(following)
        if '"' in following and (fields := _split(line + "".join(taken), delimiter)):
            if record := _fitting(fields, width):
                return record
            break
    lines.give_back(taken)
    return None


def _fitting(fields: list[str] | None, width: int) -> list[str] | None:
    """Return the fields if they are as many as columns, not counting a last, empty one."""
    if fields is not None and len(fields) == width + 1 and not fields[-1]:
        return fields[:-1]
    return fields if fields is not None and len(fields) == width else None


def _split(text: str, delimiter: str) -> list[str] | None:
    """Return a line's fields; None if its quotes are not as they should be."""
    if delimiter == WHITESPACE:
        return text.split()
    try:
        reader = csv.reader(
            [text], delimiter=delimiter, skipinitialspace=delimiter != " ", strict=True
        )
        return next(reader, None)
    except csv.Error:
        return None


class _Lines:
    """An iterator over the lines below a header that takes lines back.

    ``number`` is that of the line it gave last.
    """

    def __init__(self, lines: Iterable[str], header_lines: int) -> None:
        self._lines = islice(lines, header_lines, None)
        self._returned: list[str] = []
        self.number = header_lines

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._returned.pop() if self._returned else next(self._lines)
        self.number += 1
        return line

    def give_back(self, lines: Sequence[str]) -> None:
        """Put lines in front of those still to come."""
        self._returned.extend(reversed(lines))
        self.number -= len(lines)


def _filled(stream: TextIO) -> Iterator[str]:
    return (line for line in stream if line.strip())


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
