"""When will they buy next?"""

from __future__ import annotations

from typing import Final

from retention_lib.results import Clv
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow

_VERDICTS: Final = mark(
    {
        "as told": "The days came true **as often as they should**.",
        "too early": "**Fewer** had bought than should: the days come too early, so allow for more "
        "time before a silence means anything.",
        "too late": "**More** had bought than should: the days come late, so write to customers "
        "somewhat before them.",
    }
)


def meaning(result: Clv, speech: Speech) -> str:
    """Return where each customer's next purchase is told, and how often such days came true."""
    if result.expected_purchases is None:
        return because(result, "/expected_purchases", speech)
    return follow(
        speech.prose(
            "The list of customers gives for each the day by which half of such customers have "
            "bought again, and the days between which eight in ten do: `next_purchase`, "
            "`next_purchase_from`, `next_purchase_to`. Whoever has more likely left than not has "
            "none."
        ),
        _came_true(result, speech),
    )


def _came_true(result: Clv, speech: Speech) -> str:
    """Return how often such days came true in the test."""
    told = result.next_purchases
    if told is None:
        return because(result, "/next_purchases", speech)
    return follow(
        speech.prose(
            "In the test {customers:count} customer{customers:|s} had such a day, and "
            "**{expected:share 0}** of them were to have bought by then, since some will have "
            "left; **{actual:share 0}** had.",
            told,
        ),
        speech.prose(_VERDICTS[told.verdict]),
    )
