"""The shop's clock: how fast its time runs, with the season and with a slow change of pace.

Purchases come at random in the clock's time, in which every week is alike. Seen from the origin,
the day that is looked ahead from, the clock says how many of its weeks lie in the days before and
after, and how the chance to stay after a purchase has moved with the years.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retention_lib.models.units import DAYS_PER_WEEK, Span

Floats = NDArray[np.float64]


def _nothing() -> Floats:
    return np.zeros(0)


@dataclass(frozen=True, eq=False)
class Clock:
    """A clock seen from its origin; the one of :data:`EVEN` shows the calendar's own weeks.

    ``past`` and ``future`` are the clock's weeks in the last, and in the next, 0, 1, 2, ... days;
    beyond their ends a day is a seventh of a week. ``stays`` is what the chance to stay was
    multiplied by after a purchase 0, 1, 2, ... days ago, at most 1; empty: always 1.
    """

    past: Floats = field(default_factory=_nothing, repr=False)
    future: Floats = field(default_factory=_nothing, repr=False)
    stays: Floats = field(default_factory=_nothing, repr=False)

    def before(self, days: ArrayLike) -> Floats:
        """Return the clock's weeks in the last so many days."""
        return _read(self.past, np.asarray(days, dtype=float))

    def ahead(self, span: Span) -> Floats:
        """Return the clock's weeks in a time ahead, or in several."""
        return _read(self.future, span.in_days)

    def days_ahead(self, weeks: ArrayLike) -> Floats:
        """Return in how many days so many of the clock's weeks will have passed."""
        ahead = np.asarray(weeks, dtype=float)
        if not self.future.size:
            return np.asarray(ahead * DAYS_PER_WEEK)
        beyond = np.maximum(ahead - self.future[-1], 0) * DAYS_PER_WEEK
        return np.asarray(np.interp(ahead, self.future, np.arange(len(self.future))) + beyond)

    def stay(self, silence: ArrayLike) -> Floats:
        """Return what multiplied the chance to stay after a purchase so many of its weeks ago."""
        weeks = np.asarray(silence, dtype=float)
        if not self.stays.size:
            return np.ones_like(weeks)
        # the clock never stands still, so that what it shows names the day
        shown = self.before(np.arange(len(self.stays)))
        return np.asarray(np.interp(weeks, shown, self.stays))

    def around(self, before: int, after: int) -> tuple[Floats, Floats]:
        """What does the clock show on days before and after its origin?

        Returns
        -------
        tuple
            - its weeks since the origin at the end of each day, negative before it
            - what multiplies the chance to stay after a purchase on that day
        """
        shown = np.append(-self.before(np.arange(before, 0, -1)), self.ahead(_days(after)))
        if not self.stays.size:
            return shown, np.ones_like(shown)
        ago = np.clip(np.arange(before, -after - 1, -1), 0, len(self.stays) - 1)
        return shown, self.stays[ago]

    @property
    def stay_now(self) -> float:
        """What multiplies it today, and from today on: a trend is not drawn out."""
        return float(self.stays[0]) if self.stays.size else 1.0


EVEN: Final = Clock()


def _days(last: int) -> Span:
    return Span.days(np.arange(last + 1))


def _read(shown: Floats, days: Floats) -> Floats:
    if not shown.size:
        return np.asarray(days / DAYS_PER_WEEK)
    last = len(shown) - 1
    beyond = np.maximum(days - last, 0) / DAYS_PER_WEEK
    return np.asarray(np.interp(days, np.arange(last + 1), shown) + beyond)
