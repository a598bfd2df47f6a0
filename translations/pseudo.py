"""A language nobody speaks, by which the eye and the tests find what is not translated.

Every letter of a message gets an accent and every vowel is doubled, so that whatever stands in a report
in plain letters is no message, or a value; brackets show where a message begins and ends.
"""

from __future__ import annotations

import re
from typing import Final

LANGUAGE: Final = "qps"  # kept free for private use
OPEN, CLOSE = "⟦", "⟧"

_ACCENTED: Final = str.maketrans(
    dict(
        zip(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "áƀçðéƒĝĥíĵķļḿñóþǫŕšţúṽŵẋýžÁƁÇÐÉƑĜĤÍĴĶĻḾÑÓÞǪŔŠŢÚṼŴẊÝŽ",
            strict=True,
        )
    )
)
_KEPT: Final = re.compile(
    r"\{[^{}]*\}|\]\([^)]*\)|https?://\S+|</?[a-z][^<>]*>|&#?\w+;|`[^`]*`|\\.", re.DOTALL
)
_MARKER: Final = re.compile(r"\s*(?:#+ |- |\d+\. |> )?")


def pseudo(message: str) -> str:
    """Return a message in the pseudo-language: longer by a third, its structure untouched."""
    blocks = re.split(r"(\n\s*\n|\n(?=- |#|\d+\. ))", message)
    return "".join(
        block if at % 2 or not block else _said(block) for at, block in enumerate(blocks)
    )


def _said(block: str) -> str:
    """Return a paragraph, a heading or an item in brackets that stand behind its marker."""
    marker = (_MARKER.match(block) or [""])[0]
    text = block[len(marker) :]
    ends = [*(kept.span() for kept in _KEPT.finditer(text)), (len(text), len(text))]
    longer, at = "", 0
    for start, end in ends:
        longer += _accented(text[at:start]) + text[start:end]
        at = end
    short = -(-len(text) // 3) - (len(longer) - len(text)) - len(OPEN + CLOSE)
    return f"{marker}{OPEN}{longer}{'·' * short}{CLOSE}"


def _accented(text: str) -> str:
    return re.sub(r"([aeiou])", r"\1\1", text, flags=re.IGNORECASE).translate(_ACCENTED)
