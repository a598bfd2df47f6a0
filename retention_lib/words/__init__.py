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
from retention_lib.words.labels import state_names
from retention_lib.words.reasons import why_not

__all__ = [
    "Speech",
    "audit_answer",
    "check_name",
    "check_rows",
    "checks_caption",
    "checks_meaning",
    "escape",
    "monthly_sales_alt",
    "monthly_sales_meaning",
    "monthly_sales_title",
    "row_counts",
    "rows_caption",
    "rows_meaning",
    "say",
    "state_names",
    "verdict_meaning",
    "why_not",
]
