"""The forecast followed week by week, and P(alive) over states: by hand, by lifetimes."""

from __future__ import annotations

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from lifetimes import BetaGeoFitter

from retention_lib.clv import tracking
from retention_lib.models import bgnbd, mbg
from retention_lib.models.nbd import Nbd
from retention_lib.models.units import Span
from retention_lib.study import Study
from retention_lib.summaries import backtests, counts
from tests.conftest import bought

# a customer is expected to buy t / 7 times in t days, whatever he did
EVEN = Nbd({"r": 1e9, "alpha": 1e9}, {}, 0.0)
DAILY = pd.DataFrame(
    {
        "day": pd.to_datetime(["2020-01-06", "2020-01-08", "2020-01-15", "2020-01-20"]),
        "first_purchases": [3, 2, 0, 0],
        "repeats": [0, 1, 4, 2],
    }
)
AS_OF = date(2020, 1, 21)


def test_weeks_end_today_and_add_up_by_hand() -> None:
    """Weeks end on Tuesdays 7, 14, 21 January; three came on the 6th, two on the 8th."""
    table = tracking.tracking(DAILY, AS_OF, 10, EVEN)
    ends = ["2020-01-07", "2020-01-14", "2020-01-21"]
    assert list(table["week_ends"].dt.strftime("%Y-%m-%d")) == ends
    assert list(table["made"]) == [0, 1, 6] and list(table["made_total"]) == [0, 1, 7]
    expected = [3 / 7, 3 + 2 * 6 / 7, 5]
    assert list(table["predicted"]) == pytest.approx(expected)
    assert list(table["predicted_total"]) == pytest.approx(np.cumsum(expected))
    assert list(table["held_out"]) == [False, False, True]


def test_a_week_is_held_out_if_all_of_it_is() -> None:
    assert list(tracking.tracking(DAILY, AS_OF, 6, EVEN)["held_out"]) == [False] * 3
    assert list(tracking.tracking(DAILY, AS_OF, 7, EVEN)["held_out"]) == [False, False, True]
    assert list(tracking.tracking(DAILY, AS_OF, 14, EVEN)["held_out"]) == [False, True, True]


def test_a_rule_goes_on_evenly_from_what_was_made() -> None:
    """20 in ten days are 14 in the week that lies in them, after the one purchase before."""
    table = tracking.tracking(DAILY, AS_OF, 10, 20.0)
    assert table["predicted"].isna().tolist() == [True, True, False]
    assert table["predicted"].iloc[2] == pytest.approx(14)
    assert table["predicted_total"].iloc[2] == pytest.approx(1 + 14)
    nothing = tracking.tracking(DAILY, AS_OF, 10, None)
    assert nothing[["predicted", "predicted_total"]].isna().all(axis=None)
    assert tracking.tracking(DAILY.iloc[:0], AS_OF, 10, None).empty


def test_occasions_of_those_known_by_a_day() -> None:
    log = bought(a=["2020-01-01", "2020-01-05"], b=["2020-01-05", "2020-01-09"], c=["2020-01-06"])
    table = backtests.daily_known(log, date(2020, 1, 5)).astype({"day": str})
    assert list(table["day"].str[:10]) == ["2020-01-01", "2020-01-05", "2020-01-09"]
    assert list(table["first_purchases"]) == [1, 1, 0] and list(table["repeats"]) == [0, 1, 1]


def test_cdnow_is_tracked_as_lifetimes_and_pandas_have_it(
    cdnow_study: Study, cdnow_days: pd.DataFrame
) -> None:
    """E[X(t)] by lifetimes for each day of first purchases, and repeats counted by pandas."""
    table = cdnow_study.tracking()
    eve = pd.Timestamp("1997-11-30")
    first = cdnow_days.groupby("customer")["day"].transform("min")
    repeats = cdnow_days[(first <= eve) & (cdnow_days["day"] > first)]
    model = fitted_then(cdnow_study)
    came = cdnow_days.groupby("customer")["day"].min().value_counts()
    for row in (5, 40, 60, len(table) - 1):
        end = table["week_ends"].iloc[row]
        assert table["made_total"].iloc[row] == (repeats["day"] <= end).sum()
        ages = {day: (end - day).days / 7 for day in came.index if day <= end}
        expected = sum(
            came[day] * float(model.expected_number_of_purchases_up_to_time(age))
            for day, age in ages.items()
            if age > 0
        )
        assert table["predicted_total"].iloc[row] == pytest.approx(expected, rel=1e-6)
    assert table["predicted"].sum() == pytest.approx(table["predicted_total"].iloc[-1])
    assert table["held_out"].sum() == 212 // 7
    last = table.iloc[-1]
    assert last["predicted_total"] == pytest.approx(last["made_total"], rel=0.02)


