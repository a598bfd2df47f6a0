"""Every line of a text file is accounted for, whatever its quotes say."""

import random
from collections import Counter

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_lib.client import Format
from retention_lib.errors import ConfigError, DataError
from retention_lib.sources import connect, survey, text
from retention_lib.sources.names import LINE, NUMBER


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return connect(tmp_path_factory.mktemp("scratch"))


@pytest.fixture
def read(tmp_path, engine):
    """Read bytes as a file; return its rows in their order, and what became of the file."""

    def read(content: bytes, **format_):
        (tmp_path / "a.csv").write_bytes(content)
        files = [tmp_path / "a.csv"]
        raw = survey(files, lambda label: Format(**format_), engine, tmp_path / "cache")
        rows = raw.table.order_by("line_number").drop("source_file").to_pyarrow().to_pylist()
        return rows, raw.files[0]

    return read


def whole(read_) -> tuple:
    return read_.lines, read_.above, read_.rows, read_.continued, read_.blank


def sales(number: int, note=lambda n: "", delimiter=",") -> list[str]:
    return [
        delimiter.join([str(1000 + n), f"2024-{1 + n % 12:02}-{1 + n % 28:02}", note(n), f"{n}.50"])
        for n in range(number)
    ]


HEADER = "order,day,note,total"


# --- quotes that are none ------------------------------------------------------


def test_pairs_of_stray_quotes_swallow_nothing(read):
    """17 pairs of them once took 2,550 of 6,838 rows without a trace."""
    seed = random.Random(17)
    body = sales(6838, lambda n: "plain")
    places = sorted(seed.sample(range(6838), 34))
    for place in places:
        opening = places.index(place) % 2 == 0
        order, day, _, total = body[place].split(",")
        body[place] = ",".join([order, day, '"nice' if opening else 'very nice"', total])
    rows, file = read("\n".join([HEADER, *body, ""]).encode())
    assert whole(file) == (6839, 1, 6838, 0, 0)
    assert [row["order"] for row in rows] == [str(1000 + n) for n in range(6838)]
    assert Counter(row["note"] for row in rows) == {
        "plain": 6804,
        '"nice': 17,
        'very nice"': 17,
    }
    assert [row["line_number"] for row in rows] == list(range(2, 6840))


@pytest.mark.parametrize("apart", [1, 2, 3, 150, 199, 250])
@pytest.mark.parametrize("first", ['"nice', '"nice, big', '"a ""b'])
def test_a_stray_quote_and_a_later_one(read, apart, first):
    body = sales(300, lambda n: "plain")
    body[5] = f"1005,2024-06-06,{first},5.50"
    body[5 + apart] = f'{1005 + apart},2024-06-06,good",7.50'
    rows, file = read("\n".join([HEADER, *body]).encode())
    assert (file.rows, file.continued) == (300, 0)
    kept = [row["order"] for row in rows if row["order"] not in ("1005", None)]
    assert kept == [str(1000 + n) for n in range(300) if n != 5]


@settings(max_examples=100, deadline=None)
@given(
    odd=st.dictionaries(
        st.integers(0, 59),
        st.sampled_from(
            ['"nice', 'nice"', '"', '""', '"a""', 'a, "b', '"a, b', 'x",y', '"27" x', '",']
        ),
        max_size=12,
    ),
    quoted=st.booleans(),
)
def test_stray_quotes_cost_no_other_row(odd, quoted, tmp_path_factory, engine):
    """Whatever stands in the notes of some rows, all others are read as they are."""
    folder = tmp_path_factory.mktemp("stray")
    body = sales(60, lambda n: odd.get(n, '"plain, red"' if quoted else "plain"))
    (folder / "a.csv").write_text("\n".join([HEADER, *body]), encoding="utf-8")
    raw = survey([folder / "a.csv"], lambda label: Format(), engine, folder / "cache")
    rows = raw.table.order_by("line_number").to_pyarrow().to_pylist()
    by_line = {row["line_number"]: row for row in rows}
    for n in set(range(60)) - set(odd):
        row = by_line[n + 2]
        assert (row["order"], row["total"]) == (str(1000 + n), f"{n}.50")
        assert row["note"] == ("plain, red" if quoted else "plain")
    file = raw.files[0]
    assert (file.rows, file.continued) == (60, 0)


def test_inches_are_plain_characters(read):
    body = sales(20)
    body[3] = '1003,2024-01-03,"27" monitors,3.50'
    body[4] = '1004,2024-01-03,27" monitors,3.50'
    body[5] = '1005,2024-01-03,"27 monitors,3.50'
    rows, _ = read("\n".join([HEADER, *body]).encode())
    assert [row["note"] for row in rows[3:6]] == ['"27" monitors', '27" monitors', '"27 monitors']
    assert all(row["unreadable_line"] is None for row in rows)


