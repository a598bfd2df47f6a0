"""How many rows, customers and how much money each check and each reason touches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from retention_lib.summaries.checks.register import CHECKS
from retention_lib.summaries.counts import frame


def row_counts(rows: ibis.Table) -> pd.DataFrame:
    """Return rows by the reason they were set aside for; kept rows have a null reason."""
    return frame(rows.group_by("reason").agg(rows=_.count()), by=["reason"])


def findings(rows: ibis.Table, unused: Sequence[str] = ()) -> pd.DataFrame:
    """Return what each check found; a check that found nothing has no row.

    Parameters
    ----------
    rows
        All typed rows with their ``reason``.
    unused
        Columns of them that change no figure.

    Returns
    -------
    pandas.DataFrame
        name (of a check, or of a reason to set rows aside), rows, customers (missing where rows
        name none), money (sum of absolute amounts, missing where rows carry none)
    """
    aside = rows.filter(_.reason.notnull()).group_by(name=_.reason)
    found = frame(aside.agg(**_measures()), by=["name"])
    table = pd.concat([found, _touched(_used(rows), unused)], ignore_index=True)
    return table[table["rows"] > 0].reset_index(drop=True)


def _used(rows: ibis.Table) -> ibis.Table:
    return rows.filter(_.reason.isnull())


def _touched(rows: ibis.Table, unused: Sequence[str]) -> pd.DataFrame:
    """Return what the checks of the rows in use found, all counted in one pass."""
    checks = [
        check
        for check in CHECKS
        if (check.unused is None or check.unused in unused)
        and (check.needs is None or check.needs in rows.columns)
    ]
    marked = rows.select("customer_id", "amount", **{it.name: it.holds(rows) for it in checks})
    counted = {
        f"{check.name}.{measure}": value
        for check in checks
        for measure, value in _measures(marked[check.name]).items()
        if check.has_money or measure != "money"
    }
    row = frame(marked.agg(**counted)).iloc[0]
    return pd.DataFrame(
        {"name": [check.name for check in checks]}
        | {
            measure: [row.get(f"{check.name}.{measure}", float("nan")) for check in checks]
            for measure in _measures()
        }
    )


def _measures(where: ir.BooleanValue | None = None) -> dict[str, Any]:
    return {
        "rows": _.count(where=where),
        "customers": _.customer_id.nunique(where=where).nullif(0),
        "money": _.amount.abs().sum(where=where),
    }
