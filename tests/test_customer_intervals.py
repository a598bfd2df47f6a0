"""What one customer may do: ranges by hand, against the distribution itself and against chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from retention_lib.models import bgnbd, customer_intervals, mbg, nbd, pareto
from retention_lib.models.gamma_gamma import SpendModel
from retention_lib.models.purchase_model import PurchaseModel
from retention_lib.models.units import Span
from tests.simulated import chance_of_at_least

BETA_GEOMETRIC = {"r": 0.2425945, "alpha": 4.413603, "a": 0.792922, "b": 2.425906}
PARETO = {"r": 0.5533, "alpha": 10.578, "s": 0.6060, "beta": 11.669}
MODELS: dict[str, PurchaseModel] = {
    "BG/NBD": bgnbd.BgNbd(BETA_GEOMETRIC, {}, 0.0, None),
    "MBG/NBD": mbg.MbgNbd(BETA_GEOMETRIC, {}, 0.0, None),
    "Pareto/NBD": pareto.ParetoNbd(PARETO, {}, 0.0),
    "NBD": nbd.Nbd({"r": 0.5, "alpha": 4.0}, {}, 0.0),
}
SPEND = SpendModel(6.24957, 3.74422, 15.4435, 0.0, 946, 0.0)
GEOMETRIC = nbd.Nbd({"r": 1.0, "alpha": 1.0}, {}, 0.0)
WEEK, YEAR = Span.weeks(1), Span.months(12)
NAMES = ["purchases_low", "purchases_high", "worth_low", "worth_high"]


def triple(x: Any = 0, t_x: Any = 0, age: Any = 0) -> pd.DataFrame:
    one = {"frequency": x, "recency_days": t_x, "T_days": age}
    return pd.DataFrame({key: np.atleast_1d(value) for key, value in one.items()})


def drawn(seed: int, rows: int) -> pd.DataFrame:
    """Customers of all kinds: new, gone, frequent."""
    generator = np.random.default_rng(seed)
    x = generator.choice([0, 0, 0, 1, 2, 5, 20, 100, 500, 2000], rows)
    age = generator.integers(0, 1000, rows)
    last = np.floor(age * generator.random(rows) ** (1 / (1 + x)))
    return triple(x, np.where(x > 0, last, 0), age)


# --- by hand ---


def test_purchases_by_hand() -> None:
    # N is at least n with 1 / 2^n: .0625 of four or more, .031 of five or more
    found = customer_intervals.ranges(GEOMETRIC, triple(), WEEK)
    assert found.to_numpy().tolist() == [[0, 4, 0, 4]]
    # of ten or more .047 if the odds are 14 to 5
    wide = customer_intervals.ranges(GEOMETRIC, triple(), Span.weeks(14 / 5), level=0.5)
    assert wide.to_numpy().tolist() == [[0, 4, 0, 4]]  # .295 of four or more, .217 of five or more
    low = customer_intervals.ranges(GEOMETRIC, triple(), Span.weeks(19))
    assert low["purchases_low"].tolist() == [1]  # .95 of one or more


def test_a_rule_is_poisson() -> None:
    known = pd.DataFrame({"frequency": [0, 1, 1, 7], "expected_purchases": [0, 0.05, 3.0, 100.0]})
    found = customer_intervals.ranges(None, known, YEAR)
    theirs = [stats.poisson(mean).ppf([0.05, 0.95]) for mean in (0, 0.05, 3.0, 100.0)]
    assert found[["purchases_low", "purchases_high"]].to_numpy().tolist() == [
        list(one) for one in theirs
    ]


def test_who_is_gone_buys_nothing() -> None:
    found = customer_intervals.ranges(MODELS["BG/NBD"], triple(50, 100, 1000), YEAR, SPEND)
    assert found.to_numpy().tolist() == [[0, 0, 0, 0]]


def test_one_purchase_by_hand() -> None:
    """Of at most one purchase, with little chance of two: a beta prime variable is spent."""
    # nobody but who buys at once buys within so short a time: half of it is spread over one
    model = bgnbd.BgNbd({"r": 1.0, "alpha": 1.0, "a": 1e9, "b": 1.0}, {}, 0.0, None)
    found = customer_intervals.ranges(model, triple(), Span.weeks(1), SPEND, level=0.8)
    assert found["purchases_high"].tolist() == [1]
    p, q = SPEND.p, SPEND.q
    # P(S > w) = .5 P(beta prime > w / v) = .1
    expected = stats.betaprime(p, q).ppf(0.8) * (q - 1) / p
    assert found["worth_high"].to_numpy() == pytest.approx([expected], rel=2e-3)


# --- the distribution itself ---


@given(
    x=st.sampled_from([0, 1, 3, 12, 60, 2000]),
    age=st.integers(0, 2000),
    silent=st.integers(0, 200),
    days=st.sampled_from([0.1, 7.0, 365.25, 3650.0]),
    level=st.sampled_from([0.5, 0.8, 0.9, 0.95]),
)
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("name", MODELS)
def test_at_most_so_much_lies_beyond(
    name: str, x: int, age: int, silent: int, days: float, level: float
) -> None:
    model, known = MODELS[name], triple(x, max(age - silent, 0) * (x > 0), age)
    found = customer_intervals.ranges(model, known, Span.days(days), level=level).iloc[0]
    low, high = found["purchases_low"], found["purchases_high"]
    assert 0 <= low <= high
    state, beyond = (known["frequency"], known["recency_days"], known["T_days"]), (1 - level) / 2
    numbers = np.array([low, low + 1, high, high + 1]).clip(1)
    at = chance_of_at_least(model, numbers, *state, Span.days(days))[0]
    assert low == 0 or at[0] >= 1 - beyond - 1e-9
    assert at[3] <= beyond + 1e-9
    if high <= 128:  # the next ones inward would not do
        assert at[1] < 1 - beyond + 1e-9
        assert high == 0 or at[2] > beyond - 1e-9


@pytest.mark.parametrize("name", MODELS)
def test_chances_have_the_expected_mean(name: str) -> None:
    known = drawn(1, 40).query("frequency <= 100")
    state = known["frequency"], known["recency_days"], known["T_days"]
    chances = chance_of_at_least(MODELS[name], np.arange(1, 3000), *state, YEAR)
    expected = MODELS[name].expected_purchases(*state, YEAR)
    assert chances.sum(axis=1) == pytest.approx(expected, rel=1e-6)
    within = MODELS[name].buys_within(*state, YEAR)
    assert chances[:, 0] == pytest.approx(within, rel=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_what_is_spent_is_what_a_simulation_spends(name: str) -> None:
    """Purchases from their own distribution, spends one customer's nu at a time."""
    generator, runs = np.random.default_rng(11), 200_000
    known = triple([0, 1, 6, 40], [0, 250, 270, 275], [20, 280, 280, 280])
    found = customer_intervals.ranges(MODELS[name], known, YEAR, SPEND)
    for row, one in known.iterrows():
        state = one["frequency"], one["recency_days"], one["T_days"]
        chance = chance_of_at_least(MODELS[name], np.arange(1, 2000), *state, YEAR)[0]
        bought = np.searchsorted(-chance, -generator.random(runs))
        typical = 1 / generator.gamma(SPEND.p * one["frequency"] + SPEND.q, 1, runs)
        spent = typical * generator.gamma(SPEND.p * np.maximum(bought, 1)) * (bought > 0)
        spent /= SPEND.expected_spend(one["frequency"], 0) / SPEND.v
        low, high = found.loc[row, ["worth_low", "worth_high"]]
        exact = 4 * np.sqrt(0.05 * 0.95 / runs)
        assert (spent > high).mean() == pytest.approx(0.05, abs=exact + 2e-4)
        if low > 0:
            assert (spent < low).mean() == pytest.approx(0.05, abs=exact + 2e-4)
        else:
            assert (spent > 0).mean() < 0.95 + exact


