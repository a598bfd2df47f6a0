"""What forecasts of one client would have said on earlier days, from what was known then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from retention_lib import clv
from retention_lib.models.purchase_model import Buying, FitError, distinct
from retention_lib.models.race import MODELS
from retention_lib.models.total_uncertainty import OwnSpread
from retention_lib.results import Holdout, Why
from retention_lib.summaries import backtests

if TYPE_CHECKING:
    from retention_lib.study.clv_inputs import Worth

# of the draws of parameters
SEED = 20_131


@dataclass(frozen=True)
class Hindsight:
    """The forecasts of a client's customers, made again on earlier days."""

    worth: Worth

    @cached_property
    def rolling(self) -> list[Holdout]:
        """The race of the holdout on earlier days, the latest first; those with enough buyers."""
        worth, days = self.worth, self.worth.holdout_days
        held = (
            clv.trial(worth.counted(at, days), worth.setting(at), at + timedelta(days=days)).holdout
            for at in clv.race_days(worth.as_of, worth.cycle.history_days, days)
        )
        return [one for one in held if one]

    @cached_property
    def past(self) -> clv.Past | None:
        """Earlier forecasts by the model or rule in use; None if there is no forecast."""
        worth, name = self.worth, self.worth.valuation.name
        if name is None:
            return None
        history = worth.cycle.history_days
        days = clv.days_ahead(worth.terms.months.last, history)
        origins = clv.origins(worth.as_of, history, days)
        return clv.past(days, {at: self._told(name, at, days) for at in origins})

    def _told(self, name: str, at: date, days: int) -> clv.Told | Why:
        """Return what the forecast would have told of so many days after one, or why it could not.

        A rule goes by the window that the history had room for then.
        """
        worth, cycle = self.worth, self.worth.cycle
        if name in MODELS:
            setting, recent_days = clv.Setting(at, 0, None), 0
        else:
            history = cycle.history_days - (worth.as_of - at).days
            recent_days = clv.holdout_days(cycle.window.days if cycle.window else None, history)
            setting = replace(worth.setting(at), window_days=recent_days)
        occasions = worth.charging.irregular(at)
        counted = backtests.before_and_after(occasions, at, days, recent_days)
        return clv.told(name, counted, setting, days, SEED)

    @cached_property
    def own_spread(self) -> OwnSpread | Why:
        """How sure the forecast in use is of today's totals, or why that is unknown."""
        worth = self.worth
        occasions = worth.charging.irregular(worth.as_of)
        triples = backtests.spend_by_triple(occasions, worth.as_of)
        return clv.own_spread(worth.valuation, triples, worth.terms, SEED)

    def past_forecasts(self) -> pd.DataFrame:
        """Return earlier forecasts, and today's if it looks as far ahead.

        As :func:`retention_lib.clv.past_forecasts_table` gives them.
        """
        worth, past = self.worth, self.past
        horizon = worth.terms.months.last
        today = clv.ahead(worth.valuation, self.own_spread, past, worth.as_of, horizon)
        return clv.past_forecasts_table(past.forecasts if past else None, today)

    def tracking(self) -> pd.DataFrame:
        """Return repeat occasions by week, made and predicted on the eve of the holdout.

        As :func:`retention_lib.clv.tracking` gives them; empty without a holdout.
        """
        worth = self.worth
        if worth.trial.holdout is None:
            return pd.DataFrame()
        occasions = worth.charging.irregular(worth.trial_day)
        daily = backtests.daily_known(occasions, worth.trial_day)
        return clv.tracking(daily, worth.as_of, worth.holdout_days, self._on_trial())

    def _on_trial(self) -> Buying | float | None:
        """Return the forecast in use as it was in the race: the model, or what a rule expected."""
        trial, name = self.worth.trial, self.worth.valuation.name
        forecast = trial.forecast(name)
        if name is None or forecast is None:
            return None
        if name not in MODELS:
            return float(np.dot(forecast["predicted"], forecast["customers"]))
        return MODELS[name](distinct(trial.counts))

    def alive_grid(self) -> pd.DataFrame:
        """Return P(alive) over frequency and silence; empty where the forecast has none."""
        valuation = self.worth.valuation
        if valuation.purchases is None or valuation.scores is None:
            return pd.DataFrame()
        try:
            return clv.alive_grid(valuation.purchases, valuation.scores)
        except FitError:
            return pd.DataFrame()
