"""What the calendar says: rhythms, season, and whether the log begins after its customers did."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd

from retention_lib import stats
from retention_lib.results import Rhythm, RhythmName
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
SEED = 20_004
SEASON_DAYS = 2 * 365
MID_LIFE = 1.5
_FEWEST_STARTS = 30


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


def weekly(days: pd.DataFrame) -> Floats:
    """Return the occasions of each whole week of seven days, counted back from the last day."""
    counts = days["occasions"].to_numpy(dtype=float)
    weeks = len(counts) // 7
    return np.asarray(counts[len(counts) - 7 * weeks :].reshape(weeks, 7).sum(axis=1))


def season(days: pd.DataFrame) -> stats.Season | None:
    """Return the strength of the yearly season; None under two years."""
    return stats.season(weekly(days), SEED) if len(days) >= SEASON_DAYS else None


def season_curve(days: pd.DataFrame) -> pd.DataFrame:
    """Return the sales of each week of the year against those of an even year.

    Returns
    -------
    pandas.DataFrame
        week (1 to 52, the last with what is left of the year), factor (1 is the average); empty
        where the season cannot be judged
    """
    found = season(days)
    if found is None:
        return pd.DataFrame({"week": [], "factor": []}, dtype=float)
    last = days["day"].iloc[-1]
    ends = [last - timedelta(weeks=k) for k in reversed(range(len(found.seasonal)))]
    middles = pd.DatetimeIndex(ends) - timedelta(days=3)
    week = np.minimum((middles.day_of_year - 1) // 7 + 1, stats.WEEKS_PER_YEAR)
    factors = pd.DataFrame({"week": week, "factor": np.exp(found.seasonal)})
    curve = factors.groupby("week", as_index=False).agg(factor=("factor", "mean"))
    return curve.assign(factor=curve["factor"] / curve["factor"].mean())


def starts_mid_life(days: pd.DataFrame, cycle_days: int | None) -> bool:
    """Whether the log seems to begin after its customers did.

    Customers of long standing then appear as new at the start: in the first cycle at least half
    as many again a day as in the two after it, with acquisition going on past the middle of the
    history (a group of customers chosen by their first purchase is none of this).
    """
    first = days["first_purchases"].to_numpy(dtype=float)
    if cycle_days is None or len(first) < 3 * cycle_days or not first[len(first) // 2 :].any():
        return False
    start, after = first[:cycle_days], first[cycle_days : 3 * cycle_days]
    return bool(start.sum() >= _FEWEST_STARTS and start.mean() >= MID_LIFE * after.mean())
