import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from retention_lib.client import parse_client, project_root
from retention_lib.client.lines import with_line
from retention_lib.errors import ConfigError
from retention_lib.sources import connect, read
from retention_lib.summaries.occasions import occasions
from retention_lib.transactions import kept, typed

CASES = project_root() / "../shared/cases"
needs_cases = pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not here")
COLUMNS = "columns: {customer_id: id, ordered_at: day, amount: money, order_id: order"


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return connect(tmp_path_factory.mktemp("scratch"))


class Shop:
    """Files of a made source, typed."""

    def __init__(self, folder: Path, engine):
        self.folder, self.engine = folder, engine

    def typed(self, files, settings: str):
        files = {"a.csv": files} if isinstance(files, str) else files
        for name, text in files.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        source = "source: {file: '*.csv'}\n" if "source:" not in settings else ""
        whole = f"name: Shop\n{source}{settings}\n"
        (self.folder / "client.yaml").write_text(whole, encoding="utf-8")
        client = parse_client(whole, "shop", self.folder)
        return typed(read(client, self.engine, self.folder / "cache"), client)

    def refused(self, files, settings: str) -> ConfigError:
        """Return the stop; each of its lines is tried, and must get past it."""
        with pytest.raises(ConfigError) as caught:
            self.typed(files, settings)
        for choice in caught.value.choices:
            assert str(choice) in str(caught.value)
            try:
                self.typed(files, merged(settings, choice.line))
            except ConfigError as error:
                assert str(error) != str(caught.value)  # another may follow
        return caught.value


def merged(settings: str, line: str) -> str:
    return yaml.safe_dump(with_line(yaml.safe_load(settings), line), allow_unicode=True)


@pytest.fixture
def shop(tmp_path, engine):
    return Shop(tmp_path, engine)


def plain(table) -> list[dict]:
    return table.to_pyarrow().to_pylist()


def figures(table) -> dict:
    """Return what a reader sees: customers with a purchase, purchases, and money."""
    rows = kept(table)
    found = occasions(rows)
    row = plain(found.agg(customers=found.customer_id.nunique(), occasions=found.count()))[0]
    money = rows.amount.sum().to_pyarrow().as_py()
    return row | {"revenue": None if money is None else round(money, 2)}


def lines(table, *names) -> list[tuple]:
    return [tuple(row[name] for name in names) for row in plain(table.order_by("line_number"))]


# --- the shared cases ------------------------------------------------------------


def case(shop, name: str, settings: str):
    return shop.typed({}, f"source: {{file: {(CASES / name).resolve()}/*.csv}}\n{settings}")


@needs_cases
def test_an_order_whose_fields_stand_on_its_first_line(shop):
    table = case(
        shop,
        "order-header-on-first-line",
        "columns: {customer_id: Email, ordered_at: Created at, amount: Total, order_id: Name, "
        "status: Financial Status, refunded: Refunded Amount}\n"
        'format: {date: "%Y-%m-%d %H:%M:%S %z"}\n'
        "statuses: {sale: [paid, partially_refunded], cancelled: [voided, refunded]}",
    )
    assert figures(table) == {"customers": 392, "occasions": 2541, "revenue": 114_799.24}
    rows = kept(table)
    refunds = rows.refunded.sum().to_pyarrow().as_py()
    assert round(114_799.24 + refunds, 2) == 117_067.30


TOTALS = (
    "columns: {customer_id: billing_email, ordered_at: order_date, amount: order_total, "
    "order_id: order_id, status: status, refunded: refunded_total}\n"
    "statuses: {sale: [completed], cancelled: [cancelled]}\n"
)


@needs_cases
def test_an_order_total_on_every_line(shop):
    table = case(shop, "order-total-on-every-line", f"{TOTALS}amount_is: order")
    assert figures(table) == {"customers": 397, "occasions": 2692, "revenue": 124_098.15}


@needs_cases
def test_an_order_total_on_every_line_is_asked_about(shop):
    where = f"source: {{file: {(CASES / 'order-total-on-every-line').resolve()}/*.csv}}\n"
    stop = shop.refused({}, where + TOTALS)
    assert [choice.line for choice in stop.choices] == ["amount_is: order", "amount_is: line"]


@needs_cases
def test_the_later_of_two_overlapping_exports_counts(shop):
    table = case(
        shop,
        "overlapping-exports",
        "columns: {customer_id: customer, ordered_at: day, amount: total, order_id: order, "
        "status: status}\nstatuses: {sale: [completed, processing], cancelled: [cancelled]}",
    )
    # `right.json` has 400 customers and 129,617.29. Two of them, 133 and 298, have cancelled orders
    # alone, and 22 cancelled orders are 1,306.39: 130,923.29 - 1,306.39 = 129,616.90.
    assert figures(table) == {"customers": 398, "occasions": 2815, "revenue": 129_616.90}
    reasons = table.group_by("reason").agg(rows=table.count())
    assert {row["reason"] for row in plain(reasons)} == {None, "replaced_order", "cancelled"}


