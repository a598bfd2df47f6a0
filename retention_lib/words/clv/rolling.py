"""Sentences of notebook 04 on the race run again on earlier days."""

from __future__ import annotations

from statistics import fmean
from typing import Final, get_args

import pandas as pd

from retention_lib.results import Clv, ForecastName, Holdout, Score
from retention_lib.speech import Speech
from retention_lib.words.clv.race import forecast_name
from retention_lib.words.reasons import because, follow

_CONTESTANTS: Final[tuple[ForecastName, ...]] = get_args(ForecastName)
_LARGEST_BIAS = 0.25


def _races(result: Clv) -> list[Holdout]:
    """Return the races of the holdout and of earlier days, the latest first."""
    held = [] if result.holdout is None else [result.holdout]
    return [*held, *result.rolling]


def rolling_rows(result: Clv, speech: Speech) -> pd.DataFrame:
    """Return how each forecast did over all races, as a table shows it.

    Those that were closest most often come first, of these the ones with the smallest mean
    distance. Empty without races on earlier days.
    """
    races = _races(result) if result.rolling else []
    entered = {
        name: [s for race in races for s in race.models if s.name == name] for name in _CONTESTANTS
    }
    wins = {name: sum(_closest(race) == name for race in races) for name in _CONTESTANTS}
    ran = [name for name in _CONTESTANTS if entered[name]]
    ran.sort(key=lambda name: (-wins[name], _distance(entered[name])))
    rows = [_row(name, wins[name], entered[name], speech) for name in ran]
    failed = [name for name in _CONTESTANTS if name not in ran]
    rows += [
        (forecast_name(name, speech), "–", "–", "–", "–")
        for name in failed
        if any(name in race.left_out for race in races)
    ]
    headers = [
        speech.text("Forecast"),
        speech.text("Times closest"),
        speech.text("Mean distance (deviance)"),
        speech.text("Total off by, lowest"),
        speech.text("Total off by, highest"),
    ]
    return pd.DataFrame(rows, columns=headers)


def _closest(race: Holdout) -> str | None:
    return min(race.models, key=lambda score: score.deviance).name if race.models else None


def _distance(scores: list[Score]) -> float:
    return fmean(score.deviance for score in scores)


def _row(name: str, wins: int, scores: list[Score], speech: Speech) -> tuple[str, ...]:
    off = [score.bias for score in scores if score.bias is not None]
    return (
        forecast_name(name, speech),
        speech.text("{k} of {n}", k=speech.count(wins), n=speech.count(len(scores))),
        speech.number(_distance(scores), 3),
        speech.share(min(off), 0) if off else "–",
        speech.share(max(off), 0) if off else "–",
    )


def rolling_caption(result: Clv, speech: Speech) -> str:
    """Return the caption of the table of all races."""
    races = _races(result)
    if not result.rolling:
        return speech.text("Forecasts in earlier tests")
    return speech.texts(
        "Forecasts in {n} test, from {first} to {last}",
        "Forecasts in {n} tests, the earliest from {first} on, the latest to {last}",
        len(races),
        first=speech.date(min(race.start for race in races)),
        last=speech.date(max(race.end for race in races)),
    )


def rolling_meaning(result: Clv, speech: Speech) -> str:
    """Return whether the forecast in use would have been chosen on earlier days as well."""
    if result.model is None:
        return because(result, "/model", speech)
    if not result.rolling:
        return speech.prose(
            "The history is too short to run the race on earlier days as well, so the choice rests "
            "on one stretch of time."
        )
    return follow(_chosen_before(result, speech), _totals(result, speech))


def _chosen_before(result: Clv, speech: Speech) -> str:
    n = len(result.rolling)
    others = [race.chosen for race in result.rolling if race.chosen != result.model]
    if not others:
        return speech.proses(
            "On the one earlier day on which the race was run as well, the same forecast **would "
            "have been chosen, too**: the choice does not hang on one stretch of time.",
            "On all {n} earlier days on which the race was run as well, the same forecast **would "
            "have been chosen, too**: the choice does not hang on one stretch of time.",
            n,
        )
    instead = "; ".join(forecast_name(other, speech) for other in dict.fromkeys(others))
    if len(others) == n:
        return speech.proses(
            "On the one earlier day on which the race was run as well, **another** forecast would "
            "have been chosen ({instead}): the choice rests on the latest days alone, and the "
            "values may change with the next test.",
            "On all {n} earlier days on which the race was run as well, **another** forecast would "
            "have been chosen ({instead}): the choice rests on the latest days alone, and the "
            "values may change with the next test.",
            n,
            instead=instead,
        )
    return speech.prose(
        "On **{k} of {n}** earlier days on which the race was run as well, the same forecast would "
        "have been chosen, on the others another ({instead}): the choice is a close one, and the "
        "values may change with the next test.",
        k=speech.count(n - len(others)),
        n=speech.count(n),
        instead=instead,
    )


def _totals(result: Clv, speech: Speech) -> str:
    """Return how often the total of the forecast in use was at most a quarter off."""
    scores = [s for race in _races(result) for s in race.models if s.name == result.model]
    if not scores:
        return ""
    close = [s for s in scores if s.bias is not None and abs(s.bias) <= _LARGEST_BIAS]
    return speech.proses(
        "Its total was at most a quarter off in **{k} of {n}** test.",
        "Its total was at most a quarter off in **{k} of {n}** tests, the latest with them.",
        len(scores),
        k=speech.count(len(close)),
    )
