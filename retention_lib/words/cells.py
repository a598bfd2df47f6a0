"""What the tables of all notebooks share: headers, and cells of figures that may be unknown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import pandas as pd

from retention_lib.speech import Speech

UNKNOWN: Final = "–"


def table(lines: Iterable[Sequence[str]], headers: Sequence[str], speech: Speech) -> pd.DataFrame:
    """Return lines of text under marked headers, which may name the currency."""
    return pd.DataFrame(lines, columns=[speech.text(header, speech) for header in headers])


def cell(value: Any, kind: str, speech: Speech) -> str:
    """Return a value as its kind is said, a dash where it is not known."""
    return UNKNOWN if value is None else speech.said(value, kind)
