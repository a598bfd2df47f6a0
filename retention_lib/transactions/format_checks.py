"""What stops a run: columns of dates and amounts that cannot be read, or in two ways."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir

from retention_lib.client import Client, shown
from retention_lib.errors import ConfigError, DataError, redacted
from retention_lib.sources import Raw
from retention_lib.transactions import cells

NUMBERS = ("amount", "quantity", "unit_price", "cost", "refunded")
_AMOUNTS = ("amount", "quantity", "unit_price")
_ENOUGH = 0.98  # a format that fits this share of a column is meant for it
_MOST_UNREADABLE = 0.50
_SAMPLE = 200
_COMMON_DAYS = (
    *(order.replace("-", mark) for mark in ".-/" for order in ("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y")),
    *(order.replace("-", mark) for mark in "./" for order in ("%d-%m-%y", "%m-%d-%y")),
    *("%Y%m%d", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%b %d, %Y"),
)
_COMMON_TIMES = (
    *("", " %I:%M %p", " %I:%M:%S %p", " %H:%M", "T%H:%M"),
    *(f"{mark}%H:%M:%S{zone}" for mark in " T" for zone in ("", ".%f", "%z", " %z", ".%f%z")),
)
# Whole numbers in a column of dates, and what they count.
_DAY_NUMBER, _UNIX_TIME = r"^[1-9][0-9]{4}(\.[0-9]+)?$", r"^1[0-9]{9}([0-9]{3})?$"
_NO_DATES = r"(?:0000|1899|1900|1970)"
_SIGN = r"[^\d\s.,'’()+\-\u2212_]{1,4}"
_WITH_SIGN = rf"^[(+\-\u2212]*({_SIGN})?\s*[(+\-\u2212]*\d[\d\s.,'’_]*[)\-]?\s*({_SIGN})?[)\-]?$"


class _Reading(NamedTuple):
    """One way to read a column: the line of the YAML that declares it, whether it fits a text."""

    yaml: str
    fits: Callable[[str], bool]
    value: Callable[[ir.Value], ir.Value]

    @classmethod
    def date(cls, format_: str) -> _Reading:
        """Return how dates of a format are read."""
        read = partial(cells.day, format_=format_)
        return cls(f'`format: {{date: "{format_}"}}`', partial(_is_date, format_=format_), read)

    @classmethod
    def number(cls, decimal: str, thousands: str | None) -> _Reading:
        """Return how numbers with these marks are read."""
        marks = cells.Marks(decimal, thousands)
        return cls(marks.yaml, marks.fit, partial(cells.number, marks=marks))


def check_zones(raw: Raw, client: Client) -> None:
    """Stop if a column of times has a time zone and the YAML does not say whose day counts.

    Raises
    ------
    ConfigError
        Naming the column and the line to add.
    """
    name = client.columns.ordered_at
    kind = raw.table[raw.names[name]].type()
    if kind.is_timestamp() and kind.timezone is not None and client.format.timezone is None:
        raise ConfigError(
            f"{raw.where}: column {name!r} holds times with a time zone, so the day of a sale "
            f"depends on the place. Write the shop's own in {shown(client.file)}, e.g. "
            "`format: {timezone: Europe/Warsaw}`, or `format: {timezone: UTC}`."
        )


def check_currency(raw: Raw, client: Client, plain: ibis.Table) -> None:
    """Stop if there are amounts in several currencies, which cannot be added up.

    Raises
    ------
    ConfigError
        Naming the currencies and how many rows each has.
    """
    if not (client.columns.currency and client.has_amounts):
        return
    code = plain.currency.cast(str)
    counts = plain.filter(code.notnull()).group_by(code=code).agg(rows=ibis._.count())
    found = counts.order_by(ibis.desc("rows"), "code").to_pyarrow().to_pylist()
    if len(found) > 1:
        listed = ", ".join(f"{row['code'][:20]!r} in {row['rows']} rows" for row in found[:5])
        raise ConfigError(
            f"{raw.where}: column {client.columns.currency!r} holds {len(found)} currencies: "
            f"{listed}{', …' if len(found) > 5 else ''}. Amounts of several currencies cannot be "
            "added up; export the rows of one, or convert all amounts before."
        )


def check_dates(raw: Raw, client: Client, plain: ibis.Table) -> None:
    """Stop if another format fits the dates better, or more than half cannot be read.

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
        If another format fits at least 98 % of the dates and clearly more than the declared.
    DataError
        If more than half of the dates cannot be read, and no format fits better.
    """
    declared = client.format.date
    count = _Count.of(plain, plain.ordered_at, cells.day(plain.ordered_at, declared))
    if count.unreadable:
        how = f"as {declared}" if declared else "as an ISO date (2017-12-31)"
        said = count.said(f"{raw.where}: column {client.columns.ordered_at!r}", how)
        texts = plain.select(text=plain.ordered_at.cast(str))
        formats = (day + time for day in _COMMON_DAYS for time in _COMMON_TIMES)
        count.refuse_better(said, _missed(texts, [_Reading.date(it) for it in formats]))
        if count.above(_MOST_UNREADABLE):
            raise DataError(f"{said}; {_date_remedy(texts, count)}.")


def _is_date(text: str, format_: str) -> bool:
    try:
        return bool(datetime.strptime(text, format_))
    except ValueError:
        return False


def _date_remedy(texts: ibis.Table, count: _Count) -> str:
    """Say what to write or to export where no format fits."""
    for pattern, what in ((_DAY_NUMBER, "Excel day numbers"), (_UNIX_TIME, "Unix times")):
        fits = _row(texts.agg(fits=texts.text.re_search(pattern).sum()))["fits"]
        if fits >= _ENOUGH * count.present:
            return f"they are {what}: give the column a date format (yyyy-mm-dd) and export again"
    if count.unreadable == count.present:
        return 'say how dates are written, e.g. `format: {date: "%d.%m.%Y"}`'
    none = " (days before 1970-01-02 stand for no date)"
    hint = none if re.search(_NO_DATES, count.example or "") else ""
    return f"no one format fits{hint}; export all dates in one format, and leave out other lines"


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
        If 1.234 may be 1234, or other marks fit at least 98 % of the numbers and clearly more
        than the declared.
    DataError
        If more than half of the amounts (or their factors) cannot be read, or no number can.
    """
    column, name = plain[standard], getattr(client.columns, standard)
    where = f"{raw.where}: column {name!r}"
    is_text = not column.type().is_numeric()
    if is_text and client.format.decimal is None:
        _refuse_three_decimals(where, plain, column)
    marks = cells.marks_of(client.format)
    count = _Count.of(plain, column, cells.number(column, marks))
    if not count.unreadable:
        return
    said = count.said(where, _how(marks) if is_text else "as a number up to 1e12")
    texts = plain.select(text=column.cast(str))
    if is_text:
        marks_ = ((decimal, thousands) for thousands in (None, *".,' ") for decimal in ".,")
        common = [_Reading.number(*them) for them in marks_ if them[0] != them[1]]
        count.refuse_better(said, _missed(texts, common))
    most = _MOST_UNREADABLE if standard in _AMOUNTS else 1
    if count.above(most) or count.unreadable == count.present:
        raise DataError(f"{said}; {_number_remedy(texts, standard)}.")


