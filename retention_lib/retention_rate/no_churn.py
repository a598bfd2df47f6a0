"""Is that good? The headline rate against what it would be if nobody had left."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from retention_lib.models import no_churn as models
from retention_lib.models.purchase_model import FitError
from retention_lib.results import Judged, NoChurn, Period, Retention, Why, why
from retention_lib.stats.certainty import of_rate, side_of


def expectation(state: Callable[[], pd.DataFrame], periods: tuple[Period, Period]) -> NoChurn | Why:
    """Return the rate to be expected if nobody had left, or why it is not known.

    Parameters
    ----------
    state
        Gives ``frequency``, ``recency_days``, ``T_days`` and ``customers`` on the last day of the
        prior window.
    periods
        The prior window, in which somebody bought, and the window.
    """
    try:
        found = models.expectation(state(), *(period.days for period in periods))
    except FitError as error:
        return why(error.code, **error.facts)
    left_out = {name: why(code, model=name) for name, code in found.left_out.items()}
    return NoChurn.model_validate(vars(found) | {"left_out": left_out})


def judged(result: Retention, regular: bool) -> Judged | None:
    """Return the headline rate beside its expectation; None where either is not known.

    Parameters
    ----------
    regular
        Whether customers buy so regularly that the expectation is only a lower bound.
    """
    base, head = result.no_churn, result.headline
    if base is None or head is None:
        return None
    expected = base.returning if head.established else base.expectation
    if expected is None:
        return None
    low, high = min(base.lowest, expected), max(base.highest, expected)
    # above a lower bound may still be below what it bounds
    unknown = regular and head.rate > low
    near, far = low - head.ci95[1], high - head.ci95[0]
    return Judged(
        expected=expected,
        low=low,
        high=high,
        regular=regular,
        side="unclear" if unknown else side_of(head.ci95, low, high),
        certainty="open" if unknown else of_rate(head.rate, head.ci95, low, high),
        gap=rounded((expected - head.rate) * head.customers),
        gap_range=(rounded(near * head.customers), rounded(far * head.customers)),
    )


def rounded(n: float) -> int:
    """Return a number of customers to two figures, never below 0."""
    return int(float(f"{max(n, 0.0):.2g}"))
