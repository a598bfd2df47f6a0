"""What was noticed, and does it matter?"""

from __future__ import annotations

import pandas as pd

from retention_lib.results import Audit, Check
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import cell, table
from retention_lib.words.checks import CHECKS, explained, name
from retention_lib.words.labels import label

_HEADERS = mark(("What was noticed", "Rows", "Customers"))
_MONEY = mark({True: "Money ({currency})", False: "Money"})  # is it known of what
_DONE = mark(("What was done", "Retained rate without this step"))
_ACTIONS = mark(
    {"kept": "kept", "set aside": "set aside", "netted": "netted", "counted": "counted"}
)


def rows(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return what the audit noticed, as a table shows it, the costliest first."""
    headers = (*_HEADERS, _MONEY[bool(speech.currency)], *_DONE)
    return table([_row(check, speech) for check in result.checks], headers, speech)


def _row(check: Check, speech: Speech) -> tuple[str, ...]:
    return (
        name(check.name, speech),
        speech.count(check.rows),
        cell(check.customers, "count", speech),
        cell(check.money, "count", speech),
        label(_ACTIONS, check.action, speech),
        cell(check.rate_without, "share", speech),
    )


def caption(result: Audit, speech: Speech) -> str:
    """Return the caption of the table of checks."""
    if not result.checks:
        return speech.text("Nothing was noticed")
    return speech.text(
        "{n:count} thing{n:|s} the audit noticed"
        if result.retained_rate is None
        else "{n:count} thing{n:|s} the audit noticed (retained rate of all customers, as used: "
        "{retained_rate:share})",
        result,
        n=len(result.checks),
    )


def meaning(result: Audit, speech: Speech) -> str:
    """Return what each thing noticed means, one line each."""
    if not result.checks:
        return speech.prose("The audit noticed nothing that needs a decision.")
    return "\n".join(_line(check.name, speech) for check in result.checks)


def _line(check: str, speech: Speech) -> str:
    said = name(check, speech)
    if check not in CHECKS:
        return speech.prose("- **{name}.**", name=said)
    return speech.prose("- **{name}.** {meaning}", name=said, meaning=explained(check, speech))
