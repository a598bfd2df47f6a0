"""How many purchases do customers make who have not left? Their distribution, model by model.

Of a customer who is there today with x repeat purchases in T, the rate is gamma (r + x, alpha + T)
in all models. What may end his purchases is unrelated to it: in BG/NBD and MBG/NBD his chance to
leave at each turn, beta (a, b + turns); in Pareto/NBD the day on which he leaves, of which
((beta + T) / (beta + T + w))^s is the chance that it is later than w from today.
"""

from __future__ import annotations

import numpy as np

from retention_lib.models.beta_geometric import BetaGeometric, chances_to_leave
from retention_lib.models.buying import Buying, Floats, chunks
from retention_lib.models.nbd import Nbd
from retention_lib.models.pareto import ParetoNbd

__all__ = ["at_least", "pairs"]

_POINTS = 64  # of Gauss and Legendre's quadrature
_ROWS = 512  # customers at a time
_FAR = 6, 16  # standard deviations, and powers of e, beyond which a density is left out


def at_least(model: Buying, numbers: Floats, ahead: float, x: Floats, age: Floats) -> Floats:
    """Return the chance that a customer who is there makes at least so many purchases.

    Parameters
    ----------
    numbers
        From 1 on; they, ``x`` and ``age`` are broadcast together.
    ahead, age
        In weeks.

    Raises
    ------
    TypeError
        Of a model that is none of BG/NBD, MBG/NBD, Pareto/NBD and NBD.
    """
    from scipy.special import betainc, betaln

    if isinstance(model, ParetoNbd):
        each = np.broadcast_arrays(numbers, x, age)
        parts = [_before_leaving(model, ahead, *rows) for rows in chunks(*map(np.ravel, each))]
        return np.concatenate(parts).reshape(each[0].shape)
    shape, later = model.params["r"] + x, model.params["alpha"] + age
    bought = betainc(numbers, shape, ahead / (later + ahead))
    if isinstance(model, Nbd):
        return np.asarray(bought)
    if isinstance(model, BetaGeometric):
        a, stays = model.params["a"], model.params["b"] + x + model.first_turns
        # the mean of (1 - p)^(n - 1): he has stayed at each purchase but the last
        return np.asarray(bought * np.exp(betaln(a, stays + numbers - 1) - betaln(a, stays)))
    raise TypeError(f"{model.name} has no distribution of purchases here")


def _before_leaving(
    model: ParetoNbd, ahead: float, numbers: Floats, x: Floats, age: Floats
) -> Floats:
    """Return the chance that the n-th purchase comes within the time ahead, and before he leaves.

    The n-th purchase of who never leaves comes after w, where w / (alpha + T + w) is beta (n, R),
    R being r + x; the chance to be there then is ((beta + T) / (beta + T + w))^s. Their product is
    integrated over the logit of that share, z = ln w / (alpha + T), where it has one smooth hump.
    """
    from scipy.special import betaln

    s, shape = model.params["s"], model.params["r"] + x
    here, there = model.params["alpha"] + age, model.params["beta"] + age
    top, width = np.log(numbers / shape), np.sqrt(1 / numbers + 1 / shape)
    until = np.log(ahead / here)
    deviations, powers = _FAR
    last = np.minimum(until, top + deviations * width + powers / shape)
    first = np.minimum(until, top) - deviations * width - powers / numbers
    points, weights = np.polynomial.legendre.leggauss(_POINTS)
    half = (last - first) / 2
    z = first[:, None] + half[:, None] * (points + 1)
    w = np.exp(z) * (here / there)[:, None]
    logs = -numbers[:, None] * np.logaddexp(0, -z) - shape[:, None] * np.logaddexp(0, z)
    logs -= s * np.log1p(w) + betaln(numbers, shape)[:, None]
    return np.asarray(half * (np.exp(logs) @ weights))


def pairs(model: Buying, ahead: float, x: Floats, age: Floats) -> Floats:
    """Return the mean of N (N - 1) of customers who are there, N being their purchases.

    With the mean of N it gives the variance.

    Parameters
    ----------
    ahead, age
        In weeks.

    Raises
    ------
    TypeError
        Of a model that is none of BG/NBD, MBG/NBD, Pareto/NBD and NBD.
    """
    shape, share = model.params["r"] + x, ahead / (model.params["alpha"] + age)
    if isinstance(model, BetaGeometric):
        return _pairs_of_turns(model, share, x)
    if isinstance(model, ParetoNbd):
        return np.asarray(shape * (shape + 1) * share**2 * _square_of_time_left(model, ahead, age))
    if isinstance(model, Nbd):
        return np.asarray(shape * (shape + 1) * share**2)
    raise TypeError(f"{model.name} has no distribution of purchases here")


def _pairs_of_turns(model: BetaGeometric, share: Floats, x: Floats) -> Floats:
    """Return the mean over p of 2 (1 - p) [1 - (1 + u)^-R (1 + R u / (1 + u))] / p^2.

    R is r + x and u is p times ``share``. Of rate L and chance to leave p, N is the lesser of a
    Poisson number and a geometric one, so P(N >= n) = (1 - p)^(n - 1) P(Poisson >= n), whose sum
    over 2 (n - 1) is 2 (1 - p) [1 - exp(-p L t) (1 + p L t)] / p^2. The mean over L is written
    out, that over p is taken by quadrature, once per distinct x.
    """
    r, a, b = (model.params[key] for key in ("r", "a", "b"))
    frequency, which = np.unique(x, return_inverse=True)
    points, weights = chances_to_leave(a, b + frequency + model.first_turns)
    found = np.empty(len(x))
    for start in range(0, len(x), _ROWS):
        rows = slice(start, start + _ROWS)
        p, power, rates = points[which[rows]], (r + x[rows])[:, None], share[rows][:, None]
        u = p * rates
        none_or_one = -power * np.log1p(u) + np.log1p(power * u / (1 + u))
        several = -np.expm1(none_or_one) / np.maximum(p, 1e-150) ** 2
        # where rounding leaves nothing of it, two purchases are as rare as of who never leaves
        two = np.where(power * u > 1e-7, several, power * (power + 1) / 2 * rates**2)
        found[rows] = np.sum(weights[which[rows]] * 2 * (1 - p) * two, axis=1)
    return found


def _square_of_time_left(model: ParetoNbd, ahead: float, age: Floats) -> Floats:
    """Return the mean square of the share of the time ahead for which customers stay."""
    from scipy.special import exprel

    s, later = model.params["s"], model.params["beta"] + age
    span = np.log1p(ahead / later)
    return np.asarray(
        2 * (later / ahead) ** 2 * span * (exprel((2 - s) * span) - exprel((1 - s) * span))
    )
