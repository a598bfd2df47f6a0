"""Is the history complete?"""

from __future__ import annotations

from retention_lib.results import Audit
from retention_lib.speech import Speech


def title(result: Audit, speech: Speech) -> str:
    """Return the title of the figure of rows, revenue and customers by period."""
    if result.breaks:
        return speech.text(
            "The records change on {n:one date|several dates} between {first_date:month} and "
            "{last_date:month}",
            result,
            n=len(result.breaks),
        )
    return speech.text(
        "Nobody buys for the first time after {last_first_purchase:date}"
        if result.closed_group
        else "No date at which the records change, from {first_date:month} to {last_date:month}",
        result,
    )


def alt(result: Audit, speech: Speech) -> str:
    """Return the alternative text of the figure of rows, revenue and customers by period."""
    return speech.text(
        "Bars of rows, of revenue and of customers in each period from {first_date:month} to "
        "{last_date:month}, one panel below the other; first-time and returning customers are told "
        "apart, periods that are not complete are hatched. {n:A date is|Dates are} marked where "
        "the records change: {n:count}. The last first purchase was on {last_first_purchase:date}.",
        result,
        n=len(result.breaks),
    )


def meaning(result: Audit, speech: Speech) -> str:
    """Return what the figure says of new customers."""
    return speech.prose(
        "The source holds a closed group: everybody in it bought first on or before "
        "**{last_first_purchase:date}**. What is said about keeping customers rests on them "
        "alone, and nothing can be said about customers won since."
        if result.closed_group
        else "New customers kept arriving until **{last_first_purchase:date}**, and the records "
        "end on **{last_date:date}**.",
        result,
    )
