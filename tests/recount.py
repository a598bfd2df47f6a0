"""The records counted once more from their files, by plain pandas and loops, with nothing shared.

:class:`Recount` holds one row per line of the files; what each figure of notebook 01 is made of is a
method of it, written from ``definitions`` rather than from the library.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from bs4 import BeautifulSoup

from tests.notebooks import running

NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?%?")
DAY = re.compile(r"\b(?:\d{1,2} )?(?:Jan|Feb|Mar|Apr|May|June|July|Aug|Sept|Oct|Nov|Dec) \d{4}\b")


@dataclass(frozen=True)
class Recount:
    """The lines of a client's files: file, customer, day, amount, order, product, quantity, status,
    reason (null: used).
    """

    lines: pd.DataFrame

    @cached_property
    def used(self) -> pd.DataFrame:
        return self.lines[self.lines["reason"].isna()]

    @property
    def aside(self) -> dict[str, int]:
        return dict(self.lines["reason"].value_counts())

    @cached_property
    def occasions(self) -> pd.DataFrame:
        return purchases(self.used)

    @property
    def revenue(self) -> float:
        return float(self.used["amount"].sum())

    def years(self) -> dict[int, tuple[float, int, int, int]]:
        """Return revenue, orders, purchases and customers of each year."""
        used, bought = self.used, self.occasions
        found = {}
        for year in sorted(used["day"].dt.year.unique()):
            own = used[used["day"].dt.year == year]
            days = bought[bought["day"].dt.year == year]
            orders = own.loc[own["amount"] >= 0, "order"].nunique()
            found[int(year)] = (
                own["amount"].sum(),
                orders,
                len(days),
                days["customer"].nunique(),
            )
        return found

    def rate(self, months: int, without: pd.DataFrame | None = None) -> float:
        """Return R / S of two windows of so many months that end with the last purchase."""
        bought = self.occasions if without is None else purchases(without)
        end = self.occasions["day"].max()
        start, before = (end - pd.DateOffset(months=n * months) for n in (1, 2))
        if end.is_month_end:
            start, before = (it + pd.offsets.MonthEnd(0) for it in (start, before))
        prior = set(bought.loc[(bought["day"] > before) & (bought["day"] <= start), "customer"])
        now = set(bought.loc[(bought["day"] > start) & (bought["day"] <= end), "customer"])
        return len(prior & now) / len(prior)

    def matched_returns(self) -> tuple[int, int, float]:
        """Return how many returns in use meet an earlier purchase, how many do not, and the money."""
        stacks: dict[Any, int] = defaultdict(int)
        matched, money = 0, 0.0
        lines = self.used.assign(back=self.used["amount"] < 0, size=self.used["quantity"].abs())
        for row in lines.sort_values(["day", "back"]).itertuples():
            key = (row.customer, row.product, row.size)
            if not row.back:
                stacks[key] += 1
            elif stacks[key]:
                stacks[key] -= 1
                matched, money = matched + 1, money - row.amount
        return matched, int(lines["back"].sum()) - matched, money


def purchases(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the days on which a customer bought, with their net value."""
    found = []
    for (customer, day), own in lines.groupby(["customer", "day"], sort=False):
        value = own["amount"].sum()
        if stands(own):
            found.append((customer, day, value))
    return pd.DataFrame(found, columns=["customer", "day", "value"])


def stands(day: pd.DataFrame) -> bool:
    """Say whether a line of a day is no return and was not given back on it."""
    if (day["amount"] >= 0).all():
        return True
    balance: dict[Any, int] = defaultdict(int)
    for row in day.itertuples():
        balance[row.product, abs(row.amount)] += 1 if row.amount >= 0 else -1
    left = [size for (_, size), count in balance.items() if count > 0]
    return bool(left) and (abs(day["amount"].sum()) > 0.005 or 0.0 in left)


def demo(folder: Path) -> Recount:
    """Read the made-up tea shop's files."""
    files = sorted(folder.glob("zamowienia_*.csv"))
    read = [
        pd.read_csv(file, sep=";", encoding="cp1250", dtype=str, keep_default_na=False).assign(
            file=place
        )
        for place, file in enumerate(files)
    ]
    names = {
        "Nr zamówienia": "order",
        "Data zamówienia": "date",
        "Nr klienta": "customer",
        "Produkt": "product",
        "Ilość": "quantity",
        "Wartość": "amount",
        "Status": "status",
    }
    lines = pd.concat(read, ignore_index=True).rename(columns=names)
    lines["amount"] = lines["amount"].str.replace(",", ".").astype(float)
    lines["quantity"] = lines["quantity"].str.replace(",", ".").astype(float)
    lines["day"] = pd.to_datetime(lines["date"], format="%d.%m.%Y")
    latest = lines.groupby("order")["file"].transform("max")
    lines["reason"] = None
    aside = {
        "replaced_order": lines["file"] < latest,
        "missing_customer_id": lines["customer"] == "",
        "duplicate_line": lines.duplicated(),
        "cancelled": lines["status"] == "anulowane",
    }
    for reason, holds in aside.items():
        lines.loc[holds & lines["reason"].isna(), "reason"] = reason
    return Recount(lines)


@dataclass(frozen=True)
class Shown:
    """What a notebook's outputs say, without their markup: rows of tables, and texts."""

    rows: list[tuple[str, ...]]
    texts: list[str]

    @classmethod
    def of(cls, outputs: list[Any]) -> Shown:
        rows, texts = [], []
        for output in outputs:
            said = running.text(output)
            if "<table" not in said:
                texts.append(said)
                continue
            table = BeautifulSoup(said, "html.parser")
            for row in table.select("tbody tr"):
                rows.append(tuple(cell.get_text().strip() for cell in row.find_all(["td", "th"])))
        return cls(rows, texts)

    def numbers(self) -> set[str]:
        """Return every number that the texts name, and that is no part of a day or a name."""
        said = DAY.sub(" ", " ".join(self.texts))
        return set(NUMBER.findall(re.sub(r"“[^”]*”|\S+\.(csv|xlsx)\b", " ", said)))

    def days(self) -> set[str]:
        """Return every day that the texts name."""
        return {found.group(0) for found in DAY.finditer(" ".join(self.texts))}
