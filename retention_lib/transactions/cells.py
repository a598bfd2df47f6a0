"""One cell at a time: text as dates, numbers and customer ids; null for what is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from retention_lib.client import Format

_SPACES = " \t\r\n\v\f\u00a0\u2007\u2009\u202f\u3000\ufeff"
# 1899-12-30, 1900-01-01 and 1970-01-01 are what other systems write for no date at all.
_FIRST_DAY, _LAST_DAY = date(1970, 1, 2), date(2199, 12, 31)
_MOST = 1e12  # no sale is worth more; a phone or card number would be
_NEGATIVE = r"^\(\s*(.+?)\s*\)$|^(.+)-$"

_ISO_DAY = "%Y-%m-%d"
_ISO = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[ T](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?)?$"
)
# The day as written where the sale was made; DuckDB would turn it into the day in UTC.
_ZONE_FORMAT = " ?%[zZ]$"
_ZONE = " ?(?:[+-][0-9]{2}(?::?[0-9]{2})?|Z|[A-Z]{3,5})$"
_WIDTHS = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "j": 3}


@dataclass(frozen=True)
class Marks:
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

    def fit(self, text: str) -> bool:
        """Whether a text is a number that is written so, negative or not."""
        return bool(re.search(self.pattern, re.sub(_NEGATIVE, r"\1\2", text.lstrip("\u2212"))))

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


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def try_strptime(text: str, format_: str) -> dt.timestamp:
    """Read a time in one format, null where it does not fit; DuckDB's own."""


@ibis.udf.scalar.builtin(name="trim")  # type: ignore[untyped-decorator]
def trim_marks(text: str, marks: str) -> str:  # type: ignore[empty-body]
    """Cut marks off both ends; DuckDB's own."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def timezone(zone: str, moment: dt.Timestamp(timezone="UTC")) -> dt.timestamp:  # type: ignore[valid-type]
    """Read a clock of this time zone at a moment; DuckDB's own."""


def marks_of(format_: Format) -> Marks:
    """Return how a client writes numbers; a decimal point unless its YAML says otherwise."""
    return Marks(format_.decimal or ".", format_.thousands)


def bare(column: ir.Value) -> ir.Value:
    """Return dates and numbers as they are, all else as text; null for nothing but blanks."""
    kind = column.type()
    if kind.is_numeric() or kind.is_date() or kind.is_timestamp():
        return column
    return trim_marks(column.cast(str), _SPACES).nullif("")


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


def day(column: ir.Value, format_: str | None) -> ir.DateValue:
    """Return days from 1970-01-02 to 2199; null for what is none in this format (None: ISO)."""
    sound = ibis.literal(True)
    if column.type().is_date() or column.type().is_timestamp():
        day = column.cast("date")
    else:
        # Guarding the text itself instead of the result costs twenty times as much.
        text = column.cast(str)
        sound = text.re_search(_shape(format_))
        if format_ and re.search(_ZONE_FORMAT, format_):
            text, format_ = text.re_replace(_ZONE, ""), re.sub(_ZONE_FORMAT, "", format_)
        day = try_strptime(text if format_ else text[:10], format_ or _ISO_DAY).date()
    found: ir.DateValue = (sound & day.between(_FIRST_DAY, _LAST_DAY)).ifelse(day, None)
    return found


def _shape(format_: str | None) -> str:
    """Return a pattern that dates must have beyond what DuckDB asks of them.

    It takes ``infinity`` for a day, and 1997111 for %Y%m%d though that fits two days.
    """
    if format_ is None:
        return _ISO
    if re.search(_ZONE_FORMAT, format_):
        return f"[0-9]{_ZONE}"
    if not re.search("%-?[a-zA-Z]%-?[a-zA-Z]", format_):
        return "[0-9]"
    parts = re.split("%-?([a-zA-Z])", format_)
    digits = [f"[0-9]{{{_WIDTHS[p]}}}" if p in _WIDTHS else ".+" for p in parts[1::2]]
    return f"^{''.join(re.escape(a) + b for a, b in zip(parts[::2], [*digits, ''], strict=True))}$"


def number(column: ir.Value, marks: Marks) -> ir.FloatingValue:
    """Return numbers of up to 1e12 either way; null for what is none with these marks.

    ``(12.00)``, ``12.00-`` and a Unicode minus are negative.
    """
    sound = ibis.literal(True)
    if column.type().is_numeric():
        number = column.cast("float64")
    else:
        text = column.cast(str).replace("\u2212", "-").re_replace(_NEGATIVE, r"-\1\2")
        plain = text.re_replace(marks.group, "") if marks.thousands else text
        plain = plain.replace(marks.decimal, ".") if marks.decimal != "." else plain
        number, sound = plain.try_cast("float64"), text.re_search(marks.pattern)
    return within(sound.ifelse(number, None))


def within(number: ir.FloatingValue) -> ir.FloatingValue:
    """Return numbers of up to 1e12 either way, null for all else."""
    found: ir.FloatingValue = (number.abs() <= _MOST).ifelse(number, None)
    return found
