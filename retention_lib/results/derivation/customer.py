"""How one customer's numbers come about: those of ``customers.parquet``, and what they are found by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from retention_lib.results.derivation import Answers, Step, kind_of, pattern_of, step_of
from retention_lib.results.derivation.rule import Rule

# names without a slash are columns; "occasions" is the purchases, which the list gives less one
_PACE = "(({clv/params/alpha} + {T_days} / 7) / ({clv/params/alpha} + {recency_days} / 7))"
_ALIVE: Final = {
    "BG/NBD": "1 / (1 + {clv/params/a} / ({clv/params/b} + {frequency} − 1) × "
    f"{_PACE} ^ ({{clv/params/r}} + {{frequency}}))",
    "MBG/NBD": "1 / (1 + {clv/params/a} / ({clv/params/b} + {frequency}) × "
    f"{_PACE} ^ ({{clv/params/r}} + {{frequency}}))",
}
_SPENT = (
    "{clv/gamma_gamma/p} × ({clv/gamma_gamma/v}%s + {frequency} × {monetary}) / "
    "({clv/gamma_gamma/p} × {frequency} + {clv/gamma_gamma/q} − 1)"
)
_SCALED = " × (1 + {frequency}) ^ {clv/gamma_gamma/power}"
_FIRST_SPENT = "{clv/gamma_gamma/p} × {clv/gamma_gamma/v} / ({clv/gamma_gamma/q} − 1)"
_STATE = "frequency recency_days T_days clv/model clv/params"
_CHARGES = "occasions silent_days subscription"
_TERMS = "clv/basis clv/discount_rate clv/horizon_months"

RULES: Final[Mapping[str, Rule]] = {
    "customer_id": Rule("", kind="text"),
    "first_day": Rule("audit/rows_kept", kind="date"),
    "last_day": Rule("audit/rows_kept as_of", kind="date"),
    "occasions": Rule("audit/rows_kept as_of", kind="count"),
    "frequency": Rule("occasions", "{occasions} − 1", "count"),
    "recency_days": Rule("first_day last_day", "{last_day} − {first_day}", "days"),
    "T_days": Rule("first_day as_of", "{as_of} − {first_day}", "days"),
    "silent_days": Rule("last_day as_of", "{as_of} − {last_day}", "days"),
    "spend": Rule("audit/rows_kept as_of", kind="money 2"),
    "monetary": Rule("audit/rows_kept frequency", kind="money 2"),
    "state": Rule("frequency silent_days cycle/q75_days cycle/lapse_days", kind="text"),
    "subscription": Rule("audit/rows_kept", kind="text"),
    "p_alive": Rule(_STATE, kind="share"),
    "expected_purchases": Rule(f"{_STATE} clv/horizon_months", kind="number"),
    "next_purchase": Rule(f"{_STATE} p_alive as_of clv/horizon_months", kind="date"),
    "next_purchase_from": Rule("next_purchase", kind="date"),
    "next_purchase_to": Rule("next_purchase", kind="date"),
    "expected_value": Rule("frequency monetary clv/basis", kind="money 2"),
    "expected_revenue": Rule("expected_purchases frequency monetary", kind="money 2"),
    "clv": Rule(f"expected_purchases expected_value {_TERMS}", kind="money 2"),
    "lapse_chance": Rule(f"{_STATE} clv/at_risk_days", kind="share"),
    "value_at_risk": Rule("clv lapse_chance", "{clv} × {lapse_chance}", "money 2"),
}


class Ends(NamedTuple):
    """The columns that hold both ends of a 90 % interval, and how these are said."""

    low: str
    high: str
    kind: str


INTERVALS: Final = {
    "expected_purchases": Ends("purchases_low", "purchases_high", "count"),
    "clv": Ends("clv_low", "clv_high", "money 2"),
}
_WANTS: Final = {  # the figure that is null where a column is
    "spend": "audit/revenue",
    "monetary": "audit/revenue",
    "state": "cycle/q75_days",
    "p_alive": "clv/mean_p_alive",
    "expected_purchases": "clv/expected_purchases",
    "next_purchase": "clv/expected_purchases",
    "next_purchase_from": "clv/expected_purchases",
    "next_purchase_to": "clv/expected_purchases",
    "expected_value": "clv/total_clv",
    "expected_revenue": "clv/expected_revenue",
    "clv": "clv/total_clv",
    "lapse_chance": "clv/at_risk_days",
    "value_at_risk": "clv/value_at_risk",
}


def steps(row: Mapping[str, Any], answers: Answers) -> list[Step]:
    """Return a customer's numbers, each after what it is computed from.

    Parameters
    ----------
    row
        Of ``customers.parquet``, days as ISO text.
    """
    known = {**row, "occasions": row["frequency"] + 1}
    made: dict[str, Step] = {}
    for name, rule in RULES.items():
        if name == "subscription" and row[name] is None:
            continue
        own = _own(name, rule, known, answers)
        for wanted in own.inputs:
            if wanted not in RULES and wanted not in made:
                made[wanted] = step_of(wanted, answers)
        made[name] = own
    return list(made.values())


def _own(name: str, rule: Rule, row: Mapping[str, Any], answers: Answers) -> Step:
    """Return the step of one column."""
    value = row[name]
    used = _inputs(name, rule, row, answers)
    formula = _formula(name, rule, row, answers)
    operands = {one: ((one, _number(one, row, answers)),) for one in Rule(formula=formula).operands}
    unknown = value is None or any(held[0][1] is None for held in operands.values())
    ends = INTERVALS.get(name)
    interval = [row[ends.low], row[ends.high]] if ends else None
    return Step(
        name,
        f"customers/{name}",
        value,
        rule.kind or "",
        tuple(one for one in used if one in RULES or answers.value(one) is not None),
        "" if unknown or not formula else formula,
        None if unknown or not formula else operands,
        None if value is None else interval,
        answers.why(_WANTS[name]) if value is None and name in _WANTS else None,
    )


def _number(name: str, row: Mapping[str, Any], answers: Answers) -> Any:
    return row[name] if name in row else answers.value(name)


def operand_kind(name: str) -> str:
    """Return how a number of a customer's formula is said."""
    return RULES[name].kind or "" if name in RULES else kind_of(pattern_of(name) or "")


