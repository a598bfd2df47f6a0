"""The answer of notebook 05 in short."""

from __future__ import annotations

from retention_lib.results import Recommendations
from retention_lib.speech import Speech, escape
from retention_lib.words.reasons import because, follow
from retention_lib.words.recommendations import actions
from retention_lib.words.variants import answering


@answering
def meaning(result: Recommendations, speech: Speech) -> str:
    """Return how much comes from repeat purchases, and the first step."""
    repeat = because(result, "/repeat_revenue_share", speech) or speech.prose(
        "**{repeat_revenue_share:share 0}** of all revenue comes from purchases after a customer's "
        "first.",
        result,
    )
    first, *_ = [*(actions.line(step, speech) for step in result.actions), actions.none(speech)]
    return follow(repeat, escape(first))
