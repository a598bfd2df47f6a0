"""After how long a silence is a customer lost? Rules for it, tried on the client's own past."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention_lib import stats
from retention_lib.cycle_detection import return_curve
from retention_lib.cycle_detection.return_curve import MINIMUM_BACK
from retention_lib.models import bgnbd, mbg, pareto
from retention_lib.models.purchase_model import (
    TRIPLE,
    FitError,
    PurchaseModel,
    enough_repeat_buyers,
    state,
)
from retention_lib.models.units import Span
from retention_lib.results import LARGEST_FALSE_LOST, LapseRule, LapseTest, Why, why

LEAST_ALIVE = 0.5
LEAST_CHANCE = 0.1
# one-time buyers never leave under BG/NBD, so it is shown and may not win
_NEVER_WINS: LapseRule = "p_alive_bg"

Lost = NDArray[np.bool_]


@dataclass(frozen=True)
class Race:
    """The rules as they did, the one that won, and else the reason why none did.

    ``left_out`` says why for every rule that could not be tried.
    """

    tests: list[LapseTest] = field(default_factory=list)
    winner: LapseRule | None = None
    why_not: Why | None = None
    left_out: dict[LapseRule, Why] = field(default_factory=dict)


def race(gaps: pd.DataFrame, waits: pd.DataFrame, counts: pd.DataFrame, cycle_days: int) -> Race:
    """Return how rules for calling customers lost did, tried two cycles before today.

    Each rule calls customers lost by what was known then; whom it called lost and
    who bought within the two cycles that followed was called so falsely. The silence is the lapse refitted on what was known
    then, the two cycles are those of today.

    Parameters
    ----------
    gaps, waits
        As :func:`retention_lib.summaries.counts.gaps` and ``waits`` give them, known then.
    counts
        Distinct customers then: ``frequency``, ``recency_days``, ``T_days``, ``later`` (occasions
        in the two cycles that followed), ``customers``.
    cycle_days
        The cycle as it is known today.
    """
    if not counts.loc[counts["later"] == 0, "customers"].sum():
        return Race(why_not=why("nobody_lost"))
    tests: list[LapseTest] = []
    left_out: dict[LapseRule, Why] = {}
    for rule, limit, lost in _calls(gaps, waits, counts, cycle_days):
        found = lost if isinstance(lost, Why) else tested(rule, limit, counts, lost)
        if isinstance(found, Why):
            left_out[rule] = found
        else:
            tests.append(found)
    tests = ranked(tests)
    winner = next((test.rule for test in tests if test.rank == 1 and test.passes), None)
    return Race(tests, winner, None if winner else _no_winner(tests), left_out)


def tested(rule: LapseRule, limit: float, counts: pd.DataFrame, lost: Lost) -> LapseTest | Why:
    """Return how a rule did that called these customers lost, or why it cannot be told.

    Parameters
    ----------
    counts
        Columns ``later``, ``customers``; some customers have not bought later.
    lost
        Whether the rule called the customers of each row lost.
    """
    customers = counts["customers"].to_numpy()
    bought = counts["later"].to_numpy() > 0
    called = int(customers[lost].sum())
    if not called:
        return why("called_nobody")
    false_lost = float(customers[lost & bought].sum() / called)
    return LapseTest(
        rule=rule,
        limit=limit,
        called=called,
        false_lost=false_lost,
        caught=float(customers[lost & ~bought].sum() / customers[~bought].sum()),
        allowed=rule != _NEVER_WINS,
        passes=rule != _NEVER_WINS and false_lost <= LARGEST_FALSE_LOST,
        rank=1,
    )


def ranked(tests: list[LapseTest]) -> list[LapseTest]:
    """Return the rules as they are, each with its place.

    First those that pass, by what they catch; then those that call more than one in ten falsely,
    by how few; last the one that may not win. Of rules alike the first, which is the simplest,
    goes before.
    """
    best_first = sorted(tests, key=_order)
    return [test.model_copy(update={"rank": best_first.index(test) + 1}) for test in tests]


def _order(test: LapseTest) -> tuple[bool, bool, float, float]:
    wrong = 0 if test.passes else test.false_lost
    return not test.allowed, not test.passes, wrong, -test.caught


def _no_winner(tests: list[LapseTest]) -> Why:
    return why("no_rule_passes" if any(test.allowed for test in tests) else "nobody_called")


def _calls(
    gaps: pd.DataFrame, waits: pd.DataFrame, counts: pd.DataFrame, cycle_days: int
) -> Iterator[tuple[LapseRule, float, Lost | Why]]:
    """Yield each rule, its limit, and whom it called lost or why it could not be tried."""
    within = 2 * cycle_days
    silent = (counts["T_days"] - counts["recency_days"]).to_numpy()
    lapse = _lapse(gaps, waits, within)
    if isinstance(lapse, Why):
        yield "silence", 0, lapse
    else:
        yield "silence", lapse, silent > lapse
    yield "two_cycles", within, silent > within
    for rule, limit, chances in _chances(counts, within):
        yield rule, limit, chances if isinstance(chances, Why) else chances < limit


def _lapse(gaps: pd.DataFrame, waits: pd.DataFrame, within: int) -> int | Why:
    """Return the lapse as it was known then, or why there was none."""
    curve, customers = return_curve.curve(gaps, waits), int(waits["waits"].sum())
    tau = stats.horizon(curve, customers)
    few = tau is None or customers * (1 - curve["not_back"][tau]) < MINIMUM_BACK
    least = None if tau is None else return_curve.usual_return(curve, tau)
    if tau is None or least is None or few or tau < least + within:
        return why("lapse_unseen_then")
    lapse = stats.lapse(curve, tau, within, least)
    return why("no_lapse_then") if lapse is None else lapse


def lapse_known(gaps: pd.DataFrame, waits: pd.DataFrame) -> int | None:
    """After which silence did a customer count as lapsed on a day, by what was known then?

    Cycle and lapse are both refitted; None where either was not known yet.

    Parameters
    ----------
    gaps, waits
        As :func:`retention_lib.summaries.counts.gaps` and ``waits`` give them, known then.
    """
    curve, customers = return_curve.curve(gaps, waits), int(waits["waits"].sum())
    tau = stats.horizon(curve, customers)
    cycle = None if tau is None else stats.day_of_share(curve, 0.5, tau)
    found = None if cycle is None else _lapse(gaps, waits, 2 * cycle)
    return found if isinstance(found, int) else None


def _chances(
    counts: pd.DataFrame, within: int
) -> Iterator[tuple[LapseRule, float, stats.Floats | Why]]:
    """Yield each rule of a model, its limit, and the chances it goes by or why there are none."""
    known = state(counts)
    modified, other, plain = (_fitted(module.fit, counts) for module in (mbg, pareto, bgnbd))

    def alive(model: PurchaseModel) -> stats.Floats:
        return model.p_alive(*known)

    def buys(model: PurchaseModel) -> stats.Floats:
        return model.buys_within(*known, Span.days(within))

    yield "p_alive_mbg", LEAST_ALIVE, _of(modified, alive)
    yield "p_alive_pareto", LEAST_ALIVE, _of(other, alive)
    yield "p_buys", LEAST_CHANCE, _of(modified, buys)
    yield "p_alive_bg", LEAST_ALIVE, _of(plain, alive)


def _fitted(
    fit: Callable[[pd.DataFrame], PurchaseModel], counts: pd.DataFrame
) -> PurchaseModel | Why:
    """Return the model fitted on distinct customers, or why it could not be."""
    try:
        enough_repeat_buyers(counts)
        return fit(counts.groupby([*TRIPLE], as_index=False)[["customers"]].sum())
    except FitError as error:
        return why(error.code, **error.facts)


def _of(
    model: PurchaseModel | Why, chances: Callable[[PurchaseModel], stats.Floats]
) -> stats.Floats | Why:
    if isinstance(model, Why):
        return model
    try:
        return chances(model)
    except FitError as error:
        return why(error.code, **error.facts)
