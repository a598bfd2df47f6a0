"""How one text is read as a number: its marks, its sign of a currency, its ways to be negative.

A number is a regular expression, so that the same words decide in Python and in the engine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import ibis.expr.types as ir
from babel.numbers import list_currencies

from retention_lib.client import Format

MOST: Final = 1e12  # no sale is worth more; a phone or card number would be
DASHES: Final = ("-", "\u2013", "\u2014", "\u2212")  # bookkeeping's way to leave a cell empty
_BLANKS: Final = "[ \u00a0\u2007\u2009\u202f]*"
_ALIKE: Final = {" ": "[ \u00a0\u2007\u2009\u202f]", "'": "['’]", "’": "['’]"}
# Currencies as people write them, beside the codes and the signs of Unicode.
# The first is its code where one is meant; a crown or a dinar may be of several countries.
_SPELLED: Final = (
    ("EUR", "€", "euro", "euros"),
    ("USD", "$", "US$"),
    ("GBP", "£"),
    ("PLN", "zł", "zl"),
    ("HUF", "Ft"),
    ("BGN", "лв", "лева"),
    ("CZK", "Kč", "Kc"),
    ("RON", "lei"),
    ("CHF", "Fr", "SFr"),
    ("UAH", "грн", "₴"),
    ("RUB", "руб", "₽"),
    ("TRY", "TL", "₺"),
    ("INR", "Rs", "₹"),
    ("kr",),
    ("kn",),
    ("din", "дин"),
)
_SYMBOL: Final = "(?:[A-Za-z]{1,3})?[$\u00a2-\u00a5\u20a0-\u20cf]"
_GAP: Final = "\x1f"  # stands in no cell: parts a number's marks from its digits
# What stands around the digits, and whether the number is negative then.
_AROUND: Final = (("", ""), ("+", ""), ("-", "-"), ("()", "-"))


@cache
def currencies() -> str:
    """Return a regular expression of the signs, codes and words that stand for a currency."""
    words = {*list_currencies(), *(it for names in _SPELLED for it in names)}
    listed = "|".join(re.escape(it) for it in sorted(words, key=lambda it: (-len(it), it)))
    return rf"(?:{_SYMBOL}|(?i:{listed})\.?)"


def currency(sign: str) -> str:
    """Return the code of a currency's sign, or the sign in small letters if it has none."""
    plain = sign.rstrip(".").casefold()
    named = (names[0] for names in _SPELLED if plain in {it.casefold() for it in names})
    return next(named, plain).casefold()


def _spelled(sign: str) -> str:
    """Return a regular expression of a sign in all its spellings."""
    of_it = next((names for names in _SPELLED if names[0].casefold() == currency(sign)), ())
    words = "|".join(re.escape(it) for it in dict.fromkeys((sign.rstrip("."), *of_it)))
    return rf"(?i:{words})\.?"


@dataclass(frozen=True)
class Marks:
    """How numbers are written.

    Attributes
    ----------
    decimal, thousands : str
        The marks before decimals and between thousands.
    sign : str, optional
        The only sign of a currency that cells may carry; any one if None.
    """

    decimal: str
    thousands: str | None = None
    sign: str | None = None

    @classmethod
    def of(cls, format_: Format) -> Marks:
        """Return how a client writes numbers; a decimal point unless its YAML says otherwise."""
        return cls(format_.decimal or ".", format_.thousands, format_.sign)

    @property
    def digits(self) -> str:
        """A regular expression of the digits and marks of a number without a sign of its own."""
        fraction = f"{re.escape(self.decimal)}[0-9]+"
        whole = "[0-9]+"
        if self.thousands:
            groups = f"(?:{self.group}[0-9]{{3}})+"
            if self.thousands == ",":  # 12,34,567 is how India counts
                groups = f"(?:{groups}|(?:,[0-9]{{2}})+,[0-9]{{3}})"
            whole = f"(?:[0-9]{{1,3}}{groups}|[0-9]+)"
        return f"(?:{whole}(?:{fraction})?|{fraction})"

    @property
    def plain(self) -> str:
        """A regular expression of the numbers that are digits, marks and at most a sign."""
        return f"^[+-]?{self.digits}$"

    @property
    def dressed(self) -> str:
        """A regular expression of numbers with all that may stand around them.

        Its groups: what stands before (twice), the digits, what stands behind (twice).
        """
        sign = f"(?:{_spelled(self.sign) if self.sign else currencies()})"
        before = rf"([-+(]?){_BLANKS}(?:{sign}{_BLANKS})?([-+(]?){_BLANKS}"
        behind = rf"{_BLANKS}([-)]?){_BLANKS}(?:{sign}{_BLANKS})?([-)]?)"
        return f"^{before}({self.digits}){behind}$"

    @property
    def group(self) -> str:
        """A regular expression of the mark between thousands."""
        return _ALIKE.get(self.thousands or "", re.escape(self.thousands or ""))

    @property
    def settings(self) -> dict[str, Any]:
        """What ``format`` of a YAML says of these marks."""
        named = {"decimal": self.decimal, "thousands": self.thousands, "sign": self.sign}
        return {key: value for key, value in named.items() if value is not None}

    def read(self, text: str) -> float | None:
        """Return what :func:`written` makes of one text."""
        found = re.search(self.dressed, text.replace("\u2212", "-"))
        around = "".join(found.group(1, 2, 4, 5)) if found else None
        minus = dict(_AROUND).get(around) if around is not None else None
        if found is None or minus is None:
            return None
        digits = re.sub(self.group, "", found[3]) if self.thousands else found[3]
        value = float(minus + digits.replace(self.decimal, "."))
        return value if abs(value) <= MOST else None


def written(column: ir.StringValue, marks: Marks) -> ir.FloatingValue:
    """Return texts as numbers, null where one is none with these marks.

    ``(12.00)``, ``12.00-`` and a Unicode minus are negative; a currency's sign may stand before or
    behind.
    """
    is_plain = column.re_search(marks.plain)
    number: ir.FloatingValue = is_plain.ifelse(
        _cast(column, marks), _cast(_undressed(column, marks), marks)
    )
    return number


def _cast(text: ir.StringValue, marks: Marks) -> ir.FloatingValue:
    plain = text.re_replace(marks.group, "") if marks.thousands else text
    plain = plain.replace(marks.decimal, ".") if marks.decimal != "." else plain
    return plain.try_cast("float64")


def _undressed(text: ir.StringValue, marks: Marks) -> ir.StringValue:
    """Return the digits of a number, with a minus in front if it is negative."""
    sound = text.replace(_GAP, "?").replace("\u2212", "-")
    parted = sound.re_replace(marks.dressed, rf"\1\2\4\5{_GAP}\3")
    # one step after the other: each use of a step would repeat its long pattern
    for around, minus in _AROUND:
        parted = parted.re_replace(f"^{re.escape(around)}{_GAP}", f"{_GAP}{minus}")
    found: ir.StringValue = parted.re_replace(f"^(?s:[^{_GAP}].*)$", "").replace(_GAP, "")
    return found


_MARKS_BEFORE: Final = f"[-+(\u2212]?{_BLANKS}"
_ANY_DIGITS: Final = "[0-9.,][0-9.,'’_ \u00a0\u2007\u2009\u202f]*"
# A number with the signs around it as its two groups.
SIGNED: Final = (
    f"^{_MARKS_BEFORE}({currencies()})?{_BLANKS}{_MARKS_BEFORE}{_ANY_DIGITS}"
    f"[-)]?{_BLANKS}({currencies()})?[-)]?$"
)