def test_an_open_quote_with_delimiters_costs_its_own_line(read):
    body = sales(20)
    body[3] = '1003,2024-01-03,"big, red, round,3.50'
    rows, file = read("\n".join([HEADER, *body]).encode())
    assert [row["unreadable_line"] for row in rows if row["unreadable_line"]] == [body[3]]
    assert (file.rows, file.continued) == (20, 0)


# --- notes over lines ----------------------------------------------------------

NOTES = [
    "Dear shop,\nplease, send it soon\n\nBye",
    'He said ""well"", then\nleft, with; all\tof it',
    "a\r\nb\rc",
    ",,,\n,,,\n",
    "\n" * 150 + "late",
    "\n".join(f"line {n}, of many, and more, 5" for n in range(190)),
    "red, 5, green, 7",
    "one\n17, 2024, blue, 5.5\nthree",
]


@pytest.mark.parametrize("note", NOTES)
@pytest.mark.parametrize("place", [0, 7, 19])
def test_a_note_over_lines_is_read_exactly(read, note, place):
    body = sales(20, lambda n: "plain")
    body[place] = f'{1000 + place},2024-01-03,"{note}",3.50'
    rows, file = read("\n".join([HEADER, *body, ""]).encode())
    assert [row["order"] for row in rows] == [str(1000 + n) for n in range(20)]
    assert rows[place]["note"] == note.replace('""', '"')
    assert file.rows == 20
    assert file.lines == file.above + file.rows + file.continued + file.blank


def test_lines_know_where_they_stood(read):
    content = f'{HEADER}\n\n1,2024-01-01,"a\nb",2\n\n;\n2,2024-01-02,c,3\n'
    rows, file = read(content.encode())
    assert [(row["order"], row["unreadable_line"], row["line_number"]) for row in rows] == [
        ("1", None, 3),
        (None, ";", 6),
        ("2", None, 7),
    ]
    assert whole(file) == (7, 1, 3, 1, 2)


# --- lines with nothing in them, headers again, ends and marks -----------------


@pytest.mark.parametrize(
    ("line", "delimiter"),
    [
        (";;;", ";"),
        (";", ";"),
        ("   ", ";"),
        (" ; ; ; ", ";"),
        ("\t\t", "\t"),
        ("  ", "whitespace"),
    ],
)
def test_lines_of_delimiters_alone_are_rows_of_nothing(read, line, delimiter):
    mark = " " if delimiter == "whitespace" else delimiter
    content = f"{HEADER}\n1,2,3,4\n{line}\n5,6,7,8\n".replace(",", mark)
    rows, file = read(content.encode(), delimiter=delimiter)
    assert list(rows[1].values()) == [None, None, None, None, None, 3]
    assert whole(file) == (4, 1, 3, 0, 0)


def test_a_header_in_the_middle_is_set_apart(read):
    one = f"{HEADER}\r\n1,2024-01-01,x,2\r\n".encode("utf-8-sig")
    rows, file = read(one + one + b' order ,"day",note,total\r\n')
    assert [row["unreadable_line"] for row in rows] == [
        None,
        HEADER,
        None,
        ' order ,"day",note,total',
    ]
    assert [row["line_number"] for row in rows] == [2, 3, 4, 5]
    assert file.rows == 4


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "end"])
def test_ends_of_lines(read, end, last):
    rows, file = read((end.join([HEADER, *sales(30)]) + (end if last else "")).encode())
    assert [row["order"] for row in rows] == [str(1000 + n) for n in range(30)]
    assert rows[-1]["total"] == "29.50"
    assert whole(file) == (31, 1, 30, 0, 0)


def test_mixed_ends_of_lines(read):
    rows, file = read(b"a,b\r\n1,2\n3,4\r\n5,6\r7,8\n")
    assert [(row["a"], row["b"]) for row in rows] == [
        ("1", "2"),
        ("3", "4"),
        ("5", "6"),
        ("7", "8"),
    ]
    assert [row["line_number"] for row in rows] == [2, 3, 4, 5]
    assert file.lines == 5


def test_a_line_cut_off_at_the_end(read):
    rows, _ = read(("\n".join([HEADER, *sales(5)]) + "\n1005,2024-0").encode())
    assert rows[-1]["unreadable_line"] == "1005,2024-0"


