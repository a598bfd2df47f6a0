"""Statuses that a database keeps as numbers."""

import sqlite3
from contextlib import closing

import pytest

from retention_lib.proposal.tables import propose_query
from retention_lib.sources.databases import opened

STATES = "CREATE TABLE {0} (id INTEGER PRIMARY KEY, {1} TEXT); INSERT INTO {0} VALUES {2};"
MEANT = "(1, 'New'), (2, 'Paid'), (3, 'Cancelled')"
ORDERS = """
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, created_at TEXT, total REAL,
        {0} INTEGER);
    INSERT INTO orders VALUES (1, 7, '2024-01-02', 10, 2), (2, 7, '2024-02-02', 20, 3),
        (3, 8, '2024-02-03', 30, 1);
"""
ITEMS = """
    CREATE TABLE order_items (order_id INTEGER, product TEXT, quantity INTEGER, price REAL);
    INSERT INTO order_items VALUES (1, 'a', 1, 10), (2, 'a', 2, 10), (3, 'b', 3, 10);
"""


@pytest.fixture
def read(tmp_path):
    """Return the statuses of the orders, as the one proposal for a database reads them."""

    def made(*scripts):
        file = tmp_path / "shop.sqlite"
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript("".join(scripts))
            with opened(file) as database:
                (found,) = propose_query(database, "sqlite:///shop.sqlite")
            column = found.columns.get("status")
            if column is None:
                return None
            query = found.source.get("query") or f"SELECT * FROM {found.source['table']}"
            rows = connection.execute(f'SELECT "{column}" FROM ({query}) ORDER BY order_id')
            return [row[0] for row in rows]

    return made


def named(table, name="name", values=MEANT):
    return STATES.format(table, name, values)


@pytest.mark.parametrize(
    ("column", "table", "name"),
    [
        ("status_id", "order_statuses", "name"),
        ("order_status_id", "order_status", "label"),
        ("status", "statuses", "title"),
        ("status_zamowienia_id", "statusy_zamowien", "nazwa"),
        ("state_id", "states", "name"),
    ],
)
def test_the_table_of_their_names_is_joined(read, column, table, name):
    orders = ORDERS.format(column).replace("(id INTEGER", "(order_id INTEGER")
    assert read(orders, named(table, name)) == ["Paid", "Cancelled", "New"]


def test_orders_that_are_read_by_their_lines_have_them_too(read):
    found = read(ORDERS.format("status_id"), ITEMS, named("order_statuses"))
    assert found == ["Paid", "Cancelled", "New"]


def test_without_names_the_numbers_are_the_statuses(read):
    orders = ORDERS.format("status_id").replace("(id INTEGER", "(order_id INTEGER")
    assert read(orders) == [2, 3, 1]


def test_states_of_a_country_are_no_statuses(read):
    places = "(1, 'Alabama'), (2, 'Ohio'), (3, 'Texas')"
    orders = ORDERS.format("state_id").replace("(id INTEGER", "(order_id INTEGER")
    assert read(orders, named("states", values=places)) is None


def test_names_in_several_languages_are_not_joined(read):
    twice = (
        "CREATE TABLE order_status (order_status_id INTEGER, language TEXT, name TEXT);"
        "INSERT INTO order_status VALUES (1, 'en', 'New'), (1, 'de', 'Neu'), (2, 'en', 'Paid'),"
        "(2, 'de', 'Bezahlt'), (3, 'en', 'Cancelled'), (3, 'de', 'Storniert');"
    )
    orders = ORDERS.format("order_status_id").replace("(id INTEGER", "(order_id INTEGER")
    assert read(orders, twice) == [2, 3, 1]
