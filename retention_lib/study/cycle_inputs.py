"""What the cycle is found from: the summaries of one client's occasions, put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Literal

import ibis
import pandas as pd

from retention_lib.cycle_detection import CycleInputs
from retention_lib.cycle_detection.calendar import by_day
from retention_lib.cycle_detection.strata import Division
from retention_lib.results import Billing, ChartPeriod, StratumKind
from retention_lib.summaries import counts, strata
from retention_lib.summaries.occasions import as_known
from retention_lib.summaries.subscriptions import subscriptions

Attribute = Literal["segment", "channel", "owner"]
# of the draw of one occasion per customer
SEED = 20_005


def cycle_inputs(
    occasions: ibis.Table,
    first_date: date,
    as_of: date,
    segments: Sequence[str] = (),
    billing: Sequence[Billing] = ("month", "quarter"),
) -> CycleInputs:
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
    return CycleInputs(
        gaps=counts.gaps(occasions),
        waits=counts.waits(occasions, as_of),
        pairs=counts.last_gap_pairs(occasions),
        days=by_day(counts.daily(occasions, SEED), first_date, as_of),
        divisions=tuple(_divisions(occasions, segments, as_of)),
        subscribers=subscriptions(occasions, billing),
        activity=partial(full_periods, occasions, first_date, as_of),
        customers_in=lambda period: counts.customers_between(occasions, period.start, period.end),
        known_at=partial(_known_at, occasions),
    )


def _divisions(occasions: ibis.Table, segments: Sequence[str], as_of: date) -> Iterator[Division]:
    """Yield the ways to divide the customers: by order, and by what the client's columns say."""
    yield _division(occasions, as_of, "order", strata.ORDER, "")
    for attribute in attributes(occasions, segments):
        yield _division(occasions, as_of, *attribute)


def attributes(
    occasions: ibis.Table, segments: Sequence[str]
) -> Iterator[tuple[Attribute, str, str]]:
    """Yield what the client's columns say of customers: kind, column, and what heads its names."""
    for number, name in enumerate(segments, start=1):
        yield "segment", f"segment_{number}", f"{name}: " if len(segments) > 1 else ""
    kinds: tuple[Attribute, ...] = ("channel", "owner")
    yield from ((kind, kind, "") for kind in kinds if kind in occasions.columns)


def _division(
    occasions: ibis.Table, as_of: date, kind: StratumKind, part: str, head: str
) -> Division:
    shown, _ = strata.largest(strata.customers(occasions, part))
    gaps, waits, _ = strata.spells(occasions, as_of, part, only=list(shown["part"]))
    gaps, waits, shown = (table.assign(part=head + table["part"]) for table in (gaps, waits, shown))
    return Division(kind, gaps, waits, shown, head.removesuffix(": "))


def full_periods(
    occasions: ibis.Table, first_date: date, as_of: date, unit: ChartPeriod
) -> pd.DataFrame:
    """Return the activity of the periods that the history holds from their first day to their last.

    Beside the columns of :func:`retention_lib.summaries.counts.activity`, ``start`` and ``end``
    are a period's first and last day. Full periods after the latest purchase are there, with nobody.
    """
    table = counts.activity(occasions, unit, until=as_of)
    bounds = [counts.period_bounds(int(period), unit) for period in table["period"]]
    days = table.assign(start=[start for start, _ in bounds], end=[end for _, end in bounds])
    full = [first_date <= start and end <= as_of for start, end in bounds]
    return days[full].reset_index(drop=True)


def _known_at(occasions: ibis.Table, at: date) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return gaps and waits as they were known on a day, and the customers' state and future."""
    known = as_known(occasions, at)
    return (counts.gaps(known), counts.waits(known, at), counts.frequency_recency(occasions, at))
