"""The answers of one client's study, one for each notebook, each computed when first asked for."""

from __future__ import annotations

import shutil
from datetime import timedelta
from functools import cached_property
from typing import Any, Self

import ibis
import pandas as pd

from retention_lib import cycle_detection, data_audit, recommendations, results, transactions
from retention_lib.client.definitions import Definitions, Window
from retention_lib.clv import ledger as published_forecasts
from retention_lib.clv.ledger import Published
from retention_lib.clv.valuation import Terms
from retention_lib.comparison import earlier as comparison
from retention_lib.comparison.side_by_side import difference_interval
from retention_lib.models.units import AnnualRate
from retention_lib.results import Why, whole, why
from retention_lib.retention_rate.answer import RetentionInputs, Starts, retention
from retention_lib.retention_rate.cohorts import cohort_means
from retention_lib.retention_rate.second_purchase import second_purchase_curve
from retention_lib.stats.calendar import in_other_season
from retention_lib.study import (
    audit_inputs,
    clv_inputs,
    customers_file,
    ledger,
    questions_workbook,
    retention_inputs,
    selection,
)
from retention_lib.study.cycle_inputs import cycle_inputs
from retention_lib.study.earlier import Earlier, latest_before
from retention_lib.study.records import Records
from retention_lib.summaries import (
    books,
    checks,
    cohorts,
    counts,
    customers,
    margins,
    revenue,
)


