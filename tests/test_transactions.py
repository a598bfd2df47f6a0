import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from retention_lib.client import load_client, parse_client, project_root
from retention_lib.errors import ConfigError, DataError
from retention_lib.sources import connect, read
from retention_lib.transactions import REASONS, kept, last_day, set_aside, statuses, typed, until

UCI = project_root() / "../shared/data/online_retail_uci.csv.gz"
NORTHWIND = project_root() / "../shared/data/northwind_small.sqlite"
COLUMNS = "columns: {customer_id: id, ordered_at: day, amount: money}\n"


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return connect(tmp_path_factory.mktemp("scratch"))


class Shop:
    """Rows of a made source, typed."""

    def __init__(self, folder: Path, engine):
        self.folder, self.engine = folder, engine

    def typed(self, text, yaml: str = COLUMNS, as_of: date | None = None):
        name = "a.parquet" if isinstance(text, pa.Table) else "a.csv"
        if isinstance(text, pa.Table):
            pq.write_table(text, self.folder / name)
        else:
            (self.folder / name).write_text(text, encoding="utf-8", newline="")
        whole = f"name: Shop\nsource: {{file: {name}}}\n{yaml}"
        (self.folder / "client.yaml").write_text(whole, encoding="utf-8")
        client = parse_client(whole, "shop", self.folder)
        table = typed(read(client, self.engine, self.folder / "cache"), client)
        return until(table, as_of) if as_of else table

    def column(self, values, standard: str, yaml: str = "", more=()) -> list:
        """Type one column of values, one row each, and give it back in order, without more."""
        columns = "columns: {customer_id: id, ordered_at: day"
        columns += ", quantity: n, unit_price: p" if standard == "unit_price" else ", amount: p"
        rows = [f'{n:03d};2020-01-01;1;"{value}"' for n, value in enumerate([*values, *more])]
        table = self.typed(
            "\n".join(["id;day;n;p", *rows]),
            f"{columns}}}\nformat: {{delimiter: ';'{', ' + yaml if yaml else ''}}}\n",
        )
        return [row[standard] for row in plain(table.order_by("customer_id"))][: len(values)]

    def days(self, values, format_: str | None = None, more=()) -> list:
        rows = [f'{n:03d};"{value}"' for n, value in enumerate([*values, *more])]
        date_ = f', date: "{format_}"' if format_ else ""
        table = self.typed(
            "\n".join(["id;day", *rows]),
            f"columns: {{customer_id: id, ordered_at: day}}\nformat: {{delimiter: ';'{date_}}}\n",
        )
        return [row["day"] for row in plain(table.order_by("customer_id"))][: len(values)]


@pytest.fixture
def shop(tmp_path, engine):
    return Shop(tmp_path, engine)


def plain(table) -> list[dict]:
    return table.to_pyarrow().to_pylist()


def reasons(table) -> dict:
    return dict(Counter(row["reason"] for row in plain(table)))


# --- whole files ---------------------------------------------------------------


def test_cdnow_is_all_kept(engine, tmp_path):
    client = load_client("cdnow")
    table = typed(read(client, engine, tmp_path), client)
    assert reasons(table.select("reason")) == {None: 69_659}
    rows = kept(table)
    assert rows.customer_id.nunique().to_pyarrow().as_py() == 23_570
    assert rows.amount.sum().to_pyarrow().as_py() == pytest.approx(2_500_315.63)
    assert rows.quantity.sum().to_pyarrow().as_py() == 167_881
    assert rows.day.min().to_pyarrow().as_py() == date(1997, 1, 1)
    assert last_day(table, date(2026, 1, 1)) == date(1998, 6, 30)
    assert set_aside(table).count().to_pyarrow().as_py() == 0


