"""How many rows can be used?"""

from __future__ import annotations

import pandas as pd

from retention_lib.results import Audit
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import table
from retention_lib.words.checks import name
from retention_lib.words.data_audit.set_aside import MOST_ROWS

_HEADERS = mark(("What became of them", "Rows", "Share of rows"))


def rows(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return the rows used and set aside, as a table shows them."""
    counts = [
        (speech.text("Used"), result.rows_kept),
        *((name(reason, speech), count) for reason, count in result.set_aside.items()),
        (speech.text("All rows of the source"), result.rows_in),
    ]
    lines = [(said, speech.count(count), _part(count, result, speech)) for said, count in counts]
    return table(lines, _HEADERS, speech)


def _part(count: int, result: Audit, speech: Speech) -> str:
    return speech.share(count / result.rows_in) if result.rows_in else "–"


def caption(result: Audit, speech: Speech) -> str:
    """Return the caption of the table of rows."""
    return speech.text("Rows of the source, used and set aside")


def meaning(result: Audit, speech: Speech) -> str:
    """Return what the counted rows mean."""
    if not result.set_aside:
        return speech.prose(
            "The source holds **{rows_in:count}** row{rows_in:|s}. {rows_in:It|All} can be used; "
            "none was set aside.",
            result,
        )
    aside = result.rows_in - result.rows_kept
    return speech.prose(
        "**{aside:count}** row{aside:|s} of {rows_in:count} ({part:share}) {aside:was|were} set "
        "aside, most often because of “{reason}”. set\\_aside.xlsx shows each with its file, line "
        "and reason."
        if aside <= MOST_ROWS
        else "**{aside:count}** row{aside:|s} of {rows_in:count} ({part:share}) {aside:was|were} set "
        "aside, most often because of “{reason}”. set\\_aside.xlsx shows the first "
        "{shown:count} with file, line and reason; set\\_aside.parquet holds all.",
        result,
        aside=aside,
        part=aside / result.rows_in,
        shown=MOST_ROWS,
        reason=name(next(iter(result.set_aside)), speech),
    )
