"""One row per customer: what is expected of each, how surely, and what is summed from it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

from retention_lib.clv.race import Chosen
from retention_lib.clv.valuation import Terms
from retention_lib.models import customer_intervals
from retention_lib.models.race import RULES
from retention_lib.models.units import AnnualRate
from retention_lib.results import Clv, Why, why
from retention_lib.speech import Speech
from retention_lib.study import Study, customers_file
from retention_lib.study.clv_inputs import ClvInputs
from retention_lib.summaries import customers
from retention_lib.summaries.occasions import occasions
from retention_lib.words.clv.customers_file import COLUMNS
from tests import made
from tests.conftest import lines
from tests.simulated import chance_of_at_least
from tests.test_race import UCI

ORDER = [
    *("customer_id", "first_day", "last_day", "frequency", "recency_days", "T_days"),
    *("silent_days", "spend", "monetary", "state", "p_alive", "expected_purchases"),
    *("purchases_low", "purchases_high", "next_purchase", "next_purchase_from"),
    *("next_purchase_to", "expected_value", "expected_revenue", "clv", "clv_low", "clv_high"),
    *("lapse_chance", "value_at_risk", "subscription"),
]
MONEY = ["spend", "monetary", "expected_value", "clv", "clv_low", "clv_high", "value_at_risk"]
SCORES = ["expected_purchases", "purchases_low", "purchases_high", "lapse_chance"]
HOSTILE = [
    "=1+1",
    "007",
    "17850.5",
    "'; DROP TABLE scores; --",
    'ä"b',
    "a\tb",
    "NULL",
    "😀",
    "x" * 999,
]
TERMS = Terms(AnnualRate(0.1), 12, None)
AS_OF = date(2024, 12, 31)


def sales(customers: int = 200, ids: list[str] | None = None) -> pd.DataFrame:
    """Customers of different pace, of whom some stop after each purchase: who, day, paid."""
    generator = np.random.default_rng(4)
    names = (ids or []) + [f"c{n:03}" for n in range(customers)]
    rows = []
    for name in names[:customers]:
        pace, stops = generator.gamma(0.8, 1 / 50), generator.beta(0.8, 3)
        first, number = generator.integers(0, 500), min(generator.geometric(stops), 40)
        days = first + generator.exponential(1 / pace, number).cumsum()
        days = [first, *days[days < 730].astype(int)]
        rows += [(name, day, round(20 * generator.gamma(6, 1 / 6), 2)) for day in days]
    table = pd.DataFrame(rows, columns=["who", "day", "paid"])
    days = pd.Timestamp("2023-01-01") + pd.to_timedelta(table["day"], unit="D")
    return table.assign(day=days.dt.strftime("%Y-%m-%d"))


def client(folder: Path, table: pd.DataFrame, columns: str = "amount: paid", rest: str = "") -> str:
    """Write a client; the test that does has set RETENTION_ROOT."""
    own = folder / "data" / "clients" / "shop"
    own.mkdir(parents=True, exist_ok=True)
    table.to_csv(own / "sales.csv", index=False)
    (own / "client.yaml").write_text(
        "name: Shop\nsource: {file: sales.csv}\ncurrency: EUR\nas_of: 2024-12-31\n"
        f"columns: {{customer_id: who, ordered_at: day, {columns}}}\n"
        f'format: {{decimal: "."}}\n{rest}\n',
        encoding="utf-8",
    )
    return "shop"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """A client whose ids look like anything, valued in revenue."""
    folder = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RETENTION_ROOT", str(folder))
        study = Study.open(client(folder, sales(ids=HOSTILE)))
        study.clv()
    yield study
    study.close()


def listed(study: Study) -> pd.DataFrame:
    study.clv()  # writes the list
    return pd.read_parquet(study.folder / "private" / "customers.parquet")


# --- the list ---


def test_columns_stand_in_their_order_and_the_dictionary_explains_them(shop: Study) -> None:
    result = shop.clv()
    assert list(listed(shop)) == ORDER == list(customers.COLUMNS) == list(COLUMNS)
    with (shop.folder / "private" / "customers_columns.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["column", "meaning", "unit"]
    assert [row["column"] for row in rows] == ORDER
    assert all(row["meaning"] and row["unit"] for row in rows)
    units = {row["column"]: row["unit"] for row in rows}
    assert result.basis == "revenue"
    assert "EUR" in units["spend"] and "revenue" in units["clv"]


@pytest.mark.slow
def test_what_cdnow_s_customers_are_worth_adds_up(cdnow_study: Study) -> None:
    found, table = cdnow_study.clv(), listed(cdnow_study)
    assert found.total_clv == pytest.approx(table["clv"].sum(), abs=23_570 * 0.005)
    assert found.value_at_risk == pytest.approx(table["value_at_risk"].sum(), abs=23_570 * 0.005)
    assert found.median_clv == pytest.approx(table["clv"].median(), abs=0.01)
    assert found.at_risk_days == 203
    states = table.groupby("state")[["clv", "value_at_risk"]].sum()
    for state in found.states:
        customers = (table["state"] == state.state).sum()
        assert state.customers == customers
        if customers:
            assert state.value == pytest.approx(
                states.loc[state.state, "clv"], abs=customers * 0.005
            )
            assert state.at_risk == pytest.approx(
                states.loc[state.state, "value_at_risk"], abs=customers * 0.005
            )
    assert [state.state for state in found.states] == ["new", "active", "slipping", "lapsed"]
    assert sum(state.value or 0 for state in found.states) == pytest.approx(found.total_clv)
    assert sum(state.at_risk or 0 for state in found.states) == pytest.approx(found.value_at_risk)


def test_the_chance_to_lapse_is_that_of_the_published_model(cdnow_study: Study) -> None:
    """Nobody there for 203 days: 1 - P + P ((alpha + T) / (alpha + T + 29)) ^ (r + x), in weeks."""
    found, table = cdnow_study.clv(), listed(cdnow_study)
    assert found.model == "BG/NBD" and found.params is not None
    r, alpha, a, b = (found.params[name] for name in ("r", "alpha", "a", "b"))
    x, t_x, age = table["frequency"], table["recency_days"] / 7, table["T_days"] / 7
    left = a / (b + x - 1) * ((alpha + age) / (alpha + t_x)) ** (r + x)
    alive = 1 / (1 + left.where(x > 0, 0))
    silent = ((alpha + age) / (alpha + age + 29)) ** (r + x)
    chance = 1 - alive + alive * silent
    assert table["lapse_chance"].to_numpy() == pytest.approx(chance.to_numpy(), abs=1e-9)
    at_risk = (table["clv"] * chance).sum()
    assert found.value_at_risk == pytest.approx(at_risk, abs=23_570 * 0.005)


def test_ranges_hold_what_they_say(cdnow_study: Study) -> None:
    table = listed(cdnow_study)
    low, high = table["purchases_low"], table["purchases_high"]
    assert ((low >= 0) & (low <= high) & (low == low.round()) & (high == high.round())).all()
    assert ((table["clv_low"] >= 0) & (table["clv_low"] <= table["clv_high"])).all()
    assert ((table["clv_low"] > 0) == (low > 0)).all()
    frequent = table[table["expected_purchases"] > 5]
    assert len(frequent) > 100
    assert frequent["clv"].between(frequent["clv_low"], frequent["clv_high"]).all()
    # what is spent is less sure than how often
    ratio = frequent["clv_high"] / frequent["clv"]
    fewer = frequent["purchases_high"] - 1  # moved by the record, they were rounded outward
    assert (ratio > 0.97 * fewer / frequent["expected_purchases"]).all()


def test_purchases_lie_within_their_range_in_nine_of_ten_cases(cdnow_study: Study) -> None:
    """At most .05 lies on either side, and of one purchase fewer at the top more would."""
    valuation = cdnow_study._clv_inputs.valuation
    some = listed(cdnow_study).query("purchases_high > 0").iloc[::100]
    assert valuation.purchases is not None and len(some) > 100
    # as the model has it: moved by the record, it was rounded up
    high = np.floor(some["purchases_high"].to_numpy() / valuation.moved + 1e-9).astype(int)
    state = some["frequency"], some["recency_days"], some["T_days"]
    numbers = np.arange(1, high.max() + 2)
    ahead = cdnow_study._clv_inputs.terms.months.last
    chances = chance_of_at_least(valuation.purchases, numbers, *state, ahead)
    more, as_many = (np.take_along_axis(chances, high[:, None] - n, 1) for n in (0, 1))
    assert (more <= 0.05 + 1e-9).all()
    assert np.mean(as_many > 0.05) > 0.98


def test_ranges_of_values_are_discounted_as_the_values_are(cdnow_study: Study) -> None:
    valuation = cdnow_study._clv_inputs.valuation
    some = listed(cdnow_study).query("purchases_low > 0").iloc[:50].reset_index()
    model, ahead = valuation.purchases, cdnow_study._clv_inputs.terms.months.last
    assert model is not None and len(some) == 50
    worth = valuation.moved * customer_intervals.ranges(model, some, ahead, valuation.spend.model)
    discount = (some["clv"] / some["expected_value"] / some["expected_purchases"]).to_numpy()
    assert (discount < 0.97).all()
    for end in ("low", "high"):
        expected = some["expected_value"] * worth[f"worth_{end}"] * discount
        assert some[f"clv_{end}"].to_numpy() == pytest.approx(expected.to_numpy(), rel=0.01)


def test_ids_are_texts_whatever_they_look_like(shop: Study) -> None:
    table = listed(shop)
    assert set(HOSTILE) <= set(table["customer_id"]) and len(table) == 200
    assert list(table["customer_id"]) == sorted(table["customer_id"], key=lambda it: it.encode())
    assert shop.audit().customers == 200
    dictionary = (shop.folder / "private" / "customers_columns.csv").read_text(encoding="utf-8")
    assert not any(name in dictionary for name in HOSTILE[3:])


@pytest.mark.slow
def test_the_same_records_give_the_same_bytes(shop: Study, root: Path) -> None:
    other = Study.open(client(root, sales(ids=HOSTILE).sample(frac=1, random_state=1)))
    other.clv()
    for name in ("customers.parquet", "customers_columns.csv"):
        one, two = (study.folder / "private" / name for study in (shop, other))
        assert one.read_bytes() == two.read_bytes()
    other.close()


def test_a_dictionary_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    customers_file.explain(changed(basis="revenue"), Speech(), tmp_path)
    file = tmp_path / customers_file.COLUMNS
    file.with_suffix(".old").hardlink_to(file)
    customers_file.explain(changed(basis="margin"), Speech(), tmp_path)
    assert "margin" in file.read_text(encoding="utf-8")
    assert "margin" not in file.with_suffix(".old").read_text(encoding="utf-8")
    assert not list(tmp_path.rglob("*.half"))


def changed(**figures: Any) -> Clv:
    return made.changed(made.clv(), **figures)


# --- what cannot be said is missing ---


def test_without_amounts_money_is_missing_and_the_rest_whole(root: Path) -> None:
    study = Study.open(client(root, sales(), columns=""))
    found, table = study.clv(), listed(study)
    assert table[MONEY].isnull().all().all()
    assert table[[*SCORES, "p_alive", "state"]].notnull().all().all()
    assert found.at_risk_days is not None and found.value_at_risk is None
    money = why("no_amounts")
    assert {found.why_not[f"/{name}"] for name in ("total_clv", "median_clv", "value_at_risk")} == {
        money
    }
    assert len(found.states) == 4 and all(state.value is None for state in found.states)
    assert found.why_not["/states/0/value"] == found.why_not["/states/3/at_risk"] == money
    assert study.value_distribution().empty and study.value_lorenz().empty
    by_state = study.value_by_state()
    assert list(by_state) == ["state", "customers", "value", "at_risk"]
    assert by_state["customers"].sum() == 200 and by_state["value"].isnull().all()


@pytest.mark.slow
def test_where_only_first_purchases_carry_amounts_that_is_said(root: Path) -> None:
    table = sales()
    later = table["who"].duplicated()
    study = Study.open(client(root, table.assign(paid=table["paid"].mask(later, 0.0))))
    found = study.clv()
    assert found.total_clv is None
    assert found.why_not["/total_clv"] == why("no_repeat_amounts")


@pytest.mark.slow
def test_without_a_total_the_values_of_subscribers_are_not_drawn_as_if_all(root: Path) -> None:
    days = pd.date_range("2024-01-05", "2024-12-25", freq="30D").strftime("%Y-%m-%d")
    rows = [(f"s{n:02}", day, 12.0) for n in range(40) for day in days[n % 6 :]]
    study = Study.open(client(root, pd.DataFrame(rows, columns=["who", "day", "paid"])))
    found = study.clv()
    assert found.total_clv is None and found.subscribers[0].value
    assert study.value_distribution().empty and study.value_lorenz().empty


@pytest.mark.slow
def test_under_thirty_repeat_buyers_all_scores_are_missing(shop: Study, root: Path) -> None:
    study = Study.open(client(root, sales(25)))
    found, table = study.clv(), listed(study)
    assert study.customers.schema() == shop.customers.schema()
    assert list(table) == ORDER and len(table) == 25
    assert (
        table[[*SCORES, "p_alive", "expected_value", "clv", "value_at_risk"]].isnull().all().all()
    )
    assert table["spend"].notnull().all()
    assert found.states == [] and study.value_by_state().empty
    reason = found.why_not["/at_risk_days"]
    assert isinstance(reason, Why) and reason.code == "too_few_repeat_buyers"
    assert found.why_not["/value_at_risk"] == found.why_not["/at_risk_days"]


def worth_of(rows: pd.DataFrame, cycle: Any) -> ClvInputs:
    triples = list(rows.itertuples(index=False, name=None))
    held = occasions(lines(triples)).cache()
    engine = held.get_backend()
    return ClvInputs(engine, held, held, AS_OF, cycle, TERMS)


def test_without_a_cycle_nobody_can_lapse() -> None:
    worth = worth_of(sales(), made.changed(made.no_cycle(), history_days=730))
    table = worth.scored().cache()
    found = worth.result(table)
    frame = table.to_pandas()
    assert list(frame) == ORDER
    assert frame[["state", "lapse_chance", "value_at_risk"]].isnull().all().all()
    assert frame[["clv", "clv_low", "purchases_high"]].notnull().all().all()
    assert found.total_clv is not None and found.states == []
    assert found.value_at_risk is None and found.at_risk_days is None
    assert found.why_not["/value_at_risk"] == why("no_cycle_to_lapse_by")
    assert found.why_not["/at_risk_days"] == found.why_not["/value_at_risk"]


def test_by_a_rule_the_chance_to_lapse_is_that_of_a_steady_pace() -> None:
    """All come every 20 days: no model can be fitted, and one pace over a year is known."""
    days = [str(date(2024, 1, 1) + timedelta(days=20 * n)) for n in range(19)]
    rows = [(f"c{n:02}", day, 10.0) for n in range(40) for day in days]
    cycle = made.changed(made.cycle(), history_days=366, lapse_days=60)
    worth = worth_of(pd.DataFrame(rows), cycle)
    # of one pace NBD is told, and no rule comes before it in so short a record
    vars(worth.forecasts)["chosen"] = Chosen({"last window": 365})
    assert worth.valuation.name in RULES
    table = worth.scored().to_pandas()
    ahead = float(worth.terms.months.last.in_days)
    pace = table["expected_purchases"] / worth.valuation.moved / ahead
    assert table["lapse_chance"].to_numpy() == pytest.approx(np.exp(-60 * pace).to_numpy())
    assert (pace > 0.01).all() and table["p_alive"].isnull().all()
    assert (table["purchases_low"] < table["purchases_high"]).all()


@pytest.mark.parametrize(("q75_days", "at_risk_days"), [(100, 130), (177, 177)])
def test_without_a_lapse_two_cycles_count_or_the_usual_return_if_that_is_longer(
    q75_days: int, at_risk_days: int
) -> None:
    changes = {"lapse_days": None, "lapse_ci95": None, "q75_days": q75_days}
    cycle = made.changed(made.cycle(), history_days=730, **changes)
    worth = worth_of(sales(), cycle)
    assert cycle.cycle_days == 65
    assert worth.at_risk_days == at_risk_days


def test_states_change_on_the_day_after() -> None:
    """Slipping after 30 days of silence, lapsed after 60; one-time buyers are new till then."""
    silent = [0, 30, 31, 60, 61]
    rows = [(repeats, days) for repeats in (0, 2) for days in silent]
    table = ibis.memtable(pd.DataFrame(rows, columns=["frequency", "silent_days"]))
    found = customers.with_state(table, 30, 60).to_pandas().set_index(["frequency", "silent_days"])
    assert found["state"].loc[0].loc[silent].tolist() == ["new"] * 4 + ["lapsed"]
    assert found["state"].loc[2].loc[silent].tolist() == [
        *("active", "active"),
        *("slipping", "slipping"),
        "lapsed",
    ]


# --- margin ---


def with_costs(share: float) -> pd.DataFrame:
    table = sales()
    return table.assign(cost=(table["paid"] * share).round(2))


def test_costs_make_revenue_a_margin(shop: Study, root: Path) -> None:
    table = with_costs(0.6)
    share = (table["paid"] - table["cost"]).sum() / table["paid"].sum()
    study = Study.open(client(root, table, "amount: paid, cost: cost"))
    plain, found = shop.clv(), study.clv()
    assert (plain.basis, found.basis) == ("revenue", "margin")
    assert plain.total_clv is not None
    assert found.total_clv == pytest.approx(share * plain.total_clv, abs=2)
    assert "unused_cost" not in [check.name for check in study.audit().checks]
    dictionary = (study.folder / "private" / "customers_columns.csv").read_text(encoding="utf-8")
    assert "(margin)" in dictionary and "(revenue)" not in dictionary


def test_costs_go_before_a_declared_margin_which_fills_the_gaps(shop: Study, root: Path) -> None:
    table = with_costs(0.6)
    some = table["cost"].where(np.arange(len(table)) % 2 == 0)
    gaps = table.assign(cost=some)
    left = (table["paid"] - some).fillna(0.1 * table["paid"])
    study = Study.open(client(root, gaps, "amount: paid, cost: cost", "economics: {margin: 0.1}"))
    plain, worth = shop.clv().total_clv, customers.worth(study.customers)
    assert plain is not None
    share = left.sum() / table["paid"].sum()
    assert worth["clv"] @ worth["customers"] == pytest.approx(share * plain, abs=2)


@pytest.mark.slow
def test_costs_that_leave_no_margin_leave_no_value(root: Path) -> None:
    study = Study.open(client(root, with_costs(1.0), "amount: paid, cost: cost"))
    found, table = study.clv(), listed(study)
    said = why("sold_at_cost")
    assert found.basis == "margin" and found.total_clv is None
    assert found.why_not["/total_clv"] == found.why_not["/states/1/value"] == said
    assert table[["expected_value", "clv", "clv_high", "value_at_risk"]].isnull().all().all()
    assert table[[*SCORES, "spend"]].notnull().all().all()
    assert study.value_distribution().empty and study.value_lorenz().empty


@pytest.mark.parametrize(
    ("margin", "code"),
    [(-0.1, "sold_at_cost"), (0.0, "sold_at_cost"), (1.01, "costs_below_zero")],
)
def test_a_margin_at_which_nobody_can_be_valued(margin: float, code: str) -> None:
    assert replace(TERMS, margin=margin).no_margin == why(code)
    assert replace(TERMS, margin=1.0).no_margin is TERMS.no_margin is None


# --- frames ---


def test_value_by_size_and_by_share_are_recounted(cdnow_study: Study) -> None:
    table = listed(cdnow_study)
    bins = cdnow_study.value_distribution()
    cents = table["clv"].round(2)
    assert list(bins["low"][1:]) == list(bins["high"][:-1]) and bins["low"][0] == 0
    for low, high, held, value in bins.itertuples(index=False):
        inside = cents[(cents >= low) & (cents < high)]
        assert abs(held - len(inside)) <= 1  # half a cent is rounded up, by pandas to even
        assert value == pytest.approx(inside.sum(), abs=high)
    assert bins["customers"].sum() == 23_570
    curve = cdnow_study.value_lorenz()
    assert curve.iloc[[0, -1]].to_numpy().tolist() == [[0, 0, 0], [1, 1, 1]]
    assert 200 < len(curve) < 400 and curve["customers_share"].is_monotonic_increasing
    for share, column in (("value_share", "clv"), ("spend_share", "spend")):
        held = table[column].clip(lower=0).sort_values(ascending=False).cumsum()
        at, upto = curve["customers_share"] * 23_570, np.concatenate([[0], held / held.iloc[-1]])
        expected = np.interp(at, np.arange(len(upto)), upto)
        assert curve[share].to_numpy() == pytest.approx(expected, abs=1e-5)
        assert (curve[share] >= curve["customers_share"] - 1e-9).all()
    fifth = curve.set_index("customers_share")["value_share"].loc[0.2]
    assert fifth == pytest.approx(cdnow_study.clv().top20_share)


def test_value_by_state_is_what_the_result_says(cdnow_study: Study) -> None:
    table = cdnow_study.value_by_state()
    assert list(table) == ["state", "customers", "value", "at_risk"]
    assert [tuple(row) for row in table.itertuples(index=False)] == [
        (state.state, state.customers, state.value, state.at_risk)
        for state in cdnow_study.clv().states
    ]


# --- a client whom no model fits ---


@pytest.mark.slow
@pytest.mark.skipif(not UCI.exists(), reason="the shared UCI Online Retail file is not here")
def test_uci_where_nobody_seems_to_leave(root: Path) -> None:
    folder = root / "data" / "clients" / "uci"
    folder.mkdir(parents=True)
    pd.read_csv(UCI, dtype=str).to_csv(folder / "sales.csv", index=False)
    (folder / "client.yaml").write_text(
        "name: UCI\nsource: {file: sales.csv}\ncurrency: GBP\ncolumns: {customer_id: CustomerID, "
        "ordered_at: InvoiceDate, quantity: Quantity, unit_price: UnitPrice, order_id: InvoiceNo}\n"
    )
    study = Study.open("uci")
    found, table = study.clv(), listed(study)
    assert found.model == "NBD" and found.at_risk_days is not None and found.params is not None
    assert {"BG/NBD", "MBG/NBD", "Pareto/NBD"} <= set(found.rolling[0].left_out)
    assert (found.horizon_months, found.wanted_months) == (6, 12)
    assert list(table) == ORDER and (table["p_alive"] == 1).all()
    known = found.params["alpha"] + table["T_days"] / 7
    shape = found.params["r"] + table["frequency"]
    chance = (known / (known + found.at_risk_days / 7)) ** shape
    assert table["lapse_chance"].to_numpy() == pytest.approx(chance.to_numpy())
    assert found.value_at_risk == pytest.approx((table["clv"] * chance).sum(), abs=len(table) / 200)