def test_orders_replaced_and_copies_have_no_amount_twice(shop):
    head = "id,day,money,n\n"
    files = {
        "a.csv": head + "1,2020-01-01,,7\n1,2020-01-01,10,7\n1,2020-01-01,10,7\n2,2020-01-01,5,8\n",
        "b.csv": head + "1,2020-01-01,12,7\n1,2020-01-01,12,7\n",
    }
    table = shop.typed(
        files,
        "columns: {customer_id: id, ordered_at: day, amount: money, order_id: n}\n"
        "amount_is: order\norder_ids: shared",
    )
    money = table.group_by("reason").agg(money=table.amount.sum())
    found = {row["reason"]: row["money"] for row in plain(money)}
    assert found == {None: 17.0, "replaced_order": 10.0, "duplicate_line": None}


# --- the lines of one order --------------------------------------------------------


def test_customer_day_status_and_amount_may_stand_on_any_line(shop):
    table = shop.typed(
        "money,order,product,state,id,day\n"
        ",1,A,,,2024-03-02\n"
        "30,1,B,,K1,\n"
        ",1,C,paid,,2024-03-01\n"
        "7,2,A,void,K2,2024-03-05\n"
        ",2,B,,,\n",
        f"{COLUMNS}, product: product, status: state}}\nstatuses: {{sale: paid, cancelled: void}}",
    )
    assert lines(table, "customer_id", "day", "amount", "status", "reason", "no_purchase") == [
        ("K1", date(2024, 3, 1), None, "paid", None, True),
        ("K1", date(2024, 3, 1), 30.0, "paid", None, False),
        ("K1", date(2024, 3, 1), None, "paid", None, True),
        ("K2", date(2024, 3, 5), 7.0, "void", "cancelled", False),
        ("K2", date(2024, 3, 5), None, "void", "cancelled", True),
    ]
    assert figures(table) == {"customers": 1, "occasions": 1, "revenue": 30.0}


def test_parcels_of_one_order_are_one_purchase(shop):
    table = shop.typed(
        "id,day,money,order\nK1,2024-03-09,5,1\nK1,2024-03-01,6,1\nK1,2024-04-09,7,1\n"
        "K1,2024-03-05,8,2\n",
        f"{COLUMNS}}}",
    )
    assert figures(table) == {"customers": 1, "occasions": 2, "revenue": 26.0}
    assert {row["day"] for row in plain(table) if row["order_id"] == "1"} == {date(2024, 3, 1)}


def test_a_header_without_a_purchase_makes_none(shop):
    """A return, or an order given back, whose other lines are blank is no purchase."""
    table = shop.typed(
        "id,day,money,order,back\nK1,2024-03-01,-20,1,\nK1,2024-03-01,,1,\n"
        "K2,2024-03-02,50,2,50\nK2,2024-03-02,,2,\nK3,2024-03-02,50,3,20\nK3,2024-03-02,,3,\n"
        "K4,2024-03-02,50,4,60\nK4,2024-03-02,,4,\n",
        f"{COLUMNS}, refunded: back}}",
    )
    assert figures(table) == {"customers": 1, "occasions": 1, "revenue": 0.0}
    assert lines(table, "amount", "refunded", "reason")[2:6] == [
        (50.0, 50.0, "refunded"),
        (None, None, "refunded"),
        (30.0, 20.0, None),
        (None, None, None),
    ]


def test_an_amount_that_is_missing_among_several_is_missing(shop):
    table = shop.typed(
        "id,day,money,order\nK1,2024-03-01,5,1\nK1,2024-03-01,6,1\nK1,2024-03-01,,1\n"
        "K1,2024-03-02,,2\nK1,2024-03-02,,3\nK1,2024-03-02, ,3\n",
        f"{COLUMNS}}}",
    )
    assert [row[0] for row in lines(table, "reason")] == [None, None, *["missing_amount"] * 4]


def test_an_order_of_nothing_is_set_aside_as_a_whole(shop):
    table = shop.typed(
        "id,day,money,order\nK1,2024-03-01,0,1\nK1,2024-03-01,,1\nK1,2024-03-02,5,2\n",
        f"{COLUMNS}}}\nzero_amounts: set_aside",
    )
    assert [row[0] for row in lines(table, "reason")] == ["zero_amount", "zero_amount", None]
    assert figures(table)["occasions"] == 1


