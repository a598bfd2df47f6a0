import duckdb
import pytest
import yaml

from retention_lib.client import parse_client
from retention_lib.client.lines import with_line
from retention_lib.errors import ConfigError
from retention_lib.sources import connect, read
from retention_lib.transactions.unmapped import Doubt, check_currencies, doubts

YAML = {
    "name": "Shop",
    "source": {"file": "a.csv"},
    "columns": {"customer_id": "id", "ordered_at": "day", "amount": "money"},
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return connect(tmp_path_factory.mktemp("scratch"))


@pytest.fixture
def shop(tmp_path, engine):
    """A source of rows with more columns than are mapped, and its client."""

    def made(header: str, *cells: str, money="10", line: str = "{}"):
        rows = [f"{n},2024-01-{n + 1:02d},{money},{cell}" for n, cell in enumerate(cells)]
        text = "\n".join([f"id,day,money,{header}", *rows]) + "\n"
        (tmp_path / "a.csv").write_text(text, encoding="utf-8")
        whole = yaml.safe_dump(with_line(YAML, line), allow_unicode=True)
        (tmp_path / "client.yaml").write_text(whole, encoding="utf-8")
        client = parse_client(whole, "shop", tmp_path)
        return read(client, engine, tmp_path / "cache"), client

    return made


def codes(found) -> list[tuple[str, str, int]]:
    return [(doubt.code, doubt.column, doubt.rows) for doubt in found]


def test_refunds(shop):
    raw, client = shop("Refunded Amount", "0.00", "2.50", "", "1.5 zł", "-0.75")
    line = "columns: {refunded: Refunded Amount}"
    assert doubts(raw, client) == (Doubt("refunds", "Refunded Amount", 3, line, ("2.50",)),)


@pytest.mark.parametrize("header", ["Refunded Amount", "kwota_zwrotu", "Върната сума"])
def test_refunds_by_any_name(shop, header):
    raw, client = shop(header, "0.00", "2.50", "", "0", "3")
    assert codes(doubts(raw, client)) == [("refunds", header, 2)]
    settled = shop(header, "0.00", "2.50", line=doubts(raw, client)[0].line)
    assert doubts(*settled) == ()


def test_no_refunds(shop):
    assert doubts(*shop("Refunded Amount", "0.00", "0", "", "0,00", "-")) == ()
    assert doubts(*shop("refund policy", "1", "2", "3")) == ()


def test_goods_that_came_back(shop):
    (found,) = doubts(*shop("returned_quantity", "0", "1", "0"))
    assert (found.code, found.rows, found.line) == ("returned_quantity", 1, None)


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        (("Invoice", "Invoice", "Credit note"), 1),
        (("faktura", "korekta", "Korekta"), 2),
        (("Rechnung", "Gutschrift", "Rechnung"), 1),
        (("sale", "RETURN", "return"), 2),
    ],
)
def test_credit_notes(shop, values, rows):
    raw, client = shop("Type", *values)
    (found,) = doubts(raw, client)
    assert (found.code, found.rows) == ("credit_notes", rows)
    settled, client = shop("Type", *values, line=found.line)
    assert doubts(settled, client) == ()
    assert client.columns.status == "Type"
    assert client.statuses.sale == (values[0],)
    assert {word.casefold() for word in client.statuses.returned} == {
        value.casefold() for value in values[1:] if value != values[0]
    }


@pytest.mark.parametrize("money", ["-10", "10-", "(10)", "\u221210", "€ -10"])
def test_credit_notes_that_are_negative_already(shop, money):
    assert doubts(*shop("Type", "Invoice", "Credit note", money=money)) == ()


def test_what_is_not_a_return(shop):
    assert doubts(*shop("note", "not returned", "no refund", "fine")) == ()
    assert doubts(*shop("note", "fine", "good", "fine")) == ()


def test_cancelled_orders(shop):
    raw, client = shop("Order State", "ok", "Cancelled", "canceled", "ok")
    (found,) = doubts(raw, client)
    assert (found.code, found.rows) == ("status", 2)
    assert set(found.values) == {"Cancelled", "canceled"}
    _, client = shop("Order State", "ok", line=found.line)
    assert client.statuses.sale == ("ok",)
    assert set(client.statuses.cancelled) == {"Cancelled", "canceled"}


