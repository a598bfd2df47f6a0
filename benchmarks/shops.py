"""Made-up shops whose truth is known, to choose settings on, and to hold forecasts against.

``python -m benchmarks.shops FOLDER FAMILY …`` writes them as clients of a folder ``data/clients``,
for :mod:`benchmarks.forecasts`. A customer comes on a day, buys at a pace of one's own by the
shop's clock, and after each purchase stays or leaves for good. Nothing of the library is used.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

START = date(2020, 1, 1)
YEAR = 365.25
MONTHS = np.array([0.95, 1.0, 0.95, 0.95, 0.9, 0.8, 0.75, 0.8, 1.0, 1.1, 1.35, 1.45])
CLIENT = """\
name: {name}
source: {{file: purchases.parquet}}
columns: {{customer_id: customer, ordered_at: day, amount: value}}
currency: EUR
"""


@dataclass(frozen=True)
class World:
    """What is true of a shop; rates are per year where nothing else is said.

    ``gap_days`` is the mean customer's time between purchases, ``pace_shape`` the shape of the
    gamma of their paces; ``leave`` (a, b) the beta of the chance to leave after a purchase.
    ``flow`` is how many come a day against the mean, given the day as a share of the years.
    """

    customers: int = 3000
    years: float = 4.25
    gap_days: float = 45.0
    pace_shape: float = 1.5
    leave: tuple[float, float] = (0.45, 2.55)
    season: bool = False
    pace_trend: float = 0.0
    stay_trend: float = 0.0
    price_trend: float = 0.0
    flow: Callable[[Numbers], Numbers] = np.ones_like
    giant: bool = False


FAMILIES = {
    "stationary": World(),
    "decline": World(stay_trend=-0.06),
    "slowing": World(pace_trend=-0.15),
    "growth": World(pace_trend=0.1, flow=lambda share: 0.3 + 1.4 * share),
    "season": World(season=True),
    "season-decline": World(season=True, stay_trend=-0.06),
    "price": World(price_trend=0.08),
    "giant": World(customers=400, giant=True),
    "grocery": World(customers=600, gap_days=9.0, pace_shape=1.5, leave=(0.15, 12.0)),
    "seldom": World(customers=6000, gap_days=220.0, pace_shape=1.0, leave=(0.9, 2.1)),
}


@dataclass(frozen=True)
class Shop:
    """Purchases, at most one a customer and day: whose, on which day since START, of what value."""

    customer: Whole
    day: Whole
    value: Numbers

    def frame(self) -> pd.DataFrame:
        """Return customer (text), day and value."""
        day = np.datetime64(START) + self.day.astype("timedelta64[D]")
        names = "c" + pd.Series(self.customer).astype(str)
        return pd.DataFrame({"customer": names, "day": day.astype("datetime64[s]")}).assign(
            value=np.round(self.value, 2)
        )

    def known(self, at: int) -> Shop:
        """Return what there was up to and with a day."""
        keep = self.day <= at
        return Shop(self.customer[keep], self.day[keep], self.value[keep])

    def daily(self, at: int) -> pd.DataFrame:
        """Return day, first_purchases, repeats up to a day, as the summaries do."""
        seen = self.known(at)
        first = _first(seen.customer, seen.day)
        counted = [np.bincount(seen.day, kind, at + 1) for kind in (first, ~first)]
        day = pd.date_range(START, periods=at + 1).date
        table = pd.DataFrame({"day": day, "first_purchases": counted[0], "repeats": counted[1]})
        table = table.astype({"first_purchases": int, "repeats": int})
        return table[table["first_purchases"] + table["repeats"] > 0].reset_index(drop=True)

    def counts(self, at: int, ahead_days: int = 0, recent_days: int = 0) -> pd.DataFrame:
        """Return the distinct customers of a day, and what they bought after it.

        Returns
        -------
        pandas.DataFrame
            frequency, recency_days, T_days; recent and later, the purchases of so many days
            before and after it; customers
        """
        days = pd.DataFrame({"customer": self.customer, "day": self.day})
        known = days["day"] <= at
        each = pd.DataFrame(
            {
                "customer": days["customer"],
                "known": known,
                "seen": days["day"].where(known),
                "recent": known & (days["day"] > at - recent_days),
                "later": ~known & (days["day"] <= at + ahead_days),
            }
        )
        by = each.groupby("customer").agg(
            bought=("known", "sum"),
            first=("seen", "min"),
            last=("seen", "max"),
            recent=("recent", "sum"),
            later=("later", "sum"),
        )
        by = by[by["bought"] > 0]
        state = {
            "frequency": by["bought"] - 1,
            "recency_days": (by["last"] - by["first"]).astype(int),
            "T_days": (at - by["first"]).astype(int),
            "recent": by["recent"],
            "later": by["later"],
        }
        return pd.DataFrame(state).groupby([*state]).size().reset_index(name="customers")


def _first(customer: Whole, day: Whole) -> NDArray[np.bool_]:
    first = np.full(int(customer.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, customer, day)
    return np.asarray(day == first[customer])


def shop(world: World, seed: int) -> Shop:
    """Return one of the possible shops of a world."""
    rng = np.random.default_rng(seed)
    days = round(world.years * YEAR)
    pace = _pace(world, days)
    arrived = _arrivals(rng, world, days)
    customer, day = _bought(rng, world, arrived, np.append(0.0, np.cumsum(pace)))
    typical = np.exp(3.5 + 0.5 * rng.standard_normal(world.customers))
    drift = np.exp(np.log1p(world.price_trend) * day / YEAR)
    value = typical[customer] * drift * rng.gamma(6.0, 1 / 6.0, len(day))
    made = Shop(customer, day, np.maximum(value, 0.01))
    return _with_giant(rng, made, days) if world.giant else made


def _pace(world: World, days: int) -> Numbers:
    """Return how fast the shop's clock runs on each day."""
    month = pd.date_range(START, periods=days).month.to_numpy()
    season = MONTHS[month - 1] if world.season else 1.0
    return np.asarray(season * np.exp(world.pace_trend * np.arange(days) / YEAR))


