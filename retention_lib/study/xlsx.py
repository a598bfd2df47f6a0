"""Tables as a workbook, in which texts stay texts whatever they look like."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pandas as pd
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from retention_lib.results import whole

_MOST_ROWS: Final = 1_048_575  # of a sheet, below the header
_LONGEST: Final = 32_767  # characters of a cell
_WIDEST: Final = 60  # characters
_WIDEST_NUMBER: Final = 12
_MEASURED: Final = 1_000  # lines that say how wide columns are, where lines are streamed
_CREATED: Final = datetime(2000, 1, 1)  # means nothing: the same tables are to be the same bytes
_MISSING: Final = "\ufdd0"  # stands for nothing in Unicode


def write(sheets: Mapping[str, pd.DataFrame], path: Path, wrapped: Collection[str] = ()) -> None:
    r"""Write each table on a sheet of its own: whole or not at all, and the same bytes each time.

    Texts are never formulas, numbers or links: ``=1+1`` and ``007`` stay as they are. The header
    is bold and stays in sight; columns are as wide as what they hold, up to 60 characters.

    Parameters
    ----------
    sheets
        Tables of texts, numbers, truths and dates by the name of their sheet (up to 31
        characters, none of ``[]:*?/\``). What is missing is an empty cell; the index is left out.
    path
        The workbook (``.xlsx``); replaced if it is there.
    wrapped
        The sheets whose texts go on below where the column ends.

    Raises
    ------
    ValueError
        If a table has more rows than a sheet, which is 1,048,575 below the header.
    """
    content = BytesIO()
    with pd.ExcelWriter(
        content,
        "xlsxwriter",
        date_format="yyyy-mm-dd",
        datetime_format="yyyy-mm-dd hh:mm:ss",
        engine_kwargs={"options": {"in_memory": True}},
    ) as writer:
        writer.book.set_properties({"created": _CREATED})
        for name, table in sheets.items():
            if len(table) > _MOST_ROWS:
                raise ValueError(f"{len(table):,} rows of {name!r} do not fit on a sheet")
            sheet = writer.book.add_worksheet(name)
            form = writer.book.add_format({"text_wrap": True, "valign": "top"})
            put = partial(_put_text, wrap=form if name in wrapped else None)
            sheet.add_write_handler(str, put)
            sheet.set_row(0, None, writer.book.add_format({"bold": True}))
            plain = table.apply(_plain)
            plain.to_excel(
                writer, sheet_name=name, na_rep=_MISSING, index=False, freeze_panes=(1, 0)
            )
            for column, (header, values) in enumerate(plain.items()):
                sheet.set_column(column, column, _width(str(header), values))
    with whole(path) as half:
        half.write_bytes(content.getvalue())


def stream(headers: Sequence[str], lines: Iterable[Sequence[Any]], path: Path) -> None:
    """Write one sheet line by line, so that only one is held at a time; the same bytes each time.

    Whole numbers stay numbers; all else is written as text, as in :func:`write`. Columns are as wide
    as what the first lines hold.

    Parameters
    ----------
    headers
        What stands over the columns, in bold; it stays in sight.
    lines
        The cells of each line, from the left; None is an empty cell.
    path
        Where it is written.
    """
    widths = [len(header) for header in headers]
    options = {"constant_memory": True, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": _CREATED})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for column, header in enumerate(headers):
            sheet.write_string(0, column, header, bold)
        for number, line in enumerate(lines, start=1):
            for column, value in enumerate(line):
                if type(value) is int:
                    sheet.write_number(number, column, value)
                elif value is not None:
                    sheet.write_string(number, column, str(value)[:_LONGEST])
            if number <= _MEASURED:
                for column, value in enumerate(line):
                    widths[column] = max(widths[column], _longest(value))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width + 2, _WIDEST))


def _longest(value: Any) -> int:
    """Return how many characters the longest line of a cell has."""
    return max(map(len, str(value).splitlines()), default=0) if value is not None else 0


def _put_text(
    sheet: Worksheet, row: int, column: int, text: str, *form: Any, wrap: Any = None
) -> int:
    """Write a text as one, whatever it looks like, and nothing where a value is missing."""
    if text == _MISSING:
        return 0
    written: int = sheet.write_string(row, column, text, *((wrap,) if wrap and row else form))
    return written


def _plain(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return texts no longer than a cell, and moments as the clock showed them, or as days."""
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values.map(lambda value: value[:_LONGEST] if isinstance(value, str) else value)
    moments: pd.Series[Any] = values.dt.tz_localize(None)
    is_day = (moments.dropna() == moments.dropna().dt.normalize()).all()
    return moments.dt.date.astype(object) if is_day else moments


def _width(header: str, values: pd.Series[Any]) -> int:
    """Return how many characters wide a column should be."""
    longest = _WIDEST_NUMBER if pd.api.types.is_numeric_dtype(values.dtype) else _WIDEST
    lines = (line for value in values.dropna() for line in str(value).splitlines())
    return min(max(len(header), min(longest, max(map(len, lines), default=0))) + 2, _WIDEST)
