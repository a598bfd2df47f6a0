"""Two runs side by side, of one client or of two: what differs, and whether it may be ranked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from retention_lib.results import Clv, Cycle, Interval, Results, Retention, Why, Window, why

# figures of notebook 03, and where their intervals stand
_SIDE_BY_SIDE: Final = {
    "returning_rate": "returning_ci95",
    "retained_rate": "retained_ci95",
    "first_time_rate": "first_time_ci95",
    "second_purchase_rate": "second_purchase_ci95",
    "no_churn_expectation": None,
    "quick_ratio": "quick_ratio_ci95",
    "gross_revenue_retention": "gross_revenue_ci95",
    "net_revenue_retention": "net_revenue_ci95",
    "repeat_revenue_share": None,
    "start_customers": None,
    "end_customers": None,
    "new_customers": None,
    "lost_customers": None,
}


@dataclass(frozen=True)
class Row:
    """One figure of two runs, a and b, with the 95 % intervals there are.

    ``difference`` is a minus b, where the two may be ranked; ``difference_ci95`` its interval,
    where both have one.
    """

    name: str
    a: float | None
    b: float | None
    a_ci95: Interval | None
    b_ci95: Interval | None
    difference: float | None
    difference_ci95: Interval | None

    @property
    def is_clear(self) -> bool:
        """Whether the two differ by more than chance."""
        ends = self.difference_ci95
        return ends is not None and not ends[0] <= 0 <= ends[1]


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side.

    ``why_not_rankable`` says why their rates must not be ranked, ``why_no_value`` why customer
    values are left out; empty where they may be, and are not.
    """

    rows: tuple[Row, ...]
    why_not_rankable: tuple[Why, ...]
    why_no_value: tuple[Why, ...]

    @property
    def rankable(self) -> bool:
        """Whether one rate may be called higher than the other."""
        return not self.why_not_rankable

    @property
    def differences(self) -> dict[str, _Figure] | None:
        """The differences by figure; None where rates must not be ranked."""
        found = {row.name: (row.difference, row.difference_ci95) for row in self.rows}
        return found if self.rankable else None


@dataclass(frozen=True)
class Side:
    """What is compared of a run, or of a variant; ``clv`` is None where value is left out."""

    client: str
    as_of: date
    currency: str
    customers: int
    cycle: Cycle
    retention: Retention
    clv: Clv | None


def _side(run: Results) -> Side:
    parts = run.cycle, run.retention, run.clv
    return Side(run.client, run.as_of, run.currency, run.audit.customers, *parts)


def side_by_side(one: Results | Side, other: Results | Side) -> Comparison:
    """How do two clients, runs or variants compare, and may their rates be ranked?

    Returns
    -------
    Comparison
        Figures that neither run gives are left out. Differences are given only where both
        measured by the same window and both have a rate.
    """
    a, b = (run if isinstance(run, Side) else _side(run) for run in (one, other))
    hindrance, no_value = _why_not_rankable(a, b), _why_no_value(a, b)
    ones, others = _figures(a), _figures(b)
    names = [name for name in ones if ones[name] != _NOTHING or others[name] != _NOTHING]
    if no_value:
        names.remove("total_clv")
    rows = tuple(_row(name, ones[name], others[name], not hindrance) for name in names)
    return Comparison(rows, hindrance, no_value)


_Figure = tuple[float | None, Interval | None]
_NOTHING: Final[_Figure] = (None, None)


def _figures(results: Side) -> dict[str, _Figure]:
    """Return what is held side by side, each figure with its interval."""
    retention: Any = results.retention
    clv = results.clv
    rates = {
        name: (getattr(retention, name), getattr(retention, ci95) if ci95 else None)
        for name, ci95 in _SIDE_BY_SIDE.items()
    }
    return rates | {
        "customers": (results.customers, None),
        "total_clv": (clv.total_clv, clv.total_clv_ci95) if clv else _NOTHING,
    }


def _row(name: str, one: _Figure, other: _Figure, rankable: bool) -> Row:
    (a, a_ci95), (b, b_ci95) = one, other
    held = name, a, b, a_ci95, b_ci95
    if not rankable or a is None or b is None:
        return Row(*held, None, None)
    return Row(*held, a - b, difference_interval(a, a_ci95, b, b_ci95))


def difference_interval(
    a: float | None, a_ci95: Interval | None, b: float | None, b_ci95: Interval | None
) -> Interval | None:
    """How far may a minus b be off, each known with its own interval? None without either.

    From Wilson's intervals of two shares this is Newcombe's (1998, method 10); from others, the
    same recovery of their variances (Zou and Donner 2008). The two count as independent, so for
    two runs of one client, whose customers are partly the same, it is on the wide side.
    """
    if a is None or b is None or a_ci95 is None or b_ci95 is None:
        return None
    below = math.hypot(a - a_ci95[0], b_ci95[1] - b)
    above = math.hypot(a_ci95[1] - a, b - b_ci95[0])
    return a - b - below, a - b + above


def _why_not_rankable(a: Side, b: Side) -> tuple[Why, ...]:
    for results in (a, b):
        if results.retention.retained_rate is None:
            own = results.retention.why_not["/retained_rate"]
            return why("no_rate_of_client", client=results.client, as_of=results.as_of), own
    one, other = a.cycle.window, b.cycle.window
    if one is None or other is None or _months(one) != _months(other):
        return (why("different_windows"),)
    return ()


def _months(window: Window) -> tuple[int, str]:
    """Return a window with quarters as months, of which they are made."""
    return (
        (3 * window.length, "month") if window.unit == "quarter" else (window.length, window.unit)
    )


def _why_no_value(a: Side, b: Side) -> tuple[Why, ...]:
    """Say in what terms the value of all customers differs, where it could be given."""
    if a.clv is None or b.clv is None or a.clv.total_clv is b.clv.total_clv is None:
        return ()
    terms: dict[str, tuple[Any, Any]] = {
        "different_currencies": (a.currency, b.currency),
        "revenue_and_margin": (a.clv.basis, b.clv.basis),
        "different_horizons": (a.clv.horizon_months, b.clv.horizon_months),
        "different_discounts": (a.clv.discount_rate, b.clv.discount_rate),
    }
    return tuple(why(code, a=x, b=y) for code, (x, y) in terms.items() if x != y)
