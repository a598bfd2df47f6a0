"""The section of notebook 03: whether customers come back, and whether that is good."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from retention_lib.results.base import ChartPeriod, Interval, Model, Period, Section
from retention_lib.results.cycle import Billing

NoChurnModel = Literal["BG/NBD", "MBG/NBD", "NBD"]
Side = Literal["above", "below", "unclear"]
PartKind = Literal["segment", "channel", "owner", "product"]
ChangeName = Literal[
    "returning_rate",
    "retained_rate",
    "first_time_rate",
    "second_purchase_rate",
    "quick_ratio",
    "repeat_revenue_share",
    "gross_revenue_retention",
    "net_revenue_retention",
    "start_customers",
    "new_customers",
    "end_customers",
    "retained_customers",
    "resurrected_customers",
    "lost_customers",
    "customers",
    "occasions",
]


class NoChurn(Model):
    """The rate that would be expected if none of the prior window's customers had left.

    ``expectation`` is the chosen model's mean over all members of the prior window,
    ``returning`` and ``first_time`` those over the two populations (null without such members).
    ``by_model`` holds the same mean by each model that has a say, ``left_out`` says why the
    others have no say: they could not be fitted, or are clearly worse; ``lowest`` and ``highest``
    are the ends of the former.
    """

    model: NoChurnModel
    expectation: float
    returning: float | None
    first_time: float | None
    lowest: float
    highest: float
    by_model: dict[NoChurnModel, float]
    left_out: dict[NoChurnModel, str]


class GrowthPeriod(Model):
    """One full chart period: who was active in it, and who of the period before was not.

    ``lost`` and ``quick_ratio`` are null in the first period, the ratio also if nobody was lost.
    """

    start: date
    end: date
    active: int
    new: int
    retained: int
    resurrected: int
    lost: int | None
    quick_ratio: float | None


class Growth(Model):
    """Growth accounting over full chart periods.

    ``outpaced_since``: first day of the unbroken run of periods, up to the last one, in which
    more customers were lost than came or came back; null if the last period was none of these.
    """

    unit: ChartPeriod
    periods: list[GrowthPeriod]
    outpaced_since: date | None


class RevenueFlow(Model):
    """What became of the revenue of the prior window, in the client's currency.

    Each customer's revenue of a window is net of the returns booked in it, and at least 0.
    ``before`` is that of the prior window, ``kept`` the sum of the smaller of a customer's two
    windows, ``expansion`` and ``contraction`` what customers of both windows spent more or less,
    ``lost`` what those spent who spent nothing in the window, ``new`` and ``resurrected`` the
    window's revenue of customers who had never bought before it, and of those who had, but not
    in the prior window.
    """

    before: float
    kept: float
    expansion: float
    contraction: float
    lost: float
    new: float
    resurrected: float


class RatePart(Model):
    """The rates of one part of the customers, as their first occasion has put them there.

    ``clearly`` says on which side of all other customers' retained rate its own lies, if
    Newcombe's interval of the difference leaves out 0; ``second_clearly`` the same of the share
    who bought a second time within a window. The intervals allow for ``parts_compared``
    comparisons at once: that any looks clear by chance has a probability of 5 % at most.
    """

    kind: PartKind
    name: str
    start_customers: int
    retained_customers: int
    retained_rate: float | None
    retained_ci95: Interval | None
    clearly: Side
    second_customers: int
    second_rate: float | None
    second_ci95: Interval | None
    second_clearly: Side


class Contractual(Model):
    """How many of those who pay as subscribers do stop, by billing period.

    ``charges`` are charges from the fourth on after which it is known whether another came,
    ``ended`` those after which none did; ``churn_rate`` is their share, ``recent_rate`` the same
    for the charges of the last 365 days before it could be known. ``alpha`` and ``beta`` are
    those of a shifted beta-geometric of customers at their fourth charge, ``projection`` the
    share of these that it expects to be left after 1, 2, ... 12 more billing periods.
    """

    period: Billing
    customers: int
    active: int
    charges: int
    ended: int
    churn_rate: float | None
    churn_ci95: Interval | None
    recent_charges: int
    recent_rate: float | None
    recent_ci95: Interval | None
    alpha: float | None
    beta: float | None
    projection: list[float] | None


class Lost(Model):
    """The most valuable customers lost in the window, in all: who they are stays private.

    ``spend`` is what they spent in the prior window, ``share`` its part of what all lost
    customers spent there.
    """

    customers: int
    spend: float | None
    share: float | None


class Change(Model):
    """A figure as an earlier run gave it, recomputed on today's records, and today.

    ``revision`` is recomputed minus reported: what records that changed since have done to the
    past. ``news`` is now minus recomputed: what happened since. Null where either is not known.
    """

    name: ChangeName
    reported: float | None
    recomputed: float | None
    now: float | None
    revision: float | None
    news: float | None


class Previous(Model):
    """Today held against the latest complete run of an earlier day.

    ``same_window``: that run measured by the window of this one; if not, its rates are not
    repeated, since they are not comparable. ``returning_difference_ci95`` is Newcombe's interval
    of the change of the returning rate, from recomputed to now.
    """

    run: str
    as_of: date
    same_window: bool
    changes: list[Change]
    returning_difference_ci95: Interval | None


class Retention(Section):
    """Do customers come back? Counts of customers, rates as fractions of them.

    ``mix_effect`` and ``rate_effect`` split the change of ``retained_rate`` since the day of
    ``previous``, recomputed under today's yardstick, into what the mix of first-time and
    returning customers did and what their own rates did.
    """

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
    no_churn: NoChurn | None
    quick_ratio: float | None
    quick_ratio_ci95: Interval | None
    growth: Growth | None
    gross_revenue_retention: float | None
    gross_revenue_ci95: Interval | None
    net_revenue_retention: float | None
    net_revenue_ci95: Interval | None
    revenue_quick_ratio: float | None
    revenue: RevenueFlow | None
    repeat_revenue_share: float | None
    unassigned_revenue_share: float | None
    parts: list[RatePart]
    parts_compared: int
    contractual: list[Contractual]
    lost: Lost | None
    previous: Previous | None
