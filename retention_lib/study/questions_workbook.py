"""What the client is asked as a workbook ready to be sent: the questions, then the rows of each.

It names customers by their real ids, so it stands in ``private`` alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import ibis
import pandas as pd

from retention_lib import transactions
from retention_lib.client import Client
from retention_lib.data_audit.questions import MOST_LISTED, spans
from retention_lib.results import Audit, Question
from retention_lib.speech import Speech
from retention_lib.study import set_aside, xlsx
from retention_lib.study.audit_inputs import touched
from retention_lib.summaries.occasions import within
from retention_lib.words.data_audit import control
from retention_lib.words.data_audit import questions as words
from retention_lib.words.data_audit import set_aside as aside_words

WORKBOOK: Final = "questions.xlsx"
_ORIGIN, _LINE, _UNREAD = "source_file", "line_number", "unreadable_line"
_ROWS, _MONEY = 1, 2  # the columns of the table of questions that hold numbers


@dataclass(frozen=True)
class Listing:
    """Where the rows of a question are found.

    Attributes
    ----------
    client
        The client.
    rows
        All typed rows with their ``reason``.
    source
        The cells as they were read, with ``source_file``, ``line_number`` and ``unreadable_line``.
    labels
        The files in their order.
    given
        What the client calls each column of ``source``.
    as_of
        The day looked from.
    """

    client: Client
    rows: ibis.Table
    source: ibis.Table
    labels: Sequence[str]
    given: Mapping[str, str]
    as_of: date


def write(result: Audit, listing: Listing, path: Path, speech: Speech) -> None:
    """Write the questions on the first sheet, and the rows of each on a sheet of its own.

    Each row has its file, its line and its cells as the client wrote them; at most 1,000 of a
    question are listed, and a last line says how many more there are. All texts stay texts.
    """
    first = words.sheet(0, speech)
    sheets = {first: _first(result, speech)}
    for number, question in enumerate(result.questions, start=1):
        if question.listed:
            sheets[words.sheet(number, speech)] = _of(question, result, listing, speech)
    xlsx.write(sheets, path, wrapped=[first])


def _first(result: Audit, speech: Speech) -> pd.DataFrame:
    table = words.rows(result, speech)
    counted = {
        table.columns[_ROWS]: [it.rows for it in result.questions],
        table.columns[_MONEY]: [it.money for it in result.questions],
    }
    numbers = {name: pd.Series(values, dtype=float) for name, values in counted.items()}
    return table.assign(**numbers, **{words.answer(speech): ""})


def _of(question: Question, result: Audit, listing: Listing, speech: Speech) -> pd.DataFrame:
    if question.name == "control":
        return control.rows(result, speech)
    parts = _touched(question, result, listing)
    total = sum(int(rows.count().execute()) for rows in parts)
    tables = [_cells(rows, MOST_LISTED // len(parts), listing, speech) for rows in parts]
    table = pd.concat(tables, ignore_index=True)
    if total > len(table):
        last = [words.rest(total - len(table), speech)]
        last += [""] * (len(table.columns) - 1)
        table.loc[len(table)] = last
    return table


def _touched(question: Question, result: Audit, listing: Listing) -> list[ibis.Table]:
    """Return the rows that a question is about: of a check, or of each span of days of a break."""
    if question.start is None:
        found = touched(listing.client, listing.rows, question.name)
        assert found is not None  # or no row of it would be listed
        return [found]
    used = transactions.kept(listing.rows)
    days = spans(question, result.breaks, listing.as_of)
    return [used.filter(within(*span)) for span in days]


def _cells(found: ibis.Table, most: int, listing: Listing, speech: Speech) -> pd.DataFrame:
    """Return the first rows with file, line and the client's own cells, all but the line as text."""
    some = set_aside.ordered(found, listing.labels).limit(most)
    keys = some.select(_ORIGIN, _LINE).to_pyarrow()  # at most as many as a sheet lists
    own = listing.source.semi_join(ibis.memtable(keys), [_ORIGIN, _LINE])
    table = set_aside.ordered(own, listing.labels).to_pandas()
    names = [name for name in own.columns if name not in (_ORIGIN, _LINE, _UNREAD)]
    if table[_UNREAD].notna().any():
        names.append(_UNREAD)
    shown = pd.DataFrame({at: _texts(table[name]) for at, name in enumerate([_ORIGIN, *names], 1)})
    shown.insert(1, 0, table[_LINE].astype(object))
    shown.columns = pd.Index(_headers(names, listing.given, speech))
    return shown


def _texts(cells: pd.Series) -> pd.Series:
    return cells.map(lambda cell: None if pd.isna(cell) else str(cell)).astype(object)


def _headers(names: Sequence[str], given: Mapping[str, str], speech: Speech) -> list[str]:
    own = {_UNREAD: aside_words.unread(speech)} | dict(given)
    return [*words.place(speech), *(own.get(name, name) for name in names)]


__all__ = ["WORKBOOK", "Listing", "write"]
