"""Sentences on what has changed since an earlier report, and on two reports side by side."""

from __future__ import annotations

from typing import Final

import pandas as pd

from retention_lib.results import Change, ChangeName, Cycle, Interval, Previous, Retention
from retention_lib.speech import Speech, mark
from retention_lib.words.labels import Labels, label
from retention_lib.words.reasons import because, follow
from retention_lib.words.season import other_season

MOST_ROWS: Final = 10

_UNKNOWN: Final = "–"
_NOTHING: Final = 1e-9  # less is the rounding of a division
_NAMES: Labels = {
    "returning_rate": mark("Established customers who came back"),
    "retained_rate": mark("All customers who came back"),
    "first_time_rate": mark("First-time buyers who came back"),
    "second_purchase_rate": mark("First purchases that led to a second"),
    "no_churn_expectation": mark("Would come back if nobody had left"),
    "quick_ratio": mark("Customers gained for each one lost"),
    "gross_revenue_retention": mark("Revenue kept"),
    "net_revenue_retention": mark("Revenue kept, with what grew"),
    "repeat_revenue_share": mark("Revenue from repeat purchases"),
    "start_customers": mark("Customers of the earlier window"),
    "end_customers": mark("Customers of the later window"),
    "new_customers": mark("New customers"),
    "lost_customers": mark("Customers who stayed away"),
    "retained_customers": mark("Customers who stayed"),
    "resurrected_customers": mark("Customers back after a pause"),
    "customers": mark("Customers on record"),
    "occasions": mark("Purchases on record"),
    "total_clv": mark("Value expected of all customers"),
}
_RATIOS: Final = ("quick_ratio",)
_MONEY: Final = ("total_clv",)


# --- what has changed since the last report? ----------------------------------


def changes_meaning(result: Retention, speech: Speech, cycle: Cycle | None = None) -> str:
    """Return what has changed since the last report: revised history apart from new data.

    With the cycle, also that a season lies between the two days, where one does.
    """
    previous = result.previous
    if previous is None:
        return because(result, "/previous", speech)
    return follow(
        _revised(result, previous, speech),
        _moved(result, previous, speech),
        _split(result, speech),
        _season(result, cycle, speech),
    )


def _season(result: Retention, cycle: Cycle | None, speech: Speech) -> str:
    if not _in_another_season(result, cycle):
        return ""
    return speech.prose(
        "**The two days lie in different seasons**, and sales follow the year here: part of what "
        "looks like news is the calendar. Hold it against the report of a year ago."
    )


def _in_another_season(result: Retention, cycle: Cycle | None) -> bool:
    if result.previous is None or result.window is None:
        return False
    return other_season(cycle, result.previous.as_of, result.window.end)


def change_line(
    result: Retention,
    speech: Speech,
    cycle: Cycle | None = None,
    name: ChangeName = "returning_rate",
) -> str:
    """Return in a clause how a figure has moved since the last report; "" without one.

    For ``cycle`` see :func:`changes_meaning`; for figures over the whole history leave it out.
    """
    if result.previous is None:
        return ""
    day = speech.date(result.previous.as_of)
    change = _change(result.previous, name)
    if change is None:
        return ""
    if change.news is None:
        return speech.text("not comparable with {day}", day=day)
    unclear = _side(result.previous.returning_difference_ci95) == 0
    if name == "returning_rate" and unclear:
        return speech.text("no clear change since {day}", day=day)
    ratio = name == "quick_ratio"
    moved = speech.signed(change.news, 2) if ratio else speech.points(change.news)
    if _in_another_season(result, cycle):
        return speech.text("{moved} since {day}, another season", moved=moved, day=day)
    return speech.text("{moved} since {day}", moved=moved, day=day)


def _change(previous: Previous, name: ChangeName) -> Change | None:
    return next((change for change in previous.changes if change.name == name), None)


def _side(ci95: Interval | None) -> int | None:
    """Return 1 or -1 if an interval lies above or below zero, 0 if it holds it; None without."""
    return None if ci95 is None else (ci95[0] > 0) - (ci95[1] < 0)


# --- revised history ----------------------------------------------------------


def _revised(result: Retention, previous: Previous, speech: Speech) -> str:
    change = _change(previous, "returning_rate")
    if change is None:
        return because(result, "/returning_rate", speech)
    if change.reported is None:
        return _only_recomputed(result, previous, change, speech)
    said = speech.prose(
        "On {day} the report said that **{reported}** of established customers came back.",
        day=speech.date(previous.as_of),
        reported=speech.share(change.reported),
    )
    if change.recomputed is None:
        return follow(said, because(result, _pointer(previous, change, "recomputed"), speech))
    return follow(said, _revision(previous, change.recomputed, change.revision or 0.0, speech))


def _revision(previous: Previous, recomputed: float, revision: float, speech: Speech) -> str:
    if all(abs(change.revision or 0) < _NOTHING for change in previous.changes):
        return speech.prose("None of that day's figures has been revised since.")
    if speech.points(revision) == speech.points(0):
        return speech.prose(
            "Records of that time have been changed since (orders added or cancelled, customers "
            "merged), which leaves this rate as it was."
        )
    return speech.prose(
        "Records of that time have been changed since (orders added or cancelled, customers "
        "merged), which makes it **{recomputed}** today (revised history: {points}).",
        recomputed=speech.share(recomputed),
        points=speech.points(revision),
    )


