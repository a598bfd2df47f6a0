"""How the figures of notebook 01 come about."""

from __future__ import annotations

from typing import Final

from retention_lib.results.derivation.rule import Rule, given, kinds

RULES: Final[dict[str, Rule]] = {
    "": Rule("rows_kept"),
    "files": given("files"),
    "files/*/lines": Rule("", "{./above} + {./rows} + {./continued} + {./blank}"),
    "rows_in": Rule("files", "{files/*/rows!}"),
    "set_aside": Rule("rows_in", kind="counts"),
    "rows_kept": Rule("rows_in set_aside", "{rows_in} − {set_aside/*}"),
    "orders": Rule("rows_kept"),
    "purchase_steps": Rule("rows_kept", kind="counts"),
    "occasions": Rule(
        "rows_kept orders? purchase_steps",
        "{rows_kept} − {purchase_steps/returns} − {purchase_steps/same_order} − "
        "{purchase_steps/same_day} − {purchase_steps/undone} − {purchase_steps/near}",
    ),
    "customers": Rule("occasions"),
    "unassigned_revenue": Rule("rows_in", kind="money 2"),
    "unassigned_share": Rule(
        "unassigned_revenue revenue",
        "{unassigned_revenue} / ({unassigned_revenue} + {revenue})",
        "share",
    ),
    "unassigned_rows": Rule("rows_in"),
    "repeat_buyers": Rule("occasions customers"),
    "zero_occasions": Rule("occasions"),
    "first_date": Rule("occasions"),
    "last_date": Rule("occasions"),
    "last_first_purchase": Rule("occasions customers"),
    "closed_group": Rule("last_first_purchase last_date"),
    "needed_repeat_buyers": given(),
    "verdict": Rule("rows_kept repeat_buyers needed_repeat_buyers /cycle/gate"),
    "reasons": Rule("rows_kept repeat_buyers needed_repeat_buyers /cycle/gate"),
    "touches": Rule("rows_kept repeat_buyers needed_repeat_buyers /cycle/gate"),
    "retained_rate": Rule("/retention/retained_rate", "{/retention/retained_rate}", "share"),
    "checks": Rule("rows_in rows_kept"),
    "checks/*/rate_without": Rule("./rows /retention/retained_rate", kind="share"),
    "checks/*/revenue_without": Rule("./rows revenue", kind="money 2"),
    "breaks": Rule("rows_kept occasions"),
    "closures": Rule("occasions /retention/prior /retention/window"),
    "questions": Rule("rows_in rows_kept"),
    "years": Rule("rows_kept occasions"),
    "years/*/customers": Rule("rows_kept occasions customers"),
    "statuses": Rule("rows_in"),
    "doubts": Rule("rows_in"),
    "control": Rule("rows_in"),
    "control_tax": Rule("rows_in"),
    "control_tax/rate": Rule("rows_in", kind="share"),
    "control/*/given": given("any"),
    "control/*/difference": Rule("./read ./given", "{./read} − {./given}", "any"),
    "control/*/share": Rule("./difference ./given", "{./difference} / {./given}", "share"),
    "control/*/meets": Rule("./share"),
    "ahead": Rule("rows_in"),
    **kinds(
        {
            "money 2": "revenue refunds checks/*/money questions/*/money years/*/revenue "
            "years/*/unassigned_revenue "
            "statuses/*/money",
            "any": "breaks/*/before breaks/*/after control/*/read",
            "plain": "years/*/year",
        }
    ),
}
