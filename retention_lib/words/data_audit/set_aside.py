"""The workbook of the rows set aside: what its columns are called, and where the rest is."""

from __future__ import annotations

from typing import Final

from retention_lib.speech import Speech, mark

MOST_ROWS: Final = 20_000  # in the workbook: more than anybody mends by hand
_HEADERS = mark(("File", "Line", "Why it was set aside"))
_UNREAD = mark("The line as it stands in the file")


def headers(speech: Speech) -> list[str]:
    """Return what stands over the columns before those of the client: file, line, reason."""
    return [speech.text(header) for header in _HEADERS]


def unread(speech: Speech) -> str:
    """Return what stands over lines that could not be told apart into columns."""
    return speech.text(_UNREAD)


def rest(more: int, speech: Speech) -> str:
    """Return where the rows stand that the workbook has no room for."""
    return speech.text(
        "{n:count} more row{n:|s} {n:stands|stand} in set_aside.parquet beside this workbook.",
        n=more,
    )
