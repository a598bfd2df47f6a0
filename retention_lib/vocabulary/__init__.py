"""Words that exports use, in English, Hungarian, Polish, Bulgarian and German.

They stand in ``words.yaml`` beside this file, which anybody may add to.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

__all__ = ["names", "words"]

_FILE: Final = Path(__file__).parent / "words.yaml"


def words(kind: str) -> tuple[str, ...]:
    """Return the words of a kind, in lower case.

    Parameters
    ----------
    kind : str
        ``total`` (what a line of totals is called), ``nobody`` (ids that stand for no customer),
        ``sale``, ``return``, ``cancelled`` (what statuses mean).
    """
    return tuple(str(word).casefold() for word in _read()[kind])


def names(standard: str) -> tuple[str, ...]:
    """Return what exports call a column, such as ``customer_id``; the surest name first."""
    return tuple(str(word).casefold() for word in _read()["columns"][standard])


@cache
def _read() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found
