"""Is one cycle right for all: the cycle by order number, segment, channel and owner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention_lib import stats
from retention_lib.cycle_detection.return_curve import Resampled
from retention_lib.results import Stratum, StratumKind
from retention_lib.stats import Floats


@dataclass(frozen=True)
class Division:
    """One way to divide the customers: gaps and waits by ``part``, and who is in each part.

    ``gaps`` and ``waits`` are as :func:`retention_lib.summaries.strata.spells` gives them,
    ``customers`` has the columns part and customers, and only the parts to be shown. ``column`` is
    the client's name of a segment that is one of several.
    """

    kind: StratumKind
    gaps: pd.DataFrame
    waits: pd.DataFrame
    customers: pd.DataFrame
    column: str = ""


def strata(
    divisions: Iterable[Division],
    gaps: pd.DataFrame,
    waits: pd.DataFrame,
    tau: int,
    draws: Floats,
) -> list[Stratum]:
    """Return the cycle of each part, with small parts drawn towards the whole.

    The hazard of a part is mixed with that of the whole as if thirty more customers of the whole
    were away on every day: a part of many keeps its own curve, of a part with few the whole's is
    left. All are read at the whole's tau, so that they can be compared.
    """
    once = np.ones((1, stats.GROUPS))
    whole, drawn = Resampled.of(gaps, waits, once), Resampled.of(gaps, waits, draws)
    return [
        _stratum(division, str(part), int(customers), (whole, drawn), tau, (once, draws))
        for division in divisions
        for part, customers in zip(
            division.customers["part"], division.customers["customers"], strict=True
        )
    ]


def _stratum(
    division: Division,
    part: str,
    customers: int,
    wholes: tuple[Resampled, Resampled],
    tau: int,
    draws: tuple[Floats, Floats],
) -> Stratum:
    gaps = division.gaps[division.gaps["part"] == part]
    waits = division.waits[division.waits["part"] == part]
    own, many = (
        _drawn_towards(gaps, waits, whole.hazards, drawn)
        for whole, drawn in zip(wholes, draws, strict=True)
    )
    days = int(stats.days_of_share(own, 0.5, tau)[0])
    return Stratum(
        kind=division.kind,
        column=division.column,
        name=part,
        customers=customers,
        spells=int(gaps["gaps"].sum() + waits["waits"].sum()),
        cycle_days=days,
        cycle_ci95=stats.percentiles(stats.days_of_share(many, 0.5, tau)) or (days, days),
        not_back_share=float(own[0, tau]),
    )


def _drawn_towards(
    gaps: pd.DataFrame, waits: pd.DataFrame, hazards: Floats, draws: Floats
) -> Floats:
    last = hazards.shape[1] - 1
    single = waits.assign(weight=waits["single"])
    back, waiting = stats.grouped_spells(gaps, last), stats.grouped_spells(single, last)
    return stats.resampled(back, waiting, draws, hazards)[1]
