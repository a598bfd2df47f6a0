"""Do the figures meet the client's own books?"""

from __future__ import annotations

import pandas as pd

from retention_lib.results import Audit, ControlTotal
from retention_lib.speech import Speech, mark
from retention_lib.words import lowered
from retention_lib.words.cells import cell, table
from retention_lib.words.labels import label
from retention_lib.words.reasons import follow

_HEADERS = mark(("What", "Period", "In the books", "Read", "Difference", "Per cent", "Meets"))
_MEETS = mark({True: "yes", False: "no"})
_TAXES = mark(
    {
        "books": "Each total of revenue in the books is {rate:share 0} or so above what was read: the "
        "books may be with tax, and the records without.",
        "records": "Each total of revenue that was read is {rate:share 0} or so above the books: the "
        "records may be with tax, and the books without.",
    }
)


def rows(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return each total beside that of the books, by what it counts and by period, as texts."""
    return table([_row(total, speech) for total in result.control], _HEADERS, speech)


def _row(total: ControlTotal, speech: Speech) -> tuple[str, ...]:
    form = f"number {_digits(total)}"
    off = total.difference
    return (
        label(lowered.WHAT, total.what, speech),
        lowered.period(total, speech),
        speech.said(total.given, form),
        cell(total.read, form, speech),
        "–" if off is None else speech.signed(off, _digits(total)),
        "–" if total.share is None else lowered.signed_share(total.share, speech),
        speech.text(_MEETS[total.meets]),
    )


def _digits(total: ControlTotal) -> int:
    return 2 if total.what == "revenue" else 0


def caption(result: Audit, speech: Speech) -> str:
    """Return the caption of the table of totals."""
    return speech.text(
        "The client's books beside what was read ({currency})"
        if speech.currency
        else "The client's books beside what was read",
        speech,
    )


def meaning(result: Audit, speech: Speech) -> str:
    """Return whether the totals meet the client's books, and what may keep them from it."""
    if not result.control:
        return speech.prose(
            "The configuration names no totals of the client's own books (`control`), so nothing "
            "was held against them. Lay the table of years beside the books."
        )
    off = sum(not total.meets for total in result.control)
    met = speech.prose(
        "Of the totals in the client's books, here {n:count}, **{off:count}** {off:does|do} not "
        "meet what was read."
        if off
        else "{n:The one total|All totals} of the client's books {n:meets|meet} what was read.",
        off=off,
        n=len(result.control),
    )
    return follow(met, _tax(result, speech))


def _tax(result: Audit, speech: Speech) -> str:
    tax = result.control_tax
    return "" if tax is None else speech.prose(_TAXES[tax.with_tax], tax)