@pytest.mark.parametrize(
    ("header", "row", "extra"),
    [("a,b,c,", "1,2,3", True), ("a,b,c", "1,2,3,", False), ("a,b,c", "1,2,3,,,", False)],
)
def test_empty_columns_at_the_end(read, header, row, extra):
    rows, _ = read(f"{header}\n{row}\n{row}\n".encode())
    assert [rows[0][name] for name in "abc"] == ["1", "2", "3"]
    assert ("column_4" in rows[0]) == extra
    assert rows[0]["unreadable_line"] is None


def test_padded_and_quoted_cells(read):
    rows, _ = read(b' "a" , b ,"c, d"\n "1, 2" , x , "y" \n')
    assert [*rows[0]][:3] == ["a", "b", "c, d"]
    assert rows[0]["a"] == "1, 2"
    assert rows[0]["c, d"] == "y"


# --- both ways -----------------------------------------------------------------

sound = st.sampled_from(["1,2,3", '"1","2","3"', 'a,"b ""c"", d",e', "x,,", '"",a,b', " 1 , 2,3 "])
odd = st.sampled_from(
    [' "x",y,z', '"x" ,y,z', "a,b,c", '1,"a', 'b",3', "", " ", ",,", ", ,", "1,2", '5" x,y,z']
)
any_line = st.text(st.sampled_from('a1, "\t\r\ufeff;'), max_size=12)


@settings(max_examples=150, deadline=None)
@given(
    body=st.one_of(
        st.lists(sound, min_size=1, max_size=6),
        st.lists(st.one_of(sound, odd), min_size=1, max_size=8),
        st.lists(st.one_of(sound, any_line), min_size=1, max_size=6),
    ),
    end=st.sampled_from(["\n", "\r\n"]),
    head=st.sampled_from(["a,b,c", '"a",b,c', "a,b,c,", "\na,b,c", "# x\na,b,c"]),
    closed=st.booleans(),
)
def test_both_ways_give_the_same_rows(body, end, head, closed, tmp_path_factory, engine):
    folder = tmp_path_factory.mktemp("both")
    content = end.join([*head.split("\n"), *body]) + (end if closed else "")
    (folder / "a.csv").write_bytes(content.encode())
    format_ = Format(skip_lines=int(head.startswith("#")))
    try:
        with text.opened(folder / "a.csv", format_, folder / "c.txt", list) as opened:
            columns = [f"c{n}" for n in range(len(opened.names))]
            quick = text._by_duckdb(opened, columns, engine, folder / "quick.parquet")
            slow = text.line_by_line(opened, columns, folder / "slow.parquet").counted
    except DataError:
        return
    rows = pq.read_table(folder / "slow.parquet").to_pylist()
    assert slow.lines == slow.above + len(rows) + slow.continued + slow.blank
    if quick:
        assert quick == slow
        found = pq.read_table(folder / "quick.parquet").to_pylist()
        numbered = enumerate(found, start=quick.above + 1)
        assert rows == [{**row, LINE: None, NUMBER: number} for number, row in numbered]


cell = st.text(st.sampled_from("ab1 .\",;'\n\r\té🌷"), max_size=8)


@settings(max_examples=150, deadline=None)
@given(
    notes=st.lists(cell, min_size=4, max_size=12),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoted=st.booleans(),
)
def test_any_table_comes_back(notes, delimiter, end, encoding, quoted, tmp_path_factory, engine):
    """A table written as it should be comes back cell by cell, and each line is somewhere."""

    def written(value: str) -> str:
        needs = quoted or any(mark in value for mark in f'{delimiter}"\r\n')
        return '"' + value.replace('"', '""') + '"' if needs else value

    folder = tmp_path_factory.mktemp("table")
    table = [(f"K{n:03}", f"2024-01-{n + 1:02}", note, f"{n}.25") for n, note in enumerate(notes)]
    lines = [delimiter.join(map(written, row)) for row in [("id", "day", "note", "total"), *table]]
    (folder / "a.csv").write_bytes((end.join(lines) + end).encode(encoding))
    format_ = Format(delimiter=delimiter, encoding=encoding)
    raw = survey([folder / "a.csv"], lambda label: format_, engine, folder / "cache")
    rows = raw.table.order_by("line_number").to_pyarrow().to_pylist()
    found = [(row["id"], row["day"], row["note"], row["total"]) for row in rows]
    blank = {None: None, "": None}
    assert found == [(a, b, blank.get(note, note), d) for a, b, note, d in table]
    file = raw.files[0]
    assert file.lines == file.above + file.rows + file.continued + file.blank


def test_what_is_no_text_is_refused(read):
    with pytest.raises(ConfigError, match="NUL character"):
        read(b"a,b\n1,2\n\x00\x00,4\n")
