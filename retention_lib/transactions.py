"""Typed transactions: every row of the source with its day and amount, or the reason why not.

Rows in = rows kept + rows set aside. Nothing is guessed: where a column can be read in two
ways, or not at all, the run stops and names the line of the YAML that settles it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from retention_lib.client import Client
from retention_lib.errors import ConfigError, DataError
from retention_lib.sources import Raw

REASONS = (
    "unreadable_line",
    "missing_customer_id",
    "missing_date",
    "unreadable_date",
    "missing_amount",
    "unreadable_amount",
    "after_as_of",
    "duplicate_line",
    "zero_amount",
)
_NUMBERS = ("amount", "quantity", "unit_price", "discount", "cost")
_TEXTS = (
    "order_id",
    "product",
    "status",
    "email",
    "account",
    "owner",
    "region",
    "channel",
    "effort",
    "currency",
)
_OURS = ("source_file", "unreadable_line")
_FOR_REASONS = ("no_date", "no_amount", "earlier_copies")
_SPACES = " \t\r\n\v\f\u00a0\u2007\u2009\u202f\u3000\ufeff"
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)

_ISO_DAY = "%Y-%m-%d"
_ISO = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[ T](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?)?$"
)
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
_WIDTHS = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "j": 3}


@dataclass(frozen=True)
class _Marks:
    """How numbers are written."""

    decimal: str
    thousands: str | None = None

    @property
    def pattern(self) -> str:
        """A regular expression of the numbers that are written so, and of no others."""
        fraction = f"{re.escape(self.decimal)}[0-9]+"
        whole = "[0-9]+"
        if self.thousands:
            whole = f"(?:[0-9]{{1,3}}(?:{self.group}[0-9]{{3}})+|[0-9]+)"
        return f"^[+-]?(?:{whole}(?:{fraction})?|{fraction})$"

    @property
    def group(self) -> str:
        """A regular expression of the mark between thousands."""
        alike = {" ": "[ \u00a0\u2009\u202f]", "'": "['’]", "’": "['’]"}
        return alike.get(self.thousands or "", re.escape(self.thousands or ""))

    @property
    def yaml(self) -> str:
        """The line of the YAML that declares these marks."""
        thousands = f', thousands: "{self.thousands}"' if self.thousands else ""
        return f'`format: {{decimal: "{self.decimal}"{thousands}}}`'


_COMMON_MARKS = tuple(
    _Marks(decimal, thousands)
    for thousands in (None, ".", ",", " ", "'")
    for decimal in (".", ",")
    if decimal != thousands
)


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def try_strptime(text: str, format_: str) -> dt.timestamp:
    """Read a time in one format, null where it does not fit; DuckDB's own."""


@ibis.udf.scalar.builtin(name="trim")  # type: ignore[untyped-decorator]
def trim_marks(text: str, marks: str) -> str:  # type: ignore[empty-body]
    """Cut marks off both ends; DuckDB's own."""


def typed(raw: Raw, client: Client, as_of: date | None) -> ibis.Table:
    """Give every row of a source its customer, day and amount, or the reason why it has none.

    Parameters
    ----------
    raw
        The source, from :func:`retention_lib.sources.read`.
    client
        The client; ``columns`` and ``format`` of its YAML say what stands where, and how.
    as_of
        The last day of the history; later rows are set aside. None: no row is too late.

    Returns
    -------
    ibis.Table
        One row per row of the source, in no particular order:

        - ``customer_id``: text; ``id_was_decimal``: whether it was written as ``17850.0``
        - ``day``: date
        - ``amount``: float, in the client's currency; null throughout if the client has none
        - each other mapped column under its standard name: ``quantity``, ``unit_price``,
          ``discount`` and ``cost`` as float, ``ordered_until`` as date, the rest as text
        - ``segments``: struct of texts, if any are mapped
        - ``source_file``, ``unreadable_line``: as in the source
        - ``reason``: one of ``REASONS``; null if the row is kept
        - ``source``: struct of the source's own columns

    Raises
    ------
    ConfigError
        If dates or numbers can be read in more than one way, or as declared only in part
        though another format would fit them all.
    DataError
        If a whole column of dates or numbers cannot be read.
    """
    plain = _plain(raw, client)
    _check_dates(raw, client, plain)
    for standard in _NUMBERS:
        if standard in plain.columns:
            _check_numbers(raw, client, plain, standard)
    values = plain.select(**_values(plain, client), **_gaps(plain, client)).view()
    found = _reasons(values, client, as_of)
    reason = ibis.cases(*((found[name], name) for name in REASONS if name in found))
    return values.mutate(reason=reason).drop(*(set(values.columns) & set(_FOR_REASONS)))


