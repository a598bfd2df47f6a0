"""The likelihood of MBG/NBD on two clocks, with its first and second derivatives.

Of a customer who first bought on day f, last on l, x times again, with t and T in the clock's
weeks, it is, over all days d of a purchase,

    sum ln g(d) + sum ln rho(d) + ln of MBG/NBD's in t and T, but with the odds of having left of
    (a + (1 - rho) (b + x)) / (rho (b + x)) ((alpha + T) / (alpha + t))^(r + x).

Each purchase but the last was survived, (1 - p) rho(d) the chance of it. After the last the
customer stayed, with (1 - p) rho(l), or left: taken out of the sum of the two is rho(l), and what
remains is 1 + odds. So the days count by how many purchases they have, whoever made them, and each
customer by f, l and x. Derivatives by the clock go through its weeks G: each is a sum over days of
what a day's weeks are worth times the day's own derivative.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention_lib.models.beta_geometric import by_frequency, odds_left
from retention_lib.models.calendar import SEASON, Calendar, Effects, upto
from retention_lib.models.newton import LogLikelihood
from retention_lib.models.purchase_model import Floats, state, summed
from retention_lib.models.units import DAYS_PER_WEEK

BUYING = 4  # numbers of a point: ln r, ln alpha, ln a, ln b
PACE, LEAVING, SIZE = BUYING + SEASON, BUYING + SEASON + 1, BUYING + SEASON + 2
_DAY_BY_DAY = 200_000  # rows up to which days are kept apart; of more, weeks are enough
_CHUNK = 8192  # rows at a time: what is made of them stays in the processor's own memory
_ALPHA, _A, _B, _DELTA, _OWN = 1, 2, 3, 4, 5  # places among a customer's own numbers
Days = NDArray[np.intp]


@dataclass(frozen=True)
class Rows:
    """Customers of one frequency, first and last day; days are so many before today."""

    x: Floats
    first: Days
    last: Days
    customers: Floats

    @classmethod
    def of(cls, counts: pd.DataFrame) -> Rows:
        """Return the rows of counts, as :meth:`ChurnModel.fit` takes them."""
        x, recency, age = state(counts)
        first, last = age.astype(np.intp), (age - recency).astype(np.intp)
        return cls(x, first, last, counts["customers"].to_numpy(dtype=float))

    @property
    def size(self) -> float:
        """How many purchases there are, by which a search judges its gradient."""
        return float(self.customers.sum()) + float(self.customers @ self.x)

    @cached_property
    def frequencies(self) -> tuple[Floats, Floats]:
        """The distinct frequencies, and how many customers have each."""
        frequency, [customers] = summed(self.x, self.customers)
        return frequency, customers

    @cached_property
    def pairs(self) -> tuple[Days, Days, Days]:
        """The pair of first and last day of each row, and both days of each pair."""
        size = int(self.first.max(initial=0)) + 1
        which, days = pd.factorize(self.first * size + self.last)
        first, last = np.divmod(np.asarray(days, dtype=np.intp), size)
        return which, first, last

    def by_first_day(self, size: int) -> tuple[Floats, Floats]:
        """Return customers by first day, and their purchases after it."""
        known, again = (
            np.bincount(self.first, weight, size).astype(float)
            for weight in (self.customers, self.customers * self.x)
        )
        return known, again

    def fewer(self) -> Rows:
        """Return one row for those that share their weeks, on the mean of their days, if many."""
        if len(self.x) <= _DAY_BY_DAY:
            return self
        weeks = int(self.first.max()) // DAYS_PER_WEEK + 1
        both = self.first // DAYS_PER_WEEK * weeks + self.last // DAYS_PER_WEEK
        first, last = (self._means(both, days, weeks**2) for days in (self.first, self.last))
        which, cells = pd.factorize(self.x.astype(np.int64) * weeks**2 + both)
        x, pair = np.divmod(np.asarray(cells), weeks**2)
        customers = np.bincount(which, self.customers).astype(float)
        return Rows(x.astype(float), first[pair], last[pair], customers)

    def _means(self, cell: Days, days: Days, cells: int) -> Days:
        """Return the mean of days in each cell, to the day."""
        customers = np.bincount(cell, self.customers, cells)
        total = np.bincount(cell, self.customers * days, cells)
        return np.rint(total / np.maximum(customers, 1)).astype(np.intp)


@dataclass(frozen=True)
class Shown:
    """What a clock shows, by days before today.

    ``past`` are its weeks since, in units of the point; ``stay`` is what multiplies the chance to
    stay after a purchase (None: 1), ``years`` is y of its trend (None: there is none to be found).
    """

    past: Floats
    stay: Floats | None = None
    years: Floats | None = None


@dataclass(frozen=True)
class Parts:
    """The part of customers and its derivatives, by own numbers and by the clock's weeks.

    ``own`` are those by r, alpha, a, b and delta. By ``past`` of each day: ``worth`` are the first
    derivatives; ``first`` and ``last`` the second ones with each own number, of the customers whose
    first, or last, day it is; ``twice_last`` those by past of the last day twice. By past of the
    first day twice they are as with alpha, which is added to it. ``pairs`` are those by past of
    both days, of each pair of :attr:`Rows.pairs`.
    """

    own: LogLikelihood
    worth: Floats
    first: Floats
    last: Floats
    twice_last: Floats
    pairs: Floats

    @classmethod
    def none(cls, days: int, pairs: int) -> Parts:
        """Return the sum over nobody."""
        own = LogLikelihood(0.0, np.zeros(_OWN), np.zeros((_OWN, _OWN)))
        each = np.zeros((_OWN, days)), np.zeros((_OWN, days))
        return cls(own, np.zeros(days), *each, np.zeros(days), np.zeros(pairs))

    @property
    def twice_first(self) -> Floats:
        """The second derivatives by past of the first day."""
        return np.asarray(self.first[_ALPHA])


def of_customers(params: Floats, rows: Rows, shown: Shown, by_days: bool = True) -> Parts:
    """Return the part of customers.

    Parameters
    ----------
    params
        r, alpha, a, b.
    by_days
        Whether derivatives by the clock's weeks are wanted.
    """
    parts = Parts.none(len(shown.past), len(rows.pairs[1]))
    by_x = by_frequency(params, *rows.frequencies, 1)
    value = by_x.value + _by_first_day(params, rows, shown, parts)
    parts.own.gradient[:BUYING] += by_x.gradient
    parts.own.hessian[:BUYING, :BUYING] += by_x.hessian
    for at in range(0, len(rows.x), _CHUNK):
        value += _left_or_not(params, rows, slice(at, at + _CHUNK), shown, parts, by_days)
    return replace(parts, own=replace(parts.own, value=value))


def _by_first_day(params: Floats, rows: Rows, shown: Shown, parts: Parts) -> float:
    """Add the sum over customers of r ln alpha - (r + x) ln (alpha + T)."""
    r, alpha = params[:2]
    known, again = rows.by_first_day(len(shown.past))
    powers, here = r * known + again, 1 / (alpha + shown.past)
    grown, everybody = np.log1p(shown.past / alpha), known.sum()
    parts.worth[:] -= powers * here
    parts.first[0] -= known * here
    parts.first[_ALPHA] += powers * here**2
    parts.own.gradient[0] -= known @ grown
    parts.own.gradient[_ALPHA] += everybody * r / alpha - np.sum(powers * here)
    cross = everybody / alpha - np.sum(known * here)
    parts.own.hessian[0, _ALPHA] += cross
    parts.own.hessian[_ALPHA, 0] += cross
    parts.own.hessian[_ALPHA, _ALPHA] += np.sum(powers * here**2) - everybody * r / alpha**2
    return float(-r * (known @ grown) - again @ np.log(alpha + shown.past))


def _left_or_not(
    params: Floats, rows: Rows, some: slice, shown: Shown, parts: Parts, by_days: bool
) -> float:
    """Add the sum of ln [1 + odds of having left] over some rows.

    The odds grow with past of the first day as with alpha, and with that of the last by ``since``.
    """
    r, b = params[0], params[3]
    x, first, last = rows.x[some], rows.first[some], rows.last[some]
    age, power, stays = shown.past[first], r + x, x + b
    stay = None if shown.stay is None else shown.stay[last]
    by = np.zeros((_OWN, len(x)))
    odds = odds_left(params, stays, x, age - shown.past[last], age, by, stay)
    value, weight, rest = odds.summed(rows.customers[some])
    bent = -by[_ALPHA] * (odds.here + odds.there)  # by alpha twice
    hessian = parts.own.hessian
    _of_staying(
        hessian, by, weight, stays, stay, None if shown.years is None else shown.years[last]
    )
    hessian += (by * rest) @ by.T
    cross = float(weight @ odds.by_rate)
    hessian[0, _ALPHA] += cross
    hessian[_ALPHA, 0] += cross
    hessian[_ALPHA, _ALPHA] += weight @ bent
    parts.own.gradient[:] += by @ weight
    if by_days:
        since = power * odds.there
        first_too, last_too = by * (rest * by[_ALPHA]), by * (rest * since)
        first_too[0] += weight * odds.by_rate
        first_too[_ALPHA] += weight * bent
        last_too[0] += weight * odds.there
        last_too[_ALPHA] -= weight * since * odds.there
        size = len(shown.past)
        parts.worth[:] += np.bincount(first, weight * by[_ALPHA], size)
        parts.worth[:] += np.bincount(last, weight * since, size)
        for own in range(_OWN):
            parts.first[own] += np.bincount(first, first_too[own], size)
            parts.last[own] += np.bincount(last, last_too[own], size)
        parts.twice_last[:] += np.bincount(last, since * (rest * since + weight * odds.there), size)
        pair = rows.pairs[0][some]
        parts.pairs[:] += np.bincount(pair, last_too[_ALPHA], len(parts.pairs))
    return value


def _of_staying(
    hessian: Floats,
    by: Floats,
    weight: Floats,
    stays: Floats,
    stay: Floats | None,
    years: Floats | None,
) -> None:
    """Add the second derivatives of ln (a + (1 - rho) stays) / (rho stays), and fill in delta's."""
    hessian[_B, _B] += np.sum(weight / stays**2)
    moves = np.zeros((3, len(stays)))  # of a + (1 - rho) stays, over it: by a, b and delta
    moves[0] = by[_A]
    if stay is not None:
        moves[1] = (1 - stay) * by[_A]
    if years is not None:
        kept = weight * years * by[_A] * (1.0 if stay is None else stay)
        moves[2] = stays * years * by[_A] * (1.0 if stay is None else stay)
        by[_DELTA] = moves[2] + years
        hessian[_B, _DELTA] += kept.sum()
        hessian[_DELTA, _B] += kept.sum()
        hessian[_DELTA, _DELTA] -= np.sum(kept * stays * years)
    at = np.ix_([_A, _B, _DELTA], [_A, _B, _DELTA])
    hessian[at] -= (moves * weight) @ moves.T


