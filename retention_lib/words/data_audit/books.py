"""Do the figures meet the client's books, or else: what can be laid beside them?"""

from __future__ import annotations

import pandas as pd

from retention_lib.results import Audit
from retention_lib.speech import Speech
from retention_lib.words.data_audit import control, years
from retention_lib.words.reasons import follow


def rows(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return the totals of the books beside what was read; without any, what each year brought."""
    return (control if result.control else years).rows(result, speech)


def caption(result: Audit, speech: Speech) -> str:
    """Return the caption of that table."""
    return (control if result.control else years).caption(result, speech)


def meaning(result: Audit, speech: Speech) -> str:
    """Return whether the books are met, what was given back, and what names no customer."""
    return follow(control.meaning(result, speech), years.meaning(result, speech))
