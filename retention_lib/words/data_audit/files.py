"""Which lines of which files were read?"""

from __future__ import annotations

import pandas as pd

from retention_lib.results import Audit, FileLines
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import cell, table

_HEADERS = mark(("File", "Lines", "Above the rows", "Rows", "Inside a row", "Blank"))


def rows(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return the files with what became of their lines, as a table shows them."""
    return table([_row(file, speech) for file in result.files], _HEADERS, speech)


def _row(file: FileLines, speech: Speech) -> tuple[str, ...]:
    counts = (file.lines, file.above, file.rows, file.continued, file.blank)
    said = counts if file.same_as is None else (None,) * len(counts)  # it was not read again
    return file.name, *(cell(count, "count", speech) for count in said)


def caption(result: Audit, speech: Speech) -> str:
    """Return the caption of the table of files."""
    return speech.text("What became of the lines of each file")


def meaning(result: Audit, speech: Speech) -> str:
    """Return what the counted lines mean, and which files were read once though they came twice."""
    if not result.files:
        return speech.prose("The records come from a database, which has no lines to account for.")
    lines = [_sum(result, speech)]
    lines += [
        speech.prose(
            "- **{name}** holds the same as {same_as}, so it was not read a second time.", file
        )
        for file in result.files
        if file.same_as is not None
    ]
    return "\n".join(lines)


def _sum(result: Audit, speech: Speech) -> str:
    read = [file for file in result.files if file.same_as is None]
    lines = sum(file.lines or 0 for file in read)
    if not lines:
        return speech.prose("**{n:count}** file{n:|s} {n:was|were} read, row by row.", n=len(read))
    return speech.prose(
        "**{lines:count}** line{lines:|s} of text {lines:was|were} read, and {lines:it is|all are} "
        "accounted for: a line is a row, a part of one, blank, or stands above the rows.",
        lines=lines,
    )