def _how(marks: cells.Marks) -> str:
    thousands = f" and {marks.thousands!r} between thousands" if marks.thousands else ""
    return f"as a number with the decimal mark {marks.decimal!r}{thousands}"


def _number_remedy(texts: ibis.Table, standard: str) -> str:
    """Say what to take out of an export: a currency's sign, if that is what numbers carry."""
    sample = _sample(texts)
    found = (re.search(_WITH_SIGN, text) for text in sample)
    signs = Counter(sign for match in found if match for sign in match.groups() if sign)
    if 10 * signs.total() > len(sample):
        sign = signs.most_common(1)[0][0]
        return f"take the currency sign {sign!r} out of the export, so that only numbers are left"
    return f"map a column of numbers to {standard}, or none; or mend these cells in the export"


def _refuse_three_decimals(where: str, plain: ibis.Table, column: ir.Value) -> None:
    """Stop where 1.234 may be a thousand or little more than one."""
    text = column.cast(str)
    doubtful = text.re_search(r"^[+-]?[1-9][0-9]{0,2}\.[0-9]{3}$")
    settled = text.re_search(r"\.(?:[0-9]{1,2}|[0-9]{4,})$|^[+-]?0*\.[0-9]+$")
    example = text.max(where=doubtful)
    row = _row(plain.agg(doubtful=doubtful.sum(), settled=settled.sum(), example=example))
    if row["doubtful"] and row["settled"] < (1 - _ENOUGH) * row["doubtful"]:
        value = row["example"]
        raise ConfigError(
            f"{where}: {value!r} ({row['doubtful']} such rows) can be {value.replace('.', '')} or "
            f"{value.replace('.', ',')}. Write {cells.Marks(',', '.').yaml} for a whole number, "
            f"{cells.Marks('.').yaml} for three decimals."
        )


