"""Time ahead and rates of interest, each carrying its unit, so that none is taken for another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

DAYS_PER_WEEK = 7
DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12


@dataclass(frozen=True, eq=False)
class Span:
    """A length of time ahead, or several; made of days, weeks or months, and read as any."""

    _days: NDArray[np.float64]

    @classmethod
    def days(cls, number: ArrayLike) -> Self:
        """Return a span of so many days."""
        return cls(np.asarray(number, dtype=float))

    @classmethod
    def weeks(cls, number: ArrayLike) -> Self:
        """Return a span of so many weeks of seven days."""
        return cls.days(np.asarray(number, dtype=float) * DAYS_PER_WEEK)

    @classmethod
    def months(cls, number: ArrayLike) -> Self:
        """Return a span of so many months of 365.25 / 12 days."""
        return cls.days(np.asarray(number, dtype=float) * DAYS_PER_MONTH)

    @property
    def in_days(self) -> NDArray[np.float64]:
        """The number of days, of each."""
        return self._days

    @property
    def in_weeks(self) -> NDArray[np.float64]:
        """The number of weeks, of each."""
        return self._days / DAYS_PER_WEEK

    @property
    def in_years(self) -> NDArray[np.float64]:
        """The number of years of 365.25 days, of each."""
        return self._days / DAYS_PER_YEAR

    @property
    def last(self) -> Self:
        """The last of several."""
        return type(self)(np.asarray(self._days.reshape(-1)[-1]))


@dataclass(frozen=True)
class AnnualRate:
    """A rate of discount for a whole year: .10 makes 1.10 in a year worth 1 today."""

    rate: float

    def worth(self, ahead: Span) -> NDArray[np.float64]:
        """Return today's worth of one unit of money a time ahead."""
        return np.asarray((1 + self.rate) ** -ahead.in_years)