def kept(typed: ibis.Table) -> ibis.Table:
    """Return the rows that can be used: those without a reason to set them aside."""
    return typed.filter(typed.reason.isnull()).drop("reason", "unreadable_line")


def set_aside(typed: ibis.Table) -> ibis.Table:
    """Return the rows that cannot be used: the source's columns, where from, and the reason."""
    rows = typed.filter(typed.reason.notnull())
    own = {name: rows.source[name] for name in rows.source.names}
    return rows.select(
        **own,
        source_file=rows.source_file,
        unreadable_line=rows.unreadable_line,
        reason=rows.reason,
    )


def last_day(typed: ibis.Table, today: date) -> date:
    """Return the day of the latest purchase that is not after today.

    Raises
    ------
    DataError
        If there is no such purchase.
    """
    rows = typed.mutate(
        reason=ibis.coalesce(
            typed.reason,
            ibis.cases((typed.day > today, "after_today"), (typed.amount < 0, "negative_amount")),
        )
    )
    latest = rows.day.max(where=rows.reason.isnull()).to_pyarrow().as_py()
    if latest is None:
        counts = rows.group_by("reason").agg(rows=rows.count()).order_by("reason").to_pyarrow()
        why = ", ".join(f"{row['reason']}: {row['rows']}" for row in counts.to_pylist())
        raise DataError(
            f"No purchase can be read up to {today}, and every row is set aside ({why}); "
            "check `columns` and `format` in client.yaml."
        )
    assert isinstance(latest, date)
    return latest


def _plain(raw: Raw, client: Client) -> ibis.Table:
    """Return each mapped column under its standard name, text without blanks around it.

    Each step is a view of its own (so are the steps after it), because Ibis would else merge
    them into one and compute every text anew wherever it is used: thirty times slower.
    """
    table, columns = raw.table, client.columns
    own = [column for column in table.columns if column not in _OURS]
    mapped = {name: _bare(table[raw.names[column]]) for name, column in columns.mapped().items()}
    if columns.segments:
        segments = {name: _bare(table[raw.names[name]].cast(str)) for name in columns.segments}
        mapped["segments"] = ibis.struct(segments)
    if columns.order_id:
        copies = ibis.row_number().over(group_by=own, order_by=table.source_file)
        mapped["earlier_copies"] = copies
    ours = {name: table[name] for name in _OURS}
    source = ibis.struct({column: table[column] for column in own})
    return table.select(**mapped, **ours, source=source).view()


def _bare(column: ir.Value) -> ir.Value:
    """Return dates and numbers as they are, all else as text; null for nothing but blanks."""
    kind = column.type()
    if kind.is_numeric() or kind.is_date() or kind.is_timestamp():
        return column
    return trim_marks(column.cast(str), _SPACES).nullif("")


def _values(plain: ibis.Table, client: Client) -> dict[str, ir.Value]:
    """Return what a row is worth: the mapped columns, typed, under their standard names."""
    marks, columns = _marks(client), set(plain.columns)
    numbers = {name: _number(plain[name], marks) for name in _NUMBERS if name in columns}
    if "amount" not in columns:
        both = {"quantity", "unit_price"} <= columns
        product = numbers["quantity"] * numbers["unit_price"] if both else ibis.null("float64")
        numbers = {"amount": product} | numbers
    customer_id, was_decimal = _customer_id(plain.customer_id)
    values = {
        "customer_id": customer_id,
        "id_was_decimal": was_decimal,
        "day": _day(plain.ordered_at, client.format.date),
        **numbers,
        **{name: plain[name].cast(str) for name in _TEXTS if name in columns},
    }
    if "ordered_until" in columns:
        values["ordered_until"] = _day(plain.ordered_until, client.format.date)
    rest = ("segments", "earlier_copies", *_OURS, "source")
    return values | {name: plain[name] for name in rest if name in columns}


def _gaps(plain: ibis.Table, client: Client) -> dict[str, ir.Value]:
    """Return whether a row has no date, and no amount (or one of its two factors)."""
    parts = ["amount"] if client.columns.amount else ["quantity", "unit_price"]
    amount = (
        [plain[name].isnull() for name in parts] if client.has_amounts else [ibis.literal(False)]
    )
    return {"no_date": plain.ordered_at.isnull(), "no_amount": ibis.or_(*amount)}


