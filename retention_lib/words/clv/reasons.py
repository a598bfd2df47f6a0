"""Why a figure of clv cannot be given: a message for each code of ``why_not``."""

from __future__ import annotations

from retention_lib.speech import mark

REASONS: dict[str, str] = mark({})
