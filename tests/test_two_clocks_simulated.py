"""Five hundred shops drawn from the model on two clocks: are its intervals as wide as they say?"""

from __future__ import annotations

import numpy as np
import pytest

from retention_lib.clv import clocks
from retention_lib.models import purchase_model, total_uncertainty, two_clocks
from retention_lib.models.calendar import Effects
from retention_lib.models.purchase_model import distinct
from retention_lib.models.units import Span
from tests.clock_worlds import SEASON, TRUTH, World

WORLDS = 500
YEAR = Span.days(365)
SURE = 1.96


def fitted(world: World, seed: int) -> tuple[two_clocks.TwoClocks, np.ndarray]:
    """Return the fit of a world, and how many of its own errors each number is off."""
    counts, daily = world.drawn(seed)
    found = two_clocks.fit(distinct(counts), world.at, daily)
    point, covariance = found.uncertain
    assert covariance is not None
    effects = world.effects
    truth = [*np.log([*world.params.values()]), *effects.season, effects.pace, effects.leaving]
    with np.errstate(divide="ignore"):  # a number without an interval is not covered by it
        return found, (point - truth) / np.sqrt(np.diag(covariance))


@pytest.mark.slow
def test_parameters_and_totals_are_covered_as_often_as_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three years of two thousand customers: a season, a quicker pace, and ever fewer who stay."""
    monkeypatch.setattr(total_uncertainty, "DRAWS", 24)  # their covariance is exact all the same
    world = World(Effects(SEASON, 0.05, 0.15), customers=2000)
    off, totals = [], []
    for seed in range(WORLDS):
        found, errors = fitted(world, seed)
        off.append(errors)
        counts, _ = world.drawn(seed)
        customers = counts["customers"].to_numpy(dtype=float)
        expected = customers @ found.expected_purchases(*purchase_model.state(counts), YEAR)
        spread = total_uncertainty.of_total(found, distinct(counts), YEAR, seed).purchases
        actual = customers @ counts["later"].to_numpy(dtype=float)
        totals.append(np.log(actual / expected) / spread)
    covered = (np.abs(np.column_stack([*np.transpose(off), totals])) < SURE).mean(axis=0)
    names = [*TRUTH, *(f"season {n}" for n in range(len(SEASON))), "pace", "stay", "total"]
    outside = {
        name: share
        for name, share in zip(names, covered.tolist(), strict=True)
        if not 0.92 <= share <= 0.98
    }
    assert outside == {}


@pytest.mark.slow
def test_a_trend_of_staying_is_seldom_seen_where_there_is_none() -> None:
    world = World(Effects(SEASON, 0.05), customers=1500)
    seen = []
    for seed in range(1000, 1000 + WORLDS):
        stay = clocks.clocks(fitted(world, seed)[0], world.days + 1).stay
        assert stay is not None
        seen.append(stay.present)
    assert 0.01 <= np.mean(seen) <= 0.05
