"""Why a figure of recommendations cannot be given: a message for each code of ``why_not``."""

from __future__ import annotations

from retention_lib.speech import mark

REASONS: dict[str, str] = mark(
    {
        "within_a_year": "The history of {days:days} is too short to tell customers won more than "
        "a year ago.",
        "claim_not_tested": "These records cannot test the claim.",
        "count_of_all": "It is a count of all customers, so it has no interval.",
        "step_for_all": "The step is for all customers, and no sum of its own stands behind it.",
        "no_value": "These customers could not be given a value.",
    }
)
