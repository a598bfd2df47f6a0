"""MBG/NBD on two clocks: customers buy by the season, and stay less, or more, with the years.

One clock is the shop's time, which runs faster in busy months; the other is the chance to stay
after a purchase, which changes slowly. The likelihood is :mod:`clocks_likelihood`'s, the whole
derivation is in ``docs/two-clocks.md``. Trends rest from the origin on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar, Final, Self

import numpy as np
import pandas as pd

from retention_lib.models import mbg
from retention_lib.models.beta_geometric import chances_to_leave
from retention_lib.models.calendar import Calendar, Effects
from retention_lib.models.clock import EVEN, Clock
from retention_lib.models.clocks_likelihood import (
    BUYING,
    LEAVING,
    PACE,
    SIZE,
    Days,
    Likelihood,
    Rows,
    Shown,
    by_logs,
    effects_of,
    of_customers,
)
from retention_lib.models.clocks_search import NEVER, A, B, Found, searched, spread_of
from retention_lib.models.newton import (
    FARTHEST,
    LogLikelihood,
    remembered,
    search,
)
from retention_lib.models.purchase_model import (
    START,
    BoundaryError,
    FitError,
    Floats,
    gate,
    quiet,
)
from retention_lib.models.units import DAYS_PER_WEEK

YEAR_DAYS: Final = 365  # of history, from which on there is a season; from two on, trends
# the priors' standard deviations, of the season's numbers and of the changes a year; fixed on
# simulations
SEASON_SPREAD, TREND_SPREAD = 0.5, 0.3
TREND = 0.15  # a year: from where the chance to stay begins to be searched, on either side of 0
_SMALL = 0.05  # the least a that a search begins at
_NO_TREND = 1e-12  # a year, on the other side of 0


@dataclass(frozen=True)
class TwoClocks(mbg.MbgNbd):
    """A fitted MBG/NBD in a clock's weeks; ``alpha`` is in even weeks at the origin's pace.

    ``parts`` says what of the clock was fitted: "season", "pace", "stay". ``effects`` of the
    ``calendar`` made the clock, ``covariance`` is that of a whole point (see
    :class:`clocks_likelihood.Likelihood`), with 0 where a number was not fitted; all None on a
    clock that was given. ``stay_gain`` is twice what the trend of staying adds to the
    log-likelihood.
    """

    name: ClassVar[str] = "MBG/NBD on two clocks"

    effects: Effects = field(default_factory=Effects, kw_only=True)
    calendar: Calendar | None = field(default=None, kw_only=True)
    covariance: Floats | None = field(default=None, kw_only=True, repr=False, compare=False)
    stay_gain: float = field(default=0.0, kw_only=True)

    @property
    def uncertain(self) -> tuple[Floats, Floats | None]:
        """The point that was fitted, and its covariance (:attr:`PurchaseModel.uncertain`)."""
        if self.covariance is None:
            return super().uncertain
        effects = self.effects
        own = [*effects.season, effects.pace, effects.leaving]
        return np.append(np.log(self._values), own), self.covariance

    def at(self, point: Floats) -> Self:
        """Return the model at another point (:meth:`PurchaseModel.at`)."""
        if self.covariance is None or self.calendar is None:
            return super().at(point)
        effects = effects_of(point)
        logs = _kept(point, self.effects.leaving, self.calendar)[:BUYING]
        return replace(
            self,
            params=dict(zip(self.parameters, np.exp(logs).tolist(), strict=True)),
            effects=effects,
            clock=self.calendar.clock(effects),
        )

    def repeats_of_new(self, first: Floats, origin: int) -> Floats:
        """Return what is expected of customers who came on days (:meth:`PurchaseModel.repeats_of_new`).

        Of a customer of rate L and chance to leave p who stays after the first purchase, the
        purchases up to week j are the sum over weeks of (exp(-L K_j-1) - exp(-L K_j)) / k_j, where
        k_j = 1 - (1 - p) rho_j and K_j = K_j-1 + k_j (weeks of the clock); the mean over L, gamma
        (r, alpha), is written out, that over p is taken by quadrature.
        """
        shown, stay = self.clock.around(origin, len(first) - 1 - origin)
        ends = shown[DAYS_PER_WEEK - 1 :: DAYS_PER_WEEK]
        steps = np.diff(ends, prepend=ends[:1])
        r, alpha, a, b = self._values
        p, weights = (one[0] for one in chances_to_leave(a, np.array([b + 1])))
        kept = stay[DAYS_PER_WEEK // 2 :: DAYS_PER_WEEK, None]
        leaves = np.maximum(p * kept + (1 - kept), 1e-150)
        exposed = np.cumsum(leaves * steps[:, None], axis=0)
        weekly = np.zeros(len(ends))
        for day in np.flatnonzero(first):
            week = day // DAYS_PER_WEEK
            since = exposed[week:] - exposed[week] + leaves[week] * (ends[week] - shown[day])
            again = -np.expm1(-r * np.log1p(since / alpha))
            bought = np.diff(again, axis=0, prepend=0) / leaves[week:]
            weekly[week:] += first[day] * stay[day] * (bought @ weights)
        return np.asarray(b / (a + b) * np.cumsum(weekly))


def _kept(point: Floats, leaving: float, calendar: Calendar) -> Floats:
    """Return a point across 0 from a trend of staying, with the same chance to stay today.

    On the other side of 0 the chance is multiplied by less than 1 at the other end of the records,
    so that its level, b / (a + b), has to be another.
    """
    now = point[LEAVING]
    if (now >= 0) == (leaving >= 0):
        return point
    level = -now * float(calendar.years_ago[-1])  # ln rho of today by the formula of before
    stays = 1 / (1 + np.exp(point[A] - point[B]))
    other = -max(now, 0.0) * float(calendar.years_ago[-1])
    # by the formula of the side where it is 1 at the start, or today
    stays *= np.exp((level if leaving >= 0 else 0.0) - other)
    moved = point.copy()
    moved[A] = point[B] + np.log(max(1 / stays - 1, np.exp(NEVER - point[B])))
    return moved


# --- the fit ---


def fit(counts: pd.DataFrame, at: date, daily: pd.DataFrame | None) -> TwoClocks:
    """Fit the model by the highest posterior density, priors lying on the clock alone.

    Under a year of history, or without ``daily``, it is MBG/NBD; from one year on it has a season,
    from two on trends of the pace and of staying. Where the data want nobody to leave but
    for the trend, ``a`` is 1e-6 and ``b`` 1, both without an error; where all leave alike, ``b`` is e^9 and
    has none.

    Parameters
    ----------
    counts
        Columns ``frequency``, ``recency_days``, ``T_days``, ``customers`` (the weight).
    at
        The origin, the last day known.
    daily
        day, first_purchases, repeats (occasions after the first) of the same customers.

    Raises
    ------
    FitError
        As :meth:`ChurnModel.fit`.
    """
    if daily is None or daily.empty or counts.empty:
        return TwoClocks.fit(counts)  # MBG/NBD's own
    calendar = _calendar(counts, at, daily)
    parts = _parts(calendar)
    if not parts:
        return TwoClocks.fit(counts)  # MBG/NBD's own
    _refuse_no_repeats(counts)
    likelihood = _likelihood(counts, daily, calendar)
    with quiet():
        found, gain = _fitted(likelihood, parts)
        return _model(likelihood, found, parts, gain)


def refit(counts: pd.DataFrame, clock: Clock) -> TwoClocks:
    """Fit r, alpha, a and b on a clock that is known, as that of all customers is for a part.

    Its log-likelihood is that of the purchases in the clock's time.

    Parameters
    ----------
    counts
        As :func:`fit` takes them, seen from the clock's origin.

    Raises
    ------
    FitError
        As :meth:`ChurnModel.fit`.
    """
    if not (clock.past.size or clock.stays.size):
        return TwoClocks.fit(counts)  # MBG/NBD's own
    _refuse_no_repeats(counts)
    rows = Rows.of(counts)
    weeks = float(rows.first.max()) / DAYS_PER_WEEK
    with quiet():
        found = searched(_given(rows, clock, weeks), np.full(BUYING, START), [], rows.size)
        return _checked(found, rows, weeks, clock)


def _refuse_no_repeats(counts: pd.DataFrame) -> None:
    if not (counts["frequency"] * counts["customers"] * counts["T_days"]).sum() > 0:
        raise FitError("nobody_bought_again", model=TwoClocks.name)


def _calendar(counts: pd.DataFrame, at: date, daily: pd.DataFrame) -> Calendar:
    return Calendar(at, max(int(counts["T_days"].max()), int(_ago(daily, at).max())))


def _ago(daily: pd.DataFrame, at: date) -> Days:
    """Return how many days before the origin each row of the daily table is."""
    days = pd.Timestamp(at) - pd.to_datetime(daily["day"])
    return np.asarray(days.dt.days.to_numpy(dtype=np.intp))


def _parts(calendar: Calendar) -> tuple[str, ...]:
    years = (calendar.days + 1) // YEAR_DAYS
    return ("season", "pace", "stay")[: 0 if years < 1 else 1 if years < 2 else 3]


def _likelihood(counts: pd.DataFrame, daily: pd.DataFrame, calendar: Calendar) -> Likelihood:
    ago, size = _ago(daily, calendar.at), calendar.days + 1
    first, repeats = (
        np.bincount(ago, daily[name].to_numpy(dtype=float), size).astype(float)
        for name in ("first_purchases", "repeats")
    )
    spread = np.full(SIZE - BUYING, SEASON_SPREAD)
    spread[PACE - BUYING :] = TREND_SPREAD
    rows = Rows.of(counts)
    weeks = float(rows.first.max()) / DAYS_PER_WEEK
    return Likelihood(rows, calendar, first + repeats, repeats, weeks, spread)


def _fitted(likelihood: Likelihood, parts: tuple[str, ...]) -> tuple[Found, float]:
    """Return the best point, and twice what the trend of staying adds to it."""
    rough = replace(likelihood, rows=likelihood.rows.fewer())
    size = rough.rows.size
    season = [*range(BUYING, PACE)] + ([PACE] if "pace" in parts else [])
    without = searched(rough.at, _start(rough), season, size)
    if without is None:
        raise FitError("not_converged", model=TwoClocks.name)
    if "stay" not in parts:
        return without, 0.0
    sides = [_tilted(without.point, trend, rough.calendar) for trend in (TREND, -TREND)]
    found = [searched(rough.at, side, [*season, LEAVING], size) for side in sides]
    best = max(filter(None, found), key=lambda one: one.value, default=without)
    if best.value > without.value:
        return best, 2 * (best.value - without.value)
    return _unsure_of_staying(rough, without), 0.0


def _start(likelihood: Likelihood) -> Floats:
    """Return a point near MBG/NBD's on an even clock, some customers leaving."""
    rows, point = likelihood.rows, np.zeros(SIZE)
    even = remembered(_given(rows, EVEN, likelihood.weeks))
    near = search(even, np.full(BUYING, START), rows.size)
    point[:BUYING] = near if np.abs(near).max() < FARTHEST else START
    point[A] = max(point[A], np.log(_SMALL))
    return point


