"""How numbers, dates and money are said: gettext templates around babel's formats."""

from __future__ import annotations

import datetime
import gettext
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from math import log10
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
)

LOCALE_FOLDER = Path(__file__).parents[1] / "locale"

_MARKUP = re.compile(r"[\\`*_\[\]|~$<>&@]|:(?=//)|^[#+=-](?!\d)|(?<=www)\.")
_BLANKS = re.compile(r"[^\S\xa0\u202f]+")  # but not those that hold a number together
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")
_LONG = 10_000  # from here on, money and counts in headlines are said in thousands or millions


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("retention_lib", LOCALE_FOLDER, [language], fallback=True)


def mark(message: str) -> str:
    """Mark a message for translation where it stands, to be translated where it is used."""
    return message


def escape(text: str) -> str:
    """Return a client's string as text that neither Markdown nor HTML can take for markup.

    A backslash goes before every sign that could open markup, a formula (``$``) or a bare
    link, and white space shrinks to single blanks.
    """
    escaped = _MARKUP.sub(lambda sign: f"\\{sign[0]}", _BLANKS.sub(" ", text).strip())
    return _NUMBERED.sub(r"\1\\\2", escaped)


@dataclass(frozen=True)
class Speech:
    """One client's way of speaking: the language of words, the locale of numbers.

    Parameters
    ----------
    language
        Language of the words; one without a catalogue is English.
    locale
        Locale of numbers, dates and money.
    currency
        ISO code, or "" where money has no unit.
    """

    language: str = "en"
    locale: str = "en"
    currency: str = "USD"

    # --- sentences ------------------------------------------------------------

    def text(self, message: str, **values: str) -> str:
        """Return a translated template with its values: plain text."""
        return _catalogue(self.language).gettext(message).format(**values)

    def texts(self, one: str, many: str, n: int, **values: str) -> str:
        """Return the template for ``n`` things; ``{n}`` is the count itself."""
        template = _catalogue(self.language).ngettext(one, many, n)
        return template.format(n=self.count(n), **values)

    def prose(self, message: str, **values: str) -> str:
        """Return a translated template as Markdown, its values escaped."""
        return self.text(message, **{key: escape(value) for key, value in values.items()})

    def proses(self, one: str, many: str, n: int, **values: str) -> str:
        """Return the template for ``n`` things as Markdown, its values escaped."""
        safe = {key: escape(value) for key, value in values.items()}
        return self.texts(one, many, n, **safe)

    # --- numbers --------------------------------------------------------------

    def count(self, n: float) -> str:
        """Return a whole number: 23,570."""
        return format_decimal(round(n), locale=self.locale)

    def rounded_count(self, n: float) -> str:
        """Return a count to three figures, written out, as an estimate is: 18,300."""
        return self.count(_significant(n, 3))

    def short_count(self, n: float) -> str:
        """Return a count for an axis: 240K."""
        if abs(n) < 10 * _LONG or not _shortened(n, self.locale):
            return format_decimal(n, locale=self.locale)
        return format_compact_decimal(n, locale=self.locale, fraction_digits=1)

    def number(self, x: float, digits: int = 2) -> str:
        """Return a number with a fixed number of decimals: 0.90."""
        decimals = "." + "0" * digits if digits else ""
        return format_decimal(_rounded(x, digits), f"#,##0{decimals}", self.locale)

    def share(self, x: float, digits: int = 1) -> str:
        """Return a fraction in per cent; a small share is never called none: 55.2%."""
        step = 10.0 ** -(digits + 2)
        if 0 < x <= step / 2:
            return self.text("under {limit}", limit=self._percent(step, digits))
        if 1 - step / 2 <= x < 1:
            return self.text("over {limit}", limit=self._percent(1 - step, digits))
        return self._percent(x, digits)

    def _percent(self, x: float, digits: int) -> str:
        rounded = _rounded(x, digits + 2)
        spaced = format_percent(0.5, locale=self.locale).replace("50", "{}")
        number = format_decimal(
            rounded * 100, "#,##0" + "." * (digits > 0) + "0" * digits, self.locale
        )
        return spaced.format(number)

    def estimated_share(self, x: float, ci95: tuple[float, float] | None, digits: int = 1) -> str:
        """Return a fraction with its interval, if any: 55.2% (95% interval 54.1% to 56.3%)."""
        figure = self.share(x, digits)
        if ci95 is None:
            return figure
        ends = self.range(ci95, lambda end: self.share(end, digits))
        return self.text("{figure} (95% interval {ends})", figure=figure, ends=ends)

    def about_share(self, x: float) -> str:
        """Return a fraction in everyday words: about 4 in 10."""
        return _everyday_share(self, x)

    # --- changes --------------------------------------------------------------

    def signed(self, x: float, digits: int = 0) -> str:
        """Return a change with its sign, none if it rounds to zero: +1,063, −0.58."""
        rounded = _rounded(x, digits)
        form = "#,##0" + "." * (digits > 0) + "0" * digits
        return format_decimal(rounded, f"+{form};−{form}" if rounded else form, self.locale)

    def points(self, x: float, digits: int = 1) -> str:
        """Return the difference of two fractions in percentage points: +1.8 points."""
        return self.text("{n} points", n=self.signed(100 * x, digits))

    def points_range(self, ends: tuple[float, float], digits: int = 1) -> str:
        """Return an interval of percentage points: −1.6 to +5.2 points."""
        low, high = (self.signed(100 * end, digits) for end in ends)
        return self.text("{low} to {high} points", low=low, high=high)

    # --- money ----------------------------------------------------------------

    def money(self, x: float, digits: int = 0) -> str:
        """Return an amount in the client's currency: $1,234."""
        if not self.currency:
            return self.number(x, digits) if digits else self.count(x)
        pattern = _currency_pattern(self.locale, digits)
        return _spaced(
            format_currency(
                _rounded(x, digits), self.currency, pattern, self.locale, currency_digits=False
            )
        )

    def about_money(self, x: float) -> str:
        """Return an amount to two or three figures: $6.3M, $1,200, $0.45."""
        return self.short_money(_significant(x, _shown_figures(x)))

    def rounded_money(self, x: float) -> str:
        """Return an amount to three figures, written out, as an estimate is: $812,000, $9.40."""
        rounded = _significant(x, 3)
        return self.money(rounded, 0 if abs(rounded) >= 10 or rounded == round(rounded) else 2)

    def short_money(self, x: float) -> str:
        """Return an amount for an axis or a headline: $12K."""
        if abs(x) < _LONG or not _shortened(x, self.locale):
            return self.money(x, 0 if abs(x) >= 10 or x == round(x) else 2)
        if not self.currency:
            return format_compact_decimal(x, locale=self.locale, fraction_digits=1)
        return _spaced(
            format_compact_currency(x, self.currency, locale=self.locale, fraction_digits=1)
        )

    # --- time -----------------------------------------------------------------

    def date(self, day: datetime.date) -> str:
        """Return a day: Jun 30, 1998."""
        return format_date(day, "medium", locale=self.locale)

    def month(self, day: datetime.date) -> str:
        """Return a month: Jun 1998."""
        return format_skeleton("yMMM", day, locale=self.locale)

    def days(self, n: float) -> str:
        """Return a number of days: 65 days."""
        return self.texts("{n} day", "{n} days", round(n))

    def estimated_days(self, n: float, ci95: tuple[float, float] | None) -> str:
        """Return a number of days with its interval, if any: 65 days (95% interval 63 to 67 days)."""
        if ci95 is None:
            return self.days(n)
        ends = self.days_range(ci95)
        return self.text("{figure} (95% interval {ends})", figure=self.days(n), ends=ends)

    def length(self, n: int, unit: str) -> str:
        """Return a number of weeks, months or quarters: 7 months."""
        one, many = _UNITS[unit]
        return self.texts(one, many, n)

    # --- ranges and lists -----------------------------------------------------

    def days_range(self, ends: tuple[float, float]) -> str:
        """Return an interval of days: 63 to 67 days."""
        low, high = ends
        return self.texts("{low} to {n} day", "{low} to {n} days", round(high), low=self.count(low))

    def listed(self, things: Sequence[str]) -> str:
        """Return one or more things in a row: week, month and year."""
        *these, last = things
        if not these:
            return last
        return self.text("{these} and {last}", these=", ".join(these), last=last)

    def range(self, ends: tuple[float, float], form: Callable[[float], str]) -> str:
        """Return an interval, each end in the given format: 54.1% to 56.3%."""
        return self.text("{low} to {high}", low=form(ends[0]), high=form(ends[1]))

    def period(self, start: datetime.date, end: datetime.date) -> str:
        """Return a closed range of days."""
        return self.text("{start} to {end}", start=self.date(start), end=self.date(end))

    def between(self, start: datetime.date, end: datetime.date) -> str:
        """Return a closed range of days, as it stands after "between"."""
        return self.text("{start} and {end}", start=self.date(start), end=self.date(end))


