"""What the figures amount to: which way forecasts err, how sure the value is, and where it lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import exp, log
from statistics import fmean
from typing import Any, Final, Literal, get_args

from retention_lib.models.race import LARGEST_BIAS, within_a_quarter
from retention_lib.models.units import DAYS_PER_MONTH
from retention_lib.results import (
    Certainty,
    ForecastName,
    Holdout,
    Interval,
    NewCustomerValue,
    PastForecast,
    PastForecasts,
    Score,
    Stake,
    Standing,
    StateValue,
    SubscriberTotal,
    SubscriberValue,
    TestAhead,
    Tested,
    Why,
)
from retention_lib.stats import certainty

_GOOD_BIAS: Final = 0.10
_NONE: Final = 0.005  # an error that is shown as 0 %
_GOOD_COVERAGE: Final = 0.9
_ENOUGH: Final = 3  # forecasts, for their coverage to mean something
_ENOUGH_FOR_LEAN: Final = 4  # all of so few on one side come about by chance once in eight
_MOST: Final = 0.75
_APART_TESTS: Final = 0.05  # of the total, on either side, for two tests to disagree
_THIRD: Final = 1.34  # times the total, or as part of it: the range a budget can be made with
_APART: Final = 1.5  # times the median: from here on a mean says little about most customers
_NEXT_TO_NOTHING: Final = 0.005  # of money: shown as nothing
_HALF: Final = 0.5

Lean = Literal["high", "low", "none"]


# --- the test, and all races ---


def tested(holdout: Holdout | None, model: str | None, chance: float = 0.0) -> Tested | None:
    """Return how the forecast in use did in the holdout; None where it took no part.

    Parameters
    ----------
    chance
        How far off ln of the purchases made may be by the customers' own chance.
    """
    scores = [] if holdout is None else [one for one in holdout.models if one.name == model]
    return _tested(scores[0], chance) if scores else None


def _tested(score: Score, chance: float) -> Tested:
    bias = score.bias
    return Tested(
        predicted=score.predicted,
        actual=score.actual,
        off=None if bias is None else abs(bias),
        side="even" if abs(bias or 0.0) < _NONE else "too few" if (bias or 0.0) < 0 else "too many",
        verdict="nobody bought" if bias is None else _verdict(bias, chance),
    )


def _verdict(bias: float, chance: float) -> Literal["close", "fair", "far off"]:
    if abs(bias) <= _GOOD_BIAS:
        return "close"
    return "fair" if within_a_quarter(bias, chance) else "far off"


def standings(races: Sequence[Holdout]) -> list[Standing]:
    """Return how each forecast did over races; the closest on average first, by its totals."""
    closest = [min(race.models, key=_place).name for race in races if race.models]
    entered = {
        name: [score for race in races for score in race.models if score.name == name]
        for name in get_args(ForecastName)
    }
    found = [
        _standing(name, scores, closest.count(name)) for name, scores in entered.items() if scores
    ]
    return sorted(found, key=lambda one: (one.distance, one.deviance))


def _place(score: Score) -> tuple[float, float]:
    return distance(score), score.deviance


def distance(score: Score) -> float:
    """Return |ln (actual / predicted)| of a total, half an occasion standing for none."""
    return abs(log(max(score.actual, _HALF) / max(score.predicted, _HALF)))


def _standing(name: ForecastName, scores: list[Score], closest: int) -> Standing:
    bias = [score.bias for score in scores if score.bias is not None]
    return Standing(
        name=name,
        races=len(scores),
        closest=closest,
        near=sum(abs(one) <= LARGEST_BIAS for one in bias),
        distance=fmean(map(distance, scores)),
        deviance=fmean(score.deviance for score in scores),
        bias=(min(bias), max(bias)) if bias else None,
    )


def tests_disagree(
    holdout: Holdout | None, tested: Tested | None, past: PastForecasts | None
) -> list[TestAhead]:
    """Return the test over the window and those as long as the value, if they err on two sides.

    One must be at least 5 % too low, the other 5 % too high; the shorter one comes first.
    """
    alike = [one.error for one in past.forecasts if one.alike] if past else []
    if holdout is None or tested is None or tested.off is None or past is None or not alike:
        return []
    tests = [
        TestAhead(days=holdout.days, off=tested.predicted / tested.actual - 1),
        TestAhead(days=past.days, off=exp(-fmean(alike)) - 1),
    ]
    low, high = sorted(test.off for test in tests)
    if low > -_APART_TESTS or high < _APART_TESTS:
        return []
    return sorted(tests, key=lambda test: test.days)


# --- earlier forecasts ---


def past_forecasts(
    days: int, forecasts: list[PastForecast], left_out: Mapping[str, Why]
) -> PastForecasts:
    """Return earlier forecasts as they were made, the earliest first, and which way they erred."""
    errors = [one.error for one in forecasts]
    high, low = sum(error < 0 for error in errors), sum(error > 0 for error in errors)
    return PastForecasts(
        days=days,
        forecasts=forecasts,
        left_out=dict(sorted(left_out.items())),
        inside=sum(one.inside for one in forecasts),
        inside_own=sum(one.inside_own for one in forecasts),
        too_high=high,
        too_low=low,
        range=_range(forecasts),
        errors=_errors(len(errors), high, low),
        mean_off=exp(fmean(errors)) - 1 if errors else None,
        off=(exp(min(errors)) - 1, exp(max(errors)) - 1) if errors else None,
        overlap=any(one.end > other.origin for one, other in pairwise(forecasts)),
    )


def _range(
    forecasts: list[PastForecast],
) -> Literal["too few", "wide enough", "missed above", "missed below"]:
    missed = [one.error > 0 for one in forecasts if not one.inside]
    if len(forecasts) < _ENOUGH:
        return "too few"
    if len(forecasts) - len(missed) >= _GOOD_COVERAGE * len(forecasts):
        return "wide enough"
    return "missed above" if all(missed) else "missed below"


def _errors(
    n: int, high: int, low: int
) -> Literal["all high", "all low", "mostly high", "mostly low", "either way"]:
    if n and n in (high, low):
        return "all high" if high else "all low"
    if n < _ENOUGH_FOR_LEAN or max(high, low) < _MOST * n:
        return "either way"
    return "mostly high" if high > low else "mostly low"


def lean(past: PastForecasts | None, shift: float = 0.0) -> Lean:
    """Return the side on which most of enough earlier forecasts would have erred even when moved.

    Parameters
    ----------
    shift
        By how much today's is moved, in logarithms: what that takes out is no lean any more.
    """
    if past is None:
        return "none"
    left = [one.error - shift for one in past.forecasts if one.alike]
    errors = _errors(len(left), sum(one < 0 for one in left), sum(one > 0 for one in left))
    if len(left) < _ENOUGH_FOR_LEAN or errors == "either way":
        return "none"
    return "high" if errors.endswith("high") else "low"


# --- how sure ---


def of_value(
    total: float | None, ci95: Interval | None, tested: Tested | None, past: PastForecasts | None
) -> Certainty:
    """Return how sure the expected value is, as :class:`retention_lib.results.Clv` has it."""
    if not total or ci95 is None or ci95[0] <= 0 or is_far_off(tested):
        return "open"
    off = max(log(total / ci95[0]), log(ci95[1] / total))
    found = certainty.within(off, log(_THIRD))
    if found == "open" or (found == "firm" and past is not None and past.range == "wide enough"):
        return found
    return "open" if tested is None else "likely"


def is_far_off(tested: Tested | None) -> bool:
    """Say whether the forecast in use was more than a quarter off in the test, or nobody bought."""
    return tested is not None and tested.verdict in ("far off", "nobody bought")


# --- where the value lies ---


def stakes(states: Sequence[StateValue], value_at_risk: float | None) -> list[Stake]:
    """Return what is at risk by state, the largest first; states with nothing at risk are left out."""
    held = [
        (one, one.at_risk, one.value)
        for one in states
        if one.at_risk and one.value and one.customers
    ]
    most = max((at_risk / one.customers for one, at_risk, _ in held), default=0.0)
    found = [
        Stake(
            state=one.state,
            customers=one.customers,
            share=at_risk / value_at_risk,
            of_value=at_risk / value,
            each=at_risk / one.customers,
            most_each=len(held) > 1 and at_risk / one.customers == most,
        )
        for one, at_risk, value in held
        if value_at_risk
    ]
    return sorted(found, key=lambda one: -one.share)


def differences(
    median: float | None, mean: float | None
) -> Literal["unknown", "nothing", "far apart", "alike"]:
    """Return how the values of single customers differ."""
    if median is None or mean is None:
        return "unknown"
    if median < _NEXT_TO_NOTHING:
        return "nothing"
    return "far apart" if mean > _APART * median else "alike"


def subscribed(subscribers: Sequence[SubscriberValue], total: float | None) -> SubscriberTotal:
    """Return all subscribers together, and their part of the value of all customers."""
    values = [one.value for one in subscribers if one.value is not None]
    known = len(values) == len(subscribers)
    worth = sum(values) if known else None
    return SubscriberTotal(
        customers=sum(one.customers for one in subscribers),
        expected_purchases=sum(one.expected_purchases for one in subscribers),
        value=worth,
        share=0.0 if not subscribers else worth / total if worth is not None and total else None,
    )


def placed(values: Sequence[NewCustomerValue]) -> list[NewCustomerValue]:
    """Return the values with the place of each among those of its kind on the same side of all."""
    ranked: dict[tuple[str, str], list[NewCustomerValue]] = {}
    for one in sorted(values, key=_worth):
        ranked.setdefault((one.kind, one.compared), []).append(one)

    def place(one: NewCustomerValue) -> int:
        same = ranked[one.kind, one.compared]
        from_below = same.index(one) + 1
        return {"below": from_below, "above": len(same) + 1 - from_below}.get(one.compared, 0)

    return [one.model_copy(update={"place": place(one)}) for one in values]


def _worth(value: NewCustomerValue) -> float:
    return value.purchases if value.value is None else value.value


# --- all of them ---


def findings(known: Mapping[str, Any], chance: float = 0.0) -> dict[str, Any]:
    """Return what the other figures of :class:`retention_lib.results.Clv` amount to, by name.

    Parameters
    ----------
    chance
        How far off ln of the purchases of the holdout may be by the customers' own chance.
    """
    holdout, rolling, past = known["holdout"], known["rolling"], known["past_forecasts"]
    total, at_risk, top = known["total_clv"], known["value_at_risk"], known["top20_share"]
    ahead = known["horizon_months"] * DAYS_PER_MONTH
    test = tested(holdout, known["model"], chance)
    return {
        "tested": test,
        "tests_disagree": tests_disagree(holdout, test, past),
        "standings": standings(rolling or ([holdout] if holdout else [])),
        "chosen_before": sum(one.chosen == known["model"] for one in rolling),
        "past_as_far": past is not None and past.days >= ahead - 1,
        "values": differences(known["median_clv"], known["mean_clv"]),
        "concentrated": top is not None and top >= _HALF,
        "at_risk_share": at_risk / total if at_risk is not None and total else None,
        "stakes": stakes(known["states"], at_risk),
        "subscribed": subscribed(known["subscribers"], total),
        "certainty": of_value(total, known["total_clv_ci95"], test, past),
        "lean": lean(past, known["centre"].shift if known["centre"] else 0.0),
        "far_off": is_far_off(test),
        "outlasts_test": known["wanted_months"] > known["horizon_months"],
    }
