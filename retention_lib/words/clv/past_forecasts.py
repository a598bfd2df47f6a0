"""Sentences of notebook 04 on earlier forecasts: how often they held, and which way they erred."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from math import exp
from statistics import fmean
from typing import Literal

from retention_lib.results import Clv, PastForecast
from retention_lib.speech import Speech, escape, mark
from retention_lib.words.certainty import ENOUGH_FORECASTS, GOOD_COVERAGE, days_ahead
from retention_lib.words.reasons import because, follow, reason

Lean = Literal["high", "low"]
ENOUGH_FOR_LEAN = 4  # all of so few on one side come about by chance once in eight
_MOST = 0.75


def past(result: Clv) -> list[PastForecast]:
    """Return the earlier forecasts, the earliest first."""
    return [] if result.record is None else result.record.forecasts


def lean(result: Clv) -> Lean | None:
    """Return whether most of enough earlier forecasts were too high, or too low; else None."""
    return _mostly(past(result))


def _mostly(forecasts: list[PastForecast]) -> Lean | None:
    if len(forecasts) < ENOUGH_FOR_LEAN:
        return None
    sides: tuple[Lean, ...] = ("high", "low")
    most = (side for side in sides if _erred(forecasts, side) >= _MOST * len(forecasts))
    return next(most, None)


def _erred(forecasts: list[PastForecast], side: Lean) -> int:
    """Return how many erred on a side: too high, or too low."""
    return sum(one.error < 0 if side == "high" else one.error > 0 for one in forecasts)


def leaning(result: Clv, side: Lean, speech: Speech) -> dict[str, str]:
    """Return how many of how many earlier forecasts erred on a side, as a sentence says them."""
    forecasts = past(result)
    return {"k": speech.count(_erred(forecasts, side)), "n": speech.count(len(forecasts))}


def _one_side(forecasts: list[PastForecast]) -> Lean | None:
    errors = [forecast.error for forecast in forecasts]
    if not errors or not (max(errors) < 0 or min(errors) > 0):
        return None
    return "high" if max(errors) < 0 else "low"


def _inside(result: Clv) -> int:
    return sum(forecast.inside for forecast in past(result))


def _inside_own(result: Clv) -> int:
    return sum(forecast.inside_own for forecast in past(result))


# --- in short -----------------------------------------------------------------


def held_sentence(result: Clv, speech: Speech) -> str:
    """Return in one sentence how many earlier forecasts came out within their range."""
    n, inside = len(past(result)), _inside(result)
    if inside == n:
        return speech.proses(
            "The one earlier forecast that could be checked came out **within its range**.",
            "Of {n} earlier forecasts that could be checked, **all** came out **within their "
            "range**.",
            n,
        )
    if not inside:
        return speech.proses(
            "The one earlier forecast that could be checked did **not** come out within its range.",
            "Of {n} earlier forecasts that could be checked, **none** came out within its range.",
            n,
        )
    return speech.prose(
        "Of {n} earlier forecasts that could be checked, **{inside}** came out **within their "
        "range**.",
        n=speech.count(n),
        inside=speech.count(inside),
    )


_LEANS: dict[Lean, str] = {
    "high": mark("Of the {n}, {k} were **too high**: plan with the lower half of the range."),
    "low": mark(
        "Of the {n}, {k} were **too low**: the lower half of the range is the less likely."
    ),
}


def lean_sentence(result: Clv, speech: Speech) -> str:
    """Return that most earlier forecasts erred on one side, and what to do; "" if they did not.

    Without a range today there is no half of it to plan with.
    """
    side = lean(result)
    if side is None or result.spread is None:
        return ""
    return speech.prose(_LEANS[side], **leaning(result, side, speech))


# --- how did earlier forecasts do? --------------------------------------------


def record_title(result: Clv, speech: Speech) -> str:
    """Return the title of the figure of earlier forecasts."""
    n = len(past(result))
    if not n:
        return speech.text("Earlier forecasts and what came")
    return speech.texts(
        "Within its range: {inside} of {n} earlier forecast",
        "Within their range: {inside} of {n} earlier forecasts",
        n,
        inside=speech.count(_inside(result)),
    )


def record_alt(result: Clv, speech: Speech) -> str:
    """Return the alternative text of the figure of earlier forecasts."""
    forecasts = past(result)
    if not forecasts:
        return speech.text("No earlier forecast could be checked, so there is nothing to draw.")
    return follow(
        speech.texts(
            "One forecast as it would have been made on {first}, with its own range and the wider "
            "one, beside the purchases made: {inside} of {n} lies within the wider range, {own} "
            "within its own.",
            "Forecasts as they would have been made on {n} days from {first} to {last}, each with "
            "its own range and the wider one, beside the purchases made: {inside} lie within the "
            "wider range, {own} within their own.",
            len(forecasts),
            first=speech.date(forecasts[0].origin),
            last=speech.date(forecasts[-1].origin),
            inside=speech.count(_inside(result)),
            own=speech.count(_inside_own(result)),
        ),
        speech.text("The last one is that of today.") if _today(result) else "",
    )


def record_meaning(result: Clv, speech: Speech) -> str:
    """Return how earlier forecasts did, which way they erred, and what that means for today's."""
    if result.record is None:
        return because(result, "/record", speech)
    if not result.record.forecasts:
        none = because(result, "/coverage", speech) or speech.prose(
            "No earlier forecast could be checked."
        )
        return follow(none, *_left_out(result, speech))
    return follow(
        _made(result, speech),
        _held(result, speech),
        _wide_enough(result, speech),
        _direction(result, speech),
        _overlap(result, speech),
        _reach(result, speech),
        *_left_out(result, speech),
    )