@pytest.mark.skipif(not UCI.exists(), reason="the shared UCI Online Retail file is not here")
def test_uci(engine, tmp_path):
    text = (
        f"name: UCI\nsource: {{file: {UCI.resolve()}}}\ncolumns: {{customer_id: CustomerID, "
        "ordered_at: InvoiceDate, quantity: Quantity, unit_price: UnitPrice, order_id: InvoiceNo}\n"
    )
    (tmp_path / "client.yaml").write_text(text)
    client = parse_client(text, "uci", tmp_path)
    table = typed(read(client, engine, tmp_path), client)
    found = table.group_by("reason").agg(
        rows=table.count(), money=table.amount.sum(), decimal=table.id_was_decimal.sum()
    )
    counts = {row["reason"]: row for row in plain(found)}
    assert {reason: row["rows"] for reason, row in counts.items()} == {
        None: 401_604,
        "missing_customer_id": 135_080,
        "duplicate_line": 5_225,
    }
    assert sum(row["rows"] for row in counts.values()) == 541_909
    assert sum(row["money"] for row in counts.values()) == pytest.approx(9_747_747.934)
    assert counts[None]["decimal"] == 401_604
    assert counts["missing_customer_id"]["decimal"] == 0


@pytest.mark.skipif(not NORTHWIND.exists(), reason="the shared Northwind database is not here")
def test_northwind(engine, tmp_path):
    text = f"""
name: Northwind
source:
  query: |
    SELECT o.CustomerID, o.OrderID, o.OrderDate, d.UnitPrice * d.Quantity AS money
    FROM Orders o JOIN "Order Details" d USING (OrderID)
  connection: sqlite:///{NORTHWIND.resolve()}
columns: {{customer_id: CustomerID, ordered_at: OrderDate, amount: money, order_id: OrderID}}
"""
    (tmp_path / "client.yaml").write_text(text)
    client = parse_client(text, "northwind", tmp_path)
    rows = kept(typed(read(client, engine, tmp_path), client))
    assert rows.customer_id.nunique().to_pyarrow().as_py() == 89
    assert rows.order_id.nunique().to_pyarrow().as_py() == 830


# --- reasons -------------------------------------------------------------------

MESS = """id,day,money,order,state
1,2020-01-01,10,a,
1,2020-01-01,10,a,
1,2020-01-01,10,b,
,,,,
 , , , ,
id,day,money,order,state
 ,2020-01-01,5,c1,
 ,2020-01-01,5,c1,
2,,5,c2,
2,soon,5,c3,
2,2020-01-02,,c4,
2,2020-01-02,many,c5,
2,2021-01-01,5,c6,
2,2021-01-01,5,c6,
2,2020-01-03,0,d,
2,2020-01-03,7,e,Void
2,2020-01-03
guest,2020-01-03,7,f,
2,2020-01-03,7,g,,7
"""


def test_every_row_has_its_first_reason(shop):
    columns = COLUMNS.replace("}", ", order_id: order, status: state, refunded: back}")
    columns += "zero_amounts: set_aside\ncancelled: [void]\nnot_customers: [Guest]\n"
    lines = MESS.replace(",state\n", ",state,back\n").splitlines()
    text = "\n".join(line + "," * (line.count(",") == 4) for line in lines)
    table = shop.typed(text, columns, date(2020, 12, 31))
    assert reasons(table) == {
        None: 2,
        "duplicate_line": 1,
        "repeated_header": 1,
        "empty_line": 2,
        "missing_customer_id": 2,
        "missing_date": 1,
        "unreadable_date": 1,
        "missing_amount": 1,
        "unreadable_amount": 1,
        "after_as_of": 2,
        "zero_amount": 1,
        "cancelled": 1,
        "unreadable_line": 1,
        "no_customer": 1,
        "refunded": 1,
    }
    # the others need several files, sums or a pause: test_orders, test_total_rows, test_days_ahead
    elsewhere = {"replaced_order", "total_row", "dated_ahead"}
    assert set(reasons(table)) - {None} == {reason.name for reason in REASONS} - elsewhere
    rest = plain(set_aside(table))
    assert len(rest) + len(plain(kept(table))) == 19
    assert list(rest[0]) == [
        "id",
        "day",
        "money",
        "order",
        "state",
        "back",
        "source_file",
        "line_number",
        "unreadable_line",
        "reason",
    ]
    assert {r["day"] for r in rest if r["reason"] == "unreadable_date"} == {"soon"}
    assert [r["unreadable_line"] for r in rest if r["reason"] == "unreadable_line"] == [
        "2,2020-01-03"
    ]


def test_without_order_id_copies_and_zeros_stay(shop):
    table = shop.typed("id,day,money\n1,2020-01-01,0\n1,2020-01-01,0\n")
    assert reasons(table) == {None: 2}


