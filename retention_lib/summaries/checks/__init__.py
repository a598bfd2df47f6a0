"""What the audit looks for, what of it was found, and what would be without each step."""

from retention_lib.summaries.checks.counting import findings, findings_of, row_counts, touched
from retention_lib.summaries.checks.records import Records
from retention_lib.summaries.checks.register import CHECKS, Check
from retention_lib.summaries.checks.undone import NOTHING_DONE, differences, not_told, without

__all__ = [
    "CHECKS",
    "NOTHING_DONE",
    "Check",
    "Records",
    "differences",
    "findings",
    "findings_of",
    "not_told",
    "row_counts",
    "touched",
    "without",
]