def _inputs(name: str, rule: Rule, row: Mapping[str, Any], answers: Answers) -> list[str]:
    """Return what a column is computed from; a subscriber's, from the charges."""
    wanted = rule.inputs or ""
    if name == "state" and answers.value("cycle/lapse_days") is None:
        wanted = f"{wanted} cycle/cycle_days"  # two cycles then count as lapsed
    if row["subscription"] is not None:
        if name == "expected_value":
            wanted = "spend occasions clv/basis"
        wanted = wanted.replace(_STATE, _CHARGES)
    elif name == "expected_value":
        wanted += " clv/gamma_gamma/p clv/gamma_gamma/q clv/gamma_gamma/v clv/gamma_gamma/power"
    return wanted.split()


def _formula(name: str, rule: Rule, row: Mapping[str, Any], answers: Answers) -> str:
    """Return the arithmetic of a column, as far as the results hold all that it takes."""
    subscribed = row["subscription"] is not None
    if name == "p_alive" and not subscribed:
        model = answers.value("clv/model")
        # BG/NBD lets nobody leave before the second purchase
        return "" if model == "BG/NBD" and not row["frequency"] else _ALIVE.get(model, "")
    if name == "expected_value" and answers.value("clv/basis") == "revenue":
        if subscribed:
            return "{spend} / {occasions}" if (row["spend"] or 0) >= 0 else ""
        if answers.value("clv/gamma_gamma") is None or (row["monetary"] or 0) < 0:
            return ""
        if not row["frequency"]:
            return _FIRST_SPENT
        return _SPENT % (_SCALED if answers.value("clv/gamma_gamma/power") else "")
    return rule.formula
