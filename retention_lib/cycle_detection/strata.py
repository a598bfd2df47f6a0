"""Is one cycle right for all: the cycle by order number, segment, channel and owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd

from retention_lib import stats
from retention_lib.cycle_detection.return_curve import Resampled
from retention_lib.results import OneCycle, Stratum, StratumKind, StratumPair
from retention_lib.stats import Floats

Verdict = Literal["unknown", "fits", "fits_enough", "misjudges"]
_ENOUGH: Final = 1.25  # a window of three cycles bears a quarter more or less


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


def one_cycle(strata: Sequence[Stratum]) -> OneCycle:
    """Is one cycle right for all, or do parts differ clearly, and by enough to matter?"""
    pairs = {_pair(*both): both for both in _first_and_last(strata)}
    apart = [pair for pair in pairs if pair.apart]
    matter = [pair for pair in apart if pair.matters]
    days = [part.cycle_days for pair in matter or apart for part in pairs[pair]]
    return OneCycle(
        verdict=_verdict(list(pairs)),
        shortest=min(days, default=0),
        longest=max(days, default=0),
        pairs=list(pairs),
    )


def _verdict(pairs: Sequence[StratumPair]) -> Verdict:
    if not pairs:
        return "unknown"
    if any(pair.matters for pair in pairs):
        return "misjudges"
    return "fits_enough" if any(pair.apart for pair in pairs) else "fits"


def _first_and_last(strata: Sequence[Stratum]) -> Iterator[tuple[Stratum, Stratum]]:
    """Yield for each way to divide the customers into two parts or more the pair to compare.

    Order numbers are compared first with last, all others quickest with slowest; a part of one
    segment is never compared with a part of another.
    """
    kinds = get_args(StratumKind)
    divisions = dict.fromkeys((part.kind, part.column) for part in strata)
    for division in sorted(divisions, key=lambda of: kinds.index(of[0])):
        parts = [part for part in strata if (part.kind, part.column) == division]
        if len(parts) > 1:
            parts.sort(key=lambda part: part.name if part.kind == "order" else part.cycle_days)
            yield parts[0], parts[-1]


def _pair(one: Stratum, other: Stratum) -> StratumPair:
    quick, slow = sorted((one, other), key=lambda part: part.cycle_days)
    apart = one.cycle_ci95[1] < other.cycle_ci95[0] or other.cycle_ci95[1] < one.cycle_ci95[0]
    return StratumPair(
        kind=one.kind,
        column=one.column,
        one=one.name,
        other=other.name,
        apart=apart,
        matters=apart and slow.cycle_days >= _ENOUGH * quick.cycle_days,
    )
