"""How the figures of notebook 02 come about."""

from __future__ import annotations

from typing import Final

from retention_lib.results.derivation.rule import Rule, given, kinds

_CHANGE = "({./customers} − {./earlier_customers}) / {./earlier_customers}"

RULES: Final[dict[str, Rule]] = {
    "": Rule("/audit/occasions /audit/customers"),
    "history_days": Rule("/audit/first_date /as_of", "{/as_of} − {/audit/first_date} + 1"),
    "starts_mid_life": Rule("/audit/first_date /audit/customers"),
    "cycle_days": Rule("tau_days", interval="cycle_ci95"),
    "certainty": Rule("cycle_days cycle_ci95?"),
    "settled": Rule("cycle_days tau_days"),
    "grows": Rule("settled cycle_lower? cycle_upper?"),
    "cycle_lower": Rule("cycle_days tau_days"),
    "cycle_upper": Rule("cycle_days tau_days", kind="days"),
    "cycle_ci95": Rule("cycle_days", kind="range days"),
    "bounds_low": Rule("cycle_lower", kind="days"),
    "bounds_high": Rule("cycle_upper", kind="days"),
    "q75_days": Rule("tau_days", interval="q75_ci95"),
    "q75_ci95": Rule("q75_days", kind="range days"),
    "not_back_share": Rule("tau_days", kind="share", interval="not_back_ci95"),
    "not_back_ci95": Rule("not_back_share", kind="range share"),
    "regularity_k": Rule("regularity_k_raw", kind="number", interval="regularity_ci95"),
    "regularity_ci95": Rule("regularity_k", kind="range number"),
    "regularity": Rule("/audit/occasions regularity_k? regularity_ci95?"),
    "is_regular": Rule("/audit/occasions regularity_k?"),
    "rhythm/*/found": Rule("./p_value ./swing"),
    "rhythms_untested": Rule("history_days"),
    "season_strength": Rule("/audit/occasions history_days", kind="number"),
    "season_chance": Rule("/audit/occasions history_days", kind="number"),
    "has_season": Rule("history_days season_strength? season_chance?"),
    "season_tentative": Rule("history_days"),
    "season_moves_windows": Rule("has_season window?"),
    "year_earlier": Rule("/audit/customers window"),
    "year_earlier/clear": Rule("./customers ./earlier_customers"),
    "year_earlier/comparison": Rule("./clear ./change"),
    "year_earlier/change": Rule("./customers ./earlier_customers", _CHANGE, "share"),
    "strata/*/cycle_days": Rule("./customers ./spells", interval="./cycle_ci95"),
    "one_cycle": Rule("/audit/occasions /audit/customers cycle_days?"),
    "subscriptions/customers": Rule("/audit/customers", "{./periods/*}"),
    "subscriptions/customer_share": Rule(
        "./customers /audit/customers", "{./customers} / {/audit/customers}", "share"
    ),
    "subscriptions/occasion_share": Rule("./customers /audit/occasions", kind="share"),
    "subscriptions/reported": Rule("./customers /audit/customers"),
    "window": Rule("cycle_days pinned/cycle_days? pinned/window?", kind="length"),
    "chart_period": Rule("/audit/occasions history_days"),
    "lapse_days": Rule("cycle_days q75_days? pinned/lapse_days?", interval="lapse_ci95"),
    "lapse_ci95": Rule("lapse_days", kind="range days"),
    "lapse_tried": Rule("cycle_days /as_of", kind="period"),
    "lapse_race": Rule("/audit/customers lapse_tried"),
    "lapse_race/*/passes": Rule("./allowed ./false_lost"),
    "lapse_race/*/rank": Rule("./passes ./false_lost ./caught"),
    "lapse_left_out": Rule("/audit/customers lapse_tried?"),
    "lapse_rule": Rule("/audit/customers lapse_tried?"),
    "gate": Rule("history_days cycle_days? window?"),
    "gate_lifts_on": Rule("gate history_days window?"),
    "pinned": given(),
    "pinned/window": given("length"),
    "pinned/rebase": Rule("cycle_days cycle_ci95? bounds_low? bounds_high? pinned/cycle_days"),
    **kinds(
        {
            "days": "naive_median_gap_days one_cycle/shortest one_cycle/longest",
            "range days": "strata/*/cycle_ci95",
            "number": "regularity_k_raw rhythm/*/z lapse_race/*/limit",
            "number 4": "rhythm/*/p_value",
            "share": "rhythm/*/swing strata/*/not_back_share lapse_race/*/false_lost "
            "lapse_race/*/caught",
            "period": "year_earlier/window year_earlier/earlier",
        }
    ),
}
