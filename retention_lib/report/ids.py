"""No report tells who a customer is: columns are refused by their names, ids by their values.

A notebook of one's own may show ids under any name, or say them in a sentence. What its code
cells show is therefore held against the client's ids, except for what may as well be a figure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bs4 import BeautifulSoup, Tag

from retention_lib.errors import RetentionError

LEFT_OUT: Final = "not-in-report"  # tag of cells for the analyst only
ID_COLUMN: Final = "customer_id"  # its name in all tables of the library

KnownIds = Callable[[Collection[str]], Collection[str]]

_SHORTEST, _LONGEST = 3, 256
_MOST_WORDS: Final = 3  # of an id that is a name
_NO_FIGURE = re.compile(r"[^\W\d_]|^0\d|\d{6}")  # a letter, a leading zero, six digits
_GROUPED = re.compile(r"(?<!\d)[1-9]\d{0,2}(?:[.,'’\u00a0\u202f]\d{3})+(?!\d)")
_BREAKS = re.compile(r"[^\w@.+-]+")
_AROUND: Final = " \t\r\n\u00a0.,;:!?()[]{}<>\"'«»„“”‘’…*"
_MOST_COLUMNS: Final = 1000


@dataclass(frozen=True)
class _Spot:
    """A text that could be an id; ``column`` is its column's header, None outside of a column."""

    text: str
    column: str | None = None


def refuse_columns(body: str, columns: Sequence[str], notebook: str) -> None:
    """Fail on a table with one of these headers; a table without headers has its first row.

    Raises
    ------
    RetentionError
        If there is one.
    """
    if "<table" not in body:
        return
    refused = {_plain(name) for name in columns}
    for table in BeautifulSoup(body, "html.parser").find_all("table"):
        first = table.find("tr")
        cells = first.find_all("td") if isinstance(first, Tag) else []
        for header in [*table.find_all("th"), *cells]:
            if _plain(name := header.get_text()) in refused:
                raise RetentionError(
                    f"A table in {notebook} has the column {name.strip()!r}, and customers' ids do "
                    f"not belong in a report: tag its cell `{LEFT_OUT}`, or leave the column out."
                )


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name).strip().casefold()


def refuse_ids(outputs: Mapping[str, Sequence[str]], known_ids: KnownIds) -> None:
    """Fail if a table's cell or a sentence is a customer's id; all are asked for at once.

    Parameters
    ----------
    outputs : mapping of str to sequence of str
        For each notebook what its code cells show, as HTML.
    known_ids : callable
        Returns which of some texts are customers' ids.

    Raises
    ------
    RetentionError
        If one is. The message names the notebook and the columns, but no id.
    """
    spots = {
        name: {spot for html in held for spot in _spots(html)} for name, held in outputs.items()
    }
    texts = {spot.text for held in spots.values() for spot in held}
    known = set(known_ids(sorted(texts))) if texts else set()
    for notebook, held in spots.items():
        if leaks := [spot for spot in held if spot.text in known]:
            raise RetentionError(_leak(notebook, leaks, known))


def _leak(notebook: str, leaks: Sequence[_Spot], known: Collection[str]) -> str:
    """Say where ids stand; a header that holds one is not said."""
    count = len({spot.text for spot in leaks})
    places = sorted({_place(spot.column, known) for spot in leaks})
    return (
        f"{notebook} shows {count} customer {'id' if count == 1 else 'ids'} in "
        f"{' and '.join(places)}, and customers' ids do not belong in a report: tag its cell "
        f"`{LEFT_OUT}`, or leave the column out (a figure that only looks like an id is told apart "
        "by its thousands separator)."
    )


def _place(column: str | None, known: Collection[str]) -> str:
    if column is None:
        return "a text"
    if any(text in column for text in known):
        return "a column's header"
    return f"the column {column!r}" if column else "a column without a header"


# --- texts that could be ids ----------------------------------------------------


def _spots(html: str) -> Iterator[_Spot]:
    """Yield whole cells of tables, and what the texts outside of them may name."""
    soup = BeautifulSoup(html, "html.parser")
    for table in soup.find_all("table"):
        for column, text in _cells(table):
            yield from (_Spot(form, column) for form in _forms(text) if _could_be_id(form))
    texts = [str(image.get("alt", "")) for image in soup.find_all("img")]
    for cell in soup.select("td:not([colspan]), th:not([colspan])"):
        cell.extract()  # what is left are captions, headings and notes
    for text in (*texts, *soup.stripped_strings):
        yield from (_Spot(name) for name in _names(text) if _could_be_id(name))


def _could_be_id(text: str) -> bool:
    """Say whether a text can be an id, and cannot be mistaken for a count or an amount."""
    return _SHORTEST <= len(text) <= _LONGEST and _NO_FIGURE.search(text) is not None


def _forms(cell: str) -> set[str]:
    """Return a cell's text as it stands, and without the ``.0`` of a float."""
    return {cell, re.sub(r"(?<=\d)\.0+$", "", cell)}


def _names(text: str) -> Iterator[str]:
    """Yield what a text may name: itself, a few words in a row, and words with a digit or an @.

    A single word of letters is ordinary prose, whether or not a customer is called so.
    """
    yield text.strip(_AROUND)
    words = list(re.finditer(r"[^ \t\r\n]+", text))  # a no-break space is part of a figure
    for at, word in enumerate(words):
        for last in words[at + 1 : at + _MOST_WORDS]:
            yield text[word.start() : last.end()].strip(_AROUND)
        if re.search(r"[\d@]", word[0]):
            pieces = _BREAKS.split(_GROUPED.sub(" ", word[0]))
            yield from (piece.strip(_AROUND) for piece in (word[0], *pieces))


# --- a table's columns ----------------------------------------------------------


def _cells(table: Tag) -> Iterator[tuple[str, str]]:
    """Yield the header of the column and the text of every cell; a header is a cell, too."""
    rows = table.find_all("tr")
    headers: dict[int, str] = {}
    for row in table.select("thead tr") or rows[:1]:
        for place, cell in _placed(row):
            if text := cell.get_text().strip():
                headers |= dict.fromkeys(range(place, place + _span(cell)), text)
    for row in rows:
        for place, cell in _placed(row):
            yield headers.get(place, ""), cell.get_text().strip()


def _placed(row: Tag) -> Iterator[tuple[int, Tag]]:
    """Yield a row's cells with their places, counted from the right: an index may span rows."""
    place = 0
    for cell in reversed(row.find_all(["th", "td"], recursive=False)):
        yield place, cell
        place += _span(cell)


def _span(cell: Tag) -> int:
    given = str(cell.get("colspan", ""))
    return min(int(given), _MOST_COLUMNS) if given.isdecimal() else 1
