"""From raw purchases to what the models need of each customer, beside lifetimes' helper."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
from ibis import _
from lifetimes import utils

from benchmarks.simulated import LAST_DAY
from benchmarks.timing import Row, raced
from retention_lib.summaries import customers
from retention_lib.summaries.occasions import occasions

FIGURES = ["frequency", "recency_days", "T_days", "monetary"]
ROUNDING = 1e-9  # sums of a day's amounts are added up in another order


def rows(purchases: Callable[[], pd.DataFrame], pairs: int) -> dict[str, Callable[[], Row]]:
    """Return the comparisons by name; each is made when it is called.

    Parameters
    ----------
    purchases
        Makes one row per purchase, as :func:`benchmarks.simulated.purchases` does.
    """
    name = "customer_summary"
    return {name: lambda: customer_summary(name, purchases(), pairs)}


def customer_summary(name: str, purchases: pd.DataFrame, pairs: int) -> Row:
    """Return one row per customer, beside ``summary_data_from_transaction_data``.

    Both start from the same Parquet file of customer (text), day and amount, and end with a frame
    in memory that holds every customer's id, frequency, recency, T and monetary value. Ours takes
    the way of a run: occasions, with all they say of returns, then each customer's state. It uses
    every core, theirs one. What the suite goes on with is less than this, the distinct (x, t_x, T),
    and takes less time; but theirs has no such table to compare.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "purchases.parquet")
        purchases.to_parquet(file)
        return raced(
            name,
            lambda: by_engine(file),
            lambda: by_lifetimes(file),
            difference,
            target=3,
            allowed=ROUNDING,
            pairs=pairs,
        )


def by_engine(file: Path) -> pd.DataFrame:
    """Return each customer's figures as a run computes them."""
    lines = ibis.duckdb.connect().read_parquet(str(file)).mutate(day=_.day.date())
    found = customers.customers(occasions(lines), LAST_DAY).select("customer_id", *FIGURES)
    return pd.DataFrame(found.to_pandas())


def by_lifetimes(file: Path) -> pd.DataFrame:
    """Return each customer's figures as lifetimes computes them."""
    return pd.DataFrame(
        utils.summary_data_from_transaction_data(
            pd.read_parquet(file), "customer_id", "day", "amount", observation_period_end=LAST_DAY
        )
    )


def difference(ours: pd.DataFrame, theirs: pd.DataFrame) -> float:
    """Return the largest relative difference of any customer's figure, or of a total.

    Infinite where they are not of the same customers. Figures below one count as one.
    """
    own = ours.set_index("customer_id")[FIGURES].astype(float).fillna(0.0).sort_index()
    other = theirs[["frequency", "recency", "T", "monetary_value"]].sort_index()
    if not np.array_equal(own.index, other.index):
        return np.inf
    pairs: list[tuple[Any, Any]] = [(own, other), (own.sum(), other.sum())]
    return max(
        float((np.abs(a.to_numpy() - b.to_numpy()) / np.maximum(np.abs(b.to_numpy()), 1)).max())
        for a, b in pairs
    )