_UNITS = {
    "day": (mark("{n} day"), mark("{n} days")),
    "week": (mark("{n} week"), mark("{n} weeks")),
    "month": (mark("{n} month"), mark("{n} months")),
    "quarter": (mark("{n} quarter"), mark("{n} quarters")),
}


def _rounded(x: float, digits: int) -> float:
    """Round half to even on the shortest decimal form, without a negative zero."""
    quantum = Decimal(1).scaleb(-digits)
    return float(Decimal(repr(float(x))).quantize(quantum, ROUND_HALF_EVEN)) + 0.0


def _shortened(x: float, locale: str) -> bool:
    """Whether the locale shortens this number at all (German has no word for thousands)."""
    return any(sign.isalpha() for sign in format_compact_decimal(x, locale=locale))


def _shown_figures(x: float) -> int:
    """Return to how many figures a short amount is said: as many as it shows, or it is rounded twice."""
    if abs(x) < _LONG:
        return 2
    before_the_mark = 1 + int(log10(abs(x))) % 3  # of thousands or millions
    return min(3, before_the_mark + 1)


def _significant(x: float, figures: int) -> float:
    return float(f"{x:.{figures}g}")


def _spaced(money: str) -> str:
    """Part a currency's letters from its digits, as CLDR asks and Babel does not: PLN 1,234."""
    return re.sub(r"([^\W\d_])(?=\d)", "\\1\N{NO-BREAK SPACE}", money)


