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

_ALT = mark(
    (
        "Dots with intervals: {whole:estimate share} of customers came back.",
        (
            "Of established customers it is {returning_rate:share}, of first-time buyers "
            "{first_time_rate:share}."
        ),
        "A hollow mark shows the classic formula's {formula_rate:share}.",
        (
            "Ticks show what would be expected if nobody had left, {no_churn.expectation:share 0} "
            "over all customers."
        ),
    )
)
_POPULATIONS = mark(
    {  # established customers, first-time buyers
        (
            True,
            False,
        ): "All of them had bought before, so this is the rate of established customers; "
        "how many first-time buyers stay cannot be seen here.",
        (False, True): "All of them were buying for the first time, so nothing is said about "
        "established customers.",
        (True, True): "Of established customers **{returning:estimate share}** came back, of "
        "first-time buyers **{first:estimate share}**: two different groups, to be judged apart.",
    }
)
_FORMULA = mark(
    {  # is it higher
        False: "The classic formula, customers at the end minus new ones over customers at the "
        "start, gives **{formula_rate:share}**.",
        True: "The classic formula, customers at the end minus new ones over customers at the start, "
        "gives **{formula_rate:share}**: it also counts {resurrected_customers:count} older "
        "customer{resurrected_customers:|s} who came back after a pause.",
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
    shown = (
        True,
        result.returning_rate is not None and result.first_time_rate is not None,
        result.formula_rate is not None,
        result.no_churn is not None and result.no_churn_expectation is not None,
    )
    whole = (result.retained_rate, result.retained_ci95)
    told = [message for message, known in zip(_ALT, shown, strict=True) if known]
    return follow(*(speech.text(message, result, whole=whole) for message in told))


def meaning(result: Retention, speech: Speech, cycle: Cycle | None = None) -> str:
    """Return what the rates mean, established customers and first-time buyers apart.

    With the cycle, the expectation is a lower bound where customers buy regularly.
    """
    if result.retained_rate is None or result.window is None:
        return because(result, "/retained_rate", speech)
    return follow(
        speech.prose(
            "**{start_customers:count}** customer{start_customers:|s} bought between "
            "{prior.start:date} and {prior.end:date}; **{retained_rate:share}** of them bought "
            "again between {window.start:date} and {window.end:date}.",
            result,
        ),
        _populations(result, speech),
        because(result, "/formula_rate", speech)
        or speech.prose(_FORMULA[bool(result.resurrected_customers)], result),
        _expected(result, cycle, speech),
    )


def _populations(result: Retention, speech: Speech) -> str:
    known = result.returning_rate is not None, result.first_time_rate is not None
    if not any(known):
        return because(result, "/returning_rate", speech)
    return speech.prose(
        _POPULATIONS[known],
        returning=(result.returning_rate, result.returning_ci95),
        first=(result.first_time_rate, result.first_time_ci95),
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
