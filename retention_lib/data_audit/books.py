"""What a bookkeeper would compare: revenue, orders and refunds, years, statuses, control totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any, Final

import pandas as pd

from retention_lib.data_audit.evidence import Evidence, Period
from retention_lib.results import Ahead, ControlTax, ControlTotal, Status, Year

_UNITS: Final[dict[int, Period]] = {3: "all", 4: "year", 7: "month"}  # by the period's length
# the full rates of value added tax in Europe, and how far totals may stray from one rate
_TAXES: Final = (0.185, 0.275)
_ONE_RATE: Final = 0.01
_SUMS: Final = {
    "revenue": ("revenue", "unassigned"),
    "orders": ("orders", "unassigned_orders"),
    "customers": ("customers",),
}


def books(evidence: Evidence) -> dict[str, Any]:
    """Return revenue, orders and refunds in all and by year, statuses, files, control totals."""
    total = evidence.periods("all").iloc[0]
    money, totals = evidence.has_amounts, control(evidence)
    return {
        "revenue": float(total["revenue"]) if money else None,
        "unassigned_revenue": float(total["unassigned"]) if money else None,
        "unassigned_share": evidence.unassigned_share,
        "unassigned_rows": evidence.unassigned_rows,
        "refunds": evidence.refunds if money else None,
        "orders": int(total["orders"]) if evidence.has_orders else None,
        "years": [_year(row, evidence) for row in _rows(evidence.periods("year"))],
        "statuses": [_status(row, evidence) for row in _rows(evidence.statuses)],
        "files": list(evidence.files),
        "doubts": list(evidence.doubts),
        "control": totals,
        "control_tax": control_tax(totals),
        "ahead": None if evidence.ahead is None else Ahead(**evidence.ahead),
    }


def _rows(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return table.to_dict("records")


def _year(row: dict[Any, Any], evidence: Evidence) -> Year:
    return Year(
        year=int(row["period"]),
        revenue=float(row["revenue"]) if evidence.has_amounts else None,
        unassigned_revenue=float(row["unassigned"]) if evidence.has_amounts else None,
        orders=int(row["orders"]) if evidence.has_orders else None,
        unassigned_orders=int(row["unassigned_orders"]) if evidence.has_orders else None,
        occasions=int(row["occasions"]),
        customers=int(row["customers"]),
    )


def _status(row: dict[Any, Any], evidence: Evidence) -> Status:
    return Status(
        status=str(row["status"]),
        means=None if pd.isna(row["means"]) else row["means"],
        rows=int(row["rows"]),
        money=None if pd.isna(row["money"]) else float(row["money"]),
    )


def control(evidence: Evidence) -> list[ControlTotal]:
    """Return the client's own totals beside what was read; none where the client gives none."""
    return [_compared(evidence, *given) for given in _given(evidence)]


def control_tax(totals: Sequence[ControlTotal]) -> ControlTax | None:
    """Return the one tax by which all totals of revenue differ from what was read, if there is one.

    Either side may be the one with tax. Some totals may differ and others meet: then it is none.
    """
    pairs = [(it.given, it.read) for it in totals if it.what == "revenue" and it.read is not None]
    if not pairs or min(min(pair) for pair in pairs) <= 0:
        return None
    rates = [given / read - 1 for given, read in pairs]
    if _is_tax(rates):
        return ControlTax(with_tax="books", rate=round(fmean(rates), 3))
    rates = [read / given - 1 for given, read in pairs]
    if _is_tax(rates):
        return ControlTax(with_tax="records", rate=round(fmean(rates), 3))
    return None


def _is_tax(rates: Sequence[float]) -> bool:
    low, high = min(rates), max(rates)
    return high - low <= _ONE_RATE and _TAXES[0] <= low and high <= _TAXES[1]


def _given(evidence: Evidence) -> Iterator[tuple[str, str, float]]:
    for what in _SUMS if evidence.control else ():
        for period, given in sorted(getattr(evidence.control, what).items()):
            yield what, period, given


def _compared(evidence: Evidence, what: str, period: str, given: float) -> ControlTotal:
    assert evidence.control is not None  # it has given this total
    read = _read(evidence, what, period)
    off = None if read is None else round(read - given, 2)
    allowed = evidence.control.tolerance * abs(given)
    return ControlTotal.model_validate(
        {
            "what": what,
            "period": period,
            "given": given,
            "read": read,
            "difference": off,
            "share": None if off is None or not given else off / abs(given),
            "meets": off is not None and abs(off) <= allowed + 1e-9,
        }
    )


def _read(evidence: Evidence, what: str, period: str) -> float | None:
    """Return what was read of a period; None where the client has no amounts, or no order ids."""
    known = {"revenue": evidence.has_amounts, "orders": evidence.has_orders}
    if not known.get(what, True):
        return None
    table = evidence.periods(_UNITS[len(period)])
    own = table.loc[table["period"] == period, list(_SUMS[what])]
    return round(float(own.to_numpy().sum()), 2)
