"""Cohorts three ways: worked mean, sets of customers, CDNOW and the demo client recounted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_lib.retention_rate import cohorts as shares
from retention_lib.speech import Speech
from retention_lib.study import Study
from retention_lib.summaries import cohorts, counts
from retention_lib.summaries.counts import PeriodUnit
from retention_lib.summaries.occasions import occasions
from tests import recounted
from tests.conftest import bought, lines
from tests.figures import draw_cohorts

UNITS: list[PeriodUnit] = ["week", "month", "quarter", "half-year", "year"]
LAYOUT = ["cohort", "unit", "size", "period", "active", "rate", "mature"]
Cells = dict[tuple[int, int], Any]


def number(day: date, unit: PeriodUnit) -> int:
    """Number a day's period as pandas does, only the differences matter."""
    if unit in ("half-year", "year"):
        return day.year if unit == "year" else 2 * day.year + (day.month > 6)
    return int(pd.Period(day, freq={"week": "W-SUN", "month": "M", "quarter": "Q"}[unit]).ordinal)


def cells(table: pd.DataFrame, unit: PeriodUnit) -> Cells:
    """Return the last columns by number of the cohort and period."""
    assert list(table.columns[:2]) == ["cohort", "period"]
    firsts = [counts.period_bounds(int(cohort), unit)[0] for cohort in table["cohort"]]
    values = table.iloc[:, 2:].to_numpy().tolist()
    found = {
        (number(first, unit), int(period)): value[0] if len(value) == 1 else tuple(value)
        for first, period, value in zip(firsts, table["period"], values, strict=True)
    }
    assert len(found) == len(table)
    assert list(found) == sorted(found)
    return found


def histories(days: pd.DataFrame) -> dict[str, list[date]]:
    """Return each customer's days in order, from a frame of customer and day."""
    plain = days.assign(day=days["day"].dt.date).sort_values("day")
    return {str(name): list(own) for name, own in plain.groupby("customer")["day"]}


def counted(seen: Iterable[tuple[int, int]]) -> Cells:
    return dict(sorted(Counter(seen).items()))


def in_brackets(customers: dict[str, list[date]], unit: PeriodUnit) -> Cells:
    numbers = {day: number(day, unit) for own in customers.values() for day in own}
    periods = [sorted({numbers[day] for day in own}) for own in customers.values()]
    return counted((own[0], at - own[0]) for own in periods for at in own)


def or_later(customers: dict[str, list[date]], unit: PeriodUnit) -> Cells:
    spans = [(number(own[0], unit), number(own[-1], unit)) for own in customers.values()]
    return counted((first, k) for first, last in spans for k in range(last - first + 1))


def at_ages(customers: dict[str, list[date]], horizon: int, as_of: date, unit: PeriodUnit) -> Cells:
    found: dict[tuple[int, int], list[int]] = {}
    for own in customers.values():
        ages = {(day - own[0]).days for day in own}
        k, cohort = 0, number(own[0], unit)
        while own[0] + timedelta(days=k * horizon) <= as_of:
            was = k == 0 or any((k - 1) * horizon < age <= k * horizon for age in ages)
            cell = found.setdefault((cohort, k), [0, 0])
            cell[0] += 1
            cell[1] += was
            k += 1
    return {cell: tuple(found[cell]) for cell in sorted(found)}


# --- worked examples ---


def test_worked_mean_over_cohorts() -> None:
    """Sizes 100, 10, 0, 50 (immature), retained 20, 5, 0, 2: 22.7 %, not the unweighted 18.5 %."""
    table = pd.DataFrame(
        {
            "period": 1,
            "size": [100, 10, 0, 50],
            "active": [20, 5, 0, 2],
            "rate": [0.2, 0.5, float("nan"), float("nan")],
            "mature": [True, True, True, False],
        }
    )
    found = shares.cohort_means(table)
    assert list(found.columns) == ["period", "rate", "size"]
    assert found.to_numpy().tolist() == [[1, 25 / 110, 110]]
    assert found["rate"][0] == pytest.approx(0.227, abs=5e-4)


def test_a_period_that_only_empty_cohorts_have_reached_has_no_mean() -> None:
    table = pd.DataFrame(
        {"period": [1, 2], "size": [4, 0], "active": [1, 0], "mature": [True, True]}
    )
    assert shares.cohort_means(table).to_numpy().tolist() == [[1, 0.25, 4]]


def worked() -> ibis.Table:
    return bought(
        a=["2020-01-31", "2020-02-01", "2020-02-20", "2020-04-30"],
        b=["2020-01-01", "2020-01-31"],
        c=["2020-02-29"],
    )


JANUARY, FEBRUARY = number(date(2020, 1, 1), "month"), number(date(2020, 2, 1), "month")


def test_bracket_counts_who_is_active_in_the_very_period() -> None:
    assert cells(cohorts.bracket(worked(), "month"), "month") == {
        (JANUARY, 0): 2,
        (JANUARY, 1): 1,
        (JANUARY, 3): 1,
        (FEBRUARY, 0): 1,
    }


