"""One made-up shop, and the right figures of it, for exports in the shapes of real systems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np


@dataclass(frozen=True)
class Order:
    """An order: its number, customer, day, and the amounts of its items in cents."""

    number: int
    customer: int
    day: date
    items: tuple[int, ...]

    @property
    def cents(self) -> int:
        return sum(self.items)

    @property
    def email(self) -> str:
        return f"customer{self.customer:04d}@example.com"


def orders(seed: int = 3, customers: int = 140, days: int = 600) -> list[Order]:
    """Return the orders of the shop by day: buyers of very different rates, some of whom leave."""
    rng = np.random.default_rng(seed)
    found = []
    for customer in range(1, customers + 1):
        day, stays = int(rng.integers(0, days * 2 // 3)), rng.integers(40, 2 * days)
        rate, last = rng.gamma(1.2, 1 / 45), 0
        last = day + stays
        while day < min(days, last):
            items = tuple(int(cents) for cents in rng.lognormal(7.4, 0.6, rng.integers(1, 4)))
            found.append((date(2024, 3, 1) + timedelta(days=day), customer, items))
            day += 1 + int(rng.exponential(1 / rate))
    found.sort(key=lambda order: order[0])
    return [Order(1001 + n, who, day, items) for n, (day, who, items) in enumerate(found)]


def right(made: list[Order], refunded: int = 0) -> dict[str, object]:
    """Return what ``retention check --json`` must say of these orders, all of them sales."""
    return {
        "customers": len({order.customer for order in made}),
        "occasions": len({(order.customer, order.day) for order in made}),
        "revenue": (sum(order.cents for order in made) - refunded) / 100,
        "last_date": str(max(order.day for order in made)),
    }
