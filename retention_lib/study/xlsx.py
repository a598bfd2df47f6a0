"""Tables as a workbook, in which texts stay texts whatever they look like."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from numbers import Real
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from retention_lib.results import whole

_MOST_ROWS: Final = 1_048_575  # of a sheet, below the header
_WIDEST: Final = 60  # characters
_WIDEST_NUMBER: Final = 12
_CREATED: Final = datetime(2000, 1, 1)  # means nothing: the same tables are to be the same bytes
_DAY, _MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"


def write(sheets: Mapping[str, pd.DataFrame], path: Path) -> None:
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

    Raises
    ------
    ValueError
        If a table has more rows than a sheet, which is 1,048,575 below the header.
    """
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        workbook.set_properties({"created": _CREATED})
        bold = workbook.add_format({"bold": True, "align": "left"})
        shapes = {form: workbook.add_format({"num_format": form}) for form in (_DAY, _MOMENT)}
        for name, table in sheets.items():
            if len(table) > _MOST_ROWS:
                raise ValueError(f"{len(table):,} rows of {name!r} do not fit on a sheet")
            sheet = workbook.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for column, (header, values) in enumerate(table.items()):
                sheet.write_string(0, column, str(header), bold)
                at = enumerate(values, start=1)
                widths = [_put(sheet, row, column, value, shapes) for row, value in at]
                widest = max([len(str(header)), *widths])
                sheet.set_column(column, column, min(widest + 2, _WIDEST))
    with whole(path) as half:
        half.write_bytes(content.getvalue())


def _put(sheet: Worksheet, row: int, column: int, value: Any, shapes: Mapping[str, Format]) -> int:
    """Write one value by its kind; return how many characters wide it is."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return 0
    if isinstance(value, bool | np.bool_):
        sheet.write_boolean(row, column, bool(value))
        return len("FALSE")
    if isinstance(value, Real | Decimal) and math.isfinite(value):
        sheet.write_number(row, column, float(value))
        return min(len(str(value)), _WIDEST_NUMBER)
    if isinstance(value, date):
        form, plain = _DAY, value
        if isinstance(value, datetime):
            plain = value.replace(tzinfo=None)  # as the clock showed it
            form = _DAY if value.time() == time.min else _MOMENT
        sheet.write_datetime(row, column, plain, shapes[form])
        return len(form)
    sheet.write_string(row, column, str(value))
    return max(map(len, str(value).splitlines()), default=0)
