"""The ways to read a column: which formats its dates and numbers may be written in.

Candidates come from the shape of some of its texts, and are counted on all of them. Proposals of a
client's YAML and the checks of a run both go by this, so that what one writes the other accepts.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import ibis
import ibis.expr.types as ir

from retention_lib.transactions import date_forms
from retention_lib.transactions.number_forms import Marks, currencies
from retention_lib.transactions.number_forms import written as number

__all__ = ["Reading", "dates", "numbers", "sample", "swapped"]

_SAMPLE: Final = 200
_THOUSANDS: Final = (None, ",", ".", " ", "'", "_")
# Of two-digit years a file holds few, of days many.
_FEWER_YEARS: Final = 3
_TOKEN: Final = re.compile(
    r"(?P<clock>(?<![0-9])[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?)"
    r"|(?P<noon>(?<![^\W\d_])(?:[AaPp]\.? ?[Mm]\b\.?|[Dd][EeUu]\.))"
    r"|(?P<number>[0-9]+)"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<mark>.)",
    re.DOTALL,
)
_ZONE: Final = re.compile(
    r"(?<=[0-9MmCc.]) ?(?:(?:GMT|UTC)?[+-][0-9]{2}:?[0-9]{2}|Z|[A-Z]{3,5})(?: \([A-Z]{3,5}\))?$"
)
_BESIDE: Final = r"([^\d\s.,'’()+\-\u2212_%]{1,8})?"
_WITH_SIGN: Final = re.compile(
    rf"^[(+\-\u2212\s]*{_BESIDE}[\s(+\-\u2212]*\d[\d\s.,'’_]*[)\-]?\s*{_BESIDE}[)\-]?$"
)
_LONG: Final = {
    6: ("%y%m%d", "%d%m%y", "%m%d%y"),
    8: ("%Y%m%d", "%d%m%Y", "%m%d%Y"),
    12: ("%Y%m%d%H%M",),
    14: ("%Y%m%d%H%M%S",),
}
_COUNTS: Final = {5: "excel", 9: "unix", 10: "unix", 12: "unix_ms", 13: "unix_ms"}


@dataclass(frozen=True)
class Reading:
    """One way to read a column.

    Attributes
    ----------
    settings : mapping
        What ``format`` of a YAML says for it: ``{"date": "%d.%m.%Y"}``. A date of None is ISO.
    missed, present : int
        How many cells it cannot read, of how many that are not empty.
    means : str
        An example read out: ``05/04/2017 is 5 April 2017``.
    alike : tuple of mappings
        Other settings that read every cell the same.
    """

    settings: Mapping[str, Any]
    missed: int
    present: int
    means: str
    alike: tuple[Mapping[str, Any], ...] = ()

    @property
    def all_settings(self) -> tuple[Mapping[str, Any], ...]:
        """The settings, and those that read every cell the same."""
        return (self.settings, *self.alike)


@dataclass(frozen=True)
class _Way:
    """A way that a column may be read: its settings, one text, and a whole column."""

    settings: Mapping[str, Any]
    of: Callable[[str], Any]
    column: Callable[[ir.StringValue], ir.Value]


def dates(texts: ibis.Table) -> list[Reading]:
    """Return the ways in which at least half of a column can be read as days, best first.

    Parameters
    ----------
    texts : ibis.Table
        One column ``text``; nulls do not count.
    """
    some = sample(texts)
    formats = dict.fromkeys(itertools.chain([None], *map(_formats, some)))
    ways = [_date_way(format_) for format_ in formats]
    ways = _without_many_years(ways, some)
    return _counted(texts, ways, some, _date_means)


def numbers(texts: ibis.Table) -> list[Reading]:
    """Return the ways in which at least half of a column can be read as numbers, best first.

    Parameters
    ----------
    texts : ibis.Table
        One column ``text``; nulls do not count.
    """
    some = sample(texts)
    marks = [Marks(*pair) for pair in itertools.product(".,", _THOUSANDS) if pair[0] != pair[1]]
    marks.sort(key=lambda it: (it.thousands is not None, it.decimal != "."))
    signs = _unknown_signs(some)
    ways = [_number_way(replace(it, sign=sign)) for sign in (None, *signs) for it in marks]
    return _counted(texts, ways, some, _number_means)


def sample(texts: ibis.Table) -> list[str]:
    """Return some of the distinct texts, from all over the column and always the same."""
    texts = texts.filter(texts.text.notnull()).select("text").distinct()
    few = texts.order_by(texts.text.hash(), texts.text).limit(_SAMPLE)
    found: list[str] = few.to_pyarrow()["text"].to_pylist()
    return found


def swapped(format_: str) -> str | None:
    """Return a format with day and month in each other's place; None where a name tells them."""
    if not {"d", "m"} <= set(re.findall("%-?([a-zA-Z])", format_)) or re.match("%-?[Yy]", format_):
        return None
    other = {"d": "m", "m": "d"}
    return re.sub("%(-?)([dm])", lambda found: f"%{found[1]}{other[found[2]]}", format_)


