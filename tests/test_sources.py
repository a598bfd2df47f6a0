import gzip
import hashlib
import re
import sqlite3
from collections import Counter
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_lib.client import load_client, parse_client, project_root
from retention_lib.errors import ConfigError, DataError
from retention_lib.sources import connect, read, text

UCI = project_root() / "../shared/data/online_retail_uci.csv.gz"
NORTHWIND = project_root() / "../shared/data/northwind_small.sqlite"
FORMAT = "columns: {customer_id: id, ordered_at: day, amount: money}\n"
GOOD = b"id,day,money\n1,2020-01-01,3\n2,2020-01-02,4.5\n"


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return connect(tmp_path_factory.mktemp("scratch"))


class Shop:
    """A client made in a test: its files, its YAML, and what is read from them."""

    def __init__(self, folder: Path, engine):
        self.folder, self.engine = folder, engine

    def file(self, content: bytes, name: str = "a.csv") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def client(self, yaml: str = FORMAT, source: str = "{file: a.csv}"):
        whole = f"name: Shop\nsource: {source}\n{yaml}"
        (self.folder / "client.yaml").write_text(whole, encoding="utf-8")
        return parse_client(whole, "shop", self.folder)

    def read(self, yaml: str = FORMAT, source: str = "{file: a.csv}"):
        return read(self.client(yaml, source), self.engine, self.folder / "cache")

    def rows(self, yaml: str = FORMAT, source: str = "{file: a.csv}") -> list[dict]:
        rows = self.read(yaml, source).table.to_pyarrow().to_pylist()
        return sorted(rows, key=repr)

    def refused(self, error=ConfigError, yaml: str = FORMAT, source: str = "{file: a.csv}") -> str:
        with pytest.raises(error) as caught:
            self.read(yaml, source)
        return str(caught.value)


@pytest.fixture
def shop(tmp_path, engine):
    return Shop(tmp_path, engine)


def values(rows: list[dict], *columns: str) -> list[tuple]:
    return sorted(tuple(row[column] for column in columns) for row in rows)


def lines(rows: list[dict]) -> list[str]:
    return sorted(row["unreadable_line"] for row in rows if row["unreadable_line"] is not None)


# --- the bundled and the shared data -------------------------------------------


def test_cdnow_is_read_whole(engine, tmp_path):
    raw = read(load_client("cdnow"), engine, tmp_path)
    assert raw.table.columns == (
        *("customer_id", "date", "number_of_cds", "dollar_value"),
        *("source_file", "unreadable_line", "line_number"),
    )
    table = raw.table
    assert table.count().to_pyarrow().as_py() == 69_659
    assert table.customer_id.nunique().to_pyarrow().as_py() == 23_570
    assert table.unreadable_line.count().to_pyarrow().as_py() == 0
    total = table.dollar_value.cast("float64").sum().to_pyarrow().as_py()
    assert total == pytest.approx(2_500_315.63)
    assert [it.file.name for it in raw.files] == ["CDNOW_master.txt"]


def test_cdnow_sample_has_columns_by_position(engine, tmp_path):
    table = read(load_client("cdnow-sample"), engine, tmp_path).table
    assert table.columns[:5] == ("1", "2", "3", "4", "5")
    assert table.count().to_pyarrow().as_py() == 6_919
    assert table["2"].nunique().to_pyarrow().as_py() == 2_357


@pytest.mark.skipif(not UCI.exists(), reason="the shared UCI Online Retail file is not here")
def test_uci_is_read_whole(shop):
    columns = "columns: {customer_id: CustomerID, ordered_at: InvoiceDate}\n"
    table = shop.read(columns, f"{{file: {UCI.resolve()}}}").table
    assert table.count().to_pyarrow().as_py() == 541_909
    assert table.unreadable_line.count().to_pyarrow().as_py() == 0
    assert set(table.source_file.value_counts().to_pyarrow().to_pydict()["source_file"]) == {
        UCI.name
    }


