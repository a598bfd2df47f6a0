"""What the retention rate is found from: where one client's frames come from, on any day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import ibis
import pandas as pd

from retention_lib import cycle_detection, transactions
from retention_lib.client import Client
from retention_lib.results import PartKind, Window
from retention_lib.retention_rate import Evidence
from retention_lib.study.evidence import attributes, full_periods
from retention_lib.summaries import counts, lost, parts, revenue, subscriptions
from retention_lib.summaries.occasions import as_known

MOST_LOST = 10


@dataclass(frozen=True)
class Records:
    """A client's records: all rows, the occasions of the history, and its first day."""

    client: Client
    rows: ibis.Table
    occasions: ibis.Table
    first_date: date

    def known(self, at: date) -> Records:
        """Return the records as they were known on a day, as far as today's rows tell."""
        return Records(
            self.client,
            self.rows.filter(self.rows.day <= ibis.date(at)),
            as_known(self.occasions, at),
            self.first_date,
        )


def evidence(records: Records, window: Window, as_of: date) -> Evidence:
    """Return what the retention rate of a day is found from.

    Parameters
    ----------
    window
        The window that ends on ``as_of``; its days are also how long a first purchase is watched
        for a second.
    """
    occasions, kept = records.occasions, transactions.kept(records.rows)
    periods = cycle_detection.windows(window, as_of)
    prior, last = periods
    spans = (prior.start, prior.end), (last.start, last.end)
    charged = occasions, as_of, records.client.periods
    return Evidence(
        periods=periods,
        counts=partial(counts.window_counts, occasions, prior.start, last.start, last.end),
        second=partial(counts.second_purchases, occasions, as_of, window.days),
        state=partial(counts.frequency_recency, occasions, prior.end),
        revenue=partial(revenue.revenue, occasions, as_of),
        flow=partial(revenue.windows, kept, occasions, *spans),
        unassigned=partial(revenue.unassigned, records.rows),
        activity=partial(full_periods, occasions, records.first_date, as_of),
        parts=lambda: _parts(records, kept, (*spans, as_of, window.days)),
        charges=partial(subscriptions.charges, *charged),
        subscribers=partial(subscriptions.active_subscribers, *charged),
        lost=lambda: _lost(kept, occasions, spans),
    )


def _parts(
    records: Records, kept: ibis.Table, seen: tuple[Any, ...]
) -> list[tuple[PartKind, pd.DataFrame]]:
    """Return the parts of the customers: by what the client's columns say, and by first product."""
    occasions = records.occasions
    found: list[tuple[PartKind, pd.DataFrame]] = []
    for kind, column, head in attributes(occasions, records.client.columns.segments):
        table = parts.by_attribute(occasions, column, *seen)
        found.append((kind, table.assign(part=head + table["part"])))
    if "product" in kept.columns:
        found.append(("product", parts.by_first_product(kept, occasions, *seen)))
    return found
