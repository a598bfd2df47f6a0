"""JSON: lines, arrays, and lists inside an object."""

import gzip
import json
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_lib.errors import ConfigError, DataError
from tests.kinds import Shop, rows_of

ORDERS = [
    {"id": "a", "day": "2024-01-02", "money": 3},
    {"id": "b", "day": "2024-01-03", "money": 4.50, "note": "x"},
]
READ = [("a", "2024-01-02", "3", 1), ("b", "2024-01-03", "4.5", 2)]
LINES = "".join(json.dumps(order) + "\n" for order in ORDERS)


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def dicts(raw) -> list[dict]:
    rows = raw.table.order_by("line_number").to_pyarrow().to_pylist()
    ours = ("source_file", "unreadable_line", "line_number")
    return [{k: v for k, v in row.items() if v is not None and k not in ours} for row in rows]


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json", "a.txt"])
def test_lines(shop, name):
    shop.text(name, LINES)
    raw = shop.raw(name)
    assert rows_of(raw) == READ
    assert "note" in raw.table.columns
    assert shop.sniff(name).names == ["id", "day", "money", "note"]


def test_lines_packed_and_with_a_mark(shop):
    shop.path("a.jsonl.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf" + LINES.encode()))
    assert shop.rows("a.jsonl.gz") == READ
    assert shop.sniff("a.jsonl.gz").format == {}


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array(shop, indent):
    shop.text("a.json", json.dumps(ORDERS, indent=indent))
    assert [row[:3] for row in shop.rows("a.json")] == [row[:3] for row in READ]


def test_an_array_knows_its_lines(shop):
    shop.text("a.json", json.dumps(ORDERS, indent=1))
    assert [row[3] for row in shop.rows("a.json")] == [2, 7]


@pytest.mark.parametrize(
    "whole",
    [
        {"orders": ORDERS},
        {"page": 1, "data": {"orders": ORDERS, "next": None}},
        {"links": [], "tags": ["x"], "orders": ORDERS},
    ],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_an_object_with_one_list_inside(shop, whole, indent):
    shop.text("a.json", json.dumps(whole, indent=indent))
    assert [row[:3] for row in shop.rows("a.json")] == [row[:3] for row in READ]


def test_an_object_with_several_lists_is_a_choice(shop):
    whole = {"customers": [{"id": "a"}], "data": {"orders": ORDERS}}
    shop.text("a.json", json.dumps(whole))
    stop = shop.stopped("a.json")
    assert [it.line for it in stop.choices] == [
        "format: {sheet: data.orders}",
        "format: {sheet: customers}",
    ]
    assert rows_of(shop.after(stop.choices[0], "a.json"))[0][0] == "a"
    sniffed = shop.sniff("a.json")
    assert sniffed.choices == stop.choices
    assert sniffed.names == ["id", "day", "money", "note"]


def test_objects_one_after_the_other_over_several_lines(shop):
    shop.text("a.json", "\n".join(json.dumps(order, indent=1) for order in ORDERS))
    assert [row[:3] for row in shop.rows("a.json")] == [row[:3] for row in READ]
    assert [row[3] for row in shop.rows("a.json")] == [1, 6]


def test_numbers_keep_their_text(shop):
    line = '{"id": 12345678901234567890, "day": "2024-01-02", "money": 1.10, "o": 4.2E+11}'
    shop.text("a.jsonl", f"{line}\n{line}\n")
    (row, _) = dicts(shop.raw("a.jsonl"))
    assert (row["id"], row["money"], row["o"]) == ("12345678901234567890", "1.10", "4.2E+11")


def test_numbers_take_the_mark_of_the_texts_beside_them(shop):
    line = '{"id": "a", "day": "2024-01-02", "money": '
    lines = [f"{line}{it}}}" for it in ("1.5", '"2,50"')]
    shop.text("a.jsonl", "\n".join(lines))
    assert [row[2] for row in shop.rows("a.jsonl", format={"decimal": ","})] == ["1,5", "2,50"]


def test_what_is_flattened_and_what_is_null(shop):
    order = {
        "id": "a",
        "day": "",
        "money": None,
        "paid": True,
        "void": False,
        "customer": {"email": "a@b.c", "address": {"city": "Łódź"}},
        "tags": ["x", "y"],
        "none": [],
        "nothing": {},
    }
    shop.text("a.jsonl", json.dumps(order) + "\n" + json.dumps(ORDERS[0]))
    assert dicts(shop.raw("a.jsonl"))[0] == {
        "id": "a",
        "paid": "true",
        "void": "false",
        "customer.email": "a@b.c",
        "customer.address.city": "Łódź",
        "tags": "x, y",
    }


def test_items_are_rows_beside_their_order(shop):
    items = [
        {"sku": "p", "quantity": 1, "price": "2.00"},
        {"sku": "q", "quantity": 2, "price": "5"},
    ]
    lines = [ORDERS[0] | {"line_items": items}, ORDERS[1] | {"line_items": []}]
    shop.text("a.jsonl", "\n".join(map(json.dumps, lines)))
    raw = shop.raw("a.jsonl")
    assert rows_of(raw) == [READ[0], READ[0], READ[1]]
    found = {(row.get("line_items.sku"), row.get("line_items.price")) for row in dicts(raw)}
    assert found == {("p", "2.00"), ("q", "5"), (None, None)}
    assert "line_items" in shop.sniff("a.jsonl").notes[0]


def test_lists_that_are_no_items_multiply_nothing(shop):
    codes = [{"code": "A", "amount": "1"}, {"code": "B", "amount": "2"}]
    taxes = [{"title": "VAT", "price": "1", "rate": 0.2}] * 2
    items = [{"sku": "p", "quantity": 1, "price": "2"}]
    order = ORDERS[0] | {"discount_codes": codes, "tax_lines": taxes}
    shop.text("a.jsonl", f"{json.dumps(order)}\n{json.dumps(order)}")
    assert len(shop.rows("a.jsonl")) == 2
    with_items = order | {"line_items": items * 3}
    shop.text("a.jsonl", f"{json.dumps(with_items)}\n{json.dumps(with_items)}")
    assert len(shop.rows("a.jsonl")) == 6


def test_lines_that_cannot_be_read_are_kept(shop):
    shop.text("a.jsonl", LINES + "\n{broken\n[1, 2]\n" + LINES)
    raw = shop.raw("a.jsonl")
    lines = raw.table.filter(raw.table.unreadable_line.notnull()).order_by("line_number")
    found = lines.select("unreadable_line", "line_number").to_pyarrow().to_pylist()
    assert [tuple(row.values()) for row in found] == [("{broken", 4), ("[1, 2]", 5)]
    assert len(rows_of(raw)) == 6


def test_a_first_line_that_cannot_be_read(shop):
    shop.text("a.jsonl", "{broken\n" + LINES)
    assert len(shop.rows("a.jsonl")) == 3


def test_members_of_an_array_that_are_no_objects(shop):
    shop.text("a.json", json.dumps([*ORDERS, 7, "x"]))
    raw = shop.raw("a.json")
    assert raw.table.unreadable_line.notnull().sum().execute() == 2


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        ('[{"id": 1}, {"id": ', ConfigError, "is no sound JSON from line 1 on"),
        ('{\n"orders": [', ConfigError, "is no sound JSON"),
        ("[]", DataError, "holds no objects"),
        ("[1, 2]", DataError, "holds no objects"),
        ("[" * 100_000, ConfigError, "no sound JSON"),
    ],
)
def test_no_rows_of_json(shop, content, error, said):

    shop.text("a.json", content)
    assert said in str(shop.stopped("a.json", error))


