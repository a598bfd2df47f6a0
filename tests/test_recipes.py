import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from retention_lib.client import Columns, parse_client
from retention_lib.client.recipes import (
    Recipe,
    known_recipes,
    load_recipe,
    matching,
    recipes_folder,
    settings,
)
from retention_lib.errors import ConfigError

_RECIPES = known_recipes()
_HEADERS = [(name, header) for name, recipe in _RECIPES.items() for header in recipe.examples]
_CASES = Path(__file__).resolve().parents[2] / "shared" / "cases"
_NO_CUSTOMER = "amazon-all-orders"  # its documentation says that it tells no customer

MINIMAL = """\
system: Corner shop
about: One row per receipt.
recognised_by: [Receipt, Card]
columns: {customer_id: Card, order_id: Receipt, ordered_at: Day, amount: Sum, status: State}
statuses: {sale: [done], return: [back], cancelled: [void], open: [waiting]}
examples: [[Receipt, Card, Day, Sum, State]]
"""


def recipe_of(text: str, folder: Path) -> Recipe:
    file = folder / "corner-shop.yaml"
    file.write_text(text, encoding="utf-8")
    return load_recipe(file)


def client_of(found: dict[str, Any]) -> Any:
    said = {"name": "A shop", "source": {"file": "input/a.csv"}, **found}
    return parse_client(yaml.safe_dump(said, allow_unicode=True), "a-shop", Path("a-shop"))


def test_the_systems_that_the_readme_promises_are_known() -> None:
    assert set(_RECIPES) >= {
        *("shopify", "woocommerce", "magento", "prestashop", "shoper", "shoprenter", "unas"),
        *("opencart", "stripe", "square-transactions", "square-items", "paypal", "salesforce"),
        *("amazon-all-orders", "amazon-shipments", "sap-tables", "sap-lists", "excel-sheet"),
    }


@pytest.mark.parametrize(("name", "header"), _HEADERS)
def test_each_example_is_recognised_by_its_own_recipe_alone(name: str, header: Any) -> None:
    assert [other for other, it in _RECIPES.items() if it.recognised(header)] == [name]
    assert matching(header) == _RECIPES[name]
    assert matching([column.upper() for column in reversed(header)]) == _RECIPES[name]


@pytest.mark.parametrize(("name", "header"), _HEADERS)
def test_what_a_recipe_says_is_a_client(name: str, header: Any) -> None:
    found = settings(_RECIPES[name], header)
    assert set(found["columns"]) <= set(Columns.model_fields)
    assert {"order_id", "ordered_at", "amount"} - set(found["columns"]) <= {"order_id"}
    if name != _NO_CUSTOMER:
        client = client_of(found)
        assert client.columns.customer_id in header
        assert client.unused == ()


@pytest.mark.parametrize(("name", "header"), _HEADERS)
def test_every_column_of_a_recipe_is_the_exports_own(name: str, header: Any) -> None:
    for column in settings(_RECIPES[name], header)["columns"].values():
        assert column in header


def test_a_recipe_without_documentation_says_so() -> None:
    for name, recipe in _RECIPES.items():
        honest = any(said in recipe.about for said in ("from memory", "no documentation"))
        assert recipe.documentation or honest, name


def test_every_recipe_has_its_row_in_the_docs() -> None:
    page = (Path(__file__).parents[1] / "docs" / "exports.md").read_text(encoding="utf-8")
    for name, recipe in _RECIPES.items():
        assert f"| {recipe.system} | `{name}` |" in page


def test_statuses_are_known_where_a_status_is_mapped() -> None:
    for name, recipe in _RECIPES.items():
        assert bool(recipe.columns.get("status")) == bool(recipe.statuses.sale), name


def header_of(case: str, file: str) -> list[str]:
    found = _CASES / case / file
    if not found.is_file():
        pytest.skip(f"the case {case} is not here; cases lie in ../shared/cases")
    with found.open(encoding="utf-8-sig", newline="") as lines:
        return next(csv.reader(lines))


