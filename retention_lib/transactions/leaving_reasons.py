"""What customers gave as their reasons to leave: a small file beside the sales."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import ibis
import pandas as pd

from retention_lib import sources
from retention_lib.client import WHITESPACE, Client, Format, nearest, shown
from retention_lib.errors import ConfigError
from retention_lib.transactions import cells

_COLUMNS: Final = ("customer_id", "date", "score", "reason")
_NEEDED: Final = ("customer_id", "date")
_MOST: Final = 100_000


def reasons(client: Client) -> pd.DataFrame | None:
    """Return what customers gave as their reasons: the file that ``reasons`` of the YAML names.

    Its columns are ``customer_id,date,score,reason``, in any order, score and reason optional. It is
    of any kind that the sales may be of, and read as they are: see :func:`retention_lib.sources.beside`.

    Returns
    -------
    pandas.DataFrame or None
        One row per answer, in the file's order; None where the client has no such file:

        - customer_id: text, by the rule of the sales: ``007`` stays, ``17850.0`` is ``17850``
        - date: day of the answer
        - score: float, missing where none was given
        - reason: text, missing where none was given

    Raises
    ------
    ConfigError
        If the file is missing or too large for a survey, or a column, date, score or id is not as
        it should be; the message names the file, the column, the line and what to write.
    DataError
        If there is nothing below the header.
    """
    if client.reasons is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        engine = sources.connect(Path(folder) / "spill")
        check = partial(_check_columns, client.format)
        file, rows = sources.beside(client, "reasons", check, engine, Path(folder))
        typed = pd.DataFrame(_typed(rows, client.format).limit(_MOST + 1).to_pandas())
        engine.disconnect()
    _check(typed, file, client.format)
    return typed[list(_COLUMNS)]


def _check_columns(format_: Format, file: Path, names: Sequence[str]) -> None:
    """Refuse a header that lacks a column, has one twice or one that means nothing."""
    where = f"{shown(file)}: the column"
    remedy = f"the header should be `{_mark(format_).join(_COLUMNS)}`."
    for name in names:
        if name not in _COLUMNS:
            like = nearest(name, _COLUMNS)
            instead = f"do you mean {like[0]!r}? If not, " if like else ""
            raise ConfigError(f"{where} {name[:60]!r} has no meaning here; {instead}{remedy}")
        if names.count(name) > 1:
            raise ConfigError(f"{where} {name!r} is there twice; {remedy}")
    for name in _NEEDED:
        if name not in names:
            raise ConfigError(f"{where} {name!r} is missing; {remedy}")


def _mark(format_: Format) -> str:
    return format_.delimiter if format_.delimiter not in (None, WHITESPACE) else ","


def _typed(rows: ibis.Table, format_: Format) -> ibis.Table:
    """Return the columns typed as those of the sales; ``raw_…`` hold dates and scores as text."""
    absent = {name: ibis.null(str) for name in _COLUMNS if name not in rows.columns}
    rows = rows.mutate(**absent)
    plain = rows.mutate(**{name: cells.bare(rows[name]) for name in _COLUMNS}).view()
    marks = cells.Marks(format_.decimal or ".", format_.thousands)
    return plain.select(
        "line_number",
        "unreadable_line",
        customer_id=cells.customer_id(plain.customer_id)[0],
        raw_date=plain.date.cast(str),
        date=cells.day(plain.date, format_.date),
        raw_score=plain.score.cast(str),
        score=cells.number(plain.score, marks),
        reason=plain.reason.cast(str),
    ).order_by("line_number")


def _check(typed: pd.DataFrame, file: Path, format_: Format) -> None:
    """Refuse too many rows, a line that does not fit, a cell that is missing or cannot be read."""
    if len(typed) > _MOST:
        raise ConfigError(
            f"{shown(file)} has more than {_MOST:,} rows, but no more are read of what customers "
            "said; name a file of the latest answers."
        )
    mark = _mark(format_)
    quoted = (
        f"its columns, as the header has them: put double quotes around a text that holds {mark!r}, "
        "quotes or a line break, and write each quote within it twice"
    )
    how = f"as {format_.date} (`format` in client.yaml)" if format_.date else "as in 2024-12-31"
    score = f"a number, with {format_.decimal or '.'!r} before decimals, or nothing"
    fits = typed["unreadable_line"].isna()
    faults = [
        ("", ~fits, "unreadable_line", quoted),
        (
            ", column 'customer_id'",
            fits & typed["customer_id"].isna(),
            None,
            "the customer's id as in the sales",
        ),
        (
            ", column 'date'",
            fits & typed["date"].isna(),
            "raw_date",
            f"the day of the answer {how}",
        ),
        (
            ", column 'score'",
            typed["raw_score"].notna() & typed["score"].isna(),
            "raw_score",
            score,
        ),
    ]
    for column, wrong, raw, remedy in faults:
        if wrong.any():
            row = typed[wrong].iloc[0]
            cell = row[raw] if raw else None
            found = "is empty" if pd.isna(cell) else f"{cell[:60]!r} cannot be read"
            more = f" (and {wrong.sum() - 1:,} more)" if wrong.sum() > 1 else ""
            raise ConfigError(
                f"{shown(file)}, line {row['line_number']}{column}: {found}{more}; write {remedy}."
            )
