"""What the calendar does to purchases: the season, a slow change of pace, and of staying.

On a day d customers buy at exp(s_month(d) + kappa (d - O)) times their rate in an even week of the
origin O, days in years of 365.25; after a purchase on it they stay with exp(-delta y(d)) times
their own chance. Where staying becomes rarer (delta > 0), y is counted from the first day of the
records, where it becomes more frequent from the origin: the factor is at most 1 in either case.

The season has eleven free numbers, contrasts that sum to nothing over the twelve months, and is so
scaled that an even year of 365.25 days, February having 28.25, has the mean 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retention_lib.models.clock import Clock, Floats
from retention_lib.models.units import DAYS_PER_WEEK, DAYS_PER_YEAR

MONTHS: Final = 12
SEASON: Final = MONTHS - 1  # free numbers of it
FORESEEN_DAYS: Final = 40 * 366  # as far ahead as a clock shows the months
_DAYS: Final = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) / DAYS_PER_YEAR


def _contrasts() -> Floats:
    """Return Helmert's contrasts, of length 1 and at right angles: by month and number."""
    place = np.arange(1, MONTHS)
    found = (np.arange(MONTHS)[:, None] < place) - place * (np.arange(MONTHS)[:, None] == place)
    return np.asarray(found / np.sqrt(place * (place + 1)))


CONTRASTS: Final = _contrasts()


def _even() -> Floats:
    return np.zeros(SEASON)


@dataclass(frozen=True, eq=False)
class Effects:
    """The season's free numbers, and the changes a year of the pace (kappa) and of staying (delta)."""

    season: Floats = field(default_factory=_even)
    pace: float = 0.0
    leaving: float = 0.0

    @property
    def logs(self) -> Floats:
        """The logarithms of the months' factors."""
        shape = CONTRASTS @ self.season
        return np.asarray(shape - np.log(_DAYS @ np.exp(shape)))

    @property
    def slopes(self) -> Floats:
        """The derivatives of :attr:`logs` by the free numbers: by month and number."""
        return np.asarray(CONTRASTS - self._shares @ CONTRASTS)

    @property
    def bend(self) -> Floats:
        """The second derivatives of :attr:`logs`, the same of each month."""
        shares = self._shares
        mean = shares @ CONTRASTS
        return np.asarray(np.outer(mean, mean) - (CONTRASTS.T * shares) @ CONTRASTS)

    @property
    def _shares(self) -> Floats:
        return np.asarray(_DAYS * np.exp(self.logs))


@dataclass(frozen=True)
class Calendar:
    """The days that a clock is seen from: up to ``at``, so many ``days`` after the first one."""

    at: date
    days: int

    @cached_property
    def months(self) -> NDArray[np.intp]:
        """The month, 0 to 11, of today, of yesterday, and so on."""
        return self._months(-np.arange(self.days + 1))

    @cached_property
    def years_ago(self) -> Floats:
        """How many years ago today, yesterday and so on are."""
        return np.asarray(np.arange(self.days + 1) / DAYS_PER_YEAR)

    def staying(self, leaving: float) -> Floats:
        """Return y of today, of yesterday and so on, where the chance to stay changes so."""
        return self.years_ago[-1] - self.years_ago if leaving >= 0 else -self.years_ago

    def clock(self, effects: Effects) -> Clock:
        """Return the clock that shows such effects, their trends at rest from today on."""
        logs, leaving = effects.logs, effects.leaving
        past = np.exp(logs[self.months] - effects.pace * self.years_ago)
        future = np.exp(logs[self._months(np.arange(1, FORESEEN_DAYS + 1))])
        stays = np.exp(-leaving * self.staying(leaving)) if leaving else np.zeros(0)
        return Clock(upto(past)[: self.days + 1], upto(future), stays)

    def _months(self, days: NDArray[np.intp]) -> NDArray[np.intp]:
        on = np.datetime64(self.at, "D") + days.astype("timedelta64[D]")
        return np.asarray(on.astype("datetime64[M]").astype(int) % MONTHS)


def upto(daily: Floats) -> Floats:
    """Return the sums over the first 0, 1, 2, ... days, in weeks."""
    total = np.zeros((len(daily) + 1, *daily.shape[1:]))
    np.cumsum(daily, axis=0, out=total[1:])
    return total / DAYS_PER_WEEK
