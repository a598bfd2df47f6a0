"""What the audit goes by: one client's records, counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import pandas as pd

from retention_lib.client.schema import Control
from retention_lib.results import Break, Doubt, FileLines, PurchaseSteps
from retention_lib.transactions import NAMELESS

Period = Literal["all", "year", "month"]
_NO_STEPS = dict.fromkeys(PurchaseSteps.model_fields, 0)


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
    purchase_steps
        What falls away between rows in use and occasions, as
        :func:`retention_lib.summaries.purchase_steps.purchase_steps` gives it.
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
    windows
        The first and last day of the prior window and of the window; none without a rate.
    horizon_days
        How far the value of customers looks ahead.
    rows_between
        How many rows in use lie between two days, both with them.
    can_list
        Whether the rows that a check touches, by its name, can be listed one by one.
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
    purchase_steps: dict[str, int] = field(default_factory=_NO_STEPS.copy)
    refunds: float = 0.0
    statuses: pd.DataFrame = field(default_factory=pd.DataFrame)
    files: Sequence[FileLines] = ()
    doubts: Sequence[Doubt] = ()
    control: Control | None = None
    breaks: Sequence[Break] = ()
    starts_mid_life: bool = False
    ahead: dict[str, Any] | None = None
    windows: Sequence[tuple[date, date]] = ()
    horizon_days: float = 365.25
    rows_between: Callable[[date, date], int] = lambda start, end: 0
    can_list: Callable[[str], bool] = lambda name: True

    @property
    def history_days(self) -> int:
        """How many days the records cover."""
        return int((self.as_of - self.totals["first_date"]).days) + 1

    @property
    def rows_in(self) -> int:
        """How many rows were read."""
        return self.kept + sum(self.set_aside.values())

    @property
    def unassigned_rows(self) -> int:
        """How many rows name no customer."""
        return sum(self.set_aside.get(name, 0) for name in NAMELESS)

    @property
    def unassigned_share(self) -> float | None:
        """The part of all revenue that names no customer; None where there is no revenue."""
        total = self.periods("all")
        nobodys = max(float(total["unassigned"].sum()), 0.0)
        all_of_it = nobodys + float(total["revenue"].sum())
        return nobodys / all_of_it if self.has_amounts and all_of_it > 0 else None

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
