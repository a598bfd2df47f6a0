"""The same sales in any dress: how real systems write an export, as text.

A :class:`Dress` says how, :func:`written` gives the bytes, :func:`declared` the lines of a
``client.yaml`` that read them, and :func:`expected` what must be kept of them.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, TypeVar

import yaml
from hypothesis import strategies as st

from retention_lib.client.lines import with_line
from retention_lib.errors import Choice, ConfigError, DataError
from retention_lib.transactions import date_forms
from retention_lib.transactions.number_forms import Marks

T = TypeVar("T")
HEADER: Final = ("klient", "data", "kwota", "zamowienie", "uwagi")
MONTHS: Final = {
    "pl": [
        "stycznia",
        "lutego",
        "marca",
        "kwietnia",
        "maja",
        "czerwca",
        "lipca",
        "sierpnia",
        "września",
        "października",
        "listopada",
        "grudnia",
    ],
    "de": [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    "hu": [
        "január",
        "február",
        "március",
        "április",
        "május",
        "június",
        "július",
        "augusztus",
        "szeptember",
        "október",
        "november",
        "december",
    ],
    "bg": [
        "януари",
        "февруари",
        "март",
        "април",
        "май",
        "юни",
        "юли",
        "август",
        "септември",
        "октомври",
        "ноември",
        "декември",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
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
    names = MONTHS[language]
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


def number(cents: int, dress: Dress) -> str:
    """Return an amount as it is written."""
    whole, rest = divmod(abs(cents), 100)
    digits = f"{whole:,}".replace(",", dress.thousands or "")
    text = dress.sign.format(f"{digits}{dress.decimal}{rest:02d}")
    return dress.negative.format(text) if cents < 0 else text


def written(sales: tuple[Sale, ...], dress: Dress) -> bytes:
    """Return the export's bytes."""
    out = io.StringIO(newline="")
    if dress.sep_line:
        out.write(f"sep={dress.delimiter}{dress.line_end}")
    out.writelines(line + dress.line_end for line in dress.above)
    writer = _writer(out, dress)
    more = [""] * dress.trailing if dress.trailing_on != "header" else []
    head = [*HEADER, *([""] * dress.trailing if dress.trailing_on != "rows" else [])]
    if dress.header:
        writer.writerow(head)
    middle, since = len(sales) // 2, 0
    for place, sale in enumerate(sales):
        if place == middle and dress.repeated_header and dress.header:
            writer.writerow(head)
        writer.writerow([*_cells(sale, dress), *more])
        since += sale.cents
        if dress.totals != "none" and (place + 1) % 8 == 0:
            writer.writerow([*_total(sale.day, since, dress), *more])
            since = 0
    for _ in range(dress.empty_lines):
        writer.writerow([""] * (len(HEADER) + len(more)))
    text = out.getvalue()
    return ("\ufeff" + text if dress.bom else text).encode(dress.encoding)


class _Plain:
    """Writes rows without a quote of its own, as many systems do."""

    def __init__(self, out: io.StringIO, dress: Dress) -> None:
        self._out, self._dress = out, dress

    def writerow(self, cells: Sequence[str]) -> None:
        """Write one."""
        self._out.write(self._dress.delimiter.join(cells) + self._dress.line_end)


def _writer(out: io.StringIO, dress: Dress) -> Any:
    if dress.unquoted:
        return _Plain(out, dress)
    return csv.writer(
        out,
        delimiter=dress.delimiter,
        quoting=dress.quoting,  # type: ignore[arg-type]
        lineterminator=dress.line_end,
    )


def _cells(sale: Sale, dress: Dress) -> list[str]:
    pad = "  " if dress.padded else ""
    day = DATES[dress.dates].write(sale.day)
    cells = [sale.customer, day, number(sale.cents, dress), sale.order, sale.note]
    return [*(f"{pad}{cell}{pad}" for cell in cells[:4]), cells[4]]


def _total(day: date, cents: int, dress: Dress) -> list[str]:
    written_day = DATES[dress.dates].write(day) if "undated" not in dress.totals else ""
    name = "" if "nameless" in dress.totals else "Razem"
    return [name, written_day, number(cents, dress), "", ""]


def expected(sales: tuple[Sale, ...]) -> Counter[tuple[str, date, int]]:
    """Return what must be kept: how often each customer, day and amount in cents is there."""
    return Counter((sale.customer, sale.day, sale.cents) for sale in sales)


def form_of(dress: Dress) -> dict[str, Any]:
    """Return what ``format`` of a ``client.yaml`` says of the export."""
    wide = dress.encoding == "utf-16-le" and dress.bom
    form: dict[str, Any] = {
        "encoding": "utf-16" if wide else dress.encoding,
        "delimiter": "tab" if dress.delimiter == "\t" else dress.delimiter,
        "decimal": dress.decimal,
        "header": dress.header,
        "skip_lines": dress.skipped,
    }
    if dress.thousands:
        form["thousands"] = dress.thousands
    if DATES[dress.dates].declared:
        form["date"] = DATES[dress.dates].declared
    return form


