"""How numbers are rounded, shortened and spaced to be read."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from math import log10
from typing import Final

from babel import Locale
from babel.numbers import format_compact_decimal

from retention_lib.speech.messages import mark

LONG: Final = (
    10_000  # from here on, money and counts in headlines are said in thousands or millions
)


def rounded(x: float, digits: int) -> float:
    """Round half to even on the shortest decimal form, without a negative zero."""
    quantum = Decimal(1).scaleb(-digits)
    return float(Decimal(repr(float(x))).quantize(quantum, ROUND_HALF_EVEN)) + 0.0


def shortened(x: float, locale: str) -> bool:
    """Whether the locale shortens this number at all (German has no word for thousands)."""
    return any(sign.isalpha() for sign in format_compact_decimal(x, locale=locale))


def shown_figures(x: float) -> int:
    """Return to how many figures a short amount is said: as many as it shows, or it is rounded twice."""
    if abs(x) < LONG:
        return 2
    before_the_mark = 1 + int(log10(abs(x))) % 3  # of thousands or millions
    return min(3, before_the_mark + 1)


def significant(x: float, figures: int) -> float:
    """Round to so many figures."""
    return float(f"{x:.{figures}g}")


def spaced(money: str) -> str:
    """Part a currency's letters from its digits, as CLDR asks and Babel does not: PLN 1,234."""
    return re.sub(r"([^\W\d_])(?=\d)", "\\1\N{NO-BREAK SPACE}", money)


@cache
def currency_pattern(locale: str, digits: int) -> str:
    """Return the locale's own currency pattern with a fixed number of decimals."""
    pattern = Locale.parse(locale).currency_formats["standard"].pattern
    decimals = "." + "0" * digits if digits else ""
    return re.sub(r"0(\.0+)?", f"0{decimals}", pattern)


def everyday(x: float) -> tuple[str, str, str]:
    """Return a share in everyday words: a message, and the part and the whole it may name."""
    if x < 0.07:
        message = _FEW if x >= 0.01 else _NEXT_TO_NONE if x > 0 else _NONE
        return message, "1", str(min(_ROUND, key=lambda n: abs(1 / n - x)))
    if x > 0.95:
        return (_NEARLY_ALL if x < 1 else _ALL), "", ""
    if abs(x - 0.5) <= 0.065:
        return (_HALF if abs(x - 0.5) <= 0.02 else _OVER if x > 0.5 else _UNDER), "", ""
    part, whole = min(_PARTS, key=lambda pair: abs(pair[0] / pair[1] - x))
    return _FEW, str(part), str(whole)


_NONE, _NEXT_TO_NONE, _FEW = mark(("none", "fewer than 1 in 100", "about {part} in {whole}"))
_UNDER, _HALF, _OVER = mark(("just under half", "about half", "just over half"))
_NEARLY_ALL, _ALL = mark(("nearly all", "all"))
_ROUND: Final = (15, 20, 25, 30, 40, 50, 100)
_LITTLE: Final = ((1, 10), (1, 8), (1, 6), (1, 5), (1, 4), (3, 10), (1, 3), (4, 10))
_PARTS: Final = (*_LITTLE, (6, 10), (2, 3), (7, 10), (3, 4), (8, 10), (9, 10))
