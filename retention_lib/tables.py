"""Tables: a frame in, great_tables out, in one style: a caption, aligned figures, no index.

Cells of text stand as they are, since :mod:`retention_lib.words` has written them or the client
has; great_tables escapes them. Numbers, dates and money are written in the client's locale.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from functools import partial
from itertools import chain, count
from typing import Any, Final

import numpy as np
import pandas as pd
from great_tables import GT
from IPython import get_ipython

from retention_lib.errors import ConfigError
from retention_lib.speech import Speech

MOST_ROWS: Final = 12

_FEW_MORE: Final = 4
_UNKNOWN: Final = "–"
# how a column of numbers is said, by the words of its name
_KINDS: Final = {
    "share 1": re.compile(r"(share|rate|retention|chance|p_alive|probability)$"),
    "money": re.compile(r"(spend|value|amount|revenue|money|clv|price|cost|monetary|sum|at_risk)"),
    "plain": re.compile(r"(^|_)(year|id|number|code|day_of_.*)$"),
}
_CENTS_BELOW: Final = 100
_defaults: Final = {"speech": Speech()}


class Table(GT):
    """A table that shows the same wherever it is shown, also as plain text.

    great_tables' own writes other HTML in some editors, and its objects' addresses as text.
    """

    def __repr__(self) -> str:
        """Return the caption over the rows."""
        rows = pd.DataFrame(self._tbl_data).to_string(index=False)
        return "\n\n".join(
            filter(None, [str(self._heading.title), rows, *map(str, self._source_notes)])
        )

    def _repr_html_(self) -> str:
        return str(self.as_raw_html())


def show(
    frame: pd.DataFrame | pd.Series[Any],
    caption: str = "",
    speech: Speech | None = None,
    *,
    name: str = "frame",
    texts: Sequence[int] | None = None,
    kinds: dict[Hashable, str] | None = None,
    most: int | None = MOST_ROWS,
) -> Table:
    """Return a frame as a table of the house; the last line of a cell shows it.

    Parameters
    ----------
    frame
        Of whatever kind; its index becomes columns if it says something. Its ``attrs`` may give
        a ``caption``, what was ``varied``, and ``notes`` to stand below.
    caption
        What the table holds.
    speech
        Whose locale and currency; by default the client's that was opened last.
    name
        Makes the table's id, the same on every run.
    texts
        Places of the columns that are words, aligned to the left; by default those of text.
    kinds
        How columns are said, where their names do not tell: ``{"x": "share 0", "y": "money"}``,
        as placeholders of messages; ``"plain"`` leaves a number as it is.
    most
        Rows that are shown, or a few more; how many are left is said below. None: all.
    """
    if not isinstance(frame, pd.DataFrame | pd.Series):
        raise ConfigError(
            f"tables.show shows frames of pandas, not a {type(frame).__name__}; of a table of the "
            "engine, `.to_pandas()` makes one."
        )
    speech = speech or _defaults["speech"]
    notes = list(frame.attrs.get("notes", ()))
    caption, varied = caption or frame.attrs.get("caption", ""), frame.attrs.get("varied")
    full = _flat(frame)
    cells = full if most is None or len(full) <= most + _FEW_MORE else full.head(most)
    if more := len(full) - len(cells):
        notes.append(speech.text("{more:count} more {more:row is|rows are} not shown.", more=more))
    columns = {header: cells.iloc[:, at] for at, header in enumerate(_headers(cells.columns))}
    left = [
        header
        for place, (header, column) in enumerate(columns.items())
        if (place in texts if texts is not None else _is_text(column))
    ]
    said = {
        header: _said(column, (kinds or {}).get(column.name), speech)
        for header, column in columns.items()
    }
    written = pd.DataFrame(said, index=cells.index, columns=list(said)).astype("str")
    table = Table(written, id=f"table-{name}").tab_header(title=str(caption), subtitle=varied)
    right = [header for header in written.columns if header not in left]
    for side, headers in (("left", left), ("right", right)):
        table = table.cols_align(side, columns=headers) if headers else table
    for note in notes:
        table = table.tab_source_note(note)
    return table


def _flat(frame: pd.DataFrame | pd.Series[Any]) -> pd.DataFrame:
    """Return a frame whose index, where it says something, stands in columns."""
    table = frame.to_frame() if isinstance(frame, pd.Series) else frame.copy(deep=False)
    if isinstance(table.columns, pd.MultiIndex):
        table.columns = pd.Index([" ".join(map(str, parts)).strip() for parts in table.columns])
    numbered = table.index.name is None and pd.api.types.is_integer_dtype(table.index.dtype)
    return table.reset_index(drop=numbered and table.index.nlevels == 1, allow_duplicates=True)


def _headers(names: Iterable[Hashable]) -> list[str]:
    """Return what heads each column; names that look the same are numbered."""
    found: list[str] = []
    for header in map(_header, names):
        numbered = (f"{header} ({n})" for n in count(2))
        found.append(next(one for one in chain([header], numbered) if one not in found))
    return found


def _header(name: Hashable) -> str:
    plain = str(name).replace("_", " ").strip()
    return plain[:1].upper() + plain[1:]


def _is_text(column: pd.Series[Any]) -> bool:
    return not (_is_number(column) or pd.api.types.is_datetime64_any_dtype(column))


def _is_number(column: pd.Series[Any]) -> bool:
    kind = column.dtype
    return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind)


# --- cells --------------------------------------------------------------------


def _said(column: pd.Series[Any], kind: str | None, speech: Speech) -> list[str]:
    write = _writer(column, kind, speech)
    missing = column.isna()
    return [
        _UNKNOWN if gone else _endless(value) or write(value)
        for value, gone in zip(column, missing, strict=True)
    ]


def _endless(value: Any) -> str:
    """Return how an infinite number is written; "" for any other value."""
    endless = isinstance(value, float) and math.isinf(value)
    return ("∞" if value > 0 else "\N{MINUS SIGN}∞") if endless else ""


def _writer(column: pd.Series[Any], kind: str | None, speech: Speech) -> Callable[[Any], str]:
    """Return how the cells of a column are written, all with the same precision."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return lambda value: speech.text("yes") if value else speech.text("no")
    if not _is_number(column):
        return partial(_written, speech)
    called = _key(column)
    kind = kind or next((kind for kind, name in _KINDS.items() if name.search(called)), "")
    numbers = column.dropna().astype("float64").loc[np.isfinite]
    largest, whole = float(numbers.abs().max() or 0), bool((numbers % 1 == 0).all())
    if kind == "plain":
        return lambda value: f"{value:.0f}" if whole else str(value)
    if kind == "money":
        return partial(speech.money, digits=0 if whole or largest >= _CENTS_BELOW else 2)
    if kind == "share 1" and not (largest <= 1 and not pd.api.types.is_integer_dtype(column)):
        kind = ""  # called a rate, but no fraction
    if kind:
        return partial(speech.said, kind=kind)
    return partial(speech.number, digits=0 if whole else _digits(largest))


