"""How the figures of notebook 04 come about."""

from __future__ import annotations

from typing import Final

from retention_lib.results.derivation.rule import Rule, given, kinds

_TERMS = "basis discount_rate horizon_months"
_SPREAD = "spread/below? spread/above? spread/factor?"


def _race(at: str) -> dict[str, Rule]:
    """Return the rules of a race of forecasts: the holdout, and those of earlier days."""
    own = {
        "": Rule("/audit/occasions /cycle/history_days /cycle/window? /as_of", kind="period"),
        "/customers": Rule(f"/audit/customers {at}"),
        "/models": Rule(at),
        "/models/*/bias": Rule("./predicted ./actual", "{./predicted} / {./actual} − 1", "share"),
        "/left_out": Rule(at),
        "/chosen": Rule(at),
        "/passes": Rule("./chosen"),
        "/reason": Rule("./chosen"),
    }
    units = {
        "number 1": "/models/*/predicted",
        "number": "/models/*/rmse /models/*/mae /models/*/deviance",
        "number 4": "/models/*/difference_se",
    }
    return {f"{at}{name}": rule for name, rule in (own | kinds(units)).items()}


RULES: Final[dict[str, Rule]] = {
    "": Rule("/audit/occasions /audit/customers"),
    **_race("holdout"),
    **_race("rolling/*"),
    "model": Rule("/audit/occasions /audit/customers choice/chosen?"),
    "choice": Rule("/audit/occasions /audit/customers"),
    "choice/by": Rule("/audit/occasions"),
    "choice/races": Rule("/audit/occasions"),
    "choice/days": Rule("/cycle/history_days wanted_months"),
    "choice/chosen": Rule("/audit/occasions ./races"),
    "choice/reason": Rule("./chosen"),
    "left_out": Rule("/audit/occasions /audit/customers"),
    "time_unit": given(),
    "params": Rule("model", kind="numbers"),
    "standard_errors": Rule("model params", kind="numbers"),
    "log_likelihood": Rule("params", kind="number"),
    "gamma_gamma": Rule("/audit/repeat_buyers /audit/revenue"),
    "tested": Rule("holdout model"),
    "tested/off": Rule("./predicted ./actual", "abs({./predicted} / {./actual} − 1)", "share"),
    "tested/side": Rule("./predicted ./actual"),
    "tested/verdict": Rule("./off"),
    "tests_disagree": Rule("/audit/occasions tested/off? past_forecasts/days?"),
    "standings": Rule("/audit/occasions holdout?"),
    "chosen_before": Rule("model"),
    "past_forecasts": Rule("/audit/occasions model"),
    "past_forecasts/forecasts/*/predicted": Rule(kind="number 1", interval="./ci95"),
    "past_forecasts/forecasts/*/own_ci95": Rule("./predicted", kind="range number 1"),
    "past_forecasts/forecasts/*/ci95": Rule("./predicted ./own_ci95", kind="range number 1"),
    "past_as_far": Rule("/audit/occasions past_forecasts/days? horizon_months"),
    "coverage": Rule(
        "past_forecasts/inside",
        "{past_forecasts/inside} / {#past_forecasts/forecasts/*/actual}",
        "share",
    ),
    "clocks": Rule("/audit/occasions /audit/customers"),
    "clocks/season/*/factor": Rule(kind="number", interval="./ci95"),
    "clocks/season/*/ci95": Rule("./factor", kind="range number"),
    "clocks/pace/per_year": Rule(kind="share", interval="./ci95"),
    "clocks/pace/ci95": Rule("./per_year", kind="range share"),
    "clocks/stay/per_year": Rule(kind="share", interval="./ci95"),
    "clocks/stay/ci95": Rule("./per_year", kind="range share"),
    "centre": Rule("/audit/occasions model"),
    "centre/shift": Rule("./mean ./kept", "{./mean} × {./kept}", "number 4"),
    "centre/factor": Rule("./shift", "exp({./shift})", "number 4"),
    "ledger": given(),
    "ledger/due": given(),
    "ledger/inside": given(),
    "ledger/unjudged": given(),
    "ledger/forecasts/*/actual": Rule("/audit/occasions"),
    "expected_revenue": Rule(
        "expected_purchases gamma_gamma/p? gamma_gamma/q? gamma_gamma/v?",
        kind="money 2",
        interval="expected_revenue_ci95",
    ),
    "expected_revenue_ci95": Rule(
        f"expected_revenue spread/value? {_SPREAD}", kind="range money 2"
    ),
    "price_drift": Rule("/audit/revenue /audit/occasions"),
    "price_drift/per_year": Rule(kind="share", interval="./ci95"),
    "price_drift/ci95": Rule("./per_year", kind="range share"),
    "next_purchases": Rule("holdout model"),
    "basis": given(),
    "discount_rate": given("share"),
    "wanted_months": given(),
    "horizon_months": Rule("wanted_months tested_days"),
    "expected_purchases": Rule(
        "model params? horizon_months centre/factor? subscribed/expected_purchases",
        kind="number 1",
        interval="expected_purchases_ci95",
    ),
    "expected_purchases_ci95": Rule(
        f"expected_purchases spread/purchases? {_SPREAD}", kind="range number 1"
    ),
    "expected_purchases_own_ci95": Rule(
        "expected_purchases spread/purchases?", kind="range number 1"
    ),
    "total_clv": Rule(
        "expected_purchases gamma_gamma/p? gamma_gamma/q? gamma_gamma/v? subscribed/value "
        f"{_TERMS}",
        kind="money 2",
        interval="total_clv_ci95",
    ),
    "total_clv_ci95": Rule(f"total_clv spread/value? {_SPREAD}", kind="range money 2"),
    "total_clv_own_ci95": Rule("total_clv spread/value?", kind="range money 2"),
    "spread": Rule("model params?"),
    "spread/below": Rule("./forecasts", kind="number 4"),
    "spread/above": Rule("./forecasts", kind="number 4"),
    "spread/error": Rule("./below ./above", "exp(max({./below}, {./above})) − 1", "share"),
    "spread/forecasts": Rule("/audit/occasions centre/forecasts?"),
    "spread/factor": Rule("./forecasts", kind="number"),
    "mean_p_alive": Rule("model params?", kind="share"),
    "top20_share": Rule("total_clv /audit/customers", kind="share"),
    "median_clv": Rule("total_clv /audit/customers", kind="money 2"),
    "mean_clv": Rule("total_clv /audit/customers", "{total_clv} / {/audit/customers}", "money 2"),
    "values": Rule("total_clv median_clv? mean_clv?"),
    "concentrated": Rule("total_clv top20_share?"),
    "at_risk_days": Rule("/cycle/cycle_days /cycle/q75_days? /cycle/lapse_days?"),
    "value_at_risk": Rule("total_clv at_risk_days", "{states/*/at_risk}", "money 2"),
    "at_risk_share": Rule("value_at_risk total_clv", "{value_at_risk} / {total_clv}", "share"),
    "states": Rule("/audit/customers /cycle/q75_days? /cycle/lapse_days?"),
    "states/*/value": Rule("./customers total_clv", kind="money 2"),
    "states/*/at_risk": Rule("./value at_risk_days", kind="money 2"),
    "stakes": Rule("value_at_risk"),
    "subscribers": Rule("/cycle/subscriptions/customers"),
    "subscribers/*/value": Rule(f"./expected_purchases {_TERMS}", kind="money 2"),
    "subscribed": Rule("/cycle/subscriptions/customers"),
    "subscribed/customers": Rule(formula="{subscribers/*/customers}"),
    "subscribed/expected_purchases": Rule(
        formula="{subscribers/*/expected_purchases}", kind="number 1"
    ),
    "subscribed/value": Rule(formula="{subscribers/*/value}", kind="money 2"),
    "subscribed/share": Rule("./value total_clv", "{./value} / {total_clv}", "share"),
    "new_customer_value": Rule("model horizon_months"),
    "new_customer_value/*/purchases": Rule(
        "./customers model horizon_months centre/factor?",
        kind="number",
        interval="./purchases_ci95",
    ),
    "new_customer_value/*/purchases_ci95": Rule("./purchases", kind="range number"),
    "new_customer_value/*/first_value": Rule("./customers basis", kind="money 2"),
    "new_customer_value/*/value": Rule(
        "./purchases ./first_value basis discount_rate",
        kind="money 2",
        interval="./value_ci95",
    ),
    "new_customer_value/*/value_ci95": Rule("./value", kind="range money 2"),
    "new_customer_value/*/compared": Rule("./value_ci95? ./purchases_ci95"),
    "new_customer_value/*/place": Rule("./value? ./purchases ./compared"),
    "certainty": Rule("total_clv total_clv_ci95? coverage? tested/off?"),
    "lean": Rule("/audit/occasions past_forecasts/too_high? past_forecasts/too_low? centre/shift?"),
    "far_off": Rule("/audit/occasions tested/verdict?"),
    "tested_days": Rule("/audit/occasions holdout? past_forecasts/days?"),
    "outlasts_test": Rule("tested_days wanted_months"),
    **kinds(
        {
            "number 4": "params/* standard_errors/* gamma_gamma/p gamma_gamma/q gamma_gamma/v "
            "gamma_gamma/standard_errors/* spread/purchases spread/value centre/mean centre/kept",
            "number": "gamma_gamma/log_likelihood gamma_gamma/correlation gamma_gamma/power "
            "standings/*/deviance standings/*/distance clocks/years",
            "range number": "gamma_gamma/power_ci95",
            "number 1": "tested/predicted subscribers/*/expected_purchases ledger/forecasts/*/purchases "
            "past_forecasts/forecasts/*/moved",
            "range number 1": "ledger/forecasts/*/ci95",
            "share": "past_forecasts/mean_off tests_disagree/*/off p_alive_beside/* stakes/*/share stakes/*/of_value "
            "clocks/stay_then clocks/stay_now next_purchases/expected next_purchases/actual",
            "range share": "standings/*/bias past_forecasts/off",
            "money 2": "stakes/*/each",
        }
    ),
}
