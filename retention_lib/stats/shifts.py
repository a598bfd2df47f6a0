"""Where a level shifts from one day to the next, and stays: a robust CUSUM on weeks of seven days.

At every day the weeks before it are held against the weeks after it, by the mean of their middle
half. What the slow trend on both sides explains is taken off, and what the same days of other years
do as well. The day itself is then the one that parts the two levels best (the maximum of the
cumulative sum of log likelihood ratios, Page 1954).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from retention_lib.stats.arrays import Floats, mean_known, median_known
from retention_lib.stats.runs import WEEK

_YEAR = 52 * WEEK
_SEARCH = 4 * WEEK  # how far around the clearest day the exact one is looked for
_LASTS = 0.5  # of the shift must be there between near and far weeks
_AT_ONCE = 0.4  # of it must be there within a month, or more where no other year tells a season
_AT_ONCE_UNKNOWN = 0.6
_CLEAR_ELSEWHERE = 2.0
_UNKNOWN_SEASON = 1.7  # times the size, where no other year tells a season
_NORMAL = 0.6745  # median of |z|
_QUIET, _NORMAL_QUIET = 0.35, 0.4538  # a quantile of |z| that a break itself does not reach
_ALLOWED = 1.4  # times as much as by chance do levels of shops without breaks move


class Shift(NamedTuple):
    """The first day of a new level, the levels before and after it, and their log ratio.

    ``size`` is that ratio without trend and season, ``z`` how clear it is (standard errors).
    """

    at: int
    before: float
    after: float
    size: float
    z: float


@dataclass(frozen=True)
class Levels:
    """A series by day as sums and weights: the level of some days is a function of their sums.

    ``sums`` over ``weights`` is a mean (of logs, or a share); weights of 1 make it a count, whose
    level is the sum of a week. ``is_count``: Poisson-like, on the scale of 2√(n + ⅜).
    """

    sums: Floats
    weights: Floats
    is_count: bool

    def blocks(self, weeks: int) -> tuple[Floats, Floats]:
        """Return, of each day, the values of the weeks from it on, and the weights they have.

        Both have a row a day and a column a week; NaN beyond the end.
        """
        totals = [_running(series) for series in (self.sums, self.weights)]
        days = np.arange(len(self.sums))
        starts = days[:, None] + WEEK * np.arange(weeks)
        held = starts + WEEK <= len(days)
        low, high = np.minimum(starts, len(days)), np.minimum(starts + WEEK, len(days))
        sums, weights = (total[high] - total[low] for total in totals)
        values = (
            sums
            if self.is_count
            else np.divide(sums, weights, where=weights > 0, out=np.full(sums.shape, np.nan))
        )
        return np.where(held, values, np.nan), np.where(held, weights, np.nan)

    def scaled(self, values: Floats) -> Floats:
        """Return values on the scale on which their spread is even."""
        return np.asarray(2 * np.sqrt(values + 0.375) if self.is_count else values)

    def log_ratio(self, before: Floats, after: Floats) -> Floats:
        """Return ln(after / before) of two scaled levels."""
        if not self.is_count:
            return np.asarray(after - before)
        counts = [np.maximum((side / 2) ** 2 - 0.375, 0.25) for side in (before, after)]
        return np.asarray(np.log(counts[1] / counts[0]))


def _running(series: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(series)])


def _middle(values: Floats) -> Floats:
    """Return the mean of the middle half of each row; NaN where less than three quarters are there."""
    columns = values.shape[1]
    ordered = np.sort(values, axis=1)  # NaN last
    held = np.sum(~np.isnan(values), axis=1)
    low, high = held // 4, held - held // 4
    total = np.concatenate([np.zeros((len(values), 1)), np.nancumsum(ordered, axis=1)], axis=1)
    rows = np.arange(len(values))
    mean = (total[rows, high] - total[rows, low]) / np.maximum(high - low, 1)
    return np.where(held >= 0.75 * columns, mean, np.nan)


def _smaller(a: Floats, b: Floats) -> Floats:
    """Return the smaller of two slopes where both have one sign, else 0 (the minmod limiter)."""
    both = np.sign(a) == np.sign(b)
    return np.where(both, np.sign(a) * np.minimum(np.abs(a), np.abs(b)), 0.0)


class _Sides(NamedTuple):
    """Levels of the weeks near a day and beyond these, before and after it."""

    far_before: Floats
    before: Floats
    after: Floats
    far_after: Floats

    @property
    def trend(self) -> Floats:
        """What a slow trend that both sides show changes from the near weeks before to after."""
        return np.nan_to_num(_smaller(self.before - self.far_before, self.far_after - self.after))

    @property
    def drift(self) -> Floats:
        """The trend; where only one side tells it, as much of that as explains the change."""
        step = self.after - self.before
        one = np.where(
            np.isnan(self.far_before), self.far_after - self.after, self.before - self.far_before
        )
        told = np.isnan(self.far_before) ^ np.isnan(self.far_after)
        return np.where(told, np.nan_to_num(_smaller(one, step)), self.trend)

    @property
    def jump(self) -> Floats:
        """How far the level is from where the drift would have taken it."""
        return self.after - self.before - self.drift


def _sides(scaled: Floats, near: int) -> _Sides:
    """Return the levels around each day, from blocks of the weeks that begin on each day."""

    def level(first: int, weeks: int) -> Floats:
        moved = np.full((len(scaled), weeks), np.nan)
        for column in range(weeks):
            shift = (first + column) * WEEK
            low, high = max(0, -shift), len(scaled) - max(0, shift)
            if low < high:
                moved[low:high, column] = scaled[low + shift : high + shift]
        return _middle(moved)

    return _Sides(level(-2 * near, near), level(-near, near), level(0, near), level(near, near))


def level_shifts(
    levels: Levels,
    least_z: float,
    least_size: float,
    near: int = 8,
    most: int = 5,
    judged: np.ndarray | None = None,
    calm: Levels | None = None,
) -> list[Shift]:
    """Return the days on which a level shifts at once and stays, the clearest first.

    Parameters
    ----------
    least_z, least_size
        How many standard errors, and how large (of the log), a shift must be.
    near
        Weeks on either side that make a level; as many beyond them tell the trend.
    judged
        Days on which a shift is no season, where no other year tells that.
    calm
        The series without its season, which tells how much levels move anyway.
    """
    judged = np.full(len(levels.sums), True) if judged is None else judged
    values, weights = levels.blocks(1)
    scaled = levels.scaled(values[:, 0])
    wide, narrow = _sides(scaled, near), _sides(scaled, max(4, near // 2))
    error = _error(scaled, weights[:, 0], levels.is_count, near)
    size = levels.log_ratio(wide.before + wide.drift, wide.after)
    error = error * _unrest(wide.jump / error if calm is None else _jumps(calm, near))
    z = wide.jump / error
    both = ~np.isnan(wide.far_before) & ~np.isnan(wide.far_after)
    others = _other_years(size, np.where(both, z, np.nan))
    alike = np.nan_to_num(others)
    least = np.where(np.isnan(others), least_size * _UNKNOWN_SEASON, least_size)
    z = np.where(np.abs(size) > 1e-12, z * (size - alike) / np.where(size == 0, 1, size), 0)
    size = size - alike
    clear = (np.abs(z) >= least_z) & (np.abs(size) >= least) & (np.sign(size) == np.sign(z))
    clear &= ~np.isnan(wide.far_before)  # the first months of a shop are all growth
    clear &= _lasts(wide, narrow, error, np.where(np.isnan(others), _AT_ONCE_UNKNOWN, _AT_ONCE))
    clear &= ~np.isnan(others) | judged
    return _picked(levels, wide, size, np.where(clear, z, 0.0), near, most)


def _error(scaled: Floats, weights: Floats, is_count: bool, near: int) -> Floats:
    """Return the standard error of a jump, from the differences of neighbouring weeks."""
    weeks = np.sqrt(np.maximum(weights, 1e-9)) if not is_count else np.ones(len(scaled))
    two = np.sqrt(1 / weeks[WEEK:] ** 2 + 1 / weeks[:-WEEK] ** 2)
    apart = np.abs(scaled[WEEK:] - scaled[:-WEEK]) / two
    spread = float(np.nanmedian(apart)) / _NORMAL if np.isfinite(apart).any() else np.nan
    spread = max(spread, 1.0) if is_count else max(spread, 1e-3)
    around = _sides(1 / weeks**2, near)
    mean = mean_known(np.stack([around.before, around.after])) if not is_count else 1.0
    # of the middle halves of two times so many weeks, and of the trend's
    return np.asarray(spread * np.sqrt(mean) * 0.8 * np.sqrt(8 / near) * np.ones(len(scaled)))


def _jumps(levels: Levels, near: int) -> Floats:
    """Return the jump at each day, in standard errors."""
    values, weights = levels.blocks(1)
    scaled = levels.scaled(values[:, 0])
    return np.asarray(
        _sides(scaled, near).jump / _error(scaled, weights[:, 0], levels.is_count, near)
    )


def _unrest(z: Floats) -> float:
    """Return how much the levels of this series move anyway, against mere chance; at least 1.

    Promotions, weather and seasons that come and go are no breaks, however clear each is.
    """
    known = np.abs(z[~np.isnan(z)])
    quiet = float(np.quantile(known, _QUIET)) / _NORMAL_QUIET if len(known) else 1.0
    return max(1.0, quiet / _ALLOWED)


def _other_years(size: Floats, z: Floats) -> Floats:
    """Return what of a shift the same days of other years show too: 0 where they do not.

    NaN where no other year has these days.
    """
    found = []
    for years in range(-12, 13):
        shift = years * _YEAR
        if not years or abs(shift) >= len(size):
            continue
        moved = np.full(len(size), np.nan)
        for nearby in (-14, -7, 0, 7, 14):
            at = np.arange(len(size)) + shift + nearby
            inside = (at >= 0) & (at < len(size))
            own = np.where(np.abs(z[at[inside]]) >= _CLEAR_ELSEWHERE, size[at[inside]], 0.0)
            same = np.sign(own) == np.sign(size[inside])
            held = np.where(np.isnan(z[at[inside]]), np.nan, np.where(same, own, 0.0))
            known = moved[inside]
            moved[inside] = np.where(np.isnan(known) | (np.abs(held) > np.abs(known)), held, known)
        found.append(moved)
    if not found:
        return np.full(len(size), np.nan)
    middle = median_known(np.stack(found))
    return np.asarray(np.sign(size) * np.minimum(np.abs(middle), np.abs(size)))


def _lasts(wide: _Sides, narrow: _Sides, error: Floats, at_once: Floats) -> np.ndarray:
    """Say of each day whether its jump is there at once, and from far weeks to far weeks."""
    sign, jump = np.sign(wide.jump), np.abs(wide.jump)
    drift = wide.trend
    steps = [
        wide.after - wide.far_before - 2 * drift,
        wide.far_after - wide.before - 2 * drift,
        wide.far_after - wide.far_before - 3 * drift,
    ]
    held = [np.isnan(step) | (sign * step >= _LASTS * jump) for step in steps]
    soon = sign * narrow.jump >= np.maximum(at_once * jump, error)
    return np.asarray(np.logical_and.reduce([*held, soon]))


def _picked(
    levels: Levels, wide: _Sides, size: Floats, z: Floats, near: int, most: int
) -> list[Shift]:
    found: list[Shift] = []
    left = np.abs(np.nan_to_num(z))
    while left.max(initial=0.0) > 0 and len(found) < most:
        clearest = int(left.argmax())
        sides = float(wide.before[clearest]), float(wide.after[clearest])
        at = _located(levels, clearest, *sides)
        if levels.is_count:
            sides = tuple(max((side / 2) ** 2 - 0.375, 0.0) / WEEK for side in sides)  # type: ignore[assignment]
        found.append(Shift(at, *sides, float(size[clearest]), float(z[clearest])))
        left[max(0, clearest - 2 * near * WEEK) : clearest + 2 * near * WEEK] = 0
    return found


def relocated(levels: Levels, shift: Shift, near: int = 8) -> Shift:
    """Return a shift of counts on the day that parts the levels of another series best.

    Parameters
    ----------
    levels
        The same counts without what hides the day, such as their season.
    near
        Weeks on either side that make a level.
    """
    scaled = levels.scaled(levels.blocks(1)[0][:, 0])
    sides, at = _sides(scaled, near), shift.at
    for _ in range(2):  # the levels are those beside the day once it is known
        before, after = float(sides.before[at]), float(sides.after[at])
        if np.isnan(before) or np.isnan(after) or (after - before) * shift.size <= 0:
            return shift
        at = _located(levels, at, before, after)
    return shift._replace(at=at)


def _located(levels: Levels, near: int, before: float, after: float) -> int:
    """Return the day that parts two levels best, around a day."""
    first, last = max(0, near - _SEARCH), min(len(levels.sums), near + _SEARCH)
    days = np.arange(first, last)
    sums, weights = levels.sums[days], levels.weights[days]
    if levels.is_count:
        rates = [max((side / 2) ** 2 - 0.375, 0.25) / WEEK for side in (before, after)]
        share = _weekday_shares(levels.sums)[days % WEEK]
        gain = sums * np.log(rates[1] / rates[0]) - (rates[1] - rates[0]) * share
    else:
        gain = (after - before) * (sums - weights * (after + before) / 2)
    # the likelihood of a change on day d: what the days from d on gain by the new level
    # of several days alike the last: the first on which something is sold by the new level
    return int(days[len(days) - 1 - np.cumsum(gain[::-1]).argmax()])


def _weekday_shares(counts: Floats) -> Floats:
    totals = np.bincount(np.arange(len(counts)) % WEEK, counts, WEEK)
    return np.asarray(totals / max(totals.mean(), 1e-9))


def seasonal(counts: Floats) -> Floats:
    """Return by how much each day sells more, or less, than the year around it, in every year.

    1 throughout under two years. Weeks against the mean of the 52 around them, by logs; of two
    years the smaller deviation where both have one sign, of more the median, so that what happens
    in one year is no season; less one standard error.
    """
    days = len(counts)
    if days < 2 * _YEAR:
        return np.ones(days)
    weeks = np.convolve(counts, np.ones(WEEK), "same")
    logs = np.log(weeks + 0.5)
    padded = np.pad(logs, _YEAR // 2, mode="edge")
    reached = _running(padded)
    trend = (reached[_YEAR:] - reached[:-_YEAR])[:days] / _YEAR
    inside = np.clip(np.arange(days), _YEAR // 2, days - 1 - _YEAR // 2)
    apart = logs - trend[inside]
    years = -(-days // _YEAR)
    table = _by_year(apart, years)
    held = np.sum(~np.isnan(table), axis=0)
    pair = np.sort(table, axis=0)[:2]
    season = np.where(held > 2, median_known(table), _smaller(pair[0], pair[1]))
    noise = 1 / np.sqrt(np.maximum(mean_known(_by_year(weeks, years)), 1))
    season = np.sign(season) * np.maximum(np.abs(season) - noise, 0)
    return np.asarray(np.exp(np.resize(season, days)))


def _by_year(values: Floats, years: int) -> Floats:
    table = np.full((years, _YEAR), np.nan)
    table.flat[: len(values)] = values
    return table
