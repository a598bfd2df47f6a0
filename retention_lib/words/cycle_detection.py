"""Sentences of notebook 02: how often customers really buy."""

from __future__ import annotations

from retention_lib.results import Cycle
from retention_lib.words.formats import Speech, mark
from retention_lib.words.reasons import because, follow

SHORT_GAP_DAYS = 7  # under a week between purchases, whole days blur the rhythm
SOME_RHYTHM = 1.3
REAL_CYCLE = 2.0
CLOCKWORK = 10.0  # nobody needs to know how much steadier still

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


def cycle_answer(result: Cycle, speech: Speech) -> str:
    """Return the answer of notebook 02 in two sentences."""
    return follow(_cycle_sentence(result, speech), _watch_sentence(result, speech))


def _cycle_sentence(result: Cycle, speech: Speech) -> str:
    if result.cycle_days is None:
        return because(result, "/cycle_days", speech)
    days = speech.days(result.cycle_days)
    if result.settled is False:
        return _unsettled_sentence(result, days, speech)
    if result.cycle_ci95 is None:
        return speech.prose(
            "Of the customers who come back, half are back within **{days}**.", days=days
        )
    return speech.prose(
        "Of the customers who come back, half are back within **{days}** (95% interval {ends}).",
        days=days,
        ends=speech.range(result.cycle_ci95, speech.days),
    )


def _unsettled_sentence(result: Cycle, days: str, speech: Speech) -> str:
    if result.cycle_upper is None:
        return speech.prose(
            "Of the customers who come back, half need at least **{days}**; the figure still "
            "grows as the history does, so this is a lower bound without an upper one.",
            days=days,
        )
    return speech.prose(
        "Of the customers who come back, half need at least **{days}** and at most **{upper}**; "
        "the figure still grows as the history does, so these are bounds.",
        days=days,
        upper=speech.days(result.cycle_upper),
    )


def _watch_sentence(result: Cycle, speech: Speech) -> str:
    if result.window is None:
        return because(result, "/window", speech)
    return speech.prose(
        "A customer has to be watched for **{window}**, about three times as long, before it is "
        "fair to say whether they stayed.",
        window=speech.length(result.window.length, result.window.unit),
    )


# --- when do customers come back? ---------------------------------------------


def return_curve_title(result: Cycle, speech: Speech) -> str:
    """Return the title of the return curve."""
    if result.cycle_days is None:
        return speech.text("How long customers take to come back")
    if result.settled is False:
        return speech.text(
            "Half of those who come back need at least {days}",
            days=speech.days(result.cycle_days),
        )
    return speech.text(
        "Half of those who come back are back within {days}", days=speech.days(result.cycle_days)
    )


def return_curve_alt(result: Cycle, speech: Speech) -> str:
    """Return the alternative text of the return curve."""
    if result.cycle_days is None or result.tau_days is None or result.not_back_share is None:
        return speech.text(
            "Curve of the share of customers who are back, by days since their last purchase."
        )
    return speech.text(
        "Curve of the share of customers who are back, by days since their last purchase. It "
        "rises to {back} after {tau}; half of that is reached after {days}, and {rest} are not "
        "back by then.",
        back=speech.share(1 - result.not_back_share, 0),
        tau=speech.days(result.tau_days),
        days=speech.days(result.cycle_days),
        rest=speech.share(result.not_back_share, 0),
    )


def return_curve_meaning(result: Cycle, speech: Speech) -> str:
    """Return what the return curve means."""
    return follow(
        _not_back(result, speech), _three_quarters(result, speech), _settling(result, speech)
    )


def _not_back(result: Cycle, speech: Speech) -> str:
    if result.not_back_share is None or not result.tau_days:
        return because(result, "/not_back_share", speech)
    return speech.prose(
        "**{share}** of customers, each counted once, have not come back within {tau}, the longest "
        "wait that enough customers could be watched for; that does not say they never will.",
        share=speech.share(result.not_back_share),
        tau=speech.days(result.tau_days),
    )


def _three_quarters(result: Cycle, speech: Speech) -> str:
    if result.q75_days is None:
        return because(result, "/q75_days", speech)
    return speech.prose(
        "Of those who do come back, three in four are back within **{days}**.",
        days=speech.days(result.q75_days),
    )


def _settling(result: Cycle, speech: Speech) -> str:
    if result.cycle_days is None:
        return ""
    if result.settled is False:
        return speech.prose(
            "The cycle is **not settled**: computed on the first two thirds of that time it "
            "would be clearly shorter, so more history would lengthen it again."
        )
    return speech.prose(
        "The cycle is **settled**: computed on the first two thirds of that time it would be "
        "the same within 5%."
    )


# --- why is the usual median too short? ---------------------------------------


def gaps_title(result: Cycle, speech: Speech) -> str:
    """Return the title of the histogram of gaps."""
    if result.naive_median_gap_days is None or result.cycle_days is None:
        return speech.text("Days between one purchase and the next")
    if round(result.naive_median_gap_days) != result.cycle_days:
        return speech.text(
            "The usual median says {naive}, the cycle is {cycle}",
            naive=speech.days(result.naive_median_gap_days),
            cycle=_at_least(result, speech),
        )
    return speech.text(
        "Here the usual median and the cycle agree: {cycle}",
        cycle=speech.days(result.cycle_days),
    )


