"""On how few customers does the value depend?"""

from __future__ import annotations

from retention_lib.results import Clv
from retention_lib.speech import Speech
from retention_lib.words.clv.reasons import nothing_to_draw
from retention_lib.words.reasons import because, follow


def title(result: Clv, speech: Speech) -> str:
    """Return the figure's title."""
    if result.top20_share is None:
        return speech.text("How the expected value is spread over customers")
    return speech.text(
        "The most valuable fifth of customers holds {top20_share:share 0} of the expected value",
        result,
    )


def alt(result: Clv, speech: Speech) -> str:
    """Return the figure's alternative text."""
    if result.top20_share is None:
        return nothing_to_draw(result, "/top20_share", speech)
    return speech.text(
        "Two rising curves, one of the expected value and one of the spend so far, each from the "
        "largest customers to the smallest: the share of all that so many customers hold. The "
        "first fifth holds {top20_share:share 0} of the expected value; a straight line shows equal "
        "customers.",
        result,
    )


def meaning(result: Clv, speech: Speech) -> str:
    """Return how much depends on few customers, and what that means for effort."""
    return because(result, "/top20_share", speech) or follow(
        speech.prose(
            "The most valuable fifth of customers holds **{top20_share:share 0}** of all expected "
            "value: effort spread evenly over all customers would mostly go to those who bring "
            "little."
            if result.concentrated
            else "The most valuable fifth of customers holds **{top20_share:share 0}** of all "
            "expected value: it is spread widely, so what is cheap for each customer pays best.",
            result,
        ),
        speech.prose(
            "Where the curve of the expected value lies above that of past spend, fewer customers "
            "carry the future than carried the past."
        ),
    )
