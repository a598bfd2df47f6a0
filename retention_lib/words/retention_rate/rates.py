"""Sentences of notebook 03: whether customers come back, and who came and left."""

from __future__ import annotations

from retention_lib.results import Cycle, Interval, Retention
from retention_lib.speech import Speech, escape, mark
from retention_lib.words.reasons import because, follow
from retention_lib.words.retention_rate.growth import balance
from retention_lib.words.retention_rate.no_churn import (
    RegardedAs,
    expected_share,
    is_regular,
    judged,
)
from retention_lib.words.season import season_caveat
from retention_lib.words.variants import answering


@answering
def retention_answer(result: Retention, speech: Speech, cycle: Cycle | None = None) -> str:
    """Return the answer of notebook 03 in two sentences: who came back, and the net flow.

    Where a season makes the two windows unlike, a third says what a year earlier says.

    With the cycle, customers back after a pause are "at least" so many where the history does not
    hold a third window, and so is the expectation where customers buy regularly.
    """
    if result.retained_rate is None:
        return because(result, "/retained_rate", speech)
    return follow(
        _came_back(result, cycle, speech),
        _flow_sentence(result, cycle, speech),
        escape(season_caveat(cycle, speech)),
    )


_CAME_BACK: dict[RegardedAs | None, str] = {
    "below": mark(
        "Of {who}, **{about}** came back ({rate}), where **{expected}** would be expected if "
        "nobody had left: **customers do leave**, and keeping them deserves a test."
    ),
    "above": mark(
        "Of {who}, **{about}** came back ({rate}), where **{expected}** would be expected if "
        "nobody had left: there is **nothing to mend by keeping**."
    ),
    "unclear": mark(
        "Of {who}, **{about}** came back ({rate}), where **{expected}** would be expected if "
        "nobody had left: the two **cannot be told apart**, so nothing calls for more spending on "
        "keeping."
    ),
    None: mark("Of {who}, **{about}** came back ({rate})."),
}


def _came_back(result: Retention, cycle: Cycle | None, speech: Speech) -> str:
    rate, ci95 = result.returning_rate, result.returning_ci95
    if rate is None:
        rate, ci95 = result.retained_rate or 0.0, result.retained_ci95
    found = judged(result, cycle)
    expected = "" if found is None else expected_share(found.expected, found.regular, speech)
    return speech.prose(
        _CAME_BACK[found.side if found else None],
        who=_of_whom(result, speech),
        about=speech.about_share(rate),
        rate=_rate(rate, ci95, speech),
        expected=expected,
    )


def _of_whom(result: Retention, speech: Speech) -> str:
    """Return whom the rate is about, as it stands after "of"."""
    if result.returning_rate is not None:
        return speech.texts(
            "{n} established customer", "{n} established customers", result.returning_customers or 0
        )
    return speech.texts(
        "{n} customer of the earlier window",
        "{n} customers of the earlier window",
        result.start_customers or 0,
    )


def _rate(rate: float, ci95: Interval | None, speech: Speech) -> str:
    if ci95 is None:
        return speech.share(rate)
    return speech.text(
        "{rate}, 95% interval {ends}",
        rate=speech.share(rate),
        ends=speech.range(ci95, speech.share),
    )


_FLOWS = {
    "closed": (
        mark(
            "**{n}** customer stayed away, {old} came back after a pause and nobody bought for the "
            "first time: a **closed group**, which says nothing about winning customers."
        ),
        mark(
            "**{n}** customers stayed away, {old} came back after a pause and nobody bought for the "
            "first time: a **closed group**, which says nothing about winning customers."
        ),
    ),
    "grew": (
        mark(
            "**{n}** customer stayed away, while {new} bought for the first time and {old} came "
            "back after a pause: the base **grew by {net}**."
        ),
        mark(
            "**{n}** customers stayed away, while {new} bought for the first time and {old} came "
            "back after a pause: the base **grew by {net}**."
        ),
    ),
    "shrank": (
        mark(
            "**{n}** customer stayed away, while {new} bought for the first time and {old} came "
            "back after a pause: the base **shrank by {net}**."
        ),
        mark(
            "**{n}** customers stayed away, while {new} bought for the first time and {old} came "
            "back after a pause: the base **shrank by {net}**."
        ),
    ),
    "even": (
        mark(
            "**{n}** customer stayed away, while {new} bought for the first time and {old} came "
            "back after a pause: the base **stayed as large as it was**."
        ),
        mark(
            "**{n}** customers stayed away, while {new} bought for the first time and {old} came "
            "back after a pause: the base **stayed as large as it was**."
        ),
    ),
}


