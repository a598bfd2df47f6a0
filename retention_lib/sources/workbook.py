"""Workbooks: `.xlsx`, `.xlsm`, `.xlsb`, `.xls` and `.ods`, read by calamine."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from retention_lib.client import Format, shown
from retention_lib.errors import ConfigError
from retention_lib.sources.cell_values import Value
from retention_lib.sources.encoding import unpacked
from retention_lib.sources.sheets import Sheet
from retention_lib.sources.start import is_packed

__all__ = ["sheets"]

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def sheets(file: Path, format_: Format | None = None) -> list[Sheet]:
    """Open a workbook.

    Formulas give the values that were saved with them, errors (``#N/A``) nothing. A text or a date
    in cells merged downwards stands in each of their rows; a number stands in the first alone,
    since an amount must not count twice.

    Parameters
    ----------
    file
        The workbook.
    format_
        How the client's YAML says it is written.

    Raises
    ------
    ConfigError
        If it has a password, is damaged or no workbook, or counts days from 1904 while
        ``format.date`` reads plain numbers as days.
    """
    content = BytesIO(b"".join(unpacked(file))) if is_packed(file) else file
    try:
        book = CalamineWorkbook.from_object(content)
    except PasswordError:
        raise _locked(file) from None
    except (CalamineError, OSError, ValueError) as error:
        if _is_encrypted(content):
            raise _locked(file) from None
        raise ConfigError(
            f"{shown(file)} cannot be read as a workbook: {error}. Open it in a spreadsheet "
            "program, save it as .xlsx, and name that file."
        ) from None
    if format_ and format_.date == "excel" and _counts_from_1904(content):
        raise ConfigError(
            f"{shown(file)} counts days from 1904, so `format: {{date: excel}}` would read them "
            "four years too early; give its column of dates the format of a date, save it, and "
            "leave that line out."
        )
    tables = [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
    return [
        Sheet(
            meta.name,
            partial(_rows, file, book, meta.name),
            hidden=meta.visible != SheetVisibleEnum.Visible,
        )
        for meta in tables
    ]


def _rows(file: Path, book: CalamineWorkbook, name: str) -> Iterator[Sequence[Value]]:
    """Yield a sheet's rows from its first on, whose columns begin with A."""
    try:
        sheet = book.get_sheet_by_name(name)
    except (CalamineError, ValueError) as error:
        raise ConfigError(
            f"{shown(file)}: its sheet {name!r} cannot be read: {error}. Save the workbook anew."
        ) from None
    if sheet.start is None:
        return
    empty: list[Value] = [None] * sheet.start[1]
    merged = _merged(sheet)
    held: dict[tuple[int, int], Value] = {}
    for number, cells in enumerate(sheet.iter_rows()):
        row: list[Value] = [*empty, *cells]
        for column, first in merged.get(number, ()):
            if first == number:
                held[first, column] = row[column] if column < len(row) else None
            elif column < len(row) and _repeats(held.get((first, column))):
                row[column] = held[first, column]
        yield row


def _merged(sheet: CalamineSheet) -> dict[int, list[tuple[int, int]]]:
    """Return for each row the columns of cells merged downwards, and the row where each begins."""
    ranges = sheet.merged_cell_ranges or ()
    found: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _) in ranges:
        for number in range(top, bottom + 1) if bottom > top else ():
            found.setdefault(number, []).append((left, top))
    return found


def _repeats(value: Value) -> bool:
    return isinstance(value, str | date) and value != ""


def _locked(file: Path) -> ConfigError:
    return ConfigError(
        f"{shown(file)} has a password; open it, save it without one, and name that file."
    )


def _is_encrypted(content: Path | IO[bytes]) -> bool:
    with _stream(content) as stream:
        return _ENCRYPTED in stream.read(1 << 20)


def _stream(content: Path | IO[bytes]) -> AbstractContextManager[IO[bytes]]:
    if isinstance(content, Path):
        return content.open("rb")
    content.seek(0)
    return nullcontext(content)


def _counts_from_1904(content: Path | IO[bytes]) -> bool:
    """Whether an .xlsx or .xlsm counts days from 1904; the other kinds do not say it plainly."""
    if not zipfile.is_zipfile(content):
        return False
    with zipfile.ZipFile(content) as packed:
        if "xl/workbook.xml" not in packed.namelist():
            return False
        with packed.open("xl/workbook.xml") as part:
            return bool(re.search(rb'date1904="(1|true)"', part.read(1 << 20)))
