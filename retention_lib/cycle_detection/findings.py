"""What the figures of the cycle say, in so many words."""

from __future__ import annotations

from typing import Any

from retention_lib.cycle_detection import calendar, return_curve, season
from retention_lib.cycle_detection.strata import one_cycle
from retention_lib.results import Cycle


def findings(cycle: Cycle) -> dict[str, Any]:
    """Return what follows from the figures alone.

    Parameters
    ----------
    cycle
        Its figures; what this returns may be missing.
    """
    return {
        "certainty": return_curve.certainty(cycle),
        "grows": return_curve.grows(cycle),
        "regularity": calendar.judged(cycle),
        "is_regular": calendar.is_regular(cycle),
        "rhythms_found": calendar.found(cycle.rhythm),
        "rhythms_untested": calendar.untested(cycle.rhythm),
        "has_season": season.is_clear(cycle),
        "season_tentative": season.is_tentative(cycle),
        "season_moves_windows": season.moves_windows(cycle),
        "one_cycle": one_cycle(cycle.strata),
    }
