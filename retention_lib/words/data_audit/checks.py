"""What was noticed, and does it matter?"""

from __future__ import annotations

from typing import Final

import pandas as pd

from retention_lib.results import Audit, Check
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import cell, table
from retention_lib.words.checks import CHECKS, explained, name
from retention_lib.words.labels import label

MOST: Final = 12  # rows of the table
_MOST_EXPLAINED: Final = 6
_HEADERS: Final = mark(
    {
        True: ("What was noticed", "Money ({currency})"),  # is it known of what
        False: ("What was noticed", "Money"),
    }
)
_COUNTS: Final = mark(("Rows", "Rows read", "Customers", "What was done"))
_ACTIONS: Final = mark(
    {"kept": "kept", "set aside": "set aside", "netted": "netted", "counted": "counted"}
)


def rows(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return what the audit noticed, the costliest first, as far as a table has room."""
    headers = (*_HEADERS[bool(speech.currency)], *_COUNTS)
    return table([_row(check, speech) for check in result.checks[:MOST]], headers, speech)


def _row(check: Check, speech: Speech) -> tuple[str, ...]:
    return (
        name(check.name, speech),
        cell(check.money, "count", speech),
        speech.count(check.rows),
        speech.count(check.rows_read),
        cell(check.customers, "count", speech),
        label(_ACTIONS, check.action, speech),
    )


def caption(result: Audit, speech: Speech) -> str:
    """Return the caption of the table of checks."""
    if not result.checks:
        return speech.text("Nothing was noticed")
    return speech.text(
        "{n:count} thing{n:|s} the audit noticed, the most money first", n=len(result.checks)
    )


def meaning(result: Audit, speech: Speech) -> str:
    """Return what the costliest things noticed mean, and the names of what the table leaves out."""
    if not result.checks:
        return speech.prose("The audit noticed nothing that needs a decision.")
    lines = [_line(check.name, speech) for check in result.checks[:_MOST_EXPLAINED]]
    if rest := result.checks[MOST:]:
        names = speech.series(name(check.name, speech) for check in rest)
        said = speech.prose("{n:count} more, with less money: {names}.", n=len(rest), names=names)
        lines += ["", said]
    return "\n".join(lines)


def _line(check: str, speech: Speech) -> str:
    said = name(check, speech)
    if check not in CHECKS:
        return speech.prose("- **{name}.**", name=said)
    return speech.prose("- **{name}.** {meaning}", name=said, meaning=explained(check, speech))
