"""Sentences of notebook 03 on money: did the revenue of the earlier window stay?"""

from __future__ import annotations

from retention_lib.results import Retention, RevenueFlow
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow

_SAME = 1.0  # of the revenue before
_FELL = mark("Revenue gained is **{ratio}** times revenue lost, so revenue fell.")
_GREW = mark("Revenue gained is **{ratio}** times revenue lost, so revenue grew.")
_STAYED = mark("Revenue gained is **{ratio}** times revenue lost, so revenue stayed the same.")


def revenue_meaning(result: Retention, speech: Speech) -> str:
    """Return how much revenue stayed, what became of the rest, and how much is from repeats."""
    return follow(
        _of_100(result, speech),
        _gross(result, speech),
        _net(result, speech),
        _ratio(result, speech),
        _repeat_share(result, speech),
        _unassigned(result, speech),
    )


def _of_100(result: Retention, speech: Speech) -> str:
    flow = result.revenue
    if flow is None:
        return because(result, "/revenue", speech)
    if flow.before <= 0:
        return ""
    return follow(
        speech.prose(
            "Of the revenue of the earlier window, **{kept}** stayed; {less} went because customers "
            "who came back spent less, and {lost} because customers did not come back.",
            kept=_part(flow.kept, flow, speech),
            less=_part(flow.contraction, flow, speech),
            lost=_part(flow.lost, flow, speech),
        ),
        speech.prose(
            "Added to it, as shares of the same revenue, were {more} from customers who spent more, "
            "{new} from new ones and {back} from those back after a pause.",
            more=_part(flow.expansion, flow, speech),
            new=_part(flow.new, flow, speech),
            back=_part(flow.resurrected, flow, speech),
        ),
    )


def _part(money: float, flow: RevenueFlow, speech: Speech) -> str:
    return speech.share(money / flow.before, 0)


def _gross(result: Retention, speech: Speech) -> str:
    if result.gross_revenue_retention is None:
        return because(result, "/gross_revenue_retention", speech)
    return speech.prose(
        "Gross revenue retention is **{gross}**: what is kept if nobody's growth may make up for "
        "another's loss.",
        gross=speech.estimated_share(result.gross_revenue_retention, result.gross_revenue_ci95),
    )


def _net(result: Retention, speech: Speech) -> str:
    net, ci95 = result.net_revenue_retention, result.net_revenue_ci95
    if net is None:
        return because(result, "/net_revenue_retention", speech)
    low, high = ci95 or (net, net)
    shown = speech.estimated_share(net, ci95)
    if high < _SAME:
        return speech.prose(
            "Net revenue retention is **{net}**, growth of the same customers included: they bring "
            "less than before, and the rest has to be won elsewhere.",
            net=shown,
        )
    if low > _SAME:
        return speech.prose(
            "Net revenue retention is **{net}**, growth of the same customers included: they bring "
            "more than before, even without anybody new.",
            net=shown,
        )
    return speech.prose(
        "Net revenue retention is **{net}**, growth of the same customers included: whether they "
        "bring more or less than before cannot be told.",
        net=shown,
    )


def _ratio(result: Retention, speech: Speech) -> str:
    ratio = result.revenue_quick_ratio
    if ratio is None:
        return because(result, "/revenue_quick_ratio", speech)
    return speech.prose(
        _FELL if ratio < _SAME else _GREW if ratio > _SAME else _STAYED, ratio=speech.number(ratio)
    )


def _repeat_share(result: Retention, speech: Speech) -> str:
    if result.repeat_revenue_share is None:
        return because(result, "/repeat_revenue_share", speech)
    return speech.prose(
        "Over the whole history, **{share}** of the revenue of known customers came from purchases "
        "after their first.",
        share=speech.share(result.repeat_revenue_share),
    )


def _unassigned(result: Retention, speech: Speech) -> str:
    share = result.unassigned_revenue_share
    if share is None:
        return because(result, "/unassigned_revenue_share", speech)
    if not share:
        return speech.prose("No revenue is without a customer, so nothing is missing from that.")
    return speech.prose(
        "**{share}** of all revenue cannot be assigned to a customer: first purchases or later "
        "ones, nobody can tell.",
        share=speech.share(share),
    )
