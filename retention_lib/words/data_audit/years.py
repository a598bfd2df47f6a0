"""What would a bookkeeper compare?"""

from __future__ import annotations

import pandas as pd

from retention_lib.results import Audit
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import cell, table
from retention_lib.words.reasons import because, follow

_YEAR = mark("Year")
_REVENUE = mark({True: "Revenue ({currency})", False: "Revenue"})  # is it known of what
_ORDERS, _OF_CUSTOMERS = mark("Orders"), mark(("Purchases", "Customers"))
# where sales belong to nobody: books hold these as well
_PARTS = mark(("of customers", "without a customer"))
_ALL_ORDERS = mark("Orders, all")
_DIGITS = 2


def rows(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return revenue, orders, purchases and customers by year and in all, as a table shows them.

    Where some sales name no customer, revenue is told in its two parts as well, and orders are all.
    """
    parted = bool(result.unassigned_revenue) or any(it.unassigned_orders for it in result.years)
    lines = [
        (str(it.year), it.revenue, it.unassigned_revenue, it.orders, it.unassigned_orders)
        + (it.occasions, it.customers)
        for it in result.years
    ]
    nobodys = (
        None if result.orders is None else sum(it.unassigned_orders or 0 for it in result.years)
    )
    sums = (result.revenue, result.unassigned_revenue, result.orders, nobodys)
    lines.append((speech.text("In all"), *sums, result.occasions, result.customers))
    revenue, orders = _REVENUE[bool(speech.currency)], _ALL_ORDERS if parted else _ORDERS
    headers = (_YEAR, revenue, *(_PARTS if parted else ()), orders, *_OF_CUSTOMERS)
    return table([_row(line, parted, speech) for line in lines], headers, speech)


def _row(
    line: tuple[str, float | None, float | None, int | None, int | None, int, int],
    parted: bool,
    speech: Speech,
) -> tuple[str, ...]:
    year, revenue, nobodys, orders, of_nobody, *counts = line
    money = [_sum(revenue, nobodys), revenue, nobodys] if parted else [revenue]
    sold = _sum(orders, of_nobody) if parted else orders
    return (
        year,
        *(cell(sum_, f"number {_DIGITS}", speech) for sum_ in money),
        *(cell(count, "count", speech) for count in (sold, *counts)),
    )


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None else one + (other or 0)


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
    return follow(back, _nobodys(result, speech))


def _nobodys(result: Audit, speech: Speech) -> str:
    if not result.unassigned_revenue:
        return speech.prose("All of it belongs to a customer.")
    return speech.prose(
        "Sales of **{unassigned_revenue:money 2}** name no customer, **{unassigned_share:share}** "
        "of all revenue: no figure about customers holds them, but the client's books do."
        if result.unassigned_share
        else "Sales of **{unassigned_revenue:money 2}** name no customer: no figure about customers "
        "holds them, but the client's books do.",
        result,
    )
