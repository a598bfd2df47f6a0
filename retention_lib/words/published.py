"""How many of the published forecasts came within their range: for chapters and the first screen."""

from __future__ import annotations

from retention_lib.results import Clv, Ledger, PublishedForecast
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import follow

_ONE = mark(
    {
        "not due": "The one purchase forecast published so far is not due before {due:date}.",
        "inside": "The one purchase forecast published so far was due on {due:date}, and what came lay within "
        "its range.",
        "above": "The one purchase forecast published so far was due on {due:date}, and more came than its "
        "range had room for.",
        "below": "The one purchase forecast published so far was due on {due:date}, and less came than its "
        "range had room for.",
        "not judged": "The one purchase forecast published so far was due on {due:date}, and cannot be judged.",
    }
)


def record(result: Clv, speech: Speech) -> str:
    """Return how many of the published forecasts came within their range; "" where there is none."""
    ledger = result.ledger
    if len(ledger.forecasts) == 1:
        return speech.text(_ONE[_outcome(ledger.forecasts[0], ledger)], ledger.forecasts[0])
    if not ledger.forecasts:
        return ""
    published = len(ledger.forecasts)
    if not ledger.due:
        return speech.text(
            "Of {published:count} purchase forecasts published so far, none is due before {first:date}.",
            published=published,
            first=min(one.due for one in ledger.forecasts),
        )
    return follow(
        speech.text(
            "Of {published:count} purchase forecasts published so far, {due:count} {due:is|are} due, and "
            "{inside:count} came within {due:its|their} range.",
            ledger,
            published=published,
        ),
        speech.text("Due but not to be judged: {unjudged:count}.", ledger)
        if ledger.unjudged
        else "",
    )


def _outcome(forecast: PublishedForecast, ledger: Ledger) -> str:
    """Return how a lone forecast came out, where it may be due without anything counted."""
    return "not judged" if ledger.unjudged else forecast.outcome