def _arrivals(rng: np.random.Generator, world: World, days: int) -> Whole:
    """Return the day on which each customer comes: more in season, where there is one."""
    flow = world.flow(np.arange(days) / days) * _pace(replace(world, pace_trend=0.0), days)
    return np.sort(rng.choice(days, world.customers, p=flow / flow.sum())).astype(np.int64)


def _bought(
    rng: np.random.Generator, world: World, arrived: Whole, clock: Numbers
) -> tuple[Whole, Whole]:
    """Return whose purchases came on which days, in the order of customers and days."""
    rate = rng.gamma(world.pace_shape, 1 / (world.pace_shape * world.gap_days), len(arrived))
    leave = rng.beta(*world.leave, len(arrived))
    who, day = np.arange(len(arrived)), arrived
    shown = clock[day] + rng.random(len(who)) * (clock[day + 1] - clock[day])
    whose, when = [who], [day]
    while len(who):
        stays = (1 - leave[who]) * np.exp(world.stay_trend * day / YEAR)
        kept = rng.random(len(who)) < stays
        who, shown = who[kept], shown[kept]
        shown = shown + rng.exponential(1 / rate[who])
        here = shown < clock[-1]
        who, shown = who[here], shown[here]
        day = np.searchsorted(clock, shown, side="right") - 1
        whose.append(who)
        when.append(day)
    pairs = np.unique(np.stack([np.concatenate(whose), np.concatenate(when)]), axis=1)
    return pairs[0].astype(np.int64), pairs[1].astype(np.int64)


def _with_giant(rng: np.random.Generator, made: Shop, days: int) -> Shop:
    """Add an account that orders for about 25,000 every week."""
    own = np.arange(3, days, 7)
    value = 25_000 * rng.gamma(20.0, 1 / 20.0, len(own))
    number = np.full(len(own), made.customer.max() + 1)
    return Shop(
        np.append(made.customer, number),
        np.append(made.day, own),
        np.append(made.value, value),
    )


def write(folder: Path, family: str, seed: int) -> str:
    """Write a shop as a client and return the client's name."""
    name = f"{family}-{seed}"
    own = folder / name
    own.mkdir(parents=True, exist_ok=True)
    shop(FAMILIES[family], seed).frame().to_parquet(own / "purchases.parquet", index=False)
    (own / "client.yaml").write_text(CLIENT.format(name=name), encoding="utf-8")
    return name


def main() -> None:
    """Write so many shops of each family named."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.shops", description=__doc__)
    options.add_argument("folder", type=Path, help="data/clients of a root of one's own")
    options.add_argument("families", nargs="*", metavar="FAMILY", default=[*FAMILIES])
    options.add_argument("--seeds", type=int, default=20, help="how many shops of each")
    chosen = options.parse_args()
    for family in chosen.families:
        for seed in range(chosen.seeds):
            print(write(chosen.folder, family, seed))


if __name__ == "__main__":
    main()