def test_an_empty_file(shop):
    shop.text("a.jsonl", "")
    assert "a.jsonl" in str(shop.stopped("a.jsonl", DataError))


def test_another_encoding_is_named(shop):
    order = '{"id": "Żółć w Łodzi, gęś i ślimak", "day": "2024-01-02", "money": 1}\n'
    shop.text("a.jsonl", order * 2, "cp1250")
    stop = shop.stopped("a.jsonl")
    line = next(it for it in stop.choices if "cp1250" in it.line)
    assert rows_of(shop.after(line, "a.jsonl"))[0][0] == "Żółć w Łodzi, gęś i ślimak"


values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(st.characters(codec="utf-8"), max_size=5)
)
objects = st.lists(
    st.dictionaries(st.sampled_from(["id", "day", "money", "x"]), values), min_size=2, max_size=9
)


@settings(max_examples=40, deadline=None)
@given(objects, st.sampled_from(["lines", "array", "indented", "inside"]))
def test_the_same_rows_however_they_are_written(tmp_path_factory, body, form):
    shop = Shop(tmp_path_factory.mktemp("shop"))
    whole = [ORDERS[0], *body]
    texts = {
        "lines": "\n".join(map(json.dumps, whole)),
        "array": json.dumps(whole, ensure_ascii=False),
        "indented": json.dumps(whole, indent=1),
        "inside": json.dumps({"n": 1, "rows": whole}),
    }
    shop.text("a.json", texts[form])
    found = [row[:3] for row in rows_of(shop.raw("a.json"))]

    def said(value):
        if isinstance(value, bool):
            return str(value).lower()
        return None if value in (None, "") else str(value)

    assert found == [tuple(said(it.get(key)) for key in ("id", "day", "money")) for it in whole]
    shutil.rmtree(shop.folder)
