"""The same sales in any dress: how real systems write an export, as text.

A :class:`Dress` says how, an :class:`Export` is sales in a dress, with columns in some order, and
:func:`written` gives its bytes. What is true of it is for :mod:`tests.truth` to say.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple

from hypothesis import strategies as st

# what each column holds, and its name
COLUMNS: Final = (
    ("customer_id", "klient"),
    ("ordered_at", "data"),
    ("amount", "kwota"),
    ("order_id", "zamowienie"),
    ("note", "uwagi"),
)
MONTHS: Final = {
    "pl": (
        "stycznia lutego marca kwietnia maja czerwca "
        "lipca sierpnia września października listopada grudnia"
    ),
    "de": ("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
    "hu": (
        "január február március április május június "
        "július augusztus szeptember október november december"
    ),
    "bg": ("януари февруари март април май юни юли август септември октомври ноември декември"),
    "en": ("January February March April May June July August September October November December"),
}


@dataclass(frozen=True)
class Form:
    """How dates are written: a function, and the words of ``format`` that read them."""

    write: Callable[[date], str]
    declared: str | None


def _strftime(pattern: str, declared: str | None = "") -> Form:
    return Form(lambda day: day.strftime(pattern), pattern if declared == "" else declared)


def _at(day: date) -> datetime:
    """Return a moment of the day's business hours, another one each day."""
    return datetime.combine(day, time(8 + day.day % 10, day.month, day.day), tzinfo=UTC)


def _moment(pattern: str) -> Form:
    return Form(lambda day: _at(day).strftime(pattern), pattern)


def _named(language: str, pattern: str, declared: str) -> Form:
    names = MONTHS[language].split()
    return Form(lambda day: pattern.format(d=day.day, b=names[day.month - 1], y=day.year), declared)


DATES: Final = {
    "iso": _strftime("%Y-%m-%d", None),
    "iso time": Form(lambda day: _at(day).strftime("%Y-%m-%d %H:%M:%S"), None),
    "iso zone": _moment("%Y-%m-%dT%H:%M:%S%z"),
    "iso utc": Form(lambda day: _at(day).strftime("%Y-%m-%dT%H:%M:%SZ"), "%Y-%m-%dT%H:%M:%S%z"),
    "iso summer": Form(
        lambda day: _at(day).strftime("%Y-%m-%d %H:%M:%S +0200"), "%Y-%m-%d %H:%M:%S %z"
    ),
    "polish": _strftime("%d.%m.%Y"),
    "polish time": _moment("%d.%m.%Y %H:%M"),
    "british": _strftime("%d/%m/%Y"),
    "american": _strftime("%m/%d/%Y"),
    "unpadded": Form(lambda day: f"{day.month}/{day.day}/{day.year}", "%m/%d/%Y"),
    "american time": _moment("%m/%d/%Y %I:%M:%S %p"),
    "dutch": _strftime("%d-%m-%Y"),
    "two digits": _strftime("%d.%m.%y"),
    "american two digits": _strftime("%m/%d/%y"),
    "hungarian": _strftime("%Y. %m. %d."),
    "hungarian tight": _strftime("%Y.%m.%d."),
    "bulgarian": _strftime("%d.%m.%Y г."),
    "compact": _strftime("%Y%m%d"),
    "polish month": _named("pl", "{d} {b} {y}", "%d %B %Y"),
    "german month": _named("de", "{d}. {b} {y}", "%d. %B %Y"),
    "hungarian month": _named("hu", "{y}. {b} {d}.", "%Y. %B %d."),
    "bulgarian month": _named("bg", "{d} {b} {y} г.", "%d %B %Y г."),
    "english month": _named("en", "{b} {d}, {y}", "%B %d, %Y"),
    "short month": _strftime("%d-%b-%Y"),
    "unix": Form(lambda day: str(int(_at(day).timestamp())), "unix"),
    "unix ms": Form(lambda day: str(int(_at(day).timestamp() * 1000)), "unix_ms"),
    "excel time": Form(lambda day: f"{(day - date(1899, 12, 30)).days}.375", "excel"),
    "excel": Form(lambda day: str((day - date(1899, 12, 30)).days), "excel"),
}
# letters of a language that an encoding holds, and words that free text is made of
ENCODINGS: Final = {
    "utf-8": ("uwagi", "Żółw, że", "paczkę", "ő és ű", "Жена"),
    "cp1250": ("uwagi", "zażółć gęślą jaźń", "proszę o paczkę", "książka"),
    "iso8859-2": ("uwagi", "zażółć gęślą jaźń", "proszę o paczkę", "książka"),
    "cp1251": ("бележка", "моля, доставка до офиса", "подарък за жена ми"),
    "cp1252": ("remarque", "café crème", "déjà livré à la société", "Grüße für Jürgen"),
    "latin-1": ("remarque", "café crème", "déjà livré à la société", "Grüße für Jürgen"),
    "utf-16-le": ("uwagi", "Żółw, że", "paczkę", "Жена"),
}
# what stands in notes of a system that never quotes
STRAY_NOTES: Final = ('27" monitor', '5" i 7"', 'zoll 19"', '"promo', 'a "b" c')
TOTALS: Final = ("dated", "undated", "dated nameless", "undated nameless")
ODD_NOTES: Final = ('27" monitor', "a; b, c\td|e", "two\nlines", 'he said "so"\r\nand left', "=1+1")


