"""What a client's records come to, counted by the steps that a run takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ibis.backends.duckdb import Backend

from retention_lib import transactions
from retention_lib.client import Client
from retention_lib.errors import DataError
from retention_lib.results import whole
from retention_lib.sources import Raw
from retention_lib.summaries import books, checks, counts
from retention_lib.summaries.occasions import occasions
from retention_lib.transactions import unmapped
from retention_lib.transactions.unmapped import Doubt

__all__ = ["Figures", "figures"]


@dataclass(frozen=True)
class Figures:
    """What `retention check` will say was counted.

    Attributes
    ----------
    rows_in, rows_kept : int
        All rows, and those that are used.
    set_aside : dict
        The others, by reason.
    customers, occasions : int
        Who bought, and how often.
    revenue : float or None
        The sum of the amounts that are used; None without amounts.
    first_date, last_date : date
        Of the purchases.
    doubts : tuple of Doubt
        Columns that nobody mapped, but that warn.
    """

    rows_in: int
    rows_kept: int
    set_aside: dict[str, int]
    customers: int
    occasions: int
    revenue: float | None
    first_date: date
    last_date: date
    doubts: tuple[Doubt, ...]


def figures(raw: Raw, client: Client, engine: Backend, work: Path) -> Figures:
    """Type the rows as a run does, and count them.

    Parameters
    ----------
    raw
        The source.
    client
        How it is read.
    engine, work
        A DuckDB connection, and a folder for what it writes.

    Raises
    ------
    ConfigError, DataError
        As :func:`retention_lib.transactions.typed`; also if not one row is a purchase.
    """
    work.mkdir(exist_ok=True)
    with whole(work / "rows.parquet") as half:
        transactions.typed(raw, client).drop("source").to_parquet(half)
    rows = engine.read_parquet(str(work / "rows.parquet"))
    rows = transactions.until(rows, transactions.last_day(rows, date.today()))
    with whole(work / "occasions.parquet") as half:
        occasions(transactions.kept(rows), client.merge_days).to_parquet(half)
    bought = engine.read_parquet(str(work / "occasions.parquet"))
    total = counts.totals(bought)
    if not total["occasions"]:
        raise DataError(
            f"{raw.where}: no row is a purchase (an amount of 0 or more, not reversed the same "
            "day); say which column is which by `--set columns.amount=…`."
        )
    by_reason = checks.row_counts(rows).set_index("reason")["rows"]
    set_aside = {str(it): int(n) for it, n in by_reason.items() if isinstance(it, str)}
    rows_in = int(by_reason.sum())
    revenue = float(books.by_period(rows, bought, "all").iloc[0]["revenue"])
    return Figures(
        rows_in,
        rows_in - sum(set_aside.values()),
        set_aside,
        int(total["customers"]),
        int(total["occasions"]),
        revenue if client.has_amounts else None,
        total["first_date"],
        total["last_date"],
        unmapped.doubts(raw, client),
    )
