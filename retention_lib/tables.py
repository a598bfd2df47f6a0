"""Tables: frames of words in, great_tables out, with a fixed id, a caption and aligned figures.

The cells are text already, written by :mod:`retention_lib.words`; great_tables escapes them.
"""

from __future__ import annotations

import pandas as pd
from great_tables import GT


class Table(GT):
    """A table that shows the same wherever it is shown, also as plain text.

    great_tables' own writes other HTML in some editors, and its objects' addresses as text.
    """

    def __repr__(self) -> str:
        """Return the caption over the rows."""
        rows = pd.DataFrame(self._tbl_data).to_string(index=False)
        return f"{self._heading.title}\n\n{rows}"

    def _repr_html_(self) -> str:
        return str(self.as_raw_html())


def rows(frame: pd.DataFrame, caption: str) -> GT:
    """Show what became of the rows of the source (``words.rows.rows``)."""
    return _table(frame, caption, "rows", texts=(0,))


def checks(frame: pd.DataFrame, caption: str) -> GT:
    """Show what the audit noticed (``words.checks.rows``)."""
    return _table(frame, caption, "checks", texts=(0, 4))


def parameters(frame: pd.DataFrame, caption: str) -> GT:
    """Show fitted parameters (``words.parameter_rows``)."""
    return _table(frame, caption, "parameters", texts=(0, 1))


def race(frame: pd.DataFrame, caption: str) -> GT | None:
    """Show how each forecast did in the test (``words.race_rows``); None without any."""
    return None if frame.empty else _table(frame, caption, "race", texts=(0,))


def rolling(frame: pd.DataFrame, caption: str) -> GT | None:
    """Show how each forecast did over all races (``words.rolling_rows``); None without any."""
    return None if frame.empty else _table(frame, caption, "rolling", texts=(0,))


def columns(frame: pd.DataFrame, caption: str) -> GT:
    """Show what the columns of the list of customers say (``words.column_rows``)."""
    return _table(frame, caption, "columns", texts=(0, 1, 2))


def segments(frame: pd.DataFrame, caption: str) -> GT:
    """Show customers by state (``words.states.rows``)."""
    return _table(frame, caption, "segments", texts=(0,))


def claims(frame: pd.DataFrame, caption: str) -> GT:
    """Show folk claims against the client's own figures (``words.claims.rows``)."""
    return _table(frame, caption, "claims", texts=(0, 3))


def changes(frame: pd.DataFrame, caption: str) -> GT | None:
    """Show what has changed since an earlier report (``words.change_rows``); None without rows."""
    return None if frame.empty else _table(frame, caption, "changes", texts=(0,))


def lost(frame: pd.DataFrame, caption: str) -> GT | None:
    """Show the most valuable customers lost (``words.lost_rows``); None without any."""
    return (
        None
        if frame.empty
        else _table(frame, caption, "lost", texts=(0, *range(4, frame.shape[1])))
    )


def _table(frame: pd.DataFrame, caption: str, name: str, texts: tuple[int, ...]) -> GT:
    """Return a table whose columns are text at the given places and figures elsewhere.

    Parameters
    ----------
    frame
        Text in every cell, headers as column names.
    caption
        What the table holds.
    name
        Becomes the table's id, the same on every run.
    texts
        Places of the columns that are words, aligned to the left.
    """
    left = [str(header) for at, header in enumerate(frame.columns) if at in texts]
    right = [str(header) for header in frame.columns if header not in left]
    table = Table(frame.astype("str"), id=f"table-{name}").tab_header(title=caption)
    if left:
        table = table.cols_align("left", columns=left)
    return table.cols_align("right", columns=right) if right else table
