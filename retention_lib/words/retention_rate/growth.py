"""Sentences of notebook 03 on growth: do more customers leave than come, and since when?"""

from __future__ import annotations

from retention_lib.results import ChartPeriod, Cycle, Growth, GrowthPeriod, Retention
from retention_lib.speech import Speech, escape, mark
from retention_lib.words.certainty import Certainty, of_rate
from retention_lib.words.reasons import because, follow
from retention_lib.words.season import moves_windows, season_caveat

EVEN = 1.0  # customers gained for each one lost: the base stays as large as it is


def growth_title(result: Retention, speech: Speech) -> str:
    """Return the title of the figure of customers gained and lost, period by period."""
    growth, latest = result.growth, _latest(result.growth)
    if growth is None or latest is None:
        return speech.text("Customers gained and lost, period by period")
    if growth.outpaced_since is not None:
        return speech.text(
            "Since {month} more customers have been lost than gained",
            month=speech.month(growth.outpaced_since),
        )
    if _gained(latest) == latest.lost:
        return speech.text("In the latest period as many customers were gained as lost")
    return speech.text("In the latest period more customers were gained than lost")


def _latest(growth: Growth | None) -> GrowthPeriod | None:
    """Return the last period; None where no period tells who was lost."""
    if growth is None or not growth.periods or growth.periods[-1].lost is None:
        return None
    return growth.periods[-1]


def _gained(period: GrowthPeriod) -> int:
    return period.new + period.resurrected


def growth_alt(result: Retention, speech: Speech) -> str:
    """Return the alternative text of the figure of customers gained and lost."""
    growth, latest = result.growth, _latest(result.growth)
    if growth is None or latest is None:
        return speech.text("No customers gained and lost can be drawn.")
    bars = speech.texts(
        "Bars for {n} period: customers gained above the line, customers lost below it.",
        "Bars for {n} periods: customers gained above the line, customers lost below it.",
        sum(period.lost is not None for period in growth.periods),
    )
    last = speech.text(
        "In the latest, {period}, {new} were new, {old} came back after a pause and {lost} were "
        "lost.",
        period=speech.period(latest),
        new=speech.count(latest.new),
        old=speech.count(latest.resurrected),
        lost=speech.count(latest.lost or 0),
    )
    return follow(bars, last)


def growth_meaning(result: Retention, speech: Speech, cycle: Cycle | None = None) -> str:
    """Return whether leavers outpace arrivals, between the windows and period by period.

    With the cycle, also what the same window a year earlier says where a season moves them.
    """
    return follow(
        _ratio(result, speech),
        escape(season_caveat(cycle, speech)) if result.quick_ratio is not None else "",
        _periods(result, speech),
        _closed(result, speech),
        _pauses(result, speech),
    )


# --- between the two windows --------------------------------------------------


def ratio_certainty(result: Retention, cycle: Cycle | None = None) -> Certainty:
    """Return how surely customers gained for each one lost lie on their side of one.

    With the cycle: where a clear season makes the two windows unlike, that is open.
    """
    if result.new_customers == 0 or moves_windows(cycle):
        return "open"
    return of_rate(result.quick_ratio, result.quick_ratio_ci95, EVEN)


_RATIOS = {
    "more": mark(
        "For every customer lost between the two windows, **{ratio}** came or came back: "
        "**arrivals outpace leavers**, and the base grows."
    ),
    "fewer": mark(
        "For every customer lost between the two windows, **{ratio}** came or came back: "
        "**leavers outpace arrivals**, and the base shrinks unless more are won or kept."
    ),
    "unclear": mark(
        "For every customer lost between the two windows, **{ratio}** came or came back: whether "
        "the base grows or shrinks **cannot be told**."
    ),
    "closed": mark(
        "For every customer lost between the two windows, **{ratio}** came back after a pause; "
        "nobody bought for the first time."
    ),
}


