"""Sentences of notebook 03 on growth: do more customers leave than come, and since when?"""

from __future__ import annotations

from retention_lib.results import Cycle, NetFlow, Retention
from retention_lib.speech import Speech, escape, mark
from retention_lib.words.reasons import because, follow
from retention_lib.words.season import season_caveat

_TITLES = mark(
    {
        "unknown": "Customers gained and lost, period by period",
        "more lost": "Since {outpaced_since:month} more customers have been lost than gained",
        "as many": "In the latest period as many customers were gained as lost",
        "more gained": "In the latest period more customers were gained than lost",
    }
)
_SIDES = mark(
    {
        "above": "**More come than leave**, and the base grows.",
        "below": "**More leave than come**, and the base shrinks unless more are won or kept.",
        "unclear": "Whether the base grows or shrinks **cannot be told**.",
    }
)
_LATEST = mark(
    {
        "gained": "In the latest full period, {latest:period}, **{latest.gained:count}** "
        "{latest.gained:customer was|customers were} gained, **{latest.lost:count}** lost: no more "
        "leave than come.",
        "lost once": "In the latest full period, {latest:period}, more customers were lost "
        "(**{latest.lost:count}**) than gained (**{latest.gained:count}**); one period alone may "
        "be the season or chance.",
        "none": "There is no full period yet, so nothing can be counted by period.",
        "one": "There is only one full period, so nobody can be seen to leave from one to the next.",
        "lost": "Since {outpaced_since:date}, in {outpaced_periods:count} "
        "period{outpaced_periods:|s} running, more customers have been lost "
        "(**{outpaced_lost:count}** in all) than gained (**{outpaced_gained:count}**).",
    }
)


def title(result: Retention, speech: Speech) -> str:
    """Return the title of the figure of customers gained and lost, period by period."""
    growth = result.growth
    return speech.text(_TITLES[growth.state if growth else "unknown"], growth)


def alt(result: Retention, speech: Speech) -> str:
    """Return the alternative text of the figure of customers gained and lost."""
    growth = result.growth
    if growth is None or growth.state == "unknown":
        return speech.text("No customers gained and lost can be drawn.")
    return follow(
        speech.text(
            "Bars for {n:count} period{n:|s}: customers gained above the line, customers lost "
            "below it.",
            n=sum(period.lost is not None for period in growth.periods),
        ),
        speech.text(
            "In the latest, {start:date} to {end:date}, {new:count} were new, {resurrected:count} "
            "came back after a pause and {lost:count} were lost.",
            growth.periods[-1],
        ),
    )


def meaning(result: Retention, speech: Speech, cycle: Cycle | None = None) -> str:
    """Return whether more leave than come, between the windows and period by period.

    With the cycle, also what the same window a year earlier says where a season moves them.
    """
    return follow(
        _ratio(result, speech),
        escape(season_caveat(cycle, speech)) if result.quick_ratio is not None else "",
        _periods(result, speech),
        _closed(result, result.net_flow, speech),
        speech.prose(
            "A customer who skips a period of the figure counts as lost in it and as back in a "
            "later one. Where figure and windows disagree, go by the windows."
        )
        if result.growth is not None and result.growth.state != "unknown"
        else "",
    )


def _ratio(result: Retention, speech: Speech) -> str:
    flow = result.net_flow
    if result.quick_ratio is None or flow is None:
        return because(result, "/quick_ratio", speech)
    said = speech.prose(
        "For every customer lost between the two windows, **{ratio:estimate number}** were gained, "
        "new ones and those back after a pause.",
        ratio=(result.quick_ratio, result.quick_ratio_ci95),
    )
    return said if flow.closed else follow(said, speech.prose(_SIDES[flow.side]))


def _closed(result: Retention, flow: NetFlow | None, speech: Speech) -> str:
    if flow is None or not flow.closed:
        return ""
    if not result.end_customers:
        return speech.prose("Nobody at all bought in the later window.")
    return speech.prose(
        "Nobody bought for the first time: these customers are a **closed group**, which sooner or "
        "later shrinks, and none of this says how well new customers are won."
    )


def _periods(result: Retention, speech: Speech) -> str:
    growth = result.growth
    if growth is None:
        return because(result, "/growth", speech)
    if growth.state == "unknown":
        return speech.prose(_LATEST["one" if growth.periods else "none"])
    kind = {0: "gained", 1: "lost once"}.get(growth.outpaced_periods, "lost")
    return speech.prose(_LATEST[kind], growth, latest=growth.periods[-1])
