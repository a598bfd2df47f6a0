"""Is the history complete?"""

from __future__ import annotations

from retention_lib.results import Audit
from retention_lib.speech import Speech


def title(result: Audit, speech: Speech) -> str:
    """Return the title of the figure of sales per month."""
    return speech.text(
        "Nobody buys for the first time after {last_first_purchase:date}"
        if result.closed_group
        else "Customers who bought, month by month, to {last_date:date}",
        result,
    )


def alt(result: Audit, speech: Speech) -> str:
    """Return the alternative text of the figure of sales per month."""
    return speech.text(
        "Bars of customers who bought in each month from {first_date:month} to {last_date:month}, "
        "first-time and returning ones apart; months that are not complete are hatched. The last "
        "first purchase was on {last_first_purchase:date}.",
        result,
    )


def meaning(result: Audit, speech: Speech) -> str:
    """Return what the figure of sales per month means."""
    return speech.prose(
        "The source holds a closed group: everybody in it bought first on or before "
        "**{last_first_purchase:date}**. What is said about keeping customers rests on them "
        "alone, and nothing can be said about customers won since."
        if result.closed_group
        else "New customers kept arriving until **{last_first_purchase:date}**, and the records "
        "end on **{last_date:date}**.",
        result,
    )
