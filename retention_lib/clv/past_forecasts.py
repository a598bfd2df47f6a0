"""How right the forecast in use would have been on earlier days.

A forecast is made afresh on each of them, from what was known then, and compared with what
came. Its range is the one that would have been printed then: widened by the forecasts that had ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, log, nan
from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.clv.findings import past_forecasts
from retention_lib.clv.valuation import too_few
from retention_lib.models.purchase_model import FitError, distinct, state
from retention_lib.models.race import MODELS, RULES, Setting, daily_rates
from retention_lib.models.total_uncertainty import of_rule, of_total
from retention_lib.models.units import Span
from retention_lib.results import Interval, PastForecast, PastForecasts, Why, why

MOST_FORECASTS = 9
MOST_RACES = 4
_COLUMNS = ["origin", "end", "predicted", "actual", "own_low", "own_high", "low", "high", "today"]


# --- which earlier days ---


def days_ahead(horizon: Span, history_days: int) -> int:
    """Return how far earlier forecasts look: as far as the value, at most half of the history."""
    return min(int(horizon.in_days), history_days // 2)


def origins(as_of: date, history_days: int, days: int) -> list[date]:
    """Return the days on which earlier forecasts are made, the latest first.

    The last is as long ago as it looks ahead; the first has half of that as history. They lie at
    least a quarter of it apart, since forecasts of nearly the same days say nearly the same twice,
    and spread over the whole history, so that long ones show every season.
    """
    earliest = as_of - timedelta(days=history_days - ceil(days / 2))
    return _evenly(as_of - timedelta(days=days), earliest, days // 4, MOST_FORECASTS)


def race_days(as_of: date, history_days: int, holdout_days: int) -> list[date]:
    """Return the days on which the race is run again, the latest first.

    Each has as much history as the holdout is long. They lie at least half a holdout apart, from
    the holdout's start back, spread over the whole history.
    """
    latest = as_of - timedelta(days=holdout_days)
    earliest = as_of - timedelta(days=history_days - holdout_days)
    return _evenly(latest, earliest, ceil(holdout_days / 2), MOST_RACES + 1)[1:]


def _evenly(latest: date, earliest: date, apart: int, most: int) -> list[date]:
    """Return days from the latest back to the earliest, so far apart, or farther if too many."""
    span = (latest - earliest).days
    step = max(apart, ceil(span / (most - 1)), 1)
    return [latest - timedelta(days=back) for back in range(0, span + 1, step)]


# --- one forecast ---


@dataclass(frozen=True)
class Backtest:
    """What a forecast said of the days after it, and what came: occasions of ``customers``.

    ``own`` is the model's own standard deviation of the logarithm of ``predicted``.
    """

    customers: int
    predicted: float
    actual: int
    own: float

    @property
    def error(self) -> float:
        """How far off it was: ln (actual / predicted), half an occasion standing for none."""
        return log(max(self.actual, 0.5) / self.predicted)


def backtest(
    name: str, counts: pd.DataFrame, setting: Setting, days: int, seed: int
) -> Backtest | Why:
    """Return what a model or rule would have said of so many days, or why it could not.

    Parameters
    ----------
    counts
        As :func:`retention_lib.summaries.counts.frequency_recency` gives them for the day
        ``setting.at``, ``later`` being the occasions of the days forecast; for a rule with those of
        the window before it.
    setting
        What a rule goes by on that day.
    seed
        Of the draws of parameters.
    """
    few = too_few(counts)
    if few:
        return few
    try:
        predicted, own = _total(name, counts, setting, days, seed)
    except FitError as error:
        return why(error.code, **error.facts)
    customers = counts["customers"].to_numpy()
    actual = int(counts["later"].to_numpy() @ customers)
    return Backtest(int(customers.sum()), predicted, actual, own)


def _total(
    name: str, counts: pd.DataFrame, setting: Setting, days: int, seed: int
) -> tuple[float, float]:
    """Return the occasions expected of all customers, and the spread of their logarithm."""
    if name in RULES:
        rates = daily_rates(name, counts, setting)
        total = float(rates @ counts["customers"].to_numpy(dtype=float)) * days
        if total <= 0:
            raise FitError("nothing_expected")
        return total, of_rule(total)
    triples, ahead = distinct(counts), Span.days(days)
    model = MODELS[name](triples, setting)
    each = model.expected_purchases(*state(triples), ahead)
    total = float(each @ triples["customers"].to_numpy(dtype=float))
    return total, of_total(model, triples, ahead, seed).purchases


# --- all of them ---


@dataclass(frozen=True)
class Past:
    """Earlier forecasts, and how far off they were: error and the model's own deviation."""

    forecasts: PastForecasts
    errors: list[tuple[float, float]]


def past(days: int, forecasts: Mapping[date, Backtest | Why]) -> Past:
    """Return forecasts that looked so many days ahead, given by the day they were made."""
    made = [(at, one) for at, one in sorted(forecasts.items()) if isinstance(one, Backtest)]
    ahead = timedelta(days=days)
    found = [
        _forecast(origin, origin + ahead, one, [was for at, was in made if at + ahead <= origin])
        for origin, one in made
    ]
    left_out = {at.isoformat(): one for at, one in forecasts.items() if isinstance(one, Why)}
    return Past(past_forecasts(days, found, left_out), [(one.error, one.own) for _, one in made])


def _forecast(origin: date, end: date, one: Backtest, ended: list[Backtest]) -> PastForecast:
    errors = [(was.error, was.own) for was in ended]
    return PastForecast(
        origin=origin,
        end=end,
        customers=one.customers,
        predicted=one.predicted,
        moved=one.predicted,
        actual=one.actual,
        alike=True,
        own_ci95=stats.own_interval(one.predicted, one.own),
        ci95=stats.widened(one.predicted, one.own, errors).interval,
    )


def coverage(found: PastForecasts) -> float | None:
    """Return the share of forecasts whose widened range held what came; None without any."""
    return found.inside / len(found.forecasts) if found.forecasts else None


@dataclass(frozen=True)
class Ahead:
    """Today's forecast, ``days`` ahead, of the same customers as earlier ones, and its ranges."""

    at: date
    days: int
    predicted: float
    own_ci95: Interval
    ci95: Interval


def past_forecasts_table(past: PastForecasts | None, ahead: Ahead | None) -> pd.DataFrame:
    """Return earlier forecasts and what came, the earliest first.

    Returns
    -------
    pandas.DataFrame
        - origin, end: dates; predicted, actual (NaN of today's): occasions
        - own_low, own_high, low, high: the model's own range, and the widened one
        - today: whether it is today's, the last row; only if the others look as far ahead
    """
    if past is None or not past.forecasts:
        return pd.DataFrame()
    rows: list[tuple[Any, ...]] = [
        (one.origin, one.end, one.predicted, one.actual, *one.own_ci95, *one.ci95, False)
        for one in past.forecasts
    ]
    if ahead is not None and ahead.days == past.days:
        end = ahead.at + timedelta(days=ahead.days)
        rows.append((ahead.at, end, ahead.predicted, nan, *ahead.own_ci95, *ahead.ci95, True))
    return pd.DataFrame(rows, columns=_COLUMNS)
