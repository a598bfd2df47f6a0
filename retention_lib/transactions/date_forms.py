"""How one text is read as a day: a format of strptime, or a number since a first day.

A format becomes one regular expression. It says which texts are written so, and puts year, month
and day into one order, so that the same words decide in Python and in the engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from babel.dates import get_day_names, get_month_names

# 1899-12-30, 1900-01-01 and 1970-01-01 are what other systems write for no date at all.
FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(2199, 12, 31)
NO_DATES: Final = (
    *("0", "00000000", "0000-00-00", "0000-00-00 00:00:00", "0000-00-00T00:00:00"),
    *("00.00.0000", "00/00/0000", "00-00-0000", "0000.00.00", "0000/00/00"),
)
LANGUAGES: Final = ("en", "hu", "pl", "bg", "de")
# Short forms in use beside those of the Unicode locale data.
_MORE_MONTHS: Final = (
    *((1, "jän"), (1, "jänner"), (2, "feber"), (2, "febr"), (2, "февр"), (3, "mrz"), (3, "мар")),
    *((9, "sept"), (9, "септ"), (10, "окто"), (11, "ноем"), (12, "деке")),
)
_LETTERS = "[A-Za-z\u00aa-\u024f\u0300-\u036f\u0400-\u04ff]+"
_BLANK = "[ \u00a0\u2007\u2009\u202f]+"
_ZONE = r"(?: ?(?:(?:GMT|UTC)?[+-][0-9]{1,2}(?::?[0-9]{2})?|Z|[A-Z]{3,5})(?: \([A-Z]{3,5}\))?)"
_NOON = r"(?:[AaPp]\.? ?[Mm]\.?|[Dd][EeUu]\.?)"
_DIRECTIVES: Final = {
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    "m": "[0-9]{1,2}",
    "d": "[0-9]{1,2}",
    "j": "[0-9]{1,3}",
    "b": _LETTERS + r"\.?",
    "B": _LETTERS,
    "a": _LETTERS + r"\.?",
    "A": _LETTERS,
    "H": "(?:[01]?[0-9]|2[0-3])",
    "I": "(?:0?[1-9]|1[0-2])",
    "M": "[0-5][0-9]",
    "S": "[0-5][0-9]",
    "f": "[0-9]{1,9}",
    "p": _NOON,
    "z": _ZONE,
    "Z": _ZONE,
}
# Where no mark parts two of them, each has all its digits: 1997111 would fit two days.
_WIDTHS: Final = {"m": "[0-9]{2}", "d": "[0-9]{2}", "j": "[0-9]{3}"} | {
    "H": "(?:[01][0-9]|2[0-3])",
    "I": "(?:0[1-9]|1[0-2])",
}
_DAY_PARTS: Final = "YymbBdj"
_ISO_DAY: Final = "%Y-%m-%d"
_ISO: Final = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[ T](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?)?$"
)
# What a count counts, its first day, and the texts that are one.
_COUNTS: Final = {
    "unix": (timedelta(seconds=1), r"^[0-9]{1,10}(?:\.[0-9]+)?$"),
    "unix_ms": (timedelta(milliseconds=1), r"^[0-9]{11,13}(?:\.0+)?$"),
    "excel": (timedelta(days=1), r"^[0-9]{5,6}(?:[.,][0-9]+)?$"),
}
_EXCEL_ZERO: Final = date(1899, 12, 30)
_UNIX_IN_EXCEL: Final = (date(1970, 1, 1) - _EXCEL_ZERO).days


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def try_strptime(text: str, format_: str) -> dt.timestamp:
    """Read a time in one format, null where it does not fit; DuckDB's own."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def timezone(zone: str, moment: dt.Timestamp(timezone="UTC")) -> dt.timestamp:  # type: ignore[valid-type]
    """Read a clock of this time zone at a moment; DuckDB's own."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def make_timestamptz(microseconds: int) -> dt.Timestamp(timezone="UTC"):  # type: ignore[valid-type]
    """Return the moment so long after 1970-01-01 UTC; DuckDB's own."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def epoch_us(moment: dt.timestamp) -> int:  # type: ignore[empty-body]
    """Return the microseconds from 1970-01-01 to a time; DuckDB's own."""


