"""Sentences of notebook 03: whether customers come back."""

from __future__ import annotations

from retention_lib.results import Cycle, Interval, Retention
from retention_lib.words.formats import Speech
from retention_lib.words.reasons import because, follow


def retention_answer(result: Retention, speech: Speech, cycle: Cycle | None = None) -> str:
    """Return the answer of notebook 03 in two sentences.

    With the cycle, customers back after a pause are "at least" so many where the history does not
    hold a third window.
    """
    if result.retained_rate is None:
        return because(result, "/retained_rate", speech)
    if result.returning_rate is not None:
        return follow(_returning_sentence(result, speech), _flow_sentence(result, cycle, speech))
    return follow(_all_sentence(result, speech), _flow_sentence(result, cycle, speech))


def _rate(rate: float, ci95: Interval | None, speech: Speech) -> str:
    if ci95 is None:
        return speech.share(rate)
    return speech.text(
        "{rate}, 95% interval {ends}",
        rate=speech.share(rate),
        ends=speech.range(ci95, speech.share),
    )


def _returning_sentence(result: Retention, speech: Speech) -> str:
    assert result.returning_rate is not None
    return speech.proses(
        "Of {n} established customer, **{about}** came back ({rate}).",
        "Of {n} established customers, **{about}** came back ({rate}).",
        result.returning_customers or 0,
        about=speech.about_share(result.returning_rate),
        rate=_rate(result.returning_rate, result.returning_ci95, speech),
    )


def _all_sentence(result: Retention, speech: Speech) -> str:
    assert result.retained_rate is not None
    return speech.proses(
        "Of {n} customer of the earlier window, **{about}** came back ({rate}).",
        "Of {n} customers of the earlier window, **{about}** came back ({rate}).",
        result.start_customers or 0,
        about=speech.about_share(result.retained_rate),
        rate=_rate(result.retained_rate, result.retained_ci95, speech),
    )


def _flow_sentence(result: Retention, cycle: Cycle | None, speech: Speech) -> str:
    if result.lost_customers is None or result.resurrected_customers is None:
        return because(result, "/lost_customers", speech)
    return speech.proses(
        "**{n}** customer stayed away; against that stand {new} first-time buyers and {old} who "
        "came back after a pause.",
        "**{n}** customers stayed away; against that stand {new} first-time buyers and {old} who "
        "came back after a pause.",
        result.lost_customers,
        new=speech.count(result.new_customers or 0),
        old=_resurrected(result, cycle, speech),
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
    if result.formula_rate is None:
        return speech.text(
            "Dots with intervals: the share of customers who came back is {rate}.",
            rate=_rate(result.retained_rate, result.retained_ci95, speech),
        )
    return speech.text(
        "Dots with intervals: the share of customers who came back is {rate}; a hollow mark "
        "shows the classic formula's {formula}.",
        rate=_rate(result.retained_rate, result.retained_ci95, speech),
        formula=speech.share(result.formula_rate),
    )


def rates_meaning(result: Retention, speech: Speech) -> str:
    """Return what the rates mean, both populations apart."""
    if result.retained_rate is None or result.window is None or result.prior is None:
        return because(result, "/retained_rate", speech)
    return follow(
        _windows(result, speech),
        _populations(result, speech),
        _formula(result, speech),
        _benchmark(result, speech),
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


def _benchmark(result: Retention, speech: Speech) -> str:
    if result.no_churn_expectation is None:
        return ""
    return speech.prose(
        "Even if nobody had left, only **{expected}** would be expected to buy again in a window "
        "of this length; the rate is to be read against that, not against 100%.",
        expected=speech.share(result.no_churn_expectation, 0),
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
        _balance(result, speech),
        _quick_ratio(result, speech),
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


def _balance(result: Retention, speech: Speech) -> str:
    assert result.start_customers is not None and result.end_customers is not None
    change = result.end_customers - result.start_customers
    if change == 0:
        return speech.prose("As many customers bought in the later window as in the earlier one.")
    if change > 0:
        return speech.proses(
            "**{n}** customer more bought in the later window than in the earlier one.",
            "**{n}** customers more bought in the later window than in the earlier one.",
            change,
        )
    return speech.proses(
        "**{n}** customer fewer bought in the later window than in the earlier one.",
        "**{n}** customers fewer bought in the later window than in the earlier one.",
        -change,
    )


def _quick_ratio(result: Retention, speech: Speech) -> str:
    if result.quick_ratio is None:
        return because(result, "/quick_ratio", speech)
    if result.quick_ratio < 1:
        return speech.prose(
            "For every customer who stayed away, **{ratio}** came or came back: leavers outpace "
            "arrivals.",
            ratio=speech.number(result.quick_ratio),
        )
    return speech.prose(
        "For every customer who stayed away, **{ratio}** came or came back: arrivals keep pace.",
        ratio=speech.number(result.quick_ratio),
    )


# --- how do cohorts fare? -----------------------------------------------------


def cohorts_title(result: Retention, speech: Speech) -> str:
    """Return the title of the cohort table's figure."""
    return speech.text("How many of each starting group buy again")


def cohorts_alt(result: Retention, speech: Speech) -> str:
    """Return the alternative text of the cohort table's figure."""
    return speech.text(
        "Table of colours: one row for each group of customers who bought first in the same "
        "period, with its size; one column for each period since. Darker means a larger share "
        "bought in that period. Hatched cells cannot be judged yet; where none can, a sentence "
        "says so."
    )


def cohorts_meaning(result: Retention, speech: Speech) -> str:
    """Return how the cohort table is to be read."""
    return speech.prose(
        "Read a row from left to right: it is one group of customers growing older. A row that "
        "levels out or rises mostly shows **who is left**, not that customers became more loyal: "
        "occasional buyers are the first to go."
    )


# --- does the first purchase lead to a second? --------------------------------


def second_purchase_meaning(result: Retention, speech: Speech) -> str:
    """Return how many first purchases lead to a second."""
    if result.second_purchase_rate is None:
        return because(result, "/second_purchase_rate", speech)
    return speech.proses(
        "Of {n} customer who could be watched for a whole window after their first purchase, "
        "**{about}** bought a second time in it ({rate}).",
        "Of {n} customers who could be watched for a whole window after their first purchase, "
        "**{about}** bought a second time in it ({rate}).",
        result.second_purchase_customers or 0,
        about=speech.about_share(result.second_purchase_rate),
        rate=_rate(result.second_purchase_rate, result.second_purchase_ci95, speech),
    )


# --- did the money stay? ------------------------------------------------------


def revenue_meaning(result: Retention, speech: Speech) -> str:
    """Return how much revenue stayed, and how much comes from repeat purchases."""
    return follow(_kept_revenue(result, speech), _repeat_share(result, speech))


def _kept_revenue(result: Retention, speech: Speech) -> str:
    if result.gross_revenue_retention is None or result.net_revenue_retention is None:
        return ""
    return speech.prose(
        "Of the revenue of the earlier window, **{gross}** was kept by the same customers, or "
        "**{net}** when those who bought more are allowed to make up for others.",
        gross=speech.share(result.gross_revenue_retention),
        net=speech.share(result.net_revenue_retention),
    )


def _repeat_share(result: Retention, speech: Speech) -> str:
    if result.repeat_revenue_share is None:
        return because(result, "/repeat_revenue_share", speech)
    return speech.prose(
        "Over the whole history, **{share}** of all revenue came from purchases after a "
        "customer's first.",
        share=speech.share(result.repeat_revenue_share),
    )
