"""Do purchases follow a rhythm: the customers' own, or the calendar's that all share?"""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from retention_lib import stats
from retention_lib.cycle_detection.return_curve import finite
from retention_lib.results import Cycle, Regularity, Rhythm, RhythmName
from retention_lib.stats import Floats

PERIODS: dict[RhythmName, float] = {
    "week": 7,
    "fortnight": 14,
    "month": 30.44,
    "quarter": 91.3,
    "year": 365.25,
}
SIGNIFICANT = 0.01
# what lifts the best days by less changes no plan
SMALLEST_SWING = 0.1
# what does not come round each time is an event: a stop of acquisition, a campaign
LEAST_OF_SWING = 0.5
MID_LIFE = 1.5
# a start with so many more than after it is nothing yet
_CHANCE = 1.2
_YEAR = 365
_FEWEST_STARTS = 30
MINIMUM_PAIRS = 30
SOME_RHYTHM = 1.3  # from this k on, purchases are more regular than by chance
REAL_CYCLE = 2.0
SHORT_GAP_DAYS = 7  # under a week between purchases, whole days blur the rhythm
_REGULARITIES: dict[tuple[int, int], Regularity] = {
    (0, 0): "at_random",
    (1, 1): "some_rhythm",
    (2, 2): "real_cycle",
    (0, 1): "at_random_or_some_rhythm",
    (1, 2): "some_rhythm_or_real_cycle",
    (0, 2): "at_random_or_real_cycle",
}


def by_day(daily: pd.DataFrame, first_date: date, as_of: date) -> pd.DataFrame:
    """Return the sales of every day of the history, those without any included.

    Parameters
    ----------
    daily
        As :func:`retention_lib.summaries.counts.daily` gives it.

    Returns
    -------
    pandas.DataFrame
        day, occasions, first_purchases, sampled
    """
    days = pd.date_range(first_date, as_of, freq="D", name="day")
    sold = daily.assign(day=pd.to_datetime(daily["day"])).set_index("day")
    return sold.reindex(days, fill_value=0).reset_index()


def regularity(pairs: pd.DataFrame, draws: Floats) -> dict[str, Any]:
    """Return k from each customer's last two gaps, before and after correction, with its interval.

    Parameters
    ----------
    pairs
        As :func:`retention_lib.summaries.counts.last_gap_pairs` gives them.
    draws
        How often each hash group is drawn (:func:`retention_lib.stats.group_draws`).
    """
    two = pairs["previous"], pairs["last"], pairs["customers"]
    k = finite(stats.regularity_corrected(*two))
    drawn = stats.regularity_draws(pairs, draws)
    ends = stats.percentiles(np.where(np.isfinite(drawn), drawn, np.nan))
    # resampling a handful of customers gives an interval of no width, and a sure word from it
    enough = k is not None and pairs["customers"].sum() >= MINIMUM_PAIRS
    return {
        "regularity_k_raw": finite(stats.regularity(*two)),
        "regularity_k": k,
        "regularity_ci95": ends if enough else None,
    }


def judged(cycle: Cycle) -> Regularity:
    """Do customers buy at random moments, with some rhythm, or in a real cycle, by k's interval?"""
    if cycle.regularity_k is None:
        return "unknown"
    gap = cycle.naive_median_gap_days
    if gap is not None and gap < SHORT_GAP_DAYS:
        return "too_coarse"
    if cycle.regularity_ci95 is None:
        return "too_few"
    low, high = cycle.regularity_ci95
    return _REGULARITIES[_step(low), _step(high)]


def _step(k: float) -> int:
    return (k >= SOME_RHYTHM) + (k >= REAL_CYCLE)


def rhythms(days: pd.DataFrame) -> list[Rhythm]:
    """Return each period of the calendar that the history can be tested for.

    Parameters
    ----------
    days
        As :func:`by_day` gives it; ``sampled`` counts one occasion of each customer.
    """
    counts = days["sampled"].to_numpy(dtype=float)
    phases = {name: stats.rhythm(counts, period) for name, period in PERIODS.items()}
    tested = {name: phase for name, phase in phases.items() if phase is not None}
    return [_rhythm(name, phase, int(counts.sum()), len(tested)) for name, phase in tested.items()]


def _rhythm(name: RhythmName, phase: stats.Phase, customers: int, tests: int) -> Rhythm:
    p = min(1.0, tests * math.exp(-phase.z))
    return Rhythm(
        period=name,
        customers=customers,
        z=phase.z,
        p_value=p,
        swing=phase.swing,
        found=p < SIGNIFICANT
        and phase.swing >= SMALLEST_SWING
        and phase.least >= LEAST_OF_SWING * phase.swing,
    )


def starts_mid_life(days: pd.DataFrame, cycle_days: int | None) -> bool:
    """Whether the log seems to begin after its customers did.

    Customers of long standing then appear as new at the start: in the first cycle at least half
    as many again a day as in the two after it (by more than chance, and by more than the same
    days of a year later differ), with acquisition going on past the middle of the history (a group
    of customers chosen by their first purchase is none of this).
    """
    first = days["first_purchases"].to_numpy(dtype=float)
    if cycle_days is None or len(first) < 3 * cycle_days or not first[len(first) // 2 :].any():
        return False
    start, after = first[:cycle_days], first[cycle_days : 3 * cycle_days]
    season = max(1.0, _first_to_after(first[_YEAR:], cycle_days))
    many = start.sum() >= _FEWEST_STARTS and start.mean() >= MID_LIFE * season * after.mean()
    return bool(many and _by_chance(int(start.sum()), int(after.sum()), season) < SIGNIFICANT)


def _first_to_after(first: Floats, cycle_days: int) -> float:
    """Return the first cycle's flow over that of the two after it; 1 where it is not to be told."""
    start, after = first[:cycle_days], first[cycle_days : 3 * cycle_days]
    known = len(first) >= 3 * cycle_days and start.any() and after.any()
    return float(start.mean() / after.mean()) if known else 1.0


def _by_chance(start: int, after: int, season: float) -> float:
    """Return the chance of so many at the start, were there :data:`_CHANCE` times the usual."""
    share = _CHANCE * season / (_CHANCE * season + 2)
    return stats.at_least_by_chance(start, start + after, share)
