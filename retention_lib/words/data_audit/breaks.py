"""At which dates do the records change, and what does each do to which figure?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import pandas as pd

from retention_lib.results import Audit, Break
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import UNKNOWN, table
from retention_lib.words.labels import TOUCHED, label

_HEADERS: Final = mark(("When", "What changes", "Before or expected", "After or found", "Moves"))
_KINDS: Final = mark(
    {
        "gap": "Days without sales",
        "closed": "Closed every year",
        "tax": "Prices, by a tax rate",
        "acquisition_stops": "New customers stop",
        "acquisition_starts": "New customers begin",
        "migration": "First purchases pile up",
        "mid_life": "The records begin mid-life",
        "truncated_start": "Stray days at the beginning",
        "truncated_end": "The last days are not complete",
    }
)
_LEVELS: Final = mark(
    {
        "rows": "Rows for each purchase",
        "customers": "Customers a day",
        "money": "Revenue of a purchase",
        "order_value": "Value of a purchase",
        "new_customers": "New customers a day",
        "unit_price": "Prices",
    }
)
_FEW: Final = 0.1  # a day, below which one digit would call them none
_SIZES: Final = mark(
    {
        "customers": "{n:number 1} customers a day",
        "new_customers": "{few} new customers a day",
        "rows": "{n:number 1} rows a day",
        "money": "{n:about_money} a day",
        "order_value": "{n:about_money} a purchase",
        "unit_price": "index {n:number 1}",
    }
)
_WHEN: Final = mark(
    {"day": "{start:date}", "days": "{start:date} to {end:date}", "on": "from {start:date} on"}
)
_SAID: Final = mark(
    {
        "gap": "From {start:date} to {end:date} the records hold next to no sales, where "
        "{before:number 1} customers a day were to be expected. If the shop was open, these "
        "purchases are missing.",
        "gap_day": "On {start:date} the records hold next to no sales, where {before:number 1} "
        "customers were to be expected.",
        "closed": "From {start:date} to {end:date} the shop rested, as it does every year. Nothing "
        "is missing.",
        "tax": "From {start:date} on prices are {up:share 0} higher than before. That is a tax "
        "rate: perhaps amounts hold no tax before that day, and hold it from then on.",
        "tax_down": "From {start:date} on prices are {down:share 0} lower than before. That is a "
        "tax rate taken off: perhaps amounts hold tax before that day, and hold none from then on.",
        "acquisition_stops": "From {start:date} on nobody buys for the first time; until then "
        "{few} new customers came each day. The records hold a closed group.",
        "acquisition_pauses": "From {start:date} to {end:date} nobody buys for the first time, "
        "though known customers do; until then {few} new customers came each day.",
        "acquisition_starts": "Only from {start:date} on do customers buy for the first time, "
        "{after:number 1} a day; those before that day were there from the beginning.",
        "migration": "From {start:date} to {end:date} {after:number 1} customers a day bought for "
        "the first time, against {before:number 1} around these days. Perhaps they are older "
        "customers, moved in from another system under a new date.",
        "migration_day": "On {start:date} {after:count} customers bought for the first time, "
        "against {before:number 1} a day around it. Perhaps they are older customers, moved in "
        "from another system under a new date.",
        "mid_life": "The records begin on {start:date}, when the business was under way: "
        "{before:number 1} customers a day count as new at first, {after:number 1} a day later. "
        "Many of the first are older customers.",
        "truncated_start": "From {start:date} to {end:date} the records hold stray sales only, "
        "{after:number 1} customers a day; after that there are {before:number 1}.",
        "truncated_end": "From {start:date} to {end:date} the records hold {after:number 1} "
        "customers a day, where {before:number 1} were to be expected: the export may have been "
        "made too early, or cut off.",
    }
)
_SHIFTS: Final = mark(
    {
        "rows": "From {start:date} on there are {after:number 1} rows a day instead of "
        "{before:number 1}, and not for more or fewer purchases.",
        "customers": "From {start:date} on {after:number 1} customers buy each day instead of "
        "{before:number 1}, from one day to the next. Perhaps the export holds more, or less, of "
        "the sales from then on.",
        "money": "From {start:date} on revenue is {after:about_money} a day instead of "
        "{before:about_money}, and not for more or fewer purchases.",
        "order_value": "From {start:date} on a typical purchase is worth {after:about_money} "
        "instead of {before:about_money}, from one day to the next.",
        "new_customers": "From {start:date} on {after:number 1} customers a day buy for the first "
        "time instead of {before:number 1}.",
        "unit_price": "From {start:date} on prices of the same products are {up:share 0} higher.",
        "unit_price_down": "From {start:date} on prices of the same products are {down:share 0} "
        "lower.",
    }
)
_MOVES: Final = mark("1. **{what}.** {said} It moves {figures:listed}.")
_HARMLESS: Final = mark("1. **{what}.** {said} It moves no figure.")
_HELD: Final = mark(
    {
        "alike": "Both windows of the retention rate hold these yearly closures, so they can be "
        "compared.",
        "more": "The latest window holds {window_days:days} of these yearly closures, the one "
        "before it {prior_days:days}. Part of the difference between them is the closure: compare "
        "with the same window a year earlier.",
        "fewer": "The latest window holds {window_days:days} of these yearly closures, the one "
        "before it {prior_days:days}. Part of the difference between them is the closure: compare "
        "with the same window a year earlier.",
    }
)


def name(found: Break, speech: Speech) -> str:
    """Return what changes, as plain text: ``New customers stop``."""
    if found.kind == "level":
        return label(_LEVELS, found.series, speech)
    return label(_KINDS, found.kind, speech)


def when(found: Break, speech: Speech) -> str:
    """Return the day, or the days, of a break."""
    lasting = "on" if found.kind != "mid_life" else "day"
    code = lasting if found.end is None else "day" if found.end == found.start else "days"
    return speech.text(_WHEN[code], found)


def said(found: Break, speech: Speech) -> str:
    """Return what a break is, as plain text: its day, its size, what may be behind it."""
    few = _few(found.before or 0.0, speech)
    return speech.text(_message(found), found, up=_up(found), down=_down(found), few=few)


def _few(a_day: float, speech: Speech) -> str:
    """Return how many come a day; a few are never called none."""
    return speech.number(a_day, 2 if 0 < a_day < _FEW else 1)


def _message(found: Break) -> str:
    falls = (found.after or 0) < (found.before or 0)
    if found.kind == "level":
        down = found.series == "unit_price" and falls
        return _SHIFTS["unit_price_down" if down else found.series]
    variants = {
        "gap": "gap_day" if found.end == found.start else "gap",
        "migration": "migration_day" if found.end == found.start else "migration",
        "tax": "tax_down" if falls else "tax",
        "acquisition_stops": "acquisition_stops" if found.end is None else "acquisition_pauses",
    }
    return _SAID[variants.get(found.kind, found.kind)]


def _up(found: Break) -> float:
    return (found.after or 0) / found.before - 1 if found.before else 0.0


def _down(found: Break) -> float:
    return -_up(found)


def rows(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return the breaks as a table shows them, by day; yearly closures are one row."""
    lines = [_row(found, speech) for found in _listed(result.breaks)]
    return table(lines, _HEADERS, speech)


