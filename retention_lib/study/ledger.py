"""The published forecasts of a client, found beside its reports, and what came of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import ibis

from retention_lib.clv import ledger
from retention_lib.results import Why
from retention_lib.results.ledger import read
from retention_lib.summaries import published


def scored(
    home: Path, occasions: ibis.Table, as_of: date, unfit: Why | None = None
) -> ledger.Published:
    """Return how the forecasts that were published before a day have come out by then.

    Parameters
    ----------
    home
        The client's folder of reports.
    occasions
        Those up to the day, of all customers.
    unfit
        Why the records are no measure of a forecast, if they are not.
    """
    lines = read(home)
    entries = ledger.before(lines.entries, as_of)
    spans = [(entry.day, entry.due) for entry in ledger.due(entries, as_of)]
    counted = unfit or published.counted(occasions, spans)
    return ledger.published(entries, counted, as_of, lines.notes)
