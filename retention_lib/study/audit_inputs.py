"""What the audit of one client goes by: its records, counted."""

from __future__ import annotations

from datetime import date
from functools import cache, partial

import ibis

from retention_lib.client import Client
from retention_lib.cycle_detection import window
from retention_lib.data_audit.breaks import breaks
from retention_lib.data_audit.days import Daily
from retention_lib.data_audit.evidence import Evidence
from retention_lib.results import Break, Cycle
from retention_lib.study.preparation import Prepared
from retention_lib.summaries import books, checks, counts, daily


def evidence(
    client: Client,
    prepared: Prepared,
    rows: ibis.Table,
    occasions: ibis.Table,
    as_of: date,
    has_money: bool,
    cycle: Cycle,
) -> Evidence:
    """Return the records of a client, counted for the audit.

    Parameters
    ----------
    rows, occasions
        All typed rows with their reason, and the purchase occasions.
    has_money
        Whether purchases less returns leave a value above zero.
    cycle
        The result of notebook 02.
    """
    return Evidence(
        rows=checks.row_counts(rows),
        totals=counts.totals(occasions),
        findings=checks.findings(rows, client.unused),
        as_of=as_of,
        has_money=has_money,
        has_amounts=client.has_amounts,
        has_orders=client.columns.order_id is not None,
        periods=cache(partial(books.by_period, rows, occasions)),
        refunds=books.refunds(rows),
        statuses=books.statuses(rows),
        files=prepared.reads,
        doubts=prepared.doubts,
        control=client.control,
        ahead=books.ahead(rows),
        breaks=_breaks(client, rows, occasions, as_of, cycle),
        starts_mid_life=cycle.starts_mid_life,
        windows=_windows(cycle, as_of),
    )


def _windows(cycle: Cycle, as_of: date) -> tuple[tuple[date, date], ...]:
    """Return the prior window and the window, first and last day of each; none without a window."""
    if cycle.window is None:
        return ()
    return tuple((days.start, days.end) for days in window.windows(cycle.window, as_of))


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
