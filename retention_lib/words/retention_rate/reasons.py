"""Why a figure of retention rate cannot be given: a message for each code of ``why_not``."""

from __future__ import annotations

from retention_lib.speech import mark

REASONS: dict[str, str] = mark(
    {
        "varied": "A varied analysis is not held against earlier reports.",
    }
)
