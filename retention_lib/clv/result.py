"""The result of the notebook: figures, what they amount to, and why some cannot be given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from retention_lib import stats
from retention_lib.clv import at_risk, findings, subscribers
from retention_lib.clv.known import Customers, Forecast
from retention_lib.clv.ledger import NOTHING, Published
from retention_lib.clv.past_forecasts import Past, coverage
from retention_lib.clv.ranges import ranges
from retention_lib.clv.reasons import reasons
from retention_lib.clv.valuation import Valuation
from retention_lib.models.gamma_gamma import SpendModel
from retention_lib.models.total_uncertainty import TotalUncertainty
from retention_lib.results import Centre, Clv, GammaGamma, Why


def clv(forecast: Forecast, customers: Customers, published: Published = NOTHING) -> Clv:
    """Return the result of the notebook."""
    terms, margin = forecast.terms, subscribers.charge_margin(customers.apart, forecast.terms)
    totals = _totals(forecast, customers)
    valued = totals["total_clv"] is not None
    figures: dict[str, Any] = {
        "time_unit": "week",
        "basis": "revenue" if terms.margin is None else "margin",
        "discount_rate": terms.rate.rate,
        **_model(forecast.valuation),
        **_tests(forecast),
        "wanted_months": forecast.wanted_months,
        "horizon_months": terms.horizon_months,
        "clocks": forecast.clocks,
        "ledger": published.ledger,
        "price_drift": None if isinstance(forecast.prices, Why) else forecast.prices,
        "next_purchases": forecast.next_purchases,
        "subscribers": subscribers.by_period(customers.apart, margin),
        "new_customer_value": customers.new.kinds,
        **totals,
        **at_risk.at_risk(customers.states, customers.at_risk_days, valued),
    }
    figures |= findings.findings(figures, _chance(forecast))
    why_not = published.why_not | reasons(figures, forecast, customers)
    return Clv.explained(figures, why_not)


def _model(valuation: Valuation) -> dict[str, Any]:
    model, spend = valuation.purchases, valuation.spend.model
    # NBD of customers who all buy at one rate does not tell its two parameters apart
    errors = model.standard_errors if model is not None else {}
    sure = bool(errors) and bool(np.isfinite(list(errors.values())).all())
    return {
        "model": valuation.name,
        "left_out": valuation.left_out,
        "p_alive_beside": valuation.p_alive_beside,
        **{name: getattr(model, name, None) for name in ("params", "log_likelihood")},
        "standard_errors": errors if sure else None,
        "gamma_gamma": None if spend is None else _gamma_gamma(spend),
    }


def _tests(forecast: Forecast) -> dict[str, Any]:
    past = forecast.past.forecasts
    return {
        "choice": forecast.chosen.result,
        "holdout": forecast.trial.holdout,
        "rolling": list(forecast.rolling),
        "past_forecasts": past,
        "coverage": None if past is None else coverage(past),
        "centre": _centre(forecast.past),
        "tested_days": forecast.valuation.tested_days,
    }


def _centre(past: Past) -> Centre | None:
    """Return by how much the record moves the totals; None without a forecast made as today's is."""
    moved = past.centre
    if not past.errors:
        return None
    return Centre(
        shift=moved.shift,
        factor=moved.factor,
        mean=moved.mean,
        kept=moved.kept,
        forecasts=len(past.errors),
        windows=moved.windows,
    )


def _chance(forecast: Forecast) -> float:
    """Return how far off the purchases of the holdout may be by chance, in logarithms."""
    run = forecast.trial.race
    found = run.standings if run else []
    return next((one.chance for one in found if one.name == forecast.valuation.name), 0.0)


def _totals(forecast: Forecast, customers: Customers) -> dict[str, Any]:
    """Return the totals of all customers, and their ranges."""
    scores, apart, own = forecast.valuation.scores, customers.apart, forecast.uncertainty
    # a total of subscribers alone would not be one
    known = customers.worth if scores is not None else customers.worth.iloc[:0]
    totals = {
        **_expected(scores, apart),
        **_money(known),
        "expected_revenue": _revenue(customers.states) if scores is not None else None,
    }
    margin = subscribers.charge_margin(apart, forecast.terms) or 0.0
    charged = subscribers.purchases(apart), subscribers.value(apart, margin)
    return totals | ranges(
        totals["expected_purchases"],
        totals["total_clv"],
        own if isinstance(own, TotalUncertainty) else None,
        forecast.past,
        charged,
        (totals["expected_revenue"], subscribers.revenue(apart)),
    )


def _revenue(states: pd.DataFrame) -> float | None:
    """Return what all customers together are expected to spend; None without amounts."""
    total = float(states["expected_revenue"].astype(float).sum())
    return total if total > 0 else None


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
