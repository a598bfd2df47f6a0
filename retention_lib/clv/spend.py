"""What is a purchase to come expected to bring, customer by customer?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from retention_lib.models import gamma_gamma, own_means
from retention_lib.models.gamma_gamma import SpendModel
from retention_lib.models.own_means import OwnMeans
from retention_lib.models.purchase_model import MINIMUM_REPEAT_BUYERS, FitError
from retention_lib.results import Why, why


@dataclass(frozen=True)
class Spend:
    """Each customer's own mean spend, drawn towards that of all: nobody gets one mean for all.

    By ``model``, Gamma-Gamma; where that cannot be fitted, which ``why_not`` explains, by ``own``
    means. Both are None where no repeat occasion brought anything.
    """

    model: SpendModel | None = None
    own: OwnMeans | None = None
    why_not: Why | None = None

    @property
    def expected(self) -> Callable[[Any, Any], Any] | None:
        """Expected spend as a function of (frequency, monetary); None without amounts."""
        found = self.model or self.own
        return None if found is None else found.expected_spend


def spend(counts: pd.DataFrame) -> Spend:
    """Return what purchases to come are expected to bring.

    Parameters
    ----------
    counts
        As :func:`retention_lib.summaries.counts.spend_per_occasion` gives them.
    """
    repeat = int(counts["customers"].sum())
    if not repeat:
        return Spend(why_not=_too_few(repeat))
    own = own_means.fit(counts)
    if repeat < MINIMUM_REPEAT_BUYERS:
        return Spend(own=own, why_not=_too_few(repeat))
    try:
        return Spend(gamma_gamma.fit(counts))
    except FitError as error:
        return Spend(own=own, why_not=why(error.code, **error.facts))


def _too_few(repeat: int) -> Why:
    return why("too_few_spenders", repeat=repeat, needed=MINIMUM_REPEAT_BUYERS)
