"""Why is the usual median too short? Sentences on the gaps between purchases in notebook 02."""

from __future__ import annotations

from retention_lib.results import Cycle
from retention_lib.speech import Speech
from retention_lib.words.reasons import because, follow


def title(result: Cycle, speech: Speech) -> str:
    """Return the title of the histogram of gaps."""
    naive, days = result.naive_median_gap_days, result.cycle_days
    if naive is None or days is None:
        return speech.text("Days between one purchase and the next")
    if round(naive) == days:
        return speech.text("Here the usual median and the cycle agree: {cycle_days:days}", result)
    return speech.text(
        "The usual median says {naive_median_gap_days:days}, the cycle is at least "
        "{cycle_days:days}"
        if result.grows
        else "The usual median says {naive_median_gap_days:days}, the cycle is {cycle_days:days}",
        result,
    )


def alt(result: Cycle, speech: Speech) -> str:
    """Return the alternative text of the histogram of gaps."""
    if result.naive_median_gap_days is None:
        return speech.text("No days between purchases can be drawn.")
    return speech.text(
        "Histogram of the days between one purchase and the next, each customer counted once; "
        "the median over all gaps, {naive_median_gap_days:days}, is marked."
        if result.cycle_days is None
        else "Histogram of the days between one purchase and the next, each customer counted "
        "once; the median over all gaps, {naive_median_gap_days:days}, is marked, and so is the "
        "cycle.",
        result,
    )


def meaning(result: Cycle, speech: Speech) -> str:
    """Return why the usual median misleads, and by how much here."""
    if result.naive_median_gap_days is None:
        return because(result, "/naive_median_gap_days", speech)
    if result.cycle_days is None:
        return because(result, "/cycle_days", speech)
    usual = speech.prose(
        "The usual median of all gaps is **{naive_median_gap_days:days}**, the cycle is "
        "**{cycle_days:days}**: the median counts a frequent buyer once for each gap, and leaves "
        "out every wait that is not over yet.",
        result,
    )
    if result.pooled_median_days is None:
        return follow(usual, because(result, "/pooled_median_days", speech))
    pooled = speech.prose(
        "With the unfinished waits put back, but frequent buyers still counted many times, it "
        "would be **{pooled_median_days:days}**.",
        result,
    )
    return follow(usual, pooled)
