"""The same sales in six dresses give the same figures.

Sums of money may differ in their last bits: they are added up in the order of the rows.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import xlsxwriter
from typer.testing import CliRunner

from retention_lib import runner
from retention_lib.cli import app
from tests import shop

MADE: Final = shop.orders(seed=5, customers=160, days=700)


@dataclass(frozen=True)
class Line:
    """One item of an order."""

    order: shop.Order
    product: str
    cents: int


LINES: Final = [
    Line(order, f"Item {place}", cents) for order in MADE for place, cents in enumerate(order.items)
]


def _tab(folder: Path) -> Path:
    rows = [
        f"{it.order.number}\t{it.order.email}\t{it.order.day:%m/%d/%Y}\t{it.product}"
        f"\t{it.cents / 100:.2f}"
        for it in LINES
    ]
    text = "\r\n".join(["Order ID\tEmail\tOrder date\tProduct\tAmount", *rows, ""])
    (folder / "orders.txt").write_bytes(text.encode("utf-16"))
    return folder / "orders.txt"


def _polish(folder: Path) -> Path:
    rows = [
        f"{it.order.number};{it.order.email};{it.order.day:%d.%m.%Y};{it.product}"
        f";{_comma(it.cents)} zł;żółty"
        for it in LINES
    ]
    header = "Nr zamówienia;E-mail;Data zamówienia;Produkt;Wartość;Uwagi"
    (folder / "zamowienia.csv").write_bytes("\r\n".join([header, *rows, ""]).encode("cp1250"))
    return folder / "zamowienia.csv"


def _comma(cents: int) -> str:
    return f"{cents / 100:,.2f}".translate(str.maketrans(",.", " ,"))


def _workbook(folder: Path) -> Path:
    with xlsxwriter.Workbook(folder / "sales.xlsx", {"default_date_format": "dd.mm.yyyy"}) as book:
        sheet = book.add_worksheet("Orders")
        sheet.write_row(0, 0, ["Sales of the shop"])
        sheet.write_row(1, 0, ["printed by accounting"])
        sheet.write_row(3, 0, ["Invoice", "Customer e-mail", "Date", "Product", "Amount"])
        for place, it in enumerate(LINES, start=4):
            sheet.write_number(place, 0, it.order.number)
            sheet.write_string(place, 1, it.order.email)
            sheet.write_datetime(place, 2, it.order.day)  # type: ignore[arg-type]
            sheet.write_string(place, 3, it.product)
            sheet.write_number(place, 4, it.cents / 100)
    return folder / "sales.xlsx"


def _database(folder: Path) -> Path:
    with closing(sqlite3.connect(folder / "shop.sqlite")) as connection, connection:
        connection.execute(
            "CREATE TABLE sales (order_id INTEGER, email TEXT, created_at TEXT, product TEXT, "
            "amount REAL)"
        )
        rows = [
            (
                it.order.number,
                it.order.email,
                f"{it.order.day} 10:00:00",
                it.product,
                it.cents / 100,
            )
            for it in LINES
        ]
        connection.executemany("INSERT INTO sales VALUES (?, ?, ?, ?, ?)", rows)
    return folder / "shop.sqlite"


def _json(folder: Path) -> Path:
    rows = (
        {
            "order_id": it.order.number,
            "customer": {"email": it.order.email},
            "created_at": f"{it.order.day}T10:00:00Z",
            "product": it.product,
            "amount": it.cents / 100,
        }
        for it in LINES
    )
    (folder / "orders.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return folder / "orders.jsonl"


def _shopify(folder: Path) -> Path:
    head = "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total"
    head += (
        ",Created at,Lineitem quantity,Lineitem name,Lineitem price,Refunded Amount,Cancelled at,Id"
    )
    lines = [head]
    for o in MADE:
        at = f"{o.day} 10:00:00 +0100"
        for place, cents in enumerate(o.items):
            total = f"{o.cents / 100:.2f}"
            first = f"paid,{at},fulfilled,PLN,{total},0.00,0.00,{total}" if not place else "," * 7
            rest = f"0.00,,{o.number}" if not place else ",,"
            lines.append(
                f"#{o.number},{o.email},{first},{at},1,Item {place},{cents / 100:.2f},{rest}"
            )
    (folder / "orders_export.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder / "orders_export.csv"


DRESSES: Final[dict[str, Callable[[Path], Path]]] = {
    "tab": _tab, "polish": _polish, "workbook": _workbook,
    "database": _database, "json": _json, "shopify": _shopify,
}  # fmt: skip
# what a dress has of its own: a status, a file's name
OWN: Final = ("files", "statuses", "checks")
# the check that says so of orders whose amount stands on their first line
TOTALS: Final = "orders_of_one_amount"


@pytest.mark.slow
def test_six_dresses_give_the_same_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = (figures(name, tmp_path, monkeypatch) for name in DRESSES)
    assert first["retention"]["retained_rate"] is not None
    for name, other in zip(list(DRESSES)[1:], others, strict=True):
        assert list(differences(first, other)) == [], name


def differences(one: Any, other: Any, place: str = "") -> Iterator[str]:
    """Yield where two results differ by more than the last bits of a sum."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() | other.keys():
            yield from differences(one.get(key, ...), other.get(key, ...), f"{place}/{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for at, both in enumerate(zip(one, other, strict=True)):
            yield from differences(*both, f"{place}/{at}")
    elif isinstance(one, float) and isinstance(other, float):
        if not math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12):
            yield f"{place}: {one!r}, {other!r}"
    elif one != other:
        yield f"{place}: {one!r}, {other!r}"


def figures(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return ``results.json`` of a dress, without what is its own."""
    root = folder / name
    (root / "data" / "clients").mkdir(parents=True)
    (root / "notebooks").symlink_to(Path(__file__).resolve().parents[1] / "notebooks")
    monkeypatch.setenv("RETENTION_ROOT", str(root))
    (folder / "exports" / name).mkdir(parents=True)
    export = DRESSES[name](folder / "exports" / name)
    said = ["--yes", "--set", "currency=PLN"]  # not every dress says it
    made = CliRunner().invoke(app, ["new", "shop", "--from", str(export), *said])
    assert made.exit_code == 0, made.output
    runner.run("shop", today=MADE[-1].day, out=root / "reports")
    file = next((root / "reports" / "shop").glob("*/private/results.json"))
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    own = tuple(f"/audit/{part}" for part in OWN)
    found["why_not"] = {it: why for it, why in found["why_not"].items() if not it.startswith(own)}
    assert {check["name"] for check in found["audit"]["checks"]} <= {TOTALS}
    found["audit"] = {part: it for part, it in found["audit"].items() if part not in OWN}
    return found
