"""Expected spend per purchase: nobody gets one mean for all, whatever can be fitted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from retention_lib.client import project_root
from retention_lib.clv.spend import Spend, spend
from retention_lib.models import own_means
from retention_lib.models.own_means import OwnMeans
from retention_lib.models.purchase_model import FitError
from retention_lib.results import why
from retention_lib.study import Study

CASES = project_root() / "../shared/cases"


def spenders(rows: list[tuple[int, float]], customers: int = 1) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["frequency", "monetary"]).assign(customers=customers)


# --- own means, drawn towards that of all ---


def test_credibility_by_hand() -> None:
    """Half a purchase of the population: (.5 x 40 + 2 x 100) / 2.5."""
    means = OwnMeans(40.0)
    assert means.expected_spend(0, 0.0) == 40
    assert means.expected_spend(2, 100.0) == pytest.approx(88)
    few, many = means.expected_spend(1, 100.0), means.expected_spend(200, 100.0)
    assert 40 < few < many < 100


def test_a_huge_account_keeps_its_own_and_leaves_others_theirs() -> None:
    ordinary = spenders([(n % 7 + 1, 20.0 + n) for n in range(20)])
    with_it = pd.concat([ordinary, spenders([(100, 25_000.0)])], ignore_index=True)
    one, other = own_means.fit(ordinary), own_means.fit(with_it)
    assert one.mean == pytest.approx(29.5)
    assert other.mean < 1.3 * one.mean and with_it["monetary"].mean() > 1000
    assert other.expected_spend(100, 25_000.0) == pytest.approx(25_000, rel=0.01)


def test_of_lognormal_means_the_cap_takes_next_to_nothing() -> None:
    money = np.exp(np.random.default_rng(1).normal(3, 1, 50_000))
    held = own_means.capped(money, np.ones(len(money)))
    assert held.mean() == pytest.approx(money.mean(), rel=0.015)
    assert (held <= money).mean() > 0.99


def test_two_price_levels_both_count() -> None:
    money = np.array([20.0] * 50 + [400.0] * 49)
    assert own_means.capped(money, np.ones(99)) == pytest.approx(money)


def test_weights_are_customers() -> None:
    table = spenders([(1, 10.0), (2, 30.0), (3, 500.0)]).assign(customers=[5, 9, 1])
    each = table.loc[table.index.repeat(table["customers"])].assign(customers=1)
    assert own_means.fit(table).mean == pytest.approx(own_means.fit(each).mean)
    one, other = (
        own_means.power_by_means(*(it[name].to_numpy(dtype=float) for name in it))
        for it in (table, each)
    )
    assert one == pytest.approx(other)


def test_customers_of_one_frequency_tell_no_power() -> None:
    power, error = own_means.power_by_means(np.ones(9), np.arange(1.0, 10), np.ones(9))
    assert power == 0 and np.isinf(error)


def test_nobody_has_no_mean() -> None:
    with pytest.raises(FitError, match="no_spend"):
        own_means.fit(spenders([]))


# --- which of them ---


def test_nothing_spent_is_no_spend() -> None:
    found = spend(spenders([]))
    assert found.expected is None
    assert found.why_not == why("too_few_spenders", repeat=0, needed=30)
    assert Spend().expected is None


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([(n % 5 + 1, 10.0 + n) for n in range(29)], "too_few_spenders"),
        ([(n % 5 + 1, 20.0) for n in range(50)], "run_off"),
        (
            list(
                zip([1] * 400, np.random.default_rng(1).pareto(0.6, 400) + 0.01, strict=True),
            ),
            "no_mean_spend",
        ),
    ],
)
def test_where_gamma_gamma_does_not_fit_own_means_stay_apart(
    rows: list[tuple[int, float]], code: str
) -> None:
    found = spend(spenders(rows))
    assert found.model is None and found.why_not is not None and found.why_not.code == code
    assert found.expected is not None
    assert found.expected(3, 10.0) < found.expected(3, 40.0) < found.expected(3, 4000.0)


def test_where_it_fits_it_is_used() -> None:
    generator = np.random.default_rng(2)
    x = generator.integers(1, 9, 300)
    money = 60 / generator.gamma(3, 1, 300) * generator.gamma(5.0 * x) / (5 * x)
    found = spend(pd.DataFrame({"frequency": x, "monetary": money, "customers": 1}))
    assert found.model is not None and found.why_not is None and found.own is None
    assert found.expected == found.model.expected_spend


# --- the cases beside the project ---


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Any:
    root = tmp_path_factory.mktemp("root")
    patch = pytest.MonkeyPatch()
    patch.setenv("RETENTION_ROOT", str(root))
    yield lambda name: _case(root, name)
    patch.undo()


def _case(root: Path, name: str) -> Study:
    if not (CASES / name).is_dir():
        pytest.skip("../shared/cases is absent")
    folder = root / "data" / "clients" / name
    folder.mkdir(parents=True)
    (folder / "o.csv").write_bytes((CASES / name / "o.csv").read_bytes())
    (folder / "client.yaml").write_text(
        f"name: {name}\nsource: {{file: o.csv}}\n"
        "columns: {order_id: order, customer_id: customer, ordered_at: day, amount: total}\n"
        'format: {decimal: "."}\n'
    )
    return Study.open(name)


def deciles(table: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return expected spend over own means, by decile of the own mean.

    Of those with five repeat purchases and more: with fewer, the own mean is chance in large part,
    and should not be believed to the letter.
    """
    some = table[table["frequency"] >= 5]
    by = some.groupby(pd.qcut(some["monetary"], 10, labels=False))
    return (by["expected_value"].sum() / by["monetary"].sum()).to_numpy(dtype=float)


@pytest.mark.slow
def test_one_giant_account(cases: Any) -> None:
    """The account about 1.07 million a year, all others about 60,000 (right.json)."""
    study = cases("one-giant-account")
    right = json.loads((CASES / "one-giant-account" / "right.json").read_text(encoding="utf-8"))
    found, table = study.clv(), study.customers.to_pandas()
    assert len(table) == right["customers"]
    table["expected_value"] = table["expected_value"].astype(float)
    account = table["monetary"].idxmax()
    others = table.drop(index=account)
    # at twelve months, whatever the value's own horizon
    times = 12 / found.horizon_months
    assert table.loc[account, "expected_revenue"] * times == pytest.approx(1_070_000, rel=0.15)
    assert others["expected_revenue"].sum() * times == pytest.approx(60_000, rel=0.15)
    assert deciles(table) == pytest.approx(np.ones(10), abs=0.15)
    assert found.expected_revenue == pytest.approx(table["expected_revenue"].sum(), abs=401 * 0.005)


@pytest.mark.slow
def test_spend_grows_with_frequency(cases: Any) -> None:
    study = cases("spend-grows-with-frequency")
    found, table = study.clv(), study.customers.to_pandas()
    assert found.gamma_gamma is not None and found.gamma_gamma.power_ci95 is not None
    assert 0.4 < found.gamma_gamma.power_ci95[0] < found.gamma_gamma.power_ci95[1] < 0.7
    table["expected_value"] = table["expected_value"].astype(float)
    assert deciles(table) == pytest.approx(np.ones(10), abs=0.15)
    # one-time buyers have no own mean: nothing is said of the yardstick for them
    some = table[table["frequency"] > 0]
    yardstick = (some["expected_purchases"] * some["monetary"]).sum()
    assert some["expected_revenue"].sum() == pytest.approx(yardstick, rel=0.15)