@pytest.mark.skipif(not NORTHWIND.exists(), reason="the shared Northwind database is not here")
def test_northwind_joins_three_tables(shop):
    sql = (
        "SELECT o.CustomerID AS id, o.OrderDate AS day, c.CompanyName AS company, "
        "d.UnitPrice * d.Quantity * (1 - d.Discount) AS money FROM Orders o "
        'JOIN Customers c USING (CustomerID) JOIN "Order Details" d USING (OrderID)'
    )
    source = f"{{query: '{sql}', connection: 'sqlite:///{NORTHWIND.resolve()}'}}"
    raw = shop.read(source=source)
    with sqlite3.connect(NORTHWIND) as connection:
        count, money = connection.execute(f"SELECT count(*), sum(money) FROM ({sql})").fetchone()
    connection.close()
    assert raw.table.count().to_pyarrow().as_py() == count > 2000
    assert raw.table.money.type().is_floating()
    assert raw.table.money.sum().to_pyarrow().as_py() == pytest.approx(money)
    assert raw.files == ()


# --- sound text, in many dresses -----------------------------------------------


@pytest.mark.parametrize(
    ("content", "format_"),
    [
        (GOOD, ""),
        (GOOD.replace(b"\n", b"\r\n"), ""),
        (GOOD.replace(b"\n", b"\r"), ""),
        (GOOD.removesuffix(b"\n"), ""),
        (b"\xef\xbb\xbf" + GOOD, ""),
        (b"\n\n" + GOOD.replace(b"\n", b"\n \n") + b"\n", ""),
        (GOOD.replace(b"id,", b' "id" ,'), ""),
        (GOOD.decode().encode("utf-16"), "encoding: utf-16"),
        (GOOD.decode().encode("cp1250"), "encoding: cp1250"),
        (GOOD.replace(b",", b";"), 'delimiter: ";"'),
        (GOOD.replace(b",", b"\t"), "delimiter: tab"),
        (GOOD.replace(b",", b"|"), 'delimiter: "|"'),
        (GOOD.replace(b",", b"  \t "), "delimiter: whitespace"),
        (GOOD.replace(b",", b" ").replace(b"\n", b"\n\n   "), "delimiter: whitespace"),
        (GOOD.replace(b"\n", b",\n"), ""),
    ],
)
def test_the_same_rows_however_they_are_written(shop, content, format_):
    shop.file(content)
    rows = shop.rows(FORMAT + f"format: {{{format_}}}")
    assert values([r for r in rows if r["id"]], "id", "day", "money") == [
        ("1", "2020-01-01", "3"),
        ("2", "2020-01-02", "4.5"),
    ]
    assert lines(rows) == []
    assert {row["source_file"] for row in rows} == {"a.csv"}


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1250", "Łódź"), ("latin-1", "Café"), ("utf-16", "🌷"), ("cp1251", "Жар"), ("utf-8", "本")],
)
def test_encodings(shop, encoding, name):
    shop.file(f"id;day;money;Größe\n{name};1;2;{name}\n".encode(encoding, "replace"))
    rows = shop.rows(FORMAT + f"format: {{encoding: {encoding}, delimiter: ';'}}")
    assert rows[0]["id"] == name
    assert not list((shop.folder / "cache").rglob("*.txt"))


POLISH = "Świąteczna wysyłka była spóźniona, proszę o zwrot pieniędzy"
HUNGARIAN = "A szőlő és a tűzifa későn érkezett, kérem a pénzemet vissza"
CZECH = "Zásilka přišla pozdě, žádám o vrácení peněz, šálek byl rozbitý"
BULGARIAN = "Пратката пристигна късно и искам парите си обратно"
GERMAN = "Das Päckchen kam zu spät, ich möchte mein Geld zurück, schöne Grüße"
GREEK = "Το δέμα ήρθε αργά, θέλω τα χρήματά μου πίσω"


def said_in(sentence, encoding):
    return f"id,day,money,note\n7,2020-01-01,3,{sentence.replace(',', ' ')}\n".encode(encoding)


