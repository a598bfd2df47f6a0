"""The answer of notebook 03: who came back, how that is judged, and the net flow."""

from __future__ import annotations

from retention_lib.results import Cycle, NetFlow, Retention
from retention_lib.speech import Speech, escape, mark
from retention_lib.words.reasons import because, follow
from retention_lib.words.season import season_caveat
from retention_lib.words.variants import answering

_CAME_BACK = mark(
    {
        True: "Of {customers:count} established customer{customers:|s}, **{rate:about_share}** came "
        "back ({rate:share}, 95% interval {ci95:range share}).",
        False: "Of {customers:count} customer{customers:|s} of the earlier window, "
        "**{rate:about_share}** came back ({rate:share}, 95% interval {ci95:range share}).",
    }
)
_JUDGED = mark(
    {
        "below": "If nobody had left, **{share}** would be expected: **customers do leave**, and "
        "keeping them deserves a test.",
        "unclear": "If nobody had left, **{share}** would be expected: the two **cannot be told "
        "apart**, so nothing calls for spending more on keeping.",
    }
)
_FLOWS = mark(
    {
        "none came": "**{lost_customers:count}** customer{lost_customers:|s} stayed away and **nobody "
        "at all** bought in the later window: check first whether its records are complete.",
        "closed": "**{lost_customers:count}** customer{lost_customers:|s} stayed away, {back} came "
        "back after a pause and nobody bought for the first time: a **closed group**, which says "
        "nothing about winning customers.",
        "open": "**{lost_customers:count}** customer{lost_customers:|s} stayed away, while "
        "{new_customers:count} bought for the first time and {back} came back after a pause.",
    }
)
_BASE = mark(
    {
        "grew": "The base **grew by {net:count}**.",
        "shrank": "The base **shrank by {net:count}**.",
        "even": "The base **stayed as large as it was**.",
    }
)


@answering
def meaning(result: Retention, speech: Speech, cycle: Cycle | None = None) -> str:
    """Return the answer in short: who came back, how that is judged, and the net flow.

    Where a season makes the two windows unlike, the last sentence says what a year earlier says.
    """
    if result.headline is None or result.net_flow is None:
        return because(result, "/retained_rate", speech)
    return follow(
        speech.prose(_CAME_BACK[result.headline.established], result.headline),
        speech.prose(
            _JUDGED[result.judged.side],
            share=expected_share(result.judged.expected, result.judged.regular, speech),
        )
        if result.judged is not None
        else "",
        _flow(result, result.net_flow, speech),
        escape(season_caveat(cycle, speech)),
    )


def expected_share(expected: float, at_least: bool, speech: Speech) -> str:
    """Return an expectation in whole per cent: 86%, or at least 86% where it is a lower bound."""
    share = speech.share(expected, 0)
    return speech.text("at least {share}", share=share) if at_least else share


def _flow(result: Retention, flow: NetFlow, speech: Speech) -> str:
    none_came = result.lost_customers and not result.end_customers
    kind = "none came" if none_came else "closed" if flow.closed else "open"
    said = speech.prose(_FLOWS[kind], result, back=back_after_a_pause(result, speech))
    if kind != "open":
        return said
    change = "even" if not flow.change else "grew" if flow.change > 0 else "shrank"
    return follow(said, speech.prose(_BASE[change], net=abs(flow.change)))


def back_after_a_pause(result: Retention, speech: Speech) -> str:
    """Return how many came back after a pause, "at least" where the history hides some of them."""
    n = speech.count(result.resurrected_customers or 0)
    counted = result.net_flow is None or result.net_flow.back == "counted"
    return n if counted else speech.text("at least {n}", n=n)
