"""What the first screen says: six figures, how sure each is, and what it means for a decision.

A rate is judged against what would be expected if nobody left: all below it, customers do leave, and
keeping them deserves a test; all above, there is nothing to mend by keeping. Where that expectation
is not known, the threshold is one half. A count of what the records hold has no sampling error: firm.
Nothing is surer than the records: where the audit says "fit with care" a figure is at most likely,
where it says "unfit", for a rate or for a value, none is given: only what was counted stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from retention_lib.results import (
    Audit,
    Certainty,
    Clv,
    Cycle,
    Finding,
    Fitness,
    Judged,
    Line,
    LineName,
    Retention,
    finding,
)
from retention_lib.stats.certainty import MAJORITY, at_most

Found = tuple[Certainty, Finding]

CEILING: Final[dict[Fitness, Certainty]] = {
    "fit": "firm",
    "fit with care": "likely",
    "unfit": "open",
}


@dataclass(frozen=True)
class Answered:
    """The answers of the notebooks before this one."""

    audit: Audit
    cycle: Cycle
    retention: Retention
    clv: Clv

    def section(self, name: LineName) -> Any:
        """Return the answer that a figure of the first screen is taken from."""
        sections = {"total_clv": self.clv, "cycle_days": self.cycle, "rows_kept": self.audit}
        return sections.get(name, self.retention)


def lines(answered: Answered) -> list[Line]:
    """Return the figures of the first screen, the most decisive first."""
    established = answered.retention.returning_rate is not None
    rate: LineName = "returning_rate" if established else "retained_rate"
    figures: tuple[LineName, ...] = ("quick_ratio", "repeat_revenue_share", "total_clv")
    return [_line(name, answered) for name in (rate, *figures, "cycle_days", "rows_kept")]


def _line(name: LineName, answered: Answered) -> Line:
    section, verdict = answered.section(name), answered.audit.verdict
    value, ends = getattr(section, name), getattr(section, _INTERVALS.get(name, ""), None)
    change = _change(name, answered)
    if withheld(name, answered.audit):
        value, ends, change = None, None, finding("not_compared")
    certainty, found = (_unknown if value is None else _JUDGES[name])(answered)
    ceiling = CEILING[verdict.clv if name == "total_clv" else verdict.retention]
    if name == "rows_kept":
        ceiling = certainty
    return Line(
        name=name,
        value=value,
        range=tuple(end for end in ends or () if end is not None),
        certainty=at_most(certainty, ceiling),
        capped=at_most(certainty, ceiling) != certainty,
        finding=found,
        change=change,
    )


def withheld(name: LineName, audit: Audit) -> bool:
    """Return whether a figure is not given since the records are unfit for it."""
    if name == "rows_kept":
        return False
    verdict = audit.verdict
    return verdict.retention == "unfit" or (name == "total_clv" and verdict.clv == "unfit")


def _change(name: LineName, answered: Answered) -> Finding:
    """Return what has become of a figure since the earlier report, under the same definition."""
    previous = answered.retention.previous
    changes = {} if previous is None else {change.name: change for change in previous.changes}
    if previous is None or name == "retained_rate" or name not in changes:
        return finding("not_compared")
    news, since = changes[name].news, previous.as_of
    if news is None:
        return finding("not_comparable", since=since)
    known = previous.returning_difference_ci95 is not None
    if name == "returning_rate" and known and previous.returning_clearly == "unclear":
        return finding("no_clear_change", since=since)
    # repeat revenue is of the whole history
    apart = previous.other_season and name != "repeat_revenue_share"
    return finding("another_season" if apart else "moved", by=news, since=since)


# --- what a figure means for a decision, and how sure that is -----------------


def _unknown(answered: Answered) -> Found:
    return "open", finding("unknown")


def _rate(answered: Answered) -> Found:
    """Judge established customers who came back, or all."""
    head, judged = answered.retention.headline, answered.retention.judged
    assert head is not None  # there is a rate
    sure = head.certainty if judged is None else judged.certainty
    away = head.customers - round(head.rate * head.customers)
    if head.customers and not away:
        return sure, finding("all_back")
    if judged is not None:
        return sure, _against_nobody_leaving(judged)
    if sure == "open":
        return sure, finding("too_few")
    return sure, finding("more_stay", away=away) if head.rate > MAJORITY else finding("more_leave")


def _against_nobody_leaving(judged: Judged) -> Finding:
    expected = {"at_least" if judged.regular else "expected": judged.expected}
    if judged.side == "below":
        return finding("short", gap=judged.gap, **expected)
    likely = judged.certainty != "open"
    return finding("some_leave" if likely else "not_told_apart", **expected)


def _flow(answered: Answered) -> Found:
    """Judge customers gained for each one lost."""
    flow = answered.retention.net_flow
    assert flow is not None  # there is a ratio
    if answered.cycle.season_moves_windows:
        return flow.certainty, finding("seasons")
    if not answered.retention.end_customers:
        return flow.certainty, finding("nobody_bought")
    if flow.closed:
        return flow.certainty, finding("nobody_new" if flow.gained else "nobody_gained")
    if flow.certainty == "open":
        return flow.certainty, finding("growth_unclear")
    return flow.certainty, finding("grows" if flow.change > 0 else "shrinks")


def _repeat_revenue(answered: Answered) -> Found:
    """Judge revenue from repeat purchases: a count of the records."""
    share = answered.retention.repeat_revenue_share or 0.0
    return "firm", finding("mostly_repeat" if share > MAJORITY else "mostly_first")


def _value(answered: Answered) -> Found:
    """Judge what is expected of today's customers."""
    clv, past = answered.clv, answered.clv.past_forecasts
    if clv.far_off:
        return clv.certainty, finding("far_off")
    if clv.total_clv_ci95 is None:
        return clv.certainty, finding("no_range")
    if clv.lean == "high" and past is not None:
        counts = {"too_high": past.too_high, "forecasts": len(past.forecasts)}
        return clv.certainty, finding("too_high_before", **counts)
    return clv.certainty, finding("lower_end")


def _cycle(answered: Answered) -> Found:
    """Judge the time until customers come back."""
    cycle = answered.cycle
    return cycle.certainty, finding("no_window" if cycle.window is None else "wait")


def _records(answered: Answered) -> Found:
    """Judge the records by the worse verdict, as sure as they let others be."""
    audit = answered.audit
    if audit.verdict.retention != "unfit" and audit.verdict.clv == "unfit":
        return "open", finding("unfit_value" + "_care" * (audit.verdict.retention != "fit"))
    return CEILING[audit.fitness], finding(audit.fitness)


_INTERVALS: Final = {
    "returning_rate": "returning_ci95",
    "retained_rate": "retained_ci95",
    "quick_ratio": "quick_ratio_ci95",
    "total_clv": "total_clv_ci95",
    "cycle_days": "interval",
}
_JUDGES: Final[dict[LineName, Callable[[Answered], Found]]] = {
    "returning_rate": _rate,
    "retained_rate": _rate,
    "quick_ratio": _flow,
    "repeat_revenue_share": _repeat_revenue,
    "total_clv": _value,
    "cycle_days": _cycle,
    "rows_kept": _records,
}
