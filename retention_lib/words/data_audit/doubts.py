"""Does a column that nobody mapped warn of something?"""

from __future__ import annotations

from retention_lib.results import Audit, Doubt
from retention_lib.speech import Speech, mark

# what it warns of, by the code of the doubt
_DOUBTS = mark(
    {
        "currency": "it holds currencies, and amounts of several cannot be added up",
        "refunds": "it looks like money that was given back and has not been taken off",
        "returned_quantity": "it looks like goods that came back and have not been taken off",
        "credit_notes": "some rows look like credit notes or returns, and count as sales",
        "test": "some rows look like tests, and count as sales",
        "status": "it looks like a status, and cancelled orders may count as sales",
    }
)
_OTHER = mark("nobody has said what it means for the figures")
_SAID = mark(
    "{column}: {what} ({rows:count} row{rows:|s}, such as {values:listed})",
)


def said(doubt: Doubt, speech: Speech) -> str:
    """Return what a column warns of, as plain text without a final stop."""
    what = speech.text(_DOUBTS.get(doubt.code, _OTHER))
    return speech.text(_SAID, doubt, what=what)


def meaning(result: Audit, speech: Speech) -> str:
    """Return which columns warn of what, each with the line that settles it."""
    if not result.doubts:
        return speech.prose("No column that nobody mapped warns of anything.")
    return "\n".join(_line(doubt, speech) for doubt in result.doubts)


def _line(doubt: Doubt, speech: Speech) -> str:
    what = said(doubt, speech)
    if doubt.line is None:
        return speech.prose("- {what}.", what=what)
    return speech.prose("- {what}. The line to write is: **{line}**.", what=what, line=doubt.line)
