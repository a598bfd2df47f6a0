"""What stops a run: columns of dates that cannot be read, or in two ways; several currencies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Final

import ibis
import ibis.expr.types as ir

from retention_lib.client import Client, shown
from retention_lib.client.lines import as_line
from retention_lib.errors import Choice, ConfigError, DataError
from retention_lib.sources import Raw
from retention_lib.transactions import cells, readings, typed_cells
from retention_lib.transactions.settling import (
    MOST_UNREADABLE,
    Count,
    counts,
    example_of,
    place,
    refuse_better,
)

_ENOUGH_MIXED: Final = 3  # so many dates that fit only the other order are no slips
_NO_DATES = r"(?:0000|1899|1900|1970)"


def check_zones(raw: Raw, client: Client) -> None:
    """Stop if a column of times has a time zone and the YAML does not say whose day counts.

    Raises
    ------
    ConfigError
        Naming the column and the line to add.
    """
    name = client.columns.ordered_at
    kind = raw.table[raw.names[name]].type()
    if not (kind.is_timestamp() and kind.timezone is not None):
        return
    every = cells.labels(raw.table)
    files = [it for it in every if client.format_of(it).timezone is None]
    if files:
        said, none = {"timezone": "UTC"}, len(files) == len(every)
        own = as_line("formats", {file: said for file in files})
        utc = Choice(as_line("format", said) if none else own, "days are counted in UTC")
        where = raw.where if none else files[0]
        raise ConfigError(
            f"{where}: column {name!r} holds times with a time zone, so the day of a sale "
            f"depends on the place. Write the shop's own in {shown(client.file)}, e.g. "
            f"`format: {{timezone: Europe/Warsaw}}`, or {utc}.",
            choices=[utc],
        )


def day(plain: ibis.Table, client: Client) -> ir.Value:
    """Return the day of each row, by the format of its file."""
    return cells.by_file(
        plain, client, lambda it: cells.day(plain.ordered_at, it.date, it.timezone)
    )


def minute(plain: ibis.Table, client: Client) -> ir.Value:
    """Return the minute of the day of each row, where its file writes times; else null."""
    found = cells.by_file(
        plain, client, lambda it: cells.minute(plain.ordered_at, it.date, it.timezone)
    )
    return found.cast("int16")


def check_dates(raw: Raw, client: Client, plain: ibis.Table) -> None:
    """Stop if another format fits a file's dates better, or more than half cannot be read.

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
        If another format fits at least 98 % of a file's dates and clearly more than the declared;
        if a file holds days that fit only the other order of day and month, beside those that fit
        the declared: then its other rows may be either.
    DataError
        If more than half of a file's dates cannot be read, and no format fits better.
    """
    found = counts(plain, {"ordered_at": (plain.ordered_at, day(plain, client))})
    failing = {file: count for (file, _), count in found.items() if count.unreadable}
    if not failing:
        return
    doubted = {file: count for file, count in failing.items() if count.doubtful}
    lists = _ways(plain, list(doubted))
    refuse_better(
        client,
        {file: {"ordered_at": (count, lists[file])} for file, count in doubted.items()},
        cells.labels(plain),
        lambda file: _said(raw, client, file, failing[file]),
    )
    for file, count in failing.items():
        if client.format_of(file).date is None:
            _refuse_typed(raw, client, plain, file, count)
        _refuse_mixed(raw, client, plain, file, count)
        if count.above(MOST_UNREADABLE):
            said = _said(raw, client, file, count)
            raise DataError(f"{said}; {_date_remedy(count)}.")


def _ways(plain: ibis.Table, files: Sequence[str]) -> dict[str, list[readings.Reading]]:
    """Return how each file's dates may be read; at once where something reads all of them."""
    together = readings.dates(_texts(plain, files)) if files else []
    whole = [reading for reading in together if not reading.missed]
    if whole or len(files) == 1:
        return dict.fromkeys(files, whole or together)
    return {file: readings.dates(_texts(plain, [file])) for file in files}


def _texts(plain: ibis.Table, files: Sequence[str]) -> ibis.Table:
    rows = plain.filter(plain.source_file.isin(files))
    return rows.select(text=cells.written(rows.ordered_at))


def _said(raw: Raw, client: Client, file: str, count: Count) -> str:
    declared = client.format_of(file).date
    how = f"as {declared}" if declared else "as an ISO date (2017-12-31)"
    return count.said(f"{place(raw, file)}: column {client.columns.ordered_at!r}", how)


def _date_remedy(count: Count) -> str:
    """Say what to write or to export where no format fits."""
    if count.unreadable == count.present:
        return 'say how dates are written, e.g. `format: {date: "%d.%m.%Y"}`'
    none = " (days before 1970-01-02 stand for no date)"
    hint = none if re.search(_NO_DATES, count.example or "") else ""
    return f"no one format fits{hint}; export all dates in one format, and leave out other lines"


def _refuse_typed(raw: Raw, client: Client, plain: ibis.Table, file: str, count: Count) -> None:
    rows = plain.filter(plain.source_file == file, day(plain, client).isnull())
    texts = rows.select(text=cells.written(rows.ordered_at))
    said = partial(_said, raw, client, file, count)
    every = cells.labels(plain)
    typed_cells.refuse(raw, client, file, count, said, texts, readings.dates, every)


def _refuse_mixed(raw: Raw, client: Client, plain: ibis.Table, file: str, count: Count) -> None:
    """Stop if a file's unreadable days fit the other order: those up to the 12th fit both."""
    declared = client.format_of(file).date
    other = readings.swapped(declared or "")
    if other is None or count.unreadable < _ENOUGH_MIXED:
        return
    rows = plain.filter(plain.source_file == file)
    text = cells.written(rows.ordered_at)
    only = cells.day(text, declared).isnull() & cells.day(text, other).notnull()
    found = rows.filter(only)
    times = int(found.count().to_pyarrow().as_py())
    if times >= _ENOUGH_MIXED:
        raise ConfigError(
            f"{place(raw, file)}: column {client.columns.ordered_at!r} mixes two orders of day and "
            f"month: {times} of {count.present} rows fit {other} alone, not {declared}: "
            f"{_examples(found)}. The days up to the 12th can be either, so some would be wrong; "
            "export all dates in one format."
        )


def _examples(rows: ibis.Table) -> str:
    """Name some rows by what they hold, and by their line where it is known."""
    numbered = {"line": rows["line_number"]} if "line_number" in rows.columns else {}
    some = rows.select(text=cells.written(rows.ordered_at), **numbered)
    some = some.order_by(*(["line"] if numbered else []), "text").limit(3)
    return ", ".join(example_of(row) for row in some.to_pyarrow().to_pylist())
