"""What the questions before this one have found, as the first screen asks for it.

Until their results hold these findings, the sentences' own functions are called.
"""

from __future__ import annotations

from typing import Any

from retention_lib.results import Certainty, Clv, Cycle
from retention_lib.words import certainty
from retention_lib.words.clv import past_forecasts
from retention_lib.words.retention_rate import growth, no_churn
from retention_lib.words.retention_rate.no_churn import Judged
from retention_lib.words.season import moves_windows
from retention_lib.words.season import other_season as _other_season

__all__ = ["Judged", "moves_windows"]


def judged(answered: Any) -> Judged | None:
    """Return the headline rate beside its no-churn expectation."""
    return no_churn.judged(answered.retention, answered.cycle)


def quick_ratio_certainty(answered: Any) -> Certainty:
    """Return how surely customers gained for each one lost lie on their side of one."""
    return growth.ratio_certainty(answered.retention, answered.cycle)


def other_season(answered: Any) -> bool:
    """Say whether the earlier report lies in another season."""
    retention = answered.retention
    if retention.previous is None or retention.window is None:
        return False
    return _other_season(answered.cycle, retention.previous.as_of, retention.window.end)


def value_certainty(clv: Clv) -> Certainty:
    """Return how sure the expected value is."""
    return certainty.of_value(clv)


def far_off(clv: Clv) -> bool:
    """Say whether the forecast was more than a quarter off in the test."""
    return certainty.is_far_off(clv)


def too_high(clv: Clv) -> tuple[int, int]:
    """Return how many of how many earlier forecasts were too high; 0 if not most of them."""
    forecasts = past_forecasts.past(clv)
    high = sum(one.error < 0 for one in forecasts)
    return (high if past_forecasts.lean(clv) == "high" else 0), len(forecasts)


def cycle_certainty(cycle: Cycle) -> Certainty:
    """Return how sure the cycle is."""
    return certainty.of_cycle(cycle)
