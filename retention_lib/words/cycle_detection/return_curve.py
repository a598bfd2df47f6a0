"""When do customers come back? Sentences on the return curve of notebook 02."""

from __future__ import annotations

from retention_lib.results import Cycle
from retention_lib.speech import Speech
from retention_lib.words.reasons import because, follow


def title(result: Cycle, speech: Speech) -> str:
    """Return the title of the return curve."""
    if result.cycle_days is None:
        return speech.text("How long customers take to come back")
    return speech.text(
        "Half of those who come back need at least {cycle_days:days}"
        if result.grows
        else "Half of those who come back are back within {cycle_days:days}",
        result,
    )


def alt(result: Cycle, speech: Speech) -> str:
    """Return the alternative text of the return curve."""
    drawn = speech.text(
        "Curve of the share of customers who are back, by days since their last purchase."
    )
    if result.cycle_days is None or result.not_back_share is None:
        return drawn
    rises = speech.text(
        "It rises to {back:share 0} after {tau_days:days}; half of that is reached after "
        "{cycle_days:days}, and {not_back_share:share 0} are not back at its end.",
        result,
        back=1 - result.not_back_share,
    )
    if result.lapse_days is None:
        return follow(drawn, rises)
    lapse = speech.text("The lapse is marked after {lapse_days:days} of silence.", result)
    return follow(drawn, rises, lapse)


def meaning(result: Cycle, speech: Speech) -> str:
    """Return what the return curve means."""
    return follow(
        _not_back(result, speech),
        _three_quarters(result, speech),
        _lapse(result, speech),
        _settling(result, speech),
    )


def _not_back(result: Cycle, speech: Speech) -> str:
    if result.not_back_share is None or not result.tau_days:
        return because(result, "/not_back_share", speech)
    return speech.prose(
        "**{rest:estimate share}** of customers, each counted once, have not come back within "
        "{tau_days:days}, the longest wait that enough customers could be watched for; that does "
        "not mean that they never will.",
        result,
        rest=(result.not_back_share, result.not_back_ci95),
    )


def _three_quarters(result: Cycle, speech: Speech) -> str:
    return because(result, "/q75_days", speech) or speech.prose(
        "Of those who do come back, three in four are back within **{q75:estimate days}**: a "
        "customer who is silent for longer is late.",
        q75=(result.q75_days, result.q75_ci95),
    )


def _lapse(result: Cycle, speech: Speech) -> str:
    if result.lapse_days is None or result.cycle_days is None:
        return ""
    return speech.prose(
        "After **{lapse_days:days}** of silence a customer counts as lapsed.", result
    )


def _settling(result: Cycle, speech: Speech) -> str:
    if result.cycle_days is None:
        return ""
    if result.grows:
        return speech.prose(
            "The cycle is **not settled**: the first two thirds of that time would give a clearly "
            "shorter one, so following customers for longer would lengthen it again."
        )
    return speech.prose(
        "The first two thirds of that time alone would not show the cycle, but both of its bounds "
        "are **{cycle_days:days}**: following customers for longer cannot lengthen it."
        if result.settled is False
        else "The cycle is **settled**: the first two thirds of that time give the same within 5%.",
        result,
    )
