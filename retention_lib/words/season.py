"""What a season does to two windows side by side, and what the same window a year earlier says."""

from __future__ import annotations

from datetime import date

from retention_lib.results import Cycle, YearEarlier
from retention_lib.speech import Speech

_YEAR = 365.25
_SAME_SEASON = 31  # days


def moves_windows(cycle: Cycle | None) -> bool:
    """Say whether a clear season makes two windows next to each other unlike."""
    if cycle is None or cycle.window is None or not cycle.has_season:
        return False
    return cycle.window.days < 360


def season_caveat(cycle: Cycle | None, speech: Speech) -> str:
    """Return, where the season moves the windows, what a year earlier says; "" elsewhere."""
    if cycle is None or not moves_windows(cycle):
        return ""
    if cycle.year_earlier is None:
        return speech.text(
            "The two windows lie in different seasons: hold this against another year."
        )
    two = cycle.year_earlier
    if not two.clear:
        return speech.text(
            "The two windows lie in different seasons; against the same window a year earlier the "
            "number of customers is about the same ({now} now, {then} then).",
            **_counts(two, speech),
        )
    if two.customers > two.earlier_customers:
        return speech.text(
            "The two windows lie in different seasons; against the same window a year earlier "
            "there are more customers as well ({now} now, {then} then).",
            **_counts(two, speech),
        )
    return speech.text(
        "The two windows lie in different seasons; against the same window a year earlier there "
        "are fewer customers ({now} now, {then} then).",
        **_counts(two, speech),
    )


def other_season(cycle: Cycle | None, earlier: date, later: date) -> bool:
    """Say whether a clear season makes two days' figures unlike: they lie far apart in the year."""
    if cycle is None or not cycle.has_season:
        return False
    apart = (later - earlier).days % _YEAR
    return min(apart, _YEAR - apart) > _SAME_SEASON


def _counts(two: YearEarlier, speech: Speech) -> dict[str, str]:
    return {"now": speech.count(two.customers), "then": speech.count(two.earlier_customers)}
