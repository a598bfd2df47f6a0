"""Buyers whose truth is known: seeded simulations, and the summaries that they would give."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from retention_lib.models import purchase_model, purchases_if_alive
from retention_lib.models.purchase_model import PurchaseModel
from retention_lib.models.units import Span


@dataclass(frozen=True)
class Log:
    """Purchase days of customers, sorted by customer and day, each day once.

    ``customer`` and ``day`` are arrays of whole numbers; ``end`` is the last day seen.
    """

    customer: np.ndarray
    day: np.ndarray
    end: int

    def frame(self) -> pd.DataFrame:
        """Return customer, day and value, as fixtures for whole occasions have them."""
        day = pd.Timestamp("2020-01-01") + pd.to_timedelta(self.day, unit="D")
        return pd.DataFrame(
            {"customer": [f"c{n}" for n in self.customer], "day": day, "value": 10.0}
        )

    def resampled(self, generator: np.random.Generator) -> Log:
        """Return as many customers drawn with replacement, each under a name of its own."""
        starts = np.flatnonzero(np.diff(self.customer, prepend=-1))
        sizes = np.diff(np.append(starts, len(self.customer)))
        drawn = generator.integers(len(starts), size=len(starts))
        rows = np.concatenate([np.arange(starts[at], starts[at] + sizes[at]) for at in drawn])
        return Log(np.repeat(np.arange(len(drawn)), sizes[drawn]), self.day[rows], self.end)


def bought(gaps: np.ndarray, entered: np.ndarray, end: int, stays: np.ndarray | None = None) -> Log:
    """Return the days of customers with an entry (day, may be a fraction) and gaps after it.

    ``stays`` says for each gap whether the customer is still there to come back after it.
    """
    after = np.cumsum(gaps, axis=1)
    if stays is not None:
        after = np.where(np.logical_and.accumulate(stays, axis=1), after, np.inf)
    times = np.column_stack([entered, entered[:, None] + after])
    customer, _ = np.nonzero(times < end + 1)
    days = np.floor(times[times < end + 1]).astype(int)
    table = pd.DataFrame({"customer": customer, "day": days}).drop_duplicates()
    table = table.sort_values(["customer", "day"])
    return Log(table["customer"].to_numpy(), table["day"].to_numpy(), end)


def summaries(log: Log) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return gaps, waits and last pairs of a log, as the engine would count them."""
    table = pd.DataFrame({"customer": log.customer, "day": log.day, "grp": _groups(log.customer)})
    by = table.groupby("customer")["day"]
    table = table.assign(gap=by.diff(), total=by.transform("size"))
    later = table[table["gap"].notna()].assign(days=lambda it: it["gap"].astype(int))
    gaps = (
        later.assign(weight=1 / (later["total"] - 1))
        .groupby(["grp", "days"], as_index=False)
        .agg(gaps=("weight", "size"), weight=("weight", "sum"))
    )
    return gaps, _waits(table, log.end), _pairs(later)


def _groups(customer: np.ndarray) -> np.ndarray:
    """Return the hash groups of the names that :meth:`Log.frame` gives, of uneven size."""
    names, at = np.unique(customer, return_inverse=True)
    digests = (hashlib.md5(f"c{name}".encode(), usedforsecurity=False) for name in names)
    return np.array([int(digest.hexdigest()[:4], 16) % 100 for digest in digests])[at]


def _waits(table: pd.DataFrame, end: int) -> pd.DataFrame:
    last = table.groupby("customer", as_index=False).tail(1)
    last = last.assign(days=end - last["day"], single=last["total"] == 1)
    return last.groupby(["grp", "days"], as_index=False).agg(
        waits=("single", "size"), single=("single", "sum")
    )


def _pairs(later: pd.DataFrame) -> pd.DataFrame:
    previous = later.groupby("customer")["days"].shift()
    two = later.assign(previous=previous).groupby("customer").tail(1)
    two = two[two["previous"].notna()].astype({"previous": int})
    return (
        two.rename(columns={"days": "last"})
        .groupby(["grp", "previous", "last"], as_index=False)
        .agg(customers=("total", "size"))
    )


def chance_of_at_least(
    model: PurchaseModel, numbers: np.ndarray, x: Any, t_x: Any, age: Any, ahead: Span
) -> np.ndarray:
    """Return each customer's chance of at least so many purchases, a column for each number."""
    state = [np.ravel(one) for one in np.broadcast_arrays(x, t_x, age)]
    frequency, _, weeks_old = (one[:, None] for one in purchase_model.weeks(*state))
    wanted, weeks_ahead = np.asarray(numbers, dtype=float), float(ahead.in_weeks)
    with purchase_model.quiet():
        chance = purchases_if_alive.at_least(model, wanted, weeks_ahead, frequency, weeks_old)
    return model.p_alive(*state)[:, None] * chance