def declared(dress: Dress, file: str) -> dict[str, Any]:
    """Return the ``client.yaml`` that reads the export."""
    return {**_mapped(dress, file), "format": form_of(dress)}


def undeclared(dress: Dress, file: str) -> dict[str, Any]:
    """Return the ``client.yaml`` that says which column is which, and nothing of how it is written."""
    # without a header there are no names that could be mapped
    return _mapped(dress, file) | ({} if dress.header else {"format": {"header": False}})


def _mapped(dress: Dress, file: str) -> dict[str, Any]:
    return {"name": "Shop", "source": {"file": file}, "columns": mapping(dress)}


def mapping(dress: Dress) -> dict[str, str]:
    """Return the columns that a ``client.yaml`` maps, by their standard names."""
    names = HEADER if dress.header else [str(place) for place in range(1, 6)]
    return dict(zip(("customer_id", "ordered_at", "amount", "order_id"), names, strict=False))


def true_choice(choices: Sequence[Choice], sales: tuple[Sale, ...], dress: Dress) -> Choice | None:
    """Return the first of a stop's choices that says nothing untrue of an export; None if none.

    It stands for somebody who knows how the export is written.
    """
    return next((it for it in choices if _is_true(yaml.safe_load(it.line), sales, dress)), None)


def _is_true(said: dict[str, Any], sales: tuple[Sale, ...], dress: Dress) -> bool:
    forms = [said.get("format", {}), *said.get("formats", {}).values()]
    mapped = mapping(dress)
    ids = {sale.customer for sale in sales}
    return (
        all(_is_written(form, sales, dress) for form in forms)
        and all(
            mapped.get(name, column) == column for name, column in said.get("columns", {}).items()
        )
        and ids >= set(map(str, said.get("customers", ())))
        and not ids & set(map(str, said.get("not_customers", ())))
    )


def _is_written(form: dict[str, Any], sales: tuple[Sale, ...], dress: Dress) -> bool:
    """Whether an export is written as some lines of ``format`` say."""
    delimiter = "tab" if dress.delimiter == "\t" else dress.delimiter
    true = {"delimiter": delimiter, "header": dress.header}
    # blank lines before the header need not be named, a line that says what parts cells may be
    lines = {n for n in range(dress.skipped + 1) if not any(dress.above[n:])}
    lines |= {dress.skipped + dress.sep_line}
    return (
        all(form.get(key, value) == value for key, value in true.items())
        and form.get("skip_lines", dress.skipped) in lines
        and ("encoding" not in form or _reads(str(form["encoding"]), sales, dress))
        and ("date" not in form or _dates_are(form["date"], sales, dress))
        and (not form.keys() & {"decimal", "thousands", "sign"} or _numbers_are(form, sales, dress))
    )


def _reads(encoding: str, sales: tuple[Sale, ...], dress: Dress) -> bool:
    content = written(sales, dress)
    right = content.decode(dress.encoding).removeprefix("\ufeff")
    return content.decode(encoding, "replace").removeprefix("\ufeff") == right


def _dates_are(form: str | None, sales: tuple[Sale, ...], dress: Dress) -> bool:
    write = DATES[dress.dates].write
    return all(date_forms.read(write(sale.day), form) == sale.day for sale in sales)


def _numbers_are(form: dict[str, Any], sales: tuple[Sale, ...], dress: Dress) -> bool:
    marks = Marks(form.get("decimal", "."), form.get("thousands"), form.get("sign"))
    read = (marks.read(number(sale.cents, dress)) for sale in sales)
    return all(
        value is not None and round(value * 100) == sale.cents
        for value, sale in zip(read, sales, strict=True)
    )


def followed(
    read: Callable[[dict[str, Any]], T],
    settings: dict[str, Any],
    sales: tuple[Sale, ...],
    dress: Dress,
) -> T:
    """Read an export, at each stop with the line that is true of it, until nothing stops.

    Each line that a stop offers is tried: it has to get past that stop.

    Raises
    ------
    AssertionError
        If a stop offers no true line, or one that does not get past it.
    ConfigError, DataError
        A stop that no line settles.
    """
    stopped: ConfigError | None = None
    while True:
        try:
            return read(settings)
        except ConfigError as stop:
            if not stop.choices:
                raise
            assert stopped is None or str(stop) != str(stopped), f"no remedy: {stop}"
            stopped = stop
        choice = true_choice(stopped.choices, sales, dress)
        assert choice is not None, f"nothing true is offered: {stopped}"
        for other in stopped.choices:
            if other != choice:
                assert not _stops(read, with_line(settings, other.line), stopped), (
                    f"{other}: {stopped}"
                )
        settings = with_line(settings, choice.line)


def _stops(
    read: Callable[[dict[str, Any]], object], settings: dict[str, Any], stopped: ConfigError
) -> bool:
    """Whether an export is stopped as it was before."""
    try:
        read(settings)
    except ConfigError as stop:
        return str(stop) == str(stopped)
    except DataError:
        return False
    return False


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
