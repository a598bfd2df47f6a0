"""How often did the expected days of the next purchase come true: one client's frames."""

from __future__ import annotations

from collections.abc import Callable

import ibis
import numpy as np
import pandas as pd

from retention_lib.clv.next_purchases import came_true, told
from retention_lib.models.purchase_model import Floats, PurchaseModel, distinct
from retention_lib.models.race import MODELS, RULES, daily_rates
from retention_lib.results import NextPurchases
from retention_lib.study.forecasts import Forecasts
from retention_lib.summaries import backtests


def next_purchases(
    forecasts: Forecasts, table: Callable[[pd.DataFrame], ibis.Table]
) -> NextPurchases | None:
    """Return how often the days came true that the forecast in use told on the holdout's eve.

    None without a holdout, where the forecast took no part in it, or where no day lay in it.

    Parameters
    ----------
    table
        Brings a small frame to the engine of the occasions.
    """
    if forecasts.trial.forecast(forecasts.valuation.name) is None:
        return None
    states, by = _on_the_eve(forecasts)
    longest = min(forecasts.holdout_days, int(forecasts.terms.months.last.in_days))
    days = told(states, by, longest)
    at, recent = forecasts.trial_day, "recent" in states
    known = days.drop(columns=["customers", "chance"])
    counted = backtests.bought_in_time(
        forecasts.subscribers.irregular(at),
        table(known),
        at,
        forecasts.holdout_days if recent else 0,
    )
    return came_true(days, *counted)


def _on_the_eve(forecasts: Forecasts) -> tuple[pd.DataFrame, PurchaseModel | Floats]:
    """Return the distinct states of that day, and the forecast in use as it was then."""
    name, counts = str(forecasts.valuation.name), forecasts.trial.counts
    setting = forecasts.setting(forecasts.trial_day)
    if name in RULES:
        states = distinct(counts, "recent")
        return states, np.asarray(daily_rates(name, states, setting))
    states = distinct(counts)
    return states, MODELS[name](states, setting)
