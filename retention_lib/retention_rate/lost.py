"""Which valuable customers were lost? How many the list holds, and what they spent."""

from __future__ import annotations

import pandas as pd

from retention_lib import stats
from retention_lib.results import Lost


def lost(listed: pd.DataFrame, spend: float | None) -> Lost | None:
    """Return the most valuable customers lost, in all; None if nobody was lost.

    Parameters
    ----------
    listed
        As :func:`retention_lib.summaries.lost.most_valuable` gives them.
    spend
        What all lost customers spent in the prior window; None without amounts.
    """
    if listed.empty:
        return None
    theirs = None if spend is None else float(listed["prior_spend"].sum())
    share = None if theirs is None or spend is None else stats.ratio(theirs, spend)
    return Lost(customers=len(listed), spend=theirs, share=share)
