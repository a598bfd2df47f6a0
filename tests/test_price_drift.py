"""The value of an order from year to year within customers: by hand, against regression, in shops."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

from retention_lib.clv.price_drift import price_drift
from retention_lib.results import PriceDrift, Why, why
from retention_lib.study import Study
from retention_lib.summaries import backtests, counts, new_customers
from retention_lib.summaries.occasions import occasions
from retention_lib.summaries.price_drift import PRODUCTS, at_level_of, within_customers
from tests.conftest import lines

START = date(2022, 1, 1)


def shop(
    customers: int,
    years: float,
    seed: int,
    drift: float = 0.0,
    december: float = 0.0,
    first: float = 0.0,
    joined: float = 0.0,
) -> tuple[pd.DataFrame, date]:
    """Return orders, and the last day.

    Logarithms of order values rise by ``drift`` a year, by ``december`` in it; first orders are
    lower by ``first``, and customers spend less by ``joined`` for each year that they came later.
    """
    generator = np.random.default_rng(seed)
    days = int(years * 365.25)
    since = generator.integers(0, days, customers)
    if december:  # half of all come for Christmas
        at = generator.integers(0, int(years), customers) * 365 + generator.integers(
            335, 358, customers
        )
        since = np.where(generator.random(customers) < 0.5, at, since)
    number = generator.poisson(generator.gamma(1, 5, customers) * (days - since) / days)
    who = np.repeat(np.arange(customers), number + 1)
    day = np.concatenate(
        [
            np.append(day, generator.integers(day, days, n))
            for day, n in zip(since, number, strict=True)
        ]
    )
    table = pd.DataFrame({"who": who, "day": day}).drop_duplicates()
    when = pd.Timestamp(START) + pd.to_timedelta(table["day"], unit="D")
    logs = generator.normal(3.5, 0.7, customers)[table["who"]] + generator.normal(
        0, 0.45, len(table)
    )
    logs = logs + drift * table["day"] / 365.25 + december * (when.dt.month == 12)
    logs = logs - first * (table["day"] == since[table["who"]])
    logs = logs - joined * since[table["who"]] / 365.25
    return (
        pd.DataFrame(
            {"customer": table["who"].astype(str), "day": when.dt.date, "value": np.exp(logs)}
        ),
        START + timedelta(days=days - 1),
    )


def occasions_of(table: pd.DataFrame) -> ibis.Table:
    return occasions(
        lines([(who, str(day), value) for who, day, value in table.itertuples(index=False)])
    )


def drift_of(*arguments: Any, **more: Any) -> PriceDrift:
    table, as_of = shop(*arguments, **more)
    found = price_drift(within_customers(occasions_of(table), as_of))
    assert isinstance(found, PriceDrift)
    return found


# --- sums ---


def test_the_slope_is_that_of_a_regression_on_customers_time_and_months() -> None:
    import statsmodels.formula.api as smf

    table, as_of = shop(150, 3, seed=1, drift=0.1, december=0.3)
    found = price_drift(within_customers(occasions_of(table), as_of))
    days = pd.to_datetime(table["day"])
    frame = table.assign(
        time=(days - pd.Timestamp(as_of)).dt.days / 365.25,
        month=days.dt.month,
        log=np.log(table["value"]),
        order=days.groupby(table["customer"]).rank(),
    ).query("order > 1")
    fit = smf.ols("log ~ C(customer) + C(month) + time", frame).fit()
    assert isinstance(found, PriceDrift)
    assert found.per_year == pytest.approx(np.expm1(fit.params["time"]))


def test_first_orders_free_orders_and_later_ones_do_not_count() -> None:
    rows = [
        *[("a", "2022-01-01", 900.0), ("a", "2022-05-01", 10.0), ("a", "2022-07-01", 0.0)],
        *[("a", "2023-05-01", 20.0), ("a", "2024-05-01", 5.0), ("b", "2022-01-01", 3.0)],
        *[("b", "2023-05-01", 3.0)],
    ]
    sums = within_customers(occasions(lines(rows)), date(2023, 12, 31))
    assert list(sums) == ["grp", "customers", *PRODUCTS]
    assert sums["customers"].tolist() == [1]  # b has one repeat order
    year = 365 / 365.25
    row = sums.iloc[0]
    assert row["time*time"] == pytest.approx(year**2 / 2)
    assert row["time*log"] == pytest.approx(year * np.log(2) / 2)
    assert row["time*month_5"] == row["month_5*month_5"] == pytest.approx(0)


# --- found where it is, and nowhere else ---


@pytest.mark.slow
def test_a_planted_drift_is_found() -> None:
    found = drift_of(1500, 3, seed=2, drift=np.log(1.1))
    assert found.used and found.ci95[0] < 0.1 < found.ci95[1]
    assert found.ci95[1] - found.ci95[0] < 0.1
    fallen = drift_of(1500, 3, seed=3, drift=np.log(0.9), december=0.5)
    assert fallen.used and fallen.per_year == pytest.approx(-0.1, abs=0.04)


@pytest.mark.parametrize(
    "more", [{"december": 0.6}, {"first": 0.5}, {"joined": 0.3}], ids=lambda it: next(iter(it))
)
def test_what_is_no_drift_does_not_look_like_one(more: dict[str, float]) -> None:
    """A season with customers who come in it, cheap first orders, and ever poorer newcomers."""
    found = drift_of(1500, 2.9, seed=5, **more)
    assert abs(found.per_year) < 0.04 and not found.used


@pytest.mark.slow
def test_shops_without_drift_are_seldom_told_one() -> None:
    """40 shops at 5 % each: more than 7 happen to a correct program once in a thousand."""
    used = [
        drift_of(300, 2.1 + 0.02 * seed, seed=seed, december=0.3).used for seed in range(100, 140)
    ]
    assert sum(used) <= 7


def test_too_few_customers_tell_none() -> None:
    table, as_of = shop(20, 3, seed=1)
    found = price_drift(within_customers(occasions_of(table), as_of))
    assert isinstance(found, Why) and found.code == "too_few_spenders"
    nobody = within_customers(occasions_of(table), START)
    assert price_drift(nobody) == why("too_few_spenders", repeat=0, needed=30)


# --- past amounts at a later day's level ---


def test_past_amounts_are_raised_value_by_value() -> None:
    """At 10 % a year: 20 of two years ago is 24.20 of today, 30 of a year ago is 33."""
    day = date(2024, 12, 31)
    rows = [
        *[("a", "2022-12-31", 50.0), ("a", "2022-12-31", 0.0)],
        *[("a", str(day - timedelta(days=730)), 0.0)],
        *[("b", "2022-01-01", 40.0), ("b", str(day - timedelta(days=1461 // 2)), 20.0)],
        *[("b", str(day - timedelta(days=365)), 30.0), ("b", "2025-03-01", 99.0)],
    ]
    held = occasions(lines(rows))
    raised = at_level_of(held, 0.10, day)
    table = counts.spend_per_occasion(raised, day)
    assert table["frequency"].tolist() == [2]
    expected = (20 * 1.1 ** (730 / 365.25) + 30 * 1.1 ** (365 / 365.25)) / 2
    assert table["monetary"].tolist() == pytest.approx([expected])
    by_triple = backtests.spend_by_triple(raised, day)
    assert sorted(by_triple["monetary"]) == pytest.approx([0, expected])
    same = counts.spend_per_occasion(at_level_of(held, 0.0, day), day)
    assert same["monetary"].tolist() == pytest.approx([25])


def test_returns_are_raised_like_the_orders() -> None:
    rows = [("a", "2023-01-01", 10.0), ("a", "2024-01-01", 30.0), ("a", "2024-02-01", -4.0)]
    held = occasions(lines(rows))
    plain = counts.spend_per_occasion(held, date(2024, 12, 31))
    assert plain["monetary"].tolist() == pytest.approx([26])
    raised = counts.spend_per_occasion(
        at_level_of(held, 0.1, date(2024, 12, 31)), date(2024, 12, 31)
    )
    first, second = 10 * 1.1 ** (730 / 365.25), 30 * 1.1 ** (365 / 365.25)
    back = 4 * (first + second) / 40
    assert raised["monetary"].tolist() == pytest.approx([second - back])


def test_next_new_customers_are_valued_at_todays_level() -> None:
    rows = [("a", "2023-01-01", 10.0), ("a", "2024-01-01", 30.0), ("b", "2023-01-01", 8.0)]
    at = date(2024, 12, 31)
    held = occasions(lines(rows))
    plain = new_customers.everyone(held, at).sums.iloc[0]
    assert (plain["first"], plain["later"]) == (18, 30)
    raised = new_customers.everyone(at_level_of(held, 0.1, at), at).sums.iloc[0]
    assert raised["first"] == pytest.approx(18 * 1.1 ** (730 / 365.25))
    assert raised["later"] == pytest.approx(30 * 1.1 ** (365 / 365.25))


@pytest.mark.slow
def test_a_client_whose_orders_rise_gets_todays_amounts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list's mean is that of raised amounts, what was spent is not, and sums agree."""
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    table, as_of = shop(900, 3, seed=4, drift=np.log(1.15))
    folder = tmp_path / "data" / "clients" / "shop"
    folder.mkdir(parents=True)
    table.round(2).to_csv(folder / "o.csv", index=False)
    (folder / "client.yaml").write_text(
        f"name: Shop\nsource: {{file: o.csv}}\nas_of: {as_of}\n"
        "columns: {customer_id: customer, ordered_at: day, amount: value}\n"
        'format: {decimal: "."}\n'
    )
    study = Study.open("shop")
    found, listed = study.clv(), study.customers.to_pandas().set_index("customer_id")
    drift = found.price_drift
    assert drift is not None and drift.used and drift.per_year == pytest.approx(0.15, abs=0.05)
    years = (pd.Timestamp(as_of) - pd.to_datetime(table["day"])).dt.days / 365.25
    later = table.assign(
        raised=table["value"].round(2) * (1 + drift.per_year) ** years,
        place=table.groupby("customer")["day"].rank(),
    ).query("place > 1")
    means = later.groupby("customer")["raised"].mean()
    assert listed.loc[means.index, "monetary"].to_numpy() == pytest.approx(means.to_numpy())
    spent = table.round(2).groupby("customer")["value"].sum()
    assert listed.loc[spent.index, "spend"].to_numpy() == pytest.approx(spent.to_numpy())
    assert found.expected_revenue == pytest.approx(listed["expected_revenue"].sum(), abs=900 / 200)
    assert found.expected_revenue_ci95 is not None
    dictionary = (study.folder / "private" / "customers_columns.csv").read_text(encoding="utf-8")
    assert "today's level" in dictionary
