"""What a season does to two windows side by side, and what the same window a year earlier says."""

from __future__ import annotations

from retention_lib.results import Cycle
from retention_lib.speech import Speech, mark

_CAVEATS = mark(
    {
        "unknown": "The two windows lie in different seasons: compare this with another year.",
        "alike": "The two windows lie in different seasons; compared with the same window a year "
        "earlier the number of customers is about the same ({customers:count} now, "
        "{earlier_customers:count} then).",
        "more": "The two windows lie in different seasons; compared with the same window a year "
        "earlier there are more customers as well ({customers:count} now, "
        "{earlier_customers:count} then).",
        "fewer": "The two windows lie in different seasons; compared with the same window a year "
        "earlier there are fewer customers ({customers:count} now, {earlier_customers:count} "
        "then).",
    }
)


def season_caveat(cycle: Cycle | None, speech: Speech) -> str:
    """Return, where the season moves the windows, what a year earlier says; "" elsewhere."""
    if cycle is None or not cycle.season_moves_windows:
        return ""
    two = cycle.year_earlier
    return speech.text(_CAVEATS["unknown" if two is None else two.comparison], two)