def _at_least(result: Cycle, speech: Speech) -> str:
    days = speech.days(result.cycle_days or 0)
    return speech.text("at least {days}", days=days) if result.settled is False else days


def gaps_alt(result: Cycle, speech: Speech) -> str:
    """Return the alternative text of the histogram of gaps."""
    if result.naive_median_gap_days is None:
        return speech.text("No days between purchases can be drawn.")
    return speech.text(
        "Histogram of the days between one purchase and the next, each customer counted once; "
        "the median over all gaps, {naive}, is marked, and so is the cycle.",
        naive=speech.days(result.naive_median_gap_days),
    )


def gaps_meaning(result: Cycle, speech: Speech) -> str:
    """Return why the usual median misleads, and by how much here."""
    if result.naive_median_gap_days is None or result.cycle_days is None:
        return because(result, "/naive_median_gap_days", speech) or because(
            result, "/cycle_days", speech
        )
    return follow(_naive_sentence(result, speech), _pooled_sentence(result, speech))


def _naive_sentence(result: Cycle, speech: Speech) -> str:
    assert result.naive_median_gap_days is not None and result.cycle_days is not None
    return speech.prose(
        "The usual median of all gaps is **{naive}**, the cycle is **{cycle}**: the median counts "
        "a frequent buyer once for each gap, and leaves out every wait that is not over yet.",
        naive=speech.days(result.naive_median_gap_days),
        cycle=speech.days(result.cycle_days),
    )


def _pooled_sentence(result: Cycle, speech: Speech) -> str:
    if result.pooled_median_days is None:
        return because(result, "/pooled_median_days", speech)
    return speech.prose(
        "With the unfinished waits put back, but frequent buyers still counted many times, it "
        "would be **{pooled}**.",
        pooled=speech.days(result.pooled_median_days),
    )


# --- is there a rhythm? -------------------------------------------------------


def rhythm_meaning(result: Cycle, speech: Speech) -> str:
    """Return whether customers buy in a rhythm."""
    if result.regularity_k is None:
        return because(result, "/regularity_k", speech)
    gap = result.naive_median_gap_days
    word = _blurred(speech) if gap is not None and gap < SHORT_GAP_DAYS else _word(result, speech)
    return follow(_regularity(result, speech), word)


def _regularity(result: Cycle, speech: Speech) -> str:
    assert result.regularity_k is not None
    if result.regularity_k >= CLOCKWORK:
        return speech.prose(
            "The regularity of this client's customers is **over {limit}**, where 1 is chance and "
            "higher is steadier.",
            limit=speech.count(CLOCKWORK),
        )
    k = speech.number(result.regularity_k)
    if result.regularity_k_raw is None:
        return speech.prose("The regularity of this client's customers is **{k}**.", k=k)
    return speech.prose(
        "The regularity of this client's customers is **{k}** ({raw} before the correction for "
        "whole days), where 1 is chance and higher is steadier.",
        k=k,
        raw=speech.number(result.regularity_k_raw),
    )


def _word(result: Cycle, speech: Speech) -> str:
    k = result.regularity_k
    assert k is not None
    if k < SOME_RHYTHM:
        return speech.prose(
            "They buy **at random moments**: the cycle is a typical wait, and no date can be "
            "named on which a customer is due."
        )
    if k < REAL_CYCLE:
        return speech.prose(
            "They buy with **some rhythm**: a customer is likelier to be due after one cycle, "
            "but no day can be named."
        )
    return speech.prose(
        "They buy in **a real cycle**: it is worth reminding a customer when the next purchase "
        "is due."
    )


def _blurred(speech: Speech) -> str:
    return speech.prose(
        "With gaps of less than a week, whole days are too coarse to say whether that is chance "
        "or a rhythm."
    )


# --- how long must one watch? -------------------------------------------------


def window_meaning(result: Cycle, speech: Speech) -> str:
    """Return the window, the lapse and what the history allows."""
    return follow(_window(result, speech), _gate(result, speech), _lapse(result, speech))


def _window(result: Cycle, speech: Speech) -> str:
    if result.window is None:
        return because(result, "/window", speech)
    return speech.prose(
        "The window of this client is **{window}** ({days}): the shortest whole period that "
        "holds three cycles.",
        window=speech.length(result.window.length, result.window.unit),
        days=speech.days(result.window.days),
    )


def _gate(result: Cycle, speech: Speech) -> str:
    said = speech.prose(_GATES[result.gate], history=speech.days(result.history_days))
    if result.gate_lifts_on is None:
        return said
    lifts = speech.prose(
        "The next step is reached on **{day}**.", day=speech.date(result.gate_lifts_on)
    )
    return follow(said, lifts)


def _lapse(result: Cycle, speech: Speech) -> str:
    if result.lapse_days is None:
        return because(result, "/lapse_days", speech)
    return speech.prose(
        "After **{days}** of silence a customer counts as lapsed: at most one in ten comes back "
        "within the next two cycles.",
        days=speech.days(result.lapse_days),
    )
