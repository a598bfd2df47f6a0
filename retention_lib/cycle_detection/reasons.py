"""Why a figure of notebook 02 is not given, in one sentence each."""

from __future__ import annotations

from typing import Any

from retention_lib.cycle_detection.calendar import SEASON_DAYS
from retention_lib.cycle_detection.window import LONGEST_YEAR

_SETTLED = "The cycle is settled, so it needs no bounds."
_FOLLOWED = "Fewer than 30 customers can be followed, too few to say when customers come back."
_NO_SEASON = "The season cannot be judged: {years:.1f} years of history, two are needed."
_EVEN = "The season cannot be judged: sales do not differ from week to week."
_NO_LAPSE = (
    "After no silence that could be watched do at most one in ten customers come back within the "
    "next two cycles."
)
_UNSEEN = (
    "Too few customers could be followed for two cycles and more to see after which silence they "
    "stay away."
)
_OVERLAPS = (
    "The window is longer than a year, so the same one a year earlier would overlap with it."
)
_YEARS = 365.25

_REASONS = {
    "cycle_upper": "No upper bound: at no time had half of all customers come back.",
    "bounds_high": "No upper bound: too few customers come back for one.",
    "lapse_ci95": "Too few customers could be followed to say how sure that silence is.",
    "pooled_median_days": "Fewer than 30 customers can be followed.",
    "regularity_k_raw": "No customer has two gaps of different length to compare.",
    "regularity_k": "No customer has two gaps of different length to compare.",
    "regularity_ci95": "Fewer than 30 customers have two gaps to compare.",
    "gate_lifts_on": "The history already reaches the last gate.",
    "year_earlier": "The history does not hold the same window a year earlier.",
    "chart_period": (
        "No period suits a chart: either the history holds fewer than three of them, or more than "
        "a quarter of the customers in them had seemed gone before."
    ),
    "pinned": "No definitions are pinned yet: the first published run does that.",
}
_OF_THE_CYCLE = (
    "cycle_days",
    "settled",
    "cycle_lower",
    "cycle_upper",
    "cycle_ci95",
    "bounds_low",
    "bounds_high",
    "q75_days",
    "q75_ci95",
    "lapse_days",
    "lapse_ci95",
    "lapse_tried",
    "lapse_rule",
    "window",
    "year_earlier",
    "gate_lifts_on",
    "pooled_median_days",
    "not_back_share",
    "not_back_ci95",
    "tau_days",
    "naive_median_gap_days",
)


def why_not(figures: dict[str, Any], no_race: str) -> dict[str, str]:
    """Return a sentence for every figure that is null, under its JSON pointer."""
    sentences = _REASONS | dict.fromkeys(("lapse_tried", "lapse_rule"), no_race)
    sentences |= dict.fromkeys(("season_strength", "season_chance"), _season(figures))
    if figures["lapse_days"] is None:
        sentences |= dict.fromkeys(("lapse_days", "lapse_ci95"), _no_lapse(figures))
    if figures["window"] is not None and figures["window"].days > LONGEST_YEAR:
        sentences["year_earlier"] = _OVERLAPS
    if figures["regularity_k"] is None:
        sentences["regularity_ci95"] = sentences["regularity_k"]
    if figures["settled"]:
        bounds = ("cycle_lower", "cycle_upper", "bounds_low", "bounds_high")
        sentences |= dict.fromkeys(bounds, _SETTLED)
    elif figures["settled"] is False and figures["cycle_upper"] is None:
        sentences["bounds_high"] = _REASONS["cycle_upper"]
    if figures["cycle_days"] is None:
        sentences |= dict.fromkeys(_OF_THE_CYCLE, _no_cycle(figures))
    return {f"/{name}": sentences[name] for name, value in figures.items() if value is None}


def _season(figures: dict[str, Any]) -> str:
    if figures["history_days"] >= SEASON_DAYS:
        return _EVEN
    tenths = figures["history_days"] * 10 // _YEARS  # rounded down: never "2.0 years, two needed"
    return _NO_SEASON.format(years=tenths / 10)


def _no_lapse(figures: dict[str, Any]) -> str:
    followed, cycle_days = figures["tau_days"], figures["cycle_days"]
    if followed is None or cycle_days is None or followed < 2 * cycle_days:
        return _UNSEEN
    return _NO_LAPSE


def _no_cycle(figures: dict[str, Any]) -> str:
    if figures["naive_median_gap_days"] is None:
        return "No customer has bought on two different days, so there is no gap to measure."
    if figures["tau_days"] is None:
        return _FOLLOWED
    return "Fewer than 30 customers have come back, too few to say when customers do."
