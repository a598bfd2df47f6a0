"""How one client is spoken to: whole messages, filled with numbers, dates and money in its locale.

:mod:`~retention_lib.speech.messages` says what a message is, :mod:`~retention_lib.speech.rounding` how
numbers are rounded to be read.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

from babel.dates import format_date, format_skeleton
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
)

from retention_lib.speech.messages import Filler, escape, mark
from retention_lib.speech.rounding import (
    LONG,
    currency_pattern,
    everyday,
    rounded,
    shortened,
    shown_figures,
    significant,
    spaced,
)

__all__ = ["KINDS", "Speech", "escape", "mark"]

# how a placeholder may ask for its value: the methods of Speech that say one thing
KINDS: Final = frozenset(
    [
        "count",
        "rounded_count",
        "short_count",
        "number",
        "share",
        "about_share",
        "signed",
        "points",
        "money",
        "about_money",
        "rounded_money",
        "short_money",
        "date",
        "month",
        "days",
        "weeks",
        "months",
        "quarters",
        "length",
        "listed",
        "series",
        "period",
    ]
)


class _Length(Protocol):
    """A number of weeks, months or quarters."""

    @property
    def length(self) -> int: ...
    @property
    def unit(self) -> str: ...


class _Days(Protocol):
    """A closed range of days."""

    @property
    def start(self) -> datetime.date: ...
    @property
    def end(self) -> datetime.date: ...


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
    varied
        What an analysis leaves out or measures otherwise, as figures say it; "" if nothing.
    """

    language: str = "en"
    locale: str = "en"
    currency: str = "USD"
    varied: str = ""

    # --- sentences ------------------------------------------------------------

    def text(self, message: str, facts: object = None, /, **values: Any) -> str:
        """Return a translated message as plain text, filled from facts and named values."""
        return Filler(self.said, facts).translated(message, self.language, values)

    def prose(self, message: str, facts: object = None, /, **values: Any) -> str:
        """Return a translated message as Markdown, all that fills it escaped."""
        return Filler(self.said, facts, escape).translated(message, self.language, values)

    def said(self, value: Any, kind: str) -> str:
        """Return a value as a placeholder asks for it: ``count``, ``share 0``, ``range share``.

        Raises
        ------
        ValueError
            If there is no such kind.
        """
        name, *rest = kind.split()
        if name in ("range", "estimate"):
            form = partial(self.said, kind=" ".join(rest))
            if name == "estimate":
                return self._estimate(form, *value)
            return self.days_range(value) if rest == ["days"] else self.range(value, form)
        if name not in KINDS:
            raise ValueError(f"no value is said as {kind!r}")
        said: str = getattr(self, name)(value, *map(int, rest))
        return said

    def _estimate(self, form: partial[str], figure: float, ci95: tuple[float, float] | None) -> str:
        if ci95 is None:
            return form(figure)
        ends = self.days_range(ci95) if form.keywords["kind"] == "days" else self.range(ci95, form)
        return self.text("{figure} (95% interval {ends})", figure=form(figure), ends=ends)

    # --- numbers --------------------------------------------------------------

    def count(self, n: float) -> str:
        """Return a whole number: 23,570."""
        return format_decimal(round(n), locale=self.locale)

    def rounded_count(self, n: float) -> str:
        """Return a count to three figures, written out, as an estimate is: 18,300."""
        return self.count(significant(n, 3))

    def short_count(self, n: float) -> str:
        """Return a count for an axis: 240K."""
        if abs(n) < 10 * LONG or not shortened(n, self.locale):
            return format_decimal(n, locale=self.locale)
        return format_compact_decimal(n, locale=self.locale, fraction_digits=1)

    def number(self, x: float, digits: int = 2) -> str:
        """Return a number with a fixed number of decimals: 0.90."""
        decimals = "." + "0" * digits if digits else ""
        return format_decimal(rounded(x, digits), f"#,##0{decimals}", self.locale)

    def share(self, x: float, digits: int = 1) -> str:
        """Return a fraction in per cent; a small share is never called none: 55.2%."""
        step = 10.0 ** -(digits + 2)
        if 0 < x <= step / 2:
            return self.text("under {limit}", limit=self._percent(step, digits))
        if 1 - step / 2 <= x < 1:
            return self.text("over {limit}", limit=self._percent(1 - step, digits))
        return self._percent(x, digits)

    def _percent(self, x: float, digits: int) -> str:
        shown = rounded(x, digits + 2)
        pattern = format_percent(0.5, locale=self.locale).replace("50", "{}")
        number = format_decimal(
            shown * 100, "#,##0" + "." * (digits > 0) + "0" * digits, self.locale
        )
        return pattern.format(number)

    def estimated_share(self, x: float, ci95: tuple[float, float] | None, digits: int = 1) -> str:
        """Return a fraction with its interval, if any: 55.2% (95% interval 54.1% to 56.3%)."""
        return self.said((x, ci95), f"estimate share {digits}")

    def about_share(self, x: float) -> str:
        """Return a fraction in everyday words: about 4 in 10."""
        message, part, whole = everyday(x)
        return self.text(message, part=part, whole=whole)

    # --- changes --------------------------------------------------------------

    def signed(self, x: float, digits: int = 0) -> str:
        """Return a change with its sign, none if it rounds to zero: +1,063, −0.58."""
        shown = rounded(x, digits)
        form = "#,##0" + "." * (digits > 0) + "0" * digits
        return format_decimal(shown, f"+{form};−{form}" if shown else form, self.locale)

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
        pattern = currency_pattern(self.locale, digits)
        return spaced(
            format_currency(
                rounded(x, digits), self.currency, pattern, self.locale, currency_digits=False
            )
        )

    def about_money(self, x: float) -> str:
        """Return an amount to two or three figures: $6.3M, $1,200, $0.45."""
        return self.short_money(significant(x, shown_figures(x)))

    def rounded_money(self, x: float) -> str:
        """Return an amount to three figures, written out, as an estimate is: $812,000, $9.40."""
        rounded = significant(x, 3)
        return self.money(rounded, 0 if abs(rounded) >= 10 or rounded == round(rounded) else 2)

    def short_money(self, x: float) -> str:
        """Return an amount for an axis or a headline: $12K."""
        if abs(x) < LONG or not shortened(x, self.locale):
            return self.money(x, 0 if abs(x) >= 10 or x == round(x) else 2)
        if not self.currency:
            return format_compact_decimal(x, locale=self.locale, fraction_digits=1)
        return spaced(
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
        return self.text("{n:count} day{n:|s}", n=n)

    def weeks(self, n: float) -> str:
        """Return a number of weeks: 3 weeks."""
        return self.text("{n:count} week{n:|s}", n=n)

    def months(self, n: float) -> str:
        """Return a number of months: 7 months."""
        return self.text("{n:count} month{n:|s}", n=n)

    def quarters(self, n: float) -> str:
        """Return a number of quarters: 3 quarters."""
        return self.text("{n:count} quarter{n:|s}", n=n)

    def length(self, window: _Length) -> str:
        """Return how long a window is: 7 months."""
        said: str = getattr(self, f"{window.unit}s")(window.length)
        return said

    def estimated_days(self, n: float, ci95: tuple[float, float] | None) -> str:
        """Return a number of days with its interval, if any: 65 days (95% interval 63 to 67 days)."""
        return self.said((n, ci95), "estimate days")

    # --- ranges and lists -----------------------------------------------------

    def days_range(self, ends: tuple[float, float | None]) -> str:
        """Return an interval of days, which may have no end: 63 to 67 days, 63 days or more."""
        low, high = ends
        if high is None:
            return self.text("{low:days} or more", low=low)
        return self.text("{low:count} to {high:count} day{high:|s}", low=low, high=high)

    def listed(self, things: Sequence[str]) -> str:
        """Return one or more things in a row: week, month and year."""
        *these, last = things
        if not these:
            return last
        return self.text("{these} and {last}", these=self.text(", ").join(these), last=last)

    def series(self, things: Iterable[str]) -> str:
        """Return things in a row that may hold commas themselves: 12 by web; 7 by phone."""
        return self.text("; ").join(things)

    def range(self, ends: tuple[float, float], form: Callable[[float], str]) -> str:
        """Return an interval, each end in the given format: 54.1% to 56.3%."""
        return self.text("{low} to {high}", low=form(ends[0]), high=form(ends[1]))

    def period(self, days: _Days) -> str:
        """Return a closed range of days: Jan 1, 1997 to Jun 30, 1997."""
        return self.text("{start:date} to {end:date}", days)

    def between(self, start: datetime.date, end: datetime.date) -> str:
        """Return a closed range of days, as it stands after "between"."""
        return self.text("{start:date} and {end:date}", start=start, end=end)
