"""Which forecast does best on days it has not seen: a model of buying, or a plain rule?

A rule gives every customer a pace that stays: nobody ever leaves. Three are raced:

- own: the customer's own repeat purchases so far, over their life or the window, the longer one;
  nothing of those silent for longer than the lapse
- cohort: the repeat purchases, in the window, of all who first bought in the same quarter
- last window: the customer's own purchases in the window, the first one with them
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

import numpy as np
import pandas as pd

from retention_lib.models import bgnbd, mbg, pareto, two_clocks
from retention_lib.models.purchase_model import FitError, Floats, PurchaseModel, distinct, state
from retention_lib.models.units import Span

Reason = Literal["none better", "clearly better", "biased", "left out"]

FIRST: Final = "BG/NBD"
LARGEST_BIAS = 0.25
STANDARD_ERRORS = 2
_LEAST_PREDICTED = 0.01


@dataclass(frozen=True)
class Setting:
    """What a forecast goes by beside the customers.

    ``at`` is the day from which it looks ahead. Rules go by ``window_days``, the length of the
    window that ends with it, and ``lapse_days``, the lapse as it was known then (None: nobody
    counts as lapsed); models by ``daily``, what all customers bought on each day up to ``at``:
    day, first_purchases, repeats (occasions after the first). Without it no model knows a season.
    """

    at: date
    window_days: int = 0
    lapse_days: int | None = None
    daily: pd.DataFrame | None = field(default=None, repr=False, compare=False)


Fit = Callable[[pd.DataFrame, Setting], PurchaseModel]


def _even(fit: Callable[[pd.DataFrame], PurchaseModel]) -> Fit:
    """Return a fit that knows nothing of the calendar."""
    return lambda counts, setting: fit(counts)


MODELS: Final[dict[str, Fit]] = {
    "BG/NBD": _even(bgnbd.fit),
    "MBG/NBD": _even(mbg.fit),
    "Pareto/NBD": _even(pareto.fit),
    two_clocks.TwoClocks.name: lambda counts, by: two_clocks.fit(counts, by.at, by.daily),
}


@dataclass(frozen=True)
class Standing:
    """How one contestant did.

    ``bias`` is predicted / actual - 1, None if nobody bought; the errors are per customer, in
    occasions; ``difference_se`` is the standard error of the mean difference in deviance from
    BG/NBD, customer by customer; None without BG/NBD.
    """

    name: str
    predicted: float
    actual: int
    bias: float | None
    rmse: float
    mae: float
    deviance: float
    difference_se: float | None

    @property
    def passes(self) -> bool:
        """Whether its total is at most a quarter off."""
        return self.bias is not None and abs(self.bias) <= LARGEST_BIAS


@dataclass(frozen=True)
class Race:
    """The contestants as they did, who is chosen and why.

    ``predictions`` has a column for each contestant, a row for each of the counts. ``left_out``
    says why of every model that could not be fitted. ``passes`` says whether the chosen one's
    total is at most a quarter off. ``reason``: BG/NBD has "none better", or the chosen one is
    "clearly better", or BG/NBD is "biased" by over a quarter, or "left out".
    """

    predictions: pd.DataFrame
    standings: list[Standing]
    left_out: dict[str, FitError]
    chosen: str
    passes: bool
    reason: Reason

    @property
    def order(self) -> list[str]:
        """The chosen one, then the others from the lowest deviance up."""
        ranked = [one.name for one in sorted(self.standings, key=lambda one: one.deviance)]
        return [self.chosen, *(name for name in ranked if name != self.chosen)]


def race(counts: pd.DataFrame, setting: Setting) -> Race:
    """Race models and rules over the days that followed, one window long.

    Parameters
    ----------
    counts
        Distinct customers on the day ``setting.at``: ``frequency``, ``recency_days``, ``T_days``,
        ``recent`` (occasions in the window up to that day), ``later`` (occasions in the window
        that followed), ``customers``.
    """
    predictions: dict[str, Floats] = {}
    left_out: dict[str, FitError] = {}
    for name in [*MODELS, *RULES]:
        try:
            predictions[name] = _forecast(name, counts, setting)
        except FitError as error:
            left_out[name] = error
    frame = pd.DataFrame(predictions, index=counts.index)
    standings = list(_standings(frame, counts))
    chosen, reason = choice(standings)
    return Race(frame, standings, left_out, chosen.name, chosen.passes, reason)


def _forecast(name: str, counts: pd.DataFrame, setting: Setting) -> Floats:
    """Return the occasions that a contestant expects of each customer in the next window."""
    if name in RULES:
        return daily_rates(name, counts, setting) * setting.window_days
    ahead = Span.days(setting.window_days)
    return MODELS[name](distinct(counts), setting).expected_purchases(*state(counts), ahead)


# --- rules ---


def daily_rates(rule: str, counts: pd.DataFrame, setting: Setting) -> Floats:
    """Return the occasions a day that a rule expects of each customer, for ever.

    Parameters
    ----------
    counts
        ``frequency``, ``recency_days``, ``T_days``, ``recent``, ``customers``.
    """
    return RULES[rule](counts, setting)


def _own(counts: pd.DataFrame, setting: Setting) -> Floats:
    frequency, recency, age = state(counts)
    pace = frequency / np.maximum(age, setting.window_days)
    if setting.lapse_days is None:
        return np.asarray(pace)
    return np.where(age - recency <= setting.lapse_days, pace, 0.0)


def _cohort(counts: pd.DataFrame, setting: Setting) -> Floats:
    """Return repeat occasions over days since the first purchase, both within the window."""
    age, customers = (counts[name].to_numpy(dtype=float) for name in ("T_days", "customers"))
    first_within = age < setting.window_days
    repeats = (counts["recent"].to_numpy(dtype=float) - first_within) * customers
    exposed = np.minimum(age, setting.window_days) * customers
    _, cohort = np.unique(_quarter(counts, setting.at), return_inverse=True)
    bought, days = np.bincount(cohort, repeats), np.bincount(cohort, exposed)
    return np.asarray((bought / np.maximum(days, 1))[cohort])


def _quarter(counts: pd.DataFrame, at: date) -> Floats:
    """Return the number of the quarter of each customer's first purchase."""
    age = counts["T_days"].to_numpy().astype("timedelta64[D]")
    months = (np.datetime64(at, "D") - age).astype("datetime64[M]").astype(int)
    return np.asarray(months // 3)


def _last_window(counts: pd.DataFrame, setting: Setting) -> Floats:
    return np.asarray(counts["recent"].to_numpy(dtype=float) / setting.window_days)


RULES: Final[dict[str, Callable[[pd.DataFrame, Setting], Floats]]] = {
    "own": _own,
    "cohort": _cohort,
    "last window": _last_window,
}


# --- scores ---


def deviances(actual: Floats, predicted: Floats) -> Floats:
    """Return each Poisson deviance 2 (y ln(y / mu) - (y - mu)), mu at least .01.

    Predicting zero for everybody, which has the lowest mean absolute error where most do not buy,
    is punished by it for each one who does.
    """
    y, mu = actual, np.maximum(predicted, _LEAST_PREDICTED)
    log_ratio = np.log(np.where(y > 0, y, mu) / mu)
    return np.asarray(2 * (y * log_ratio - (y - mu)))


def _standings(predictions: pd.DataFrame, counts: pd.DataFrame) -> Iterator[Standing]:
    actual = counts["later"].to_numpy(dtype=float)
    customers = counts["customers"].to_numpy(dtype=float)
    base = deviances(actual, predictions[FIRST].to_numpy()) if FIRST in predictions else None
    for name in predictions:
        predicted = predictions[name].to_numpy()
        deviance = deviances(actual, predicted)
        total, happened = float(predicted @ customers), float(actual @ customers)
        yield Standing(
            name=str(name),
            predicted=total,
            actual=round(happened),
            bias=total / happened - 1 if happened else None,
            rmse=float(np.sqrt(np.average((predicted - actual) ** 2, weights=customers))),
            mae=float(np.average(np.abs(predicted - actual), weights=customers)),
            deviance=float(np.average(deviance, weights=customers)),
            difference_se=None if base is None else _standard_error(deviance - base, customers),
        )


def _standard_error(values: Floats, weights: Floats) -> float:
    """Return the standard error of the mean of values that each occur so many times."""
    spread = np.average((values - np.average(values, weights=weights)) ** 2, weights=weights)
    return float(np.sqrt(spread / max(weights.sum() - 1, 1)))


def choice(standings: list[Standing]) -> tuple[Standing, Reason]:
    """Return the contestant to be used, and why.

    BG/NBD stays unless another's deviance is lower by more than two standard errors of the
    difference; whose total is over a quarter off may not win while another's is not.
    """
    able = [one for one in standings if one.passes] or standings
    best = min(able, key=lambda one: one.deviance)
    by_name = {one.name: one for one in standings}
    first = by_name.get(FIRST)
    if first is None:
        return best, "left out"
    if first not in able:
        return best, "biased"
    better = [one for one in able if _clearly_better(one, first)]
    if not better:
        return first, "none better"
    return min(better, key=lambda one: one.deviance), "clearly better"


def _clearly_better(one: Standing, first: Standing) -> bool:
    return first.deviance - one.deviance > STANDARD_ERRORS * (one.difference_se or 0.0)