@dataclass(frozen=True)
class Sale:
    """One line of an export."""

    customer: str
    day: date
    cents: int
    order: str
    note: str

    def of_order(self, order: str) -> Sale:
        """Return it as a line of another order."""
        return replace(self, order=order)


@dataclass(frozen=True)
class Dress:
    """How an export is written; see the module."""

    encoding: str = "utf-8"
    bom: bool = False
    delimiter: str = ","
    decimal: str = "."
    thousands: str | None = None
    negative: str = "-{}"
    sign: str = "{}"
    dates: str = "iso"
    quoting: int = csv.QUOTE_MINIMAL
    line_end: str = "\r\n"
    above: tuple[str, ...] = ()
    sep_line: bool = False
    repeated_header: bool = False
    totals: str = "none"
    trailing: int = 0
    trailing_on: str = "all"
    unquoted: bool = False
    padded: bool = False
    empty_lines: int = 0
    header: bool = True

    @property
    def skipped(self) -> int:
        """The number of lines above the header that ``skip_lines`` has to name."""
        return len(self.above)


class Export(NamedTuple):
    """Sales in a dress, in columns each of which holds one kind of :func:`_cell`."""

    sales: tuple[Sale, ...]
    dress: Dress
    columns: tuple[tuple[str, str], ...] = COLUMNS


def number(cents: int, dress: Dress) -> str:
    """Return an amount as it is written."""
    whole, rest = divmod(abs(cents), 100)
    digits = f"{whole:,}".replace(",", dress.thousands or "")
    text = dress.sign.format(f"{digits}{dress.decimal}{rest:02d}")
    return dress.negative.format(text) if cents < 0 else text


def written(
    sales: tuple[Sale, ...], dress: Dress, columns: Sequence[tuple[str, str]] = COLUMNS
) -> bytes:
    """Return the export's bytes."""
    out = io.StringIO(newline="")
    if dress.sep_line:
        out.write(f"sep={dress.delimiter}{dress.line_end}")
    out.writelines(line + dress.line_end for line in dress.above)
    writer = _writer(out, dress)
    for row in _rows(Export(sales, dress, tuple(columns))):
        writer.writerow(row)
    text = out.getvalue()
    return ("\ufeff" + text if dress.bom else text).encode(dress.encoding)


def _rows(export: Export) -> Iterator[list[str]]:
    sales, dress, columns = export
    more = [""] * dress.trailing if dress.trailing_on != "header" else []
    named = [""] * dress.trailing if dress.trailing_on != "rows" else []
    header = [[*(name for _, name in columns), *named]] if dress.header else []
    yield from header
    since = 0
    for place, sale in enumerate(sales):
        if place == len(sales) // 2 and dress.repeated_header:
            yield from header
        yield [*(_cell(kind, sale, place, dress) for kind, _ in columns), *more]
        since += sale.cents
        if dress.totals != "none" and (place + 1) % 8 == 0:
            total = _total(sale.day, since, dress)
            yield [*(total.get(kind, "") for kind, _ in columns), *more]
            since = 0
    yield from [[""] * len(columns) + more] * dress.empty_lines


class _Plain:
    """Writes rows without a quote of its own, as many systems do."""

    def __init__(self, out: io.StringIO, dress: Dress) -> None:
        self._out, self._dress = out, dress

    def writerow(self, cells: Sequence[str]) -> None:
        """Write one."""
        self._out.write(self._dress.delimiter.join(cells) + self._dress.line_end)


class _Quoting:
    """Quotes every line break within a cell, also one that ends no line of this file."""

    def __init__(self, out: io.StringIO, dress: Dress) -> None:
        self._out, self._dress = out, dress

    def writerow(self, cells: Sequence[str]) -> None:
        """Write one."""
        line = io.StringIO()
        quoting, mark = self._dress.quoting, self._dress.delimiter
        csv.writer(line, delimiter=mark, quoting=quoting).writerow(cells)  # type: ignore[arg-type]
        self._out.write(line.getvalue().removesuffix("\r\n") + self._dress.line_end)


def _writer(out: io.StringIO, dress: Dress) -> _Plain | _Quoting:
    return (_Plain if dress.unquoted else _Quoting)(out, dress)