def test_orders_whose_first_line_holds_the_total_are_shopifys() -> None:
    header = header_of("order-header-on-first-line", "orders_export_1.csv")
    assert matching(header) == _RECIPES["shopify"]
    found = settings(_RECIPES["shopify"], header)
    assert found["columns"]["customer_id"] == "Email"
    assert found["columns"]["order_id"] == "Name"
    assert found["columns"]["refunded"] == "Refunded Amount"
    assert found["amount_is"] == "order"
    assert {"voided", "refunded"} <= set(found["statuses"]["cancelled"])


def test_orders_that_repeat_their_total_are_woocommerces() -> None:
    header = header_of("order-total-on-every-line", "orders.csv")
    assert matching(header) == _RECIPES["woocommerce"]
    found = settings(_RECIPES["woocommerce"], header)
    assert found["columns"]["customer_id"] == "billing_email"
    assert found["columns"]["amount"] == "order_total"
    assert found["amount_is"] == "order"
    assert "not_customers" not in found


def test_guests_who_share_an_id_are_nobody_where_no_email_is_known() -> None:
    header = ["order_id", "order_date", "status", "order_total", "order_currency", "customer_user"]
    found = settings(_RECIPES["woocommerce"], header)
    assert found["columns"]["customer_id"] == "customer_user"
    assert found["not_customers"] == ["0"]


def test_in_a_sheet_kept_by_hand_a_number_stands_before_a_name() -> None:
    header = ["Date", "Name", "Customer ID", "Amount"]
    assert matching(header) == _RECIPES["excel-sheet"]
    assert settings(_RECIPES["excel-sheet"], header)["columns"]["customer_id"] == "Customer ID"


def test_documents_that_take_money_back_are_returns_in_sap() -> None:
    statuses = _RECIPES["sap-tables"].statuses
    assert set(statuses.sale) >= {"C", "M"}
    assert set(statuses.returned) == {"H", "K", "N", "O"}
    assert set(statuses.cancelled) >= {"A", "B", "U"}


def test_a_header_that_nobody_knows_has_no_recipe() -> None:
    assert matching(["order", "customer", "day", "total"]) is None
    assert matching([]) is None


def test_a_minimal_recipe(tmp_path: Path) -> None:
    recipe = recipe_of(MINIMAL, tmp_path)
    assert settings(recipe, ["State", "SUM", "card", "Receipt", "Day", "Other"]) == {
        "columns": {
            "customer_id": "card",
            "order_id": "Receipt",
            "ordered_at": "Day",
            "amount": "SUM",
            "status": "State",
        },
        "statuses": {"sale": ["done"], "return": ["back"], "cancelled": ["void"]},
    }
    assert recipe.statuses.open == ("waiting",)


def test_columns_that_are_not_there_are_left_out(tmp_path: Path) -> None:
    found = settings(recipe_of(MINIMAL + "amount_is: order\n", tmp_path), ["Card", "Day"])
    assert found == {"columns": {"customer_id": "Card", "ordered_at": "Day"}}


def test_the_first_alternative_that_is_there_is_taken(tmp_path: Path) -> None:
    text = MINIMAL.replace("customer_id: Card", "customer_id: [Mail, Card]")
    recipe = recipe_of(text, tmp_path)
    assert settings(recipe, ["Card", "Receipt", "Mail"])["columns"]["customer_id"] == "Mail"
    assert settings(recipe, ["Card", "Receipt"])["columns"]["customer_id"] == "Card"


def test_what_is_said_of_one_column_holds_for_it_alone(tmp_path: Path) -> None:
    text = MINIMAL.replace("amount: Sum", "amount: [Sum, Line]")
    text = text.replace("customer_id: Card", "customer_id: [Mail, Card]")
    text += 'amount_is: {Sum: order, Line: line}\nnot_customers: {card: ["0"]}\n'
    recipe = recipe_of(text, tmp_path)
    by_order = settings(recipe, ["Card", "Receipt", "Sum"])
    by_line = settings(recipe, ["Mail", "Receipt", "Line"])
    assert (by_order["amount_is"], by_order["not_customers"]) == ("order", ["0"])
    assert by_line["amount_is"] == "line"
    assert "not_customers" not in by_line


