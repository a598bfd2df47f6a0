"""How every model of buying is fitted: counts in, parameters and a fitter of lifetimes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from retention_lib.models import lifetimes_adapter, nbd
from retention_lib.models.newton import Local, top
from retention_lib.models.purchase_model import (
    START,
    TRIPLE,
    BoundaryError,
    Floats,
    distinct,
    need_repeat_buyers,
    nobody_leaves,
    weeks,
)
from retention_lib.models.units import DAYS_PER_WEEK

_MANY, _EVERY = 50_000, 20  # of many rows, every so manieth gives the search a start
_LEAST_GAIN = 3.84 / 2  # over nobody leaving, in log-likelihood: a test at 5 %

Days = tuple[Floats, Floats, Floats]
Likelihood = Callable[[Floats], Local]


def fitted(
    name: str,
    make: Callable[[], Any],
    names: Sequence[str],
    likelihood: Callable[[Days, Floats, float], Likelihood],
    counts: pd.DataFrame,
) -> dict[str, Any]:
    """Fit a model in which customers may leave, by maximum likelihood; return what was found.

    Parameters
    ----------
    name
        The model, for messages.
    make
        The fitter of lifetimes that gets the parameters.
    names
        Of the parameters.
    likelihood
        Takes frequency, recency and T in days, customers, and a unit of so many days; returns the
        log-likelihood of the parameters in that unit.
    counts
        Columns ``frequency``, ``recency_days``, ``T_days``, ``customers`` (the weight).

    Raises
    ------
    BoundaryError
        If nobody seems to leave, or the parameters run off to another bound.
    FitError
        If nobody bought again, the search does not converge, does not leave its start, or ends
        where the likelihood is not curved.
    """
    need_repeat_buyers(name, counts)
    x, t_x, age = (counts[one].to_numpy(dtype=float) for one in TRIPLE)
    customers = counts["customers"].to_numpy(dtype=float)
    unit, repeats = float(age.max()), float(customers @ x)

    def of_every(row: int) -> Likelihood:
        return likelihood((x[::row], t_x[::row], age[::row]), customers[::row], unit)

    rough = of_every(_EVERY) if len(x) > _MANY else None
    size, start = float(customers.sum()) + repeats, np.full(len(names), START)
    in_weeks = -repeats * float(np.log(unit / DAYS_PER_WEEK))
    try:
        found = top(name, of_every(1), start, size, rough)
    except BoundaryError as error:
        if error.reached + in_weeks < nbd.fit(distinct(counts)).log_likelihood + _LEAST_GAIN:
            raise nobody_leaves(name, error.reached) from error
        raise
    fitter = lifetimes_adapter.of_buying(make, names, found, weeks(x, t_x, age), customers)
    return {
        "params": fitter.params_.to_dict(),
        "standard_errors": fitter.standard_errors_.to_dict(),
        "log_likelihood": found.value + in_weeks,
        "covariance_log": found.covariance_log,
        "fitter": fitter,
    }