def _ratio(result: Retention, speech: Speech) -> str:
    if result.quick_ratio is None:
        return because(result, "/quick_ratio", speech)
    kind = "more" if result.quick_ratio > EVEN else "fewer"
    if result.new_customers == 0:
        kind = "closed"
    elif ratio_certainty(result) != "firm":
        kind = "unclear"
    return speech.prose(_RATIOS[kind], ratio=_number(result, speech))


def _number(result: Retention, speech: Speech) -> str:
    number = speech.number(result.quick_ratio or 0.0)
    if result.quick_ratio_ci95 is None:
        return number
    return speech.text(
        "{figure} (95% interval {ends})",
        figure=number,
        ends=speech.range(result.quick_ratio_ci95, speech.number),
    )


def _closed(result: Retention, speech: Speech) -> str:
    if result.new_customers != 0:
        return ""
    if not result.end_customers:
        return speech.prose("Nobody at all bought in the later window.")
    return speech.prose(
        "These customers are a **closed group**: nobody joins it, so it shrinks sooner or later, "
        "and none of this says how well new customers are won."
    )


def balance(result: Retention, speech: Speech) -> str:
    """Return by how many customers the two windows differ."""
    assert result.start_customers is not None and result.end_customers is not None
    change = result.end_customers - result.start_customers
    if not result.start_customers and not result.end_customers:
        return speech.prose("Nobody bought in either window.")
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


# --- period by period ---------------------------------------------------------


def _periods(result: Retention, speech: Speech) -> str:
    growth, latest = result.growth, _latest(result.growth)
    if growth is None:
        return because(result, "/growth", speech)
    if latest is None:
        if not growth.periods:
            return speech.prose("There is no full period yet, so nothing can be counted by period.")
        return speech.prose(
            "There is one full period only, so nobody can be seen to leave from one to the next."
        )
    if growth.outpaced_since is None:
        return speech.prose(
            "In the latest full period, {period}, **{gained}** came or came back and **{lost}** "
            "left: leavers do not outpace arrivals.",
            period=speech.period(latest),
            gained=speech.count(_gained(latest)),
            lost=speech.count(latest.lost or 0),
        )
    return _outpaced([one for one in growth.periods if one.start >= growth.outpaced_since], speech)


def _outpaced(run: list[GrowthPeriod], speech: Speech) -> str:
    if len(run) == 1:
        return speech.prose(
            "In the latest full period, {period}, more customers were lost (**{lost}**) than came "
            "or came back (**{gained}**); one period alone may be the season or chance.",
            period=speech.period(run[0]),
            lost=speech.count(run[0].lost or 0),
            gained=speech.count(_gained(run[0])),
        )
    return speech.proses(
        "Since {day}, in {n} period running, more customers have been lost (**{lost}** in all) "
        "than came or came back (**{gained}**).",
        "Since {day}, in {n} periods running, more customers have been lost (**{lost}** in all) "
        "than came or came back (**{gained}**).",
        len(run),
        day=speech.date(run[0].start),
        lost=speech.count(sum(one.lost or 0 for one in run)),
        gained=speech.count(sum(_gained(one) for one in run)),
    )


_PAUSES: dict[ChartPeriod, str] = {
    "week": mark(
        "The figure goes by the week, not by the window: whoever skips one counts as lost in it and as "
        "back in a later one. Where the two disagree, go by the windows."
    ),
    "month": mark(
        "The figure goes by the month, not by the window: whoever skips one counts as lost in it and as "
        "back in a later one. Where the two disagree, go by the windows."
    ),
    "quarter": mark(
        "The figure goes by the quarter, not by the window: whoever skips one counts as lost in it and as "
        "back in a later one. Where the two disagree, go by the windows."
    ),
    "half-year": mark(
        "The figure goes by the half-year, not by the window: whoever skips one counts as lost in it and as "
        "back in a later one. Where the two disagree, go by the windows."
    ),
    "year": mark(
        "The figure goes by the year, not by the window: whoever skips one counts as lost in it and as "
        "back in a later one. Where the two disagree, go by the windows."
    ),
}


def _pauses(result: Retention, speech: Speech) -> str:
    if result.growth is None or _latest(result.growth) is None:
        return ""
    return speech.prose(_PAUSES[result.growth.unit])
