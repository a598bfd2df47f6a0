"""The cycle: after how many days half of those who come back are back, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.results import Certainty, Cycle
from retention_lib.stats import Floats
from retention_lib.stats.certainty import at_most, within

SEED = 20_003
# the median of fewer returns is noise: of 31 customers it once said a day where it was three weeks
MINIMUM_BACK = 30
SETTLED_SHARE = 0.95
_OFF = 0.25  # by which a cycle may be off without changing what is done


def curve(gaps: pd.DataFrame, waits: pd.DataFrame) -> pd.DataFrame:
    """Return the weighted return curve, every customer counted once (definitions: Wang-Chang)."""
    return stats.return_curve(gaps[["days", "weight"]], _single(waits)[["days", "weight"]])


def pooled_curve(gaps: pd.DataFrame, waits: pd.DataFrame) -> pd.DataFrame:
    """Return Kaplan and Meier's curve of all gaps and waits, which favours frequent buyers."""
    return stats.return_curve(
        gaps.assign(weight=gaps["gaps"])[["days", "weight"]],
        waits.assign(weight=waits["waits"])[["days", "weight"]],
    )


def _single(waits: pd.DataFrame) -> pd.DataFrame:
    return waits.assign(weight=waits["single"])


@dataclass(frozen=True)
class Resampled:
    """Two hundred return curves of resampled groups, one row each, with their hazards."""

    hazards: Floats
    not_back: Floats

    @classmethod
    def of(cls, gaps: pd.DataFrame, waits: pd.DataFrame, draws: Floats) -> Resampled:
        """Resample the curve of gaps and waits by their hash groups."""
        last = stats.longest(gaps, waits)
        back = stats.grouped_spells(gaps, last)
        waiting = stats.grouped_spells(_single(waits), last)
        return cls(*stats.resampled(back, waiting, draws))


def cycle_figures(gaps: pd.DataFrame, waits: pd.DataFrame, draws: Floats) -> dict[str, Any]:
    """Return cycle, bounds, quartile and lapse, each with its interval, as far as they are known.

    Parameters
    ----------
    gaps, waits
        As :func:`retention_lib.summaries.counts.gaps` and ``waits`` give them.
    draws
        How often each hash group is drawn (:func:`retention_lib.stats.group_draws`).
    """
    back, pooled = curve(gaps, waits), pooled_curve(gaps, waits)
    customers = int(waits["waits"].sum())
    tau = stats.horizon(back, customers)
    many = Resampled.of(gaps, waits, draws).not_back
    found = _cycle(back, tau, customers, many)
    return {
        **found,
        "tau_days": tau,
        "not_back_share": None if tau is None else float(back["not_back"][tau]),
        "not_back_ci95": None if tau is None else stats.percentiles(many[:, tau]),
        "naive_median_gap_days": stats.weighted_median(gaps["days"], gaps["gaps"]),
        "pooled_median_days": _median(pooled, stats.horizon(pooled, customers)),
    }


def _cycle(curve: pd.DataFrame, tau: int | None, customers: int, many: Floats) -> dict[str, Any]:
    days = _median(curve, tau)
    if tau is None or days is None or customers * (1 - curve["not_back"][tau]) < MINIMUM_BACK:
        return {}
    settled = _settled(curve, days, tau)
    return {
        "cycle_days": days,
        "settled": settled,
        "cycle_ci95": stats.percentiles(stats.days_of_share(many, 0.5, tau)),
        "q75_days": stats.day_of_share(curve, 0.75, tau),
        "q75_ci95": stats.percentiles(stats.days_of_share(many, 0.75, tau)),
        **({} if settled else _bounds(curve, days, tau, many)),
        **_lapse(curve, tau, 2 * days, many),
    }


def _settled(curve: pd.DataFrame, days: int, tau: int) -> bool:
    """Whether the first two thirds of the time watched give the cycle too."""
    earlier = _median(curve, 2 * tau // 3)
    return earlier is not None and earlier >= SETTLED_SHARE * days


def _bounds(curve: pd.DataFrame, days: int, tau: int, many: Floats) -> dict[str, Any]:
    """Return the bounds of a cycle that still grows, and the outer ends of their interval."""
    low = stats.percentiles(stats.days_of_share(many, 0.5, tau))
    high = stats.percentiles(stats.first_days_at_most(many, 0.5))
    upper = stats.first_day_at_most(curve, 0.5)
    return {
        "cycle_lower": days,
        "cycle_upper": upper,
        "bounds_low": low and low[0],
        "bounds_high": finite(high[1]) if high and upper is not None else None,
    }


def usual_return(curve: pd.DataFrame, tau: int) -> int | None:
    """Return the silence by which most who come back are back: q75, or the cycle without it.

    No shorter one is a lapse.
    """
    usual = stats.day_of_share(curve, 0.75, tau)
    return _median(curve, tau) if usual is None else usual


def _lapse(curve: pd.DataFrame, tau: int, within: int, many: Floats) -> dict[str, Any]:
    """Return the lapse with its interval.

    The two cycles and the usual return stay what they are in resamples.
    """
    least = usual_return(curve, tau) or 0
    days = stats.lapse(curve, tau, within, least)
    ends = stats.percentiles(stats.lapses(many, tau, within, least))
    known = days is not None and ends is not None and math.isfinite(ends[1])
    return {"lapse_days": days, "lapse_ci95": ends if known else None}


def grows(cycle: Cycle) -> bool:
    """Could more history lengthen the cycle? Not if it is settled, or its bounds agree."""
    return cycle.settled is False and cycle.cycle_upper != cycle.cycle_lower


def certainty(cycle: Cycle) -> Certainty:
    """How sure is the cycle?

    *Open* while a longer history could still lengthen it. If none could, *firm* if the 95 %
    interval stays within a quarter of it on either side, *likely* if the 80 % interval does or
    there is none, else *open*. Where the records begin after their customers did, it may be off by
    a quarter or more: at most *likely*.
    """
    if cycle.cycle_days is None or grows(cycle):
        return "open"
    if cycle.interval is None:
        return "likely"
    low, high = cycle.interval
    if high is None:
        return "open"
    found = within(max(abs(end / cycle.cycle_days - 1) for end in (low, high)), _OFF)
    return at_most(found, "likely") if cycle.starts_mid_life else found


def _median(curve: pd.DataFrame, tau: int | None) -> int | None:
    return None if tau is None else stats.day_of_share(curve, 0.5, tau)


def finite(value: float | None) -> float | None:
    """Return a number that is one; None for infinity."""
    return value if value is not None and math.isfinite(value) else None
