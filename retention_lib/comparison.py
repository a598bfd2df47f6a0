"""What has changed: today against an earlier run, and two runs side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from retention_lib.results import (
    Change,
    ChangeName,
    Interval,
    Previous,
    Results,
    Retention,
    Window,
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


# --- today against an earlier run ---------------------------------------------


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
    return result.why_not.get(f"/{name}", "The records do not give this figure.")


def _why_not_recomputed(past: Past) -> str:
    return f"Today's records do not give this figure as of {past.as_of}."


def _why_not_reported(name: ChangeName, past: Past) -> str:
    if past.same_window or name in WHOLE_HISTORY:
        return f"The report of {past.as_of} did not give this figure."
    return f"The report of {past.as_of} measured by another window, so this figure is not repeated."


# --- two runs side by side ----------------------------------------------------

_SIDE_BY_SIDE: Final = (
    "returning_rate",
    "retained_rate",
    "first_time_rate",
    "second_purchase_rate",
    "no_churn_expectation",
    "quick_ratio",
    "gross_revenue_retention",
    "net_revenue_retention",
    "repeat_revenue_share",
    "start_customers",
    "end_customers",
    "new_customers",
    "lost_customers",
)
_INTERVALS: Final = {
    "returning_rate": "returning_ci95",
    "retained_rate": "retained_ci95",
    "first_time_rate": "first_time_ci95",
    "second_purchase_rate": "second_purchase_ci95",
    "quick_ratio": "quick_ratio_ci95",
    "gross_revenue_retention": "gross_revenue_ci95",
    "net_revenue_retention": "net_revenue_ci95",
}


@dataclass(frozen=True)
class Row:
    """One figure of two runs, a and b, with the 95 % intervals there are.

    ``difference`` is a minus b, where the two may be ranked; ``difference_ci95`` its interval,
    where both have one.
    """

    name: str
    a: float | None
    b: float | None
    a_ci95: Interval | None
    b_ci95: Interval | None
    difference: float | None
    difference_ci95: Interval | None


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side.

    ``why_not_rankable`` says in one sentence why their rates must not be ranked, ``why_no_value``
    why customer values are left out; None where they are not.
    """

    rows: tuple[Row, ...]
    why_not_rankable: str | None
    why_no_value: str | None

    @property
    def rankable(self) -> bool:
        """Whether one rate may be called higher than the other."""
        return self.why_not_rankable is None


def side_by_side(a: Results, b: Results) -> Comparison:
    """How do two clients, or two runs, compare, and may their rates be ranked?

    Returns
    -------
    Comparison
        Figures that neither run gives are left out. Differences are given only where both
        measured by the same window and both have a rate.
    """
    hindrance, no_value = _why_not_rankable(a, b), _why_no_value(a, b)
    ones, others = _figures(a), _figures(b)
    names = [name for name in ones if ones[name] != _NOTHING or others[name] != _NOTHING]
    if no_value:
        names.remove("total_clv")
    rows = tuple(_row(name, ones[name], others[name], hindrance is None) for name in names)
    return Comparison(rows, hindrance, no_value)


_Figure = tuple[float | None, Interval | None]
_NOTHING: Final[_Figure] = (None, None)


def _figures(results: Results) -> dict[str, _Figure]:
    """Return what is held side by side, each figure with its interval."""
    retention: Any = results.retention
    rates = {
        name: (
            getattr(retention, name),
            getattr(retention, _INTERVALS[name]) if name in _INTERVALS else None,
        )
        for name in _SIDE_BY_SIDE
    }
    return rates | {
        "customers": (results.audit.customers, None),
        "total_clv": (results.clv.total_clv, results.clv.total_clv_ci95),
    }


def _row(name: str, one: _Figure, other: _Figure, rankable: bool) -> Row:
    (a, a_ci95), (b, b_ci95) = one, other
    if not rankable or a is None or b is None:
        return Row(name, a, b, a_ci95, b_ci95, None, None)
    return Row(name, a, b, a_ci95, b_ci95, a - b, difference_interval(a, a_ci95, b, b_ci95))


def difference_interval(
    a: float, a_ci95: Interval | None, b: float, b_ci95: Interval | None
) -> Interval | None:
    """How far may a minus b be off, each known with its own interval? None without either.

    From Wilson's intervals of two shares this is Newcombe's (1998, method 10); from others, the
    same recovery of their variances (Zou and Donner 2008). The two count as independent, so for
    two runs of one client, whose customers are partly the same, it is on the wide side.
    """
    if a_ci95 is None or b_ci95 is None:
        return None
    below = math.hypot(a - a_ci95[0], b_ci95[1] - b)
    above = math.hypot(a_ci95[1] - a, b - b_ci95[0])
    return a - b - below, a - b + above


def _why_not_rankable(a: Results, b: Results) -> str | None:
    for results in (a, b):
        if results.retention.retained_rate is None:
            why = results.retention.why_not["/retained_rate"].rstrip(".")
            return f"{results.client} has no retention rate as of {results.as_of}: {why}."
    one, other = a.cycle.window, b.cycle.window
    if one is None or other is None or _months(one) != _months(other):
        windows = f"{_length(one)} against {_length(other)}"
        return f"Rates measured by different windows are not ranked: {windows}."
    return None


def _months(window: Window) -> tuple[int, str]:
    """Return a window with quarters as months, of which they are made."""
    return (
        (3 * window.length, "month") if window.unit == "quarter" else (window.length, window.unit)
    )


def _length(window: Window | None) -> str:
    if window is None:
        return "no window"
    return f"{window.length} {window.unit}{'s' * (window.length != 1)}"


def _why_no_value(a: Results, b: Results) -> str | None:
    """Say why the value of all customers cannot be held side by side, if it could be given."""
    if (a.clv.total_clv, b.clv.total_clv) == (None, None) or _terms(a) == _terms(b):
        return None
    return f"Customer values are not compared: {_terms(a)} against {_terms(b)}."


def _terms(results: Results) -> str:
    clv = results.clv
    money = f"{clv.basis} in {results.currency}" if results.currency else clv.basis
    return f"{money} over {clv.horizon_months} months at {100 * clv.discount_rate:g} % a year"
