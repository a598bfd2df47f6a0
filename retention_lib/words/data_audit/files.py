"""Which lines of which files were read?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from retention_lib.results import Audit, FileLines
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import cell, table

_MOST: Final = 10  # files, each by its name
_HEADERS: Final = mark(("File", "Lines", "Above the rows", "Rows", "Inside a row", "Blank"))


def rows(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return the files with what became of their lines, and all together, as a table shows them."""
    files = result.files
    shown, rest = (files[: _MOST - 1], files[_MOST - 1 :]) if len(files) > _MOST else (files, [])
    lines = [(file.name, _counts(file)) for file in shown]
    if rest:
        lines.append((speech.text("{n:count} more files", n=len(rest)), _together(rest)))
    if len(files) > 1:
        lines.append((speech.text("In all"), _together(files)))
    said = [(name, *(cell(n, "count", speech) for n in counts)) for name, counts in lines]
    return table(said, _HEADERS, speech)


def _counts(file: FileLines) -> tuple[int | None, ...]:
    counts = (file.lines, file.above, file.rows, file.continued, file.blank)
    return counts if file.same_as is None else (None,) * len(counts)  # it was not read again


def _together(files: Sequence[FileLines]) -> tuple[int | None, ...]:
    """Return the sums over the files that were read; None where one of them has no lines."""
    columns = zip(*(_counts(file) for file in files if file.same_as is None), strict=True)
    sums = [None if None in column else sum(filter(None, column)) for column in columns]
    return tuple(sums) or (None,) * (len(_HEADERS) - 1)


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
