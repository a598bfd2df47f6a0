"""Sentences of notebook 03 on customers who started together."""

from __future__ import annotations

from retention_lib.results import Retention
from retention_lib.speech import Speech
from retention_lib.words.reasons import follow


def title(speech: Speech) -> str:
    """Return the title of the cohort table's figure."""
    return speech.text("How many of each starting group buy again")


def alt(speech: Speech) -> str:
    """Return the alternative text of the cohort table's figure."""
    return speech.text(
        "Table of colours: one row for each group of customers who bought first in the same period, "
        "with its size; one column for each period since. Darker means a larger share bought in that "
        "period. Hatched cells cannot be judged yet; where none can, a sentence says so."
    )


def meaning(result: Retention, speech: Speech) -> str:
    """Return how many buy again over all groups, and how the table is to be read."""
    return follow(
        _means(result, speech),
        speech.prose(
            "Read a row from left to right: it is one group of customers growing older. A row that "
            "levels out or rises mostly shows **who is left**, not that customers became more loyal: "
            "occasional buyers are the first to go."
        ),
    )


def _means(result: Retention, speech: Speech) -> str:
    if not result.cohorts:
        return speech.prose("No group can be judged yet beyond the period of its first purchase.")
    first, *later = result.cohorts
    near = speech.prose(
        "Over all groups, **{rate:share}** of {customers:count} customer{customers:|s} bought in "
        "period {period:count} after that of the first purchase.",
        first,
    )
    if not later:
        return near
    far = speech.prose(
        "In period {period:count} it was **{rate:share}** of {customers:count} "
        "customer{customers:|s}: only older groups can be watched for so long.",
        later[-1],
    )
    return follow(near, far)