@dataclass(frozen=True)
class Form:
    """A format of strptime as a regular expression of the texts that are written so.

    Attributes
    ----------
    pattern : str
        The expression, which Python and the engine read alike.
    parts : str
        The letters of its groups in order.
    """

    pattern: str
    parts: str

    @classmethod
    @cache
    def of(cls, format_: str, grouped: str = _DAY_PARTS) -> Form:
        """Return the form of a format, with groups of these letters."""
        pieces = re.split("%-?([a-zA-Z])", format_)
        said, parts = _literal(pieces[0]), ""
        for at, letter in enumerate(pieces[1::2]):
            before, after = pieces[2 * at], pieces[2 * at + 2]
            beside = (at and not before) or (not after and 2 * at + 3 < len(pieces))
            tight = beside and letter in _WIDTHS
            own = _WIDTHS[letter] if tight else _DIRECTIVES[letter]
            if letter in "zZ":
                said = said.removesuffix(_BLANK)
            if letter in grouped and letter not in parts:
                own, parts = f"({own})", parts + letter
            said += own + _literal(after)
        return cls(f"^{said}$", parts)

    @property
    def month(self) -> str | None:
        """The letter of a month that is written as a word."""
        return next((part for part in self.parts if part in "bB"), None)

    def group(self, letters: str) -> int:
        """Return the number of the group that holds one of these letters."""
        return next(at for at, part in enumerate(self.parts, start=1) if part in letters)

    @property
    def order(self) -> list[str]:
        """The parts that make a day: year, then month and day or the day of the year."""
        year = "Y" if "Y" in self.parts else "y"
        if "j" in self.parts and not set(self.parts) & set("mbB"):
            return [year, "j"]
        return [year, self.month or "m", "d"]


def _literal(text: str) -> str:
    parts = re.split(r"\s+", text.replace("%%", "%"))
    return _BLANK.join(re.escape(part) for part in parts)


@cache
def months(letter: str = "b") -> dict[str, int]:
    """Return the number of each name of a month, in small letters: full ones for ``B`` or all."""
    widths = ("wide",) if letter == "B" else ("wide", "abbreviated")
    found: dict[str, int] = {}
    for name, number in _month_names(widths):
        for spelled in (name, _unaccented(name)):
            found.setdefault(spelled, number)
    return found


