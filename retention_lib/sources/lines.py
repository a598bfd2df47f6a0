"""Lines of text as rows: each physical line is accounted for, and none is swallowed by a quote.

A quoted field may run over several lines. A quote that was never meant so (``27" monitors``)
looks the same, so that a field that would swallow what is a record by itself is not believed:
its quotes are plain characters then.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import NamedTuple, Self

from retention_lib.client import WHITESPACE

_MOST_LINES_OF_A_FIELD = 200
_MARK = "\ufeff"
_ENDING = re.compile(r'[^"]*+(?:""[^"]*+)*+"')
_OPENING = re.compile(' *"')
BLANKS = " \t\xa0\u202f\ufeff"  # of which a cell may be full and yet be empty
_ENOUGH = 0.95  # of a column's cells that are of few shapes
_FEW_SHAPES = 5
_SURE_ROWS = 3  # from which shapes can be told
_FEW_COLUMNS = 2  # of a set shape: all of a record's have to fit


class Counted(NamedTuple):
    """What the lines of a file became: ``lines == above + rows + continued + blank``."""

    lines: int
    above: int
    continued: int
    blank: int


class Cut(NamedTuple):
    """A text cut into fields; ``open_at`` is the number of a quoted one that does not end.

    ``plainly`` are the fields if that one's quote, and all after it, are plain characters.
    """

    fields: list[str] | None
    open_at: int | None = None
    plainly: list[str] | None = None


def cut(text: str, delimiter: str) -> Cut:
    """Cut a record's text into its fields, which may be quoted and padded.

    ``fields`` is None where a quote does not close, or something stands behind a closing one.
    """
    text = text.rstrip("\r\n")
    if delimiter == WHITESPACE:
        return Cut(_parted(text))
    if '"' not in text:
        return Cut(text.split(delimiter))
    quoted, unclosed = _patterns(delimiter)
    fields: list[str] = []
    at = 0
    while True:
        if found := quoted.match(text, at):
            fields.append(found[1].replace('""', '"'))
            at = found.end()
        elif unclosed.match(text, at):
            return Cut(None, len(fields), [*fields, *text[at:].split(delimiter)])
        elif _OPENING.match(text, at):
            return Cut(None)
        else:
            end = text.find(delimiter, at)
            end = len(text) if end < 0 else end
            fields.append(text[at:end])
            at = end
        if at >= len(text):
            return Cut(fields)
        at += 1


def ending(text: str, delimiter: str) -> list[str] | None:
    """Cut a line on which a quoted field ends, as if that quote were a plain character."""
    text = text.rstrip("\r\n")
    found = _ENDING.match(text)
    if found is None:
        return None
    within, rest = found[0].split(delimiter), text[found.end() :].lstrip(" ")
    after = cut(rest.removeprefix(delimiter), delimiter).fields if rest else []
    return None if after is None else [*within, *after]


def _parted(text: str) -> list[str]:
    """Return what blanks of ASCII part, as DuckDB sees it; other blanks belong to a word."""
    return text.split() if text.isascii() else re.findall(r"[^ \t\r\n\f]+", text)


def _patterns(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    inside = r'[^"]*+(?:""[^"]*+)*+'
    return (
        re.compile(rf' *"({inside})" *(?={re.escape(delimiter)}|\Z)'),
        re.compile(rf' *"{inside}\Z'),
    )


@dataclass(frozen=True)
class Layout:
    """What a row of a file looks like: how many fields, parted by what, and of which shape.

    ``names`` are those of its columns; ``repeats`` whether a line of them alone is a header that
    stands there again. ``sample`` are lines from below the header.
    """

    delimiter: str
    names: Sequence[str]
    repeats: bool
    sample: Sequence[str] = field(default=(), repr=False)

    @cached_property
    def width(self) -> int:
        """The number of columns."""
        return len(self.names)

    @cached_property
    def needed(self) -> int:
        """The number of columns up to the last that has a name."""
        return max((n for n, name in enumerate(self.names, start=1) if name), default=self.width)

    def fitting(self, fields: Sequence[str] | None) -> list[str] | None:
        """Return as many fields as columns: a few empty ones may be missing at the end, or too many."""
        if fields is not None and len(fields) == self.width:
            return list(fields)
        if fields is None or len(fields) < self.needed:
            return None
        if any(cell.strip(BLANKS) for cell in fields[self.width :]):
            return None
        return [*fields[: self.width], *[""] * (self.width - len(fields))]

    def literal(self, line: str) -> list[str] | None:
        """Return a line's fields where quotes are plain characters; None if they do not fit."""
        text = line.rstrip("\r\n")
        return self.fitting(
            _parted(text) if self.delimiter == WHITESPACE else text.split(self.delimiter)
        )

    def is_header(self, fields: Sequence[str]) -> bool:
        """Whether a row is the header once more."""
        like = self.repeats and fields[0].strip(BLANKS) == self.names[0]
        return like and [it.strip(BLANKS) for it in fields] == list(self.names)

    def is_empty(self, line: str) -> bool:
        """Whether nothing but delimiters and blanks stands in a line."""
        mark = " " if self.delimiter == WHITESPACE else self.delimiter
        return line[:1] in BLANKS + mark and not line.rstrip("\r\n").strip(BLANKS + mark)

    @cached_property
    def shapes(self) -> dict[int, set[str]]:
        """The shapes of the cells of those columns that have few and hold digits, by position.

        They are those of records of one line, every quote believed: the lines of a note are not
        taken for records then, and a stray quote hides a few.
        """
        reader = Reader(Lines(self.sample, 0), self, trusting=True)
        cells = [[str(cell or "") for cell in row[:-2]] for row in reader if row[-2] is None]
        rows = [row for row in cells if any(row) and not re.search("[\r\n]", "".join(row))]
        if len(rows) < _SURE_ROWS:
            return {}
        found = {}
        for position, column in enumerate(zip(*rows, strict=True)):
            counts = Counter(_shape(cell) for cell in column if cell.strip())
            common = dict(counts.most_common(_FEW_SHAPES))
            if (
                counts
                and sum(common.values()) >= _ENOUGH * counts.total()
                and "9" in "".join(common)
            ):
                found[position] = set(common)
        return found

    def is_record(self, line: str) -> bool:
        """Whether a line alone is a whole record that looks like the others."""
        fields = cut(line, self.delimiter).fields
        if self.fitting(fields) is None and self.shapes:
            fields = self.literal(line)
        return self.resembles(fields)

    def resembles(self, fields: Sequence[str] | None) -> bool:
        """Whether fields are as many as columns, and look like those of other records."""
        fields = self.fitting(fields)
        if fields is None:
            return False
        if not self.shapes:
            return all(cell.strip(' "') for cell in fields)
        cells = [_unquoted(cell) for cell in fields]
        seen = [(_shape(cells[n]), shapes) for n, shapes in self.shapes.items() if cells[n]]
        fit = sum(shape in shapes for shape, shapes in seen)
        return bool(fit) and (
            fit == len(seen) if len(seen) <= _FEW_COLUMNS else 3 * fit > 2 * len(seen)
        )


