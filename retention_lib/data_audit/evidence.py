"""What the audit goes by: one client's records, counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import pandas as pd

from retention_lib.client.schema import Control
from retention_lib.results import Break, Doubt, FileLines

Period = Literal["all", "year", "month"]


@dataclass(frozen=True)
class Without:
    """The retained rate and the revenue had a step of the audit not been taken.

    Where one is None, there is the code of why it cannot be told.
    """

    rate: float | None
    revenue: float | None
    no_rate: str | None = None
    no_revenue: str | None = None


@dataclass(frozen=True)
class Evidence:
    """One client's records, counted.

    Attributes
    ----------
    rows
        Columns ``reason`` (null for kept rows) and ``rows``.
    totals
        As :func:`retention_lib.summaries.counts.totals` gives them.
    findings
        As :func:`retention_lib.summaries.checks.findings` gives them.
    as_of
        The day looked from.
    has_money
        Whether purchases less returns leave a value above zero.
    has_amounts, has_orders
        Whether the client has amounts, and order ids.
    periods
        What each period of a unit brought, as :func:`retention_lib.summaries.books.by_period`
        gives it.
    refunds
        What was given back, a positive sum.
    statuses
        As :func:`retention_lib.summaries.books.statuses` gives them.
    files, doubts
        What was read of each file; columns that nobody mapped, but that warn.
    control
        Totals of the client's own books.
    breaks
        The dates at which the records change.
    starts_mid_life
        Whether the records begin when the business was already under way.
    ahead
        Rows dated after the records end: rows, first, last, ends.
    """

    rows: pd.DataFrame
    totals: dict[str, Any]
    findings: pd.DataFrame
    as_of: date
    has_money: bool
    has_amounts: bool
    has_orders: bool
    periods: Callable[[Period], pd.DataFrame]
    refunds: float = 0.0
    statuses: pd.DataFrame = field(default_factory=pd.DataFrame)
    files: Sequence[FileLines] = ()
    doubts: Sequence[Doubt] = ()
    control: Control | None = None
    breaks: Sequence[Break] = ()
    starts_mid_life: bool = False
    ahead: dict[str, Any] | None = None

    @property
    def kept(self) -> int:
        """How many rows are used."""
        return int(self.rows.loc[self.rows["reason"].isna(), "rows"].sum())

    @property
    def set_aside(self) -> dict[str, int]:
        """The rows set aside by their reason, the commonest first."""
        aside = self.rows.dropna(subset="reason")
        aside = aside.sort_values(["rows", "reason"], ascending=[False, True])
        names, counts = aside["reason"].astype(str), aside["rows"].astype(int)
        return dict(zip(names, counts.tolist(), strict=True))


__all__ = ["Evidence", "Period", "Without"]
