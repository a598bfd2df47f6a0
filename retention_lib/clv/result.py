"""The result of the notebook: figures, and a sentence for each that cannot be given."""

from __future__ import annotations

from collections.abc import Sequence
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
from retention_lib.models.total_uncertainty import OwnSpread
from retention_lib.results import Clv, GammaGamma, Holdout, Why, why

_NO_LAPSE: Final = why("no_cycle_to_lapse_by")
_NO_AMOUNTS: Final = why("no_amounts")
_NO_PAST: Final = why("no_past_forecasts")


def clv(
    valuation: Valuation,
    terms: Terms,
    worth: pd.DataFrame,
    tried: Trial,
    states: pd.DataFrame,
    at_risk_days: int | None,
    *,
    rolling: Sequence[Holdout] = (),
    past: Past | None = None,
    own: OwnSpread | Why,
    subscribed: pd.DataFrame | None = None,
    newcomers: NewCustomers,
) -> Clv:
    """Return the result of the notebook.

    Parameters
    ----------
    worth
        Columns ``clv``, ``customers``: how many customers are worth how much.
    tried
        As :func:`trial` gives it.
    states
        As :func:`retention_lib.summaries.customers.states` gives them.
    at_risk_days
        The silence after which customers count as lapsed; None: nobody can.
    rolling
        Races on earlier days, the latest first.
    past
        The record of earlier forecasts; None without a forecast.
    own
        As :func:`own_spread` gives it: why not, where it is not known.
    subscribed
        As :func:`retention_lib.clv.subscribers.scores` gives them; None: there are none apart.
    newcomers
        What next new customers bring.
    """
    model, spend = valuation.purchases, valuation.spend
    apart = pd.DataFrame(columns=["period"]) if subscribed is None else subscribed
    # a total of subscribers alone would not be one
    known = worth if valuation.scores is not None else worth.iloc[:0]
    totals = {**_expected(valuation.scores, apart), **_money(known)}
    margin = subscribers.charge_margin(apart, terms)
    figures: dict[str, Any] = {
        "model": valuation.name,
        "left_out": valuation.left_out,
        "p_alive_beside": valuation.p_alive_beside,
        "params": None if model is None else model.params,
        "standard_errors": None if model is None else model.standard_errors,
        "log_likelihood": None if model is None else model.log_likelihood,
        "gamma_gamma": None if spend is None else _gamma_gamma(spend),
        "holdout": tried.holdout,
        "record": past.record if past else None,
        "coverage": coverage(past.record) if past else None,
        "new_customer_value": newcomers.kinds,
        **totals,
        **ranges(
            totals["expected_purchases"],
            totals["total_clv"],
            own if isinstance(own, OwnSpread) else None,
            past,
            (subscribers.purchases(apart), subscribers.value(apart, margin or 0.0)),
        ),
    }
    figures |= at_risk.at_risk(states, at_risk_days, valued=figures["total_clv"] is not None)
    valued = subscribers.by_period(apart, margin)
    amounts = bool(states["spend"].fillna(0.0).ne(0).any())
    return Clv(
        time_unit="week",
        basis="revenue" if terms.margin is None else "margin",
        discount_rate=terms.rate.rate,
        horizon_months=terms.horizon_months,
        rolling=list(rolling),
        subscribers=valued,
        **figures,
        why_not=_why_not(figures, valuation, terms, tried.why_not, rolling, own, newcomers, amounts)
        | {
            f"/subscribers/{at}/value": terms.no_margin or _NO_AMOUNTS
            for at in range(len(valued))
            if margin is None
        },
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


def _why_not(
    figures: dict[str, Any],
    valuation: Valuation,
    terms: Terms,
    no_holdout: Why | None,
    rolling: Sequence[Holdout],
    own: OwnSpread | Why,
    newcomers: NewCustomers,
    amounts: bool,
) -> dict[str, Why]:
    model = valuation.why_not.get("model")
    money = model or _no_money(figures, valuation, terms, amounts)
    parameters = ("params", "standard_errors", "log_likelihood")
    reasons: dict[str, Why | None] = dict.fromkeys(
        parameters, model or why("rule_has_no_parameters")
    )
    reasons |= {
        "model": model,
        "expected_purchases": model,
        "mean_p_alive": model or why("rule_has_no_p_alive"),
        "gamma_gamma": valuation.why_not.get("gamma_gamma", money),
        "holdout": no_holdout or model,
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
        | _race_why_not(figures["holdout"], rolling)
        | at_risk.why_not(figures["states"], why_not)
        | newcomers.why_no_money
    )


def _no_money(figures: dict[str, Any], valuation: Valuation, terms: Terms, amounts: bool) -> Why:
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
