"""Words that exports use, in English, Hungarian, Polish, Bulgarian and German.

They stand in ``words.yaml`` beside this file, which anybody may add to.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, Final

import yaml

__all__ = ["KINDS", "LANGUAGES", "names", "plain", "spoken", "standards", "words"]

KINDS: Final = (
    *("total", "nobody", "sale", "return", "cancelled", "open"),
    *("yes", "no", "done", "note"),
    *("fee", "fee_noun", "test", "staff"),
)
LANGUAGES: Final = ("en", "hu", "pl", "bg", "de")
_FILE: Final = Path(__file__).parent / "words.yaml"
# libyaml's, which is ten times as fast as Python's, where it is there
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HUMP: Final = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ][a-zà-ÿ])|(?<=[a-zà-ÿ])(?=ID\b)")
_NEGATIVE: Final = re.compile(r"-\d+")


def plain(text: str) -> str:
    """Return a text as words compare: without case, accents, and marks between its words.

    ``Data zamówienia``, ``data_zamowienia`` and ``DataZamowienia`` are all ``data zamowienia``;
    ``-1`` keeps its sign, since it is another id than ``1``.
    """
    text = text.strip()
    if _NEGATIVE.fullmatch(text):
        return text
    text = unicodedata.normalize("NFKD", _HUMP.sub(" ", unicodedata.normalize("NFC", text)))
    bare = "".join(letter for letter in text if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", " ", bare.casefold().replace("ł", "l")).strip()


@cache
def words(kind: str) -> tuple[str, ...]:
    """Return the words of a kind, of all languages.

    Each stands there in small letters, with its accents and hyphens, for engines that fold nothing
    but case; and as :func:`plain` writes it.

    Parameters
    ----------
    kind : str
        ``total`` (what a line of totals is called), ``nobody`` (ids that stand for no customer),
        or what a status means: ``sale``, ``return``, ``cancelled``, or ``open`` where only the
        client can say. ``yes`` and ``no`` are cells of a column that is called by a question, such
        as ``done`` (paid?); ``note`` is how the number of a credit note begins. ``fee`` are lines that
        are no product, ``fee_noun`` nouns that such a line ends with, or begins with in Polish and
        Bulgarian; ``test`` and ``staff`` stand in ids of accounts that are no customers.
    """
    listed = [
        unicodedata.normalize("NFC", str(word)).casefold()
        for of in _read()[kind].values()
        for word in of
    ]
    return tuple(dict.fromkeys(form for word in listed for form in (word, plain(word))))


@cache
def names(standard: str) -> tuple[str, ...]:
    """Return what exports call a column, the surest name first, each as :func:`plain` writes it.

    The first names of all languages come before any second one. Of several columns that fit, the
    one whose name comes first is meant: the day of the order before that of its invoice, what the
    customer paid before the sum without tax.

    Parameters
    ----------
    standard : str
        One of :func:`standards`: a column of a client's YAML, such as ``customer_id``; or one that
        is none, and is known so that it is not taken for another (``paid_at``, ``shipped_at``,
        ``due_date``, ``birth_date``, ``tax``, ``shipping``), that warns (``test_flag``, ``type``,
        ``returned_quantity``), or that stands in for an id (``customer_name``, after ``email``).
    """
    ranked = chain.from_iterable(zip_longest(*_read()["columns"][standard].values()))
    return tuple(dict.fromkeys(plain(str(word)) for word in ranked if word is not None))


def spoken(kind: str, language: str) -> tuple[str, ...]:
    """Return the words of a kind, or the names of a column, in one of ``LANGUAGES``."""
    found = _read()
    by_language = found[kind] if kind in KINDS else found["columns"][kind]
    return tuple(plain(str(word)) for word in by_language[language])


def standards() -> tuple[str, ...]:
    """Return what :func:`names` knows."""
    return tuple(_read()["columns"])


@cache
def _read() -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(_FILE.read_bytes(), Loader=_LOADER)
    return found
