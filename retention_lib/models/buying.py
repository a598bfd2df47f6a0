"""What the models of buying share: time in weeks, checked predictions, and the gate on a fit.

Estimation of the beta-geometric models is lifetimes'; what is added here is that time cannot be
mixed up (days come in, the models think in weeks of seven days), that counts may be weighted,
and that a fit which did not work says so.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

DAYS_PER_WEEK = 7
START = 0.1  # lifetimes starts each log parameter here, and so does every search of ours
_LARGEST_RELATIVE_ERROR = 10  # beyond it a parameter is not told from zero or infinity
_DUST = 1e-9  # what rounding may leave a chance beyond 0 or 1


class FitError(Exception):
    """A model could not be fitted; the message says why in one sentence."""


@dataclass(frozen=True)
class Buying(ABC):
    """A fitted model of buying; parameters that are times are in weeks."""

    name: ClassVar[str]

    params: dict[str, float]
    standard_errors: dict[str, float]
    log_likelihood: float

    def expected_purchases(
        self, frequency: ArrayLike, recency_days: ArrayLike, age_days: ArrayLike, days: float
    ) -> Floats:
        """Return expected occasions in the next so many days, one per customer."""
        with quiet():
            expected = self._expected(
                days / DAYS_PER_WEEK, *weeks(frequency, recency_days, age_days)
            )
        return self._checked(expected, "the expected number of purchases")

    def p_alive(self, frequency: ArrayLike, recency_days: ArrayLike, age_days: ArrayLike) -> Floats:
        """Return the chance that each customer will ever buy again."""
        with quiet():
            alive = self._alive(*weeks(frequency, recency_days, age_days))
        return self._checked(alive, "P(alive)", largest=1)

    def buys_within(
        self, frequency: ArrayLike, recency_days: ArrayLike, age_days: ArrayLike, days: float
    ) -> Floats:
        """Return each customer's chance of at least one purchase in the next so many days."""
        state = weeks(frequency, recency_days, age_days)
        with quiet():
            chance = self._alive(*state) * (1 - self._silent(days / DAYS_PER_WEEK, *state))
        return self._checked(chance, "the chance to buy", largest=1)

    @abstractmethod
    def _expected(self, ahead: float, x: Floats, t_x: Floats, age: Floats) -> Any:
        """Return expected occasions in the next so many weeks."""

    @abstractmethod
    def _alive(self, x: Floats, t_x: Floats, age: Floats) -> Any:
        """Return P(alive)."""

    @abstractmethod
    def _silent(self, ahead: float, x: Floats, t_x: Floats, age: Floats) -> Any:
        """Return the chance that a customer who is there buys nothing for so many weeks."""

    def _checked(self, values: Any, what: str, largest: float = np.inf) -> Floats:
        array = np.asarray(values, dtype=float)
        fits = np.isfinite(array) & (array >= -_DUST) & (array <= largest + _DUST)
        if not fits.all():
            raise FitError(f"{self.name} gives {what} no finite value for some customers.")
        return np.asarray(np.clip(array, 0, largest))


@dataclass(frozen=True)
class BetaGeometric(Buying):
    """BG/NBD or MBG/NBD; ``alpha`` is in weeks, ``fitter`` is the lifetimes object."""

    fitter: Any

    def _expected(self, ahead: float, x: Floats, t_x: Floats, age: Floats) -> Any:
        return self.fitter.conditional_expected_number_of_purchases_up_to_time(ahead, x, t_x, age)

    def _alive(self, x: Floats, t_x: Floats, age: Floats) -> Any:
        return self.fitter.conditional_probability_alive(x, t_x, age)

    def _silent(self, ahead: float, x: Floats, t_x: Floats, age: Floats) -> Any:
        # customers leave at a purchase only, so until the next one who is there stays; their
        # rate is gamma (r + x, alpha + T), which gives its Laplace transform here
        r, alpha = self.params["r"], self.params["alpha"]
        return ((alpha + age) / (alpha + age + ahead)) ** (r + x)


def fitted(name: str, fitter: Any, counts: pd.DataFrame) -> dict[str, Any]:
    """Fit a beta-geometric model of lifetimes by maximum likelihood; return what was found.

    Parameters
    ----------
    counts
        Columns ``frequency``, ``recency_days``, ``T_days``, ``customers`` (the weight).

    Raises
    ------
    FitError
        If the search does not converge, does not leave its start, or ends where the
        likelihood is not curved.
    """
    with quiet():
        try:
            fitter.fit(*_state(counts), weights=counts["customers"].to_numpy())
        except Exception as error:  # lifetimes raises its own and, on its way, numpy's errors
            raise FitError(f"{name} did not converge on these purchases.") from error
    params, errors = fitter.params_, fitter.standard_errors_
    gate(name, params.to_numpy(), errors.to_numpy())
    if np.allclose(np.log(params[["a", "b"]]), START, atol=1e-6):
        raise FitError(f"{name} did not leave its start values: nothing here tells it who left.")
    return {
        "params": {str(key): float(value) for key, value in params.items()},
        "standard_errors": {str(key): float(value) for key, value in errors.items()},
        "log_likelihood": _log_likelihood(fitter, counts),
        "fitter": fitter,
    }


def _log_likelihood(fitter: Any, counts: pd.DataFrame) -> float:
    """Return the log-likelihood in weeks: lifetimes gives the mean, with time rescaled."""
    customers = counts["customers"].to_numpy()
    repeats = float(np.sum(counts["frequency"].to_numpy() * customers))
    return float(
        -customers.sum() * fitter._negative_log_likelihood_ + repeats * np.log(fitter._scale)
    )


def gate(name: str, params: Floats, errors: Floats) -> None:
    """Refuse parameters that the data do not tell from zero or infinity.

    Raises
    ------
    FitError
        If a standard error is missing, or is many times its parameter.
    """
    if not (np.isfinite(params).all() and np.isfinite(errors).all()):
        raise FitError(f"{name} has no maximum on these purchases: its curvature is not defined.")
    if (errors > _LARGEST_RELATIVE_ERROR * params).any():
        raise run_off(name)


def run_off(name: str) -> FitError:
    """Return the error of a fit whose parameters grow or shrink without end."""
    return FitError(f"{name}'s parameters run off to a bound: too little here tells them apart.")


def _state(counts: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    return weeks(counts["frequency"], counts["recency_days"], counts["T_days"])


def weeks(
    frequency: ArrayLike, recency_days: ArrayLike, age_days: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Return frequency, recency and age as arrays of floats, times in weeks."""
    return (
        np.asarray(frequency, dtype=float),
        np.asarray(recency_days, dtype=float) / DAYS_PER_WEEK,
        np.asarray(age_days, dtype=float) / DAYS_PER_WEEK,
    )


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
