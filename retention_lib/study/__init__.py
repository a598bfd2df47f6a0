"""One client's run: the only place that composes the questions, and what a notebook opens first.

A study prepares the client's records once, in the run's ``work`` folder (:mod:`preparation`).
Everything else is computed from these when it is first asked for. Within a run, what an earlier notebook
saved is what a later one reads; a draft computes everything afresh.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Self, TypeVar

import ibis
import pandas as pd
from ibis import _
from ibis.backends.duckdb import Backend

from retention_lib import clv as customer_value
from retention_lib import (
    cycle_detection,
    data_audit,
    recommendations,
    results,
    retention_rate,
    sources,
    stats,
    transactions,
)
from retention_lib.client import Client, load_client, project_root
from retention_lib.client.definitions import load_definitions
from retention_lib.errors import ConfigError
from retention_lib.results import whole, write_json
from retention_lib.study import preparation
from retention_lib.study.evidence import evidence
from retention_lib.study.preparation import Prepared
from retention_lib.summaries import cohorts, counts, findings, revenue, scored
from retention_lib.summaries.occasions import occasions
from retention_lib.words import Speech

__all__ = ["Prepared", "Study"]

AnySection = TypeVar("AnySection", bound=results.Section)
# more cohorts than two years of months cannot be read in one figure
_MONTHLY_COHORTS_DAYS = 2 * 366


class Study:
    """A client's records as of one day, and the answers they give.

    Open one with :meth:`open`. ``client`` is what the YAML says, ``as_of`` the day looked from,
    ``folder`` the run's folder, ``prepared`` what was read, ``definitions`` the yardstick pinned by
    earlier reports, ``speech`` the client's language, numbers and currency.
    """

    def __init__(
        self, client: Client, folder: Path, work: Path, engine: Backend, prepared: Prepared
    ) -> None:
        self.client = client
        self.folder = folder
        self._work = work
        self.prepared = prepared
        self.as_of = prepared.as_of
        self.definitions = load_definitions(client)
        self.speech = Speech(client.language, client.locale, client.currency)
        self._engine = engine
        self._sections: dict[str, results.Section] = {}

    @classmethod
    def open(cls, client: str, as_of: str | None = None, run: str | None = None) -> Self:
        """Open a client's study, reading and preparing the records where that is still to do.

        Parameters
        ----------
        client
            Name of a folder under ``data/clients``.
        as_of
            The day to look from, as ``YYYY-MM-DD``; None takes the YAML's, or the day of the
            latest purchase that is not after today.
        run
            The folder a run is staged in; None works in ``drafts/<client>``.

        Raises
        ------
        ConfigError
            If the client, its YAML, a file, a column or the day is not as it should be, or the
            run is of another client or day.
        DataError
            If nothing in the records can be used.
        """
        loaded, day = load_client(client), preparation.day(as_of)
        until = day or loaded.as_of
        folder = Path(run) if run else project_root() / "drafts" / client
        work = folder / "work"
        engine = sources.connect(work / "spill")
        with preparation.alone(work):
            stamp = None if run else preparation.stamp(loaded, until)
            place = work if run else preparation.draft_folder(work, stamp)
            prepared = Prepared.read(place)
            if prepared is None:
                prepared = preparation.prepare(loaded, engine, place, folder / "private", until)
                preparation.forget_old(work)
        if (client, day or prepared.as_of) != (prepared.client, prepared.as_of):
            raise ConfigError(
                f"This run is of {prepared.client} as of {prepared.as_of}; leave `run` out to look "
                "at another client or day."
            )
        return cls(loaded, folder, place, engine, prepared)

    def close(self) -> None:
        """Close the engine, so that the work folder can be removed."""
        self._engine.disconnect()

    # --- tables: row-level data stays in the engine ---

    @cached_property
    def rows(self) -> ibis.Table:
        """All typed rows of the source, with the reason where a row was set aside."""
        return self._engine.read_parquet(str(self._work / preparation.ROWS))

    @cached_property
    def occasions(self) -> ibis.Table:
        """The purchase occasions, as :mod:`retention_lib.summaries.occasions` describes them."""
        return self._engine.read_parquet(str(self._work / preparation.OCCASIONS))

    @cached_property
    def customers(self) -> ibis.Table:
        """One row per customer with scores and state: ``private/customers.parquet``."""
        listed = self.folder / "private" / "customers.parquet"
        own = listed if self._staged else self._work / listed.name
        if not (self._staged and own.exists()):
            own.parent.mkdir(parents=True, exist_ok=True)
            with whole(own) as half:
                self._scored().order_by("customer_id").to_parquet(half)
            if own != listed:  # a draft's own stays what it is while another draft is listed
                with whole(listed) as half:
                    shutil.copyfile(own, half)
        return self._engine.read_parquet(str(own))

    def _scored(self) -> ibis.Table:
        base = scored.customers(self.occasions, self.as_of)
        valuation = self._valuation
        if valuation.scores is None:
            table = scored.without_scores(base)
        else:
            scores = self._engine.create_table(
                ibis.util.gen_name("scores"), valuation.scores.drop(columns="customers"), temp=True
            )
            margin = self.client.economics.margin or 1.0
            table = scored.with_scores(base, scores, valuation.spend_per_occasion, margin)
        cycle = self.cycle()
        if cycle.cycle_days is None or cycle.q75_days is None:
            return table.mutate(state=ibis.null("string"))
        return scored.with_state(table, cycle.q75_days, _lapse_days(cycle))

    # --- answers, one per notebook ---

    def audit(self) -> results.Audit:
        """Can the records be trusted?"""
        return self._section(
            results.Audit,
            lambda: data_audit.audit(
                findings.row_counts(self.rows),
                counts.totals(self.occasions),
                findings.findings(self.rows, self.client.unused),
                self.as_of,
                self._rate_without,
                self.cycle().gate,
                bool((self._spend["spend"] * self._spend["customers"]).sum() > 0),
            ),
        )

    def cycle(self) -> results.Cycle:
        """How often do customers really buy, and how long must one watch them?"""
        return self._section(
            results.Cycle,
            lambda: cycle_detection.cycle(
                self._evidence, self._first_date, self.as_of, self.definitions
            ),
        )

    def retention(self) -> results.Retention:
        """Do customers come back?"""
        return self._section(results.Retention, self._retention)

    def _retention(self) -> results.Retention:
        cycle, periods = self.cycle(), self._periods
        second = None
        if cycle.window is not None:
            second = counts.second_purchases(self.occasions, self.as_of, cycle.window.days)
        return retention_rate.retention(
            cycle,
            periods,
            None if periods is None else self._window_counts(self.occasions, periods),
            second,
            self._revenue,
        )

    def clv(self) -> results.Clv:
        """What is each customer worth?"""
        return self._section(
            results.Clv,
            lambda: customer_value.clv(
                self._valuation, self._terms, scored.worth(self.customers), self._trial
            ),
        )

    def recommendations(self) -> results.Recommendations:
        """Where should the next effort go?"""
        return self._section(
            results.Recommendations,
            lambda: recommendations.recommend(
                self.audit(),
                self.cycle(),
                self.retention(),
                self.clv(),
                self._revenue,
                self._spend,
                self._active(),
                scored.states(self.customers),
            ),
        )

    def save(self, section: results.Section) -> None:
        """Save a notebook's result as ``private/results/NN.json``."""
        path = self._result_file(type(section))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(section.model_dump(mode="json"), path)

    # --- small frames for figures and tables ---

    def monthly_sales(self) -> pd.DataFrame:
        """Return sales by month: month, occasions, customers, new_customers, value, complete."""
        table = counts.monthly_sales(self.occasions)
        first, months = self._first_date, table["month"].dt
        whole = (months.date >= first) & (months.days_in_month > 0)
        ends = (table["month"] + pd.offsets.MonthEnd(1)).dt.date
        return table.assign(complete=whole & (ends <= self.as_of))

    def return_curve(self) -> pd.DataFrame:
        """Return who is back by day: day, share_back, share_back_pooled, at_risk."""
        spells = self._evidence.gaps, self._evidence.waits
        curve = cycle_detection.return_curve(*spells)
        pooled = cycle_detection.pooled_curve(*spells)
        both = curve.merge(pooled, on="day", how="left", suffixes=("", "_pooled"))
        return pd.DataFrame(
            {
                "day": both["day"],
                "share_back": 1 - both["not_back"],
                "share_back_pooled": 1 - both["not_back_pooled"],
                "at_risk": both["at_risk"],
            }
        )

    def gap_histogram(self) -> pd.DataFrame:
        """Return how often each gap occurs: gap_days, gaps, weight (each customer once)."""
        gaps = self._evidence.gaps
        table = gaps.groupby("days", as_index=False)[["gaps", "weight"]].sum()
        return table.rename(columns={"days": "gap_days"})

    def sales_calendar(self) -> pd.DataFrame:
        """Return the sales of every day of the history: day, occasions, first_purchases."""
        return self._evidence.days.drop(columns="sampled")

    def season(self) -> pd.DataFrame:
        """Return sales of each week of the year, 1 to 52, against an even year: week, factor.

        Empty where the season cannot be judged.
        """
        return cycle_detection.season_curve(self._evidence.days)

    def cohorts(self) -> pd.DataFrame:
        """Return active customers by cohort: cohort, unit, size, period, active, rate, mature."""
        monthly = self.cycle().history_days <= _MONTHLY_COHORTS_DAYS
        unit: results.Unit = "month" if monthly else "quarter"
        table = cohorts.bracket(self.occasions, unit)
        return retention_rate.cohort_rates(table, unit, self.as_of)

    def calibration(self) -> pd.DataFrame:
        """Return the holdout by earlier frequency: frequency, label, customers, actual, predicted."""
        forecast = self._trial.forecast
        return pd.DataFrame() if forecast is None else customer_value.calibration(forecast)

    def value_bands(self) -> pd.DataFrame:
        """Return tenths of the customers by CLV, the most valuable first.

        Columns band (0 is the top), customers, clv, expected_purchases, p_alive, value_share;
        empty where customers have no value.
        """
        if self.clv().total_clv is None:
            return pd.DataFrame()
        return scored.value_bands(self.customers)

    def lorenz(self) -> pd.DataFrame:
        """Return the spend of the largest customers: customers_share, spend_share."""
        return recommendations.lorenz(self._spend)

    # --- what several answers share, computed once ---

    @cached_property
    def _first_date(self) -> date:
        first: date = counts.totals(self.occasions)["first_date"]
        return first

    @cached_property
    def _evidence(self) -> cycle_detection.Evidence:
        return evidence(
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
    def _terms(self) -> customer_value.Terms:
        economics = self.client.economics
        return customer_value.Terms(
            economics.discount_rate, economics.horizon_months, economics.margin
        )

    @cached_property
    def _valuation(self) -> customer_value.Valuation:
        return customer_value.value(
            counts.frequency_recency(self.occasions, self.as_of),
            counts.spend_per_occasion(self.occasions, self.as_of),
            self._terms,
        )

    @cached_property
    def _trial(self) -> customer_value.Trial:
        cycle = self.cycle()
        days = customer_value.holdout_days(
            cycle.window.days if cycle.window else None, cycle.history_days
        )
        at = self.as_of - timedelta(days=days)
        return customer_value.trial(counts.frequency_recency(self.occasions, at), at, self.as_of)

    @cached_property
    def _periods(self) -> tuple[results.Period, results.Period] | None:
        window = self.cycle().window
        return None if window is None else cycle_detection.windows(window, self.as_of)

    def _window_counts(
        self, table: ibis.Table, periods: tuple[results.Period, results.Period]
    ) -> pd.DataFrame:
        prior, window = periods
        return counts.window_counts(table, prior.start, window.start, window.end)

    def _active(self) -> pd.DataFrame | None:
        """Return how many customers who were active one cycle ago have bought since."""
        cycle = self.cycle()
        if cycle.cycle_days is None:
            return None
        at = self.as_of - timedelta(days=cycle.cycle_days)
        return counts.active_buyers(self.occasions, at, self.as_of, _lapse_days(cycle))

    def _rate_without(self, check: str) -> float | None:
        """Return the retained rate had the step of an audit check not been taken."""
        rows, kept = self.rows, transactions.kept(self.rows)
        steps: dict[str, Callable[[], ibis.Table]] = {
            "nothing": lambda: kept,
            "zero_amounts": lambda: kept.filter(_.amount != 0),
            "negative_amounts": lambda: kept.mutate(amount=_.amount.abs()),
            "duplicate_lines": lambda: findings.without_repetitions(kept),
            "cancelled": lambda: rows.filter(_.reason.isnull() | (_.reason == "cancelled")),
        }
        if check not in steps or self._periods is None or self.retention().retained_rate is None:
            return None
        table = occasions(steps[check](), self.client.merge_days)
        total = self._window_counts(table, self._periods).sum()
        return stats.ratio(total["retained"], total["start"])

    # --- saved sections ---

    @property
    def _staged(self) -> bool:
        """Whether this study belongs to a run, whose saved results are its truth."""
        return self.folder != project_root() / "drafts" / self.client.slug

    def _section(self, kind: type[AnySection], compute: Callable[[], AnySection]) -> AnySection:
        if kind.name not in self._sections:
            saved = self._result_file(kind)
            if self._staged and saved.exists():
                section = kind.model_validate_json(saved.read_text(encoding="utf-8"))
            else:
                section = compute()
            self._sections[kind.name] = section
        return self._sections[kind.name]  # type: ignore[return-value]

    def _result_file(self, kind: type[results.Section]) -> Path:
        return self.folder / "private" / "results" / f"{kind.number}.json"


def _lapse_days(cycle: results.Cycle) -> int:
    """Return the silence after which a customer counts as lapsed: L, or two cycles without it."""
    return cycle.lapse_days or 2 * (cycle.cycle_days or 0)
