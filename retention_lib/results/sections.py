"""The sections of the results, one for each notebook."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from retention_lib.results.base import (
    ClaimVerdict,
    Fitness,
    Interval,
    Model,
    Section,
    State,
)

# --- 01 data audit ------------------------------------------------------------


class Verdict(Model):
    """Whether the records can carry a retention rate, and a customer value."""

    retention: Fitness
    clv: Fitness


class Check(Model):
    """One audit check: what it touches, what was done, what it changes.

    ``rate_without`` is the retained rate under the same window had the step not been taken.
    """

    name: str
    rows: int
    customers: int | None
    money: float | None
    action: Literal["kept", "set aside", "netted", "counted"]
    rate_without: float | None


class Audit(Section):
    """Can the records be trusted?

    ``set_aside`` counts rows by reason, the commonest first. ``reasons`` names the checks behind a
    verdict below fit. ``closed_group``: nobody buys for the first time any more, towards the end.
    ``needed_repeat_buyers``: how many customers must have bought twice for a model.
    """

    number: ClassVar[str] = "01"
    name: ClassVar[str] = "audit"

    rows_in: int
    rows_kept: int
    set_aside: dict[str, int]
    customers: int
    occasions: int
    repeat_buyers: int
    zero_occasions: int
    first_date: date
    last_date: date
    last_first_purchase: date
    closed_group: bool
    needed_repeat_buyers: int
    verdict: Verdict
    reasons: dict[str, list[str]]
    retained_rate: float | None
    checks: list[Check]

    @model_validator(mode="after")
    def _rows_add_up(self) -> Self:
        if self.rows_in != self.rows_kept + sum(self.set_aside.values()):
            raise ValueError("rows_in is not rows_kept plus the rows set aside")
        return self


# --- 05 recommendations -------------------------------------------------------


class Concentration(Model):
    """How much of all spend hangs on how few customers."""

    hhi: float
    effective_customers: float
    gini: float
    top20_share: float
    top1_share: float
    top5_share: float
    top10_share: float


class Claim(Model):
    """A folk claim, the client's own figure for it, and what would make it testable."""

    name: str
    claim: str
    figure: float | None
    ci95: Interval | None
    verdict: ClaimVerdict
    needs: str | None


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


class Action(Model):
    """Who, what, why, and what is at stake."""

    name: str
    segment: State | None
    customers: int
    money: float | None
    certainty: Literal["firm", "likely", "open"]


class Recommendations(Section):
    """Where should the next effort go?"""

    number: ClassVar[str] = "05"
    name: ClassVar[str] = "recommendations"

    concentration: Concentration | None
    repeat_revenue_share: float | None
    established_revenue_share: float | None
    claims: list[Claim]
    segments: list[Segment]
    scenarios: list[dict[str, Any]]
    budget: dict[str, Any] | None
    actions: list[Action]
    goals: list[dict[str, Any]]


class Outcomes(Section):
    """Did what was done work?"""

    number: ClassVar[str] = "06"
    name: ClassVar[str] = "outcomes"

    campaigns: list[dict[str, Any]] = Field(default_factory=list)
