"""Sentences of notebook 03 on how customers fare from their first purchase on."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from retention_lib import stats
from retention_lib.results import Interval, Period, Retention
from retention_lib.speech import Speech
from retention_lib.words.reasons import because, follow

WHOLE = "all"  # the group of all customers in the frame of second purchases
_WATCHED = 30  # customers; a year's share is not told where fewer are left to be watched


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


def cohorts_meaning(result: Retention, speech: Speech, means: pd.DataFrame | None = None) -> str:
    """Return how the cohort table is to be read, and its means.

    Parameters
    ----------
    means
        Columns period (0, 1, ... after the first), rate (mean over mature cohorts, weighted by
        size), size (customers behind it); None says nothing on means.
    """
    return follow(
        _means(means, speech),
        speech.prose(
            "Read a row from left to right: it is one group of customers growing older. A row that "
            "levels out or rises mostly shows **who is left**, not that customers became more "
            "loyal: occasional buyers are the first to go."
        ),
    )


def _means(means: pd.DataFrame | None, speech: Speech) -> str:
    if means is None:
        return ""
    later = means[(means["period"] > 0) & means["rate"].notna() & (means["size"] > 0)]
    if later.empty:
        return speech.prose("No group can be judged yet beyond the period of its first purchase.")
    later = later.sort_values("period")
    first, last = later.iloc[0], later.iloc[-1]
    near = speech.proses(
        "Over all groups, **{rate}** of {n} customer bought in period {period} after that of the "
        "first purchase.",
        "Over all groups, **{rate}** of {n} customers bought in period {period} after that of the "
        "first purchase.",
        int(first["size"]),
        period=speech.count(float(first["period"])),
        rate=speech.share(float(first["rate"])),
    )
    if first["period"] == last["period"]:
        return near
    return follow(
        near,
        speech.proses(
            "In period {period} it was **{rate}** of {n} customer: only older groups can be watched "
            "for so long.",
            "In period {period} it was **{rate}** of {n} customers: only older groups can be "
            "watched for so long.",
            int(last["size"]),
            period=speech.count(float(last["period"])),
            rate=speech.share(float(last["rate"])),
        ),
    )


# --- does the first purchase lead to a second? --------------------------------


def second_purchase_title(result: Retention, speech: Speech) -> str:
    """Return the title of the curve of second purchases."""
    if result.second_purchase_rate is None or result.window is None:
        return speech.text("How many first-time buyers buy a second time")
    return speech.text(
        "A second purchase within {days}: {about} first-time buyers",
        days=speech.days(_days(result.window)),
        about=speech.about_share(result.second_purchase_rate),
    )


def _days(window: Period) -> int:
    return (window.end - window.start).days + 1


def second_purchase_alt(
    result: Retention, speech: Speech, frame: pd.DataFrame | None = None
) -> str:
    """Return the alternative text of the curve of second purchases.

    For ``frame`` see :func:`second_purchase_meaning`.
    """
    if result.second_purchase_rate is None or result.window is None:
        return speech.text(
            "Curve of the share of first-time buyers who have bought a second time, by days since "
            "the first purchase."
        )
    whole = speech.text(
        "Curve of the share of first-time buyers who have bought a second time, by days since the "
        "first purchase: {share} after {days}.",
        share=speech.share(result.second_purchase_rate, 0),
        days=speech.days(_days(result.window)),
    )
    years = _years(frame, _days(result.window))
    if not years:
        return whole
    listed = "; ".join(
        speech.text("{year} {share}", year=year.name, share=speech.share(year.share, 0))
        for year in years
    )
    return follow(
        whole,
        speech.text("By the year of the first purchase it is: {years}.", years=listed),
    )


def second_purchase_meaning(
    result: Retention, speech: Speech, frame: pd.DataFrame | None = None
) -> str:
    """Return how many first purchases lead to a second, and whether later years do worse.

    Parameters
    ----------
    frame
        Columns group ("all", or the year of the first purchase), day (since the first purchase),
        share_back (fraction), at_risk (customers still watched); None says nothing on years.
    """
    if result.second_purchase_rate is None:
        return because(result, "/second_purchase_rate", speech)
    return follow(
        _second(result, speech),
        speech.prose(
            "The others did not buy again in that time: a message soon after the first purchase "
            "can be tested on people like them."
        )
        if result.second_purchase_rate < 1
        else "",
        _compared_years(result, frame, speech),
    )


def _second(result: Retention, speech: Speech) -> str:
    assert result.second_purchase_rate is not None
    return speech.proses(
        "Of {n} customer who could be watched for a whole window after their first purchase, "
        "**{about}** bought a second time in it ({rate}).",
        "Of {n} customers who could be watched for a whole window after their first purchase, "
        "**{about}** bought a second time in it ({rate}).",
        result.second_purchase_customers or 0,
        about=speech.about_share(result.second_purchase_rate),
        rate=_rate(result.second_purchase_rate, result.second_purchase_ci95, speech),
    )


def _rate(rate: float, ci95: Interval | None, speech: Speech) -> str:
    if ci95 is None:
        return speech.share(rate)
    return speech.text(
        "{rate}, 95% interval {ends}",
        rate=speech.share(rate),
        ends=speech.range(ci95, speech.share),
    )


class _Year(NamedTuple):
    """The share of a year's first-time buyers who are back when the window's length has passed."""

    name: str
    share: float
    ci95: Interval


def _years(frame: pd.DataFrame | None, days: int) -> list[_Year]:
    """Return the years whose curves reach so many days, the earliest first."""
    if frame is None or frame.empty:
        return []
    years = []
    for name, curve in frame[frame["group"].astype("str") != WHOLE].groupby("group"):
        seen = curve[curve["day"] <= days].sort_values("day")
        if len(seen) and curve["day"].max() >= days and seen["at_risk"].iloc[-1] >= _WATCHED:
            share, left = float(seen["share_back"].iloc[-1]), float(seen["at_risk"].iloc[-1])
            years.append(_Year(str(name), share, _year_interval(share, left)))
    return sorted(years)


def _year_interval(share: float, at_risk: float) -> Interval:
    """Return Wilson's interval as if all watched so far were those not back and their like."""
    watched = round(at_risk / (1 - share)) if share < 1 else round(at_risk)
    return stats.wilson(round(share * watched), watched)


def _compared_years(result: Retention, frame: pd.DataFrame | None, speech: Speech) -> str:
    years = [] if result.window is None else _years(frame, _days(result.window))
    if len(years) < 2:
        return ""
    first, last = years[0], years[-1]
    values = {
        "early": first.name,
        "before": speech.estimated_share(first.share, first.ci95, 0),
        "late": last.name,
        "after": speech.estimated_share(last.share, last.ci95, 0),
    }
    if last.ci95[1] < first.ci95[0]:
        return speech.prose(
            "Later years do **clearly worse**: of those who first bought in {early}, {before} were "
            "back by then, of those of {late} only {after}. Look at what changed in how customers "
            "are won.",
            **values,
        )
    if first.ci95[1] < last.ci95[0]:
        return speech.prose(
            "Later years do **clearly better**: of those who first bought in {early}, {before} were "
            "back by then, of those of {late} {after}.",
            **values,
        )
    return speech.prose(
        "Of those who first bought in {early}, {before} were back by then, of those of {late} "
        "{after}: **no clear change** over the years.",
        **values,
    )
