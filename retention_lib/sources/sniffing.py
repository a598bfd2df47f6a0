"""How a text file is written: encoding, delimiter, lines above the header, header or none.

It is found from some of the file, since reading it looks at every byte anyway.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ibis.backends.duckdb import Backend

from retention_lib.client import WHITESPACE, shown
from retention_lib.errors import DataError
from retention_lib.sources import encoding
from retention_lib.sources.heads import DELIMITERS, HEADER_WITHIN, declared_mark
from retention_lib.sources.lines import cut
from retention_lib.sources.sniffed import Sniffed, choice

__all__ = ["Structure", "sniff", "structure"]

_MOST_LINES = 2000
_ALIKE = 0.8  # of the lines that have as many fields as most
_MOSTLY = 0.9  # of a column's cells that are values
# a date, a time, an amount or a number, perhaps with a currency's sign or code
_VALUE = re.compile(r"[^\w\s]{0,3}[A-Za-z]{0,3}\s?[-+(]?\d[\d\s.,:/'’_T+-]*\)?-?\s?\D{0,4}")


@dataclass(frozen=True)
class Structure:
    """How lines are cut: by what, how many stand above the header, and whether there is one."""

    delimiter: str
    skip_lines: int
    header: bool
    names: list[str]

    def settings(self) -> dict[str, Any]:
        """Return what ``format`` has to say of it."""
        said = {"delimiter": self.delimiter, "skip_lines": self.skip_lines, "header": self.header}
        plain = {"delimiter": ",", "skip_lines": 0, "header": True}
        return {key: value for key, value in said.items() if value != plain[key]}


def sniff(file: Path, engine: Backend) -> Sniffed:
    """Find out how a text file is written.

    Parameters
    ----------
    file
        The file; one that ends in ``.gz`` is unpacked.
    engine
        Not used: text is looked at as it stands.

    Raises
    ------
    ConfigError
        If it is no text.
    DataError
        If nothing but blank lines stands in it.
    """
    found = encoding.found(file)
    name = found[0][0]
    text = encoding.beginning(file, name)
    seen = structure(re.sub(r"\r\n?", "\n", text).split("\n"))
    if seen is None:
        raise DataError(f"{shown(file)} holds nothing but blank lines.")
    plain = codecs.lookup(name).name in ("utf-8", "ascii", "utf-8-sig")
    settings = {} if plain else {"encoding": name}
    choices = [choice({"encoding": it}, f"which reads “{word}”") for it, word in found]
    notes = [f"{seen.skip_lines} lines stand above the header."] if seen.skip_lines else []
    notes += [] if seen.header else ["It has no header: its columns are called by position."]
    return Sniffed(
        settings | seen.settings(),
        seen.names,
        tuple(choices) if len(choices) > 1 else (),
        tuple(notes),
    )


def structure(lines: Sequence[str]) -> Structure | None:
    """Find how lines are cut; None where nothing stands in them."""
    declared = declared_mark(lines[0]) if lines else None
    marks = (declared,) if declared else DELIMITERS
    lines = ["", *lines[1:_MOST_LINES]] if declared else lines[:_MOST_LINES]
    cuts = [_Cut(mark, lines) for mark in marks]
    if not any(map(str.strip, lines)):
        return None
    best = max((it for it in cuts if it.delimiter != WHITESPACE), key=lambda it: it.quality)
    if best.quality[0] < _ALIKE and not declared:
        best = max(cuts, key=lambda it: it.quality)
    return best.structure()


class _Cut:
    """Lines cut by a delimiter."""

    def __init__(self, delimiter: str, lines: Sequence[str]) -> None:
        self.delimiter = delimiter
        self.rows = _records(lines, delimiter)

    @cached_property
    def _widths(self) -> Counter[int]:
        later = [fields for _, fields in self.rows[HEADER_WITHIN:]]
        return Counter(map(len, later if len(later) > HEADER_WITHIN else [f for _, f in self.rows]))

    @cached_property
    def width(self) -> int:
        """The number of fields of most lines."""
        return max(self._widths, key=lambda it: (self._widths[it], it), default=1)

    @cached_property
    def _filled_width(self) -> int:
        """The number of columns without those at the end that are always blank.

        Rows may end in delimiters that the header does not have, and the other way round.
        """
        return max((_reach(row) for _, row in self.rows if len(row) == self.width), default=1)

    @cached_property
    def quality(self) -> tuple[float, int]:
        """The share of lines of the usual width, and that width: nothing where it is one."""
        if self.width < 2:
            return (0.0, 1)
        widths = [len(fields) for _, fields in self.rows]
        start = widths.index(self.width)
        start = start if start < HEADER_WITHIN else 0  # titles may stand above
        share = widths[start:].count(self.width) / len(widths[start:])
        return (min(_ALIKE, share), self.width)

    def structure(self) -> Structure:
        head = self._header()
        if head is None:
            first = next((n for n, row in self.rows if self._is_full(row)), 0)
            first = first if self.rows[0][0] < first else 0
            names = [str(n + 1) for n in range(self.width)]
            return Structure(self.delimiter, first, False, names)
        number, names = head
        above = self.rows[0][0] < number
        return Structure(self.delimiter, number if above else 0, True, names)

    def _header(self) -> tuple[int, list[str]] | None:
        """Return the header's line, counted from 0, and its names; None where there is none."""
        top = self.rows[:HEADER_WITHIN]
        full = [(n, row) for n, row in top if self._is_full(row)]
        if not full:
            return top[0][0], [it.strip() for it in top[0][1]]
        if self._is_data(*full[0]):
            return None
        named = [(n, row) for n, row in full if not any(map(_is_value, row))]
        number, row = named[0] if named else full[0]
        return number, [it.strip() for it in row]

    def _is_data(self, number: int, row: Sequence[str]) -> bool:
        """Whether a row holds values wherever the rows below it do."""
        cells = [row[n] for n in self._value_columns(number) if n < len(row)]
        return bool(cells) and all(map(_is_value, cells))

    def _is_full(self, row: Sequence[str]) -> bool:
        """Whether a row has about as many cells as the table, most of them filled."""
        filled = sum(bool(cell.strip()) for cell in row)
        beside = min(abs(len(row) - self.width), abs(_reach(row) - self._filled_width))
        return beside <= 1 and 2 * filled > self._filled_width and filled > 1

    def _value_columns(self, number: int) -> list[int]:
        """Return the columns that hold values below a line."""
        below = [row for n, row in self.rows if n > number and len(row) == self.width]
        found = []
        for position in range(self.width):
            cells = [row[position].strip() for row in below if row[position].strip()]
            values = sum(map(_is_value, cells))
            if cells and values >= _MOSTLY * len(cells):
                found.append(position)
        return found


def _reach(row: Sequence[str]) -> int:
    """Return the number of cells up to the last that is filled."""
    return max((n for n, cell in enumerate(row, 1) if cell.strip()), default=0)


def _is_value(cell: str) -> bool:
    return bool(_VALUE.fullmatch(cell.strip()))


def _records(lines: Sequence[str], delimiter: str) -> list[tuple[int, list[str]]]:
    """Cut lines, of which quoted fields may join several; blank ones are left out."""
    found: list[tuple[int, list[str]]] = []
    at = 0
    while at < len(lines):
        line, number = lines[at], at
        at += 1
        if not line.strip():
            continue
        fields, open_at, _ = cut(line, delimiter)
        if open_at is not None:
            for more in range(1, 200):
                if at + more > len(lines):
                    break
                fields, still, _ = cut("\n".join(lines[number : at + more]), delimiter)
                if still is None:
                    at = at + more if fields is not None else at
                    break
        found.append((number, fields if fields is not None else line.split(delimiter)))
    return found