@pytest.mark.parametrize(
    ("sentence", "encoding", "first"),
    [
        (POLISH, "cp1250", "cp1250"),
        (BULGARIAN, "cp1251", "cp1251"),
        (GERMAN, "cp1252", "cp1252"),
        (GREEK, "cp1253", "cp1253"),
        # two or more that cannot be told apart: each is named, with what it reads
        (HUNGARIAN, "cp1250", None),
        (CZECH, "cp1250", None),
        (CZECH, "iso8859-2", None),
        (POLISH, "iso8859-2", None),
    ],
)
def test_an_encoding_is_never_guessed_in_silence_but_named(shop, sentence, encoding, first):
    content = said_in(sentence, encoding)
    shop.file(content)
    message = shop.refused()
    assert "a.csv is not text in utf-8: byte" in message
    proposed = dict(re.findall(r"encoding: ([\w-]+)}`, which reads “([^”]+)”", message))
    assert next(iter(proposed)) == (first or next(iter(proposed)))
    right = set(re.findall(r"\w+", sentence))
    fit = [name for name, read in proposed.items() if set(read.split()) <= right]
    assert fit == [encoding], "a reader sees which one is meant"
    row = shop.rows(FORMAT + f"format: {{encoding: {encoding}}}")[0]
    assert row["note"] == sentence.replace(",", " ")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_needs_no_word(shop, encoding):
    shop.file(said_in(POLISH, encoding))
    assert shop.rows()[0]["note"] == POLISH.replace(",", " ")


@pytest.mark.parametrize("sentence", [POLISH, BULGARIAN, GERMAN])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(shop, sentence, encoding):
    shop.file(said_in(sentence, encoding))
    assert f"`format: {{encoding: {encoding}}}`" in shop.refused()
    row = shop.rows(FORMAT + f"format: {{encoding: {encoding}}}")[0]
    assert row["note"] == sentence.replace(",", " ")


def test_a_declared_encoding_wins_over_what_is_likelier(shop):
    shop.file(said_in(BULGARIAN, "cp1251"))
    row = shop.rows(FORMAT + "format: {encoding: cp1252}")[0]
    assert row["note"] == BULGARIAN.encode("cp1251").decode("cp1252")


def test_column_names_of_all_kinds(shop):
    shop.file("Kunden Nr;dä\"y;🌷;o'clock;;reason;Day;source_file\n7;b;c;d;e;f;g;h\n".encode())
    columns = (
        """columns: {customer_id: Kunden Nr, ordered_at: 'dä"y', amount: 🌷, product: Day}\n"""
    )
    raw = shop.read(columns + "format: {delimiter: ';'}")
    row = raw.table.to_pyarrow().to_pylist()[0]
    assert row == {
        "Kunden Nr": "7",
        'dä"y': "b",
        "🌷": "c",
        "o'clock": "d",
        "column_5": "e",
        "reason_2": "f",
        "Day": "g",
        "source_file_2": "h",
        "source_file": "a.csv",
        "unreadable_line": None,
        "line_number": 2,
    }
    assert raw.names["source_file"] == "source_file_2"


def test_values_stay_as_they_are(shop):
    shop.file(b'id,day,money\n007,<b>x</b>,=1+1\n17850.0,"a ""b"", c", 1 \n#8,5" pipe,""\n')
    assert values(shop.rows(), "id", "day") == [
        ("#8", '5" pipe'),
        ("007", "<b>x</b>"),
        ("17850.0", 'a "b", c'),
    ]
    assert [row["money"] for row in shop.rows() if row["id"] == "#8"] == [None]


def test_a_quoted_line_break_is_one_row(shop):
    shop.file(b'id,"the\nday",money\n1,"a\nb\r\nc",3\n2,x,4\n')
    rows = shop.rows(FORMAT.replace("day", '"the\\nday"'))
    assert values(rows, "id", "the\nday") == [("1", "a\nb\r\nc"), ("2", "x")]


def test_huge_fields(shop):
    shop.file(b"id,day,money\n1," + b"x" * 3_000_000 + b",3\n2,y,4\n")
    assert [len(row["day"]) for row in shop.rows()] == [3_000_000, 1]


def test_packed_files(shop):
    shop.file(gzip.compress(GOOD), "a.csv.gz")
    assert values(shop.rows(source="{file: a.csv.gz}"), "id") == [("1",), ("2",)]
    shop.file(gzip.compress(GOOD * 1000)[:-20], "b.csv.gz")
    assert "b.csv.gz cannot be unpacked" in shop.refused(source="{file: b.csv.gz}")


# --- lines that do not fit -----------------------------------------------------


