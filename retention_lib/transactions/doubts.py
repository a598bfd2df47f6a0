"""What stops a run: columns of dates and numbers that cannot be read, or in two ways."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from retention_lib.client import Client
from retention_lib.errors import ConfigError, DataError
from retention_lib.sources import Raw
from retention_lib.transactions import cells

NUMBERS = ("amount", "quantity", "unit_price", "discount", "cost")
_COMMON_DAYS = (
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%m.%d.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%d.%m.%y",
    "%m.%d.%y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
)
_COMMON_TIMES = (
    "",
    " %H:%M",
    " %H:%M:%S",
    " %H:%M:%S.%f",
    "T%H:%M",
    "T%H:%M:%S",
    "T%H:%M:%S.%f",
    "T%H:%M:%SZ",
    " %I:%M %p",
    " %I:%M:%S %p",
)
_COMMON_MARKS = tuple(
    cells.Marks(decimal, thousands)
    for thousands in (None, ".", ",", " ", "'")
    for decimal in (".", ",")
    if decimal != thousands
)


def check_dates(raw: Raw, client: Client, plain: ibis.Table) -> None:
    """Stop if no date can be read, or if another format fits all where this one does not.

    Parameters
    ----------
    raw
        The source, for the names that messages give.
    client
        The client; its YAML may declare how dates are written.
    plain
        The mapped columns under their standard names, not typed yet.

    Raises
    ------
    ConfigError
        If other formats fit all dates: two of them, or one where the declared fits some.
    DataError
        If no date can be read.
    """
    declared = client.format.date
    count = _Count.of(plain, plain.ordered_at, cells.day(plain.ordered_at, declared))
    if count.unreadable:
        how = f"as {declared}" if declared else "as an ISO date (2017-12-31)"
        formats = _fitting_dates(plain.select(text=plain.ordered_at.cast(str)))
        lines = [f'`format: {{date: "{format_}"}}`' for format_ in formats]
        remedy = 'say how dates are written, e.g. `format: {date: "%d.%m.%Y"}`'
        count.stop(f"{raw.where}: column {client.columns.ordered_at!r}", how, lines, remedy)


def _fitting_dates(texts: ibis.Table) -> list[str]:
    """Return the common formats that fit every date; Python rules out most of them by a few."""
    texts = texts.filter(texts.text.notnull())
    few = _few(texts)
    formats = [day + time for day in _COMMON_DAYS for time in _COMMON_TIMES]
    formats = [format_ for format_ in formats if all(_is_date(text, format_) for text in few)]
    if not formats:
        return []
    row = _row(texts.agg(**{f: cells.day(texts.text, f).isnull().sum() for f in formats}))
    return [format_ for format_ in formats if not row[format_]]


def _is_date(text: str, format_: str) -> bool:
    try:
        return bool(datetime.strptime(text, format_))
    except ValueError:
        return False


def _few(texts: ibis.Table) -> list[str]:
    found: list[str] = texts.limit(1000).to_pyarrow()["text"].to_pylist()
    return found


def check_numbers(raw: Raw, client: Client, plain: ibis.Table, standard: str) -> None:
    """Stop if a column's numbers cannot be read, or may be read in two ways.

    Parameters
    ----------
    raw, client, plain
        As in :func:`check_dates`.
    standard
        The standard name of the column, one of ``NUMBERS``.

    Raises
    ------
    ConfigError
        If 1.234 may be 1234, or other marks fit all numbers where the declared do not.
    DataError
        If no number can be read.
    """
    column, name = plain[standard], getattr(client.columns, standard)
    if column.type().is_numeric():
        return
    where = f"{raw.where}: column {name!r}"
    if client.format.decimal is None:
        _refuse_three_decimals(where, plain, column)
    marks = cells.marks_of(client)
    count = _Count.of(plain, column, cells.number(column, marks))
    if count.unreadable:
        how = f"as a number with the decimal mark {marks.decimal!r}"
        how += f" and {marks.thousands!r} between thousands" if marks.thousands else ""
        lines = [fit.yaml for fit in _fitting_marks(plain.select(text=column.cast(str)))]
        count.stop(where, how, lines, f"map a column of numbers to {standard}, or none")


def _refuse_three_decimals(where: str, plain: ibis.Table, column: ir.Value) -> None:
    """Stop where 1.234 may be a thousand or little more than one."""
    text = column.cast(str)
    doubtful = text.re_search(r"^[+-]?[1-9][0-9]{0,2}\.[0-9]{3}$")
    settled = text.re_search(r"\.(?:[0-9]{1,2}|[0-9]{4,})$|^[+-]?0*\.[0-9]+$")
    example = text.max(where=doubtful)
    row = _row(plain.agg(doubtful=doubtful.sum(), settled=settled.sum(), example=example))
    if row["doubtful"] and not row["settled"]:
        value = row["example"]
        raise ConfigError(
            f"{where}: {value!r} ({row['doubtful']} such rows) can be {value.replace('.', '')} or "
            f"{value.replace('.', ',')}. Write {cells.Marks(',', '.').yaml} for a whole number, "
            f"{cells.Marks('.').yaml} for three decimals."
        )


def _fitting_marks(texts: ibis.Table) -> list[cells.Marks]:
    """Return the marks that fit every number, one of those that read them alike."""
    texts = texts.filter(texts.text.notnull())
    few = _few(texts)
    readings: dict[Any, cells.Marks] = {}
    for marks in _COMMON_MARKS:
        if all(re.search(marks.pattern, text) for text in few):
            number = cells.number(texts.text, marks)
            missed = number.isnull().sum()
            row = _row(texts.agg(missed=missed, least=number.min(), most=number.max()))
            if not row["missed"]:
                readings.setdefault((row["least"], row["most"]), marks)
    return list(readings.values())


@dataclass(frozen=True)
class _Count:
    """How many values of a column there are, and how many of them cannot be read."""

    present: int
    unreadable: int
    example: str | None

    @classmethod
    def of(cls, plain: ibis.Table, column: ir.Value, value: ir.Value) -> _Count:
        """Count a column's values by what became of them."""
        lost = column.notnull() & value.isnull()
        example = column.cast(str).max(where=lost)
        row = _row(plain.agg(present=column.count(), unreadable=lost.sum(), example=example))
        return cls(row["present"], row["unreadable"] or 0, row["example"])

    def stop(self, where: str, how: str, lines: Sequence[str], remedy: str) -> None:
        """Stop if nothing can be read, or if all could be with another line in the YAML."""
        said = (
            f"{where} cannot be read {how} in {self.unreadable} of {self.present} rows, "
            f"e.g. {(self.example or '')[:40]!r}"
        )
        if len(lines) > 1:
            raise ConfigError(f"{said}. Several formats fit all rows; write {' or '.join(lines)}.")
        if lines and self.unreadable < self.present:
            raise ConfigError(f"{said}. All rows fit another format; write {lines[0]}.")
        if lines:
            raise DataError(f"{said}. All rows fit another format; write {lines[0]}.")
        if self.unreadable == self.present:
            raise DataError(f"{said}; {remedy}.")


def _row(aggregates: ibis.Table) -> dict[str, Any]:
    row: dict[str, Any] = aggregates.to_pyarrow().to_pylist()[0]
    return row
