"""The first screen: six figures, each with its range, its change, its meaning and its certainty."""

from __future__ import annotations

from retention_lib.results import Audit, Clv, Cycle, Fitness, Results
from retention_lib.speech import Speech, mark
from retention_lib.words.certainty import (
    Certainty,
    at_most,
    certainty_word,
)
from retention_lib.words.first_screen.line import Headline, capital, missing
from retention_lib.words.first_screen.retention import (
    net_flow_line,
    repeat_revenue_line,
    returning_line,
)
from retention_lib.words.labels import FITNESS, label
from retention_lib.words.reasons import why_not

__all__ = ["Headline", "headlines"]


def headlines(results: Results, speech: Speech) -> list[Headline]:
    """Return the figures of the first screen, the most decisive first."""
    audit = results.audit
    return [
        returning_line(results.retention, results.cycle, audit.verdict.retention, speech),
        net_flow_line(results.retention, results.cycle, audit.verdict.retention, speech),
        repeat_revenue_line(results.retention, audit.verdict.retention, speech),
        _value(results.clv, audit.verdict.clv, speech),
        _cycle(results.cycle, audit.verdict.retention, speech),
        _trust(audit, speech),
    ]


# --- what are they worth? -----------------------------------------------------


def _value(result: Clv, fitness: Fitness, speech: Speech) -> Headline:
    name = _value_name(result, speech)
    if result.total_clv is None:
        return missing(name, why_not(result, "/total_clv", speech), speech)
    return Headline(
        name,
        speech.about_money(result.total_clv),
        _value_range(result, speech),
        _value_means(result, speech),
        certainty_word(at_most(result.certainty, fitness), speech),
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
    if result.far_off:
        return speech.text(
            "A rough guide, not a budget: in the test the total was more than a quarter off."
        )
    if result.total_clv_ci95 is None:
        return speech.text("A rough guide, not a budget: how far off it may be is not known.")
    if result.lean == "high" and result.past_forecasts is not None:
        return speech.text(
            "Of {n:count} earlier forecasts {too_high:count} were too high: plan with the lower "
            "end, and spend well below it on keeping them.",
            result.past_forecasts,
            n=len(result.past_forecasts.forecasts),
        )
    return speech.text(
        "Plan with the lower end; what is spent on keeping them has to stay well below it."
    )


def _value_range(result: Clv, speech: Speech) -> str:
    if result.total_clv_ci95 is None:
        return speech.text("no interval")
    ends = speech.range(result.total_clv_ci95, speech.about_money)
    if result.outlasts_test and result.tested_days:
        return speech.text(
            "95% interval {ends}; tested over {days} only",
            ends=ends,
            days=speech.days(result.tested_days),
        )
    return speech.text("95% interval {ends}", ends=ends)


# --- how often do they buy? ---------------------------------------------------


def _cycle(result: Cycle, fitness: Fitness, speech: Speech) -> Headline:
    name = speech.text("Time until customers come back")
    if result.cycle_days is None:
        return missing(name, why_not(result, "/cycle_days", speech), speech)
    value = speech.days(result.cycle_days)
    if result.grows:
        value = speech.text("at least {days}", days=value)
    return Headline(
        name,
        capital(value),
        _cycle_range(result, speech),
        _cycle_means(result, speech),
        certainty_word(at_most(result.certainty, fitness), speech),
    )


def _cycle_range(result: Cycle, speech: Speech) -> str:
    shown = _bounds(result, speech) if result.grows else _whole_interval(result, speech)
    if not result.starts_mid_life:
        return shown
    return speech.text("{shown}; may be off by a quarter or more", shown=shown)


def _whole_interval(result: Cycle, speech: Speech) -> str:
    if result.interval is None:
        return speech.text("half of those who come back; no interval")
    return speech.text("95% interval {interval:range days}", result)


def _bounds(result: Cycle, speech: Speech) -> str:
    if result.cycle_upper is None:
        grows = speech.text("no upper bound: it still grows the longer customers are followed")
        if result.interval is None:
            return grows
        return speech.text("95% interval {interval:range days}; {grows}", result, grows=grows)
    if result.interval is None:
        return speech.text("at most {cycle_upper:days}", result)
    return speech.text("at most {cycle_upper:days}; 95% interval {interval:range days}", result)


def _cycle_means(result: Cycle, speech: Speech) -> str:
    if result.window is None:
        return why_not(result, "/window", speech)
    return speech.text(
        "Judge a customer, or a campaign, only after {window}.",
        window=speech.length(result.window),
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
