"""What became of the forecasts that earlier reports have published?"""

from __future__ import annotations

from retention_lib.results import Clv, Ledger
from retention_lib.speech import Speech, escape, mark
from retention_lib.words.published import record
from retention_lib.words.reasons import follow, reason


def title(result: Clv, speech: Speech) -> str:
    """Return the figure's title."""
    ledger = result.ledger
    if not ledger.forecasts:
        return speech.text("Published forecasts and what came")
    if not ledger.due:
        return speech.text("Published forecasts, none of them due yet")
    return speech.text(
        "Within {due:its|their} range: {inside:count} of {due:count} published forecast{due:|s} "
        "that {due:is|are} due",
        ledger,
    )


def alt(result: Clv, speech: Speech) -> str:
    """Return the figure's alternative text."""
    forecasts = result.ledger.forecasts
    if not forecasts:
        return follow(_nothing(result, speech), speech.text("There is nothing to draw."))
    return speech.text(
        "{n:Forecast|Forecasts} published so far: {n:count}, from {first:date} to {last:date}, each "
        "with its range on the day that it is due; for {due:count} of them what came, within the "
        "range for {inside:count}.",
        result.ledger,
        n=len(forecasts),
        first=forecasts[0].day,
        last=forecasts[-1].day,
    )


def meaning(result: Clv, speech: Speech) -> str:
    """Return how the published forecasts have come out, and what could not be told."""
    ledger = result.ledger
    if not ledger.forecasts:
        return escape(_nothing(result, speech))
    return follow(
        escape(record(result, speech)),
        *_misses(ledger, speech),
        *_unjudged(result, speech),
        *_notes(ledger, speech),
    )


def _nothing(result: Clv, speech: Speech) -> str:
    """Return as plain text that no forecast was published, or why none is known."""
    if notes := [reason(note, speech) for note in result.ledger.notes]:
        return follow(*notes)
    return speech.text(
        "No forecast has been published before this one, so there is nothing to hold against what "
        "came."
    )


_MISSES = mark(
    {
        "above": "More came than the range had room for in **{n:count}**.",
        "below": "Less came than the range had room for in **{n:count}**: plan below the middle "
        "of the range.",
    }
)


def _misses(ledger: Ledger, speech: Speech) -> list[str]:
    """Return on which side of their range forecasts of several failed."""
    outcomes = [one.outcome for one in ledger.forecasts]
    sides = [side for side in _MISSES if side in outcomes and len(outcomes) > 1]
    return [speech.prose(_MISSES[side], n=outcomes.count(side)) for side in sides]


def _unjudged(result: Clv, speech: Speech) -> list[str]:
    """Return why forecasts that are due cannot be judged."""
    ledger, why_not = result.ledger, result.why_not
    said = [
        escape(reason(why_not[f"/ledger/forecasts/{at}/actual"], speech))
        for at, one in enumerate(ledger.forecasts)
        if one.actual is None and why_not[f"/ledger/forecasts/{at}/actual"].code != "not_due_yet"
    ]
    if any(one.actual is not None and one.ci95 is None for one in ledger.forecasts):
        said.append(speech.prose("A forecast without a range cannot come within it."))
    if revised := sum(one.revised for one in ledger.forecasts):
        said.append(
            speech.prose(
                "Forecasts made from records that have changed since, by more than 1% of the "
                "customers or purchases known then: {revised:count}. They tell of other customers "
                "than today's records do.",
                revised=revised,
            )
        )
    return said


def _notes(ledger: Ledger, speech: Speech) -> list[str]:
    return [escape(reason(note, speech)) for note in ledger.notes]
