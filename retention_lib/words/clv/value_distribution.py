"""How much is a customer worth?"""

from __future__ import annotations

from retention_lib.results import Clv
from retention_lib.speech import Speech, mark
from retention_lib.words.clv.reasons import nothing_to_draw
from retention_lib.words.reasons import because, follow


def title(result: Clv, speech: Speech) -> str:
    """Return the figure's title."""
    if result.median_clv is None:
        return speech.text("How many customers are worth how much")
    if result.values == "nothing":
        return speech.text("Half of the customers are worth next to nothing")
    return speech.text(
        "Half of the customers are worth less than {median_clv:rounded_money} each", result
    )


def alt(result: Clv, speech: Speech) -> str:
    """Return the figure's alternative text."""
    if result.median_clv is None:
        return nothing_to_draw(result, "/median_clv", speech)
    return follow(
        speech.text(
            "Bars of the number of customers by the value expected of each, from next to nothing "
            "to the largest, one above the other; each stands for about twice the money of the one "
            "before."
        ),
        speech.text(
            "Half of the customers lie in the first."
            if result.values == "nothing"
            else "Half of the customers lie below {median_clv:rounded_money}.",
            result,
        ),
    )


_MEANINGS = mark(
    {
        "nothing": "Half of the customers are expected to bring **next to nothing**: money spent "
        "on all alike is lost on half of them, so choose whom to spend it on.",
        "far apart": "Half of the customers are expected to bring less than "
        "**{median_clv:rounded_money}** within {horizon_months:months}; the mean is "
        "**{mean_clv:rounded_money}**, because a few bring far more than the others.",
        "alike": "Half of the customers are expected to bring less than "
        "**{median_clv:rounded_money}** within {horizon_months:months}; the mean is "
        "**{mean_clv:rounded_money}**: customers differ little.",
    }
)


def meaning(result: Clv, speech: Speech) -> str:
    """Return what a usual customer is worth, and what may be spent on each."""
    if result.values == "unknown":
        return because(result, "/median_clv", speech)
    said = speech.prose(_MEANINGS[result.values], result)
    if result.values == "nothing":
        return said
    return follow(
        said,
        speech.prose(
            "So spending **{median_clv:rounded_money}** or more on each customer cannot pay for "
            "half of them, even if it earned all that they will bring: choose whom to spend it on.",
            result,
        ),
    )
