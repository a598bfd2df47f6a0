"""Sentences of notebook 03 on what has changed since an earlier report."""

from __future__ import annotations

from typing import Final

import pandas as pd

from retention_lib.results import Change, ChangeName, Previous, Retention
from retention_lib.speech import Speech, mark
from retention_lib.words import figures
from retention_lib.words.cells import table
from retention_lib.words.reasons import because, follow

MOST_ROWS: Final = 10
_WHOLE_HISTORY: Final = ("customers", "occasions", "repeat_revenue_share")

_HEADERS = mark(
    (
        "Figure",
        "Reported then",
        "Then, by today's records",
        "Now",
        "Revised history",
        "New data",
    )
)
_REVISED = mark(
    {
        "none": "None of that day's figures has been revised since.",
        "others": "Records of that time have been changed since (orders added or cancelled, customers "
        "merged), which leaves this rate as it was.",
        "this": "Records of that time have been changed since (orders added or cancelled, customers "
        "merged), which makes it **{recomputed:share}** today (revised history: {revision:points}).",
    }
)
_MOVED = mark(
    {
        False: "Since then the rate has moved to **{now:share}** (new data: {news:points}).",
        True: "Since then the rate has moved to **{now:share}** (new data: {news:points}; 95% "
        "interval {ends}).",
    }
)
_CLEARLY = mark({"unclear": "No clear change.", "above": "A clear rise.", "below": "A clear fall."})


def meaning(result: Retention, speech: Speech) -> str:
    """Return what has changed since the last report: revised history apart from new data."""
    previous = result.previous
    if previous is None:
        return because(result, "/previous", speech)
    return follow(
        _revised(result, previous, speech),
        _moved(result, previous, speech),
        _split(result, speech),
        _season(previous, speech),
    )


def _change(previous: Previous, name: ChangeName) -> Change | None:
    return next((change for change in previous.changes if change.name == name), None)


# --- revised history ----------------------------------------------------------


def _revised(result: Retention, previous: Previous, speech: Speech) -> str:
    change = _change(previous, "returning_rate")
    if change is None:
        return because(result, "/returning_rate", speech)
    if change.reported is None:
        return _only_recomputed(result, previous, change, speech)
    said = speech.prose(
        "On {as_of:date} the report said that **{reported:share}** of established customers came "
        "back.",
        previous,
        reported=change.reported,
    )
    if change.recomputed is None:
        return follow(said, because(result, _pointer(previous, change, "recomputed"), speech))
    same = speech.points(change.revision or 0) == speech.points(0)
    kind = "none" if not previous.revised else "others" if same else "this"
    return follow(said, speech.prose(_REVISED[kind], change))


def _only_recomputed(result: Retention, previous: Previous, change: Change, speech: Speech) -> str:
    why = because(result, _pointer(previous, change, "reported"), speech)
    if not previous.same_window:
        why = speech.prose(
            "The report of {as_of:date} measured by another window, so its rates are not comparable "
            "and are not repeated.",
            previous,
        )
    if change.recomputed is None:
        return follow(why, because(result, _pointer(previous, change, "recomputed"), speech))
    recomputed = speech.prose(
        "By today's window and today's records, **{recomputed:share}** of established customers came "
        "back as of {as_of:date}.",
        change,
        as_of=previous.as_of,
    )
    return follow(why, recomputed)


def _pointer(previous: Previous, change: Change, part: str) -> str:
    return f"/previous/changes/{previous.changes.index(change)}/{part}"


# --- new data -----------------------------------------------------------------


def _moved(result: Retention, previous: Previous, speech: Speech) -> str:
    change = _change(previous, "returning_rate")
    if change is None or change.recomputed is None:
        return ""
    if change.news is None:
        return because(result, _pointer(previous, change, "now"), speech)
    ci95 = previous.returning_difference_ci95
    if ci95 is None:
        return speech.prose(_MOVED[False], change)
    moved = speech.prose(_MOVED[True], change, ends=speech.points_range(ci95))
    return follow(moved, speech.prose(_CLEARLY[previous.returning_clearly]))


def _split(result: Retention, speech: Speech) -> str:
    """Return what the change of the rate of all customers is made of."""
    if result.mix_effect is None or result.rate_effect is None:
        return because(result, "/mix_effect", speech)
    return speech.prose(
        "Of the change in the rate of all customers ({whole:points}), **{mix_effect:points}** come "
        "from a different mix of first-time and established customers, **{rate_effect:points}** from "
        "how well each group is kept.",
        result,
        whole=result.mix_effect + result.rate_effect,
    )


def _season(previous: Previous, speech: Speech) -> str:
    if not previous.other_season:
        return ""
    return speech.prose(
        "**The two days lie in different seasons**, and sales follow the year here: part of what "
        "looks like news is the calendar. Compare with the report of a year ago."
    )


# --- the table ----------------------------------------------------------------


def caption(result: Retention, speech: Speech) -> str:
    """Return the caption of the table of changes."""
    if result.previous is None:
        return speech.text("Today's figures: the next report is held against them")
    return speech.text("What has changed since the report of {as_of:date}", result.previous)


def rows(result: Retention, speech: Speech) -> pd.DataFrame:
    """Return the most important changes since the last report, at most ten.

    Returns
    -------
    pandas.DataFrame
        Text: the figure; as reported then; with today's records; now; how much of the change is
        revised history, and how much new data. Without an earlier report the figure and its value
        now; empty without a rate.
    """
    if result.previous is None:
        return _today(result, speech)
    lines = [_row(change, speech) for change in result.previous.changes[:MOST_ROWS]]
    return table(lines, _HEADERS, speech)


def _row(change: Change, speech: Speech) -> list[str]:
    values = change.reported, change.recomputed, change.now
    differences = change.revision, change.news
    return [
        figures.name(change.name, speech),
        *(figures.value(change.name, x, speech) for x in values),
        *(figures.difference(change.name, x, speech) for x in differences),
    ]


_TODAY = mark(("Figure", "Now"))
_OF_TODAY: tuple[ChangeName, ...] = (
    "returning_rate",
    "retained_rate",
    "first_time_rate",
    "second_purchase_rate",
    "start_customers",
    "end_customers",
    "new_customers",
    "lost_customers",
)


def _today(result: Retention, speech: Speech) -> pd.DataFrame:
    known = [(name, getattr(result, name)) for name in _OF_TODAY]
    lines = [
        (figures.name(name, speech), figures.value(name, value, speech))
        for name, value in known
        if value is not None
    ]
    return table(lines, _TODAY, speech)
