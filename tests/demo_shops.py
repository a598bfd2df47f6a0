"""Tea shops as ``data/demo.py`` plants them, of any seed, and with parts of the plan switched off.

The generator follows lives for years beyond its export, so that forecasts can be held against what
came. Nothing is written: an analyst's tables are counted here from the lives, by pandas.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import ibis
import pandas as pd
import pytest

from retention_lib import cycle_detection
from retention_lib.clv.valuation import Terms
from retention_lib.models.units import AnnualRate
from retention_lib.study.clv_inputs import ClvInputs
from retention_lib.study.cycle_inputs import cycle_inputs
from retention_lib.summaries import counts
from retention_lib.summaries.occasions import occasions
from tests.planted import demo

END: date = demo.END
NEXT_YEAR = END.replace(year=END.year + 1)
KEYS = ["frequency", "recency_days", "T_days"]


@dataclass(frozen=True)
class DemoShop:
    """What is bought of a shop, line by line: up to its export's end, and in the year after it.

    Columns of ``lines``: customer_id, day, amount (negative where it comes back), order (whether the
    line is of an order, not of its return), subscriber (whether the customer takes the box).
    """

    lines: pd.DataFrame

    @property
    def purchases(self) -> pd.DataFrame:
        """Customer and day of each purchase of all who take no box."""
        bought = self.lines[self.lines["order"] & ~self.lines["subscriber"]]
        return bought[["customer_id", "day"]].drop_duplicates()

    def counts(self) -> pd.DataFrame:
        """Return the distinct customers at the export's end, subscribers left out."""
        known = self.purchases[self.purchases["day"] <= END]
        by = known.groupby("customer_id")["day"].agg(["count", "min", "max"])
        ends = pd.to_datetime(by["max"]), pd.Timestamp(END)
        first = pd.to_datetime(by["min"])
        state = [by["count"] - 1, (ends[0] - first).dt.days, (ends[1] - first).dt.days]
        each = pd.DataFrame(dict(zip(KEYS, state, strict=True)))
        return each.groupby(KEYS).size().reset_index(name="customers")

    def daily(self) -> pd.DataFrame:
        """Return day, first_purchases, repeats up to the export's end, subscribers left out."""
        known = self.purchases[self.purchases["day"] <= END].sort_values(["customer_id", "day"])
        first = ~known["customer_id"].duplicated()
        table = pd.DataFrame({"day": known["day"], "first_purchases": first, "repeats": ~first})
        return table.groupby("day", as_index=False).sum()

    def came(self, customers: pd.Series | None = None) -> int:
        """Return how many purchases those known by the export's end make in the year after it.

        Parameters
        ----------
        customers
            Their ids; None: all who take no box.
        """
        bought = self.lines[self.lines["order"]][["customer_id", "day"]].drop_duplicates()
        own = bought.merge(self.purchases["customer_id"].drop_duplicates())
        if customers is not None:
            own = bought[bought["customer_id"].isin(customers)]
        known = own[own["day"] <= END]["customer_id"].unique()
        later = own[own["day"] > END]
        return int(later["customer_id"].isin(known).sum())

    def revenue(self) -> float:
        """Return what all customers known by the export's end bring in the year after it, net."""
        known = self.lines[self.lines["day"] <= END]["customer_id"].unique()
        later = self.lines[self.lines["day"] > END]
        return float(later.loc[later["customer_id"].isin(known), "amount"].sum())

    def inputs(self) -> ClvInputs:
        """Return what the suite finds the value from, in revenue, not discounted."""
        engine = ibis.duckdb.connect()
        known = self.lines[self.lines["day"] <= END][["customer_id", "day", "amount"]]
        schema = {"customer_id": "string", "day": "date", "amount": "float64"}
        rows = engine.create_table("lines", known, schema=schema)
        bought = engine.create_table("occasions", occasions(rows))
        first = counts.totals(bought)["first_date"]
        cycle = cycle_detection.cycle(cycle_inputs(bought, first, END), first, END, None)
        terms = Terms(AnnualRate(0.0), 12, None)
        return ClvInputs(engine, bought, rows, END, cycle, terms)


@cache
def demo_shop(seed: int, decline: bool = True, season: bool = True) -> DemoShop:
    """Return a shop of the generator's."""
    with pytest.MonkeyPatch.context() as patch:
        if not decline:
            patch.setattr(demo, "DECLINE", 0.0)
        if not season:
            patch.setattr(demo, "SEASON", (1.0,) * 12)
        made = pd.DataFrame(_lines(demo.simulate(seed)))
    return DemoShop(made)


def _lines(shop: Any) -> Iterator[dict[str, Any]]:
    for customer in shop.customers:
        for order in customer.orders:
            if order.day <= NEXT_YEAR and order.status != "anulowane":
                yield {
                    "customer_id": customer.number,
                    "day": order.day,
                    "amount": sum(line.amount for line in order.lines),
                    "order": order.status == "zrealizowane",
                    "subscriber": customer.pace is None,
                }
