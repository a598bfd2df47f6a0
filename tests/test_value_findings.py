"""What the figures of the value amount to: by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from retention_lib.clv import findings
from retention_lib.results import Holdout, PastForecast, PastForecasts, StateValue, SubscriberValue
from tests import made


def held(*bias: float | None, chosen: str = "BG/NBD") -> Holdout:
    """Return a race of the first contestants, the first one the closest."""
    raced = [
        made.score(name, 100.0, 1.0 + at, None).model_copy(update={"bias": one})
        for at, (one, (name, *_)) in enumerate(zip(bias, made.forecasts(), strict=False))
    ]
    base = made.earlier_race()
    return base.model_copy(update={"models": raced, "chosen": chosen})


def past(*off: float, inside: float = 0.3, days: int = 100) -> PastForecasts:
    """Return forecasts of 1,000 of which so much more came, one after another."""
    first = date(2020, 1, 1)
    made_then = [
        PastForecast(
            origin=first + timedelta(days=days * at),
            end=first + timedelta(days=days * (at + 1)),
            customers=10,
            predicted=1_000.0,
            moved=1_000.0,
            alike=True,
            actual=round(1_000 * (1 + share)),
            own_ci95=(990.0, 1_010.0),
            ci95=(1_000 * (1 - inside), 1_000 * (1 + inside)),
        )
        for at, share in enumerate(off)
    ]
    return findings.past_forecasts(days, made_then, {})


@pytest.mark.parametrize(
    ("bias", "side", "verdict"),
    [
        (0.0, "even", "close"),
        (-0.004, "even", "close"),
        (-0.10, "too few", "close"),
        (0.11, "too many", "fair"),
        (-0.25, "too few", "fair"),
        (0.26, "too many", "far off"),
        (None, "even", "nobody bought"),
    ],
)
def test_the_error_in_the_test_has_a_side_and_a_verdict(
    bias: float | None, side: str, verdict: str
) -> None:
    race = held(bias)
    found = findings.tested(race, race.models[0].name)
    assert found is not None and (found.side, found.verdict) == (side, verdict)
    assert found.off == (None if bias is None else abs(bias))
    assert findings.is_far_off(found) == (verdict in ("far off", "nobody bought"))
    assert findings.tested(race, "no such") is None is findings.tested(None, "BG/NBD")


def test_standings_are_over_all_races_the_closest_most_often_first() -> None:
    first, second, *_ = (name for name, *_ in made.forecasts())
    found = findings.standings([held(0.1, 0.3), held(-0.5, None)])
    assert [(one.name, one.races, one.closest, one.near) for one in found] == [
        (first, 2, 2, 1),
        (second, 2, 0, 0),
    ]
    assert found[0].bias == (-0.5, 0.1) and found[1].bias == (0.3, 0.3)
    assert found[0].deviance == 1.0 and findings.standings([]) == []


@pytest.mark.parametrize(
    ("off", "errors", "lean"),
    [
        ((-0.1,), "all high", "none"),
        ((0.1, 0.2, 0.1), "all low", "none"),
        ((-0.1, -0.2, -0.1, -0.3), "all high", "high"),
        ((0.1, 0.2, -0.1, 0.3), "mostly low", "low"),
        ((0.1, 0.2, -0.1, -0.3), "either way", "none"),
        ((0.0,), "either way", "none"),
        ((), "either way", "none"),
    ],
)
def test_earlier_forecasts_lean_to_a_side(off: tuple[float, ...], errors: str, lean: str) -> None:
    found = past(*off)
    assert (found.errors, findings.lean(found)) == (errors, lean)
    assert found.too_high == sum(one < 0 for one in off)
    assert found.too_low == sum(one > 0 for one in off)
    assert (found.off is None) == (found.mean_off is None) == (not off)


def test_the_mean_error_is_geometric() -> None:
    found = past(1.0, -0.5)
    assert found.mean_off == pytest.approx(0.0, abs=1e-12)
    assert found.off == pytest.approx((-0.5, 1.0))


@pytest.mark.parametrize(
    ("off", "expected"),
    [
        ((0.1, 0.1), "too few"),
        ((0.1, 0.1, 0.1), "wide enough"),
        ((0.1, 0.1, 0.4), "missed above"),
        ((0.4, -0.4, 0.1), "missed below"),
    ],
)
def test_the_widened_range_held_or_did_not(off: tuple[float, ...], expected: str) -> None:
    found = past(*off)
    assert found.range == expected and found.inside == sum(abs(one) <= 0.3 for one in off)
    assert not found.overlap


def test_what_is_at_risk_lies_where_most_of_it_is() -> None:
    figures: list[tuple[Any, int, float, float]] = [
        ("new", 0, 0.0, 0.0),
        ("active", 10, 100.0, 20.0),
        ("slipping", 1, 10.0, 5.0),
        ("lapsed", 50, 100.0, 75.0),
    ]
    states = [
        StateValue(state=state, customers=n, value=value, at_risk=risk)
        for state, n, value, risk in figures
    ]
    found = findings.stakes(states, 100.0)
    assert [(one.state, one.share, one.of_value, one.each, one.most_each) for one in found] == [
        ("lapsed", 0.75, 0.75, 1.5, False),
        ("active", 0.2, 0.2, 2.0, False),
        ("slipping", 0.05, 0.5, 5.0, True),
    ]
    (alone,) = findings.stakes(states[:2], 20.0)
    assert not alone.most_each and findings.stakes(states, None) == []


@pytest.mark.parametrize(
    ("median", "mean", "expected"),
    [
        (None, None, "unknown"),
        (0.004, 3.0, "nothing"),
        (2.0, 3.1, "far apart"),
        (2.0, 3.0, "alike"),
    ],
)
def test_customers_differ(median: float | None, mean: float | None, expected: str) -> None:
    assert findings.differences(median, mean) == expected


def test_subscribers_are_added_up() -> None:
    def kind(period: Any, value: float | None) -> SubscriberValue:
        return SubscriberValue(period=period, customers=3, expected_purchases=6.0, value=value)

    found = findings.subscribed([kind("month", 20.0), kind("year", 5.0)], 100.0)
    assert (found.customers, found.expected_purchases) == (6, 12.0)
    assert (found.value, found.share) == (25.0, 0.25)
    unknown = findings.subscribed([kind("month", None)], 100.0)
    assert unknown.value is None and unknown.share is None
    assert findings.subscribed([kind("month", 20.0)], None).share is None
    assert findings.subscribed([], None).share == 0


def test_kinds_of_new_customers_are_placed_by_how_far_they_are_from_all() -> None:
    whole, *_ = made.new_customers()
    kinds = [
        whole.model_copy(update={"kind": "channel", "name": name, "value": v, "compared": side})
        for name, v, side in [
            ("a", 90.0, "above"),
            ("b", 99.0, "above"),
            ("c", 60.0, "below"),
            ("d", 50.0, "below"),
            ("e", 80.0, "not clearly"),
        ]
    ]
    found = findings.placed([whole, *kinds])
    assert [one.place for one in found] == [0, 2, 1, 2, 1, 0]


def test_the_longest_test_counts() -> None:
    race = made.clv().holdout
    assert race is not None
    days = (race.end - race.start).days + 1
    assert findings.tested_days(race, past(0.1, days=100)) == days
    assert findings.tested_days(race, past(0.1, days=365)) == 365
    assert findings.tested_days(race, past(days=365)) == days
    assert findings.tested_days(None, None) == 0
