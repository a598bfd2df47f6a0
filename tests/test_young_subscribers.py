"""Subscribers told by their second charge: by hand, made-up shops, and the demo client's box."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from retention_lib.clv.subscribers import charges_ahead, renewals
from retention_lib.models.units import AnnualRate, Span
from retention_lib.study import Study
from retention_lib.summaries import subscribers, subscriptions, young_subscribers
from retention_lib.summaries.occasions import occasions
from tests import planted
from tests.conftest import lines

BEGIN, AS_OF = date(2023, 1, 1), date(2024, 12, 31)
DAYS = (AS_OF - BEGIN).days + 1
Rows = list[tuple[str, str, float]]


def on(name: str, days: list[int], value: float = 12.0) -> Rows:
    return [(name, str(BEGIN + timedelta(day)), value) for day in days]


def known() -> Rows:
    """Thirty who have been charged 12 five times."""
    return [row for n in range(30) for row in on(f"k{n:02}", [n + 30 * at for at in range(5)])]


def told(rows: Rows, periods: list[str] | None = None) -> dict[str, int]:
    held = occasions(lines(rows))
    table = young_subscribers.with_young(held, periods or ["month"]).to_pandas()
    young = table[table["charges"] < 4]
    return dict(zip(young["customer_id"], young["charges"].astype(int), strict=True))


# --- by hand ---


def test_who_paid_the_same_on_time_once_or_twice_more_is_a_subscriber() -> None:
    others = [f"f{n}" for n in range(10)]
    rows = [
        *known(),
        *(row for name in others for row in on(name, [300, 330])),
        *on("second", [400, 430]),
        *on("third", [400, 428, 461]),
        *on("early", [400, 427]),
        *on("late", [400, 434]),
        *on("left one out", [400, 460]),
        *on("once", [400]),
        *on("another amount", [400, 430], 13.0),
        *on("one of another amount", [400]),
        *on("one of another amount", [430], 13.0),
        *on("one gap too long", [400, 430, 480]),
    ]
    assert told(rows) == {"second": 2, "third": 3, **dict.fromkeys(others, 2)}


def test_without_known_subscribers_or_amounts_nobody_is_told() -> None:
    assert told(on("second", [400, 430])) == {}
    free = [(name, day, 0.0) for name, day, _ in [*known(), *on("second", [400, 430])]]
    assert told(free) == {}


def test_known_subscribers_stay_what_they_are() -> None:
    held = occasions(lines([*known(), *on("second", [400, 430])]))
    before = subscriptions.subscribers(held, ["month"]).to_pandas()
    found = young_subscribers.with_young(held, ["month"]).to_pandas()
    assert set(found["customer_id"]) == {*before["customer_id"], "second"}
    assert found["customer_id"].is_unique


def test_where_others_pay_that_amount_too_it_does_not_tell() -> None:
    """Ten come on days that fit; of twelve days more around them, two or three came on others."""
    fits = [row for n in range(10) for row in on(f"f{n}", [400 + n, 430 + n])]
    two = [row for n in range(2) for row in on(f"o{n}", [400, 438])]
    assert len(told([*known(), *fits, *two])) == 10
    assert told([*known(), *fits, *two, *on("o2", [400, 424])]) == {}


def test_second_and_third_charges_are_followed_or_not() -> None:
    """By the day on which they were told, so that who stopped then counts as well."""
    rows = [
        *known(),
        *on("stopped after two", [100, 130]),
        *on("stopped after three", [100, 130, 160]),
        *on("came back late", [100, 130, 220]),
        *on("left one out", [100, 130, 190, 220]),
        *on("not told", [100, 150, 180, 210]),
        *on("not known yet", [DAYS - 70, DAYS - 40]),
    ]
    found = young_subscribers.early_charges(occasions(lines(rows)), AS_OF, ["month"])
    counted = found.set_index("charge")[["again", "ended"]].astype(int)
    assert counted.loc[2].tolist() == [30 + 2, 2]
    assert counted.loc[3].tolist() == [30, 1]
    assert set(found["period"]) == {"month"}


def test_hazards_of_early_charges_are_their_own() -> None:
    charges = pd.DataFrame({"period": ["month"], "charge": [4], "again": [90], "ended": [10]})
    pauses = pd.DataFrame({"period": ["month"], "gaps": [90], "days": [2_700], "paused": [0]})
    early = pd.DataFrame({"period": ["month"], "charge": [2], "again": [59], "ended": [40]})
    own = renewals(charges, pauses, early)["month"]
    assert own.hazard(np.array([2.0, 3.0, 4.0])) == pytest.approx([40.5 / 100, 0.1, 0.1])
    assert renewals(charges, pauses)["month"].hazard(np.array([2.0])) == pytest.approx([0.1])


# --- made-up shops ---


def shop(seed: int, share_of_price: float, others: int = 2_000) -> tuple[Rows, set[str]]:
    """150 subscribers among buyers at random, of whom some pay just the subscribers' amount."""
    generator = np.random.default_rng(seed)
    rows: Rows = []
    for n in range(150):
        first, number = int(generator.integers(0, DAYS)), int(generator.geometric(0.12))
        days = [first + 30 * at + int(generator.integers(0, 3)) for at in range(number)]
        rows += on(f"s{n}", [day for day in days if day < DAYS], 20.0)
    for n in range(others):
        first, number = generator.integers(0, DAYS), min(generator.geometric(0.4), 20)
        days = {int(day) for day in first + generator.exponential(45, number).cumsum()}
        plain = generator.random() < share_of_price
        for day in sorted({int(first), *days}):
            value = 20.0 if plain else round(float(generator.gamma(3, 9)), 2)
            rows += on(f"b{n}", [day] if day < DAYS else [], value)
    return rows, {f"s{n}" for n in range(150)}


