"""Do the folk claims hold here? Each is one entry, tested or said what a test needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from retention_lib import stats
from retention_lib.recommendations.concentration import shares
from retention_lib.results import Claim, ClaimVerdict, Interval, Retention

SEED: Final = 20_001
TOP_CUSTOMERS: Final = 10

Figure = tuple[float, Interval | None]  # a count of all customers has no interval


@dataclass(frozen=True)
class Evidence:
    """What the claims are tested on.

    Attributes
    ----------
    retention
        The answer of notebook 03.
    revenue, spend, active
        As :func:`retention_lib.summaries.revenue`, ``spend`` and ``active_buyers`` give them.
    """

    retention: Retention
    revenue: pd.DataFrame
    spend: pd.DataFrame
    active: pd.DataFrame | None


@dataclass(frozen=True)
class Entry:
    """A claim: it says that the figure is ``at_least`` so much.

    ``needs`` is the code of what a test needs and these records may lack; ``figure`` returns the
    client's own figure, None where they do lack it. Without ``at_least`` it is shown, not judged.
    """

    name: str
    needs: str
    at_least: float | None = None
    figure: Callable[[Evidence], Figure | None] | None = None


def tested(evidence: Evidence, fit: bool = True) -> list[Claim]:
    """Return every claim with its figure here, and whether it holds; none on records unfit for it."""
    if fit:
        return [judge(claim, claim.figure and claim.figure(evidence)) for claim in CLAIMS]
    wanting = (replace(it, needs="sound_records") if it.figure else it for it in CLAIMS)
    return [judge(claim, None) for claim in wanting]


def judge(claim: Entry, found: Figure | None) -> Claim:
    """Return a claim decided by whether the whole interval lies on one side of it."""
    figure, ci95 = found or (None, None)
    verdict: ClaimVerdict = "cannot be tested"
    needs = claim.needs
    if figure is not None and claim.at_least is not None:
        low, high = ci95 or (figure, figure)
        needs = "" if low >= claim.at_least or high < claim.at_least else "more_customers"
        if not needs:
            verdict = "holds" if low >= claim.at_least else "does not hold"
    return Claim(name=claim.name, figure=figure, ci95=ci95, verdict=verdict, needs=needs)


# --- the client's own figures -------------------------------------------------


def _resampled(evidence: Evidence, of: Callable[[pd.Series], float | None]) -> Figure | None:
    """Return a figure of all revenue with its interval; None where either cannot be told."""

    def drawn(row: pd.Series) -> float:
        return np.nan if (figure := of(row)) is None else figure

    figure = of(evidence.revenue.sum())
    interval = stats.group_bootstrap(evidence.revenue, drawn, SEED)
    return None if figure is None or interval is None else (figure, interval)


def _repeat_share(row: pd.Series) -> float | None:
    return stats.ratio(row["repeat_value"], row["value"])


def _order_growth(row: pd.Series) -> float | None:
    """Return by how much the mean repeat occasion is worth more than the mean first one."""
    first_value = row["value"] - row["repeat_value"]
    if not row["repeats"] or not first_value > 0:
        return None
    return float((row["repeat_value"] / row["repeats"]) / (first_value / row["firsts"]) - 1)


def _active_buyers(evidence: Evidence) -> Figure | None:
    total = None if evidence.active is None else evidence.active.sum()
    if total is None or not total["customers"]:
        return None
    bought, customers = int(total["bought"]), int(total["customers"])
    return bought / customers, stats.wilson(bought, customers)


def _largest_fifth(evidence: Evidence) -> Figure | None:
    held = shares(evidence.spend)
    return None if held is None else (held.top20_share, None)


def _ten_largest(evidence: Evidence) -> Figure | None:
    held = shares(evidence.spend)
    if held is None or evidence.spend["customers"].sum() <= TOP_CUSTOMERS:
        return None
    return held.top10_share, None


def _second_purchase(evidence: Evidence) -> Figure | None:
    rate = evidence.retention.second_purchase_rate
    return None if rate is None else (rate, evidence.retention.second_purchase_ci95)


CLAIMS: Final = (
    Entry("repeat_revenue", "amounts", 0.40, lambda evidence: _resampled(evidence, _repeat_share)),
    Entry("active_buys", "longer_history", 0.60, _active_buyers),
    Entry(
        "bigger_orders",
        "repeat_amounts",
        0.31,
        lambda evidence: _resampled(evidence, _order_growth),
    ),
    Entry("pareto", "amounts", 0.80, _largest_fifth),
    # a tenth of all spend with ten customers is where their loss would be felt
    Entry("key_customers", "amounts_of_eleven", 0.10, _ten_largest),
    Entry("second_purchase", "campaign", figure=_second_purchase),
    Entry("new_buys", "leads"),
    Entry("cost_ratio", "spend"),
    Entry("effort", "spend"),
    Entry("new_products", "products"),
    Entry("profit", "margin"),
    Entry("channels", "channels"),
    Entry("why_they_leave", "reasons"),
    Entry("controllable", "reasons"),
    Entry("surveys", "survey"),
)
