"""Sentences on concentration: how much depends on a few customers?"""

from __future__ import annotations

from retention_lib.results import Recommendations
from retention_lib.speech import Speech
from retention_lib.words.reasons import because, follow


def title(result: Recommendations, speech: Speech) -> str:
    """Return the title of the figure of concentration."""
    if result.concentration is None:
        return speech.text("Share of spend held by the largest customers")
    return speech.text(
        "The largest fifth of customers brought {top20_share:share 0} of all spend",
        result.concentration,
    )


def alt(result: Recommendations, speech: Speech) -> str:
    """Return the alternative text of the figure of concentration."""
    if result.concentration is None:
        return speech.text("Without amounts there is nothing to draw.")
    return speech.text(
        "Curve of the share of all spend held by the largest customers: the first fifth holds "
        "{top20_share:share 0}; a straight line shows equal customers.",
        result.concentration,
    )


def meaning(result: Recommendations, speech: Speech) -> str:
    """Return how much depends on a few customers."""
    return because(result, "/concentration", speech) or follow(
        speech.prose(
            "The largest fifth of customers brought **{top20_share:share}** of all spend, the ten "
            "largest **{top10_share:share}**, and the largest one **{top1_share:share}**.",
            result.concentration,
        ),
        speech.prose(
            "Spend is as concentrated as if **{effective_customers:count}** equally large "
            "customer{effective_customers:|s} brought all of it (Gini {gini:number}).",
            result.concentration,
        ),
    )
