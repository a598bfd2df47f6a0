"""Made-up shops by day: buyers of different paces who come, buy and leave, and what breaks them.

Everything is drawn at once, so that hundreds of shops take seconds. Nothing of the library is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

WEEKDAYS = {
    "even": (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    "uneven": (1.2, 1.0, 1.0, 1.0, 1.1, 0.8, 0.5),
    "no_sundays": (1.2, 1.0, 1.0, 1.0, 1.1, 0.8, 0.0),
    "no_weekends": (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0),
}
MONTHS = (0.95, 1.0, 0.95, 0.95, 0.9, 0.8, 0.75, 0.8, 1.0, 1.1, 1.35, 1.45)


@dataclass(frozen=True)
class Shop:
    """Purchases, one a customer and day: whose, on which day (a number), of what value and lines."""

    start: date
    days: int
    customer: np.ndarray
    day: np.ndarray
    value: np.ndarray
    lines: np.ndarray

    @property
    def is_first(self) -> np.ndarray:
        """Say of each purchase whether it is its customer's first."""
        first = np.full(int(self.customer.max()) + 1, self.days)
        np.minimum.at(first, self.customer, self.day)
        return np.asarray(self.day == first[self.customer])

    def kept(self, keep: np.ndarray) -> Shop:
        """Return the shop with some of its purchases."""
        names = ("customer", "day", "value", "lines")
        return replace(self, **{name: getattr(self, name)[keep] for name in names})

    def dated(self, number: int) -> date:
        """Return the day of a number."""
        return self.start + timedelta(days=int(number))

    def daily(self) -> pd.DataFrame:
        """Return what the summaries give: day, rows, customers, new_customers, money, log_value, valued."""

        def summed(weights: Any = None) -> np.ndarray:
            return np.bincount(self.day, weights, self.days).astype(float)

        table = pd.DataFrame(
            {
                "day": pd.date_range(self.start, periods=self.days),
                "rows": summed(self.lines),
                "customers": summed(),
                "new_customers": summed(self.is_first.astype(float)),
                "money": summed(self.value),
                "log_value": summed(np.log(self.value)),
                "valued": summed(),
            }
        )
        return table[table["customers"] > 0].reset_index(drop=True)

    def value_change(self, day: date) -> dict[str, Any]:
        """Return what customers' order values did across a day, as the summaries give it."""
        at = (day - self.start).days
        near = (self.day >= at - 120) & (self.day < at + 120)
        table = pd.DataFrame(
            {
                "customer": self.customer[near],
                "value": np.log(self.value[near]),
                "later": self.day[near] >= at,
            }
        )
        before, after = (
            table[table["later"] == side].groupby("customer")["value"].mean()
            for side in (False, True)
        )
        change = (after - before).dropna()
        spread = float(change.std()) if len(change) > 1 else None
        return {
            "n": len(change),
            "mean": change.mean(),
            "spread": spread,
            "median": change.median(),
        }


def calendar(days: pd.DatetimeIndex, weekdays: str, season: str) -> np.ndarray:
    """Return how much is sold on each day against an even one."""
    flow = np.array(WEEKDAYS[weekdays])[days.day_of_week]
    place = days.day_of_year.to_numpy()
    if season == "wave":
        flow = flow * (1 + 0.4 * np.sin(2 * np.pi * (place - 100) / 365.25))
    if season == "christmas":
        peak = np.where((place >= 322) & (place <= 358), 2.5, 1.0)
        flow = flow * peak * np.where((place > 358) | (place < 7), 0.7, 1.0)
    if season == "months":
        flow = flow * np.array(MONTHS)[days.month - 1]
    return np.asarray(flow)


def entries(kind: str, days: int) -> np.ndarray:
    """Return how many customers come first on each day, against the others."""
    at = np.arange(days)
    flows = {
        "even": np.ones(days),
        "growing": 0.2 + 1.8 * at / days,
        "young": np.minimum(1.0, (at + 5) / 200),
        "shrinking": 2 - 1.7 * at / days,
        "cohort": (at < 84) * 1.0,
        "front_loaded": 1 + 4 * np.exp(-at / 30) * (at < 60),
    }
    return np.asarray(flows[kind])


def shop(
    rng: np.random.Generator,
    customers: int,
    days: int = 1096,
    entry: str = "even",
    weekdays: str = "uneven",
    season: str = "none",
    start: date = date(2022, 1, 1),
) -> Shop:
    """Return a shop without breaks: gamma-mixed paces (mean 60 days), lives of 400 days on average."""
    flow = calendar(pd.date_range(start, periods=days), weekdays, season)
    first = _drawn(rng, customers, entries(entry, days) * flow)
    pace, last = rng.gamma(1.0, 1.0, customers) / 60, first + rng.exponential(400.0, customers)
    clock = np.concatenate([[0.0], np.cumsum(flow / flow.mean())])
    low, high = clock[first + 1], np.interp(np.minimum(last, days), np.arange(days + 1), clock)
    again = rng.poisson(np.maximum(pace * (high - low), 0))
    who = np.repeat(np.arange(customers), again)
    at = low[who] + rng.random(len(who)) * np.maximum(high - low, 0)[who]
    when = np.minimum(np.searchsorted(clock, at, side="right") - 1, days - 1)
    pairs = np.stack([np.append(np.arange(customers), who), np.append(first, when)])
    customer, day = np.unique(pairs, axis=1)
    size = 3 + 0.5 * rng.standard_normal(customers)[customer]
    value = np.exp(size + 0.5 * rng.standard_normal(len(day)))
    return Shop(start, days, customer, day, value, 1 + rng.poisson(1.5, len(day)))


def _drawn(rng: np.random.Generator, n: int, weights: np.ndarray) -> np.ndarray:
    reached = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(reached, rng.random(n)), len(weights) - 1)


# --- what breaks records ------------------------------------------------------


def missing_week(whole: Shop, at: int, rng: np.random.Generator) -> Shop:
    """Leave out seven days."""
    return whole.kept((whole.day < at) | (whole.day >= at + 7))


def half_of_orders(whole: Shop, at: int, rng: np.random.Generator) -> Shop:
    """Leave out every other purchase from a day on."""
    return whole.kept((whole.day < at) | (rng.random(len(whole.day)) < 0.5))


def with_tax(rate: float) -> Callable[[Shop, int, np.random.Generator], Shop]:
    """Return what puts a tax on all values from a day on."""

    def taxed(whole: Shop, at: int, rng: np.random.Generator) -> Shop:
        return replace(
            whole, value=np.where(whole.day >= at, whole.value * (1 + rate), whole.value)
        )

    return taxed


def migrated(whole: Shop, at: int, rng: np.random.Generator) -> Shop:
    """Date a fifth of all customers, or half of those so far, as new on one day or three."""
    first = whole.is_first & (whole.day < at)
    old = whole.customer[first]
    count = min(len(old) // 2, len(np.unique(whole.customer)) // 5)
    moved = rng.choice(old, count, replace=False)
    left = whole.kept(~(np.isin(whole.customer, moved) & (whole.day < at + 3)))
    days = at + rng.integers(0, rng.choice([1, 3]), count)
    ones = np.ones(count)
    return replace(
        left,
        customer=np.append(left.customer, moved),
        day=np.append(left.day, days),
        value=np.append(left.value, 20 * ones),
        lines=np.append(left.lines, ones.astype(int)),
    )
