"""What the audit looks for: rows, customers and money that each check touches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import frame

# what each line must agree in to be the same line as another
_LINE = ("customer_id", "day", "amount", "order_id", "product", "quantity", "unit_price", "cost")


_YEAR, _FEW = 365, 0.01


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
        name, rows, customers (missing where rows name none), money (sum of absolute amounts,
        missing where rows carry none)
    """
    kept = rows.filter(_.reason.isnull())
    found = [
        _set_aside(rows),
        _touched("zero_amounts", kept.filter(_.amount == 0)),
        _touched("negative_amounts", kept.filter(_.amount < 0)),
        _touched("decimal_ids", kept.filter(_.id_was_decimal)).assign(money=float("nan")),
        _touched("duplicate_lines", repeated_lines(kept)),
        _touched("isolated_dates", isolated(kept)),
        *(_touched(f"unused_{name}", kept.filter(kept[name].notnull())) for name in unused),
    ]
    table = pd.concat([part for part in found if len(part)] or [found[0]], ignore_index=True)
    return table[table["rows"] > 0].reset_index(drop=True)


def isolated(kept: ibis.Table) -> ibis.Table:
    """Return the rows of dates so far from all others that they are likely wrong.

    A gap of more than a year with at most one row in a hundred on its far side cuts such
    rows off, at the beginning or at the end.
    """
    days = frame(kept.group_by("day").agg(rows=_.count()), by=["day"])
    apart = pd.to_datetime(days["day"]).diff().dt.days > _YEAR
    before = days["rows"].cumsum().shift(fill_value=0)
    few = _FEW * days["rows"].sum()
    first = days["day"][apart & (before <= few)].max()
    last = days["day"][apart & (days["rows"].sum() - before <= few)].min()
    early = kept.day < first if pd.notna(first) else ibis.literal(False)
    late = kept.day >= last if pd.notna(last) else ibis.literal(False)
    return kept.filter(early | late)


def repeated_lines(kept: ibis.Table) -> ibis.Table:
    """Return every line that repeats an earlier one to the letter; the first is left out."""
    same = [name for name in _LINE if name in kept.columns]
    number = ibis.row_number().over(ibis.window(group_by=same, order_by=same[0]))
    return kept.mutate(repetition=number).filter(_.repetition > 0)


def without_repetitions(kept: ibis.Table) -> ibis.Table:
    """Return the lines with every exact repetition left out."""
    same = [name for name in _LINE if name in kept.columns]
    return kept.select(*same).distinct()


def _measures() -> dict[str, Any]:
    return {
        "rows": _.count(),
        "customers": _.customer_id.nunique().nullif(0),
        "money": _.amount.abs().sum(),
    }


def _touched(name: str, rows: ibis.Table) -> pd.DataFrame:
    found = frame(rows.agg(**_measures()))
    found.insert(0, "name", name)
    return found


def _set_aside(rows: ibis.Table) -> pd.DataFrame:
    aside = rows.filter(_.reason.notnull())
    return frame(aside.group_by(name=_.reason).agg(**_measures()), by=["name"])
