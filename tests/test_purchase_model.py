"""Predictions beside values of many digits, at several horizons, and where formulas break down.

The values were computed with mpmath at 60 digits: FHL's equation 10 over P(alive) by the series of
its Gauss function, Fader and Hardie's equations 18, 36 and 41 by theirs.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_lib.models import bgnbd, mbg, nbd, pareto, purchase_model
from retention_lib.models.beta_geometric import expected_if_alive
from retention_lib.models.purchase_model import FitError, PurchaseModel
from retention_lib.models.units import AnnualRate, Span
from retention_lib.summaries import counts

CALIBRATION_END = date(1997, 9, 30)
WEEK = 7
BETA_GEOMETRIC = {"r": 0.2425945, "alpha": 4.413603, "a": 0.792922, "b": 2.425906}
PARETO = {"r": 0.5533, "alpha": 10.578, "s": 0.6060, "beta": 11.669}
MODELS = {
    "BG/NBD": bgnbd.BgNbd(BETA_GEOMETRIC, {}, 0.0, None),
    "MBG/NBD": mbg.MbgNbd(BETA_GEOMETRIC, {}, 0.0, None),
    "Pareto/NBD": pareto.ParetoNbd(PARETO, {}, 0.0),
    "NBD": nbd.Nbd({"r": 0.5, "alpha": 4.0}, {}, 0.0),
}

# (r, alpha, a, b), weeks ahead, x, turns to leave, T, expected purchases being there
IF_THERE: list[tuple[tuple[float, float, float, float], float, int, int, float, float]] = [
    # drawn at random
    ((0.108, 5.454, 2.344, 0.063), 0.24, 5, 5, 278.5, 0.00431379516479214),
    ((0.109, 74.069, 2.671, 1.067), 1.22, 1, 2, 199.0, 0.004943879822827839),
    ((0.114, 29.191, 3.642, 3.504), 346.3, 2000, 2001, 293.6, 648.4395955651872),
    ((0.17, 7.484, 1.103, 0.936), 82.9, 2000, 2001, 289.2, 486.71343159081647),
    ((9.033, 0.634, 0.992, 0.498), 4.22, 0, 0, 268.8, 0.13440597673526383),
    ((0.121, 14.995, 0.182, 88.304), 0.67, 2000, 2000, 286.4, 4.445400684364011),
    ((0.397, 4.572, 16.457, 16.252), 0.49, 100, 100, 19.3, 1.817484867951849),
    ((19.577, 4.334, 4.157, 0.079), 14.93, 5, 5, 253.9, 1.0478165515762592),
    ((0.318, 1.896, 0.088, 0.209), 5.64, 5, 5, 251.9, 0.11804308585947083),
    ((0.107, 21.986, 0.175, 0.084), 0.17, 1, 2, 268.8, 0.0006471460900873054),
    ((6.223, 0.906, 0.091, 0.058), 7.0, 2, 2, 218.3, 0.2610102339369286),
    ((8.286, 1.06, 0.375, 0.425), 2.07, 5, 6, 282.4, 0.09674529777049089),
    ((0.682, 1.863, 5.928, 0.07), 0.96, 0, 0, 121.3, 0.005281678044236765),
    ((7.912, 22.316, 1.642, 12.068), 225.88, 2000, 2001, 296.9, 910.2286163086012),
    ((0.24, 4.4, 1.0, 2.4), 52.0, 2, 2, 38.0, 2.074500207886315),
    ((0.24, 4.4, 1.000000001, 2.4), 52.0, 2, 3, 38.0, 2.15294795892901),
    ((0.24, 4.4, 0.999999, 2.4), 52.0, 2000, 2000, 300.0, 315.48548284011656),
    ((0.24, 4.4, 0.79, 2.4), 100000.0, 2, 2, 38.0, 67.81511775173334),
    ((0.24, 0.001, 0.79, 2.4), 10000.0, 0, 0, 0.0, 130.89299643823276),
    ((50.0, 500.0, 1.0, 1.0), 52.0, 0, 0, 30.0, 2.15934170427072),
    ((0.24, 4.4, 1e-06, 2.4), 1000.0, 5, 5, 38.0, 123.58463594135071),
    ((0.24, 4.4, 500.0, 100000.0), 1000.0, 5, 6, 38.0, 88.62931013214423),
    ((0.24, 4.4, 0.8, 0.001), 52.0, 0, 0, 38.0, 0.17488332964490527),
    ((0.24, 4.4, 0.8, 2.4), 1e-06, 3, 3, 38.0, 7.641509384662204e-08),
    ((0.24, 4.4, 0.8, 2.4), 52.0, 3, 3, 10000000.0, 1.6847968621493994e-05),
    ((0.24, 4.4, 0.8, 2.4), 100000000.0, 2000, 2000, 1000.0, 89991.74172332688),
]

# (r, alpha, s, beta), x, t_x, T, weeks ahead, log-likelihood, P(alive), expected purchases
LIVES: list[tuple[tuple[float, ...], int, float, float, float, float, float, float]] = [
    (
        (0.225, 73.395, 0.155, 1.035),
        20,
        23.5,
        71.5,
        52.0,
        -57.04679718590176,
        0.009325293519467738,
        0.06468487142094613,
    ),
    (
        (0.1, 54.752, 8.548, 0.306),
        2,
        0.5,
        162.7,
        52.0,
        -18.51475843120506,
        1.1006707202987766e-21,
        2.0115783923653948e-22,
    ),
    (
        (0.235, 3.38, 0.757, 7.613),
        100,
        14.8,
        88.4,
        52.0,
        62.51760773593158,
        1.801877728893758e-69,
        8.623210711030014e-68,
    ),
    (
        (2.778, 73.337, 12.594, 131.181),
        2000,
        286.6,
        286.8,
        52.0,
        1427.5680678764984,
        0.9890188929975536,
        147.3670412845397,
    ),
    (
        (2.445, 47.419, 0.577, 1.365),
        2000,
        290.2,
        295.2,
        52.0,
        1557.5255349072434,
        4.873862852372421e-10,
        1.4125239381747607e-07,
    ),
    (
        (0.167, 0.655, 4.853, 0.345),
        500,
        72.0,
        287.6,
        52.0,
        430.20819486581826,
        5.604291715119634e-301,
        3.4339501886701383e-299,
    ),
    (
        (1.822, 3.422, 0.348, 0.972),
        2000,
        290.8,
        298.8,
        52.0,
        1825.4184421803172,
        2.6860408821382275e-20,
        8.992106062597432e-18,
    ),
    (
        (1.824, 18.708, 1.241, 14.188),
        500,
        76.1,
        278.6,
        52.0,
        329.3769792820897,
        7.353761542625744e-248,
        5.825691650921525e-246,
    ),
    (
        (0.189, 73.486, 14.224, 8.037),
        0,
        0.0,
        223.0,
        52.0,
        -0.0015480180827457182,
        1.3779282464850716e-21,
        1.4298775435758842e-23,
    ),
    (
        (14.758, 0.482, 10.865, 9.495),
        500,
        104.7,
        174.2,
        52.0,
        234.1784926042457,
        1.1798939287006214e-114,
        5.920670130012708e-113,
    ),
    (
        (0.5, 0.001, 0.6, 1000.0),
        0,
        0.0,
        500.0,
        52.0,
        -6.324468624762821,
        0.6187876436031835,
        0.03184830451470633,
    ),
    (
        (0.5, 1000.0, 0.6, 0.001),
        0,
        0.0,
        500.0,
        52.0,
        -0.0001989740595227636,
        0.0003109268736361237,
        5.229990122128281e-06,
    ),
    (
        (0.5, 1000.0, 0.6, 0.001),
        2000,
        300.0,
        500.0,
        52.0,
        -1152.4343219641319,
        2.6758021094984823e-122,
        1.800798630546055e-120,
    ),
    (
        (0.5, 10.0, 10000.0, 10000.0),
        5,
        30.0,
        50.0,
        52.0,
        -45.833815078819754,
        2.7239890741987226e-10,
        2.5097259071962927e-11,
    ),
    (
        (0.5, 10.0, 1e-06, 5.0),
        5,
        30.0,
        50.0,
        52.0,
        -17.982154222945542,
        0.9999983040211939,
        4.7666568217679295,
    ),
    (
        (0.5, 10.0, 1.0, 10.0),
        5,
        30.0,
        50.0,
        52.0,
        -18.67783675821943,
        0.3341797583802614,
        1.1471885490890665,
    ),
    (
        (0.5, 10.0, 0.6, 12.0),
        5,
        30.0,
        1000000.0,
        100000.0,
        -18.86081848734705,
        1.6177557722020982e-26,
        8.6440162861102e-27,
    ),
    ((0.5, 10.0, 0.6, 12.0), 2000, 300.0, 1000.0, 52.0, 1717.216321658084, 0.0, 0.0),
    ((0.5, 10.0, 0.6, 12.0), 2000, 300.0, 300.0, 52.0, 1725.3350253576723, 1.0, 320.1363988220535),
]


@pytest.mark.parametrize(("params", "ahead", "x", "turns", "age", "expected"), IF_THERE)
def test_expected_of_a_beta_geometric_customer(
    params: tuple[float, ...], ahead: float, x: int, turns: int, age: float, expected: float
) -> None:
    one = (np.array([float(value)]) for value in (ahead, x, turns, age))
    found = expected_if_alive(np.array(params), *one)
    assert found.item() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("case", LIVES)
def test_pareto_customers(case: tuple[Any, ...]) -> None:
    params, x, t_x, age, ahead, likelihood, alive, expected = case
    model = pareto.ParetoNbd(dict(zip(pareto.ParetoNbd.parameters, params, strict=True)), {}, 0.0)
    state = [x], [t_x * WEEK], [age * WEEK]
    one = (np.array([float(value)]) for value in (x, t_x, age))
    assert pareto.log_likelihood(np.array(params), *one)[0] == pytest.approx(likelihood, abs=1e-9)
    assert model.p_alive(*state)[0] == pytest.approx(alive, rel=1e-8, abs=1e-300)
    found = model.expected_purchases(*state, Span.weeks(ahead))[0]
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-300)


@pytest.fixture(scope="module")
def triples(sample: ibis.Table) -> pd.DataFrame:
    return counts.frequency_recency(sample, CALIBRATION_END)


@pytest.mark.parametrize(
    ("name", "fitter"), [("BG/NBD", "BetaGeoFitter"), ("MBG/NBD", "ModifiedBetaGeoFitter")]
)
@pytest.mark.parametrize("days", [1, 140, 3650])
def test_predictions_are_those_of_lifetimes_where_it_has_any(
    triples: pd.DataFrame, name: str, fitter: str, days: int
) -> None:
    state = triples["frequency"], triples["recency_days"], triples["T_days"]
    weeks = purchase_model.weeks(*state)
    with purchase_model.quiet():
        import lifetimes

        theirs = getattr(lifetimes, fitter)()
        theirs.params_ = pd.Series(BETA_GEOMETRIC)
        expected = theirs.conditional_expected_number_of_purchases_up_to_time(days / WEEK, *weeks)
        alive = theirs.conditional_probability_alive(*weeks)
    assert MODELS[name].expected_purchases(*state, Span.days(days)) == pytest.approx(
        expected, rel=1e-9
    )
    assert MODELS[name].p_alive(*state) == pytest.approx(alive, rel=1e-12)


# --- several horizons at once ---


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_horizons_together_are_horizons_apart(model: PurchaseModel, triples: pd.DataFrame) -> None:
    state = triples["frequency"], triples["recency_days"], triples["T_days"]
    days = np.array([1, 30.4375, 365.25, 3652.5])
    together = model.expected_purchases(*state, Span.days(days))
    assert together.shape == (4, len(triples))
    apart = [model.expected_purchases(*state, Span.days(one)) for one in days]
    assert together == pytest.approx(np.array(apart), rel=1e-10)
    assert (np.diff(together, axis=0) > 0).all()


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_discounted_months_add_up(model: PurchaseModel, triples: pd.DataFrame) -> None:
    state = triples["frequency"], triples["recency_days"], triples["T_days"]
    ends, discounts = Span.months(np.arange(1, 13)), 1.1 ** (-np.arange(1, 13) / 12)
    monthly = np.diff(model.expected_purchases(*state, ends), axis=0, prepend=0)
    found = model.discounted_purchases(*state, ends, AnnualRate(0.1))
    assert found == pytest.approx(discounts @ monthly)
    undiscounted = model.discounted_purchases(*state, ends, AnnualRate(0))
    assert undiscounted == pytest.approx(model.expected_purchases(*state, ends.last))


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_nobody_is_asked_for(model: PurchaseModel) -> None:
    assert model.expected_purchases([], [], [], Span.days(30)).shape == (0,)
    assert model.expected_purchases([], [], [], Span.days([30, 60])).shape == (2, 0)
    assert model.p_alive([], [], []).shape == (0,)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_one_customer_or_a_table_of_them(model: PurchaseModel) -> None:
    one = model.expected_purchases(2, 213, 272, Span.days(273))
    assert one.shape == () and one > 0
    table = model.expected_purchases(np.full((2, 3), 2), 213, 272, Span.days([273, 546]))
    assert table.shape == (2, 2, 3)
    assert table[0] == pytest.approx(np.full((2, 3), one))
    half = AnnualRate(2 ** (365.25 / 273) - 1)
    worth = model.discounted_purchases(2, 213, 272, Span.days([273]), half)
    assert worth == pytest.approx(one / 2)


# --- where formulas break down ---

LOG = st.floats(-6, 6)


@given(
    logs=st.tuples(LOG, LOG, LOG, LOG),
    x=st.integers(0, 2000),
    silent=st.integers(0, 5000),
    age=st.integers(0, 20_000),
    days=st.floats(1e-3, 1e6),
)
@settings(max_examples=300, deadline=None)
@pytest.mark.parametrize("name", MODELS)
def test_figures_are_finite_and_possible(
    name: str, logs: tuple[float, ...], x: int, silent: int, age: int, days: float
) -> None:
    like, last = MODELS[name], max(age - silent, 0) * (x > 0)
    values = dict(zip(like.params, np.exp(logs).tolist(), strict=False))
    model = (
        type(like)(values, {}, 0.0, None)
        if name in ("BG/NBD", "MBG/NBD")
        else type(like)(values, {}, 0.0)
    )
    state = [x], [last], [age]
    alive, buys = model.p_alive(*state)[0], model.buys_within(*state, Span.days(days))[0]
    expected = model.expected_purchases(*state, Span.days(days))[0]
    assert 0 <= alive <= 1 and 0 <= buys <= alive
    # nobody who never left would buy more
    rate = (values["r"] + x) / (values["alpha"] + age / WEEK)
    assert buys - 1e-9 <= expected * (1 + 1e-9)
    assert 0 <= expected <= alive * rate * days / WEEK * (1 + 1e-9)


@pytest.mark.parametrize("name", ["BG/NBD", "MBG/NBD"])
def test_nothing_happens_at_a_of_one(name: str) -> None:
    state = [0, 3, 2000], [0, 100, 990], [300, 300, 1000]
    around = []
    for a in (1 - 1e-7, 1.0, 1 + 1e-7):
        model = type(MODELS[name])({**BETA_GEOMETRIC, "a": a}, {}, 0.0, None)  # type: ignore[call-arg]
        around.append(model.expected_purchases(*state, Span.days(365)))
    assert around[1] == pytest.approx((around[0] + around[2]) / 2, rel=1e-10)
    assert (np.diff(around, axis=0) < 0).all()


@pytest.mark.parametrize("name", ["BG/NBD", "MBG/NBD"])
def test_without_leaving_it_is_nbd(name: str) -> None:
    values = {"r": 0.5, "alpha": 4.0, "a": 1e-12, "b": 2.0}
    model = type(MODELS[name])(values, {}, 0.0, None)  # type: ignore[call-arg]
    state = [0, 3, 2000], [0, 350, 350], [350, 350, 350]
    for days in (7, 365):
        expected = MODELS["NBD"].expected_purchases(*state, Span.days(days))
        assert model.expected_purchases(*state, Span.days(days)) == pytest.approx(
            expected, rel=1e-6
        )


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_predictions_that_are_not_finite_are_refused(model: PurchaseModel) -> None:
    for figure in (model.expected_purchases, model.buys_within):
        with pytest.raises(FitError, match=f"not_finite {model.name}"):
            figure([np.nan], [0], [10], Span.days(30))
