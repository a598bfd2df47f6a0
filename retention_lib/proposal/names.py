"""What a column's name says: which of the suite's names it means, and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from retention_lib import vocabulary

__all__ = ["Match", "Sure", "has", "match", "said"]

_FILE: Final = Path(__file__).parent / "words.yaml"
_SHORTEST_PART: Final = 5  # letters of a German word that another may be made of


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
def match(standard: str, name: str) -> Match | None:
    """Return how surely a column's name means one of the suite's; None where it does not.

    Parameters
    ----------
    standard : str
        The suite's name: ``customer_id``.
    name : str
        The source's name of a column.
    """
    meanings = _meanings(name)
    best = meanings.get(standard)
    if best is None or best.sure is Sure.EXACT:
        return best
    # `Delivery date` is no NEAR kin of `Date`, since it is known as something else
    if has(f"not_{standard}", name) or max(it.sure for it in meanings.values()) is Sure.EXACT:
        return None
    return best


@cache
def _meanings(name: str) -> dict[str, Match]:
    """Return what a name may mean, among all that the vocabulary knows."""
    header = vocabulary.plain(name)
    found = {standard: _best(header, standard) for standard in vocabulary.standards()}
    return {standard: it for standard, it in found.items() if it}


def _best(header: str, standard: str) -> Match | None:
    known = vocabulary.names(standard)
    found = [_one(header, vocabulary.plain(word), -place) for place, word in enumerate(known)]
    return max((it for it in found if it), default=None)


def has(kind: str, name: str) -> bool:
    """Whether a name holds a word of a kind in ``words.yaml``, or begins with a longer one."""
    words = vocabulary.plain(name).split()
    begins = [known for known in said(kind) if len(known) >= _SHORTEST_PART]
    return any(word in said(kind) or word.startswith(tuple(begins)) for word in words)


@cache
def said(kind: str) -> frozenset[str]:
    """Return the words of a kind in ``words.yaml``, as they compare; none for an unknown kind."""
    return frozenset(vocabulary.plain(str(word)) for word in _words().get(kind, ()))


def _one(header: str, known: str, place: int) -> Match | None:
    if not header or not known:
        return None
    if header == known or header.replace(" ", "") == known.replace(" ", ""):
        return Match(Sure.EXACT, place)
    rest = set(header.split()) - (words := set(known.split()))
    if words <= set(header.split()):
        return Match(Sure.NEAR if rest <= _idle() else Sure.WEAK, place)
    if len(known) >= _SHORTEST_PART and header.endswith(known) and " " not in header:
        return Match(Sure.WEAK, place)
    return None


@cache
def _idle() -> frozenset[str]:
    return said("nothing") | said("net") | said("gross")


@cache
def _words() -> dict[str, list[str]]:
    found: dict[str, list[str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found
