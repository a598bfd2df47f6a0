"""Rows that a column beside the status calls no sales."""

import pytest
import yaml

from retention_lib.client import parse_client
from retention_lib.errors import ConfigError
from retention_lib.sources import connect, read
from retention_lib.transactions import typed

YAML = {
    "name": "Shop",
    "source": {"file": "a.csv"},
    "columns": {"customer_id": "id", "ordered_at": "day", "amount": "money"},
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return connect(tmp_path_factory.mktemp("scratch"))


@pytest.fixture
def reasons(tmp_path, engine):
    """Return the reasons of a file's rows, in its order."""

    def found(text: str, said: dict, columns: dict | None = None):
        (tmp_path / "a.csv").write_text(text, encoding="utf-8")
        whole = YAML | said | {"columns": YAML["columns"] | (columns or {})}
        (tmp_path / "client.yaml").write_text(yaml.safe_dump(whole, allow_unicode=True))
        client = parse_client((tmp_path / "client.yaml").read_text(), "shop", tmp_path)
        rows = typed(read(client, engine, tmp_path / "cache"), client)
        return rows.order_by("line_number").reason.to_pyarrow().to_pylist()

    return found


MODES = "id,day,money,mode\n1,2024-01-01,5,Live\n2,2024-01-02,6, TEST \n3,2024-01-03,7,\n"


def test_named_values_are_no_sales_whatever_their_case_and_blanks(reasons):
    assert reasons(MODES, {"not_sales": {"mode": ["test"]}}) == [None, "cancelled", None]
    assert reasons(MODES, {"not_sales": {"mode": "test"}}) == [None, "cancelled", None]
    assert reasons(MODES, {}) == [None, None, None]


def test_a_star_is_any_value_but_a_blank(reasons):
    assert reasons(MODES, {"not_sales": {"mode": ["*"]}}) == ["cancelled", "cancelled", None]


def test_a_value_that_no_row_has_leaves_nothing_out(reasons):
    assert reasons(MODES, {"not_sales": {"mode": ["sandbox"]}}) == [None, None, None]


def test_one_line_speaks_for_its_order_alone(reasons):
    text = (
        "no,id,day,money,cancelled\n"
        "A,1,2024-01-01,5,2024-01-02\nA,1,2024-01-01,6,\n"
        "B,1,2024-01-03,7,\nB,1,2024-01-03,8,\n,2,2024-01-03,8,\n"
    )
    found = reasons(text, {"not_sales": {"cancelled": ["*"]}}, {"order_id": "no"})
    assert found == ["cancelled", "cancelled", None, None, None]


def test_it_adds_to_what_statuses_say(reasons):
    text = "id,day,money,type,state\n1,2024-01-01,5,sale,ok\n1,2024-01-02,6,sale,Denied\n1,2024-01-03,7,void,ok\n"
    said = {"statuses": {"sale": ["sale"], "cancelled": ["void"]}, "not_sales": {"state": "denied"}}
    assert reasons(text, said, {"status": "type"}) == [None, "cancelled", "cancelled"]


def test_a_column_that_is_not_there_is_named(reasons):
    with pytest.raises(ConfigError, match="no columns 'mod', which `not_sales` speaks of"):
        reasons(MODES, {"not_sales": {"mod": ["test"]}})


MONEY = "id,day,money,cur\n1,2024-01-01,5,EUR\n2,2024-01-02,6,usd\n3,2024-01-03,7,eur\n4,2024-01-04,8,USD\n"


@pytest.mark.parametrize("columns", [{}, {"currency": "cur"}])
def test_each_line_that_several_currencies_offer_settles_them(reasons, columns):
    with pytest.raises(ConfigError, match="2 currencies: 'EUR' in 2 rows, 'USD' in 2 rows") as stop:
        reasons(MONEY, {}, columns)
    aside = {
        choice.line: reasons(MONEY, yaml.safe_load(choice.line), columns)
        for choice in stop.value.choices
    }
    euro, dollar = [None, "cancelled", None, "cancelled"], ["cancelled", None, "cancelled", None]
    assert list(aside.values()) == [euro, dollar, [None] * 4]


@pytest.mark.parametrize("columns", [{}, {"currency": "cur"}])
def test_two_currencies_that_are_left_stop_the_run_all_the_same(reasons, columns):
    text = f"{MONEY}5,2024-01-05,9,PLN\n"
    with pytest.raises(ConfigError, match="2 currencies"):
        reasons(text, {"not_sales": {"cur": ["PLN"]}}, columns)