def _tilted(point: Floats, trend: float, calendar: Calendar) -> Floats:
    """Return a point with a trend of staying, and the chance to stay of before in mid-history."""
    moved = point.copy()
    stays = 1 / (1 + np.exp(point[A] - point[B]))
    stays *= np.exp(abs(trend) * float(calendar.years_ago[-1]) / 2)
    moved[A] = max(point[B] + np.log(max(1 / stays - 1, 1e-9)), np.log(_SMALL))
    moved[LEAVING] = trend
    return moved


def _given(rows: Rows, clock: Clock, weeks: float) -> Callable[[Floats], LogLikelihood]:
    """Return the log-likelihood of ln r, ln alpha, ln a and ln b on a clock."""
    days = np.arange(int(rows.first.max()) + 1)
    stay = clock.stays[np.minimum(days, len(clock.stays) - 1)] if clock.stays.size else None
    shown = Shown(clock.before(days) / weeks, stay)

    def at(logs: Floats) -> LogLikelihood:
        params = np.exp(logs)
        own = of_customers(params, rows, shown, by_days=False).own
        four = slice(BUYING)
        return by_logs(
            LogLikelihood(own.value, own.gradient[four], own.hessian[four, four]), params
        )

    return at


def _unsure_of_staying(likelihood: Likelihood, found: Found) -> Found:
    """Return a point where staying has no trend, with how far it might have one.

    The curvature is that of a side of 0 on which it tells; of neither, the prior alone does.
    """
    free = [*np.flatnonzero(np.diag(found.covariance)).tolist(), LEAVING]
    for side in (0.0, -_NO_TREND):
        point = found.point.copy()
        point[LEAVING] = side
        hessian = likelihood.at(point).hessian[np.ix_(free, free)]
        if (np.linalg.eigvalsh(hessian) < 0).all():
            return replace(found, covariance=spread_of(hessian, free, SIZE))
    covariance = found.covariance.copy()
    covariance[LEAVING, LEAVING] = TREND_SPREAD**2
    return replace(found, covariance=covariance)