class Questions(Records):
    """What a study answers about its :class:`Records`: one question for each notebook."""

    def save(self, section: results.Section) -> None:
        """Save a notebook's result as ``private/results/NN.json``, with the files beside it.

        With the audit goes ``private/questions.xlsx``, which the client is sent: it names real
        customers.

        Raises
        ------
        ConfigError
            If it is a variant's result, and this is not that variant.
        """
        super().save(section)
        if isinstance(section, results.Audit):
            path = self.folder / "private" / questions_workbook.WORKBOOK
            questions_workbook.write(section, self._listing, path, self.speech)

    @property
    def _listing(self) -> questions_workbook.Listing:
        return questions_workbook.Listing(
            self.client,
            self.rows,
            self._source,
            [file.name for file in self.prepared.reads],
            self.prepared.given,
            self.as_of,
        )

    # --- answers, one per notebook ---

    def audit(self) -> results.Audit:
        """Can the records be trusted?"""
        return self._section(results.Audit, self._audit)

    def _audit(self) -> results.Audit:
        known, used = self._evidence, self._as_used()
        without = audit_inputs.without(
            self._checked, self.occasions, known, used, self.client.merge_days
        )
        return data_audit.audit(known, self.cycle().gate, used.rate, without)

    def cycle(self) -> results.Cycle:
        """How often do customers really buy, and how long must one watch them?"""
        return self._section(
            results.Cycle,
            lambda: cycle_detection.cycle(
                self._cycle_inputs, self._first_date, self.as_of, self.definitions
            ),
        )

    def retention(self) -> results.Retention:
        """Do customers come back?"""
        return self._section(results.Retention, self._retention)

    def _retention(self) -> results.Retention:
        starts = Starts(lambda: cohort_means(self._cohorts), lambda: self._second_purchases)
        unfit = self._unfit("retention")
        now = retention(self.cycle(), self._retention_inputs, starts, unfit)
        if self.varied or self.cycle().varied:
            return _uncompared(now)
        compared = self._staged and unfit is None
        earlier = latest_before(self.folder, self.as_of) if compared else None
        return now if earlier is None else self._compared(now, earlier)

    def _compared(self, now: results.Retention, earlier: Earlier) -> results.Retention:
        """Return the result held against an earlier run, recomputed on today's records."""
        window, total = self.cycle().window, counts.totals(self.occasions)
        then = retention_inputs.figures_on(self._records, self.cycle(), earlier.as_of)
        past = comparison.Past(
            earlier.run,
            earlier.as_of,
            same_window=window is not None and earlier.window == (window.length, window.unit),
            reported=earlier.figures,
            recomputed={name: then.get(name) for name in comparison.ORDER},
            other_season=self.cycle().has_season and in_other_season(earlier.as_of, self.as_of),
        )
        return comparison.compared(
            now,
            comparison.figures(now, total["customers"], total["occasions"]),
            past,
            comparison.effects(then, vars(now)),
            difference_interval(
                now.returning_rate,
                now.returning_ci95,
                then.get("returning_rate"),
                then.get("returning_ci95"),
            ),
        )

    def clv(self) -> results.Clv:
        """What is each customer worth?"""
        return self._section(results.Clv, self._clv)

    def _clv(self) -> results.Clv:
        result = self._clv_inputs.result(self.customers, self._published())
        customers_file.explain(result, self.speech, self._private)
        return result

    def _published(self) -> Published:
        """Return what came of the forecasts published beside this run; a variant was never."""
        if self.varied or self.cycle().varied:
            return published_forecasts.none(why("published_unvaried"))
        if not self._staged:
            return published_forecasts.none(why("draft_unpublished"))
        return ledger.scored(self.folder.parent, self.occasions, self.as_of, self._unfit("clv"))

    def recommendations(self) -> results.Recommendations:
        """Where should the next effort go?"""
        return self._section(
            results.Recommendations,
            lambda: recommendations.recommend(
                recommendations.Answered(self.audit(), self.cycle(), self.retention(), self.clv()),
                recommendations.Evidence(
                    self.retention(), self._revenue, self._spend, self._active()
                ),
                customers.states(self.customers),
            ),
        )

    def busiest(self) -> dict[str, Any]:
        """Return the customer who bought on most days: customer_id, days, orders.

        No result and no report names it.
        """
        return books.busiest(self.occasions, self.rows)

    def with_window(self, length: int | None = None, unit: results.Unit = "month") -> Self:
        """Return the study measured by another window: ``with_window(6, "month")``.

        Without a length, it is as many weeks, months or quarters as three cycles need. The
        cycle, and what counts as lapsed, stay what they are.
        """
        selection.window(length, unit)
        pin, held = self.definitions, self.definitions or self.cycle()
        cycle_days = held.cycle_days
        if length is None:
            window_in = cycle_detection.window.window_in
            length = window_in(unit, cycle_days, self.as_of).length if cycle_days else 1
        step = results.Varied.model_validate({"code": "window", "length": length, "unit": unit})
        if cycle_days is None:
            return self._variant(step)  # no cycle, no window of whatever length
        yardstick = Definitions(
            cycle_days=cycle_days,
            window=Window(length=length, unit=unit),
            lapse_days=held.lapse_days,
            since=pin.since if pin else self.as_of,
            why=pin.why if pin else "–",
        )
        return self._variant(step, definitions=yardstick)

    # --- what several answers share, computed once ---

    @cached_property
    def _checked(self) -> checks.Records:
        client = self.client
        return checks.Records(self.rows, client.unused, client.customers, client.format.timezone)

    @cached_property
    def _evidence(self) -> data_audit.Evidence:
        return audit_inputs.evidence(
            self.client,
            self.prepared,
            self._checked,
            self.occasions,
            self.as_of,
            bool((self._spend["spend"] * self._spend["customers"]).sum() > 0),
            self.cycle(),
        )

    def _unfit(self, question: str) -> Why | None:
        """Return why the records can carry no rate (``retention``) or no value (``clv``)."""
        return data_audit.unfit(self._evidence, self.cycle().gate, question)

    @cached_property
    def _cycle_inputs(self) -> cycle_detection.CycleInputs:
        variation = self._variation
        if variation and variation.rows is None and isinstance(variation.parent, Questions):
            return variation.parent._cycle_inputs  # another window, the same customers
        return cycle_inputs(
            self.occasions,
            self._first_date,
            self.as_of,
            self.client.columns.segments,
            self.client.periods,
        )

    @cached_property
    def _revenue(self) -> pd.DataFrame:
        return revenue.revenue(self.occasions, self.as_of)

    @cached_property
    def _spend(self) -> pd.DataFrame:
        return revenue.spend(self.occasions, self.as_of)

    @cached_property
    def _clv_inputs(self) -> clv_inputs.ClvInputs:
        economics = self.client.economics
        terms = Terms(AnnualRate(economics.discount_rate), economics.horizon_months, self._margin)
        kept = transactions.kept(self.rows)
        return clv_inputs.ClvInputs(
            self._engine,
            self.occasions,
            kept,
            self.as_of,
            self.cycle(),
            terms,
            self._unfit("clv"),
            self._margins,
        )

    @property
    def _margins(self) -> ibis.Table | None:
        """The customers' own margins; None where costs are not known, or are as high as sales."""
        if not self._has_costs or not 0 < (self._margin or 0.0) <= 1:
            return None
        kept = transactions.kept(self.rows)
        return margins.by_customer(kept, self.client.economics.margin)

    @property
    def _has_costs(self) -> bool:
        return self.client.columns.cost is not None and self.client.has_amounts

    @cached_property
    def _margin(self) -> float | None:
        """What is left of sales: by the lines' costs where these are known, else as declared."""
        declared = self.client.economics.margin
        if not self._has_costs:
            return declared
        return revenue.margin(transactions.kept(self.rows), declared)

    @cached_property
    def _records(self) -> retention_inputs.Records:
        return retention_inputs.Records(self.client, self.rows, self.occasions, self._first_date)

    @cached_property
    def _retention_inputs(self) -> RetentionInputs | None:
        window = self.cycle().window
        if window is None:
            return None
        return retention_inputs.retention_inputs(self._records, window, self.as_of)

    @cached_property
    def _cohorts(self) -> pd.DataFrame:
        return retention_inputs.cohort_table(self._records, self.cycle(), self.as_of)

    @cached_property
    def _second_purchases(self) -> pd.DataFrame:
        return second_purchase_curve(cohorts.first_waits(self.occasions, self.as_of))

    def _active(self) -> pd.DataFrame | None:
        """Return how many customers who were active one cycle ago have bought since."""
        cycle = self.cycle()
        if cycle.cycle_days is None:
            return None
        at = self.as_of - timedelta(days=cycle.cycle_days)
        return counts.active_buyers(self.occasions, at, self.as_of, clv_inputs.lapse_days(cycle))

    def _as_used(self) -> audit_inputs.AsUsed:
        """Return the retained rate and the revenue that the audit's steps are held against."""
        length, rate = self.cycle().window, self.retention().retained_rate
        total = self._evidence.periods("all").iloc[0]
        revenue = float(total["revenue"]) if self.client.has_amounts else None
        if length is None or rate is None:
            return audit_inputs.AsUsed(None, 0, 0, revenue)
        prior, window = cycle_detection.window.windows(length, self.as_of)
        days = ((prior.start, prior.end), (window.start, window.end))
        total = counts.window_counts(self.occasions, prior.start, window.start, window.end).sum()
        return audit_inputs.AsUsed(days, int(total["start"]), int(total["retained"]), revenue)

    @cached_property
    def customers(self) -> ibis.Table:
        """One row per customer, as in ``private/customers.parquet``: ``words.clv.customers_file.COLUMNS``."""
        listed = self._private / customers_file.CUSTOMERS
        own = listed if self._staged else self._own / listed.name
        if not (self._staged and own.exists()):
            customers_file.write(self._clv_inputs.scored(), own)
            if own != listed:  # a draft's own stays what it is while another draft is listed
                with whole(listed) as half:
                    shutil.copyfile(own, half)
        return self._read(own)


def _uncompared(result: results.Retention) -> results.Retention:
    """Return a variant's result: it is held against no earlier run, since none was varied so."""
    compared = ("/previous", "/mix_effect", "/rate_effect")
    reasons = {at: why("varied") if at in compared else it for at, it in result.why_not.items()}
    return result.model_copy(update={"why_not": reasons})
