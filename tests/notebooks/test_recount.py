"""Every number that notebook 01 prints, counted once more from the raw files by plain pandas."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from retention_lib.client import load_client, project_root
from retention_lib.client.definitions import load_definitions
from tests import recount
from tests.notebooks.running import NOTEBOOKS, run
from tests.recount import Recount, Shown

Row = tuple[str, ...]
INPUT = project_root() / "data" / "clients" / "demo" / "input"
BACK, CANCELLED = "Returns of a known purchase", "Cancelled or unpaid orders"
NAMELESS, REPLACED = "Rows without a customer id", "Orders that a later file replaces"


@pytest.fixture
def printed(shown: list[Any], tmp_path: Path) -> Shown:
    """What notebook 01 prints of the made-up client."""
    (first,) = (path for path in NOTEBOOKS if path.name.startswith("01"))
    return Shown.of(run(first, "demo", shown, str(tmp_path)))


@pytest.mark.slow
def test_every_number_of_the_audit_is_recounted_from_the_raw_files(printed: Shown) -> None:
    records = recount.demo(INPUT)
    right = {
        *files(records), *years(records), *noticed(records), *statuses(records), *effects(records)
    }  # fmt: skip
    assert set(printed.rows) == right
    known = {number for row in right for number in row[1:]}
    assert printed.numbers() - known == set(sentences(records))
    first, last = (records.occasions["day"].agg(it) for it in ("min", "max"))
    assert printed.days() == {said(first), said(last), f"{first:%b %Y}", f"{last:%b %Y}"}


def said(day: pd.Timestamp) -> str:
    return f"{day.day} {day:%b %Y}"


def files(records: Recount) -> Iterator[Row]:
    lines = [len(path.read_bytes().splitlines()) for path in sorted(INPUT.glob("zamowienia*"))]
    rows = records.lines["file"].value_counts().sort_index()
    for path, n, own in zip(sorted(INPUT.glob("zamowienia*")), lines, rows, strict=True):
        yield f"input/{path.name}", f"{n:,}", "1", f"{own:,}", "0", "0"
    yield "In all", f"{sum(lines):,}", str(len(lines)), f"{len(records.lines):,}", "0", "0"


def years(records: Recount) -> Iterator[Row]:
    nobodys = records.lines[records.lines["reason"] == "missing_customer_id"]
    for year in sorted(records.used["day"].dt.year.unique()):
        yield _year(str(year), records, nobodys, int(year))
    yield _year("In all", records, nobodys, None)


def _year(name: str, records: Recount, nobodys: pd.DataFrame, year: int | None) -> Row:
    used, none, bought = (
        it if year is None else it[it["day"].dt.year == year]
        for it in (records.used, nobodys, records.occasions)
    )
    both = pd.concat([used, none])
    orders = both.loc[both["amount"] >= 0, "order"].nunique()
    money = (both["amount"].sum(), used["amount"].sum(), none["amount"].sum())
    counts = (orders, len(bought), bought["customer"].nunique())
    return name, *(f"{it:,.2f}" for it in money), *(f"{it:,}" for it in counts)


def noticed(records: Recount) -> Iterator[Row]:
    matched, unmatched, _ = records.matched_returns()
    assert unmatched == 0
    back = records.used[records.used["amount"] < 0]
    yield BACK, *_touched(back), f"{matched:,}", f"{matched:,}", _customers(back), "netted"
    names = {CANCELLED: "cancelled", NAMELESS: "missing_customer_id", REPLACED: "replaced_order"}
    for label, reason in names.items():
        rows = records.lines[records.lines["reason"] == reason]
        read = (records.lines["status"] == "anulowane").sum() if label == CANCELLED else len(rows)
        who = "–" if label == NAMELESS else _customers(rows)
        yield label, *_touched(rows), f"{len(rows):,}", f"{read:,}", who, "set aside"


def _touched(rows: pd.DataFrame) -> Row:
    return (f"{rows['amount'].abs().sum():,.0f}",)


def _customers(rows: pd.DataFrame) -> str:
    return f"{rows.loc[rows['customer'] != '', 'customer'].nunique():,}"


def statuses(records: Recount) -> Iterator[Row]:
    counted = records.lines[
        records.lines["reason"].isna() | (records.lines["reason"] == "cancelled")
    ]
    for status, rows in counted.groupby("status"):
        means = "left out" if status == "anulowane" else "sale"
        yield str(status), means, f"{len(rows):,}", f"{rows['amount'].sum():,.2f}"


def effects(records: Recount) -> Iterator[Row]:
    """Return rate and revenue without each step, by counting all records once more each time."""
    pinned = load_definitions(load_client("demo"))
    assert pinned is not None
    lines = records.lines
    without = {
        "As used": records.used,
        BACK: records.used[records.used["amount"] >= 0],
        CANCELLED: lines[lines["reason"].isna() | (lines["reason"] == "cancelled")],
        # the earlier versions are copies of the later, or of cancelled orders
        REPLACED: records.used,
    }
    for label, rows in without.items():
        rate = records.rate(pinned.window.length, rows)
        yield label, f"{rate:.1%}", f"{rows['amount'].sum():,.0f}"
    named = lines[lines["reason"].isna() | (lines["reason"] == "missing_customer_id")]
    yield NAMELESS, "–", f"{named['amount'].sum():,.0f}"


def sentences(records: Recount) -> Iterator[str]:
    """Yield the numbers that stand in sentences and in no table."""
    used, aside = records.used, len(records.lines) - len(records.used)
    nobodys = records.lines.loc[records.lines["reason"] == "missing_customer_id", "amount"].sum()
    yield f"{aside:,}"
    yield f"{aside / len(records.lines):.1%}"
    yield f"{len(used):,}"
    orders = used.loc[used["amount"] >= 0, "order"].nunique()
    yield f"{orders:,}"
    yield f"{(used['amount'] >= 0).sum() - orders:,}"  # further rows of an order
    yield f"{orders - len(records.occasions):,}"  # further orders on a day
    counts = records.occasions["customer"].value_counts()
    yield f"{len(records.occasions) - len(counts):,}"  # purchases after the first
    yield f"{(counts > 1).sum():,}"
    yield "30"  # the fewest repeat buyers of a model, by definition
    yield f"{-used.loc[used['amount'] < 0, 'amount'].sum():,.2f}"
    yield f"{nobodys / (nobodys + used['amount'].sum()):.1%}"
