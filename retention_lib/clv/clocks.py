"""What does the calendar do to purchases? The season, the pace, and how the chance to stay has moved."""

from __future__ import annotations

import numpy as np
import pandas as pd

from retention_lib.models.clocks_likelihood import BUYING, LEAVING, PACE
from retention_lib.models.total_uncertainty import DRAWS, parameter_draws
from retention_lib.models.two_clocks import TwoClocks
from retention_lib.models.units import DAYS_PER_YEAR
from retention_lib.results import Clocks, MonthFactor, Trend
from retention_lib.stats import Floats

_SURE = 1.96  # standard errors of a 95 % interval
# likelihood ratio of a trend of staying, in place of 3.84: of 500 simulated shops without one, 6.6 %
# are beyond 3.84, since the higher of two maxima is taken, and 3 % beyond this
_LEAST_RATIO = 5.4
_DUST = 1e-12


def clocks(model: TwoClocks, history_days: int) -> Clocks:
    """Return what the calendar does, as the model on two clocks has it.

    A trend is ``present`` where its interval leaves out 0. That of staying is stretched to 0 where
    leaving out the trend costs less than 5.4 of twice the log-likelihood, so that the two agree.
    """
    stays = _chance_to_stay(model)
    trends = "stay" in model.parts
    return Clocks(
        years=history_days / DAYS_PER_YEAR,
        season=list(_season(model)) if model.parts else [],
        season_is="unknown" if not model.parts else "known" if trends else "tentative",
        pace=_pace(model) if trends else None,
        stay=_stay(model) if trends else None,
        stay_then=float(stays[-1]),
        stay_now=float(stays[0]),
    )


def stay_by_month(model: TwoClocks, seed: int) -> pd.DataFrame:
    """Return the mean chance to stay after a purchase, month by month of the history.

    Returns
    -------
    pandas.DataFrame
        Empty without a trend of it; else, the earliest first:

        - month: its first day
        - stay: the mean over customers, in the middle of the month
        - stay_low, stay_high: its 95 % interval
    """
    if model.calendar is None or "stay" not in model.parts:
        return pd.DataFrame()
    ago = np.arange(model.calendar.days, -1, -1)
    days = pd.Timestamp(model.calendar.at) - pd.to_timedelta(ago, unit="D")
    by_day = pd.Series(ago, index=days.to_period("M").to_timestamp())
    middle = by_day.groupby(level=0).median().round().astype(int)

    def logits(one: TwoClocks) -> Floats:
        stays = _chance_to_stay(one)[middle.to_numpy()]
        return np.asarray(np.log(stays / (1 - stays)))

    at = logits(model)
    draws = [logits(one) for one in parameter_draws(model, DRAWS, seed)]
    half = _SURE * np.std(draws, axis=0)
    columns = {"stay": at, "stay_low": at - half, "stay_high": at + half}
    chances = {name: 1 / (1 + np.exp(-logit)) for name, logit in columns.items()}
    return pd.DataFrame({"month": middle.index, **chances})


def _chance_to_stay(model: TwoClocks) -> Floats:
    """Return the mean over customers of the chance to stay after a purchase, today and before."""
    a, b = model.params["a"], model.params["b"]
    factors = model.clock.stays if model.clock.stays.size else np.ones(2)
    if model.calendar is not None and not model.clock.stays.size:
        factors = np.ones(model.calendar.days + 1)
    return np.asarray(b / (a + b) * factors)


def _season(model: TwoClocks) -> list[MonthFactor]:
    assert model.covariance is not None
    season = slice(BUYING, PACE)
    logs, slopes = model.effects.logs, model.effects.slopes
    variances = np.diag(slopes @ model.covariance[season, season] @ slopes.T)
    half = _SURE * np.sqrt(variances)
    low, factor, high = (np.exp(one).tolist() for one in (logs - half, logs, logs + half))
    return [
        MonthFactor(month=at + 1, factor=factor[at], ci95=(low[at], high[at]))
        for at in range(len(logs))
    ]


def _pace(model: TwoClocks) -> Trend:
    return _trend(model.effects.pace, _error(model, PACE))


def _stay(model: TwoClocks) -> Trend:
    error, found = _error(model, LEAVING), model.effects.leaving
    if model.stay_gain < _LEAST_RATIO:
        error = max(error, abs(found) / _SURE)
    return _trend(-found, error)


def _error(model: TwoClocks, place: int) -> float:
    assert model.covariance is not None
    return float(np.sqrt(model.covariance[place, place]))


def _trend(log: float, error: float) -> Trend:
    """Return a trend as a share a year."""
    low, high = log - _SURE * error, log + _SURE * error
    share = [float(np.expm1(one)) for one in (log, low, high)]
    return Trend(
        per_year=share[0], ci95=(share[1], share[2]), present=bool(low > _DUST or high < -_DUST)
    )
