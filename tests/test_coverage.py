"""Do 95 % intervals hold the truth in 95 of 100 cases? Worlds of known parameters, many times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from retention_lib.models import bgnbd, gamma_gamma, mbg, pareto, total_uncertainty
from retention_lib.models.customer_intervals import ranges
from retention_lib.models.gamma_gamma import SpendModel
from retention_lib.models.purchase_model import FitError
from retention_lib.models.units import Span
from retention_lib.stats import own_interval

BETA_GEOMETRIC = {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}  # of CDNOW
SETS = 1000
AHEAD = Span.weeks(39)
NORMAL = 1.959964  # quantile


@dataclass(frozen=True)
class World:
    """Customers who came in one of 52 weeks, the first of them 78 weeks ago."""

    fit: Any
    truth: dict[str, float]
    customers: int


WORLDS = {
    "BG/NBD": World(bgnbd.fit, BETA_GEOMETRIC, 2500),
    "MBG/NBD": World(mbg.fit, BETA_GEOMETRIC, 2500),
    "Pareto/NBD": World(
        pareto.fit, {"r": 0.5533, "alpha": 10.578, "s": 0.6060, "beta": 11.669}, 2000
    ),
}


def bought(name: str, generator: np.random.Generator) -> pd.DataFrame:
    """Customers at the end of the known weeks, and what each bought in the weeks ahead."""
    world = WORLDS[name]
    r, alpha, first, second = world.truth.values()
    number = world.customers
    age = generator.integers(27, 79, number).astype(float)
    rate = generator.gamma(r, 1 / alpha, number)
    arrivals = generator.poisson(rate * (age + AHEAD.in_weeks))
    who = np.repeat(np.arange(number), arrivals)
    time = generator.random(len(who)) * (age[who] + AHEAD.in_weeks)
    order = np.lexsort((time, who))
    time = time[order]
    if name == "Pareto/NBD":
        stays = generator.exponential(1, number) / generator.gamma(first, 1 / second, number)
        there = time < stays[who]
    else:  # he leaves at one of his turns, of which the first purchase may be one
        turn = generator.geometric(generator.beta(first, second, number)) - (name == "MBG/NBD")
        which = np.arange(len(who)) - (np.cumsum(arrivals) - arrivals)[who]
        there = which < turn[who]
    who, time = who[there], time[there]
    known = time <= age[who]
    last = np.zeros(number)
    np.maximum.at(last, who[known], time[known])
    return pd.DataFrame(
        {
            "frequency": np.bincount(who[known], minlength=number),
            "recency_days": 7 * last,
            "T_days": 7 * age,
            "customers": 1,
            "later": np.bincount(who[~known], minlength=number),
        }
    )


def holds(model: Any, truth: dict[str, float]) -> list[bool]:
    """Whether the interval of each parameter, on the log scale, holds the truth."""
    errors = np.sqrt(np.diag(model.covariance_log))
    off = [
        np.log(getattr(model, "params", vars(model))[key] / value) for key, value in truth.items()
    ]
    return list(np.abs(off) < NORMAL * errors)


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
def test_intervals_hold_the_truth(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of parameters, and of the total of the next 39 weeks by the model's own spread."""
    # so few draws tell a spread that is linear in the logarithms as well as fifty do
    monkeypatch.setattr(total_uncertainty, "DRAWS", 11)
    world, found, beyond = WORLDS[name], [], []
    for seed in range(SETS):
        known = bought(name, np.random.default_rng([seed, 1]))
        try:
            model = world.fit(known)
        except FitError:
            continue
        state = known["frequency"], known["recency_days"], known["T_days"]
        total = float(model.expected_purchases(*state, AHEAD).sum())
        own = total_uncertainty.of_total(model, known, AHEAD, seed).purchases
        low, high = own_interval(total, own)
        found.append([*holds(model, world.truth), low <= known["later"].sum() <= high])
        if seed % 20 == 0:
            each = ranges(model, known, AHEAD)
            beyond.append((known["later"] < each["purchases_low"]).mean())
            beyond.append((known["later"] > each["purchases_high"]).mean())
    assert len(found) >= 0.98 * SETS
    assert np.abs(np.mean(found, axis=0) - 0.95).max() < 0.03
    for side in (beyond[::2], beyond[1::2]):
        assert np.mean(side) < 0.05


@pytest.mark.slow
def test_intervals_of_spend_hold_the_truth() -> None:
    truth, found = {"p": 6.25, "q": 3.744, "v": 15.44}, []
    p, q, v = truth.values()
    for seed in range(SETS):
        generator = np.random.default_rng([seed, 2])
        x = generator.geometric(0.4, 950)
        spent = generator.gamma(p * x) / generator.gamma(q, 1 / v, 950)
        known = pd.DataFrame({"frequency": x, "monetary": spent / x, "customers": 1})
        found.append(holds(gamma_gamma.fit(known), truth))
    assert np.abs(np.mean(found, axis=0) - 0.95).max() < 0.03


def test_ranges_of_customers_hold_what_comes() -> None:
    """At the true parameters, purchases and what they bring, by Gamma-Gamma."""
    generator = np.random.default_rng(8)
    known = pd.concat([bought("BG/NBD", generator) for _ in range(8)], ignore_index=True)
    model = bgnbd.BgNbd(BETA_GEOMETRIC, {}, 0.0, None)
    spend = SpendModel(6.25, 3.744, 15.44, 0.0, 0, 0.0)
    rates = generator.gamma(spend.q, 1 / spend.v, len(known))
    x, later = known["frequency"].to_numpy(), known["later"].to_numpy()
    monetary = generator.gamma(spend.p * np.maximum(x, 1)) / rates / np.maximum(x, 1)
    spent = (later > 0) * generator.gamma(spend.p * np.maximum(later, 1)) / rates
    found = ranges(model, known, AHEAD, spend)
    worth = spent / spend.expected_spend(x, np.where(x > 0, monetary, 0))
    exact = 4 * np.sqrt(0.05 * 0.95 / len(known))
    for values, what in ((later, "purchases"), (worth, "worth")):
        assert (values < found[f"{what}_low"]).mean() < 0.05
        assert (values > found[f"{what}_high"]).mean() < 0.05 + exact
    # where he is likely enough to buy, what he spends has no steps: it is as often above as said
    likely = (found["worth_high"] > 0).to_numpy()
    assert (worth > found["worth_high"])[likely].mean() == pytest.approx(0.05, abs=exact * 2)
