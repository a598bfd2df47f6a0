"""The typed results each notebook hands on, and their JSON Schema.

Rates and shares are fractions, money is in the client's currency, dates are ISO,
windows are closed ranges of days. A figure that cannot be given is null, and
``why_not`` says why in one sentence, under the figure's JSON pointer. A section
(``results/NN.json``) carries its own pointers; :class:`Results` joins the sections.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

SCHEMA_VERSION = "1"
SCHEMA_FILE = Path(__file__).with_name("results.schema.json")

Interval = tuple[float, float]
Fitness = Literal["fit", "fit with care", "unfit"]
Gate = Literal["refused", "one_window", "two_windows", "trend"]
Unit = Literal["week", "month", "quarter"]
ClaimVerdict = Literal["holds", "does not hold", "cannot be tested"]
State = Literal["new", "active", "slipping", "lapsed"]


class Model(BaseModel):
    """Strict and immutable: no unknown field, no NaN, no infinity."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Section(Model):
    """One notebook's result: every null has its reason, and nothing else has one."""

    number: ClassVar[str]
    name: ClassVar[str]
    why_not: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _every_null_has_its_reason(self) -> Self:
        nulls = set(null_pointers(self.figures()))
        if missing := nulls - set(self.why_not):
            raise ValueError(f"no why_not sentence for {sorted(missing)}")
        if idle := set(self.why_not) - nulls:
            raise ValueError(f"why_not names figures that are not null: {sorted(idle)}")
        return self

    def figures(self) -> dict[str, Any]:
        """Return the section without ``why_not``, as plain JSON values."""
        return self.model_dump(mode="json", exclude={"why_not"})


