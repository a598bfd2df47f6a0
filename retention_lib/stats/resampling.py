"""Intervals by resampling the hash groups that every summary carries.

The customers fall into a hundred groups by a hash of their id. Drawing a hundred groups with
replacement and adding up their summaries costs the same for a thousand customers or forty
million, and covers as often as drawing customers does.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from retention_lib.stats.arrays import Floats

DRAWS = 200
GROUPS = 100


def group_draws(seed: int, draws: int = DRAWS) -> Floats:
    """Return how often each hash group is drawn: one row per draw, one column per group."""
    picks = np.random.default_rng(seed).integers(GROUPS, size=(draws, GROUPS))
    rows = np.arange(draws)[:, None] * GROUPS
    drawn = np.bincount((picks + rows).ravel(), minlength=draws * GROUPS)
    return drawn.reshape(draws, GROUPS).astype(float)


def by_group(grp: pd.Series, columns: Floats) -> Floats:
    """Return the sums of columns by hash group: one row for each of the hundred."""
    sums = np.zeros((GROUPS, *np.shape(columns)[1:]))
    np.add.at(sums, grp.to_numpy(dtype=np.int64), columns)
    return sums


def percentiles(draws: Floats, level: float = 0.95) -> tuple[float, float] | None:
    """Return the percentile interval of drawn figures; None where none of them is a number.

    Draws that are not a number are left out; infinity counts as larger than all others. The
    ends are drawn values, never between two of them, so that days stay whole.
    """
    known = np.sort(draws[~np.isnan(draws)])
    if not len(known):
        return None
    low = np.quantile(known, (1 - level) / 2, method="lower")
    high = np.quantile(known, (1 + level) / 2, method="higher")
    return float(low), float(high)


def group_bootstrap(
    groups: pd.DataFrame, figure: Callable[[pd.Series], float], seed: int, level: float = 0.95
) -> tuple[float, float] | None:
    """Return the percentile interval of a figure of summed columns, resampling hash groups.

    Parameters
    ----------
    groups
        One row per hash group (column ``grp``), columns that add up over groups.
    figure
        The figure of one row of column sums; draws on which it is not finite are left out.

    Returns
    -------
    tuple or None
        None with fewer than two groups, or where no draw gives a finite figure.
    """
    columns = groups.drop(columns="grp")
    if len(columns) < 2:
        return None
    sums = group_draws(seed) @ by_group(groups["grp"], columns.to_numpy(dtype=float))
    rows = pd.DataFrame(sums, columns=columns.columns)
    drawn = np.array([figure(row) for _, row in rows.iterrows()], dtype=float)
    return percentiles(np.where(np.isfinite(drawn), drawn, np.nan), level)