def _month_names(widths: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    for language in LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in widths:
                names = get_month_names(width, context, language)  # type: ignore[arg-type]
                yield from ((str(names[n]).lower().rstrip("."), n) for n in range(1, 13))
    if "abbreviated" in widths:
        yield from ((name, number) for number, name in _MORE_MONTHS)


def _unaccented(name: str) -> str:
    return name.translate(str.maketrans("áäéíńóśúüźżł", "aaeinosuuzzl"))


@cache
def weekdays() -> frozenset[str]:
    """Return the names of weekdays in the five languages, in small letters, full and short."""
    return frozenset(
        str(name).lower().rstrip(".")
        for language in LANGUAGES
        for width in ("wide", "abbreviated", "short")
        for name in get_day_names(width, "format", language).values()
    )


def written(column: ir.StringValue, format_: str | None, zone: str | None = None) -> ir.DateValue:
    """Return texts as days, null where one is not written so; None is ISO.

    Parameters
    ----------
    column
        Texts without blanks around them.
    format_
        A format of strptime, or ``unix``, ``unix_ms`` or ``excel``; None is ISO.
    zone
        Whose day counts where moments are counted from 1970 (UTC if None) or written with their
        distance from UTC (the day as written if None).
    """
    if format_ in _COUNTS:
        day = _counted(column, str(format_), zone).date()
    elif format_ is None:
        # Guarding the text itself instead of the result costs twenty times as much.
        read = try_strptime(column[:10], _ISO_DAY).date()
        day = column.re_search(_ISO).ifelse(read, None)
    elif _is_moved(format_, zone):
        day = _moved(column, format_, str(zone)).date()
    else:
        day = _formed(column, Form.of(format_)).date()
    found: ir.DateValue = day.between(FIRST_DAY, LAST_DAY).ifelse(day, None)
    return found


def _formed(column: ir.StringValue, form: Form, clock: str = "") -> ir.TimestampValue:
    """Put the parts in one order, behind a mark that tells what fits from what does not."""
    parts = [part for part in form.order if part not in "bB"] + list(clock)
    ordered = "=" + " ".join(rf"\{form.group(part)}" for part in parts)
    how = "=" + " ".join(f"%{part}" for part in parts)
    text: ir.StringValue = column.re_replace(form.pattern, ordered)
    if form.month:
        word = column.re_replace(form.pattern, rf"\{form.group('bB')}").lower()
        text, how = text + " " + _month(word, months(form.month)), f"{how} %m"
    moment: ir.TimestampValue = try_strptime(text, how)
    return moment


def _month(word: ir.StringValue, named: dict[str, int]) -> ir.StringValue:
    spelled = {n: [name for name in named if named[name] == n] for n in range(1, 13)}
    cases = (
        (word.isin([*names, *(f"{name}." for name in names)]), str(number))
        for number, names in spelled.items()
    )
    found: ir.StringValue = ibis.cases(*cases)
    return found


def _moved(column: ir.StringValue, format_: str, zone: str) -> ir.TimestampValue:
    """Return the time that a clock of a zone showed; as written where a zone is but a name."""
    form = Form.of(format_, _DAY_PARTS + "HMzZ")
    moment = _formed(column, form, "HM")
    behind = column.re_replace(form.pattern, rf"\{form.group('zZ')}")
    hours, minutes = (
        behind.re_extract("[+-]([0-9]{1,2}):?([0-9]{2})?", group).try_cast("int64").fill_null(0)
        for group in (1, 2)
    )
    ahead = (60 * hours + minutes) * behind.contains("-").ifelse(-1, 1)
    utc = make_timestamptz(epoch_us(moment) - ahead * 60_000_000)
    is_known = behind.re_search("[0-9]|^ ?(?:Z|UTC|GMT)")
    moved: ir.TimestampValue = is_known.ifelse(timezone(ibis.literal(zone), utc), moment)
    return moved


def _counted(column: ir.StringValue, word: str, zone: str | None) -> ir.TimestampValue:
    unit, pattern = _COUNTS[word]
    count = column.re_search(pattern).ifelse(column.replace(",", "."), None).try_cast("float64")
    if word == "excel":
        count, zone = count - _UNIX_IN_EXCEL, None
    moment = (count * (unit / timedelta(microseconds=1))).floor().cast("int64")
    found: ir.TimestampValue = timezone(ibis.literal(zone or "UTC"), make_timestamptz(moment))
    return found


def minute(column: ir.StringValue, format_: str | None, zone: str | None = None) -> ir.IntegerValue:
    """Return the minute of the day that texts name, from 0 to 1439; null where they name none.

    Parameters
    ----------
    column, format_, zone
        As for :func:`written`, which says whether a text is one at all.
    """
    if format_ in _COUNTS:
        return minute_of(_counted(column, str(format_), zone))
    if _is_moved(format_, zone):
        return minute_of(_moved(column, str(format_), str(zone)))
    if format_ is None:
        return _minutes(column[11:13], column[14:16])
    plain = format_.replace("%-", "%")
    before = re.split("%[HI]:%M", plain)
    if len(before) == 2 and ":" not in before[0]:
        return _by_colon(column, "%p" in plain)
    if {"%H", "%M"} <= set(re.findall("%.", plain)):
        return minute_of(_formed(column, Form.of(format_, _DAY_PARTS + "HM"), "HM"))
    return ibis.null("int64")


def _by_colon(column: ir.StringValue, has_halves: bool) -> ir.IntegerValue:
    """Read what stands around the first colon, which costs a tenth of a form's expression."""
    text = ibis.literal("  ") + column
    mark = text.find(":")
    at = ibis.ifelse(mark >= 2, mark, 2)
    hour = text.substr(at - 2, 2).re_replace("[^0-9]", "")
    found = _minutes(hour, text.substr(at + 1, 2))
    if not has_halves:
        return found
    # or du. as Hungarian writes it, before the hour
    is_late = text.re_search(r"(?:^|[^A-Za-z])(?:[pP]\.? ?[mM]|[dD][uU])(?:[^A-Za-z]|$)")
    late: ir.IntegerValue = found % 720 + ibis.ifelse(is_late, 720, 0)
    return late


def minute_of(moment: ir.TimestampValue) -> ir.IntegerValue:
    """Return the minute of the day of a time."""
    found: ir.IntegerValue = 60 * moment.hour().cast("int64") + moment.minute()
    return found


def _minutes(hours: ir.StringValue, minutes: ir.StringValue) -> ir.IntegerValue:
    found: ir.IntegerValue = 60 * hours.try_cast("int64") + minutes.try_cast("int64")
    return found.between(0, 1439).ifelse(found, None)


def _is_moved(format_: str | None, zone: str | None) -> bool:
    """Say whether texts name their distance from UTC, and a zone whose clock counts."""
    if not (zone and format_ and re.search("%[zZ]$", format_)):
        return False
    return {"%H", "%M"} <= set(re.findall("%.", format_))


def read(text: str, format_: str | None) -> date | None:
    """Return what :func:`written` makes of one text, counts by the day in UTC."""
    day = _read(text, format_)
    return day if day is not None and FIRST_DAY <= day <= LAST_DAY else None


def _read(text: str, format_: str | None) -> date | None:
    if format_ in _COUNTS:
        unit, pattern = _COUNTS[str(format_)]
        if not re.search(pattern, text):
            return None
        first = _EXCEL_ZERO if format_ == "excel" else date(1970, 1, 1)
        whole = datetime(first.year, first.month, first.day) + float(text.replace(",", ".")) * unit
        return whole.date()
    form = Form.of(_ISO_DAY if format_ is None else format_)
    if format_ is None:
        text = text[:10] if re.search(_ISO, text) else ""
    found = re.search(form.pattern, text)
    return _day_of(found, form) if found else None


def _day_of(found: re.Match[str], form: Form) -> date | None:
    values = {part: found[at] for at, part in enumerate(form.parts, start=1)}
    if form.month:
        values["m"] = str(months(form.month).get(values[form.month].lower().rstrip("."), 0))
    parts = [part if part not in "bB" else "m" for part in form.order]
    try:
        ordered = " ".join(values[part] for part in parts)
        return datetime.strptime(ordered, " ".join(f"%{part}" for part in parts)).date()
    except ValueError:
        return None