def test_an_order_in_two_files_is_that_of_the_later(shop):
    (shop.folder / "b.csv").write_text("money,id,day,order\n10,1,2020-01-01,a\n")
    (shop.folder / "a.csv").write_text("id,day,money,order\n1,2020-01-01,10,a\n")
    text = f"name: S\nsource: {{file: '*.csv'}}\n{COLUMNS.replace('}', ', order_id: order}')}"
    (shop.folder / "client.yaml").write_text(text)
    client = parse_client(text, "shop", shop.folder)
    table = typed(read(client, shop.engine, shop.folder / "cache"), client)
    assert {(r["source_file"], r["reason"]) for r in plain(table)} == {
        ("a.csv", "replaced_order"),
        ("b.csv", None),
    }


def test_without_amounts_rows_are_kept(shop):
    table = shop.typed("id,day\n1,2020-01-01\n", "columns: {customer_id: id, ordered_at: day}\n")
    assert [(r["amount"], r["reason"]) for r in plain(table)] == [(None, None)]


def test_quantity_times_price(shop):
    columns = "columns: {customer_id: id, ordered_at: day, quantity: n, unit_price: p}\n"
    text = (
        "id,day,n,p\n1,2020-01-01,3,2.5\n2,2020-01-01,,2.5\n3,2020-01-01,3,x\n4,2020-01-01,-1,2\n"
    ) + "5,2020-01-01,1,1\n" * 10
    rows = {r["customer_id"]: r for r in plain(shop.typed(text, columns))}
    assert [(rows[i]["amount"], rows[i]["reason"]) for i in "1234"] == [
        (7.5, None),
        (None, "missing_amount"),
        (None, "unreadable_amount"),
        (-2.0, None),
    ]


STATES = "id,day,money,state\n1,2020-01-01,5,Anulowane \n1,2020-01-02,5,wysłane\n1,2020-01-03,5,\n"
WITH_STATE = COLUMNS.replace("}", ", status: state}")


def test_cancelled_orders_are_set_aside_whatever_their_case(shop):
    assert reasons(shop.typed(STATES, WITH_STATE)) == {None: 3}
    table = shop.typed(STATES, WITH_STATE + "cancelled: [ANULOWANE, zwrócone]\n")
    assert reasons(table) == {None: 2, "cancelled": 1}


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("İptal edildi", "İptal edildi"),  # engines and Python do not agree on its small letter
        ("ΑΚΥΡΩΜΕΝΟΣ", "ακυρωμένος".upper().replace("Έ", "Ε")),
        ("Zru\u0161eno", "Zrus\u030ceno"),  # one letter, and a letter with a mark
        ("0", "0"),
    ],
)
def test_a_status_is_the_same_however_it_is_composed(shop, written, status):
    text = f"id,day,money,state\n1,2020-01-01,5,{status}\n1,2020-01-02,5,1\n"
    assert reasons(shop.typed(text, f"{WITH_STATE}cancelled: {written}\n")) == {
        None: 1,
        "cancelled": 1,
    }


@pytest.mark.parametrize("slip", ["anulowana", "Anulowae", "anulowanee"])
def test_a_slip_in_a_cancelled_status_stops_and_names_the_status_that_is_meant(shop, slip):
    with pytest.raises(ConfigError) as caught:
        shop.typed(STATES, WITH_STATE + f"cancelled: [{slip}]\n")
    assert f"a.csv: no row of column 'state' holds '{slip}'" in str(caught.value)
    assert "but 1 hold 'Anulowane'" in str(caught.value)


@pytest.mark.parametrize(
    ("names", "status", "reason"),
    [
        ("[void, unpaid]", "paid", None),
        ("[inactive]", "active", None),
        ("[Storno]", "wysłane", None),
        ("[storniert, storniertt]", "storniert", "cancelled"),  # not meant a second time
    ],
)
def test_a_month_without_a_cancellation_is_no_slip(shop, names, status, reason):
    text = f"id,day,money,state\n1,2020-01-01,5,{status}\n"
    table = shop.typed(text, f"{WITH_STATE}cancelled: {names}\n")
    assert reasons(table) == {reason: 1}


def test_a_column_of_too_many_values_holds_no_statuses(shop, monkeypatch):
    monkeypatch.setattr(statuses, "MOST_STATUSES", 2)
    with pytest.raises(ConfigError, match="holds more than 2 different values"):
        shop.typed(STATES + "1,2020-01-04,5,a\n", WITH_STATE + "cancelled: [void]\n")


