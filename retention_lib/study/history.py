"""What the records of a client hold over time: rows, money and customers by calendar period."""

from __future__ import annotations

from datetime import date
from typing import Final

import ibis
import pandas as pd

from retention_lib.summaries import counts

_WEEKS_UP_TO: Final = 370  # days of history
_MONTHS_UP_TO: Final = 12 * 366


def history(
    kept: ibis.Table,
    occasions: ibis.Table,
    first: date,
    last: date,
    unit: counts.PeriodUnit | None = None,
) -> pd.DataFrame:
    """Return what each calendar period holds, as :meth:`retention_lib.study.Study.history` says.

    Parameters
    ----------
    kept, occasions
        The rows in use, and the purchase occasions.
    first, last
        The day of the first occasion, and that of the report.
    """
    unit = unit or _unit(first, last)
    table = counts.history(kept, occasions, unit, last)
    bounds = [counts.period_bounds(int(number), unit) for number in table["period"]]
    days = pd.DataFrame(bounds, columns=["start", "end"], dtype=object).assign(unit=unit)
    whole = [start >= first and end <= last for start, end in bounds]
    return pd.concat([days, table.drop(columns="period").assign(complete=whole)], axis=1)


def _unit(first: date, last: date) -> counts.PeriodUnit:
    """Return by which periods a history is drawn, so that their bars can be told apart."""
    days = (last - first).days + 1
    return "week" if days <= _WEEKS_UP_TO else "month" if days <= _MONTHS_UP_TO else "quarter"