def test_no_line_vanishes(shop):
    bad = ["2,short", "3,2020-01-03,4,long", '6,"bro"ken,7', '8,"open,9', "x"]
    good = ["1,2020-01-01,3", '4,"two\r\nlines",5', '5,"a""b",6', "7,2020-01-07,8", "9,2020,10"]
    shop.file("\r\n".join(["id,day,money", *good[:2], *bad, *good[2:], ""]).encode())
    rows = shop.rows()
    assert lines(rows) == ["2,short", "3,2020-01-03,4,long", "x"]
    found = values([r for r in rows if r["id"]], "id", "day")
    # quotes that do not close, or close too early, are plain characters
    assert found == [
        ("1", "2020-01-01"),
        ("4", "two\r\nlines"),
        ("5", 'a"b'),
        ("6", '"bro"ken'),
        ("7", "2020-01-07"),
        ("8", '"open'),
        ("9", "2020"),
    ]
    assert all(row["id"] is None for row in rows if row["unreadable_line"])


def test_an_open_quote_swallows_nothing(shop):
    body = [f"{n},2020-01-01,1" for n in range(5000)]
    body[10] = '10,"2020-01-01,1'
    body[600] = '600,"x",1'
    shop.file("\n".join(["id,day,money", *body]).encode())
    rows = shop.rows()
    assert lines(rows) == []
    assert [row["day"] for row in rows if row["id"] == "10"] == ['"2020-01-01']
    assert len(rows) == 5000


def test_whitespace_lines_of_another_length(shop):
    shop.file(b"id day money\n 1 a 2\n 2 b\n\n 3 c 4 5\n 4 d 5\n")
    rows = shop.rows(FORMAT + "format: {delimiter: whitespace}")
    assert lines(rows) == [" 2 b", " 3 c 4 5"]
    assert values([r for r in rows if r["id"]], "id") == [("1",), ("4",)]


def test_a_header_in_the_middle_is_a_row(shop):
    shop.file(GOOD + GOOD)
    assert len(shop.rows()) == 5


def test_without_a_header_the_usual_width_counts(shop):
    shop.file(b"1,2\n1,2,3\n4,5,6\n")
    yaml = "columns: {customer_id: 1, ordered_at: 2, amount: 3}\nformat: {header: false}"
    rows = shop.rows(yaml)
    assert lines(rows) == ["1,2"]
    assert values([r for r in rows if r["1"]], "1", "2", "3") == [("1", "2", "3"), ("4", "5", "6")]


def test_when_no_line_fits(shop):
    shop.file(b"id,day,money\n1;2;3\n4;5;6\n")
    assert "none of its lines has the 3 columns" in shop.refused(DataError)


# a line of a note that looks like a record by itself is not believed to be within a field
field = st.text(st.sampled_from("ab1 .\",;'\\\n\r\t#é🌷"), max_size=6).filter(
    lambda text: "," not in text or not {"\n", "\r"} & set(text)
)


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.tuples(field, field, field), min_size=1, max_size=6))
def test_both_readers_agree_with_what_was_written(rows, tmp_path_factory, engine):
    """Quoted fields come back as they were, whichever of the two ways reads them."""
    shop = Shop(tmp_path_factory.mktemp("shop"), engine)
    quoted = [",".join('"' + v.replace('"', '""') + '"' for v in row) for row in rows]
    shop.file("\n".join(["id,day,money", *quoted]).encode())
    expected = Counter(tuple(v or None for v in row) for row in rows)
    path = shop.folder / "x.parquet"
    file, copy = shop.folder / "a.csv", shop.folder / "c.txt"
    for way in (text.to_parquet, lambda o, c, e, p: text.line_by_line(o, c, p)):
        with text.opened(file, shop.client().format, copy, check=list) as opened:
            way(opened, opened.names, engine, path)
        found = pq.read_table(path).to_pylist()
        assert Counter((r["id"], r["day"], r["money"]) for r in found) == expected


@settings(max_examples=30, deadline=None)
@given(body=st.lists(st.text(st.sampled_from('a1,"'), min_size=1, max_size=8), max_size=8))
def test_every_line_is_a_row_or_kept_or_within_a_field(body, tmp_path_factory, engine):
    shop = Shop(tmp_path_factory.mktemp("shop"), engine)
    shop.file("\n".join(["id,day,money", "z,z,z", *body, "z,z,z"]).encode())
    rows = shop.rows()
    breaks = sum((row[c] or "").count("\n") for row in rows for c in ("id", "day", "money"))
    assert len(rows) + breaks == len(body) + 2