def _date_way(format_: str | None) -> _Way:
    return _Way(
        {"date": format_},
        lambda text: date_forms.read(text, format_),
        lambda column: date_forms.written(column, format_),
    )


def _number_way(marks: Marks) -> _Way:
    return _Way(marks.settings, marks.read, lambda column: number(column, marks))


def _counted(
    texts: ibis.Table,
    ways: Sequence[_Way],
    some: Sequence[str],
    means: Callable[[Mapping[str, Any], Sequence[str]], str],
) -> list[Reading]:
    """Count what each way misses of all texts; those that miss half of a sample are not tried."""
    fair = [it for it in ways if 2 * sum(it.of(text) is not None for text in some) >= len(some)]
    if not fair or not some:
        return []
    rows = texts.filter(texts.text.notnull()).group_by("text").agg(times=ibis._.count()).view()
    tallies: dict[str, ir.Value] = {"present": rows.times.sum()}
    for at, way in enumerate(fair):
        value = way.column(rows.text)
        mark = (rows.text + "=" + value.cast(str)).hash() % (2**31 - 1)
        tallies |= {f"missed{at}": rows.times.sum(where=value.isnull()), f"mark{at}": mark.sum()}
    row = rows.agg(**tallies).to_pyarrow().to_pylist()[0]
    merged: dict[tuple[int, int], list[Mapping[str, Any]]] = {}
    for at, way in enumerate(fair):
        alike = (row[f"missed{at}"] or 0, row[f"mark{at}"])
        merged.setdefault(alike, []).append(way.settings)
    found = [
        Reading(first, missed, row["present"], means(first, some), tuple(rest))
        for (missed, _), (first, *rest) in merged.items()
    ]
    return sorted(found, key=lambda reading: reading.missed)


# --- dates -----------------------------------------------------------------------


def _formats(text: str) -> Iterator[str]:
    """Return the formats that a text may be written in, the most common first."""
    zone = _ZONE.search(text) if ":" in text else None
    body, end = (text[: zone.start()], _zone(zone[0])) if zone else (text, "")
    tokens = [(str(found.lastgroup), found[0]) for found in _TOKEN.finditer(body)]
    long = [len(it) for kind, it in tokens if kind == "number" and len(it) >= 5]
    if long and re.fullmatch(r"[0-9]+([.,][0-9]+)?", body):
        yield from _LONG.get(long[0], ())
        if long[0] in _COUNTS:
            yield _COUNTS[long[0]]
        return
    places = [at for at, (kind, _) in enumerate(tokens) if kind == "number"]
    spoken = _spoken(tokens)
    for parts in _orders([tokens[at][1] for at in places], spoken):
        said = dict(zip(places, parts, strict=True)) | spoken
        format_ = "".join(said.get(at) or _piece(*token, tokens) for at, token in enumerate(tokens))
        yield format_ + end
        if "%B" in format_:
            yield format_.replace("%B", "%b") + end


def _zone(text: str) -> str:
    return " %z" if text.startswith(" ") else "%z"


