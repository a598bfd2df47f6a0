"""What the calendar does, as it is reported: the season, the pace, and staying month by month."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from retention_lib.clv import clocks
from retention_lib.models import two_clocks
from retention_lib.models.calendar import Effects
from retention_lib.models.purchase_model import distinct
from tests.clock_worlds import AT, SEASON, TRUTH, World

DAYS = 1096


def fitted(world: World, seed: int = 1) -> two_clocks.TwoClocks:
    counts, daily = world.drawn(seed)
    return two_clocks.fit(distinct(counts), AT, daily)


@pytest.fixture(scope="module")
def falling() -> two_clocks.TwoClocks:
    return fitted(World(Effects(SEASON, 0.05, 0.2)))


def test_planted_effects_are_reported(falling: two_clocks.TwoClocks) -> None:
    found = clocks.clocks(falling, DAYS)
    assert found.years == pytest.approx(3, abs=0.01) and found.season_is == "known"
    assert [one.month for one in found.season] == list(range(1, 13))
    planted = np.exp(Effects(SEASON).logs)
    inside = [
        one.ci95[0] <= factor <= one.ci95[1]
        for one, factor in zip(found.season, planted, strict=True)
    ]
    assert sum(inside) >= 10
    for one in found.season:
        assert one.ci95[0] < one.factor < one.ci95[1] < 1.5 * one.ci95[0]
    assert found.stay is not None and found.stay.present
    assert found.stay.per_year == pytest.approx(np.expm1(-0.2), abs=0.05)
    assert found.stay.ci95[1] < 0
    assert found.pace is not None and found.pace.ci95[0] < np.expm1(0.05) < found.pace.ci95[1]
    mean = TRUTH["b"] / (TRUTH["a"] + TRUTH["b"])
    assert found.stay_then == pytest.approx(mean, abs=0.05)
    # a customer who stays with the mean chance does so by as much less as the years have passed
    assert found.stay_now / found.stay_then == pytest.approx(
        (1 + found.stay.per_year) ** (1095 / 365.25)
    )


def test_staying_is_shown_month_by_month(falling: two_clocks.TwoClocks) -> None:
    found, shown = clocks.clocks(falling, DAYS), clocks.stay_by_month(falling, seed=1)
    assert list(shown) == ["month", "stay", "stay_low", "stay_high"]
    assert shown["month"].iloc[0] == pd.Timestamp("2022-01-01")
    assert shown["month"].iloc[-1] == pd.Timestamp("2024-12-01") and len(shown) == 36
    assert shown["stay"].is_monotonic_decreasing
    assert found.stay_then > shown["stay"].iloc[0] > shown["stay"].iloc[-1] > found.stay_now
    assert (shown["stay_low"] < shown["stay"]).all() and (shown["stay"] < shown["stay_high"]).all()
    assert (shown["stay_high"] - shown["stay_low"] < 0.2).all()


@pytest.mark.parametrize("seed", range(6))
def test_a_trend_is_present_where_its_interval_says_so(seed: int) -> None:
    model = fitted(World(Effects(SEASON, 0, 0.03), customers=1000), seed)
    found = clocks.clocks(model, DAYS)
    assert found.stay is not None
    low, high = found.stay.ci95
    assert low <= found.stay.per_year <= high and low < high
    assert found.stay.present == (low > 1e-9 or high < -1e-9)
    assert not found.stay.present or model.stay_gain >= 5.4


def test_short_histories() -> None:
    one = clocks.clocks(fitted(World(Effects(SEASON), customers=800, days=500)), 501)
    assert one.season_is == "tentative" and len(one.season) == 12
    assert one.pace is None and one.stay is None and one.stay_then == one.stay_now
    model = fitted(World(Effects(), customers=800, days=300))
    none = clocks.clocks(model, 301)
    assert none.season_is == "unknown" and none.season == []
    assert clocks.stay_by_month(model, seed=1).empty
