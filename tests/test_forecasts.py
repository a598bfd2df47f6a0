"""The range of a forecast and its centre, by hand."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_lib.stats import centre, own_interval, widened

DAY = date(2020, 1, 1)


def days(*numbers: int) -> list[date]:
    return [DAY + timedelta(days=number) for number in numbers]


# --- the centre ---


def test_three_forecasts_of_years_apart_move_the_next() -> None:
    """Errors .1, .2, .3, of which the earlier weigh half and a quarter as much as the last.

    m = (.1/4 + .2/2 + .3) / 1.75 = .242857; their variance (.25 x .020408 + .5 x .001837 + .003265) / 1.75
    = .005306; v = (2 x .0225 + 3 x .005306) / 5 = .012184; kept = .01 / (.01 + .012184 / 3) = .711185.
    """
    found = centre([0.1, 0.2, 0.3], days(0, 365, 730), 365)
    assert found.mean == pytest.approx(0.2428571)
    assert found.kept == pytest.approx(0.7112, abs=1e-4)
    assert found.shift == pytest.approx(0.2428571 * 0.711185, rel=1e-4)
    assert found.windows == 3 and found.factor == pytest.approx(math.exp(found.shift))


def test_forecasts_that_overlap_count_as_fewer_windows() -> None:
    """Five in two years and a half are three windows of a year at most: days 0, 365 and 730."""
    error = [0.2] * 5
    found = centre(error, days(0, 182, 365, 547, 730), 365)
    assert found.windows == 3
    assert found.kept == pytest.approx(0.01 / (0.01 + (2 * 0.0225 / 5) / 3))
    near = centre(error, days(0, 50, 100, 150, 200), 365)
    assert near.windows == 1
    assert near.kept == pytest.approx(0.01 / (0.01 + 2 * 0.0225 / 3))
    assert near.shift < found.shift < 0.2


@pytest.mark.parametrize(
    ("errors", "ahead"), [([], 365), ([0.3], 365), ([0.3, 0.3], 365), ([0.3] * 4, 181)]
)
def test_few_forecasts_or_short_ones_move_nothing(errors: list[float], ahead: int) -> None:
    found = centre(errors, days(*(400 * at for at in range(len(errors)))), ahead)
    assert (found.shift, found.kept, found.factor) == (0.0, 0.0, 1.0)
    assert found.mean == pytest.approx(0.3 if errors else 0.0)
    assert found.windows == len(errors)


@given(
    errors=st.lists(st.floats(-2, 2), min_size=3, max_size=9),
    apart=st.integers(1, 400),
    ahead=st.integers(182, 400),
)
def test_the_centre_moves_less_far_than_the_errors_lie(
    errors: list[float], apart: int, ahead: int
) -> None:
    origins = days(*(apart * at for at in range(len(errors))))
    found = centre(errors, origins, ahead)
    assert min(errors) - 1e-9 <= found.mean <= max(errors) + 1e-9
    assert 0 < found.kept < 1 and abs(found.shift) <= abs(found.mean)
    assert 1 <= found.windows <= len(errors)
    turned = centre([-one for one in errors], origins, ahead)
    assert turned.shift == pytest.approx(-found.shift)
    mixed = centre(errors[::-1], origins[::-1], ahead)
    assert mixed.shift == pytest.approx(found.shift)


# --- the range ---


def test_untested_forecasts_are_a_tenth_off() -> None:
    found = widened(1000.0, 0.0, [])
    assert found.below == found.above == pytest.approx(0.1)
    assert found.factor == pytest.approx(2.7764451)  # Student's, 4 degrees of freedom
    assert found.interval == pytest.approx(
        (1000 * math.exp(-0.27764451), 1000 * math.exp(0.27764451))
    )


def test_two_earlier_forecasts() -> None:
    """Below (4 x .01 + 2 x (.25 - .01)) / 6, above 4 x .01 / 6: the model's own allowed for .05."""
    found = widened(200.0, 0.2, [(-0.5, 0.1), (0.05, 0.1)])
    assert (found.below, found.above) == pytest.approx((math.sqrt(0.52 / 6), math.sqrt(0.04 / 6)))
    assert found.factor == pytest.approx(2.4469119)  # 6 degrees of freedom
    low = 2.4469119 * math.sqrt(0.04 + 0.52 / 6)
    high = 2.4469119 * math.sqrt(0.04 + 0.04 / 6)
    assert found.interval == pytest.approx((200 * math.exp(-low), 200 * math.exp(high)))


def test_errors_on_both_sides_alike_widen_both_alike() -> None:
    """The sum over both is then that of each side twice: (4 x .01 + 2 x .09) / 6."""
    found = widened(100.0, 0.0, [(0.3, 0.0), (-0.3, 0.0)])
    assert found.below == found.above == pytest.approx(math.sqrt(0.22 / 6))


def test_a_range_is_that_of_what_the_shift_leaves() -> None:
    """Errors of .3 and .5, of which a shift takes out .4: -.1 and .1 are left."""
    found = widened(100.0, 0.0, [(0.3, 0.0), (0.5, 0.0)], shift=0.4)
    assert (found.below, found.above) == pytest.approx((0.1, 0.1))
    still = widened(100.0, 0.0, [(0.3, 0.0), (0.5, 0.0)])
    assert still.above == pytest.approx(math.sqrt(0.72 / 6)) and still.below < found.below


def test_the_models_own_range() -> None:
    low, high = own_interval(1653.0, 0.05)
    assert (low, high) == pytest.approx((1653 * math.exp(-0.0979982), 1653 * math.exp(0.0979982)))
    assert own_interval(10.0, 0.0) == (10.0, 10.0)


@given(
    own=st.floats(0, 1),
    errors=st.lists(st.tuples(st.floats(-2, 2), st.floats(0, 1)), max_size=20),
    shift=st.floats(-1, 1),
)
def test_widened_is_wider_than_the_models_own(
    own: float, errors: list[tuple[float, float]], shift: float
) -> None:
    found = widened(100.0, own, errors, shift)
    low, high = found.interval
    own_low, own_high = own_interval(100.0, own)
    assert low < own_low <= 100 <= own_high < high
    assert found.factor > 1.96
    turned = widened(100.0, own, [(-error, spread) for error, spread in errors], -shift)
    assert (turned.below, turned.above) == pytest.approx((found.above, found.below))
