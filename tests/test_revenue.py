"""What became of the revenue of a window: worked example, CDNOW and the demo client recounted."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_lib import transactions
from retention_lib.study import Study
from retention_lib.summaries import revenue
from retention_lib.summaries.occasions import occasions
from tests import recounted
from tests.conftest import lines

PRIOR = (date(2020, 1, 1), date(2020, 1, 31))
WINDOW = (date(2020, 2, 1), date(2020, 2, 29))
FLOWS = ["before", "kept", "expansion", "contraction", "lost", "new", "resurrected"]
Line = tuple[str, str, float | None]


def flows(rows: list[Line], merge_days: int = 0, **columns: list[Any]) -> pd.DataFrame:
    kept = lines(rows, **columns)
    table = revenue.windows(kept, occasions(kept, merge_days), PRIOR, WINDOW)
    assert list(table.columns) == ["grp", *FLOWS]
    return table


def total(rows: list[Line], merge_days: int = 0) -> dict[str, float]:
    """Return the flows that are not 0."""
    sums = flows(rows, merge_days)[FLOWS].sum()
    return {str(name): float(value) for name, value in sums[sums != 0].items()}


def iso(*days: date) -> tuple[str, str]:
    return str(days[0]), str(days[1])


# --- worked examples ---


def test_worked_example() -> None:
    """{100, 50, 50} → {120, 0, 30}, new 70."""
    found = total(
        [
            ("a", "2020-01-01", 100.0),
            ("a", "2020-02-29", 120.0),
            ("b", "2020-01-31", 50.0),
            ("c", "2020-01-15", 50.0),
            ("c", "2020-02-01", 30.0),
            ("d", "2020-02-10", 70.0),
        ]
    )
    assert found == {
        "before": 200,
        "kept": 130,
        "expansion": 20,
        "contraction": 20,
        "lost": 50,
        "new": 70,
    }
    assert found["kept"] / found["before"] == 0.65
    assert (found["kept"] + found["expansion"]) / found["before"] == 0.75
    gains, losses = found["new"] + found["expansion"], found["contraction"] + found["lost"]
    assert gains / losses == 90 / 70


def test_who_had_bought_before_the_prior_window_is_resurrected() -> None:
    assert total([("a", "2019-12-31", 10.0), ("a", "2020-02-01", 4.0)]) == {"resurrected": 4}


@pytest.mark.parametrize(
    "earlier",
    [
        [("a", "2020-01-10", 0.0)],  # free
        [("a", "2020-01-10", 9.0), ("a", "2020-01-20", -9.0)],  # returned in the prior window
    ],
)
def test_who_first_bought_in_the_prior_window_but_left_no_money_is_resurrected(
    earlier: list[Line],
) -> None:
    assert total([*earlier, ("a", "2020-02-05", 4.0)]) == {"resurrected": 4}


def test_returns_count_in_the_window_they_are_booked_in_and_never_below_zero() -> None:
    bought: list[Line] = [("a", "2020-01-10", 50.0), ("a", "2020-02-02", 20.0)]
    part = [*bought, ("a", "2020-02-20", -5.0)]
    assert total(part) == {"before": 50, "kept": 15, "contraction": 35}
    more = [*bought, ("a", "2020-02-20", -45.0)]
    assert total(more) == {"before": 50, "lost": 50}
    late = [*bought, ("a", "2020-03-01", -45.0)]
    assert total(late) == {"before": 50, "kept": 20, "contraction": 30}


def test_one_customer_s_returns_do_not_take_off_what_another_spent() -> None:
    rows = [("a", "2019-12-01", 80.0), ("a", "2020-01-05", -80.0), ("b", "2020-01-05", 30.0)]
    assert total(rows) == {"before": 30, "lost": 30}


def test_a_customer_with_returns_only_is_no_customer() -> None:
    assert flows([("a", "2020-01-05", -5.0), ("a", "2020-02-05", -5.0)]).empty


def test_merged_days_leave_the_money_on_the_day_it_was_booked() -> None:
    rows: list[Line] = [("a", "2020-01-31", 10.0), ("a", "2020-02-01", 4.0)]
    expected = {"before": 10, "kept": 4, "contraction": 6}
    assert total(rows) == total(rows, merge_days=3) == expected


def test_cents_add_up_exactly() -> None:
    rows: list[Line] = [("a", "2020-01-02", 0.1)] * 3 + [("a", "2020-02-02", 0.3)]
    assert total(rows) == {"before": 0.3, "kept": 0.3}


def test_records_without_amounts_give_zeros() -> None:
    table = flows([("a", "2020-01-05", None), ("b", "2020-02-05", None)])
    assert len(table) == 2
    assert (table[FLOWS] == 0).all(axis=None)


# --- properties ---

line = st.tuples(
    st.sampled_from("abcd"),
    st.dates(date(2019, 12, 20), date(2020, 3, 10)),
    st.sampled_from([-7.35, -3.1, -0.3, 0.0, 0.1, 0.2, 3.1, 7.35, 12.05]),
    st.sampled_from(["hat", "shoe"]),
)


@settings(max_examples=8, deadline=None)
@given(st.lists(line, min_size=1, max_size=25), st.integers(0, 3))
def test_flows_are_those_of_a_recount_and_add_up(
    rows: list[tuple[str, date, float, str]], merge_days: int
) -> None:
    names = ["customer", "day", "amount", "product"]
    plain = pd.DataFrame(rows, columns=names).astype({"day": "datetime64[s]"})
    found = flows(
        [(name, str(day), amount) for name, day, amount, _ in rows],
        merge_days,
        product=[row[3] for row in rows],
    )
    if recounted.purchase_days(plain).empty:
        assert found.empty
        return
    expected = recounted.flow(plain, iso(*PRIOR), iso(*WINDOW))
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    identities(found, float(found["before"].sum()))


def identities(table: pd.DataFrame, before: float, after: float | None = None) -> None:
    given_up = table["kept"] + table["contraction"] + table["lost"]
    assert table["before"].to_numpy() == pytest.approx(given_up.to_numpy(), rel=1e-9)
    assert given_up.sum() == pytest.approx(before, rel=1e-9)
    if after is not None:
        sources = table[["kept", "expansion", "new", "resurrected"]].sum().sum()
        assert sources == pytest.approx(after, rel=1e-9)
    assert (table[FLOWS] >= 0).all(axis=None)


# --- real logs, recounted by pandas ---


def test_cdnow(cdnow_days: pd.DataFrame, cdnow_study: Study) -> None:
    prior, window = (
        (date(1997, 5, 1), date(1997, 11, 30)),
        (date(1997, 12, 1), date(1998, 6, 30)),
    )
    kept = transactions.kept(cdnow_study.rows)
    found = revenue.windows(kept, cdnow_study.occasions, prior, window)
    plain = cdnow_days.rename(columns={"value": "amount"}).assign(product="cd")
    expected = recounted.flow(plain, iso(*prior), iso(*window))
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, rtol=1e-9)
    before, after = (
        cdnow_days.loc[cdnow_days["day"].between(*iso(*days)), "value"].sum()
        for days in (prior, window)
    )
    identities(found, before, after)  # without returns, the windows' whole revenue
    assert found["new"].sum() == 0


@pytest.mark.parametrize(
    ("prior", "window"),
    [
        ((date(2024, 5, 1), date(2024, 8, 31)), (date(2024, 9, 1), date(2024, 12, 31))),
        ((date(2022, 12, 20), date(2023, 1, 9)), (date(2023, 1, 10), date(2023, 2, 1))),
    ],
)
def test_demo(demo: Study, prior: tuple[date, date], window: tuple[date, date]) -> None:
    lines_ = recounted.demo_lines()
    assert (lines_["amount"] < 0).sum() > 1_000
    kept = transactions.kept(demo.rows)
    found = revenue.windows(kept, demo.occasions, prior, window)
    expected = recounted.flow(lines_, iso(*prior), iso(*window))
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, rtol=1e-9)
    assert list(found["grp"]) == list(range(100))
    identities(found, float(expected["before"].sum()))
    assert (found[FLOWS].sum() > 0).all()


# --- money that no customer can be given ---


def unassigned(rows: list[tuple[str, float | None, str | None, str]]) -> tuple[float, float]:
    plain = [(None if why == "missing_customer_id" else "a", day, x) for day, x, why, _ in rows]
    reasons, means = [row[2] for row in rows], [MEANS[row[3]] for row in rows]
    return revenue.unassigned(lines(plain, reason=reasons, status_means=means))


NAMELESS = "missing_customer_id"
MEANS = {"done": "sale", "returned": "return", "void": "cancelled"}


def test_money_without_a_customer() -> None:
    rows = [
        ("2020-01-01", 10.1, None, "done"),
        ("2020-01-03", -2.0, None, "returned"),
        ("2020-01-02", 4.2, NAMELESS, "done"),
        ("2020-01-03", -1.0, NAMELESS, "returned"),
        ("2020-01-02", 7.0, "cancelled", "void"),
    ]
    assert unassigned(rows) == (3.2, 8.1)


@pytest.mark.parametrize(
    "row", [("2020-01-02", 9.0, NAMELESS, "void"), ("2020-01-04", 9.0, NAMELESS, "done")]
)
def test_what_would_be_set_aside_all_the_same_is_left_out(
    row: tuple[str, float, str, str],
) -> None:
    rows = [
        ("2020-01-03", 10.0, None, "done"),
        ("2020-01-03", 4.0, NAMELESS, "done"),
        ("2020-01-02", 7.0, "cancelled", "void"),
        row,
    ]
    assert unassigned(rows) == (4, 10)


def test_a_copy_of_a_guests_line_is_left_out() -> None:
    rows = [("a", "2020-01-02", 5.0), (None, "2020-01-01", 3.0), (None, "2020-01-01", 3.0)]
    table = lines(rows, reason=[None, NAMELESS, NAMELESS], copy=["no", "no", "yes"])
    assert revenue.unassigned(table) == (6, 5)
    table = table.mutate(is_copy=table["copy"] == "yes")
    assert revenue.unassigned(table) == (3, 5)


def test_a_row_without_a_day_is_left_out() -> None:
    table = lines([("a", "2020-01-01", 5.0), (None, "2020-01-01", 3.0)], reason=[None, NAMELESS])
    undated = table.mutate(day=ibis.ifelse(table.reason.isnull(), table.day, ibis.null("date")))
    assert revenue.unassigned(undated) == (0, 5)


def test_no_amounts_are_no_money() -> None:
    rows = [("2020-01-01", None, None, "done"), ("2020-01-01", None, NAMELESS, "done")]
    assert unassigned(rows) == (0, 0)
    assert unassigned(rows[1:]) == (0, 0)


def test_guests_of_the_demo_client(demo: Study) -> None:
    rows = recounted.demo_rows().drop_duplicates()
    guests = rows[rows["customer"].isna() & (rows["status"] != "anulowane")]
    expected = guests["amount"].sum(), recounted.demo_lines()["amount"].sum()
    assert revenue.unassigned(demo.rows) == pytest.approx(expected, rel=1e-9)
    assert expected[0] > 10_000


def test_guests_after_the_day_looked_from_are_left_out(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    run = str(tmp_path_factory.mktemp("year-earlier"))
    study = Study.open("demo", as_of="2023-12-31", run=run)
    rows = recounted.demo_rows().drop_duplicates()
    guests = rows[rows["customer"].isna() & (rows["day"] <= "2023-12-31")]
    found = revenue.unassigned(study.rows)
    study.close()
    assert found[0] == pytest.approx(guests["amount"].sum(), rel=1e-9)


# --- margin ---


def costed(*pairs: tuple[float, float | None]) -> ibis.Table:
    """Lines of (amount, cost)."""
    table = pd.DataFrame(pairs, columns=["amount", "cost"])
    schema = {"amount": "float64", "cost": "float64"}
    return ibis.duckdb.connect().create_table("costed", table, schema=schema)


@pytest.mark.parametrize(
    ("pairs", "otherwise", "expected"),
    [
        ([(100, 70), (50, 30)], None, 1 / 3),
        ([(100, 70), (50, 30)], 0.9, 1 / 3),
        ([(100, 70), (50, 30), (50, None)], 0.40, 0.35),
        ([(100, 70), (50, 30), (50, None)], None, 1 / 3),
        ([(100, 60), (-50, -30)], None, 0.4),  # a return gives its cost back
        ([(100, 60), (0, 5)], None, 0.35),  # what was given away cost something too
        ([(100, 100)], None, 0.0),
        ([(100, 150)], 0.5, -0.5),
        ([(100, -60)], None, 1.6),
        ([(100, None)], 0.3, 0.3),
        ([(100, None)], None, None),
        ([(50, 20), (-50, -20)], 0.3, 0.3),
        ([(0, 5)], None, None),
    ],
)
def test_margin_of_lines_with_costs(
    pairs: list[tuple[float, float | None]], otherwise: float | None, expected: float | None
) -> None:
    found = revenue.margin(costed(*pairs), otherwise)
    assert found == (None if expected is None else pytest.approx(expected, abs=1e-9))