# --- several files -------------------------------------------------------------


def test_files_of_a_glob_are_united_by_name(shop):
    shop.file(b"id,day,money,Region\n1,a,2,north\n", "input/b.csv")
    shop.file(b"money,id,day,channel\n5,3,c,web\n", "input/a.csv")
    raw = shop.read(source="{file: input/*.csv}")
    assert [it.file.name for it in raw.files] == ["a.csv", "b.csv"]
    assert raw.where.endswith("a.csv and 1 more")
    rows = raw.table.to_pyarrow().to_pylist()
    assert {(r["id"], r["money"], r["Region"], r["channel"], r["source_file"]) for r in rows} == {
        ("1", "2", "north", None, "input/b.csv"),
        ("3", "5", None, "web", "input/a.csv"),
    }


def test_each_file_of_a_glob_has_the_mapped_columns(shop):
    shop.file(GOOD, "a.csv")
    shop.file(GOOD.replace(b"money", b"Moneys"), "b.csv")
    message = shop.refused(source='{file: "*.csv"}')
    assert "b.csv has no column 'money'" in message
    assert "rename 'Moneys' to 'money' in it if that is meant" in message


def test_marks_of_a_glob_in_a_name(shop):
    shop.file(GOOD, "a[1].csv")
    shop.file(GOOD + GOOD, "a1.csv")
    assert len(shop.rows(source='{file: "a[1].csv"}')) == 2


def test_an_earlier_read_leaves_nothing_behind(shop):
    shop.file(GOOD)
    shop.file(GOOD + b"3,2020-01-03,1\n", "b.csv")
    assert len(shop.rows(source='{file: "*.csv"}')) == 5
    assert len(shop.rows()) == 2


# --- what is refused -----------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (b"", DataError, "a.csv is empty"),
        (b"\n \n", DataError, "nothing but blank lines"),
        (b"id,day,money\n\n", DataError, "a header and no row"),
        (b"id,day,money\n1,\x00,3\n", ConfigError, "NUL character"),
        (GOOD.decode().encode("utf-16"), ConfigError, "`format: {encoding: utf-16}`"),
        (b"id,day,money\n1,\xe9,3\n", ConfigError, "byte 16 does not fit"),
        (b"id,day,money\n1,\xe9,3\n", ConfigError, "`format: {encoding: cp1252}`"),
        (GOOD.replace(b",", b";"), ConfigError, "`format: {delimiter: ;}`"),
        (GOOD.replace(b",", b"\t"), ConfigError, "`format: {delimiter: tab}`"),
        (GOOD.replace(b",", b" "), ConfigError, "`format: {delimiter: whitespace}`"),
        (b"id,money,day,money\n1,2,3,4\n", ConfigError, "2 columns named 'money'"),
        (b"ID,day,money\n1,2,3\n", ConfigError, "`columns: {customer_id: ID}`"),
        (GOOD.decode().encode("utf-16-le"), ConfigError, "encoding: utf-16-le"),
        (GOOD.decode().encode("utf-16-be"), ConfigError, "encoding: utf-16-be"),
        (GOOD.decode().encode("utf-32"), ConfigError, "encoding: utf-32"),
        (b"PK\x03\x04xx", ConfigError, "cannot be read as a workbook"),
        (gzip.compress(GOOD, mtime=0), ConfigError, "ends in .csv.gz"),
        (b"PAR1xx", ConfigError, "cannot be read as Parquet"),
        (b"7,2020-01-01,3.5\n8,2020-01-02,4\n", ConfigError, "`format: {header: false}`"),
        (b"id,day,total\n1,2020-01-01,3\n", ConfigError, "meant as `columns: {amount: …}`"),
        (b"x,y\n1,2\n", ConfigError, "has no column 'id'. It has 'x', 'y'"),
    ],
)
def test_files_that_cannot_be_read(shop, content, error, said):
    shop.file(content)
    message = shop.refused(error)
    assert said in message
    assert "a.csv" in message


def test_the_byte_is_named_far_into_a_file(shop):
    shop.file(GOOD * 50_000 + b"1,\xff,3\n")
    assert f"byte {len(GOOD) * 50_000 + 3} does not fit" in shop.refused()


