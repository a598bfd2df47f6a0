"""A language nobody speaks, by which the eye and the tests find what is not translated.

Every letter of a message gets an accent, so that what stands in plain letters in a report is a value,
or was never translated. Vowels are doubled, so that a message takes the room that other languages
need; brackets show where one begins and ends, and what is built of several.
"""

from __future__ import annotations

import math
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
_SHORT: Final = 12  # letters of a word that brackets would make longer than any language does
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
    kept, ours = _KEPT.findall(text), _KEPT.split(text)
    longer = "".join(
        part for pair in zip(map(_accented, ours), [*kept, ""], strict=True) for part in pair
    )
    if text.isalpha() and len(text) <= _SHORT:
        return marker + longer
    short = math.ceil(len("".join(ours)) / 3) - (len(longer) - len(text)) - len(OPEN + CLOSE)
    return f"{marker}{OPEN}{longer}{'·' * short}{CLOSE}"


def _accented(text: str) -> str:
    return re.sub(r"([aeiou])", r"\1\1", text, flags=re.IGNORECASE).translate(_ACCENTED)
