"""Do purchases follow a rhythm? Sentences on the customers' own and the calendar's, notebook 02."""

from __future__ import annotations

from collections.abc import Sequence

from retention_lib.results import ChartPeriod, Cycle, Interval, Regularity, RhythmName
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow

_CLOCKWORK = 10.0  # nobody needs to know how much steadier still
PERIODS: dict[RhythmName | ChartPeriod, str] = mark(
    {
        "week": "week",
        "fortnight": "fortnight",
        "month": "month",
        "quarter": "quarter",
        "half-year": "half-year",
        "year": "year",
    }
)
_OWN: dict[Regularity, str] = mark(
    {
        "too_coarse": "Gaps of less than a week are too short to tell chance from a rhythm by days.",
        "too_few": "From so few customers it cannot be told whether that is chance or a rhythm.",
        "at_random": "They buy **at random moments**: the cycle is a typical wait, and no date "
        "can be named on which a customer is due.",
        "some_rhythm": "They buy with **some rhythm**: a customer is likelier to be due after one "
        "cycle, but no day can be named.",
        "real_cycle": "They buy in **a real cycle**: remind them when the next purchase is due.",
        "at_random_or_some_rhythm": "That lies **between chance and some rhythm**: do not count "
        "on a date.",
        "some_rhythm_or_real_cycle": "That lies **between some rhythm and a real cycle**: test a "
        "reminder after one cycle.",
        "at_random_or_real_cycle": "That lies anywhere **between chance and a real cycle**: "
        "customers are too few to tell.",
    }
)


def title(result: Cycle, speech: Speech) -> str:
    """Return the title of the calendar of purchases: the clearest rhythm found."""
    if result.rhythms_found:
        strongest, *_ = result.rhythms_found
        return speech.text(
            "Purchases follow the calendar: {period}, {swing:share 0} above even at best",
            period=speech.text(PERIODS[strongest]),
            swing=_swings(result)[strongest],
        )
    if result.rhythm:
        return speech.text("Purchases day by day: no clear rhythm of the calendar")
    return speech.text("Purchases day by day")


def alt(result: Cycle, speech: Speech) -> str:
    """Return the alternative text of the calendar of purchases."""
    drawn = speech.text(
        "Calendar with one square for each day: weeks from left to right, Monday at the top; the "
        "darker, the more purchases. The history has {history_days:days}.",
        result,
    )
    if not result.rhythms_found:
        return drawn
    seen = speech.text("Rhythms found: {names}.", names=_named(result.rhythms_found, speech))
    return follow(drawn, seen)


def meaning(result: Cycle, speech: Speech) -> str:
    """Return whether customers buy in a rhythm, their own or the calendar's."""
    return "\n\n".join([_own(result, speech), _shared(result, speech)])


def _own(result: Cycle, speech: Speech) -> str:
    if result.regularity_k is None:
        return because(result, "/regularity_k", speech)
    steady = speech.prose(
        "The regularity of this client's customers is **{k}**, where 1 is chance and higher is "
        "steadier.",
        k=_k(result.regularity_k, result.regularity_ci95, speech),
    )
    if result.regularity_k_raw is None:
        return follow(steady, speech.prose(_OWN[result.regularity]))
    raw = speech.prose(
        "Before the correction for whole days it is {regularity_k_raw:number}.", result
    )
    return follow(steady, raw, speech.prose(_OWN[result.regularity]))


def _k(k: float, ci95: Interval | None, speech: Speech) -> str:
    if k >= _CLOCKWORK:
        return speech.text("over {limit:count}", limit=_CLOCKWORK)
    ends = None if ci95 is None else tuple(min(end, _CLOCKWORK) for end in ci95)
    return speech.said((k, ends), "estimate number")


def _shared(result: Cycle, speech: Speech) -> str:
    missed = [one.period for one in result.rhythm if not one.found]
    return follow(
        _followed(result, speech),
        speech.prose(
            "Looked for, and not clear enough to matter: {names}.", names=_named(missed, speech)
        )
        if missed
        else "",
        speech.prose(
            "The history is too short to look for: {names} (it would have to hold four of them).",
            names=_named(result.rhythms_untested, speech),
        )
        if result.rhythms_untested
        else "",
    )


def _followed(result: Cycle, speech: Speech) -> str:
    if not result.rhythms_found:
        return ""
    swings = _swings(result)
    peaks = [
        speech.text(
            "{name} {swing:share 0}", name=speech.text(PERIODS[period]), swing=swings[period]
        )
        for period in result.rhythms_found
    ]
    return speech.prose(
        "Purchases follow the calendar. At their best, smoothed to a wave, they are above the even "
        "flow by: **{peaks:listed}**. All customers share that rhythm: it tells when to send a "
        "message, not when one customer is due.",
        peaks=peaks,
    )


def _swings(result: Cycle) -> dict[RhythmName, float]:
    return {rhythm.period: rhythm.swing for rhythm in result.rhythm}


def _named(periods: Sequence[RhythmName], speech: Speech) -> str:
    return speech.listed([speech.text(PERIODS[period]) for period in periods])
