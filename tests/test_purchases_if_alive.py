"""How many purchases customers make who have not left, by hand, by sums and against chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from retention_lib.models import bgnbd, mbg, nbd, pareto, purchases_if_alive
from retention_lib.models.purchase_model import PurchaseModel

BETA_GEOMETRIC = {"r": 0.2425945, "alpha": 4.413603, "a": 0.792922, "b": 2.425906}
PARETO = {"r": 0.5533, "alpha": 10.578, "s": 0.6060, "beta": 11.669}


def beta_geometric(kind: Any, **params: float) -> PurchaseModel:
    found: PurchaseModel = kind({**BETA_GEOMETRIC, **params}, {}, 0.0, None)
    return found


MODELS = {
    "BG/NBD": beta_geometric(bgnbd.BgNbd),
    "MBG/NBD": beta_geometric(mbg.MbgNbd),
    "Pareto/NBD": pareto.ParetoNbd(PARETO, {}, 0.0),
    "NBD": nbd.Nbd({"r": 0.5, "alpha": 4.0}, {}, 0.0),
}
ONE = {"r": 1.0, "alpha": 1.0, "a": 1.0, "b": 1.0}
NOBODY = np.zeros(1)

# of a new customer, a week ahead, all parameters 1: who never leaves buys n times or more in half,
# a quarter, an eighth of all cases; he has stayed n - 1 times in 1 / n of all cases if he has had
# no turn, in 2 / (n + 1) if he has
BY_HAND = [
    (nbd.Nbd({"r": 1.0, "alpha": 1.0}, {}, 0.0), [1 / 2, 1 / 4, 1 / 8]),
    (beta_geometric(bgnbd.BgNbd, **ONE), [1 / 2, 1 / 8, 1 / 24]),
    (beta_geometric(mbg.MbgNbd, **ONE), [1 / 2, 1 / 6, 1 / 16]),
    # the integrals from 0 to 1 of n w^(n - 1) / (1 + w)^(n + 2)
    (pareto.ParetoNbd({"r": 1.0, "alpha": 1.0, "s": 1.0, "beta": 1.0}, {}, 0.0), [3 / 8, 1 / 6]),
]


@pytest.mark.parametrize(("model", "expected"), BY_HAND)
def test_chances_by_hand(model: PurchaseModel, expected: list[float]) -> None:
    numbers = np.arange(1.0, len(expected) + 1)
    found = purchases_if_alive.at_least(model, numbers, 1.0, NOBODY, NOBODY)
    assert found == pytest.approx(expected, rel=1e-10)


def test_pairs_by_hand() -> None:
    # N (N - 1) of the geometric numbers above: the sum of 2 (n - 1) / 2^n is 2
    assert purchases_if_alive.second_factorial_moment(
        BY_HAND[0][0], 1.0, NOBODY, NOBODY
    ) == pytest.approx([2])
    # for BG/NBD the sum of 2 (n - 1) / (n 2^n) is 2 - 2 ln 2
    assert purchases_if_alive.second_factorial_moment(
        BY_HAND[1][0], 1.0, NOBODY, NOBODY
    ) == pytest.approx([2 - 2 * np.log(2)])


# beyond e^3.4 = 30 the quadrature of Pareto/NBD is off by up to 1e-5 of a mean of .02
LOG = st.floats(-4, 3.4)


@example(logs=(0.0, 3.25, 3.25, -4.0), x=0, age=0.0, many=3.0)
@example(logs=(0.0, 0.0, 3.375, -4.0), x=0, age=0.0, many=4.0)
@given(
    logs=st.tuples(LOG, LOG, LOG, LOG),
    x=st.sampled_from([0, 0, 1, 5, 100, 2000]),
    age=st.floats(0, 1000),
    many=st.floats(-6, 7),
)
@settings(max_examples=50, deadline=None)
@pytest.mark.parametrize("name", MODELS)
def test_chances_add_up_to_the_expectations(
    name: str, logs: tuple[float, ...], x: int, age: float, many: float
) -> None:
    """The sum of P(N >= n) is E N, that of 2 (n - 1) P(N >= n) is E N (N - 1)."""
    like = MODELS[name]
    values = dict(zip(like.params, np.exp(logs).tolist(), strict=False))
    arguments = (None,) if name in ("BG/NBD", "MBG/NBD") else ()
    model = type(like)(values, {}, 0.0, *arguments)
    ahead = np.exp(many) * (values["alpha"] + age) / (values["r"] + x)
    state = np.array([float(x)]), np.array([age])
    numbers = np.arange(1.0, 8_001)
    chances = purchases_if_alive.at_least(model, numbers, ahead, *state)
    if chances[-1] * numbers[-1] > 1e-9:  # the sums go on
        return
    assert (np.diff(chances) <= 1e-13).all()
    expected = model._expected_if_alive(np.array([[ahead]]), *state).item()
    assert chances.sum() == pytest.approx(expected, rel=1e-6)
    two = 2 * float((numbers - 1) @ chances)
    assert purchases_if_alive.second_factorial_moment(model, ahead, *state)[0] == pytest.approx(
        two, rel=2e-6, abs=1e-15
    )


def test_one_who_never_leaves_is_negative_binomial() -> None:
    x, age, ahead, numbers = np.array([7.0]), np.array([30.0]), 20.0, np.arange(1.0, 40)
    found = purchases_if_alive.at_least(MODELS["NBD"], numbers, ahead, x, age)
    theirs = stats.nbinom(7.5, 34 / 54).sf(numbers - 1)
    assert found == pytest.approx(theirs, rel=1e-10)
    never: list[PurchaseModel] = [
        beta_geometric(bgnbd.BgNbd, r=0.5, alpha=4.0, a=1e-12),
        beta_geometric(mbg.MbgNbd, r=0.5, alpha=4.0, a=1e-12),
        pareto.ParetoNbd({"r": 0.5, "alpha": 4.0, "s": 1e-12, "beta": 5.0}, {}, 0.0),
    ]
    pairs = purchases_if_alive.second_factorial_moment(MODELS["NBD"], ahead, x, age)
    for model in never:
        assert purchases_if_alive.at_least(model, numbers, ahead, x, age) == pytest.approx(
            theirs, rel=1e-8
        )
        assert purchases_if_alive.second_factorial_moment(model, ahead, x, age) == pytest.approx(
            pairs, rel=1e-8
        )


@pytest.mark.parametrize("ahead", [1e-9, 1e9])
@pytest.mark.parametrize("x", [0.0, 2000.0])
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_no_time_and_all_time(model: PurchaseModel, x: float, ahead: float) -> None:
    numbers, state = np.array([1.0, 2.0, 1e4]), (np.array([x]), NOBODY)
    found = purchases_if_alive.at_least(model, numbers, ahead, *state)
    assert np.isfinite(found).all() and (found >= 0).all() and (found <= 1 + 1e-9).all()
    assert (found[0] < 1e-5) == (ahead < 1)
    pairs = purchases_if_alive.second_factorial_moment(model, ahead, *state)
    assert np.isfinite(pairs).all() and (pairs[0] < 1e-8) == (ahead < 1)


SIMULATED = 400_000


def simulated(name: str, x: int, age: float, ahead: float, seed: int) -> np.ndarray:
    """Purchases of customers who are there, drawn step by step as the model tells it."""
    generator, model = np.random.default_rng(seed), MODELS[name]
    r, alpha, *leaving = model.params.values()
    rate = generator.gamma(r + x, 1 / (alpha + age), SIMULATED)
    if name == "NBD":
        return generator.poisson(rate * ahead)
    first, second = leaving
    if name == "Pareto/NBD":
        stays = generator.exponential(1, SIMULATED) / generator.gamma(
            first, 1 / (second + age), SIMULATED
        )
        return generator.poisson(rate * np.minimum(stays, ahead))
    turns = x + (name == "MBG/NBD")
    turn = generator.geometric(generator.beta(first, second + turns, SIMULATED))
    return np.minimum(generator.poisson(rate * ahead), turn)


@pytest.mark.parametrize(
    ("x", "age", "ahead"), [(0, 10.0, 39.0), (4, 38.0, 39.0), (30, 60.0, 80.0)]
)
@pytest.mark.parametrize("name", MODELS)
def test_chances_are_those_of_a_simulation(name: str, x: int, age: float, ahead: float) -> None:
    bought = simulated(name, x, age, ahead, seed=x)
    numbers = np.arange(1.0, max(bought.max(), 2) + 1)
    state = np.array([float(x)]), np.array([age])
    found = purchases_if_alive.at_least(MODELS[name], numbers, ahead, *state)
    drawn = (bought[:, None] >= numbers[:12]).mean(axis=0)
    assert np.abs(found[:12] - drawn).max() < 4 * 0.5 / np.sqrt(SIMULATED)
    two = bought.astype(float) * (bought - 1)
    error = two.std() / np.sqrt(SIMULATED)
    assert purchases_if_alive.second_factorial_moment(MODELS[name], ahead, *state)[
        0
    ] == pytest.approx(two.mean(), abs=4 * error)


def test_another_model_has_none() -> None:
    class Other(PurchaseModel):
        name = "other"

        def _expected_if_alive(self, ahead: Any, x: Any, age: Any) -> Any: ...
        def _alive(self, x: Any, t_x: Any, age: Any) -> Any: ...
        def _buys_nothing(self, ahead: float, x: Any, t_x: Any, age: Any) -> Any: ...

    other = Other({"r": 1.0, "alpha": 1.0}, {}, 0.0)
    with pytest.raises(TypeError, match="other has no distribution"):
        purchases_if_alive.at_least(other, np.ones(1), 1.0, NOBODY, NOBODY)
    with pytest.raises(TypeError, match="other has no distribution"):
        purchases_if_alive.second_factorial_moment(other, 1.0, NOBODY, NOBODY)
