"""Sentences of notebook 03 on who came and who left."""

from __future__ import annotations

from retention_lib.results import Cycle, NetFlow, Retention
from retention_lib.speech import Speech, escape, mark
from retention_lib.words.reasons import because, follow
from retention_lib.words.retention_rate.answer import back_after_a_pause
from retention_lib.words.season import season_caveat

_CHANGES = mark(
    {
        "none": "Nobody bought in either window.",
        "even": "As many customers bought in the later window as in the earlier one.",
        "more": "**{n:count}** more customer{n:|s} bought in the later window than in the earlier one.",
        "fewer": "**{n:count}** fewer customer{n:|s} bought in the later window than in the earlier "
        "one.",
    }
)
_BACK = mark(
    {
        "unseen": "The history holds these two windows and nothing before them, so **nobody can be "
        "seen to come back after a pause**, and the number of new customers is overstated: some of "
        "them may be old ones.",
        "lower bound": "The history holds less than three windows, so the number of customers back "
        "after a pause is **a lower bound**: some who count as new may have bought before the "
        "records begin.",
    }
)


def title(result: Retention, speech: Speech) -> str:
    """Return the title of the figure of comings and goings."""
    if result.start_customers is None:
        return speech.text("Customers who came, stayed and left")
    return speech.text(
        "Customers: {start_customers:count} in the earlier window, {end_customers:count} in the "
        "later one",
        result,
    )


def alt(result: Retention, speech: Speech) -> str:
    """Return the alternative text of the figure of comings and goings."""
    if result.start_customers is None:
        return speech.text("No comings and goings can be drawn.")
    return speech.text(
        "Bars of customers: {start_customers:count} in the earlier window are "
        "{retained_customers:count} who stayed and {lost_customers:count} who did not come back; "
        "{end_customers:count} in the later window are the same who stayed, {back} who came back "
        "after a pause and {new_customers:count} new ones.",
        result,
        back=back_after_a_pause(result, speech),
    )


def meaning(result: Retention, speech: Speech, cycle: Cycle | None = None) -> str:
    """Return whether the base grew or shrank, and what a short history hides.

    With the cycle, also what the same window a year earlier says where a season moves them.
    """
    if result.net_flow is None:
        return because(result, "/start_customers", speech)
    back = result.net_flow.back
    return follow(
        _change(result, result.net_flow, speech),
        escape(season_caveat(cycle, speech)),
        "" if back == "counted" else speech.prose(_BACK[back]),
    )


def _change(result: Retention, flow: NetFlow, speech: Speech) -> str:
    kind = "even" if not flow.change else "more" if flow.change > 0 else "fewer"
    if not result.start_customers and not result.end_customers:
        kind = "none"
    return speech.prose(_CHANGES[kind], n=abs(flow.change))
