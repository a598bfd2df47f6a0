"""What the audit of one client goes by: its records, counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache, partial

import ibis

from retention_lib.client import Client, folded
from retention_lib.data_audit.evidence import Evidence, Means
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
    restart = client.order_ids == "restart"
    return Evidence(
        rows=checks.row_counts(rows),
        totals=counts.totals(occasions),
        findings=checks.findings(rows, client.unused),
        as_of=as_of,
        has_money=has_money,
        has_amounts=client.has_amounts,
        has_orders=client.columns.order_id is not None,
        periods=cache(partial(books.by_period, rows, occasions, restart=restart)),
        refunds=books.refunds(rows),
        statuses=books.statuses(rows),
        means=meaning(client),
        files=prepared.reads,
        doubts=prepared.doubts,
        control=client.control,
        ahead=books.ahead(rows),
    )


def meaning(client: Client) -> Callable[[str], Means | None]:
    """Return what says how a status is read; None of those that the YAML does not name.

    A blank status is that of a sale, since nothing says otherwise. Where only ``cancelled`` is
    given, every other status is.
    """
    said: dict[str, Means] = {"": "sale"} if client.statuses or client.cancelled else {}
    if client.statuses:
        named = client.statuses
        said |= dict.fromkeys(map(folded, named.sale), "sale")
        said |= dict.fromkeys(map(folded, named.returned), "return")
        said |= dict.fromkeys(map(folded, named.cancelled), "cancelled")
    said |= dict.fromkeys(map(folded, client.cancelled), "cancelled")
    other: Means | None = "sale" if client.cancelled else None
    return lambda status: said.get(folded(status), other)
