"""The answer of notebook 03: who came back, read against what it would be if nobody had left."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.results import (
    ChartPeriod,
    Cycle,
    Gate,
    PartKind,
    Period,
    Retention,
    Why,
)
from retention_lib.retention_rate import (
    cohorts,
    flow,
    growth,
    lost,
    no_churn,
    parts,
    rates,
    reasons,
    revenue,
    second_purchase,
    subscribers,
)
from retention_lib.retention_rate.parts import Share
from retention_lib.retention_rate.reasons import RATED


@dataclass(frozen=True)
class Starts:
    """How customers fare from their first purchase on, which no window is needed for.

    Attributes
    ----------
    means
        As :func:`retention_lib.retention_rate.cohorts.cohort_means` gives them.
    curve
        As :func:`retention_lib.retention_rate.second_purchase.second_purchase_curve` gives it.
    """

    means: Callable[[], pd.DataFrame]
    curve: Callable[[], pd.DataFrame]


@dataclass(frozen=True)
class RetentionInputs:
    """What the rates are found from: where to get small weighted frames, each asked for at need.

    Attributes
    ----------
    periods
        The prior window and the window.
    counts, second, state
        As :func:`retention_lib.summaries.counts.window_counts`, ``second_purchases`` and, on the
        last day of the prior window, ``frequency_recency`` give them.
    daily
        The occasions of each day up to the last day of the prior window, as
        :func:`retention_lib.summaries.backtests.daily_until` gives them.
    revenue
        As :func:`retention_lib.summaries.revenue.revenue` gives it.
    flow
        As :func:`retention_lib.summaries.revenue.windows` gives it.
    unassigned
        The money of sales without a customer id, and that of all others.
    activity
        The full periods of a unit: start, end, active, new, retained, resurrected.
    parts
        For each kind of part: part, start, retained, second_customers, second_again.
    charges, subscribers
        As :mod:`retention_lib.summaries.subscriptions` gives them.
    lost, lost_total
        As :func:`retention_lib.summaries.lost.most_valuable` and ``total`` give them.
    """

    periods: tuple[Period, Period]
    counts: Callable[[], pd.DataFrame]
    second: Callable[[], pd.DataFrame]
    state: Callable[[], pd.DataFrame]
    daily: Callable[[], pd.DataFrame]
    revenue: Callable[[], pd.DataFrame]
    flow: Callable[[], pd.DataFrame]
    unassigned: Callable[[], tuple[float, float]]
    activity: Callable[[ChartPeriod], pd.DataFrame]
    parts: Callable[[], Sequence[tuple[PartKind, pd.DataFrame]]]
    charges: Callable[[], pd.DataFrame]
    subscribers: Callable[[], pd.DataFrame]
    lost: Callable[[], pd.DataFrame]
    lost_total: Callable[[], Mapping[str, float | None]]


def retention(
    cycle: Cycle, inputs: RetentionInputs | None, starts: Starts, unfit: Why | None = None
) -> Retention:
    """Return who came back in the window, read against what it would be if nobody had left.

    Parameters
    ----------
    cycle
        The result of notebook 02: its gate decides what may be said.
    inputs
        Where the frames come from; None without a window.
    starts
        Where those of customers' first purchases come from.
    unfit
        Why the records can carry no rate; then none is given, as where the history is too short.
    """
    if unfit is not None:
        cycle = cycle.model_copy(update={"gate": "refused"})
    figures: dict[str, Any] = {"cohorts": cohorts.later_means(starts.means())}
    known: dict[str, Why] = {}
    if inputs is not None:
        figures |= {"window": inputs.periods[1]} | rates_at(cycle.gate, inputs)
        figures["unassigned_revenue_share"] = revenue.unassigned(*inputs.unassigned())
        if cycle.gate != "refused":
            figures |= _one_window(cycle, inputs, figures)
            days = inputs.periods[1].days
            figures["second_purchase_years"] = second_purchase.by_year(starts.curve(), days)
        if cycle.gate in RATED:
            figures |= {
                "prior": inputs.periods[0],
                "lost": lost.lost(inputs.lost(), inputs.lost_total()["spend"]),
            }
            found, known = _no_churn(inputs, figures)
            figures |= found
        if cycle.subscriptions.reported and unfit is None:
            frames = inputs.charges(), inputs.subscribers()
            figures["contractual"], unknown = subscribers.contractual(*frames)
            known |= {f"/contractual{at}": why for at, why in unknown.items()}
    figures |= findings(Retention.model_construct(**figures), cycle)
    return Retention.explained(figures, known | reasons.reasons(figures, cycle, unfit))


def rates_at(gate: Gate, inputs: RetentionInputs) -> dict[str, Any]:
    """Return the counts, rates and shares that can be held against those of another day."""
    figures: dict[str, Any] = {}
    if gate in RATED:
        counts = inputs.counts()
        figures |= rates.rates(counts) | flow.quick_ratio(counts) | revenue.revenue(inputs.flow())
    if gate != "refused":
        figures |= second_purchase.second_purchase(inputs.second())
    spent = inputs.revenue().sum()
    return figures | {"repeat_revenue_share": stats.ratio(spent["repeat_value"], spent["value"])}


def findings(result: Retention, cycle: Cycle) -> dict[str, Any]:
    """Return what the figures say: the headline, how it is judged, the flow, what stands out."""
    head = rates.headline(result)
    headed = result.model_copy(update={"headline": head})
    return {
        "headline": head,
        "judged": no_churn.judged(headed, cycle.is_regular),
        "net_flow": flow.net_flow(result, cycle),
        "stands_out": parts.standing_out(result.parts),
        "second_purchase_clearly": second_purchase.last_year(result.second_purchase_years),
    }


def _one_window(cycle: Cycle, inputs: RetentionInputs, figures: dict[str, Any]) -> dict[str, Any]:
    """Return what one window of history is enough for: growth by period, and rates by part."""
    second, kept, divisions = inputs.second(), Share(0, 0), inputs.parts()
    again = Share(int(second["customers"].sum()), int(second["again"].sum()))
    if cycle.gate in RATED:
        kept = Share(figures["start_customers"], figures["retained_customers"])
    else:  # one window only: its customers cannot be held against a prior one
        divisions = [(kind, table.assign(start=0, retained=0)) for kind, table in divisions]
    found, compared = parts.rate_parts(divisions, kept, again)
    unit = cycle.chart_period
    grown = None if unit is None else growth.growth(unit, inputs.activity(unit))
    return {"parts": found, "parts_compared": compared, "growth": grown}


def _no_churn(
    inputs: RetentionInputs, figures: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Why]]:
    """Return what the rate would be if nobody had left, or the reason why that cannot be said."""
    if not figures["start_customers"]:
        return {}, {}
    found = no_churn.expectation(inputs.state, inputs.daily, inputs.periods)
    if isinstance(found, Why):
        return {}, dict.fromkeys(("/no_churn", "/no_churn_expectation", "/judged"), found)
    unusable = no_churn.unusable(Retention.model_construct(**figures, no_churn=found))
    if unusable is not None:
        unknown = dict.fromkeys(("/no_churn_expectation", "/judged"), unusable)
        return {"no_churn": found}, unknown
    return {"no_churn": found, "no_churn_expectation": found.expectation}, {}
