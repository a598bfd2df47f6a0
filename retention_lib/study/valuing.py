"""What the value of customers is found from: where one client's frames come from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import ibis
import pandas as pd
from ibis.backends.duckdb import Backend

from retention_lib import clv, cycle_detection
from retention_lib.results import Clv, Cycle
from retention_lib.study.hindsight import Hindsight
from retention_lib.summaries import counts, hindsight, scored
from retention_lib.summaries.occasions import as_known


@dataclass(frozen=True)
class Worth:
    """One client's customers as of a day, and everything their value is found from.

    ``engine`` holds the ``occasions`` and takes the small tables of scores that are joined to them.
    """

    engine: Backend
    occasions: ibis.Table
    as_of: date
    cycle: Cycle
    terms: clv.Terms

    def result(self, customers: ibis.Table) -> Clv:
        """Return the result of notebook 04.

        Parameters
        ----------
        customers
            The customers with their scores: :meth:`scored`, wherever it is kept.
        """
        then = self.hindsight
        return clv.clv(
            self.valuation,
            self.terms,
            scored.worth(customers),
            self.trial,
            rolling=then.rolling,
            past=then.past,
            own=then.own_spread,
        )

    # --- the models and their test ---

    @cached_property
    def holdout_days(self) -> int:
        """The length of the holdout, and of the window that a plain rule goes by."""
        window = self.cycle.window.days if self.cycle.window else None
        return clv.holdout_days(window, self.cycle.history_days)

    @property
    def trial_day(self) -> date:
        """The last day known to the forecasts in the race: the eve of the holdout."""
        return self.as_of - timedelta(days=self.holdout_days)

    @cached_property
    def trial(self) -> clv.Trial:
        """The race over the latest days."""
        at = self.trial_day
        counted = self.counted(at, self.holdout_days)
        return clv.trial(counted, self.setting(at), self.as_of)

    @cached_property
    def hindsight(self) -> Hindsight:
        """The same forecasts on earlier days."""
        return Hindsight(self)

    @cached_property
    def valuation(self) -> clv.Valuation:
        """The forecast in use and its scores."""
        return clv.value(
            self.counted(self.as_of, 0),
            counts.spend_per_occasion(self.occasions, self.as_of),
            self.terms,
            self.setting(self.as_of),
            self.trial.order,
        )

    def setting(self, at: date) -> clv.Setting:
        """Return what a plain rule goes by on a day."""
        if at == self.as_of:
            return clv.Setting(at, self.holdout_days, self.cycle.lapse_days)
        known = as_known(self.occasions, at)
        lapse = cycle_detection.lapse_known(counts.gaps(known), counts.waits(known, at))
        return clv.Setting(at, self.holdout_days, lapse)

    def counted(self, at: date, ahead_days: int) -> pd.DataFrame:
        """Return the distinct customers of a day, and what they bought in so many days after it.

        As :func:`retention_lib.summaries.counts.frequency_recency`, with the occasions of the
        window before the day.
        """
        return hindsight.before_and_after(self.occasions, at, ahead_days, self.holdout_days)

    # --- one row per customer ---

    def scored(self) -> ibis.Table:
        """Return one row per customer with scores and state."""
        valuation = self.valuation
        recent_days = self.holdout_days if valuation.name in clv.RULES else 0
        base = scored.customers(self.occasions, self.as_of, recent_days)
        if valuation.scores is None:
            table = scored.without_scores(base)
        else:
            scores = self.engine.create_table(
                ibis.util.gen_name("scores"), valuation.scores.drop(columns="customers"), temp=True
            )
            margin = self.terms.margin or 1.0
            table = scored.with_scores(base, scores, valuation.spend_per_occasion, margin)
        if self.cycle.cycle_days is None or self.cycle.q75_days is None:
            return table.mutate(state=ibis.null("string"))
        return scored.with_state(table, self.cycle.q75_days, lapse_days(self.cycle))


def lapse_days(cycle: Cycle) -> int:
    """Return the silence after which a customer counts as lapsed: L, or two cycles without it."""
    return cycle.lapse_days or 2 * (cycle.cycle_days or 0)
