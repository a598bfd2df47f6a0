"""The sales of each day, in which breaks of the records are found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from retention_lib.results import Break, BreakKind
from retention_lib.stats import Floats

FEWEST_DAYS: Final = 90  # of history; what is shorter has no pattern yet
Days = tuple[date, date]  # first and last


@dataclass(frozen=True)
class Daily:
    """What breaks are found in.

    Attributes
    ----------
    days
        As :func:`retention_lib.summaries.daily.daily` gives it: only days with rows.
    first_date, as_of
        First and last day of the history.
    has_amounts
        Whether orders have a value.
    prices
        As :func:`retention_lib.summaries.daily.prices` gives it; empty without prices.
    value_change, price_change
        What customers' order values, and products' prices, did across a day:
        :func:`retention_lib.summaries.daily.value_change` and ``price_change``.
    cycle_days
        The purchase cycle, if there is one.
    starts_mid_life
        Whether the business was under way already (notebook 02 says so).
    windows
        First and last day of the prior window and of the window; none without a rate.
    """

    days: pd.DataFrame
    first_date: date
    as_of: date
    has_amounts: bool = True
    prices: pd.DataFrame | None = None
    value_change: Callable[[date], dict[str, Any]] | None = None
    price_change: Callable[[date], dict[str, Any]] | None = None
    cycle_days: int | None = None
    starts_mid_life: bool = False
    windows: Sequence[Days] = ()

    def by_day(self, table: pd.DataFrame, column: str) -> Floats:
        """Return a column of every day of the history, 0 where there is none."""
        days = pd.date_range(self.first_date, self.as_of, freq="D")
        own = pd.Series(table[column].to_numpy(dtype=float), pd.DatetimeIndex(table["day"]))
        return np.asarray(own.reindex(days, fill_value=0.0), dtype=float)

    def day(self, number: int) -> date:
        """Return the day of a number."""
        return self.first_date + timedelta(days=int(number))

    def number(self, day: date) -> int:
        """Return the number of a day."""
        return (day - self.first_date).days


@dataclass(frozen=True)
class Series:
    """The series of every day, as far as found breaks leave them to be looked at."""

    customers: Floats
    new: Floats
    rows: Floats
    money: Floats
    log_value: Floats
    valued: Floats


def broken(
    kind: BreakKind, series: Any, start: date, end: date | None, before: float, after: float
) -> Break:
    """Return a break that is not yet known to move any figure."""
    return Break(
        kind=kind, series=series, start=start, end=end, before=before, after=after, touches=[]
    )


def mean(values: Floats) -> float:
    """Return the mean of a day, 0 of none."""
    return float(values.mean()) if len(values) else 0.0
