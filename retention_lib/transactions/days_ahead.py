"""Rows dated after the records end: a few pre-orders must not move the day of the report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Final

import ibis

from retention_lib.client import Client

__all__ = ["first_day_ahead", "mark"]

_FEW: Final = 0.01  # of the rows
_LONGER: Final = 3  # times any earlier pause
_SHORTEST: Final = 14  # days


def mark(rows: ibis.Table, client: Client) -> ibis.Table:
    """Say of each row whether it lies after the end of the records.

    They end before a pause of at least 14 days, longer than three times any earlier pause between
    days with sales, after which less than 1 % of the rows follow.

    Parameters
    ----------
    rows
        Typed rows with the ``reason`` why any is set aside so far: the others are counted, as far
        as they are purchases.
    client
        The client; with ``ahead: keep`` no row is ahead.

    Returns
    -------
    ibis.Table
        The rows, and ``is_ahead`` (bool, never null).
    """
    first = None if client.ahead == "keep" else _first(_daily(rows))
    if first is None:
        return rows.mutate(is_ahead=ibis.literal(False))
    return rows.mutate(is_ahead=(rows.day >= first).fill_null(False))


def first_day_ahead(days: Sequence[tuple[date, int]]) -> date | None:
    """Return the first day after the records' end; None where they go on to their last day.

    Parameters
    ----------
    days
        Days with purchases, in order, and how many rows each has.
    """
    after, longest = sum(rows for _, rows in days), 1
    few = _FEW * after
    for (before, rows), (day, _) in pairwise(days):
        after -= rows
        pause = (day - before).days
        if after < few and pause >= _SHORTEST and pause > _LONGER * longest:
            return day
        longest = max(longest, pause)
    return None


def _daily(rows: ibis.Table) -> ibis.Table:
    bought = rows.reason.isnull() & rows.day.notnull() & (rows.amount.fill_null(0) >= 0)
    counted = rows.filter(bought)
    return counted.group_by("day").agg(rows=counted.count())


def _first(days: ibis.Table) -> date | None:
    found = days.order_by("day").to_pyarrow()
    return first_day_ahead([(row["day"], row["rows"]) for row in found.to_pylist()])
