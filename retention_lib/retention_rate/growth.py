"""Growth accounting: period by period, who came, who came back, who was lost."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import takewhile
from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.results import ChartPeriod, Growth, GrowthPeriod, GrowthState

_COUNTED = ["start", "end", "active", "new", "retained", "resurrected"]


def growth(unit: ChartPeriod, activity: pd.DataFrame) -> Growth:
    """Return who was active, came and left in each full period of a chart.

    Parameters
    ----------
    activity
        One row for each full period, one after the other: start, end, active, new, retained,
        resurrected.
    """
    before = activity["active"].shift()
    periods = [
        _period(row, None if pd.isna(earlier) else int(earlier))
        for row, earlier in zip(activity[_COUNTED].to_dict("records"), before, strict=True)
    ]
    return accounted(unit, periods)


def accounted(unit: ChartPeriod, periods: list[GrowthPeriod]) -> Growth:
    """Return what periods one after the other tell: the last one's state, and since when it holds."""
    run = list(takewhile(_is_outpaced, reversed(periods)))
    return Growth(
        unit=unit,
        periods=periods,
        state=_state(periods),
        outpaced_since=run[-1].start if run else None,
        outpaced_periods=len(run),
        outpaced_gained=sum(period.gained for period in run),
        outpaced_lost=sum(period.lost or 0 for period in run),
    )


def _is_outpaced(period: GrowthPeriod) -> bool:
    return period.lost is not None and period.lost > period.gained


def _state(periods: list[GrowthPeriod]) -> GrowthState:
    if not periods or periods[-1].lost is None:
        return "unknown"
    lost, gained = periods[-1].lost, periods[-1].gained
    return "more lost" if lost > gained else "as many" if lost == gained else "more gained"


def _period(row: Mapping[Hashable, Any], before: int | None) -> GrowthPeriod:
    lost = None if before is None else before - row["retained"]
    gained = row["new"] + row["resurrected"]
    ratio = None if lost is None else stats.ratio(gained, lost)
    return GrowthPeriod.model_validate({**row, "lost": lost, "quick_ratio": ratio})


def frame(result: Growth | None) -> pd.DataFrame:
    """Return the periods of which it is known who was lost, as the figure draws them.

    Returns
    -------
    pandas.DataFrame
        - unit; start, end: days of the period
        - active, new, retained, resurrected, lost: customers
        - outpaced: whether it belongs to the run up to the last in which more were lost than gained
    """
    periods = [] if result is None else [one for one in result.periods if one.lost is not None]
    table = pd.DataFrame([one.model_dump() for one in periods], columns=[*_COUNTED, "lost"])
    first = len(table) - (result.outpaced_periods if result else 0)
    return table.assign(unit=result.unit if result else None, outpaced=table.index >= first)
