"""Sheets of workbooks, tables of web pages: which are meant, and their rows as Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from retention_lib.client import Format, nearest
from retention_lib.errors import Choice, ConfigError
from retention_lib.sources.cell_values import writer
from retention_lib.sources.encoding import MakeChoice
from retention_lib.sources.grids import (
    Grid,
    Header,
    Sheet,
    grid,
    header,
    holds,
    numbers_have_points,
    titles,
    without_header,
)
from retention_lib.sources.lines import Counted
from retention_lib.sources.names import LINE, NUMBER, safe_names
from retention_lib.sources.sniffed import Sniffed, listed
from retention_lib.sources.sniffed import choice as choice_for_all
from retention_lib.sources.text import NoRows

__all__ = ["Grid", "Sheet", "chosen", "sniff", "write"]

_BATCH: Final = 50_000
_TITLES: Final = 50  # rows


def chosen(
    where: str, sheets: Sequence[Sheet], format_: Format, choice: MakeChoice = choice_for_all
) -> list[Grid]:
    """Return the sheets that ``format.sheet`` names; without it, the only one that holds rows.

    Raises
    ------
    ConfigError
        If one is missing, or several hold rows: the message has a line for each.
    DataError
        If none holds rows.
    """
    if format_.sheet:
        return [_full(where, _named(where, sheets, name, choice)) for name in format_.sheet]
    full = [found for sheet in sheets if (found := grid(sheet)).filled]
    visible = [found for found in full if not found.sheet.hidden]
    if len(visible) == 1:
        return visible
    choices = _choices(visible or full, format_, choice)
    if visible:
        said = f"{where} has {len(visible)} sheets that hold rows. Write {listed(choices)}."
        raise ConfigError(said, choices=choices)
    if choices:
        said = f"{where} has no rows but in hidden sheets. To read one, write {listed(choices)}."
        raise ConfigError(said, choices=choices)
    said = f"{where} holds no rows: none of its sheets has a header and a row below it."
    raise NoRows(said, Counted(0, 0, 0, 0))


def _choices(grids: Sequence[Grid], format_: Format, choice: MakeChoice) -> tuple[Choice, ...]:
    """Return the line that names each sheet, after one for those that have the same columns."""
    by_names: dict[tuple[str, ...], list[Grid]] = {}
    for found in grids:
        by_names.setdefault(tuple(sorted(_headings(found, format_))), []).append(found)
    alike = [group for group in by_names.values() if len(group) > 1]
    return tuple(_choice(group, format_, choice) for group in [*alike, *([one] for one in grids)])


def _choice(grids: Sequence[Grid], format_: Format, choice: MakeChoice) -> Choice:
    names = [found.sheet.name for found in grids]
    columns = ", ".join(filter(None, _headings(grids[0], format_)))
    rows = sum(found.height - _skipped(found, format_) - format_.header for found in grids)
    said = f"{rows} rows of {columns[:80]}"
    several = len(names) > 1
    said = f"{len(names)} sheets of the same columns, {said}" if several else said
    return choice({"sheet": names if several else names[0]}, said)


def _full(where: str, sheet: Sheet) -> Grid:
    found = grid(sheet)
    if not found.height:
        raise NoRows(f"{where}: its sheet {sheet.name!r} is empty.", Counted(0, 0, 0, 0))
    return found


def _named(where: str, sheets: Sequence[Sheet], name: str, choice: MakeChoice) -> Sheet:
    for sheet in sheets:
        if sheet.name == name:
            return sheet
    there = [sheet.name for sheet in sheets]
    choices = [choice({"sheet": it}, "") for it in nearest(name, there, 3) or there[:5]]
    raise ConfigError(
        f"{where} has no sheet {name!r}. It has {', '.join(map(repr, there[:20]))}: "
        f"write {listed(choices)}.",
        choices=choices,
    )


def _headings(found: Grid, format_: Format) -> list[str]:
    """Return the names of a sheet's columns: below its titles, by position without a header."""
    return header(found, format_, _skipped(found, format_)).names


