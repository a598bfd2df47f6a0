"""Days from which on customers come for the first time, or no longer, or all at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from retention_lib.data_audit.days import FEWEST_DAYS, Daily, Series, broken, mean
from retention_lib.results import Break
from retention_lib.stats import Floats

_SPIKE_DAYS: Final = 3
_SPIKE: Final = 20.0  # times what was to be expected
_SPIKE_SHARE: Final = 0.05  # of all customers until then
_SPIKE_FEWEST: Final = 10
_SILENT: Final = 28  # days without a new customer, at least
_SILENT_SHARE: Final = 0.1  # of the history
_STOPPED: Final = 7.0  # evidence
_PAUSED: Final = 20.0
_BESIDE: Final = 56  # days beside the first and the last ones


def acquisition_stop(first_purchases: pd.DataFrame, first_date: date, as_of: date) -> date | None:
    """Return the first day from which on nobody buys for the first time; None where some do.

    No new customer in the last tenth of the history, 28 days at least, though the rate of the
    quarter before, or of the whole history if that is lower, would have brought some.

    Parameters
    ----------
    first_purchases
        Columns day, new_customers; days without any may be left out.
    """
    daily = Daily(first_purchases, first_date, as_of)
    at = _stop(daily.by_day(first_purchases, "new_customers"))
    return None if at is None else daily.day(at)


def _stop(new: Floats) -> int | None:
    if len(new) < FEWEST_DAYS or not new.any():
        return None
    last = int(np.flatnonzero(new)[-1])
    silent = len(new) - 1 - last
    if silent <= max(_SILENT, _SILENT_SHARE * len(new)):
        return None
    before = new[: last + 1]
    rate = min(float(before.mean()), float(before[-_SILENT:].mean()), float(before[-91:].mean()))
    return last + 1 if rate * silent >= _STOPPED else None


def acquisition(daily: Daily, series: Series) -> Iterator[Break]:
    """Yield where customers stop to come for the first time, or start to after a silence."""
    at = _stop(series.new)
    if at is not None:
        before = mean(series.new[max(0, at - 91) : at])
        yield broken("acquisition_stops", "new_customers", daily.day(at), None, before, 0.0)
    for start, end in _silences(series, len(series.new) if at is None else at):
        sides = mean(series.new[max(0, start - 91) : start]), mean(series.new[end + 1 : end + 92])
        if start <= max(_SILENT, _SILENT_SHARE * len(series.new)):
            first = daily.day(end + 1)
            yield broken("acquisition_starts", "new_customers", first, None, 0.0, sides[1])
        else:
            days = daily.day(start), daily.day(end)
            yield broken("acquisition_stops", "new_customers", *days, sides[0], 0.0)


def _silences(series: Series, until: int) -> Iterator[tuple[int, int]]:
    """Yield stretches in which known customers buy, and nobody for the first time."""
    days = np.flatnonzero(series.new[:until])
    for last, following in pairwise(days):
        start, end = int(last) + 1, int(following) - 1
        length = end - start + 1
        if length <= max(_SILENT, _SILENT_SHARE * len(series.new)):
            continue
        around = series.new[max(0, start - length) : start], series.new[end + 1 :][:length]
        expected = min(mean(side) for side in around) * length
        if expected >= _PAUSED and series.customers[start : end + 1].sum() >= expected:
            yield start, end


def migrations(daily: Daily, new: Floats, customers: Floats) -> Iterator[Break]:
    """Yield days on which a bulk of customers is dated to have bought first."""
    left = new.copy()
    for _ in range(_SPIKE_DAYS):
        at = _steepest(left)
        start, end = _trimmed(left, at, at + _SPIKE_DAYS)
        usual = _usual_new(left, start, end)
        bulk = float(left[start:end].sum())
        excess = bulk - usual
        enough = excess >= max(_SPIKE_FEWEST, _SPIKE_SHARE * left[:end].sum())
        if start < 7 or not enough or bulk < _SPIKE * usual:
            return
        days = daily.day(start), daily.day(end - 1)
        yield broken(
            "migration", "new_customers", *days, usual / (end - start), bulk / (end - start)
        )
        left[start:end] = usual / (end - start)


def _steepest(new: Floats) -> int:
    """Return the day on which most new customers come within three days, against those around."""
    sums = np.convolve(new, np.ones(_SPIKE_DAYS), "valid")
    around = np.convolve(new, np.ones(2 * _BESIDE), "same")[: len(sums)] - sums
    against = sums / (np.maximum(around, 0) * _SPIKE_DAYS / (2 * _BESIDE) + _SPIKE_DAYS)
    against[:7] = 0  # at the beginning everybody is new
    return int(against.argmax())


def _trimmed(new: Floats, start: int, end: int) -> tuple[int, int]:
    """Return the days of a spike that hold it: not those at its ends with a tenth of the highest."""
    high = np.flatnonzero(new[start:end] >= 0.1 * new[start:end].max(initial=0.0))
    return (start + int(high[0]), start + int(high[-1]) + 1) if len(high) else (start, end)


def _usual_new(new: Floats, start: int, end: int) -> float:
    """Return how many new customers so many days have around a spike: the busier side's mean."""
    sides = (new[max(0, start - 56) : start], new[end : end + 56])
    return max(mean(side) for side in sides) * (end - start)


def mid_life(daily: Daily, series: Series) -> Iterator[Break]:
    """Yield the first day, where notebook 02 says that the business was under way by then."""
    if not daily.starts_mid_life:
        return
    cycle = daily.cycle_days or _SILENT
    later = mean(series.new[cycle : 3 * cycle])
    yield broken(
        "mid_life", "new_customers", daily.first_date, None, mean(series.new[:cycle]), later
    )
