"""What notebook 04 finds: what each customer is worth, and how sure that is."""

from __future__ import annotations

from datetime import date
from math import exp, log, sqrt
from typing import ClassVar, Final, Literal

from retention_lib.results.base import Certainty, Interval, Model, Period, Section, State, Why


class GammaGamma(Model):
    """Spend per occasion of repeat buyers (Fader and Hardie 2013).

    ``standard_errors`` are those of p, q and v. ``correlation`` is Spearman's, of the number of
    purchases and the mean spend, so that one huge account does not make it. The scale of a customer
    with x repeat purchases is v (1 + x) ^ ``power``: 0, without an interval, is Gamma-Gamma itself,
    and is kept unless the likelihood ratio and the means of customers both tell otherwise at 1 %,
    and by .2 at least.
    """

    p: float
    q: float
    v: float
    standard_errors: dict[str, float]
    log_likelihood: float
    customers: int
    correlation: float
    power: float
    power_ci95: Interval | None


_NONE: Final = 0.005  # what is shown as 0 %
_FEW_POINTS: Final = 0.05
_LONGER: Final = 1.2  # times the other side of a range
_FEWEST: Final = 3  # earlier forecasts, of which fewer move nothing

ForecastName = Literal[
    "BG/NBD",
    "MBG/NBD",
    "Pareto/NBD",
    "MBG/NBD on two clocks",
    "NBD",
    "own",
    "cohort",
    "last window",
]


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


class Holdout(Period):
    """The days kept from the forecasts, how each did there, and which one is to be used.

    ``models`` holds plain rules too: "own" is the customer's own pace so far, "cohort" that of all who
    first bought in the same quarter, "last window" the purchases of the days before. ``left_out``
    says why of every model that could not be fitted. ``chosen`` is the one that these days alone
    would choose; ``passes`` says whether its total is at most a quarter off, beyond what chance does
    to so many purchases; else it is the least bad. ``reason``: BG/NBD has "none better" by more than
    two standard errors, or the chosen one is "clearly better", or BG/NBD is "biased" by more than a
    quarter, or it is "left out".
    """

    customers: int
    models: list[Score]
    left_out: dict[ForecastName, Why]
    chosen: ForecastName
    passes: bool
    reason: Literal["none better", "clearly better", "biased", "left out"]


class Choice(Model):
    """Which forecast came first in the tests, and why.

    ``by`` says which tests decided: the "record", ``races`` on earlier days over as many ``days`` as
    the value looks ahead; or, where nothing so long could be tested, the "holdout". ``reason`` on
    the record: the "calendar" tells (season and trends, at 1 %), and nothing was clearly closer than
    the model that knows it, where that knew as much as today; else BG/NBD has "none better" by more
    than .02 of the mean |ln (actual / predicted)|, or the chosen one is "clearly better" (a plain
    rule: a fifth closer than the best model), or BG/NBD was "left out" of half the races or more; on
    the holdout as there.
    """

    by: Literal["record", "holdout"]
    races: int
    days: int
    chosen: ForecastName
    reason: Literal["none better", "clearly better", "calendar", "biased", "left out"]


class TestAhead(Model):
    """What the tests over so many days say: ``off`` is predicted / actual - 1, the mean of several."""

    __test__: ClassVar[bool] = False  # no test of pytest's

    days: int
    off: float


class Tested(Model):
    """How the forecast in use did in the holdout.

    ``off`` is how far its total was off, as a share of the ``actual`` one, to the ``side``:
    "even" if that rounds to 0 %. ``verdict``: "close" up to a tenth, "fair" up to a quarter or as
    far as chance may throw so few purchases, else "far off", as where "nobody bought".
    """

    predicted: float
    actual: int
    off: float | None
    side: Literal["even", "too few", "too many"]
    verdict: Literal["close", "fair", "far off", "nobody bought"]


