"""The range of a forecast, by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_lib.stats import own_interval, widened


def test_untested_forecasts_are_a_tenth_off() -> None:
    found = widened(1000.0, 0.0, [])
    assert found.record == pytest.approx(0.1)
    assert found.factor == pytest.approx(2.7764451)  # Student's, 4 degrees of freedom
    assert found.interval == pytest.approx(
        (1000 * math.exp(-0.27764451), 1000 * math.exp(0.27764451))
    )


def test_two_earlier_forecasts() -> None:
    # (4 x .01 + (.25 - .01) + 0) / 6, and t with 6 degrees of freedom
    found = widened(200.0, 0.2, [(-0.5, 0.1), (0.05, 0.1)])
    assert found.record == pytest.approx(math.sqrt(0.28 / 6))
    assert found.factor == pytest.approx(2.4469119)
    far = 2.4469119 * math.sqrt(0.04 + 0.28 / 6)
    assert found.interval == pytest.approx((200 * math.exp(-far), 200 * math.exp(far)))


def test_the_models_own_range() -> None:
    low, high = own_interval(1653.0, 0.05)
    assert (low, high) == pytest.approx((1653 * math.exp(-0.0979982), 1653 * math.exp(0.0979982)))
    assert own_interval(10.0, 0.0) == (10.0, 10.0)


@given(
    own=st.floats(0, 1),
    errors=st.lists(st.tuples(st.floats(-2, 2), st.floats(0, 1)), max_size=20),
)
def test_widened_is_wider_than_the_models_own(
    own: float, errors: list[tuple[float, float]]
) -> None:
    (low, high), _, factor = widened(100.0, own, errors)
    own_low, own_high = own_interval(100.0, own)
    assert low < own_low <= 100 <= own_high < high
    assert low * high == pytest.approx(100**2)
    assert factor > 1.96
