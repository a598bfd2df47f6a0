"""Small files beside the sales, such as what customers gave as their reasons to leave."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NoReturn

import ibis
import pandas as pd
import pyarrow as pa

from retention_lib.client import WHITESPACE, Client, Format, nearest, shown
from retention_lib.errors import ConfigError
from retention_lib.sources import text
from retention_lib.transactions import cells

_COLUMNS: Final = ("customer_id", "date", "score", "reason")
_NEEDED: Final = ("customer_id", "date")
_MOST: Final = 100_000
_LINE: Final = "line"


def reasons(client: Client) -> pd.DataFrame | None:
    """Return what customers gave as their reasons: the file that ``reasons`` of the YAML names.

    It is text with the header ``customer_id,date,score,reason``, in any order, score and reason
    optional; delimiter, encoding, dates and numbers are written as ``format`` says for the sales.
    A comma parts its columns where those of the sales are parted by blanks.

    Returns
    -------
    pandas.DataFrame or None
        One row per answer, in the file's order; None where the client has no such file:

        - customer_id: text, by the rule of the sales: ``007`` stays, ``17850.0`` is ``17850``
        - date: day of the answer
        - score: float, missing where none was given
        - reason: text, missing where none was given

    Raises
    ------
    ConfigError
        If the file is missing or too large for a survey, or a column, date, score or id is not as
        it should be; the message names the file, the column, the line and what to write.
    DataError
        If there is nothing below the header.
    """
    if client.reasons is None:
        return None
    file = client.folder / client.reasons
    if not file.is_file():
        raise ConfigError(
            f"{shown(file)}, named in {shown(client.file)}, is missing; put the file there, or "
            "remove the line `reasons: …`."
        )
    typed = _typed(_as_text(client, file), client.format)
    _check(typed, file, client.format)
    return typed[list(_COLUMNS)]


def _as_text(client: Client, file: Path) -> pa.Table:
    """Return the cells of a file as text, with the number of each row's line."""
    delimiter = client.format.delimiter
    own = {"header": True, "delimiter": None if delimiter == WHITESPACE else delimiter}
    as_here = client.model_copy(update={"format": client.format.model_copy(update=own)})
    with (
        tempfile.TemporaryDirectory() as folder,
        text.opened(as_here, file, Path(folder) / "copy.txt") as opened,
    ):
        _check_columns(opened)
        if opened.lines - opened.header_lines > _MOST:
            raise ConfigError(
                f"{shown(file)} has {opened.lines - opened.header_lines:,} lines, but at most "
                f"{_MOST:,} are read of what customers said; name a file of the latest answers."
            )
        lines, rows = zip(*_rows(opened), strict=True)
    columns = dict(zip(opened.names, zip(*rows, strict=True), strict=True))
    absent: list[None] = [None] * len(lines)
    cells_of = {name: pa.array(columns.get(name, absent), pa.string()) for name in _COLUMNS}
    return pa.table(cells_of | {_LINE: pa.array(lines, pa.int64())})


def _check_columns(opened: text.Opened) -> None:
    """Refuse a header that lacks a column, has one twice or one that means nothing."""
    names = opened.names
    where = f"{shown(opened.file)}, line {opened.header_lines}: the column"
    remedy = f"the header should be `{opened.delimiter.join(_COLUMNS)}`."
    for name in names:
        if name not in _COLUMNS:
            like = nearest(name, _COLUMNS)
            instead = f"do you mean {like[0]!r}? If not, " if like else ""
            raise ConfigError(f"{where} {name[:60]!r} has no meaning here; {instead}{remedy}")
        if names.count(name) > 1:
            raise ConfigError(f"{where} {name!r} is there twice; {remedy}")
    for name in _NEEDED:
        if name not in names:
            raise ConfigError(f"{where} {name!r} is missing; {remedy}")


def _rows(opened: text.Opened) -> Iterator[tuple[int, list[str]]]:
    """Yield the line and the fields of each row that is not blank."""
    width, mark = len(opened.names), opened.delimiter
    with opened.plain.open(encoding="utf-8-sig", newline="") as stream:
        for _ in range(opened.header_lines):
            stream.readline()
        reader = csv.reader(stream, delimiter=mark, skipinitialspace=mark != " ", strict=True)
        while True:
            line = opened.header_lines + reader.line_num + 1
            try:
                fields = next(reader, None)
            except csv.Error as error:
                _refuse(opened, line, f"cannot be read ({error})")
            if fields is None:
                return
            if len(fields) > width and not "".join(fields[width:]):
                fields = fields[:width]
            if any(map(str.strip, fields)):
                if len(fields) != width:
                    _refuse(opened, line, f"has {len(fields)} columns instead of {width}")
                yield line, fields


def _refuse(opened: text.Opened, line: int, why: str) -> NoReturn:
    raise ConfigError(
        f"{shown(opened.file)}, line {line} {why}; put double quotes around a text that holds "
        f"{opened.delimiter!r}, quotes or a line break, and write each quote within it twice."
    )


def _typed(rows: pa.Table, format_: Format) -> pd.DataFrame:
    """Return the columns typed as those of the sales; ``raw_…`` hold dates and scores as text."""
    table = ibis.duckdb.connect().create_table("rows", rows)
    plain = table.mutate(**{name: cells.bare(table[name]) for name in _COLUMNS}).view()
    marks = cells.Marks(format_.decimal or ".", format_.thousands)
    typed = plain.select(
        _LINE,
        "reason",
        customer_id=cells.customer_id(plain.customer_id)[0],
        raw_date=plain.date,
        date=cells.day(plain.date, format_.date),
        raw_score=plain.score,
        score=cells.number(plain.score, marks),
    )
    return pd.DataFrame(typed.order_by(_LINE).to_pandas())


def _check(typed: pd.DataFrame, file: Path, format_: Format) -> None:
    """Refuse the first cell that is missing or cannot be read."""
    how = f"as {format_.date} (`format` in client.yaml)" if format_.date else "as in 2024-12-31"
    score = f"a number, with {format_.decimal or '.'!r} before decimals, or nothing"
    faults = {
        "customer_id": (typed["customer_id"].isna(), None, "the customer's id as in the sales"),
        "date": (typed["date"].isna(), "raw_date", f"the day of the answer {how}"),
        "score": (typed["raw_score"].notna() & typed["score"].isna(), "raw_score", score),
    }
    for column, (wrong, raw, remedy) in faults.items():
        if wrong.any():
            row = typed[wrong].iloc[0]
            cell = row[raw] if raw else None
            found = "is empty" if pd.isna(cell) else f"{cell[:60]!r} cannot be read"
            more = f" (and {wrong.sum() - 1:,} more)" if wrong.sum() > 1 else ""
            raise ConfigError(
                f"{shown(file)}, line {row[_LINE]}, column {column!r}: {found}{more}; "
                f"write {remedy}."
            )