def test_refunds_of_single_lines_are_taken_off_them(shop):
    table = shop.typed(
        "id,day,money,order,back\nK1,2024-03-01,10,1,10\nK1,2024-03-01,20,1,0\n"
        "K1,2024-03-01,30,1,5\nK2,2024-03-01,40,2,-40\nK3,2024-03-01,40,3,oops\n",
        f"{COLUMNS}, refunded: back}}",
    )
    assert [row[0] for row in lines(table, "reason")] == [
        *("refunded", None, None, "refunded", "unreadable_amount")
    ]
    assert figures(table) == {"customers": 1, "occasions": 1, "revenue": 45.0}


def test_a_refund_on_one_line_may_be_that_of_the_order(shop):
    table = shop.typed(
        "id,day,money,order,back\nK1,2024-03-01,10,1,60\nK1,2024-03-01,20,1,\n"
        "K1,2024-03-01,30,1,\nK2,2024-03-01,10,2,25\nK2,2024-03-01,20,2,\n",
        f"{COLUMNS}, refunded: back}}",
    )
    assert figures(table) == {"customers": 1, "occasions": 1, "revenue": 5.0}


def test_a_refund_repeated_on_each_line_counts_once(shop):
    body = "".join(
        f"K{n},2024-03-01,{n + 10},{n},5\nK{n},2024-03-01,{n + 20},{n},5\n" for n in range(4)
    )
    table = shop.typed(f"id,day,money,order,back\n{body}", f"{COLUMNS}, refunded: back}}")
    assert figures(table) == {"customers": 4, "occasions": 4, "revenue": 132.0 - 20}
    assert {row["order_doubt"] for row in plain(table)} == {"refund_repeated"}


# --- totals repeated on each line ---------------------------------------------------


def totals(n: int, tail: str = "") -> str:
    body = "".join(
        f"K{i},2024-03-{1 + i % 28:02d},{10 + i},{i},{item},{1 + i},{4}\n"
        for i in range(n)
        for item in "AB"
    )
    return f"id,day,money,order,product,back,cost\n{body}{tail}"


WITH_BACK = f"{COLUMNS}, product: product, refunded: back, cost: cost}}\n"


def test_totals_stop_the_run_with_what_each_reading_gives(shop):
    stop = shop.refused(totals(5, "K9,2024-03-09,100,9,A,0,1\n"), WITH_BACK)
    assert [choice.line for choice in stop.choices] == ["amount_is: order", "amount_is: line"]
    assert "160.00" in stop.choices[0].means  # 10+11+12+13+14 = 60, and 100
    assert "220.00" in stop.choices[1].means
    assert "5 of 5 orders of several lines" in str(stop)


def test_totals_count_once_with_their_refund_and_cost(shop):
    table = shop.typed(totals(5), f"{WITH_BACK}amount_is: order")
    assert figures(table) == {"customers": 5, "occasions": 5, "revenue": 60.0 - 15}
    assert kept(table).cost.sum().to_pyarrow().as_py() == 5 * 4
    table = shop.typed(totals(5), f"{WITH_BACK}amount_is: line")
    assert figures(table) == {"customers": 5, "occasions": 5, "revenue": 120.0 - 30}


@pytest.mark.parametrize(
    "text",
    [
        totals(2),  # too few to tell
        totals(0, "K1,2024-03-01,5,1,A,0,1\nK1,2024-03-01,6,1,B,0,1\n" * 4),
        "id,day,money,order,product,back,cost\n"
        + "".join(f"K{i},2024-03-01,0,{i},{it},0,1\n" for i in range(9) for it in "AB"),
        "id,day,money,order,product,back,cost\n"  # the same line twice is a copy
        + "".join(f"K{i},2024-03-01,5,{i},A,0,1\n" * 2 for i in range(9)),
    ],
)
def test_what_is_no_total_does_not_stop(shop, text):
    shop.typed(text, WITH_BACK)


def test_an_amount_of_quantity_and_price_is_never_a_total(shop):
    body = "".join(f"K{i},2024-03-01,{i},{it},2,5\n" for i in range(9) for it in "AB")
    table = shop.typed(
        f"id,day,order,product,n,p\n{body}",
        "columns: {customer_id: id, ordered_at: day, order_id: order, product: product, "
        "quantity: n, unit_price: p}",
    )
    assert figures(table)["revenue"] == 180.0


def test_amounts_that_differ_are_no_totals(shop):
    body = "".join(f"K{i},2024-03-01,{n},{i}\n" for i in range(9) for n in (5, 6))
    text = f"id,day,money,order\n{body}"
    stop = shop.refused(text, f"{COLUMNS}}}\namount_is: order")
    assert [choice.line for choice in stop.choices] == ["amount_is: line"]


