"""MBG/NBD on two clocks: its likelihood by differences, its limits, and its formulas by chance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from retention_lib.models import (
    customer_intervals,
    mbg,
    purchase_model,
    purchases_if_alive,
    total_uncertainty,
    two_clocks,
)
from retention_lib.models.calendar import CONTRASTS, SEASON, Calendar, Effects
from retention_lib.models.clock import EVEN, Clock
from retention_lib.models.clocks_likelihood import BUYING, LEAVING, PACE, SIZE, Likelihood, Rows
from retention_lib.models.purchase_model import FitError, distinct
from retention_lib.models.race import MODELS, Setting
from retention_lib.models.units import AnnualRate, Span
from tests import clock_worlds
from tests.clock_worlds import AT, TRUTH, World

YEAR = Span.days(365)


def likelihood(seed: int, days: int = 800) -> Likelihood:
    """Of sixty customers and daily totals of any size."""
    generator = np.random.default_rng(seed)
    age = generator.integers(1, days + 1, 60)
    age[0] = days
    x = generator.integers(0, 5, 60)
    recency = np.where(x > 0, (age * generator.random(60)).astype(int), 0)
    counts = pd.DataFrame(
        {"frequency": x, "recency_days": recency, "T_days": age, "customers": 1 + x % 3}
    )
    repeats = generator.integers(0, 3, days + 1).astype(float)
    bought = repeats + generator.integers(0, 2, days + 1).astype(float)
    spread = np.full(SIZE - BUYING, 0.3)
    return Likelihood(Rows.of(counts), Calendar(AT, days), bought, repeats, days / 7, spread)


# --- by hand ---


def test_one_customer_by_hand() -> None:
    """First purchase 400 days ago, one more 100 days ago; r = alpha = a = b = 1, no season.

    With the chance to stay halved by the second purchase and whole at the first, in an even clock
    of units of 400 days: T 1, t .75. Bracket: .5 B(1, 3) (1 + 1)^-2 + (B(1, 2) - .5 B(1, 3))
    (1 + .75)^-2, times gamma(2) / gamma(1) / B(1, 1), times rho = 1 of the first purchase.
    """
    counts = pd.DataFrame({"frequency": [1], "recency_days": [300], "T_days": [400]})
    rows = Rows.of(counts.assign(customers=1))
    bought = np.zeros(401)
    bought[[400, 100]] = 1
    repeats = np.zeros(401)
    repeats[100] = 1
    wide = np.full(SIZE - BUYING, 1e9)
    one = Likelihood(rows, Calendar(AT, 400), bought, repeats, 400 / 7, wide)
    point = np.zeros(SIZE)
    point[LEAVING] = np.log(2) / (300 / 365.25)
    third, half = 1 / 3, 1 / 2
    by_hand = 0.5 * third * 2.0**-2 + (half - 0.5 * third) * 1.75**-2
    assert one.at(point).value == pytest.approx(np.log(by_hand), rel=1e-12)


def test_the_customer_of_the_documentation_by_hand() -> None:
    """docs/two-clocks.md: P(alive) .5586, .8016 purchases in 26 of the clock's weeks, buys .4343."""
    stays = np.full(100, 0.85)
    stays[70:] = 0.9  # ten weeks ago
    clock = Clock(stays=stays)
    model = two_clocks.TwoClocks({"r": 1.0, "alpha": 10.0, "a": 1.0, "b": 3.0}, {}, 0, clock=clock)
    state, ahead = ([2], [140], [210]), Span.weeks(26)
    assert model.p_alive(*state) == pytest.approx(0.558621, abs=1e-6)
    assert model.expected_purchases(*state, ahead) == pytest.approx(0.801554, abs=1e-6)
    assert model.buys_within(*state, ahead) == pytest.approx(0.434265, abs=1e-6)


