"""Does the first purchase lead to a second: the curve, for all and by year of the first."""

from __future__ import annotations

import pandas as pd

from retention_lib import stats

ALL = "all"
FEWEST = 30


def second_purchase_curve(waits: pd.DataFrame) -> pd.DataFrame:
    """Return what share of first-time buyers has bought again, by day since the first purchase.

    Kaplan and Meier's estimate: each customer counts once, for as long as they could be watched.

    Parameters
    ----------
    waits
        As :func:`retention_lib.summaries.cohorts.first_waits` gives them.

    Returns
    -------
    pandas.DataFrame
        - group: ``"all"``, or the year of the first purchase where there are several
        - day: 0, 1, ... while at least thirty are at risk
        - share_back: share who have bought a second time by then
        - at_risk: customers still waiting on that day
    """
    years = sorted(waits["year"].unique())
    groups = [(ALL, waits)]
    if len(years) > 1:
        groups += [(str(year), waits[waits["year"] == year]) for year in years]
    curves = [_curve(table).assign(group=name) for name, table in groups]
    return pd.concat(curves, ignore_index=True)[["group", "day", "share_back", "at_risk"]]


def _curve(waits: pd.DataFrame) -> pd.DataFrame:
    spells = waits.rename(columns={"customers": "weight"})
    curve = stats.return_curve(spells[spells["back"]], spells[~spells["back"]])
    followed = curve[curve["at_risk"] >= FEWEST]
    return followed.assign(share_back=1 - followed["not_back"]).drop(columns="not_back")
