"""Why a figure of notebook 02 is not given: a code with its numbers for each."""

from __future__ import annotations

from typing import Final

from retention_lib.cycle_detection.calendar import MINIMUM_PAIRS
from retention_lib.cycle_detection.return_curve import MINIMUM_BACK
from retention_lib.cycle_detection.season import SEASON_DAYS
from retention_lib.cycle_detection.window import LONGEST_YEAR
from retention_lib.results import Cycle, Why, why
from retention_lib.stats import MINIMUM_AT_RISK

_YEARS: Final = 365.25
_REASONS: Final = {
    "cycle_upper": why("no_upper_bound"),
    "bounds_high": why("no_upper_end"),
    "lapse_ci95": why("lapse_unsure"),
    "pooled_median_days": why("too_few_followed", needed=MINIMUM_AT_RISK),
    "regularity_k_raw": why("no_gaps_to_compare"),
    "regularity_k": why("no_gaps_to_compare"),
    "regularity_ci95": why("too_few_gaps", needed=MINIMUM_PAIRS),
    "gate_lifts_on": why("last_gate"),
    "year_earlier": why("no_year_earlier"),
    "chart_period": why("no_chart_period"),
    "pinned": why("not_pinned"),
}
_BOUNDS: Final = ("cycle_lower", "cycle_upper", "bounds_low", "bounds_high")
_OTHERS: Final = ("regularity", "season", "chart_period", "pinned")  # than those of the cycle


def reasons(cycle: Cycle, customers: int, no_race: Why | None) -> dict[str, Why]:
    """Return why figures are null, if they are, under their JSON pointers.

    Parameters
    ----------
    cycle
        Its figures, findings or not.
    customers
        All of them.
    no_race
        Why no rule for calling customers lost was tried, or why none of them passes.
    """
    found = _REASONS | dict.fromkeys(("season_strength", "season_chance"), _season(cycle))
    if no_race is not None:
        found |= dict.fromkeys(("lapse_tried", "lapse_rule"), no_race)
    if cycle.lapse_days is None:
        found |= dict.fromkeys(("lapse_days", "lapse_ci95"), _no_lapse(cycle))
    if cycle.window is not None and cycle.window.days > LONGEST_YEAR:
        found["year_earlier"] = why("window_over_a_year")
    if cycle.regularity_k is None:
        found["regularity_ci95"] = found["regularity_k"]
    if cycle.settled:
        found |= dict.fromkeys(_BOUNDS, why("cycle_settled"))
    elif cycle.settled is False and cycle.cycle_upper is None:
        found["bounds_high"] = found["cycle_upper"]
    if cycle.cycle_days is not None:
        return {f"/{name}": reason for name, reason in found.items()}
    others = {f"/{name}": reason for name, reason in found.items() if name.startswith(_OTHERS)}
    return others | {"*": _no_cycle(cycle, customers)}


def _season(cycle: Cycle) -> Why:
    if cycle.history_days >= SEASON_DAYS:
        return why("sales_are_even")
    tenths = cycle.history_days * 10 // _YEARS  # rounded down: never "2.0 years, two needed"
    return why("too_short_for_season", years=tenths / 10)


def _no_lapse(cycle: Cycle) -> Why:
    followed, cycle_days = cycle.tau_days, cycle.cycle_days
    if followed is None or cycle_days is None:
        return why("lapse_unseen")
    least = cycle.q75_days or cycle_days
    return why("no_lapse" if followed >= least + 2 * cycle_days else "lapse_unseen")


def _no_cycle(cycle: Cycle, customers: int) -> Why:
    if cycle.naive_median_gap_days is None:
        return why("no_gap")
    if cycle.tau_days is None or cycle.not_back_share is None:
        return why("too_few_followed", needed=MINIMUM_AT_RISK)
    back = int(customers * (1 - cycle.not_back_share))
    return why("too_few_back", back=back, needed=MINIMUM_BACK)
