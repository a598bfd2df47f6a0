"""Whether a text is what people write at the head of a row of totals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

import babel
import ibis.expr.datatypes as dt
from ibis import udf

from retention_lib.vocabulary import plain, words

__all__ = ["begins_or_ends", "hint", "is_named", "strip_accents"]

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
    *("за", "на", "ден", "месец", "година", "г", "тримесечие", "клиент", "поръчка", "сума"),
    *("für", "im", "der", "des", "tag", "monat", "jahr", "quartal", "kunde", "umsatz", "betrag"),
)
_DATE: Final = r"(?:(?:19|20)\d\d(?: \d{1,2}){0,2}|\d{1,2} (?:\d{1,2} )?(?:19|20)\d\d|q[1-4])"
_NUMBER: Final = r"\d+"


@udf.scalar.builtin  # type: ignore[untyped-decorator]
def strip_accents(text: str) -> dt.string:
    """Take the accents off letters; DuckDB's own."""


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
    return bool(_pattern(numbers).fullmatch(plain(text)))


def begins_or_ends(text: str) -> bool:
    """Whether the first or last word means a total: ``Smith Total``, which may be a name as well."""
    return bool(_edge().search(plain(text)))


def hint() -> str:
    """Return a pattern that is found in each text these functions accept, its accents taken off."""
    longest = sorted(words("total"), key=len)
    # a word that holds another is found by it; a pattern of all words is fifty times slower
    short = [word for n, word in enumerate(longest) if not any(it in word for it in longest[:n])]
    loose = (re.escape(word).replace(r"\ ", r"[^\pL\pN]+") for word in short)
    return f"(?i){'|'.join(loose)}".replace("l", "[lł]")


@cache
def _pattern(numbers: bool) -> re.Pattern[str]:
    beside = _either([*_BESIDE, *_months()])
    other = f"(?:{beside}|{_DATE}{'|' + _NUMBER if numbers else ''})"
    return re.compile(f"(?:{other} )*(?:{_either(words('total'))})(?: {other})*")


@cache
def _edge() -> re.Pattern[str]:
    word = _either(words("total"))
    return re.compile(f"^(?:{word})(?= |$)|(?:^| )(?:{word})$")


def _either(texts: Iterable[str]) -> str:
    """Return a pattern of any of some texts, the longest first."""
    longest = sorted({plain(text) for text in texts}, key=lambda text: (-len(text), text))
    return "|".join(map(re.escape, longest))


def _months() -> Iterator[str]:
    for language in _LANGUAGES:
        for context in babel.Locale(language).months.values():
            for width in ("wide", "abbreviated"):
                yield from context[width].values()
