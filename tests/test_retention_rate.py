"""Two windows, two populations: worked example, CDNOW recounted, and refusals."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from retention_lib import retention_rate
from retention_lib.results import Cycle, Period, Retention
from retention_lib.study import Study
from tests import made

PERIODS = (
    Period(start=date(1997, 5, 1), end=date(1997, 11, 30)),
    Period(start=date(1997, 12, 1), end=date(1998, 6, 30)),
)
REVENUE = pd.DataFrame({"grp": [0], "value": [10.0], "repeat_value": [4.0]})
SECOND = pd.DataFrame({"grp": [0, 1], "customers": [6, 4], "again": [3, 1]})


def cycle(gate: str, **figures: Any) -> Cycle:
    settled = {"settled": True, "gate": gate, "gate_lifts_on": date(1998, 9, 30)}
    found: Cycle = made.changed(made.cycle(), **(settled | figures))
    return found


def counts_of(**counts: int) -> pd.DataFrame:
    names = ("start", "first_time", "end", "new", "retained", "first_time_retained")
    return pd.DataFrame([{"grp": 0} | dict.fromkeys(names, 0) | counts])


def rates(gate: str = "trend", **counts: int) -> Retention:
    return retention_rate.retention(cycle(gate), PERIODS, counts_of(**counts), SECOND, REVENUE)


def test_worked_example() -> None:
    """Before: a, e, f; prior window: a, b, c, d; window: a, b, e, g, h."""
    found = rates(start=4, first_time=3, end=5, new=2, retained=2, first_time_retained=1)
    assert (found.start_customers, found.end_customers, found.new_customers) == (4, 5, 2)
    assert (found.retained_customers, found.resurrected_customers, found.lost_customers) == (
        2,
        1,
        2,
    )
    assert found.formula_rate == 0.75
    assert found.retained_rate == 0.50
    assert (found.returning_customers, found.first_time_customers) == (1, 3)
    assert (found.returning_rate, found.first_time_rate) == (1, pytest.approx(1 / 3))
    assert found.quick_ratio == 1.5
    assert found.second_purchase_rate == 0.4
    assert found.repeat_revenue_share == 0.4


def test_rates_carry_wilson_intervals() -> None:
    found = rates(start=10, end=8, retained=8)
    assert found.retained_ci95 == pytest.approx((0.490, 0.943), abs=5e-4)
    assert found.first_time_rate is None
    assert found.why_not["/first_time_rate"].startswith("No customer of the prior window")


def test_the_classic_formula_may_exceed_one() -> None:
    found = rates(start=2, end=6, new=1, retained=2)
    assert found.formula_rate == 2.5
    assert found.resurrected_customers == 3
    assert found.quick_ratio is None and "No customer was lost" in found.why_not["/quick_ratio"]


def test_nobody_in_the_prior_window_gives_no_rate() -> None:
    found = rates(end=3, new=3)
    assert found.retained_rate is None and found.formula_rate is None
    assert "Nobody bought in the prior window" in found.why_not["/retained_rate"]


def test_counts_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(AssertionError, match="contradict"):
        rates(start=2, end=1, retained=3)


def test_one_window_gives_the_second_purchase_rate_only() -> None:
    found = rates("one_window", start=4, end=5, retained=2)
    assert found.retained_rate is None and found.start_customers is None
    assert "1998-09-30" in found.why_not["/retained_rate"]
    assert found.second_purchase_rate == 0.4


def test_refused_gives_a_date_and_no_rate_at_all() -> None:
    found = rates("refused", start=4, end=5, retained=2)
    assert found.retained_rate is None and found.second_purchase_rate is None
    assert found.why_not["/second_purchase_rate"] == (
        "Too little history: 546 days, three cycles need 212; it will do on 1998-09-30."
    )


def test_a_pinned_cycle_says_how_much_history_is_needed() -> None:
    pinned = made.pinned().model_copy(update={"cycle_days": 80})
    refused = cycle("refused", cycle_days=65, pinned=pinned)
    found = retention_rate.retention(refused, PERIODS, counts_of(), SECOND, REVENUE)
    assert "three cycles need 240" in found.why_not["/second_purchase_rate"]


def test_cdnow_recounted_by_pandas(cdnow_study: Study, cdnow_days: pd.DataFrame) -> None:
    prior, window = (
        set(cdnow_days.loc[cdnow_days["day"].between(str(p.start), str(p.end)), "customer"])
        for p in PERIODS
    )
    first = cdnow_days.groupby("customer")["day"].min()
    new = set(first[first >= "1997-12-01"].index)
    found = cdnow_study.retention()
    assert (found.prior, found.window) == PERIODS
    assert found.start_customers == len(prior) == 7405
    assert found.end_customers == len(window) == 5994
    assert found.new_customers == len(new) == 0
    assert found.retained_customers == len(prior & window) == 4088
    assert found.retained_rate == len(prior & window) / len(prior) == pytest.approx(0.552, abs=5e-4)
    assert found.retained_ci95 == pytest.approx((0.541, 0.563), abs=5e-4)
    assert (
        found.formula_rate
        == (len(window) - len(new)) / len(prior)
        == pytest.approx(0.809, abs=5e-4)
    )
    again = cdnow_days.sort_values(["customer", "day"]).groupby("customer")["day"].nth([1])
    second = cdnow_days.loc[again.index].set_index("customer")["day"] - first
    assert found.second_purchase_rate == (second.dt.days <= 212).sum() / len(first)
    ordered = cdnow_days.sort_values(["customer", "day"])
    later = ordered.loc[ordered.groupby("customer").cumcount() > 0, "value"].sum()
    assert found.repeat_revenue_share == pytest.approx(later / ordered["value"].sum())