def test_unbounded_counts_who_is_active_then_or_later() -> None:
    assert cells(cohorts.unbounded(worked(), "month"), "month") == {
        (JANUARY, 0): 2,
        (JANUARY, 1): 1,
        (JANUARY, 2): 1,
        (JANUARY, 3): 1,
        (FEBRUARY, 0): 1,
    }


def test_fixed_horizon_counts_days_of_age_and_only_who_was_seen_for_all_of_them() -> None:
    held, as_of = worked(), date(2020, 4, 30)  # a is seen for 90 days, b for 120, c for 61
    assert cells(cohorts.fixed_horizon(held, 30, as_of, "month"), "month") == {
        (JANUARY, 0): (2, 2),
        (JANUARY, 1): (2, 2),  # a after 1 and 20 days, b after 30
        (JANUARY, 2): (2, 0),
        (JANUARY, 3): (2, 1),  # a after 90 days, on the last one known
        (JANUARY, 4): (1, 0),
        (FEBRUARY, 0): (1, 1),
        (FEBRUARY, 1): (1, 0),
        (FEBRUARY, 2): (1, 0),
    }
    day_before = cohorts.fixed_horizon(held, 30, date(2020, 4, 29), "month")
    assert cells(day_before, "month")[JANUARY, 3] == (1, 0)
    assert (JANUARY, 4) not in cells(day_before, "month")


def test_a_horizon_of_no_days_is_refused() -> None:
    with pytest.raises(ValueError, match="0 days"):
        cohorts.fixed_horizon(worked(), 0, date(2020, 4, 30), "month")


def test_returns_are_no_activity_and_merged_days_are_one() -> None:
    rows = [
        ("a", "2020-01-30", 10.0),
        ("a", "2020-02-01", 10.0),  # merged onto the first
        ("a", "2020-03-10", -10.0),
        ("r", "2020-01-01", -5.0),
    ]
    held, as_of = occasions(lines(rows), merge_days=3), date(2020, 3, 31)
    assert cells(cohorts.bracket(held, "month"), "month") == {(JANUARY, 0): 1}
    assert cells(cohorts.unbounded(held, "month"), "month") == {(JANUARY, 0): 1}
    aged = cells(cohorts.fixed_horizon(held, 30, as_of, "month"), "month")
    assert aged == {(JANUARY, 0): (1, 1), (JANUARY, 1): (1, 0), (JANUARY, 2): (1, 0)}


def test_no_occasion_is_no_cohort() -> None:
    held, as_of = worked().filter(ibis.literal(False)), date(2020, 4, 30)
    tables = rated(held, "month", as_of, 30)
    for table in tables:
        assert list(table.columns) == LAYOUT and table.empty
        assert shares.cohort_means(table).empty


# --- frames of shares ---


def rated(held: ibis.Table, unit: PeriodUnit, as_of: date, horizon: int) -> list[pd.DataFrame]:
    """Return the frames of all three ways."""
    return [
        shares.cohort_rates(cohorts.bracket(held, unit), unit, as_of),
        shares.cohort_rates(cohorts.unbounded(held, unit), unit, as_of),
        shares.horizon_rates(cohorts.fixed_horizon(held, horizon, as_of, unit), unit),
    ]


def by_month(table: pd.DataFrame) -> dict[tuple[str, int], tuple[int, int, float | None]]:
    """Return size, active and rate, None where it is missing, by cohort and period."""
    for row in table.itertuples():
        assert row.mature == (not pd.isna(row.rate))
    return {
        (str(row.cohort)[:7], row.period): (
            row.size,
            row.active,
            None if pd.isna(row.rate) else row.rate,
        )
        for row in table.itertuples()
    }


def test_periods_that_have_not_ended_are_blank_and_ended_ones_without_activity_are_zero() -> None:
    bracket, unbounded, aged = rated(worked(), "month", date(2020, 4, 29), 30)
    assert by_month(bracket) == {
        ("2020-01", 0): (2, 2, 1),
        ("2020-01", 1): (2, 1, 0.5),
        ("2020-01", 2): (2, 0, 0),
        ("2020-01", 3): (2, 1, None),
        ("2020-02", 0): (1, 1, 1),
        ("2020-02", 1): (1, 0, 0),
        ("2020-02", 2): (1, 0, None),
    }
    assert by_month(unbounded)["2020-01", 2] == (2, 1, 0.5)
    assert by_month(unbounded).keys() == by_month(bracket).keys()
    assert by_month(aged) == {
        ("2020-01", 0): (2, 2, 1),
        ("2020-01", 1): (2, 2, 1),
        ("2020-01", 2): (2, 0, 0),
        ("2020-01", 3): (1, 0, 0),  # b alone, seen for 119 days
        ("2020-01", 4): (0, 0, None),
        ("2020-02", 0): (1, 1, 1),
        ("2020-02", 1): (1, 0, 0),
        ("2020-02", 2): (1, 0, 0),
        ("2020-02", 3): (0, 0, None),
    }


