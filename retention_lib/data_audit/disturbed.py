"""Which break in the records lowers which verdict, by what breaks and by where it lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final, Literal

from retention_lib.data_audit.evidence import Evidence
from retention_lib.results import Break, Fitness

# a break matters if it lies in one of the two windows, or wherever in the history it lies
_Place = Literal["windows", "history", "never"]
_Effect = tuple[str, Sequence[str], Fitness, Fitness, Fitness]

# by kind: where it must lie to lower the verdict on retention, on value, on a forecast. A rate
# looks at two windows only; a forecast is fitted to all that came before it. So is what customers
# spend, and since when they are customers, on which a value is built; how often they buy is told
# mostly by what they did last.
_RULES: Final[dict[str, tuple[_Place, _Place, _Place]]] = {
    "gap": ("windows", "windows", "history"),
    "level": ("windows", "windows", "history"),
    "tax": ("never", "history", "history"),
    "acquisition_stops": ("history", "history", "history"),
    "acquisition_starts": ("windows", "history", "history"),
    "migration": ("windows", "history", "history"),
    "mid_life": ("history", "history", "history"),
    "truncated_start": ("windows", "never", "never"),
    "truncated_end": ("windows", "windows", "history"),
}
_OF_MONEY: Final = ("money", "order_value", "unit_price")  # nobody stays away for these
_LASTING: Final = ("gap", "closed", "migration", "truncated_start", "truncated_end")
_MOST_MISSING: Final = 0.5  # of a window without records, above which no rate is given


def effects(evidence: Evidence) -> Iterator[_Effect]:
    """Yield what each break does: its kind, the figures it moves, what it leaves of the verdicts."""
    for found in evidence.breaks:
        if found.kind == "closed":
            continue  # the same every year: see _apart
        places = _places(found)
        left = [_left(place, found, evidence) for place in places]
        yield found.kind, found.touches, left[0], left[1], left[2]
    yield from _apart(evidence)
    if any(_missing(window, evidence) > _MOST_MISSING for window in evidence.windows):
        yield "gap", ("retained_rate",), "unfit", "fit", "fit"


def _places(found: Break) -> tuple[_Place, _Place, _Place]:
    if found.kind == "level" and found.series in _OF_MONEY:
        return "never", "history", "history"
    return _RULES[found.kind]


def _left(place: _Place, found: Break, evidence: Evidence) -> Fitness:
    in_place = place == "history" or (
        place == "windows" and any(_lies_in(found, window, evidence) for window in evidence.windows)
    )
    return "fit with care" if in_place else "fit"


def _lies_in(found: Break, window: tuple[date, date], evidence: Evidence) -> bool:
    start, end = window
    return found.start <= end and _last(found, evidence) >= start


def _last(found: Break, evidence: Evidence) -> date:
    """Return the last day of what lasts; a level shifts on one day, whatever comes after it."""
    if found.kind not in _LASTING:
        return found.start
    return found.end or evidence.as_of


def _apart(evidence: Evidence) -> Iterator[_Effect]:
    """Yield a closure that comes every year where only one of the two windows holds it."""
    closures = [found for found in evidence.breaks if found.kind == "closed"]
    held = [sum(_lies_in(it, window, evidence) for it in closures) for window in evidence.windows]
    if len(set(held)) > 1:
        moved = dict.fromkeys(figure for it in closures for figure in it.touches)
        yield "closed", tuple(moved) or ("retained_rate",), "fit with care", "fit", "fit"


def _missing(window: tuple[date, date], evidence: Evidence) -> float:
    """Return the share of a window's days that lie in gaps."""
    start, end = window
    gaps = (found for found in evidence.breaks if found.kind == "gap")
    days = sum(
        max((min(end, _last(gap, evidence)) - max(start, gap.start) + timedelta(days=1)).days, 0)
        for gap in gaps
    )
    return days / ((end - start).days + 1)