class Standing(Model):
    """How one forecast did over the ``races`` of the record that it took part in, or in the holdout.

    Its total was ``closest`` in so many, and at most a quarter off in ``near``. ``distance`` is the
    mean of |ln (actual / predicted)| over them, ``deviance`` the mean deviance per customer, ``bias``
    the lowest and the highest.
    """

    name: ForecastName
    races: int
    closest: int
    near: int
    distance: float
    deviance: float
    bias: Interval | None


class PastForecast(Model):
    """A forecast as it would have been made on an earlier day, and what came.

    ``origin`` is the last day known to it, ``end`` the last day it tells of; ``predicted`` and
    ``actual`` are occasions of the ``customers`` of that day. ``moved`` is what would have been
    printed: ``predicted`` moved by the forecasts that had ended by then, and ``ci95`` the range around
    it, widened by these; ``own_ci95`` is the model's own range around ``predicted``. ``alike`` says
    whether it was made as today's is: not where the history then was too short for a part of today's
    model. Only such forecasts move and widen later ones.
    """

    origin: date
    end: date
    customers: int
    predicted: float
    moved: float
    actual: int
    alike: bool
    own_ci95: Interval
    ci95: Interval

    @property
    def error(self) -> float:
        """How far off it was: ln (actual / predicted), half an occasion standing for none."""
        return log(max(self.actual, 0.5) / self.predicted)

    @property
    def inside(self) -> bool:
        """Whether what came lies in the widened range."""
        return self.ci95[0] <= self.actual <= self.ci95[1]

    @property
    def inside_own(self) -> bool:
        """Whether what came lies in the model's own range."""
        return self.own_ci95[0] <= self.actual <= self.own_ci95[1]


class PastForecasts(Model):
    """How the forecast in use would have done on earlier days, the earliest first.

    ``days`` is how far each looked ahead: as far as the value does, but at most half of the
    history. ``left_out`` says why of every earlier day (ISO) on which it could not be made.

    What came lay ``inside`` the widened range of so many, ``inside_own`` that of the model;
    ``too_high`` and ``too_low`` were so many. ``range`` is whether three or more show the widened
    one to be wide enough: nine in ten inside; else what came "missed above" it each time that it
    did not hold, or also "missed below". ``errors`` says whether they fall on one side, all or
    three in four of four or more. ``mean_off`` is the geometric mean of actual / predicted - 1,
    ``off`` the smallest and the largest. They ``overlap`` if one begins before another ends.
    """

    days: int
    forecasts: list[PastForecast]
    left_out: dict[str, Why]
    inside: int
    inside_own: int
    too_high: int
    too_low: int
    range: Literal["too few", "wide enough", "missed above", "missed below"]
    errors: Literal["all high", "all low", "mostly high", "mostly low", "either way"]
    mean_off: float | None
    off: Interval | None
    overlap: bool

    @property
    def n(self) -> int:
        """How many forecasts there are."""
        return len(self.forecasts)

    @property
    def bias(self) -> Interval | None:
        """The lowest and the highest predicted / actual - 1."""
        if self.off is None:
            return None
        low, high = (1 / (1 + off) - 1 for off in reversed(self.off))
        return low, high

    @property
    def unlike(self) -> int:
        """How many of them were made of less than today's, and move nothing."""
        return sum(not one.alike for one in self.forecasts)


class Centre(Model):
    """By how much earlier forecasts move today's: the logarithm of it by ``shift``.

    ``mean`` is the mean of ln(actual / predicted) of the ``forecasts`` made as today's is, the later
    ones weighing more; ``kept`` is the part of it that is believed, the more the more of their
    ``windows`` do not overlap: ``shift`` = ``mean`` x ``kept``. ``factor`` is exp(``shift``).
    """

    shift: float
    factor: float
    mean: float
    kept: float
    forecasts: int
    windows: int

    @property
    def off(self) -> float:
        """How far earlier forecasts were off on average, as a share of what came."""
        return abs(exp(-self.mean) - 1)

    @property
    def by(self) -> float:
        """By how much today's is moved, as a share of it."""
        return abs(self.factor - 1)

    @property
    def unmoved(self) -> Literal["too few", "too short", "none"]:
        """Why nothing of the error is taken over, if nothing is."""
        if self.kept:
            return "none"
        return "too few" if self.forecasts < _FEWEST else "too short"

    @property
    def side(self) -> Literal["even", "too high", "too low"]:
        """Which way earlier forecasts erred: "even" if today's moves by what rounds to 0 %."""
        if self.by < _NONE:
            return "even"
        return "too high" if self.shift < 0 else "too low"


