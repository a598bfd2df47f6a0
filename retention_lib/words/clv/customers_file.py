"""Where is the list of customers, and what do its columns say?"""

from __future__ import annotations

from typing import Final

import pandas as pd

from retention_lib.results import Clv
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import table
from retention_lib.words.clv import span
from retention_lib.words.reasons import because, follow

_SAYS: Final = mark(
    {
        "customer_id": "The customer's own id in the records.",
        "first_day": "Day of the first purchase.",
        "last_day": "Day of the latest purchase.",
        "frequency": "Purchases after the first; several on one day are one purchase.",
        "recency_days": "Time from the first to the latest purchase.",
        "T_days": "Time from the first purchase to the day of the report.",
        "silent_days": "Time from the latest purchase to the day of the report.",
        "spend": "Spend so far, less what was returned.",
        "monetary": "Mean spend of a purchase after the first; empty for one-time buyers.",
        "state": "New, active, slipping or lapsed, by the silence so far.",
        "p_alive": "Chance of still being a customer.",
        "expected_purchases": "Purchases expected in the time that the value looks ahead.",
        "purchases_low": "Lower end of the 90% interval of the purchases.",
        "purchases_high": "Upper end of the 90% interval of the purchases.",
        "next_purchase": "Day by which half of such customers have bought again, if they are still "
        "customers; empty where that is later than the value looks ahead, or where the customer has "
        "more likely left. A subscriber's next charge.",
        "next_purchase_from": "Day before which only one in ten of them buys.",
        "next_purchase_to": "Day after which only one in ten of them buys; empty where that is later "
        "than the value looks ahead.",
        "expected_value": "Value expected of one purchase to come.",
        "expected_revenue": "What the expected purchases bring, not discounted, whatever they cost.",
        "clv": "Customer lifetime value: what later purchases bring, discounted by the month.",
        "clv_low": "Lower end of the 90% interval of the value.",
        "clv_high": "Upper end of the 90% interval of the value.",
        "lapse_chance": "Chance of no purchase within the silence that counts as lapsed.",
        "value_at_risk": "Value times that chance.",
        "subscription": "How often a subscriber pays; empty for others.",
    }
)
COLUMNS: Final = tuple(_SAYS)
_TEXT, _DAY, _DAYS, _PURCHASES, _CHANCE = mark(
    ("text", "date", "days", "purchases", "chance, 0 to 1")
)
_VALUE: Final = ("expected_value", "clv", "clv_low", "clv_high", "value_at_risk")
_NEXT: Final = ("next_purchase", "next_purchase_from", "next_purchase_to")
_UNITS: Final = {
    **dict.fromkeys(("customer_id", "state", "subscription"), _TEXT),
    **dict.fromkeys(("first_day", "last_day", *_NEXT), _DAY),
    **dict.fromkeys(("recency_days", "T_days", "silent_days"), _DAYS),
    **dict.fromkeys(("frequency", "purchases_low", "purchases_high"), _PURCHASES),
    "expected_purchases": _PURCHASES,
    "p_alive": _CHANCE,
    "lapse_chance": _CHANCE,
}
_NEEDS: Final = {  # the figure without which a column is empty
    **dict.fromkeys(
        ("expected_purchases", "purchases_low", "purchases_high", *_NEXT), "expected_purchases"
    ),
    **dict.fromkeys(_VALUE, "total_clv"),
    "expected_revenue": "expected_revenue",
    "p_alive": "mean_p_alive",
    "lapse_chance": "at_risk_days",
    "value_at_risk": "value_at_risk",
    "subscription": "subscribers",
}
_BASIS = mark({"margin": "{currency} (margin)", "revenue": "{currency} (revenue)"})
_HEADERS = mark(("Column", "What it says", "Unit"))


def rows(result: Clv, speech: Speech) -> pd.DataFrame:
    """Return what each column of the list of customers says, as a table shows it."""
    lines = [(name, _says(name, result, speech), _unit(name, result, speech)) for name in COLUMNS]
    return table(lines, _HEADERS, speech)


def says(column: str, speech: Speech) -> str:
    """Return what a column of the list of customers says, as plain text."""
    return speech.text(_SAYS[column])


def _says(name: str, result: Clv, speech: Speech) -> str:
    said = says(name, speech)
    drift = result.price_drift
    if name == "monetary" and drift is not None and drift.used:
        said = speech.text("{says} Past amounts are at today's level.", says=said)
    if name in _NEEDS and getattr(result, _NEEDS[name]) in (None, []):
        return speech.text("{says} Empty in this list.", says=said)
    return said


def _unit(name: str, result: Clv, speech: Speech) -> str:
    if name in _UNITS:
        return speech.text(_UNITS[name])
    currency = speech.currency or speech.text("money")
    if name not in _VALUE:
        return currency
    return speech.text(_BASIS[result.basis], currency=currency)


def caption(result: Clv, speech: Speech) -> str:
    """Return the caption of the table of columns."""
    return speech.text("The {n:count} column{n:|s} of customers.parquet", n=len(COLUMNS))


def meaning(result: Clv, speech: Speech) -> str:
    """Return where the list of customers is, where its columns are explained, and its use."""
    return because(result, "/model", speech) or follow(
        speech.prose(
            "`customers.parquet`, in the private part of the run, lists every customer with these "
            "columns; `customers_columns.csv` beside it explains them too. Use it to decide whom "
            "to turn to first: single customers differ widely from what is expected of them, and "
            "their 90% intervals say how widely."
        ),
        span.shortened(result, speech),
    )
