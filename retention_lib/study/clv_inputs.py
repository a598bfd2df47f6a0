"""What the value of customers is found from: where one client's frames come from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import ibis
import pandas as pd
from ibis.backends.duckdb import Backend

from retention_lib import clv, cycle_detection, stats
from retention_lib.results import Clv, Cycle
from retention_lib.study import new_customers
from retention_lib.study.backtests import Hindsight
from retention_lib.study.subscribers import Charging
from retention_lib.summaries import backtests, counts, customers
from retention_lib.summaries.occasions import as_known


@dataclass(frozen=True)
class Worth:
    """One client's customers as of a day, and everything their value is found from.

    ``engine`` holds the ``occasions`` and takes the small tables of scores that are joined to them;
    ``kept`` are the rows that the occasions were made from.
    """

    engine: Backend
    occasions: ibis.Table
    kept: ibis.Table
    as_of: date
    cycle: Cycle
    terms: clv.Terms

    def result(self, table: ibis.Table) -> Clv:
        """Return the result of notebook 04.

        Parameters
        ----------
        table
            The customers with their scores: :meth:`scored`, wherever it is kept.
        """
        then = self.hindsight
        return clv.clv(
            self.valuation,
            self.terms,
            customers.worth(table),
            self.trial,
            customers.states(table),
            self.at_risk_days,
            rolling=then.rolling,
            past=then.past,
            own=then.own_spread,
            subscribed=self.charges,
            newcomers=self.newcomers(),
        )

    def newcomers(self) -> clv.NewCustomers:
        """Return what a next new customer is worth."""
        past = self.hindsight.past
        wide = stats.widened(1.0, 0.0, past.errors if past else [])
        return new_customers.worth_of_the_next(
            self.occasions,
            self.kept,
            self.as_of,
            self.valuation,
            self.trial.order,
            self.terms,
            clv.Widening(wide.record, wide.factor),
            no_money=self.terms.no_margin,
        )

    # --- the models and their test ---

    @cached_property
    def holdout_days(self) -> int:
        """The length of the holdout, and of the window that a plain rule goes by."""
        window = self.cycle.window.days if self.cycle.window else None
        return clv.holdout_days(window, self.cycle.history_days)

    @cached_property
    def charging(self) -> Charging:
        """The customers who pay as subscribers do, apart where they are a reported part."""
        return Charging(self.occasions, self.as_of, self.cycle)

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
        occasions = self.charging.irregular(self.as_of)
        return clv.value(
            self.counted(self.as_of, 0),
            counts.spend_per_occasion(occasions, self.as_of),
            self.terms,
            self.setting(self.as_of),
            self.trial.order,
        )

    def setting(self, at: date) -> clv.Setting:
        """Return what a plain rule goes by on a day."""
        if at == self.as_of:
            return clv.Setting(at, self.holdout_days, self.cycle.lapse_days)
        known = as_known(self.occasions, at)
        lapse = cycle_detection.lapse.lapse_known(counts.gaps(known), counts.waits(known, at))
        return clv.Setting(at, self.holdout_days, lapse)

    def counted(self, at: date, ahead_days: int) -> pd.DataFrame:
        """Return the distinct customers of a day, and what they bought in so many days after it.

        As :func:`retention_lib.summaries.counts.frequency_recency`, with the occasions of the
        window before the day; without those who were known for subscribers on it.
        """
        occasions = self.charging.irregular(at)
        return backtests.before_and_after(occasions, at, ahead_days, self.holdout_days)

    # --- one row per customer ---

    def scored(self) -> ibis.Table:
        """Return one row per customer: what is known of each, what is expected, and how surely.

        With the columns of :data:`retention_lib.summaries.customers.COLUMNS`, which
        :data:`retention_lib.words.COLUMNS` explains.
        """
        table = self._with_scores()
        if self.cycle.cycle_days is None or self.cycle.q75_days is None:
            table = table.mutate(state=ibis.null("string"))
        else:
            table = customers.with_state(table, self.cycle.q75_days, lapse_days(self.cycle))
        return table.select(*customers.COLUMNS)

    def _with_scores(self) -> ibis.Table:
        """Return one row per customer with what the forecast in use, or renewals, say of them."""
        recent_days = self.holdout_days if self.valuation.name in clv.RULES else 0
        base = customers.customers(self.occasions, self.as_of, recent_days)
        base = self.charging.marked(base)
        if self.charges is None:
            return self._by_model(base)
        scores = self._table(self.charging.keyed(self.charges))
        margin = clv.charge_margin(self.charges, self.terms)
        subscribers = base.filter(base.subscription.notnull())
        return self._by_model(base.filter(base.subscription.isnull())).union(
            customers.with_charges(subscribers, scores, margin)
        )

    def _by_model(self, table: ibis.Table) -> ibis.Table:
        valuation = self.valuation
        if valuation.scores is None:
            return customers.without_scores(table)
        outlook = clv.outlook(valuation, self.terms, self.at_risk_days)
        spend = None if self.terms.no_margin else valuation.spend_per_occasion
        scores = self._table(outlook.drop(columns="customers"))
        return customers.with_scores(table, scores, spend, self.terms.margin or 1.0)

    def _table(self, scores: pd.DataFrame) -> ibis.Table:
        return self.engine.create_table(ibis.util.gen_name("scores"), scores, temp=True)

    @cached_property
    def charges(self) -> pd.DataFrame | None:
        """What today's subscribers are expected to do, by state; None where none are apart."""
        return self.charging.scores(self.terms, self.at_risk_days)

    @cached_property
    def at_risk_days(self) -> int | None:
        """The silence by which the chance to lapse is told; None without a cycle or scores."""
        if self.valuation.scores is None:
            return None
        return lapse_days(self.cycle) or None


def lapse_days(cycle: Cycle) -> int:
    """Return the silence after which a customer counts as lapsed: L, or two cycles without it."""
    return cycle.lapse_days or 2 * (cycle.cycle_days or 0)
