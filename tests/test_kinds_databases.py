"""Which table of a database holds the sales, or which tables joined do."""

import sqlite3
from contextlib import closing

import duckdb
import pytest

from retention_lib.client import project_root
from retention_lib.errors import ConfigError
from retention_lib.proposal.tables import propose_query
from retention_lib.sources.databases import is_database, opened, tables

NORTHWIND = project_root() / "../shared/data/northwind_small.sqlite"
CONNECTION = "sqlite:///input/shop.sqlite"

ORDERS = """
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, created_at TEXT, status TEXT);
    INSERT INTO orders VALUES (1, 7, '2024-01-02', 'paid'), (2, 7, '2024-02-03', 'paid'),
        (3, 8, '2024-02-04', 'void');
"""
ITEMS = """
    CREATE TABLE order_items (order_id INTEGER, product TEXT, quantity INTEGER, price REAL,
        discount REAL);
    INSERT INTO order_items VALUES (1, 'a', 2, 10.0, {0}), (1, 'b', 1, 5.0, 0), (2, 'a', 1, 10.0, 0),
        (3, 'b', 4, 5.0, 0);
"""
CUSTOMERS = """
    CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, created_at TEXT);
    INSERT INTO customers VALUES (7, 'a@b.c', '2023-01-01'), (8, 'd@e.f', '2023-01-01');
"""


@pytest.fixture
def shop(tmp_path):
    def made(script):
        file = tmp_path / "shop.sqlite"
        file.unlink(missing_ok=True)
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript(script)
        return file

    return made


def proposed(file):
    with opened(file) as database:
        return propose_query(database, CONNECTION)


def answer(file, proposal):
    with closing(sqlite3.connect(file)) as connection:
        cursor = connection.execute(proposal.source["query"])
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


@pytest.mark.skipif(not NORTHWIND.is_file(), reason="../shared/data is not here")
def test_northwind_has_one_reading():
    (found,) = proposed(NORTHWIND)
    rows = answer(NORTHWIND, found)
    assert (len(rows), found.rows) == (2155, 2155)
    assert len({row["order_id"] for row in rows}) == 830
    assert len({row["customer_id"] for row in rows}) == found.customers == 89
    assert sum(row["amount"] for row in rows) == pytest.approx(1_265_793.0395)
    assert found.source["connection"] == CONNECTION
    assert str(found.choice).startswith("`source: {query: ")


def test_orders_with_their_lines(shop):
    file = shop(ORDERS + ITEMS.format(0.5) + CUSTOMERS)
    (found,) = proposed(file)
    rows = answer(file, found)
    assert [row["amount"] for row in rows] == [10.0, 5.0, 10.0, 20.0]
    assert [row["status"] for row in rows] == ["paid", "paid", "paid", "void"]
    assert [row["customer_id"] for row in rows] == [7, 7, 7, 8]
    assert found.revenue == 45.0


def test_an_order_without_lines_stays_as_a_row(shop):
    file = shop(ORDERS + ITEMS.format(0) + "INSERT INTO orders VALUES (4, 8, '2024-03-01', 'paid')")
    (found,) = proposed(file)
    assert [row["order_id"] for row in answer(file, found)] == [1, 1, 2, 3, 4]


def test_lines_of_orders_that_are_not_there_are_not_joined(shop):
    file = shop(ORDERS + ITEMS.format(0) + "INSERT INTO order_items VALUES (99, 'a', 1, 9.0, 0)")
    assert not any("order_items" in str(it.choice) for it in proposed(file))


def test_a_discount_of_money_or_per_cent_is_a_choice(shop):
    file = shop(ORDERS + ITEMS.format(10))
    money, per_cent = proposed(file)
    assert (money.revenue, per_cent.revenue) == (45.0, 53.0)
    assert "sum of money" in money.means and "per cent" in per_cent.means


def test_a_discount_beyond_the_first_rows_counts(shop):
    many = "".join("INSERT INTO order_items VALUES (1, 'a', 1, 9.0, 0.1);" for _ in range(600))
    file = shop(ORDERS + ITEMS.format(0) + many + "INSERT INTO order_items VALUES (1,'c',1,9.0,5)")
    assert len(proposed(file)) == 2