def _skipped(found: Grid, format_: Format) -> int:
    return format_.skip_lines or titles(found)


def write(
    where: str,
    found: Grid,
    format_: Format,
    check: Callable[[Sequence[str]], None],
    target: Path,
    choice: MakeChoice = choice_for_all,
) -> tuple[list[str], Counted]:
    """Write a sheet's rows as Parquet: its columns as text, and the two of ours for lines.

    Parameters
    ----------
    where
        The file, and the sheet if it has several, as messages name it.
    found
        The sheet.
    format_
        Where its header is, and how dates and numbers become text.
    check
        Refuses the names of its columns.
    target
        The Parquet file to write.
    choice
        Makes the line of the YAML that mends it.

    Returns
    -------
    tuple
        The names of its columns, and what became of its rows.

    Raises
    ------
    ConfigError
        If its columns are refused; where titles stand above the header, with the line to write.
    DataError
        If there is no row below the header.
    """
    head = header(found, format_, format_.skip_lines)
    try:
        check(head.names)
    except ConfigError as error:
        raise _below_titles(where, found, format_, check, choice) or error from None
    rows = _texts(found, format_, head)
    texts = [*safe_names(head.names), LINE]
    schema = pa.schema([*((name, pa.string()) for name in texts), (NUMBER, pa.int64())])
    written = 0
    with pq.ParquetWriter(target, schema) as out:
        while batch := list(islice(rows, _BATCH)):
            columns = zip(zip(*batch, strict=True), schema.types, strict=True)
            arrays = [pa.array(column, kind) for column, kind in columns]
            out.write_batch(pa.record_batch(arrays, schema=schema))
            written += len(batch)
    counted = Counted(found.height, head.above, 0, found.height - head.above - written)
    if not written:
        raise NoRows(f"{where} holds a header and no row below it.", counted)
    return head.names, counted


def _texts(found: Grid, format_: Format, head: Header) -> Iterator[tuple[str | int | None, ...]]:
    written = writer(format_)
    for number, row in enumerate(found.rows(head.above), start=head.above + 1):
        if holds(row):
            yield (*(written(row[place]) for place in head.places), None, number)


def _below_titles(
    where: str,
    found: Grid,
    format_: Format,
    check: Callable[[Sequence[str]], None],
    choice: MakeChoice,
) -> ConfigError | None:
    """Return the line to write if the columns that are missing stand further down."""
    likely = (titles(found), *range(min(found.height, _TITLES)))
    for skip in dict.fromkeys(likely) if format_.header else ():
        head = header(found, format_, skip)
        try:
            check(head.names)
        except ConfigError:
            continue
        line = choice({"skip_lines": skip}, f"the columns {', '.join(head.names)[:80]}")
        said = f"{where} has {head.above - 1} rows above its header; write {listed([line])}."
        return ConfigError(said, choices=(line,))
    return None


def sniff(where: str, sheets: Sequence[Sheet]) -> Sniffed:
    """Find out which sheet holds rows, and where its header is.

    Raises
    ------
    DataError
        If none holds rows.
    """
    notes: list[str] = []
    choices: tuple[Choice, ...] = ()
    try:
        grids = chosen(where, sheets, Format())
    except ConfigError as error:
        choices = error.choices
        names = yaml.safe_load(choices[0].line)["format"]["sheet"]
        grids = chosen(where, sheets, Format(sheet=names))
    first = grids[0]
    format_: dict[str, Any] = {}
    if choices:
        format_["sheet"] = [found.sheet.name for found in grids]
    if skip := titles(first):
        format_["skip_lines"] = skip
        notes.append(f"{skip} rows stand above the header.")
    if headless := without_header(first, skip):
        format_["header"] = False
    if numbers_have_points(first):
        format_["decimal"] = "."
    if hidden := [sheet.name for sheet in sheets if sheet.hidden]:
        notes.append(f"Hidden sheets: {', '.join(hidden)}.")
    columns = header(first, Format(header=not headless), skip)
    return Sniffed(format_, columns.names, tuple(choices), tuple(notes))
