"""Sentences of notebook 03 on money: did the revenue of the earlier window stay?"""

from __future__ import annotations

from retention_lib.results import Retention
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow

_SAME_CUSTOMERS = mark(
    {
        "below": "They bring less than before, and the rest has to be won elsewhere.",
        "above": "They bring more than before, even without anybody new.",
        "unclear": "Whether they bring more or less than before cannot be told.",
    }
)
_CHANGES = mark({-1: "Revenue fell.", 0: "Revenue stayed the same.", 1: "Revenue grew."})


def meaning(result: Retention, speech: Speech) -> str:
    """Return how much revenue stayed, what became of the rest, and how much is from repeats."""
    return follow(
        _stayed(result, speech),
        _ratio(result, speech),
        because(result, "/repeat_revenue_share", speech)
        or speech.prose(
            "Over the whole history, **{repeat_revenue_share:share}** of the revenue of known "
            "customers came from purchases after their first.",
            result,
        ),
        _unassigned(result, speech),
    )


def _stayed(result: Retention, speech: Speech) -> str:
    flow = result.revenue
    if flow is None:
        return because(result, "/revenue", speech)
    return follow(
        speech.prose(
            "Of the revenue of the earlier window, **{kept:share 0}** stayed; {contraction:share "
            "0} went because customers who came back spent less, and {lost:share 0} because "
            "customers did not come back. Added to it, as shares of the same revenue, were "
            "{expansion:share 0} from customers who spent more, {new:share 0} from new ones and "
            "{resurrected:share 0} from those back after a pause.",
            flow.shares,
        ),
        speech.prose(
            "Gross revenue retention is **{gross:estimate share}**: what is kept if nobody's "
            "growth may make up for another's loss.",
            gross=(result.gross_revenue_retention, result.gross_revenue_ci95),
        ),
        speech.prose(
            "Net revenue retention is **{net:estimate share}**, growth of the same customers "
            "included.",
            net=(result.net_revenue_retention, result.net_revenue_ci95),
        ),
        speech.prose(_SAME_CUSTOMERS[flow.same_customers]),
    )


def _ratio(result: Retention, speech: Speech) -> str:
    if result.revenue_quick_ratio is None or result.revenue is None:
        return because(result, "/revenue_quick_ratio", speech)
    change = result.revenue.change
    said = speech.prose(
        "Revenue gained is **{revenue_quick_ratio:number}** times revenue lost.", result
    )
    return follow(said, speech.prose(_CHANGES[(change > 0) - (change < 0)]))


def _unassigned(result: Retention, speech: Speech) -> str:
    if result.unassigned_revenue_share is None:
        return because(result, "/unassigned_revenue_share", speech)
    if not result.unassigned_revenue_share:
        return speech.prose("No revenue is without a customer, so nothing is missing from that.")
    return speech.prose(
        "**{unassigned_revenue_share:share}** of all revenue belongs to no known customer: nobody "
        "can tell whether it came from first purchases or later ones.",
        result,
    )
