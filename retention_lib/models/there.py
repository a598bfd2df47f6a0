"""How many purchases do customers make who have not left? Their distribution, model by model.

Of a customer who is there today with x repeat purchases in T, the rate is gamma (r + x, alpha + T)
in all models. What may end his purchases is unrelated to it: in BG/NBD and MBG/NBD his chance to
leave at each turn, beta (a, b + turns); in Pareto/NBD the day on which he leaves, of which
((beta + T) / (beta + T + w))^s is the chance that it is later than w from today.
"""

from __future__ import annotations

import numpy as np

from retention_lib.models.beta_geometric import BetaGeometric, _chances_to_leave
from retention_lib.models.buying import Buying, Floats, chunks
from retention_lib.models.nbd import Nbd
from retention_lib.models.pareto import ParetoNbd

__all__ = ["pairs"]


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
    points, weights = _chances_to_leave(a, b + frequency + model.first_turns)
    parts = []
    for power, rates, at in chunks(r + x, share, which.astype(float), size=512):
        p = points[at.astype(np.intp)]
        u = p * rates[:, None]
        none_or_one = -power[:, None] * np.log1p(u) + np.log1p(power[:, None] * u / (1 + u))
        several = -np.expm1(none_or_one) / np.maximum(p, 1e-150) ** 2
        # where rounding leaves nothing of it, two purchases are as rare as of who never leaves
        rare = (power * (power + 1) / 2 * rates**2)[:, None]
        two = np.where(power[:, None] * u > 1e-5, several, rare)
        parts.append(np.sum(weights[at.astype(np.intp)] * 2 * (1 - p) * two, axis=1))
    return np.concatenate(parts)


def _square_of_time_left(model: ParetoNbd, ahead: float, age: Floats) -> Floats:
    """Return the mean square of the share of the time ahead for which customers stay."""
    from scipy.special import exprel

    s, later = model.params["s"], model.params["beta"] + age
    span = np.log1p(ahead / later)
    return np.asarray(
        2 * (later / ahead) ** 2 * span * (exprel((2 - s) * span) - exprel((1 - s) * span))
    )
