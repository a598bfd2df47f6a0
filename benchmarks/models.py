"""The models of buying and of spend, beside lifetimes' and, where installed, pymc-marketing's."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.simulated import DAYS_PER_WEEK, LAST_DAY
from benchmarks.timing import Row, raced
from retention_lib.models import bgnbd, gamma_gamma, mbg, purchase_model, two_clocks
from retention_lib.models.units import AnnualRate, Span

MONTHS = np.arange(1, 13)
WEEKS_PER_MONTH = 4.345  # lifetimes' month
MONTHLY_RATE = 0.01
SAME = 1e-6
PARAMETERS = ("r", "alpha", "a", "b")

History = tuple[pd.DataFrame, pd.DataFrame]


def rows(
    customers: Callable[[], pd.DataFrame], history: Callable[[], History], pairs: int
) -> dict[str, Callable[[], Row]]:
    """Return the comparisons by name; each is made when it is called.

    Parameters
    ----------
    customers, history
        Make what :func:`benchmarks.simulated.customers` and its ``history`` do.
    """

    def each() -> pd.DataFrame:
        return customers().assign(customers=1)

    def distinct() -> pd.DataFrame:
        return purchase_model.distinct(each())

    made = {
        "bgnbd_fit": lambda: fit("bgnbd_fit", each(), customers(), pairs),
        "bgnbd_fit_distinct": lambda: fit("bgnbd_fit_distinct", distinct(), customers(), pairs),
        "clv_12_months": lambda: clv("clv_12_months", each(), pairs),
        "clocks_fit": lambda: clocks("clocks_fit", *history(), pairs),
    }
    if importlib.util.find_spec("pymc_marketing"):
        name = "bgnbd_fit_pymc_map"
        made[name] = lambda: fit_by_pymc(name, each(), customers(), pairs)
    return made


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


def clocks(name: str, customers: pd.DataFrame, daily: pd.DataFrame, pairs: int) -> Row:
    """Return MBG/NBD on two clocks, beside BG/NBD of this suite on the same rows.

    The difference is by how much its log-likelihood is below that of MBG/NBD, which is a part of it.
    """
    counts = customers.assign(customers=1)

    def difference(ours: two_clocks.TwoClocks, _: bgnbd.BgNbd) -> float:
        return max(0.0, ours.log_likelihood / mbg.fit(counts).log_likelihood - 1)

    return raced(
        name,
        lambda: two_clocks.fit(counts, LAST_DAY, daily),
        lambda: bgnbd.fit(counts),
        difference,
        target=0.05,
        allowed=SAME,
        pairs=pairs,
    )


def fit_by_pymc(name: str, counts: pd.DataFrame, customers: pd.DataFrame, pairs: int) -> Row:
    """Return BG/NBD fitted on counts, beside pymc-marketing's point of the highest posterior.

    Its priors are flat here, so that this point is the one of the highest likelihood, as ours is;
    with its own priors the parameters would answer another question. Its time holds the building
    of its model, which every fit needs.
    """
    from pymc_extras.prior import Prior
    from pymc_marketing.clv import BetaGeoModel

    frequency, recency, age = _weeks(customers)
    data = pd.DataFrame(
        {"customer_id": customers.index, "frequency": frequency, "recency": recency, "T": age}
    )

    def theirs() -> Any:
        model = BetaGeoModel(model_config={key: Prior("HalfFlat") for key in PARAMETERS})
        return model.fit(data=data, method="map", progressbar=False).posterior

    def difference(ours: bgnbd.BgNbd, found: Any) -> float:
        params = {key: found[key].item() for key in PARAMETERS}
        return abs(ours.log_likelihood / log_likelihood(params, customers) - 1)

    return raced(
        name,
        lambda: bgnbd.fit(counts),
        theirs,
        difference,
        target=1,
        allowed=SAME,
        pairs=pairs,
    )


def log_likelihood(params: dict[str, float], customers: pd.DataFrame) -> float:
    """Return BG/NBD's log-likelihood of customers in weeks, by lifetimes' formula."""
    from lifetimes import BetaGeoFitter

    logs = np.log([params[key] for key in PARAMETERS])
    each = np.ones(len(customers))
    mean = BetaGeoFitter._negative_log_likelihood(logs, *_weeks(customers), each, 0)
    return -len(customers) * float(mean)


def _weeks(customers: pd.DataFrame) -> tuple[Any, Any, Any]:
    return (
        customers["frequency"],
        customers["recency_days"] / DAYS_PER_WEEK,
        customers["T_days"] / DAYS_PER_WEEK,
    )