def test_utf_16_without_its_mark(shop):
    shop.file(GOOD)
    message = shop.refused(yaml=FORMAT + "format: {encoding: utf-16}")
    assert "`format: {encoding: utf-8}`" in message


def test_the_line_that_excel_writes_first(shop):
    shop.file(b"sep=;\r\n" + GOOD.replace(b",", b";"))
    assert len(shop.rows(FORMAT + "format: {delimiter: ';'}")) == 2


def test_marks_of_a_glob_in_the_folder_and_lock_files(tmp_path, engine):
    shop = Shop(tmp_path / "a[1]", engine)
    for name in ("a.csv", ".a.csv", "~$a.csv"):
        shop.file(GOOD, name)
    assert len(shop.rows(source='{file: "*.csv"}')) == 2


def test_a_missing_driver_is_named(shop, monkeypatch):
    def connect(url):
        raise ModuleNotFoundError("No module named 'psycopg'")

    monkeypatch.setattr("retention_lib.sources.database.ibis.connect", connect)
    message = shop.refused(source="{table: a, connection: 'postgresql://host/shop'}")
    assert "pip install -c constraints.txt -e '.[postgres]'" in message


def test_a_query_runs_once_and_opens_no_other_file(shop):
    sqlite_shop(shop)
    other = shop.folder / "other.sqlite"
    source = f"{{query: \"ATTACH '{other}' AS o\", connection: 'sqlite:///shop.sqlite'}}"
    assert "not authorized" in shop.refused(source=source)
    assert not other.exists()


def test_an_encoding_that_the_first_bytes_contradict(shop):
    shop.file(b"\xef\xbb\xbf" + GOOD)
    message = shop.refused(yaml=FORMAT + "format: {encoding: cp1250}")
    assert "write `format: {encoding: utf-8}`" in message


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{file: b.csv}", "Do you mean a.csv?"),
        ("{file: input/a.csv}", "is missing too"),
        ("{file: folder}", "is a folder without a file of data, but with x.md"),
        ("{file: '*.txt'}", "No file matches"),
        ("{file: a.parquet}", "cannot be read as Parquet"),
        ("{package: no_such_package/a.csv}", "no package 'no_such_package'"),
        ("{package: lifetimes/datasets/CDNOW.txt}", "has no file 'datasets/CDNOW.txt'"),
        ("{package: lifetimes/../../x}", "does not lie inside"),
        ("{package: lifetimes.datasets/CDNOW_master.txt}", "no package"),
    ],
)
def test_sources_that_are_not_there(shop, source, said):
    for name in ("a.csv", "a.parquet", "folder/x.md"):
        shop.file(GOOD, name)
    assert said in shop.refused(source=source)


# --- Parquet and databases -----------------------------------------------------


def test_parquet_keeps_its_types(shop):
    table = pa.table({"id": [1, 2], "day": pa.array([0, 1], pa.date32()), "reason": ["x", None]})
    pq.write_table(table, shop.folder / "a.parquet")
    raw = shop.read("columns: {customer_id: id, ordered_at: day}", "{file: a.parquet}")
    assert raw.table.columns == (
        *("id", "day", "reason_2"),
        *("source_file", "unreadable_line", "line_number"),
    )
    assert raw.table.id.type().is_int64()
    assert raw.table.day.type().is_date()
    assert raw.table.unreadable_line.count().to_pyarrow().as_py() == 0
    assert not list((shop.folder / "cache" / "raw.parquet").iterdir())


def test_duckdb_table(shop):
    with duckdb.connect(shop.folder / "shop.duckdb") as connection:
        connection.execute(
            "CREATE TABLE sales AS SELECT 1 AS id, DATE '2020-01-01' AS day, 2.5 AS money, "
            "uuid() AS code, [1, 2] AS list, {a: 1} AS struct, TIME '10:00' AS hour"
        )
    raw = shop.read(source="{table: sales, connection: 'duckdb://shop.duckdb'}")
    row = raw.table.to_pyarrow().to_pylist()[0]
    assert (row["id"], str(row["day"]), float(row["money"])) == (1, "2020-01-01", 2.5)
    message = shop.refused(source="{table: sale, connection: 'duckdb://shop.duckdb'}")
    assert "shop.duckdb (table sale) cannot be read" in message


