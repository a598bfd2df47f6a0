"""Notebook 02: how often do customers really buy, and how long must one watch them?

The question is :func:`cycle`, what it is answered from :class:`CycleInputs`; the rest is in one
module for each section.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.client.definitions import Definitions
from retention_lib.cycle_detection import (
    calendar,
    lapse,
    return_curve,
    season,
    subscriptions,
    window,
)
from retention_lib.cycle_detection import strata as parts
from retention_lib.cycle_detection.reasons import reasons
from retention_lib.results import ChartPeriod, Cycle, Period, why


@dataclass(frozen=True)
class CycleInputs:
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
    divisions: Sequence[parts.Division]
    subscribers: pd.DataFrame
    activity: Callable[[ChartPeriod], pd.DataFrame]
    customers_in: Callable[[Period], int]
    known_at: Callable[[date], tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]]


def cycle(
    inputs: CycleInputs, first_date: date, as_of: date, pin: Definitions | None = None
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
    found = return_curve.cycle_figures(inputs.gaps, inputs.waits, draws)
    days, tau = found.get("cycle_days"), found["tau_days"]
    yardstick = window.yardstick(found, pin, first_date, as_of)
    race = _race(days, first_date, as_of, inputs)
    figures: dict[str, Any] = {
        "history_days": (as_of - first_date).days + 1,
        "starts_mid_life": calendar.starts_mid_life(inputs.days, days),
        **found,
        **calendar.regularity(inputs.pairs, draws),
        "rhythm": calendar.rhythms(inputs.days),
        **season.strength(inputs.days),
        "strata": []
        if days is None
        else parts.strata(inputs.divisions, inputs.gaps, inputs.waits, tau, draws),
        "subscriptions": subscriptions.counted(inputs.subscribers, inputs.gaps, inputs.waits),
        **yardstick,
        "chart_period": window.chart_period(inputs.activity),
        "year_earlier": season.year_earlier(
            yardstick["window"], first_date, as_of, inputs.customers_in
        ),
        "lapse_tried": _tried(days, as_of) if days and race.tests else None,
        "lapse_race": race.tests,
        "lapse_left_out": race.left_out,
        "lapse_rule": race.winner,
    }
    known = Cycle.model_construct(**figures)
    found = reasons(known, int(inputs.waits["waits"].sum()), race.why_not)
    return Cycle.explained(figures | findings(known), found)


def findings(cycle: Cycle) -> dict[str, Any]:
    """Return what follows from the figures of a cycle alone; it may still lack these."""
    found = sorted((one for one in cycle.rhythm if one.found), key=lambda one: -one.swing)
    tested = [one.period for one in cycle.rhythm]
    return {
        "certainty": return_curve.certainty(cycle),
        "grows": return_curve.grows(cycle),
        "regularity": calendar.judged(cycle),
        "is_regular": (cycle.regularity_k or 0) >= calendar.SOME_RHYTHM,
        "rhythms_found": [one.period for one in found],
        "rhythms_untested": [period for period in calendar.PERIODS if period not in tested],
        **season.judged(cycle),
        "one_cycle": parts.one_cycle(cycle.strata),
    }


def _race(cycle_days: int | None, first_date: date, as_of: date, inputs: CycleInputs) -> lapse.Race:
    """Return the rules for calling customers lost as they did two cycles ago, and why not."""
    if cycle_days is None:
        return lapse.Race()
    then = as_of - timedelta(days=2 * cycle_days)
    if then <= first_date:
        return lapse.Race(why_not=why("too_short_for_race"))
    return lapse.race(*inputs.known_at(then), cycle_days)


def _tried(cycle_days: int, as_of: date) -> Period:
    """Return the two cycles on which the rules for calling customers lost are tried."""
    return Period(start=as_of - timedelta(days=2 * cycle_days - 1), end=as_of)
