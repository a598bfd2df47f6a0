"""How many rows, customers and how much money each check and each reason touches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from retention_lib.summaries.checks.records import Records
from retention_lib.summaries.checks.register import CHECKS, Check
from retention_lib.summaries.counts import frame, single

_COLUMNS: Final = ("name", "rows", "rows_read", "customers", "money")
# where more rows are touched by what a reason says than are set aside for it
_TOUCHED: Final[dict[str, Callable[[ibis.Table], ir.BooleanColumn]]] = {
    "duplicate_line": lambda rows: rows.is_copy,
    "cancelled": lambda rows: rows.status_means == "cancelled",
}
_NEED: Final = {"duplicate_line": "is_copy", "cancelled": "status_means"}


def row_counts(rows: ibis.Table) -> pd.DataFrame:
    """Return rows by the reason they were set aside for; kept rows have a null reason."""
    return frame(rows.group_by("reason").agg(rows=_.count()), by=["reason"])


def findings(
    rows: ibis.Table,
    unused: Sequence[str] = (),
    customers: Sequence[str] = (),
    zone: str | None = None,
) -> pd.DataFrame:
    """Return what each check found; a check that found nothing has no row.

    Parameters
    ----------
    rows
        All typed rows with their ``reason``.
    unused
        Columns of them that change no figure.
    customers
        Ids that the client confirms as customers.
    zone
        The name of the client's time zone, if it says so.

    Returns
    -------
    pandas.DataFrame
        - name: of a check, or of a reason to set rows aside
        - rows: of those in use (of those set aside for the reason)
        - rows_read: of all rows read, whatever became of them, but for headers, totals and empty
          rows; as many as ``rows`` where that is not known
        - customers: of the rows (missing where none of them names one)
        - money: sum of their absolute amounts (missing where they carry none)
    """
    return findings_of(Records(rows, unused, customers, zone))


def findings_of(records: Records) -> pd.DataFrame:
    """Return what :func:`findings` does, of records that are looked at further."""
    checks = [check for check in CHECKS if check.looks_at(records)]
    found = [_aside(records.typed), _by_row(records, checks), _by_rows(records, checks)]
    table = pd.concat([it for it in found if not it.empty] or [_nothing()], ignore_index=True)
    place = {check.name: at for at, check in enumerate(CHECKS)}
    table["place"] = table["name"].map(place).fillna(-1)
    ordered = table[table["rows_read"] > 0].sort_values("place", kind="stable")
    return ordered[list(_COLUMNS)].reset_index(drop=True)


def touched(
    rows: ibis.Table,
    name: str,
    customers: Sequence[str] = (),
    zone: str | None = None,
) -> ibis.Table | None:
    """Return the rows in use that a check touches, or those set aside for a reason; None if unknown.

    Parameters
    ----------
    rows, customers, zone
        As for :func:`findings`.
    """
    check = next((it for it in CHECKS if it.name == name), None)
    if check is None:
        return rows.filter(_.reason == name)
    records = Records(rows, (check.unused or "",), customers, zone)
    if not check.looks_at(records):
        return None
    if check.among is not None:
        found = records.known(check.among)
        return None if found is None or "reason" not in found.columns else found
    held = check.holds(records) if check.holds is not None else None
    if held is None:
        return None
    return records.rows.filter(held.fill_null(False), _.reason.isnull())


def _nothing() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=float) for name in _COLUMNS}).astype({"name": str})


def _aside(rows: ibis.Table) -> pd.DataFrame:
    """Return the rows set aside by reason, and how many what it says touches."""
    aside = rows.filter(_.reason.notnull()).group_by(name=_.reason)
    table = frame(aside.agg(**_measures()), by=["name"])
    known = {name: held for name, held in _TOUCHED.items() if _NEED[name] in rows.columns}
    if known:
        sums = single(rows.agg(**{name: held(rows).sum() for name, held in known.items()}))
    read = [sums[name] if name in known else None for name in table["name"]]
    table["rows_read"] = pd.Series(read, dtype=float).fillna(table["rows"]).astype(int)
    return table


def _measures() -> dict[str, Any]:
    return {
        "rows": _.count(),
        "customers": _.customer_id.nunique().nullif(0),
        "money": _.amount.abs().sum(),
    }


def _by_row(records: Records, checks: Sequence[Check]) -> pd.DataFrame:
    """Return what the checks of single rows found, all counted in one pass.

    Each row carries one number, whose bits are the checks that touch it; rows that none touches
    are left out before anything is added up.
    """
    held = [(it, it.holds(records)) for it in checks if it.holds is not None]
    asked = [(check, holds) for check, holds in held if holds is not None]
    if not asked:
        return _nothing()
    bits = sum(
        ibis.ifelse(holds.fill_null(False), 2**at, 0).cast("int64")
        for at, (_check, holds) in enumerate(asked)
    )
    rows = records.rows
    marked = rows.select(
        "customer_id", money=rows.amount.abs(), in_use=rows.reason.isnull(), bits=bits
    ).filter(_.bits != 0)
    each = marked.group_by("customer_id", "in_use", "bits").agg(rows=_.count(), money=_.money.sum())
    each = each.cache()
    sums = frame(each.group_by("in_use", "bits").agg(rows=_.rows.sum(), money=_.money.sum()))
    own = each.filter(_.in_use, _.customer_id.notnull()).group_by("customer_id")
    people = own.agg(bits=_.bits.bit_or()).group_by("bits").agg(customers=_.count())
    known = frame(people)
    return pd.DataFrame(
        [_decoded(check, 2**at, sums, known) for at, (check, _holds) in enumerate(asked)]
    )


def _decoded(check: Check, bit: int, sums: pd.DataFrame, people: pd.DataFrame) -> dict[str, Any]:
    mine = sums[(sums["bits"].astype("int64") & bit) > 0]
    used = mine[mine["in_use"].astype(bool)]
    customers = people.loc[(people["bits"].astype("int64") & bit) > 0, "customers"].sum()
    money = used["money"].sum(min_count=1) if check.has_money else float("nan")
    return {
        "name": check.name,
        "rows": int(used["rows"].sum()),
        "rows_read": int(mine["rows"].sum()),
        "customers": float(customers) or float("nan"),
        "money": float(money),
    }


def _by_rows(records: Records, checks: Sequence[Check]) -> pd.DataFrame:
    """Return what the checks found that look at several rows together."""
    found = [(it, records.known(it.among)) for it in checks if it.among is not None]
    listed = [_summed(check, rows) for check, rows in found if rows is not None]
    return pd.DataFrame(listed) if listed else _nothing()


def _summed(check: Check, rows: ibis.Table) -> dict[str, Any]:
    measures = _measures()
    if "lines" in rows.columns:
        measures["rows"] = _.lines.sum().fill_null(0)
    sums = {name: value or 0 for name, value in single(rows.agg(**measures)).items()}
    return {
        "name": check.name,
        "rows": int(sums["rows"]),
        "rows_read": int(sums["rows"]),
        "customers": float(sums["customers"]) or float("nan"),
        "money": float(sums["money"]) if check.has_money else float("nan"),
    }