def test_columns_come_under_their_standard_names(shop):
    text = "id,day,money,Sku,Land,Typ,until\n1,2020-01-01,5, x ,PL,,2020-02-01\n"
    columns = (
        "columns: {customer_id: id, ordered_at: day, amount: money, product: Sku, region: Land, "
        "status: Typ, segments: [Land, Typ]}\n"
    )
    row = plain(shop.typed(text, columns))[0]
    assert row | {"source": None} == {
        "customer_id": "1",
        "id_was_decimal": False,
        "day": date(2020, 1, 1),
        "minute": None,
        "amount": 5.0,
        "product": "x",
        "region": "PL",
        "status": None,
        "segments": {"Land": "PL", "Typ": None},
        "status_means": None,
        "no_purchase": False,
        "source_file": "a.csv",
        "unreadable_line": None,
        "line_number": 2,
        "reason": None,
        "also": None,
        "source": None,
    }
    assert row["source"]["Sku"] == " x "


def test_all_that_would_set_a_row_aside_is_known(shop):
    columns = (
        "columns: {customer_id: id, ordered_at: day, amount: money, order_id: n, status: state}\n"
        "statuses: {sale: [ok], cancelled: [void]}\nzero_amounts: set_aside\n"
    )
    text = "id,day,money,n,state\n" + "".join(
        f"{line}\n"
        for line in (
            "a,2020-01-01,5,1,ok",
            ",,5,2,ok",
            ",2020-01-09,5,3,void",
            "b,2020-01-01,0,4,void",
            "b,2020-01-09,0,5,void",
            "c,2020-01-09,5,6,ok",
            "c,x,y,7,ok",
        )
    )
    table = shop.typed(text, columns, as_of=date(2020, 1, 5))
    found = table.order_by("line_number").select("reason", "also")
    assert [tuple(row.values()) for row in plain(found)] == [
        (None, None),
        ("missing_customer_id", "missing_date "),
        ("missing_customer_id", "cancelled after_as_of "),
        ("cancelled", "zero_amount "),
        ("after_as_of", "zero_amount cancelled "),
        ("after_as_of", None),
        ("unreadable_date", "unreadable_amount "),
    ]


def test_source_columns_with_our_names(shop):
    text = "customer_id,day,amount,reason,source_file,id\nx,2020-01-01,oops,my reason,s,1\n"
    text += "y,2020-01-02,3,r,s,2\n" * 10
    table = shop.typed(text, "columns: {customer_id: id, ordered_at: day, amount: amount}\n")
    assert plain(set_aside(table)) == [
        {
            "customer_id": "x",
            "day": "2020-01-01",
            "amount": "oops",
            "reason_2": "my reason",
            "source_file_2": "s",
            "id": "1",
            "source_file": "a.csv",
            "line_number": 2,
            "unreadable_line": None,
            "reason": "unreadable_amount",
        }
    ]


# --- customer ids --------------------------------------------------------------


def test_ids_are_text(shop):
    ids = ["007", "17850.0", " 8 ", "1.5", "<b>x</b>", "\u00a0", "a.0", "1.00", "=1+1"]
    text = "id;day\n" + "".join(f'"{i}";2020-01-01\n' for i in ids)
    columns = "columns: {customer_id: id, ordered_at: day}\nformat: {delimiter: ';'}\n"
    rows = {r["source"]["id"]: r for r in plain(shop.typed(text, columns))}
    assert {i: rows[i]["customer_id"] for i in ids} == {
        "007": "007",
        "17850.0": "17850",
        " 8 ": "8",
        "1.5": "1.5",
        "<b>x</b>": "<b>x</b>",
        "\u00a0": None,
        "a.0": "a.0",
        "1.00": "1.00",
        "=1+1": "=1+1",
    }
    assert [i for i in ids if rows[i]["id_was_decimal"]] == ["17850.0"]


