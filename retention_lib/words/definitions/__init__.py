"""What every figure of ``results.json`` is, in one line; each notebook's in a module of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from retention_lib.speech import Speech
from retention_lib.words.definitions import audit, clv, cycle, recommendations, retention

# under the figure's pattern in its section, * for any index or key
DEFINITIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "audit": audit.DEFINITIONS,
    "cycle": cycle.DEFINITIONS,
    "retention": retention.DEFINITIONS,
    "clv": clv.DEFINITIONS,
    "recommendations": recommendations.DEFINITIONS,
}
_LIKE: Final = (("clv/rolling/*", "clv/holdout"),)  # earlier tests are told as the latest one is


def known(pattern: str) -> str:
    """Return the message of a figure; "" if it has none."""
    for own, other in _LIKE:
        if pattern == own or pattern.startswith(f"{own}/"):
            pattern = other + pattern.removeprefix(own)
    section, _, rest = pattern.partition("/")
    return DEFINITIONS.get(section, {}).get(rest) or audit.DOCUMENT.get(pattern, "")


def said(pattern: str, speech: Speech) -> str:
    """Return what a figure is, as plain text; "" if nothing says it."""
    message = known(pattern)
    return speech.text(message) if message else ""
