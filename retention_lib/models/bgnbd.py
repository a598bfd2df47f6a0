"""BG/NBD: how many more purchases, and is the customer still there?

Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24 (2).
The estimation is lifetimes'; what is added here is that time cannot be mixed up (days come in,
the model thinks in weeks of seven days), that counts may be weighted, and that a fit which did
not work says so.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

DAYS_PER_WEEK = 7
_PARAMETERS = ("r", "alpha", "a", "b")
_LARGEST_RELATIVE_ERROR = 10  # beyond it a parameter is not told from zero or infinity
_START = 0.1  # lifetimes starts each log parameter here


class FitError(Exception):
    """A model could not be fitted; the message says why in one sentence."""


@dataclass(frozen=True)
class BgNbd:
    """A fitted BG/NBD model. ``alpha`` is in weeks; ``fitter`` is the lifetimes object."""

    params: dict[str, float]
    standard_errors: dict[str, float]
    log_likelihood: float
    fitter: Any

    def expected_purchases(
        self, frequency: ArrayLike, recency_days: ArrayLike, age_days: ArrayLike, days: float
    ) -> NDArray[np.float64]:
        """Return expected occasions in the next so many days (eq. 10), one per customer."""
        with quiet():
            expected = self.fitter.conditional_expected_number_of_purchases_up_to_time(
                days / DAYS_PER_WEEK, *_weeks(frequency, recency_days, age_days)
            )
        return _checked(expected, "the expected number of purchases")

    def p_alive(
        self, frequency: ArrayLike, recency_days: ArrayLike, age_days: ArrayLike
    ) -> NDArray[np.float64]:
        """Return the chance that each customer will ever buy again (1 for one-time buyers)."""
        with quiet():
            alive = self.fitter.conditional_probability_alive(
                *_weeks(frequency, recency_days, age_days)
            )
        return _checked(alive, "P(alive)")


def fit(counts: pd.DataFrame) -> BgNbd:
    """Fit BG/NBD by maximum likelihood.

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
        from lifetimes import BetaGeoFitter

    weeks = _weeks(counts["frequency"], counts["recency_days"], counts["T_days"])
    fitter = BetaGeoFitter()
    with quiet():
        try:
            fitter.fit(*weeks, weights=counts["customers"].to_numpy())
        except Exception as error:  # lifetimes raises its own and, on its way, numpy's errors
            raise FitError("BG/NBD did not converge on these purchases.") from error
        errors = fitter.standard_errors_
    _gate(fitter.params_.to_numpy(), errors.to_numpy())
    return BgNbd(
        params={name: float(fitter.params_[name]) for name in _PARAMETERS},
        standard_errors={name: float(errors[name]) for name in _PARAMETERS},
        log_likelihood=_log_likelihood(fitter, counts),
        fitter=fitter,
    )


def _log_likelihood(fitter: Any, counts: pd.DataFrame) -> float:
    """Return the log-likelihood in weeks: lifetimes gives the mean, with time rescaled."""
    customers = counts["customers"].to_numpy()
    repeats = float(np.sum(counts["frequency"].to_numpy() * customers))
    return float(
        -customers.sum() * fitter._negative_log_likelihood_ + repeats * np.log(fitter._scale)
    )


def _gate(params: NDArray[np.float64], errors: NDArray[np.float64]) -> None:
    if not (np.isfinite(params).all() and np.isfinite(errors).all()):
        raise FitError("BG/NBD has no maximum on these purchases: its curvature is not defined.")
    if (errors > _LARGEST_RELATIVE_ERROR * params).any():
        raise FitError("BG/NBD's parameters run off to a bound: too little here tells them apart.")
    if np.allclose(np.log(params[-2:]), _START, atol=1e-6):
        raise FitError("BG/NBD did not leave its start values: nothing here tells it who left.")


def _weeks(
    frequency: ArrayLike, recency_days: ArrayLike, age_days: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    return (
        np.asarray(frequency, dtype=float),
        np.asarray(recency_days, dtype=float) / DAYS_PER_WEEK,
        np.asarray(age_days, dtype=float) / DAYS_PER_WEEK,
    )


def _checked(values: Any, what: str) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=float)
    if not np.isfinite(array).all() or (array < 0).any():
        raise FitError(f"BG/NBD gives {what} no finite value for some customers.")
    return array


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
