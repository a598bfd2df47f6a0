"""The section of notebook 05: where the next effort should go, and what the first screen says."""

from __future__ import annotations

from typing import ClassVar, Literal

from retention_lib.results.base import (
    Certainty,
    ClaimVerdict,
    Finding,
    Interval,
    Model,
    Section,
    State,
)

LineName = Literal[
    "returning_rate",
    "retained_rate",
    "quick_ratio",
    "repeat_revenue_share",
    "total_clv",
    "cycle_days",
    "rows_kept",
]


class Concentration(Model):
    """How much of all spend a few customers hold."""

    hhi: float
    effective_customers: float
    gini: float
    top20_share: float
    top1_share: float
    top5_share: float
    top10_share: float


class Segment(Model):
    """Customers by state and what they bring: shares are of all customers and of all spend.

    ``expected_value`` is their CLV in the client's currency.
    """

    name: State
    customers: int
    share: float
    spend_share: float | None
    expected_purchases: float | None
    expected_value: float | None


class Claim(Model):
    """A folk claim, the client's own figure for it, and what a test of it would need.

    ``needs`` is a code, "" where the claim could be tested.
    """

    name: str
    figure: float | None
    ci95: Interval | None
    verdict: ClaimVerdict
    needs: str


class Action(Model):
    """Who, what, why, and what is at stake."""

    name: str
    segment: State | None
    customers: int
    money: float | None
    certainty: Certainty


class Line(Model):
    """A figure of the first screen, named as in its section, and what it means for a decision.

    ``range`` is the 95 % interval: one end if it has no upper one, none if there is no interval.
    ``certainty`` is no surer than the records: ``capped`` says whether they decide it. ``finding``
    is what the figure means for a decision, ``change`` what has become of it since the earlier
    report.
    """

    name: LineName
    value: int | float | None
    range: tuple[float, ...]
    certainty: Certainty
    capped: bool
    finding: Finding
    change: Finding


class Recommendations(Section):
    """Where should the next effort go? ``lines`` are those of the first screen."""

    number: ClassVar[str] = "05"
    name: ClassVar[str] = "recommendations"

    concentration: Concentration | None
    repeat_revenue_share: float | None
    established_revenue_share: float | None
    claims: list[Claim]
    segments: list[Segment]
    actions: list[Action]
    lines: list[Line]


class Outcomes(Section):
    """Did what was done work? Nothing is measured yet."""

    number: ClassVar[str] = "06"
    name: ClassVar[str] = "outcomes"