def test_a_format_that_the_system_fixes_is_handed_on(tmp_path: Path) -> None:
    text = MINIMAL + 'format: {date: "%d.%m.%Y", decimal: ",", sheet: Orders}\n'
    found = settings(recipe_of(text, tmp_path), ["Card", "Receipt"])
    assert found["format"] == {"date": "%d.%m.%Y", "decimal": ",", "sheet": ["Orders"]}


def test_the_recipe_that_needs_most_columns_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    recipes_folder().mkdir(parents=True)
    (recipes_folder() / "a.yaml").write_text(MINIMAL, encoding="utf-8")
    more = MINIMAL.replace("[Receipt, Card]", "[Receipt, Card, State]").replace("Corner", "Big")
    (recipes_folder() / "b.yaml").write_text(more, encoding="utf-8")
    header = ["Receipt", "Card", "Day", "Sum", "State"]
    assert [it.system for it in (matching(header), matching(header[:3])) if it] == [
        "Big shop",
        "Corner shop",
    ]


def test_of_two_that_need_as_many_the_one_that_knows_more_columns_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    recipes_folder().mkdir(parents=True)
    fewer = MINIMAL.replace("ordered_at: Day, ", "").replace("Corner", "Small")
    (recipes_folder() / "a.yaml").write_text(fewer, encoding="utf-8")
    (recipes_folder() / "b.yaml").write_text(MINIMAL, encoding="utf-8")
    found = matching(["Receipt", "Card", "Day", "Sum", "State"])
    assert found is not None
    assert found.system == "Corner shop"


def test_a_projects_recipe_replaces_the_bundled_one_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    recipes_folder().mkdir(parents=True)
    (recipes_folder() / "shopify.yaml").write_text(MINIMAL, encoding="utf-8")
    assert known_recipes()["shopify"].system == "Corner shop"
    assert "woocommerce" in known_recipes()


def test_any_of_several_groups_is_enough(tmp_path: Path) -> None:
    text = MINIMAL.replace("recognised_by: [Receipt, Card]", "any_of: [[Receipt, Card], [Bon]]")
    recipe = recipe_of(text, tmp_path)
    assert recipe.recognised(["receipt ", "CARD"]) == 2
    assert recipe.recognised(["Bon"]) == 1
    assert recipe.recognised(["Receipt"]) == 0


def _with(change: Callable[[dict[str, Any]], object]) -> str:
    said = yaml.safe_load(MINIMAL)
    change(said)
    return yaml.safe_dump(said, allow_unicode=True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            _with(lambda it: it.update(colums={})),
            "the key 'colums' is unknown; do you mean columns",
        ),
        (_with(lambda it: it.pop("system")), "system is missing; add `system: …`"),
        (_with(lambda it: it.pop("examples")), "examples is missing; add `examples: [["),
        (_with(lambda it: it.pop("recognised_by")), "recognised_by is missing"),
        (
            _with(lambda it: it["columns"].update(customer="Card")),
            "columns has the name 'customer', which is unknown; do you mean customer_id?",
        ),
        (
            _with(lambda it: it["statuses"].update(returned=["back"])),
            "statuses: the key 'returned' is unknown; do you mean return?",
        ),
        (
            _with(lambda it: it["statuses"].update(sale=["done", "Back"])),
            "gives 'back' more than one meaning",
        ),
        (
            _with(lambda it: it["statuses"].update(open=["Void"])),
            "calls 'Void' open and gives it a meaning",
        ),
        (_with(lambda it: it.update(amount_is="total")), "amount_is"),
        (
            _with(lambda it: it.update(amount_is={"Summ": "order"})),
            "amount_is speaks of the column 'Summ'",
        ),
        (
            _with(lambda it: it.update(examples=[["Bon", "Card"]])),
            "examples: the header that begins with 'Bon' lacks a column",
        ),
        (_with(lambda it: it.update(format={"decimal": "x"})), "format.decimal"),
        (
            _with(lambda it: it.update(documentation=[{"title": "A page", "address": "a page"}])),
            "documentation.0.address",
        ),
        ("- a list", "is a list"),
    ],
)
def test_what_is_wrong_in_a_recipe_is_said(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        recipe_of(text, tmp_path)
    assert says in str(caught.value)
    assert "corner-shop.yaml" in str(caught.value)