def test_the_season_has_the_mean_of_an_even_year() -> None:
    effects = Effects(np.linspace(-0.4, 0.5, SEASON))
    clock = Calendar(AT, 0).clock(effects)
    assert pytest.approx(np.eye(SEASON)) == CONTRASTS.T @ CONTRASTS
    assert CONTRASTS.sum(axis=0) == pytest.approx(np.zeros(SEASON), abs=1e-12)
    # four years with one leap day are four times 365.25 days
    assert clock.ahead(Span.days(4 * 365 + 1)) == pytest.approx((4 * 365 + 1) / 7)
    december = float(clock.ahead(Span.days(365)) - clock.ahead(Span.days(334)))
    assert december == pytest.approx(31 / 7 * np.exp(effects.logs[11]))
    assert clock.ahead(Span.months(120)) == pytest.approx(120 * 365.25 / 12 / 7, rel=0.01)


def test_a_clock_runs_back_by_the_days_of_the_months() -> None:
    effects = Effects(np.linspace(-0.4, 0.5, SEASON), pace=0.2, leaving=-0.3)
    clock = Calendar(date(2024, 3, 1), 31).clock(effects)
    speed = np.exp(effects.logs)
    back = np.arange(31) / 365.25
    march_and_february = np.append(speed[2], np.full(29, speed[1])) * np.exp(-0.2 * back[:30])
    assert clock.before(30) == pytest.approx(march_and_february.sum() / 7)
    # staying becomes more frequent: most today
    assert clock.stay_now == 1
    assert clock.stays[31] == pytest.approx(np.exp(-0.3 * 31 / 365.25))


# --- the likelihood ---


@pytest.mark.parametrize("leaving", [0.2, -0.2])
def test_derivatives_are_those_of_differences(leaving: float) -> None:
    one, step = likelihood(1), 1e-6
    point = np.random.default_rng(2).normal(0, 0.2, SIZE)
    point[LEAVING] = leaving
    local = one.at(point)
    moved = [(one.at(point + step * unit), one.at(point - step * unit)) for unit in np.eye(SIZE)]
    gradient = [(up.value - down.value) / (2 * step) for up, down in moved]
    hessian = np.array([(up.gradient - down.gradient) / (2 * step) for up, down in moved])
    assert local.gradient == pytest.approx(np.array(gradient), rel=1e-6, abs=1e-6)
    assert local.hessian == pytest.approx(hessian, rel=1e-6, abs=1e-5)


def test_on_an_even_clock_it_is_mbg() -> None:
    counts, daily = World(Effects()).drawn(1)
    plain = mbg.fit(distinct(counts))
    fits = [
        two_clocks.fit(distinct(counts), AT, None),
        two_clocks.fit(distinct(counts), AT, daily.head(0)),
        two_clocks.refit(distinct(counts), EVEN),
        # the same clock, but read from a table
        two_clocks.refit(distinct(counts), Calendar(AT, 1095).clock(Effects())),
    ]
    state = purchase_model.state(counts)
    for found in fits:
        assert found.parts == ()
        assert found.params == pytest.approx(plain.params, rel=1e-7)
        assert found.standard_errors == pytest.approx(plain.standard_errors, rel=1e-6)
        assert found.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-6)
        found = replace(found, params=plain.params)
        assert found.p_alive(*state) == pytest.approx(plain.p_alive(*state), rel=1e-9)
        assert found.expected_purchases(*state, YEAR) == pytest.approx(
            plain.expected_purchases(*state, YEAR), rel=1e-9
        )


def test_parts_come_with_the_years() -> None:
    for days, parts in {363: (), 364: ("season",), 728: ("season",), 729: 3}.items():
        counts, daily = World(days=days, customers=600).drawn(3)
        found = MODELS["MBG/NBD on two clocks"](distinct(counts), Setting(AT, daily=daily))
        expected = ("season", "pace", "stay") if parts == 3 else parts
        assert found.parts == expected
        assert (found.clock is EVEN) == (not expected)