# --- the model of a point ---


def _model(likelihood: Likelihood, found: Found, parts: tuple[str, ...], gain: float) -> TwoClocks:
    """Return the model: the clock as found, the rest on it once more where weeks stood for days."""
    effects, calendar, rows = effects_of(found.point), likelihood.calendar, likelihood.rows
    clock = calendar.clock(effects)
    given = _given(rows, clock, likelihood.weeks)
    again = searched(given, found.point[:BUYING], [], rows.size)
    made = _checked(again, rows, likelihood.weeks, clock)
    by_day = effects.logs[calendar.months] - effects.pace * calendar.years_ago
    of_days = float(likelihood.repeats @ by_day)
    if clock.stays.size:
        of_days += float(likelihood.bought @ np.log(clock.stays))
    return replace(
        made,
        log_likelihood=made.log_likelihood + of_days,
        standard_errors=_errors(made.params, found.covariance),
        covariance_log=found.covariance[:BUYING, :BUYING],
        parts=parts,
        effects=effects,
        calendar=calendar,
        covariance=found.covariance,
        stay_gain=gain,
    )


def _checked(found: Found | None, rows: Rows, weeks: float, clock: Clock) -> TwoClocks:
    """Return the model of r, alpha, a and b that were found on a clock.

    Raises
    ------
    FitError
        If none were found, or they are not told from 0 or from without end.
    """
    if found is None:
        raise BoundaryError("run_off", model=TwoClocks.name)
    values = np.exp(found.point[:BUYING]) * [1, weeks, 1, 1]
    params = dict(zip(TwoClocks.parameters, values.tolist(), strict=True))
    errors = _errors(params, found.covariance)
    gate(TwoClocks.name, values, np.array([*errors.values()]), found.value)
    in_weeks = -float(rows.customers @ rows.x) * float(np.log(weeks))
    return TwoClocks(
        params, errors, found.value + in_weeks, covariance_log=found.covariance, clock=clock
    )


def _errors(params: dict[str, float], covariance: Floats) -> dict[str, float]:
    logs = np.sqrt(np.diag(covariance)[:BUYING])
    return {name: params[name] * float(one) for name, one in zip(params, logs, strict=True)}
