"""What the audit looks for, what of it was found, and what would be without each step."""

from retention_lib.summaries.checks.counting import findings, row_counts, touched
from retention_lib.summaries.checks.register import CHECKS, Check
from retention_lib.summaries.checks.undone import without

__all__ = ["CHECKS", "Check", "findings", "row_counts", "touched", "without"]
