"""What the figures of the value amount to: by hand."""

from __future__ import annotations

import math
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


@pytest.mark.parametrize(
    ("bias", "chance", "verdict"),
    [
        (0.4, 0.0, "far off"),
        (0.4, 0.05, "far off"),  # ln 1.4 = .336 against ln 1.25 + 1.96 x .05 = .321
        (0.4, 0.06, "fair"),  # .341
        (-0.3, 0.06, "far off"),  # ln .7 = -.357
        (-0.3, 0.07, "fair"),  # .360
        (0.08, 0.5, "close"),
    ],
)
def test_the_test_allows_for_chance(bias: float, chance: float, verdict: str) -> None:
    race = held(bias)
    found = findings.tested(race, race.models[0].name, chance)
    assert found is not None and found.verdict == verdict and found.off == abs(bias)


def test_standings_are_over_all_races_the_closest_on_average_first() -> None:
    """Each predicts a number of 1,000: the first 1,100 and 500, the second 1,300 and 900."""
    first, second, *_ = (name for name, *_ in made.forecasts())

    def race(*predicted: float) -> Holdout:
        models = [
            one.model_copy(update={"predicted": total, "actual": 1_000, "bias": total / 1000 - 1})
            for one, total in zip(held(0.0, 0.0).models, predicted, strict=True)
        ]
        return made.earlier_race().model_copy(update={"models": models})

    found = findings.standings([race(1_100.0, 1_300.0), race(500.0, 900.0)])
    assert [(one.name, one.races, one.closest, one.near) for one in found] == [
        (second, 2, 1, 1),
        (first, 2, 1, 1),
    ]
    assert found[0].distance == pytest.approx((math.log(1.3) + math.log(1 / 0.9)) / 2)
    assert found[1].distance == pytest.approx((math.log(1.1) + math.log(2)) / 2)
    assert found[1].bias == pytest.approx((-0.5, 0.1))
    assert found[1].deviance == 1.0 and findings.standings([]) == []


def test_half_an_occasion_stands_for_none_in_a_distance() -> None:
    none = held(0.0).models[0].model_copy(update={"predicted": 4.0, "actual": 0, "bias": None})
    assert findings.distance(none) == pytest.approx(math.log(8))
    assert findings.distance(none.model_copy(update={"predicted": 0.0})) == 0


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


def test_what_the_centre_takes_out_is_no_lean() -> None:
    """Errors of ln .9 to ln .7: moved by ln .8, two lie on either side; moved by ln .95, none does."""
    found = past(-0.1, -0.15, -0.25, -0.3)
    assert findings.lean(found) == "high"
    assert findings.lean(found, math.log(0.8)) == "none"
    assert findings.lean(found, math.log(0.95)) == "high"
    assert findings.lean(found, math.log(0.6)) == "low"
    assert found.errors == "all high"  # as they were made
    others = [one.model_copy(update={"alike": at > 0}) for at, one in enumerate(found.forecasts)]
    assert findings.lean(found.model_copy(update={"forecasts": others})) == "none"


def test_tests_over_different_times_may_disagree() -> None:
    """8 % too few over a window, 25 % too many over a year: a fifth less came than predicted."""
    race = held(-0.08)
    one = race.models[0].model_copy(update={"predicted": 920.0, "actual": 1_000})
    race = race.model_copy(update={"models": [one]})
    window = findings.tested(race, one.name)
    assert window is not None
    short, long = findings.tests_disagree(race, window, past(-0.2, -0.2, days=365))
    assert (short.days, long.days) == (race.days, 365)
    assert (short.off, long.off) == pytest.approx((-0.08, 0.25))
    assert findings.tests_disagree(race, window, past(0.2, days=365)) == []
    assert findings.tests_disagree(race, window, past(-0.04, days=365)) == []
    assert findings.tests_disagree(race, None, past(-0.2)) == []
    assert findings.tests_disagree(race, window, None) == []
    assert findings.tests_disagree(None, window, past(-0.2)) == []
    assert [test.days for test in findings.tests_disagree(race, window, past(-0.2, days=91))] == [
        91,
        race.days,
    ]


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