class MonthFactor(Model):
    """How many times as often as in an even month customers buy in a month of the year."""

    month: int
    factor: float
    ci95: Interval

    @property
    def compared(self) -> Literal["above", "below", "not clearly"]:
        """Whether it lies clearly above or below that of an even month."""
        if self.ci95[0] > 1:
            return "above"
        return "below" if self.ci95[1] < 1 else "not clearly"


class Trend(Model):
    """A slow change, as a share a year, and whether it is told from none at 5 %."""

    per_year: float
    ci95: Interval
    present: bool


class Clocks(Model):
    """What the calendar does to purchases: of the month, of the pace and of the chance to stay.

    ``season`` has twelve months, or none where the history is under a year; it is "tentative"
    under two years. ``pace`` is the change of the rate at which customers buy, ``stay`` that of the
    chance to stay after a purchase, both null under two years; ``stay_then`` and ``stay_now`` are
    the mean chance to stay after a purchase at the start of the records and today.
    """

    years: float
    season: list[MonthFactor]
    season_is: Literal["known", "tentative", "unknown"]
    pace: Trend | None
    stay: Trend | None
    stay_then: float
    stay_now: float


class PriceDrift(Model):
    """How the value of an order changes from year to year within customers, as a share a year.

    Where it is ``used``, since its interval excludes 0, past amounts are brought to today's level.
    """

    per_year: float
    ci95: Interval
    used: bool


class NextPurchases(Model):
    """How often the expected days of the next purchase came true in the holdout.

    Of the ``customers`` whose day lay in it, the share ``expected`` was to have bought by then, and
    the share ``actual`` had.
    """

    customers: int
    expected: float
    actual: float

    @property
    def verdict(self) -> Literal["as told", "too early", "too late"]:
        """Whether they came true as often as expected: five points apart at most, or by chance."""
        chance = 2 * sqrt(self.expected * (1 - self.expected) / max(self.customers, 1))
        if abs(self.actual - self.expected) <= max(_FEW_POINTS, chance):
            return "as told"
        return "too early" if self.actual < self.expected else "too late"


class PublishedForecast(Model):
    """A forecast that was published, and what came of it.

    ``purchases`` are those it told of, of all customers of ``day``, up to and with ``due``; ``ci95`` is
    its range as published, null where there was none. ``actual``, null until it is due, is counted in
    today's records. ``revised`` says whether these know clearly fewer or more customers or purchases
    up to ``day`` than the forecast was made from.
    """

    day: date
    due: date
    model: str
    purchases: float
    ci95: Interval | None
    actual: int | None
    revised: bool

    @property
    def outcome(self) -> Literal["inside", "above", "below", "not judged", "not due"]:
        """Where what came lies by its range; "not due" also where nothing is counted."""
        if self.actual is None:
            return "not due"
        if self.ci95 is None or self.revised:
            return "not judged"
        low, high = self.ci95
        return (
            "inside" if low <= self.actual <= high else "above" if self.actual > high else "below"
        )


class Ledger(Model):
    """The forecasts published before today, the earliest first: the first of each day and span.

    So many are ``due``; of these, what came lay ``inside`` the range of so many, and so many are
    ``unjudged``: nothing could be counted, there was no range, or the records have been revised.
    ``notes`` say what of the list could not be read, or why it was not.
    """

    due: int
    inside: int
    unjudged: int
    forecasts: list[PublishedForecast]
    notes: list[Why]


