"""Is the forecast right when added up?"""

from __future__ import annotations

from retention_lib.results import Clv
from retention_lib.speech import Speech, mark
from retention_lib.words.clv.tested import by_side, drawn
from retention_lib.words.clv.tracking import begins_late
from retention_lib.words.reasons import because, follow

_TITLES = mark(
    {
        "unknown": "Purchases added up, predicted and made",
        "even": "Added up over the test, the forecast adds as many as were made",
        "too few": "Added up over the test, the forecast adds {off:share 0} too few",
        "too many": "Added up over the test, the forecast adds {off:share 0} too many",
    }
)
_ALT = mark(
    "Two rising lines of repeat purchases added up to {end:date}, made and predicted. From "
    "{start:date} on, the days kept from the forecast, {actual:count} were made and "
    "{predicted:count} predicted."
)


def title(result: Clv, speech: Speech) -> str:
    """Return the figure's title."""
    return by_side(_TITLES, result, speech)


def alt(result: Clv, speech: Speech) -> str:
    """Return the figure's alternative text."""
    return follow(drawn(_ALT, result, speech), begins_late(result, speech))


def meaning(result: Clv, speech: Speech) -> str:
    """Return what the purchases added up show of the forecast, and what to look for."""
    held, test = result.holdout, result.tested
    if held is None or test is None:
        return because(result, "/tested", speech)
    return speech.prose(
        "Added up, good and bad weeks cancel, and what is left is a steady error: from {start:date} "
        "to {end:date} the forecast adds **{predicted:count}** purchases, customers made "
        "**{actual:count}**. A gap that widens week after week will go on widening over the time "
        "that the value looks ahead. A gap that opens at once and then stays comes from one event, "
        "a sale or a stop, and says little about the time to come.",
        held,
        predicted=test.predicted,
        actual=test.actual,
    )
