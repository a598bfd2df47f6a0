"""Files beside the sales: what customers said, and what is wrong with a file is said exactly."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention_lib.client import Client, parse_client
from retention_lib.errors import ConfigError, DataError
from retention_lib.transactions.leaving_reasons import reasons

HEADER = "customer_id,date,score,reason\n"


def client(folder: Path, format_: str = "", named: str = "reasons.csv") -> Client:
    yaml = "name: S\nsource: {file: a.csv}\ncolumns: {customer_id: c, ordered_at: d}\n"
    yaml += f"format: {{{format_}}}\n" + (f"reasons: {named}\n" if named else "")
    return parse_client(yaml, "s", folder)


def read(folder: Path, content: str | bytes, format_: str = "") -> pd.DataFrame:
    content = content.encode() if isinstance(content, str) else content
    (folder / "reasons.csv").write_bytes(content)
    found = reasons(client(folder, format_))
    assert found is not None
    return found


def plain(found: pd.DataFrame) -> list[tuple[object, ...]]:
    rows = found.assign(date=found["date"].dt.strftime("%Y-%m-%d")).astype(object)
    return list(rows.where(rows.notna(), None).itertuples(index=False, name=None))


def test_a_client_without_such_a_file_has_none(tmp_path: Path) -> None:
    assert reasons(client(tmp_path, named="")) is None


def test_answers_are_read_in_their_order(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        HEADER + '007,2024-12-31,2.5,"Too dear, and ""slow"""\n'
        "17850.0,2024-01-02,,\n\n 7 ,2024-01-01,0,=1+1\n",
    )
    assert list(found.columns) == ["customer_id", "date", "score", "reason"]
    assert found["date"].dtype.kind == "M" and found["score"].dtype == "float64"
    assert plain(found) == [
        ("007", "2024-12-31", 2.5, 'Too dear, and "slow"'),
        ("17850", "2024-01-02", None, None),
        ("7", "2024-01-01", 0.0, "=1+1"),
    ]


def test_it_may_be_of_any_kind_that_the_sales_may_be_of(tmp_path: Path) -> None:
    rows = {
        "date": [date(2024, 1, 2), date(2024, 1, 1)],
        "customer_id": [7.0, 8.0],
        "reason": ["x", None],
    }
    pd.DataFrame(rows).to_parquet(tmp_path / "reasons.parquet")
    packed = b"customer_id,date,reason\n7,2024-01-02,x\n8,2024-01-01,\n"
    (tmp_path / "reasons.csv.gz").write_bytes(gzip.compress(packed))
    lines = '{"customer_id": 7, "date": "2024-01-02", "reason": "x"}\n'
    lines += '{"customer_id": 8, "date": "2024-01-01"}\n'
    (tmp_path / "reasons.jsonl").write_text(lines)
    with xlsxwriter.Workbook(tmp_path / "reasons.xlsx") as book:
        sheet = book.add_worksheet("Reasons")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["customer_id", "date", "reason"])
        sheet.write_column(1, 0, [7, 8])
        sheet.write_datetime(1, 1, date(2024, 1, 2), day)
        sheet.write_datetime(2, 1, date(2024, 1, 1), day)
        sheet.write_string(1, 2, "x")
    for name in ("reasons.parquet", "reasons.csv.gz", "reasons.jsonl", "reasons.xlsx"):
        found = reasons(client(tmp_path, named=name))
        assert found is not None
        assert plain(found) == [("7", "2024-01-02", None, "x"), ("8", "2024-01-01", None, None)]


def test_score_and_reason_may_be_missing_and_columns_in_any_order(tmp_path: Path) -> None:
    assert plain(read(tmp_path, "date,customer_id\n2024-01-01,a\n")) == [
        ("a", "2024-01-01", None, None)
    ]


def test_it_is_written_as_the_sales_are(tmp_path: Path) -> None:
    content = "customer_id;date;score;reason\r\nŁ1;31.12.2024;1.000,5;drożej; \r\n"
    format_ = "delimiter: ';', encoding: cp1250, date: '%d.%m.%Y', decimal: ',', thousands: '.'"
    found = read(tmp_path, content.replace("; \r", "\r").encode("cp1250"), format_)
    assert plain(found) == [("Ł1", "2024-12-31", 1000.5, "drożej")]


def test_it_has_a_header_and_commas_though_the_sales_have_neither(tmp_path: Path) -> None:
    (tmp_path / "reasons.csv").write_text(HEADER + "a,19970101,1,too dear\n")
    yaml = "name: S\nsource: {file: a.txt}\ncolumns: {customer_id: 1, ordered_at: 2}\n"
    yaml += "format: {header: false, delimiter: whitespace, date: '%Y%m%d'}\nreasons: reasons.csv"
    found = reasons(parse_client(yaml, "s", tmp_path))
    assert found is not None and plain(found) == [("a", "1997-01-01", 1.0, "too dear")]


