"""What the audit of one client goes by: its records, counted."""

from __future__ import annotations

from datetime import date
from functools import cache, partial

import ibis

from retention_lib.client import Client
from retention_lib.data_audit.evidence import Evidence
from retention_lib.study.preparation import Prepared
from retention_lib.summaries import books, checks, counts


def evidence(
    client: Client,
    prepared: Prepared,
    rows: ibis.Table,
    occasions: ibis.Table,
    as_of: date,
    has_money: bool,
) -> Evidence:
    """Return the records of a client, counted for the audit.

    Parameters
    ----------
    rows, occasions
        All typed rows with their reason, and the purchase occasions.
    has_money
        Whether purchases less returns leave a value above zero.
    """
    return Evidence(
        rows=checks.row_counts(rows),
        totals=counts.totals(occasions),
        findings=checks.findings(rows, client.unused, client.customers, client.format.timezone),
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
    )
