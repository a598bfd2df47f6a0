"""Which forecast does best on days it has not seen: a model of buying, or a plain rule?

A rule gives every customer a pace that stays: nobody ever leaves. Three are raced:

- own: the customer's own repeat purchases so far, over their life or the window, the longer one;
  nothing of those silent for longer than the lapse
- cohort: the repeat purchases, in the window, of all who first bought in the same quarter
- last window: the customer's own purchases in the window, the first one with them
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from math import log, sqrt
from typing import Final, Literal

import numpy as np
import pandas as pd

from retention_lib.models import bgnbd, mbg, nbd, pareto, two_clocks
from retention_lib.models.clock import Clock
from retention_lib.models.purchase_model import FitError, Floats, PurchaseModel, distinct, state
from retention_lib.models.units import Span

Reason = Literal["none better", "clearly better", "calendar", "biased", "left out"]

FIRST: Final = "BG/NBD"
ON_CLOCKS: Final = {"MBG/NBD on two clocks": "MBG/NBD"}  # what it is while it knows no calendar
LARGEST_BIAS = 0.25
STANDARD_ERRORS = 2
_LEAST_PREDICTED = 0.01
_NORMAL: Final = 1.96
_HALF: Final = 0.5  # an occasion, which stands for none where logarithms are taken


@dataclass(frozen=True)
class Setting:
    """What a forecast goes by beside the customers.

    ``at`` is the day from which it looks ahead. Rules go by ``window_days``, the length of the
    window that ends with it, and ``lapse_days``, the lapse as it was known then (None: nobody
    counts as lapsed); models by ``daily``, what all customers bought on each day up to ``at``:
    day, first_purchases, repeats (occasions after the first). Without it no model knows a season.
    Where ``clock``, the shop's, is known already, it is taken as it is, as for a part of the customers.
    """

    at: date
    window_days: int = 0
    lapse_days: int | None = None
    daily: pd.DataFrame | None = field(default=None, repr=False, compare=False)
    clock: Clock | None = field(default=None, repr=False, compare=False)


Fit = Callable[[pd.DataFrame, Setting], PurchaseModel]


def _even(fit: Callable[[pd.DataFrame], PurchaseModel]) -> Fit:
    """Return a fit that knows nothing of the calendar."""
    return lambda counts, setting: fit(counts)


def _two_clocks(counts: pd.DataFrame, by: Setting) -> PurchaseModel:
    if by.clock is not None:
        return two_clocks.refit(counts, by.clock)
    return two_clocks.fit(counts, by.at, by.daily)


MODELS: Final[dict[str, Fit]] = {
    "BG/NBD": _even(bgnbd.fit),
    "MBG/NBD": _even(mbg.fit),
    "Pareto/NBD": _even(pareto.fit),
    two_clocks.TwoClocks.name: _two_clocks,
    nbd.Nbd.name: _even(nbd.fit),
}


@dataclass(frozen=True)
class Standing:
    """How one contestant did.

    ``bias`` is predicted / actual - 1, None if nobody bought; the errors are per customer, in
    occasions; ``difference_se`` is the standard error of the mean difference in deviance from
    BG/NBD, customer by customer; None without BG/NBD. ``chance`` is how far ln ``actual`` may be off
    by the customers' own chance, a standard deviation.
    """

    name: str
    predicted: float
    actual: int
    bias: float | None
    rmse: float
    mae: float
    deviance: float
    difference_se: float | None
    chance: float = 0.0

    @property
    def passes(self) -> bool:
        """Whether its total is at most a quarter off, beyond what chance does to so many."""
        return self.bias is not None and within_a_quarter(self.bias, self.chance)

    @property
    def error(self) -> float:
        """How far off its total was: ln (actual / predicted), half an occasion standing for none."""
        return log(max(self.actual, _HALF) / max(self.predicted, _HALF))


def within_a_quarter(bias: float, chance: float) -> bool:
    """Say whether a total is at most a quarter off, or as far as chance may throw so few purchases.

    The latter is |ln (predicted / actual)| <= ln 1.25 + 1.96 sd.

    Parameters
    ----------
    bias
        predicted / actual - 1.
    chance
        The standard deviation sd of ln actual, of customers of known habits.
    """
    if abs(bias) <= LARGEST_BIAS:
        return True
    return bias > -1 and abs(log(1 + bias)) <= log(1 + LARGEST_BIAS) + _NORMAL * chance


@dataclass(frozen=True)
class Race:
    """The contestants as they did, who is chosen and why.

    ``fitted`` are the models as they were fitted. ``left_out`` says why of every contestant that
    could not tell anything. ``passes`` says whether the chosen one's total is at most a quarter
    off, beyond chance. ``reason``: BG/NBD has "none better", or the chosen one is "clearly better",
    or BG/NBD is "biased" by over a quarter, or "left out".
    """

    standings: list[Standing]
    fitted: dict[str, PurchaseModel]
    left_out: dict[str, FitError]
    chosen: str
    passes: bool
    reason: Reason

    @property
    def order(self) -> list[str]:
        """The chosen one, then the others from the lowest deviance up."""
        ranked = [one.name for one in sorted(self.standings, key=lambda one: one.deviance)]
        return [self.chosen, *(name for name in ranked if name != self.chosen)]

    def parts(self, name: str) -> tuple[str, ...]:
        """Return what of the calendar a contestant knew; nothing of a rule."""
        return parts_of(self.fitted.get(name))


def parts_of(model: PurchaseModel | None) -> tuple[str, ...]:
    """Return what of the calendar a model knows: season, pace, stay; nothing of a rule."""
    return () if model is None else model.parts


def race(counts: pd.DataFrame, setting: Setting, days: int) -> Race:
    """Race models and rules over so many days that followed.

    A model on two clocks that is too young to know anything of the calendar is MBG/NBD, and takes
    no part.

    Parameters
    ----------
    counts
        Distinct customers on the day ``setting.at``: ``frequency``, ``recency_days``, ``T_days``,
        ``recent`` (occasions in the window up to that day), ``later`` (occasions in the days
        that followed), ``customers``.
    """
    known = distinct(counts)
    fitted: dict[str, PurchaseModel] = {}
    left_out: dict[str, FitError] = {}
    standings: list[Standing] = []
    base: Floats | None = None
    for name in [*MODELS, *RULES]:
        try:
            model = MODELS[name](known, setting) if name in MODELS else None
            if is_another(name, model):
                continue
            predicted = forecast(model or name, counts, setting, days)
        except FitError as error:
            left_out[name] = error
            continue
        if model is not None:
            fitted[name] = model
        standing, each = _standing(name, predicted, counts, base)
        base = each if name == FIRST else base
        standings.append(standing)
    chosen, reason = choice(standings)
    return Race(standings, fitted, left_out, chosen.name, chosen.passes, reason)


def is_another(name: str, model: PurchaseModel | None) -> bool:
    """Say whether a model on two clocks knows nothing of the calendar, and so is MBG/NBD."""
    return name in ON_CLOCKS and model is not None and not model.parts


def forecast(
    contestant: PurchaseModel | str, counts: pd.DataFrame, setting: Setting, days: int
) -> Floats:
    """Return the occasions that a fitted model, or a rule, expects of each customer in some days."""
    if isinstance(contestant, str):
        return daily_rates(contestant, counts, setting) * days
    return contestant.expected_purchases(*state(counts), Span.days(days))


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


def _standing(
    name: str, predicted: Floats, counts: pd.DataFrame, base: Floats | None
) -> tuple[Standing, Floats]:
    """Return how a contestant did, and its deviances; ``base`` are those of BG/NBD.

    Chance is told by how far single customers were off, once the total is right: at least as much
    as a Poisson's.
    """
    actual = counts["later"].to_numpy(dtype=float)
    customers = counts["customers"].to_numpy(dtype=float)
    deviance = deviances(actual, predicted)
    total, happened = float(predicted @ customers), float(actual @ customers)
    scaled = predicted * (happened / total if total else 1.0)
    squares = float(customers @ (actual - scaled) ** 2)
    compared = deviance if name == FIRST else base
    standing = Standing(
        name=name,
        predicted=total,
        actual=round(happened),
        bias=total / happened - 1 if happened else None,
        rmse=float(np.sqrt(np.average((predicted - actual) ** 2, weights=customers))),
        mae=float(np.average(np.abs(predicted - actual), weights=customers)),
        deviance=float(np.average(deviance, weights=customers)),
        difference_se=None if compared is None else _standard_error(deviance - compared, customers),
        chance=sqrt(max(squares, happened)) / max(happened, _HALF),
    )
    return standing, deviance


def _standard_error(values: Floats, weights: Floats) -> float:
    """Return the standard error of the mean of values that each occur so many times."""
    spread = np.average((values - np.average(values, weights=weights)) ** 2, weights=weights)
    return float(np.sqrt(spread / max(weights.sum() - 1, 1)))


# --- the choice ---


def choice(standings: list[Standing]) -> tuple[Standing, Reason]:
    """Return the contestant to be used by one race of a window, and why.

    BG/NBD stays unless another's deviance is lower by more than two standard errors of the
    difference; whose total is over a quarter off, beyond chance, may not win while another's is
    not.
    """
    able = [one for one in standings if one.passes] or standings
    best = min(able, key=_deviance)
    by_name = {one.name: one for one in standings}
    first = by_name.get(FIRST)
    if first is None:
        return best, "left out"
    if first not in able:
        return best, "biased"
    better = [one for one in able if _clearly_better(one, first)]
    if not better:
        return first, "none better"
    return min(better, key=_deviance), "clearly better"


def _deviance(one: Standing) -> float:
    return one.deviance


def _clearly_better(one: Standing, first: Standing) -> bool:
    return first.deviance - one.deviance > STANDARD_ERRORS * (one.difference_se or 0.0)
