"""Whether a text is what people write at the head of a row of totals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

import babel

from retention_lib.client import folded
from retention_lib.vocabulary import words

__all__ = ["begins_or_ends", "hint", "is_named"]

_LANGUAGES: Final = ("en", "hu", "pl", "bg", "de")
# what is totalled, and what ties it to the word: no name of a customer or product by itself
_BESIDE: Final = (
    *("grand", "sub", "overall", "running", "page", "report", "net", "gross", "of", "for", "the"),
    *(
        "all",
        "in",
        "on",
        "per",
        "to",
        "daily",
        "weekly",
        "monthly",
        "quarterly",
        "yearly",
        "annual",
    ),
    *("day", "week", "month", "quarter", "year", "order", "orders", "invoice", "invoices", "sale"),
    *("sales", "amount", "revenue", "value", "customer", "customers", "items", "general", "period"),
    *("za", "dla", "w", "dzień", "miesiąc", "rok", "kwartał", "sprzedaż", "wartość", "końcowa"),
    *("napi", "havi", "éves", "negyedéves", "nap", "hónap", "év", "vevő", "rendelés", "forgalom"),
    *("за", "на", "ден", "месец", "година", "тримесечие", "клиент", "поръчка", "общо", "сума"),
    *("für", "im", "der", "des", "tag", "monat", "jahr", "quartal", "kunde", "umsatz", "betrag"),
)
_DATE: Final = r"(?:(?:19|20)\d\d|\d{1,4}[-./]\s?\d{1,2}(?:[-./]\s?\d{1,4})?\.?|q[1-4]|г)"
_NUMBER: Final = r"#?\d[\d.,/:-]*%?"
_GAP: Final = r"[\s:;.,()\[\]*=_–—-]*"


def is_named(text: str, *, numbers: bool = True) -> bool:
    """Whether a text is a word for a total, alone or with a period: ``Razem:``, ``Total 2024-01``.

    Parameters
    ----------
    text
        A cell.
    numbers
        Whether it may stand beside any number, too: ``Total 24`` may be a customer's total, or a
        product.
    """
    return bool(_pattern(numbers).fullmatch(folded(text)))


def begins_or_ends(text: str) -> bool:
    """Whether the first or last word means a total: ``Smith Total``, which may be a name as well."""
    return bool(_edge().search(folded(text)))


def hint() -> str:
    """Return a regular expression that is found in every text which these functions accept."""
    return f"(?i){'|'.join(_alternatives(words('total')))}"


@cache
def _pattern(numbers: bool) -> re.Pattern[str]:
    word = _either(words("total"))
    beside = _either([*_BESIDE, *_months()])
    other = f"(?:{beside}|{_DATE}{'|' + _NUMBER if numbers else ''})(?![^\\W_])"
    return re.compile(f"{_GAP}(?:{other}{_GAP})*(?:{word})(?![^\\W_]){_GAP}(?:{other}{_GAP})*")


@cache
def _edge() -> re.Pattern[str]:
    word = _either(words("total"))
    return re.compile(f"^{_GAP}(?:{word})(?![^\\W_])|(?<![^\\W_])(?:{word}){_GAP}$")


def _either(texts: Iterable[str]) -> str:
    return "|".join(_alternatives(texts))


def _alternatives(texts: Iterable[str]) -> list[str]:
    """Return texts as they stand in a pattern, longest first, blanks of any width."""
    longest = sorted({folded(text) for text in texts}, key=lambda text: (-len(text), text))
    return [re.escape(text).replace(r"\ ", r"\s+") for text in longest]


def _months() -> Iterator[str]:
    for language in _LANGUAGES:
        for context in babel.Locale(language).months.values():
            for width in ("wide", "abbreviated"):
                yield from (name.rstrip(".") for name in context[width].values())
