"""What forecasts of one client would have said on earlier days, from what was known then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

from retention_lib.clv import past_forecasts, race, ranges, tracking
from retention_lib.clv.past_forecasts import Backtest, Past
from retention_lib.models.purchase_model import FitError, PurchaseModel, distinct
from retention_lib.models.race import MODELS, RULES
from retention_lib.models.total_uncertainty import TotalUncertainty
from retention_lib.results import Holdout, Why
from retention_lib.study.forecasts import Forecasts
from retention_lib.summaries import backtests

SEED = 20_131  # of the draws of parameters


@dataclass(frozen=True)
class Backtests:
    """The forecasts of a client's customers, made again on earlier days."""

    forecasts: Forecasts

    @cached_property
    def rolling(self) -> list[Holdout]:
        """The race of the holdout on earlier days, the latest first; those with enough buyers."""
        today = self.forecasts
        days, ahead = today.holdout_days, timedelta(days=today.holdout_days)
        held = (
            race.trial(today.counted(at, days), today.setting(at), at + ahead).holdout
            for at in past_forecasts.race_days(today.as_of, today.cycle.history_days, days)
        )
        return [one for one in held if one]

    @cached_property
    def past(self) -> Past | None:
        """Earlier forecasts by the one in use; None if there is no forecast."""
        today, name = self.forecasts, self.forecasts.valuation.name
        if name is None:
            return None
        history = today.cycle.history_days
        days = past_forecasts.days_ahead(today.terms.months.last, history)
        origins = past_forecasts.origins(today.as_of, history, days)
        return past_forecasts.past(days, {at: self._backtest(name, at, days) for at in origins})

    def _backtest(self, name: str, at: date, days: int) -> Backtest | Why:
        """Return what the forecast would have said of the days after one, or why it could not.

        A rule goes by the window that the history had room for then.
        """
        today = self.forecasts
        setting = today.setting(at)
        if name in RULES:
            history = today.cycle.history_days - (today.as_of - at).days
            recent_days = race.holdout_days(today.window_days, history)
            setting = replace(setting, window_days=recent_days)
        counted = today.counted(at, days, setting.window_days)
        return past_forecasts.backtest(name, counted, setting, days, SEED)

    @cached_property
    def own_uncertainty(self) -> TotalUncertainty | Why:
        """How sure the forecast in use is of today's totals, or why that is unknown."""
        today = self.forecasts
        triples = backtests.spend_by_triple(today.spent, today.as_of)
        return ranges.own_uncertainty(today.valuation, triples, today.terms, SEED)

    def past_forecasts(self) -> pd.DataFrame:
        """Return earlier forecasts, and today's if it looks as far ahead.

        As :func:`retention_lib.clv.past_forecasts.past_forecasts_table` gives them.
        """
        today, past, horizon = self.forecasts, self.past, self.forecasts.terms.months.last
        ahead = ranges.ahead(today.valuation, self.own_uncertainty, past, today.as_of, horizon)
        return past_forecasts.past_forecasts_table(past.forecasts if past else None, ahead)

    def tracking(self) -> pd.DataFrame:
        """Return repeat occasions by week, made and predicted on the eve of the holdout.

        As :func:`retention_lib.clv.tracking.tracking` gives them; empty without a holdout.
        """
        today = self.forecasts
        if today.trial.holdout is None:
            return pd.DataFrame()
        occasions = today.subscribers.irregular(today.trial_day)
        daily = backtests.daily_known(occasions, today.trial_day)
        return tracking.tracking(daily, today.as_of, today.holdout_days, self._on_trial())

    def _on_trial(self) -> PurchaseModel | float | None:
        """Return the forecast in use as it was in the race: the model, or what a rule expected."""
        trial, name = self.forecasts.trial, self.forecasts.valuation.name
        forecast = trial.forecast(name)
        if name is None or forecast is None:
            return None
        if name not in MODELS:
            return float(np.dot(forecast["predicted"], forecast["customers"]))
        setting = self.forecasts.setting(self.forecasts.trial_day)
        return MODELS[name](distinct(trial.counts), setting)

    def alive_grid(self) -> pd.DataFrame:
        """Return P(alive) over frequency and silence; empty where the forecast has none."""
        valuation = self.forecasts.valuation
        if valuation.purchases is None or valuation.scores is None:
            return pd.DataFrame()
        try:
            return tracking.alive_grid(valuation.purchases, valuation.scores)
        except FitError:
            return pd.DataFrame()
