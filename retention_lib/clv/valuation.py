"""The forecast behind the value: the model of buying that won the race, or a plain rule."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Self

import numpy as np
import pandas as pd

from retention_lib.clv.spend import Spend, spend
from retention_lib.models import nbd
from retention_lib.models.purchase_model import (
    FitError,
    PurchaseModel,
    distinct,
    enough_repeat_buyers,
    state,
)
from retention_lib.models.race import (
    FIRST,
    MODELS,
    ON_CLOCKS,
    RULES,
    Setting,
    daily_rates,
    is_another,
)
from retention_lib.models.units import DAYS_PER_MONTH, AnnualRate, Span
from retention_lib.results import Why, why

_GRACE_DAYS: Final = 3  # that a test may fall short: 273 days are nine months, 363 a year
_MOVED: Final = ["expected_purchases", "discounted_purchases"]


@dataclass(frozen=True)
class Terms:
    """What value is counted in: rate of discount, months ahead, margin (None: revenue).

    The margin is that of all sales together: the share of what customers spend for whom no other is
    known.
    """

    rate: AnnualRate
    horizon_months: int
    margin: float | None

    def within(self, tested_days: int) -> Self:
        """Return the terms of a value that looks no further than was tested, in whole months."""
        tested = int((tested_days + _GRACE_DAYS) / DAYS_PER_MONTH)
        return replace(self, horizon_months=max(min(self.horizon_months, tested), 1))

    @property
    def months(self) -> Span:
        """The times from today to the end of each month ahead."""
        return Span.months(np.arange(1, self.horizon_months + 1))

    @property
    def no_margin(self) -> Why | None:
        """Why nobody can be valued at this margin; None if everybody can."""
        if self.margin is None or 0 < self.margin <= 1:
            return None
        return why("costs_below_zero" if self.margin > 1 else "sold_at_cost")


@dataclass(frozen=True)
class Valuation:
    """What the customers are scored by, None where nothing could be fitted; ``why_not`` says why.

    ``name`` is that of the model of buying, or of the plain rule, behind the ``scores``;
    ``purchases`` the fitted model, None of a rule. ``left_out`` says why of each that would have
    come before but could not be fitted. ``p_alive_beside`` is the mean P(alive) by another model
    where BG/NBD is in use. ``tested_days`` is how far ahead the one in use was tested, and
    ``moved`` what the scores have been multiplied by since, for the record's sake.
    """

    name: str | None
    purchases: PurchaseModel | None
    scores: pd.DataFrame | None
    spend: Spend = field(default_factory=Spend)
    why_not: dict[str, Why] = field(default_factory=dict)
    left_out: dict[str, Why] = field(default_factory=dict)
    p_alive_beside: dict[str, float] = field(default_factory=dict)
    tested_days: int = 0
    moved: float = 1.0

    def moved_by(self, factor: float) -> Valuation:
        """Return the same with all expected purchases multiplied."""
        if self.scores is None:
            return self
        moved = self.scores.assign(**{name: self.scores[name] * factor for name in _MOVED})
        return replace(self, scores=moved, moved=self.moved * factor)

    @property
    def expected(self) -> float:
        """The occasions expected of all customers within the horizon; 0 without scores."""
        if self.scores is None:
            return 0.0
        return float(np.dot(self.scores["expected_purchases"], self.scores["customers"]))


def value(
    counts: pd.DataFrame,
    spent: pd.DataFrame,
    terms: Terms,
    setting: Setting,
    tested: Mapping[str, int],
    fitted: Mapping[str, PurchaseModel] = MappingProxyType({}),
) -> Valuation:
    """Fit the models of buying and of spend, and score every distinct customer.

    Parameters
    ----------
    counts, spent
        As :func:`retention_lib.summaries.frequency_recency` (with the occasions of the window of
        ``setting``) and ``spend_per_occasion`` give them.
    terms
        Those wanted: the scores look as far ahead as the forecast in use was tested.
    setting
        What a forecast goes by today.
    tested
        Models and rules, the one to be used first, then those for when it cannot be fitted, and
        how many days ahead each was tested.
    fitted
        Models that have been fitted to today's customers already, by name.
    """
    each, few = spend(spent), too_few(counts)
    if few or not tested:
        return Valuation(None, None, None, each, {"model": few or why("not_tested")})
    name, purchases, scored, left_out = _first_of(tested, counts, terms, setting, fitted)
    why_not = {"model": why("no_model_fits")} if name is None else {}
    beside = _p_alive_beside(counts, setting) if name == FIRST else {}
    days = tested.get(name or "", 0)
    return Valuation(name, purchases, scored, each, why_not, left_out, beside, days)


def _p_alive_beside(counts: pd.DataFrame, setting: Setting) -> dict[str, float]:
    """Return the mean P(alive) by the first other model that can be fitted, under its name."""
    triples = distinct(counts)
    for name, fit in MODELS.items():
        if name not in (FIRST, nbd.Nbd.name):
            with suppress(FitError):
                alive = fit(triples, setting).p_alive(*state(triples))
                return {name: float(np.average(alive, weights=triples["customers"]))}
    return {}


def too_few(counts: pd.DataFrame) -> Why | None:
    """Return why no forecast may be made of these customers; None if one may."""
    try:
        enough_repeat_buyers(counts)
    except FitError as error:
        return why(error.code, **error.facts)
    return None


def _first_of(
    tested: Mapping[str, int],
    counts: pd.DataFrame,
    terms: Terms,
    setting: Setting,
    fitted: Mapping[str, PurchaseModel],
) -> tuple[str | None, PurchaseModel | None, pd.DataFrame | None, dict[str, Why]]:
    """Return the first model or rule that works, its scores, and why those before it do not."""
    left_out: dict[str, Why] = {}
    for name, days in tested.items():
        ahead = terms.within(days)
        if name in RULES:
            return name, None, rule_scores(name, counts, ahead, setting), left_out
        try:
            triples = distinct(counts)
            purchases = fitted.get(name) or MODELS[name](triples, setting)
            if not is_another(name, purchases):
                return name, purchases, scores(purchases, triples, ahead), left_out
        except FitError as error:
            left_out[name] = why(error.code, **error.facts)
    return None, None, None, left_out


def on_clocks(counts: pd.DataFrame, setting: Setting) -> dict[str, PurchaseModel]:
    """Return the models that know the calendar, and what they are without it, fitted to today.

    Where what it is without can only be fitted as NBD, since nobody leaves, that stands for it.
    """
    fitted: dict[str, PurchaseModel] = {}
    if too_few(counts):
        return fitted
    triples = distinct(counts)
    for name in [*ON_CLOCKS, *ON_CLOCKS.values(), nbd.Nbd.name]:
        with suppress(FitError):
            fitted[name] = MODELS[name](triples, setting)
    return fitted


def scores(purchases: PurchaseModel, triples: pd.DataFrame, terms: Terms) -> pd.DataFrame:
    """Return, once per distinct triple, what its customers are expected to do.

    Returns
    -------
    pandas.DataFrame
        - frequency, recency_days, T_days, customers
        - p_alive: chance of ever buying again
        - expected_purchases: occasions within the horizon
        - discounted_purchases: the same, each month discounted to today

    Raises
    ------
    FitError
        If the model gives no finite expectation for some customers.
    """
    known = state(triples)
    return triples.assign(
        p_alive=purchases.p_alive(*known),
        expected_purchases=purchases.expected_purchases(*known, terms.months.last),
        discounted_purchases=purchases.discounted_purchases(*known, terms.months, terms.rate),
    )


def rule_scores(rule: str, counts: pd.DataFrame, terms: Terms, setting: Setting) -> pd.DataFrame:
    """Return, once per distinct state, what a rule expects if its pace holds and nobody leaves.

    Returns
    -------
    pandas.DataFrame
        frequency, recency_days, T_days, recent (occasions in the window), customers;
        expected_purchases, discounted_purchases as :func:`scores` gives them
    """
    states = distinct(counts, "recent")
    rates = daily_rates(rule, states, setting)
    each = terms.months.in_days[0]
    return states.assign(
        expected_purchases=rates * terms.months.last.in_days,
        discounted_purchases=rates * each * terms.rate.worth(terms.months).sum(),
    )
