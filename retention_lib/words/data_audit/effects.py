"""What did each step do to the answer: the retained rate and the revenue without it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

from retention_lib.results import Audit, Check
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import cell, table
from retention_lib.words.checks import name
from retention_lib.words.reasons import because, why_not

_MOST: Final = 11  # steps in the table, beside the row of what was used
_HEADERS: Final = mark(("Without this step", "Retained rate"))
_REVENUE: Final = mark({True: "Revenue ({currency})", False: "Revenue"})  # is it known of what


def rows(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return the rate and the revenue as used, and without each step, the largest change first.

    Of what is not known at all, rates or revenue, there is no column.
    """
    moved = sorted(_undone(result), key=lambda check: _rank(check, result))
    lines = [
        _row(speech.text("As used"), result.retained_rate, result.revenue, speech),
        *(
            _row(name(it.name, speech), it.rate_without, it.revenue_without, speech)
            for it in moved[:_MOST]
        ),
    ]
    made = table(lines, (*_HEADERS, _REVENUE[bool(speech.currency)]), speech)
    known = [True, result.retained_rate is not None, result.revenue is not None]
    made = made.loc[:, known]
    if rest := moved[_MOST:]:
        names = speech.series(name(it.name, speech) for it in rest)
        made.attrs["notes"] = [
            speech.text("{n:count} more change less: {names}.", n=len(rest), names=names)
        ]
    return made


def _row(said: str, rate: float | None, revenue: float | None, speech: Speech) -> tuple[str, ...]:
    return said, cell(rate, "share", speech), cell(revenue, "count", speech)


def _undone(result: Audit) -> list[Check]:
    """Return the checks of which something is known without their step."""
    return [
        check
        for check in result.checks
        if check.rate_without is not None or check.revenue_without is not None
    ]


def _rank(check: Check, result: Audit) -> tuple[float, float]:
    return (
        -_apart(check.revenue_without, result.revenue),
        -_apart(check.rate_without, result.retained_rate),
    )


def _apart(without: float | None, used: float | None) -> float:
    return 0.0 if without is None or used is None else abs(without - used)


def caption(result: Audit, speech: Speech) -> str:
    """Return the caption of the table of steps."""
    return speech.text("What the answer would be without a step, by the same window")


def meaning(result: Audit, speech: Speech) -> str:
    """Return which steps cannot be undone, and why; and why there is no rate, if there is none."""
    lines = list(_kept_from(result, speech))
    if result.retained_rate is None:
        lines.insert(0, f"- {because(result, '/retained_rate', speech)}")
    if lines:
        return "\n".join(lines)
    return speech.prose("Every step that was taken can be undone, and stands in the table.")


def _kept_from(result: Audit, speech: Speech) -> Iterator[str]:
    """Yield, for each reason, the steps of which nothing is known without them."""
    named: dict[str, list[str]] = {}
    for at, check in enumerate(result.checks):
        if check.action == "counted" or check in _undone(result):
            continue
        # without a rate nothing has one; then it is the revenue that says why
        figure = "rate_without" if result.retained_rate is not None else "revenue_without"
        reason = why_not(result, f"/checks/{at}/{figure}", speech)
        named.setdefault(reason, []).append(name(check.name, speech))
    for reason, names in named.items():
        yield speech.prose("- **{names}.** {reason}", names=speech.series(names), reason=reason)
