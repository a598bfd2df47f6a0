"""The forecast followed: week by week, and over the states that a customer may be in."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from retention_lib import stats
from retention_lib.models.purchase_model import PurchaseModel
from retention_lib.models.units import DAYS_PER_WEEK
from retention_lib.stats import Floats

_SILENCES = 60
_MOST_FREQUENCIES = 12
_FEWEST = 0.01  # of the customers, who have bought so often or more


def tracking(
    daily: pd.DataFrame, as_of: date, holdout_days: int, forecast: PurchaseModel | float | None
) -> pd.DataFrame:
    """Return the repeat occasions of each week, made and predicted.

    Parameters
    ----------
    daily
        As :func:`retention_lib.summaries.backtests.daily_known` gives it: of customers who had come
        before the holdout.
    as_of
        The last day; weeks are the seven days that end with it, and those before.
    holdout_days
        Length of the holdout.
    forecast
        The model fitted on the holdout's eve; or the total that a rule expects of the holdout, even
        over its days; None: nothing is predicted.

    Returns
    -------
    pandas.DataFrame
        - week_ends: the week's last day
        - made, predicted: repeat occasions; predicted is NaN where a rule says nothing
        - made_total, predicted_total: the same up to the week's end; a rule's goes on from what
          was made before it
        - held_out: whether the whole week lies in the holdout
    """
    if daily.empty:
        return pd.DataFrame()
    first, repeats = _whole_weeks(daily, as_of)
    today = len(first) - 1
    ends = np.arange(DAYS_PER_WEEK - 1, len(first), DAYS_PER_WEEK)
    made_total = np.cumsum(repeats)[ends]
    held_out = ends - DAYS_PER_WEEK >= today - holdout_days
    if isinstance(forecast, PurchaseModel):
        predicted_total = forecast.repeats_of_new(first, today - holdout_days)
        predicted = np.diff(predicted_total, prepend=0.0)
    else:
        pace = np.nan if forecast is None else forecast / holdout_days * DAYS_PER_WEEK
        predicted = np.where(held_out, pace, np.nan)
        predicted_total = made_total[~held_out].max(initial=0.0) + np.nancumsum(predicted)
        predicted_total[np.isnan(predicted)] = np.nan
    return pd.DataFrame(
        {
            "week_ends": pd.Timestamp(as_of) - pd.to_timedelta(today - ends, unit="D"),
            "made": np.diff(made_total, prepend=0.0),
            "predicted": predicted,
            "made_total": made_total,
            "predicted_total": predicted_total,
            "held_out": held_out,
        }
    )


def _whole_weeks(daily: pd.DataFrame, as_of: date) -> tuple[Floats, Floats]:
    """Return first purchases and repeat occasions of every day of the weeks up to today."""
    back = (pd.Timestamp(as_of) - pd.to_datetime(daily["day"])).dt.days.to_numpy()  # 0 is today
    length = DAYS_PER_WEEK * (int(back.max()) // DAYS_PER_WEEK + 1)
    at = length - 1 - back
    first, repeats = np.zeros(length), np.zeros(length)
    first[at], repeats[at] = daily["first_purchases"], daily["repeats"]
    return first, repeats


def alive_grid(model: PurchaseModel, triples: pd.DataFrame) -> pd.DataFrame:
    """Return the chance to be a customer still, by frequency and silence, at one age.

    Parameters
    ----------
    triples
        ``frequency``, ``T_days``, ``customers``.

    Returns
    -------
    pandas.DataFrame
        - frequency: from 0 up, as far as one customer in a hundred has come
        - silent_days: since the latest occasion
        - p_alive: NaN where no such customer can be
        - T_days: the median of all customers, the same in every row
    """
    age = round(stats.weighted_median(triples["T_days"], triples["customers"]) or 0)
    steps = np.unique(np.round(np.linspace(0, age, _SILENCES + 1)))
    grid = pd.MultiIndex.from_product(
        [range(_highest(triples) + 1), steps.astype(int)], names=["frequency", "silent_days"]
    ).to_frame(index=False)
    frequency, recency = grid["frequency"], age - grid["silent_days"]
    # each repeat occasion has a day of its own, and those with none were last seen on the first
    can_be = np.where(frequency > 0, recency >= frequency, recency == 0)
    state = frequency[can_be], recency[can_be], np.full(can_be.sum(), age)
    p_alive = np.full(len(grid), np.nan)
    p_alive[can_be] = model.p_alive(*state)
    return grid.assign(p_alive=p_alive, T_days=age)


def _highest(triples: pd.DataFrame) -> int:
    """Return the highest frequency that one customer in a hundred has, within what can be drawn."""
    by = triples.groupby("frequency")["customers"].sum().sort_index(ascending=False)
    reached = by.index[by.cumsum() >= _FEWEST * by.sum()]
    return min(int(reached.max()), _MOST_FREQUENCIES)
