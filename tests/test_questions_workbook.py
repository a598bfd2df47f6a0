"""The workbook of questions, as the client opens it."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest
import python_calamine

from retention_lib.client import load_client
from retention_lib.results import Audit, Break, Question
from retention_lib.speech import Speech
from retention_lib.study import Study, questions_workbook
from tests import made
from tests.notebooks.running import regulars, write_client

SPEECH = Speech(currency="EUR")
LONG, CONTROL = "x" * 40_000, "a\x01b\x0b\ud7ff"
CLIENT = load_client("cdnow")
Sheets = dict[str, list[list[Any]]]


def read(path: Path) -> Sheets:
    book = python_calamine.CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def question(name: str, rows: int | None, **known: Any) -> Question:
    plain = {"name": name, "rows": rows, "money": 9.5, "start": None, "touches": ["revenue"]}
    return Question.model_validate(plain | {"listed": min(rows or 0, 1_000)} | known)


def asked(*questions: Question, **known: Any) -> Audit:
    found: Audit = made.changed(made.shop_audit(), questions=list(questions), **known)
    return found


def listing(cells: list[tuple[str, int, str | None, str | None]]) -> questions_workbook.Listing:
    """Return rows of two files: file, line, the client's cell, and the reason to set it aside."""
    names = ["source_file", "line_number", "Klient", "reason"]
    frame = pd.DataFrame(cells, columns=names).assign(unreadable_line=None, also=None, amount=1.0)
    frame["day"] = pd.Timestamp("2024-03-04") + pd.to_timedelta(frame["line_number"], unit="D")
    engine = ibis.duckdb.connect()
    types = dict.fromkeys(("source_file", "Klient", "reason", "also", "unreadable_line"), "string")
    schema = types | {"line_number": "int64", "amount": "float64", "day": "date"}
    table = engine.create_table("cells", frame[list(schema)], schema=schema)
    own = ["Klient", "source_file", "unreadable_line", "line_number"]
    return questions_workbook.Listing(
        CLIENT,
        table.drop("Klient").mutate(customer_id=ibis.literal("a")),
        table.select(*own),
        ["b_2.csv", "b_10.csv"],
        {"Klient": "Klient №"},
        date(2024, 12, 31),
    )


def written(result: Audit, cells: list[Any], folder: Path) -> Sheets:
    path = folder / questions_workbook.WORKBOOK
    questions_workbook.write(result, listing(cells), path, SPEECH)
    return read(path)


def test_the_first_sheet_holds_the_questions_and_each_has_its_rows(tmp_path: Path) -> None:
    cells = [
        ("b_10.csv", 4, "=1+1", "missing_date"),
        ("b_2.csv", 30, "007", "missing_date"),
        ("b_2.csv", 7, None, "missing_date"),
        ("b_2.csv", 8, "kept", None),
    ]
    sheets = written(asked(question("missing_date", 3), question("doubts", None)), cells, tmp_path)
    assert list(sheets) == ["Questions", "Question 1"]
    head, first, second = sheets["Questions"]
    assert head == [
        "Question",
        "Rows",
        "Money (EUR)",
        "What the answer changes",
        "Sheet",
        "Your answer",
    ]
    assert first == [
        "3 rows have no date. When were these sales made?",
        3.0,
        9.5,
        "revenue",
        "Question 1",
        "",
    ]
    assert second[0].startswith("The export has columns") and second[1] == "" and second[4] == "–"
    # in the order of the files and of their lines, and no text is taken for a formula or a number
    assert sheets["Question 1"] == [
        ["File", "Line", "Klient №"],
        ["b_2.csv", 7.0, ""],
        ["b_2.csv", 30.0, "007"],
        ["b_10.csv", 4.0, "=1+1"],
    ]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("=1+1", "=1+1"),
        ("@SUM(A1)", "@SUM(A1)"),
        ("https://a.b/c", "https://a.b/c"),
        ("1e5", "1e5"),
        (LONG, LONG[:32_767]),
        ("  ąż  ", "  ąż  "),
    ],
)
def test_whatever_a_cell_holds_stays_a_text(given: str, shown: str, tmp_path: Path) -> None:
    sheets = written(
        asked(question("missing_date", 1)), [("b_2.csv", 2, given, "missing_date")], tmp_path
    )
    assert sheets["Question 1"][1] == ["b_2.csv", 2.0, shown]


def test_control_characters_do_not_break_the_workbook(tmp_path: Path) -> None:
    sheets = written(
        asked(question("missing_date", 1)), [("b_2.csv", 2, CONTROL, "missing_date")], tmp_path
    )
    assert sheets["Question 1"][1][2][0] == "a" and "b" in sheets["Question 1"][1][2]


