"""Sentences of notebook 03 on the most valuable customers lost."""

from __future__ import annotations

from textwrap import shorten
from typing import Any

import pandas as pd

from retention_lib.results import Retention
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow

_TREND = ("before_3", "before_2", "before_1", "prior")
_TEXTS = mark(
    {
        "owner": "Owner",
        "products": "Last bought",
        "effort": "Last effort",
        "reason": "Reason given",
    }
)
_SPENT = mark(
    "The most valuable customers lost had spent **{spend:money}** in the earlier window: "
    "{customers:count} customer{customers:|s} in all."
)
_SHARE = mark("That is **{share:share}** of what all lost customers spent there.")
_SO_WHAT = mark(
    "Lost means that they bought in the earlier window and not in the later one; some may only "
    "pause. Call each of them, ask why, and note the answer. The table shows codes; the names stand "
    "in the private workbook."
)
_CAPTIONS = mark(
    {  # whether amounts are known
        True: "The most valuable customers lost, by what they spent in the earlier window",
        False: "Customers lost, by how often they had bought: amounts are not known",
    }
)
_NONE = "–"
_LONGEST = 48  # signs of a cell: the workbook holds the whole text


def meaning(result: Retention, speech: Speech) -> str:
    """Return what the most valuable customers lost had spent, and what to do."""
    if result.lost is None:
        return because(result, "/lost", speech)
    spent = speech.prose(_SPENT, result.lost) if result.lost.spend else ""
    share = speech.prose(_SHARE, result.lost) if result.lost.share is not None else ""
    return follow(spent, share or because(result, "/lost/share", speech), speech.prose(_SO_WHAT))


def caption(result: Retention, speech: Speech) -> str:
    """Return the caption of the table of the most valuable customers lost."""
    return speech.text(_CAPTIONS[result.lost is None or bool(result.lost.spend)])


def rows(frame: pd.DataFrame, speech: Speech) -> pd.DataFrame:
    """Return the table of the most valuable customers lost: text in every cell.

    Parameters
    ----------
    frame
        One row for each customer, the most valuable first:

        - code: in place of the customer's id
        - prior_spend: in the earlier window; last_day: of the last purchase
        - before_3, before_2, before_1, prior: occasions in the earlier window and in the three
          spans of as many days before it; missing where the records begin later
        - owner, products, effort, reason: where there are such columns; left out where they say
          nothing about anybody

    Returns
    -------
    pandas.DataFrame
        As few columns as a page holds. The trend is that of occasions, window by window, and ends
        with the 0 of the later one.
    """
    held = [name for name in _TEXTS if name in frame.columns and _says(frame[name])]
    headers = _headers(speech) + [speech.text(_TEXTS[name]) for name in held]
    table = [_row(row, held, speech) for row in frame.to_dict("records")]
    return pd.DataFrame(table, columns=headers, dtype="object")


def _says(texts: pd.Series) -> bool:
    return texts.empty or bool(texts.notna().any())


def _headers(speech: Speech) -> list[str]:
    spent = speech.text("Spent in the earlier window")
    if speech.currency:
        spent = speech.text("Spent in the earlier window ({currency})", speech)
    code, trend = speech.text("Customer code"), speech.text("Purchases by window")
    return [code, spent, trend, speech.text("Last purchase")]


def _row(row: dict[Any, Any], texts: list[str], speech: Speech) -> list[str]:
    return [
        str(row["code"]),
        _NONE if pd.isna(row["prior_spend"]) else speech.count(row["prior_spend"]),
        _trend(row, speech),
        speech.date(pd.Timestamp(row["last_day"]).date()),
        *(_text(row[name]) for name in texts),
    ]


def _trend(row: dict[Any, Any], speech: Speech) -> str:
    """Return the occasions of the windows that are known, and none in the last: 5 → 4 → 2 → 0."""
    known = [speech.count(row[name]) for name in _TREND if not pd.isna(row[name])]
    return " → ".join([*known, speech.count(0)])


def _text(value: Any) -> str:
    if pd.isna(value) or not str(value).strip():
        return _NONE
    return shorten(str(value), _LONGEST, placeholder=" …")
