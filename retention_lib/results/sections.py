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
    """Can the records be trusted? ``reasons`` names the checks behind a verdict below fit."""

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
    verdict: Verdict
    reasons: dict[str, list[str]]
    retained_rate: float | None
    checks: list[Check]

    @model_validator(mode="after")
    def _rows_add_up(self) -> Self:
        if self.rows_in != self.rows_kept + sum(self.set_aside.values()):
            raise ValueError("rows_in is not rows_kept plus the rows set aside")
        return self


# --- 04 customer value --------------------------------------------------------


class GammaGamma(Model):
    """Spend per occasion of repeat buyers (Fader and Hardie 2013)."""

    p: float
    q: float
    v: float
    log_likelihood: float
    customers: int
    correlation: float


ForecastName = Literal["BG/NBD", "MBG/NBD", "Pareto/NBD", "own", "cohort", "last window"]


class Score(Model):
    """One forecast of the holdout's occasions against what happened.

    ``bias`` is predicted / actual - 1; the errors are per customer, in occasions;
    ``deviance`` is the mean Poisson deviance, ``difference_se`` the standard error of its
    difference from that of BG/NBD, customer by customer.
    """

    name: ForecastName
    predicted: float
    actual: int
    bias: float | None
    rmse: float
    mae: float
    deviance: float
    difference_se: float | None


class Holdout(Model):
    """The days kept from the forecasts, how each did there, and which one is to be used.

    ``models`` holds plain rules too: "own" is the customer's own pace so far, "cohort" that of all who
    first bought in the same quarter, "last window" the purchases of the days before, as many as
    the holdout has. ``left_out`` says why of every model that could not be fitted. ``passes`` says
    whether the total of ``chosen`` is at most a quarter off; else it is the least bad. ``reason``:
    BG/NBD has "none better" by more than two standard errors, or the chosen one is "clearly
    better", or BG/NBD is "biased" by more than a quarter, or it is "left out".
    """

    start: date
    end: date
    customers: int
    models: list[Score]
    left_out: dict[ForecastName, str]
    chosen: ForecastName
    passes: bool
    reason: Literal["none better", "clearly better", "biased", "left out"]


class NewCustomerValue(Model):
    """Expected value of a next new customer of one kind."""

    kind: str
    value: float
    customers: int


class Clv(Section):
    """What is each customer worth? ``basis`` says whether in revenue or in margin.

    ``model`` is the forecast behind the values: the one that the holdout chose, or the next that
    could be fitted on all records; ``left_out`` says why of each that could not.
    """

    number: ClassVar[str] = "04"
    name: ClassVar[str] = "clv"

    model: ForecastName | None
    left_out: dict[ForecastName, str]
    time_unit: Literal["week"]
    params: dict[str, float] | None
    standard_errors: dict[str, float] | None
    log_likelihood: float | None
    gamma_gamma: GammaGamma | None
    holdout: Holdout | None
    basis: Literal["revenue", "margin"]
    discount_rate: float
    horizon_months: int
    expected_purchases: float | None
    total_clv: float | None
    total_clv_ci95: Interval | None
    mean_p_alive: float | None
    coverage: float | None
    new_customer_value: list[NewCustomerValue] | None
    top20_share: float | None


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