def _made(result: Clv, speech: Speech) -> str:
    assert result.record is not None
    return speech.proses(
        "The forecast in use was made once more as it would have been on {n} earlier day, for the "
        "{days} that followed.",
        "The forecast in use was made once more as it would have been on {n} earlier days, each "
        "time for the {days} that followed.",
        len(past(result)),
        days=speech.days(result.record.days),
    )


def _held(result: Clv, speech: Speech) -> str:
    return speech.prose(
        "What came lay within the widened range in **{inside} of {n}**, within the forecast's own "
        "in **{own} of {n}**.",
        inside=speech.count(_inside(result)),
        own=speech.count(_inside_own(result)),
        n=speech.count(len(past(result))),
    )


def _wide_enough(result: Clv, speech: Speech) -> str:
    n = len(past(result))
    if n < ENOUGH_FORECASTS:
        return speech.prose(
            "So few cannot show whether the widened range is wide enough; it leans on how wrong "
            "such forecasts usually are."
        )
    if _inside(result) >= GOOD_COVERAGE * n:
        return speech.prose("The widened range has proved wide enough so far.")
    missed = [one for one in past(result) if not one.inside]
    above = [one.error > 0 for one in missed]
    if all(above):
        return speech.prose(
            "Even the widened range was too narrow: more came than its upper end each time that it "
            "did not hold."
        )
    return speech.prose(
        "Even the widened range was too narrow: be prepared for less than its lower end."
    )


def _direction(result: Clv, speech: Speech) -> str:
    """Return which way the errors went, by how much, and what that means for today's forecast."""
    forecasts = past(result)
    side = _one_side(forecasts)
    if side is None:
        return follow(_both_sides(forecasts, speech), _how_far(forecasts, speech))
    off = _span([abs(exp(forecast.error) - 1) for forecast in forecasts], speech)
    n = len(forecasts)
    if n < ENOUGH_FOR_LEAN:
        return speech.proses(*_FEW_ON_ONE_SIDE[side], n, off=off)
    erred = speech.prose(_ON_ONE_SIDE[side], n=speech.count(n), off=off)
    return follow(erred, "" if result.spread is None else speech.prose(_EXPECT[side]))


_FEW_ON_ONE_SIDE: dict[Lean, tuple[str, str]] = {
    "high": (
        mark("It was too high: **{off}** less came than predicted. One case may be chance."),
        mark("All were too high: **{off}** less came than predicted. Of {n} that may be chance."),
    ),
    "low": (
        mark("It was too low: **{off}** more came than predicted. One case may be chance."),
        mark("All were too low: **{off}** more came than predicted. Of {n} that may be chance."),
    ),
}
_ON_ONE_SIDE: dict[Lean, str] = {
    "high": mark("Each of the last {n} was **too high**: **{off}** less came than predicted."),
    "low": mark("Each of the last {n} was **too low**: **{off}** more came than predicted."),
}
_EXPECT: dict[Lean, str] = {
    "high": mark("Expect the same of today's forecast: plan with the lower half of its range."),
    "low": mark(
        "Expect the same of today's forecast: the lower half of its range is the less likely."
    ),
}