def test_typed_sources(shop):
    table = pa.table(
        {
            "id": [17850.0, 2.5, None, float("nan"), 1e15],
            "day": [datetime(2020, 1, 1, 23, 59), datetime(1850, 1, 1), None, None, None],
            "money": [1.5, float("nan"), float("inf"), None, -2.0],
        }
    )
    sound = pa.table({"id": [99.0], "day": [datetime(2020, 1, 1)], "money": [1.0]})
    whole = pa.concat_tables([table, *[sound] * 40])
    rows = plain(shop.typed(whole).order_by("customer_id"))
    rows = [row for row in rows if row["customer_id"] != "99"]
    assert [(r["customer_id"], r["id_was_decimal"]) for r in rows] == [
        ("1000000000000000", True),
        ("17850", True),
        ("2.5", False),
        (None, False),
        (None, False),
    ]
    by_id = {r["customer_id"]: r for r in rows}
    assert by_id["17850"]["day"] == date(2020, 1, 1)
    assert by_id["2.5"]["reason"] == "unreadable_date"
    assert (by_id["17850"]["amount"], by_id["2.5"]["amount"]) == (1.5, None)


def test_numbers_of_other_types(shop):
    with duckdb.connect() as connection:
        table = connection.sql(
            "SELECT 7 AS id, DATE '2020-01-01' AS day, 12.50::DECIMAL(9,2) AS money "
            "UNION ALL SELECT 8, DATE '2020-01-02', 3"
        ).to_arrow_table()
    rows = plain(shop.typed(table).order_by("customer_id"))
    assert [(r["customer_id"], r["amount"], r["id_was_decimal"]) for r in rows] == [
        ("7", 12.5, False),
        ("8", 3.0, False),
    ]


# --- dates ---------------------------------------------------------------------


def test_iso_days_and_times(shop):
    good = [
        "2020-02-29",
        "2020-02-29 23:59",
        "2020-02-29T23:59:59",
        "2020-02-29 23:59:59.1234567",
        " 2020-02-29\t",
    ]
    bad = ["2019-02-29", "2020-02-29 24:00", "2020-2-29", "20-02-29", "1970-01-01", "2200-01-01"]
    bad += ["2020-02-29x", "infinity", "epoch", "2020-02-29 10", "29.02.2020"]
    more = good[:1] * 200
    assert shop.days([*good, *bad], None, more) == [date(2020, 2, 29)] * len(good) + [None] * len(
        bad
    )


@pytest.mark.parametrize(
    ("format_", "good", "bad"),
    [
        (
            "%d.%m.%Y",
            ["01.02.2017", "1.2.2017"],
            ["31.02.2017", "1.2.17", "1.2.2017 10:00", "epoch"],
        ),
        ("%Y%m%d", ["20170201"], ["2017021", "201721", "2017-02-01", "infinity", "120170201"]),
        (
            "%m/%d/%Y %H:%M",
            ["2/1/2017 8:26", "02/01/2017 08:26"],
            ["02/01/2017", "13/01/2017 8:26"],
        ),
        ("%d.%m.%y", ["01.02.17"], ["01.02.2017"]),
        (
            "%Y-%m-%d %H:%M:%S %z",
            ["2017-02-01 23:30:00 -0200", "2017-02-01 00:30:00 +02:00", "2017-02-01 10:00:00Z"],
            ["2017-02-01 23:30:00", "2017-02-01 +0200"],
        ),
    ],
)
def test_declared_formats(shop, format_, good, bad):
    clear = datetime(2017, 2, 13, tzinfo=UTC).strftime(format_)
    found = shop.days([*good, *bad], format_, [clear] * 60)
    assert found == [date(2017, 2, 1)] * len(good) + [None] * len(bad)


def test_two_orders_of_day_and_month_stop_the_run(shop):
    with pytest.raises(ConfigError) as caught:
        shop.days(["12.01.2017", "01.02.2017", "05.04.2017"])
    assert "column 'day'" in str(caught.value)
    assert "3 of 3 rows" in str(caught.value)
    both = '`format: {date: "%d.%m.%Y"}`'
    assert both in str(caught.value)
    assert {(str(it), it.means) for it in caught.value.choices} == {
        (both, "01.02.2017 is 1 February 2017"),
        ('`format: {date: "%m.%d.%Y"}`', "01.02.2017 is 2 January 2017"),
    }
    with pytest.raises(ConfigError, match=r'%d/%m/%Y"}` or `format: {date: "%m/%d/%Y'):
        shop.days(["12/01/2017", "01/02/2017"])


