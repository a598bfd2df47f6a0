"""What would a bookkeeper compare?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from retention_lib.results import Audit
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import cell, table
from retention_lib.words.reasons import because, follow

_YEAR: Final = mark(
    {
        True: ("Year", "Revenue ({currency})", "No customer ({currency})"),
        False: ("Year", "Revenue", "No customer"),
    }
)
_COUNTS: Final = mark(("Orders", "Purchases", "Customers"))
_MONEY: Final = "number 2"


def rows(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return money and counts by year and in all, as a table shows them."""
    lines = [
        _row(
            str(it.year),
            (it.revenue, it.unassigned_revenue),
            (it.orders, it.occasions, it.customers),
            speech,
        )
        for it in result.years
    ]
    money = (result.revenue, result.unassigned_revenue)
    counts = (result.orders, result.occasions, result.customers)
    lines.append(_row(speech.text("In all"), money, counts, speech))
    return table(lines, (*_YEAR[bool(speech.currency)], *_COUNTS), speech)


def _row(
    name: str, money: Sequence[float | None], counts: Sequence[int | None], speech: Speech
) -> tuple[str, ...]:
    return (
        name,
        *(cell(sum_, _MONEY, speech) for sum_ in money),
        *(cell(count, "count", speech) for count in counts),
    )


def caption(result: Audit, speech: Speech) -> str:
    """Return the caption of the table of years."""
    return speech.text("What was counted, year by year")


def meaning(result: Audit, speech: Speech) -> str:
    """Return what was given back, and what belongs to nobody."""
    if result.revenue is None:
        return because(result, "/revenue", speech)
    back = speech.prose(
        "**{refunds:money 2}** was given back to customers; revenue is what is left after that."
        if result.refunds
        else "Nothing was given back to customers.",
        result,
    )
    nobody = speech.prose(
        "Sales of **{unassigned_revenue:money 2}** name no customer; they come on top of revenue, "
        "as books have it."
        if result.unassigned_revenue
        else "All of it belongs to a customer.",
        result,
    )
    return follow(back, nobody)
