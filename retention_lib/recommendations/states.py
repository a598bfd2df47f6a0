"""Where is the money and where the risk? Customers by state."""

from __future__ import annotations

from typing import Any, get_args

import pandas as pd

from retention_lib.results import Segment, State


def segments(states: pd.DataFrame) -> list[Segment]:
    """Return the states that have customers, the newest first."""
    customers, spend = states["customers"].sum(), states["spend"].sum()
    rows = {row["state"]: row for row in states.to_dict("records")}
    return [
        Segment(
            name=name,
            customers=int(row["customers"]),
            share=float(row["customers"] / customers),
            spend_share=float(row["spend"] / spend) if spend > 0 else None,
            expected_purchases=_number(row["expected_purchases"]),
            expected_value=_number(row["clv"]),
        )
        for name in get_args(State)
        if (row := rows.get(name)) is not None
    ]


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
