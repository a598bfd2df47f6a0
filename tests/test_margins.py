"""Each customer's own margin, drawn towards that of all."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import numpy as np
import pandas as pd
import pytest

from retention_lib.summaries import margins

Line = tuple[str, str, float, float | None]


def found(rows: Sequence[Line], otherwise: float | None = None) -> pd.Series:
    table = pd.DataFrame(rows, columns=["customer_id", "day", "amount", "cost"])
    schema = {"customer_id": "string", "day": "date", "amount": "float64", "cost": "float64"}
    table["day"] = pd.to_datetime(table["day"]).dt.date
    kept = ibis.duckdb.connect().create_table("kept", table, schema=schema)
    shares: pd.DataFrame = margins.by_customer(kept, otherwise).to_pandas()
    return pd.Series(shares.set_index("customer_id")["margin"])


def days(who: str, number: int, amount: float, cost: float) -> list[Line]:
    return [(who, f"2024-01-{n + 1:02}", amount, cost) for n in range(number)]


def test_margins_that_never_vary_within_customers_are_their_own() -> None:
    rows = [*days("a", 3, 100, 50), *days("b", 2, 100, 90)]
    assert found(rows).to_dict() == pytest.approx({"a": 0.5, "b": 0.1})


def test_where_customers_do_not_differ_all_have_that_of_all_sales() -> None:
    generator = np.random.default_rng(1)
    rows = [
        (f"c{n:03}", f"2024-01-{day + 1:02}", 100.0, 60.0 + (30.0 if (n + day) % 2 else -30.0))
        for n in range(200)
        for day in range(2 + 2 * int(generator.integers(0, 3)))
    ]
    table = found(rows)
    assert table.to_numpy() == pytest.approx(np.full(200, 0.4))


def test_few_days_are_drawn_further_than_many() -> None:
    """All customers' true margin is .2 or .6; single days are .1 off either way."""
    rows: list[Line] = []
    for n in range(100):
        truth, number = (0.2 if n % 2 else 0.6), (20 if n < 50 else 2)
        for day in range(number):
            off = 0.25 if day % 2 else -0.25
            rows.append((f"c{n:03}", f"2024-01-{day + 1:02}", 100.0, 100 * (1 - truth - off)))
    table = found(rows)
    assert table["c001"] == pytest.approx(0.2, abs=0.02) and table["c000"] > 0.57
    assert 0.2 < table["c001"] < table["c051"] < 0.4 < table["c050"] < table["c000"] < 0.6


def test_a_huge_account_of_thin_margin_is_not_the_yardstick() -> None:
    rows = [(f"c{n:03}", "2024-01-01", 50.0, 20.0 + n % 11) for n in range(200)] + [
        ("huge", f"2024-01-{day + 1:02}", 100_000.0, 95_000.0) for day in range(20)
    ]
    table = found(rows)
    assert table["huge"] == pytest.approx(0.05, abs=0.01)
    assert table.drop("huge").mean() == pytest.approx(0.5, abs=0.03)


def test_lines_without_a_cost_count_at_the_declared_margin_or_not_at_all() -> None:
    rows = [*days("a", 3, 100, 50), ("b", "2024-01-01", 100.0, None)]
    assert set(found(rows).index) == {"a"}
    table = found([*rows, *days("c", 3, 100, 80)], otherwise=0.3)
    assert set(table.index) == {"a", "b", "c"}
    assert table["a"] == pytest.approx(0.5) and table["b"] == pytest.approx(0.3)


def test_a_customer_served_at_a_loss_is_worth_nothing_and_returns_take_their_cost_back() -> None:
    rows = [*days("a", 4, 100, 50), *days("b", 4, 100, 140), *days("c", 2, 100, 40)]
    rows += [("c", "2024-01-01", -50.0, -20.0)]
    table = found(rows)
    assert table["b"] == 0 and table["c"] == pytest.approx(0.6) and table["a"] == pytest.approx(0.5)


@pytest.mark.parametrize("rows", [[], [("a", "2024-01-01", 0.0, 1.0)], days("a", 1, 100, 40)])
def test_too_little_to_tell_customers_apart(rows: list[Line]) -> None:
    table = found(rows)
    assert table.tolist() == ([pytest.approx(0.6)] if rows and rows[0][2] else [])
