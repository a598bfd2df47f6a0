"""Is the history complete?"""

from __future__ import annotations

from retention_lib.results import Audit
from retention_lib.speech import Speech
from retention_lib.words.data_audit import breaks
from retention_lib.words.reasons import follow


def title(result: Audit, speech: Speech) -> str:
    """Return the title of the figure of rows, revenue and customers by period."""
    if result.closed_group:
        return speech.text(
            "Nobody buys for the first time after {last_first_purchase:date}", result
        )
    return speech.text(
        "The records change on {n:count} date{n:|s}, between {first_date:month} and "
        "{last_date:month}"
        if result.breaks
        else "No date at which the records change, from {first_date:month} to {last_date:month}",
        result,
        n=max(breaks.numbers(result), default=0),
    )


def alt(result: Audit, speech: Speech) -> str:
    """Return the alternative text of the figure of rows, revenue and customers by period."""
    bars = speech.text(
        "Bars of rows, of revenue and of customers in each period from {first_date:month} to "
        "{last_date:month}, one panel below the other; first-time and returning customers are told "
        "apart, periods that are not complete are hatched. The last first purchase was on "
        "{last_first_purchase:date}.",
        result,
    )
    return follow(bars, _marked(result, speech))


def _marked(result: Audit, speech: Speech) -> str:
    if not result.breaks:
        return speech.text("No date is marked.")
    days = speech.series(
        speech.text("{n}: {when}", n=str(number), when=breaks.when(found, speech))
        for number, found in zip(breaks.numbers(result), result.breaks, strict=True)
    )
    return speech.text("Marked by number: {days}.", days=days)


def meaning(result: Audit, speech: Speech) -> str:
    """Return what each numbered date is, or that there is none, and until when new customers came."""
    said = [breaks.meaning(result, speech)] if result.breaks or not result.closed_group else []
    if not any(it.kind == "acquisition_stops" for it in result.breaks):
        said.append(_arrivals(result, speech))
    return "\n\n".join(said)


def _arrivals(result: Audit, speech: Speech) -> str:
    return speech.prose(
        "The source holds a closed group: everybody in it bought first on or before "
        "**{last_first_purchase:date}**. What is said about keeping customers rests on them "
        "alone, and nothing can be said about customers won since."
        if result.closed_group
        else "New customers kept arriving until **{last_first_purchase:date}**, and the records "
        "end on **{last_date:date}**.",
        result,
    )
