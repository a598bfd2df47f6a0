"""The section of notebook 03: whether customers come back, and whether that is good."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from retention_lib.results.base import (
    Certainty,
    ChartPeriod,
    Interval,
    Model,
    Period,
    Section,
    Why,
)
from retention_lib.results.cycle import Billing

NoChurnModel = Literal["BG/NBD", "MBG/NBD", "NBD"]
Side = Literal["above", "below", "unclear"]
GrowthState = Literal["unknown", "more gained", "as many", "more lost"]
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
    ``by_model`` holds the same mean by each model that is used, ``lowest`` and ``highest`` are its
    ends; ``left_out`` says why the others are not used. ``season`` says whether the season, as it
    was known when the window began, is counted in; ``window_pace`` is how many times as often as in
    as many even days customers buy in the window by it, 1 without.

    It is what the models say, and no ceiling. Where a rate lies above it by more than two standard
    errors, or the models differ by more than .2, it is not usable: ``no_churn_expectation`` and
    ``judged`` of :class:`Retention` are null then, with that reason.
    """

    model: NoChurnModel
    expectation: float
    returning: float | None
    first_time: float | None
    lowest: float
    highest: float
    by_model: dict[NoChurnModel, float]
    left_out: dict[NoChurnModel, Why]
    season: bool
    window_pace: float


class HeadlineRate(Model):
    """The rate that comes first: of established customers, or of all where there are none.

    ``side`` of one half, and ``certainty``: do more stay than go?
    """

    established: bool
    customers: int
    rate: float
    ci95: Interval
    side: Side
    certainty: Certainty


class Judged(Model):
    """The headline rate beside what would be expected of the same customers if nobody had left.

    ``low`` and ``high`` are the ends of the expectation over all models. ``regular``: customers buy
    more regularly than by chance, so it is a lower bound. ``side``: whether the whole 95 % interval of
    the rate lies below it; else the two cannot be told apart. ``gap``: how many customers more would have come back, to two figures;
    ``gap_range`` from the nearer ends of rate and expectation to the farther ones.
    """

    expected: float
    low: float
    high: float
    regular: bool
    side: Literal["below", "unclear"]
    certainty: Certainty
    gap: int
    gap_range: tuple[int, int]


class NetFlow(Model):
    """Do more customers come than go from one window to the next?

    ``gained`` are new customers and those back after a pause, ``change`` is gained minus lost.
    ``side`` is that of one customer gained for each one lost, by the 95 % interval; ``certainty``
    is open where nobody bought for the first time (``closed``), and where a season makes the two
    windows unlike. ``back``: customers back after a pause are "counted", a "lower bound" where the
    history holds no third window, or "unseen" where it begins with the first of the two.
    """

    gained: int
    change: int
    closed: bool
    side: Side
    certainty: Certainty
    back: Literal["counted", "lower bound", "unseen"]


class GrowthPeriod(Period):
    """One full chart period: who was active in it, and who of the period before was not.

    ``lost`` and ``quick_ratio`` are null in the first period, the ratio also if nobody was lost.
    """

    active: int
    new: int
    retained: int
    resurrected: int
    lost: int | None
    quick_ratio: float | None

    @property
    def gained(self) -> int:
        """Customers who came for the first time or after a pause."""
        return self.new + self.resurrected


class Growth(Model):
    """Growth accounting over full chart periods.

    ``state`` is that of the last period. ``outpaced_since``: first day of the unbroken run of
    periods, up to the last one, in which more customers were lost than gained; null if the last
    period was none of these. ``outpaced_periods`` counts that run, ``outpaced_gained`` and
    ``outpaced_lost`` are its customers in all.
    """

    unit: ChartPeriod
    periods: list[GrowthPeriod]
    state: GrowthState
    outpaced_since: date | None
    outpaced_periods: int
    outpaced_gained: int
    outpaced_lost: int


class CohortMean(Model):
    """The share of customers who bought ``period`` periods after that of their first purchase.

    Over all cohorts whose period has ended, weighted by their ``customers``.
    """

    period: int
    customers: int
    rate: float


class SecondPurchases(Model):
    """The share of those who first bought in a year who were back one window later."""

    year: str
    rate: float
    ci95: Interval