def _flow_sentence(result: Retention, cycle: Cycle | None, speech: Speech) -> str:
    if result.lost_customers is None or result.resurrected_customers is None:
        return because(result, "/lost_customers", speech)
    new = result.new_customers or 0
    net = new + result.resurrected_customers - result.lost_customers
    if not result.lost_customers and not net:
        return speech.prose("Nobody stayed away and nobody came: the base stayed as it was.")
    if not result.lost_customers:
        return speech.prose(
            "Nobody stayed away, while {new} bought for the first time and {old} came back after a "
            "pause: the base **grew by {net}**.",
            new=speech.count(new),
            old=_resurrected(result, cycle, speech),
            net=speech.count(net),
        )
    if not result.end_customers:
        return speech.proses(
            "**{n}** customer stayed away and **nobody at all** bought in the later window: look "
            "first whether its records are complete.",
            "**{n}** customers stayed away and **nobody at all** bought in the later window: look "
            "first whether its records are complete.",
            result.lost_customers,
        )
    kind = "even" if not net else "grew" if net > 0 else "shrank"
    return speech.proses(
        *_FLOWS["closed" if not new else kind],
        result.lost_customers,
        new=speech.count(new),
        old=_resurrected(result, cycle, speech),
        net=speech.count(abs(net)),
    )


def _resurrected(result: Retention, cycle: Cycle | None, speech: Speech) -> str:
    n = speech.count(result.resurrected_customers or 0)
    return speech.text("at least {n}", n=n) if _holds_two(cycle) else n


def _holds_two(cycle: Cycle | None) -> bool:
    """Whether the history holds two windows but not three."""
    return cycle is not None and cycle.gate == "two_windows"


# --- do customers come back? --------------------------------------------------


def rates_title(result: Retention, speech: Speech) -> str:
    """Return the title of the figure of rates."""
    found = judged(result)
    if found is not None and found.established:
        return speech.text(
            "Established customers who came back: {about}; if nobody had left: {expected}",
            about=speech.about_share(found.rate),
            expected=speech.share(found.expected, 0),
        )
    if found is not None:
        return speech.text(
            "Customers who came back: {about}; if nobody had left: {expected}",
            about=speech.about_share(found.rate),
            expected=speech.share(found.expected, 0),
        )
    if result.returning_rate is not None:
        return speech.text(
            "Established customers who came back: {about}",
            about=speech.about_share(result.returning_rate),
        )
    if result.retained_rate is not None:
        return speech.text(
            "Customers who came back: {about}", about=speech.about_share(result.retained_rate)
        )
    return speech.text("Share of customers who came back")


def rates_alt(result: Retention, speech: Speech) -> str:
    """Return the alternative text of the figure of rates."""
    if result.retained_rate is None:
        return speech.text("No rate can be drawn.")
    return follow(
        speech.text(
            "Dots with intervals: the share of customers who came back is {rate}.",
            rate=_rate(result.retained_rate, result.retained_ci95, speech),
        ),
        _alt_populations(result, speech),
        _alt_formula(result, speech),
        _alt_expected(result, speech),
    )


def _alt_populations(result: Retention, speech: Speech) -> str:
    if result.returning_rate is None or result.first_time_rate is None:
        return ""
    return speech.text(
        "Of established customers it is {returning}, of first-time buyers {first}.",
        returning=speech.share(result.returning_rate),
        first=speech.share(result.first_time_rate),
    )


def _alt_formula(result: Retention, speech: Speech) -> str:
    if result.formula_rate is None:
        return ""
    return speech.text(
        "A hollow mark shows the classic formula's {formula}.",
        formula=speech.share(result.formula_rate),
    )


def _alt_expected(result: Retention, speech: Speech) -> str:
    if result.no_churn is None:
        return ""
    return speech.text(
        "Ticks show what would be expected if nobody had left, {expected} over all customers.",
        expected=speech.share(result.no_churn.expectation, 0),
    )


def rates_meaning(result: Retention, speech: Speech, cycle: Cycle | None = None) -> str:
    """Return what the rates mean, both populations apart.

    For ``cycle`` see :func:`retention_answer`.
    """
    if result.retained_rate is None or result.window is None or result.prior is None:
        return because(result, "/retained_rate", speech)
    return follow(
        _windows(result, speech),
        _populations(result, speech),
        _formula(result, speech),
        _benchmark(result, cycle, speech),
    )


