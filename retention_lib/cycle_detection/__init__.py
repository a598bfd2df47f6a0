"""Notebook 02: how often do customers really buy, and how long must one watch them?"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.client.definitions import Definitions
from retention_lib.cycle_detection import calendar, lapse, return_curve
from retention_lib.cycle_detection.lapse import lapse_known
from retention_lib.cycle_detection.reasons import why_not
from retention_lib.cycle_detection.return_curve import pooled_curve
from retention_lib.cycle_detection.strata import Division, strata
from retention_lib.cycle_detection.window import (
    before,
    chart_period,
    gate,
    window_for,
    window_in,
    window_of,
    windows,
    year_before,
)
from retention_lib.results import (
    ChartPeriod,
    Cycle,
    Period,
    Pinned,
    Subscriptions,
    Window,
    YearEarlier,
)

__all__ = [
    "Division",
    "Evidence",
    "before",
    "by_day",
    "cycle",
    "lapse_known",
    "pooled_curve",
    "return_curve",
    "season_curve",
    "window_for",
    "window_in",
    "windows",
]

by_day, season_curve = calendar.by_day, calendar.season_curve
FEWEST_SUBSCRIBERS = 20
_LEAST_SHARE = 0.01
_NORMAL_95 = 1.96


@dataclass(frozen=True)
class Evidence:
    """What the cycle is found from: small weighted frames, and where to get more of them.

    Attributes
    ----------
    gaps, waits, pairs
        As :func:`retention_lib.summaries.counts.gaps`, ``waits`` and ``last_gap_pairs`` give them.
    days
        Sales of every day of the history, as :func:`calendar.by_day` gives them.
    divisions
        The ways to divide the customers.
    subscribers
        Columns period, customers, occasions.
    activity
        Gives active and resurrected customers in the full periods of a unit.
    customers_in
        Gives how many customers bought in a closed period.
    known_at
        Gives gaps and waits as they were known on an earlier day, and the customers' state then
        (columns frequency, recency_days, T_days, later, customers).
    """

    gaps: pd.DataFrame
    waits: pd.DataFrame
    pairs: pd.DataFrame
    days: pd.DataFrame
    divisions: Sequence[Division]
    subscribers: pd.DataFrame
    activity: Callable[[ChartPeriod], pd.DataFrame]
    customers_in: Callable[[Period], int]
    known_at: Callable[[date], tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]]


def cycle(
    evidence: Evidence, first_date: date, as_of: date, pin: Definitions | None = None
) -> Cycle:
    """Return the purchase cycle, the window of at least three of them, the gate and the lapse.

    Parameters
    ----------
    first_date, as_of
        First and last day of the history.
    pin
        The yardstick of the client's earlier reports, which window, gate and lapse go by.
    """
    draws = stats.group_draws(return_curve.SEED)
    found = return_curve.cycle_figures(evidence.gaps, evidence.waits, evidence.pairs, draws)
    figures: dict[str, Any] = {
        "history_days": (as_of - first_date).days + 1,
        **found,
        **_calendar(evidence.days, found["cycle_days"]),
        "strata": [],
        "subscriptions": _subscriptions(evidence.subscribers, evidence.gaps, evidence.waits),
        **_yardstick(found, pin, first_date, as_of),
        "chart_period": chart_period(evidence.activity),
    }
    if found["cycle_days"] is not None:
        whole = evidence.gaps, evidence.waits, found["tau_days"]
        figures["strata"] = strata(evidence.divisions, *whole, draws)
    figures["year_earlier"] = _year_earlier(
        figures["window"], first_date, as_of, evidence.customers_in
    )
    raced, no_race = _race(found["cycle_days"], first_date, as_of, evidence)
    figures |= raced
    return Cycle(**figures, why_not=why_not(figures, no_race))


def _calendar(days: pd.DataFrame, cycle_days: int | None) -> dict[str, Any]:
    season = calendar.season(days)
    return {
        "starts_mid_life": calendar.starts_mid_life(days, cycle_days),
        "rhythm": calendar.rhythms(days),
        "season_strength": None if season is None else season.strength,
        "season_chance": None if season is None else season.chance,
    }


def _subscriptions(found: pd.DataFrame, gaps: pd.DataFrame, waits: pd.DataFrame) -> Subscriptions:
    customers, everybody = int(found["customers"].sum()), int(waits["waits"].sum())
    occasions = int(gaps["gaps"].sum()) + everybody
    return Subscriptions(
        customers=customers,
        customer_share=customers / everybody,
        occasion_share=float(found["occasions"].sum() / occasions),
        periods={
            period: int(n) for period, n in zip(found["period"], found["customers"], strict=True)
        },
        reported=customers >= max(FEWEST_SUBSCRIBERS, _LEAST_SHARE * everybody),
    )


def _yardstick(
    found: dict[str, Any], pin: Definitions | None, first_date: date, as_of: date
) -> dict[str, Any]:
    """Return window, gate and lapse: the pinned ones, or those that the fresh cycle asks for."""
    days = found["cycle_days"] if pin is None else pin.cycle_days
    window = _window(days, pin, as_of)
    allows, lifts = gate(days, window, first_date, as_of)
    return {
        "window": window,
        "gate": allows,
        "gate_lifts_on": lifts,
        "lapse_days": (pin and pin.lapse_days) or found["lapse_days"],
        "pinned": None if pin is None or window is None else _pinned(pin, window, found),
    }


def _window(cycle_days: int | None, pin: Definitions | None, as_of: date) -> Window | None:
    if pin is not None:
        return window_of(pin.window.length, pin.window.unit, as_of)
    return None if cycle_days is None else window_for(cycle_days, as_of)


def _pinned(pin: Definitions, window: Window, found: dict[str, Any]) -> Pinned:
    return Pinned(
        cycle_days=pin.cycle_days,
        window=window,
        lapse_days=pin.lapse_days or 0,
        since=pin.since,
        why=pin.why,
        by_hand=pin.by_hand,
        rebase=_excludes(found, pin.cycle_days),
    )


def _excludes(found: dict[str, Any], pinned_days: int) -> bool:
    """Whether the interval of the fresh cycle, or of its bounds, leaves the pinned one out."""
    if found["cycle_days"] is None:
        return False
    low, high = found["cycle_ci95"]
    if not found["settled"]:
        low, high = found["bounds_low"], found["bounds_high"]
    return bool(pinned_days < low or (high is not None and pinned_days > high))


def _year_earlier(
    window: Window | None,
    first_date: date,
    as_of: date,
    customers_in: Callable[[Period], int],
) -> YearEarlier | None:
    earlier = None if window is None else year_before(window, first_date, as_of)
    if window is None or earlier is None:
        return None
    _, now = windows(window, as_of)
    customers, before = customers_in(now), customers_in(earlier)
    return YearEarlier(
        window=now,
        customers=customers,
        earlier=earlier,
        earlier_customers=before,
        # as if both were counts of chance events; the same customers in both make it cautious
        clear=abs(customers - before) > _NORMAL_95 * math.sqrt(customers + before),
    )


def _race(
    cycle_days: int | None, first_date: date, as_of: date, evidence: Evidence
) -> tuple[dict[str, Any], str]:
    """Return the rules for calling customers lost as they did two cycles ago, and why not."""
    none: dict[str, Any] = {
        "lapse_tried": None,
        "lapse_race": [],
        "lapse_left_out": {},
        "lapse_rule": None,
    }
    if cycle_days is None:
        return none, ""
    then = as_of - timedelta(days=2 * cycle_days)
    if then <= first_date:
        return none, "The history is too short to try the rules for calling customers lost."
    race = lapse.race(*evidence.known_at(then), cycle_days)
    tried = Period(start=then + timedelta(days=1), end=as_of) if race.tests else None
    found = {
        "lapse_tried": tried,
        "lapse_race": race.tests,
        "lapse_left_out": race.left_out,
        "lapse_rule": race.winner,
    }
    return none | found, race.why_not or ""
