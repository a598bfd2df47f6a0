"""What the cycle is found from: the summaries of one client's occasions, put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial

import ibis
import pandas as pd

from retention_lib.cycle_detection import Division, Evidence, by_day
from retention_lib.results import Billing, ChartPeriod, StratumKind
from retention_lib.summaries import counts, strata
from retention_lib.summaries.occasions import as_known
from retention_lib.summaries.subscriptions import subscriptions

# of the draw of one occasion per customer
SEED = 20_005


def evidence(
    occasions: ibis.Table,
    first_date: date,
    as_of: date,
    segments: Sequence[str] = (),
    billing: Sequence[Billing] = ("month", "quarter"),
) -> Evidence:
    """Return what the cycle of a client is found from, as of a day.

    Parameters
    ----------
    first_date
        Day of the first occasion.
    segments
        The client's names of the columns ``segment_1``, ``segment_2``, ...
    billing
        The billing periods to look for among the customers.
    """
    return Evidence(
        gaps=counts.gaps(occasions),
        waits=counts.waits(occasions, as_of),
        pairs=counts.last_gap_pairs(occasions),
        days=by_day(counts.daily(occasions, SEED), first_date, as_of),
        divisions=tuple(_divisions(occasions, segments, as_of)),
        subscribers=subscriptions(occasions, billing),
        activity=partial(_full_periods, occasions, first_date, as_of),
        customers_in=lambda period: counts.customers_between(occasions, period.start, period.end),
        known_at=partial(_known_at, occasions),
    )


def _divisions(occasions: ibis.Table, segments: Sequence[str], as_of: date) -> Iterator[Division]:
    """Yield the ways to divide the customers: by order, and by what the client's columns say."""
    yield _division(occasions, as_of, "order", strata.ORDER)
    for number, name in enumerate(segments, start=1):
        head = f"{name}: " if len(segments) > 1 else ""
        yield _division(occasions, as_of, "segment", f"segment_{number}", head)
    kinds: tuple[StratumKind, ...] = ("channel", "owner")
    for kind in kinds:
        if kind in occasions.columns:
            yield _division(occasions, as_of, kind, kind)


def _division(
    occasions: ibis.Table, as_of: date, kind: StratumKind, part: str, head: str = ""
) -> Division:
    shown, _ = strata.largest(strata.customers(occasions, part))
    gaps, waits, _ = strata.spells(occasions, as_of, part, only=list(shown["part"]))
    return Division(
        kind, *(table.assign(part=head + table["part"]) for table in (gaps, waits, shown))
    )


def _full_periods(
    occasions: ibis.Table, first_date: date, as_of: date, unit: ChartPeriod
) -> pd.DataFrame:
    """Return the activity of the periods that the history holds from their first day to their last."""
    table = counts.activity(occasions, unit)
    bounds = [counts.period_bounds(int(period), unit) for period in table["period"]]
    full = [first_date <= start and end <= as_of for start, end in bounds]
    return table[full].reset_index(drop=True)


def _known_at(occasions: ibis.Table, at: date) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return gaps and waits as they were known on a day, and the customers' state and future."""
    known = as_known(occasions, at)
    return (
        counts.gaps(known),
        counts.waits(known, at),
        counts.frequency_recency(occasions, at),
    )
