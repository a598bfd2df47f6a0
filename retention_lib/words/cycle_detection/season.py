"""Is there a season? Sentences of notebook 02."""

from __future__ import annotations

from retention_lib.results import Cycle
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow

_CHANGES = mark(
    {
        "alike": "A difference as small as that may be chance: **no clear change**.",
        "more": "That is **{change:share 0} more** than a year earlier, in the same season.",
        "fewer": "That is **{change:share 0} fewer** than a year earlier, in the same season.",
    }
)


def title(result: Cycle, speech: Speech) -> str:
    """Return the title of the figure of the season."""
    if result.season_strength is None:
        return speech.text("Sales over the year")
    if not result.has_season:
        return speech.text("Sales over the year: no clear season")
    return speech.text(
        "Sales seem to follow the season, so far"
        if result.season_tentative
        else "Sales follow the season"
    )


def alt(result: Cycle, speech: Speech) -> str:
    """Return the alternative text of the figure of the season."""
    if result.season_strength is None:
        return speech.text("The season cannot be judged, so no line is drawn.")
    return speech.text(
        "Line of the sales of each week of the year against those of an even year: above zero the "
        "week sells more than the average, below it less. The strength of the season is "
        "{season_strength:number}.",
        result,
    )


def meaning(result: Cycle, speech: Speech) -> str:
    """Return whether there is a season, and how the window compares with a year earlier."""
    return follow(
        because(result, "/season_strength", speech)
        or follow(
            speech.prose(
                "There is **a season**: compare a period with the same one a year earlier, not "
                "with the one before it."
                if result.has_season
                else "There is **no clear season**: what looks like one is no ground for a plan."
            ),
            speech.prose(
                "Its strength is **{season_strength:number}**, where 0 is none and 1 is nothing "
                "but season; chance alone would reach {season_chance:number} on such sales.",
                result,
            ),
            speech.prose(
                "This is **tentative**: in less than three years, one odd year looks like a rule."
            )
            if result.season_tentative
            else "",
        ),
        _a_year_earlier(result, speech),
    )


def _a_year_earlier(result: Cycle, speech: Speech) -> str:
    two = result.year_earlier
    if two is None:
        return because(result, "/year_earlier", speech)
    counted = speech.prose(
        "Customers who bought: **{customers:count}** from {window:period}, "
        "**{earlier_customers:count}** from {earlier:period}.",
        two,
    )
    if not two.earlier_customers or two.customers == two.earlier_customers:
        return counted
    return follow(counted, speech.prose(_CHANGES[two.comparison], two))
