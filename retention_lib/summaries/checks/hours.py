"""Times of the day: those that are none, and those of another time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _

from retention_lib.summaries.checks.records import Records
from retention_lib.summaries.counts import frame

EUROPE: Final = "Europe/Berlin"  # whose clocks change on the same days as all of the Union's
_DAY = 1440  # minutes
_NEAR = 30  # minutes on both sides of midnight
_PILE, _TIMES = 0.01, 10.0  # of all times, and how many times as many as beside it
_WEEKS = timedelta(days=28)  # on both sides of a change of clocks
_LEAST = 1000  # times on each of them
_BETTER, _BY = 0.6, 0.05  # how much nearer the hours lie once moved: in part, and in all
_NIGHT: Final = (23.0, 4.5)  # a shop's busiest hours do not lie between them
_GATHERED = 0.4  # how far all times lie together, from 0 (even) to 1 (all at once)


def _minutes(records: Records) -> pd.Series:
    """Return how many rows each minute of the day has; none where there are no times."""
    if not records.has("minute"):
        return pd.Series(dtype=int)
    times = records.used.filter(_.minute.notnull()).group_by("minute").agg(rows=_.count())
    table = frame(times, by=["minute"])
    found: pd.Series = table.set_index("minute")["rows"].astype(int)
    # a column of days that is typed as times has midnight alone
    return found if set(found.index) - {0} else found.iloc[:0]


def midnight(records: Records) -> ir.BooleanValue | None:
    """Say of each row whether its time is a midnight that stands for no time.

    At least 1 % of all times are midnight sharp, ten times as many as the minutes, or the full
    hours, beside it.
    """
    times = records.known(_minutes)
    if times.empty:
        return None
    sharp = int(times.get(0, 0))
    beside = times[(times.index != 0) & ((times.index < _NEAR) | (times.index > _DAY - _NEAR))]
    hours = times[times.index.isin([60, _DAY - 60])]
    usual = max(beside.sum() / (2 * _NEAR), hours.sum() / 2)
    if sharp < max(_PILE * times.sum(), _TIMES * (usual + 1)):
        return None
    return (records.rows.minute == 0).fill_null(False)


def in_utc(records: Records) -> ir.BooleanValue | None:
    """Say of each row whether its day is another one by the clocks of the place.

    Where times are written in UTC, all hours of a shop are one earlier from the day on which its
    clocks go forward. The clocks are those of the client's zone, of most of Europe without one.
    """
    zone = ZoneInfo(records.zone or EUROPE)
    if records.known(_minutes).empty or not _moves_with_clocks(records, zone):
        return None
    rows = records.rows
    first, last = records.by_day["day"].min(), records.by_day["day"].max()
    ahead = _offset(rows.day, zone, pd.Timestamp(first).date(), pd.Timestamp(last).date())
    other = ~(rows.minute + ahead).between(0, _DAY - 1)
    return other.fill_null(False)


def _moves_with_clocks(records: Records, zone: ZoneInfo) -> bool:
    known = records.used.filter(_.minute.notnull())
    hours = known.group_by("day", hour=(_.minute // 60).cast("int64")).agg(rows=_.count())
    table = frame(hours, by=["day", "hour"])
    day = pd.to_datetime(table["day"]).dt.date
    summer, winter = np.zeros(24), np.zeros(24)
    for at, forward in _changes(zone, day.min(), day.max()):
        before = table[(day >= at - _WEEKS) & (day < at)]
        after = table[(day > at) & (day <= at + _WEEKS)]
        sides = (before, after) if forward else (after, before)
        for total, side in zip((winter, summer), sides, strict=True):
            total += side.groupby("hour")["rows"].sum().reindex(range(24), fill_value=0).to_numpy()
    if min(winter.sum(), summer.sum()) < _LEAST:
        return False
    as_written = _apart(winter, summer)
    moved = _apart(winter, np.roll(summer, 1))
    return moved < _BETTER * as_written and as_written - moved > _BY


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    """Return the part of the times that would have to move to make two days alike."""
    return float(np.abs(one / one.sum() - other / other.sum()).sum() / 2)


def _changes(zone: ZoneInfo, first: date, last: date) -> list[tuple[date, bool]]:
    """Return the days on which clocks change, and whether they go forward."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    offsets = [_minutes_ahead(zone, day) for day in days]
    pairs = zip(days[1:], offsets, offsets[1:], strict=False)
    return [(day, after > before) for day, before, after in pairs if after != before]


def _minutes_ahead(zone: ZoneInfo, day: date) -> int:
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    ahead = moment.astimezone(zone).utcoffset()
    assert ahead is not None  # of a moment with a zone
    return int(ahead / timedelta(minutes=1))


def _offset(day: ir.DateValue, zone: ZoneInfo, first: date, last: date) -> ir.IntegerValue:
    """Return how many minutes the clocks of a zone are ahead of UTC on each day."""
    starts = [first, *(at for at, _forward in _changes(zone, first, last))]
    cases = ((day >= at, _minutes_ahead(zone, at)) for at in reversed(starts))
    found: ir.IntegerValue = ibis.cases(*cases, else_=_minutes_ahead(zone, first))
    return found


def at_night(records: Records) -> ir.BooleanValue | None:
    """Say of each row whether it has a time, where the busiest hours lie in the dead of night.

    Such times are likely those of another continent.
    """
    times = records.known(_minutes)
    if times.sum() < _LEAST:
        return None
    turns = np.exp(2j * np.pi * times.index.to_numpy() / _DAY)
    centre = complex((turns * times.to_numpy()).sum() / times.sum())
    hour = np.angle(centre) / (2 * np.pi) * 24 % 24
    if abs(centre) < _GATHERED or _NIGHT[1] < hour < _NIGHT[0]:
        return None
    return records.rows.minute.notnull()
