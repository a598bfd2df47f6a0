"""What the models of purchases share: time in weeks, checked predictions, and the gate on a fit.

Time cannot be mixed up (days come in, the models think in weeks of seven days), counts may be
weighted, and a fit which did not work says so.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from retention_lib.models.clock import EVEN, Clock
from retention_lib.models.units import DAYS_PER_WEEK, AnnualRate, Span

Floats = NDArray[np.float64]

TRIPLE = ("frequency", "recency_days", "T_days")
MINIMUM_REPEAT_BUYERS = 30  # of whom fewer carry no model
START = 0.1  # the logarithm each parameter's search starts from, as lifetimes does
_LARGEST_RELATIVE_ERROR = 10  # beyond it a parameter is not told from zero or infinity
_MANY = 100_000  # whole numbers up to it are counted by place
_DUST = 1e-9  # what rounding may leave a chance beyond 0 or 1


class FitError(Exception):
    """A model could not be fitted: a code says why, and the numbers and names that go with it."""

    def __init__(self, code: str, **facts: float | str) -> None:
        super().__init__(" ".join(map(str, [code, *facts.values()])))
        self.code, self.facts = code, facts


class BoundaryError(FitError):
    """The likelihood rises towards a bound, where the model becomes a simpler one.

    ``reached`` is the log-likelihood on the way there.
    """

    def __init__(self, code: str, reached: float = np.nan, **facts: float | str) -> None:
        super().__init__(code, **facts)
        self.reached = reached


@dataclass(frozen=True)
class PurchaseModel(ABC):
    """A fitted model of purchases; parameters that are times are in weeks.

    ``covariance_log`` is the covariance of the logarithms of the parameters, in their order: the
    inverse of the curvature of the log-likelihood. Draws of parameters are to be made by it, since
    a logarithm's distribution is the closer to normal. None of a model that was not fitted.
    ``clock`` is the one that its weeks are counted by, ``parts`` what of it was fitted.
    """

    name: ClassVar[str]

    params: dict[str, float]
    standard_errors: dict[str, float]
    log_likelihood: float
    covariance_log: Floats | None = field(default=None, kw_only=True, repr=False, compare=False)
    clock: Clock = field(default=EVEN, kw_only=True, repr=False, compare=False)
    parts: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def uncertain(self) -> tuple[Floats, Floats | None]:
        """The numbers that were fitted, as they are close to normal, and their covariance.

        They are the logarithms of the parameters, and what else a model may have fitted.
        """
        return np.log(list(self.params.values())), self.covariance_log

    def at(self, point: Floats) -> Self:
        """Return the model at other numbers; what was found out about its fit stays as it is."""
        return replace(self, params=dict(zip(self.params, np.exp(point).tolist(), strict=True)))

    def expected_purchases(
        self, frequency: ArrayLike, recency_days: ArrayLike, age_days: ArrayLike, ahead: Span
    ) -> Floats:
        """Return expected occasions in a time ahead, one per customer.

        Parameters
        ----------
        ahead
            One time, or several: then the result has a row for each.
        """
        state = weeks(frequency, recency_days, age_days, self.clock)
        times = self.clock.ahead(ahead)
        with quiet():
            expected = self._expected(times.reshape(-1, 1), *map(np.ravel, state))
        checked = self._checked(expected)
        return checked.reshape(times.shape + state[0].shape)

    def discounted_purchases(
        self,
        frequency: ArrayLike,
        recency_days: ArrayLike,
        age_days: ArrayLike,
        ends: Span,
        rate: AnnualRate,
    ) -> Floats:
        """Return expected occasions ahead, each discounted from the end of its month, per customer.

        Parameters
        ----------
        ends
            The times from today to the end of each month, rising.
        """
        state = weeks(frequency, recency_days, age_days, self.clock)
        times = self.clock.ahead(ends).reshape(-1, 1)
        with quiet():
            expected = self._discounted(rate.worth(ends), times, *map(np.ravel, state))
        checked = self._checked(expected)
        return checked.reshape(state[0].shape)

    def p_alive(self, frequency: ArrayLike, recency_days: ArrayLike, age_days: ArrayLike) -> Floats:
        """Return the chance that each customer will ever buy again."""
        with quiet():
            alive = self._alive(*weeks(frequency, recency_days, age_days, self.clock))
        return self._checked(alive, largest=1)

    def buys_within(
        self, frequency: ArrayLike, recency_days: ArrayLike, age_days: ArrayLike, ahead: Span
    ) -> Floats:
        """Return each customer's chance of at least one purchase in a time ahead."""
        state = weeks(frequency, recency_days, age_days, self.clock)
        with quiet():
            nothing = self._buys_nothing(float(self.clock.ahead(ahead)), *state)
            chance = self._alive(*state) * (1 - nothing)
        return self._checked(chance, largest=1)

    def repeats_of_new(self, first: Floats, origin: int) -> Floats:
        """Return the repeat occasions expected up to each week's end of customers who came on days.

        It is the sum over first days d of n_d E[X(t - d)] (Fader, Hardie and Lee 2005, section 5).

        Parameters
        ----------
        first
            How many first bought on each day of whole weeks.
        origin
            The place of the day that the clock is seen from.
        """
        ages = Span.days(np.arange(len(first)))
        new = self.expected_purchases([0.0], [0.0], [0.0], ages)[:, 0]
        return np.asarray(np.convolve(first, new)[DAYS_PER_WEEK - 1 : len(first) : DAYS_PER_WEEK])

    def _expected(self, ahead: Floats, x: Floats, t_x: Floats, age: Floats) -> Any:
        """Return expected occasions in the next so many weeks, a row for each number of weeks."""
        frequency, ages, which = _pairs(x, age)
        return self._alive(x, t_x, age) * self._expected_if_alive(ahead, frequency, ages)[:, which]

    def _discounted(
        self, discounts: Floats, ahead: Floats, x: Floats, t_x: Floats, age: Floats
    ) -> Any:
        """Return the sum over times ahead of discount times occasions since the time before."""
        frequency, ages, which = _pairs(x, age)
        upto = self._expected_if_alive(ahead, frequency, ages)
        each = np.diff(upto, axis=0, prepend=np.zeros((1, upto.shape[1])))
        return self._alive(x, t_x, age) * (discounts @ each)[which]

    @abstractmethod
    def _expected_if_alive(self, ahead: Floats, x: Floats, age: Floats) -> Any:
        """Return expected occasions of customers who have not left, a row per weeks ahead."""

    @abstractmethod
    def _alive(self, x: Floats, t_x: Floats, age: Floats) -> Any:
        """Return P(alive)."""

    @abstractmethod
    def _buys_nothing(self, ahead: float, x: Floats, t_x: Floats, age: Floats) -> Any:
        """Return the chance that a customer who is alive buys nothing for so many weeks."""

    def _checked(self, values: Any, largest: float = np.inf) -> Floats:
        array = np.asarray(values, dtype=float)
        fits = np.isfinite(array) & (array >= -_DUST) & (array <= largest + _DUST)
        if not fits.all():
            raise FitError("not_finite", model=self.name)
        return np.asarray(np.clip(array, 0, largest))


