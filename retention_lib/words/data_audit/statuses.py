"""How were the statuses of orders counted?"""

from __future__ import annotations

import pandas as pd

from retention_lib.results import Audit, Status
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import cell, table
from retention_lib.words.data_audit import doubts
from retention_lib.words.labels import label

_HEADERS = mark(("Status", "Counted as", "Rows"))
_MONEY = mark({True: "Money ({currency})", False: "Money"})  # is it known of what
_MEANS = mark({"sale": "sale", "return": "return", "cancelled": "left out"})
_UNKNOWN = mark("sale, since nothing says otherwise")
_BLANK = mark("(blank)")


def rows(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return the statuses as they were counted, as a table shows them."""
    headers = (*_HEADERS, _MONEY[bool(speech.currency)])
    return table([_row(status, speech) for status in result.statuses], headers, speech)


def _row(status: Status, speech: Speech) -> tuple[str, ...]:
    counted = speech.text(_UNKNOWN) if status.means is None else label(_MEANS, status.means, speech)
    money = cell(status.money, "number 2", speech)
    return status.status or speech.text(_BLANK), counted, speech.count(status.rows), money


def caption(result: Audit, speech: Speech) -> str:
    """Return the caption of the table of statuses."""
    return speech.text("Statuses of orders, and how they were counted")


def meaning(result: Audit, speech: Speech) -> str:
    """Return what the statuses mean for the figures, and which columns nobody mapped warn."""
    return "\n\n".join((_statuses(result, speech), doubts.meaning(result, speech)))


def _statuses(result: Audit, speech: Speech) -> str:
    if not result.statuses:
        return speech.prose("No column of the records says what became of an order.")
    unknown = sum(status.means is None for status in result.statuses)
    return speech.prose(
        "The configuration does not say what **{n:count}** status{n:|es} {n:means|mean}, so such "
        "rows count as sales; say it there, under `statuses`."
        if unknown
        else "Every status has its meaning in the configuration.",
        n=unknown,
    )
