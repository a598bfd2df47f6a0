"""The answer of notebook 02: how often customers buy, and how long one must watch them."""

from __future__ import annotations

from retention_lib.results import Cycle
from retention_lib.speech import Speech
from retention_lib.words.reasons import because, follow
from retention_lib.words.variants import answering


@answering
def meaning(result: Cycle, speech: Speech) -> str:
    """Return the answer in two sentences, and a third where the start is cut off."""
    return follow(_half(result, speech), _watch(result, speech), _mid_life(result, speech))


def _half(result: Cycle, speech: Speech) -> str:
    if result.cycle_days is None:
        return because(result, "/cycle_days", speech)
    if result.grows and result.cycle_upper is not None:
        return speech.prose(
            "Of the customers who come back, half need at least **{cycle_days:days}** and at most "
            "**{upper:estimate days}**; the figure still grows the longer they are followed.",
            result,
            upper=(result.cycle_upper, result.interval),
        )
    return speech.prose(
        "Of the customers who come back, half need at least **{cycle:estimate days}**; the figure "
        "still grows the longer they are followed, so this is a lower bound without an upper one."
        if result.grows
        else "Of the customers who come back, half are back within **{cycle:estimate days}**.",
        cycle=(result.cycle_days, result.interval),
    )


def _watch(result: Cycle, speech: Speech) -> str:
    if result.window is None:
        return because(result, "/window", speech)
    return speech.prose(
        "Watch a customer for **{window:length}**, about three times as long, before you say "
        "whether they stayed."
        if result.pinned is None
        else "Watch a customer for **{window:length}**, the yardstick kept since "
        "{pinned.since:date}, before you say whether they stayed.",
        result,
    )


def _mid_life(result: Cycle, speech: Speech) -> str:
    if not result.starts_mid_life or result.cycle_days is None:
        return ""
    return speech.prose(
        "Many customers appear right at the start of the records, as they do where a log begins "
        "after its customers did; the cycle may be off by a quarter or more."
    )
