"""Why figures of the value are null: by JSON pointer, a code with its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from retention_lib.clv.known import Customers, Forecast
from retention_lib.clv.ranges import NAMES
from retention_lib.clv.valuation import Terms, Valuation
from retention_lib.results import Why, why

_PARAMETERS: Final = ("params", "standard_errors", "log_likelihood")
_AT_RISK: Final = ("value_at_risk", "at_risk_share")
_MONEY: Final = ("total_clv", "top20_share", "median_clv", "mean_clv")


def reasons(
    figures: Mapping[str, Any], forecast: Forecast, customers: Customers
) -> dict[str, Why | None]:
    """Return why figures of the result are null, if they are, under their JSON pointers.

    Parameters
    ----------
    figures
        Those of :class:`retention_lib.results.Clv`, by name.
    """
    model = forecast.valuation.why_not.get("model")
    money = model or _no_money(forecast.valuation, forecast.terms, customers.amounts)
    past = model or why("no_past_forecasts")
    wholes = _wholes(forecast, model, money, past, customers.amounts) | {
        "new_customer_value": customers.new.why_not
    }
    if figures["total_clv"] is None:
        wholes |= dict.fromkeys((*_AT_RISK, "total_clv_ci95", "total_clv_own_ci95"), money)
    untold = why("not_in_test" if figures["tested"] is None else "no_next_purchases")
    wholes["next_purchases"] = wholes["holdout"] or untold
    no_value, nobody = forecast.terms.no_margin or why("no_amounts"), why("nobody_in_holdout")
    no_total = no_value if figures["subscribed"].value is None else money
    return {f"/{name}": reason for name, reason in wholes.items()} | {
        "/states/*/value": wholes["total_clv"],
        "/states/*/at_risk": wholes["value_at_risk"],
        "/new_customer_value/*": customers.new.no_money,
        "/tested/off": nobody,
        "*/bias": nobody,
        "/gamma_gamma/power_ci95": why("spend_unrelated"),
        "/clocks/*": why("under_two_years"),
        "/ledger/forecasts/*/actual": why("not_due_yet"),
        "/ledger/forecasts/*/ci95": why("published_without_range"),
        "*/difference_se": why("nothing_to_compare_with"),
        "/past_forecasts/*": past,
        "/spread/value": money,
        "/subscribed/share": no_total,
        "/subscribed/value": no_value,
        "/subscribers/*/value": no_value,
    }


def _wholes(
    forecast: Forecast, model: Why | None, money: Why, past: Why, amounts: bool
) -> dict[str, Why | None]:
    """Return why each figure that is no part of another is null, if it is."""
    test, no_cycle = _no_test(forecast) or model, why("no_cycle_to_lapse_by")
    revenue = model or _no_revenue(forecast.valuation, amounts)
    prices = forecast.prices if isinstance(forecast.prices, Why) else None
    reasons: dict[str, Why | None] = {
        "model": model,
        "expected_purchases": model,
        "mean_p_alive": model or why("rule_has_no_p_alive"),
        "gamma_gamma": forecast.valuation.spend.why_not or money,
        "holdout": test,
        "tested": test or why("not_in_test"),
        "past_forecasts": past,
        "coverage": past,
        "clocks": model or why("no_clocks"),
        "choice": test,
        "centre": model or why("no_forecast_alike"),
        "expected_revenue": revenue,
        "expected_revenue_ci95": revenue,
        "price_drift": prices,
        "at_risk_days": model or no_cycle,
        **dict.fromkeys(_PARAMETERS, model or why("rule_has_no_parameters")),
        **dict.fromkeys(_MONEY, money),
        **dict.fromkeys(_AT_RISK, no_cycle),
    }
    if forecast.valuation.purchases is not None:
        reasons["standard_errors"] = why("parameters_unsure", model=str(forecast.valuation.name))
    if isinstance(forecast.uncertainty, Why):
        reasons |= dict.fromkeys(["spread", *NAMES], forecast.uncertainty)
    return reasons


def _no_test(forecast: Forecast) -> Why | None:
    """Return why there is no holdout, if there is none: too few customers before it."""
    few = forecast.trial.why_not
    if few is None:
        return None
    return why("too_few_before_holdout", **few.model_dump(exclude={"code"}))


def _no_money(valuation: Valuation, terms: Terms, amounts: bool) -> Why:
    """Return why customers with scores have no value; ``amounts``: whether there are any."""
    if valuation.spend.expected is None:
        return _no_revenue(valuation, amounts)
    return terms.no_margin or why("nothing_expected")


def _no_revenue(valuation: Valuation, amounts: bool) -> Why:
    """Return why customers with scores are expected to bring nothing."""
    if valuation.spend.expected is None:
        return why("no_repeat_amounts" if amounts else "no_amounts")
    return why("nothing_expected")
