"""Who was lost, and what they were worth, recounted by hand and by pandas."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_lib.summaries import lost
from retention_lib.summaries.occasions import occasions
from tests.conftest import lines

PRIOR = (date(2020, 5, 1), date(2020, 8, 31))
WINDOW = (date(2020, 9, 1), date(2020, 12, 31))


def dossier(rows: list[tuple[Any, ...]], top: int = 10, **columns: list[Any]) -> pd.DataFrame:
    kept = lines(rows, **columns)
    return lost.most_valuable(occasions(kept), kept, PRIOR, WINDOW, top)


def total(rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    kept = lines(rows)
    return lost.total(occasions(kept), kept, PRIOR, WINDOW)


# definitions.md, 5: before {a, e, f}; prior {a, b, c, d}; window {a, b, e, g, h}
WORKED = [
    *((name, "2020-02-01", 10.0) for name in "aef"),
    *((name, "2020-06-01", 10.0) for name in "abcd"),
    *((name, "2020-10-01", 10.0) for name in "abegh"),
]


def test_the_worked_example_loses_two() -> None:
    assert dossier(WORKED)["customer_id"].tolist() == ["c", "d"]
    assert total(WORKED) == {"customers": 2, "spend": 20.0}


def test_a_dossier_says_all_there_is_to_say() -> None:
    rows = [
        ("a", "2019-01-01", 1.0),  # somebody else: where the records begin
        ("x", "2019-10-01", 7.0),
        ("x", "2020-01-02", 5.0),
        ("x", "2020-03-02", 5.5),
        ("x", "2020-05-01", 20.0),
        ("x", "2020-08-31", 30.0),
        ("x", "2020-08-31", 2.0),
        ("x", "2020-09-03", -4.0),  # sent back in the window: no occasion, no prior spend
        ("x", "2020-06-01", -1.5),  # sent back in the prior window
    ]
    attributes: dict[str, list[Any]] = {
        "channel": ["web"] * 9,
        "owner": [None] * 9,
        "product": ["p", "p", "p", "p", "p", "Tea", "Pot", "Tea", "p"],
        "effort": [None, None, None, "2", "3", None, None, "9", None],
    }
    (found,) = dossier(rows, **attributes).to_dict("records")
    assert pd.isna(found.pop("owner"))
    assert found == {
        "customer_id": "x",
        "prior_spend": 50.5,
        "spend": 64.0,
        "first_day": pd.Timestamp("2019-10-01"),
        "last_day": pd.Timestamp("2020-08-31"),
        "occasions": 5,
        "before_3": 0,
        "before_2": 1,
        "before_1": 2,
        "prior": 2,
        "silent_days": 122,
        "channel": "web",
        "products": "Tea, Pot",
        "effort": "3",
    }


def test_what_the_records_do_not_hold_is_missing() -> None:
    rows = [("x", "2020-01-01", None), ("x", "2020-06-01", None)]
    (found,) = dossier(rows).to_dict("records")
    assert not {"channel", "owner", "region", "effort"} & set(found)
    missing = {name for name, value in found.items() if pd.isna(value)}
    # the records begin within the span before the prior window, so it is not whole
    assert missing == {"prior_spend", "spend", "before_3", "before_2", "before_1", "products"}
    assert total(rows) == {"customers": 1, "spend": None}


def test_the_records_may_begin_on_the_first_day_of_a_span() -> None:
    first = PRIOR[0] - timedelta(123)
    for day, count in ((first, 1), (first + timedelta(1), pd.NA)):
        (found,) = dossier([("x", str(day), 1.0), ("x", "2020-06-01", 1.0)])["before_1"]
        assert (found is pd.NA) if count is pd.NA else (found == count)


def test_nobody_lost_leaves_an_empty_dossier_of_the_same_columns() -> None:
    rows = [("x", "2020-06-01", 1.0), ("x", "2020-10-01", 1.0)]
    found = dossier(rows)
    assert len(found) == 0 and found.columns.equals(dossier(WORKED).columns)
    assert total(rows) == {"customers": 0, "spend": None}


def test_who_comes_back_after_the_window_was_lost_in_it() -> None:
    rows = [("x", "2020-06-01", 5.0), ("x", "2021-02-01", 9.0)]
    (found,) = dossier(rows).to_dict("records")
    assert (found["occasions"], found["last_day"]) == (1, pd.Timestamp("2020-06-01"))


def test_the_edges_of_the_windows_belong_to_them() -> None:
    edges = (*PRIOR, *WINDOW)
    rows = [(str(day), str(day), 1.0) for day in edges]
    rows += [("both", str(PRIOR[0]), 1.0), ("both", str(WINDOW[1]), 1.0)]
    rows += [("before", str(PRIOR[0] - timedelta(1)), 1.0)]
    assert dossier(rows)["customer_id"].tolist() == [str(day) for day in PRIOR]


def test_the_most_valuable_come_first_and_ties_by_occasions_then_id() -> None:
    # .1 + .2 and .3 are a tie, though not to the last digit
    rows = [("b", "2020-06-01", 0.1), ("b", "2020-06-02", 0.2), ("a", "2020-06-01", 0.3)]
    rows += [("c", "2020-06-01", 9.0), ("d", "2020-06-01", 8.0), ("d", "2020-06-09", -8.5)]
    rows += [("e", "2020-06-05", 0.3)]
    assert dossier(rows)["customer_id"].tolist() == ["c", "b", "a", "e", "d"]
    assert dossier(rows, top=2)["customer_id"].tolist() == ["c", "b"]
    assert total(rows) == {"customers": 5, "spend": pytest.approx(9.4)}


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "D"), (2, "D, C"), (3, "D, C, B"), (4, "D, C, B, …"), (5, "D, C, B, …")],
)
def test_three_products_are_named_by_amount(count: int, text: str) -> None:
    amounts = [("D", 30.0), ("C", 9.0), ("B", 5.0), ("A", 5.0), ("E", 0.0)][:count]
    rows = [("x", "2020-06-01", amount) for _, amount in amounts]
    rows += [("x", "2020-05-05", 99.0), ("x", "2020-06-01", 1.0)]
    bought = [*(name for name, _ in amounts), "earlier", "D"]
    # A and B cost the same, so A comes first where there are both
    text = text.replace("B", "A") if count > 3 else text
    assert dossier(rows, product=bought)["products"].tolist() == [text]


def test_what_comes_back_on_the_day_is_no_product_bought() -> None:
    rows = [("x", "2020-06-01", 5.0), ("x", "2020-06-01", -90.0)]
    assert dossier(rows, product=["Tea", "Pot"])["products"].tolist() == ["Tea"]
    assert dossier(rows, product=[None, "Pot"])["products"].isna().all()


def test_the_latest_effort_that_is_told_is_given() -> None:
    rows = [("x", f"2020-0{month}-01", 5.0) for month in (4, 5, 6, 7, 8)]
    assert dossier(rows, effort=["9", "1", "2", "call back", None])["effort"].tolist() == [
        "call back"
    ]
    assert dossier(rows, effort=["9", *[None] * 4])["effort"].isna().all()


NASTY = ["'; DROP TABLE lines; --", '"', "a\\b", "%s{0}$1", "=1+1", "</td>", "Łódź 🛒", " ", "null"]


def test_texts_may_hold_anything() -> None:
    rows = [(name, "2020-06-01", 5.0) for name in NASTY]
    found = dossier(rows, product=NASTY, channel=NASTY, effort=NASTY)
    assert sorted(found["customer_id"]) == sorted(NASTY)
    for name in ("products", "channel", "effort"):
        assert (found[name] == found["customer_id"]).all()


# --- recounts ---

logs = st.lists(
    st.tuples(
        st.sampled_from("abcdefghijkl"),
        st.dates(date(2019, 12, 1), date(2021, 1, 31)).map(str),
        st.integers(1, 5).map(float),
    ),
    min_size=20,
    max_size=60,
)


@pytest.mark.slow
@settings(max_examples=6, deadline=None)
@given(rows=logs)
def test_any_log_is_recounted_customer_by_customer(rows: list[tuple[str, str, float]]) -> None:
    expected = []
    for name in sorted({row[0] for row in rows}):
        own = [(date.fromisoformat(day), amount) for who, day, amount in rows if who == name]
        before = [amount for day, amount in own if PRIOR[0] <= day <= PRIOR[1]]
        if before and not any(WINDOW[0] <= day <= WINDOW[1] for day, _ in own):
            days = {day for day, _ in own if day <= WINDOW[1]}
            expected.append((-sum(before), -len(days), name))
    kept = lines(rows)
    found = lost.most_valuable(occasions(kept), kept, PRIOR, WINDOW, top=3)
    columns = -found["prior_spend"], -found["occasions"], found["customer_id"]
    assert list(zip(*columns, strict=True)) == sorted(expected)[:3]
    spend = -sum(value for value, _, _ in expected) if expected else None
    assert total(rows) == {"customers": len(expected), "spend": spend}


def test_cdnow_loses_those_that_pandas_counts(cdnow_raw: pd.DataFrame) -> None:
    prior = (date(1997, 5, 1), date(1997, 11, 30))
    window = (date(1997, 12, 1), date(1998, 6, 30))
    raw = cdnow_raw.assign(day=pd.to_datetime(cdnow_raw["date"], format="%Y%m%d"))
    in_prior, in_window = (raw["day"].between(str(a), str(b)) for a, b in (prior, window))
    gone = raw[in_prior & ~raw["customer"].isin(raw.loc[in_window, "customer"])]
    spent = gone.groupby("customer")["value"].sum().round(2)

    kept = _kept(raw)
    days = occasions(kept).cache()
    sums = lost.total(days, kept, prior, window)
    assert sums == {"customers": 7405 - 4088, "spend": pytest.approx(spent.sum())}

    found = lost.most_valuable(days, kept, prior, window)
    best = spent.reset_index().sort_values(["value", "customer"], ascending=[False, True])[:10]
    assert found["customer_id"].tolist() == best["customer"].tolist()
    assert found["prior_spend"].tolist() == pytest.approx(best["value"].tolist())
    own = raw[raw["customer"].isin(found["customer_id"])]
    each = own.groupby("customer")
    found = found.set_index("customer_id").sort_index()
    assert found["spend"].tolist() == pytest.approx(each["value"].sum().tolist())
    assert found["occasions"].tolist() == each["day"].nunique().tolist()
    assert found["prior"].tolist() == (
        own[own["day"] >= "1997-05-01"].groupby("customer")["day"].nunique().tolist()
    )
    # the span before the prior window begins 96 days before the records
    assert found[["before_1", "before_2", "before_3"]].isna().all(axis=None)


def _kept(raw: pd.DataFrame) -> ibis.Table:
    table = raw.rename(columns={"customer": "customer_id", "value": "amount"})
    table = table[["customer_id", "day", "amount"]].assign(day=table["day"].dt.date)
    schema = {"customer_id": "string", "day": "date", "amount": "float64"}
    return ibis.duckdb.connect().create_table("kept", table, schema=schema)