def fitted_then(study: Study) -> BetaGeoFitter:
    """BG/NBD as fitted on the holdout's eve, as a lifetimes object."""
    known = counts.frequency_recency(study.occasions, date(1997, 11, 30))
    triples = known.groupby(["frequency", "recency_days", "T_days"], as_index=False).sum()
    return bgnbd.fit(triples).fitter


# --- P(alive) ---


@pytest.fixture(scope="module")
def triples(sample: ibis.Table) -> pd.DataFrame:
    return counts.frequency_recency(sample, date(1997, 9, 30))


def test_the_grid_holds_what_can_be(triples: pd.DataFrame) -> None:
    model = mbg.fit(triples)
    grid = tracking.alive_grid(model, triples)
    age = int(np.median(np.repeat(triples["T_days"], triples["customers"])))
    assert (grid["T_days"] == age).all()
    of = grid.set_index(["frequency", "silent_days"])["p_alive"]
    none = of.xs(0)
    assert none.dropna().index.tolist() == [age]
    assert of[0, age] == pytest.approx(float(model.p_alive([0], [0], [age])[0]))
    assert of[2, 0] == pytest.approx(float(model.p_alive([2], [age], [age])[0]))
    assert np.isnan(of[1, age])  # who came again did so on a later day


def test_who_came_each_day_so_far_is_on_the_grid() -> None:
    """At an age of 60 days, two repeat purchases were made at the earliest on days 1 and 2."""
    ages = pd.DataFrame({"frequency": [2, 2], "T_days": [60, 60], "customers": [9, 1]})
    of = tracking.alive_grid(EVEN, ages).set_index(["frequency", "silent_days"])["p_alive"]
    assert of.xs(1).notna().tolist() == [True] * 60 + [False]
    assert of.xs(2).notna().tolist() == [True] * 59 + [False] * 2


def test_the_grid_falls_with_silence(triples: pd.DataFrame) -> None:
    grid = tracking.alive_grid(mbg.fit(triples), triples)
    of = grid.set_index(["frequency", "silent_days"])["p_alive"]
    for frequency in range(1, grid["frequency"].max() + 1):
        assert of.xs(frequency).dropna().is_monotonic_decreasing
    share = triples.loc[triples["frequency"] >= grid["frequency"].max(), "customers"].sum()
    assert share >= 0.01 * triples["customers"].sum() or grid["frequency"].max() == 12


def test_the_grid_of_cdnow(cdnow_study: Study) -> None:
    grid = cdnow_study.alive_grid()
    assert grid["p_alive"].dropna().between(0, 1).all() and grid["frequency"].max() == 12
    assert len(grid) == 13 * grid["silent_days"].nunique()


# --- what a triple spends ---


def test_spend_by_triple_is_the_mean_of_its_customers() -> None:
    log = bought(a=["2020-01-01", "2020-01-05"], b=["2020-01-01", "2020-01-05"], c=["2020-01-01"])
    value = ibis.ifelse((log.customer_id == "b") & (log.position == 2), 40.0, log.spend_to_date)
    log = log.mutate(spend_to_date=value)
    table = backtests.spend_by_triple(log, date(2020, 1, 9))
    assert list(table["frequency"]) == [0, 1] and list(table["customers"]) == [1, 2]
    assert list(table["monetary"]) == [0, (10 + 30) / 2]
    # who sent back more than the repeat purchase brought counts as 0, as in the list of customers
    sent_back = ibis.ifelse(log.customer_id == "a", -25.0, 0.0)
    table = backtests.spend_by_triple(log.mutate(refunds=sent_back), date(2020, 1, 9))
    assert list(table["monetary"]) == [0, (0 + 30) / 2]


def test_spend_by_triple_gives_the_value_of_all(cdnow_study: Study) -> None:
    """Expected spend is linear in it, so that the total over triples is that over customers."""
    worth = cdnow_study._clv_inputs
    table = backtests.spend_by_triple(cdnow_study.occasions, cdnow_study.as_of)
    model, spend = worth.valuation.purchases, worth.valuation.spend.model
    assert model is not None and spend is not None
    state = table["frequency"], table["recency_days"], table["T_days"]
    discounted = model.discounted_purchases(*state, worth.terms.months, worth.terms.rate)
    each = discounted * spend.expected_spend(table["frequency"], table["monetary"])
    total = float(np.dot(each, table["customers"]))
    assert total * worth.valuation.moved == pytest.approx(cdnow_study.clv().total_clv, rel=1e-5)
    assert table["customers"].sum() == 23_570
    assert worth.terms.months.last.in_days == pytest.approx(Span.months(9).in_days)
