"""Sentences of notebook 03 on who leaves: subscribers who stop, and valuable customers lost."""

from __future__ import annotations

from datetime import date
from textwrap import shorten
from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.results import Billing, Contractual, Interval, Lost, Retention
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow

# --- do subscribers stop? -----------------------------------------------------

_PAYING: dict[Billing, tuple[str, str]] = {
    "week": (
        mark("- **By the week**: {n} customer has paid as subscribers do, still active: {active}."),
        mark(
            "- **By the week**: {n} customers have paid as subscribers do, still active: {active}."
        ),
    ),
    "month": (
        mark(
            "- **By the month**: {n} customer has paid as subscribers do, still active: {active}."
        ),
        mark(
            "- **By the month**: {n} customers have paid as subscribers do, still active: {active}."
        ),
    ),
    "quarter": (
        mark(
            "- **By the quarter**: {n} customer has paid as subscribers do, still active: {active}."
        ),
        mark(
            "- **By the quarter**: {n} customers have paid as subscribers do, still active: {active}."
        ),
    ),
    "year": (
        mark("- **By the year**: {n} customer has paid as subscribers do, still active: {active}."),
        mark(
            "- **By the year**: {n} customers have paid as subscribers do, still active: {active}."
        ),
    ),
}


def contractual_meaning(result: Retention, speech: Speech) -> str:
    """Return how many subscribers stop at each charge, a line for each billing period."""
    if not result.contractual:
        return speech.prose(
            "No part of the customers that is large enough pays as subscribers do, at even "
            "distances and mostly the same amount, so there is no churn by billing period to give."
        )
    lines = [_line(result, at, speech) for at in range(len(result.contractual))]
    return "\n".join([*lines, "", _so_what(speech)])


def _line(result: Retention, at: int, speech: Speech) -> str:
    part = result.contractual[at]
    paying = speech.proses(*_PAYING[part.period], part.customers, active=speech.count(part.active))
    return follow(
        paying,
        _churn(result, at, speech),
        _recent(part, speech),
        _projected(result, at, speech),
    )


def _churn(result: Retention, at: int, speech: Speech) -> str:
    part = result.contractual[at]
    if part.churn_rate is None:
        return because(result, f"/contractual/{at}/churn_rate", speech)
    return speech.proses(
        "Of {n} charge from the fourth on, **{rate}** was the last.",
        "Of {n} charges from the fourth on, **{rate}** were the last.",
        part.charges,
        rate=speech.estimated_share(part.churn_rate, part.churn_ci95),
    )


def _recent(part: Contractual, speech: Speech) -> str:
    earlier = _earlier(part)
    if part.recent_rate is None or part.recent_ci95 is None or earlier is None:
        return ""
    values = {
        "recent": speech.estimated_share(part.recent_rate, part.recent_ci95),
        "earlier": speech.share(earlier[0]),
    }
    if part.recent_ci95[1] < earlier[1][0]:
        return speech.prose(
            "In the last year it was {recent}, before that {earlier}: **clearly fewer stop now**.",
            **values,
        )
    if earlier[1][1] < part.recent_ci95[0]:
        return speech.prose(
            "In the last year it was {recent}, before that {earlier}: **clearly more stop now**.",
            **values,
        )
    return speech.prose(
        "In the last year it was {recent}, before that {earlier}: no clear change.", **values
    )


def _earlier(part: Contractual) -> tuple[float, Interval] | None:
    """Return the churn before the last year with Wilson's interval; None without charges then."""
    charges = part.charges - part.recent_charges
    if charges <= 0 or part.recent_rate is None:
        return None
    ended = part.ended - round(part.recent_rate * part.recent_charges)
    return ended / charges, stats.wilson(ended, charges)


def _projected(result: Retention, at: int, speech: Speech) -> str:
    part = result.contractual[at]
    if not part.projection:
        return because(result, f"/contractual/{at}/projection", speech)
    return speech.proses(
        "Of 100 who pay for the fourth time, about **{left}** would still pay {n} charge later (a "
        "projection without a range).",
        "Of 100 who pay for the fourth time, about **{left}** would still pay {n} charges later (a "
        "projection without a range).",
        len(part.projection),
        left=speech.count(100 * part.projection[-1]),
    )


def _so_what(speech: Speech) -> str:
    return speech.prose(
        "Among subscribers one missing charge says what only long silence says of others: act at "
        "the first one that fails to come. What one charge brings, times the charges still to be "
        "expected, is the most that keeping a subscriber may cost."
    )