def test_the_only_format_that_fits_is_named(shop):
    with pytest.raises(ConfigError, match=r'write `format: {date: "%m/%d/%Y %H:%M"}`') as caught:
        shop.days(["12/13/2010 8:26", "1/2/2011 10:00"])
    assert "a.csv: column 'day' cannot be read as an ISO date" in str(caught.value)


def test_a_declared_order_that_another_betters(shop):
    """Half of day-first dates can be read month-first: wrongly, and without a word."""
    with pytest.raises(ConfigError, match="1 of 3 rows, e.g. '13/01/2017'") as caught:
        shop.days(["12/01/2017", "13/01/2017", "01/02/2017"], "%m/%d/%Y")
    assert '"%d/%m/%Y"' in str(caught.value)


def test_no_date_at_all(shop):
    with pytest.raises(DataError, match="2 of 2 rows, e.g. 'x'; say how dates are written"):
        shop.days(["x", "<b>"])


@pytest.mark.parametrize(
    ("values", "declared", "error", "said"),
    [
        (["02/07/2021", "02/23/2021"] * 50 + ["TOTAL"], "%d/%m/%Y", ConfigError, "%m/%d/%Y"),
        (["07.02.2021", "23.02.2021"] * 50 + ["TOTAL"], None, ConfigError, "100 of 101 rows"),
        (["2021-02-23 10:00:00 +0100"], None, ConfigError, '"%Y-%m-%d %H:%M:%S %z"'),
        (["2021-02-23 10:00:00+0100"], None, ConfigError, '"%Y-%m-%d %H:%M:%S%z"'),
        (["2021-02-23T10:00:00+01:00"], None, ConfigError, '"%Y-%m-%dT%H:%M:%S%z"'),
        (["23 February 2021"], None, ConfigError, '"%d %B %Y"'),
        (["23.02.2021"] + ["23.02.2021 10:00"] * 2, "%d.%m.%Y", DataError, "2 of 3 rows"),
        (["2021-02-23"] + ["1970-01-01"] * 2, None, DataError, "stand for no date"),
        (["44234", "44250"], None, ConfigError, 'write `format: {date: "excel"}`'),
    ],
)
def test_one_stray_cell_does_not_hide_another_format(shop, values, declared, error, said):
    with pytest.raises(error) as caught:
        shop.days(values, declared)
    assert said in str(caught.value)
    assert "a.csv: column 'day'" in str(caught.value)


def test_a_few_unreadable_dates_are_set_aside(shop):
    assert shop.days(["soon"], None, ["2021-02-23"] * 9 + ["2021-02-03"]) == [None]


def test_one_typing_error_does_not_cast_doubt_on_the_declared_format(shop):
    days = ["03/05/2021"] * 99
    assert shop.days(["13/05/2021"], "%m/%d/%Y", days) == [None]


def test_moments_with_a_time_zone_need_the_place(shop):
    days = pa.array([datetime(2020, 1, 1, 23, 30)], pa.timestamp("us", tz="UTC"))
    table = pa.table({"id": ["a"], "day": days, "money": [1.0]})
    with pytest.raises(ConfigError, match="format: {timezone: UTC}"):
        shop.typed(table)
    for zone, day in (("Europe/Warsaw", 2), ("UTC", 1), ("America/New_York", 1)):
        rows = plain(shop.typed(table, f"{COLUMNS}format: {{timezone: {zone}}}\n"))
        assert [row["day"] for row in rows] == [date(2020, 1, day)]