@cache
def _currency_pattern(locale: str, digits: int) -> str:
    """Return the locale's own currency pattern with a fixed number of decimals."""
    pattern = Locale.parse(locale).currency_formats["standard"].pattern
    decimals = "." + "0" * digits if digits else ""
    return re.sub(r"0(\.0+)?", f"0{decimals}", pattern)


def _everyday_share(speech: Speech, x: float) -> str:
    if x <= 0 or x >= 1:
        return speech.text("none") if x <= 0 else speech.text("all")
    if x < 0.01:
        return speech.text("fewer than 1 in 100")
    if x > 0.95:
        return speech.text("nearly all")
    if x < 0.07:
        return speech.text(
            "about 1 in {n}", n=speech.count(min(_ROUND, key=lambda n: abs(1 / n - x)))
        )
    return _near_half(speech, x) or _nearest(speech, x)


_ROUND = (15, 20, 25, 30, 40, 50, 100)
_PARTS = (
    (1, 10),
    (1, 8),
    (1, 6),
    (1, 5),
    (1, 4),
    (3, 10),
    (1, 3),
    (4, 10),
    (6, 10),
    (2, 3),
    (7, 10),
    (3, 4),
    (8, 10),
    (9, 10),
)


def _near_half(speech: Speech, x: float) -> str | None:
    if abs(x - 0.5) > 0.065:
        return None
    if abs(x - 0.5) <= 0.02:
        return speech.text("about half")
    return speech.text("just over half") if x > 0.5 else speech.text("just under half")


def _nearest(speech: Speech, x: float) -> str:
    part, whole = min(_PARTS, key=lambda pair: abs(pair[0] / pair[1] - x))
    return speech.text(
        "about {part} in {whole}", part=speech.count(part), whole=speech.count(whole)
    )
