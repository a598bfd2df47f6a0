"""How good were earlier forecasts?"""

from __future__ import annotations

from datetime import date

from retention_lib.results import Clv, PastForecasts
from retention_lib.speech import Speech, escape, mark
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


_LEANS = mark(
    {
        "high": "{too_high:count} of the {n:count} were **too high**.",
        "low": "{too_low:count} of the {n:count} were **too low**.",
    }
)


def lean(result: Clv, speech: Speech) -> str:
    """Return that most earlier forecasts erred on one side, and what to do; "" if they did not.

    Without a range today there is no half of it to plan with.
    """
    past = result.past_forecasts
    if past is None or result.lean == "none" or result.spread is None:
        return ""
    return follow(speech.prose(_LEANS[result.lean], past), speech.prose(_EXPECT[result.lean]))


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
            "{last:date}, each with its own range and the wider one, beside the purchases made: "
            "{inside:count} within the wider range, {inside_own:count} within its own.",
            past,
            first=past.forecasts[0].origin,
            last=past.forecasts[-1].origin,
        ),
        speech.text("The last one is that of today.")
        if result.past_as_far and result.spread is not None
        else "",
    )


def meaning(result: Clv, speech: Speech) -> str:
    """Return how earlier forecasts did, which way they erred, and what that means for today's."""
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
        *_errors(result, past, speech),
        speech.prose(_OVERLAP) if past.overlap else "",
        speech.prose(_REACH[result.past_as_far], result, days=past.days),
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
        "all high": "{n:It was|All were} **too high**: **{off}** less came than predicted.",
        "all low": "{n:It was|All were} **too low**: **{off}** more came than predicted.",
        "mostly high": "**{too_high:count}** of {n:count} were too high, {too_low:count} too low: "
        "today's forecast is more likely too high than too low.",
        "mostly low": "**{too_low:count}** of {n:count} were too low, {too_high:count} too high: "
        "today's forecast is more likely too low than too high.",
        "either way": "{too_high:count} of {n:count} were too high, {too_low:count} too low: "
        "today's forecast may err either way.",
    }
)
_EXPECT = mark(
    {
        "none": "So few may be chance.",
        "high": "Expect the same of today's forecast: plan with the lower half of its range.",
        "low": "Expect the same of today's forecast: it is more likely too low than too high.",
    }
)


def _errors(result: Clv, past: PastForecasts, speech: Speech) -> list[str]:
    """Return which way the errors went, by how much, and what that means for today's forecast."""
    off = past.off or (0.0, 0.0)
    said = speech.prose(_ERRORS[past.errors], past, off=_span(off, speech))
    if past.errors.startswith("all"):
        expected = result.lean == "none" or result.spread is not None
        return [said, speech.prose(_EXPECT[result.lean]) if expected else ""]
    return [said, _how_far(past, off, speech)]


def _span(off: tuple[float, float], speech: Speech) -> str:
    """Return the smallest and the largest error, one figure where they look alike."""
    low, high = sorted(map(abs, off))
    if speech.share(low, 0) == speech.share(high, 0):
        return speech.share(high, 0)
    return speech.said((low, high), "range share 0")


def _how_far(past: PastForecasts, off: tuple[float, float], speech: Speech) -> str:
    """Return the mean and the largest errors of forecasts that erred on both sides."""
    if not off[0] < 0 < off[1] or past.mean_off is None:
        return ""
    return speech.prose(
        "On average **{mean:share 0} less** came than predicted, at most {less:share 0} less and "
        "{more:share 0} more."
        if past.mean_off < 0
        else "On average **{mean:share 0} more** came than predicted, at most {less:share 0} less "
        "and {more:share 0} more.",
        mean=abs(past.mean_off),
        less=-off[0],
        more=off[1],
    )


_OVERLAP = mark(
    "The stretches of time overlap, so one good or bad season counts in several of them."
)
_REACH = mark(
    {
        True: "They looked as far ahead as the value does.",
        False: "The value looks {horizon_months:months} ahead, further than these {days:days}: "
        "errors grow with time, so allow for more than the range says.",
    }
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
