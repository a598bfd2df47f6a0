"""Sentences on customers by state: where is the money, where the risk, what is still to come?"""

from __future__ import annotations

import pandas as pd

from retention_lib.results import Recommendations, Segment
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import cell, table
from retention_lib.words.labels import state_names
from retention_lib.words.reasons import follow


def title(result: Recommendations, speech: Speech) -> str:
    """Return the title of the figure of customers by state."""
    lapsed = _segment(result, "lapsed")
    if lapsed is None:
        return speech.text("Customers and their spend, by state")
    if lapsed.spend_share is None:
        return speech.text("Lapsed customers are {share:share 0} of all customers", lapsed)
    return speech.text(
        "Lapsed customers: {share:share 0} of customers, {spend_share:share 0} of past spend",
        lapsed,
    )


def _segment(result: Recommendations, state: str) -> Segment | None:
    return next((segment for segment in result.segments if segment.name == state), None)


def alt(result: Recommendations, speech: Speech) -> str:
    """Return the alternative text of the figure of customers by state."""
    if not result.segments:
        return speech.text("No states of customers can be drawn.")
    names = state_names(speech)
    shares = [
        speech.text("{state} {share:share 0}", segment, state=names[segment.name])
        for segment in result.segments
    ]
    return speech.text(
        "Bars of the share of customers and of past spend by state. Customers: {shares}.",
        shares=speech.series(shares),
    )


def meaning(result: Recommendations, speech: Speech) -> str:
    """Return where money and risk lie."""
    if not result.segments:
        return speech.prose(
            "Customers have no states here, because it is not known after which silence they stay "
            "away."
        )
    return follow(_worth(result, speech), _slipping(result, speech)) or speech.prose(
        "No value could be given to the states."
    )


def _worth(result: Recommendations, speech: Speech) -> str:
    valued = [segment for segment in result.segments if segment.expected_value is not None]
    if not valued:
        return ""
    top = max(valued, key=lambda segment: segment.expected_value or 0)
    return speech.prose(
        "Most of the value still to come lies with the state “{state}”: "
        "**{expected_value:about_money}** expected of {customers:count} customer{customers:|s}.",
        top,
        state=state_names(speech)[top.name],
    )


def _slipping(result: Recommendations, speech: Speech) -> str:
    slipping = _segment(result, "slipping")
    if slipping is None or slipping.expected_value is None:
        return ""
    return speech.prose(
        "At risk is the **{expected_value:about_money}** expected of {customers:count} slipping "
        "customer{customers:|s}: late, but not lapsed yet.",
        slipping,
    )


# --- what is each state expected to bring? ------------------------------------


_HEADERS = mark(
    ("State", "Customers", "Share of customers", "Share of past spend", "Expected purchases")
)
_VALUE = mark({True: "Expected value ({currency})", False: "Expected value"})  # is it known of what


def rows(result: Recommendations, speech: Speech) -> pd.DataFrame:
    """Return customers by state, as a table shows them."""
    headers = (*_HEADERS, _VALUE[bool(speech.currency)])
    return table([_row(one, speech) for one in result.segments], headers, speech)


def _row(segment: Segment, speech: Speech) -> tuple[str, ...]:
    return (
        state_names(speech)[segment.name],
        speech.count(segment.customers),
        cell(segment.share, "share", speech),
        cell(segment.spend_share, "share", speech),
        cell(segment.expected_purchases, "count", speech),
        cell(segment.expected_value, "count", speech),
    )


def caption(result: Recommendations, speech: Speech) -> str:
    """Return the caption of the table of customers by state."""
    return speech.text("Customers by state, and what they are expected to bring")


def definitions(result: Recommendations, speech: Speech) -> str:
    """Return what the four states are."""
    return speech.prose(
        "**New**: bought once, not long ago. **Active**: bought again, and not overdue. "
        "**Slipping**: later than three quarters of those who come back. "
        "**Lapsed**: silent for longer than the lapse that the chapter on the purchase cycle "
        "gives; where it gives none, for longer than two cycles, and later than three quarters of "
        "those who come back."
    )