@pytest.mark.parametrize("leaving", [0.25, 0.0, -0.25])
def test_it_is_at_the_top_of_its_likelihood(leaving: float) -> None:
    """No worse than the season alone; with a trend of staying that is there, much better."""
    counts, daily = World(Effects(clock_worlds.SEASON, 0.1, leaving)).drawn(4)
    found = two_clocks.fit(distinct(counts), AT, daily)
    plain = mbg.fit(distinct(counts))
    assert found.log_likelihood > plain.log_likelihood + 100
    assert found.stay_gain >= 0
    assert (found.stay_gain > 3.84) == (leaving != 0)
    assert np.sign(found.effects.leaving) == np.sign(leaving) or leaving == 0
    names = [*found.params, "pace", "leaving"]
    point, covariance = found.uncertain
    assert covariance is not None
    truth = [*np.log([*TRUTH.values()]), 0.1, leaving]
    places = [0, 1, 2, 3, PACE, LEAVING]
    off = (point[places] - truth) / np.sqrt(np.diag(covariance)[places])
    assert dict(zip(names, np.abs(off), strict=True)) == pytest.approx(
        dict.fromkeys(names, 0.0), abs=3.5
    )


def test_nobody_leaves_but_for_the_trend() -> None:
    """The plain model ends at its bound; this one keeps its clock, and a and b have no error."""
    world = World(Effects(clock_worlds.SEASON), params={**TRUTH, "a": 1e-9}, customers=1500)
    counts, daily = world.drawn(5)
    with pytest.raises(FitError, match="nobody_leaves"):
        mbg.fit(distinct(counts))
    found = two_clocks.fit(distinct(counts), AT, daily)
    assert found.params["a"] == pytest.approx(1e-6)
    assert found.standard_errors["a"] == found.standard_errors["b"] == 0
    state = purchase_model.state(counts)
    expected = found.expected_purchases(*state, YEAR) @ counts["customers"]
    actual = counts["later"] @ counts["customers"]
    assert expected == pytest.approx(actual, rel=0.08)


@pytest.mark.parametrize(("customers", "seed"), [(70, 0), (70, 2), (400, 1), (3000, 0)])
def test_all_leave_alike(customers: int, seed: int) -> None:
    """The plain model runs off to its bound; this one stays there, and sees no trend in that."""
    world = World(params={**TRUTH, "a": 2e4, "b": 8e4}, customers=customers, effects=Effects())
    counts, daily = world.drawn(seed)
    with pytest.raises(FitError, match="run_off"):
        mbg.fit(distinct(counts))
    found = two_clocks.fit(distinct(counts), AT, daily)
    a, b = found.params["a"], found.params["b"]
    assert b > 1000 and found.standard_errors["b"] == 0 < found.standard_errors["a"]
    assert a / (a + b) == pytest.approx(0.2, abs=4 * found.standard_errors["a"] / b)
    assert found.stay_gain < 10  # at the other bound, where nobody leaves, it would be 60 and more


def test_nobody_bought_again() -> None:
    counts = pd.DataFrame({"frequency": 0, "recency_days": 0, "T_days": [10, 800], "customers": 9})
    daily = pd.DataFrame(
        {"day": pd.to_datetime(["2023-01-01"]), "first_purchases": 18, "repeats": 0}
    )
    with pytest.raises(FitError, match="nobody_bought_again"):
        two_clocks.fit(counts, AT, daily)
    with pytest.raises(FitError, match="nobody_bought_again"):
        two_clocks.refit(counts, Calendar(AT, 800).clock(Effects(clock_worlds.SEASON)))


# --- what it expects, by chance ---

