"""What stands in the columns of a raw table, counted over all rows in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import babel
import ibis
import ibis.expr.types as ir

from retention_lib import vocabulary
from retention_lib.sources import Raw
from retention_lib.transactions import cells

__all__ = ["Profile", "named_by", "profiles"]

_SAMPLES: Final = 3
_MOST_VALUES: Final = 100_000
_LOOKED_AT: Final = 2_000  # rows at the top that samples are taken from
_BLANK: Final = r"[\s\x{a0}\x{2009}\x{202f}]"  # the engine's \s knows no hard blank
# a currency's sign; letters stand apart from the number, or are a known abbreviation, since K17 is an id
_SYMBOL: Final = r"[^\d\s\x{a0}\x{2009}\x{202f}.,'’_()+\-−\p{L}#/:@]{1,3}"
_SHORT: Final = (
    r"(?:Ft|zł|zl|лв|Kč|kr|lei|[A-Z]{2}[$]|EUR|HUF|PLN|BGN|USD|GBP|CHF|CZK|RON|SEK|DKK|NOK)\.?"
)
_BEFORE: Final = rf"(?:{_SYMBOL}{_BLANK}*|{_SHORT}{_BLANK}*|\p{{L}}{{1,3}}\.?{_BLANK}+)"
_AFTER: Final = rf"(?:{_BLANK}*{_SYMBOL}|{_BLANK}*{_SHORT}|{_BLANK}+\p{{L}}{{1,3}}\.?)"
_NUMBER: Final = (
    rf"^[(+\-−]?{_BEFORE}?[(+\-−]?[\d.,](?:[\d.,'’_]|{_BLANK})*[)\-−]?{_AFTER}?[)\-−]?$"
)
# a day, a month and a year in any order and form, and perhaps a time behind it
_MARK: Final = rf"(?:{_BLANK}*[./\-,]{_BLANK}*|{_BLANK}+)"
_WORD: Final = r"\p{L}{3,12}"
_PART: Final = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?|{_WORD}\.?)"
_DATE: Final = (
    rf"^(?:\p{{L}}{{2,10}}\.?,?{_BLANK}+)?(?:\d{{4}}{_MARK}{_PART}{_MARK}\d{{1,2}}"
    rf"|{_PART}{_MARK}{_PART}{_MARK}(?:\d{{4}}|\d{{2}}))(?:\D.*)?$"
)
# an amount behind a currency's code or sign, which a month's name looks like: EUR 30,16
_CODES: Final = "|".join(sorted(babel.Locale("en").currencies))
_CODED: Final = rf"^[(+\-−]?(?i:{_CODES}|euro?|lei|zł|Ft|Kč){_BLANK}*[(+\-−]?\d"
_COMPACT: Final = (
    r"^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{4}(?:\d\d)?)?(?:\.0)?$"
)
_COUNTED: Final = r"^(?:[2-6][0-9]{4}(?:\.[0-9]+)?|1[0-9]{9}(?:[0-9]{3})?(?:\.0)?)$"
_EMAIL: Final = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_CODE: Final = r"^[A-Z]{3}$"
_WHOLE: Final = r"^[+\-−]?\d+(?:[.,]0+)?$"
_SMALL: Final = r"^[+\-−]?\d{1,4}(?:[.,]0+)?$"
_CENTS: Final = rf"[.,]\d{{2}}\)?-?{_BLANK}*\D{{0,4}}$"
_LONG: Final = r"^\+?[\d\s\x{a0}()/.\-]{9,}$"
_PATTERNS: Final = {
    "numbers": _NUMBER,
    "counted": _COUNTED,
    "whole": _WHOLE,
    "small": _SMALL,
    "cents": _CENTS,
    "emails": _EMAIL,
    "codes": _CODE,
    "long": _LONG,
    "signs": rf"^{_BEFORE}|\d{_AFTER}$",
}


@dataclass(frozen=True)
class Profile:
    """A column: how many of its cells are there, and what share of those looks like what.

    Attributes
    ----------
    name : str
        The source's name, or its position from 1 where there is no header.
    rows, present, distinct : int
        All rows, cells that are not blank, and how many different ones.
    dates, counted, numbers, whole, small, cents, emails, codes, long, signs : float
        Shares of the cells that are there: days; days or seconds as a number; numbers; whole ones;
        those of up to four digits; those with two decimals; e-mails; three capitals; nine digits
        and more, as telephones have; numbers with a currency's sign.
    nobody : float
        The share of values that stand for nobody where they are ids: 0, guest, unknown.
    samples : tuple of str
        Different values from the first rows.
    """

    name: str
    rows: int
    present: int
    distinct: int
    dates: float = 0.0
    counted: float = 0.0
    numbers: float = 0.0
    whole: float = 0.0
    small: float = 0.0
    cents: float = 0.0
    emails: float = 0.0
    codes: float = 0.0
    long: float = 0.0
    signs: float = 0.0
    nobody: float = 0.0
    samples: tuple[str, ...] = ()

    @property
    def filled(self) -> float:
        """The share of all rows that have a value."""
        return self.present / self.rows if self.rows else 0.0


def profiles(raw: Raw) -> list[Profile]:
    """Return what stands in each column of the source, in the source's order."""
    given = {safe: name for name, safe in raw.names.items()}
    columns = [column for column in raw.table.columns if column in given]
    plain = raw.table.select(**{column: cells.bare(raw.table[column]) for column in columns})
    first, sizes = _first(raw, columns), _sizes(plain)
    return [
        _profile(given[column], plain[column], first[column], **sizes[column]) for column in columns
    ]


