"""The section of notebook 01: whether the records can be trusted."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator

from retention_lib.results.base import Fitness, Model, Section

# a figure that a fault of the records moves
Touched = Literal[
    "customers",
    "revenue",
    "cycle",
    "retained_rate",
    "second_purchase_rate",
    "new_customers",
    "clv",
    "forecast",
]

BreakKind = Literal[
    "gap",
    "closed",
    "level",
    "tax",
    "acquisition_stops",
    "acquisition_starts",
    "migration",
    "mid_life",
    "truncated_start",
    "truncated_end",
]


class Verdict(Model):
    """Whether the records can carry a retention rate, a customer value, and a forecast."""

    retention: Fitness
    clv: Fitness
    forecast: Fitness


class Check(Model):
    """One audit check: what it touches, what was done, what it changes.

    ``rows`` are those in use, or set aside for it; ``rows_read`` those of all rows read that it
    touches, whatever became of them. ``rate_without`` and ``revenue_without`` are the retained
    rate under the same window, and the revenue, had the step not been taken.
    """

    name: str
    rows: int
    rows_read: int
    customers: int | None
    money: float | None
    action: Literal["kept", "set aside", "netted", "counted"]
    rate_without: float | None
    revenue_without: float | None


class Break(Model):
    """A date at which the records change: what changes, from when to when, by how much.

    ``series`` is what changes, counted by day. ``before`` and ``after`` are its typical values a
    day on the two sides; of a gap, a closure and a migration, what was to be expected of the days
    from ``start`` to ``end``, and what they hold. ``end`` is the last day of what ends.
    """

    kind: BreakKind
    series: Literal["rows", "customers", "money", "order_value", "new_customers", "unit_price"]
    start: date
    end: date | None
    before: float | None
    after: float | None
    touches: list[Touched]


class Closures(Model):
    """How many days of yearly closures the prior window and the window hold.

    ``held``: whether the window holds about as many of them as the prior one, or more, or fewer.
    A rate of windows that hold them differently is compared with the same window of another year.
    """

    prior_days: int
    window_days: int
    held: Literal["alike", "more", "fewer"]


class Question(Model):
    """What the client is asked: by the name of a check, a kind of break, or a reason of a verdict.

    ``listed`` are its rows in ``questions.xlsx``; ``start`` is the day of a break. The money of a
    break is about what the days would have brought, or brought too much. ``touches`` are the
    figures that the answer changes.
    """

    name: str
    rows: int | None
    money: float | None
    start: date | None
    listed: int
    touches: list[Touched]


class Year(Model):
    """What a calendar year brought: money of rows that name a customer, net of returns.

    ``customers`` are those with an occasion in it. What belongs to nobody, which books hold as
    well, stands beside it: ``unassigned_revenue`` and ``unassigned_orders``.
    """

    year: int
    revenue: float | None
    unassigned_revenue: float | None
    orders: int | None
    unassigned_orders: int | None
    occasions: int
    customers: int


class Status(Model):
    """What a status of orders was counted as: ``""`` where the cell is blank.

    ``money`` is the sum of the amounts of its rows as they were counted: those of a return are
    negative, those of a cancelled order are what was left out.
    """

    status: str
    means: Literal["sale", "return", "cancelled"] | None
    rows: int
    money: float | None


class FileLines(Model):
    """What became of the lines of a file: above the header, rows, continued, blank.

    ``above`` counts the header, ``continued`` the lines on which a quoted text goes on.
    ``same_as`` names an earlier file of the same content, in place of which this one is not read.
    """

    name: str
    lines: int | None
    above: int
    rows: int
    continued: int
    blank: int
    same_as: str | None


class Doubt(Model):
    """A column that nobody mapped, but that warns: ``line`` of the YAML settles it.

    ``rows`` hold such ``values``, the commonest first.
    """

    code: str
    column: str
    rows: int
    line: str | None
    values: list[str]


class ControlTotal(Model):
    """A total of the client's own books beside what was read of that period.

    ``period`` is ``all``, a year or a month. What was read includes sales that name no customer,
    as books do. ``difference`` is read minus given, ``share`` the same as a fraction of what was
    given; ``meets``: it lies within the tolerance.
    """

    what: Literal["revenue", "orders", "customers"]
    period: str
    given: float
    read: float | None
    difference: float | None
    share: float | None
    meets: bool


class PurchaseSteps(Model):
    """What falls away between the rows in use and the purchases made of them.

    ``returns`` are rows that take something back, ``same_order`` further rows of an order,
    ``same_day`` further orders (or rows of none) of a customer on one day, ``undone`` days on which
    a customer gave back all that was bought, ``near`` days put to an earlier one by ``merge_days``.
    """

    returns: int = Field(ge=0)
    same_order: int = Field(ge=0)
    same_day: int = Field(ge=0)
    undone: int = Field(ge=0)
    near: int = Field(ge=0)


class ControlTax(Model):
    """All totals of revenue are off by one factor, which may be a tax: on whose side, and its rate."""

    with_tax: Literal["books", "records"]
    rate: float


class Ahead(Model):
    """Rows dated after the records end, and set aside for it: the records end on ``ends``."""

    rows: int
    first: date
    last: date
    ends: date


class Audit(Section):
    """Can the records be trusted?

    ``revenue`` is that of rows in use, all of which name a customer, net of returns;
    ``unassigned_revenue`` that of sales that belong to nobody. ``orders`` are those with a line
    that is no return. ``refunds`` are what was given back, a positive sum.
    ``set_aside`` counts rows by reason, the commonest first. ``reasons`` names what makes each
    verdict what it is: of one that is unfit, only what alone makes it so; ``touches`` the figures
    that each of them moves. ``unassigned_share`` is the part of all revenue, ``unassigned_rows`` how
    many of all rows, that name no customer. ``control_tax``: one tax may be all that keeps the
    totals of revenue from meeting. ``closed_group``: nobody buys for the first time any more, towards the
    end. ``breaks`` are in the order of their days, ``questions`` in that of money.
    ``needed_repeat_buyers``: how many customers must have bought twice for a model. ``rows_kept``
    less all of ``purchase_steps`` are the ``occasions``.
    """

    number: ClassVar[str] = "01"
    name: ClassVar[str] = "audit"

    rows_in: int
    rows_kept: int
    set_aside: dict[str, int]
    purchase_steps: PurchaseSteps
    customers: int
    occasions: int
    orders: int | None
    revenue: float | None
    unassigned_revenue: float | None
    unassigned_share: float | None
    unassigned_rows: int
    refunds: float | None
    repeat_buyers: int
    zero_occasions: int
    first_date: date
    last_date: date
    last_first_purchase: date
    closed_group: bool
    needed_repeat_buyers: int
    verdict: Verdict
    reasons: dict[str, list[str]]
    touches: dict[str, list[Touched]]
    retained_rate: float | None
    checks: list[Check]
    breaks: list[Break]
    closures: Closures | None
    questions: list[Question]
    years: list[Year]
    statuses: list[Status]
    files: list[FileLines]
    doubts: list[Doubt]
    control: list[ControlTotal]
    control_tax: ControlTax | None
    ahead: Ahead | None

    @property
    def fitness(self) -> Fitness:
        """The worse of the verdicts on what the first screen shows: a rate and a value."""
        return max(self.verdict.retention, self.verdict.clv, key=get_args(Fitness).index)

    @model_validator(mode="after")
    def _rows_add_up(self) -> Self:
        if self.rows_in != self.rows_kept + sum(self.set_aside.values()):
            raise ValueError("rows_in is not rows_kept plus the rows set aside")
        return self
