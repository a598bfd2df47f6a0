"""Is the forecast right for each kind of customer?"""

from __future__ import annotations

from retention_lib.results import Clv
from retention_lib.speech import Speech, mark
from retention_lib.words.clv.tested import by_side, drawn
from retention_lib.words.reasons import because, follow

_TITLES = mark(
    {
        "unknown": "Purchases predicted and purchases made",
        "even": "The forecast predicted as many purchases as were made",
        "too few": "The forecast predicted {off:share 0} too few purchases",
        "too many": "The forecast predicted {off:share 0} too many purchases",
    }
)
_ALT = mark(
    "Two lines of purchases per customer between {start:date} and {end:date}, by how often "
    "customers had bought again before: made ({actual:count} in all) and predicted "
    "({predicted:count} in all)."
)
_VERDICTS = mark(
    {
        "close": "That is close: you can plan with the total of a period like this one.",
        "fair": "That is enough to rank customers; of a total use the range, not the single figure.",
        "far off": "That is too far off for totals: use the values only to rank customers.",
        "nobody bought": "Nobody bought in those days, so the error cannot be put in per cent.",
    }
)


def title(result: Clv, speech: Speech) -> str:
    """Return the figure's title."""
    return by_side(_TITLES, result, speech)


def alt(result: Clv, speech: Speech) -> str:
    """Return the figure's alternative text."""
    return drawn(_ALT, result, speech)


def meaning(result: Clv, speech: Speech) -> str:
    """Return how the forecast did on days it had not seen, and what that allows."""
    held, test = result.holdout, result.tested
    if held is None or test is None:
        return because(result, "/tested", speech)
    return follow(
        speech.prose(
            "Made without the days from {start:date} to {end:date}, the forecast says what "
            "{customers:count} customer{customers:|s} would do in them. Purchases predicted: "
            "**{predicted:count}**; made: **{actual:count}**.",
            held,
            predicted=test.predicted,
            actual=test.actual,
        ),
        speech.prose(_VERDICTS[test.verdict]),
        _over_longer(result, speech),
    )


_LONGER = mark(
    {
        "high": "Over {days:days} earlier forecasts were too **high**, this one over "
        "{test_days:days} is too **low**: how far off a forecast is depends on how far it looks, and "
        "the value goes by those that look as far as it does.",
        "low": "Over {days:days} earlier forecasts were too **low**, this one over "
        "{test_days:days} is too **high**: how far off a forecast is depends on how far it looks, and "
        "the value goes by those that look as far as it does.",
    }
)


def _over_longer(result: Clv, speech: Speech) -> str:
    """Return how earlier forecasts of longer times did, where that is not what this test says."""
    if not result.tests_disagree:
        return ""
    latest, longer = result.tests_disagree
    way = "high" if longer.off > 0 else "low"
    return speech.prose(_LONGER[way], days=longer.days, test_days=latest.days)
