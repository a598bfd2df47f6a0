"""What lowers a verdict on the records, with what it is about: columns, days, a share, totals."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from retention_lib.results import Audit, ControlTotal
from retention_lib.speech import Speech, mark
from retention_lib.words.checks import name
from retention_lib.words.labels import label

WHAT = mark({"revenue": "Revenue", "orders": "Orders", "customers": "Customers"})
_ALL = mark("in all")
_BRIEFLY = mark({"off": "{what} {period} {share}", "unread": "{what} {period}"})
_MORE = mark("{n:count} more")
_NAMED = mark("{name} ({detail})")
_MOST_DETAILS = 3


def named(reason: str, result: Audit, speech: Speech) -> str:
    """Return what lowers a verdict, with its columns, days, share or totals, as plain text."""
    said = name(reason, speech)
    details = list(_DETAILS.get(reason, _days)(result, reason, speech))
    if not details:
        return said
    shown, more = details[:_MOST_DETAILS], len(details) - _MOST_DETAILS
    shown += [speech.text(_MORE, n=more)] if more > 0 else []
    return speech.text(_NAMED, name=said, detail=speech.listed(shown))


def _columns(result: Audit, reason: str, speech: Speech) -> Iterable[str]:
    return dict.fromkeys(doubt.column for doubt in result.doubts)


def _totals(result: Audit, reason: str, speech: Speech) -> Iterable[str]:
    """Yield the totals that do not meet the books, what is off most first."""
    off = (total for total in result.control if not total.meets)
    return (briefly(it, speech) for it in sorted(off, key=lambda it: -abs(it.share or 0)))


def _shares(result: Audit, reason: str, speech: Speech) -> Iterable[str]:
    of_rows = result.unassigned_rows / max(result.rows_in, 1)
    if result.unassigned_share is not None:
        yield speech.text("{unassigned_share:share} of revenue", result)
    yield speech.text("{of_rows:share} of rows", of_rows=of_rows)


def _days(result: Audit, reason: str, speech: Speech) -> Iterable[str]:
    """Yield when the records break in such a way, each day once."""
    found = (it for it in result.breaks if it.kind == reason)
    return dict.fromkeys(
        speech.text(
            "{start:date} to {end:date}"
            if it.end is not None and it.end > it.start
            else "{start:date}",
            it,
        )
        for it in found
    )


_DETAILS: dict[str, Callable[[Audit, str, Speech], Iterable[str]]] = {
    "doubts": _columns,
    "control": _totals,
    "unassigned": _shares,
}


# --- totals of the client's books


def briefly(total: ControlTotal, speech: Speech) -> str:
    """Return which total does not meet the books, and by how much, as plain text."""
    return speech.text(
        _BRIEFLY["unread" if total.share is None else "off"],
        what=label(WHAT, total.what, speech),
        period=period(total, speech),
        share="" if total.share is None else signed_share(total.share, speech),
    )


def period(total: ControlTotal, speech: Speech) -> str:
    """Return the period of a total: a year, a month, or all of them."""
    return speech.text(_ALL) if total.period == "all" else total.period


def signed_share(share: float, speech: Speech) -> str:
    """Return by what share a total is off, with its sign."""
    return speech.text(
        "−{off:share 1}" if share < 0 else "+{off:share 1}" if share else "{off:share 1}",
        off=abs(share),
    )
