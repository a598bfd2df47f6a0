"""By how much earlier forecasts move today's."""

from __future__ import annotations

from typing import Final

from retention_lib.results import Clv
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow

_MOVED: Final = mark(
    {
        "too high": "Earlier forecasts came out **{off:share 0} too high**, so this one is lowered "
        "by **{by:share 0}**.",
        "too low": "Earlier forecasts came out **{off:share 0} too low**, so this one is raised by "
        "**{by:share 0}**.",
    }
)


def moved(result: Clv, speech: Speech) -> str:
    """Return by how much today's forecast is moved, and why; "" where it stays as it is."""
    if result.centre is None or result.expected_purchases is None or result.centre.side == "even":
        return ""
    return speech.prose(_MOVED[result.centre.side], result.centre)


_UNMOVED: Final = mark(
    {
        "none": "What they say of today's comes to nothing, so it is not moved.",
        "too few": "Too few were made as today's is to move it.",
        "too short": "Over so short a time, moving forecasts by earlier errors has not made them "
        "better, so today's is not moved.",
    }
)


def explained(result: Clv, speech: Speech) -> str:
    """Return that, or why it stays as it is, and why only part of the error is taken over."""
    if result.centre is None:
        return because(result, "/centre", speech)
    if not moved(result, speech):
        return speech.prose(_UNMOVED[result.centre.unmoved])
    past = result.past_forecasts
    overlap = past is not None and past.overlap
    return follow(moved(result, speech), speech.prose(_KEPT[overlap], result.centre))


_KEPT: Final = mark(
    {
        True: "Later ones weigh more, and **{kept:share 0}** of their error is taken over: the rest "
        "may be chance, since these {forecasts:count} forecasts overlap and count as "
        "{windows:count}.",
        False: "Later ones weigh more, and **{kept:share 0}** of their error is taken over: the rest "
        "may be chance in {forecasts:count} forecasts.",
    }
)


_LEANS: Final = mark(
    {
        "high": "Moved by as much, most of them would **still have been too high**: plan with the "
        "lower half of the range.",
        "low": "Moved by as much, most of them would **still have been too low**: today's is more "
        "likely too low than too high.",
    }
)
_UNMOVED_LEANS: Final = mark(
    {
        "high": "Most of them were **too high**: plan with the lower half of the range.",
        "low": "Most of them were **too low**: today's is more likely too low than too high.",
    }
)


def lean(result: Clv, speech: Speech) -> str:
    """Return on which side most earlier forecasts still err, and what to do; "" if they do not.

    Without a range today there is no half of it to plan with.
    """
    if result.lean == "none" or result.spread is None:
        return ""
    return speech.prose((_LEANS if moved(result, speech) else _UNMOVED_LEANS)[result.lean])
