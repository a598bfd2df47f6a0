"""How has the chance to stay moved?"""

from __future__ import annotations

from typing import Final

from retention_lib.results import Clocks, Clv, Trend
from retention_lib.speech import Speech, mark
from retention_lib.words.clv.race import knows_calendar
from retention_lib.words.clv.reasons import nothing_to_draw
from retention_lib.words.reasons import because, follow

_TITLES: Final = mark(
    {
        "unknown": "The chance to stay after a purchase",
        "fell": "The chance to stay after a purchase fell from {stay_then:share 0} to "
        "{stay_now:share 0}",
        "rose": "The chance to stay after a purchase rose from {stay_then:share 0} to "
        "{stay_now:share 0}",
        "even": "No clear change in the chance to stay after a purchase",
    }
)


def title(result: Clv, speech: Speech) -> str:
    """Return the figure's title."""
    return speech.text(_TITLES[_way(result)], result.clocks)


def alt(result: Clv, speech: Speech) -> str:
    """Return the figure's alternative text."""
    clocks = result.clocks
    if clocks is None or clocks.stay is None:
        return nothing_to_draw(result, "/clocks/stay", speech)
    return speech.text(
        "Line of the mean chance to stay a customer after a purchase, from {stay_then:share 0} "
        "when the records begin to {stay_now:share 0} today, in a band of what is likely.",
        clocks,
    )


_MOVED: Final = mark(
    "When the records begin, a customer stayed on after **{stay_then:share 0}** of purchases; today "
    "it is **{stay_now:share 0}**."
)
_EVEN: Final = mark(
    "A customer stays on after about **{stay_now:share 0}** of purchases. That has not clearly "
    "changed since the records begin."
)
_RATES: Final = mark(
    {
        "fell": "That is {change:share 0} less a year (95% interval {ci95:range share 0}).",
        "rose": "That is {change:share 0} more a year (95% interval {ci95:range share 0}).",
    }
)
_ADVICE: Final = mark(
    {
        "fell": "Customers leave sooner than they did: find out what has changed before more is "
        "spent on winning new ones.",
        "rose": "Customers stay longer than they did: keep up what keeps them.",
    }
)
_COUNTED: Final = mark(
    {
        True: "The value counts on today's chance staying as it is.",
        False: "The forecast in use takes the mean over all records instead: where it came out "
        "too high or too low before, that may be why.",
    }
)
_PACES: Final = mark(
    {
        "even": "How often those who stay buy has not clearly changed.",
        "fell": "Those who stay buy **less often**: {change:share 0} less a year (95% interval "
        "{ci95:range share 0}).",
        "rose": "Those who stay buy **more often**: {change:share 0} more a year (95% interval "
        "{ci95:range share 0}).",
    }
)


def meaning(result: Clv, speech: Speech) -> str:
    """Return how the chance to stay and the pace have moved, and what the value counts with."""
    clocks = result.clocks
    if clocks is None or clocks.stay is None:
        return because(result, "/clocks/stay", speech)
    return follow(
        *([speech.prose(_EVEN, clocks)] if not clocks.stay.present else _moved(result, speech)),
        _pace(clocks, speech),
    )


def _moved(result: Clv, speech: Speech) -> list[str]:
    """Return how a chance has moved that clearly has, and what to do."""
    clocks, way = result.clocks, _way(result)
    if clocks is None or clocks.stay is None:
        return []
    return [
        speech.prose(_MOVED, clocks),
        _changed(_RATES[way], clocks.stay, speech),
        speech.prose(_ADVICE[way]),
        speech.prose(_COUNTED[knows_calendar(result)]),
    ]


def _pace(clocks: Clocks, speech: Speech) -> str:
    pace = clocks.pace
    return "" if pace is None else _changed(_PACES[_direction(pace)], pace, speech)


def _changed(message: str, trend: Trend, speech: Speech) -> str:
    """Return a change a year without its sign, and its interval with it."""
    return speech.prose(message, trend, change=abs(trend.per_year))


def _way(result: Clv) -> str:
    """Return which way the chance has clearly moved."""
    stay = result.clocks.stay if result.clocks else None
    return "unknown" if stay is None else _direction(stay)


def _direction(trend: Trend) -> str:
    if not trend.present:
        return "even"
    return "fell" if trend.per_year < 0 else "rose"
