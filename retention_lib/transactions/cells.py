"""One cell at a time: text as dates, numbers and customer ids; null for what is none."""

from __future__ import annotations

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from retention_lib.client import Client, Format
from retention_lib.transactions import date_forms, number_forms
from retention_lib.transactions.date_forms import timezone
from retention_lib.transactions.number_forms import Marks

_SPACES = " \t\r\n\v\f\u00a0\u2007\u2009\u202f\u3000\ufeff"
# What of a format changes a cell's value.
_OF_CELLS = ("date", "decimal", "thousands", "sign", "timezone")


@ibis.udf.scalar.builtin(name="trim")  # type: ignore[untyped-decorator]
def trim_marks(text: str, marks: str) -> str:  # type: ignore[empty-body]
    """Cut marks off both ends; DuckDB's own."""


def marks_of(format_: Format) -> Marks:
    """Return how a client writes numbers; a decimal point unless its YAML says otherwise."""
    return Marks.of(format_)


def by_file(table: ibis.Table, client: Client, value: Callable[[Format], ir.Value]) -> ir.Value:
    """Return a value that hangs on how a row's file is written.

    Parameters
    ----------
    table
        Rows with ``source_file``, the label of their file.
    client
        The client; ``format`` and ``formats`` of its YAML say how each file is written.
    value
        The value of rows of ``table`` whose file is written in a format.
    """
    if not client.formats:
        return value(client.format)
    formats: dict[tuple[str | None, ...], Format] = {}
    files: dict[tuple[str | None, ...], list[str]] = {}
    for label in labels(table):
        format_ = client.format_of(label)
        key = tuple(getattr(format_, name) for name in _OF_CELLS)
        formats.setdefault(key, format_)
        files.setdefault(key, []).append(label)
    if len(formats) <= 1:
        return value(next(iter(formats.values()), client.format))
    cases = ((table.source_file.isin(files[key]), value(formats[key])) for key in formats)
    found: ir.Value = ibis.cases(*cases)
    return found


def labels(table: ibis.Table) -> list[str]:
    """Return the labels of the files that rows are of."""
    found = table.select("source_file").distinct().order_by("source_file").to_pyarrow()
    return [label for label in found["source_file"].to_pylist() if label is not None]


def bare(column: ir.Value) -> ir.Value:
    """Return dates and numbers as they are, all else as text; null for nothing but blanks."""
    kind = column.type()
    if kind.is_numeric() or kind.is_date() or kind.is_timestamp():
        return column
    return trim_marks(column.cast(str), _SPACES).nullif("")


def without_dashes(column: ir.Value) -> ir.Value:
    """Return bare numbers, null for a lone dash: how bookkeeping leaves a cell empty."""
    return _without(column, number_forms.DASHES)


def without_zeros(column: ir.Value) -> ir.Value:
    """Return bare dates, null for ``00000000`` and its like: how databases write no date."""
    return _without(column, date_forms.NO_DATES)


def _without(column: ir.Value, words: tuple[str, ...]) -> ir.Value:
    if not column.type().is_string():
        return column
    # an `IN` of so many words is a join to the engine, and reads the column for each query
    listed = ibis.literal(list(words), "array<string>").contains(column)
    found: ir.Value = listed.ifelse(None, column)
    return found


def customer_id(column: ir.Value) -> tuple[ir.StringValue, ir.BooleanValue]:
    """Return ids as text, without the ``.0`` of a spreadsheet, and whether they had one."""
    kind = column.type()
    if kind.is_floating():
        whole = (column == column.floor()) & (column.abs() < 2**53)
        text = ibis.ifelse(whole, column.cast("int64").cast(str) + ".0", column.cast(str))
        column = ibis.ifelse(column.isnan(), ibis.null(str), text)
    text = column.cast(str)
    was_decimal = text.re_search(r"^[0-9]+\.0+$" if kind.is_numeric() else r"^[0-9]+\.0$")
    bare = ibis.ifelse(was_decimal, text.re_replace(r"\.0+$", ""), text)
    return bare, was_decimal.fill_null(False)


def local(column: ir.Value, zone: str | None) -> ir.Value:
    """Return moments of a time zone as what a clock of ``zone`` showed; all else as it is."""
    kind = column.type()
    has_zone = kind.is_timestamp() and kind.timezone is not None
    moved: ir.Value = timezone(ibis.literal(zone), column) if has_zone and zone else column
    return moved


def day(column: ir.Value, format_: str | None, zone: str | None = None) -> ir.DateValue:
    """Return days from 1970-01-02 to 2199; null for what is none in this format.

    Parameters
    ----------
    column
        Dates, times, or what :func:`retention_lib.transactions.date_forms.written` reads.
    format_, zone
        As ``format: {date: …, timezone: …}`` of a YAML; no date is ISO.
    """
    if not (column.type().is_date() or column.type().is_timestamp()):
        return date_forms.written(written(column), format_, zone)
    day = column.cast("date")
    first, last = date_forms.FIRST_DAY, date_forms.LAST_DAY
    found: ir.DateValue = day.between(first, last).ifelse(day, None)
    return found


def minute(column: ir.Value, format_: str | None, zone: str | None = None) -> ir.IntegerValue:
    """Return the minute of the day of dates and times, as :func:`day` reads them; null without."""
    if column.type().is_date():
        return ibis.null("int64")
    if column.type().is_timestamp():
        return date_forms.minute_of(column)
    return date_forms.minute(written(column), format_, zone)


def written(column: ir.Value) -> ir.StringValue:
    """Return cells as text; a whole number of any type without decimals."""
    text: ir.StringValue = column.cast(str)
    return text.re_replace(r"\.0+$", "") if column.type().is_numeric() else text


def number(column: ir.Value, marks: Marks) -> ir.FloatingValue:
    """Return numbers of up to 1e12 either way; null for what is none with these marks."""
    if column.type().is_numeric():
        return within(column.cast("float64"))
    return within(number_forms.written(column.cast(str), marks))


def within(number: ir.FloatingValue) -> ir.FloatingValue:
    """Return numbers of up to 1e12 either way, null for all else."""
    found: ir.FloatingValue = (number.abs() <= number_forms.MOST).ifelse(number, None)
    return found
