"""Where is the list of customers, and what do its columns say?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import pandas as pd

from retention_lib.results import Clv
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because


class Column(NamedTuple):
    """What a column says, its unit, and the figure of the results without which it is empty."""

    says: str
    unit: str
    needs: str = ""


_TEXT, _DAY, _DAYS, _PURCHASES, _CHANCE = mark(
    ("text", "date", "days", "purchases", "chance, 0 to 1")
)
_MONEY, _VALUE = "money", "value"

COLUMNS: Final[Mapping[str, Column]] = {
    "customer_id": Column(mark("The customer's own id in the records."), _TEXT),
    "first_day": Column(mark("Day of the first purchase."), _DAY),
    "last_day": Column(mark("Day of the latest purchase."), _DAY),
    "frequency": Column(
        mark("Purchases after the first; several on one day are one purchase."), _PURCHASES
    ),
    "recency_days": Column(mark("Time from the first to the latest purchase."), _DAYS),
    "T_days": Column(mark("Time from the first purchase to the day of the report."), _DAYS),
    "silent_days": Column(mark("Time from the latest purchase to the day of the report."), _DAYS),
    "spend": Column(mark("Spend so far, less what was returned."), _MONEY),
    "monetary": Column(
        mark("Mean spend of a purchase after the first; empty for one-time buyers."), _MONEY
    ),
    "state": Column(mark("New, active, slipping or lapsed, by the silence so far."), _TEXT),
    "p_alive": Column(mark("Chance of still being a customer."), _CHANCE, "mean_p_alive"),
    "expected_purchases": Column(
        mark("Purchases expected in the time that the value looks ahead."),
        _PURCHASES,
        "expected_purchases",
    ),
    "purchases_low": Column(
        mark("Lower end of the 90% interval of the purchases."), _PURCHASES, "expected_purchases"
    ),
    "purchases_high": Column(
        mark("Upper end of the 90% interval of the purchases."), _PURCHASES, "expected_purchases"
    ),
    "expected_value": Column(mark("Value expected of one purchase to come."), _VALUE, "total_clv"),
    "clv": Column(
        mark("Customer lifetime value: what the purchases to come bring, later ones discounted."),
        _VALUE,
        "total_clv",
    ),
    "clv_low": Column(mark("Lower end of the 90% interval of the value."), _VALUE, "total_clv"),
    "clv_high": Column(mark("Upper end of the 90% interval of the value."), _VALUE, "total_clv"),
    "lapse_chance": Column(
        mark("Chance of no purchase within the silence after which customers count as lapsed."),
        _CHANCE,
        "at_risk_days",
    ),
    "value_at_risk": Column(mark("Value times that chance."), _VALUE, "value_at_risk"),
    "subscription": Column(
        mark("How often a subscriber pays; empty for others."), _TEXT, "subscribers"
    ),
}
_HEADERS = mark(("Column", "What it says", "Unit"))


def rows(result: Clv, speech: Speech) -> pd.DataFrame:
    """Return what each column of the list of customers says, as a table shows it."""
    table = [
        (name, _says(column, result, speech), _unit(column.unit, result, speech))
        for name, column in COLUMNS.items()
    ]
    return pd.DataFrame(table, columns=[speech.text(header) for header in _HEADERS])


def _says(column: Column, result: Clv, speech: Speech) -> str:
    says = speech.text(column.says)
    if column.needs and getattr(result, column.needs) in (None, []):
        return speech.text("{says} Empty in this list.", says=says)
    return says


def _unit(unit: str, result: Clv, speech: Speech) -> str:
    if unit not in (_MONEY, _VALUE):
        return speech.text(unit)
    currency = speech.currency or speech.text("money")
    if unit == _MONEY:
        return currency
    if result.basis == "margin":
        return speech.text("{currency} (margin)", currency=currency)
    return speech.text("{currency} (revenue)", currency=currency)


def caption(result: Clv, speech: Speech) -> str:
    """Return the caption of the table of columns."""
    return speech.text("The {n:count} column{n:|s} of customers.parquet", n=len(COLUMNS))


def meaning(result: Clv, speech: Speech) -> str:
    """Return where the list of customers is, where its columns are explained, and its use."""
    if result.model is None:
        return because(result, "/model", speech)
    return speech.prose(
        "`customers.parquet`, in the private part of the run, lists every customer with these "
        "columns; `customers_columns.csv` beside it explains them too. Use it to decide whom to "
        "turn to first: single customers differ widely from what is expected of them, and their 90% "
        "intervals say how widely."
    )
