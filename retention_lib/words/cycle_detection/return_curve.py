"""Sentences of notebook 02 on the cycle itself: its answer, the return curve, the usual median."""

from __future__ import annotations

from retention_lib.results import Cycle
from retention_lib.speech import Speech
from retention_lib.words.reasons import because, follow
from retention_lib.words.variants import answering


@answering
def cycle_answer(result: Cycle, speech: Speech) -> str:
    """Return the answer of notebook 02 in two sentences, and a third where the start is cut off."""
    return follow(
        _cycle_sentence(result, speech),
        _watch_sentence(result, speech),
        _mid_life_sentence(result, speech),
    )


def _cycle_sentence(result: Cycle, speech: Speech) -> str:
    if result.cycle_days is None:
        return because(result, "/cycle_days", speech)
    days, ends = speech.days(result.cycle_days), cycle_interval(result, speech)
    if result.grows:
        return _growing_sentence(result, days, ends, speech)
    if ends is None:
        return speech.prose(
            "Of the customers who come back, half are back within **{days}**.", days=days
        )
    return speech.prose(
        "Of the customers who come back, half are back within **{days}** (95% interval {ends}).",
        days=days,
        ends=ends,
    )


def _growing_sentence(result: Cycle, days: str, ends: str | None, speech: Speech) -> str:
    if result.cycle_upper is None and ends is None:
        return speech.prose(
            "Of the customers who come back, half need at least **{days}**; the figure still "
            "grows the longer customers are followed, so this is a lower bound without an upper "
            "one.",
            days=days,
        )
    if result.cycle_upper is None:
        return speech.prose(
            "Of the customers who come back, half need at least **{days}** (95% interval {ends}); "
            "the figure still grows the longer customers are followed, so this is a lower bound "
            "without an upper one.",
            days=days,
            ends=ends or "",
        )
    return _bounded_sentence(result.cycle_upper, days, ends, speech)


def _bounded_sentence(upper: int, days: str, ends: str | None, speech: Speech) -> str:
    if ends is None:
        return speech.prose(
            "Of the customers who come back, half need at least **{days}** and at most "
            "**{upper}**; the figure still grows the longer customers are followed, so these are "
            "bounds.",
            days=days,
            upper=speech.days(upper),
        )
    return speech.prose(
        "Of the customers who come back, half need at least **{days}** and at most **{upper}** "
        "(95% interval {ends}); the figure still grows the longer customers are followed, so these "
        "are bounds.",
        days=days,
        upper=speech.days(upper),
        ends=ends,
    )


def cycle_interval(result: Cycle, speech: Speech) -> str | None:
    """Return the interval of the cycle, or around the bounds of one not settled, as plain text."""
    if result.interval is None:
        return None
    low, high = result.interval
    if high is None:
        return speech.text("{days} or more", days=speech.days(low))
    return speech.days_range((low, high))


def _watch_sentence(result: Cycle, speech: Speech) -> str:
    if result.window is None:
        return because(result, "/window", speech)
    length = speech.length(result.window)
    if result.pinned is not None:
        return speech.prose(
            "A customer has to be watched for **{window}**, the yardstick kept since {since}, "
            "before it is fair to say whether they stayed.",
            window=length,
            since=speech.date(result.pinned.since),
        )
    return speech.prose(
        "A customer has to be watched for **{window}**, about three times as long, before it is "
        "fair to say whether they stayed.",
        window=length,
    )


def _mid_life_sentence(result: Cycle, speech: Speech) -> str:
    if not result.starts_mid_life or result.cycle_days is None:
        return ""
    return speech.prose(
        "Many customers appear right at the start of the records, as they do where a log begins "
        "after its customers did; the cycle may be off by a quarter or more."
    )


# --- when do customers come back? ---------------------------------------------


def return_curve_title(result: Cycle, speech: Speech) -> str:
    """Return the title of the return curve."""
    if result.cycle_days is None:
        return speech.text("How long customers take to come back")
    if result.grows:
        return speech.text(
            "Half of those who come back need at least {days}",
            days=speech.days(result.cycle_days),
        )
    return speech.text(
        "Half of those who come back are back within {days}", days=speech.days(result.cycle_days)
    )


def return_curve_alt(result: Cycle, speech: Speech) -> str:
    """Return the alternative text of the return curve."""
    return follow(_curve_alt(result, speech), _lapse_alt(result, speech))


def _curve_alt(result: Cycle, speech: Speech) -> str:
    if result.cycle_days is None or result.tau_days is None or result.not_back_share is None:
        return speech.text(
            "Curve of the share of customers who are back, by days since their last purchase."
        )
    return speech.text(
        "Curve of the share of customers who are back, by days since their last purchase. It "
        "rises to {back} after {tau}; half of that is reached after {days}, and {rest} are not "
        "back at its end.",
        back=speech.share(1 - result.not_back_share, 0),
        tau=speech.days(result.tau_days),
        days=speech.days(result.cycle_days),
        rest=speech.share(result.not_back_share, 0),
    )


def _lapse_alt(result: Cycle, speech: Speech) -> str:
    if result.cycle_days is None or result.lapse_days is None:
        return ""
    return speech.text(
        "The lapse is marked after {days} of silence.", days=speech.days(result.lapse_days)
    )


def return_curve_meaning(result: Cycle, speech: Speech) -> str:
    """Return what the return curve means."""
    return follow(
        _not_back(result, speech),
        _three_quarters(result, speech),
        _marked_lapse(result, speech),
        _settling(result, speech),
    )


def _not_back(result: Cycle, speech: Speech) -> str:
    if result.not_back_share is None or not result.tau_days:
        return because(result, "/not_back_share", speech)
    return speech.prose(
        "**{share}** of customers, each counted once, have not come back within {tau}, the longest "
        "wait that enough customers could be watched for; that does not say they never will.",
        share=speech.estimated_share(result.not_back_share, result.not_back_ci95),
        tau=speech.days(result.tau_days),
    )


def _three_quarters(result: Cycle, speech: Speech) -> str:
    if result.q75_days is None:
        return because(result, "/q75_days", speech)
    return speech.prose(
        "Of those who do come back, three in four are back within **{days}**: whoever is silent "
        "for longer is late.",
        days=speech.estimated_days(result.q75_days, result.q75_ci95),
    )


def _marked_lapse(result: Cycle, speech: Speech) -> str:
    if result.lapse_days is None or result.cycle_days is None:
        return ""
    return speech.prose(
        "From **{days}** of silence on, a customer counts as lapsed.",
        days=speech.days(result.lapse_days),
    )


def _settling(result: Cycle, speech: Speech) -> str:
    if result.cycle_days is None:
        return ""
    if result.grows:
        return speech.prose(
            "The cycle is **not settled**: computed on the first two thirds of that time it "
            "would be clearly shorter, so following customers for longer would lengthen it again."
        )
    if result.settled is False:
        return speech.prose(
            "The first two thirds of that time alone would not show the cycle, but both of its "
            "bounds are **{days}**: following customers for longer cannot lengthen it.",
            days=speech.days(result.cycle_days),
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
    return speech.text("at least {days}", days=days) if result.grows else days


def gaps_alt(result: Cycle, speech: Speech) -> str:
    """Return the alternative text of the histogram of gaps."""
    if result.naive_median_gap_days is None:
        return speech.text("No days between purchases can be drawn.")
    if result.cycle_days is None:
        return speech.text(
            "Histogram of the days between one purchase and the next, each customer counted once; "
            "the median over all gaps, {naive}, is marked.",
            naive=speech.days(result.naive_median_gap_days),
        )
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