def test_a_last_empty_column_and_excels_own_first_line_are_no_fault(tmp_path: Path) -> None:
    content = "sep=,\n" + HEADER + "a,2024-01-01,1,x,\n"
    assert plain(read(tmp_path, content)) == [("a", "2024-01-01", 1.0, "x")]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [("007", "007"), ("17850.0", "17850"), ("1.00", "1.00"), ("1.5", "1.5"), ("a.0", "a.0")],
)
def test_ids_are_those_of_the_sales(tmp_path: Path, written: str, read_as: str) -> None:
    assert read(tmp_path, f"{HEADER}{written},2024-01-01,,\n")["customer_id"].tolist() == [read_as]


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=50))
def test_any_reason_comes_back_without_the_blanks_around_it(tmp_path: Path, text: str) -> None:
    quoted = '"{}"'.format(text.replace('"', '""'))
    found = read(tmp_path, f"{HEADER}a,2024-01-01,,{quoted}\nb,2024-01-01,,x\n")
    blanks = " \t\r\n\v\f\u00a0\u2007\u2009\u202f\u3000\ufeff"
    assert [row[3] for row in plain(found)] == [text.strip(blanks) or None, "x"]


# --- what is wrong, and where ---


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "customer,date\na,2024-01-01\n",
            (
                r"reasons.csv: the column 'customer' has no meaning here; "
                r"do you mean 'customer_id'\? If not, the header should be `customer_id,date,score,reason`"
            ),
        ),
        ("\ncustomer_id,reason\na,x\n", "the column 'date' is missing; the header should"),
        ("customer_id,date,date\na,b,c\n", "the column 'date' is there twice"),
        (
            HEADER + "a,2024-01-01,,\n,2024-01-01,,\n",
            ("line 3, column 'customer_id': is empty; write the customer's id"),
        ),
        (HEADER + "\na,,,\n", "line 3, column 'date': is empty; write the day of the answer as in"),
        (
            HEADER + 'a,2024-01-01,,"x\ny"\na,2024-02-30,,\nb,?,,\n',
            (
                r"line 4, column 'date': "
                r"'2024-02-30' cannot be read \(and 1 more\); write the day of the answer as in 2024-12-31"
            ),
        ),
        (
            HEADER + "a,2024-01-01,many,\n",
            (
                "line 2, column 'score': 'many' cannot be read; write a "
                "number, with '.' before decimals, or nothing"
            ),
        ),
        (HEADER + 'a,2024-01-01,"1,5",\n', "column 'score': '1,5' cannot be read"),
        (
            HEADER + "a,2024-01-01,1,b\na,2024-01-01,1,too dear, slow\n",
            "line 3: 'a,2024-01-01,1,too dear, slow' cannot be read; write the columns of the header, with double quotes around a text that holds ','",
        ),
        (HEADER + "a,2024-01-01,1\n", "line 2: 'a,2024-01-01,1' cannot be read"),
        (
            HEADER + '\na,2024-01-01,1,"cut\noff\n',
            "line 4: 'off' cannot be read",
        ),
        ("customer_id;date\na;b\n", "`formats: {reasons.csv: {delimiter: ;}}`"),
        (b"PK\3\4 and so on", "reasons.csv cannot be read as a workbook"),
        ((HEADER + "a,2024-01-01,,za drogo\xb3\n").encode("latin-1"), "is not text in utf-8"),
    ],
)
def test_faults_are_said_exactly(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as raised:
        read(tmp_path, content)
    assert "reasons.csv" in str(raised.value)


def test_a_declared_date_format_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'2024-01-31' cannot be .* as %d\.%m\.%Y \(`format`"):
        read(tmp_path, HEADER + "a,2024-01-31,,\n", "date: '%d.%m.%Y'")


def test_a_missing_file_and_a_folder_are_said(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"reasons.csv, named in .*client.yaml, is missing"):
            reasons(client(tmp_path))
        (tmp_path / "reasons.csv").mkdir(exist_ok=True)


def test_nothing_below_the_header_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a header and no row below it"):
        read(tmp_path, HEADER)


def test_a_survey_is_small(tmp_path: Path) -> None:
    row = "a,2024-01-01,1,x\n"
    assert len(read(tmp_path, HEADER + row * 100_000)) == 100_000
    with pytest.raises(ConfigError, match="has more than 100,000 rows, but no more are read"):
        read(tmp_path, HEADER + row * 100_001)
