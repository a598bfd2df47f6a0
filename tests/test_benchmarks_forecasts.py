"""The forecasts of earlier days are held against what came; made-up shops are what they say."""

from __future__ import annotations

from datetime import date, timedelta
from math import log
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import forecasts, shops
from benchmarks.forecasts import Forecast, Held


def test_a_total_held_against_what_came() -> None:
    held = Held(said=100, low=80, high=125, came=120)
    assert held.error == pytest.approx(log(1.2))
    assert held.inside is True and held.width == pytest.approx(log(125 / 80))
    assert Held(100, 80, 125, 126).inside is False
    assert Held(100, None, None, 0).error == pytest.approx(log(0.005))
    none = Held(None, None, None, 5)
    assert (none.error, none.inside, none.width) == (None, None, None)


def made(wanted: int, given: int, said: float | None, came: float) -> Forecast:
    held = Held(said, said and said / 2, said and said * 2, came)
    return Forecast("c", date(2024, 1, 1), wanted, given, "MBG/NBD", held, held)


def test_only_forecasts_as_long_as_wanted_are_scored() -> None:
    rows = [made(6, 6, 100, 110), made(6, 6, 100, 50), made(12, 9, 100, 900), made(6, 6, None, 1)]
    (row,) = forecasts.table([forecasts.flat(one) for one in rows]).to_dict("records")
    assert (row["forecasts"], row["shorter"], row["none"]) == (2, 1, 1)
    assert row["purchases"] == pytest.approx((log(1.1) + log(2)) / 2)
    assert row["inside"] == 1.0 and row["width"] == pytest.approx(log(4))


@pytest.fixture
def shop() -> shops.Shop:
    """One customer of three purchases, one of a single one, and one who comes too late."""
    customer, day = np.array([0, 0, 0, 1, 2]), np.array([0, 10, 30, 5, 40])
    return shops.Shop(customer, day, np.full(5, 7.0))


def test_customers_of_a_day_and_what_came_after(shop: shops.Shop) -> None:
    found = shop.counts(20, ahead_days=10, recent_days=12)
    names = ["frequency", "recency_days", "T_days", "recent", "later", "customers"]
    assert found[names].to_numpy().tolist() == [[0, 0, 15, 0, 0, 1], [1, 10, 20, 1, 1, 1]]
    assert shop.counts(20, ahead_days=9)["later"].sum() == 0


def test_days_of_a_shop(shop: shops.Shop) -> None:
    daily = shop.daily(30)
    assert daily["first_purchases"].tolist() == [1, 1, 0, 0]
    assert daily["repeats"].tolist() == [0, 0, 1, 1]
    assert daily["day"].iloc[-1] == shops.START + timedelta(days=30)


@pytest.mark.parametrize("family", shops.FAMILIES)
def test_every_family_is_a_shop(family: str) -> None:
    world = shops.FAMILIES[family]
    one, again = (shops.shop(world, seed=3) for _ in range(2))
    assert np.array_equal(one.day, again.day) and np.array_equal(one.value, again.value)
    assert (one.value > 0).all() and one.day.min() >= 0
    assert one.day.max() < world.years * shops.YEAR + 1
    assert not pd.DataFrame({"customer": one.customer, "day": one.day}).duplicated().any()
    assert len(np.unique(one.customer)) == world.customers + world.giant
    assert one.counts(1096)["frequency"].gt(0).sum() >= 30


def test_a_season_is_planted_and_a_decline() -> None:
    plain, season = (
        shops.shop(shops.FAMILIES[name], 5).frame()["day"].dt.month.value_counts()
        for name in ("stationary", "season")
    )
    assert season[12] / season[7] > 1.5 > plain[12] / plain[7]
    repeats = {}
    for name in ("stationary", "decline"):
        known = shops.shop(shops.FAMILIES[name], 5).counts(1400)
        repeats[name] = float(known["frequency"].to_numpy() @ known["customers"].to_numpy())
    assert repeats["decline"] < 0.7 * repeats["stationary"]


def test_a_giant_brings_most_of_the_money() -> None:
    one = shops.shop(shops.FAMILIES["giant"], 1)
    own = one.customer == one.customer.max()
    assert one.value[own].sum() > 0.9 * one.value.sum()
    assert (np.diff(one.day[own]) == 7).all()


@pytest.mark.slow
def test_a_client_is_looked_at_from_earlier_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came is counted from the file by pandas; the wanted span is the first one that is whole."""
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    name = shops.write(tmp_path / "data" / "clients", "giant", 1)
    found = next(forecasts.forecasts(name, (3,)))
    lines = pd.read_parquet(tmp_path / "data" / "clients" / name / "purchases.parquet")
    first = lines["day"].min() + pd.Timedelta(days=forecasts.LEAST_DAYS)
    assert pd.Timestamp(found.origin) == first and found.wanted_months == 3
    known = lines[lines["day"] <= first]["customer"].unique()
    days = round(found.horizon_months * 365.25 / 12)
    later = (lines["day"] > first) & (lines["day"] <= first + pd.Timedelta(days=days))
    came = lines[later & lines["customer"].isin(known)]
    assert found.purchases.came == len(came)
    assert found.revenue.came == pytest.approx(came["value"].sum())
    if found.purchases.low is not None and found.purchases.high is not None:
        assert found.purchases.low < (found.purchases.said or 0) < found.purchases.high
