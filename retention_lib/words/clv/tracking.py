"""Is the forecast right week by week?"""

from __future__ import annotations

from retention_lib.results import Clv
from retention_lib.speech import Speech, mark
from retention_lib.words.clv.race import is_rule
from retention_lib.words.clv.tested import by_side, drawn
from retention_lib.words.reasons import because, follow

_TITLES = mark(
    {
        "unknown": "Purchases week by week, predicted and made",
        "even": "Week by week: as many predicted as made over the test",
        "too few": "Week by week: {off:share 0} too few predicted over the test",
        "too many": "Week by week: {off:share 0} too many predicted over the test",
    }
)
_ALT = mark(
    "Two lines of repeat purchases in each week up to {end:date}, made and predicted; the days from "
    "{start:date} on were kept from the forecast."
)
_OVER_THE_TEST = mark(
    {
        "even": "Over the test as a whole it predicted as many purchases as were made.",
        "close": "Over the test as a whole it was {off:share 0} off: weeks too high and weeks too "
        "low nearly made up for each other.",
        "too few": "Over the test as a whole it was **{off:share 0} too low**.",
        "too many": "Over the test as a whole it was **{off:share 0} too high**: customers bought "
        "less, or left sooner, than it expected.",
    }
)


def title(result: Clv, speech: Speech) -> str:
    """Return the figure's title."""
    return by_side(_TITLES, result, speech)


def alt(result: Clv, speech: Speech) -> str:
    """Return the figure's alternative text."""
    return follow(drawn(_ALT, result, speech), begins_late(result, speech))


def begins_late(result: Clv, speech: Speech) -> str:
    """Return that the line of a plain rule begins with the test; "" for a model."""
    if result.holdout is None or not is_rule(result):
        return ""
    return speech.text(
        "The line of the forecast begins on {start:date}: a plain rule says nothing of the days "
        "before.",
        result.holdout,
    )


def meaning(result: Clv, speech: Speech) -> str:
    """Return what the weeks show of the forecast, and what to look for."""
    if result.holdout is None or result.tested is None:
        return because(result, "/tested", speech)
    return follow(
        begins_late(result, speech)
        or speech.prose(
            "Only the weeks from **{start:date}** on are a test; those before were known to the "
            "forecast.",
            result.holdout,
        ),
        speech.prose(
            "Peaks that the forecast does not follow are sales and seasons, of which it knows "
            "nothing: **plan single weeks from the calendar, not from it**. Look instead whether "
            "it stays on one side of what was made for weeks on end."
        ),
        _over_the_test(result, speech),
    )


def _over_the_test(result: Clv, speech: Speech) -> str:
    test = result.tested
    if test is None or test.off is None:
        return ""
    near = test.verdict == "close" and test.side != "even"
    return speech.prose(_OVER_THE_TEST["close" if near else test.side], test)
