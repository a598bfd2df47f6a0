"""What the audit of one client goes by: its records, counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import Any

import ibis

from retention_lib import stats, transactions
from retention_lib.client import Client
from retention_lib.cycle_detection import window
from retention_lib.data_audit.breaks import breaks
from retention_lib.data_audit.days import Daily
from retention_lib.data_audit.evidence import Evidence, Without
from retention_lib.models.units import DAYS_PER_MONTH
from retention_lib.results import Break, Cycle
from retention_lib.study.preparation import Prepared
from retention_lib.summaries import books, checks, counts, daily
from retention_lib.summaries.occasions import Days
from retention_lib.summaries.purchase_steps import purchase_steps


def evidence(
    client: Client,
    prepared: Prepared,
    records: checks.Records,
    occasions: ibis.Table,
    as_of: date,
    has_money: bool,
    cycle: Cycle,
) -> Evidence:
    """Return the records of a client, counted for the audit.

    Parameters
    ----------
    records, occasions
        All typed rows with their reason, and the purchase occasions.
    has_money
        Whether purchases less returns leave a value above zero.
    cycle
        The result of notebook 02.
    """
    rows = records.typed
    return Evidence(
        rows=checks.row_counts(rows),
        totals=counts.totals(occasions),
        findings=checks.findings_of(records),
        as_of=as_of,
        has_money=has_money,
        has_amounts=client.has_amounts,
        has_orders=client.columns.order_id is not None,
        periods=cache(partial(books.by_period, rows, occasions)),
        purchase_steps=purchase_steps(rows, occasions, client.merge_days),
        refunds=books.refunds(rows),
        statuses=books.statuses(rows),
        files=prepared.reads,
        doubts=prepared.doubts,
        control=client.control,
        ahead=books.ahead(rows),
        breaks=_breaks(client, rows, occasions, as_of, cycle),
        starts_mid_life=cycle.starts_mid_life,
        windows=_windows(cycle, as_of),
        horizon_days=client.economics.horizon_months * DAYS_PER_MONTH,
        rows_between=partial(counts.rows_between, transactions.kept(rows)),
        can_list=lambda name: touched(client, rows, name) is not None,
    )


def touched(client: Client, rows: ibis.Table, name: str) -> ibis.Table | None:
    """Return the rows that a check touches, by file and line; None where only orders are told."""
    found = checks.touched(rows, name, client.customers, client.format.timezone)
    placed = found is not None and {"source_file", "line_number"} <= set(found.columns)
    return found if placed else None


def _windows(cycle: Cycle, as_of: date) -> tuple[tuple[date, date], ...]:
    """Return the prior window and the window, first and last day of each; none without a window."""
    if cycle.window is None:
        return ()
    return tuple((days.start, days.end) for days in window.windows(cycle.window, as_of))


@dataclass(frozen=True)
class AsUsed:
    """What the steps of an audit are held against.

    ``windows`` are the prior window and the window, with ``start`` and ``retained`` customers;
    None where there is no rate yet. ``revenue`` is None where there are no amounts.
    """

    windows: tuple[Days, Days] | None
    start: int
    retained: int
    revenue: float | None

    @property
    def rate(self) -> float | None:
        """The retained rate of all customers."""
        return None if self.windows is None else stats.ratio(self.retained, self.start)


def without(
    records: checks.Records, occasions: ibis.Table, known: Evidence, used: AsUsed, merge_days: int
) -> Callable[[str], Without]:
    """Return what tells rate and revenue without a step of the audit; all are counted at once.

    Parameters
    ----------
    records, occasions
        All typed rows with their reason, and the purchase occasions.
    merge_days
        As the occasions were made.
    """
    names = known.findings["name"].astype(str).tolist()
    found = checks.differences(records, occasions, names, used.windows, merge_days)
    more = found.to_dict("index")
    each = {name: _without(name, more[name], used) for name in names}

    def told(name: str) -> Without:
        return each.get(name) or Without(None, None, *checks.not_told(name))

    return told


def _without(step: str, more: dict[Any, float], used: AsUsed) -> Without:
    no_rate, no_revenue = checks.not_told(step)
    if used.revenue is None:
        no_revenue = no_revenue or "no_amounts"
    if used.windows is None:
        no_rate = no_rate or "no_rate_yet"
    rate = None
    if no_rate is None:
        rate = stats.ratio(used.retained + more["retained"], used.start + more["start"])
        no_rate = "nobody_before" if rate is None else None
    revenue = (
        None if no_revenue or used.revenue is None else round(used.revenue + more["revenue"], 2)
    )
    return Without(rate, revenue, no_rate, no_revenue)


def _breaks(
    client: Client, rows: ibis.Table, occasions: ibis.Table, as_of: date, cycle: Cycle
) -> list[Break]:
    """Return the dates at which the records change, from the first occasion on."""
    first: date = counts.totals(occasions)["first_date"]
    return breaks(
        Daily(
            days=daily.daily(rows, occasions),
            first_date=first,
            as_of=as_of,
            has_amounts=client.has_amounts,
            prices=daily.prices(rows) if client.has_amounts else None,
            value_change=partial(daily.value_change, occasions),
            price_change=partial(daily.price_change, rows),
            cycle_days=cycle.cycle_days,
            starts_mid_life=cycle.starts_mid_life,
            windows=_windows(cycle, as_of),
        )
    )