def _key(column: pd.Series[Any]) -> str:
    return str(column.name).lower().replace(" ", "_")


def _digits(largest: float) -> int:
    """Return how many decimals tell numbers of a size apart: 0 from a thousand on."""
    size = np.floor(np.log10(largest or 1.0))
    return int(np.clip(3 - size, 0, 2) if size > -2 else 1 - size)


def _written(speech: Speech, value: Any) -> str:
    return speech.date(value) if isinstance(value, date) else str(value)


# --- what a notebook shows without being told -----------------------------------


def dress(speech: Speech) -> None:
    """Let frames at the end of a cell be shown as :func:`show` does, in a client's locale."""
    _defaults["speech"] = speech
    if shell := get_ipython():
        formatters = shell.display_formatter.formatters
        for kind in (pd.DataFrame, pd.Series):
            formatters["text/html"].for_type(kind, lambda frame: show(frame)._repr_html_())
            formatters["text/plain"].for_type(
                kind, lambda frame, printer, _: printer.pretty(show(frame))
            )


# --- the tables of the notebooks, whose cells are all text ------------------------


def _named(
    name: str,
    texts: Sequence[int],
    frame: pd.DataFrame,
    caption: str,
    *,
    empty: bool = True,
    most: int | None = None,
) -> Table | None:
    """Show a table by its place in the notebooks; where it may be empty, nothing then.

    A frame's ``attrs`` may name other ``texts``, the places of columns that are words.
    """
    texts = frame.attrs.get("texts", texts)
    shown = len(frame) or empty
    return show(frame, caption, name=name, texts=texts, most=most) if shown else None


files = partial(_named, "files", (0,), empty=False)
books = partial(_named, "books", (0,))
statuses = partial(_named, "statuses", (0, 1), empty=False, most=MOST_ROWS)
checks = partial(_named, "checks", (0, 5))
effects = partial(_named, "effects", (0,))
parameters = partial(_named, "parameters", (0, 1))
race = partial(_named, "race", (0,), empty=False)
columns = partial(_named, "columns", (0, 1, 2))
segments = partial(_named, "segments", (0,))
claims = partial(_named, "claims", (0, 3))
changes = partial(_named, "changes", (0,), empty=False)
lost = partial(_named, "lost", (0, *range(4, 99)), empty=False)
