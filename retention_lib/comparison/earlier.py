"""What has changed: today against an earlier run, revised history apart from new data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from retention_lib import stats
from retention_lib.results import Change, ChangeName, Interval, Previous, Retention, Why, why
from retention_lib.stats.certainty import side_of

Figures = Mapping[ChangeName, float | None]

_NOTHING: Final = 1e-9  # less is the rounding of a division
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
    other_season: bool = False


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
        on no side are left out; every other null has its reason.

    Raises
    ------
    ValueError
        If the two effects do not add up to the change of the retained rate.
    """
    changes = [_change(name, today, past) for name in ORDER]
    known = [one for one in changes if {one.reported, one.recomputed, one.now} != {None}]
    mix, rate = effects or (None, None)
    _refuse_other_sum(effects, _minus(today["retained_rate"], past.recomputed["retained_rate"]))
    made = previous(past, known, difference_ci95)
    filled = {"previous": made, "mix_effect": mix, "rate_effect": rate}
    fields = dict(result) | filled
    gone = tuple(f"/{name}" for name in filled)
    kept = {at: why for at, why in result.why_not.items() if not at.startswith(gone)}
    fields["why_not"] = kept | _why_not(made, effects, result, past)
    return Retention(**fields)


def previous(past: Past, changes: list[Change], difference_ci95: Interval | None) -> Previous:
    """Return an earlier run beside today, and what the changes say."""
    return Previous(
        run=past.run,
        as_of=past.as_of,
        same_window=past.same_window,
        changes=changes,
        returning_difference_ci95=difference_ci95,
        returning_clearly=side_of(difference_ci95, 0),
        revised=any(abs(change.revision or 0) >= _NOTHING for change in changes),
        other_season=past.other_season,
    )


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


# --- a reason for every null --------------------------------------------------


def _why_not(
    made: Previous, effects: tuple[float, float] | None, result: Retention, past: Past
) -> dict[str, Why]:
    reasons = {
        f"/previous/changes/{at}/{part}": found
        for at, change in enumerate(made.changes)
        for part, found in _why_no_change(change, result, past).items()
    }
    if made.returning_difference_ci95 is None:
        found = _why_no_news("returning_rate", result, past)
        reasons["/previous/returning_difference_ci95"] = found
    if effects is None:
        found = _why_no_news("retained_rate", result, past)
        reasons |= {"/mix_effect": found, "/rate_effect": found}
    return reasons


def _why_no_change(change: Change, result: Retention, past: Past) -> dict[str, Why]:
    """Return the reason of each null of a change; a difference has that of what it lacks."""
    found: dict[str, Why] = {}
    if change.now is None:
        found["now"] = found["news"] = _why_not_now(change.name, result)
    if change.recomputed is None:
        found["recomputed"] = found["news"] = found["revision"] = _not_recomputed(past)
    if change.reported is None:
        found["reported"] = found["revision"] = _why_not_reported(change.name, past)
    return found


def _why_no_news(name: ChangeName, result: Retention, past: Past) -> Why:
    known = getattr(result, name) is not None
    return _not_recomputed(past) if known else _why_not_now(name, result)


def _why_not_now(name: ChangeName, result: Retention) -> Why:
    return result.why_not.get(f"/{name}", why("not_in_these_records"))


def _not_recomputed(past: Past) -> Why:
    return why("not_recomputed", as_of=past.as_of)


def _why_not_reported(name: ChangeName, past: Past) -> Why:
    measured = past.same_window or name in WHOLE_HISTORY
    return why("not_reported" if measured else "reported_by_another_window", as_of=past.as_of)
