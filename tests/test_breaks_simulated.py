"""Breaks in made-up shops whose truth is known: no false alarm, and what was planted found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from retention_lib.data_audit.breaks import breaks
from retention_lib.data_audit.days import Daily
from retention_lib.results import Break
from tests import simulated_shops
from tests.simulated_shops import Shop, shop

pytestmark = pytest.mark.slow

_CLEAN = 200  # seeds
_PLANTED = 100
_SIZES = (60, 300, 2_000, 10_000, 50_000)
_STARTS = (date(2022, 1, 1), date(2021, 5, 14), date(2020, 9, 1))


def found(made: Shop) -> list[Break]:
    table = made.daily()
    first, last = (day.date() for day in (table["day"].iloc[0], table["day"].iloc[-1]))
    return breaks(Daily(table, first, last, value_change=made.value_change))


def clean(seed: int) -> tuple[Shop, str]:
    """Return a shop of any size, length, calendar and flow of customers, and that flow."""
    rng = np.random.default_rng(70_000 + seed)
    entry = rng.choice(["even", "growing", "young", "shrinking", "front_loaded", "cohort"])
    made = shop(
        rng,
        _SIZES[seed % len(_SIZES)],
        int(365 * rng.choice([1.2, 1.5, 2.2, 3, 5])),
        entry,
        rng.choice(list(simulated_shops.WEEKDAYS)),
        rng.choice(["none", "wave", "christmas", "months"]),
        _STARTS[seed % len(_STARTS)],
    )
    return made, entry


def _is_true(it: Break, made: Shop, entry: str) -> bool:
    """Say whether a break is that of a group of customers who all came in the first twelve weeks."""
    stops = entry == "cohort" and it.kind == "acquisition_stops"
    return stops and abs((it.start - made.dated(84)).days) <= 21


def test_clean_shops_of_every_size_raise_no_alarm() -> None:
    alarms = []
    for seed in range(_CLEAN):
        made, entry = clean(seed)
        false = [it for it in found(made) if not _is_true(it, made, entry)]
        alarms += [(seed, false)] * bool(false)
    assert len(alarms) <= 0.05 * _CLEAN, alarms


def test_a_stop_of_new_customers_is_found_in_every_cohort_of_two_thousand() -> None:
    seeds = range(20)
    shops = [shop(np.random.default_rng(seed), 2_000, 700, "cohort") for seed in seeds]
    stops = [[it for it in found(made) if it.kind == "acquisition_stops"] for made in shops]
    assert all(len(it) == 1 for it in stops)
    assert all(abs((it[0].start - shops[0].dated(84)).days) <= 7 for it in stops)


# 8,000 customers make about 250 purchases a week, as many as the demo client has
@pytest.mark.parametrize(
    ("customers", "kind", "plant"),
    [
        (2_000, "gap", simulated_shops.missing_week),
        (2_000, "migration", simulated_shops.migrated),
        (8_000, "gap", simulated_shops.missing_week),
        (8_000, "migration", simulated_shops.migrated),
        (8_000, "level", simulated_shops.half_of_orders),
        (8_000, "tax", simulated_shops.with_tax(0.23)),
        (20_000, "level", simulated_shops.half_of_orders),
        (20_000, "tax", simulated_shops.with_tax(0.19)),
        (20_000, "tax", simulated_shops.with_tax(0.27)),
    ],
)
def test_a_planted_break_is_found_within_a_week(
    customers: int, kind: str, plant: Callable[[Shop, int, np.random.Generator], Shop]
) -> None:
    missed = []
    for seed in range(_PLANTED):
        rng = np.random.default_rng(90_000 + seed)
        whole = shop(
            rng,
            customers,
            entry=("even", "growing")[seed % 2],
            weekdays=("uneven", "no_sundays")[seed // 2 % 2],
            season=("none", "christmas", "months")[seed % 3],
        )
        at = int(rng.integers(200, whole.days - 120))
        days = [
            (it.start - whole.dated(at)).days
            for it in found(plant(whole, at, rng))
            if it.kind == kind
        ]
        if not any(abs(day) <= 7 for day in days):
            missed.append((seed, at, days))
    assert len(missed) <= 0.05 * _PLANTED, missed