def test_totals_with_postage_are_a_choice_against_the_lines(shop):
    totals = "ALTER TABLE orders ADD COLUMN total REAL; UPDATE orders SET total = 30.0;"
    lines, own = proposed(shop(ORDERS + ITEMS.format(0) + totals))
    assert (lines.revenue, own.revenue) == (55.0, 90.0)
    assert own.source == {"table": "orders", "connection": CONNECTION}


def test_totals_that_meet_the_lines_are_one_reading(shop):
    totals = "ALTER TABLE orders ADD COLUMN total REAL; UPDATE orders SET total = " + (
        "(SELECT sum(quantity * price) FROM order_items WHERE order_id = orders.id);"
    )
    (found,) = proposed(shop(ORDERS + ITEMS.format(0) + totals))
    assert found.revenue == 55.0


def test_lines_are_joined_by_the_order_they_name_and_not_by_numbers_alike(shop):
    script = """
        CREATE TABLE zamowienia (id INTEGER PRIMARY KEY, klient_id INT, data_zamowienia TEXT);
        CREATE TABLE pozycje (id INTEGER PRIMARY KEY, zamowienie_id INT, ilosc INT, cena REAL);
        INSERT INTO zamowienia VALUES (1, 1, '2024-01-01'), (2, 1, '2024-02-01'),
            (3, 2, '2024-02-01');
        INSERT INTO pozycje VALUES (1, 3, 1, 10), (2, 3, 1, 20), (3, 1, 2, 30);
    """
    file = shop(script)
    (found,) = proposed(file)
    rows = [row for row in answer(file, found) if row["amount"] is not None]
    assert sorted((row["customer_id"], row["amount"]) for row in rows) == [
        (1, 60),
        (2, 10),
        (2, 20),
    ]


def test_amounts_that_are_texts_are_amounts(shop):
    script = """CREATE TABLE sales (client TEXT, "date" TEXT, total TEXT);
        INSERT INTO sales VALUES ('a', '02.01.2024', '1 234,50'), ('a', '03.01.2024', '5,00 EUR');"""
    (found,) = proposed(shop(script))
    assert (found.columns["amount"], found.revenue) == ("total", None)


def test_one_table_is_read_as_it_is(shop):
    script = """CREATE TABLE "Sales 2024" ("Order No" TEXT, Customer TEXT, "Order Date" TEXT,
        "Unit Price" REAL, Quantity INTEGER);
        INSERT INTO "Sales 2024" VALUES ('1', 'A', '2024-01-02', 2.5, 2), ('2', 'A', '2024-02-02', 1, 1)"""
    (found,) = proposed(shop(script + ";" + CUSTOMERS))
    assert found.revenue == 6.0
    assert found.columns["customer_id"] == "Customer"


def test_a_table_of_customers_is_no_table_of_sales(shop):
    assert proposed(shop(CUSTOMERS)) == []


def test_a_table_of_refunds_is_named(shop):
    refunds = (
        "CREATE TABLE refunds (order_id INTEGER, amount REAL); INSERT INTO refunds VALUES (1, 5)"
    )
    found = proposed(shop(ORDERS + ITEMS.format(0) + refunds))
    assert "refunds" in found[0].notes[0]


def test_tables_of_both_kinds_of_files(shop, tmp_path):
    found = tables(shop(ORDERS + CUSTOMERS))
    assert {table.name: table.rows for table in found} == {"orders": 3, "customers": 2}
    assert found[0].columns["customer_id"] == ("7", "7", "8")
    with duckdb.connect(str(tmp_path / "a.duckdb")) as engine:
        engine.execute(
            "CREATE TABLE t AS SELECT 1 AS a; CREATE SCHEMA s; CREATE TABLE s.u AS FROM t"
        )
    assert {table.name for table in tables(tmp_path / "a.duckdb")} == {"t", "s.u"}
    assert is_database(tmp_path / "a.duckdb")


def test_what_is_no_database(tmp_path):
    (tmp_path / "a.sqlite").write_text("id,day\n")
    with pytest.raises(ConfigError, match="is no database of SQLite or DuckDB"):
        tables(tmp_path / "a.sqlite")


def test_no_password_in_a_message(monkeypatch):
    monkeypatch.setenv("DB_PASSWORD", "s3cret")
    with pytest.raises(ConfigError) as said:
        tables("postgresql://shop:${DB_PASSWORD}@127.0.0.1:1/shop")
    assert "s3cret" not in str(said.value)