@pytest.mark.parametrize(
    ("format_", "zone", "texts", "minutes"),
    [
        (None, None, ["2010-12-01 08:26:00", "2010-12-01", "2010-12-01T23:59"], [506, None, 1439]),
        ("%m/%d/%Y %H:%M", None, ["12/1/2010 8:26", "12/1/2010 18:05"], [506, 1085]),
        ("%m/%d/%Y %I:%M %p", None, ["12/1/2010 12:05 AM", "12/1/2010 12:05 p.m."], [5, 725]),
        ("%Y.%m.%d. %p %I:%M", None, ["2010.12.01. de 08:26", "2010.12.01. du 08:26"], [506, 1226]),
        ("%H:%M %d.%m.%Y", None, ["8:26 01.02.2010", "18:26 01.02.2010"], [506, 1106]),
        ("%d.%m.%Y %H.%M", None, ["01.12.2010 08.26"], [506]),
        ("%d.%m.%Y", None, ["01.12.2010"], [None]),
        ("unix", "Europe/Warsaw", ["1291191960"], [566]),
        ("unix", None, ["1291191960"], [506]),
        ("excel", None, ["40513.5"], [720]),
        ("%Y-%m-%d %H:%M %z", "Europe/Warsaw", ["2010-12-01 23:30 +0000"], [30]),
    ],
)
def test_the_minute_of_the_day(shop, format_, zone, texts, minutes):
    given = {"date": format_, "timezone": zone}
    said = {name: value for name, value in given.items() if value}
    sales = "id,day,money\n" + "".join(f"c{n},{text},1\n" for n, text in enumerate(texts))
    rows = plain(shop.typed(sales, f"{COLUMNS}format: {json.dumps(said)}\n"))
    by_id = {row["customer_id"]: row["minute"] for row in rows}
    assert [by_id[f"c{n}"] for n in range(len(texts))] == minutes


def test_several_currencies_stop_the_run(shop):
    columns = COLUMNS.replace("}", ", currency: cur}")
    sales = "id,day,money,cur\n1,2020-01-01,1,PLN\n1,2020-01-01,1, PLN \n1,2020-01-02,1,\n"
    assert reasons(shop.typed(sales, columns)) == {None: 3}
    with pytest.raises(ConfigError, match="'PLN' in 2 rows, 'EUR' in 1 rows"):
        shop.typed(f"{sales}2,2020-01-01,1,EUR\n", columns)


# --- numbers -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("yaml", "good", "bad"),
    [
        (
            "",
            {
                "1.5": 1.5,
                "-2": -2,
                "+3": 3,
                ".5": 0.5,
                " 4 ": 4,
                "\u00a05\u202f": 5,
                "1.234": 1.234,
                "(12.00)": -12,
                "12.00-": -12,
                "\u221212.5": -12.5,
                "1000000000000": 1e12,
            },
            [
                "1,5x",
                "(-5)",
                "-5-",
                "1000000000001",
                "1e3",
                "NaN",
                "inf",
                "1.2.3",
                "--1",
                "1.",
                "5%",
                "5 kg",
                "٣",
                "9" * 400,
            ],
        ),
        (
            "decimal: ',', thousands: '.'",
            {"1.234": 1234, "1.234,50": 1234.5, "-1.234.567,8": -1234567.8, "1234,5": 1234.5},
            ["1.23", "1.2345", "12.34,5", ".234", "1,2,3"],
        ),
        ("decimal: '.', thousands: ','", {"1,234.5": 1234.5, "1.234": 1.234}, ["1,23", "1.2,3"]),
        (
            "decimal: ',', thousands: ' '",
            {"1 234,5": 1234.5, "1\u00a0234": 1234, "1\u202f234": 1234},
            ["1 23", "1  234"],
        ),
        ("decimal: '.', thousands: \"'\"", {"1'234.5": 1234.5, "1’234": 1234}, ["1'23"]),
        ("decimal: ','", {"1,5": 1.5}, ["1.5", "1.234"]),
    ],
)
def test_numbers(shop, yaml, good, bad):
    found = shop.column([*good, *bad, "unknown"], "amount", yaml, list(good)[:1] * 200)
    assert found == [*good.values(), *[None] * (len(bad) + 1)]


def test_a_date_is_never_a_number(shop):
    found = shop.column(
        ["05.04.2017", "7,5", "x"], "amount", "decimal: ',', thousands: '.'", ["7,5"] * 20
    )
    assert found == [None, 7.5, None]


@pytest.mark.parametrize("standard", ["amount", "unit_price"])
def test_three_decimals_stop_the_run(shop, standard):
    with pytest.raises(ConfigError) as caught:
        shop.column(["1.234", "2.500", "7"], standard)
    message = str(caught.value)
    assert "a.csv: column 'p': '2.500' (2 such rows) can be 2500 or 2,500" in message
    assert '`format: {decimal: ",", thousands: "."}`' in message
    assert '`format: {decimal: "."}`' in message


def test_three_decimals_that_are_clear(shop):
    assert shop.column(["1.234", "1.5"], "amount") == [1.234, 1.5]
    assert shop.column(["1.234", "0.500"], "amount") == [1.234, 0.5]
    assert shop.column(["1.234"], "amount", "decimal: '.'") == [1.234]