@dataclass(frozen=True)
class Likelihood:
    """The log-likelihood of a point, priors with it, and the data that it is of.

    A point is ln r, ln alpha, ln a, ln b, the season's free numbers, the change of pace and that
    of staying. Time is in units of so many even ``weeks``. ``bought`` are all purchases of today,
    of yesterday and so on, ``repeats`` those after a customer's first. ``spread`` are the standard
    deviations of the priors of the clock's numbers, all about 0.
    """

    rows: Rows
    calendar: Calendar
    bought: Floats
    repeats: Floats
    weeks: float
    spread: Floats

    def at(self, point: Floats) -> LogLikelihood:
        """Return the log-likelihood, with derivatives by the numbers of the point."""
        params, effects = np.exp(point[:BUYING]), effects_of(point)
        logs = effects.logs[self.calendar.months] - effects.pace * self.calendar.years_ago
        slopes = np.column_stack([effects.slopes[self.calendar.months], -self.calendar.years_ago])
        years = self.calendar.staying(effects.leaving)
        stay = np.exp(-effects.leaving * years) if effects.leaving else None
        speed = np.exp(logs) / self.weeks
        parts = of_customers(params, self.rows, Shown(upto(speed)[:-1], stay, years))
        found = by_logs(self._by_clock(parts, upto(speed[:, None] * slopes)[:-1]), params)
        self._add_days(found, slopes, speed, parts.worth, effects)
        value = found.value + float(self.repeats @ logs - effects.leaving * (self.bought @ years))
        found.gradient[LEAVING] -= self.bought @ years
        return LogLikelihood(value + self._prior(found, point), found.gradient, found.hessian)

    def _by_clock(self, parts: Parts, slopes: Floats) -> LogLikelihood:
        """Return derivatives by the clock's numbers in place of its weeks, of the given slopes."""
        own, clock = [*range(BUYING), LEAVING], slice(BUYING, LEAVING)
        gradient, hessian = np.zeros(SIZE), np.zeros((SIZE, SIZE))
        gradient[own], hessian[np.ix_(own, own)] = parts.own.gradient, parts.own.hessian
        gradient[clock] = parts.worth @ slopes
        hessian[own, clock] = (parts.first + parts.last) @ slopes
        hessian[clock, own] = hessian[own, clock].T
        _, first, last = self.rows.pairs
        both = (slopes[first].T * parts.pairs) @ slopes[last]
        each = (slopes.T * (parts.twice_first + parts.twice_last)) @ slopes
        hessian[clock, clock] = each + both + both.T
        return LogLikelihood(parts.own.value, gradient, hessian)

    def _add_days(
        self, found: LogLikelihood, slopes: Floats, speed: Floats, worth: Floats, effects: Effects
    ) -> None:
        """Add the days' own part, and how the clock's weeks bend with its numbers."""
        clock = slice(BUYING, LEAVING)
        # past of a day is a sum over later days: what each of them is worth
        earlier = np.cumsum(worth[::-1])[::-1] - worth
        by_day = speed / DAYS_PER_WEEK * earlier
        found.gradient[clock] += self.repeats @ slopes
        found.hessian[clock, clock] += (slopes.T * by_day) @ slopes
        season = slice(BUYING, PACE)
        found.hessian[season, season] += effects.bend * (by_day.sum() + self.repeats.sum())

    def _prior(self, found: LogLikelihood, point: Floats) -> float:
        """Add the priors' derivatives, and return their logarithm."""
        own = point[BUYING:]
        found.gradient[BUYING:] -= own / self.spread**2
        found.hessian[BUYING:, BUYING:] -= np.diag(1 / self.spread**2)
        return float(-0.5 * np.sum((own / self.spread) ** 2))


def effects_of(point: Floats) -> Effects:
    """Return the clock's part of a point."""
    return Effects(point[BUYING:PACE], float(point[PACE]), float(point[LEAVING]))


def by_logs(found: LogLikelihood, params: Floats) -> LogLikelihood:
    """Return derivatives by the logarithms of r, alpha, a and b in place of those by themselves."""
    scale = np.append(params, np.ones(len(found.gradient) - BUYING))
    gradient = scale * found.gradient
    hessian = np.outer(scale, scale) * found.hessian
    hessian[np.arange(BUYING), np.arange(BUYING)] += gradient[:BUYING]
    return LogLikelihood(found.value, gradient, hessian)
