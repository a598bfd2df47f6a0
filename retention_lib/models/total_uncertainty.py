"""How sure is a total? The spread of its logarithm, from parameters and from customers' chance.

Parameters are known as well as the purchases so far tell them: they are drawn on the log scale,
normal about the estimate with the covariance of the fit (Laplace's approximation). And customers
of known parameters still buy more or less by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from retention_lib.models import purchases_if_alive
from retention_lib.models.gamma_gamma import SpendModel
from retention_lib.models.purchase_model import (
    TRIPLE,
    FitError,
    Floats,
    PurchaseModel,
    quiet,
    state,
    weeks,
)
from retention_lib.models.units import Span

DRAWS = 50
_OF_BUYING, _OF_SPEND = slice(0, 4), slice(4, 8)  # which numbers of a draw are whose
_FIRST = 7  # those from one generator; whatever was added later leaves them as they were
_ENOUGH = 5_000  # triples: more tell no more of how a total varies
_CUT = 0.05  # chance that anybody at all spends more than is allowed for
_NEAR = 1e-4

Figure = TypeVar("Figure")
Buying = TypeVar("Buying", bound=PurchaseModel)


@dataclass(frozen=True)
class TotalUncertainty:
    """The model's own standard deviations of the logarithm of a total.

    ``purchases`` is that of occasions, ``value`` of what they bring, None without a model of spend.
    """

    purchases: float
    value: float | None


# --- draws of parameters ---


def parameter_draws(model: Buying, draws: int, seed: int) -> Iterator[Buying]:
    """Yield the model with parameters as the purchases so far leave them possible.

    The logarithms of the draws have exactly the mean and the covariance of the fit, so that few
    draws give as exact a spread as many do, where a figure is linear in them. Draws of spend of
    the same seed (:func:`spend_draws`) are uncorrelated with them. A ``fitter`` stays as it is.

    Parameters
    ----------
    draws
        At least ten; of two clocks, at least 23.

    Raises
    ------
    FitError
        If the fit does not say how sure its parameters are.
    """
    at, covariance = model.uncertain
    for row in _drawn(model.name, at, covariance, draws, seed, _OF_BUYING):
        yield model.at(row)


def spend_draws(spend: SpendModel, draws: int, seed: int) -> Iterator[SpendModel | None]:
    """Yield the model of spend likewise; None where the draw has no mean spend (q up to 1).

    Raises
    ------
    FitError
        If the fit does not say how sure its parameters are.
    """
    at = np.log([spend.p, spend.q, spend.v])
    if spend.power_ci95:
        at = np.append(at, spend.power)
    for row in _drawn("Gamma-Gamma", at, spend.covariance_log, draws, seed, _OF_SPEND):
        (p, q, v), power = np.exp(row[:3]).tolist(), float(row[3:].sum())
        yield replace(spend, p=p, q=q, v=v, power=power) if q > 1 else None


def _drawn(
    name: str, at: Floats, covariance: Floats | None, draws: int, seed: int, own: slice
) -> Floats:
    """Return draws of numbers that are normal, a row each."""
    if covariance is None or not np.isfinite(covariance).all():
        raise FitError("parameters_unsure", model=name)
    columns = np.arange(own.start, own.stop)
    if len(at) > len(columns):  # a clock's numbers come after those of spend
        columns = np.append(columns, _OF_SPEND.stop + np.arange(len(at) - len(columns)))
    normal = _normal(draws, seed, max(columns.max() + 1, _OF_SPEND.stop))[:, columns[: len(at)]]
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(at + normal * np.sqrt(np.maximum(values, 0)) @ vectors.T)


def _normal(draws: int, seed: int, width: int) -> Floats:
    """Return normal numbers by draw and place: of mean 0, variance 1 and uncorrelated, exactly.

    The first places are the same whatever the width.
    """
    if draws < width + 3:
        raise ValueError(f"at least {width + 3} draws are needed, not {draws}")
    numbers = np.random.default_rng(seed).standard_normal((draws, _FIRST))
    others = np.random.default_rng([seed, 1]).standard_normal((draws, width - _FIRST))
    both = np.column_stack([numbers, others])
    return np.asarray(np.linalg.qr(both - both.mean(axis=0))[0] * np.sqrt(draws))


def over_draws(figure: Callable[..., Figure], *models: Iterator[Any]) -> list[Figure]:
    """Return a figure for each draw of one or more models; draws that give none are left out.

    Parameters
    ----------
    figure
        Takes one draw of each of the models; it may raise FitError.
    models
        As :func:`parameter_draws` and :func:`spend_draws` yield them, of one number of draws.

    Raises
    ------
    FitError
        If over half of the draws give none.
    """
    found, tried = [], 0
    for each in zip(*models, strict=True):
        tried += 1
        if any(one is None for one in each):
            continue
        try:
            found.append(figure(*each))
        except FitError:
            continue
    if 2 * len(found) < max(tried, 1):
        raise FitError("draws_not_finite")
    return found


# --- totals ---


def of_total(
    model: PurchaseModel,
    triples: pd.DataFrame,
    ahead: Span,
    seed: int,
    spend: SpendModel | None = None,
) -> TotalUncertainty:
    """How far may the total of a time ahead be off, if the model is right?

    The variance of the logarithm of a total is that of its expectation over draws of the
    parameters, plus the variance of the total at the estimate over its square.

    Many triples are represented by a part of them (:func:`_representatives`).

    Parameters
    ----------
    triples
        ``frequency``, ``recency_days``, ``T_days``, ``customers``; with ``spend`` also
        ``monetary``, the mean spend per repeat occasion of the triple's customers, who count as
        alike. It may be anything where ``frequency`` is 0.

    Raises
    ------
    FitError
        If nothing is expected of anybody, or over half of the draws give no finite figure.
    """
    expected = _expected(model, spend, triples, ahead)
    _log(expected["customers"] @ expected["value"])
    few = _representatives(expected)
    known = state(few)
    weights = few["weight"].to_numpy()

    def logs(one: PurchaseModel, other: SpendModel | None = None) -> tuple[float, float]:
        each = weights * one.expected_purchases(*known, ahead)
        value = each @ _mean_spend(other, few) if other else 1.0
        return _log(each.sum()), _log(value)

    others = [] if spend is None else [spend_draws(spend, DRAWS, seed)]
    by_draw = np.array(over_draws(logs, parameter_draws(model, DRAWS, seed), *others))
    own = _own_variances(model, spend, few, ahead)
    whole = [weights @ few["purchases"], weights @ few["value"]]
    both = np.sqrt(by_draw.var(axis=0) + [weights @ own[i] / whole[i] ** 2 for i in (0, 1)])
    return TotalUncertainty(float(both[0]), None if spend is None else float(both[1]))


def of_rule(total: float) -> float:
    """Return the spread of ln of a total of which a plain rule expects so much.

    A rule has no parameters; the purchases are as random as a Poisson's.
    """
    if not total > 0:
        raise ValueError("a total of nothing has no logarithm")
    return float(1 / np.sqrt(total))


def _log(total: Any) -> float:
    if not (np.isfinite(total) and total > 0):
        raise FitError("nothing_expected")
    return float(np.log(total))


def _expected(
    model: PurchaseModel, spend: SpendModel | None, triples: pd.DataFrame, ahead: Span
) -> pd.DataFrame:
    """Return the triples with what is expected of one customer of each."""
    purchases = model.expected_purchases(*state(triples), ahead)
    value = purchases * (_mean_spend(spend, triples) if spend else 1.0)
    return triples.assign(purchases=purchases, value=value)


def _mean_spend(spend: SpendModel, triples: pd.DataFrame) -> Floats:
    x = triples["frequency"].to_numpy(dtype=float)
    monetary = np.where(x > 0, triples["monetary"].to_numpy(dtype=float), 0.0)
    return np.asarray(spend.expected_spend(x, monetary))


def _representatives(triples: pd.DataFrame) -> pd.DataFrame:
    """Return at most so many triples, each with how many customers it stands for (``weight``).

    They are taken in even steps along the triples in order, each the likelier the more it adds to
    the totals. So they give the totals at the estimate, and after a change of parameters the
    totals times a mean of ratios that are near one and alike among neighbours: a few thousand
    tell it to more digits than a spread is read to.
    """
    if len(triples) <= _ENOUGH:
        return triples.assign(weight=triples["customers"].astype(float))
    ordered = triples.sort_values([*TRIPLE], ignore_index=True)
    customers = ordered["customers"].to_numpy(dtype=float)
    parts = [customers * ordered[name].to_numpy() for name in ("purchases", "value")]
    size = sum(part / part.sum() for part in parts) / len(parts)
    upto = np.cumsum(size)
    steps = (np.arange(_ENOUGH) + 0.5) / _ENOUGH * upto[-1]
    chosen, times = np.unique(np.searchsorted(upto, steps), return_counts=True)
    weight = customers[chosen] * times / (_ENOUGH * size[chosen])
    return ordered.iloc[chosen].assign(weight=weight)


# --- customers' own chance ---


def _own_variances(
    model: PurchaseModel, spend: SpendModel | None, triples: pd.DataFrame, ahead: Span
) -> tuple[Floats, Floats]:
    """Return the variance of one customer's purchases, and of what they bring, at the estimate."""
    known = state(triples)
    x, _, age = weeks(*known, model.clock)
    time, mean = float(model.clock.ahead(ahead)), triples["purchases"].to_numpy()
    with quiet():
        square = (
            model.p_alive(*known) * purchases_if_alive.second_factorial_moment(model, time, x, age)
            + mean
        )
    purchases = np.maximum(square - mean**2, 0)
    if spend is None:
        return purchases, purchases
    money = (square + mean / spend.p) * _unequal(spend, x, float(triples["weight"].sum())) - mean**2
    return purchases, _mean_spend(spend, triples) ** 2 * np.maximum(money, purchases)


def _unequal(spend: SpendModel, x: Floats, customers: float) -> Floats:
    """Return the mean square of what a customer typically spends, over the square of its mean.

    It is the scale + x m times 1 / g, where g is gamma (p x + q): (p x + q - 1) / (p x + q - 2), without end
    where p x + q is at most 2, since anybody might turn out to spend any amount. There, as
    everywhere, amounts are left out that no customer at all reaches, but for one chance in twenty:
    of a range of 95 % they would not be felt, of a variance they are the most.
    """
    from scipy.special import gammaincc, gammaincinv, gammaln

    a = spend.p * x + spend.q
    a = np.where(np.abs(a - 2) < _NEAR, 2 + _NEAR, a)  # at 2 itself it is 0 / 0
    least = gammaincinv(a, _CUT / max(customers, 1))
    edge = np.exp((a - 2) * np.log(least) - least - gammaln(a))
    return np.asarray((a - 1) ** 2 * (gammaincc(a - 1, least) / (a - 1) - edge) / (a - 2))
