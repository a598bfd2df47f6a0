"""What has changed: today against an earlier run, revised history apart from new data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from retention_lib import stats
from retention_lib.results import (
    Change,
    ChangeName,
    Interval,
    Previous,
    Retention,
)

Figures = Mapping[ChangeName, float | None]

# the most important first: a table may show the first ten only
ORDER: Final[tuple[ChangeName, ...]] = (
    "returning_rate",
    "retained_rate",
    "first_time_rate",
    "second_purchase_rate",
    "start_customers",
    "end_customers",
    "new_customers",
    "lost_customers",
    "customers",
    "quick_ratio",
    "resurrected_customers",
    "retained_customers",
    "repeat_revenue_share",
    "gross_revenue_retention",
    "net_revenue_retention",
    "occasions",
)
# figures over the whole history, which no window measures
WHOLE_HISTORY: Final[frozenset[ChangeName]] = frozenset(
    ("customers", "occasions", "repeat_revenue_share")
)


@dataclass(frozen=True)
class Past:
    """An earlier run, and its day seen from today.

    ``reported`` is what the run said, ``recomputed`` what today's records give for its day under
    today's yardstick. ``same_window``: the run measured by the window of today.
    """

    run: str
    as_of: date
    same_window: bool
    reported: Figures
    recomputed: Figures


def figures(result: Retention, customers: int, occasions: int) -> dict[ChangeName, float | None]:
    """Which figures of one day are compared with those of another?

    Parameters
    ----------
    result
        The answer of notebook 03 for that day.
    customers, occasions
        All customers, and all purchase occasions, up to that day.
    """
    counted: dict[ChangeName, float | None] = {"customers": customers, "occasions": occasions}
    return {name: counted[name] if name in counted else getattr(result, name) for name in ORDER}


def compared(
    result: Retention,
    today: Figures,
    past: Past,
    effects: tuple[float, float] | None,
    difference_ci95: Interval | None,
) -> Retention:
    """What has changed since an earlier run, by revised records and by what happened since?

    Parameters
    ----------
    result
        Today's answer of notebook 03, without a comparison.
    today
        Its figures, as :func:`figures` gives them.
    past
        The earlier run.
    effects
        Mix and rate effect of the change of the retained rate, from recomputed to today
        (Kitagawa 1955); None where either rate is not known.
    difference_ci95
        Newcombe's interval of the change of the returning rate, from recomputed to today; None
        where either rate is not known.

    Returns
    -------
    Retention
        The result with ``previous``, ``mix_effect`` and ``rate_effect``. Figures that are known
        on no side are left out; every other null has its sentence.

    Raises
    ------
    ValueError
        If the two effects do not add up to the change of the retained rate.
    """
    names = [name for name in ORDER if _known(name, today, past)]
    mix, rate = effects or (None, None)
    _refuse_other_sum(effects, _minus(today["retained_rate"], past.recomputed["retained_rate"]))
    made = Previous(
        run=past.run,
        as_of=past.as_of,
        same_window=past.same_window,
        changes=[_change(name, today, past) for name in names],
        returning_difference_ci95=difference_ci95,
    )
    filled = {"previous": made, "mix_effect": mix, "rate_effect": rate}
    fields = {name: getattr(result, name) for name in Retention.model_fields} | filled
    gone = tuple(f"/{name}" for name in filled)
    kept = {at: why for at, why in result.why_not.items() if not at.startswith(gone)}
    fields["why_not"] = kept | _why_not(made, effects, result, past)
    return Retention(**fields)


def effects(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[float, float] | None:
    """How much of the change of the retained rate is mix, and how much the groups' own rates?

    Parameters
    ----------
    before, after
        Customers and rates of two days, under the names of :class:`retention_lib.results.Retention`.

    Returns
    -------
    tuple or None
        Mix and rate effect of first-time and returning customers; None where either rate is not
        known.
    """
    groups = [_groups(day) for day in (before, after)]
    if not all(sum(members for members, _ in day) for day in groups):
        return None
    return stats.mix_and_rate(*groups)


def _groups(day: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Return members of the prior window and those of them who were retained, by group."""
    found = []
    for name in ("first_time", "returning"):
        members = day.get(f"{name}_customers") or 0
        found.append((members, round(members * (day.get(f"{name}_rate") or 0))))
    return found


def _known(name: ChangeName, today: Figures, past: Past) -> bool:
    held = (today[name], past.recomputed[name], _reported(name, past))
    return any(figure is not None for figure in held)


def _change(name: ChangeName, today: Figures, past: Past) -> Change:
    reported, recomputed, now = _reported(name, past), past.recomputed[name], today[name]
    return Change(
        name=name,
        reported=reported,
        recomputed=recomputed,
        now=now,
        revision=_minus(recomputed, reported),
        news=_minus(now, recomputed),
    )


def _reported(name: ChangeName, past: Past) -> float | None:
    """Return what the run said; nothing where it measured by another window."""
    return past.reported[name] if past.same_window or name in WHOLE_HISTORY else None


def _minus(later: float | None, earlier: float | None) -> float | None:
    return None if later is None or earlier is None else later - earlier


def _refuse_other_sum(effects: tuple[float, float] | None, change: float | None) -> None:
    if effects is not None and (
        change is None or not math.isclose(sum(effects), change, abs_tol=1e-9)
    ):
        raise ValueError("mix and rate effect do not add up to the change of the retained rate")


# --- a sentence for every null ------------------------------------------------


def _why_not(
    made: Previous, effects: tuple[float, float] | None, result: Retention, past: Past
) -> dict[str, str]:
    sentences: dict[str, str] = {}
    for at, change in enumerate(made.changes):
        for part, why in _why_no_change(change, result, past).items():
            sentences[f"/previous/changes/{at}/{part}"] = why
    if made.returning_difference_ci95 is None:
        why = _why_no_news("returning_rate", made, result, past)
        sentences["/previous/returning_difference_ci95"] = why
    if effects is None:
        why = _why_no_news("retained_rate", made, result, past)
        sentences |= {"/mix_effect": why, "/rate_effect": why}
    return sentences


def _why_no_change(change: Change, result: Retention, past: Past) -> dict[str, str]:
    """Return the sentence of each null of a change; a difference has that of what it lacks."""
    why: dict[str, str] = {}
    if change.now is None:
        why["now"] = why["news"] = _why_not_now(change.name, result)
    if change.recomputed is None:
        why["recomputed"] = why["news"] = why["revision"] = _why_not_recomputed(past)
    if change.reported is None:
        why["reported"] = why["revision"] = _why_not_reported(change.name, past)
    return why


def _why_no_news(name: ChangeName, made: Previous, result: Retention, past: Past) -> str:
    change = next((one for one in made.changes if one.name == name), None)
    if change is None or change.now is None:
        return _why_not_now(name, result)
    if change.recomputed is None:
        return _why_not_recomputed(past)
    return f"This was not computed for the change since {past.as_of}."


def _why_not_now(name: ChangeName, result: Retention) -> str:
    return str(result.why_not.get(f"/{name}", "The records do not give this figure."))


def _why_not_recomputed(past: Past) -> str:
    return f"Today's records do not give this figure as of {past.as_of}."


def _why_not_reported(name: ChangeName, past: Past) -> str:
    if past.same_window or name in WHOLE_HISTORY:
        return f"The report of {past.as_of} did not give this figure."
    return f"The report of {past.as_of} measured by another window, so this figure is not repeated."
