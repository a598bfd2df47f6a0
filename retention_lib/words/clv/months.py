"""What is a month worth?"""

from __future__ import annotations

from typing import Final

from babel.dates import get_month_names

from retention_lib.results import Clv, MonthFactor
from retention_lib.speech import Speech, escape, mark
from retention_lib.words.clv.race import knows_calendar
from retention_lib.words.reasons import follow, why_not


def title(result: Clv, speech: Speech) -> str:
    """Return the figure's title."""
    if not _season(result):
        return speech.text("What a month is worth")
    return speech.text(_TITLES[_clear(result)], **_ends(result, speech))


_TITLES: Final = mark(
    {
        "both": "{most} brings {high:number} times an even month's purchases, {least} "
        "{low:number} times",
        "above": "{most} brings {high:number} times an even month's purchases",
        "below": "{least} brings {low:number} times an even month's purchases",
        "neither": "No month clearly differs from an even one",
    }
)


def alt(result: Clv, speech: Speech) -> str:
    """Return the figure's alternative text."""
    season = _season(result)
    if not season:
        return follow(_unknown(result, speech), speech.text("There is nothing to draw."))
    told = speech.text("; ").join(
        speech.text("{name} {factor:number}", one, name=_name(one, speech)) for one in season
    )
    return speech.text(
        "Bars of how many times an even month's purchases each month of the year brings, with "
        "their 95% intervals: {told}.",
        told=told,
    )


_MEANINGS: Final = mark(
    {
        "both": "A customer buys most often in **{most}**, {high:number} times as often as in an "
        "even month, and least often in **{least}**, {low:number} times: plan stock, people and "
        "cash month by month.",
        "above": "A customer buys most often in **{most}**, {high:number} times as often as in an "
        "even month; no month lies clearly below one.",
        "below": "A customer buys least often in **{least}**, {low:number} times as often as in "
        "an even month; no month lies clearly above one.",
        "neither": "No month can be told from an even one: a twelfth of the year is the best plan "
        "for each.",
    }
)
_KNOWN: Final = mark(
    {
        True: "The forecast counts with that.",
        False: "The forecast in use takes all months alike: over a whole year that evens out, over "
        "a part of one it does not.",
    }
)


def meaning(result: Clv, speech: Speech) -> str:
    """Return which months stand out, and whether the forecast counts with it."""
    if not _season(result):
        return escape(_unknown(result, speech))
    clear = _clear(result)
    return follow(
        speech.prose(_MEANINGS[clear], **_ends(result, speech)),
        speech.prose(
            "This is **tentative**: in less than two years, one odd month looks like a rule."
        )
        if result.clocks is not None and result.clocks.season_is == "tentative"
        else "",
        "" if clear == "neither" else speech.prose(_KNOWN[knows_calendar(result)]),
    )


def _season(result: Clv) -> list[MonthFactor]:
    return [] if result.clocks is None else result.clocks.season


def _unknown(result: Clv, speech: Speech) -> str:
    """Return as plain text why no month can be told from another."""
    if result.clocks is None:
        return why_not(result, "/clocks", speech)
    return speech.text("A season shows from one full year of records on.")


def _clear(result: Clv) -> str:
    """Return on which sides of an even month months clearly lie."""
    sides = {one.compared for one in _season(result)} - {"not clearly"}
    return "both" if len(sides) == 2 else next(iter(sides), "neither")


def _ends(result: Clv, speech: Speech) -> dict[str, object]:
    """Return the months in which customers buy most and least often."""
    ranked = sorted(_season(result), key=lambda one: one.factor)
    least, most = ranked[0], ranked[-1]
    return {
        "most": _name(most, speech),
        "high": most.factor,
        "least": _name(least, speech),
        "low": least.factor,
    }


def _name(one: MonthFactor, speech: Speech) -> str:
    return str(get_month_names("wide", "stand-alone", speech.locale)[one.month])
