"""The first screen: at most five figures, each with its range, its meaning and its certainty."""

from __future__ import annotations

from dataclasses import dataclass

from retention_lib.results import Audit, Clv, Cycle, Fitness, Interval, Results, Retention
from retention_lib.words.certainty import (
    MAJORITY,
    Certainty,
    at_most,
    certainty_word,
    of_cycle,
    of_rate,
    of_value,
    outlasts_test,
)
from retention_lib.words.cycle_detection import cycle_interval
from retention_lib.words.formats import Speech, mark
from retention_lib.words.labels import FITNESS, label
from retention_lib.words.reasons import why_not


@dataclass(frozen=True)
class Headline:
    """One figure of the first screen: plain text throughout.

    Attributes
    ----------
    label
        What it is.
    value
        The figure, rounded to be read.
    range
        Its interval or bounds, and what it was counted over.
    so_what
        What it means for a decision.
    certainty
        Firm, likely or open.
    """

    label: str
    value: str
    range: str
    so_what: str
    certainty: str


def headlines(results: Results, speech: Speech) -> list[Headline]:
    """Return the figures of the first screen, the most decisive first."""
    audit = results.audit
    return [
        _returning(results.retention, audit.verdict.retention, speech),
        _repeat_revenue(results.retention, audit.verdict.retention, speech),
        _value(results.clv, audit.verdict.clv, speech),
        _cycle(results.cycle, audit.verdict.retention, speech),
        _trust(audit, speech),
    ]


def _missing(name: str, why: str, speech: Speech) -> Headline:
    return Headline(name, speech.text("not known"), "", why, certainty_word("open", speech))


# --- do customers come back? --------------------------------------------------


def _returning(result: Retention, fitness: Fitness, speech: Speech) -> Headline:
    if result.returning_rate is not None:
        return _rate(
            speech.text("Established customers who came back"),
            result.returning_rate,
            result.returning_ci95,
            result.returning_customers,
            fitness,
            speech,
        )
    name = speech.text("Customers who came back")
    if result.retained_rate is None:
        return _missing(name, why_not(result, "/retained_rate"), speech)
    return _rate(
        name, result.retained_rate, result.retained_ci95, result.start_customers, fitness, speech
    )


def _rate(
    name: str,
    rate: float,
    ci95: Interval | None,
    customers: int | None,
    fitness: Fitness,
    speech: Speech,
) -> Headline:
    certainty = at_most(of_rate(rate, ci95), fitness)
    ends = ci95 or (rate, rate)
    shown = speech.texts(
        "{rate} of {n} customer; 95% interval {ends}",
        "{rate} of {n} customers; 95% interval {ends}",
        customers or 0,
        rate=speech.share(rate),
        ends=speech.range(ends, speech.share),
    )
    away = (customers or 0) - round(rate * (customers or 0))
    return Headline(
        name,
        _capital(speech.about_share(rate)),
        _lowered(shown, of_rate(rate, ci95), fitness, speech),
        _rate_means(rate, ci95, away, speech),
        certainty_word(certainty, speech),
    )


def _lowered(shown: str, certainty: Certainty, fitness: Fitness, speech: Speech) -> str:
    """Say beside a range that the records, not the range, decide how sure the figure is."""
    if at_most(certainty, fitness) == certainty:
        return shown
    return speech.text(
        "{shown}; no surer than the records: {fitness}",
        shown=shown,
        fitness=label(FITNESS, fitness, speech).lower(),
    )


def _rate_means(rate: float, ci95: Interval | None, away: int, speech: Speech) -> str:
    if of_rate(rate, ci95) == "open":
        return speech.text(
            "Whether more stay than go cannot be told from so few; hold off on large changes."
        )
    if rate > MAJORITY and not away:
        return speech.text("All of them came back: there is nobody to win back yet.")
    if rate > MAJORITY:
        return speech.texts(
            "More stay than go; {n} of them has not come back yet.",
            "More stay than go; {n} of them have not come back yet.",
            away,
        )
    return speech.text(
        "More go than stay: keeping customers deserves a test before more is spent on winning them."
    )


# --- how much hangs on repeat purchases? --------------------------------------


def _repeat_revenue(result: Retention, fitness: Fitness, speech: Speech) -> Headline:
    name, share = speech.text("Revenue from repeat purchases"), result.repeat_revenue_share
    if share is None:
        return _missing(name, why_not(result, "/repeat_revenue_share"), speech)
    return Headline(
        name,
        _capital(speech.about_share(share)),
        _lowered(
            speech.text("{share} of all revenue recorded", share=speech.share(share)),
            "firm",
            fitness,
            speech,
        ),
        _repeat_means(share, speech),
        certainty_word(at_most("firm", fitness), speech),
    )


