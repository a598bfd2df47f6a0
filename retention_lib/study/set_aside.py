"""The rows set aside as a workbook, for whoever mends the export: where each stands, why, and what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final

import ibis
from ibis import _

from retention_lib.results import whole
from retention_lib.speech import Speech
from retention_lib.study import xlsx
from retention_lib.words import checks
from retention_lib.words.data_audit import set_aside as words

WORKBOOK: Final = "set_aside.xlsx"
_BATCH: Final = 5_000
_ORIGIN, _LINE, _REASON, _UNREAD = "source_file", "line_number", "reason", "unreadable_line"


def write(
    rows: ibis.Table,
    path: Path,
    labels: Sequence[str],
    given: Mapping[str, str],
    speech: Speech,
    most: int = words.MOST_ROWS,
) -> None:
    """Write the rows set aside as a workbook, in the order of files and lines; all texts stay texts.

    Parameters
    ----------
    rows
        As :func:`retention_lib.transactions.set_aside` gives them.
    labels
        The files in their order.
    given
        What the client calls each column, by its name in ``rows``.
    most
        How many rows it holds; a last line says how many more there are.
    """
    own = [name for name in rows.columns if name not in (_ORIGIN, _LINE, _REASON, _UNREAD)]
    has_unread = bool(rows[_UNREAD].count().execute())
    headers = [*words.headers(speech), *(given.get(name, name) for name in own)]
    headers += [words.unread(speech)] if has_unread else []
    columns = [_ORIGIN, _LINE, _REASON, *own, *([_UNREAD] if has_unread else [])]
    more = int(rows.count().execute()) - most
    last = [[words.rest(more, speech)]] if more > 0 else []
    lines = _lines(ordered(rows, labels).limit(most).select(*columns), speech)
    with whole(path) as half:
        xlsx.stream(headers, chain(lines, last), half)


def ordered(rows: ibis.Table, labels: Sequence[str]) -> ibis.Table:
    """Return rows in the order of files and lines; those of a database in that of their numbers.

    Parameters
    ----------
    labels
        The files in their order.
    """
    if _LINE not in rows.columns:
        rows = rows.mutate(**{_LINE: ibis.null("int64")})
    place = ibis.literal(list(labels), type="array<string>").index(rows[_ORIGIN])
    return rows.order_by(place, _[_ORIGIN], _[_LINE])


def _lines(rows: ibis.Table, speech: Speech) -> Iterator[list[Any]]:
    """Yield what each row holds, its reason in words."""
    for batch in rows.to_pyarrow().to_batches(_BATCH):  # at most as many as the workbook holds
        for row in batch.to_pylist():
            values = list(row.values())
            values[2] = checks.name(str(row[_REASON]), speech)
            yield values