@pytest.mark.parametrize("name", MODELS)
def test_spread_of_spend_only_widens(name: str) -> None:
    """Who spends the same each time brings his purchases, no more and no less."""
    known = drawn(3, 60)
    alike = SpendModel(1e6, 1e6, 10.0, 0.0, 0, 0.0)
    found = customer_intervals.ranges(MODELS[name], known, YEAR, alike)
    gap = 1 + found["purchases_high"] / 64
    assert (found["worth_high"] - found["purchases_high"]).abs().le(gap).all()
    assert (found["worth_low"] - found["purchases_low"]).abs().le(gap).all()
    unlike = customer_intervals.ranges(MODELS[name], known, YEAR, SPEND)
    assert unlike["purchases_high"].equals(found["purchases_high"])
    assert (unlike["worth_high"] >= 0).all() and (unlike["worth_low"] <= unlike["worth_high"]).all()


# --- limits ---


@pytest.mark.parametrize("days", [1e-6, 1e7])
@pytest.mark.parametrize("name", MODELS)
def test_no_time_and_all_time(name: str, days: float) -> None:
    known = triple([0, 0, 3, 2000], [0, 0, 300, 700], [0, 300, 300, 700])
    found = customer_intervals.ranges(MODELS[name], known, Span.days(days), SPEND)
    assert np.isfinite(found.to_numpy()).all()
    if days < 1:
        assert (found == 0).all(axis=None)
    else:
        assert (found["purchases_high"] > 0).all()


