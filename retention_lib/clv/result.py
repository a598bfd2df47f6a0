"""The result of the notebook: figures, what they amount to, and why some cannot be given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from retention_lib import stats
from retention_lib.clv import at_risk, findings, subscribers
from retention_lib.clv.new_customers import NewCustomers
from retention_lib.clv.past_forecasts import Past, coverage
from retention_lib.clv.race import Trial
from retention_lib.clv.ranges import ranges
from retention_lib.clv.reasons import why_not
from retention_lib.clv.valuation import Terms, Valuation
from retention_lib.models.gamma_gamma import SpendModel
from retention_lib.models.total_uncertainty import OwnSpread
from retention_lib.results import Clv, GammaGamma, Holdout, Why


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
        "past_forecasts": past.forecasts if past else None,
        "coverage": coverage(past.forecasts) if past else None,
        "rolling": list(rolling),
        "horizon_months": terms.horizon_months,
        "subscribers": subscribers.by_period(apart, margin),
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
    figures |= findings.findings(figures)
    amounts = bool(states["spend"].fillna(0.0).ne(0).any())
    return Clv(
        time_unit="week",
        basis="revenue" if terms.margin is None else "margin",
        discount_rate=terms.rate.rate,
        **figures,
        why_not=why_not(figures, valuation, terms, tried.why_not, own, newcomers, amounts),
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
        return dict.fromkeys(("total_clv", "top20_share", "median_clv", "mean_clv"))
    customers = float(worth["customers"].sum())
    return {
        "total_clv": total,
        "top20_share": stats.share_of_largest(worth["clv"], worth["customers"], 0.2 * customers),
        "median_clv": stats.weighted_median(worth["clv"], worth["customers"]),
        "mean_clv": total / customers,
    }
