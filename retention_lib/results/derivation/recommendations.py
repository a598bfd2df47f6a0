"""How the figures of notebook 05 come about."""

from __future__ import annotations

from typing import Final

from retention_lib.results.derivation.rule import Rule, kinds

_CLAIMED: Final = {
    "repeat_revenue": "/retention/repeat_revenue_share",
    "pareto": "concentration/top20_share",
    "key_customers": "concentration/top10_share",
    "second_purchase": "/retention/second_purchase_rate",
}
_LINES: Final = {
    "returning_rate": "/retention/returning_rate",
    "retained_rate": "/retention/retained_rate",
    "quick_ratio": "/retention/quick_ratio",
    "repeat_revenue_share": "/retention/repeat_revenue_share",
    "total_clv": "/clv/total_clv",
    "cycle_days": "/cycle/cycle_days",
    "rows_kept": "/audit/rows_kept",
}

RULES: Final[dict[str, Rule]] = {
    "": Rule("/audit/occasions /audit/customers"),
    "concentration": Rule("/audit/revenue /audit/customers"),
    "concentration/effective_customers": Rule("./hhi", "1 / {./hhi}", "number 1"),
    "repeat_revenue_share": Rule(
        "/retention/repeat_revenue_share", "{/retention/repeat_revenue_share}", "share"
    ),
    "established_revenue_share": Rule("/audit/revenue /cycle/history_days", kind="share"),
    "claims": Rule("/audit/occasions /audit/customers"),
    "claims/*/figure": Rule(kind="share", interval="./ci95", same_as=("./name", _CLAIMED)),
    "claims/*/ci95": Rule("./figure", kind="range share"),
    "claims/*/verdict": Rule("./figure ./ci95?"),
    "claims/*/needs": Rule("./figure ./ci95?"),
    "segments": Rule("/audit/customers /cycle/q75_days? /cycle/lapse_days?"),
    "segments/*/share": Rule(
        "./customers /audit/customers", "{./customers} / {/audit/customers}", "share"
    ),
    "segments/*/spend_share": Rule("./customers /audit/revenue", kind="share"),
    "segments/*/expected_purchases": Rule("./customers /clv/expected_purchases", kind="number 1"),
    "segments/*/expected_value": Rule("./customers /clv/total_clv", kind="money 2"),
    "actions": Rule("/audit/verdict/retention /audit/customers"),
    "actions/*/money": Rule("./customers /clv/total_clv", kind="money 2"),
    "lines/*/value": Rule(kind="any", same_as=("./name", _LINES)),
    "lines/*/range": Rule("./value", kind="list any"),
    "lines/*/certainty": Rule("./value /audit/verdict/retention /audit/verdict/clv"),
    "lines/*/capped": Rule("./certainty"),
    "lines/*/finding": Rule("./value", kind="finding"),
    "lines/*/change": Rule("./value", kind="finding"),
    **kinds(
        {
            "number 4": "concentration/hhi",
            "number": "concentration/gini",
            "share": "concentration/top20_share concentration/top1_share "
            "concentration/top5_share concentration/top10_share",
        }
    ),
}