@pytest.mark.parametrize("name", ["BG/NBD", "MBG/NBD"])
def test_without_leaving_it_is_nbd(name: str) -> None:
    never = type(MODELS[name])({"r": 0.5, "alpha": 4.0, "a": 1e-12, "b": 2.0}, {}, 0.0, None)  # type: ignore[call-arg]
    known = triple([0, 3, 2000], [0, 350, 350], [350, 350, 350])
    one = customer_intervals.ranges(never, known, YEAR, SPEND)
    other = customer_intervals.ranges(MODELS["NBD"], known, YEAR, SPEND)
    assert one[NAMES].to_numpy() == pytest.approx(other[NAMES].to_numpy(), rel=1e-5)


def test_rows_are_those_of_the_customers() -> None:
    known = drawn(5, 200)
    known.index = pd.Index(np.arange(200)[::-1] * 3)
    found = customer_intervals.ranges(MODELS["BG/NBD"], known, YEAR, SPEND)
    assert list(found.columns) == NAMES
    assert found.index.equals(known.index)
    some = known.sample(50, random_state=1)
    again = customer_intervals.ranges(MODELS["BG/NBD"], some, YEAR, SPEND)
    pd.testing.assert_frame_equal(again, found.loc[some.index], rtol=5e-3)
    nobody = customer_intervals.ranges(MODELS["BG/NBD"], known[:0], YEAR, SPEND)
    assert nobody.shape == (0, 4)


@pytest.mark.parametrize("name", [*MODELS, "rule"])
def test_many_pairs_are_taken_together(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = drawn(7, 2000)
    known["expected_purchases"] = known["frequency"] / known["T_days"].clip(lower=1) * 50
    model = MODELS.get(name)
    exact = customer_intervals.ranges(model, known, YEAR, SPEND)
    monkeypatch.setattr(customer_intervals, "_MANY", 10)
    near = customer_intervals.ranges(model, known, YEAR, SPEND)
    for bound in ("purchases_low", "purchases_high"):
        assert (near[bound] - exact[bound]).abs().le(1 + 0.05 * exact[bound]).all()
        assert abs(near[bound].mean() / exact[bound].mean() - 1) < 0.01
    assert abs(near["worth_high"].mean() / exact["worth_high"].mean() - 1) < 0.01
