"""Notebook 04 in short: what the customers are worth together, and how far that can be trusted."""

from __future__ import annotations

from retention_lib.results import Clv
from retention_lib.speech import Speech, mark
from retention_lib.words.clv import centre, expectation, past_forecasts, span
from retention_lib.words.clv.race import rough
from retention_lib.words.reasons import because, follow
from retention_lib.words.variants import answering


@answering
def meaning(result: Clv, speech: Speech) -> str:
    """Return the sum with its range, by how much it was moved, and how far it may be trusted.

    Further sentences say that it looks less far ahead than was asked for, or that it is a rough
    guide only.
    """
    if result.model is None:
        return follow(because(result, "/model", speech), expectation.subscribers(result, speech))
    return follow(
        _worth(result, speech),
        span.shortened(result, speech),
        centre.moved(result, speech),
        _trust(result, speech),
        centre.lean(result, speech),
        rough(result, speech),
    )


_WORTH = mark(
    {
        "margin": "Within {horizon_months:months}, today's customers are expected to bring "
        "**{total_clv:about_money}** of margin, in today's money: their customer equity.",
        "revenue": "Within {horizon_months:months}, today's customers are expected to bring "
        "**{total_clv:about_money}** of revenue (not profit), in today's money: their customer "
        "equity.",
    }
)


def _worth(result: Clv, speech: Speech) -> str:
    if result.total_clv is None:
        return expectation.purchases(result, speech)
    said = speech.prose(_WORTH[result.basis], result)
    return follow(said, expectation.interval(result.total_clv_ci95, speech.about_money, speech))


_TESTED = mark(
    {
        "even": "Tested on days it had not seen, the forecast was right within 1%.",
        "too few": "Tested on days it had not seen, the forecast was **{off:share 0} too low**.",
        "too many": "Tested on days it had not seen, the forecast was **{off:share 0} too high**.",
    }
)


def _trust(result: Clv, speech: Speech) -> str:
    """Return in one sentence how far the forecast may be trusted: from earlier ones, or the test."""
    if past_forecasts.known(result):
        return past_forecasts.held(result, speech)
    test = result.tested
    if test is None:
        return because(result, "/tested", speech)
    if test.off is None:
        return speech.prose("Nobody bought in the days kept for a test, so it tells little.")
    return speech.prose(_TESTED[test.side], test)