def _unquoted(cell: str) -> str:
    """Return a cell without the quotes around it; one quote alone is part of it."""
    bare = cell.strip(" ")
    return bare[1:-1].strip(" ") if re.fullmatch('".*"', bare, re.DOTALL) else bare


def _shape(cell: str) -> str:
    """Return a cell's shape: 9 for each number, a for each word."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell.strip()))


class Lines:
    """An iterator over lines that takes lines back; ``number`` is that of the one given last."""

    def __init__(self, lines: Iterable[str], above: int) -> None:
        self._lines = islice(lines, above, None)
        self._returned: list[str] = []
        self.number = above

    def __iter__(self) -> Self:
        """Go on where the last line was given."""
        return self

    def __next__(self) -> str:
        """Give the next line, without a mark of Unicode before it."""
        line = self._returned.pop() if self._returned else next(self._lines)
        self.number += 1
        return line.removeprefix(_MARK)  # where files were put one behind the other

    def give_back(self, lines: Sequence[str]) -> None:
        """Put lines in front of those still to come."""
        self._returned.extend(reversed(lines))
        self.number -= len(lines)


class Reader:
    """An iterator over the rows of lines: fields or nulls, the unreadable line or null, its number.

    ``continued`` and ``blank`` count the lines that became no row of their own. Where it is
    ``trusting``, a field over lines may swallow records.
    """

    def __init__(self, lines: Lines, layout: Layout, trusting: bool = False) -> None:
        self._lines, self._layout, self._trusting = lines, layout, trusting
        self.continued = self.blank = 0

    def __iter__(self) -> Iterator[tuple[str | int | None, ...]]:
        """Give each row."""
        layout, lines = self._layout, self._lines
        nothing = (None,) * layout.width
        for line in lines:
            number = lines.number
            if not line.rstrip("\r\n"):
                self.blank += 1
            elif layout.is_empty(line):
                yield (*nothing, None, number)
            else:
                record = self._record(line)
                if record is None or layout.is_header(record):
                    yield (*nothing, line.rstrip("\r\n"), number)
                else:
                    yield (*(cell or None for cell in record), None, number)

    def _record(self, line: str) -> list[str] | None:
        layout = self._layout
        if '"' not in line or layout.delimiter == WHITESPACE:
            return layout.literal(line)
        if (record := self._plainly(line)) is not None:
            return record
        found = cut(line, layout.delimiter)
        if found.fields is not None:
            return layout.fitting(found.fields)
        record = self._over_lines(line, found) if found.open_at is not None else None
        return record or layout.fitting(found.plainly) or layout.literal(line)

    def _plainly(self, line: str) -> list[str] | None:
        """Return the fields of a line that is quoted as it should be, the quick way."""
        if ' "' in line or '" ' in line:
            return None
        try:
            reader = csv.reader([line], delimiter=self._layout.delimiter, strict=True)
            return self._layout.fitting(next(reader, None))
        except csv.Error:
            return None

    def _over_lines(self, line: str, first: Cut) -> list[str] | None:
        """Read on to the end of a quoted field; give the lines back if it was none."""
        taken: list[str] = []
        text = line
        for following in islice(self._lines, _MOST_LINES_OF_A_FIELD):
            taken.append(following)
            text += following
            if '"' in following:
                found = cut(text, self._layout.delimiter)
                record = self._layout.fitting(found.fields)
                if record is not None and not self._is_stray(first, taken):
                    self.continued += len(taken)
                    return record
                if found.open_at is None:
                    break
        self._lines.give_back(taken)
        return None

    def _is_stray(self, first: Cut, taken: Sequence[str]) -> bool:
        """Whether a field over lines would swallow a record."""
        layout = self._layout
        if self._trusting or first.open_at is None:
            return False
        if any(map(layout.is_record, taken[:-1])):
            return True
        # the last line's cells before the field's own come out of the field, or are a record's
        known = any(position < first.open_at for position in layout.shapes)
        last = ending(taken[-1], layout.delimiter)
        return layout.resembles(last) and (known or layout.resembles(first.plainly))
