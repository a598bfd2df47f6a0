"""The result of the notebook: figures, and a sentence for each that cannot be given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from retention_lib import stats
from retention_lib.clv import at_risk, subscribers
from retention_lib.clv.new_customers import NewCustomers
from retention_lib.clv.past_forecasts import Past, coverage
from retention_lib.clv.race import Trial
from retention_lib.clv.ranges import NAMES, ranges
from retention_lib.clv.valuation import Terms, Valuation
from retention_lib.models.gamma_gamma import SpendModel
from retention_lib.models.total_uncertainty import TotalUncertainty
from retention_lib.results import Clv, GammaGamma, Holdout, Why, why

_NO_LAPSE: Final = why("no_cycle_to_lapse_by")
_NO_AMOUNTS: Final = why("no_amounts")
_NO_PAST: Final = why("no_past_forecasts")


@dataclass(frozen=True)
class Forecast:
    """The forecast in use, its test, and how it did on earlier days.

    ``uncertainty`` of today's totals, or why it is unknown; ``past`` is None without a forecast;
    ``rolling`` are races on earlier days, the latest first.
    """

    valuation: Valuation
    terms: Terms
    trial: Trial
    uncertainty: TotalUncertainty | Why
    past: Past | None = None
    rolling: Sequence[Holdout] = ()


@dataclass(frozen=True)
class Customers:
    """What the customers of today are worth, and what next ones bring.

    ``worth`` has columns ``clv``, ``customers``; ``states`` is as
    :func:`retention_lib.summaries.customers.states` gives it; ``at_risk_days`` is the silence after
    which customers count as lapsed (None: nobody can); ``subscribed`` is as
    :func:`retention_lib.clv.subscribers.scores` gives it (None: there are none apart).
    """

    worth: pd.DataFrame
    states: pd.DataFrame
    at_risk_days: int | None
    new: NewCustomers
    subscribed: pd.DataFrame | None = None

    @property
    def apart(self) -> pd.DataFrame:
        """The subscribers, of whom there may be none."""
        return pd.DataFrame(columns=["period"]) if self.subscribed is None else self.subscribed

    @property
    def amounts(self) -> bool:
        """Whether the records carry any."""
        return bool(self.states["spend"].fillna(0.0).ne(0).any())


def clv(forecast: Forecast, customers: Customers) -> Clv:
    """Return the result of the notebook."""
    terms, margin = forecast.terms, subscribers.charge_margin(customers.apart, forecast.terms)
    totals = _totals(forecast, customers)
    valued = totals["total_clv"] is not None
    figures: dict[str, Any] = {
        **_model(forecast.valuation),
        "holdout": forecast.trial.holdout,
        "record": forecast.past.record if forecast.past else None,
        "coverage": coverage(forecast.past.record) if forecast.past else None,
        "rolling": list(forecast.rolling),
        "subscribers": subscribers.by_period(customers.apart, margin),
        "new_customer_value": customers.new.kinds,
        **totals,
        **at_risk.at_risk(customers.states, customers.at_risk_days, valued),
    }
    return Clv(
        time_unit="week",
        basis="revenue" if terms.margin is None else "margin",
        discount_rate=terms.rate.rate,
        horizon_months=terms.horizon_months,
        **figures,
        why_not=_why_not(figures, forecast, customers),
    )


def _model(valuation: Valuation) -> dict[str, Any]:
    model, spend = valuation.purchases, valuation.spend
    fitted = ("params", "standard_errors", "log_likelihood")
    return {
        "model": valuation.name,
        "left_out": valuation.left_out,
        "p_alive_beside": valuation.p_alive_beside,
        **{name: getattr(model, name, None) for name in fitted},
        "gamma_gamma": None if spend is None else _gamma_gamma(spend),
    }


def _totals(forecast: Forecast, customers: Customers) -> dict[str, Any]:
    """Return the totals of all customers, and their ranges."""
    scores, apart, own = forecast.valuation.scores, customers.apart, forecast.uncertainty
    # a total of subscribers alone would not be one
    known = customers.worth if scores is not None else customers.worth.iloc[:0]
    totals = {**_expected(scores, apart), **_money(known)}
    margin = subscribers.charge_margin(apart, forecast.terms) or 0.0
    charged = subscribers.purchases(apart), subscribers.value(apart, margin)
    return totals | ranges(
        totals["expected_purchases"],
        totals["total_clv"],
        own if isinstance(own, TotalUncertainty) else None,
        forecast.past,
        charged,
    )


def _gamma_gamma(spend: SpendModel) -> GammaGamma:
    return GammaGamma(**{name: getattr(spend, name) for name in GammaGamma.model_fields})


def _expected(scored: pd.DataFrame | None, apart: pd.DataFrame) -> dict[str, Any]:
    """Return what all customers are expected to do, subscribers with them."""
    if scored is None:
        return {"expected_purchases": None, "mean_p_alive": None}
    expected = _total(scored, "expected_purchases") + subscribers.purchases(apart).expected
    return {"expected_purchases": expected, "mean_p_alive": _mean_p_alive(scored, apart)}


def _mean_p_alive(scored: pd.DataFrame, apart: pd.DataFrame) -> float | None:
    if "p_alive" not in scored:
        return None
    everybody = scored if apart.empty else pd.concat([scored, apart])
    return float(np.average(everybody["p_alive"], weights=everybody["customers"]))


def _total(table: pd.DataFrame, name: str) -> float:
    return float(
        np.dot(table[name].to_numpy(dtype=float), table["customers"].to_numpy(dtype=float))
    )


def _money(worth: pd.DataFrame) -> dict[str, Any]:
    total = _total(worth, "clv")
    if total <= 0:
        return {"total_clv": None, "top20_share": None, "median_clv": None}
    top = 0.2 * float(worth["customers"].sum())
    return {
        "total_clv": total,
        "top20_share": stats.share_of_largest(worth["clv"], worth["customers"], top),
        "median_clv": stats.weighted_median(worth["clv"], worth["customers"]),
    }


def _why_not(figures: dict[str, Any], forecast: Forecast, customers: Customers) -> dict[str, Why]:
    valuation, own, newcomers = forecast.valuation, forecast.uncertainty, customers.new
    model = valuation.why_not.get("model")
    money = model or _no_money(valuation, forecast.terms, customers.amounts)
    parameters = ("params", "standard_errors", "log_likelihood")
    reasons: dict[str, Why | None] = dict.fromkeys(
        parameters, model or why("rule_has_no_parameters")
    )
    reasons |= {
        "model": model,
        "expected_purchases": model,
        "mean_p_alive": model or why("rule_has_no_p_alive"),
        "gamma_gamma": valuation.why_not.get("gamma_gamma", money),
        "holdout": forecast.trial.why_not or model,
        "total_clv": money,
        "top20_share": money,
        "record": model or _NO_PAST,
        "coverage": model or _NO_PAST,
        "median_clv": money,
        "at_risk_days": model or _NO_LAPSE,
        "value_at_risk": money if figures["total_clv"] is None else _NO_LAPSE,
        "new_customer_value": newcomers.why_not,
    }
    if isinstance(own, Why):
        reasons |= dict.fromkeys(["spread", *NAMES], own)
    if figures["total_clv"] is None:
        reasons |= dict.fromkeys(["total_clv_ci95", "total_clv_own_ci95"], money)
    why_not = {
        f"/{name}": reason
        for name, reason in reasons.items()
        if reason is not None and figures[name] is None
    }
    if figures["spread"] is not None and figures["spread"].value is None:
        why_not["/spread/value"] = money
    return (
        why_not
        | _race_why_not(figures["holdout"], forecast.rolling)
        | at_risk.why_not(figures["states"], why_not)
        | newcomers.why_no_money
        | {
            f"/subscribers/{at}/value": forecast.terms.no_margin or _NO_AMOUNTS
            for at, one in enumerate(figures["subscribers"])
            if one.value is None
        }
    )


def _no_money(valuation: Valuation, terms: Terms, amounts: bool) -> Why:
    """Return why customers who could be scored have no value; ``amounts``: whether there are any."""
    if valuation.spend_per_occasion is None:
        return why("no_repeat_amounts") if amounts else _NO_AMOUNTS
    return terms.no_margin or why("nothing_expected")


def _race_why_not(held: Holdout | None, rolling: Sequence[Holdout]) -> dict[str, Why]:
    races = {f"/rolling/{at}": one for at, one in enumerate(rolling)}
    if held:
        races["/holdout"] = held
    reasons = {"bias": why("nobody_in_holdout"), "difference_se": why("nothing_to_compare_with")}
    return {
        f"{place}/models/{at}/{name}": reason
        for place, one in races.items()
        for at, score in enumerate(one.models)
        for name, reason in reasons.items()
        if getattr(score, name) is None
    }
