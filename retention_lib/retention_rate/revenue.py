"""Did the money stay? What became of the revenue of the prior window."""

from __future__ import annotations

from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.results import Interval, RevenueFlow
from retention_lib.retention_rate.shares import ratio_interval
from retention_lib.stats.certainty import side_of

_SAME = 1.0  # of the revenue before


def revenue(flow: pd.DataFrame) -> dict[str, Any]:
    """Return what became of the revenue of the prior window; all null if there was none.

    Parameters
    ----------
    flow
        As :func:`retention_lib.summaries.revenue.windows` gives it, per ``grp``.
    """
    groups = flow.assign(
        after=flow["kept"] + flow["expansion"],
        gained=flow["new"] + flow["resurrected"] + flow["expansion"],
        given_up=flow["contraction"] + flow["lost"],
    )
    sums = groups.drop(columns="grp").sum()
    gross = stats.ratio(sums["kept"], sums["before"])
    net = stats.ratio(sums["after"], sums["before"])
    known = gross is not None
    ci95 = ratio_interval(groups, "after", "before", net)
    return {
        "gross_revenue_retention": gross,
        "gross_revenue_ci95": ratio_interval(groups, "kept", "before", gross),
        "net_revenue_retention": net,
        "net_revenue_ci95": ci95,
        "revenue_quick_ratio": stats.ratio(sums["gained"], sums["given_up"]) if known else None,
        "revenue": _flow(sums, ci95) if known else None,
    }


def _flow(sums: pd.Series, net_ci95: Interval | None) -> RevenueFlow:
    money = {name: float(sums[name]) for name in RevenueFlow.model_fields if name in sums.index}
    return RevenueFlow.model_validate(
        money
        | {
            "shares": {name: x / money["before"] for name, x in money.items() if name != "before"},
            "same_customers": side_of(net_ci95, _SAME),
            "change": float(sums["gained"] - sums["given_up"]),
        }
    )


def unassigned(nobody: float, others: float) -> float | None:
    """Return the share of all revenue that belongs to no customer."""
    return stats.ratio(max(nobody, 0), max(nobody, 0) + others)
