"""Cells that have a type, as the text that delimited files would hold.

A workbook's dates and numbers are written as ``format`` of the YAML says the texts are, so that a
column in which some cells are real dates and some were typed by hand reads as one. Nothing is
guessed: a number in a column of dates stays a number, which is no date unless ``format.date`` is
``excel``; then the real dates are written as numbers, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from retention_lib.client import COUNTED_DATES, Format

__all__ = ["Value", "decimal_text", "writer"]

Value = str | int | float | bool | date | datetime | time | timedelta | None

_FIRST_DAY: Final = datetime(1899, 12, 30)
_EXACT: Final = 15  # digits that a workbook keeps


def writer(format_: Format) -> Callable[[Value], str | None]:
    """Return the function that writes one cell as text.

    Parameters
    ----------
    format_
        How the file's texts are written: dates are written by ``date`` (ISO without it, and without
        a time where that is midnight), numbers with the mark ``decimal``.

    Returns
    -------
    callable
        From a cell to its text: null for an empty one, ``17850`` for 17850.0, the 15 digits that a
        workbook keeps of 0.1 + 0.2, ``TRUE`` for true. A number of more digits than that is in
        scientific notation, since they are lost.
    """
    mark = format_.decimal or "."
    of_day = _dates(format_)

    def written(cell: Value) -> str | None:
        if isinstance(cell, str):
            return cell or None
        if isinstance(cell, bool):
            return "TRUE" if cell else "FALSE"
        if isinstance(cell, int | float):
            return _number(cell).replace(".", mark)
        if isinstance(cell, date):
            return of_day(_moment(cell))
        return None if cell is None else str(cell)

    return written


def decimal_text(number: str, format_: Format) -> str:
    """Return a number that is written with a point as ``format.decimal`` writes it."""
    return number.replace(".", format_.decimal) if format_.decimal else number


def _number(value: float) -> str:
    if not math.isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < 10**_EXACT:
        return str(int(value))
    short = Decimal(f"{value:.{_EXACT}g}")
    return format(short, "f") if abs(value) < 10**_EXACT else f"{short.normalize():E}"


def _moment(cell: date) -> datetime:
    """Return a date as a moment, to the second: parts of a day are stored inexactly."""
    if not isinstance(cell, datetime):
        return datetime(cell.year, cell.month, cell.day)
    return (cell + timedelta(microseconds=500_000)).replace(microsecond=0)


def _dates(format_: Format) -> Callable[[datetime], str]:
    declared = format_.date
    if declared == "excel":
        return lambda at: _number((at - _FIRST_DAY) / timedelta(days=1)).replace(
            ".", format_.decimal or "."
        )
    if declared is None or declared in COUNTED_DATES:
        return lambda at: at.date().isoformat() if at.time() == time() else at.isoformat(" ")
    plain = declared.replace("%-", "%")  # not every system writes days without their zero
    return lambda at: at.strftime(plain)