@pytest.mark.slow
@pytest.mark.parametrize("share_of_price", [0.0, 0.02, 0.1, 1.0])
def test_precision_and_recall_in_made_up_shops(share_of_price: float) -> None:
    """Nine in ten of those who are told subscribe, or nobody is told at all."""
    right, found, wanted = 0, 0, 0
    for seed in range(4):
        rows, truth = shop(seed, share_of_price)
        young = told(rows)
        sizes = pd.DataFrame(rows).groupby(0)[1].nunique()
        wanted += int(sizes[sizes.index.isin(truth)].between(2, 3).sum())
        right, found = right + len(truth & set(young)), found + len(young)
    assert wanted > 100
    if share_of_price > 0.02:
        assert found == 0
        return
    # where a few others pay that amount, chance leaves nobody told in some shops
    assert right > 0.9 * found and right > (0.6 if share_of_price else 0.8) * wanted


@pytest.mark.slow
def test_without_subscribers_nobody_is_taken_for_one() -> None:
    """All pay the same; of buyers at random a few keep to a month by chance."""
    generator = np.random.default_rng(2)
    rows: Rows = []
    for n in range(3_000):
        first, number = generator.integers(0, DAYS), min(generator.geometric(0.3), 20)
        days = {int(day) for day in first + generator.exponential(45, number).cumsum()}
        rows += on(f"b{n}", [day for day in {int(first), *days} if day < DAYS], 20.0)
    assert told(rows) == {}


# --- the demo client's box ---


@pytest.mark.slow
def test_the_box_is_told_by_the_second_charge(demo: Study) -> None:
    held, as_of = demo.occasions, demo.as_of
    table = young_subscribers.with_young(held, ["month"]).to_pandas()
    young = set(table.loc[table["charges"] < 4, "customer_id"])
    boxes = {it.number for it in planted.shop().customers if it.pace is None}
    counted = held.group_by("customer_id").agg(n=held.count()).to_pandas()
    wanted = set(counted.loc[counted["n"].between(2, 3), "customer_id"]) & boxes
    assert young <= boxes and len(young) > 0.9 * len(wanted) > 50
    assert as_of == planted.END


@pytest.mark.slow
def test_what_they_are_charged_next_year(demo: Study) -> None:
    """Renewals come close; a model of buying at random expects about half of it."""
    held, as_of = demo.occasions, demo.as_of
    seen = held, as_of, ["month"]
    own = renewals(
        subscriptions.charges(*seen),
        subscriptions.pauses(*seen),
        young_subscribers.early_charges(*seen),
    )["month"]
    states = subscribers.states(held, as_of, ["month"])
    young = states[states["charges"] < 4]
    state = young["charges"].to_numpy(dtype=float), young["silent_days"].to_numpy(dtype=float)
    coming = charges_ahead(own, *state, Span.days(365), AnnualRate(0.0))
    expected = float(coming.expected @ young["customers"].to_numpy(dtype=float))
    table = young_subscribers.with_young(held, ["month"]).to_pandas()
    who = set(table.loc[table["charges"] < 4, "customer_id"])
    actual = planted.purchases_next_year(who)
    error = float(np.sqrt(coming.variance @ young["customers"].to_numpy(dtype=float)))
    assert abs(actual - expected) < 3 * error, (actual, expected, error)
