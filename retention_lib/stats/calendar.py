"""Rhythm and season: do purchases follow the calendar?"""

from __future__ import annotations

import math
from datetime import date
from typing import NamedTuple

import numpy as np

from retention_lib.stats.arrays import Floats

WEEKS_PER_YEAR = 52
_BLOCK_WEEKS = 4  # neighbouring weeks stay together when weeks are shuffled
_SHUFFLES = 99
_DAYS_PER_YEAR = 365.25
_SAME_SEASON_DAYS = 31


class Phase(NamedTuple):
    """Rayleigh's Z of one period, and the height of its first harmonic over the even flow.

    ``least`` is the lowest height, at the same phase, in any of up to three stretches of whole
    periods: what comes round each time is found in all of them.
    """

    z: float
    swing: float
    least: float


def rayleigh(days: Floats, weights: Floats, counts: Floats, period: float) -> Phase:
    """Return whether events gather at one phase of a period (Rayleigh's test).

    With equal weights Z = n |mean exp(2 pi i t / P)|^2, and by chance p = exp(-Z). Weights undo
    a flow that rises or falls: then Z = |sum|^2 / (sum of squared weights), which chance
    distributes alike.

    Parameters
    ----------
    days, weights, counts
        For each day its number, the weight of its events and how many they are.
    period
        In days.
    """
    held = float(np.sum(counts * weights**2))
    if held <= 0:
        return Phase(0.0, 0.0, 0.0)
    events, turn = counts * weights, np.exp(2j * np.pi * days / period)
    total = np.sum(events * turn)
    swing = 2 * float(abs(total)) / float(np.sum(events))
    heights = [
        2 * np.sum(events[part] * turn[part]) / max(np.sum(events[part]), 1e-12)
        for part in _stretches(days, period)
    ]
    along = np.conj(total) / max(abs(total), 1e-12)
    least = min(float(np.real(height * along)) for height in heights)
    return Phase(float(abs(total)) ** 2 / held, swing, least)


def _stretches(days: Floats, period: float) -> list[np.ndarray]:
    """Return up to three runs of days, each of as many whole periods as the others or one more."""
    number = np.floor((days - days[0]) / period + 1e-9)
    runs = np.array_split(np.unique(number), 3)
    return [np.isin(number, run) for run in runs if len(run)]


def rhythm(counts: Floats, period: float) -> Phase | None:
    """Return the rhythm of daily counts once their slow rise and fall is taken out.

    Every day is weighted by the inverse of the mean flow of the period around it, and only whole
    periods are used: else a shop that grows, or a history of one period and a half, would show a
    rhythm of its own. None with fewer than three whole periods, for which the history has to hold
    four: what happened once must not reach into all of them.

    Parameters
    ----------
    counts
        Events of every day of the history, none left out.
    """
    first, last = math.ceil(period / 2), len(counts) - math.ceil(period / 2)
    periods = math.floor((last - first) / period)
    if periods < 3:
        return None
    whole = periods * period
    days = np.arange(max(first, math.ceil(last - whole)), last)
    flow = _flow(counts, days, period)
    weights = np.divide(1.0, flow, out=np.zeros_like(flow), where=flow > 0)
    return rayleigh(days.astype(float), weights, counts[days], period)


def _flow(counts: Floats, days: np.ndarray, period: float) -> Floats:
    """Return the mean of the counts over the one period around each day."""
    reached = np.concatenate([[0.0], np.cumsum(counts)])
    edges = np.arange(len(reached))
    high = np.interp(days + 0.5 + period / 2, edges, reached)
    low = np.interp(days + 0.5 - period / 2, edges, reached)
    return np.asarray((high - low) / period)


class Season(NamedTuple):
    """How strong a yearly season is, and how strong it would seem by chance.

    ``seasonal`` is the yearly part of the logarithm, one value for each week of the series, by a
    robust fit: weeks unlike all others, as those after an opening, do not bend it.
    """

    strength: float
    chance: float
    seasonal: Floats


def season(weekly: Floats, seed: int, level: float = 0.95) -> Season | None:
    """Return the strength of the yearly season of weekly counts (Hyndman's F_s on STL).

    STL with a season that is the same in every year, on log (1 + count); strength
    max(0, 1 - Var(R) / Var(S + R)). Few years always seem to have a season: on three years of
    mere chance the strength is a third. So it is compared with ``chance``, the 95 % point of the
    strengths of the same weeks, without their trend, shuffled in blocks of four. None under two
    years, or where nothing varies.
    """
    if len(weekly) < 2 * WEEKS_PER_YEAR:
        return None
    logs = np.log1p(weekly)
    detrended = logs - _parts(logs)[0]
    if np.ptp(detrended) < 1e-9:
        return None
    generator = np.random.default_rng(seed)
    shuffled = [_strength(_shuffled(detrended, generator)) for _ in range(_SHUFFLES)]
    chance = float(np.quantile(shuffled, level, method="higher"))
    return Season(_strength(logs), chance, _parts(logs, robust=True)[1])


def _parts(logs: Floats, robust: bool = False) -> tuple[Floats, Floats]:
    """Return trend and season of an STL whose season does not change from year to year."""
    from statsmodels.tsa.seasonal import STL  # half a second of a kernel's start, needed by one

    wide = 10 * len(logs) + 1
    fit = STL(logs, period=WEEKS_PER_YEAR, seasonal=wide, seasonal_deg=0, robust=robust).fit()
    return np.asarray(fit.trend, dtype=float), np.asarray(fit.seasonal, dtype=float)


def _strength(logs: Floats) -> float:
    trend, seasonal = _parts(logs)
    rest = logs - trend - seasonal
    spread = float(np.var(seasonal + rest))
    return max(0.0, 1 - float(np.var(rest)) / spread) if spread > 0 else 0.0


def _shuffled(values: Floats, generator: np.random.Generator) -> Floats:
    blocks = [values[at : at + _BLOCK_WEEKS] for at in range(0, len(values), _BLOCK_WEEKS)]
    return np.concatenate([blocks[at] for at in generator.permutation(len(blocks))])


def in_other_season(earlier: date, later: date) -> bool:
    """Do two days lie more than a month apart in the year?"""
    apart = (later - earlier).days % _DAYS_PER_YEAR
    return min(apart, _DAYS_PER_YEAR - apart) > _SAME_SEASON_DAYS
