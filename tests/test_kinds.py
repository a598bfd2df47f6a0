"""Workbooks, and how kinds of files are told apart."""

import gzip
import shutil
from datetime import date, datetime, time, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_lib.client import Format
from retention_lib.errors import DataError
from retention_lib.sources.cell_values import writer
from tests.kinds import HEADER, Shop, ods, rows_of

DAY = date(2024, 1, 2)
ROWS = [["a", DAY, 3], ["b", DAY, 4.5]]
READ = [("a", "2024-01-02", "3", 2), ("b", "2024-01-02", "4.5", 3)]


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


# --- cells ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "said", "text"),
    [
        (17850.0, {}, "17850"),
        (0.1 + 0.2, {}, "0.3"),
        (0.1 + 0.2, {"decimal": ","}, "0,3"),
        (1e-7, {}, "0.0000001"),
        (-1234567.89, {"decimal": ",", "thousands": "."}, "-1234567,89"),
        (123456789012345.0, {}, "123456789012345"),
        (4.2e17, {}, "4.2E+17"),
        (True, {}, "TRUE"),
        (False, {}, "FALSE"),
        ("007", {}, "007"),
        ("", {}, None),
        (None, {}, None),
        (date(2024, 1, 2), {}, "2024-01-02"),
        (datetime(2024, 1, 2), {}, "2024-01-02"),
        (datetime(2024, 1, 2, 3, 4, 5), {}, "2024-01-02 03:04:05"),
        (datetime(2024, 1, 1, 23, 59, 59, 999_000), {}, "2024-01-02"),
        (date(2024, 1, 2), {"date": "%d.%m.%Y"}, "02.01.2024"),
        (datetime(2024, 1, 2, 15, 4), {"date": "%-m/%-d/%Y %I:%M %p"}, "01/02/2024 03:04 PM"),
        (date(2024, 1, 2), {"date": "excel"}, "45293"),
        (datetime(2024, 1, 2, 12), {"date": "excel", "decimal": ","}, "45293,5"),
        (time(5, 6), {}, "05:06:00"),
        (timedelta(days=1, hours=12), {}, "1 day, 12:00:00"),
        (float("inf"), {}, "inf"),
    ],
)
def test_a_cell_as_text(cell, said, text):
    assert writer(Format(**said))(cell) == text


@given(st.integers(-(10**14), 10**14), st.integers(0, 4), st.sampled_from([".", ","]))
def test_money_comes_back_as_it_was_typed(units, places, mark):
    typed = units / 10**places
    text = writer(Format(decimal=mark))(typed)
    assert float(text.replace(mark, ".")) == typed
    assert len(text.partition(mark)[2]) <= places


# --- workbooks -----------------------------------------------------------------


def test_a_workbook(shop):
    shop.book("a.xlsx", {"Orders": [HEADER, *ROWS]})
    raw = shop.raw("a.xlsx")
    assert rows_of(raw) == READ
    (file,) = raw.files
    assert (file.label, file.lines, file.above, file.rows, file.blank) == ("a.xlsx", 3, 1, 2, 0)


@pytest.mark.parametrize("name", ["a.xlsm", "a.xls", "a.csv", "a.bin"])
def test_a_workbook_by_any_name(shop, name):
    shop.book("a.xlsx", {"Orders": [HEADER, *ROWS]}).rename(shop.path(name))
    assert shop.rows(name) == READ


def test_a_workbook_packed(shop):
    file = shop.book("a.xlsx", {"Orders": [HEADER, *ROWS]})
    shop.path("b.xlsx.gz").write_bytes(gzip.compress(file.read_bytes()))
    assert shop.rows("b.xlsx.gz") == READ
    assert shop.sniff("b.xlsx.gz").names == HEADER


def test_an_open_document(shop):
    ods(shop.path("a.ods"), [HEADER, *ROWS])
    assert shop.rows("a.ods") == READ


