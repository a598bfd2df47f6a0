"""Is the forecast right week by week?"""

from __future__ import annotations

from retention_lib.results import Clv, Holdout, Tested
from retention_lib.speech import Speech, mark
from retention_lib.words.clv.race import is_rule, knows_calendar
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
_PEAKS = mark(
    {
        True: "Peaks that the forecast does not follow are sales, or a season that the days "
        "before had not shown.",
        False: "Peaks that the forecast does not follow are sales and seasons, of which it knows "
        "nothing: **plan single weeks from the calendar, not from it**.",
    }
)
_ADDED_UP = mark(
    "Added up, it predicts **{predicted:count}** purchases from {start:date} to {end:date}; "
    "customers made **{actual:count}**."
)
_OVER_THE_TEST = mark(
    {
        "close": "That is {off:share 0} off: weeks too high and weeks too low nearly made up for "
        "each other.",
        "too few": "That is **{off:share 0} too low**: a gap that opens at once and then stays comes "
        "from one event, one that widens week after week will go on widening.",
        "too many": "That is **{off:share 0} too high**: a gap that opens at once and then stays "
        "comes from one event, one that widens week after week will go on widening.",
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
        speech.prose(_PEAKS[knows_calendar(result)]),
        speech.prose(
            "Look whether it stays on one side of what was made for weeks on end."
            if knows_calendar(result)
            else "Look instead whether it stays on one side of what was made for weeks on end."
        ),
        *_over_the_test(result.tested, result.holdout, speech),
    )


def _over_the_test(test: Tested, held: Holdout, speech: Speech) -> list[str]:
    """Return what the purchases of the test come to, and what a gap in them would mean."""
    said = [speech.prose(_ADDED_UP, held, predicted=test.predicted, actual=test.actual)]
    if test.off is None or test.side == "even":
        return said
    side = "close" if test.verdict == "close" else test.side
    return [*said, speech.prose(_OVER_THE_TEST[side], test)]
