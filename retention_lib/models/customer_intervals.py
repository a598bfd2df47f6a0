"""What may one customer do? The distribution of purchases ahead, and of what they bring.

A customer is alive with P(alive); :mod:`purchases_if_alive` says how likely at least n purchases
are then. By Gamma-Gamma what n purchases bring is (V + x m) times a beta prime (p n, p x + q)
variable, V being the scale of customers of x (Fader and Hardie 2013: each is gamma (p, nu), nu is
gamma (p x + q, V + x m) given the x purchases of mean m). So its ratio to the expected spend per purchase depends on x and n alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention_lib.models import purchases_if_alive
from retention_lib.models.gamma_gamma import SpendModel
from retention_lib.models.purchase_model import Floats, PurchaseModel, quiet, state, weeks
from retention_lib.models.units import Span

_MANY = 10_000  # pairs of frequency and T beyond which near ones are taken together
_STEP = 0.02  # of the logarithms of frequency and T then: at most 1 % off
_ALL = 128  # numbers of purchases up to which each is looked at, then steps of less than 2 %
_RARE = 0.01  # of the chance left out at an end of a range: how likely the last number still is
_MOST = 1e15  # purchases
_AMOUNTS = 96, 512  # between which what is spent is interpolated: as many at least, at most

# the chance that a customer who is alive makes at least so many purchases, by place and number
AtLeast = Callable[[float, Floats, Floats], Floats]


def ranges(
    model: PurchaseModel | None,
    triples: pd.DataFrame,
    ahead: Span,
    spend: SpendModel | None = None,
    level: float = 0.9,
) -> pd.DataFrame:
    """Within which range will a customer's purchases in a time ahead be, and what they bring?

    Over 128 purchases the range may be 2 % too wide. Of many different customers the expected
    purchases may be 2 % off, since those who are nearly alike are taken together. Amounts are
    good to about .5 %.

    Parameters
    ----------
    model
        None of a plain rule: customers are then Poisson.
    triples
        ``frequency``, ``recency_days``, ``T_days``; of a rule ``frequency`` and
        ``expected_purchases``, those of the time ahead.
    spend
        None if all spend the mean: what they bring is then known from the purchases.
    level
        The chance to be within: fewer, and more, each have at most half of what is left.

    Returns
    -------
    pandas.DataFrame
        As ``triples`` are indexed:

        - purchases_low, purchases_high: occasions, whole numbers
        - worth_low, worth_high: what they bring, in multiples of the customer's expected spend per
          occasion
    """
    x = triples["frequency"].to_numpy(dtype=float)
    chance, place, offset = _forecast(model, triples, ahead)
    alive = np.ones(len(triples)) if model is None else model.p_alive(*state(triples))
    beyond = (1 - level) / 2
    found = np.zeros((4, len(triples)))
    with quiet():
        for rows, group in _groups(x, place, offset, chance, beyond):
            found[:2, rows] = group.purchases(alive[rows], beyond)
            found[2:, rows] = group.worth(alive[rows], beyond, spend) if spend else found[:2, rows]
    low, high = found[:2].astype(np.int64)
    columns = {"purchases_low": low, "purchases_high": high}
    return pd.DataFrame(
        {**columns, "worth_low": found[2], "worth_high": found[3]}, index=triples.index
    )


def _forecast(
    model: PurchaseModel | None, triples: pd.DataFrame, ahead: Span
) -> tuple[AtLeast, Floats, float]:
    """Return the chance of at least n purchases by x and place, the places, and an offset.

    The place is T in the model's weeks, of a rule the mean. What is expected changes like the offset plus it.
    """
    if model is None:
        from scipy.special import gammainc

        means = triples["expected_purchases"].to_numpy(dtype=float)
        return (lambda x, mean, number: np.asarray(gammainc(number, mean))), means, 1e-3
    time = float(model.clock.ahead(ahead))
    _, _, age = weeks(*state(triples), model.clock)
    offset = min(model.params[name] for name in ("alpha", "beta") if name in model.params)

    def chance(x: float, age: Floats, number: Floats) -> Floats:
        return purchases_if_alive.at_least(model, number, time, np.asarray(x), age)

    return chance, age, offset


# --- customers of one frequency ---


@dataclass(frozen=True)
class _Group:
    """Customers of one frequency: the chance of at least so many purchases, if they are alive.

    ``chances`` has a row for each place, a column for each of the ``numbers``; ``at`` is the row
    of each customer.
    """

    x: float
    numbers: Floats
    chances: Floats
    at: NDArray[np.intp]

    def purchases(self, alive: Floats, beyond: float) -> tuple[Floats, Floats]:
        """Return the least and the greatest number of purchases."""
        low = _columns_above(self.chances, self.at, alive, np.nextafter(1 - beyond, 0))
        high = _columns_above(self.chances, self.at, alive, beyond)
        return np.append(0, self.numbers)[low], self.numbers[high] - 1

    def worth(self, alive: Floats, beyond: float, spend: SpendModel) -> tuple[Floats, Floats]:
        """Return the least and the greatest amount, in multiples of the expected spend."""
        from scipy.special import betainc

        p, a = spend.p, spend.p * self.x + spend.q
        last = self.numbers[
            _columns_above(self.chances, np.arange(len(self.chances)), 1, beyond / 2)
        ]
        logs = _amounts(p, a, last.max(), beyond)
        # between two of the numbers, the purchases count as their middle
        middle = np.append((self.numbers[:-1] + self.numbers[1:] - 1) / 2, self.numbers[-1])
        exactly = -np.diff(self.chances, axis=1, append=0)
        more = exactly @ betainc(a, p * middle[:, None], 1 / (1 + np.exp(logs)))
        nothing = alive * self.chances[self.at, 0]
        low, high = (
            np.where(nothing > part, _crossing(logs, more, self.at, alive, part), 0)
            for part in (1 - beyond, beyond)
        )
        return low * (a - 1) / p, high * (a - 1) / p


def _groups(
    x: Floats, place: Floats, offset: float, chance: AtLeast, beyond: float
) -> Iterator[tuple[NDArray[np.intp], _Group]]:
    """Yield the rows of the customers of each frequency, and what they may buy.

    If there are many pairs of frequency and place, those that differ by less than 2 % are taken
    together.
    """
    if len(pd.MultiIndex.from_arrays([x, place]).unique()) > _MANY:
        x = np.where(x * _STEP > 1, np.rint(_rounded(x, 1.0)), x)
        place = np.maximum(_rounded(place, offset), 0)
    which, frequencies = pd.factorize(x)
    order, counts = np.argsort(which, kind="stable"), np.bincount(which)
    for frequency, count, end in zip(frequencies, counts, np.cumsum(counts), strict=True):
        rows = order[end - count : end]
        places, at = np.unique(place[rows], return_inverse=True)
        some = partial(chance, float(frequency), places[:, None])
        numbers = _numbers(some, _RARE * beyond)
        yield rows, _Group(float(frequency), numbers, some(numbers), at)


def _rounded(values: Floats, offset: float) -> Floats:
    """Return values so rounded that offset and value together are at most 1 % off."""
    return np.asarray(np.exp(np.rint(np.log(offset + values) / _STEP) * _STEP) - offset)


def _numbers(chance: Callable[[Floats], Floats], rare: float) -> Floats:
    """Return numbers of purchases from 1 on, up to one that hardly anybody reaches."""
    last = 2.0
    while chance(np.array([last])).max() > rare and last < _MOST:
        last *= 2
    numbers = [np.arange(1, min(last, _ALL) + 1)]
    while numbers[-1][-1] < last:  # from one power of two to the next in as many steps
        step = numbers[-1][-1] / (_ALL / 2)
        numbers.append(numbers[-1][-1] + step * np.arange(1, _ALL / 2 + 1))
    return np.concatenate(numbers).astype(float)


def _columns_above(
    table: Floats, rows: NDArray[np.intp], factor: Floats | int, level: float
) -> NDArray[np.intp]:
    """Return how many columns of a row, which falls, are above a level when times a factor."""
    least, most = np.zeros(len(rows), dtype=np.intp), np.full(len(rows), table.shape[1])
    for _ in range(table.shape[1].bit_length()):
        middle = np.minimum((least + most) // 2, table.shape[1] - 1)
        above = (factor * table[rows, middle] > level) & (least < most)
        least = np.where(above, middle + 1, least)
        most = np.where(above, most, middle)
    return least


# --- amounts ---


def _amounts(p: float, a: float, most: float, beyond: float) -> Floats:
    """Return logarithms of amounts, in units of V + x m, from next to nothing to nearly the most.

    Beyond the last lies half of what is beyond a range: it takes ``most`` purchases or more,
    or fewer that bring more. How much many purchases bring is known the better in
    proportion, as the root of their number: the amounts are as many more.
    """
    from scipy.special import betaincinv

    least = betaincinv(p, a, 1e-4)
    less = betaincinv(a, p * most, beyond / 2)
    few, many = _AMOUNTS
    number = int(np.clip(few * np.sqrt(most / _ALL), few, many))
    return np.linspace(np.log(least / (1 - least)), np.log((1 - less) / less), number)


def _crossing(
    logs: Floats, table: Floats, rows: NDArray[np.intp], factor: Floats, level: float
) -> Floats:
    """Return the amount at which a row, which falls, times a factor comes down to a level."""
    column = np.clip(_columns_above(table, rows, factor, level), 1, len(logs) - 1)
    before, after = factor * table[rows, column - 1], factor * table[rows, column]
    part = (before - level) / np.where(before > after, before - after, 1)
    return np.asarray(np.exp(logs[column - 1] + np.clip(part, 0, 1) * (logs[1] - logs[0])))