def _sample(texts: ibis.Table) -> list[str]:
    """Return some of the distinct texts, from all over the column and always the same."""
    texts = texts.filter(texts.text.notnull()).distinct()
    few = texts.order_by(texts.text.hash(), texts.text).limit(_SAMPLE)
    found: list[str] = few.to_pyarrow()["text"].to_pylist()
    return found


def _missed(texts: ibis.Table, readings: Sequence[_Reading]) -> dict[str, int]:
    """Return how many texts each reading misses, under the line of the YAML that declares it.

    Only those that fit half of a sample are tried on all, and one of those that read alike.
    """
    texts = texts.filter(texts.text.notnull())
    sample = _sample(texts)
    fair = [it for it in readings if 2 * sum(map(it.fits, sample)) >= len(sample)]
    if not fair:
        return {}
    tallies: dict[str, ir.Value] = {}
    for reading in fair:
        value = reading.value(texts.text)
        mark = (texts.text + "=" + value.cast(str)).hash() % (2**31 - 1)
        tallies |= {
            f"missed {reading.yaml}": value.isnull().sum(),
            f"mark {reading.yaml}": mark.sum(),
        }
    row = _row(texts.agg(**tallies))
    found: dict[tuple[int, int], str] = {}
    for reading in fair:
        alike = (row[f"missed {reading.yaml}"], row[f"mark {reading.yaml}"])
        found.setdefault(alike, reading.yaml)
    return {yaml: missed for (missed, _), yaml in found.items()}


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

    def said(self, where: str, how: str) -> str:
        """Say how much of what cannot be read."""
        example = redacted(self.example or "")[:40]
        rows = f"{self.unreadable} of {self.present} rows"
        return f"{where} cannot be read {how} in {rows}, e.g. {example!r}"

    def above(self, share: float) -> bool:
        """Whether more than this share cannot be read."""
        return self.unreadable > share * self.present

    def refuse_better(self, said: str, missed: Mapping[str, int]) -> None:
        """Stop if a line of the YAML would let nearly all be read, and clearly more than now."""
        enough = (1 - _ENOUGH) * self.present
        if self.unreadable <= enough:  # a few typing errors are set aside, not doubted
            return
        better = {
            line: count
            for line, count in missed.items()
            if count <= enough and _clearly_fewer(count, self.unreadable)
        }
        if not better:
            return
        least = min(better.values())
        lines = [line for line, count in better.items() if not _clearly_fewer(least, count)]
        rows = f"{self.present - least} of {self.present} rows" if least else "all rows"
        if len(lines) > 1:
            raise ConfigError(f"{said}. Several formats fit {rows}; write {' or '.join(lines)}.")
        raise ConfigError(f"{said}. {rows.capitalize()} fit another format; write {lines[0]}.")


def _clearly_fewer(few: int, many: int) -> bool:
    """Whether a format misses so many fewer cells than another that chance is no reason."""
    return many - few >= max(1, min(few, 3))


def _row(aggregates: ibis.Table) -> dict[str, Any]:
    row: dict[str, Any] = aggregates.to_pyarrow().to_pylist()[0]
    return row
