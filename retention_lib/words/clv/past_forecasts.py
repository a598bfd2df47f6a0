"""How good were earlier forecasts?"""

from __future__ import annotations

from datetime import date

from retention_lib.results import Clv, PastForecasts
from retention_lib.speech import Speech, escape, mark
from retention_lib.words.clv import centre
from retention_lib.words.clv.reasons import nothing_to_draw
from retention_lib.words.reasons import because, follow, reason


def known(result: Clv) -> PastForecasts | None:
    """Return the earlier forecasts if there is any."""
    past = result.past_forecasts
    return past if past is not None and past.forecasts else None


# --- in short -----------------------------------------------------------------


def held(result: Clv, speech: Speech) -> str:
    """Return in one sentence how many earlier forecasts came out within their range."""
    past = known(result)
    if past is None:
        return ""
    return speech.prose(
        "**{inside:count} of {n:count}** earlier forecast{n:|s} that could be checked came out "
        "**within {n:its|their} range**.",
        past,
    )


# --- the section --------------------------------------------------------------


def title(result: Clv, speech: Speech) -> str:
    """Return the figure's title."""
    past = known(result)
    if past is None:
        return speech.text("Earlier forecasts and what came")
    return speech.text(
        "Within {n:its|their} range: {inside:count} of {n:count} earlier forecast{n:|s}",
        past,
    )


def alt(result: Clv, speech: Speech) -> str:
    """Return the figure's alternative text."""
    past = known(result)
    if past is None:
        return nothing_to_draw(result, "/coverage", speech)
    return follow(
        speech.text(
            "{n:Forecast|Forecasts} as of {n:count} earlier day{n:|s}, from {first:date} to "
            "{last:date}, each with its own range and the one moved and widened by earlier "
            "errors, beside the purchases made: {inside:count} within the wider range, {inside_own:count} within its own.",
            past,
            first=past.forecasts[0].origin,
            last=past.forecasts[-1].origin,
        ),
        speech.text("The last one is that of today.")
        if result.past_as_far and result.spread is not None
        else "",
    )


def meaning(result: Clv, speech: Speech) -> str:
    """Return how earlier forecasts did, which way they erred, and how that moves today's."""
    past = result.past_forecasts
    if past is None:
        return because(result, "/past_forecasts", speech)
    if not past.forecasts:
        return follow(because(result, "/coverage", speech), *_left_out(past, speech))
    return follow(
        speech.prose(
            "The forecast in use was made again as of {n:count} earlier day{n:|s}, for the "
            "{days:days} that followed. What came lay within the widened range in **{inside:count} "
            "of {n:count}**, within the forecast's own in **{inside_own:count} of {n:count}**.",
            past,
        ),
        speech.prose(_RANGES[past.range]),
        _errors(past, speech),
        speech.prose(_UNLIKE, past) if past.unlike else "",
        centre.explained(result, speech),
        centre.lean(result, speech),
        speech.prose(_OVERLAP) if past.overlap and not centre.moved(result, speech) else "",
        speech.prose("They looked as far ahead as the value does.") if result.past_as_far else "",
        *_left_out(past, speech),
    )


_RANGES = mark(
    {
        "too few": "So few cannot show whether the widened range is wide enough; it rests on how "
        "wrong such forecasts usually are.",
        "wide enough": "The widened range has proved wide enough so far.",
        "missed above": "Even the widened range was too narrow: each time that it failed, more "
        "came than its upper end.",
        "missed below": "Even the widened range was too narrow: less may come than its lower end.",
    }
)
_ERRORS = mark(
    {
        "all high": "As first made, {n:it was|all were} **too high**, by **{off}**.",
        "all low": "As first made, {n:it was|all were} **too low**, by **{off}**.",
        "mostly high": "As first made, **{too_high:count}** of {n:count} were too high, "
        "{too_low:count} too low.",
        "mostly low": "As first made, **{too_low:count}** of {n:count} were too low, "
        "{too_high:count} too high.",
        "either way": "As first made, {too_high:count} of {n:count} were too high, {too_low:count} "
        "too low.",
    }
)


def _errors(past: PastForecasts, speech: Speech) -> str:
    """Return which way the forecasts erred before they were moved, and by how much."""
    low, high = past.bias or (0.0, 0.0)
    said = speech.prose(_ERRORS[past.errors], past, off=_span((low, high), speech))
    if past.errors.startswith("all") or not low < 0 < high:
        return said
    farthest = speech.prose(
        "At most they were {high:share 0} too high, and {low:share 0} too low.", high=high, low=-low
    )
    return follow(said, farthest)


def _span(off: tuple[float, float], speech: Speech) -> str:
    """Return the smallest and the largest error, one figure where they look alike."""
    low, high = sorted(map(abs, off))
    if speech.share(low, 0) == speech.share(high, 0):
        return speech.share(high, 0)
    return speech.said((low, high), "range share 0")


_OVERLAP = mark(
    "The stretches of time overlap, so one good or bad season counts in several of them."
)
_UNLIKE = mark(
    "{unlike:count} of them {unlike:was|were} made when the history was too short for all that "
    "today's forecast knows: {unlike:it is|they are} shown, and {unlike:moves|move} nothing."
)


def _left_out(past: PastForecasts, speech: Speech) -> list[str]:
    """Return on which earlier days no forecast could be made, and each reason once."""
    if not past.left_out:
        return []
    days = [speech.date(date.fromisoformat(day)) for day in sorted(past.left_out)]
    return [
        speech.prose(
            "On {n:count} earlier day{n:|s} no forecast could be made ({days}).",
            n=len(days),
            days=speech.series(days),
        ),
        *(escape(reason(why, speech)) for why in past.left_out.values()),
    ]