def gate(name: str, params: Floats, errors: Floats, reached: float = np.nan) -> None:
    """Refuse parameters that the data do not tell from zero or infinity.

    Raises
    ------
    FitError
        If a standard error is missing, or is many times its parameter.
    """
    if not (np.isfinite(params).all() and np.isfinite(errors).all()):
        raise FitError("no_maximum", model=name)
    if (errors > _LARGEST_RELATIVE_ERROR * params).any():
        raise BoundaryError("run_off", reached, model=name)


def enough_repeat_buyers(counts: pd.DataFrame) -> None:
    """Refuse customers of whom fewer than thirty bought again: they carry no model.

    Raises
    ------
    FitError
        With their number.
    """
    repeat = int(counts.loc[counts["frequency"] > 0, "customers"].sum())
    if repeat < MINIMUM_REPEAT_BUYERS:
        raise FitError("too_few_repeat_buyers", repeat=repeat, needed=MINIMUM_REPEAT_BUYERS)


def distinct(counts: pd.DataFrame, *also: str) -> pd.DataFrame:
    """Return each distinct frequency, recency, T and what else counts once, with all customers."""
    return counts.groupby([*TRIPLE, *also], as_index=False, sort=False)[["customers"]].sum()


def state(counts: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Return frequency, recency and T in days, as models take them."""
    frequency, recency, age = (counts[name].to_numpy(dtype=float) for name in TRIPLE)
    return frequency, recency, age


def summed(values: Floats, *weights: Floats) -> tuple[Floats, list[Floats]]:
    """Return the distinct values, and the sum of each weight over the rows of each value."""
    size = int(values.max(initial=0)) + 1
    if size > _MANY or values.min(initial=0) < 0 or not _whole(values):
        which, few = pd.factorize(values)
        return few, [np.bincount(which, weight, len(few)).astype(float) for weight in weights]
    rows, sums = np.zeros(size), np.zeros((len(weights), size))
    for value, *parts in chunks(values, *weights):
        at = value.astype(np.intp)
        rows += np.bincount(at, minlength=size)
        for total, part in zip(sums, parts, strict=True):
            total += np.bincount(at, part, size)
    found = np.flatnonzero(rows)
    return found.astype(float), list(sums[:, found])


def _whole(values: Floats) -> bool:
    return all(bool((part == np.floor(part)).all()) for (part,) in chunks(values))


def _pairs(x: Floats, age: Floats) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Return the distinct pairs of x and T, of which there are few, and the pair of each row."""
    by_x, frequency = pd.factorize(x, use_na_sentinel=False)
    by_age, ages = pd.factorize(age, use_na_sentinel=False)
    which, pairs = pd.factorize(by_x * len(ages) + by_age)
    at_x, at_age = np.divmod(pairs, max(len(ages), 1))
    return frequency[at_x], ages[at_age], which


def weeks(
    frequency: ArrayLike, recency_days: ArrayLike, age_days: ArrayLike, clock: Clock = EVEN
) -> tuple[Floats, Floats, Floats]:
    """Return frequency, recency and age as arrays of floats of one shape, times in a clock's weeks."""
    x, recency, age = np.broadcast_arrays(
        np.asarray(frequency, dtype=float),
        np.asarray(recency_days, dtype=float),
        np.asarray(age_days, dtype=float),
    )
    shown = clock.before(age)
    return x, shown - clock.before(age - recency), shown


def chunks(*columns: Floats, size: int = 8192) -> Iterator[list[Floats]]:
    """Yield so many rows at a time: what is made of them stays in the processor's own memory."""
    for at in range(0, max(len(columns[0]), 1), size):
        yield [column[at : at + size] for column in columns]


@contextlib.contextmanager
def quiet() -> Any:
    """Keep lifetimes from printing its optimiser and numpy's passing overflows."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield
