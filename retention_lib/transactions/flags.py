"""What a column says of its rows by its name: ``cancelled: yes``, ``paid: no``, ``KOR/12``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

from retention_lib.vocabulary import plain, words

__all__ = ["begins_a_credit_note", "is_no", "is_yes", "no_sales", "tells_of_cancelled"]

# what ties a word to a yes or no, or to a day; the word is what counts
_BESIDE: Final = (
    *("is", "was", "has", "been", "order", "flag", "at", "on", "date", "reason", "by", "time"),
    *("czy", "data", "powod", "zamowienie", "ist", "am", "datum", "grund", "bestellung"),
    *("datuma", "ideje", "oka", "rendeles", "поръчка", "дата", "на", "причина"),
)
# a refund has columns of its own; an offer is no order
_NOT_UNDONE: Final = ("refund", "erstatt", "vissza", "възстан", "zwr", "offer", "quot", "draft")
_OFFERS: Final = ("angebot", "oferta", "оферта", "lost", "verloren")


def is_yes(value: str) -> bool:
    """Whether a cell says yes."""
    return value.casefold().removesuffix(".0") in words("yes")


def is_no(value: str) -> bool:
    """Whether a cell says no."""
    return value.casefold().removesuffix(".0") in words("no")


def no_sales(name: str, values: Iterable[str]) -> dict[str, Literal["cancelled", "return"]]:
    """Return which values of a column of yes and no say that a row is no sale, and what it is."""
    seen = list(values)
    if not all(is_yes(value) or is_no(value) for value in seen):
        return {}
    told = _words(name)
    if set(words("done")) & set(told) and any(map(is_yes, seen)):
        return {value: "cancelled" for value in seen if is_no(value)}
    if tells_of_cancelled(name):
        return {value: "cancelled" for value in seen if is_yes(value)}
    if " ".join(told) in words("return"):
        return {value: "return" for value in seen if is_yes(value)}
    return {}


def tells_of_cancelled(name: str) -> bool:
    """Whether a column is called by what happened to an order: ``Cancelled at``, ``Storno``."""
    told = " ".join(_words(name))
    if told in _OFFERS or any(told.startswith(it) for it in _NOT_UNDONE):
        return False
    return told in words("cancelled")


def begins_a_credit_note(start: str) -> bool:
    """Whether what stands before the digits of a number says credit note: ``KOR/``, ``CN-``."""
    return bool(set(words("note")) & set(re.findall(r"[^\W\d_]+", start.casefold())))


def _words(name: str) -> list[str]:
    said = plain(name).split()
    return [word for word in said if word not in _BESIDE] or said
