"""Is that good? The headline rate against what it would be if nobody had left."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Final

import pandas as pd

from retention_lib.models import no_churn as models
from retention_lib.models import two_clocks
from retention_lib.models.purchase_model import FitError, distinct, enough_repeat_buyers
from retention_lib.results import Judged, NoChurn, Period, Retention, Why, why
from retention_lib.stats.certainty import of_rate, side_of

STANDARD_ERRORS: Final = 2  # above the expectation, from which on it cannot be right
LARGEST_SPREAD: Final = 0.2  # of the models, from which on none of them is to be believed


def expectation(
    state: Callable[[], pd.DataFrame],
    daily: Callable[[], pd.DataFrame],
    periods: tuple[Period, Period],
) -> NoChurn | Why:
    """Return the rate to be expected if nobody had left, or why it is not known.

    Parameters
    ----------
    state
        Gives ``frequency``, ``recency_days``, ``T_days`` and ``customers`` on the last day of the
        prior window.
    daily
        Gives what all customers bought on each day up to it: day, first_purchases, repeats.
    periods
        The prior window, in which somebody bought, and the window.
    """
    counts, (prior, window) = state(), periods
    try:
        enough_repeat_buyers(counts)
        season = _season(counts, prior.end, daily())
        found = models.expectation(counts, prior.days, window.days, season)
    except FitError as error:
        return why(error.code, **error.facts)
    left_out = {name: why(code, model=name) for name, code in found.left_out.items()}
    return NoChurn.model_validate(vars(found) | {"left_out": left_out})


def _season(counts: pd.DataFrame, at: date, daily: pd.DataFrame) -> models.Season | None:
    """Return the shop's season as it was known on a day; None where none was known yet."""
    try:
        fitted = two_clocks.fit(distinct(counts), at, daily)
    except FitError:
        return None
    return models.Season.of(fitted.clock, daily, at) if "season" in fitted.parts else None


# --- whether it can be used ---


def unusable(result: Retention) -> Why | None:
    """Return why nothing can be read against the expectation; None if something can, or there is none.

    Where more come back than it allows, it is the models that are wrong.
    """
    base = result.no_churn
    if base is None:
        return None
    if base.highest - base.lowest > LARGEST_SPREAD:
        return why("models_disagree", lowest=base.lowest, highest=base.highest)
    groups = (
        (result.returning_rate, base.returning, result.returning_customers),
        (result.first_time_rate, base.first_time, result.first_time_customers),
        (result.retained_rate, base.expectation, result.start_customers),
    )
    for rate, expected, customers in groups:
        if rate is None or expected is None or not customers:
            continue
        error = math.sqrt(expected * (1 - expected) / customers)
        if rate - expected > STANDARD_ERRORS * error:
            return why("above_expectation", rate=rate, expected=expected, customers=customers)
    return None


def judged(result: Retention, regular: bool) -> Judged | None:
    """Return the headline rate beside its expectation; None where either is not known, or usable.

    It is no ceiling, so that a rate which is not clearly below it says nothing.

    Parameters
    ----------
    regular
        Whether customers buy so regularly that the expectation is only a lower bound.
    """
    base, head = result.no_churn, result.headline
    if base is None or head is None or unusable(result) is not None:
        return None
    expected = base.returning if head.established else base.expectation
    if expected is None:
        return None
    low, high = min(base.lowest, expected), max(base.highest, expected)
    near, far = low - head.ci95[1], high - head.ci95[0]
    return Judged(
        expected=expected,
        low=low,
        high=high,
        regular=regular,
        side="below" if side_of(head.ci95, low) == "below" else "unclear",
        certainty=of_rate(head.rate, head.ci95, low) if head.rate < low else "open",
        gap=rounded((expected - head.rate) * head.customers),
        gap_range=(rounded(near * head.customers), rounded(far * head.customers)),
    )


def rounded(n: float) -> int:
    """Return a number of customers to two figures, never below 0."""
    return int(float(f"{max(n, 0.0):.2g}"))
