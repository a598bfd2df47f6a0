"""Do the figures meet the client's books, or else: what can be laid beside them?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

from retention_lib.results import Audit, ControlTotal
from retention_lib.speech import Speech
from retention_lib.words.cells import UNKNOWN
from retention_lib.words.data_audit import control, years
from retention_lib.words.labels import label
from retention_lib.words.lowered import WHAT
from retention_lib.words.reasons import follow

_MOST: Final = 15  # rows; beyond, months that meet are only counted
_WORDS: Final = (0, 1, 6)  # places of the columns of totals that hold words


def rows(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return the totals of the books beside what was read; without any, what each year brought.

    What is not known of any year has no column.
    """
    if not result.control:
        found = years.rows(result, speech)
        return found.loc[:, (found != UNKNOWN).any()]
    shown, met = _shown(result.control)
    made = control.rows(result.model_copy(update={"control": shown}), speech)
    rest = pd.DataFrame(list(_not_given(result, speech)), columns=made.columns)
    table = pd.concat([made, rest], ignore_index=True)
    table.attrs["texts"] = _WORDS
    if met:
        said = speech.text("{n:count} more month{n:|s} {n:meets|meet} the books.", n=met)
        table.attrs["notes"] = [said]
    return table


def _shown(totals: list[ControlTotal]) -> tuple[list[ControlTotal], int]:
    """Return the totals that the table shows, and how many months that meet it leaves out."""
    if len(totals) <= _MOST:
        return totals, 0
    shown = [it for it in totals if not it.meets or "-" not in it.period]
    return shown, len(totals) - len(shown)


def _not_given(result: Audit, speech: Speech) -> Iterator[tuple[str, ...]]:
    """Yield the revenue of years that the books' totals do not name, to be laid beside them."""
    named = {it.period for it in result.control if it.what == "revenue"}
    for year in result.years:
        if str(year.year) in named or year.revenue is None:
            continue
        read = speech.number(year.revenue + (year.unassigned_revenue or 0), 2)
        what = label(WHAT, "revenue", speech)
        yield what, str(year.year), UNKNOWN, read, UNKNOWN, UNKNOWN, UNKNOWN


def caption(result: Audit, speech: Speech) -> str:
    """Return the caption of that table."""
    return control.caption(result, speech) if result.control else years.caption(result, speech)


def meaning(result: Audit, speech: Speech) -> str:
    """Return whether the books are met, what was given back, and what names no customer."""
    return follow(control.meaning(result, speech), years.meaning(result, speech))
