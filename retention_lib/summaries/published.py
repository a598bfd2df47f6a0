"""What came of published forecasts: the purchases that each of them told of, in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import summed

_COUNTS = ["customers", "occasions", "actual"]


def counted(occasions: ibis.Table, spans: Sequence[tuple[date, date]]) -> pd.DataFrame:
    """Return what today's records know of the days before and within each of some spans.

    Occasions are collapsed to counts by first day and day before they meet the spans.

    Parameters
    ----------
    spans
        Pairs of ``day`` and ``due``: the days after the one, up to and with the other.

    Returns
    -------
    pandas.DataFrame
        A row for each span, in their order: customers (who had first bought by ``day``), occasions
        (theirs up to ``day``), actual (theirs in the span)
    """
    if not spans:
        return pd.DataFrame(columns=_COUNTS)
    asked = ibis.memtable(
        {
            "span": list(range(len(spans))),
            "since": [day for day, _due in spans],
            "due": [due for _day, due in spans],
        },
        schema={"span": "int64", "since": "date", "due": "date"},
    )
    daily = occasions.group_by("first_day", "day").agg(n=_.count())
    met = daily.join(asked, [daily.first_day <= asked.since, daily.day <= asked.due])
    table = summed(
        met.group_by("span"),
        customers=ibis.ifelse(_.day == _.first_day, _.n, 0).sum(),
        occasions=ibis.ifelse(_.day <= _.since, _.n, 0).sum(),
        actual=ibis.ifelse(_.day > _.since, _.n, 0).sum(),
    )
    return table.set_index("span").reindex(range(len(spans)), fill_value=0).astype(int)