def test_one_total_that_differs_is_decided_and_named(shop):
    body = "".join(f"K{i},2024-03-01,10,{i},{it}\n" for i in range(300) for it in "ABC")
    body += "K300,2024-03-01,10,300,A\nK300,2024-03-01,10,300,B\nK300,2024-03-01,1,300,C\n"
    body += "K301,2024-03-01,4,301,A\nK301,2024-03-01,3,301,B\n"
    settings = f"{COLUMNS}, product: product}}\namount_is: order"
    table = shop.typed(f"id,day,money,order,product\n{body}", settings)
    assert figures(table)["revenue"] == 3000 + 10 + 7
    assert {r["order_id"] for r in plain(table) if r["order_doubt"]} == {"300", "301"}


# --- several files ------------------------------------------------------------------

OCTOBER = "id,day,money,order\nK1,2024-10-01,10,1\nK2,2024-10-02,20,2\nK2,2024-10-02,5,2\n"


def test_the_later_version_replaces_all_lines_in_the_order_of_the_files(shop):
    files = {
        "orders_2.csv": OCTOBER,
        "orders_10.csv": "id,day,money,order\nK2,2024-10-02,20,2\nK3,2024-11-02,30,3\n",
    }
    table = shop.typed(files, f"{COLUMNS}}}")
    gone = [(r["source_file"], r["order_id"]) for r in plain(table) if r["reason"]]
    assert len(gone) in (1, 2)
    assert {order for _, order in gone} == {"2"}


def test_numbers_that_begin_anew_in_each_file(shop):
    files = {
        "a.csv": OCTOBER,
        "b.csv": "id,day,money,order\nK3,2024-11-01,40,1\nK4,2024-11-02,50,2\n",
    }
    stop = shop.refused(files, f"{COLUMNS}}}")
    assert [choice.line for choice in stop.choices] == ["order_ids: restart"]
    assert "2 numbers" in str(stop)
    table = shop.typed(files, f"{COLUMNS}}}\norder_ids: restart")
    assert figures(table) == {"customers": 4, "occasions": 4, "revenue": 125.0}
    assert kept(table).order_id.nunique().to_pyarrow().as_py() == 4


def test_other_days_alone_can_be_read_in_two_ways(shop):
    files = {
        "a.csv": OCTOBER,
        "b.csv": "id,day,money,order\nK1,2024-11-01,40,1\nK2,2024-11-02,50,2\n",
    }
    stop = shop.refused(files, f"{COLUMNS}}}")
    assert [c.line for c in stop.choices] == ["order_ids: restart", "order_ids: shared"]
    revenue = [
        figures(shop.typed(files, f"{COLUMNS}}}\n{c.line}"))["revenue"] for c in stop.choices
    ]
    assert revenue == [125.0, 90.0]


# --- numbers that are no order numbers ------------------------------------------------


def test_till_receipts_are_no_orders(shop):
    body = "".join(f"K{n},2024-03-{1 + n // 9:02d},{n},{n % 9}\n" for n in range(90))
    stop = shop.refused(f"id,day,money,order\n{body}", f"{COLUMNS}}}")
    assert re.search("holds no order numbers: 9 of 9", str(stop))
    assert [choice.line for choice in stop.choices] == ["columns: {order_id: null}"]


def test_lines_years_apart_are_no_order(shop):
    body = "".join(f"K{n},202{y}-03-01,{n},{n}\n" for n in range(9) for y in (1, 3))
    stop = shop.refused(f"id,day,money,order\n{body}", f"{COLUMNS}}}\namount_is: line")
    assert "2021-03-01 and 2023-03-01" in str(stop)


def test_a_number_used_twice_is_an_order_of_each_customer(shop):
    body = "".join(f"K{n},2024-03-01,{n},{n}\nK{n},2024-03-02,1,{n}\n" for n in range(9))
    body += "K20,2024-03-01,5,20\nK21,2024-03-09,6,20\nK20,2024-03-03,7,20\n"
    table = shop.typed(f"id,day,money,order\n{body}", f"{COLUMNS}}}")
    twice = [r for r in plain(table) if r["order_doubt"]]
    assert {(r["customer_id"], r["day"], r["order_doubt"]) for r in twice} == {
        ("K20", date(2024, 3, 1), "reused"),
        ("K21", date(2024, 3, 9), "reused"),
    }
    assert kept(table).order_id.nunique().to_pyarrow().as_py() == 11


def test_an_order_of_a_guest_who_is_named_on_another_line(shop):
    table = shop.typed(
        "id,day,money,order\nguest,2024-03-01,5,1\nK1,2024-03-01,6,1\nguest,2024-03-01,5,2\n",
        f"{COLUMNS}}}\nnot_customers: [guest]",
    )
    assert lines(table, "customer_id", "reason") == [
        ("K1", None),
        ("K1", None),
        ("guest", "no_customer"),
    ]