FALLING, RISING = (
    World(Effects(clock_worlds.SEASON, 0.15, leaving), customers=400_000, days=7 * 156 - 1)
    for leaving in (0.3, -0.3)
)
GROUPS = {  # first purchase so many days ago, the last one, and how many between: some thousands
    "new": ((0, 60), (0, 60), (0, 0)),
    "once, long ago": ((700, 1091), (700, 1091), (0, 0)),
    "often, lately": ((400, 1095), (0, 120), (3, 50)),
    "often, silent": ((500, 1095), (200, 400), (3, 50)),
    "twice": ((300, 700), (100, 300), (1, 2)),
}


def within(found: Any, wanted: Any, error: Any) -> bool:
    """Whether two figures are at most four standard errors apart."""
    return bool(abs(float(found) - float(wanted)) <= 4 * float(error))


def truth(world: World) -> two_clocks.TwoClocks:
    """The model with the parameters that the world was drawn with."""
    clock = world.calendar.clock(world.effects)
    return two_clocks.TwoClocks(dict(world.params), {}, 0.0, clock=clock)


@pytest.fixture(scope="module", params=[FALLING, RISING], ids=["falling", "rising"])
def drawn(request: pytest.FixtureRequest) -> tuple[World, pd.DataFrame, pd.DataFrame]:
    counts, daily = request.param.drawn(11, ahead_days=400)
    return request.param, counts, daily


@pytest.mark.parametrize("group", GROUPS)
def test_expectations_are_those_of_a_simulation(
    drawn: tuple[World, pd.DataFrame, pd.DataFrame], group: str
) -> None:
    """Of customers alike in what is known of them: purchases ahead, and none of them."""
    world, counts, _ = drawn
    x, recency, age = purchase_model.state(counts)
    columns = zip((age, age - recency, x), GROUPS[group], strict=True)
    inside = np.logical_and.reduce([(low <= one) & (one <= high) for one, (low, high) in columns])
    some, model, ahead = counts[inside], truth(world), Span.days(400)
    state, weight = purchase_model.state(some), some["customers"].to_numpy(dtype=float)
    assert weight.sum() > 3000
    later = some["later"].to_numpy(dtype=float)
    expected = model.expected_purchases(*state, ahead)
    error = np.sqrt(weight @ (later - expected) ** 2)
    assert within(weight @ expected, weight @ later, error)
    buys = model.buys_within(*state, ahead)
    assert within(weight @ buys, weight @ (later > 0), np.sqrt(weight @ (buys * (1 - buys))))
    # the whole distribution: of at least so many purchases, and its second moment
    rows, _, weeks_old = purchase_model.weeks(*state, model.clock)
    alive, weeks = model.p_alive(*state), float(model.clock.ahead(ahead))
    for number in (2, 5):
        chance = alive * purchases_if_alive.at_least(
            model, np.array([float(number)]), weeks, rows, weeks_old
        )
        error = np.sqrt(weight @ (chance * (1 - chance))) + 1
        assert within(weight @ chance, weight @ (later >= number), error)
    pairs = alive * purchases_if_alive.second_factorial_moment(model, weeks, rows, weeks_old)
    error = np.sqrt(weight @ (later * (later - 1) - pairs) ** 2)
    assert within(weight @ pairs, weight @ (later * (later - 1)), error)


def test_ranges_of_customers_hold_what_they_buy(
    drawn: tuple[World, pd.DataFrame, pd.DataFrame],
) -> None:
    world, counts, _ = drawn
    some = counts[counts["frequency"] >= 3].head(4000)
    found = customer_intervals.ranges(truth(world), some, Span.days(400))
    later, weight = some["later"].to_numpy(), some["customers"].to_numpy(dtype=float)
    high = found["purchases_high"].to_numpy()

    def share(which: Any) -> float:
        return float(np.average(which, weights=weight))

    assert share(later < found["purchases_low"].to_numpy()) <= 0.06
    # one purchase nearer, and more than one in twenty would be beyond, but of those who buy nothing
    assert share(later > high) <= 0.06 < share(later >= high)


