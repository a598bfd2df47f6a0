"""What forecasts of one client would have said on earlier days, from what was known then."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from retention_lib.clv import past_forecasts, ranges, tracking
from retention_lib.clv.past_forecasts import Past
from retention_lib.clv.valuation import Valuation
from retention_lib.models.purchase_model import FitError, PurchaseModel
from retention_lib.models.race import parts_of
from retention_lib.models.total_uncertainty import TotalUncertainty
from retention_lib.results import Holdout, Why
from retention_lib.study.forecasts import Forecasts
from retention_lib.summaries import backtests

SEED = 20_131  # of the draws of parameters


@dataclass(frozen=True)
class Backtests:
    """The forecasts of a client's customers, made again on earlier days."""

    forecasts: Forecasts

    @property
    def rolling(self) -> list[Holdout]:
        """The races of the record, the latest first; those with enough buyers."""
        return [one.holdout for one in self.forecasts.record if one.holdout]

    @cached_property
    def past(self) -> Past:
        """Earlier forecasts by the one in use, and what they teach."""
        today, valued = self.forecasts, self.forecasts.valuation
        name = valued.name
        if name is None or not today.record:
            return past_forecasts.UNTRIED
        told = {one.setting.at: past_forecasts.backtest(name, one, SEED) for one in today.record}
        return past_forecasts.past(today.record_days, told, parts_of(valued.purchases))

    @cached_property
    def valuation(self) -> Valuation:
        """The forecast in use and its scores, moved by the record."""
        return self.forecasts.valuation.moved_by(self.past.centre.factor)

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
        return past_forecasts.past_forecasts_table(past.forecasts, ahead)

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
        run = trial.race
        if run is not None and name in run.fitted:
            return run.fitted[name]
        return float(np.dot(forecast["predicted"], forecast["customers"]))

    def alive_grid(self) -> pd.DataFrame:
        """Return P(alive) over frequency and silence; empty where the forecast has none."""
        valuation = self.forecasts.valuation
        if valuation.purchases is None or valuation.scores is None:
            return pd.DataFrame()
        try:
            return tracking.alive_grid(valuation.purchases, valuation.scores)
        except FitError:
            return pd.DataFrame()
