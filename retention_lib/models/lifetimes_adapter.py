"""The fitters of lifetimes with parameters found here, for its predictions and its plots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from retention_lib.models.newton import Maximum
from retention_lib.models.purchase_model import Floats, quiet

_GENERATORS = {
    "BetaGeoFitter": "beta_geometric_nbd_model",
    "ModifiedBetaGeoFitter": "modified_beta_geometric_nbd_model",
    "ParetoNBDFitter": "pareto_nbd_model",
}


def purchase_fitter(
    name: str,
    names: Sequence[str],
    found: Maximum,
    state: tuple[Floats, Floats, Floats],
    customers: Floats,
) -> Any:
    """Return a fitter as after its own fit of customers in weeks.

    Parameters
    ----------
    name
        Its class: ``BetaGeoFitter``, ``ModifiedBetaGeoFitter`` or ``ParetoNBDFitter``.
    found
        In units of the longest T, as lifetimes scales time.
    state
        Frequency, recency and T in weeks.
    """
    x, t_x, age = state
    fitter = _made(name)
    fitter._scale = 1 / age.max()
    unit = np.array([1 / fitter._scale if name in ("alpha", "beta") else 1 for name in names])
    fitter.data = pd.DataFrame(
        {"frequency": x.astype(int), "recency": t_x, "T": age, "weights": customers}, copy=False
    )
    _set(fitter, names, found, unit, customers)
    fitter.predict = fitter.conditional_expected_number_of_purchases_up_to_time
    fitter.generate_new_data = lambda size=1: _generator(name)(
        age, *fitter._unload_params(*names), size=size
    )
    return fitter


def spend_fitter(names: Sequence[str], found: Maximum, unit: float, counts: pd.DataFrame) -> Any:
    """Return a ``GammaGammaFitter`` as after its own fit.

    Parameters
    ----------
    found
        In this unit of money, which lifetimes does not scale.
    counts
        Columns ``frequency``, ``monetary``, ``customers``.
    """
    fitter = _made("GammaGammaFitter")
    fitter.data = pd.DataFrame(
        {
            "monetary_value": counts["monetary"].to_numpy(dtype=float),
            "frequency": counts["frequency"].to_numpy(dtype=float),
            "weights": counts["customers"].to_numpy(dtype=float),
        }
    )
    _set(fitter, names, found, np.array([1, 1, unit]), fitter.data["weights"].to_numpy())
    fitter._negative_log_likelihood_ += float(np.log(unit))
    return fitter


def _set(
    fitter: Any, names: Sequence[str], found: Maximum, unit: Floats, customers: Floats
) -> None:
    """Set what its fit finds: the variance matrix as it should be, covariances included."""
    params = found.params * unit
    fitter.params_ = pd.Series(params, index=list(names))
    fitter._negative_log_likelihood_ = -found.value / customers.sum()
    fitter._hessian_ = -found.hessian / customers.sum()
    fitter.variance_matrix_ = pd.DataFrame(
        np.outer(params, params) * found.covariance_log, index=list(names), columns=list(names)
    )
    fitter.standard_errors_ = fitter._compute_standard_errors()
    fitter.confidence_intervals_ = fitter._compute_confidence_intervals()


def _made(name: str) -> Any:
    """Return a fitter of lifetimes, which is dear to import, and loud."""
    with quiet():
        import lifetimes

    return getattr(lifetimes, name)()


def _generator(name: str) -> Any:
    from lifetimes import generate_data

    return getattr(generate_data, _GENERATORS[name])
