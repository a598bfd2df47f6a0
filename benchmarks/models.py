"""The models of buying and of spend, beside lifetimes' and, where installed, pymc-marketing's."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.simulated import DAYS_PER_WEEK
from benchmarks.timing import Row, raced
from retention_lib.models import bgnbd, buying, gamma_gamma
from retention_lib.models.units import AnnualRate, Span

MONTHS = np.arange(1, 13)
WEEKS_PER_MONTH = 4.345  # lifetimes' month
MONTHLY_RATE = 0.01
SAME = 1e-6


def rows(customers: pd.DataFrame, pairs: int) -> Iterator[Row]:
    """Yield the comparisons, one after the other.

    Parameters
    ----------
    customers
        One row each, as :func:`benchmarks.simulated.customers` makes them.
    """
    each = customers.assign(customers=1)
    yield fit("bgnbd_fit", each, customers, pairs)
    yield fit("bgnbd_fit_distinct", buying.distinct(each), customers, pairs)
    yield clv("clv_12_months", each, pairs)
    if importlib.util.find_spec("pymc_marketing"):
        yield fit_by_pymc("bgnbd_fit_pymc_map", each, customers)


def fit(name: str, counts: pd.DataFrame, customers: pd.DataFrame, pairs: int) -> Row:
    """Return BG/NBD fitted on counts, beside ``BetaGeoFitter.fit`` on all rows in weeks."""
    from lifetimes import BetaGeoFitter

    state = _weeks(customers)
    repeats = float(customers["frequency"].sum())

    def difference(ours: bgnbd.BgNbd, theirs: Any) -> float:
        mean, scale = theirs._negative_log_likelihood_, theirs._scale
        found = -len(customers) * mean + repeats * np.log(scale)
        return abs(ours.log_likelihood / float(found) - 1)

    return raced(
        name,
        lambda: bgnbd.fit(counts),
        lambda: BetaGeoFitter().fit(*state),
        difference,
        target=50,
        allowed=SAME,
        pairs=pairs,
    )


def clv(name: str, each: pd.DataFrame, pairs: int) -> Row:
    """Return 12 months' value of each customer, beside ``customer_lifetime_value``.

    Both get the same parameters, lifetimes' month of 4.345 weeks and its monthly rate.
    """
    model = bgnbd.fit(each)
    spend = gamma_gamma.fit(each[each["frequency"] > 0])
    ends = Span.weeks(MONTHS * WEEKS_PER_MONTH)
    rate = AnnualRate((1 + MONTHLY_RATE) ** (1 / ends.in_years[0]) - 1)
    frequency, recency, age = _weeks(each)
    x, monetary = each["frequency"].to_numpy(), each["monetary"].to_numpy()

    def ours() -> Any:
        bought = model.discounted_purchases(x, each["recency_days"], each["T_days"], ends, rate)
        return bought * spend.expected_spend(x, monetary)

    def theirs() -> Any:
        return spend.fitter.customer_lifetime_value(
            model.fitter,
            frequency,
            recency,
            age,
            each["monetary"],
            time=len(MONTHS),
            discount_rate=MONTHLY_RATE,
            freq="W",
        )

    def difference(one: Any, other: Any) -> float:
        return float(np.abs(np.asarray(one) / np.asarray(other) - 1).max())

    return raced(name, ours, theirs, difference, target=20, allowed=SAME, pairs=pairs)


def fit_by_pymc(name: str, counts: pd.DataFrame, customers: pd.DataFrame) -> Row:
    """Return BG/NBD fitted on counts, beside pymc-marketing's point of the highest posterior."""
    from pymc_marketing.clv import BetaGeoModel

    frequency, recency, age = _weeks(customers)
    data = pd.DataFrame(
        {"customer_id": customers.index, "frequency": frequency, "recency": recency, "T": age}
    )

    def theirs() -> Any:
        model = BetaGeoModel(data=data)
        model.fit(method="map")
        return model

    return raced(
        name,
        lambda: bgnbd.fit(counts),
        theirs,
        lambda *_: 0.0,  # it has priors: another point
        target=1,
        allowed=SAME,
        pairs=1,
    )


def _weeks(customers: pd.DataFrame) -> tuple[Any, Any, Any]:
    return (
        customers["frequency"],
        customers["recency_days"] / DAYS_PER_WEEK,
        customers["T_days"] / DAYS_PER_WEEK,
    )