def _span(shares: list[float], speech: Speech) -> str:
    """Return the smallest and the largest share, one figure where they look alike."""
    low, high = (speech.share(end, 0) for end in (min(shares), max(shares)))
    return high if low == high else speech.text("{low} to {high}", low=low, high=high)


_MOSTLY: dict[Lean, str] = {
    "high": mark(
        "Too high were **{high}** of {n}, too low {low}: today's forecast is likelier too high "
        "than too low."
    ),
    "low": mark(
        "Too low were **{low}** of {n}, too high {high}: today's forecast is likelier too low "
        "than too high."
    ),
}


def _both_sides(forecasts: list[PastForecast], speech: Speech) -> str:
    """Return how many erred on either side, and whether most did so on one."""
    high, low = _erred(forecasts, "high"), _erred(forecasts, "low")
    counted = {
        "n": speech.count(len(forecasts)),
        "high": speech.count(high),
        "low": speech.count(low),
    }
    side = _mostly(forecasts)
    if side is not None:
        return speech.prose(_MOSTLY[side], **counted)
    return speech.proses(
        "It was neither too high nor too low.",
        "Too high were {high} of {n}, too low {low}: today's forecast may err either way.",
        len(forecasts),
        high=speech.count(high),
        low=speech.count(low),
    )


def _how_far(forecasts: list[PastForecast], speech: Speech) -> str:
    """Return the mean and the largest errors of forecasts that erred on both sides."""
    errors = [forecast.error for forecast in forecasts]
    if min(errors) >= 0 or max(errors) <= 0:
        return ""
    mean = exp(fmean(errors)) - 1
    values = {
        "mean": speech.share(abs(mean), 0),
        "less": speech.share(1 - exp(min(errors)), 0),
        "more": speech.share(exp(max(errors)) - 1, 0),
    }
    if mean < 0:
        return speech.prose(
            "On average **{mean} less** came than predicted, at most {less} less and {more} more.",
            **values,
        )
    return speech.prose(
        "On average **{mean} more** came than predicted, at most {less} less and {more} more.",
        **values,
    )


def _overlap(result: Clv, speech: Speech) -> str:
    if all(one.end <= other.origin for one, other in pairwise(past(result))):
        return ""
    return speech.prose(
        "The stretches of time overlap, so one good or bad season counts in several of them."
    )


def _as_far(result: Clv) -> bool:
    """Say whether the earlier forecasts looked as far ahead as the value does."""
    return result.record is not None and abs(days_ahead(result) - result.record.days) <= 1


def _today(result: Clv) -> bool:
    """Say whether today's forecast is drawn beside them: as far ahead, with a range."""
    return _as_far(result) and result.spread is not None


def _reach(result: Clv, speech: Speech) -> str:
    """Compare how far the earlier forecasts looked ahead with how far the value does."""
    assert result.record is not None
    if result.record.days >= days_ahead(result) - 1:
        return speech.prose("They looked as far ahead as the value does.")
    return speech.prose(
        "The value looks {months} ahead, further than these {days}: errors grow with the time, so "
        "allow for more than the range says.",
        months=speech.months(result.horizon_months),
        days=speech.days(result.record.days),
    )


def _left_out(result: Clv, speech: Speech) -> list[str]:
    """Return on which earlier days no forecast could be made, and each reason once."""
    if result.record is None or not result.record.left_out:
        return []
    days = [speech.date(date.fromisoformat(day)) for day in sorted(result.record.left_out)]
    return [
        speech.proses(
            "On {n} earlier day no forecast could be made ({days}).",
            "On {n} earlier days no forecast could be made ({days}).",
            len(days),
            days="; ".join(days),
        ),
        *dict.fromkeys(escape(reason(why, speech)) for why in result.record.left_out.values()),
    ]
