"""Sentences of notebook 03 on how many came back."""

from __future__ import annotations

from retention_lib.results import Cycle, Retention
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow
from retention_lib.words.retention_rate.answer import expected_share

_TITLES = mark(
    {  # established customers, judged
        (
            True,
            True,
        ): "Established customers who came back: {rate:about_share}; if nobody had left: "
        "{expected:share 0}",
        (False, True): "Customers who came back: {rate:about_share}; if nobody had left: "
        "{expected:share 0}",
        (True, False): "Established customers who came back: {rate:about_share}",
        (False, False): "Customers who came back: {rate:about_share}",
    }
)


def title(result: Retention, speech: Speech) -> str:
    """Return the title of the figure of rates."""
    head, found = result.headline, result.judged
    if head is None:
        return speech.text("Share of customers who came back")
    expected = found.expected if found else None
    return speech.text(_TITLES[head.established, found is not None], head, expected=expected)


def alt(result: Retention, speech: Speech) -> str:
    """Return the alternative text of the figure of rates."""
    if result.retained_rate is None:
        return speech.text("No rate can be drawn.")
    whole = (result.retained_rate, result.retained_ci95)
    said = [
        speech.text(
            "Dots with intervals: {whole:estimate share} of customers came back.", whole=whole
        )
    ]
    if result.returning_rate is not None and result.first_time_rate is not None:
        said.append(
            speech.text(
                "Of established customers it is {returning_rate:share}, of first-time buyers "
                "{first_time_rate:share}.",
                result,
            )
        )
    if result.formula_rate is not None:
        said.append(
            speech.text("A hollow mark shows the classic formula's {formula_rate:share}.", result)
        )
    if result.no_churn is not None:
        said.append(
            speech.text(
                "Ticks show what would be expected if nobody had left, {expectation:share 0} over "
                "all customers.",
                result.no_churn,
            )
        )
    return follow(*said)


def meaning(result: Retention, speech: Speech, cycle: Cycle | None = None) -> str:
    """Return what the rates mean, established customers and first-time buyers apart.

    With the cycle, the expectation is a lower bound where customers buy regularly.
    """
    if result.retained_rate is None or result.window is None:
        return because(result, "/retained_rate", speech)
    return follow(
        speech.prose(
            "**{start_customers:count}** customer{start_customers:|s} bought between "
            "{prior.start:date} and {prior.end:date}; **{retained_rate:share}** of them bought again "
            "between {window.start:date} and {window.end:date}.",
            result,
        ),
        _populations(result, speech),
        _formula(result, speech),
        _expected(result, cycle, speech),
    )


def _populations(result: Retention, speech: Speech) -> str:
    if result.first_time_rate is None and result.returning_rate is None:
        return because(result, "/returning_rate", speech)
    if result.first_time_rate is None:
        return speech.prose(
            "All of them had bought before, so this is the rate of established customers; how many "
            "first-time buyers stay cannot be seen here."
        )
    if result.returning_rate is None:
        return speech.prose(
            "All of them were buying for the first time, so nothing is said about established "
            "customers."
        )
    return speech.prose(
        "Of established customers **{returning:estimate share}** came back, of first-time buyers "
        "**{first:estimate share}**: two different groups, to be judged apart.",
        returning=(result.returning_rate, result.returning_ci95),
        first=(result.first_time_rate, result.first_time_ci95),
    )


def _formula(result: Retention, speech: Speech) -> str:
    if result.formula_rate is None:
        return because(result, "/formula_rate", speech)
    if not result.resurrected_customers:
        return speech.prose(
            "The classic formula, customers at the end minus new ones over customers at the start, "
            "gives **{formula_rate:share}**.",
            result,
        )
    return speech.prose(
        "The classic formula, customers at the end minus new ones over customers at the start, gives "
        "**{formula_rate:share}**: it also counts {resurrected_customers:count} older "
        "customer{resurrected_customers:|s} who came back after a pause.",
        result,
    )


def _expected(result: Retention, cycle: Cycle | None, speech: Speech) -> str:
    if result.no_churn_expectation is None:
        return ""
    at_least = cycle is not None and cycle.is_regular
    return speech.prose(
        "If nobody had left, **{expected}** of all would be expected to buy again: read the rate "
        "against that, not against 100%.",
        expected=expected_share(result.no_churn_expectation, at_least, speech),
    )