def test_where_a_status_is_mapped_no_line_settles_another(shop):
    line = "columns: {status: state}"
    raw, client = shop("state,Type", "ok,Invoice", "ok,Credit note", line=line)
    (found,) = doubts(raw, client)
    assert (found.code, found.column, found.line) == ("credit_notes", "Type", None)


@pytest.mark.parametrize(
    ("header", "values", "rows"),
    [
        ("is_test", ("false", "true", "true"), 2),
        ("Test", ("0", "1", "0"), 1),
        ("teszt", ("nem", "igen", ""), 1),
        ("livemode", ("true", "true", "false"), 1),
    ],
)
def test_tests(shop, header, values, rows):
    raw, client = shop(header, *values)
    (found,) = doubts(raw, client)
    assert (found.code, found.rows) == ("test", rows)
    _, client = shop(header, *values, line=found.line)
    assert client.not_sales == {header: found.values}
    assert client.columns.status is None
    assert doubts(*shop(header, *values, line=found.line)) == ()


def test_no_tests(shop):
    assert doubts(*shop("is_test", "false", "false")) == ()
    assert doubts(*shop("livemode", "true", "true")) == ()


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Currency", ("EUR", "USD", "EUR")),
        ("waluta", ("PLN", "eur", "PLN")),
        ("x", ("EUR", "HUF", "")),
        ("Currency", ("€", "zł", "€")),
        ("currency", ("ALL", "TOP", "ALL")),
    ],
)
def test_several_currencies_stop_the_run(shop, header, values):
    raw, client = shop(header, *values)
    with pytest.raises(ConfigError, match="holds 2 currencies") as stop:
        check_currencies(raw, client)
    *alone, converted = (choice.line for choice in stop.value.choices)
    assert len(alone) == 2  # nobody but the client knows which
    assert converted == "currencies: converted"
    for line in (*alone, converted):
        assert f"`{line}`" in str(stop.value) or line == alone[1]
        check_currencies(*shop(header, *values, line=line))


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Currency", ("EUR", "EUR", "")),
        ("size", ("ALL", "TOP", "ALL")),
        ("country", ("POL", "HUN", "POL")),
        ("Currency", ("EUR", "?", "EUR")),
    ],
)
def test_one_currency_or_none(shop, header, values):
    check_currencies(*shop(header, *values))


def test_currencies_do_not_matter_without_amounts(shop):
    raw, client = shop("Currency", "EUR", "USD")
    bare = client.model_copy(update={"columns": client.columns.model_copy(update={"amount": None})})
    check_currencies(raw, bare)


def test_a_source_without_other_columns(shop, tmp_path, engine):
    raw, client = shop("x", "1")
    client = client.model_copy(
        update={"columns": client.columns.model_copy(update={"segments": ("x",)})}
    )
    assert doubts(raw, client) == ()
    check_currencies(raw, client)


def test_columns_of_a_database_keep_their_types(tmp_path, engine):
    with duckdb.connect(str(tmp_path / "a.duckdb")) as made:
        made.execute(
            "CREATE TABLE t AS SELECT 1 AS id, DATE '2024-01-01' AS day, 1.5 AS money, true AS "
            "is_test, 2.5 AS refunded, 'EUR' AS code UNION ALL SELECT 2, DATE '2024-01-02', 1, "
            "false, 0, 'USD'"
        )
    text = (
        "name: S\nsource: {table: t, connection: 'duckdb://a.duckdb'}\n"
        "columns: {customer_id: id, ordered_at: day, amount: money}\n"
    )
    (tmp_path / "client.yaml").write_text(text)
    client = parse_client(text, "shop", tmp_path)
    raw = read(client, engine, tmp_path / "cache")
    assert codes(doubts(raw, client)) == [("refunds", "refunded", 1), ("test", "is_test", 1)]
    with pytest.raises(ConfigError, match="2 currencies"):
        check_currencies(raw, client)
