"""Who came, who left: the flow of customers from one window to the next."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from retention_lib import stats
from retention_lib.results import Cycle, NetFlow, Retention
from retention_lib.retention_rate.shares import ratio_interval
from retention_lib.stats.certainty import of_rate, side_of

EVEN = 1.0  # customers gained for each one lost: the base stays as large as it is


def quick_ratio(counts: pd.DataFrame) -> dict[str, Any]:
    """Return how many came or came back for each customer lost, with its interval.

    Parameters
    ----------
    counts
        As :func:`retention_lib.summaries.counts.window_counts` gives them, per ``grp``.
    """
    arrived, lost = counts["end"] - counts["retained"], counts["start"] - counts["retained"]
    groups = pd.DataFrame({"grp": counts["grp"], "arrived": arrived, "lost": lost})
    ratio = stats.ratio(arrived.sum(), lost.sum())
    # every draw from groups where nobody came has nobody: that would look like certainty
    ci95 = ratio_interval(groups, "arrived", "lost", ratio) if ratio else None
    return {"quick_ratio": ratio, "quick_ratio_ci95": ci95}


def net_flow(result: Retention, cycle: Cycle) -> NetFlow | None:
    """Return whether more customers come than go; None without two windows."""
    if result.start_customers is None:
        return None
    gained = (result.new_customers or 0) + (result.resurrected_customers or 0)
    closed = not result.new_customers
    ratio, ci95 = result.quick_ratio, result.quick_ratio_ci95
    return NetFlow(
        gained=gained,
        change=gained - (result.lost_customers or 0),
        closed=closed,
        side="unclear" if closed else side_of(ci95, EVEN),
        certainty="open" if closed or cycle.season_moves_windows else of_rate(ratio, ci95, EVEN),
        back=_back(result, cycle),
    )


def _back(result: Retention, cycle: Cycle) -> Literal["counted", "lower bound", "unseen"]:
    """Say how customers back after a pause are seen (definitions: gate)."""
    if cycle.gate != "two_windows" or result.prior is None or result.window is None:
        return "counted"
    both = (result.window.end - result.prior.start).days + 1
    return "unseen" if cycle.history_days <= both else "lower bound"


def frame(result: Retention) -> pd.DataFrame:
    """Return who came and who left between the two windows, as the figure draws it.

    Returns
    -------
    pandas.DataFrame
        - window: ``"prior"`` or ``"window"``; start, end: its days
        - part: ``"retained"``, ``"lost"``, ``"resurrected"`` or ``"new"``; customers

        Empty where nobody bought in either window.
    """
    columns = ["window", "part"]
    parts = [("prior", "retained"), ("prior", "lost")]
    parts += [("window", "retained"), ("window", "resurrected"), ("window", "new")]
    if not result.start_customers and not result.end_customers:
        parts = []
    table = pd.DataFrame(parts, columns=columns)
    counts = result.model_dump()
    days = {name: counts[name] or {"start": None, "end": None} for name in ("prior", "window")}
    return table.assign(
        customers=[counts[f"{part}_customers"] or 0 for part in table["part"]],
        start=[days[window]["start"] for window in table["window"]],
        end=[days[window]["end"] for window in table["window"]],
    )
