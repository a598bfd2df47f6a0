"""Units: days, weeks, months and rates of discount are not taken for one another."""

from __future__ import annotations

import numpy as np
import pytest

from retention_lib.models.nbd import Nbd
from retention_lib.models.purchase_model import PurchaseModel
from retention_lib.models.units import AnnualRate, Span

MODEL: PurchaseModel = Nbd({"r": 2.0, "alpha": 8.0}, {"r": 0.1, "alpha": 0.4}, -1.0)


def test_a_span_says_what_it_was_made_of_and_what_it_is() -> None:
    assert Span.weeks(2).in_days == 14 and Span.days(14).in_weeks == 2
    assert Span.months(12).in_days == 365.25 and Span.months(12).in_years == 1
    assert Span.months([1, 2]).last.in_days == pytest.approx(365.25 / 6)


def test_a_rate_is_of_a_whole_year() -> None:
    assert AnnualRate(0.1).worth(Span.months(12)) == pytest.approx(1 / 1.1)
    assert AnnualRate(0.1).worth(Span.months([6, 12])) == pytest.approx([1.1**-0.5, 1 / 1.1])
    assert AnnualRate(0).worth(Span.days(5)) == 1


def test_the_same_time_in_another_unit_is_the_same_forecast() -> None:
    expected = MODEL.expected_purchases(3, 50, 70, Span.weeks(10))
    assert expected == pytest.approx((2 + 3) / (8 + 10) * 10)
    assert MODEL.expected_purchases(3, 50, 70, Span.days(70)) == expected
    assert MODEL.buys_within(3, 50, 70, Span.days(70)) == MODEL.buys_within(
        3, 50, 70, Span.weeks(10)
    )


@pytest.mark.parametrize("bare", [70, 10.0, np.array([70, 140])])
def test_a_bare_number_is_no_time(bare: object) -> None:
    with pytest.raises(AttributeError):
        MODEL.expected_purchases(3, 50, 70, bare)  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        MODEL.discounted_purchases(3, 50, 70, Span.days([70]), bare)  # type: ignore[arg-type]
