"""One client's run: the only place that composes the questions, and what a notebook opens first.

A study prepares the client's records once, in the run's ``work`` folder (:mod:`preparation`).
Everything else is computed from these when it is first asked for. Within a run, what an earlier notebook
saved is what a later one reads; a draft computes everything afresh.

:class:`~retention_lib.study.records.Records` holds the records and their variants,
:class:`~retention_lib.study.questions.Questions` answers the notebooks' questions, and
:class:`Study` adds the small frames that figures and tables are drawn from.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Self, TypeVar

import pandas as pd

from retention_lib import cycle_detection, recommendations, transactions
from retention_lib.clv import concentration, race
from retention_lib.clv.ledger import ledger_table
from retention_lib.clv.new_customers import new_customers_table
from retention_lib.errors import ConfigError
from retention_lib.results import Outcomes, Section
from retention_lib.retention_rate import flow, growth, parts, rates
from retention_lib.retention_rate.cohorts import cohort_means
from retention_lib.study import explain as explaining
from retention_lib.study import history, lost_customers, selection
from retention_lib.study.explain import Explanation
from retention_lib.study.preparation import Prepared
from retention_lib.study.questions import Questions
from retention_lib.study.retention_inputs import Cohorts, cohort_table
from retention_lib.study.variants import side_by_side
from retention_lib.summaries import counts, customers

__all__ = ["Prepared", "Study"]

AnyStudy = TypeVar("AnyStudy", bound=Questions)


def _marked(method: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    @wraps(method)
    def made(study: Study, *args: Any, **kwargs: Any) -> pd.DataFrame:
        frame = method(study, *args, **kwargs)
        if study.varied:
            frame.attrs["varied"] = study.speech.varied
        return frame

    return made


def _frames_marked(kind: type[AnyStudy]) -> type[AnyStudy]:
    """Let every frame of a varied study say so, in its ``attrs``, to the figure drawn of it."""
    for name, method in list(vars(kind).items()):
        if getattr(method, "__annotations__", {}).get("return") == "pd.DataFrame":
            setattr(kind, name, _marked(method))
    return kind


@_frames_marked
class Study(Questions):
    """A client's records as of one day, and the answers they give.

    :meth:`open` opens one; ``where``, ``without``, ``with_window`` and ``until`` give another that
    answers the same questions of a part, by another window or of an earlier day. It computes
    what differs when first asked, and shares the rest.
    """

    def by(self, column: str, most: int = 4) -> list[Self]:
        """Return a variant for each value of a column, those with most customers first.

        Empty where the client has no such column, though others may.
        """
        values = selection.values(self.rows, self.client, column, most)
        return [self.where(**{column: value}) for value in values]

    def compare(self, *studies: Study, by: str | None = None, value: bool = False) -> pd.DataFrame:
        """Return variants side by side, as text: Figure, a column for each, their difference.

        Rates by different windows are shown, and not ranked.

        Parameters
        ----------
        studies
            What is compared: ``compare(a, b)``; a single one is held against this study.
        by
            Instead, a column whose values are compared: ``compare(by="channel")``.
        value
            Whether the value of all customers is compared too, which takes longest.
        """
        if not all(isinstance(study, Study) for study in studies) or (by and studies):
            raise ConfigError(
                "Studies are compared, or the values of a column: `study.compare(a, b)`, "
                '`study.compare(by="channel")`.'
            )
        named = self.by(by) if by else (self, *studies) if len(studies) < 2 else studies
        return side_by_side(self, named, str(by), value)

    def explain(self, figure: str = "", *, customer: str | None = None) -> Explanation:
        """Return how a figure, or one customer's value, comes about: step by step from the files.

        Parameters
        ----------
        figure
            Its pointer in ``results.json``: ``explain("retention/retained_rate")``, or the name
            alone where no other figure has it. A section's name lists its figures.
        customer
            Instead, the id of a customer, written as in ``study.customers``.

        Raises
        ------
        ConfigError
            If there is no such figure or customer.
        """
        if customer is not None:
            return explaining.one_customer(customer, self.asked)
        return explaining.figure(figure, self.asked)

    @property
    def asked(self) -> explaining.Asked:
        """What :meth:`explain` reads: the answers, each computed when it is first needed."""
        return explaining.Asked(
            self.client.slug, self.as_of, self.speech, self._answer, lambda: self.customers
        )

    def _answer(self, section: str) -> Section:
        """Return the answer that a section of the results holds."""
        return Outcomes() if section == Outcomes.name else getattr(self, section)()

    def history(self, unit: counts.PeriodUnit | None = None) -> pd.DataFrame:
        """Return what each calendar period holds, from the first row in use to the report's day.

        Columns start, end, unit, rows, money (net of returns; missing without amounts), occasions,
        customers, new_customers, complete (the records cover the whole period).

        Parameters
        ----------
        unit
            Weeks for a history of at most a year, else months; quarters beyond twelve years.
        """
        kept = transactions.kept(self.rows)
        table = history.history(kept, self.occasions, self._first_date, self.as_of, unit)
        return table if self.client.has_amounts else table.assign(money=float("nan"))

    def return_curve(self) -> pd.DataFrame:
        """Return who is back by day: day, share_back, share_back_pooled, at_risk."""
        spells = self._cycle_inputs.gaps, self._cycle_inputs.waits
        curve = cycle_detection.return_curve.curve(*spells)
        pooled = cycle_detection.return_curve.pooled_curve(*spells)
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
        gaps = self._cycle_inputs.gaps
        table = gaps.groupby("days", as_index=False)[["gaps", "weight"]].sum()
        return table.rename(columns={"days": "gap_days"})

    def sales_calendar(self) -> pd.DataFrame:
        """Return the sales of every day of the history: day, occasions, first_purchases."""
        return self._cycle_inputs.days.drop(columns="sampled")

    def season(self) -> pd.DataFrame:
        """Return sales of each week of the year, 1 to 52, against an even year: week, factor.

        Empty where the season cannot be judged.
        """
        return cycle_detection.season.season_curve(self._cycle_inputs.days)

    def rates(self) -> pd.DataFrame:
        """Return the rates of notebook 03 and what they are read against.

        Columns group (``"all"``, ``"returning"``, ``"first_time"``, ``"formula"``), customers, rate,
        low, high, expected, expected_low, expected_high, at_least. Empty without a rate.
        """
        return rates.frame(self.retention(), self.cycle().is_regular)

    def flow(self) -> pd.DataFrame:
        """Return who came and who left: window (``"prior"``, ``"window"``), part, customers, start, end."""
        return flow.frame(self.retention())

    def growth(self) -> pd.DataFrame:
        """Return customers gained and lost by period.

        Columns start, end, active, new, retained, resurrected, lost, unit, outpaced.
        """
        return growth.frame(self.retention().growth)

    def parts(self, second: bool = False) -> pd.DataFrame:
        """Return rates by part: kind, name, customers, rate, low, high, clearly.

        With ``second``, the share who bought a second time instead of those who came back.
        """
        return parts.frame(self.retention().parts, second)

    def cohorts(self, kind: Cohorts = "bracket") -> pd.DataFrame:
        """Return active customers by cohort: cohort, unit, size, period, active, rate, mature.

        Parameters
        ----------
        kind
            ``"bracket"``: active in that period; ``"unbounded"``: in it or later; ``"fixed"``: by
            age since each customer's own first purchase instead of calendar periods.
        """
        if kind == "bracket":
            return self._cohorts.copy()
        return cohort_table(self._records, self.cycle(), self.as_of, kind)

    def cohort_means(self, kind: Cohorts = "bracket") -> pd.DataFrame:
        """Return the mean over mature cohorts, weighted by their size: period, rate, size."""
        return cohort_means(self.cohorts(kind))

    def second_purchase_curve(self) -> pd.DataFrame:
        """Return who has bought a second time by day since the first purchase.

        Columns group (``"all"`` or the year of the first purchase), day, share_back, at_risk.
        """
        return self._second_purchases.copy()

    def lost_customers(self) -> pd.DataFrame:
        """Return the most valuable customers lost in the window, a code in place of each id.

        Columns code, prior_spend, spend, first_day, last_day, occasions, before_3, before_2,
        before_1, prior, silent_days, and what the records have of channel, owner, region,
        products, effort and reason. With their ids they are written to
        ``private/lost_customers.xlsx``. Empty without a rate, or if nobody was lost.
        """
        inputs = self._retention_inputs
        if inputs is None or self.retention().lost is None:
            return pd.DataFrame()
        table = lost_customers.with_codes(self.client, inputs.lost(), self.as_of)
        return lost_customers.written(table, self._private)

    def calibration(self) -> pd.DataFrame:
        """Return the holdout by earlier frequency: frequency, label, customers, actual, predicted."""
        forecast = self._clv_inputs.forecasts.trial.forecast(self.clv().model)
        return pd.DataFrame() if forecast is None else race.calibration(forecast)

    def tracking(self) -> pd.DataFrame:
        """Return repeat occasions by week, made and predicted on the holdout's eve, and running sums.

        Columns week_ends, made, predicted, made_total, predicted_total, held_out; they are those
        of customers who had come before the holdout. Empty without one.
        """
        return self._clv_inputs.backtests.tracking()

    def past_forecasts(self) -> pd.DataFrame:
        """Return earlier forecasts and what came, the earliest first; today's last, if as long.

        Columns origin, end, predicted, moved, actual, own_low, own_high, low, high, today, alike; of
        customers other than subscribers. Empty without any.
        """
        return self._clv_inputs.backtests.past_forecasts()

    def months(self) -> pd.DataFrame:
        """Return what a month is worth: month (1 to 12), factor, low, high, compared, tentative.

        A factor of 1 is an even month. Empty where no season is known.
        """
        clocks = self.clv().clocks
        season, known = (clocks.season, clocks.season_is == "known") if clocks else ([], False)
        rows = [(one.month, one.factor, *one.ci95, one.compared, not known) for one in season]
        columns = ["month", "factor", "low", "high", "compared", "tentative"]
        return pd.DataFrame(rows, columns=columns)

    def stay_by_month(self) -> pd.DataFrame:
        """Return the chance to stay after a purchase: month (its first day), stay, stay_low, stay_high.

        It is the mean over customers in the middle of each month of the history, with its 95 %
        interval. Empty where no change of it can be told.
        """
        return self._clv_inputs.stay_by_month()

    def ledger(self) -> pd.DataFrame:
        """Return the forecasts published before today and what came, the earliest first.

        Columns day, due, model, purchases, low, high, actual (NaN where nothing is counted), outcome
        ("inside", "above", "below", "not judged", "not due"); of all customers. Empty without any,
        and in a draft.
        """
        return ledger_table(self.clv().ledger)

    def alive_grid(self) -> pd.DataFrame:
        """Return P(alive) by purchases and silence: frequency, silent_days, p_alive, T_days.

        Of customers who first bought so long ago as the median customer has; NaN where there can
        be none. Empty where the forecast gives no P(alive).
        """
        return self._clv_inputs.backtests.alive_grid()

    def value_distribution(self) -> pd.DataFrame:
        """Return customers by the size of their value: low, high (money), customers, value.

        The first bin, from 0, is next to nothing. Empty where customers have no value.
        """
        return concentration.distribution(self._valued)

    def value_lorenz(self) -> pd.DataFrame:
        """Return what the largest hold: customers_share, value_share, spend_share.

        Value to come and spend so far each go by their own largest. Empty where customers have no
        value.
        """
        return concentration.lorenz(self._valued, self._spend)

    def value_by_state(self) -> pd.DataFrame:
        """Return value by state of the customers: state, customers, value, at_risk.

        Money is missing where customers have no value; empty without a cycle.
        """
        rows = [state.model_dump() for state in self.clv().states]
        return pd.DataFrame(rows, columns=["state", "customers", "value", "at_risk"])

    @property
    def _valued(self) -> pd.DataFrame:
        """How many customers are worth how much; of nobody where there is no total of all."""
        worth = customers.worth(self.customers)
        return worth.iloc[:0] if self.clv().total_clv is None else worth

    def new_customers(self) -> pd.DataFrame:
        """Return what a next new customer of each kind is expected to bring.

        Columns kind, name, customers, first (with the first purchase), value, low, high (95 %),
        unit (``"money"``, or ``"purchases"`` without amounts: then occasions after the first,
        and first is 0), compared. The first row is of all; empty where it cannot be said.
        """
        return new_customers_table(self.clv().new_customer_value or [])

    def lorenz(self) -> pd.DataFrame:
        """Return the spend of the largest customers: customers_share, spend_share."""
        return recommendations.concentration.lorenz(self._spend)

    def customers_by_state(self) -> pd.DataFrame:
        """Return what the states hold: state, customers, share (of them), spend_share.

        The last is missing without amounts; empty without a cycle.
        """
        rows = [segment.model_dump() for segment in self.recommendations().segments]
        table = pd.DataFrame(rows, columns=["name", "customers", "share", "spend_share"])
        return table.rename(columns={"name": "state"}).astype({"spend_share": float})
