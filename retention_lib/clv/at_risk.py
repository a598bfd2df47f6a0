"""How much of the value goes if all go who may lapse, and in which state are those customers?"""

from __future__ import annotations

from math import nan
from typing import Any, get_args

import pandas as pd

from retention_lib.results import State, StateValue


def at_risk(states: pd.DataFrame, at_risk_days: int | None, valued: bool) -> dict[str, Any]:
    """Return value_at_risk, at_risk_days and states, as the result has them.

    Parameters
    ----------
    states
        As :func:`retention_lib.summaries.customers.states` gives them.
    at_risk_days
        The silence after which customers count as lapsed; None: nobody can.
    valued
        Whether customers have a value in money.
    """
    money = ["clv", "at_risk"]
    table = states[["state", "customers", *money]].astype(dict.fromkeys(money, float))
    table = table if valued else table.assign(clv=nan, at_risk=nan)
    named = table.dropna(subset="state").set_index("state")
    empty = 0 * table.drop(columns="state").sum(min_count=1)
    rows = {name: named.loc[name] if name in named.index else empty for name in get_args(State)}
    return {
        "at_risk_days": at_risk_days,
        "value_at_risk": _number(table["at_risk"].sum(min_count=1)),
        "states": [_state(name, row) for name, row in rows.items() if len(named)],
    }


def _state(name: State, row: pd.Series) -> StateValue:
    return StateValue(
        state=name,
        customers=int(row["customers"]),
        value=_number(row["clv"]),
        at_risk=_number(row["at_risk"]),
    )


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else round(float(value), 2)  # a sum of whole cents
