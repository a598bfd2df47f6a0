"""Is there a season, and what does it do to two windows side by side?"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from retention_lib import stats
from retention_lib.cycle_detection.window import windows, year_before
from retention_lib.results import Cycle, Period, Window, YearEarlier
from retention_lib.stats import Floats

SEED = 20_004
SEASON_DAYS = 2 * 365
_NORMAL_95 = 1.96
_TENTATIVE_DAYS = 3 * 365.25
_WHOLE_YEAR = 360  # from here on a window holds every season


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


def strength(days: pd.DataFrame) -> dict[str, Any]:
    """Return the strength of the season, and what chance reaches on the same sales."""
    found = season(days)
    return (
        {} if found is None else {"season_strength": found.strength, "season_chance": found.chance}
    )


def judged(cycle: Cycle) -> dict[str, bool]:
    """Is there a season, is one odd year enough to make it, does it part windows side by side?"""
    strength, chance, window = cycle.season_strength, cycle.season_chance, cycle.window
    clear = strength is not None and chance is not None and strength > chance
    return {
        "has_season": clear,
        "season_tentative": cycle.history_days < _TENTATIVE_DAYS,
        "season_moves_windows": clear and window is not None and window.days < _WHOLE_YEAR,
    }


def year_earlier(
    window: Window | None, first_date: date, as_of: date, customers_in: Callable[[Period], int]
) -> YearEarlier | None:
    """Return the window's customers and those of the same window a year earlier, if it is held."""
    earlier = None if window is None else year_before(window, first_date, as_of)
    if window is None or earlier is None:
        return None
    _, now = windows(window, as_of)
    return compared(now, customers_in(now), earlier, customers_in(earlier))


def compared(now: Period, customers: int, earlier: Period, before: int) -> YearEarlier:
    """Hold the customers of two windows against each other."""
    # as if both were counts of chance events; the same customers in both make it cautious
    clear = abs(customers - before) > _NORMAL_95 * math.sqrt(customers + before)
    return YearEarlier(
        window=now,
        customers=customers,
        earlier=earlier,
        earlier_customers=before,
        clear=clear,
        comparison="alike" if not clear else "more" if customers > before else "fewer",
        change=abs(customers / before - 1) if before else 0.0,
    )
