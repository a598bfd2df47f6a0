"""Sentences from results: gettext templates, numbers in the client's locale.

Functions named ``..._answer`` and ``..._meaning`` return Markdown in which every value is
escaped; titles, captions, alternative texts, table cells, headlines and steps are plain text.
"""

from retention_lib.speech import Speech, escape
from retention_lib.words.data_audit.checks import (
    audit_answer,
    check_name,
    check_rows,
    checks_caption,
    checks_meaning,
    monthly_sales_alt,
    monthly_sales_meaning,
    monthly_sales_title,
    row_counts,
    rows_caption,
    rows_meaning,
    verdict_meaning,
)
from retention_lib.words.display import say
from retention_lib.words.first_screen.lines import Headline, headlines
from retention_lib.words.reasons import why_not
from retention_lib.words.recommendations.actions import action_line, next_steps
from retention_lib.words.recommendations.answer import (
    actions_meaning,
    claim_rows,
    claims_caption,
    claims_meaning,
    lorenz_alt,
    lorenz_meaning,
    lorenz_title,
    recommendations_answer,
    segment_rows,
    segments_alt,
    segments_caption,
    segments_meaning,
    segments_title,
    state_names,
    states_meaning,
)

__all__ = [
    "Headline",
    "Speech",
    "action_line",
    "actions_meaning",
    "audit_answer",
    "check_name",
    "check_rows",
    "checks_caption",
    "checks_meaning",
    "claim_rows",
    "claims_caption",
    "claims_meaning",
    "headlines",
    "lorenz_alt",
    "lorenz_meaning",
    "lorenz_title",
    "monthly_sales_alt",
    "monthly_sales_meaning",
    "monthly_sales_title",
    "next_steps",
    "row_counts",
    "rows_caption",
    "rows_meaning",
    "say",
    "segment_rows",
    "segments_alt",
    "segments_caption",
    "segments_meaning",
    "segments_title",
    "state_names",
    "states_meaning",
    "verdict_meaning",
    "why_not",
]
