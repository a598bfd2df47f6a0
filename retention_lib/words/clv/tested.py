"""What the sections on the test share: titles by the side of the error, and what is drawn."""

from __future__ import annotations

from collections.abc import Mapping

from retention_lib.results import Clv
from retention_lib.speech import Speech
from retention_lib.words.clv.reasons import nothing_to_draw


def by_side(messages: Mapping[str, str], result: Clv, speech: Speech) -> str:
    """Return the message of the side on which the total was off: even, too few, too many, unknown."""
    test = result.tested
    if test is None or test.off is None:
        return speech.text(messages["unknown"])
    return speech.text(messages[test.side], test)


def drawn(message: str, result: Clv, speech: Speech) -> str:
    """Return an alternative text, filled with the days of the test and its totals."""
    held = result.holdout
    if held is None or result.tested is None:
        return nothing_to_draw(result, "/tested", speech)
    return speech.text(message, result.tested, start=held.start, end=held.end)
