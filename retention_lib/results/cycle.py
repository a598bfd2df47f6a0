"""The section of notebook 02: how often customers really buy."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from retention_lib.results.base import ChartPeriod, Gate, Interval, Model, Period, Section, Unit

RhythmName = Literal["week", "fortnight", "month", "quarter", "year"]
StratumKind = Literal["order", "segment", "channel", "owner"]
Billing = Literal["week", "month", "quarter", "year"]
LapseRule = Literal[
    "silence", "two_cycles", "p_alive_bg", "p_alive_mbg", "p_alive_pareto", "p_buys"
]


class Window(Model):
    """The yardstick of retention: whole weeks, months or quarters, at least three cycles."""

    length: int
    unit: Unit
    days: int


class Pinned(Model):
    """The yardstick as ``definitions.yaml`` holds it, so that it does not move between reports.

    ``window.days`` are those of the window that ends on the day of this run. ``lapse_days`` is 0
    where none was known when the yardstick was pinned. ``rebase``: the fresh cycle's interval
    excludes the pinned cycle, so a new yardstick is proposed. ``by_hand``: somebody set it on the
    day ``since``, and says in ``why`` who and why; else a run did.
    """

    cycle_days: int
    window: Window
    lapse_days: int
    since: date
    why: str
    by_hand: bool
    rebase: bool


class Rhythm(Model):
    """Whether purchases follow a period of the calendar (Rayleigh's test).

    ``customers`` is the number of occasions tested, one for each customer; ``p_value`` is
    Bonferroni's over all periods tested; ``swing`` the height of the first harmonic: at the peak
    purchases are so much (a fraction) above the even flow. ``found``: clearly there, and large
    enough to matter.
    """

    period: RhythmName
    customers: int
    z: float
    p_value: float
    swing: float
    found: bool


class YearEarlier(Model):
    """The customers of the window, and of the same window a year earlier.

    ``clear``: they differ by more than chance would let two such numbers differ.
    """

    window: Period
    customers: int
    earlier: Period
    earlier_customers: int
    clear: bool


class Stratum(Model):
    """The cycle of a part of the customers, drawn towards the whole's where the part is small.

    ``name`` is the client's own text, or for ``order`` one of ``1``, ``2``, ``3+``: the number
    of the order from which the next one is waited for. ``spells`` are the gaps and open waits.
    ``column`` tells segments apart where the client names several: it is then the client's name of
    the segment, with which ``name`` begins, else empty.
    """

    kind: StratumKind
    column: str = ""
    name: str
    customers: int
    spells: int
    cycle_days: int
    cycle_ci95: Interval
    not_back_share: float


class Subscriptions(Model):
    """Customers who pay as subscribers do; ``periods`` says how many by billing period.

    ``customer_share`` and ``occasion_share`` are of all customers and all occasions. ``reported``:
    there are enough of them to speak of a part of its own.
    """

    customers: int
    customer_share: float
    occasion_share: float
    periods: dict[Billing, int]
    reported: bool


SOME_RHYTHM = 1.3  # from this k on, purchases are more regular than by chance
LARGEST_FALSE_LOST = 0.10  # of customers called lost who may come back after all


class LapseTest(Model):
    """How a rule for calling customers lost did when it was tried on the past.

    ``limit`` is in days for ``silence`` and ``two_cycles``, a chance for the others. ``called``
    are customers called lost, ``false_lost`` the share of them who bought within two cycles,
    ``caught`` the share of those who did not buy that had been called lost. ``allowed``: the rule
    may win; BG/NBD alone may not, since it never gives up one-time buyers.
    """

    rule: LapseRule
    limit: float
    called: int
    false_lost: float
    caught: float
    allowed: bool


class Cycle(Section):
    """How often do customers really buy? Days throughout.

    ``cycle_lower`` and ``cycle_upper`` are the bounds of a cycle that is not settled,
    ``bounds_low`` and ``bounds_high`` the outer ends of their 95 % interval. ``season_chance`` is
    the strength that the same weeks reach when they are shuffled. ``window``, ``gate`` and
    ``lapse_days`` go by ``pinned`` where there is one; ``cycle_days`` is always the fresh estimate.
    ``gate_lifts_on`` is the day on which the history will reach the next gate. ``lapse_rule`` is
    the winner of ``lapse_race``, which was tried on ``lapse_tried``; ``lapse_left_out`` says of every
    rule that could not be tried why.
    """

    number: ClassVar[str] = "02"
    name: ClassVar[str] = "cycle"

    history_days: int
    starts_mid_life: bool
    cycle_days: int | None
    settled: bool | None
    cycle_lower: int | None
    cycle_upper: int | None
    cycle_ci95: Interval | None
    bounds_low: float | None
    bounds_high: float | None
    tau_days: int | None
    q75_days: int | None
    q75_ci95: Interval | None
    not_back_share: float | None
    not_back_ci95: Interval | None
    naive_median_gap_days: float | None
    pooled_median_days: int | None
    regularity_k_raw: float | None
    regularity_k: float | None
    regularity_ci95: Interval | None
    rhythm: list[Rhythm]
    season_strength: float | None
    season_chance: float | None
    year_earlier: YearEarlier | None
    strata: list[Stratum]
    subscriptions: Subscriptions | None
    window: Window | None
    chart_period: ChartPeriod | None
    lapse_days: int | None
    lapse_ci95: Interval | None
    lapse_tried: Period | None
    lapse_race: list[LapseTest]
    lapse_left_out: dict[LapseRule, str]
    lapse_rule: LapseRule | None
    gate: Gate
    gate_lifts_on: date | None
    pinned: Pinned | None

    @property
    def is_regular(self) -> bool:
        """Whether customers buy more regularly than by chance."""
        return self.regularity_k is not None and self.regularity_k >= SOME_RHYTHM

    @property
    def has_season(self) -> bool:
        """Whether sales follow the year by more than chance would have it."""
        strength, chance = self.season_strength, self.season_chance
        return strength is not None and chance is not None and strength > chance

    @property
    def grows(self) -> bool:
        """Whether more history could lengthen the cycle: not settled, and its bounds differ."""
        return self.settled is False and self.cycle_upper != self.cycle_lower

    @property
    def interval(self) -> tuple[float, float | None] | None:
        """The 95 % interval of a settled cycle, else that of its bounds, which may have no end."""
        if self.settled is not False:
            return self.cycle_ci95
        return None if self.bounds_low is None else (self.bounds_low, self.bounds_high)