def null_pointers(value: Any, pointer: str = "") -> Iterator[str]:
    """Yield the JSON pointer of every null in plain JSON values."""
    if value is None:
        yield pointer
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from null_pointers(item, f"{pointer}/{_escape(key)}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from null_pointers(item, f"{pointer}/{index}")


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


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
    checks: list[Check]

    @model_validator(mode="after")
    def _rows_add_up(self) -> Self:
        if self.rows_in != self.rows_kept + sum(self.set_aside.values()):
            raise ValueError("rows_in is not rows_kept plus the rows set aside")
        return self


# --- 02 cycle detection -------------------------------------------------------


class Window(Model):
    """The yardstick of retention: whole weeks, months or quarters, at least three cycles."""

    length: int
    unit: Unit
    days: int


class Cycle(Section):
    """How often do customers really buy? Days throughout.

    ``cycle_lower`` and ``cycle_upper`` are the bounds of a cycle that is not settled.
    ``gate_lifts_on`` is the day on which the history will reach the next gate.
    """

    number: ClassVar[str] = "02"
    name: ClassVar[str] = "cycle"

    history_days: int
    cycle_days: int | None
    settled: bool | None
    cycle_lower: int | None
    cycle_upper: int | None
    cycle_ci95: Interval | None
    tau_days: int | None
    q75_days: int | None
    not_back_share: float | None
    naive_median_gap_days: float | None
    pooled_median_days: int | None
    regularity_k_raw: float | None
    regularity_k: float | None
    regularity_ci95: Interval | None
    rhythm: list[str] | None
    season_strength: float | None
    window: Window | None
    lapse_days: int | None
    gate: Gate
    gate_lifts_on: date | None
    pinned: dict[str, Any] | None


# --- 03 retention rate --------------------------------------------------------


class Period(Model):
    """A closed range of days."""

    start: date
    end: date


class Retention(Section):
    """Do customers come back? Counts of customers, rates as fractions of them."""

    number: ClassVar[str] = "03"
    name: ClassVar[str] = "retention"

    prior: Period | None
    window: Period | None
    start_customers: int | None
    new_customers: int | None
    end_customers: int | None
    retained_customers: int | None
    resurrected_customers: int | None
    lost_customers: int | None
    returning_customers: int | None
    first_time_customers: int | None
    formula_rate: float | None
    retained_rate: float | None
    retained_ci95: Interval | None
    returning_rate: float | None
    returning_ci95: Interval | None
    first_time_rate: float | None
    first_time_ci95: Interval | None
    second_purchase_rate: float | None
    second_purchase_ci95: Interval | None
    second_purchase_customers: int | None
    mix_effect: float | None
    rate_effect: float | None
    no_churn_expectation: float | None
    quick_ratio: float | None
    gross_revenue_retention: float | None
    net_revenue_retention: float | None
    repeat_revenue_share: float | None
    previous: dict[str, Any] | None


# --- 04 customer value --------------------------------------------------------


class GammaGamma(Model):
    """Spend per occasion of repeat buyers (Fader and Hardie 2013)."""

    p: float
    q: float
    v: float
    log_likelihood: float
    customers: int
    correlation: float


class Score(Model):
    """One model's forecast of the holdout's occasions against what happened.

    ``bias`` is predicted / actual - 1; the errors are per customer, in occasions;
    ``deviance`` is the mean Poisson deviance.
    """

    name: str
    predicted: float
    actual: int
    bias: float | None
    rmse: float
    mae: float
    deviance: float


class Holdout(Model):
    """The days kept from the models, and how each model forecast them."""

    start: date
    end: date
    customers: int
    models: list[Score]


class NewCustomerValue(Model):
    """Expected value of a next new customer of one kind."""

    kind: str
    value: float
    customers: int


class Clv(Section):
    """What is each customer worth? ``basis`` says whether in revenue or in margin."""

    number: ClassVar[str] = "04"
    name: ClassVar[str] = "clv"

    model: Literal["BG/NBD"] | None
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


SECTIONS: tuple[type[Section], ...] = (Audit, Cycle, Retention, Clv, Recommendations, Outcomes)


class Results(Model):
    """All sections of one run, as ``results.json`` holds them.

    In the file every ``why_not`` sentence stands at the top, under its full pointer;
    loading hands each section its own again.
    """

    client: str
    as_of: date
    currency: str
    schema_version: str
    audit: Audit
    cycle: Cycle
    retention: Retention
    clv: Clv
    recommendations: Recommendations
    outcomes: Outcomes

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections in the order of the notebooks."""
        return tuple(getattr(self, section.name) for section in SECTIONS)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values: the figures, and one sentence for every null."""
        plain = self.model_dump(mode="json", exclude={section.name for section in SECTIONS})
        why_not: dict[str, str] = {}
        for section in self.sections:
            plain[section.name] = section.figures()
            why_not |= {f"/{section.name}{at}": why for at, why in section.why_not.items()}
        return plain | {"why_not": why_not}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Results:
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        pydantic.ValidationError
            If a field is missing, unknown or null without its reason.
        """
        fields = {key: value for key, value in plain.items() if key != "why_not"}
        for section in SECTIONS:
            head = f"/{section.name}"
            own = {
                at.removeprefix(head): why
                for at, why in plain["why_not"].items()
                if at.startswith(f"{head}/")
            }
            fields[section.name] = fields[section.name] | {"why_not": own}
        return cls.model_validate(fields)


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of ``results.json`` (draft 2020-12)."""
    plain = Results.model_json_schema()
    for section in SECTIONS:
        del plain["$defs"][section.__name__]["properties"]["why_not"]
    for part in (plain, *plain["$defs"].values()):
        if part.get("type") == "object" and "properties" in part:
            part["required"] = list(part["properties"])
    plain["properties"]["why_not"] = {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "One sentence for every null, under its JSON pointer.",
    }
    plain["required"].append("why_not")
    return plain


def write_json(plain: Any, path: Path) -> None:
    """Write plain JSON values, indented, as UTF-8 with a final newline."""
    path.write_text(json.dumps(plain, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