def _only_recomputed(result: Retention, previous: Previous, change: Change, speech: Speech) -> str:
    why = because(result, _pointer(previous, change, "reported"), speech)
    if not previous.same_window:
        why = speech.prose(
            "The report of {day} measured by another window, so its rates are not comparable and "
            "are not repeated.",
            day=speech.date(previous.as_of),
        )
    if change.recomputed is None:
        return follow(why, because(result, _pointer(previous, change, "recomputed"), speech))
    recomputed = speech.prose(
        "By today's window and today's records, **{recomputed}** of established customers came "
        "back as of {day}.",
        recomputed=speech.share(change.recomputed),
        day=speech.date(previous.as_of),
    )
    return follow(why, recomputed)


def _pointer(previous: Previous, change: Change, part: str) -> str:
    return f"/previous/changes/{previous.changes.index(change)}/{part}"


# --- new data -----------------------------------------------------------------

_MOVES: Final = {
    0: mark(
        "Since then the rate has moved to **{now}** (new data: {points}; 95% interval {ends}): no "
        "clear change."
    ),
    1: mark(
        "Since then the rate has risen to **{now}** (new data: {points}; 95% interval {ends}): a "
        "clear rise."
    ),
    -1: mark(
        "Since then the rate has fallen to **{now}** (new data: {points}; 95% interval {ends}): a "
        "clear fall."
    ),
}


def _moved(result: Retention, previous: Previous, speech: Speech) -> str:
    change = _change(previous, "returning_rate")
    if change is None or change.recomputed is None:
        return ""
    if change.now is None or change.news is None:
        return because(result, _pointer(previous, change, "now"), speech)
    now, points = speech.share(change.now), speech.points(change.news)
    ends, side = previous.returning_difference_ci95, _side(previous.returning_difference_ci95)
    if ends is None or side is None:
        return speech.prose(
            "Since then the rate has moved to **{now}** (new data: {points}).",
            now=now,
            points=points,
        )
    return speech.prose(_MOVES[side], now=now, points=points, ends=speech.points_range(ends))


def _split(result: Retention, speech: Speech) -> str:
    """Return what the change of the rate of all customers is made of."""
    if result.mix_effect is None or result.rate_effect is None:
        return because(result, "/mix_effect", speech)
    return speech.prose(
        "Of the change in the rate of all customers ({points}), **{mix}** come from a different "
        "mix of first-time and established customers, **{rate}** from how well each group is kept.",
        points=speech.points(result.mix_effect + result.rate_effect),
        mix=speech.points(result.mix_effect),
        rate=speech.points(result.rate_effect),
    )


# --- the table ----------------------------------------------------------------


def changes_caption(result: Retention, speech: Speech) -> str:
    """Return the caption of the table of changes."""
    if result.previous is None:
        return speech.text("Today's figures: the next report is held against them")
    return speech.text(
        "What has changed since the report of {day}", day=speech.date(result.previous.as_of)
    )


def change_rows(result: Retention, speech: Speech) -> pd.DataFrame:
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
    headers = [
        speech.text("Figure"),
        speech.text("Reported then"),
        speech.text("Then, by today's records"),
        speech.text("Now"),
        speech.text("Revised history"),
        speech.text("New data"),
    ]
    rows = [
        (
            figure_name(change.name, speech),
            figure_value(change.name, change.reported, speech),
            figure_value(change.name, change.recomputed, speech),
            figure_value(change.name, change.now, speech),
            figure_difference(change.name, change.revision, speech),
            figure_difference(change.name, change.news, speech),
        )
        for change in result.previous.changes[:MOST_ROWS]
    ]
    return pd.DataFrame(rows, columns=headers)


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
    known = {name: getattr(result, name) for name in _OF_TODAY}
    rows = [
        (figure_name(name, speech), figure_value(name, value, speech))
        for name, value in known.items()
        if value is not None
    ]
    return pd.DataFrame(rows, columns=[speech.text("Figure"), speech.text("Now")])


# --- single figures -----------------------------------------------------------


def figure_name(name: str, speech: Speech) -> str:
    """Return the name of a figure that is compared."""
    return label(_NAMES, name, speech)


def figure_value(
    name: str, value: float | None, speech: Speech, ci95: Interval | None = None
) -> str:
    """Return a figure in its unit, with its interval if any: 57.1% (54.6% to 59.6%)."""
    if value is None:
        return _UNKNOWN
    said = _in_unit(name, value, speech)
    if ci95 is None:
        return said
    ends = speech.range(ci95, lambda end: _in_unit(name, end, speech))
    return speech.text("{figure} ({ends})", figure=said, ends=ends)


def figure_difference(
    name: str, difference: float | None, speech: Speech, ci95: Interval | None = None
) -> str:
    """Return by how much a figure differs, with its sign and its interval if any."""
    if difference is None:
        return _UNKNOWN
    if ci95 is None:
        return _signed(name, difference, speech)
    ends = speech.range(ci95, lambda end: _bare(name, end, speech))
    return speech.text("{figure} ({ends})", figure=_signed(name, difference, speech), ends=ends)


def _is_share(name: str) -> bool:
    return name.endswith(("_rate", "_share", "_retention", "_expectation"))


def _in_unit(name: str, value: float, speech: Speech) -> str:
    if name in _RATIOS:
        return speech.number(value)
    if name in _MONEY:
        return speech.money(value)
    return speech.share(value) if _is_share(name) else speech.count(value)


def _signed(name: str, difference: float, speech: Speech) -> str:
    return speech.points(difference) if _is_share(name) else _bare(name, difference, speech)


def _bare(name: str, difference: float, speech: Speech) -> str:
    """Return a difference with its sign, but without its unit."""
    if _is_share(name):
        return speech.signed(100 * difference, 1)
    return speech.signed(difference, 2 if name in _RATIOS else 0)