def _spoken(tokens: Sequence[tuple[str, str]]) -> dict[int, str]:
    """Return which words are the month and the weekday."""
    found: dict[int, str] = {}
    for at, (kind, text) in enumerate(tokens):
        name = text.lower()
        if kind == "word" and name in date_forms.months() and not {"%B", "%b"} & {*found.values()}:
            found[at] = "%B" if name in date_forms.months("B") else "%b"
        elif kind == "word" and name in date_forms.weekdays():
            found[at] = "%a"
    return found


def _orders(numbers: Sequence[str], spoken: Mapping[int, str]) -> Iterator[tuple[str, ...]]:
    """Return what the numbers of a date may be: day, month and year in the orders there are."""
    sizes = [len(it) for it in numbers]
    with_name = any(it in ("%b", "%B") for it in spoken.values())
    if with_name and len(numbers) == 2:
        yield from [("%Y", "%d")] if sizes[0] == 4 else [("%d", "%Y" if sizes[1] == 4 else "%y")]
    elif not with_name and len(numbers) == 3 and sizes[0] == 4:
        yield "%Y", "%m", "%d"
    elif not with_name and len(numbers) == 3 and max(sizes[:2]) <= 2:
        year = "%Y" if sizes[2] == 4 else "%y"
        yield from (("%d", "%m", year), ("%m", "%d", year))
        if sizes == [2, 2, 2] or (sizes[0] == 2 and year == "%y"):
            yield "%y", "%m", "%d"
    elif not with_name and len(numbers) == 1 and sizes[0] == 8:
        yield from ((it,) for it in _LONG[8])


def _piece(kind: str, text: str, tokens: Sequence[tuple[str, str]]) -> str:
    """Return a token that is no part of the day as a format says it."""
    if kind == "clock":
        hour = "%I" if any(it == "noon" for it, _ in tokens) else "%H"
        clock = "".join((hour, ":%M", ":%S" if text.count(":") == 2 else ""))
        fraction = re.search("[.,]", text)
        return clock + (f"{fraction[0]}%f" if fraction else "")
    if kind == "noon":
        return "%p"
    return " " if text.isspace() else text.replace("%", "%%")


def _without_many_years(ways: Sequence[_Way], some: Sequence[str]) -> list[_Way]:
    """Leave out ways with many more two-digit years than another: days were taken for years."""
    years: dict[int, set[int]] = {}
    for at, way in enumerate(ways):
        found = [way.of(text) for text in some] if "%y" in str(way.settings["date"]) else []
        if found and 2 * sum(it is not None for it in found) >= len(some):
            years[at] = {it.year for it in found if it is not None}
    fewest = min(map(len, years.values()), default=0)
    many = {at for at, seen in years.items() if len(seen) > _FEWER_YEARS * fewest}
    return [way for at, way in enumerate(ways) if at not in many]


def _date_means(settings: Mapping[str, Any], some: Sequence[str]) -> str:
    """Read an example out, one that another order of day and month would read otherwise."""
    format_ = settings["date"]
    read = {text: day for text in some if (day := date_forms.read(text, format_)) is not None}
    if not read:
        return ""
    doubtful = {text: day for text, day in read.items() if day.day <= 12 and day.day != day.month}
    text, day = min((doubtful or read).items())
    return f"{text} is {_said(day)}"


def _said(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


# --- numbers ---------------------------------------------------------------------


def _unknown_signs(some: Sequence[str]) -> list[str]:
    """Return what stands beside digits on at least half of the cells, if that is no currency."""
    found = [
        it for text in some if (match := _WITH_SIGN.search(text)) for it in match.groups() if it
    ]
    known = re.compile(f"^{currencies()}$")
    signs = dict.fromkeys(it for it in found if not known.search(it))
    return [it for it in signs if 2 * found.count(it) >= len(some)]


def _number_means(settings: Mapping[str, Any], some: Sequence[str]) -> str:
    """Read an example out, the one with the most marks."""
    marks = Marks(**{"decimal": ".", **settings})
    read = {text: value for text in some if (value := marks.read(text)) is not None}
    if not read:
        return ""
    text = max(read, key=lambda it: (sum(not c.isdigit() for c in it), len(it), it))
    return f"{text} is {read[text]:.10g}"
