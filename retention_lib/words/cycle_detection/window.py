"""How long must one watch? Sentences of notebook 02 on window, gate, charts and lapse."""

from __future__ import annotations

from retention_lib.results import Cycle, Gate
from retention_lib.speech import Speech, mark
from retention_lib.words.cycle_detection.calendar import PERIODS
from retention_lib.words.reasons import because, follow

_GATES: dict[Gate, str] = mark(
    {
        "refused": "It is too short for any retention figure, so none is given.",
        "one_window": "It holds one window: enough to say who came back after a first purchase, "
        "but not yet how many stay.",
        "two_windows": "It holds two windows: enough for one retention rate, not yet for a trend.",
        "trend": "It holds three windows or more: enough for a trend.",
    }
)


def meaning(result: Cycle, speech: Speech) -> str:
    """Return the window, what the history allows, the period of charts and the lapse."""
    return follow(
        _window(result, speech),
        _rebase(result, speech),
        _gate(result, speech),
        _charts(result, speech),
        _lapse(result, speech),
    )


def _window(result: Cycle, speech: Speech) -> str:
    if result.window is None:
        return because(result, "/window", speech)
    if any(step.code == "window" for step in result.varied):
        return speech.prose(
            "This analysis measures by a window of **{window:length}** ({window.days:days}), not "
            "by the client's own.",
            result,
        )
    if result.pinned is None:
        return speech.prose(
            "The window of this client is **{window:length}** ({window.days:days}): the shortest "
            "whole period that holds three cycles.",
            result,
        )
    kept = speech.prose(
        "The window of this client is **{window:length}** ({window.days:days}), for a cycle of "
        "{pinned.cycle_days:days}. It was set by hand and holds since **{pinned.since:date}**."
        if result.pinned.by_hand
        else "The window of this client is **{window:length}** ({window.days:days}), from a cycle of "
        "{pinned.cycle_days:days}. It has been kept since **{pinned.since:date}**, so that reports "
        "of different days can be compared.",
        result,
    )
    why = result.pinned.why.strip().rstrip(".")
    return follow(kept, speech.prose("The reason noted then: “{why}”.", why=why) if why else "")


def _rebase(result: Cycle, speech: Speech) -> str:
    if result.pinned is None or result.cycle_days is None:
        return ""
    fresh = speech.prose(
        "Today's records give a cycle of at least **{cycle:estimate days}**."
        if result.grows
        else "Today's records give a cycle of **{cycle:estimate days}**.",
        cycle=(result.cycle_days, result.interval),
    )
    so_what = speech.prose(
        "**A new yardstick is proposed**, since the {cycle_days:days} it rests on lie outside that "
        "interval. To accept, delete this client's file definitions.yaml: the next run writes it "
        "anew, and rates from then on cannot be compared with earlier reports. Until then the old "
        "one stays in force."
        if result.pinned.rebase
        else "That is no reason to change it.",
        result.pinned,
    )
    return follow(fresh, so_what)


def _gate(result: Cycle, speech: Speech) -> str:
    if result.window is None and result.gate == "refused":
        return speech.prose("Without a window no retention figure can be given.")
    history = speech.prose("The history has {history_days:days}.", result)
    allows = speech.prose(_GATES[result.gate])
    if result.gate_lifts_on is None:
        return follow(history, allows)
    lifts = speech.prose("The next step is reached on **{gate_lifts_on:date}**.", result)
    return follow(history, allows, lifts)


def _charts(result: Cycle, speech: Speech) -> str:
    if result.chart_period is None:
        return because(result, "/chart_period", speech)
    return speech.prose(
        "Period of the charts: **{period}**, the shortest in which few customers merely skip one "
        "and come back (at most a quarter of those who buy).",
        period=speech.text(PERIODS[result.chart_period]),
    )


def _lapse(result: Cycle, speech: Speech) -> str:
    if result.lapse_days is None:
        return because(result, "/lapse_days", speech)
    if result.pinned is None or not result.pinned.lapse_days:
        return speech.prose(
            "After **{lapse:estimate days}** of silence a customer counts as lapsed: at most one "
            "in ten of them comes back within the next two cycles.",
            lapse=(result.lapse_days, result.lapse_ci95),
        )
    return speech.prose(
        "After **{lapse_days:days}** of silence a customer counts as lapsed; this, too, is kept."
        if result.lapse_ci95 is None
        else "After **{lapse_days:days}** of silence a customer counts as lapsed; this, too, is "
        "kept (today's records: 95% interval {lapse_ci95:range days}).",
        result,
    )
