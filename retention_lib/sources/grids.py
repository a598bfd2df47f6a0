"""A table drawn in cells: where its header is, which columns it has, and which rows hold something."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from statistics import median
from typing import Final

from retention_lib.client import Format
from retention_lib.sources.cell_values import Value, writer

__all__ = ["Grid", "Header", "Sheet", "grid", "header", "holds", "titles", "without_header"]

HEADER_WITHIN: Final = 1100  # rows: as far as `format.skip_lines` may reach
_SEEN: Final = 200  # rows by which a header is told from the titles above it
# a date, an amount, a long number
_VALUE: Final = re.compile(r"[-+]?\d{1,4}([-./:, T]\d+)+Z?|[-+]?\d{5,}")
_YEARS: Final = range(1900, 2101)


@dataclass(frozen=True)
class Sheet:
    """One table of a file: what it is called, and its rows from its first line on.

    ``rows`` reads them each time it is called; ``hidden`` is one that its author does not show.
    """

    name: str
    rows: Callable[[], Iterable[Sequence[Value]]] = field(repr=False)
    hidden: bool = False


@dataclass(frozen=True)
class Grid:
    """A sheet that was looked through.

    Attributes
    ----------
    sheet : Sheet
        The sheet.
    head : list
        Its first rows.
    height : int
        How many rows it has, down to the last that holds something.
    width : int
        How many columns it has, as far as the last that holds something.
    used : frozenset of int
        The places of the columns that hold something.
    """

    sheet: Sheet
    head: list[list[Value]] = field(repr=False)
    height: int
    width: int
    used: frozenset[int]

    @property
    def filled(self) -> bool:
        """Whether it has a row below another one."""
        return sum(map(holds, self.head)) > 1

    def rows(self, start: int = 0) -> Iterator[list[Value]]:
        """Yield its rows from one on, all as wide as it is."""
        for row in islice(self.sheet.rows(), start, self.height):
            yield [*row[: self.width], *[None] * (self.width - len(row))]


def grid(sheet: Sheet) -> Grid:
    """Look through a sheet, without the empty columns on its right and the empty rows below."""
    used: set[int] = set()
    height = 0
    for number, row in enumerate(sheet.rows(), start=1):
        if used.issuperset(range(len(row))):
            height = number if holds(row) else height
            continue
        places = [place for place, cell in enumerate(row) if is_filled(cell)]
        used.update(places)
        height = number if places else height
    found = Grid(sheet, [], height, max(used, default=-1) + 1, frozenset(used))
    return Grid(sheet, list(islice(found.rows(), HEADER_WITHIN)), height, found.width, found.used)


@dataclass(frozen=True)
class Header:
    """Names of columns, where these stand in a row, and how many rows stand above the data."""

    names: list[str]
    places: list[int]
    above: int


def header(found: Grid, format_: Format, skip: int) -> Header:
    """Find the columns: by position without a header, else without those that hold nothing."""
    first = next((n for n in range(skip, len(found.head)) if holds(found.head[n])), None)
    if first is None:
        return Header([], [], found.height)
    row = found.head[first]
    if not format_.header:
        return Header([str(n + 1) for n in range(len(row))], [*range(len(row))], skip)
    written = writer(Format())
    names = [" ".join((written(cell) or "").split()) for cell in row]
    kept = [n for n, name in enumerate(names) if name or n in found.used]
    return Header([names[n] for n in kept], kept, first + 1)


def titles(found: Grid) -> int:
    """Return how many rows of titles stand above a sheet's header, empty ones counted.

    The header is the first row that fills more than half as many cells as rows fill here, and
    reaches as far to the right.
    """
    rows = found.head[:_SEEN]
    filled = [sum(map(is_filled, row)) for row in rows]
    usual = median([cells for cells in filled if cells] or [0])
    edge = median([width for row in rows if (width := _width(row))] or [0])
    fits = (
        n
        for n, row in enumerate(rows)
        if filled[n] >= max(min(2, usual), usual * 0.6) and _width(row) >= edge
    )
    first = next(fits, 0)
    return first if any(filled[:first]) else 0


def without_header(found: Grid, skip: int) -> bool:
    """Whether the first row below the titles holds a value, which no column is called by."""
    first = next((row for row in found.head[skip:] if holds(row)), [])
    return any(map(_is_value, first))


def numbers_have_points(found: Grid) -> bool:
    """Whether all numbers with decimals are real ones, whose mark is known."""
    cells = [cell for row in found.head for cell in row]
    real = any(isinstance(cell, float) and cell % 1 for cell in cells)
    typed = (cell for cell in cells if isinstance(cell, str))
    return real and not any(re.fullmatch(r"\s*[-+]?\d+[.,]\d+\s*", cell) for cell in typed)


def is_filled(cell: Value) -> bool:
    """Whether a cell holds something."""
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def holds(row: Iterable[Value]) -> bool:
    """Whether a row holds something."""
    return any(map(is_filled, row))


def _is_value(cell: Value) -> bool:
    if isinstance(cell, str):
        return bool(_VALUE.fullmatch(cell.strip()))
    return isinstance(cell, date) or (isinstance(cell, int | float) and cell not in _YEARS)


def _width(row: Sequence[Value]) -> int:
    return next((n for n in range(len(row), 0, -1) if is_filled(row[n - 1])), 0)