def sqlite_shop(shop: Shop) -> str:
    connection = sqlite3.connect(shop.folder / "shop.sqlite")
    connection.execute('CREATE TABLE "sales list" (id, day, money, note)')
    rows = [("007", "2020-01-01", 2, b"\x01"), (8, "2020-01-02", 2.5, None), (None, None, None, 1)]
    connection.executemany('INSERT INTO "sales list" VALUES (?, ?, ?, ?)', rows)
    connection.commit()
    connection.close()
    return "{table: sales list, connection: 'sqlite:///shop.sqlite'}"


def test_sqlite_columns_of_mixed_types_are_text(shop):
    raw = shop.read(source=sqlite_shop(shop))
    rows = raw.table.to_pyarrow().to_pylist()
    assert {(r["id"], r["money"], r["note"]) for r in rows} == {
        ("007", 2.0, "01"),
        ("8", 2.5, None),
        (None, None, "1"),
    }


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{table: other, connection: 'sqlite:///shop.sqlite'}", "no such table"),
        ("{query: DELETE FROM x, connection: 'sqlite:///shop.sqlite'}", "cannot be read"),
        ("{table: a, connection: 'sqlite:///none.sqlite'}", "none.sqlite"),
        ("{table: a, connection: 'mysql://host/shop'}", "begins with postgresql://"),
        ("{table: a, connection: '${NOT_SET_ANYWHERE}'}", "NOT_SET_ANYWHERE, which is not set"),
        ("{query: SELECT 1 AS id, connection: 'sqlite:///shop.sqlite'}", "has no column"),
    ],
)
def test_databases_that_cannot_be_read(shop, source, said):
    sqlite_shop(shop)
    assert said in shop.refused(source=source)


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("postgresql://me:${WORD}@127.0.0.1:1/shop", "s3cr3t"),
        ("postgresql://me:${WORD}@127.0.0.1:1/shop", "s3/c@r?3t#x"),
        ("postgresql://127.0.0.1:1/shop?password=${WORD}", "s3cr3t"),
        ("${WORD}", "postgresql://me:s3cr3t@127.0.0.1:1/shop"),
        ("${WORD}", "postgresql://me:s3/c?r@3t@127.0.0.1:1/shop"),
        ("${WORD}", "s3cr3t"),
    ],
)
def test_no_password_in_any_message(shop, monkeypatch, url, word):
    monkeypatch.setenv("WORD", word)
    source = f"{{table: sales, connection: '{url}'}}"
    with pytest.raises(ConfigError) as caught:
        shop.read(source=source)
    message = str(caught.value)
    for secret in ("s3cr3t", "s3/c", "r?3t", "r@3t", "s3%2F", "me:"):
        assert secret not in message
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__


# --- the fingerprint -----------------------------------------------------------


def test_fingerprint_of_files(shop):
    shop.file(GOOD)
    first = shop.read().fingerprint
    assert len(first) == len(hashlib.sha256().hexdigest())
    assert shop.read().fingerprint == first
    assert shop.read(FORMAT + "currency: EUR").fingerprint != first
    shop.file(GOOD.replace(b"4.5", b"4.6"))
    assert shop.read().fingerprint != first


def test_fingerprint_of_a_database_is_of_its_rows(shop):
    def fingerprint(*rows: tuple) -> str:
        (shop.folder / "x.sqlite").unlink(missing_ok=True)
        connection = sqlite3.connect(shop.folder / "x.sqlite")
        connection.execute("CREATE TABLE s (id, day, money)")
        connection.executemany("INSERT INTO s VALUES (?, ?, ?)", rows)
        connection.commit()
        connection.close()
        return shop.read(source="{table: s, connection: 'sqlite:///x.sqlite'}").fingerprint

    a, b = ("1", "2020-01-01", 2), ("2", "2020-01-01", 3)
    assert fingerprint(a, b) == fingerprint(b, a)
    assert len({fingerprint(a, b), fingerprint(a), fingerprint(a, a), fingerprint(a, a, b, b)}) == 4


def test_an_empty_table(shop):
    connection = sqlite3.connect(shop.folder / "x.sqlite")
    connection.execute("CREATE TABLE s (id, day, money)")
    connection.close()
    message = shop.refused(DataError, source="{table: s, connection: 'sqlite:///x.sqlite'}")
    assert "holds no rows" in message