def test_discounted_months_add_up(drawn: tuple[World, pd.DataFrame, pd.DataFrame]) -> None:
    """Without discount they are the expectation; each month has its own weeks of the clock."""
    world, counts, _ = drawn
    state, ends = purchase_model.state(counts.head(500)), Span.months(np.arange(1, 13))
    model = truth(world)
    upto = model.expected_purchases(*state, ends)
    assert model.discounted_purchases(*state, ends, AnnualRate(0)) == pytest.approx(
        upto[-1], rel=1e-9
    )
    worth = AnnualRate(0.1).worth(ends)
    each = np.diff(upto, axis=0, prepend=0)
    assert model.discounted_purchases(*state, ends, AnnualRate(0.1)) == pytest.approx(
        worth @ each, rel=1e-9
    )


def test_history_is_followed_week_by_week(
    drawn: tuple[World, pd.DataFrame, pd.DataFrame],
) -> None:
    """Over a world of 400,000 customers, each quarter's repeats are within 3 % of those expected.

    Beside it the same on an even clock is MBG/NBD's own sum over first days.
    """
    world, _, daily = drawn
    first = daily["first_purchases"].to_numpy(dtype=float)
    repeats = daily["repeats"].to_numpy(dtype=float)
    found = truth(world).repeats_of_new(first, len(first) - 1)
    quarters = np.diff(found[12::13], prepend=0), np.diff(np.cumsum(repeats)[90::91], prepend=0)
    assert quarters[0] == pytest.approx(quarters[1], rel=0.03)
    plain = mbg.MbgNbd(dict(world.params), {}, 0.0)
    even = two_clocks.TwoClocks(dict(world.params), {}, 0.0)
    for origin in (len(first) - 1, 400):
        assert even.repeats_of_new(first, origin) == pytest.approx(
            plain.repeats_of_new(first, origin), rel=1e-9
        )


def test_a_total_is_as_sure_as_its_parameters_and_chance_make_it() -> None:
    """Draws of parameters have the covariance of the fit, the clock's numbers with them."""
    counts, daily = World(Effects(clock_worlds.SEASON, 0.1, 0.2), customers=1500).drawn(6)
    found = two_clocks.fit(distinct(counts), AT, daily)
    point, covariance = found.uncertain
    assert covariance is not None
    draws = list(total_uncertainty.parameter_draws(found, 50, 1))
    points = np.array([one.uncertain[0] for one in draws if one.effects.leaving > 0])
    assert len(points) == 50
    assert points.mean(axis=0) == pytest.approx(point, abs=1e-9)
    assert np.cov(points.T, bias=True) == pytest.approx(covariance, abs=1e-9)
    assert len({float(one.clock.stay_now) for one in draws}) == 50
    spread = total_uncertainty.of_total(found, distinct(counts), YEAR, 1).purchases
    known = replace(found, covariance=np.zeros_like(covariance))
    by_chance = total_uncertainty.of_total(known, distinct(counts), YEAR, 1).purchases
    assert 0.02 < by_chance < spread < 0.3


def test_a_draw_across_no_trend_keeps_the_chance_to_stay_today() -> None:
    counts, daily = World(Effects(clock_worlds.SEASON, 0.0, 0.02), customers=1500).drawn(7)
    found = two_clocks.fit(distinct(counts), AT, daily)
    point, _ = found.uncertain
    for trend in (0.05, -0.05):
        moved = point.copy()
        moved[LEAVING] = trend
        one = found.at(moved)
        a, b = one.params["a"], one.params["b"]
        before, after = found.params, b / (a + b) * one.clock.stay_now
        years = 1095 / 365.25
        same_side = trend * found.effects.leaving > 0
        level = before["b"] / (before["a"] + before["b"])
        # by the formula of the side on which the model was fitted
        factor = np.exp(-trend * years) if found.effects.leaving >= 0 else 1.0
        assert after == pytest.approx(min(level * factor, 1.0), rel=1e-5)
        assert same_side == (one.params["a"] == pytest.approx(found.params["a"]))