# --- which valuable customers were lost? --------------------------------------


def _spent_before(lost: Lost, speech: Speech) -> str:
    if not lost.spend:  # no amounts, or none above zero
        return ""
    return speech.proses(
        "The most valuable customer lost spent **{spend}** in the earlier window.",
        "The **{n}** most valuable customers lost spent **{spend}** in the earlier window.",
        lost.customers,
        spend=speech.money(lost.spend),
    )


def lost_meaning(result: Retention, speech: Speech) -> str:
    """Return what the most valuable customers lost had spent, and what to do."""
    lost = result.lost
    if lost is None:
        return because(result, "/lost", speech)
    if not lost.customers:
        return speech.prose("Nobody was lost between the two windows, so there is nobody to call.")
    return follow(
        _spent_before(lost, speech),
        _share_of_lost(result, speech),
        speech.prose(
            "Lost means that they bought in the earlier window and not in the later one; some may "
            "only pause. A call to each costs little: ask why, and note the answer. The table "
            "shows codes; the names stand in the private workbook."
        ),
    )


def _share_of_lost(result: Retention, speech: Speech) -> str:
    assert result.lost is not None
    if result.lost.share is None:
        return because(result, "/lost/share", speech)
    return speech.prose(
        "That is **{share}** of what all lost customers spent there.",
        share=speech.share(result.lost.share),
    )


def lost_caption(result: Retention, speech: Speech) -> str:
    """Return the caption of the table of the most valuable customers lost."""
    if result.lost is not None and not result.lost.spend:
        return speech.text("Customers lost, by how often they had bought: amounts are not known")
    return speech.text("The most valuable customers lost, by what they spent in the earlier window")


_TREND = ("before_3", "before_2", "before_1", "prior")
_TEXTS = {
    "owner": mark("Owner"),
    "products": mark("Last bought"),
    "effort": mark("Last effort"),
    "reason": mark("Reason given"),
}
_NONE = "–"
_LONGEST = 48  # signs of a cell: the workbook holds the whole text


def lost_rows(frame: pd.DataFrame, speech: Speech) -> pd.DataFrame:
    """Return the table of the most valuable customers lost: text in every cell.

    Parameters
    ----------
    frame
        One row for each customer, the most valuable first:

        - code: in place of the customer's id
        - prior_spend: in the earlier window; last_day: of the last purchase
        - before_3, before_2, before_1, prior: occasions in the earlier window and in the three
          spans of as many days before it; missing where the records begin later
        - owner, products, effort, reason: as far as there are such columns; left out where they
          say nothing of anybody

    Returns
    -------
    pandas.DataFrame
        As few columns as a page holds. The trend is that of occasions, window by window, and ends
        with the 0 of the later one.
    """
    held = [name for name in _TEXTS if name in frame.columns and _says(frame[name])]
    headers = _headers(speech) + [speech.text(_TEXTS[name]) for name in held]
    rows = [_row(row, held, speech) for row in frame.to_dict("records")]
    return pd.DataFrame(rows, columns=headers, dtype="object")


def _says(texts: pd.Series) -> bool:
    return texts.empty or bool(texts.notna().any())


def _headers(speech: Speech) -> list[str]:
    if speech.currency:
        spent = speech.text("Spent in the earlier window ({currency})", currency=speech.currency)
    else:
        spent = speech.text("Spent in the earlier window")
    return [
        speech.text("Customer code"),
        spent,
        speech.text("Purchases by window"),
        speech.text("Last purchase"),
    ]


def _row(row: dict[Any, Any], texts: list[str], speech: Speech) -> list[str]:
    return [
        str(row["code"]),
        _NONE if pd.isna(row["prior_spend"]) else speech.count(row["prior_spend"]),
        _trend(row, speech),
        _day(row["last_day"], speech),
        *(_text(row[name]) for name in texts),
    ]


def _trend(row: dict[Any, Any], speech: Speech) -> str:
    """Return the occasions of the windows that are known, and none in the last: 5 → 4 → 2 → 0."""
    known = [speech.count(row[name]) for name in _TREND if not pd.isna(row[name])]
    return " → ".join([*known, speech.count(0)])


def _day(day: date, speech: Speech) -> str:
    return speech.date(pd.Timestamp(day).date())


def _text(value: Any) -> str:
    if value is None or pd.isna(value) or not str(value).strip():
        return _NONE
    return shorten(str(value), _LONGEST, placeholder=" …")
