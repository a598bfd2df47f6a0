"""Do later customers stay as long as earlier ones? Shares by cohort and period, in one layout.

All tables have the same columns, so that one figure can draw any of them.
"""

from __future__ import annotations

from datetime import date
from itertools import count, takewhile

import pandas as pd

from retention_lib.results import CohortMean
from retention_lib.summaries.counts import PeriodUnit, period_bounds


def cohort_rates(counts: pd.DataFrame, unit: PeriodUnit, as_of: date) -> pd.DataFrame:
    """Return the share of each cohort that is active in each calendar period after its first.

    Parameters
    ----------
    counts
        As :func:`retention_lib.summaries.cohorts.bracket` or ``unbounded`` gives them.

    Returns
    -------
    pandas.DataFrame
        - cohort: first day of the period of first purchase; unit
        - size: customers; period: 0, 1, ... after the first
        - active: customers; rate: their share, missing where the period has not ended
        - mature: whether it has
    """
    ends = _ends(counts["cohort"], unit, as_of)
    cells = [
        (first, number - first)
        for first in counts["cohort"].unique()
        for number in ends.index[ends.index >= first]
    ]
    grid = pd.DataFrame(cells, columns=["cohort", "period"], dtype="int64")
    table = grid.merge(counts, how="left", on=["cohort", "period"])
    sizes = counts[counts["period"] == 0].set_index("cohort")["active"]
    ended = ends.reindex(table["cohort"] + table["period"]).to_numpy() <= pd.Timestamp(as_of)
    return _laid_out(table.assign(size=table["cohort"].map(sizes), mature=ended), unit)


def _ends(numbers: pd.Series, unit: PeriodUnit, as_of: date) -> pd.Series:
    """Return the last day of each period, from the first number to the one that holds a day."""
    if numbers.empty:
        return pd.Series(dtype="datetime64[s]")
    bounds = ((number, *period_bounds(number, unit)) for number in count(int(numbers.min())))
    begun = takewhile(lambda found: found[1] <= as_of, bounds)
    return pd.Series({number: end for number, _, end in begun}, dtype="datetime64[s]")


def horizon_rates(counts: pd.DataFrame, unit: PeriodUnit) -> pd.DataFrame:
    """Return the share of each cohort that is active at each age, of those seen for so long.

    Parameters
    ----------
    counts
        As :func:`retention_lib.summaries.cohorts.fixed_horizon` gives them.

    Returns
    -------
    pandas.DataFrame
        The columns of :func:`cohort_rates`, with horizons for periods:

        - cohort: first day of the period of first purchase; unit (of the cohorts)
        - size: customers seen until the end of the horizon, so of period 0 all
        - period: 0 for the first purchase, then 1, 2, ...; the last has not ended for anyone
        - active: customers; rate: their share, missing where nobody has been seen so long
        - mature: whether somebody has
    """
    unended = counts.groupby("cohort", as_index=False)["period"].max()
    unended = unended.assign(period=unended["period"] + 1, exposed=0, active=0)
    table = pd.concat([counts, unended]).sort_values(["cohort", "period"], ignore_index=True)
    size = table["exposed"]
    return _laid_out(table.assign(size=size, mature=size > 0), unit)


def _laid_out(table: pd.DataFrame, unit: PeriodUnit) -> pd.DataFrame:
    """Return cohort (a number), period, active, size and mature as all tables show them."""
    active, size = table["active"].fillna(0).astype(int), table["size"].astype(int)
    firsts = {number: period_bounds(int(number), unit)[0] for number in table["cohort"].unique()}
    return pd.DataFrame(
        {
            "cohort": pd.to_datetime(table["cohort"].map(firsts)),
            "unit": unit,
            "size": size,
            "period": table["period"],
            "active": active,
            "rate": (active / size).where(table["mature"]),
            "mature": table["mature"],
        }
    )


def cohort_means(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean share of all cohorts in each period, each weighted by its customers.

    Cohorts whose period has not ended and cohorts without customers have no say: they are
    unknown, not 0.

    Parameters
    ----------
    table
        As :func:`cohort_rates` or :func:`horizon_rates` give it.

    Returns
    -------
    pandas.DataFrame
        - period: those for which some cohort is mature
        - rate: share of the customers of these cohorts
        - size: how many customers these are
    """
    told = table[table["mature"] & (table["size"] > 0)]
    sums = told.groupby("period", as_index=False)[["active", "size"]].sum()
    return sums.assign(rate=sums["active"] / sums["size"])[["period", "rate", "size"]]


def later_means(means: pd.DataFrame) -> list[CohortMean]:
    """Return the means of the periods after the first, in their order.

    Parameters
    ----------
    means
        As :func:`cohort_means` gives them.
    """
    later = means[means["period"] > 0].sort_values("period")
    return [
        CohortMean(period=period, customers=size, rate=rate)
        for period, size, rate in later[["period", "size", "rate"]].to_numpy().tolist()
    ]
