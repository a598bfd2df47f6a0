"""What the audit looks for, what of it was found, and what would be without each step."""

from retention_lib.summaries.checks.counting import findings, row_counts
from retention_lib.summaries.checks.listing import touched
from retention_lib.summaries.checks.register import CHECKS, Check
from retention_lib.summaries.checks.undone import NOTHING_DONE, differences, not_told, without

__all__ = [
    "CHECKS",
    "NOTHING_DONE",
    "Check",
    "differences",
    "findings",
    "not_told",
    "row_counts",
    "touched",
    "without",
]
