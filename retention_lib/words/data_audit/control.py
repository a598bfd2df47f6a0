"""Do the figures meet the client's own books?"""

from __future__ import annotations

from retention_lib.results import Audit, ControlTotal
from retention_lib.speech import Speech, mark

_WHAT = mark({"revenue": "Revenue", "orders": "Orders", "customers": "Customers"})
_ALL = mark("in all")
_MESSAGES = mark(
    {
        "meets": "{what}, {period}: {read} read, {given} in the books; they meet",
        "off": "{what}, {period}: {read} read, {given} in the books; {difference} ({share}), which "
        "do not meet",
        "unread": "{what}, {period}: {given} in the books, and nothing in the records to hold it "
        "against",
    }
)


def said(total: ControlTotal, speech: Speech) -> str:
    """Return a total beside that of the books, as plain text without a final stop."""
    digits = 2 if total.what == "revenue" else 0
    code = "unread" if total.read is None else "meets" if total.meets else "off"
    return speech.text(
        _MESSAGES[code],
        what=speech.text(_WHAT[total.what]),
        period=speech.text(_ALL) if total.period == "all" else total.period,
        given=speech.number(total.given, digits),
        read="" if total.read is None else speech.number(total.read, digits),
        difference="" if total.difference is None else speech.signed(total.difference, digits),
        share="" if total.share is None else _per_cent(total.share, speech),
    )


def _per_cent(share: float, speech: Speech) -> str:
    return speech.share(abs(share), 1)


def meaning(result: Audit, speech: Speech) -> str:
    """Return each total beside that of the client's books, one line each."""
    if not result.control:
        return speech.prose(
            "The configuration names no totals of the client's own books (`control`), so nothing "
            "was held against them."
        )
    lines = (speech.prose("- {said}.", said=said(total, speech)) for total in result.control)
    return "\n".join(lines)
