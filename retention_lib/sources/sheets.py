"""Tables drawn in cells: sheets of workbooks, tables of web pages. All are read alike from here on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from retention_lib.client import Format, nearest
from retention_lib.errors import Choice, ConfigError
from retention_lib.sources.cell_values import Value, writer
from retention_lib.sources.encoding import MakeChoice
from retention_lib.sources.lines import Counted
from retention_lib.sources.names import LINE, NUMBER, safe_names
from retention_lib.sources.sniffed import Sniffed, listed
from retention_lib.sources.sniffed import choice as choice_for_all
from retention_lib.sources.text import NoRows

__all__ = ["Grid", "Sheet", "chosen", "sniff", "write"]


_BATCH = 50_000
_SEEN = 200  # rows by which a header is told from the titles above it
_VALUE = re.compile(
    r"[-+]?\d{1,4}([-./:, T]\d+)+Z?|[-+]?\d{5,}"
)  # a date, an amount, a long number
_YEARS = range(1900, 2101)


@dataclass(frozen=True)
class Sheet:
    """One table of a file: what it is called, and its rows from its first line on.

    ``rows`` reads them when it is called; ``hidden`` is one that its author does not show.
    """

    name: str
    rows: Callable[[], Iterable[Sequence[Value]]] = field(repr=False)
    hidden: bool = False


@dataclass(frozen=True)
class Grid:
    """A sheet's rows: all are as wide as the widest that holds something."""

    sheet: Sheet
    rows: list[list[Value]] = field(repr=False)

    @property
    def filled(self) -> bool:
        """Whether it has a row below another one."""
        return sum(map(_holds, islice(self.rows, _SEEN))) > 1


def grid(sheet: Sheet) -> Grid:
    """Read a sheet without the empty columns on its right and the empty rows below."""
    rows = [list(row) for row in sheet.rows()]
    while rows and not _holds(rows[-1]):
        rows.pop()
    width = max((_width(row) for row in rows), default=0)
    return Grid(sheet, [row[:width] + [None] * (width - len(row)) for row in rows])


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
    rows = sum(len(found.rows) - _skipped(found, format_) - format_.header for found in grids)
    said = f"{rows} rows of {columns[:80]}"
    several = len(names) > 1
    said = f"{len(names)} sheets of the same columns, {said}" if several else said
    return choice({"sheet": names if several else names[0]}, said)


def _full(where: str, sheet: Sheet) -> Grid:
    found = grid(sheet)
    if not found.rows:
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
    return _header(found, format_, _skipped(found, format_)).names


def _skipped(found: Grid, format_: Format) -> int:
    return format_.skip_lines or layout(found)


def layout(found: Grid) -> int:
    """Return how many rows of titles stand above a sheet's header, empty ones counted.

    The header is the first row that fills more than half of the cells that rows fill here.
    """
    widths = [sum(map(_filled, row)) for row in found.rows[:_SEEN]]
    usual = median([width for width in widths if width] or [0])
    enough = max(min(2, usual), usual * 0.6)
    first = next((n for n, width in enumerate(widths) if width >= enough and width), 0)
    return first if any(widths[:first]) else 0


def without_header(found: Grid, skip: int) -> bool:
    """Whether the first row below the titles holds a value, which no column is called by."""
    first = next((row for row in found.rows[skip:] if _holds(row)), [])
    return any(map(_is_value, first))


def _is_value(cell: Value) -> bool:
    if isinstance(cell, str):
        return bool(_VALUE.fullmatch(cell.strip()))
    return isinstance(cell, date) or (isinstance(cell, int | float) and cell not in _YEARS)


@dataclass(frozen=True)
class _Header:
    """Names of columns, where these stand in a row, and how many rows stand above the data."""

    names: list[str]
    places: list[int]
    above: int


def _header(found: Grid, format_: Format, skip: int) -> _Header:
    """Find the columns: by position without a header, else without those that hold nothing."""
    first = next((n for n in range(skip, len(found.rows)) if _holds(found.rows[n])), None)
    if first is None:
        return _Header([], [], len(found.rows))
    row = found.rows[first]
    if not format_.header:
        return _Header([str(n + 1) for n in range(len(row))], [*range(len(row))], skip)
    written = writer(Format())
    names = [" ".join((written(cell) or "").split()) for cell in row]
    below = found.rows[first + 1 :]
    kept = [n for n, name in enumerate(names) if name or any(_filled(it[n]) for it in below)]
    return _Header([names[n] for n in kept], kept, first + 1)


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
    header = _header(found, format_, format_.skip_lines)
    try:
        check(header.names)
    except ConfigError as error:
        raise _below_titles(where, found, format_, check, choice) or error from None
    rows = _texts(found.rows, format_, header)
    texts = [*safe_names(header.names), LINE]
    schema = pa.schema([*((name, pa.string()) for name in texts), (NUMBER, pa.int64())])
    written = 0
    with pq.ParquetWriter(target, schema) as out:
        while batch := list(islice(rows, _BATCH)):
            columns = zip(zip(*batch, strict=True), schema.types, strict=True)
            arrays = [pa.array(column, kind) for column, kind in columns]
            out.write_batch(pa.record_batch(arrays, schema=schema))
            written += len(batch)
    lines = len(found.rows)
    counted = Counted(lines, header.above, 0, lines - header.above - written)
    if not written:
        raise NoRows(f"{where} holds a header and no row below it.", counted)
    return header.names, counted


def _texts(
    rows: Sequence[Sequence[Value]], format_: Format, header: _Header
) -> Iterator[tuple[str | int | None, ...]]:
    written = writer(format_)
    for number in range(header.above, len(rows)):
        if _holds(rows[number]):
            row = rows[number]
            yield (*(written(row[place]) for place in header.places), None, number + 1)


def _below_titles(
    where: str,
    found: Grid,
    format_: Format,
    check: Callable[[Sequence[str]], None],
    choice: MakeChoice,
) -> ConfigError | None:
    """Return the line to write if the columns that are missing stand further down."""
    skip = layout(found)
    if not format_.header or skip == format_.skip_lines:
        return None
    names = _header(found, format_, skip).names
    try:
        check(names)
    except ConfigError:
        return None
    line = choice({"skip_lines": skip}, f"the columns {', '.join(names)[:80]}")
    said = f"{where} has {skip} rows above its header; write {listed([line])}."
    return ConfigError(said, choices=(line,))


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
    if skip := layout(first):
        format_["skip_lines"] = skip
        notes.append(f"{skip} rows stand above the header.")
    if headless := without_header(first, skip):
        format_["header"] = False
    if numbers_have_points(first):
        format_["decimal"] = "."
    if hidden := [sheet.name for sheet in sheets if sheet.hidden]:
        notes.append(f"Hidden sheets: {', '.join(hidden)}.")
    columns = _header(first, Format(header=not headless), skip)
    return Sniffed(format_, columns.names, tuple(choices), tuple(notes))


def numbers_have_points(found: Grid) -> bool:
    """Whether all numbers with decimals are real ones, whose mark is known."""
    cells = [cell for row in found.rows for cell in row]
    real = any(isinstance(cell, float) and cell % 1 for cell in cells)
    typed = (cell for cell in cells if isinstance(cell, str))
    return real and not any(re.fullmatch(r"\s*[-+]?\d+[.,]\d+\s*", cell) for cell in typed)


def _filled(cell: Value) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _holds(row: Iterable[Value]) -> bool:
    return any(map(_filled, row))


def _width(row: Sequence[Value]) -> int:
    return next((n for n in range(len(row), 0, -1) if _filled(row[n - 1])), 0)
