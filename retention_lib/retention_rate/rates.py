"""How many came back: counts and rates of two windows, and the rate that comes first."""

from __future__ import annotations

import pandas as pd

from retention_lib.results import HeadlineRate, Retention
from retention_lib.retention_rate.shares import share, with_ends
from retention_lib.stats.certainty import MAJORITY, of_rate, side_of

_ROWS = (  # group, whose number, whose rate
    ("all", "start", "retained"),
    ("returning", "returning", "returning"),
    ("first_time", "first_time", "first_time"),
    ("formula", "start", "formula"),
)
_COUNTS = ("start", "new", "end", "retained", "resurrected", "lost", "returning", "first_time")


def rates(counts: pd.DataFrame) -> dict[str, object]:
    """Return counts and rates of two windows; the identity of the counts must hold.

    Parameters
    ----------
    counts
        As :func:`retention_lib.summaries.counts.window_counts` gives them, per ``grp``.
    """
    total = counts.sum()
    count = {str(name): int(total[name]) for name in total.index if name != "grp"}
    start, end, new, kept = count["start"], count["end"], count["new"], count["retained"]
    first, first_kept = count["first_time"], count["first_time_retained"]
    resurrected, lost = end - new - kept, start - kept
    if min(resurrected, lost) < 0 or end - start != new + resurrected - lost:
        raise AssertionError("the counts of the two windows contradict each other")
    found = (start, new, end, kept, resurrected, lost, start - first, first)
    return {
        **{f"{name}_customers": n for name, n in zip(_COUNTS, found, strict=True)},
        "formula_rate": (end - new) / start if start else None,
        **share("retained", kept, start),
        **share("returning", kept - first_kept, start - first),
        **share("first_time", first_kept, first),
    }


def headline(result: Retention) -> HeadlineRate | None:
    """Return the rate of established customers, or of all where there are none; None without."""
    established = result.returning_rate is not None
    rate, ci95, customers = (
        (result.returning_rate, result.returning_ci95, result.returning_customers)
        if established
        else (result.retained_rate, result.retained_ci95, result.start_customers)
    )
    if rate is None or ci95 is None:
        return None
    return HeadlineRate(
        established=established,
        customers=customers or 0,
        rate=rate,
        ci95=ci95,
        side=side_of(ci95, MAJORITY),
        certainty=of_rate(rate, ci95),
    )


def frame(result: Retention, regular: bool) -> pd.DataFrame:
    """Return the rates and what they are read against, as the figure draws them.

    Parameters
    ----------
    regular
        Whether the expectations are lower bounds.

    Returns
    -------
    pandas.DataFrame
        One row for ``"all"``, ``"returning"`` and ``"first_time"`` customers, and one for the
        classic ``"formula"``; empty without a rate.

        - group; customers; rate, low, high (fractions, missing where not known)
        - expected (if nobody had left), expected_low, expected_high (over the models, of all)
        - at_least: whether the expectation is a lower bound
    """
    usable = result.no_churn_expectation is not None
    base, found = result.no_churn if usable else None, vars(result)
    expected = (base.expectation, base.returning, base.first_time) if base else (None, None, None)
    rows = [
        (
            group,
            found[f"{counted}_customers"],
            found[f"{rate}_rate"],
            found.get(f"{rate}_ci95"),
            mean,
        )
        for (group, counted, rate), mean in zip(_ROWS, (*expected, None), strict=True)
        if result.retained_rate is not None
    ]
    columns = ["group", "customers", "rate", "ci95", "expected"]
    table = with_ends(pd.DataFrame(rows, columns=columns)).astype(
        {"rate": float, "expected": float}
    )
    low, high = (base.lowest, base.highest) if base else (float("nan"), float("nan"))
    return table.assign(expected_low=low, expected_high=high, at_least=regular)
