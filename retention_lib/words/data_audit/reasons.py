"""Why a figure of data audit cannot be given: a message for each code of ``why_not``."""

from __future__ import annotations

from retention_lib.speech import mark

REASONS: dict[str, str] = mark(
    {
        "no_rate_yet": "There is no retained rate yet.",
        "rows_without_customers": "These rows name no customer that could be counted.",
        "rows_without_money": "No money can be put on this check.",
        "nothing_to_compare": "There is no retained rate with and without this step to compare.",
    }
)
