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

from collections.abc import Iterator
from dataclasses import dataclass

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
_CHUNK = 4096
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

    def chunks(self) -> Iterator[Rows]:
        """Yield so many rows at a time: what is made of them stays in the processor's memory."""
        for at in range(0, len(self.x), _CHUNK):
            some = slice(at, at + _CHUNK)
            yield Rows(self.x[some], self.first[some], self.last[some], self.customers[some])

    def fewer(self) -> Rows:
        """Return one row for those that share their weeks, on the mean of their days, if many."""
        if len(self.x) <= _DAY_BY_DAY:
            return self
        weeks = int(self.first.max()) // DAYS_PER_WEEK + 1
        cell = self.x.astype(np.int64) * weeks + self.first // DAYS_PER_WEEK
        which, cells = pd.factorize(cell * weeks + self.last // DAYS_PER_WEEK)
        customers = np.bincount(which, self.customers)

        def mean(values: Floats | Days) -> Floats:
            return np.asarray(np.rint(np.bincount(which, self.customers * values) / customers))

        first, last = (mean(days).astype(np.intp) for days in (self.first, self.last))
        x = (np.asarray(cells) // weeks**2).astype(float)
        return Rows(x, first, last, customers.astype(float))


@dataclass(frozen=True)
class Shown:
    """What a clock shows, by days before today.

    ``past`` are its weeks since, in units of the point; ``slopes`` their derivatives, a column for
    each number of the clock that is free. ``stay`` is what multiplies the chance to stay after a
    purchase, None: 1; ``years`` is y of its trend, None where that is not free.
    """

    past: Floats
    slopes: Floats
    stay: Floats | None
    years: Floats | None

    @property
    def size(self) -> int:
        """How many numbers of a point are free."""
        return BUYING + int(self.slopes.shape[1]) + int(self.years is not None)


def of_customers(params: Floats, rows: Rows, shown: Shown) -> tuple[LogLikelihood, Floats]:
    """Return the part of customers, and its derivatives by the clock's weeks since each day.

    Parameters
    ----------
    params
        r, alpha, a, b; the derivatives are by these, then by the clock's free numbers.
    """
    frequency, [customers] = summed(rows.x, rows.customers)
    by_x = by_frequency(params, frequency, customers, 1)
    total, worth = _by_first_day(params, rows, shown)
    total.gradient[:BUYING] += by_x.gradient
    total.hessian[:BUYING, :BUYING] += by_x.hessian
    parts = [LogLikelihood(total.value + by_x.value, total.gradient, total.hessian)]
    for some in rows.chunks():
        part, of_first, of_last = _left_or_not(params, some, shown)
        parts.append(part)
        worth += np.bincount(some.first, of_first, len(worth))
        worth += np.bincount(some.last, of_last, len(worth))
    return LogLikelihood.sum(parts), worth


def _by_first_day(params: Floats, rows: Rows, shown: Shown) -> tuple[LogLikelihood, Floats]:
    """Return the sum over customers of r ln alpha - (r + x) ln (alpha + T)."""
    r, alpha = params[:2]
    size = len(shown.past)
    known = np.bincount(rows.first, rows.customers, size)
    again = np.bincount(rows.first, rows.customers * rows.x, size)
    powers, here = r * known + again, 1 / (alpha + shown.past)
    grown = np.log1p(shown.past / alpha)
    worth = -powers * here
    time = np.column_stack([np.ones(size), shown.slopes])
    at = [1, *range(BUYING, BUYING + shown.slopes.shape[1])]  # alpha, and the clock
    gradient, hessian = np.zeros(shown.size), np.zeros((shown.size, shown.size))
    gradient[at] = worth @ time
    hessian[np.ix_(at, at)] = (time.T * (powers * here**2)) @ time
    hessian[0, at] = -(known * here) @ time
    gradient[0] = -known @ grown
    gradient[1] += known.sum() * r / alpha
    hessian[0, 1] += known.sum() / alpha
    hessian[at, 0] = hessian[0, at]
    hessian[1, 1] -= known.sum() * r / alpha**2
    value = -r * (known @ grown) - again @ np.log(alpha + shown.past)
    return LogLikelihood(float(value), gradient, hessian), worth


def _left_or_not(params: Floats, rows: Rows, shown: Shown) -> tuple[LogLikelihood, Floats, Floats]:
    """Return the sum of ln [1 + odds of having left], and its derivatives by past of both days."""
    r, b = params[0], params[3]
    x, first, last = rows.x, rows.first, rows.last
    size, free = shown.size, slice(BUYING, BUYING + shown.slopes.shape[1])
    age, since = shown.past[first], shown.past[last]
    stays, power = x + b, r + x
    stay = None if shown.stay is None else shown.stay[last]
    by = np.empty((size, len(x)))
    odds = odds_left(params, stays, x, age - since, age, by, stay)
    here, there = odds.here, odds.there
    value, weight, rest = odds.summed(rows.customers)
    of_first, of_last = weight * power * (here - there), weight * power * there
    to_first, to_last = shown.slopes[first].T, shown.slopes[last].T
    by[free] = power * ((here - there) * to_first + there * to_last)
    hessian = np.zeros((size, size))
    _of_staying(hessian, by, weight, params, stays, last, shown)
    hessian += (by * rest) @ by.T
    ones = np.ones((1, len(x)))
    at = [1, *range(BUYING, free.stop)]
    until, upto_last = np.vstack([ones, to_first]), np.vstack([ones, to_first - to_last])
    hessian[np.ix_(at, at)] += (upto_last * (weight * power * there**2)) @ upto_last.T
    hessian[np.ix_(at, at)] -= (until * (weight * power * here**2)) @ until.T
    cross = until @ (weight * here) - upto_last @ (weight * there)
    hessian[0, at] += cross
    hessian[at, 0] += cross
    return LogLikelihood(value, by @ weight, hessian), of_first, of_last


def _of_staying(
    hessian: Floats,
    by: Floats,
    weight: Floats,
    params: Floats,
    stays: Floats,
    last: Days,
    shown: Shown,
) -> None:
    """Add the second derivatives of ln (a + (1 - rho) stays) / (rho stays), and fill in delta's."""
    leaves = 1 / by[2]  # a + (1 - rho) stays
    hessian[3, 3] += np.sum(weight / stays**2)
    if shown.stay is None and shown.years is None:
        hessian[2, 2] -= np.sum(weight / leaves**2)
        return
    stay = np.ones_like(stays) if shown.stay is None else shown.stay[last]
    moves = [np.ones_like(stays), 1 - stay]  # of a + (1 - rho) stays, by a and b
    at = [2, 3]
    if shown.years is not None:
        at, years = [2, 3, len(by) - 1], shown.years[last]
        moves.append(stay * stays * years)
        by[-1] = moves[-1] / leaves + years
        hessian[3, -1] += np.sum(weight * stay * years / leaves)
        hessian[-1, 3] = hessian[3, -1]
        hessian[-1, -1] -= np.sum(weight * years * moves[-1] / leaves)
    each = np.stack(moves)
    hessian[np.ix_(at, at)] -= (each * (weight / leaves**2)) @ each.T


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
        past, by_clock = upto(speed)[:-1], upto(speed[:, None] * slopes)[:-1]
        found, worth = of_customers(params, self.rows, Shown(past, by_clock, stay, years))
        found = by_logs(found, params)
        self._add_days(found, slopes, speed, worth, effects)
        value = found.value + float(self.repeats @ logs - effects.leaving * (self.bought @ years))
        found.gradient[LEAVING] -= self.bought @ years
        return LogLikelihood(value + self._prior(found, point), found.gradient, found.hessian)

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
