"""Customers of a BG/NBD world whose parameters are known, day by day."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

DAYS_PER_WEEK = 7
TRUTH = {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}  # of CDNOW, in weeks
LAST_DAY = date(2024, 12, 31)
LONGEST_DAYS = 730
THREE_YEARS = 1095


def customers(number: int, seed: int) -> pd.DataFrame:
    """Who buys how often, until when, since when, and what does he spend?

    Each came on a day of the past two years. Purchases of one day are one occasion.

    Returns
    -------
    pandas.DataFrame
        One row per customer: frequency, recency_days, T_days, monetary (1 where he never repeats)
    """
    generator = np.random.default_rng(seed)
    made, _ = _occasions(number, generator, LONGEST_DAYS)
    frequency = made["frequency"].to_numpy()
    typical = 15.4 * generator.gamma(6.25, 1, number) / generator.gamma(3.74, 1, number)
    shape = 6.25 * np.maximum(frequency, 1)
    each = typical * generator.gamma(shape) / shape
    return made.assign(monetary=np.where(frequency > 0, np.round(each, 2) + 0.01, 1.0))


def history(number: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who buys how often over three years, and how much is bought on each day?

    Returns
    -------
    tuple
        - one row per customer: frequency, recency_days, T_days
        - one row per day up to :data:`LAST_DAY`: day, first_purchases, repeats
    """
    made, repeats_ago = _occasions(number, np.random.default_rng(seed), THREE_YEARS)
    size = THREE_YEARS + 1
    daily = {
        "day": pd.Timestamp(LAST_DAY) - pd.to_timedelta(np.arange(size), unit="D"),
        "first_purchases": np.bincount(made["T_days"], minlength=size),
        "repeats": np.bincount(repeats_ago, minlength=size),
    }
    return made, pd.DataFrame(daily)


def _occasions(
    number: int, generator: np.random.Generator, longest: int
) -> tuple[pd.DataFrame, Any]:
    """Return each customer's frequency, recency and T, and how many days ago each repeat was."""
    age, who, day = _repeats(number, generator, longest)
    occasions = pd.DataFrame({"who": who, "day": day}).query("day > 0").drop_duplicates()
    by_customer = occasions.groupby("who")["day"].agg(["count", "max"])
    known = by_customer.reindex(range(number), fill_value=0)
    made = {
        "frequency": known["count"].to_numpy(dtype=np.int64),
        "recency_days": known["max"].to_numpy(dtype=np.int64),
        "T_days": age,
    }
    return pd.DataFrame(made), age[occasions["who"]] - occasions["day"].to_numpy()


def purchases(number: int, seed: int) -> pd.DataFrame:
    """Which purchases do such customers make?

    Returns
    -------
    pandas.DataFrame
        So many rows in the order of their days, as a shop's records hold them: customer_id (text),
        day (at midnight), amount (above 0). There are no returns.
    """
    generator = np.random.default_rng(seed)
    enough = number // 2 + 100  # each makes 2.3 purchases in the mean
    age, who, day = _repeats(enough, generator, LONGEST_DAYS)
    everyone = np.arange(enough)
    made = pd.DataFrame(
        {
            "customer_id": np.concatenate([everyone, who]),
            "day": np.concatenate([-age, day - age[who]]),
        }
    )
    made = made.sort_values("customer_id", kind="stable").head(number)
    made["amount"] = np.round(generator.gamma(6.25, 6.0, len(made)), 2) + 0.01
    made["customer_id"] = "C" + made["customer_id"].astype(str).str.zfill(8)
    ago = made["day"].to_numpy().astype("timedelta64[D]")
    made["day"] = (np.datetime64(LAST_DAY) + ago).astype("datetime64[s]")
    return made.sort_values("day", kind="stable", ignore_index=True)


def _repeats(number: int, generator: np.random.Generator, longest: int) -> tuple[Any, Any, Any]:
    """Return each customer's age in days; and who buys again, how many days after the first."""
    rate = generator.gamma(TRUTH["r"], 1 / TRUTH["alpha"], number) / DAYS_PER_WEEK
    leaves = generator.beta(TRUTH["a"], TRUTH["b"], number)
    age = generator.integers(1, longest + 1, number)
    who, time = np.arange(number), np.zeros(number)
    buyers, days = [], []
    while len(who):
        time = time + generator.exponential(1 / rate[who])
        here = time < age[who] + 1
        who, time = who[here], time[here]
        buyers.append(who)
        days.append(np.floor(time).astype(np.int64))
        stay = generator.random(len(who)) > leaves[who]
        who, time = who[stay], time[stay]
    return age, np.concatenate(buyers), np.concatenate(days)