def _cell(kind: str, sale: Sale, place: int, dress: Dress) -> str:
    """Return what a column holds of a sale: what is needed, or what misleads."""
    if kind == "note":
        return sale.note
    pad = "  " if dress.padded else ""
    write = DATES[dress.dates].write
    # a number of the customer, the same in every row
    own = sum(map(ord, sale.customer)) * 37
    said = {
        "customer_id": sale.customer,
        "ordered_at": write(sale.day),
        "amount": number(sale.cents, dress),
        "order_id": sale.order,
        "phone": f"+48 60{place % 10} {100 + place} {own * 7 % 900 + 100}",
        "postcode": f"{own % 90 + 10}-{place % 900 + 100}",
        "birth_date": write(date(1960, 1, 1) + timedelta(days=own * 131 % 14000)),
        "shipped_at": write(sale.day + timedelta(days=1 + place % 3)),
        "tax": number(sale.cents * 23 // 123, dress),
        "number": str(place + 1),
    }
    return f"{pad}{said[kind]}{pad}"


def _total(day: date, cents: int, dress: Dress) -> dict[str, str]:
    return {
        "customer_id": "" if "nameless" in dress.totals else "Razem",
        "ordered_at": "" if "undated" in dress.totals else DATES[dress.dates].write(day),
        "amount": number(cents, dress),
    }


@st.composite
def sales(draw: st.DrawFn, dress: Dress) -> tuple[Sale, ...]:
    """Draw sales over some months: no customer buys on most days, days after the 12th are there.

    Some orders have a second line.
    """
    count = draw(st.integers(14, 40))
    start = draw(st.dates(date(2021, 1, 1), date(2024, 6, 1)))
    odd = STRAY_NOTES if dress.unquoted else ODD_NOTES
    words = [word for word in ENCODINGS[dress.encoding] if dress.delimiter not in word]
    notes = st.sampled_from([*words, *odd, ""])
    lines = draw(st.booleans())
    cents = st.integers(1, 3_000_000) | st.integers(100, 9_999) | st.integers(-500_000, -1)
    padded = draw(st.booleans())
    day, found = start, []
    for place in range(count):
        day += timedelta(days=draw(st.integers(1, 9)))
        who = draw(st.integers(1, count // 2)) + (place % 2) * count
        customer = f"{who:05d}" if padded else f"K-{who}"
        first = Sale(customer, day, draw(cents), f"O{place + 1001}", draw(notes))
        found.append(first)
        if lines and place % 4 == 0:
            found.append(replace(first, cents=first.cents + 1 + place, note=draw(notes)))
    return tuple(found)


@st.composite
def dresses(draw: st.DrawFn) -> Dress:
    """Draw a way to write an export."""
    encoding = draw(st.sampled_from(sorted(ENCODINGS)))
    decimal = draw(st.sampled_from(".,"))
    marks = [mark for mark in (None, ".", ",", " ", "\u00a0", "'", "_") if mark != decimal]
    form = draw(st.sampled_from(sorted(DATES)))
    if not _fits(DATES[form].write(date(2024, 3, 9)), encoding) or not all(
        _fits(DATES[form].write(date(2024, month, 9)), encoding) for month in range(1, 13)
    ):
        form = "iso"
    header = draw(st.booleans() | st.just(True))
    delimiter = draw(st.sampled_from(",;\t|"))
    thousands = draw(st.sampled_from(marks))
    # without quotes no cell may hold the delimiter
    unquoted = delimiter not in (decimal, thousands, *DATES[form].write(date(2024, 3, 9))) and draw(
        st.sampled_from([False, False, True])
    )
    above = draw(
        st.sampled_from(
            [(), (), ("Raport sprzedazy",), ("# exported by shop", "# 2024"), ("Sales report", "")]
        )
    )
    return Dress(
        encoding=encoding,
        bom=encoding == "utf-16-le" or (encoding == "utf-8" and draw(st.booleans())),
        delimiter=delimiter,
        decimal=decimal,
        thousands=thousands,
        negative=draw(st.sampled_from(["-{}", "{}-", "({})"])),
        sign=draw(st.sampled_from(["{}", "{}", "{} zl", "EUR {}", "{} PLN", "${}"])),
        dates=form,
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])),
        line_end=draw(st.sampled_from(["\r\n", "\n", "\r\n", "\n", "\r"])),
        above=above,
        sep_line=not above and draw(st.booleans()),
        repeated_header=draw(st.booleans()),
        totals=draw(st.sampled_from(["none", "none", "none", *TOTALS])),
        trailing=draw(st.sampled_from([0, 0, 1, 3])),
        trailing_on=draw(st.sampled_from(["all", "header", "rows"])),
        unquoted=unquoted,
        padded=draw(st.booleans()),
        empty_lines=draw(st.sampled_from([0, 0, 2])),
        header=header,
    )


def _fits(text: str, encoding: str) -> bool:
    try:
        return bool(text.encode(encoding))
    except UnicodeEncodeError:
        return False