def _reasons(values: ibis.Table, client: Client, as_of: date | None) -> dict[str, Any]:
    """Return a condition for each reason to set a row aside that applies to this client."""
    found: dict[str, Any] = {
        "unreadable_line": values.unreadable_line.notnull(),
        "missing_customer_id": values.customer_id.isnull(),
        "missing_date": values.no_date,
        "unreadable_date": values.day.isnull(),
    }
    if client.has_amounts:
        found["missing_amount"] = values.no_amount
        found["unreadable_amount"] = values.amount.isnull()
    if as_of is not None:
        found["after_as_of"] = values.day > as_of
    if client.columns.order_id:
        found["duplicate_line"] = values.earlier_copies > 0
    if client.has_amounts and client.zero_amounts == "set_aside":
        found["zero_amount"] = values.amount == 0
    return found


def _customer_id(column: ir.Value) -> tuple[ir.StringValue, ir.BooleanValue]:
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


def _day(column: ir.Value, format_: str | None) -> ir.DateValue:
    """Return days between 1900 and 2199; null for what is none in this format (None: ISO)."""
    sound = ibis.literal(True)
    if column.type().is_date() or column.type().is_timestamp():
        day = column.cast("date")
    else:
        # Guarding the text itself instead of the result costs twenty times as much.
        text = column.cast(str)
        sound = text.re_search(_shape(format_))
        day = try_strptime(text if format_ else text[:10], format_ or _ISO_DAY).date()
    found: ir.DateValue = (sound & day.between(_FIRST_DAY, _LAST_DAY)).ifelse(day, None)
    return found


def _shape(format_: str | None) -> str:
    """Return a pattern that dates must have beyond what DuckDB asks of them.

    It takes ``infinity`` for a day, and 1997111 for %Y%m%d though that fits two days.
    """
    if format_ is None:
        return _ISO
    if not re.search("%-?[a-zA-Z]%-?[a-zA-Z]", format_):
        return "[0-9]"
    parts = re.split("%-?([a-zA-Z])", format_)
    digits = [f"[0-9]{{{_WIDTHS[p]}}}" if p in _WIDTHS else ".+" for p in parts[1::2]]
    return f"^{''.join(re.escape(a) + b for a, b in zip(parts[::2], [*digits, ''], strict=True))}$"


def _marks(client: Client) -> _Marks:
    return _Marks(client.format.decimal or ".", client.format.thousands)


def _number(column: ir.Value, marks: _Marks) -> ir.FloatingValue:
    """Return finite numbers; null for what is none with these marks."""
    sound = ibis.literal(True)
    if column.type().is_numeric():
        number = column.cast("float64")
    else:
        text = column.cast(str)
        plain = text.re_replace(marks.group, "") if marks.thousands else text
        plain = plain.replace(marks.decimal, ".") if marks.decimal != "." else plain
        number, sound = plain.try_cast("float64"), text.re_search(marks.pattern)
    found: ir.FloatingValue = (sound & (number.abs() < math.inf)).ifelse(number, None)
    return found


# --- what stops a run: columns that cannot be read, or in two ways -------------


def _check_dates(raw: Raw, client: Client, plain: ibis.Table) -> None:
    declared = client.format.date
    count = _Count.of(plain, plain.ordered_at, _day(plain.ordered_at, declared))
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
    row = _row(texts.agg(**{f: _day(texts.text, f).isnull().sum() for f in formats}))
    return [format_ for format_ in formats if not row[format_]]


def _is_date(text: str, format_: str) -> bool:
    try:
        return bool(datetime.strptime(text, format_))
    except ValueError:
        return False


def _few(texts: ibis.Table) -> list[str]:
    found: list[str] = texts.limit(1000).to_pyarrow()["text"].to_pylist()
    return found


def _check_numbers(raw: Raw, client: Client, plain: ibis.Table, standard: str) -> None:
    column, name = plain[standard], getattr(client.columns, standard)
    if column.type().is_numeric():
        return
    where = f"{raw.where}: column {name!r}"
    if client.format.decimal is None:
        _refuse_three_decimals(where, plain, column)
    marks = _marks(client)
    count = _Count.of(plain, column, _number(column, marks))
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
            f"{value.replace('.', ',')}. Write {_Marks(',', '.').yaml} for a whole number, "
            f"{_Marks('.').yaml} for three decimals."
        )


def _fitting_marks(texts: ibis.Table) -> list[_Marks]:
    """Return the marks that fit every number, one of those that read them alike."""
    texts = texts.filter(texts.text.notnull())
    few = _few(texts)
    readings: dict[Any, _Marks] = {}
    for marks in _COMMON_MARKS:
        if all(re.search(marks.pattern, text) for text in few):
            number = _number(texts.text, marks)
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
