"""Tables that shop systems write as markup and call `.xls`: web pages, and XML of Excel 2003."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import IO, Final
from xml.parsers import expat

from retention_lib.client import shown
from retention_lib.errors import ConfigError
from retention_lib.sources.cell_values import Value
from retention_lib.sources.sheets import Sheet

__all__ = ["declared_charset", "page_tables", "spreadsheet_xml"]

_CHARSET: Final = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_MOST_SPANNED: Final = 1000  # what a browser takes for the widest cell
_CHUNK: Final = 1 << 20
_SS: Final = "urn:schemas-microsoft-com:office:spreadsheet"


def declared_charset(beginning: bytes) -> str | None:
    """Return the encoding that a web page says it is in; None without one, or one not known."""
    found = _CHARSET.search(beginning)
    try:
        return codecs.lookup(found[1].decode("ascii")).name if found else None
    except LookupError:
        return None


def page_tables(text: IO[str]) -> list[Sheet]:
    """Return the tables of a web page, outermost first; each is called by its place, from 1.

    A cell that spans several columns stands in the first of them. One that spans several rows
    stands in each of them, unless it is a number: an amount must not count twice.
    """
    parser = _Tables()
    while chunk := text.read(_CHUNK):
        parser.feed(chunk)
    parser.close()
    named = enumerate(parser.finished(), start=1)
    return [Sheet(str(place), partial(iter, table.rows)) for place, table in named]


@dataclass
class _Table:
    rows: list[list[Value]] = field(default_factory=list)
    cell: list[str] | None = None
    across: int = 1
    down: int = 1
    spanned: dict[int, tuple[int, str | None]] = field(default_factory=dict)


class _Tables(HTMLParser):
    """Collects cells; like browsers, it needs no end of a cell or a row."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[_Table] = []
        self._all: list[_Table] = []
        self._unseen = 0

    def finished(self) -> list[_Table]:
        for table in self._open:
            _end_cell(table)
        return self._all

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag in ("style", "script", "title"):
            self._unseen += 1
        if tag == "table":
            self._open.append(_Table())
            self._all.append(self._open[-1])
        table = self._open[-1] if self._open else None
        if table is None:
            return
        if tag in ("tr", "td", "th"):
            _end_cell(table)
        if tag == "tr" or (tag in ("td", "th") and not table.rows):
            table.rows.append([])
        if tag in ("td", "th"):
            spans = dict(attrs)
            table.cell, table.across = [], _span(spans.get("colspan"))
            table.down = _span(spans.get("rowspan"))
            _fill_spanned(table)
        if tag == "br" and table.cell is not None:
            table.cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script", "title"):
            self._unseen = max(0, self._unseen - 1)
        if self._open and tag in ("td", "th", "tr", "table"):
            _end_cell(self._open[-1])
            if tag == "tr":
                _fill_spanned(self._open[-1])
            if tag == "table":
                self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1].cell is not None and not self._unseen:
            self._open[-1].cell.append(data)


def _span(given: str | None) -> int:
    return min(max(int(given), 1), _MOST_SPANNED) if given and given.strip().isdecimal() else 1


def _end_cell(table: _Table) -> None:
    if table.cell is None:
        return
    text = " ".join("".join(table.cell).split())
    row = table.rows[-1]
    if table.down > 1:
        repeated = None if re.fullmatch(r"[-+(]?[\d\s.,'’]*\d[\d\s.,'’)%-]*", text) else text
        below = {len(row) + n: (table.down - 1, None) for n in range(table.across)}
        table.spanned |= below | {len(row): (table.down - 1, repeated)}
    row.extend([text or None, *[None] * (table.across - 1)])
    table.cell = None


def _fill_spanned(table: _Table) -> None:
    """Put into a row what spans it from above, up to the next cell of its own."""
    row = table.rows[-1]
    while (left := table.spanned.get(len(row))) is not None:
        times, text = left
        if times > 1:
            table.spanned[len(row)] = (times - 1, text)
        else:
            del table.spanned[len(row)]
        row.append(text)


def spreadsheet_xml(file: Path, chunks: Iterable[bytes]) -> list[Sheet]:
    """Return the sheets of a workbook in XML of Excel 2003.

    Raises
    ------
    ConfigError
        If it is no sound XML, or defines entities, which no export does.
    """
    reader = _Worksheets()
    try:
        for chunk in chunks:
            reader.parser.Parse(chunk, not chunk)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise ConfigError(
            f"{shown(file)} is a workbook in XML that cannot be read: {error}. Open it in a "
            "spreadsheet program, save it as .xlsx, and name that file."
        ) from None
    return [Sheet(name, partial(iter, rows)) for name, rows in reader.sheets]


class _Worksheets:
    """Collects the rows of each worksheet, with the empty ones that `ss:Index` leaves out."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._entity
        self.sheets: list[tuple[str, list[list[Value]]]] = []
        self._kind: str | None = None
        self._across = 0
        self._cell: list[str] = []

    def _entity(self, *_: object) -> None:
        raise ValueError("it defines entities")

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.removeprefix(f"{_SS} ")
        if name == "Worksheet":
            self.sheets.append((attributes.get(f"{_SS} Name", str(len(self.sheets) + 1)), []))
        elif name == "Row" and self.sheets:
            rows = self.sheets[-1][1]
            rows.extend([] for _ in range(_gap(attributes, len(rows), 1 << 20)))
            rows.append([])
        elif name == "Cell" and self.sheets and self.sheets[-1][1]:
            row = self.sheets[-1][1][-1]
            row.extend([None] * (_gap(attributes, len(row), 1 << 14)))
            row.append(None)
            self._across = int(attributes.get(f"{_SS} MergeAcross", 0))
        elif name == "Data":
            self._kind, self._cell = attributes.get(f"{_SS} Type", "String"), []

    def _text(self, data: str) -> None:
        if self._kind is not None:
            self._cell.append(data)

    def _end(self, tag: str) -> None:
        name = tag.removeprefix(f"{_SS} ")
        if name == "Data" and self._kind is not None:
            self.sheets[-1][1][-1][-1] = _typed("".join(self._cell), self._kind)
            self._kind = None
        elif name == "Cell" and self.sheets and self.sheets[-1][1]:
            self.sheets[-1][1][-1].extend([None] * min(self._across, _MOST_SPANNED))


def _gap(attributes: Mapping[str, str], there: int, most: int) -> int:
    """Return how many empty rows or cells stand before this one."""
    index = attributes.get(f"{_SS} Index", "")
    return max(0, min(int(index), most) - 1 - there) if index.isdecimal() else 0


def _typed(text: str, kind: str) -> Value:
    """Return a cell's value: dates and numbers as such, errors as nothing."""
    if kind == "Error" or not text:
        return None
    if kind == "Boolean":
        return text.strip() == "1"
    with suppress(ValueError):
        if kind == "Number":
            return float(text)
        if kind == "DateTime":
            return datetime.fromisoformat(text.strip())
    return text
