"""BG/NBD and MBG/NBD: customers buy at random, and may leave whenever they have bought.

Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24 (2),
FHL below; Batislam, Denizel and Filiztekin (2007), International Journal of Research in Marketing
24 (3). The two differ in one thing only: how many chances to leave, ``turns``, a customer has had:
one after each of x repeat purchases, and in MBG/NBD one after the first purchase as well.

A customer's rate is gamma (r, alpha), the chance to leave at each turn is beta (a, b).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from retention_lib.models import chebyshev, nbd
from retention_lib.models.churn_model import ChurnModel, Days, Likelihood
from retention_lib.models.newton import LogLikelihood
from retention_lib.models.purchase_model import Floats, chunks, summed

_POINTS = 40  # of the quadrature over the chance to leave, in each unit


@dataclass(frozen=True)
class BetaGeometric(ChurnModel):
    """BG/NBD or MBG/NBD; ``alpha`` is in weeks."""

    parameters = ("r", "alpha", "a", "b")
    first_turns: ClassVar[int]

    @classmethod
    def likelihood(cls, days: Days, customers: Floats, unit: float) -> Likelihood:
        """Return the log-likelihood of parameters (:meth:`ChurnModel.likelihood`)."""
        known = Counts.of(days, customers, unit, cls.first_turns)
        return lambda params: log_likelihood(params, known, cls.first_turns)

    def _expected_if_alive(self, ahead: Floats, x: Floats, age: Floats) -> Any:
        turns = x + self.first_turns
        return expected_if_alive(self._values, ahead, x, turns, age, self.clock.stay_now)

    def _alive(self, x: Floats, t_x: Floats, age: Floats) -> Any:
        from scipy.special import expit

        turns = x + self.first_turns
        stays, stay = self.params["b"] + np.maximum(turns, 1) - 1, self.clock.stay(age - t_x)
        odds = _log_odds_left(self._values, stays, x, t_x, age, stay)
        return np.where(turns > 0, expit(-odds), 1.0)

    def _buys_nothing(self, ahead: float, x: Floats, t_x: Floats, age: Floats) -> Any:
        # customers leave at a purchase only, so until the next one the living stay; their
        # rate is gamma (r + x, alpha + T), which gives its Laplace transform here
        r, alpha = self._values[:2]
        return np.exp(-(r + x) * np.log1p(ahead / (alpha + age)))


# --- the likelihood ---


@dataclass(frozen=True)
class Counts:
    """What the likelihood needs to know: few numbers by x, few by T, and who may have left.

    ``frequency``, ``bought``: the distinct x and how many customers have each. ``ages``, ``aged``,
    ``purchases``: the distinct T, how many customers have each, and their repeat purchases.
    ``x``, ``t_x``, ``age``, ``customers``: those who may have left, one-time buyers of a T once.
    """

    frequency: Floats
    bought: Floats
    ages: Floats
    aged: Floats
    purchases: Floats
    x: Floats
    t_x: Floats
    age: Floats
    customers: Floats

    @classmethod
    def of(
        cls, days: tuple[Floats, Floats, Floats], customers: Floats, unit: float, first_turns: int
    ) -> Counts:
        """Count customers of x, t_x and T; the latter two become multiples of so many days."""
        x, t_x, age = days
        frequency, [bought] = summed(x, customers)
        ages, [aged, purchases] = summed(age, customers, customers * x)
        again = np.flatnonzero(x > 0)
        may = [column[again] for column in (x, t_x, age, customers)]
        if first_turns:
            since, [once] = summed(age, customers * (x == 0))
            never = np.zeros_like(since)
            may = [
                np.append(one, two)
                for one, two in zip(may, (never, never, since, once), strict=True)
            ]
        x, t_x, age, customers = may
        return cls(
            frequency, bought, ages / unit, aged, purchases, x, t_x / unit, age / unit, customers
        )


def log_likelihood(params: Floats, counts: Counts, first_turns: int) -> LogLikelihood:
    """Return the log-likelihood (FHL, equation 6), with derivatives by r, alpha, a, b.

    It is the sum over customers of ln [gamma(r + x) / gamma(r) alpha^r / (alpha + T)^(r + x)],
    which is NBD's, of ln [B(a, b + turns) / B(a, b)], of staying each time, and of
    ln [1 + odds of having left at the last turn].
    """
    by_x = by_frequency(params, counts.frequency, counts.bought, first_turns)
    parts = [by_x, _by_age(params, counts)]
    for rows in chunks(counts.x, counts.t_x, counts.age, counts.customers):
        parts.append(_left_or_not(params, first_turns, *rows))
    return LogLikelihood.sum(parts)


def by_frequency(params: Floats, x: Floats, customers: Floats, first_turns: int) -> LogLikelihood:
    """Return what depends on x alone: ln gamma(r + x) / gamma(r) and ln B(a, b + turns) / B(a, b).

    The latter is ln b (b + 1) ... (b + turns - 1) - ln (a + b) ... (a + b + turns - 1).

    Parameters
    ----------
    x, customers
        Each distinct frequency, and how many have it.
    """
    from scipy.special import polygamma, psi

    r, _, a, b = params
    turns = x + first_turns

    def derivatives(base: float, steps: Floats) -> tuple[float, float, float]:
        """Return the sum over customers of ln gamma(base + steps) / gamma(base)."""
        return (
            float(customers @ nbd.log_rising(base, steps)),
            float(customers @ (psi(base + steps) - psi(base))),
            float(customers @ (polygamma(1, base + steps) - polygamma(1, base))),
        )

    of_r, of_b, of_both = derivatives(r, x), derivatives(b, turns), derivatives(a + b, turns)
    gradient = np.array([of_r[1], 0, -of_both[1], of_b[1] - of_both[1]])
    hessian = np.zeros((4, 4))
    hessian[0, 0] = of_r[2]
    hessian[2:, 2:] = -of_both[2]
    hessian[3, 3] += of_b[2]
    return LogLikelihood(of_r[0] + of_b[0] - of_both[0], gradient, hessian)


def _by_age(params: Floats, counts: Counts) -> LogLikelihood:
    """Return what is linear in x at each T: r ln alpha - (r + x) ln (alpha + T)."""
    r, alpha = params[:2]
    age, customers, purchases = counts.ages, counts.aged, counts.purchases
    powers, later = r * customers + purchases, alpha + age
    grown = np.log1p(age / alpha)
    gradient = np.array(
        [-customers @ grown, customers.sum() * r / alpha - np.sum(powers / later), 0, 0]
    )
    hessian = np.zeros((4, 4))
    hessian[0, 1] = hessian[1, 0] = customers @ (age / later) / alpha
    hessian[1, 1] = np.sum(powers / later**2) - customers.sum() * r / alpha**2
    return LogLikelihood(
        float(-r * (customers @ grown) - purchases @ np.log(later)), gradient, hessian
    )


def _left_or_not(
    params: Floats, first_turns: int, x: Floats, t_x: Floats, age: Floats, customers: Floats
) -> LogLikelihood:
    """Return the sum of ln [1 + odds of having left], by the logarithm of the odds."""
    by = np.empty((4, len(x)))
    odds = odds_left(params, x + (params[3] + first_turns - 1), x, t_x, age, by)
    value, weight, rest = odds.summed(customers)
    hessian = (by * rest) @ by.T
    hessian[0, 1] += weight @ odds.by_rate
    hessian[1, 0] = hessian[0, 1]
    hessian[1, 1] -= weight @ (by[1] * (odds.here + odds.there))
    hessian[2, 2] -= weight.sum() / params[2] ** 2
    hessian[3, 3] += weight @ by[3] ** 2
    return LogLikelihood(value, by @ weight, hessian)


@dataclass(frozen=True)
class Odds:
    """The logarithms of the odds of having left, and what their derivatives are made of.

    ``here`` and ``there`` are 1 / (alpha + T) and 1 / (alpha + t_x), ``by_rate`` their difference.
    """

    logs: Floats
    here: Floats
    there: Floats
    by_rate: Floats

    def summed(self, customers: Floats) -> tuple[float, Floats, Floats]:
        """Return the sum of ln [1 + odds], and its first and second derivatives by the logs."""
        small = np.exp(-np.abs(self.logs))
        left = np.where(self.logs > 0, 1, small) / (1 + small)
        value = customers @ (np.maximum(self.logs, 0) + np.log1p(small))
        weight = customers * left
        return float(value), weight, weight * (1 - left)


def odds_left(
    params: Floats,
    stays: Floats,
    x: Floats,
    t_x: Floats,
    age: Floats,
    by: Floats,
    stay: Floats | None = None,
) -> Odds:
    """Return the odds of having left at the last turn, and write their derivatives.

    The chance to leave at it is beta (a, stays) as far as it tells, and the chance to stay was
    multiplied by ``stay`` (None: by 1), so that the odds are
    (a + (1 - stay) stays) / (stay stays) ((alpha + T) / (alpha + t_x))^(r + x).

    Parameters
    ----------
    stays
        b + turns - 1.
    by
        Its first four rows are filled with the derivatives of the logs by r, alpha, a and b.
    """
    r, alpha, a, _ = params
    power, silence = r + x, age - t_x
    here, there = 1 / (alpha + age), 1 / (alpha + t_x)
    by_rate = -silence * here * there  # by alpha, per r + x
    np.log1p(silence * there, out=by[0])
    np.multiply(power, by_rate, out=by[1])
    np.divide(-1, stays, out=by[3])
    if stay is None:
        by[2] = 1 / a
        return Odds(np.log(-a * by[3]) + power * by[0], here, there, by_rate)
    leaves = a + (1 - stay) * stays
    logs = np.log(leaves) - np.log(stay * stays) + power * by[0]
    np.divide(1, leaves, out=by[2])
    by[3] += (1 - stay) * by[2]
    return Odds(logs, here, there, by_rate)


def _log_odds_left(
    params: Floats, stays: Floats, x: Floats, t_x: Floats, age: Floats, stay: Floats
) -> Floats:
    """Return the logarithms of :func:`odds_left`, of customers who have had a turn."""
    r, alpha, a, _ = params
    odds = (a + (1 - stay) * stays) / (stay * stays)
    return np.asarray(np.log(odds) + (r + x) * np.log1p((age - t_x) / (alpha + t_x)))


# --- what is expected ---


def expected_if_alive(
    params: Floats, ahead: Floats, x: Floats, turns: Floats, age: Floats, stay: float = 1.0
) -> Floats:
    """Return the purchases expected of customers who are alive, for each time ahead.

    A customer of rate L and chance to leave p makes (1 - exp(-p L t)) / p purchases in t. L is
    gamma (r + x, alpha + T), which leaves the mean over p, beta (a, b + turns), of
    (1 - (1 + p t / (alpha + T))^-(r + x)) / p. Solved, it is FHL's equation 10 over P(alive), whose
    Gauss function overflows for frequent buyers and whose a - 1 may be 0; so the mean is taken by
    quadrature, once per distinct x at points between which it is interpolated.

    Where the chance to stay is multiplied by a factor, p is 1 - (1 - p) ``stay`` in it.

    Parameters
    ----------
    ahead
        Times ahead, in the unit of alpha; the result's first axis.
    stay
        At most 1.
    """
    r, alpha, a, b = params
    frequency, which = np.unique(x, return_inverse=True)
    stays = b + np.unique(turns)
    power = r + frequency
    time = np.reshape(ahead, (-1, 1)) / (alpha + age)
    # in this unit of time the mean falls about alike for rare and for frequent buyers
    unit = np.maximum(1, power * (stay / stays + (1 - stay)))

    def share(grid: Floats) -> Floats:
        """Return the mean over (r + x) t, at each ln (1 + unit t) and x."""
        return _mean_share(a, stays, power, np.expm1(grid)[:, None] / unit, stay)

    at = np.log1p(time * unit[which])
    if not (at.size and np.isfinite(at).all()):
        return np.full(time.shape, np.nan)
    table = chebyshev.fit(share, float(at.max()))
    return np.asarray(power[which] * time * table(at, which))


def _mean_share(a: float, stays: Floats, power: Floats, time: Floats, stay: float) -> Floats:
    """Return the mean of (1 - (1 + k t)^-power) / (k t power), k being 1 - (1 - p) stay.

    The chance p is beta (a, stays).

    Parameters
    ----------
    stays, power
        One for each x.
    time
        Times t by point and x; so is the result.
    """
    p, weights = chances_to_leave(a, stays)
    leaves = p * stay + (1 - stay)
    found = np.empty_like(time)
    for point, t in enumerate(time):
        small = np.maximum(leaves * t[:, None], 1e-300)
        bought = -np.expm1(-power[:, None] * np.log1p(small))
        found[point] = np.sum(weights * bought / small, axis=1) / power
    return found


def chances_to_leave(a: float, stays: Floats) -> tuple[Floats, Floats]:
    """Return points p and weights, a row for each x, for means over p, beta (a, stays).

    They are trapezoids over s, where ln p / (1 - p) = top + width sinh s: doubly exponential
    quadrature (Takahasi and Mori 1974), close to exact however p crowds at 0, at 1 or between.
    """
    spread = np.sqrt(1 / a + 1 / stays)
    width = np.minimum(np.pi, spread)
    left, right = (50 / rate + 10 * spread for rate in (a, stays))  # beyond, less than e^-50
    first, last = -np.arcsinh(left / width).max(), np.arcsinh(right / width).max()
    s = np.arange(np.floor(_POINTS * first), np.ceil(_POINTS * last) + 1) / _POINTS
    logit = np.log(a / stays)[:, None] + np.outer(width, np.sinh(s))
    log_p, log_not = -np.logaddexp(0, -logit), -np.logaddexp(0, logit)
    logs = a * log_p + stays[:, None] * log_not + np.log(np.cosh(s))
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.exp(log_p), weights / weights.sum(axis=1, keepdims=True)