@pytest.mark.parametrize(
    ("values", "declared", "error", "said"),
    [
        (["1,50", "2,75"], "", ConfigError, 'write `format: {decimal: ","}`'),
        (["1.234,50"], "", ConfigError, 'write `format: {decimal: ",", thousands: "."}`'),
        (["999.00", "1,234.50"], "decimal: '.'", ConfigError, 'decimal: ".", thousands: ","'),
        (
            ["1,234"],
            "",
            ConfigError,
            'Several formats fit all rows; write `format: {decimal: ","}`',
        ),
        (["8,621.00", "12.00"] * 50 + ["n/a"], "", ConfigError, 'thousands: ","'),
        (["12,19"] * 99 + ["n/a"], "", ConfigError, "99 of 100 rows fit another"),
        (["12.50 zł", "3"], "", ConfigError, 'Write `format: {sign: "zł"}` if they are'),
        (["$12.50", "€3"], "", ConfigError, "the signs of 2 currencies: '$' in 1 cells, '€'"),
        (["49.00 x.", "3 x."], "", ConfigError, 'write `format: {decimal: ".", sign: "x"}`'),
        (["1.50"] + ["?"] * 2, "", DataError, "2 of 3 rows"),
        (["12 kg", "3 l", "5 m"], "", DataError, "3 of 3 rows, e.g. '5 m'; map a column"),
        (["1.234"] * 99 + ["1.5"], "", ConfigError, "99 such rows"),
        (["a", "b"], "", DataError, "2 of 2 rows, e.g. 'b'; map a column of numbers to amount"),
    ],
)
def test_columns_written_otherwise(shop, values, declared, error, said):
    with pytest.raises(error) as caught:
        shop.column(values, "amount", declared)
    assert said in str(caught.value)
    assert "a.csv: column 'p'" in str(caught.value)


# --- the last day --------------------------------------------------------------


def test_last_day_is_that_of_a_purchase_not_after_today(shop):
    rows = [
        "1,2020-01-01,5",
        "1,2020-01-05,-5",
        "1,2020-01-03,0",
        "1,2030-01-01,5",
        ",2020-01-04,5",
    ]
    table = shop.typed("\n".join(["id,day,money", *rows]))
    assert last_day(table, date(2021, 1, 1)) == date(2020, 1, 3)
    assert last_day(table, date(2031, 1, 1)) == date(2030, 1, 1)
    with pytest.raises(DataError, match="No purchase can be read up to 2019-01-01.*after_today: 4"):
        last_day(table, date(2019, 1, 1))


def test_last_day_says_why_there_is_none(shop):
    table = shop.typed("id,day,money\n,2020-01-01,5\n1,,5\n")
    with pytest.raises(DataError, match="missing_customer_id: 1, missing_date: 1"):
        last_day(table, date(2021, 1, 1))


# --- properties ----------------------------------------------------------------

cell = st.sampled_from(["", " ", "1", "2", "1.5", "x", "2020-01-01", "2020-13-01", "17850.0", '"'])
line = st.lists(cell, min_size=2, max_size=5).map(",".join)


@settings(max_examples=5, deadline=None)
@given(lines=st.lists(line, max_size=8), data=st.data())
def test_no_row_is_lost_and_order_does_not_matter(lines, data, tmp_path_factory, engine):
    sound = ["9,2020-01-15,5,a"] * 80
    shuffled = data.draw(st.permutations([*lines, *sound]))
    columns = COLUMNS.replace("}", ", order_id: order}")
    found = []
    for some in ([*lines, *sound], shuffled):
        # quotes that open would join lines, which depends on their order
        text = "\n".join(["id,day,money,order", *some]).replace('"', "'")
        folder = tmp_path_factory.mktemp("shop")
        table = Shop(folder, engine).typed(text, columns, date(2021, 1, 1))
        rows = plain(table.drop("line_number"))
        kept_rows = kept(table).count().to_pyarrow().as_py()
        assert len(rows) == kept_rows + len(plain(set_aside(table))) == len(some)
        found.append(Counter(repr(row) for row in rows))
        # what is the sum of the rows above it is so in their order alone
        assume(all(row["reason"] != "total_row" for row in rows))
    assert found[0] == found[1]