def _repeat_means(share: float, speech: Speech) -> str:
    if share > MAJORITY:
        return speech.text(
            "Most revenue comes after the first purchase: losing buyers costs more than it shows."
        )
    return speech.text(
        "Most revenue comes from first purchases: the second purchase is where there is room."
    )


# --- what are they worth? -----------------------------------------------------


def _value(result: Clv, fitness: Fitness, speech: Speech) -> Headline:
    name = _value_name(result, speech)
    if result.total_clv is None:
        return _missing(name, why_not(result, "/total_clv"), speech)
    return Headline(
        name,
        speech.about_money(result.total_clv),
        _value_range(result, speech),
        _value_means(result, speech),
        certainty_word(at_most(of_value(result), fitness), speech),
    )


def _value_name(result: Clv, speech: Speech) -> str:
    if result.basis == "margin":
        return speech.texts(
            "Margin expected of today's customers in {n} month",
            "Margin expected of today's customers in {n} months",
            result.horizon_months,
        )
    return speech.texts(
        "Revenue expected of today's customers in {n} month",
        "Revenue expected of today's customers in {n} months",
        result.horizon_months,
    )


def _value_means(result: Clv, speech: Speech) -> str:
    if result.total_clv_ci95 is None and outlasts_test(result):
        return speech.text(
            "A rough guide, not a budget: the model has not been tested over so long a time."
        )
    return speech.text("What is spent on keeping them has to stay well below this sum.")


def _value_range(result: Clv, speech: Speech) -> str:
    if result.total_clv_ci95 is None:
        return speech.text("no interval yet")
    return speech.text(
        "95% interval {ends}", ends=speech.range(result.total_clv_ci95, speech.about_money)
    )


# --- how often do they buy? ---------------------------------------------------


def _cycle(result: Cycle, fitness: Fitness, speech: Speech) -> Headline:
    name = speech.text("Time until customers come back")
    if result.cycle_days is None:
        return _missing(name, why_not(result, "/cycle_days"), speech)
    value = speech.days(result.cycle_days)
    if result.grows:
        value = speech.text("at least {days}", days=value)
    return Headline(
        name,
        _capital(value),
        _cycle_range(result, speech),
        _cycle_means(result, speech),
        certainty_word(at_most(of_cycle(result), fitness), speech),
    )


def _cycle_range(result: Cycle, speech: Speech) -> str:
    shown = _bounds(result, speech) if result.grows else _whole_interval(result, speech)
    if not result.starts_mid_life:
        return shown
    return speech.text("{shown}; may be off by a quarter or more", shown=shown)


def _whole_interval(result: Cycle, speech: Speech) -> str:
    ends = cycle_interval(result, speech)
    if ends is None:
        return speech.text("half of those who come back; no interval")
    return speech.text("95% interval {ends}", ends=ends)


def _bounds(result: Cycle, speech: Speech) -> str:
    ends = cycle_interval(result, speech)
    if result.cycle_upper is None and ends is None:
        return speech.text("no upper bound: it still grows the longer customers are followed")
    if result.cycle_upper is None:
        return speech.text(
            "95% interval {ends}; no upper bound: it still grows the longer customers are followed",
            ends=ends or "",
        )
    upper = speech.days(result.cycle_upper)
    if ends is None:
        return speech.text("at most {days}", days=upper)
    return speech.text("at most {days}; 95% interval {ends}", days=upper, ends=ends)


def _cycle_means(result: Cycle, speech: Speech) -> str:
    if result.window is None:
        return why_not(result, "/window")
    return speech.text(
        "Judge a customer, or a campaign, only after {window}.",
        window=speech.length(result.window.length, result.window.unit),
    )


# --- can the data be trusted? -------------------------------------------------

_TRUST: dict[Fitness, Certainty] = {"fit": "firm", "fit with care": "likely", "unfit": "open"}
_TRUST_MEANS: dict[Fitness, str] = {
    "fit": mark("Nothing in the records stands against the figures above."),
    "fit with care": mark("The figures above hold with the reservations of the data audit."),
    "unfit": mark("Mend the records first: the figures above are no basis for a decision."),
}


def _trust(result: Audit, speech: Speech) -> Headline:
    fitness = result.verdict.retention
    return Headline(
        speech.text("Trust in the data"),
        label(FITNESS, fitness, speech),
        speech.text(
            "{kept} of {rows} rows used",
            kept=speech.count(result.rows_kept),
            rows=speech.count(result.rows_in),
        ),
        speech.text(_TRUST_MEANS[fitness]),
        certainty_word(_TRUST[fitness], speech),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