class RevenueParts(Model):
    """What customers of two windows spent, in the client's currency or as shares.

    ``kept`` is the sum of the smaller of a customer's two windows, ``expansion`` and
    ``contraction`` what customers of both windows spent more or less, ``lost`` what those spent
    who spent nothing in the window, ``new`` and ``resurrected`` the window's revenue of customers
    who had never bought before it, and of those who had, but not in the prior window.
    """

    kept: float
    expansion: float
    contraction: float
    lost: float
    new: float
    resurrected: float


class RevenueFlow(RevenueParts):
    """What became of the revenue of the prior window, in the client's currency.

    Each customer's revenue of a window is net of the returns booked in it, and at least 0.
    ``before`` is that of the prior window, ``shares`` are the parts as shares of it.
    ``same_customers``: whether those of the prior window bring more or less than before, by the
    95 % interval of net revenue retention. ``change``: all gains minus all losses.
    """

    before: float
    shares: RevenueParts
    same_customers: Side
    change: float


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


class StandsOut(Model):
    """A part whose rate is clearly unlike that of all other customers.

    ``of`` says which rate: of customers "retained", or of "second" purchases.
    """

    of: Literal["retained", "second"]
    kind: PartKind
    name: str
    side: Side
    rate: float
    ci95: Interval


class Contractual(Model):
    """How many of those who pay like subscribers stop, by billing period.

    ``charges`` are charges from the fourth on after which it is known whether another came,
    ``ended`` those after which none did; ``churn_rate`` is their share, ``recent_rate`` the same
    for the charges of the last 365 days before it could be known, ``earlier_rate`` for those before
    that; ``recent_clearly`` on which side of it the recent one lies. ``alpha`` and ``beta`` are
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
    earlier_charges: int
    earlier_rate: float | None
    earlier_ci95: Interval | None
    recent_clearly: Side
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
    of the change of the returning rate, from recomputed to now, ``returning_clearly`` its side of
    none. ``revised``: records of that time have been changed since. ``other_season``: sales follow
    the year, and the two days lie in different parts of it.
    """

    run: str
    as_of: date
    same_window: bool
    changes: list[Change]
    returning_difference_ci95: Interval | None
    returning_clearly: Side
    revised: bool
    other_season: bool


class Retention(Section):
    """Do customers come back? Counts of customers, rates as fractions of them.

    ``mix_effect`` and ``rate_effect`` split the change of ``retained_rate`` since the day of
    ``previous``, recomputed under today's yardstick, into what the mix of first-time and
    returning customers did and what their own rates did. ``second_purchase_years`` are those whose
    curve reaches one window, ``second_purchase_clearly`` on which side of the first of them the last
    lies. ``stands_out``: of each side the farthest first.
    """

    number: ClassVar[str] = "03"
    name: ClassVar[str] = "retention"

    prior: Period | None = None
    window: Period | None = None
    start_customers: int | None = None
    new_customers: int | None = None
    end_customers: int | None = None
    retained_customers: int | None = None
    resurrected_customers: int | None = None
    lost_customers: int | None = None
    returning_customers: int | None = None
    first_time_customers: int | None = None
    formula_rate: float | None = None
    retained_rate: float | None = None
    retained_ci95: Interval | None = None
    returning_rate: float | None = None
    returning_ci95: Interval | None = None
    first_time_rate: float | None = None
    first_time_ci95: Interval | None = None
    second_purchase_rate: float | None = None
    second_purchase_ci95: Interval | None = None
    second_purchase_customers: int | None = None
    second_purchase_years: list[SecondPurchases] = Field(default_factory=list)
    second_purchase_clearly: Side = "unclear"
    mix_effect: float | None = None
    rate_effect: float | None = None
    no_churn_expectation: float | None = None
    no_churn: NoChurn | None = None
    headline: HeadlineRate | None = None
    judged: Judged | None = None
    quick_ratio: float | None = None
    quick_ratio_ci95: Interval | None = None
    net_flow: NetFlow | None = None
    growth: Growth | None = None
    cohorts: list[CohortMean] = Field(default_factory=list)
    gross_revenue_retention: float | None = None
    gross_revenue_ci95: Interval | None = None
    net_revenue_retention: float | None = None
    net_revenue_ci95: Interval | None = None
    revenue_quick_ratio: float | None = None
    revenue: RevenueFlow | None = None
    repeat_revenue_share: float | None = None
    unassigned_revenue_share: float | None = None
    parts: list[RatePart] = Field(default_factory=list)
    parts_compared: int = 0
    stands_out: list[StandsOut] = Field(default_factory=list)
    contractual: list[Contractual] = Field(default_factory=list)
    lost: Lost | None = None
    previous: Previous | None = None