def named_by(raw: Raw, one: str, other: str) -> float:
    """Return in what share of one column's values all rows agree on another column's value.

    Rows that lack either do not count.
    """
    table = raw.table
    key, value = (cells.bare(table[raw.names[name]]).cast(str) for name in (one, other))
    pairs = table.select(key=key, value=value)
    pairs = pairs.filter(pairs.key.notnull() & pairs.value.notnull())
    each = pairs.group_by("key").agg(values=pairs.value.nunique())
    row = _row(each.agg(all=each.count(), alone=(each["values"] == 1).sum()))
    return (row["alone"] or 0) / row["all"] if row["all"] else 0.0


def _sizes(table: ibis.Table) -> dict[str, dict[str, int]]:
    """Return of each column how many rows it has, how many cells, and how many different ones."""
    asked = {
        f"{number} {what}": count
        for number, column in enumerate(table.columns)
        for what, count in (
            ("present", table[column].count()),
            ("distinct", table[column].nunique()),
        )
    }
    row = _row(table.agg(rows=table.count(), **asked))
    return {
        column: {
            "rows": row["rows"],
            "present": row[f"{number} present"],
            "distinct": row[f"{number} distinct"],
        }
        for number, column in enumerate(table.columns)
    }


def _profile(
    name: str, column: ir.Value, samples: Sequence[str], rows: int, present: int, distinct: int
) -> Profile:
    """Count what a column's different values look like, each as often as it is there."""
    kind = column.type()
    values = column.name("value").as_table()
    text = values.select(text=values.value.cast(str))
    if (parts := distinct // _MOST_VALUES + 1) > 1:  # shares are as good from some of very many
        text = text.filter(text.text.isnull() | (text.text.hash().abs() % parts == 0))
    each = text.group_by("text").agg(times=text.count())
    is_day = kind.is_date() or kind.is_timestamp()
    looks = _looks(each.text, is_day).items()
    counts = {what: each.times.sum(where=value) for what, value in looks}
    row = _row(each.agg(there=each.times.sum(where=each.text.notnull()), **counts))
    there = row.pop("there") or 0
    shares = {what: (count or 0) / there if there else 0.0 for what, count in row.items()}
    return Profile(name, rows, present, distinct, samples=tuple(samples), **shares)


def _looks(text: ir.StringValue, is_day: bool) -> dict[str, ir.BooleanValue]:
    """Return what a value looks like."""
    day = text.re_search(_DATE) & ~text.re_search(_CODED)
    compact = text.re_search(_COMPACT)
    looks = {name: text.re_search(pattern) for name, pattern in _PATTERNS.items()}
    looks["dates"] = ibis.literal(is_day) | day | compact
    looks["numbers"] = looks["numbers"] & ~day & ibis.literal(not is_day)
    looks["signs"] = looks["signs"] & looks["numbers"]
    looks["nobody"] = text.lower().isin(vocabulary.words("nobody"))
    return looks


def _first(raw: Raw, columns: Sequence[str]) -> dict[str, list[str]]:
    """Return some different values of each column, from the first rows of the source."""
    table = raw.table
    order = [name for name in ("source_file", "line_number") if name in table.columns]
    top = table.order_by(order).limit(_LOOKED_AT) if order else table.limit(_LOOKED_AT)
    texts = top.select(**{name: cells.bare(table[name]).cast(str) for name in columns})
    found = texts.to_pyarrow()
    return {name: _different(found[name].to_pylist()) for name in columns}


def _different(values: Sequence[str | None]) -> list[str]:
    there = dict.fromkeys(value for value in values if value is not None)
    return list(there)[:_SAMPLES]


def _row(aggregates: ibis.Table) -> dict[str, Any]:
    row: dict[str, Any] = aggregates.to_pyarrow().to_pylist()[0]
    return row
