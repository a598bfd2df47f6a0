"""How the figures of notebook 03 come about."""

from __future__ import annotations

from typing import Final, get_args

from retention_lib.results.derivation.rule import Rule, given, kinds
from retention_lib.results.retention import ChangeName, RevenueParts

_GAINED = "{new_customers} + {resurrected_customers}"
_MORE = "{revenue/new} + {revenue/resurrected} + {revenue/expansion}"
_LESS = "{revenue/contraction} + {revenue/lost}"
_OF_ALL = ("customers", "occasions")  # of a comparison: of the audit, not of this section
_NOW = {
    name: f"/audit/{name}" if name in _OF_ALL else f"/retention/{name}"
    for name in get_args(ChangeName)
}
_OWN_SHARES = {
    f"revenue/shares/{name}": Rule(
        f"revenue/{name} revenue/before", f"{{revenue/{name}}} / {{revenue/before}}", "share"
    )
    for name in RevenueParts.model_fields
}


def _established(old: str, everybody: str) -> tuple[str, dict[str, str]]:
    """Return what the headline repeats: of established customers, or of all."""
    return "headline/established", {"True": old, "False": everybody}


RULES: Final[dict[str, Rule]] = {
    "": Rule("/audit/occasions /audit/customers"),
    "window": Rule("/cycle/window /as_of", kind="period"),
    "prior": Rule("window /cycle/window /cycle/gate", kind="period"),
    "start_customers": Rule("/audit/customers prior"),
    "end_customers": Rule("/audit/customers window"),
    "new_customers": Rule("/audit/customers window"),
    "retained_customers": Rule("start_customers end_customers"),
    "resurrected_customers": Rule(
        "end_customers new_customers retained_customers",
        "{end_customers} − {new_customers} − {retained_customers}",
    ),
    "lost_customers": Rule(
        "start_customers retained_customers", "{start_customers} − {retained_customers}"
    ),
    "returning_customers": Rule("start_customers prior"),
    "first_time_customers": Rule(
        "start_customers returning_customers", "{start_customers} − {returning_customers}"
    ),
    "formula_rate": Rule(
        "start_customers new_customers end_customers",
        "({end_customers} − {new_customers}) / {start_customers}",
        "share",
    ),
    "retained_rate": Rule(
        "start_customers retained_customers",
        "{retained_customers} / {start_customers}",
        "share",
        "retained_ci95",
    ),
    "retained_ci95": Rule("start_customers retained_customers", kind="range share"),
    "returning_rate": Rule("returning_customers window", kind="share", interval="returning_ci95"),
    "returning_ci95": Rule("returning_rate returning_customers", kind="range share"),
    "first_time_rate": Rule(
        "first_time_customers window", kind="share", interval="first_time_ci95"
    ),
    "first_time_ci95": Rule("first_time_rate first_time_customers", kind="range share"),
    "second_purchase_customers": Rule("/audit/customers window"),
    "second_purchase_rate": Rule(
        "second_purchase_customers /cycle/window", kind="share", interval="second_purchase_ci95"
    ),
    "second_purchase_ci95": Rule(
        "second_purchase_rate second_purchase_customers", kind="range share"
    ),
    "second_purchase_years": Rule("/audit/customers /cycle/window"),
    "second_purchase_years/*/rate": Rule(kind="share", interval="./ci95"),
    "second_purchase_years/*/ci95": Rule("./rate", kind="range share"),
    "second_purchase_clearly": Rule("/audit/customers /cycle/window?"),
    "mix_effect": Rule(
        "retained_rate returning_customers first_time_customers previous/as_of?", kind="points"
    ),
    "rate_effect": Rule(
        "retained_rate returning_rate? first_time_rate? previous/as_of?", kind="points"
    ),
    "no_churn": Rule("start_customers prior window"),
    "no_churn/season": Rule("/audit/occasions prior"),
    "no_churn/window_pace": Rule("/audit/occasions window no_churn/season", kind="number"),
    "no_churn/lowest": Rule(formula="min({./by_model/*,})", kind="share"),
    "no_churn/highest": Rule(formula="max({./by_model/*,})", kind="share"),
    "no_churn_expectation": Rule("no_churn/expectation", "{no_churn/expectation}", "share"),
    "headline": Rule("retained_rate returning_rate?"),
    "headline/side": Rule("./rate ./ci95"),
    "headline/certainty": Rule("./rate ./ci95"),
    "headline/established": Rule("returning_customers"),
    "headline/customers": Rule(same_as=_established("returning_customers", "start_customers")),
    "headline/rate": Rule(
        kind="share",
        interval="headline/ci95",
        same_as=_established("returning_rate", "retained_rate"),
    ),
    "headline/ci95": Rule(
        kind="range share", same_as=_established("returning_ci95", "retained_ci95")
    ),
    "judged": Rule("headline/rate no_churn/expectation"),
    "judged/side": Rule("headline/ci95 ./low ./high"),
    "judged/certainty": Rule("headline/ci95 ./low ./high"),
    "judged/expected": Rule(
        kind="share", same_as=_established("no_churn/returning", "no_churn/expectation")
    ),
    "judged/low": Rule(
        "no_churn/lowest judged/expected", "min({no_churn/lowest}, {judged/expected})", "share"
    ),
    "judged/high": Rule(
        "no_churn/highest judged/expected", "max({no_churn/highest}, {judged/expected})", "share"
    ),
    "judged/regular": Rule("/cycle/is_regular", "{/cycle/is_regular}"),
    "judged/gap": Rule("judged/expected headline/rate headline/customers"),
    "judged/gap_range": Rule(
        "judged/low judged/high headline/ci95 headline/customers", kind="range count"
    ),
    "quick_ratio": Rule(
        "new_customers resurrected_customers lost_customers",
        f"({_GAINED}) / {{lost_customers}}",
        "number",
        "quick_ratio_ci95",
    ),
    "quick_ratio_ci95": Rule("quick_ratio", kind="range number"),
    "net_flow": Rule("new_customers lost_customers quick_ratio? quick_ratio_ci95?"),
    "net_flow/gained": Rule("new_customers resurrected_customers", _GAINED),
    "net_flow/change": Rule("./gained lost_customers", "{./gained} − {lost_customers}"),
    "net_flow/closed": Rule("new_customers"),
    "net_flow/back": Rule("resurrected_customers /cycle/gate"),
    "growth": Rule("/audit/customers /cycle/chart_period"),
    "growth/periods/*/active": Rule(
        "./new ./retained ./resurrected", "{./new} + {./retained} + {./resurrected}"
    ),
    "growth/periods/*/quick_ratio": Rule(
        "./new ./resurrected ./lost", "({./new} + {./resurrected}) / {./lost}", "number"
    ),
    "cohorts": Rule("/audit/customers /cycle/chart_period?"),
    "cohorts/*/rate": Rule("./customers", kind="share"),
    "revenue": Rule("start_customers prior window"),
    "revenue/before": Rule(
        "revenue/kept revenue/contraction revenue/lost",
        "{revenue/kept} + {revenue/contraction} + {revenue/lost}",
        "money 2",
    ),
    "revenue/change": Rule(
        "revenue/new revenue/resurrected revenue/expansion revenue/contraction revenue/lost",
        f"({_MORE}) − ({_LESS})",
        "money 2",
    ),
    "revenue/same_customers": Rule("net_revenue_retention net_revenue_ci95"),
    "gross_revenue_retention": Rule(
        "revenue/kept revenue/before",
        "{revenue/kept} / {revenue/before}",
        "share",
        "gross_revenue_ci95",
    ),
    "gross_revenue_ci95": Rule("gross_revenue_retention", kind="range share"),
    "net_revenue_retention": Rule(
        "revenue/kept revenue/expansion revenue/before",
        "({revenue/kept} + {revenue/expansion}) / {revenue/before}",
        "share",
        "net_revenue_ci95",
    ),
    "net_revenue_ci95": Rule("net_revenue_retention", kind="range share"),
    "revenue_quick_ratio": Rule(
        "revenue/new revenue/resurrected revenue/expansion revenue/contraction revenue/lost",
        f"({_MORE}) / ({_LESS})",
        "number",
    ),
    "repeat_revenue_share": Rule("/audit/revenue /audit/occasions", kind="share"),
    "unassigned_revenue_share": Rule("/audit/unassigned_revenue /audit/revenue", kind="share"),
    "parts": Rule("/audit/customers start_customers? second_purchase_customers?"),
    "parts/*/retained_rate": Rule(
        "./start_customers ./retained_customers",
        "{./retained_customers} / {./start_customers}",
        "share",
        "./retained_ci95",
    ),
    "parts/*/retained_ci95": Rule(
        "./start_customers ./retained_customers parts_compared", kind="range share"
    ),
    "parts/*/clearly": Rule("./retained_rate retained_rate? parts_compared"),
    "parts/*/second_rate": Rule("./second_customers", kind="share", interval="./second_ci95"),
    "parts/*/second_ci95": Rule(
        "./second_rate ./second_customers parts_compared", kind="range share"
    ),
    "parts/*/second_clearly": Rule("./second_rate second_purchase_rate? parts_compared"),
    "stands_out": Rule("retained_rate? second_purchase_rate? parts_compared"),
    "stands_out/*/rate": Rule(kind="share", interval="./ci95"),
    "stands_out/*/ci95": Rule("./rate", kind="range share"),
    "contractual": Rule("/cycle/subscriptions/customers"),
    "contractual/*/churn_rate": Rule(
        "./charges ./ended", "{./ended} / {./charges}", "share", "./churn_ci95"
    ),
    "contractual/*/churn_ci95": Rule("./charges ./ended", kind="range share"),
    "contractual/*/recent_rate": Rule("./recent_charges", kind="share", interval="./recent_ci95"),
    "contractual/*/recent_ci95": Rule("./recent_rate ./recent_charges", kind="range share"),
    "contractual/*/earlier_rate": Rule(
        "./earlier_charges", kind="share", interval="./earlier_ci95"
    ),
    "contractual/*/earlier_ci95": Rule("./earlier_rate ./earlier_charges", kind="range share"),
    "contractual/*/recent_clearly": Rule("./recent_ci95 ./earlier_rate"),
    "contractual/*/projection": Rule("./alpha ./beta", kind="list share"),
    "lost": Rule("lost_customers prior"),
    "lost/share": Rule("./spend", kind="share"),
    "previous": Rule("/audit/occasions previous/run previous/as_of"),
    "previous/same_window": Rule("/audit/customers /cycle/window? previous/run"),
    "previous/other_season": Rule("/cycle/has_season previous/as_of /as_of"),
    "previous/run": given(),
    "previous/as_of": given(),
    "previous/changes/*/reported": given("any"),
    "previous/changes/*/recomputed": Rule("/audit/occasions previous/as_of", kind="any"),
    "previous/changes/*/now": Rule(kind="any", same_as=("./name", _NOW)),
    "previous/changes/*/revision": Rule(
        "./reported ./recomputed", "{./recomputed} − {./reported}", "any"
    ),
    "previous/changes/*/news": Rule("./recomputed ./now", "{./now} − {./recomputed}", "any"),
    "previous/returning_difference_ci95": Rule(
        "returning_rate previous/as_of", kind="range points"
    ),
    "previous/returning_clearly": Rule("previous/returning_difference_ci95"),
    **_OWN_SHARES,
    **kinds(
        {
            "share": "no_churn/expectation no_churn/returning no_churn/first_time "
            "no_churn/by_model/*",
            "money 2": "revenue/kept revenue/expansion revenue/contraction revenue/lost "
            "revenue/new revenue/resurrected lost/spend",
            "number 4": "contractual/*/alpha contractual/*/beta",
        }
    ),
}
