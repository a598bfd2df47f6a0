"""Why a figure of notebook 03 is not given, by code."""

from __future__ import annotations

from typing import Any

from retention_lib.results import Cycle, Gate, Why, why

RATED: tuple[Gate, ...] = ("two_windows", "trend")

_NONE_RETURNING, _NONE_FIRST = why("none_returning"), why("none_first_time")
_NO_AMOUNTS, _NO_LOSSES = why("no_amounts"), why("no_losses")
_NOBODY = why("nobody_in_earlier_window")
_COMPARED = ("/previous", "/mix_effect", "/rate_effect")
_OF_PARTS = {
    "/growth/outpaced_since": why("not_outpaced"),
    "/growth/periods/0/*": why("no_period_before"),
    "/growth/periods/*": _NO_LOSSES,
    "/lost/*": _NO_AMOUNTS,
    "/no_churn/returning": _NONE_RETURNING,
    "/no_churn/first_time": _NONE_FIRST,
    "/parts/*/retained_*": why("part_not_in_earlier_window"),
    "/parts/*/second_*": why("part_not_watched_for_a_window"),
    **dict.fromkeys(_COMPARED, why("no_earlier_run")),
}


def reasons(
    figures: dict[str, Any], cycle: Cycle, unfit: Why | None = None
) -> dict[str, Why | None]:
    """Return why figures of the section are null, if they are, under their JSON pointers."""
    rated = cycle.gate in RATED
    short = unfit or (None if rated else too_short(cycle))
    found: dict[str, Why | None] = {
        **(dict.fromkeys(_COMPARED, unfit) if unfit else {}),
        **_OF_PARTS,
        # without a window nothing was computed, whatever the records carry
        "/*_revenue_share": short if short and cycle.window is None else _NO_AMOUNTS,
    }
    if cycle.gate != "refused":
        found["/second_purchase_*"] = why("not_watched_for_a_window")
        found["/growth"] = cycle.why_not.get("/chart_period")
    if rated and figures["start_customers"]:
        found |= _of_rated(figures)
    return found | {"*": short or _NOBODY}


def _of_rated(figures: dict[str, Any]) -> dict[str, Why | None]:
    """Return the reasons where there is a rate."""
    none_before = why("no_revenue_before")
    return {
        "/returning_*": _NONE_RETURNING,
        "/first_time_*": _NONE_FIRST,
        "/quick_ratio*": _NO_LOSSES if figures["quick_ratio"] is None else why("nobody_gained"),
        **dict.fromkeys(("/gross_revenue_*", "/net_revenue_*", "/revenue"), none_before),
        "/revenue_quick_ratio": none_before
        if figures["revenue"] is None
        else why("no_revenue_lost"),
        "/lost": why("nobody_to_call"),
    }


def too_short(cycle: Cycle) -> Why:
    """Return why there is no rate, and the day from which on there will be one."""
    if cycle.cycle_days is None or cycle.gate_lifts_on is None:
        return cycle.why_not["/cycle_days"]
    return why(
        "too_short_for_cycles" if cycle.gate == "refused" else "one_window_only",
        history_days=cycle.history_days,
        needed=_needed(cycle),
        on=cycle.gate_lifts_on,
    )


def _needed(cycle: Cycle) -> int:
    days = cycle.pinned.cycle_days if cycle.pinned else cycle.cycle_days or 0
    return 0 if cycle.window is None else max(cycle.window.days, 3 * days)
