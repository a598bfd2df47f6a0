"""How many purchases do customers make if they are alive? Their distribution, model by model.

The rate of a customer who is alive today, with x repeat purchases in T, is gamma (r + x, alpha + T)
in all models. What ends the purchases is independent of it: in BG/NBD and MBG/NBD the chance to
leave at each turn, beta (a, b + turns); in Pareto/NBD the day of leaving, which is later than w
from today with the chance ((beta + T) / (beta + T + w))^s.
"""

from __future__ import annotations

import numpy as np

from retention_lib.models.beta_geometric import BetaGeometric, chances_to_leave
from retention_lib.models.nbd import Nbd
from retention_lib.models.pareto import ParetoNbd
from retention_lib.models.purchase_model import Floats, PurchaseModel, chunks

_POINTS = 48  # of Gauss and Legendre's quadrature
_ROWS = 512  # customers at a time
_GONE = 16.0  # logarithm of a density that may be left out


def at_least(model: PurchaseModel, numbers: Floats, ahead: float, x: Floats, age: Floats) -> Floats:
    """Return the chance that a customer who is alive makes at least so many purchases.

    Parameters
    ----------
    numbers
        From 1 on; they, ``x`` and ``age`` are broadcast together.
    ahead, age
        In weeks of the model's clock.

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
        # the mean of ((1 - p) stay)^(n - 1): staying at each purchase but the last
        kept = betaln(a, stays + numbers - 1) - betaln(a, stays)
        return np.asarray(bought * np.exp(kept + (numbers - 1) * np.log(model.clock.stay_now)))
    raise TypeError(f"{model.name} has no distribution of purchases here")


def _before_leaving(
    model: ParetoNbd, ahead: float, numbers: Floats, x: Floats, age: Floats
) -> Floats:
    """Return the chance of the n-th purchase within the time ahead, and before the customer leaves.

    The n-th purchase of one who never leaves comes after w, where w / (alpha + T + w) is
    beta (n, R), R being r + x; the chance to be alive then is ((beta + T) / (beta + T + w))^s. The
    product of the two is integrated over ln (c + w), where c is the lesser of alpha + T and beta + T: there it is
    one smooth hump. It begins and ends where all but e^-16 of a beta's density is within.
    """
    from scipy.special import betaln

    s, shape = model.params["s"], model.params["r"] + x
    here, there = model.params["alpha"] + age, model.params["beta"] + age
    before, after = (_GONE / one + np.sqrt(2 * _GONE / one) for one in (numbers, shape))
    first = numbers / (shape + s * here / there) * np.exp(-before) / (1 + after)
    last = np.minimum(numbers / shape * np.exp(np.minimum(after, 500)) * (1 + before), ahead / here)
    first = np.minimum(first, last * np.exp(-before) / (1 + after))
    lesser = np.minimum(here, there)
    begin, end = np.log1p(first * here / lesser), np.log1p(last * here / lesser)
    points, weights = np.polynomial.legendre.leggauss(_POINTS)
    half = (end - begin) / 2
    w = lesser[:, None] * np.expm1(begin[:, None] + half[:, None] * (points + 1))
    logs = (numbers - 1)[:, None] * np.log(w / (here[:, None] + w))
    logs -= (shape + 1)[:, None] * np.log1p(w / here[:, None])
    logs -= s * np.log1p(w / there[:, None]) + betaln(numbers, shape)[:, None]
    each = np.exp(logs) * (lesser[:, None] + w) / here[:, None]
    return np.asarray(half * (each @ weights))


def second_factorial_moment(model: PurchaseModel, ahead: float, x: Floats, age: Floats) -> Floats:
    """Return the mean of N (N - 1) of customers who are alive, N being their purchases.

    With the mean of N it gives the variance.

    Parameters
    ----------
    ahead, age
        In weeks of the model's clock.

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
    out, that over p is taken by quadrature, once per distinct x. With a clock, p is what it makes
    of the chance to leave today.
    """
    r, a, b = (model.params[key] for key in ("r", "a", "b"))
    frequency, which = np.unique(x, return_inverse=True)
    points, weights = chances_to_leave(a, b + frequency + model.first_turns)
    points = points * model.clock.stay_now + (1 - model.clock.stay_now)
    found = np.empty(len(x))
    for start in range(0, len(x), _ROWS):
        rows = slice(start, start + _ROWS)
        p, power, rates = points[which[rows]], (r + x[rows])[:, None], share[rows][:, None]
        u = p * rates
        none_or_one = -power * np.log1p(u) + np.log1p(power * u / (1 + u))
        several = -np.expm1(none_or_one) / np.maximum(p, 1e-150) ** 2
        # where rounding leaves nothing of it, two purchases are as rare as for one who never leaves
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