class Spread(Model):
    """What the ranges of the totals are made of: standard deviations of the logarithm of a total.

    ``purchases`` and ``value`` are the model's own, from its parameters and the customers' chance;
    ``below`` and ``above`` are those of the ``forecasts`` earlier errors on either side of the moved
    centre. A range is the total times exp(± ``factor`` x root of the sum of the squares), ``factor``
    being Student's t at .975 with 4 + ``forecasts`` degrees of freedom. ``error`` is the larger of the
    two as a share of the total.
    """

    purchases: float
    value: float | None
    below: float
    above: float
    error: float
    forecasts: int
    factor: float

    @property
    def longer(self) -> Literal["even", "below", "above"]:
        """To which side the range reaches clearly further, by a fifth of it at least."""
        if max(self.below, self.above) < _LONGER * min(self.below, self.above):
            return "even"
        return "below" if self.below > self.above else "above"


class StateValue(Model):
    """The customers of one state, what they are worth, and how much of that is at risk.

    ``at_risk`` is the sum of CLV times the chance of no purchase within ``at_risk_days`` of
    :class:`Clv`.
    """

    state: State
    customers: int
    value: float | None
    at_risk: float | None


class Stake(Model):
    """What is at risk with the customers of one state.

    ``share`` of all that is at risk, and ``of_value``, the part of what they are worth; ``each``
    is the mean of one customer, and ``most_each`` whether it is the largest of several states.
    """

    state: State
    customers: int
    share: float
    of_value: float
    each: float
    most_each: bool


class SubscriberValue(Model):
    """Customers who pay as subscribers do, valued by the share who renew, not by the model.

    ``customers`` are those who have not ended for certain, ``period`` how often they pay,
    ``expected_purchases`` their charges within the horizon, ``value`` the CLV of all together.
    """

    period: Literal["week", "month", "quarter", "year"]
    customers: int
    expected_purchases: float
    value: float | None


class SubscriberTotal(Model):
    """All subscribers together; ``share`` is their part of ``total_clv`` of :class:`Clv`."""

    customers: int
    expected_purchases: float
    value: float | None
    share: float | None


class NewCustomerValue(Model):
    """What a next new customer of one kind is expected to bring: the most that winning one may cost.

    ``kind`` is "all", or what ``name`` is one of: a "cohort" (year of the first purchase, as in
    2023, or quarter, as in 2023-Q2), a "channel", a "product" of the first basket. ``customers``
    are those it is learnt from. ``purchases`` are occasions after the first within the horizon,
    ``first_value`` what the first brings, ``value`` both together, later ones discounted; money is
    None where the records carry no amounts. ``compared`` says whether the value is clearly above
    or below that of "all"; "all" itself is "not clearly". ``place`` is that among those of its
    kind on the same side, 1 the furthest from all; 0 of those that are not clearly apart.
    """

    kind: Literal["all", "cohort", "channel", "product"]
    name: str
    customers: int
    purchases: float
    purchases_ci95: Interval
    first_value: float | None
    value: float | None
    value_ci95: Interval | None
    compared: Literal["above", "below", "not clearly"]
    place: int