def _listed(breaks: Iterable[Break]) -> Iterator[Break]:
    """Yield the breaks, of closures that come every year the latest alone."""
    closed = [it for it in breaks if it.kind == "closed"]
    for found in breaks:
        if found.kind != "closed" or not any(_same_season(found, it) for it in closed):
            yield found


def numbers(result: Audit) -> list[int]:
    """Return by which number the list tells each break; closures of several years share one."""
    listed = list(_listed(result.breaks))
    return [
        1 + next(at for at, it in enumerate(listed) if it is found or _same_season(found, it))
        if found.kind == "closed"
        else 1 + listed.index(found)
        for found in result.breaks
    ]


def _same_season(found: Break, later: Break) -> bool:
    """Say whether another closure is the same one of a later year."""
    years = round((later.start - found.start).days / 365.25)
    moved = (later.start - found.start).days - years * 365.25
    return years > 0 and abs(moved) <= 31


def _row(found: Break, speech: Speech) -> tuple[str, ...]:
    sizes = (_size(found, value, speech) for value in (found.before, found.after))
    return when(found, speech), name(found, speech), *sizes, _figures(found, speech)


def _size(found: Break, value: float | None, speech: Speech) -> str:
    if value is None:
        return UNKNOWN
    return speech.text(_SIZES[found.series], n=value, few=_few(value, speech))


def _figures(found: Break, speech: Speech) -> str:
    names = [label(TOUCHED, figure, speech) for figure in found.touches]
    return speech.listed(names) if names else UNKNOWN


def caption(result: Audit, speech: Speech) -> str:
    """Return the caption of the table of breaks."""
    if not result.breaks:
        return speech.text("No date at which the records change")
    return speech.text("Dates at which the records change, and the figures that this moves")


def meaning(result: Audit, speech: Speech) -> str:
    """Return what each break is and does, numbered, and how the windows hold closures."""
    if not result.breaks:
        return speech.prose(
            "No day was found on which the records change: no gaps, no sudden change of level or "
            "prices, and new customers come throughout."
        )
    lines = [_line(found, speech) for found in _listed(result.breaks)]
    if result.closures is not None:
        held = speech.text(_HELD[result.closures.held], result.closures)
        lines += ["", speech.prose("{held}", held=held)]
    return "\n".join(lines)


def _line(found: Break, speech: Speech) -> str:
    figures = [label(TOUCHED, figure, speech) for figure in found.touches]
    facts = {"what": name(found, speech), "said": said(found, speech)}
    if not figures:
        return speech.prose(_HARMLESS, **facts)
    return speech.prose(_MOVES, figures=figures, **facts)
