"""Cells of a workbook that were typed as text, beside real dates and real numbers.

Real ones are written as ``format`` of the YAML says, so that the typed ones alone say how that is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ibis
import ibis.expr.types as ir

from retention_lib.client import Client
from retention_lib.errors import Choice, ConfigError
from retention_lib.sources import Raw, kinds
from retention_lib.transactions.readings import Reading
from retention_lib.transactions.settling import ENOUGH, Count, line_for

__all__ = ["refuse"]


def refuse(
    raw: Raw,
    client: Client,
    file: str,
    count: Count,
    said: Callable[[], str],
    unread: ir.Table,
    ways: Callable[[ibis.Table], Sequence[Reading]],
    every: Sequence[str],
) -> None:
    """Stop if what cannot be read of a workbook's column was typed, in a way that can be told.

    Parameters
    ----------
    raw, client
        The source and the client.
    file
        The file's label.
    count
        How much of the column cannot be read.
    said
        Says so.
    unread
        The texts that cannot be read, as a column ``text``.
    ways
        How texts may be read.
    every
        The labels of all files.

    Raises
    ------
    ConfigError
        With a line for each way to read nearly all of them.
    """
    if not count.doubtful or not _has_types(raw, file):
        return
    good = [it for it in ways(unread) if it.missed <= (1 - ENOUGH) * it.present]
    if not good:
        return
    choices = [Choice(line_for(client, [file], every, it.settings), it.means) for it in good]
    listed = " or ".join(map(str, choices))
    raise ConfigError(
        f"{said()}: they were typed as text, among cells that are real dates or numbers. Write how "
        f"they were typed, and the real ones are read with them: {listed}.",
        choices=choices,
    )


def _has_types(raw: Raw, file: str) -> bool:
    return any(it.label == file and kinds.has_types(it.file) for it in raw.files)