class Clv(Section):
    """What is each customer worth? ``basis`` says whether in revenue or in margin.

    ``model`` is the forecast behind the values: that of the ``choice``, or the next that could be
    fitted on all records; ``left_out`` says why of each that could not. ``holdout`` is the test over
    the latest window, ``rolling`` are races on earlier days over as many days as the value looks
    ahead, the latest first: they, the holdout and ``past_forecasts`` are of forecasts as they were
    made, where nothing is said of moving. ``clocks`` is what the calendar
    does, whichever forecast is in use.

    Every total, and everything told of single customers, is moved by ``centre``; subscribers are not.
    ``wanted_months`` is what the client asked for, ``horizon_months`` how far the value looks: never
    further than was tested. ``expected_revenue`` is what the purchases bring, not discounted, whatever
    it costs; ``total_clv`` discounts it and takes the ``basis``.

    ``tested`` is how it did in the holdout, ``standings`` how all did over the races that decided,
    the closest on average first; in ``chosen_before`` of ``rolling`` it would have been chosen.
    ``tests_disagree`` holds the shorter and the longer test where one found it at least 5 % too low
    and the other at least 5 % too high; else it is empty.

    Totals are of the customers there are today, subscribers with them: ``expected_purchases``
    within the horizon and ``total_clv``, their customer equity. ``..._own_ci95`` is the model's own
    range, ``..._ci95`` the one widened by how wrong earlier forecasts were; ``coverage`` is the
    share of ``past_forecasts`` whose widened range held what came;
    ``past_as_far`` whether they looked as far ahead as the value does.

    ``p_alive_beside`` is the mean chance by another model where BG/NBD is in use, which lets no
    one-time buyer leave; else empty.

    ``value_at_risk`` is the part of ``total_clv`` that goes if all go who may lapse: CLV times the
    chance of no purchase within ``at_risk_days``, summed over customers. ``stakes`` says where it
    lies, the largest first.

    ``certainty`` is that of ``total_clv``: *open* without an interval, or where the forecast was
    ``far_off`` in the test, by more than a quarter. *Firm* if the 95 % interval, widened by how
    wrong earlier forecasts were, stays within a third of the total on either side, and at least
    nine in ten of three or more earlier forecasts came out within theirs. *Likely* if the 80 %
    interval stays within that third and the test's total was within a quarter; else *open*.
    ``lean`` is the side on which three in four of four or more earlier forecasts, made as today's
    is, would still have erred if moved as today's is by ``centre``.
    ``tested_days`` is how far ahead the longest test of the forecast in use looked, holdout or
    earlier forecasts, 0 without one; what is wanted ``outlasts_test`` if it looks further.

    ``values`` says how customers differ: half of them are worth "nothing", to be shown; or the
    mean is more than half over the median, so that they are "far apart"; else they are "alike".
    ``concentrated``: a fifth of them holds at least half of the value.
    """

    number: ClassVar[str] = "04"
    name: ClassVar[str] = "clv"

    model: ForecastName | None
    left_out: dict[ForecastName, Why]
    time_unit: Literal["week"]
    params: dict[str, float] | None
    standard_errors: dict[str, float] | None
    log_likelihood: float | None
    gamma_gamma: GammaGamma | None
    clocks: Clocks | None
    choice: Choice | None
    holdout: Holdout | None
    rolling: list[Holdout]
    tested: Tested | None
    tests_disagree: list[TestAhead]
    standings: list[Standing]
    chosen_before: int
    past_forecasts: PastForecasts | None
    past_as_far: bool
    coverage: float | None
    centre: Centre | None
    ledger: Ledger
    basis: Literal["revenue", "margin"]
    discount_rate: float
    wanted_months: int
    horizon_months: int
    expected_purchases: float | None
    expected_purchases_ci95: Interval | None
    expected_purchases_own_ci95: Interval | None
    expected_revenue: float | None
    expected_revenue_ci95: Interval | None
    price_drift: PriceDrift | None
    next_purchases: NextPurchases | None
    total_clv: float | None
    total_clv_ci95: Interval | None
    total_clv_own_ci95: Interval | None
    spread: Spread | None
    mean_p_alive: float | None
    p_alive_beside: dict[ForecastName, float]
    top20_share: float | None
    median_clv: float | None
    mean_clv: float | None
    values: Literal["unknown", "nothing", "far apart", "alike"]
    concentrated: bool
    at_risk_days: int | None
    value_at_risk: float | None
    at_risk_share: float | None
    states: list[StateValue]
    stakes: list[Stake]
    subscribers: list[SubscriberValue]
    subscribed: SubscriberTotal
    new_customer_value: list[NewCustomerValue] | None
    certainty: Certainty
    lean: Literal["high", "low", "none"]
    far_off: bool
    tested_days: int
    outlasts_test: bool
