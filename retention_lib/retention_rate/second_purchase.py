"""Does the first purchase lead to a second? The share, the curve, and the years in which they came."""

from __future__ import annotations

from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.results import SecondPurchases, Side
from retention_lib.retention_rate.shares import share
from retention_lib.stats.certainty import side_of

ALL = "all"
FEWEST = 30


def second_purchase(second: pd.DataFrame) -> dict[str, Any]:
    """Return how many bought a second time within a window of their first purchase.

    Parameters
    ----------
    second
        As :func:`retention_lib.summaries.counts.second_purchases` gives it, per ``grp``.
    """
    customers, again = int(second["customers"].sum()), int(second["again"].sum())
    return share("second_purchase", again, customers) | {"second_purchase_customers": customers}


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


def by_year(curve: pd.DataFrame, days: int) -> list[SecondPurchases]:
    """Return how many were back after so many days, by the year of the first purchase.

    Parameters
    ----------
    curve
        As :func:`second_purchase_curve` gives it; of a year whose curve ends before, nothing is said.
    """
    years = curve[curve["group"] != ALL]
    reached = years.loc[years["day"] >= days, "group"].unique()
    seen = years[(years["day"] <= days) & years["group"].isin(reached)]
    last = seen.sort_values(["group", "day"]).groupby("group").tail(1)
    return [
        SecondPurchases(year=year, rate=back, ci95=_interval(back, left))
        for year, back, left in last[["group", "share_back", "at_risk"]].to_numpy().tolist()
        if left >= FEWEST
    ]


def _interval(back: float, left: float) -> tuple[float, float]:
    """Return Wilson's interval as if all watched so far were those not back and their like."""
    watched = round(left / (1 - back)) if back < 1 else round(left)
    return stats.wilson(round(back * watched), watched)


def last_year(years: list[SecondPurchases]) -> Side:
    """Return on which side of the first year's interval the last one's lies."""
    if len(years) < 2:
        return "unclear"
    return side_of(years[-1].ci95, *years[0].ci95)