def test_a_thousand_rows_are_listed_and_a_last_line_says_how_many_more(tmp_path: Path) -> None:
    cells = [("b_2.csv", line, str(line), "missing_date") for line in range(1_203, 0, -1)]
    sheet = written(asked(question("missing_date", 1_203)), cells, tmp_path)["Question 1"]
    assert [row[2] for row in sheet[1:-1]] == [str(line) for line in range(1, 1_001)]
    assert sheet[-1] == ["203 more rows are not shown here.", "", ""]
    exact = written(asked(question("missing_date", 1_000)), cells[203:], tmp_path)["Question 1"]
    assert len(exact) == 1_001 and exact[-1][0] == "b_2.csv"


def test_a_break_shows_the_rows_in_use_of_its_days(tmp_path: Path) -> None:
    cells = [("b_2.csv", line, str(line), None) for line in range(30)]  # line 0 is of March 4
    cells.append(("b_10.csv", 9, "aside", "missing_amount"))
    start, end = date(2024, 3, 14), date(2024, 3, 20)
    gap = Break(
        kind="gap", series="rows", start=start, end=end, before=9.0, after=0.0, touches=["clv"]
    )
    result = asked(question("gap", None, start=start, listed=2), breaks=[gap])
    sheet = written(result, cells, tmp_path)["Question 1"]
    assert [row[2] for row in sheet[1:]] == ["9", "17"]  # the days before and after it


def test_both_sides_of_a_gap_have_room(tmp_path: Path) -> None:
    before = [("b_2.csv", 10, str(n), None) for n in range(700)]  # of one day
    cells = [
        ("b_2.csv", 10 + 1_000 * n, cell, reason) for n, (_, _, cell, reason) in enumerate(before)
    ]
    start = date(2024, 3, 15)
    made_up = listing([*cells, ("b_10.csv", 12, "after", None)])
    day = ibis.ifelse(made_up.rows.source_file == "b_2.csv", "2024-03-14", "2024-03-16").cast(
        "date"
    )
    moved = replace(made_up, rows=made_up.rows.mutate(day=day))
    gap = Break(
        kind="gap", series="rows", start=start, end=start, before=9.0, after=0.0, touches=["clv"]
    )
    result = asked(question("gap", None, start=start, listed=701), breaks=[gap])
    path = tmp_path / questions_workbook.WORKBOOK
    questions_workbook.write(result, moved, path, SPEECH)
    sheet = read(path)["Question 1"]
    assert len(sheet) == 1 + 500 + 1 + 1 and sheet[-2][2] == "after"
    assert sheet[-1][0] == "200 more rows are not shown here."


def test_totals_of_the_books_stand_on_their_sheet(tmp_path: Path) -> None:
    sheets = written(asked(question("control", None, listed=3)), [], tmp_path)
    assert sheets["Question 1"][1][:5] == ["Revenue", "2024", "1,000.00", "900.00", "−100.00"]
    assert len(sheets["Question 1"]) == 4


def test_without_a_question_there_is_a_header_alone(tmp_path: Path) -> None:
    sheets = written(asked(), [], tmp_path)
    assert list(sheets) == ["Questions"] and len(sheets["Questions"]) == 1


def test_the_same_questions_are_the_same_bytes(tmp_path: Path) -> None:
    cells = [("b_2.csv", line, str(line), "missing_date") for line in range(50)]
    result, path = asked(question("missing_date", 50)), tmp_path / questions_workbook.WORKBOOK
    written(result, cells, tmp_path)
    first = path.read_bytes()
    written(result, cells[::-1], tmp_path)
    assert path.read_bytes() == first


def test_saving_the_audit_writes_it_with_the_cells_as_they_were_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [list(row) for row in regulars(customers=60, every=20, days=900)]
    for at, who in ((5, "=1+1"), (9, '"a;b"'), (11, "  007 ")):
        rows[at] = [who, "someday", "1.00"]
    lines = ["who,day,sum", *(",".join(row) for row in rows)]
    write_client(tmp_path, "shop", "\n".join(lines) + "\n")
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    with closing(Study.open("shop", run=str(tmp_path / "stage"))) as study:
        study.save(study.audit())
        assert not list((tmp_path / "stage").rglob("raw.parquet"))
    sheets = read(tmp_path / "stage" / "private" / questions_workbook.WORKBOOK)
    saved = json.loads((tmp_path / "stage/private/results/01.json").read_text())["questions"]
    place = [it["name"] for it in saved].index("unreadable_date") + 1
    header, *found = sheets[f"Question {place}"]
    assert header[2:] == ["who", "day", "sum"]
    assert [row[1:] for row in found] == [
        [7.0, "=1+1", "someday", "1.00"],
        [11.0, "a;b", "someday", "1.00"],
        [13.0, "  007 ", "someday", "1.00"],
    ]