def test_real_and_typed_dates_are_written_alike(shop):
    shop.book("a.xlsx", {"A": [HEADER, ["a", DAY, 1], ["b", "03.01.2024", 1], ["c", 45000, 1]]})
    days = [row[1] for row in shop.rows("a.xlsx", format={"date": "%d.%m.%Y"})]
    assert days == ["02.01.2024", "03.01.2024", "45000"]


def test_serial_numbers_are_dates_only_where_that_is_said(shop):
    shop.book("a.xlsx", {"A": [HEADER, ["a", DAY, 1], ["b", 45294, 1]]})
    assert [row[1] for row in shop.rows("a.xlsx")] == ["2024-01-02", "45294"]
    assert [row[1] for row in shop.rows("a.xlsx", format={"date": "excel"})] == ["45293", "45294"]


def test_formulas_errors_and_formats_of_numbers(shop):
    with xlsxwriter.Workbook(shop.path("a.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_number(1, 0, 0.12, book.add_format({"num_format": "0%"}))
        sheet.write_formula(1, 1, "=TODAY()", None, "2024-01-02")
        sheet.write_number(1, 2, 9996.5, book.add_format({"num_format": '#,##0.00 "Ft"'}))
        sheet.write_string(2, 0, "=1+1")
        sheet.write_formula(2, 2, "=NA()", None, "#N/A")
    assert shop.rows("a.xlsx") == [("0.12", "2024-01-02", "9996.5", 2), ("=1+1", None, None, 3)]


def test_days_from_1904_are_the_same_days(shop):
    shop.book("a.xlsx", {"A": [HEADER, *ROWS]}, date_1904=True)
    assert shop.rows("a.xlsx") == READ
    said = str(shop.stopped("a.xlsx", format={"date": "excel"}))
    assert "counts days from 1904" in said and "leave that line out" in said


TITLES = [["Sales report"], [], ["Period", "2024"], HEADER]


def test_titles_above_the_header(shop):
    shop.book("a.xlsx", {"A": [*TITLES, *ROWS]})
    stop = shop.stopped("a.xlsx")
    (choice,) = stop.choices
    assert choice.line == "format: {skip_lines: 3}" and f"`{choice.line}`" in str(stop)
    raw = shop.after(choice, "a.xlsx")
    assert [row[:3] for row in rows_of(raw)] == [row[:3] for row in READ]
    assert [row[3] for row in rows_of(raw)] == [5, 6]
    assert (raw.files[0].above, raw.files[0].lines) == (4, 6)
    assert shop.sniff("a.xlsx").format == {"skip_lines": 3, "decimal": "."}


def test_without_a_header_columns_are_those_of_the_sheet(shop):
    rows = [[None, *row] for row in ROWS]
    shop.book("a.xlsx", {"A": rows})
    sniffed = shop.sniff("a.xlsx")
    assert (sniffed.format["header"], sniffed.names) == (False, ["1", "2", "3", "4"])
    columns = {"customer_id": 2, "ordered_at": 3, "amount": 4}
    raw = shop.raw("a.xlsx", format={"header": False}, columns=columns)
    found = raw.table.order_by("line_number").to_pyarrow().to_pylist()
    assert [(row["2"], row["line_number"]) for row in found] == [("a", 1), ("b", 2)]


def test_empty_rows_and_columns_are_no_rows(shop):
    rows = [
        [],
        [None, *HEADER, None, None],
        [None, *ROWS[0], None, " "],
        [],
        [None, *ROWS[1]],
        [" "],
    ]
    shop.book("a.xlsx", {"A": rows})
    raw = shop.raw("a.xlsx")
    assert [row[3] for row in rows_of(raw)] == [3, 5]
    assert raw.table.columns[:3] == tuple(HEADER)
    (file,) = raw.files
    assert (file.lines, file.above, file.rows, file.blank) == (5, 2, 2, 1)


def test_a_column_without_a_name_that_holds_something_is_kept(shop):
    shop.book("a.xlsx", {"A": [[*HEADER, None], [*ROWS[0], "note"]]})
    assert "column_4" in shop.raw("a.xlsx").table.columns


def test_merged_cells_repeat_texts_but_no_money(shop):
    with xlsxwriter.Workbook(shop.path("a.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.merge_range(1, 0, 2, 0, "a")
        sheet.merge_range(1, 2, 2, 2, 12.5)
        sheet.write_column(1, 1, ["2024-01-02", "2024-01-03"])
    assert shop.rows("a.xlsx") == [("a", "2024-01-02", "12.5", 2), ("a", "2024-01-03", None, 3)]


# --- several sheets ------------------------------------------------------------


def test_the_only_sheet_that_holds_rows_is_read(shop):
    shop.book("a.xlsx", {"Cover": [["Report"]], "Orders": [HEADER, *ROWS], "Sheet3": []})
    assert shop.rows("a.xlsx") == READ


def test_sheets_of_the_same_columns_may_be_one_table(shop):
    sheets = {"2023": [HEADER, ROWS[0]], "2024": [HEADER, ROWS[1]], "Rates": [["a", "b"], [1, 2]]}
    shop.book("a.xlsx", sheets)
    stop = shop.stopped("a.xlsx")
    assert [choice.line for choice in stop.choices] == [
        "format: {sheet: ['2023', '2024']}",
        "format: {sheet: '2023'}",
        "format: {sheet: '2024'}",
        "format: {sheet: Rates}",
    ]
    assert all(str(choice) in str(stop) for choice in stop.choices)
    raw = shop.after(stop.choices[0], "a.xlsx")
    assert [row[0] for row in rows_of(raw)] == ["a", "b"]
    assert [file.label for file in raw.files] == ["a.xlsx [2023]", "a.xlsx [2024]"]
    assert set(raw.table.source_file.execute()) == {"a.xlsx [2023]", "a.xlsx [2024]"}
    raw = shop.after(stop.choices[2], "a.xlsx")
    assert rows_of(raw) == [("b", "2024-01-02", "4.5", 2)]
    assert shop.sniff("a.xlsx").choices == stop.choices


def test_a_sheet_may_have_a_format_of_its_own(shop):
    shop.book("a.xlsx", {"A": [HEADER, ROWS[0]], "B": [["Title"], HEADER, ROWS[1]]})
    formats = {"a.xlsx": {"date": "%d.%m.%Y"}, "a.xlsx [B]": {"skip_lines": 1}}
    found = shop.rows("a.xlsx", format={"sheet": ["A", "B"]}, formats=formats)
    assert found == [("a", "02.01.2024", "3", 2), ("b", "02.01.2024", "4.5", 3)]


def test_a_sheet_that_is_not_there(shop):
    shop.book("a.xlsx", {"Orders": [HEADER, *ROWS]})
    stop = shop.stopped("a.xlsx", format={"sheet": "Order"})
    assert "has no sheet 'Order'" in str(stop)
    assert rows_of(shop.after(stop.choices[0], "a.xlsx")) == READ


def test_hidden_sheets_are_read_when_they_are_named(shop):
    with xlsxwriter.Workbook(shop.path("a.xlsx")) as book:
        for title in ("Cover", "Orders"):
            sheet = book.add_worksheet(title)
            if title == "Orders":
                sheet.hide()
                for y, row in enumerate([HEADER, ["a", "2024-01-02", 3]]):
                    sheet.write_row(y, 0, row)
    stop = shop.stopped("a.xlsx")
    assert "no rows but in hidden sheets" in str(stop)
    assert rows_of(shop.after(stop.choices[0], "a.xlsx")) == READ[:1]


def test_one_workbook_of_several_files_is_named(shop):
    shop.book("a.xlsx", {"A": [HEADER, *ROWS]})
    shop.book("b.xlsx", {"A": [HEADER, ROWS[0]], "B": [HEADER, ["c", DAY, 1]]})
    stop = shop.stopped(["a.xlsx", "b.xlsx"])
    assert stop.choices[0].line == "formats: {b.xlsx: {sheet: [A, B]}}"
    raw = shop.after(stop.choices[0], ["a.xlsx", "b.xlsx"])
    assert len(rows_of(raw)) == 4


# --- what cannot be read -------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\3\4" + b"junk" * 200, "cannot be read as a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "cannot be read as a workbook"),
        (b"", "cannot be read as a workbook"),
        (b"\0\1\2" * 500, "cannot be read as a workbook"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") * 30,
            "has a password",
        ),
    ],
)
def test_no_workbook(shop, content, said):
    shop.path("a.xlsx").write_bytes(content)
    stop = shop.stopped("a.xlsx")
    assert said in str(stop) and "save it" in str(stop)


@pytest.mark.parametrize("sheets", [{"A": []}, {"A": [["title"]]}, {"A": [HEADER]}])
def test_a_workbook_without_rows(shop, sheets):
    shop.book("a.xlsx", sheets)
    assert "no row" in str(shop.stopped("a.xlsx", DataError))


def test_a_workbook_without_rows_among_others(shop):
    shop.book("a.xlsx", {"A": []})
    shop.book("b.xlsx", {"A": [HEADER, *ROWS]})
    assert shop.rows(["a.xlsx", "b.xlsx"]) == READ


def test_text_that_is_called_a_workbook(shop):
    shop.text("a.xls", "id\tday\tmoney\na\t2024-01-02\t3\n")
    assert shop.rows("a.xls", format={"delimiter": "\t"}) == READ[:1]
    assert shop.sniff("a.xls").format == {"delimiter": "\t"}


def test_utf_16_that_is_called_a_workbook(shop):
    shop.text("a.xls", "\ufeffid\tday\tmoney\na\t2024-01-02\t3\n", "utf-16-le")
    said = {"delimiter": "\t", "encoding": "utf-16"}
    assert shop.rows("a.xls", format=said) == READ[:1]
    assert shop.sniff("a.xls").format == said


def test_a_database_is_no_file_of_rows(shop):
    shop.path("a.db").write_bytes(b"SQLite format 3\0" + b"\0" * 100)
    assert "connection: 'sqlite:///input/a.db'" in str(shop.stopped("a.db"))


def test_parquet_by_what_it_begins_with_and_packed(shop):
    table = pa.table({"id": ["a"], "day": [DAY], "money": [3.0]})
    pq.write_table(table, shop.path("a.dat"))
    shop.path("b.parquet.gz").write_bytes(gzip.compress(shop.path("a.dat").read_bytes()))
    assert shop.rows("a.dat") == shop.rows("b.parquet.gz") == [("a", DAY, 3.0, 1)]
    assert shop.sniff("a.dat").names == shop.sniff("b.parquet.gz").names == HEADER


# --- how workbooks are found to be written -------------------------------------

names = st.lists(st.text("abcdefgh", min_size=1, max_size=6), min_size=3, max_size=6, unique=True)
cells = st.one_of(st.text("xyz ", max_size=4), st.floats(-1e6, 1e6), st.dates(date(2000, 1, 1)))


@settings(max_examples=25, deadline=None)
@given(
    names,
    st.lists(st.lists(st.text("xyz", min_size=1, max_size=9), max_size=1), max_size=4),
    st.lists(st.lists(cells, min_size=6, max_size=6), min_size=3, max_size=8),
)
def test_what_is_written_is_found_and_read(tmp_path_factory, columns, titles, body):
    shop = Shop(tmp_path_factory.mktemp("shop"))
    full = [["K-1", DAY, *row][: len(columns)] for row in body]
    shop.book("a.xlsx", {"A": [*titles, columns, *full]})
    found = shop.sniff("a.xlsx")
    assert found.names == columns
    skipped = found.format.get("skip_lines", 0)
    assert not any(map(any, titles)) or skipped == len(titles)
    mapped = {"customer_id": columns[0], "ordered_at": columns[1]}
    more = {"format": found.format} if found.format else {}
    raw = shop.raw("a.xlsx", columns=mapped, **more)
    assert raw.table.count().execute() == len(full)
    assert set(raw.table[columns[1]].execute()) == {"2024-01-02"}
    shutil.rmtree(shop.folder)
