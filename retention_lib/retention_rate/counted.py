"""What two windows hold: counts, rates, second purchases, and what became of the revenue."""

from __future__ import annotations

from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.results import RevenueFlow

SEED = 20_006


def rates(counts: pd.DataFrame) -> dict[str, Any]:
    """Return counts and rates of two windows; the identity of the counts must hold.

    Parameters
    ----------
    counts
        As :func:`retention_lib.summaries.counts.window_counts` gives them, per ``grp``.
    """
    total = counts.sum()
    count = {str(name): int(total[name]) for name in total.index if name != "grp"}
    start, end, new, kept = count["start"], count["end"], count["new"], count["retained"]
    first, first_kept = count["first_time"], count["first_time_retained"]
    resurrected, lost = end - new - kept, start - kept
    if min(resurrected, lost) < 0 or end - start != new + resurrected - lost:
        raise AssertionError("the counts of the two windows contradict each other")
    return {
        "start_customers": start,
        "new_customers": new,
        "end_customers": end,
        "retained_customers": kept,
        "resurrected_customers": resurrected,
        "lost_customers": lost,
        "returning_customers": start - first,
        "first_time_customers": first,
        "formula_rate": (end - new) / start if start else None,
        **_quick_ratio(counts),
        **_rate("retained", kept, start),
        **_rate("returning", kept - first_kept, start - first),
        **_rate("first_time", first_kept, first),
    }


def _quick_ratio(counts: pd.DataFrame) -> dict[str, Any]:
    """Return how many came or came back for each customer lost, with its interval."""
    arrived = counts["end"] - counts["retained"]
    groups = pd.DataFrame(
        {"grp": counts["grp"], "arrived": arrived, "lost": counts["start"] - counts["retained"]}
    )
    ratio = stats.ratio(arrived.sum(), groups["lost"].sum())
    # every draw from groups where nobody came has nobody: that would look like certainty
    ci95 = _interval(groups, "arrived", "lost", ratio) if ratio else None
    return {"quick_ratio": ratio, "quick_ratio_ci95": ci95}


def second_purchase(second: pd.DataFrame) -> dict[str, Any]:
    """Return how many bought a second time within a window of their first purchase.

    Parameters
    ----------
    second
        As :func:`retention_lib.summaries.counts.second_purchases` gives it, per ``grp``.
    """
    customers, again = int(second["customers"].sum()), int(second["again"].sum())
    return _rate("second_purchase", again, customers) | {"second_purchase_customers": customers}


def _rate(name: str, part: int, whole: int) -> dict[str, Any]:
    if not whole:
        return {f"{name}_rate": None, f"{name}_ci95": None}
    return {f"{name}_rate": part / whole, f"{name}_ci95": stats.wilson(part, whole)}


def revenue(flow: pd.DataFrame) -> dict[str, Any]:
    """Return what became of the revenue of the prior window; all null if there was none.

    Parameters
    ----------
    flow
        As :func:`retention_lib.summaries.revenue.windows` gives it, per ``grp``.
    """
    total = flow.drop(columns="grp").sum()
    groups = flow.assign(
        after=flow["kept"] + flow["expansion"],
        gained=flow["new"] + flow["resurrected"] + flow["expansion"],
        given_up=flow["contraction"] + flow["lost"],
    )
    sums = groups.sum()
    gross = stats.ratio(sums["kept"], sums["before"])
    net = stats.ratio(sums["after"], sums["before"])
    known = gross is not None
    return {
        "gross_revenue_retention": gross,
        "gross_revenue_ci95": _interval(groups, "kept", "before", gross),
        "net_revenue_retention": net,
        "net_revenue_ci95": _interval(groups, "after", "before", net),
        "revenue_quick_ratio": stats.ratio(sums["gained"], sums["given_up"]) if known else None,
        "revenue": RevenueFlow(**{str(k): float(v) for k, v in total.items()}) if known else None,
    }


def _interval(
    groups: pd.DataFrame, part: str, whole: str, ratio: float | None
) -> tuple[float, float] | None:
    """Return the 95 % interval of a ratio of sums, by resampling the hash groups."""
    if ratio is None:
        return None

    def of(row: pd.Series) -> float:
        return float(row[part] / row[whole]) if row[whole] > 0 else float("nan")

    return stats.group_bootstrap(groups[["grp", part, whole]], of, SEED)
