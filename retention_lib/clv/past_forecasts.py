"""How right the forecast in use would have been on earlier days.

Every forecast that could be in use is made afresh on each of them, from what was known then, and
compared with what came: one record, from which the forecast in use is chosen, its centre moved and
its range made. What is told of an earlier day is what would have been printed then: moved and
widened by the forecasts that had ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, log, nan
from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.clv.findings import past_forecasts
from retention_lib.clv.race import Trial
from retention_lib.clv.valuation import Terms
from retention_lib.models.purchase_model import FitError
from retention_lib.models.race import ON_CLOCKS, Race, Standing
from retention_lib.models.total_uncertainty import of_rule, of_total
from retention_lib.models.units import Span
from retention_lib.results import Interval, PastForecast, PastForecasts, Why, why

MOST_FORECASTS = 9
_COLUMNS = ["origin", "end", "predicted", "moved", "actual"]
_RANGES = ["own_low", "own_high", "low", "high", "today", "alike"]


# --- which earlier days ---


def days_ahead(wanted: Terms, history_days: int) -> int:
    """Return how far earlier forecasts look: as far as the value, at most half of the history.

    A value looks whole months ahead, of which half of the history may hold fewer than are wanted.
    """
    half = history_days // 2
    return min(int(wanted.within(half).months.last.in_days), half)


def origins(as_of: date, history_days: int, days: int) -> list[date]:
    """Return the days on which earlier forecasts are made, the latest first.

    The last is as long ago as it looks ahead; the first has half of that as history. They lie at
    least a quarter of it apart, since forecasts of nearly the same days say nearly the same twice,
    and spread over the whole history, so that long ones show every season.
    """
    earliest = as_of - timedelta(days=history_days - ceil(days / 2))
    return _evenly(as_of - timedelta(days=days), earliest, days // 4, MOST_FORECASTS)


def _evenly(latest: date, earliest: date, apart: int, most: int) -> list[date]:
    """Return days from the latest back to the earliest, so far apart, or farther if too many."""
    span = (latest - earliest).days
    step = max(apart, ceil(span / (most - 1)), 1)
    return [latest - timedelta(days=back) for back in range(0, span + 1, step)]


# --- one forecast ---


@dataclass(frozen=True)
class Backtest:
    """What a forecast said of the days after it, and what came: occasions of ``customers``.

    ``own`` is the model's own standard deviation of the logarithm of ``predicted``; ``parts`` are
    what of the calendar it knew.
    """

    customers: int
    predicted: float
    actual: int
    own: float
    parts: tuple[str, ...] = ()

    @property
    def error(self) -> float:
        """How far off it was: ln (actual / predicted), half an occasion standing for none."""
        return log(max(self.actual, 0.5) / self.predicted)


def backtest(name: str, trial: Trial, seed: int) -> Backtest | Why:
    """Return what a model or rule would have said on a day, or why it could not.

    A model on two clocks that was too young to know the calendar then was MBG/NBD.

    Parameters
    ----------
    seed
        Of the draws of parameters.
    """
    run = trial.race
    if run is None:
        return trial.why_not or why("no_model_fits")
    standing = _standing(name, run)
    if standing is None and name not in run.left_out:
        name = ON_CLOCKS.get(name, name)
        standing = _standing(name, run)
    if standing is None:
        error = run.left_out[name]
        return why(error.code, **error.facts)
    if standing.predicted <= 0:
        return why("nothing_expected")
    try:
        own = _own(standing, run, trial, seed)
    except FitError as error:
        return why(error.code, **error.facts)
    customers = int(trial.counts["customers"].sum())
    parts = run.parts(standing.name)
    return Backtest(customers, standing.predicted, standing.actual, own, parts)


def _standing(name: str, run: Race) -> Standing | None:
    return next((one for one in run.standings if one.name == name), None)


def _own(standing: Standing, run: Race, trial: Trial, seed: int) -> float:
    """Return the spread of the logarithm of a total, by the forecast itself."""
    model = run.fitted.get(standing.name)
    if model is None:
        return of_rule(standing.predicted)
    return of_total(model, trial.counts, Span.days(trial.days), seed).purchases


# --- all of them ---


@dataclass(frozen=True)
class Past:
    """Earlier forecasts by the one in use, and what those made as today's is teach.

    ``errors`` are how far off these were, with the model's own deviation; ``centre`` is by how much
    they move today's.
    """

    forecasts: PastForecasts | None
    errors: Sequence[tuple[float, float]]
    centre: stats.Moved

    def widened(self, total: float, own: float) -> stats.Widened:
        """Return the range of a total that has been moved by the centre."""
        return stats.widened(total, own, self.errors, self.centre.shift)


UNTRIED = Past(None, [], stats.centre([], [], 1))  # without a forecast in use, or a record


def past(days: int, forecasts: Mapping[date, Backtest | Why], parts: tuple[str, ...] = ()) -> Past:
    """Return forecasts that looked so many days ahead, given by the day they were made.

    Parameters
    ----------
    parts
        What of the calendar today's forecast knows: only earlier ones that knew as much are like it.
    """
    made = [(at, one) for at, one in sorted(forecasts.items()) if isinstance(one, Backtest)]
    found = [
        _forecast(at, at + timedelta(days=days), one, _taught(days, made, one.parts, at), parts)
        for at, one in made
    ]
    left_out = {at.isoformat(): one for at, one in forecasts.items() if isinstance(one, Why)}
    errors, centre = _taught(days, made, parts)
    return Past(past_forecasts(days, found, left_out), errors, centre)


Taught = tuple[Sequence[tuple[float, float]], stats.Moved]


def _taught(
    days: int,
    made: Sequence[tuple[date, Backtest]],
    parts: tuple[str, ...],
    by: date = date.max,
) -> Taught:
    """Return the errors of forecasts of one kind that had ended by a day, and the centre by them."""
    ended = [
        (at, one) for at, one in made if one.parts == parts and at + timedelta(days=days) <= by
    ]
    moved = stats.centre([one.error for _, one in ended], [at for at, _ in ended], days)
    return [(one.error, one.own) for _, one in ended], moved


def _forecast(
    origin: date, end: date, one: Backtest, taught: Taught, parts: tuple[str, ...]
) -> PastForecast:
    errors, centre = taught
    moved = one.predicted * centre.factor
    return PastForecast(
        origin=origin,
        end=end,
        customers=one.customers,
        predicted=one.predicted,
        moved=moved,
        actual=one.actual,
        alike=one.parts == parts,
        own_ci95=stats.own_interval(one.predicted, one.own),
        ci95=stats.widened(moved, one.own, errors, centre.shift).interval,
    )


def coverage(found: PastForecasts) -> float | None:
    """Return the share of forecasts whose widened range held what came; None without any."""
    return found.inside / len(found.forecasts) if found.forecasts else None


@dataclass(frozen=True)
class Ahead:
    """Today's forecast, ``days`` ahead, of the same customers as earlier ones, and its ranges.

    ``own_ci95`` lies about ``predicted``, ``ci95`` about ``moved``.
    """

    at: date
    days: int
    predicted: float
    moved: float
    own_ci95: Interval
    ci95: Interval


def past_forecasts_table(past: PastForecasts | None, ahead: Ahead | None) -> pd.DataFrame:
    """Return earlier forecasts and what came, the earliest first.

    Returns
    -------
    pandas.DataFrame
        - origin, end: dates; predicted, moved (by the errors known by then), actual (NaN of
          today's): occasions
        - own_low, own_high, low, high: the model's own range, and the widened one
        - today: whether it is today's, the last row; only if the others look as far ahead
        - alike: whether it was made as today's is
    """
    if past is None or not past.forecasts:
        return pd.DataFrame()
    rows: list[tuple[Any, ...]] = [
        (
            *(one.origin, one.end, one.predicted, one.moved, one.actual),
            *(*one.own_ci95, *one.ci95, False, one.alike),
        )
        for one in past.forecasts
    ]
    if ahead is not None and ahead.days == past.days:
        end = ahead.at + timedelta(days=ahead.days)
        told = (ahead.at, end, ahead.predicted, ahead.moved, nan)
        rows.append((*told, *ahead.own_ci95, *ahead.ci95, True, True))
    return pd.DataFrame(rows, columns=[*_COLUMNS, *_RANGES])
