"""Workbooks hold what the tables held; read back as XML, without a library that interprets."""

from __future__ import annotations

import re
import time
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention_lib.study import xlsx

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
EPOCH = datetime(1899, 12, 30)


def part(path: Path, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(path) as book:
        return ElementTree.fromstring(book.read(f"xl/{name}.xml"))


def unescaped(text: str) -> str:
    """Undo what workbooks write for characters that XML cannot hold (ECMA-376, ST_Xstring)."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def cells(path: Path, sheet: int = 1) -> dict[str, tuple[str, Any]]:
    """Return kind and value of every cell: s (text), b (truth), n (number), f (formula)."""
    texts = []
    if "xl/sharedStrings.xml" in zipfile.ZipFile(path).namelist():
        for entry in part(path, "sharedStrings").iter(f"{MAIN}si"):
            texts.append(unescaped("".join(t.text or "" for t in entry.iter(f"{MAIN}t"))))
    found: dict[str, tuple[str, Any]] = {}
    for cell in part(path, f"worksheets/sheet{sheet}").iter(f"{MAIN}c"):
        kind, value = cell.get("t", "n"), cell.findtext(f"{MAIN}v")
        assert cell.find(f"{MAIN}f") is None, "a formula"
        if value is not None:
            found[str(cell.get("r"))] = (
                kind,
                texts[int(value)] if kind == "s" else float(value),
            )
    return found


def written(tmp_path: Path, **columns: list[Any]) -> dict[str, tuple[str, Any]]:
    xlsx.write({"one": pd.DataFrame(columns)}, tmp_path / "a.xlsx")
    return cells(tmp_path / "a.xlsx")


NASTY = ["=1+1", "007", "+48 22", "-1", "@SUM(A1)", "1e5", "TRUE", "http://x.pl", "{=1}", "mailto:a",
         "", " x ", "<b>&\"'", "a\nb", "Łódź 🛒", "_x0041_", "\x01", "internal:A1", "2024-01-01"]  # fmt: skip


def test_texts_stay_texts(tmp_path: Path) -> None:
    found = written(tmp_path, **{"=2+2": NASTY})
    assert found.pop("A1") == ("s", "=2+2")
    assert found == {f"A{row}": ("s", text) for row, text in enumerate(NASTY, start=2)}


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(texts=st.lists(st.text(), min_size=1, max_size=20))
def test_any_text_stays_itself(tmp_path: Path, texts: list[str]) -> None:
    found = written(tmp_path, a=texts)
    # XML makes one line break of each kind of them, and has none of two characters at the end
    plain = [("s", re.sub("\r\n?", "\n", text)) for text in texts]
    known = [
        (kind, re.sub("\r\n?", "\n", text)) for cell, (kind, text) in found.items() if cell != "A1"
    ]
    assert known == plain


def test_numbers_truths_and_dates_keep_their_kind(tmp_path: Path) -> None:
    found = written(
        tmp_path,
        whole=pd.array([1, None], dtype="Int64"),
        part=[0.1, np.nan],
        exact=[Decimal("2.5"), None],
        truth=[True, None],
        day=[date(2024, 2, 29), None],
        stamp=pd.to_datetime(["2024-02-29", None]),
        moment=[pd.Timestamp("2024-02-29 18:00"), pd.NaT],
        endless=[np.inf, None],
    )
    at = float((datetime(2024, 2, 29) - EPOCH).days)
    assert [found.get(f"{letter}2") for letter in "ABCDEFGH"] == [
        ("n", 1), ("n", 0.1), ("n", 2.5), ("b", 1), ("n", at), ("n", at), ("n", at + 0.75), ("s", "inf"),
    ]  # fmt: skip
    assert not any(cell.endswith("3") for cell in found)


def test_dates_are_shown_as_dates(tmp_path: Path) -> None:
    written(tmp_path, day=[date(2024, 2, 29)], n=[1.0])
    sheet, styles = (
        part(tmp_path / "a.xlsx", "worksheets/sheet1"),
        part(tmp_path / "a.xlsx", "styles"),
    )
    forms = {
        entry.get("numFmtId"): entry.get("formatCode") for entry in styles.iter(f"{MAIN}numFmt")
    }
    xfs = styles.find(f"{MAIN}cellXfs")
    assert xfs is not None
    style = {c.get("r"): xfs[int(c.get("s", "0"))].get("numFmtId") for c in sheet.iter(f"{MAIN}c")}
    assert forms[style["A2"]] == "yyyy-mm-dd" and style["B2"] == "0"


def test_the_header_is_bold_and_stays_in_sight(tmp_path: Path) -> None:
    written(tmp_path, a=["x"])
    sheet, styles = (
        part(tmp_path / "a.xlsx", "worksheets/sheet1"),
        part(tmp_path / "a.xlsx", "styles"),
    )
    pane = next(sheet.iter(f"{MAIN}pane"))
    assert (pane.get("state"), pane.get("ySplit"), pane.get("xSplit")) == ("frozen", "1", None)
    xfs, fonts = styles.find(f"{MAIN}cellXfs"), styles.find(f"{MAIN}fonts")
    assert xfs is not None and fonts is not None
    bold = {
        cell.get("r"): fonts[int(xfs[int(cell.get("s", "0"))].get("fontId", "0"))].find(f"{MAIN}b")
        for cell in sheet.iter(f"{MAIN}c")
    }
    assert bold["A1"] is not None and bold["A2"] is None


def test_columns_are_as_wide_as_what_they_hold(tmp_path: Path) -> None:
    written(tmp_path, a=["x" * 30], b=["x" * 500], long_header=[1], d=["a\n" * 50], e=[1 / 3])
    found = part(tmp_path / "a.xlsx", "worksheets/sheet1").iter(f"{MAIN}col")
    widths = [round(float(column.get("width", "0"))) for column in found]
    assert widths == [
        33,
        61,
        14,
        4,
        15,
    ]  # to what is asked for, workbooks add a margin of under one


def test_each_table_has_its_sheet_and_may_be_empty(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    xlsx.write({"Łąki & co": pd.DataFrame({"a": ["x"]}), "two": pd.DataFrame({"b": []})}, file)
    names = [sheet.get("name") for sheet in part(file, "workbook").iter(f"{MAIN}sheet")]
    assert names == ["Łąki & co", "two"]
    assert cells(file, 2) == {"A1": ("s", "b")}


def test_the_same_tables_are_the_same_bytes(tmp_path: Path) -> None:
    tables = {"one": pd.DataFrame({"a": ["x", "y"], "b": [1, 2]})}
    xlsx.write(tables, tmp_path / "a.xlsx")
    time.sleep(2.1)  # the times within a zip archive are even seconds
    xlsx.write(tables, tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_failure_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.xlsx"
    file.write_bytes(b"before")
    monkeypatch.setattr(xlsx, "_MOST_ROWS", 2)
    with pytest.raises(ValueError, match="3 rows of 'one' do not fit"):
        xlsx.write({"one": pd.DataFrame({"a": [1, 2, 3]})}, file)
    assert file.read_bytes() == b"before" and list(tmp_path.iterdir()) == [file]


def test_a_text_longer_than_a_cell_is_cut(tmp_path: Path) -> None:
    assert written(tmp_path, a=["x" * 40_000])["A2"] == ("s", "x" * 32_767)
