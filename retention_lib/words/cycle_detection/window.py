"""Sentences of notebook 02 on the yardstick: window, gate, chart period, lapse, and their pin."""

from __future__ import annotations

from retention_lib.results import Cycle, Pinned, Window
from retention_lib.speech import Speech, mark
from retention_lib.words.cycle_detection.return_curve import cycle_interval
from retention_lib.words.reasons import because, follow

_GATES = {
    "refused": mark(
        "The history of {history} is too short for any retention figure, so none is given."
    ),
    "one_window": mark(
        "The history of {history} holds one window but not two, so it can be said who came back "
        "after a first purchase, but not yet how many stay from one window to the next."
    ),
    "two_windows": mark(
        "The history of {history} holds two windows, enough for one retention rate; a trend needs "
        "a third."
    ),
    "trend": mark("The history of {history} holds three windows or more, enough for a trend."),
}

_CHARTS = {
    "week": mark("by week"),
    "month": mark("by month"),
    "quarter": mark("by quarter"),
    "half-year": mark("by half-year"),
    "year": mark("by year"),
}


def window_meaning(result: Cycle, speech: Speech) -> str:
    """Return the window, what the history allows, the period of charts and the lapse."""
    return follow(
        _window(result, speech),
        _rebase(result, speech),
        _gate(result, speech),
        _charts(result, speech),
        _lapse(result, speech),
    )


# --- the window, estimated or pinned ------------------------------------------


def _window(result: Cycle, speech: Speech) -> str:
    if result.window is None:
        return because(result, "/window", speech)
    if any(step.code == "window" for step in result.varied):
        return speech.prose(
            "This analysis measures by a window of **{window:length}** ({window.days:days}), not "
            "by the client's own.",
            result,
        )
    if result.pinned is not None:
        return follow(
            _pinned_window(result.window, result.pinned, speech), _why(result.pinned, speech)
        )
    return speech.prose(
        "The window of this client is **{window}** ({days}): the shortest whole period that "
        "holds three cycles.",
        window=speech.length(result.window),
        days=speech.days(result.window.days),
    )


def _pinned_window(window: Window, pinned: Pinned, speech: Speech) -> str:
    return speech.prose(
        "The window of this client is **{window:length}** ({window.days:days}), for a cycle of "
        "{cycle_days:days}. It was set by hand and holds since **{since:date}**."
        if pinned.by_hand
        else "The window of this client is **{window:length}** ({window.days:days}), from a cycle "
        "of {cycle_days:days}. It has been kept since **{since:date}**, so that reports of "
        "different days can be compared.",
        pinned,
        window=window,
    )


def _why(pinned: Pinned, speech: Speech) -> str:
    why = pinned.why.strip().rstrip(".")
    return speech.prose("The reason noted then: “{why}”.", why=why) if why else ""


def _rebase(result: Cycle, speech: Speech) -> str:
    if result.pinned is None or result.cycle_days is None:
        return ""
    if not result.pinned.rebase:
        return speech.prose(
            "Today's records give a cycle of **{days}**, which is no reason to change it.",
            days=_fresh(result, speech),
        )
    return speech.prose(
        "**A new yardstick is proposed**: today's records give a cycle of **{days}**, and the "
        "{pinned} it rests on lie outside that interval. To accept, delete the file "
        "definitions.yaml of this client: the next run writes it anew, and rates from then on "
        "cannot be compared with earlier reports. Until then the old one stays in force.",
        days=_fresh(result, speech),
        pinned=speech.days(result.pinned.cycle_days),
    )


def _fresh(result: Cycle, speech: Speech) -> str:
    """Return the cycle of today's records with the interval that the pinned one is held against."""
    days, ends = speech.days(result.cycle_days or 0), cycle_interval(result, speech)
    if result.grows:
        days = speech.text("at least {days}", days=days)
    if ends is None:
        return days
    return speech.text("{figure} (95% interval {ends})", figure=days, ends=ends)


# --- what the history allows --------------------------------------------------


def _gate(result: Cycle, speech: Speech) -> str:
    if result.window is None and result.gate == "refused":
        return speech.prose("Without a window no retention figure can be given.")
    said = speech.prose(_GATES[result.gate], history=speech.days(result.history_days))
    if result.gate_lifts_on is None:
        return said
    lifts = speech.prose(
        "The next step is reached on **{day}**.", day=speech.date(result.gate_lifts_on)
    )
    return follow(said, lifts)


def _charts(result: Cycle, speech: Speech) -> str:
    if result.chart_period is None:
        return because(result, "/chart_period", speech)
    return speech.prose(
        "Charts are drawn **{period}**, the shortest period in which few customers merely skip one "
        "and come back (at most a quarter of those who buy).",
        period=speech.text(_CHARTS[result.chart_period]),
    )


def _lapse(result: Cycle, speech: Speech) -> str:
    if result.lapse_days is None:
        return because(result, "/lapse_days", speech)
    pinned = result.pinned
    if pinned is not None and pinned.lapse_days == result.lapse_days:
        return _pinned_lapse(result, speech)
    return speech.prose(
        "After **{days}** of silence a customer counts as lapsed: at most one in ten of them comes "
        "back within the next two cycles.",
        days=speech.estimated_days(result.lapse_days, result.lapse_ci95),
    )


def _pinned_lapse(result: Cycle, speech: Speech) -> str:
    days = speech.days(result.lapse_days or 0)
    if result.lapse_ci95 is None:
        return speech.prose(
            "After **{days}** of silence a customer counts as lapsed; this, too, is kept.",
            days=days,
        )
    return speech.prose(
        "After **{days}** of silence a customer counts as lapsed; this, too, is kept (today's "
        "records: 95% interval {ends}).",
        days=days,
        ends=speech.days_range(result.lapse_ci95),
    )
