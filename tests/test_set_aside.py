"""The workbook of the rows set aside, as whoever mends the export opens it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import python_calamine

from retention_lib.speech import Speech
from retention_lib.study import set_aside

SPEECH = Speech()
COLUMNS = ["Klient", "reason_", "source_file", "line_number", "unreadable_line", "reason"]
ROWS = [
    ("=1+1", "007", "input/orders_10.csv", 4, None, "missing_date"),
    ("b", None, "input/orders_2.csv", 30, None, "duplicate_line"),
    (None, None, "input/orders_2.csv", 7, "a;b;c;d;e", "unreadable_line"),
]


def table(rows: list[tuple[Any, ...]]) -> ibis.Table:
    schema = dict.fromkeys(COLUMNS, "string") | {"line_number": "int64"}
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return ibis.duckdb.connect().create_table("aside", frame, schema=schema)


def written(rows: list[tuple[Any, ...]], folder: Path, **options: Any) -> list[list[Any]]:
    labels = ["input/orders_2.csv", "input/orders_10.csv"]
    path = folder / set_aside.WORKBOOK
    set_aside.write(table(rows), path, labels, {"reason_": "reason"}, SPEECH, **options)
    (sheet,) = python_calamine.CalamineWorkbook.from_path(path).sheet_names
    book = python_calamine.CalamineWorkbook.from_path(path)
    return book.get_sheet_by_name(sheet).to_python()


def test_each_row_has_its_place_its_reason_in_words_and_its_own_cells(tmp_path: Path) -> None:
    assert written(ROWS, tmp_path) == [
        [
            "File",
            "Line",
            "Why it was set aside",
            "Klient",
            "reason",
            "The line as it stands in the file",
        ],
        [
            "input/orders_2.csv",
            7.0,
            "Lines with too many or too few fields",
            "",
            "",
            "a;b;c;d;e",
        ],
        ["input/orders_2.csv", 30.0, "Copies of a line of the same order", "b", "", ""],
        ["input/orders_10.csv", 4.0, "Rows without a date", "=1+1", "007", ""],
    ]


def test_what_does_not_fit_is_said_on_the_last_line(tmp_path: Path) -> None:
    sheet = written(ROWS, tmp_path, most=1)
    assert sheet[1][:2] == ["input/orders_2.csv", 7.0]
    assert sheet[2][0] == "2 more rows stand in set_aside.parquet beside this workbook."
    assert len(sheet) == 3


def test_nothing_set_aside_is_a_header_alone(tmp_path: Path) -> None:
    assert written([], tmp_path) == [["File", "Line", "Why it was set aside", "Klient", "reason"]]


def test_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    written(ROWS, tmp_path / "a")
    written(ROWS[::-1], tmp_path / "b")
    one, other = (tmp_path / name / set_aside.WORKBOOK for name in "ab")
    assert one.read_bytes() == other.read_bytes()


def test_the_header_stays_in_sight_and_columns_are_as_wide_as_what_they_hold(
    tmp_path: Path,
) -> None:
    import zipfile

    written(ROWS, tmp_path)
    with zipfile.ZipFile(tmp_path / set_aside.WORKBOOK) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert 'ySplit="1"' in sheet and "<f>" not in sheet
    assert f'width="{len("input/orders_10.csv") + 2}.7' in sheet
