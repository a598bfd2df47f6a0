"""Which figures a break of the records moves, and how bad that is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

from retention_lib.data_audit.days import Days
from retention_lib.results import Break, BreakKind, Closures, Fitness, Touched

_HELD_ALIKE: Final = 0.5  # of the days closed in one window that the other must hold as well
_UNFIT_GAP: Final = 0.25  # of a window without records
_UNFIT_LEVEL: Final = math.log(3)

_MOVES: Final[dict[BreakKind, tuple[Touched, ...]]] = {
    "gap": ("revenue", "cycle", "clv", "forecast"),
    "closed": (),
    "level": ("clv", "forecast"),
    "tax": ("revenue", "clv", "forecast"),
    "acquisition_stops": ("retained_rate", "new_customers", "clv", "forecast"),
    "acquisition_starts": ("new_customers", "clv", "forecast"),
    "migration": ("cycle", "second_purchase_rate", "new_customers", "clv", "forecast"),
    "mid_life": ("cycle", "second_purchase_rate", "new_customers", "clv", "forecast"),
    "truncated_start": (),
    "truncated_end": ("clv", "forecast"),
}


def touched(found: Break, windows: Sequence[Days], closed: Closures | None) -> list[Touched]:
    """Return the figures that a break moves, given where the two windows lie."""
    inside = in_windows(found, windows)
    moved: list[Touched] = list(_MOVES[found.kind])
    if found.kind == "closed" and inside and closed is not None and closed.held != "alike":
        moved.append("retained_rate")
    if found.kind in ("gap", "migration", "truncated_start", "truncated_end") and inside:
        moved.append("retained_rate")
    if found.kind == "level" and found.series in ("customers", "rows", "money"):
        moved.append("revenue")
    if found.kind == "level" and found.series == "customers" and inside:
        moved.append("retained_rate")
    return moved


def in_windows(found: Break, windows: Sequence[Days]) -> bool:
    """Say whether a break lies in one of the two windows of the retained rate."""
    if not windows:
        return False
    last = found.end or found.start
    return found.start <= windows[-1][1] and last >= windows[0][0]


def closed_days(found: Iterable[Break], windows: Sequence[Days]) -> Closures | None:
    """Return how many days of yearly closures the two windows hold; None without either."""
    closed = [it for it in found if it.kind == "closed"]
    if not windows or not closed:
        return None
    prior, window = (sum(_shared(it, days) for it in closed) for days in windows)
    least = min(prior, window) >= _HELD_ALIKE * max(prior, window)
    held = "alike" if least else "more" if window > prior else "fewer"
    return Closures.model_validate({"prior_days": prior, "window_days": window, "held": held})


def _shared(found: Break, days: Days) -> int:
    last = min(found.end or found.start, days[1])
    return max(0, (last - max(found.start, days[0])).days + 1)


def severity(found: Break, windows: Sequence[Days]) -> Fitness:
    """Return the best verdict that a break leaves on the figures it touches.

    A quarter of a window without records, or a third of the customers from a day within them on,
    leaves no rate; the same before the windows only asks for care. What touches no figure, harms
    none.
    """
    if not found.touches:
        return "fit"
    if not in_windows(found, windows):
        return "fit with care"
    if found.kind == "gap":
        parts = (_shared(found, days) / ((days[1] - days[0]).days + 1) for days in windows)
        return "unfit" if max(parts) >= _UNFIT_GAP else "fit with care"
    if found.kind == "level" and found.series == "customers" and found.before and found.after:
        apart = abs(math.log(found.after / found.before))
        return "unfit" if apart >= _UNFIT_LEVEL else "fit with care"
    return "fit with care"
