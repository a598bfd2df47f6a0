"""Why a figure of notebook 03 is not given, by code."""

from __future__ import annotations

from typing import Any

from retention_lib.results import Cycle, Gate, Why, null_pointers, why

RATED: tuple[Gate, ...] = ("two_windows", "trend")

_NONE_RETURNING = why("none_returning")
_NONE_FIRST = why("none_first_time")
_NO_AMOUNTS = why("no_amounts")
_NO_RATIO = why("no_losses")
_NOT_WATCHED = why("not_watched_for_a_window")
_NO_REVENUE = why("no_revenue_before")
_NOBODY = why("nobody_in_earlier_window")

_PREVIOUS = dict.fromkeys(("previous", "mix_effect", "rate_effect"), why("no_earlier_run"))
_SECOND = dict.fromkeys(("second_purchase_rate", "second_purchase_ci95"), _NOT_WATCHED)
_REVENUE = ("gross_revenue_retention", "gross_revenue_ci95", "net_revenue_retention")
_OF_RATED = {
    **dict.fromkeys(("returning_rate", "returning_ci95"), _NONE_RETURNING),
    **dict.fromkeys(("first_time_rate", "first_time_ci95"), _NONE_FIRST),
    **dict.fromkeys(("quick_ratio", "quick_ratio_ci95"), _NO_RATIO),
    **dict.fromkeys((*_REVENUE, "net_revenue_ci95", "revenue"), _NO_REVENUE),
    "lost": why("nobody_to_call"),
}
_OF_PARTS = {
    "returning": _NONE_RETURNING,
    "first_time": _NONE_FIRST,
    "outpaced_since": why("not_outpaced"),
    **dict.fromkeys(("retained_rate", "retained_ci95"), why("part_not_in_earlier_window")),
    **dict.fromkeys(("second_rate", "second_ci95"), why("part_not_watched_for_a_window")),
    **dict.fromkeys(("share", "spend"), _NO_AMOUNTS),
}


def why_not(figures: dict[str, Any], cycle: Cycle, known: dict[str, Any]) -> dict[str, Any]:
    """Return the reason of every null of the section, under its JSON pointer.

    Parameters
    ----------
    figures
        The section's figures as plain JSON values.
    known
        Reasons that are known already, under their pointers.
    """
    whole = _reasons(figures, cycle)
    return {
        at: known.get(at) or _of_part(at) or whole.get(at[1:]) or whole["any"]
        for at in null_pointers(figures)
    }


def _of_part(pointer: str) -> Any:
    """Return the reason of a null within a part of the section."""
    _, name, *inner = pointer.split("/")
    if not inner:
        return None
    if name == "growth" and inner[-1] != "outpaced_since":
        return why("no_period_before") if inner[1] == "0" else _NO_RATIO
    return _OF_PARTS.get(inner[-1])


def _reasons(figures: dict[str, Any], cycle: Cycle) -> dict[str, Any]:
    shares = ("repeat_revenue_share", "unassigned_revenue_share")
    always: dict[str, Any] = _PREVIOUS | dict.fromkeys(shares, _NO_AMOUNTS)
    growth: dict[str, Any] = {"growth": cycle.why_not.get("/chart_period")}
    if cycle.gate in RATED:
        return {"any": _NOBODY} | _of_rated(figures) | _SECOND | always | growth
    short = too_short(cycle)
    if cycle.window is None:  # then nothing was computed, whatever the records carry
        always |= dict.fromkeys(shares, short)
    return {"any": short} | always | ({} if cycle.gate == "refused" else _SECOND | growth)


def _of_rated(figures: dict[str, Any]) -> dict[str, Any]:
    """Return the reasons where there is a rate; nobody in the prior window explains them all."""
    if not figures["start_customers"]:
        return dict.fromkeys(_OF_RATED, _NOBODY)
    lacking = _NO_REVENUE if figures["revenue"] is None else why("no_revenue_lost")
    found = _OF_RATED | {"revenue_quick_ratio": lacking}
    if figures["quick_ratio"] is not None:
        return found | {"quick_ratio_ci95": why("nobody_gained")}
    return found


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
