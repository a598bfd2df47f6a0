"""What the value of customers is found from: where one client's frames come from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import ibis
import pandas as pd
from ibis.backends.duckdb import Backend

from retention_lib.clv import clocks, outlook, subscribers
from retention_lib.clv.known import Customers, Forecast
from retention_lib.clv.ledger import NOTHING, Published
from retention_lib.clv.new_customers import Basis, NewCustomers, Widening
from retention_lib.clv.next_purchases import dated
from retention_lib.clv.next_purchases import days as next_days
from retention_lib.clv.result import clv
from retention_lib.clv.valuation import Terms, Valuation
from retention_lib.models.clock import EVEN, Clock
from retention_lib.models.race import RULES
from retention_lib.results import Clocks, Clv, Cycle, Why
from retention_lib.study.backtests import SEED, Backtests
from retention_lib.study.forecasts import Forecasts
from retention_lib.study.new_customers import worth_of_the_next
from retention_lib.study.next_purchases import next_purchases
from retention_lib.summaries import customers


@dataclass(frozen=True)
class ClvInputs:
    """One client's customers as of a day, and everything their value is found from.

    ``engine`` holds the ``occasions`` and takes the small tables of scores that are joined to them;
    ``kept`` are the rows that the occasions were made from. ``wanted`` are the client's terms, which
    the value keeps as far as its forecast was tested. ``unfit`` says why the records can carry no
    value; ``margins`` are the customers' own, where costs are known, as
    :func:`retention_lib.summaries.margins.by_customer` gives them.
    """

    engine: Backend
    occasions: ibis.Table
    kept: ibis.Table
    as_of: date
    cycle: Cycle
    wanted: Terms
    unfit: Why | None = None
    margins: ibis.Table | None = None

    def result(self, table: ibis.Table, published: Published = NOTHING) -> Clv:
        """Return the result of notebook 04.

        Parameters
        ----------
        table
            The customers with their scores: :meth:`scored`, wherever it is kept.
        published
            What came of the forecasts published so far.
        """
        forecast = Forecast(
            self.valuation,
            self.terms,
            self.wanted.horizon_months,
            self.forecasts.trial,
            self.backtests.own_uncertainty,
            self.backtests.past,
            self.backtests.rolling,
            self.forecasts.chosen,
            next_purchases(self.forecasts, self._table),
            self.forecasts.price_drift,
            self._clocks(),
        )
        known = Customers(
            customers.worth(table),
            customers.states(table),
            self.at_risk_days,
            self.new_customers(),
            self.charges,
        )
        return clv(forecast, known, published)

    def _clocks(self) -> Clocks | None:
        """Return what the calendar does to purchases; None where that cannot be told."""
        model = self.forecasts.two_clocks
        return None if model is None else clocks.clocks(model, self.cycle.history_days)

    def stay_by_month(self) -> pd.DataFrame:
        """Return the mean chance to stay after a purchase, month by month; empty if unknown.

        As :func:`retention_lib.clv.clocks.stay_by_month` gives it.
        """
        model = self.forecasts.two_clocks
        return pd.DataFrame() if model is None else clocks.stay_by_month(model, SEED)

    def new_customers(self) -> NewCustomers:
        """Return what a next new customer is worth."""
        past = self.backtests.past
        wide = past.widened(1.0, 0.0)
        return worth_of_the_next(
            *(self.forecasts.at_todays_level, self.kept, self.as_of, self.valuation),
            Basis(
                list(self.forecasts.chosen.tested),
                self.terms,
                replace(self.forecasts.setting(self.as_of), clock=self._clock),
                Widening(wide.below, wide.above, wide.factor),
                past.centre.factor,
            ),
        )

    @property
    def _clock(self) -> Clock:
        """The shop's clock, by which the customers of each kind live."""
        return EVEN if self.valuation.purchases is None else self.valuation.purchases.clock

    # --- the models and their test ---

    @cached_property
    def forecasts(self) -> Forecasts:
        """The forecasts of today, and their test."""
        return Forecasts(self.occasions, self.as_of, self.cycle, self.wanted, self.unfit)

    @cached_property
    def backtests(self) -> Backtests:
        """The same forecasts on earlier days."""
        return Backtests(self.forecasts)

    @property
    def valuation(self) -> Valuation:
        """The forecast in use and its scores, moved by the record."""
        return self.backtests.valuation

    @property
    def terms(self) -> Terms:
        """The terms of the value: as far ahead as its forecast was tested."""
        return self.forecasts.terms

    # --- one row per customer ---

    def scored(self) -> ibis.Table:
        """Return one row per customer: what is known of each, what is expected, and how surely.

        With the columns of :data:`retention_lib.summaries.customers.COLUMNS`, which
        :data:`retention_lib.words.clv.customers_file.COLUMNS` explains.
        """
        table = self._with_scores()
        if self.cycle.cycle_days is None or self.cycle.q75_days is None:
            table = table.mutate(state=ibis.null("string"))
        else:
            table = customers.with_state(table, self.cycle.q75_days, lapse_days(self.cycle))
        return table.select(*customers.COLUMNS)

    def _with_scores(self) -> ibis.Table:
        """Return one row per customer with what the forecast in use, or renewals, say of them."""
        recent_days = self.forecasts.holdout_days if self.valuation.name in RULES else 0
        base = customers.customers(self.forecasts.at_todays_level, self.as_of, recent_days)
        base = self.forecasts.subscribers.marked(base)
        if self.charges is None:
            return self._by_model(base)
        keyed = self.forecasts.subscribers.keyed(self.charges)
        scores = self._table(dated(keyed, self.as_of))
        margin = subscribers.charge_margin(self.charges, self.terms)
        apart = base.filter(base.subscription.notnull())
        return self._by_model(base.filter(base.subscription.isnull())).union(
            customers.with_charges(apart, scores, margin)
        )

    def _by_model(self, table: ibis.Table) -> ibis.Table:
        valuation = self.valuation
        if valuation.scores is None:
            return customers.without_scores(table)
        expected = outlook.outlook(valuation, self.terms, self.at_risk_days)
        expected = dated(expected.join(self._next_days(valuation.scores)), self.as_of)
        scores = self._table(expected.drop(columns="customers"))
        margin = None if self.terms.no_margin else self.terms.margin or 1.0
        if self.margins is not None:
            table = table.left_join(self.margins, "customer_id").select(*table.columns, "margin")
        return customers.with_scores(table, scores, valuation.spend.expected, margin)

    def _next_days(self, scores: pd.DataFrame) -> pd.DataFrame:
        """Return in how many days customers buy again, once per score, within the horizon."""
        ahead, valuation = float(self.terms.months.last.in_days), self.valuation
        # by a plain rule: its own, as the chance to lapse is
        pace = scores["expected_purchases"].to_numpy(dtype=float) / valuation.moved / ahead
        return next_days(scores, valuation.purchases or pace, int(ahead))

    def _table(self, scores: pd.DataFrame) -> ibis.Table:
        return self.engine.create_table(ibis.util.gen_name("scores"), scores, temp=True)

    @cached_property
    def charges(self) -> pd.DataFrame | None:
        """What today's subscribers are expected to do, by state; None where none are apart."""
        return self.forecasts.subscribers.scores(self.terms, self.at_risk_days)

    @cached_property
    def at_risk_days(self) -> int | None:
        """The silence by which the chance to lapse is told; None without a cycle or scores."""
        if self.valuation.scores is None:
            return None
        return lapse_days(self.cycle) or None


def lapse_days(cycle: Cycle) -> int:
    """Return the silence after which a customer counts as lapsed.

    L, or two cycles without it; q75 if that is longer: nobody lapses before the usual return.
    """
    return cycle.lapse_days or max(2 * (cycle.cycle_days or 0), cycle.q75_days or 0)
