"""Models in which customers may leave, and how they are fitted: counts in, parameters out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from retention_lib.models import lifetimes_adapter, nbd
from retention_lib.models.newton import LogLikelihood, maximum
from retention_lib.models.purchase_model import (
    START,
    BoundaryError,
    FitError,
    Floats,
    PurchaseModel,
    distinct,
    state,
    weeks,
)
from retention_lib.models.units import DAYS_PER_WEEK

_MANY, _EVERY = 50_000, 20  # of many rows, one in so many gives the search its start
_LEAST_GAIN = 3.84 / 2  # over nobody leaving, in log-likelihood: a test at 5 %

Days = tuple[Floats, Floats, Floats]
Likelihood = Callable[[Floats], LogLikelihood]


@dataclass(frozen=True)
class ChurnModel(PurchaseModel):
    """A model in which customers may leave: BG/NBD, MBG/NBD or Pareto/NBD.

    ``fitter`` is the lifetimes object with the same parameters; None of a model that was not
    fitted.
    """

    parameters: ClassVar[tuple[str, ...]]
    lifetimes_name: ClassVar[str]

    fitter: Any = None

    @property
    def _values(self) -> Floats:
        return np.array([self.params[key] for key in self.parameters])

    @classmethod
    @abstractmethod
    def likelihood(cls, days: Days, customers: Floats, unit: float) -> Likelihood:
        """Return the log-likelihood of parameters in a unit of so many days.

        ``days`` are frequency, recency and T of so many ``customers``.
        """

    @classmethod
    def fit(cls, counts: pd.DataFrame) -> Self:
        """Fit the model by maximum likelihood.

        Parameters
        ----------
        counts
            Columns ``frequency``, ``recency_days``, ``T_days``, ``customers`` (the weight).

        Raises
        ------
        BoundaryError
            If nobody seems to leave, or the parameters run off to another bound, as where all
            leave alike.
        FitError
            If nobody bought again, the search does not converge, does not leave its start, or ends
            where the likelihood is not curved.
        """
        if not (counts["frequency"] * counts["customers"] * counts["T_days"]).sum() > 0:
            raise FitError("nobody_bought_again", model=cls.name)
        x, t_x, age = state(counts)
        customers = counts["customers"].to_numpy(dtype=float)
        unit, repeats = float(age.max()), float(customers @ x)

        def of_every(row: int) -> Likelihood:
            return cls.likelihood((x[::row], t_x[::row], age[::row]), customers[::row], unit)

        rough = of_every(_EVERY) if len(x) > _MANY else None
        size, start = float(customers.sum()) + repeats, np.full(len(cls.parameters), START)
        in_weeks = -repeats * float(np.log(unit / DAYS_PER_WEEK))
        try:
            found = maximum(cls.name, of_every(1), start, size, rough)
        except BoundaryError as error:
            if error.reached + in_weeks < nbd.fit(distinct(counts)).log_likelihood + _LEAST_GAIN:
                raise BoundaryError("nobody_leaves", error.reached, model=cls.name) from error
            raise
        fitter = lifetimes_adapter.purchase_fitter(
            cls.lifetimes_name, cls.parameters, found, weeks(x, t_x, age), customers
        )
        return cls(
            params=fitter.params_.to_dict(),
            standard_errors=fitter.standard_errors_.to_dict(),
            log_likelihood=found.value + in_weeks,
            covariance_log=found.covariance_log,
            fitter=fitter,
        )
