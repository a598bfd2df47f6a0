"""What customers gave as their reasons to leave: a small file beside the sales."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_lib import sources
from retention_lib.client import WHITESPACE, Client, Format, nearest, shown
from retention_lib.errors import ConfigError
from retention_lib.transactions import cells

_MOST: Final = 100_000


class _Column(NamedTuple):
    """A column: how its cells are typed, what to write where one cannot be, whether it is needed."""

    name: str
    typed: Callable[[ir.Value, Format], ir.Value]
    remedy: Callable[[Format], str]
    needed: bool = False


def _dates(format_: Format) -> str:
    how = f"as {format_.date} (`format` in client.yaml)" if format_.date else "as in 2024-12-31"
    return f"the day of the answer {how}"


_COLUMNS: Final = (
    _Column(
        "customer_id",
        lambda cell, _: cells.customer_id(cell)[0],
        lambda _: "the customer's id as in the sales",
        needed=True,
    ),
    _Column("date", lambda cell, form: cells.day(cell, form.date), _dates, needed=True),
    _Column(
        "score",
        lambda cell, form: cells.number(cell, cells.marks_of(form)),
        lambda form: f"a number, with {form.decimal or '.'!r} before decimals, or nothing",
    ),
    _Column("reason", lambda cell, _: cell.cast(str), lambda _: "a text, or nothing"),
)
_NAMES: Final = [column.name for column in _COLUMNS]


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
    return typed[_NAMES]


def _check_columns(format_: Format, file: Path, names: Sequence[str]) -> None:
    """Refuse a header that lacks a column, has one twice or one that means nothing."""
    where = f"{shown(file)}: the column"
    remedy = f"the header should be `{_mark(format_).join(_NAMES)}`."
    for name in names:
        if name not in _NAMES:
            like = nearest(name, _NAMES)
            instead = f"do you mean {like[0]!r}? If not, " if like else ""
            raise ConfigError(f"{where} {name[:60]!r} has no meaning here; {instead}{remedy}")
        if names.count(name) > 1:
            raise ConfigError(f"{where} {name!r} is there twice; {remedy}")
    for column in _COLUMNS:
        if column.needed and column.name not in names:
            raise ConfigError(f"{where} {column.name!r} is missing; {remedy}")


def _mark(format_: Format) -> str:
    return format_.delimiter if format_.delimiter not in (None, WHITESPACE) else ","


def _typed(rows: ibis.Table, format_: Format) -> ibis.Table:
    """Return the columns typed as those of the sales, and as text under ``raw_…``."""
    absent = {name: ibis.null(str) for name in _NAMES if name not in rows.columns}
    rows = rows.mutate(**absent)
    plain = rows.mutate(**{name: cells.bare(rows[name]) for name in _NAMES}).view()
    return plain.select(
        "line_number",
        "unreadable_line",
        **{f"raw_{name}": plain[name].cast(str) for name in _NAMES},
        **{column.name: column.typed(plain[column.name], format_) for column in _COLUMNS},
    ).order_by("line_number")


def _check(typed: pd.DataFrame, file: Path, format_: Format) -> None:
    """Refuse too many rows, a line that does not fit, a cell that is missing or cannot be read."""
    if len(typed) > _MOST:
        raise ConfigError(
            f"{shown(file)} has more than {_MOST:,} rows, but no more are read of what customers "
            "said; name a file of the latest answers."
        )
    fits = typed["unreadable_line"].isna()
    if not fits.all():
        quoted = (
            f"the columns of the header, with double quotes around a text that holds "
            f"{_mark(format_)!r}, quotes or a line break, and each quote within it written twice"
        )
        _refuse(typed[~fits], file, "", "unreadable_line", quoted)
    for name, _, remedy, needed in _COLUMNS:
        wrong = typed[name].isna() & (needed | typed[f"raw_{name}"].notna())
        if wrong.any():
            _refuse(typed[wrong], file, f", column {name!r}", f"raw_{name}", remedy(format_))


def _refuse(wrong: pd.DataFrame, file: Path, column: str, raw: str, remedy: str) -> NoReturn:
    first = wrong.iloc[0]
    found = "is empty" if pd.isna(first[raw]) else f"{first[raw][:60]!r} cannot be read"
    more = f" (and {len(wrong) - 1:,} more)" if len(wrong) > 1 else ""
    raise ConfigError(
        f"{shown(file)}, line {first['line_number']}{column}: {found}{more}; write {remedy}."
    )
