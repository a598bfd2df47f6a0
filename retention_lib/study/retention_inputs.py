"""What the retention rate is found from: where one client's frames come from, on any day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from typing import Any, Literal

import ibis
import pandas as pd

from retention_lib import cycle_detection, transactions
from retention_lib.client import Client
from retention_lib.cycle_detection.window import gate, window_of
from retention_lib.results import Cycle, PartKind, Window
from retention_lib.retention_rate.answer import RetentionInputs, rates_at
from retention_lib.retention_rate.cohorts import cohort_rates, horizon_rates
from retention_lib.study.cycle_inputs import attributes, full_periods
from retention_lib.summaries import backtests, cohorts, counts, lost, parts, revenue, subscriptions
from retention_lib.summaries.counts import PeriodUnit
from retention_lib.summaries.occasions import as_known

# more cohorts than two years of months cannot be read in one figure
_MONTHLY_COHORTS_DAYS = 2 * 366
_AGES = {"month": 30, "quarter": 91}  # days
Cohorts = Literal["bracket", "unbounded", "fixed"]


@dataclass(frozen=True)
class Records:
    """A client's records: all rows, the occasions of the history, and its first day."""

    client: Client
    rows: ibis.Table
    occasions: ibis.Table
    first_date: date

    def known(self, at: date) -> Records:
        """Return the records as they were known on a day, as today's rows tell."""
        rows = self.rows.filter(self.rows.day <= ibis.date(at))
        return replace(self, rows=rows, occasions=as_known(self.occasions, at))


def retention_inputs(records: Records, window: Window, as_of: date) -> RetentionInputs:
    """Return what the retention rate of a day is found from.

    Parameters
    ----------
    window
        The window that ends on ``as_of``; its days are also how long a first purchase is watched
        for a second.
    """
    occasions, kept = records.occasions, transactions.kept(records.rows)
    periods = cycle_detection.window.windows(window, as_of)
    prior, last = periods
    spans = (prior.start, prior.end), (last.start, last.end)
    charged = occasions, as_of, records.client.periods
    return RetentionInputs(
        periods=periods,
        counts=partial(counts.window_counts, occasions, prior.start, last.start, last.end),
        second=cache(partial(counts.second_purchases, occasions, as_of, window.days)),
        state=partial(counts.frequency_recency, occasions, prior.end),
        daily=partial(backtests.daily_until, occasions, prior.end),
        revenue=partial(revenue.revenue, occasions, as_of),
        flow=partial(revenue.windows, kept, occasions, *spans),
        unassigned=partial(revenue.unassigned, records.rows),
        activity=partial(full_periods, occasions, records.first_date, as_of),
        parts=lambda: _parts(records, kept, (*spans, as_of, window.days)),
        charges=partial(subscriptions.charges, *charged),
        subscribers=partial(subscriptions.active_subscribers, *charged),
        lost=cache(partial(lost.most_valuable, occasions, kept, *spans)),
        lost_total=partial(lost.total, occasions, kept, *spans),
    )


def cohort_table(
    records: Records, cycle: Cycle, as_of: date, kind: Cohorts = "bracket"
) -> pd.DataFrame:
    """Return active customers by cohort, as :func:`retention_lib.study.Study.cohorts` says."""
    unit: PeriodUnit = "month" if cycle.history_days <= _MONTHLY_COHORTS_DAYS else "quarter"
    if kind == "fixed":
        aged = cohorts.fixed_horizon(records.occasions, _AGES[unit], as_of, unit)
        return horizon_rates(aged, unit)
    count = cohorts.bracket if kind == "bracket" else cohorts.unbounded
    return cohort_rates(count(records.occasions, unit), unit, as_of)


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


def figures_on(records: Records, cycle: Cycle, at: date) -> dict[str, Any]:
    """Return the figures of an earlier day, from today's records and by today's yardstick.

    Parameters
    ----------
    cycle
        Today's: its window, and its pinned cycle or else the fresh one, decide what may be said.
    at
        The earlier day.

    Returns
    -------
    dict
        As :func:`retention_lib.retention_rate.answer.rates_at` gives them, and ``customers`` and
        ``occasions`` of the history up to that day.
    """
    known = records.known(at)
    total = counts.totals(known.occasions)
    figures = {name: total[name] for name in ("customers", "occasions")}
    if cycle.window is None:
        return figures
    window = window_of(cycle.window.length, cycle.window.unit, at)
    days = cycle.pinned.cycle_days if cycle.pinned else cycle.cycle_days
    reached, _ = gate(days, window, records.first_date, at)
    return figures | rates_at(reached, retention_inputs(known, window, at))
