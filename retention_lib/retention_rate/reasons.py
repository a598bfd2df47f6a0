"""Why a figure of notebook 03 is not given, in one sentence each."""

from __future__ import annotations

from typing import Any

from retention_lib.results import Cycle, Gate, null_pointers

RATED: tuple[Gate, ...] = ("two_windows", "trend")

_NOBODY = "Nobody bought in the prior window, so there is no one to keep."
_NONE_RETURNING = "Every customer of the prior window bought there for the first time."
_NONE_FIRST = "No customer of the prior window bought there for the first time."
_NOT_LOST = "No customer was lost, so nothing can be set against the gains."
_NOT_SEEN = "No customer has been seen for a whole window after the first purchase."
_NOBODY_CAME = "Nobody came or came back, so chance cannot be judged by resampling."
_NO_REVENUE = "The customers of the prior window spent nothing there, as far as the records say."
_NO_AMOUNTS = "The records carry no amounts above zero."
_NO_EARLIER = "No complete run of an earlier day stands beside this one to compare with."
_PREVIOUS = ("previous", "mix_effect", "rate_effect")

_OF_RATED = {
    "returning_rate": _NONE_RETURNING,
    "returning_ci95": _NONE_RETURNING,
    "first_time_rate": _NONE_FIRST,
    "first_time_ci95": _NONE_FIRST,
    "quick_ratio": _NOT_LOST,
    "quick_ratio_ci95": _NOT_LOST,
    "gross_revenue_retention": _NO_REVENUE,
    "gross_revenue_ci95": _NO_REVENUE,
    "net_revenue_retention": _NO_REVENUE,
    "net_revenue_ci95": _NO_REVENUE,
    "revenue": _NO_REVENUE,
    "lost": "No customer of the prior window was lost.",
}
_OF_PARTS = {
    "returning": _NONE_RETURNING,
    "first_time": _NONE_FIRST,
    "outpaced_since": "In the last period at least as many customers came as were lost.",
    "retained_rate": "No customer of this part bought in the prior window.",
    "retained_ci95": "No customer of this part bought in the prior window.",
    "second_rate": "No customer of this part has been seen for a whole window.",
    "second_ci95": "No customer of this part has been seen for a whole window.",
    "share": _NO_AMOUNTS,
    "spend": _NO_AMOUNTS,
}


def why_not(figures: dict[str, Any], cycle: Cycle, known: dict[str, str]) -> dict[str, str]:
    """Return a sentence for every null of the section, under its JSON pointer.

    Parameters
    ----------
    figures
        The section's figures as plain JSON values.
    known
        Sentences that are known already, under their pointers.
    """
    sentences = _sentences(figures, cycle)
    return {
        at: known.get(at) or _of_part(at) or sentences.get(at[1:]) or sentences["any"]
        for at in null_pointers(figures)
    }


def _of_part(pointer: str) -> str | None:
    """Return the sentence for a null within a part of the section."""
    _, name, *inner = pointer.split("/")
    if not inner:
        return None
    if name == "growth" and inner[-1] != "outpaced_since":
        first = inner[1] == "0"
        return "No period stands before the first." if first else _NOT_LOST
    return _OF_PARTS.get(inner[-1])


def _sentences(figures: dict[str, Any], cycle: Cycle) -> dict[str, str]:
    always = {
        "repeat_revenue_share": _NO_AMOUNTS,
        "unassigned_revenue_share": _NO_AMOUNTS,
        "growth": cycle.why_not.get("/chart_period", ""),
        "revenue_quick_ratio": _no_quick_ratio(figures),
        **dict.fromkeys(_PREVIOUS, _NO_EARLIER),
    }
    if cycle.gate in RATED:
        seconds = dict.fromkeys(("second_purchase_rate", "second_purchase_ci95"), _NOT_SEEN)
        return {"any": _NOBODY} | _of_rated(figures) | seconds | always
    short = too_short(cycle)
    if cycle.window is None:  # then nothing was computed, whatever the records carry
        always |= dict.fromkeys(("repeat_revenue_share", "unassigned_revenue_share"), short)
    if cycle.gate == "refused":
        always["growth"] = short
    else:
        always |= dict.fromkeys(("second_purchase_rate", "second_purchase_ci95"), _NOT_SEEN)
    return {"any": short} | always | {"revenue_quick_ratio": short}


def _of_rated(figures: dict[str, Any]) -> dict[str, str]:
    """Return the sentences where there is a rate; nobody in the prior window explains them all."""
    if not figures["start_customers"]:
        return dict.fromkeys(_OF_RATED, _NOBODY)
    if figures["quick_ratio"] is not None:
        return _OF_RATED | {"quick_ratio_ci95": _NOBODY_CAME}
    return _OF_RATED


def _no_quick_ratio(figures: dict[str, Any]) -> str:
    if figures["start_customers"] == 0:
        return _NOBODY
    if figures["revenue"] is None:
        return _NO_REVENUE
    return "No revenue was lost, so nothing can be set against the gains."


def too_short(cycle: Cycle) -> str:
    """Return why there is no rate, and the day from which on there will be one."""
    if cycle.cycle_days is None:
        return cycle.why_not["/cycle_days"]  # type: ignore[no-any-return]
    if cycle.gate == "refused":
        return (
            f"Too little history: {cycle.history_days} days, three cycles need "
            f"{_need(cycle)}; it will do on {cycle.gate_lifts_on}."
        )
    return (
        f"One window only: {cycle.history_days} days of history, a period rate needs two "
        f"windows of {_need(cycle)} days; it will do on {cycle.gate_lifts_on}."
    )


def _need(cycle: Cycle) -> int:
    days = cycle.pinned.cycle_days if cycle.pinned else cycle.cycle_days or 0
    return 0 if cycle.window is None else max(cycle.window.days, 3 * days)
