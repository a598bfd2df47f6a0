"""Growth accounting: period by period, who came, who came back, who was lost."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.results import ChartPeriod, Growth, GrowthPeriod


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
        for row, earlier in zip(activity.to_dict("records"), before, strict=True)
    ]
    return Growth(unit=unit, periods=periods, outpaced_since=outpaced_since(periods))


def _period(row: Mapping[Hashable, Any], before: int | None) -> GrowthPeriod:
    count = {name: int(row[name]) for name in ("active", "new", "retained", "resurrected")}
    lost = None if before is None else before - count["retained"]
    arrived = count["new"] + count["resurrected"]
    return GrowthPeriod.model_validate(
        count
        | {
            "start": row["start"],
            "end": row["end"],
            "lost": lost,
            "quick_ratio": None if lost is None else stats.ratio(arrived, lost),
        }
    )


def outpaced_since(periods: list[GrowthPeriod]) -> date | None:
    """Return since when more customers have been lost than came or came back.

    The first day of the unbroken run of such periods that reaches to the last one; None if the
    last one is none of them.
    """
    since = None
    for period in reversed(periods):
        if period.lost is None or period.lost <= period.new + period.resurrected:
            break
        since = period.start
    return since