def _windows(result: Retention, speech: Speech) -> str:
    assert result.prior is not None and result.window is not None
    assert result.retained_rate is not None
    return speech.proses(
        "**{n}** customer bought between {prior}; **{rate}** bought again between {window}.",
        "**{n}** customers bought between {prior}; **{rate}** of them bought again between "
        "{window}.",
        result.start_customers or 0,
        prior=speech.between(result.prior.start, result.prior.end),
        window=speech.between(result.window.start, result.window.end),
        rate=speech.share(result.retained_rate),
    )


def _populations(result: Retention, speech: Speech) -> str:
    if result.first_time_rate is None and result.returning_rate is None:
        return because(result, "/returning_rate", speech)
    if result.first_time_rate is None:
        return speech.prose(
            "All of them had bought before that, so this is the rate of established customers; "
            "how many first-time buyers stay cannot be seen here."
        )
    if result.returning_rate is None:
        return speech.prose(
            "All of them were buying for the first time, so nothing is said on established "
            "customers."
        )
    return speech.prose(
        "Established customers came back at **{returning}**, first-time buyers at **{first}**: "
        "two different groups, to be judged apart.",
        returning=_rate(result.returning_rate, result.returning_ci95, speech),
        first=_rate(result.first_time_rate, result.first_time_ci95, speech),
    )


def _formula(result: Retention, speech: Speech) -> str:
    if result.formula_rate is None:
        return because(result, "/formula_rate", speech)
    if not result.resurrected_customers:
        return speech.prose(
            "The classic formula, customers at the end less new ones over customers at the "
            "start, gives **{formula}**.",
            formula=speech.share(result.formula_rate),
        )
    return speech.proses(
        "The classic formula, customers at the end less new ones over customers at the start, "
        "gives **{formula}**, because it also counts {n} older customer who came back after "
        "skipping the earlier window.",
        "The classic formula, customers at the end less new ones over customers at the start, "
        "gives **{formula}**, because it also counts {n} older customers who came back after "
        "skipping the earlier window.",
        result.resurrected_customers,
        formula=speech.share(result.formula_rate),
    )


def _benchmark(result: Retention, cycle: Cycle | None, speech: Speech) -> str:
    if result.no_churn_expectation is None:
        return ""
    return speech.prose(
        "If nobody had left, **{expected}** of all would be expected to buy again in a window of "
        "this length: read the rate against that, not against 100%.",
        expected=expected_share(result.no_churn_expectation, is_regular(cycle), speech),
    )


# --- who came, who left? ------------------------------------------------------


def flow_title(result: Retention, speech: Speech) -> str:
    """Return the title of the figure of comings and goings."""
    if result.start_customers is None or result.end_customers is None:
        return speech.text("Customers who came, stayed and left")
    return speech.text(
        "Customers: {start} in the earlier window, {end} in the later one",
        start=speech.count(result.start_customers),
        end=speech.count(result.end_customers),
    )


def flow_alt(result: Retention, speech: Speech, cycle: Cycle | None = None) -> str:
    """Return the alternative text of the figure of comings and goings.

    For ``cycle`` see :func:`retention_answer`.
    """
    if result.start_customers is None:
        return speech.text("No comings and goings can be drawn.")
    return speech.text(
        "Bars of customers: {start} in the earlier window are {retained} who stayed and {lost} "
        "who did not come back; {end} in the later window are the same who stayed, {older} who "
        "came back after a pause and {new} new ones.",
        start=speech.count(result.start_customers),
        retained=speech.count(result.retained_customers or 0),
        lost=speech.count(result.lost_customers or 0),
        end=speech.count(result.end_customers or 0),
        older=_resurrected(result, cycle, speech),
        new=speech.count(result.new_customers or 0),
    )


def flow_meaning(result: Retention, speech: Speech, cycle: Cycle | None = None) -> str:
    """Return whether the base grew or shrank, and by what.

    For ``cycle`` see :func:`retention_answer`.
    """
    if result.start_customers is None or result.end_customers is None:
        return because(result, "/start_customers", speech)
    return follow(
        balance(result, speech),
        escape(season_caveat(cycle, speech)),
        _short_memory(result, cycle, speech),
    )


def _short_memory(result: Retention, cycle: Cycle | None, speech: Speech) -> str:
    """Say what less than three windows hide (definitions: gate)."""
    if cycle is None or result.prior is None or result.window is None or not _holds_two(cycle):
        return ""
    if cycle.history_days <= (result.window.end - result.prior.start).days + 1:
        return speech.prose(
            "The history holds these two windows and nothing before them, so **nobody can be seen "
            "to come back after a pause**, and the number of new customers is overstated: some of "
            "them may be old ones."
        )
    return speech.prose(
        "The history holds less than three windows, so the customers back after a pause are **a "
        "lower bound**: some who count as new may have bought before the records begin."
    )
