"""What a column's name says: which of the suite's names it means, and how surely."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from retention_lib import vocabulary

__all__ = ["Match", "Sure", "has", "match", "plainly", "said"]

_FILE: Final = Path(__file__).parent / "words.yaml"
_JOINED: Final = re.compile(r"(?<=[a-zа-яß-ÿ])(?=[A-ZА-Я])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_LETTERS: Final = re.compile(r"[\W_]+")
_OWN_MARKS: Final = str.maketrans({"ł": "l", "ß": "ss", "đ": "d", "ø": "o"})
_SHORTEST_ENDING: Final = 5  # letters of a German word that another may end in


class Sure(IntEnum):
    """How surely a name means something; more is surer."""

    WEAK = 1  # the word is there, beside others that may change it
    NEAR = 2  # beside words that say nothing
    EXACT = 3  # it is what exports call it


@dataclass(frozen=True, order=True)
class Match:
    """That a name means something: how surely, and its place among the names it may have.

    ``place`` is negative, so that the greatest match is the best.
    """

    sure: Sure
    place: int


@cache
def plainly(text: str) -> str:
    """Return a name as it compares: words in small letters without accents, a blank between them.

    ``CustomerID``, ``customer_id`` and ``Customer ID:`` are one.
    """
    text = unicodedata.normalize("NFC", text)
    text = _NO_LETTERS.sub(" ", _JOINED.sub(" ", text)).strip().casefold().translate(_OWN_MARKS)
    if re.search("[а-я]", text):
        return text  # й is no и with an accent
    parts = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


@cache
def match(standard: str, name: str) -> Match | None:
    """Return how surely a column's name means one of the suite's; None where it does not.

    Parameters
    ----------
    standard : str
        The suite's name: ``customer_id``.
    name : str
        The source's name of a column.
    """
    header = plainly(name)
    found = [_one(header, plainly(known), -place) for place, known in enumerate(_known(standard))]
    best = max((it for it in found if it), default=None)
    if best and best.sure < Sure.EXACT and has(f"not_{standard}", name):
        return None
    return best


def has(kind: str, name: str) -> bool:
    """Whether a name holds a word of a kind in ``words.yaml``."""
    return bool(set(plainly(name).split()) & said(kind))


@cache
def said(kind: str) -> frozenset[str]:
    """Return the words of a kind in ``words.yaml``, as they compare; none for an unknown kind."""
    return frozenset(plainly(str(word)) for word in _words().get(kind, ()))


def _known(standard: str) -> tuple[str, ...]:
    try:
        return vocabulary.names(standard)
    except KeyError:
        return ()


def _one(header: str, known: str, place: int) -> Match | None:
    if not header or not known:
        return None
    if header == known or header.replace(" ", "") == known.replace(" ", ""):
        return Match(Sure.EXACT, place)
    rest = set(header.split()) - (words := set(known.split()))
    if words <= set(header.split()):
        return Match(Sure.NEAR if rest <= _idle() else Sure.WEAK, place)
    if len(known) >= _SHORTEST_ENDING and header.endswith(known) and " " not in header:
        return Match(Sure.WEAK, place)
    return None


@cache
def _idle() -> frozenset[str]:
    return said("nothing") | said("net") | said("gross")


@cache
def _words() -> dict[str, list[str]]:
    found: dict[str, list[str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found
