"""What became of the forecasts that earlier reports have published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import pandas as pd

from retention_lib.results import Ledger, PublishedForecast, Why
from retention_lib.results.ledger import Entry

REVISED: Final = (
    0.01  # of the customers or purchases of a day, from which they are others than then
)
_COLUMNS: Final = ["day", "due", "model", "purchases", "low", "high", "actual", "outcome"]


@dataclass(frozen=True)
class Published:
    """The published forecasts, and why of each that nothing is counted of, by its pointer."""

    ledger: Ledger
    why_not: dict[str, Why | None] = field(default_factory=dict)


NOTHING: Final = Published(Ledger(due=0, inside=0, unjudged=0, forecasts=[], notes=[]))


def before(entries: Iterable[Entry], as_of: date) -> list[Entry]:
    """Return the forecasts published before a day, the earliest first: one of each day and span.

    The first that was entered counts: whoever runs a report again may have seen what came.
    """
    first: dict[tuple[date, date], Entry] = {}
    for entry in entries:
        first.setdefault((entry.day, entry.due), entry)
    return [first[key] for key in sorted(first) if key[0] < as_of]


def due(entries: Iterable[Entry], as_of: date) -> list[Entry]:
    """Return the forecasts that tell of no day after this one."""
    return [entry for entry in entries if entry.due <= as_of]


def published(
    entries: Sequence[Entry],
    counted: pd.DataFrame | Why,
    as_of: date,
    notes: Sequence[Why] = (),
) -> Published:
    """Return how the published forecasts have come out.

    Parameters
    ----------
    entries
        As :func:`before` gives them.
    counted
        As :func:`retention_lib.summaries.published.counted` gives it for those that are :func:`due`,
        in their order; or why today's records are no measure of any.
    notes
        What could not be read of the list.
    """
    why_not = counted if isinstance(counted, Why) else None
    counts = iter([] if isinstance(counted, Why) else counted.to_dict("records"))
    scored = [_scored(one, next(counts, {}) if one.due <= as_of else {}) for one in entries]
    over = {at: one for at, one in enumerate(scored) if one.due <= as_of}
    outcomes = [one.outcome for one in over.values()]
    return Published(
        Ledger(
            due=len(over),
            inside=outcomes.count("inside"),
            unjudged=outcomes.count("not judged") + outcomes.count("not due"),
            forecasts=scored,
            notes=list(notes),
        ),
        {f"/ledger/forecasts/{at}/actual": why_not for at in over},
    )


def none(note: Why) -> Published:
    """Return that no published forecast is looked at, and why."""
    return published([], pd.DataFrame(), date.min, [note])


def _scored(entry: Entry, counts: dict[Any, Any]) -> PublishedForecast:
    """Return what came of one forecast; ``counts`` is empty where nothing is counted."""
    then = {"customers": entry.customers, "occasions": entry.occasions}
    return PublishedForecast(
        day=entry.day,
        due=entry.due,
        model=entry.model,
        purchases=entry.purchases,
        ci95=entry.purchases_ci95,
        actual=int(counts["actual"]) if counts else None,
        revised=bool(counts) and any(_moved(then[name], counts[name]) for name in then),
    )


def _moved(then: int | None, now: float) -> bool:
    return then is not None and abs(now - then) > REVISED * then


def ledger_table(ledger: Ledger) -> pd.DataFrame:
    """Return the published forecasts and what came, the earliest first.

    Returns
    -------
    pandas.DataFrame
        - day, due: the forecast tells of the days after the one, up to and with the other
        - model; purchases, low, high: what it said, with its range (NaN where it had none)
        - actual: purchases that came, NaN where it is not due
        - outcome: "inside", "above", "below" the range, "not judged" or "not due"
    """
    rows = [
        (
            *(one.day, one.due, one.model, one.purchases, *(one.ci95 or (None, None))),
            *(one.actual, one.outcome),
        )
        for one in ledger.forecasts
    ]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    return table.astype(dict.fromkeys(("purchases", "low", "high", "actual"), float))
