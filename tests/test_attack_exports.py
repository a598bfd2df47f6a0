"""Exports dressed to mislead: the figures are right, or something is said; never a silent error."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from retention_lib.client import parse_client
from retention_lib.client.lines import with_line
from retention_lib.errors import ConfigError, DataError
from retention_lib.sources import connect, read
from retention_lib.summaries import checks
from retention_lib.summaries.occasions import occasions
from retention_lib.transactions import kept, typed, unmapped
from tests import shop

pytestmark = pytest.mark.slow  # a second an export

MADE: Final = shop.orders(seed=7, customers=40, days=420)
PLAIN: Final = "columns: {order_id: order, customer_id: customer, ordered_at: day, amount: total}"
ITEMS: Final = PLAIN[:-1] + ", product: product}\namount_is: line"
Rows = list[list[object]]
Dress = tuple[dict[str, Rows], str, dict[str, object]]


def money(cents: int) -> str:
    return f"{cents / 100:.2f}"


def headed(rows: Iterable[Iterable[object]], *more: str) -> Rows:
    return [["order", "customer", "day", "total", *more], *map(list, rows)]


def cells(order: shop.Order) -> list[object]:
    return [order.number, order.customer, order.day, money(order.cents)]


def one(rows: Rows) -> dict[str, Rows]:
    return {"a.csv": rows}


def by_items() -> Iterator[tuple[shop.Order, int, list[object]]]:
    for o in MADE:
        for place, cents in enumerate(o.items):
            yield o, place, [o.number, o.customer, o.day, money(cents), f"P{place}"]


# --- right figures ---------------------------------------------------------------------


def totals(
    of: Callable[[shop.Order], Any], row: Callable[[shop.Order, int], list[object]]
) -> Dress:
    rows, since = [], 0
    for o, later in zip(MADE, [*MADE[1:], None], strict=True):
        rows.append(cells(o))
        since += o.cents
        if later is None or of(later) != of(o):
            rows.append(row(o, since))
            since = 0
    return one(headed(rows)), PLAIN, shop.right(MADE)


def month(order: shop.Order) -> tuple[int, int]:
    return order.day.year, order.day.month


def after(order: shop.Order) -> date:
    return (order.day.replace(day=1) + timedelta(days=32)).replace(day=1)


def total_named() -> Dress:
    return totals(month, lambda o, it: ["", f"Razem {o.day:%m.%Y}", after(o), money(it)])


def total_of_the_next_day() -> Dress:
    return totals(month, lambda o, it: ["", "", after(o), money(it)])


def total_under_an_id_and_a_number() -> Dress:
    return totals(month, lambda o, it: [f"M{o.day:%Y%m}", "SHOP", after(o), money(it)])


def carried_forward() -> Dress:
    rows, so_far = [], 0
    for place, o in enumerate(MADE, start=1):
        rows.append(cells(o))
        so_far += o.cents
        if place % 25 == 0:
            rows += [["", "Übertrag", o.day, money(so_far)], list(headed([])[0])]
    return one(headed(rows)), PLAIN, shop.right(MADE)


def rounded_total_of_a_year() -> Dress:
    return totals(
        lambda o: o.day.year,
        lambda o, it: ["", "Jahressumme", o.day, f"{round(it / 100)}.00"],
    )


def subtotals_of_orders() -> Dress:
    rows: Rows = []
    for o, place, row in by_items():
        rows.append(row)
        if place == len(o.items) - 1:
            rows.append([o.number, o.customer, o.day, money(o.cents), ""])
    return one(headed(rows, "product")), ITEMS, shop.right(MADE)


def parcels_with_the_total_on_the_first() -> Dress:
    rows = [
        [o.number, o.customer, o.day + timedelta(days=4 * n), "" if n else money(o.cents)]
        for o in MADE
        for n in range(len(o.items))
    ]
    rows.sort(key=lambda row: str(row[2]))
    return one(headed(rows)), PLAIN, shop.right(MADE)


def discounts_as_lines() -> Dress:
    rows, off = [], 0
    for o, place, row in by_items():
        rows.append(row)
        if place == len(o.items) - 1 and o.number % 3 == 0:
            off += o.cents // 10
            rows.append([*row[:3], f"-{money(o.cents // 10)}", "Discount"])
    return one(headed(rows, "product")), ITEMS, shop.right(MADE, off)


def refunds_on_every_line() -> Dress:
    rows, off, left = [], 0, []
    for o, place, row in by_items():
        back = {0: o.cents, 1: o.items[0] // 2}.get(o.number % 11, 0)
        rows.append([*row, money(back)])
        if place == 0 and back < o.cents:
            left.append(o)
            off += back
    settings = ITEMS.replace("product}", "product, refunded: refunded}")
    return one(headed(rows, "product", "refunded")), settings, shop.right(left, off)


def a_line_of_an_order_cancelled() -> Dress:
    rows, off = [], 0
    for o, place, row in by_items():
        gone = place == 0 and len(o.items) > 1 and o.number % 9 == 0
        off += o.items[0] if gone else 0
        rows.append([*row, "cancelled" if gone else "shipped"])
    settings = ITEMS.replace("product}", "product, status: status}")
    settings += "\nstatuses: {sale: [shipped], cancelled: [cancelled]}"
    return one(headed(rows, "product", "status")), settings, shop.right(MADE, off)


def status_on_the_last_line() -> Dress:
    rows = []
    for o, place, row in by_items():
        says = "Cancelled" if o.number % 9 == 0 else "Paid"
        rows.append([*row, says if place == len(o.items) - 1 else ""])
    settings = ITEMS.replace("product}", "product, status: status}")
    settings += "\nstatuses: {sale: [paid], cancelled: [cancelled]}"
    left = [o for o in MADE if o.number % 9]
    return one(headed(rows, "product", "status")), settings, shop.right(left)


def credit_notes_with_numbers_of_their_own() -> Dress:
    rows, off = [], 0
    for o in MADE:
        rows.append([*cells(o), "Faktura"])
        if o.number % 13 == 0:
            off += o.cents // 2
            rows.append([f"K{o.number}", o.customer, MADE[-1].day, money(o.cents // 2), "Korekta"])
    settings = PLAIN[:-1] + ", status: type}\nstatuses: {sale: [faktura], return: [korekta]}"
    return one(headed(rows, "type")), settings, shop.right(MADE, off)


def a_later_file_that_lost_a_line() -> Dress:
    cut, left = MADE[len(MADE) // 2].day, 0
    early = [row for o, _, row in by_items() if o.day <= cut + timedelta(days=30)]
    late = []
    for o, place, row in by_items():
        if o.day < cut:
            continue
        if place and o.day <= cut + timedelta(days=30) and place == len(o.items) - 1:
            left += o.items[place]
        else:
            late.append(row)
    files = {"o_1.csv": headed(early, "product"), "o_2.csv": headed(late, "product")}
    return files, ITEMS, shop.right(MADE, left)


def preorders_ahead() -> Dress:
    last = MADE[-1].day
    rows = [cells(o) for o in MADE]
    rows += [
        [f"P{n}", MADE[n].customer, last + timedelta(days=60 + 40 * n), "9.00"] for n in (0, 1)
    ]
    return one(headed(rows)), PLAIN, shop.right(MADE)


def a_discount(kind: str) -> Dress:
    rows, off = [], 0.0
    for o, place, row in by_items():
        cents = o.items[place] // 5 if o.number % 3 == 0 else 0
        if kind == "percent":
            written, less = ("20%" if o.number % 3 == 0 else "0%"), o.items[place] * 3 / 5
            off += less if o.number % 3 == 0 else 0
        elif kind == "share":
            written, less = ("0.2" if o.number % 3 == 0 else ""), o.items[place] * 3 / 5
            off += less if o.number % 3 == 0 else 0
        else:
            written = money(cents)
            off += cents
        rows.append([*row, 3, written])
    names = headed(rows, "product", "quantity", "rabat")
    settings = PLAIN.replace("amount: total", "quantity: quantity, unit_price: total")
    settings = f"{settings[:-1]}, discount: rabat}}\ndiscount_is: {kind}"
    right = shop.right(MADE)
    right["revenue"] = (3 * sum(o.cents for o in MADE) - off) / 100
    return one(names), settings, right


DRESSES: Final[dict[str, Callable[[], Dress]]] = {
    it.__name__: it
    for it in (
        total_named, total_of_the_next_day, total_under_an_id_and_a_number, carried_forward,
        rounded_total_of_a_year, subtotals_of_orders, parcels_with_the_total_on_the_first, discounts_as_lines,
        refunds_on_every_line, a_line_of_an_order_cancelled, status_on_the_last_line,
        credit_notes_with_numbers_of_their_own, a_later_file_that_lost_a_line, preorders_ahead,
    )
} | {f"discount_is_{kind}": (lambda kind=kind: a_discount(kind)) for kind in
     ("money", "percent", "share")}  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return connect(tmp_path_factory.mktemp("scratch"))


def opened(folder: Path, engine, files: dict[str, Rows], settings: str):
    for name, rows in files.items():
        text = "\n".join(",".join(map(str, row)) for row in rows)
        (folder / name).write_text(text + "\n", encoding="utf-8")
    whole = f"name: Shop\nsource: {{file: '*.csv'}}\n{settings}\n"
    (folder / "client.yaml").write_text(whole, encoding="utf-8")
    client = parse_client(whole, "shop", folder)
    return read(client, engine, folder / "cache"), client


@pytest.mark.parametrize("name", DRESSES)
def test_a_dress_has_the_right_figures(name: str, tmp_path: Path, engine) -> None:
    files, settings, right = DRESSES[name]()
    table = typed(*opened(tmp_path, engine, files, settings))
    rows = kept(table).cache()
    found = occasions(rows)
    row = found.agg(
        customers=found.customer_id.nunique(), occasions=found.count(), last=found.day.max()
    )
    said = row.to_pyarrow().to_pylist()[0]
    assert rows.amount.sum().to_pyarrow().as_py() == pytest.approx(right["revenue"], abs=0.005)
    assert (said["customers"], said["occasions"]) == (right["customers"], right["occasions"])
    assert str(said["last"]) == right["last_date"]


# --- stops, each of whose lines gets past it ---------------------------------------------


def beside(name: str, written: Callable[[shop.Order], object]) -> Rows:
    return headed(([*cells(o), written(o)] for o in MADE), name)


def signed(sign: str) -> Rows:
    return headed(
        [*cells(o)[:3], money(o.cents) if o.number % 5 else f"{sign}{money(o.cents)}"] for o in MADE
    )


PRICED: Final = PLAIN.replace("amount: total", "quantity: n, unit_price: total")


def priced(name: str, written: Callable[[shop.Order], object]) -> Rows:
    return headed(([*cells(o), 2, written(o)] for o in MADE), "n", name)


def restarting(since: Callable[[shop.Order], object]) -> Rows:
    number: dict[object, int] = defaultdict(int)
    rows = []
    for o in MADE:
        number[since(o)] += 1
        rows.append([number[since(o)], *cells(o)[1:]])
    return headed(rows)


STOPS: Final[dict[str, tuple[Rows, str, list[str]]]] = {
    "numbers that restart each year": (
        restarting(lambda o: o.day.year), PLAIN, ["columns: {order_id: null}"],
    ),
    "numbers that restart each day": (
        restarting(lambda o: o.day), PLAIN, ["columns: {order_id: null}"],
    ),
    "a sign on some amounts": (signed("$"), PLAIN, ['format: {sign: "$"}', "columns: {amount: null}"]),
    "discounts of which nothing is said": (
        priced("Rabat", lambda o: "1.50" if o.number % 4 == 0 else ""), PRICED,
        ["{columns: {discount: Rabat}, discount_is: money}",
         "{columns: {discount: Rabat}, discount_is: percent}",
         "columns: {segments: [Rabat], discount: null}"],
    ),
    "discounts in per cent": (
        priced("discount", lambda o: "10 %" if o.number % 4 == 0 else "0 %"), PRICED,
        ["{columns: {discount: discount}, discount_is: percent}",
         "columns: {segments: [discount], discount: null}"],
    ),
    "an order's total on every line": (
        headed(([o.number, o.customer, o.day, money(o.cents), f"P{n}"]
               for o in MADE for n in range(len(o.items))), "product"), PLAIN,
        ["amount_is: order", "amount_is: line"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STOPS)
def test_a_stop_says_what_to_write_and_that_works(name: str, tmp_path: Path, engine) -> None:
    rows, settings, lines = STOPS[name]
    with pytest.raises(ConfigError) as caught:
        typed(*opened(tmp_path, engine, one(rows), settings))
    assert [choice.line for choice in caught.value.choices] == lines
    for line in lines:
        assert line in str(caught.value)
        written = yaml.safe_dump(with_line(yaml.safe_load(settings), line), allow_unicode=True)
        assert typed(*opened(tmp_path, engine, one(rows), written)).count().to_pyarrow().as_py()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (lambda o: "4.2E+11" if o.customer == 7 else 420_000_000_000 + o.customer, "'4.2E+11'"),
        (lambda o: f"4.20{o.customer % 10}E11", "E11'"),
        (lambda o: f"{100_000_000_000_000 + o.customer}000", "end in zeros from the 16th on"),
    ],
)
def test_ids_that_lost_digits_stop_the_run(
    written: Callable[[shop.Order], object], said: str, tmp_path: Path, engine
) -> None:
    rows = headed([o.number, written(o), o.day, money(o.cents)] for o in MADE)
    with pytest.raises(DataError, match="last digits are lost") as caught:
        typed(*opened(tmp_path, engine, one(rows), PLAIN))
    assert said in str(caught.value)


def test_long_ids_and_codes_with_an_e_are_ids(tmp_path: Path, engine) -> None:
    long = [
        f"{10**17 + 7919 * o.customer}" if o.number % 2 else f"12E{o.customer:02}" for o in MADE
    ]
    rows = headed([o.number, it, o.day, money(o.cents)] for o, it in zip(MADE, long, strict=True))
    table = typed(*opened(tmp_path, engine, one(rows), PLAIN))
    assert table.customer_id.nunique().to_pyarrow().as_py() == len(set(long))


# --- doubts ------------------------------------------------------------------------------


def noted(o: shop.Order) -> list[object]:
    return [f"KOR/{o.number}" if o.number % 9 == 0 else f"FV/{o.number}", *cells(o)[1:]]


def cancelled(name: str, no: object, yes: object) -> Rows:
    return beside(name, lambda o: no if o.number % 9 else yes)


GONE: Final = sum(o.number % 9 == 0 for o in MADE)
DOUBTS: Final[dict[str, tuple[Rows, str, str | None]]] = {
    "cancelled": (cancelled("cancelled", "false", "true"), "status",
                  "{columns: {status: cancelled}, statuses: {sale: ['false'], cancelled: ['true']}}"),
    "sztornó": (cancelled("sztornó", "", "igen"), "status",
                "{columns: {status: sztornó}, statuses: {cancelled: [igen]}}"),
    "paid": (cancelled("paid", "yes", "no"), "status",
             "{columns: {status: paid}, statuses: {sale: ['yes'], cancelled: ['no']}}"),
    "cancelled at": (beside("cancelled at", lambda o: "" if o.number % 9 else o.day), "status", None),
    "order": (headed(noted(o) for o in MADE), "credit_notes", None),
}  # fmt: skip


@pytest.mark.parametrize("column", DOUBTS)
def test_a_column_that_says_of_rows_that_they_are_no_sales_is_named(
    column: str, tmp_path: Path, engine
) -> None:
    rows, code, line = DOUBTS[column]
    raw, client = opened(tmp_path, engine, one(rows), PLAIN)
    (doubt,) = unmapped.doubts(raw, client)
    assert (doubt.code, doubt.column, doubt.rows) == (code, column, GONE)
    assert doubt.line == line
    if line:
        written = yaml.safe_dump(with_line(yaml.safe_load(PLAIN), line), allow_unicode=True)
        raw, client = opened(tmp_path, engine, one(rows), written)
        assert unmapped.doubts(raw, client) == ()
        assert kept(typed(raw, client)).count().to_pyarrow().as_py() == len(MADE) - GONE


@pytest.mark.parametrize("name", ["shipped", "gift", "offer", "newsletter"])
def test_other_columns_of_yes_and_no_say_nothing(name: str, tmp_path: Path, engine) -> None:
    raw, client = opened(tmp_path, engine, one(cancelled(name, "yes", "no")), PLAIN)
    assert unmapped.doubts(raw, client) == ()


def found(tmp_path: Path, engine, files: dict[str, Rows], settings: str) -> dict[str, int]:
    table = typed(*opened(tmp_path, engine, files, settings)).drop("source").cache()
    said = checks.findings(table)
    return dict(zip(said["name"], said["rows"], strict=True))


def test_files_that_overlap_without_order_numbers_are_named(tmp_path: Path, engine) -> None:
    middle = MADE[len(MADE) // 2].day
    bare = PLAIN.replace("order_id: order, ", "")
    month_ = [o for o in MADE if middle <= o.day < middle + timedelta(days=30)]
    files = {
        "a_1.csv": headed(cells(o) for o in MADE if o.day < middle + timedelta(days=30)),
        "a_2.csv": headed(cells(o) for o in MADE if o.day >= middle),
    }
    assert found(tmp_path, engine, files, bare)["overlapping_files"] == 2 * len(month_)
    assert "overlapping_files" not in found(tmp_path, engine, files, PLAIN)
    (tmp_path / "a_2.csv").unlink()
    assert "overlapping_files" not in found(tmp_path, engine, {"a_1.csv": files["a_1.csv"]}, bare)


def test_ids_whose_zeros_a_spreadsheet_took_off_are_named_and_can_be_joined(
    tmp_path: Path, engine
) -> None:
    rows = headed(
        [o.number, o.customer if o.number % 2 else f"{o.customer:05}", o.day, money(o.cents)]
        for o in MADE
    )
    assert found(tmp_path, engine, one(rows), PLAIN)["ids_by_case"] > 0
    joined = f"{PLAIN}\nids: {{fold_case: true}}"
    assert "ids_by_case" not in found(tmp_path, engine, one(rows), joined)
    table = typed(*opened(tmp_path, engine, one(rows), joined))
    assert table.customer_id.nunique().to_pyarrow().as_py() == len({o.customer for o in MADE})
