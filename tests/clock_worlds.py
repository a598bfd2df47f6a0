"""Shops of two clocks whose truth is known: who bought when, drawn as the model tells it.

Time is continuous, first purchases are at the end of their day, and two in one day count as two, so
that all but the rounding to days is the model's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from retention_lib.models.calendar import Calendar, Effects
from retention_lib.models.purchase_model import distinct

AT = date(2024, 12, 31)
# of the months' factors: a summer slump and a strong December, in the numbers of the contrasts
SEASON = np.array([0.1, 0.0, -0.2, 0.1, 0.2, 0.3, -0.1, -0.2, 0.0, -0.2, -0.5])
TRUTH = {"r": 0.8, "alpha": 8.0, "a": 0.6, "b": 2.5}


@dataclass(frozen=True)
class World:
    """One shop: so many customers come evenly over ``days`` up to today, then nobody new.

    ``effects`` hold up to today; from tomorrow on only the season does.
    """

    effects: Effects = field(default_factory=lambda: Effects(SEASON))
    customers: int = 3000
    days: int = 1095
    params: dict[str, float] = field(default_factory=lambda: dict(TRUTH))
    at: date = AT

    @property
    def calendar(self) -> Calendar:
        """The days up to today."""
        return Calendar(self.at, self.days)

    def drawn(self, seed: int, ahead_days: int = 365) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return customers with what they buy ahead (``later``), and the daily table up to today."""
        generator = np.random.default_rng(seed)
        clock = self.calendar.clock(self.effects)
        shown = clock.past[self.days] - clock.past[::-1]
        shown = np.append(shown, shown[-1] + clock.future[1 : ahead_days + 1])
        stays = clock.stays[::-1] if clock.stays.size else np.ones(self.days + 1)
        stays = np.append(stays, np.full(ahead_days, clock.stay_now))
        first = generator.integers(0, self.days, self.customers)
        first[0] = 0
        rate = generator.gamma(self.params["r"], 1 / self.params["alpha"], self.customers)
        leaves = generator.beta(self.params["a"], self.params["b"], self.customers)
        who = np.flatnonzero(generator.random(self.customers) < (1 - leaves) * stays[first])
        now, last = shown[first], first.copy()
        x, later = np.zeros((2, self.customers), dtype=int)
        bought = np.zeros(self.days + ahead_days + 1)
        while who.size:
            now[who] += generator.exponential(1, who.size) / rate[who]
            day = np.searchsorted(shown, now[who])
            who, day = who[day < len(shown)], day[day < len(shown)]
            np.add.at(bought, day, 1)
            known = day <= self.days
            x[who[known]] += 1
            last[who[known]] = day[known]
            later[who[~known]] += 1
            who = who[generator.random(who.size) < (1 - leaves[who]) * stays[day]]
        counts = pd.DataFrame(
            {
                "frequency": x,
                "recency_days": last - first,
                "T_days": self.days - first,
                "later": later,
                "customers": 1,
            }
        )
        daily = pd.DataFrame(
            {
                "day": pd.Timestamp(self.at)
                - pd.to_timedelta(np.arange(self.days, -1, -1), unit="D"),
                "first_purchases": np.bincount(first, minlength=self.days + 1),
                "repeats": bought[: self.days + 1].astype(int),
            }
        )
        return distinct(counts, "later"), daily
