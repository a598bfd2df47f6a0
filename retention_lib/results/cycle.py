"""The section of notebook 02: how often customers really buy."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from retention_lib.results.base import (
    Certainty,
    ChartPeriod,
    Gate,
    Interval,
    Model,
    Period,
    Section,
    Unit,
    Why,
)

RhythmName = Literal["week", "fortnight", "month", "quarter", "year"]
StratumKind = Literal["order", "segment", "channel", "owner"]
Billing = Literal["week", "month", "quarter", "year"]
LapseRule = Literal[
    "silence", "two_cycles", "p_alive_bg", "p_alive_mbg", "p_alive_pareto", "p_buys"
]
Regularity = Literal[
    "unknown",
    "too_coarse",
    "too_few",
    "at_random",
    "some_rhythm",
    "real_cycle",
    "at_random_or_some_rhythm",
    "some_rhythm_or_real_cycle",
    "at_random_or_real_cycle",
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

    ``clear``: they differ by more than chance would let two such numbers differ. ``comparison``
    says in which direction they clearly differ, ``change`` by what fraction of the earlier number
    (0 if that is 0).
    """

    window: Period
    customers: int
    earlier: Period
    earlier_customers: int
    clear: bool
    comparison: Literal["alike", "more", "fewer"]
    change: float


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


class StratumPair(Model):
    """Two parts of one division: order numbers first and last, else the quickest and the slowest.

    ``one`` and ``other`` are names of :class:`Stratum`. ``apart``: their intervals do not meet.
    ``matters``: they also differ by a quarter or more, so that one cycle misjudges them.
    """

    kind: StratumKind
    column: str
    one: str
    other: str
    apart: bool
    matters: bool


class OneCycle(Model):
    """Whether one cycle is right for all customers.

    ``verdict``: nothing to compare, no clear difference, clear but small ones, or differences
    that matter. ``shortest`` and ``longest`` are the cycles in days of the parts that make the
    difference, 0 if none does.
    """

    verdict: Literal["unknown", "fits", "fits_enough", "misjudges"]
    shortest: int
    longest: int
    pairs: list[StratumPair]


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


LARGEST_FALSE_LOST = 0.10  # of customers called lost who may come back after all


class LapseTest(Model):
    """How a rule for calling customers lost did when it was tried on the past.

    ``limit`` is in days for ``silence`` and ``two_cycles``, a chance for the others. ``called``
    are customers called lost, ``false_lost`` the share of them who bought within two cycles,
    ``caught`` the share of those who did not buy that had been called lost. ``allowed``: the rule
    may win; BG/NBD alone may not, since it never gives up one-time buyers. ``passes``: it may win
    and at most one in ten came back. ``rank`` is its place, the best first: rules that pass by
    what they caught, the others by how few came back.
    """

    rule: LapseRule
    limit: float
    called: int
    false_lost: float
    caught: float
    allowed: bool
    passes: bool
    rank: int


class Cycle(Section):
    """How often do customers really buy? Days throughout.

    ``certainty`` is that of the cycle, before the audit's verdict. ``cycle_lower`` and
    ``cycle_upper`` are the bounds of a cycle that is not settled, ``bounds_low`` and
    ``bounds_high`` the outer ends of their 95 % interval. ``grows``: more history could lengthen
    the cycle, since it is not settled and its bounds differ.

    ``regularity`` is what the interval of k says, ``is_regular`` whether k is that of customers
    who buy more regularly than by chance. ``rhythms_found`` are the rhythms of the calendar, the
    strongest first, ``rhythms_untested`` those for which the history is too short.

    ``season_chance`` is the strength that the same weeks reach when they are shuffled;
    ``has_season``: the season is stronger. It is ``season_tentative`` under three years of
    history. ``season_moves_windows``: two windows side by side lie in different seasons.

    ``window``, ``gate`` and ``lapse_days`` go by ``pinned`` where there is one; ``cycle_days`` is
    always the fresh estimate. ``gate_lifts_on`` is the day on which the history will reach the
    next gate. ``lapse_rule`` is the winner of ``lapse_race``, which was tried on ``lapse_tried``;
    ``lapse_left_out`` says of every rule that could not be tried why.
    """

    number: ClassVar[str] = "02"
    name: ClassVar[str] = "cycle"

    history_days: int
    starts_mid_life: bool
    cycle_days: int | None = None
    certainty: Certainty
    settled: bool | None = None
    grows: bool
    cycle_lower: int | None = None
    cycle_upper: int | None = None
    cycle_ci95: Interval | None = None
    bounds_low: float | None = None
    bounds_high: float | None = None
    tau_days: int | None = None
    q75_days: int | None = None
    q75_ci95: Interval | None = None
    not_back_share: float | None = None
    not_back_ci95: Interval | None = None
    naive_median_gap_days: float | None = None
    pooled_median_days: int | None = None
    regularity_k_raw: float | None = None
    regularity_k: float | None = None
    regularity_ci95: Interval | None = None
    regularity: Regularity
    is_regular: bool
    rhythm: list[Rhythm]
    rhythms_found: list[RhythmName]
    rhythms_untested: list[RhythmName]
    season_strength: float | None = None
    season_chance: float | None = None
    has_season: bool
    season_tentative: bool
    season_moves_windows: bool
    year_earlier: YearEarlier | None = None
    strata: list[Stratum]
    one_cycle: OneCycle
    subscriptions: Subscriptions
    window: Window | None = None
    chart_period: ChartPeriod | None = None
    lapse_days: int | None = None
    lapse_ci95: Interval | None = None
    lapse_tried: Period | None = None
    lapse_race: list[LapseTest]
    lapse_left_out: dict[LapseRule, Why]
    lapse_rule: LapseRule | None = None
    gate: Gate
    gate_lifts_on: date | None = None
    pinned: Pinned | None = None

    @property
    def interval(self) -> tuple[float, float | None] | None:
        """The 95 % interval of a settled cycle, else that of its bounds, which may have no end."""
        if self.settled is not False:
            return self.cycle_ci95
        return None if self.bounds_low is None else (self.bounds_low, self.bounds_high)