def test_the_last_day_of_a_period_ends_it() -> None:
    bracket, *_ = rated(worked(), "month", date(2020, 4, 30), 30)
    assert by_month(bracket)["2020-01", 3] == (2, 1, 0.5)
    weekly, *_ = rated(bought(a=["2020-01-05", "2020-01-06"]), "week", date(2020, 1, 12), 7)
    assert weekly["cohort"].dt.date.tolist() == [date(2019, 12, 30)] * 2
    assert weekly["rate"].tolist() == [1, 1]
    assert set(weekly["unit"]) == {"week"}


def test_a_cohort_after_the_day_looked_from_is_left_out() -> None:
    for table in rated(worked(), "month", date(2020, 1, 31), 30):
        assert table["cohort"].dt.date.unique().tolist() == [date(2020, 1, 1)]


@pytest.mark.parametrize("way", [0, 1, 2])
def test_one_figure_draws_each_way(cdnow: ibis.Table, way: int) -> None:
    table = rated(cdnow, "month", date(1998, 6, 15), 91)[way]
    assert list(table.columns) == LAYOUT
    ax = draw_cohorts(table, Speech("en", "en_GB", "USD"), title="x")
    assert len(ax.get_yticklabels()) == 3
    assert ax.axison


# --- properties ---

history = st.dictionaries(
    st.sampled_from("abcde"),
    st.sets(st.dates(date(2019, 11, 20), date(2021, 2, 10)), min_size=1, max_size=8),
    min_size=1,
)


@settings(max_examples=10, deadline=None)
@given(
    history,
    st.sampled_from(UNITS),
    st.integers(1, 60),
    st.dates(date(2021, 1, 1), date(2021, 3, 1)),
)
def test_cells_are_those_of_a_recount(
    bought_on: dict[str, set[date]], unit: PeriodUnit, horizon: int, until: date
) -> None:
    as_of = max(until, *(max(own) for own in bought_on.values()))
    customers = {name: sorted(own) for name, own in bought_on.items()}
    held = bought(**{name: [str(day) for day in own] for name, own in customers.items()}).cache()
    assert cells(cohorts.bracket(held, unit), unit) == in_brackets(customers, unit)
    assert cells(cohorts.unbounded(held, unit), unit) == or_later(customers, unit)
    found = cells(cohorts.fixed_horizon(held, horizon, as_of, unit), unit)
    assert found == at_ages(customers, horizon, as_of, unit)
    bracket, unbounded, aged = rated(held, unit, as_of, horizon)
    assert (unbounded["active"] >= bracket["active"]).all()
    assert (unbounded.groupby("cohort")["active"].diff().fillna(0) <= 0).all()
    for table in (bracket, unbounded, aged):
        assert table.loc[table["period"] == 0, "size"].sum() == len(customers)
        means = shares.cohort_means(table)
        told = table[table["mature"] & (table["size"] > 0)]
        weighted = (told["rate"] * told["size"]).groupby(told["period"]).sum()
        assert (means["rate"] * means["size"]).tolist() == pytest.approx(weighted.tolist())


# --- real logs, recounted by plain Python ---


@pytest.mark.parametrize("unit", UNITS)
def test_cdnow(cdnow: ibis.Table, cdnow_days: pd.DataFrame, unit: PeriodUnit) -> None:
    check(cdnow, histories(cdnow_days), unit, date(1998, 6, 30))


@pytest.mark.parametrize("unit", ["month", "quarter"])
def test_demo(demo: Study, unit: PeriodUnit) -> None:
    days = recounted.purchase_days(recounted.demo_lines())
    check(demo.occasions, histories(days), unit, demo.as_of)


def check(
    held: ibis.Table, customers: dict[str, list[date]], unit: PeriodUnit, as_of: date
) -> None:
    assert cells(cohorts.bracket(held, unit), unit) == in_brackets(customers, unit)
    assert cells(cohorts.unbounded(held, unit), unit) == or_later(customers, unit)
    found = cells(cohorts.fixed_horizon(held, 60, as_of, unit), unit)
    assert found == at_ages(customers, 60, as_of, unit)


def test_cohort_sizes_of_cdnow(cdnow_study: Study, cdnow_days: pd.DataFrame) -> None:
    table = cdnow_study.cohorts()
    months = cdnow_days["day"].dt.to_period("M")
    born = cdnow_days.groupby("customer")["day"].transform("min").dt.to_period("M")
    expected = cdnow_days.groupby([born, (months - born).map(lambda k: k.n)])["customer"].nunique()
    found = table.set_index([pd.PeriodIndex(table["cohort"], freq="M"), "period"])["active"]
    assert found.to_dict() == expected.to_dict()
    assert set(table["unit"]) == {"month"} and table["mature"].all()
