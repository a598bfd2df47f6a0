"""Shares and ratios with their 95 % intervals, as all sections give them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.results import Interval

_SEED = 20_006


def share(name: str, part: int, whole: int) -> dict[str, Any]:
    """Return a share as ``<name>_rate`` with Wilson's interval as ``<name>_ci95``; null of nobody."""
    rate, ci95 = (part / whole, stats.wilson(part, whole)) if whole else (None, None)
    return {f"{name}_rate": rate, f"{name}_ci95": ci95}


def ratio_interval(
    groups: pd.DataFrame, part: str, whole: str, ratio: float | None
) -> Interval | None:
    """Return the interval of a ratio of sums, by resampling the hash groups; None without a ratio."""
    if ratio is None:
        return None

    def of(row: pd.Series) -> float:
        return float(row[part] / row[whole]) if row[whole] > 0 else float("nan")

    return stats.group_bootstrap(groups[["grp", part, whole]], of, _SEED)


def with_ends(table: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with the ends of its intervals ``ci95`` as columns ``low`` and ``high``."""
    ends = [pair or (None, None) for pair in table["ci95"]]
    columns = pd.DataFrame(ends, table.index, ["low", "high"], dtype=float)
    return table.drop(columns="ci95").join(columns)
