"""Runs of days on which less, or more, happens than their neighbours let one expect."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from retention_lib.stats.arrays import Floats, median_known

WEEK = 7
_NEIGHBOURS = 8 * WEEK  # days on either side that say what was to be expected
_FEWEST_NEIGHBOURS = 2 * WEEK
_OPEN = 0.25  # of a mean day: a weekday that sells less is one on which the shop is closed
_NEXT_TO_NOTHING = 0.05
_NORMAL = 0.6745  # median of |z|


class Run(NamedTuple):
    """Days ``start`` to ``end`` (both inside), by their numbers.

    ``expected`` and ``found`` are sums over them, ``evidence`` is how unlikely so few are by
    chance, -ln p; ``open_days`` says of each day whether its weekday is one of sales.
    """

    start: int
    end: int
    expected: float
    found: float
    evidence: float
    open_days: tuple[bool, ...]


def dispersion(counts: Floats) -> float:
    """Return the variance of weekly counts over their mean, at least 1 (Poisson).

    From the differences of neighbouring weeks, by their median: trend, season and single odd
    weeks do not count.
    """
    weeks = _weekly(counts)
    if len(weeks) < 4:
        return 1.0
    roots = 2 * np.sqrt(weeks + 0.375)  # variance 1 if Poisson (Anscombe 1948)
    spread = float(np.median(np.abs(np.diff(roots)))) / _NORMAL
    return max(1.0, spread**2 / 2)


def _weekly(counts: Floats) -> Floats:
    whole = len(counts) // WEEK * WEEK
    return np.asarray(counts[len(counts) - whole :].reshape(-1, WEEK).sum(axis=1))


def by_weekday(counts: Floats, start: int, end: int) -> Floats:
    """Return what days ``start`` to ``end - 1`` would have, by the same weekdays around them.

    The mean of each weekday in the eight weeks before and after, the smaller of both: a shop that
    grows, or ends a season, sells less on one side. NaN where neither side has two weeks.
    """
    days = np.arange(start, end)
    before = _means(counts, max(0, start - _NEIGHBOURS), start, days)
    after = _means(counts, end, min(len(counts), end + _NEIGHBOURS), days)
    sides = [side for side in (before, after) if side is not None]
    if not sides:
        return np.full(len(days), np.nan)
    return np.asarray(min(sides, key=lambda side: float(side.sum())))


def _means(counts: Floats, first: int, last: int, days: np.ndarray) -> Floats | None:
    if last - first < _FEWEST_NEIGHBOURS:
        return None
    weekday = np.arange(first, last) % WEEK
    totals = np.bincount(weekday, counts[first:last], WEEK)
    return np.asarray((totals / np.bincount(weekday, minlength=WEEK))[days % WEEK])


def empty_runs(counts: Floats, least: float, fewest_days: int = 3) -> list[Run]:
    """Return runs of days with next to nothing that chance and the weekdays do not explain.

    Not those at either end, which have neighbours on one side only.

    Parameters
    ----------
    counts
        Events of every day, none left out.
    least
        The evidence that a run must have, -ln p of so few Poisson events, overdispersion taken out.
    fewest_days
        How many days of sales it must hold.
    """
    spread = dispersion(counts)
    runs = (_run(counts, *ends, spread) for ends in _stretches(counts, fewest_days))
    return [run for run in runs if run.evidence >= least and sum(run.open_days) >= fewest_days]


def _stretches(counts: Floats, fewest_days: int) -> list[tuple[int, int]]:
    """Return first and last-plus-one of runs of days with next to nothing."""
    empty = counts <= _NEXT_TO_NOTHING * _usual(counts)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], empty, [False]]).astype(int)))
    ends = edges.reshape(-1, 2)
    long = ends[ends[:, 1] - ends[:, 0] >= fewest_days]
    inside = (long[:, 0] >= _FEWEST_NEIGHBOURS) & (long[:, 1] <= len(counts) - _FEWEST_NEIGHBOURS)
    return [(int(start), int(end)) for start, end in long[inside]]


def _usual(counts: Floats) -> Floats:
    """Return each day's median of the same weekdays of the weeks around it."""
    around = np.full((17, len(counts)), np.nan)
    for row, weeks in enumerate(range(-8, 9)):
        shift = weeks * WEEK
        if abs(shift) < len(counts):
            around[row, max(0, -shift) : len(counts) - max(0, shift)] = counts[
                max(0, shift) : len(counts) + min(0, shift)
            ]
    return median_known(around)


def _run(counts: Floats, start: int, end: int, spread: float) -> Run:
    usual = by_weekday(counts, start, end)
    expected, found = float(usual.sum()), float(counts[start:end].sum())
    mean = min(
        float(counts[max(0, start - _NEIGHBOURS) : start].mean()),
        float(counts[end : end + _NEIGHBOURS].mean()),
    )
    is_open = tuple(bool(day >= _OPEN * mean > 0) for day in usual)
    return Run(start, end - 1, expected, found, too_few(found, expected) / spread, is_open)


def too_few(found: float, expected: float) -> float:
    """Return the evidence, -ln p, that so few Poisson events were no chance (Chernoff's bound)."""
    if not expected > found:
        return 0.0
    return expected - found + (found * math.log(found / expected) if found else 0.0)


def filled(counts: Floats, runs: list[tuple[int, int]]) -> Floats:
    """Return the counts with days ``start`` to ``end`` of each run as they were to be expected."""
    whole = counts.copy()
    for start, end in runs:
        usual = by_weekday(counts, start, end + 1)
        whole[start : end + 1] = np.where(np.isnan(usual), whole[start : end + 1], usual)
    return whole
