"""Clean shops of every size, in whose records nothing is wrong: whatever an audit finds is false.

Buyers of very different rates, some of whom leave; a week and a year that are not even; growth or
decline; a list of products with prices that stay; a few lines sent back whole, as new documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

START: Final = np.datetime64("2021-03-01")
YAML: Final = """\
name: Clean
source: {file: sales.csv}
columns: {order_id: order, ordered_at: day, customer_id: customer, product: product,
  quantity: quantity, unit_price: price, amount: amount}
currency: EUR
"""


@dataclass(frozen=True)
class Shop:
    """What is drawn of a shop; sizes and habits differ from seed to seed."""

    customers: int
    days: int
    weekend: float  # how much is sold on a Sunday, of another day
    season: float  # how far the year moves sales
    growth: float  # of new customers a year
    returned: float  # of lines

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Shop:
        return cls(
            customers=int(np.exp(rng.uniform(np.log(60), np.log(4000)))),
            days=int(rng.integers(300, 1500)),
            weekend=float(rng.choice([0.0, 0.5, 1.0])),
            season=float(rng.choice([0.0, 0.2, 0.5])),
            growth=float(rng.choice([-0.2, 0.0, 0.3])),
            returned=float(rng.choice([0.0, 0.02])),
        )


def lines(seed: int) -> pd.DataFrame:
    """Return the lines of a clean shop: order, day, customer, product, quantity, price, amount."""
    rng = np.random.default_rng(seed)
    shop = Shop.drawn(rng)
    orders = _orders(shop, rng)
    items = _items(orders, shop, rng)
    return items.sort_values(["day", "order"], kind="stable").reset_index(drop=True)


def _orders(shop: Shop, rng: np.random.Generator) -> pd.DataFrame:
    first = _days(shop, rng, shop.customers, 0.0)
    rate = rng.gamma(0.9, 1 / 50, shop.customers)
    stays = rng.exponential(500, shop.customers)
    many = rng.poisson(rate * np.minimum(stays, shop.days - first))
    who = np.repeat(np.arange(shop.customers), many)
    ends = np.minimum(first + stays, shop.days - 1)[who]
    # later days by the shop's calendar: drawn until they lie within the customer's own life
    day = _within(shop, rng, first[who] + 1, ends)
    kept = day >= 0
    all_days = np.concatenate([first, day[kept]]).astype(int)
    customer = np.concatenate([np.arange(shop.customers), who[kept]])
    made = pd.DataFrame({"customer": customer, "day": all_days})
    made = made.sort_values("day", kind="stable").reset_index(drop=True)
    return made.assign(order=np.arange(len(made)) + 10_001)


def _weights(shop: Shop, growth: float) -> np.ndarray:
    day = np.arange(shop.days)
    week = np.where(day % 7 == 6, shop.weekend, 1.0)
    year = 1 + shop.season * np.cos(2 * np.pi * (day - 270) / 365.25)
    return np.asarray(week * year * np.exp(np.log1p(growth) * day / 365.25))


def _days(shop: Shop, rng: np.random.Generator, count: int, growth: float) -> np.ndarray:
    weights = _weights(shop, growth or shop.growth)
    return rng.choice(shop.days, count, p=weights / weights.sum())


def _within(shop: Shop, rng: np.random.Generator, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    weights = np.concatenate([[0.0], np.cumsum(_weights(shop, 0.0))])
    left, right = (
        weights[low.clip(0, shop.days)],
        weights[(high + 1).clip(0, shop.days).astype(int)],
    )
    drawn = rng.uniform(left, np.maximum(right, left))
    day = np.searchsorted(weights, drawn, side="right") - 1
    return np.where(right > left, day, -1)


def _items(orders: pd.DataFrame, shop: Shop, rng: np.random.Generator) -> pd.DataFrame:
    prices = np.round(np.exp(rng.normal(3, 0.7, 80)), 1)
    items = orders.loc[np.repeat(orders.index, 1 + rng.poisson(0.8, len(orders)))]
    kind = rng.integers(0, len(prices), len(items))
    quantity = 1 + rng.poisson(0.3, len(items))
    sold = items.assign(
        product=[f"Item {n:02d}" for n in kind], quantity=quantity, price=prices[kind]
    ).drop_duplicates(["order", "product"])
    back = sold[rng.random(len(sold)) < shop.returned]
    later = back.assign(
        day=back["day"] + rng.integers(2, 15, len(back)),
        order=back["order"] + 900_000,
        quantity=-back["quantity"],
    )
    # a return after the last purchase belongs to the next report
    both = pd.concat([sold, later[later["day"] <= sold["day"].max()]])
    return both.assign(amount=(both["quantity"] * both["price"]).round(2))


def written(seed: int) -> str:
    """Return the export of a clean shop."""
    made = lines(seed)
    made["day"] = (START + made["day"].to_numpy().astype("timedelta64[D]")).astype(str)
    made["customer"] = [f"K{n:05d}" for n in made["customer"]]
    return str(made.to_csv(index=False))
