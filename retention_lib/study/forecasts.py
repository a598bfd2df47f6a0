"""The forecasts of one client's customers: models, plain rules, and the test of both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import ibis
import pandas as pd

from retention_lib import cycle_detection
from retention_lib.clv import past_forecasts, race, valuation
from retention_lib.clv import price_drift as drift
from retention_lib.clv.spend import Spend
from retention_lib.clv.valuation import Terms, on_clocks
from retention_lib.models.choice import tells
from retention_lib.models.nbd import Nbd
from retention_lib.models.purchase_model import PurchaseModel, distinct
from retention_lib.models.race import ON_CLOCKS, Setting
from retention_lib.models.two_clocks import TwoClocks
from retention_lib.results import Cycle, PriceDrift, Why, why
from retention_lib.study.subscribers import Subscribers
from retention_lib.summaries import backtests, counts, price_drift
from retention_lib.summaries.occasions import as_known


@dataclass(frozen=True)
class Forecasts:
    """What customers other than subscribers are expected to buy, and how that was tested.

    ``occasions`` are those known on the day ``as_of``; ``wanted`` are the client's terms; ``unfit``
    says why the records can carry no forecast, which is then not made.
    """

    occasions: ibis.Table
    as_of: date
    cycle: Cycle
    wanted: Terms
    unfit: Why | None = None

    @property
    def window_days(self) -> int | None:
        """The length of the window; None without one."""
        return self.cycle.window.days if self.cycle.window else None

    @cached_property
    def holdout_days(self) -> int:
        """The length of the holdout, and of the window that a plain rule goes by."""
        return race.holdout_days(self.window_days, self.cycle.history_days)

    @cached_property
    def subscribers(self) -> Subscribers:
        """The customers who pay as subscribers do, apart where they are a reported part."""
        return Subscribers(self.occasions, self.as_of, self.cycle)

    @property
    def trial_day(self) -> date:
        """The last day known to the forecasts in the race: the eve of the holdout."""
        return self.as_of - timedelta(days=self.holdout_days)

    @cached_property
    def trial(self) -> race.Trial:
        """The race over the latest days."""
        at = self.trial_day
        return race.trial(self.counted(at, self.holdout_days), self.setting(at), self.holdout_days)

    # --- the record ---

    @property
    def record_days(self) -> int:
        """How far ahead the forecasts of the record look."""
        return past_forecasts.days_ahead(self.wanted, self.cycle.history_days)

    @cached_property
    def record(self) -> list[race.Trial]:
        """The races on earlier days as far ahead as the value looks, the latest first.

        Their counts are of distinct triples alone. Empty where no forecast is to be made.
        """
        if self.unfit is not None:
            return []
        history, days = self.cycle.history_days, self.record_days
        return [self._raced(at, days) for at in past_forecasts.origins(self.as_of, history, days)]

    def _raced(self, at: date, days: int) -> race.Trial:
        """Return a race of the record; rules go by the window that the history had room for then."""
        history = self.cycle.history_days - (self.as_of - at).days
        window = race.holdout_days(self.window_days, history)
        setting = replace(self.setting(at), window_days=window)
        found = race.trial(self.counted(at, days, window), setting, days)
        return replace(found, counts=distinct(found.counts))

    @cached_property
    def chosen(self) -> race.Chosen:
        """Which forecast comes first in the tests, and how far ahead each was tested."""
        return race.chosen(self.trial, self.record, self._telling)

    @cached_property
    def fitted(self) -> dict[str, PurchaseModel]:
        """Today's models that know the calendar, and what they are without it; none if unfit."""
        if self.unfit is not None:
            return {}
        return on_clocks(self.today, self.setting(self.as_of))

    @property
    def _telling(self) -> PurchaseModel | None:
        """Today's model on two clocks, where the calendar tells; else None."""
        for name, without in ON_CLOCKS.items():
            plain = self.fitted.get(without) or self.fitted.get(Nbd.name)
            model = self.fitted.get(name)
            if model is not None and plain is not None and tells(model, plain):
                return model
        return None

    # --- today ---

    @cached_property
    def today(self) -> pd.DataFrame:
        """The distinct customers of today."""
        return self.counted(self.as_of, 0)

    @cached_property
    def valuation(self) -> valuation.Valuation:
        """The forecast in use and its scores, before they are moved by the record."""
        if self.unfit is not None:
            nothing = Spend(why_not=self.unfit)
            return valuation.Valuation(None, None, None, nothing, {"model": self.unfit})
        return valuation.value(
            self.today,
            counts.spend_per_occasion(self.spent, self.as_of),
            self.wanted,
            self.setting(self.as_of),
            self.chosen.tested,
            self.fitted,
        )

    @cached_property
    def two_clocks(self) -> TwoClocks | None:
        """The model on two clocks of today, whichever forecast is in use; None where none fits."""
        found = self.fitted.get(TwoClocks.name)
        return found if isinstance(found, TwoClocks) else None

    @cached_property
    def price_drift(self) -> PriceDrift | Why:
        """How order values move from year to year within customers, or why that is not known."""
        if self.unfit is not None:
            return self.unfit
        if self.cycle.history_days < drift.LEAST_DAYS:
            return why("under_two_years")
        occasions = self.subscribers.irregular(self.as_of)
        return drift.price_drift(price_drift.within_customers(occasions, self.as_of))

    @cached_property
    def at_todays_level(self) -> ibis.Table:
        """All occasions, with past amounts at today's level where these have moved."""
        return self._levelled(self.occasions)

    def _levelled(self, occasions: ibis.Table) -> ibis.Table:
        found = self.price_drift
        if isinstance(found, Why) or not found.used:
            return occasions
        return price_drift.at_level_of(occasions, found.per_year, self.as_of)

    @cached_property
    def spent(self) -> ibis.Table:
        """The occasions that models of spend go by: without subscribers, at today's level."""
        return self._levelled(self.subscribers.irregular(self.as_of))

    @cached_property
    def terms(self) -> Terms:
        """The terms of the value: as far ahead as the forecast in use was tested.

        Where there is none, subscribers alone are valued, as far as is wanted.
        """
        if self.valuation.name is None:
            return self.wanted
        return self.wanted.within(self.valuation.tested_days)

    @cached_property
    def _settings(self) -> dict[date, Setting]:
        """Those that have been asked for."""
        return {}

    def setting(self, at: date) -> Setting:
        """Return what forecasts go by on a day."""
        if at not in self._settings:
            self._settings[at] = self._setting(at)
        return self._settings[at]

    def _setting(self, at: date) -> Setting:
        daily = backtests.daily_until(self.subscribers.irregular(at), at)
        if at == self.as_of:
            return Setting(at, self.holdout_days, self.cycle.lapse_days, daily)
        known = as_known(self.occasions, at)
        lapse = cycle_detection.lapse.lapse_known(counts.gaps(known), counts.waits(known, at))
        return Setting(at, self.holdout_days, lapse, daily)

    def counted(self, at: date, ahead_days: int, recent_days: int | None = None) -> pd.DataFrame:
        """Return the distinct customers of a day, and what they bought in so many days after it.

        As :func:`retention_lib.summaries.backtests.before_and_after` gives them, without those who
        were known for subscribers on that day.

        Parameters
        ----------
        recent_days
            Length of the window before the day; None: that of the holdout.
        """
        recent = self.holdout_days if recent_days is None else recent_days
        occasions = self.subscribers.irregular(at)
        return backtests.before_and_after(occasions, at, ahead_days, recent)
