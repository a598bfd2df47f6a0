"""Buyers whose cycle is known: what notebook 02 finds of them, and how often its intervals hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention_lib import stats
from retention_lib.cycle_detection import calendar, return_curve
from retention_lib.summaries import counts
from tests import simulated
from tests.conftest import occasions_of
from tests.simulated import Log

CUSTOMERS = 2_000
MEDIAN = 83
DRAWS = stats.group_draws(return_curve.SEED)
POINTS = ("cycle_days", "q75_days", "regularity_k", "lapse_days", "tau_days", "not_back_share")


def figures(gaps: pd.DataFrame, waits: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, Any]:
    return return_curve.cycle_figures(gaps, waits, DRAWS) | calendar.regularity(pairs, DRAWS)


def found(log: Log) -> dict[str, Any]:
    return figures(*simulated.summaries(log))


# --- buyers like clockwork ---


def never_again(generator: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Three in ten never come back, the others always."""
    return np.repeat(generator.random((shape[0], 1)) >= 0.3, shape[1], axis=1)


def leaving(share: float) -> Callable[[np.random.Generator, tuple[int, int]], np.ndarray]:
    """After every purchase this share leaves for good."""
    return lambda generator, shape: generator.random(shape) >= share


@pytest.mark.parametrize("spread", [0.0, 0.1], ids=["to the day", "a tenth early or late"])
@pytest.mark.parametrize("seen", [180, 365, 730])
@pytest.mark.parametrize("gap", [7, 14, 28, 91])
@pytest.mark.parametrize(
    "stays", [never_again, leaving(0.1), leaving(0.3)], ids=["30 % never", "10 %", "30 %"]
)
def test_regular_buyers_show_their_gap(gap: int, seen: int, stays: Any, spread: float) -> None:
    generator = np.random.default_rng([gap, seen])
    shape = (CUSTOMERS, seen // gap + 9)
    gaps = gap * (1 + spread * generator.standard_normal(shape))
    entered = generator.uniform(0, seen / 2, CUSTOMERS)
    log = simulated.bought(gaps, entered, seen - 1, stays(generator, shape))
    assert found(log)["cycle_days"] == pytest.approx(gap, rel=0.1)


# --- buyers at random moments ---


def poisson_buyers(run: int, seen: int, never: float) -> Log:
    """One rate for all, who enter evenly over the time seen; some never come back."""
    generator = np.random.default_rng([run, seen, round(100 * never)])
    mean = MEDIAN / math.log(2)
    gaps = generator.exponential(mean, (CUSTOMERS, 12 + 3 * round(seen / mean)))
    stays = np.repeat(generator.random((CUSTOMERS, 1)) >= never, gaps.shape[1], axis=1)
    return simulated.bought(gaps, generator.uniform(0, seen, CUSTOMERS), seen - 1, stays)


def printed(figures: dict[str, Any]) -> tuple[float, float]:
    """Return the interval of a settled cycle, or the outer ends of the bounds of another."""
    if figures["settled"]:
        low, high = figures["cycle_ci95"]
        return low, high
    return figures["bounds_low"], figures["bounds_high"] or math.inf


@pytest.mark.slow
@pytest.mark.parametrize("never", [0.0, 0.25])
@pytest.mark.parametrize("seen", [180, 365, 730])
def test_random_buyers_are_covered_and_not_called_settled_too_soon(seen: int, never: float) -> None:
    figures = [found(poisson_buyers(run, seen, never)) for run in range(100)]
    covering = [low <= MEDIAN <= high for low, high in map(printed, figures)]
    assert sum(covering) >= 86
    if seen < 730:
        assert sum(not it["settled"] for it in figures) >= 95


@pytest.mark.slow
@pytest.mark.parametrize("seen", [180, 365, 730])
def test_buyers_of_many_paces_are_covered(seen: int) -> None:
    """Rates drawn from an exponential: F(t) = t / (scale + t), each customer counted once."""
    covering = []
    for run in range(100):
        generator = np.random.default_rng([run, seen])
        rates = generator.gamma(1, 1 / MEDIAN, (CUSTOMERS, 1))
        gaps = generator.exponential(1, (CUSTOMERS, 80)) / rates
        log = simulated.bought(gaps, generator.uniform(0, seen, CUSTOMERS), seen - 1)
        figures = found(log)
        share = figures["tau_days"] / (MEDIAN + figures["tau_days"]) / 2
        low, high = figures["cycle_ci95"]
        covering.append(low <= MEDIAN * share / (1 - share) <= high)
    assert sum(covering) >= 88


@pytest.mark.parametrize("mean", [5, 7, 10, 15, 20, 30])
def test_whole_days_do_not_pass_for_a_rhythm(mean: int) -> None:
    generator = np.random.default_rng(mean)
    gaps = generator.exponential(mean, (CUSTOMERS, 20 + 3 * 365 // mean))
    figures = found(simulated.bought(gaps, generator.uniform(0, 365, CUSTOMERS), 729))
    assert figures["regularity_k"] == pytest.approx(1.025, abs=0.125)  # .9 to 1.15
    low, high = figures["regularity_ci95"]
    assert low < figures["regularity_k"] < high < 1.25


# --- resampling groups is as good as resampling customers ---


def customer_bootstrap(log: Log, generator: np.random.Generator, tau: int) -> np.ndarray:
    """Return cycle and quartile of 200 resamples of single customers, by their own loop."""
    table = pd.DataFrame({"customer": log.customer, "day": log.day})
    by = table.groupby("customer")["day"]
    gap, total = by.diff(), by.transform("size")
    alone = table[total == 1]
    drawn = []
    for _ in range(200):
        picks = np.bincount(generator.integers(CUSTOMERS, size=CUSTOMERS), minlength=CUSTOMERS)
        weight = picks[log.customer] / np.maximum(total - 1, 1)
        back = np.bincount(gap[gap.notna()].astype(int), weight[gap.notna()], log.end + 1)
        away = np.bincount(log.end - alone["day"], picks[alone["customer"]], log.end + 1)
        at_risk = np.cumsum((back + away)[::-1])[::-1]
        left = np.cumprod(1 - back[: tau + 1] / np.maximum(at_risk[: tau + 1], 1e-9))
        drawn.append([np.argmax(1 - left >= part * (1 - left[-1])) for part in (0.5, 0.75)])
    return np.array(drawn)


@pytest.mark.slow
def test_groups_give_intervals_as_wide_as_customers_do() -> None:
    widths = []
    for run in range(50):
        log = poisson_buyers(run, 365, 0.0)
        figures = found(log)
        drawn = customer_bootstrap(log, np.random.default_rng(run), figures["tau_days"])
        theirs = np.quantile(drawn, 0.975, axis=0) - np.quantile(drawn, 0.025, axis=0)
        ours = [high - low for low, high in (figures["cycle_ci95"], figures["q75_ci95"])]
        widths.append([*ours, *theirs])
    ours_cycle, ours_quartile, theirs_cycle, theirs_quartile = np.mean(widths, axis=0)
    assert ours_cycle == pytest.approx(theirs_cycle, rel=0.1)
    assert ours_quartile == pytest.approx(theirs_quartile, rel=0.1)


# --- what must change nothing ---


def test_simulated_summaries_are_those_of_the_engine() -> None:
    """Else the planted truths above would prove another program right."""
    log = mixed_buyers(1, 400)
    held, end = occasions_of(log.frame()), date(2020, 1, 1) + timedelta(days=log.end)
    counted = counts.gaps(held), counts.waits(held, end), counts.last_gap_pairs(held)
    for own, theirs in zip(simulated.summaries(log), counted, strict=True):
        pd.testing.assert_frame_equal(own, theirs[own.columns], check_dtype=False)


def mixed_buyers(seed: int, customers: int) -> Log:
    """Buyers of many paces, some with a rhythm, seen for 500 days; enough leave for a lapse."""
    generator = np.random.default_rng(seed)
    pace = generator.gamma(2, 20, (customers, 1))
    gaps = generator.gamma(generator.integers(1, 5), pace / 2, (customers, 40))
    stays = generator.random((customers, 40)) >= 0.3
    return simulated.bought(gaps, generator.uniform(0, 200, customers), 499, stays)


def by_engine(days: pd.DataFrame, end: date) -> dict[str, Any]:
    """Return the figures of a log that the engine has counted."""
    held = occasions_of(days)
    tables = counts.gaps(held), counts.waits(held, end), counts.last_gap_pairs(held)
    return figures(*tables)


def same(one: dict[str, Any], other: dict[str, Any], names: Iterable[str]) -> bool:
    """Whether figures agree but for the dust of adding fractions in another order."""
    assert all(one[name] is not None for name in POINTS)
    return all(one[name] == pytest.approx(other[name]) for name in names)


@pytest.mark.slow
@given(
    seed=st.integers(0, 10_000),
    shift=st.integers(-3_000, 3_000),
    name=st.text("abc-01 ", max_size=4),
)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_order_time_and_names_do_not_matter(seed: int, shift: int, name: str) -> None:
    days = mixed_buyers(seed, 300).frame()
    end = date(2020, 1, 1) + timedelta(days=499)
    plain = by_engine(days, end)
    shuffled = days.sample(frac=1, random_state=seed)
    assert same(by_engine(shuffled, end), plain, plain)
    moved = days.assign(day=days["day"] + pd.Timedelta(days=shift))
    assert same(by_engine(moved, end + timedelta(days=shift)), plain, plain)
    renamed = days.assign(customer=name + "/" + days["customer"].str[::-1])
    assert same(by_engine(renamed, end), plain, POINTS)


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_every_customer_twice_changes_no_point(seed: int) -> None:
    log = mixed_buyers(seed, 3_200)
    twice = Log(np.concatenate([log.customer, log.customer + 10_000]), np.tile(log.day, 2), log.end)
    assert same(found(twice), found(log), POINTS)


spells = st.lists(
    st.tuples(st.integers(0, 99), st.integers(0, 400), st.floats(0.01, 50)), max_size=40
).map(lambda rows: pd.DataFrame(rows, columns=["grp", "days", "weight"]))


@given(spells, spells)
def test_the_curve_never_rises_and_stays_a_share(gaps: pd.DataFrame, waits: pd.DataFrame) -> None:
    not_back = stats.return_curve(gaps, waits)["not_back"].to_numpy()
    last = stats.longest(gaps, waits)
    tables = stats.grouped_spells(gaps, last), stats.grouped_spells(waits, last)
    hazards, drawn = stats.resampled(*tables, DRAWS[:5])
    _, towards = stats.resampled(*tables, DRAWS[:5], hazards)
    for curves in (not_back, drawn, towards):
        assert (np.diff(curves, axis=-1) <= 0).all()
        assert ((curves >= 0) & (curves <= 1)).all()


# --- no lapse is shorter than the usual return ---


def two_kinds(seed: int, leaves: float, gap: float, spread: float) -> Log:
    """Half buy once in so many days, to a tenth; the others buy at random, and some leave."""
    generator = np.random.default_rng(seed)
    regular = gap * (1 + 0.1 * generator.standard_normal((500, 60)))
    random = generator.exponential(gap * spread, (500, 60))
    stays = generator.random((1_000, 60)) >= leaves
    entered = generator.uniform(0, 300, 1_000)
    return simulated.bought(np.concatenate([regular, random]), entered, 899, stays)


@given(
    seed=st.integers(0, 10_000),
    leaves=st.sampled_from([0.02, 0.1, 0.3, 0.7]),
    gap=st.sampled_from([10.0, 30.0, 90.0]),
    spread=st.sampled_from([0.1, 1.0, 4.0]),
)
@settings(max_examples=25, deadline=None)
def test_no_lapse_is_shorter_than_the_usual_return(
    seed: int, leaves: float, gap: float, spread: float
) -> None:
    known = found(two_kinds(seed, leaves, gap, spread))
    if known.get("lapse_days") is None:
        return
    assert known["lapse_days"] >= (known["q75_days"] or known["cycle_days"])
    assert known["lapse_days"] + 2 * known["cycle_days"] <= known["tau_days"]
    if known["lapse_ci95"] is not None:
        assert known["lapse_ci95"][0] >= (known["q75_days"] or known["cycle_days"])


def test_the_usual_return_is_the_lapse_where_few_are_back_between_the_quick_and_the_slow() -> None:
    """Four in five buy every four days, the rest once a quarter; after nine days few come soon."""
    generator = np.random.default_rng(4)
    quick = generator.exponential(4, (1_600, 200))
    slow = 91 * (1 + 0.1 * generator.standard_normal((400, 200)))
    gaps = np.concatenate([quick, slow])
    stays = generator.random(gaps.shape) >= 0.3
    log = simulated.bought(gaps, generator.uniform(0, 300, 2_000), 899, stays)
    known, curve = found(log), return_curve.curve(*simulated.summaries(log)[:2])
    assert (known["cycle_days"], known["q75_days"], known["lapse_days"]) == (4, 12, 12)
    assert stats.lapse(curve, known["tau_days"], 2 * 4, least=0) == 9
