"""Customers of a BG/NBD world whose parameters are known, day by day."""

from __future__ import annotations

import numpy as np
import pandas as pd

DAYS_PER_WEEK = 7
TRUTH = {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}  # of CDNOW, in weeks


def customers(number: int, seed: int, longest_days: int = 730) -> pd.DataFrame:
    """Who buys how often, until when, since when, and what does he spend?

    Each came on a day of the past two years. Purchases of one day are one occasion.

    Returns
    -------
    pandas.DataFrame
        One row per customer: frequency, recency_days, T_days, monetary (1 where he never repeats)
    """
    generator = np.random.default_rng(seed)
    rate = generator.gamma(TRUTH["r"], 1 / TRUTH["alpha"], number) / DAYS_PER_WEEK
    leaves = generator.beta(TRUTH["a"], TRUTH["b"], number)
    age = generator.integers(1, longest_days + 1, number)
    frequency, last = np.zeros(number, dtype=np.int64), np.zeros(number, dtype=np.int64)
    who, time = np.arange(number), np.zeros(number)
    while len(who):
        time = time + generator.exponential(1 / rate[who])
        here = time < age[who] + 1
        who, time = who[here], time[here]
        day = np.floor(time).astype(np.int64)
        new = day > last[who]
        frequency[who] += new
        last[who] = day
        stay = generator.random(len(who)) > leaves[who]
        who, time = who[stay], time[stay]
    typical = 15.4 * generator.gamma(6.25, 1, number) / generator.gamma(3.74, 1, number)
    shape = 6.25 * np.maximum(frequency, 1)
    each = typical * generator.gamma(shape) / shape
    return pd.DataFrame(
        {
            "frequency": frequency,
            "recency_days": last,
            "T_days": age,
            "monetary": np.where(frequency > 0, np.round(each, 2) + 0.01, 1.0),
        }
    )
