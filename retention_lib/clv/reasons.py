"""Why figures of the value are null: by JSON pointer, a code with its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from retention_lib.clv import at_risk
from retention_lib.clv.known import Customers, Forecast
from retention_lib.clv.ranges import NAMES
from retention_lib.clv.valuation import Terms, Valuation
from retention_lib.results import Holdout, Why, why

_PARAMETERS: Final = ("params", "standard_errors", "log_likelihood")
_AT_RISK: Final = ("value_at_risk", "at_risk_share")
_MONEY: Final = ("total_clv", "top20_share", "median_clv", "mean_clv")


def why_not(figures: Mapping[str, Any], forecast: Forecast, customers: Customers) -> dict[str, Why]:
    """Return why each figure of the result that is null is so.

    Parameters
    ----------
    figures
        Those of :class:`retention_lib.results.Clv`, by name.
    """
    model = forecast.valuation.why_not.get("model")
    money = model or _no_money(forecast.valuation, forecast.terms, customers.amounts)
    past = model or why("no_past_forecasts")
    wholes = _wholes(forecast, model, money, past) | {"new_customer_value": customers.new.why_not}
    if figures["total_clv"] is None:
        wholes |= dict.fromkeys((*_AT_RISK, "total_clv_ci95", "total_clv_own_ci95"), money)
    found = {f"/{name}": reason for name, reason in wholes.items() if reason}
    inside = _within(figures, money, past) | _subscribers(figures, forecast.terms, money)
    inside |= at_risk.why_not(figures["states"], found) | customers.new.why_no_money
    return {at: reason for at, reason in found.items() if figures[at[1:]] is None} | inside


def _wholes(forecast: Forecast, model: Why | None, money: Why, past: Why) -> dict[str, Why | None]:
    """Return why each figure that is no part of another is null, if it is."""
    test, no_cycle = forecast.trial.why_not or model, why("no_cycle_to_lapse_by")
    reasons: dict[str, Why | None] = {
        "model": model,
        "expected_purchases": model,
        "mean_p_alive": model or why("rule_has_no_p_alive"),
        "gamma_gamma": forecast.valuation.why_not.get("gamma_gamma", money),
        "holdout": test,
        "tested": test or why("not_in_test"),
        "past_forecasts": past,
        "coverage": past,
        "at_risk_days": model or no_cycle,
        **dict.fromkeys(_PARAMETERS, model or why("rule_has_no_parameters")),
        **dict.fromkeys(_MONEY, money),
        **dict.fromkeys(_AT_RISK, no_cycle),
    }
    if isinstance(forecast.uncertainty, Why):
        reasons |= dict.fromkeys(["spread", *NAMES], forecast.uncertainty)
    return reasons


def _no_money(valuation: Valuation, terms: Terms, amounts: bool) -> Why:
    """Return why customers with scores have no value; ``amounts``: whether there are any."""
    if valuation.spend_per_occasion is None:
        return why("no_repeat_amounts" if amounts else "no_amounts")
    return terms.no_margin or why("nothing_expected")


def _within(figures: Mapping[str, Any], money: Why, past: Why) -> dict[str, Why]:
    """Return why single figures of the tests, earlier forecasts and the spread are null."""
    nobody = why("nobody_in_holdout")
    parts = [
        ("/tested/off", figures["tested"], nobody),
        ("/past_forecasts/mean_off", figures["past_forecasts"], past),
        ("/past_forecasts/off", figures["past_forecasts"], past),
        ("/spread/value", figures["spread"], money),
        *((f"/standings/{at}/bias", one, nobody) for at, one in enumerate(figures["standings"])),
    ]
    races = {f"/rolling/{at}": one for at, one in enumerate(figures["rolling"])}
    for place, race in ({"/holdout": figures["holdout"]} | races).items():
        parts += _scores(place, race, nobody)
    return {
        pointer: reason
        for pointer, part, reason in parts
        if part is not None and getattr(part, pointer.rpartition("/")[2]) is None
    }


def _scores(place: str, race: Holdout | None, nobody: Why) -> list[tuple[str, Any, Why]]:
    return [
        (f"{place}/models/{at}/{name}", score, reason)
        for at, score in enumerate(race.models if race else [])
        for name, reason in (("bias", nobody), ("difference_se", why("nothing_to_compare_with")))
    ]


def _subscribers(figures: Mapping[str, Any], terms: Terms, money: Why) -> dict[str, Why]:
    """Return why subscribers have no value, and no part of the value of all."""
    no_value = terms.no_margin or why("no_amounts")
    total, each = figures["subscribed"], figures["subscribers"]
    found = {
        f"/subscribers/{at}/value": no_value for at, one in enumerate(each) if one.value is None
    }
    if total.value is None:
        found["/subscribed/value"] = no_value
    if total.share is None:
        found["/subscribed/share"] = no_value if total.value is None else money
    return found
