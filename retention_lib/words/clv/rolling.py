"""Would the forecast have been chosen before?"""

from __future__ import annotations

import pandas as pd

from retention_lib.results import Clv, Holdout, Standing
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import table
from retention_lib.words.clv.race import forecast_name
from retention_lib.words.reasons import because, follow

_HEADERS = mark(
    (
        "Forecast",
        "Times closest",
        "Mean distance (deviance)",
        "Total off by, lowest",
        "Total off by, highest",
    )
)


def _races(result: Clv) -> list[Holdout]:
    return [*([result.holdout] if result.holdout else []), *result.rolling]


def rows(result: Clv, speech: Speech) -> pd.DataFrame:
    """Return how each forecast did over all races, as a table shows it.

    Those that were closest most often come first, of these the ones with the smallest mean
    distance, and last those that failed. Empty without races on earlier days.
    """
    standings = result.standings if result.rolling else []
    lines = [_row(one, speech) for one in standings]
    ran = {one.name for one in standings}
    failed = dict.fromkeys(
        name for race in _races(result) for name in race.left_out if name not in ran
    )
    if result.rolling:
        lines += [(forecast_name(name, speech), "–", "–", "–", "–") for name in failed]
    return table(lines, _HEADERS, speech)


def _row(one: Standing, speech: Speech) -> tuple[str, ...]:
    off = [speech.share(end, 0) for end in one.bias] if one.bias else ["–", "–"]
    return (
        forecast_name(one.name, speech),
        speech.text("{closest:count} of {races:count}", one),
        speech.number(one.deviance, 3),
        *off,
    )


def caption(result: Clv, speech: Speech) -> str:
    """Return the caption of the table."""
    races = _races(result)
    if not result.rolling:
        return speech.text("Forecasts in earlier tests")
    return speech.text(
        "Forecasts in {n:count} test{n:|s} between {first:date} and {last:date}",
        n=len(races),
        first=min(race.start for race in races),
        last=max(race.end for race in races),
    )


def meaning(result: Clv, speech: Speech) -> str:
    """Return whether the forecast in use would have been chosen on earlier days as well."""
    if result.model is None:
        return because(result, "/model", speech)
    if not result.rolling:
        return speech.prose(
            "The history is too short to run the race on earlier days as well, so the choice rests "
            "on one stretch of time."
        )
    return follow(_chosen_before(result, speech), _totals(result, speech))


_CHOSEN = mark(
    {
        "always": "The race was run on {n:count} earlier day{n:|s} as well, and the same forecast "
        "**would have been chosen** {n:then, too|each time}: the choice does not depend on one "
        "stretch of time.",
        "never": "The race was run on {n:count} earlier day{n:|s} as well, and **another** "
        "forecast would have been chosen {n:then|each time} ({instead}): the choice rests on the "
        "latest days alone, and the values may change with the next test.",
        "at times": "The race was run on {n:count} earlier day{n:|s} as well. The same forecast "
        "would have been chosen on **{k:count} of {n:count}**, another on the rest ({instead}): "
        "the choice is close, and the values may change with the next test.",
    }
)


def _chosen_before(result: Clv, speech: Speech) -> str:
    n, k = len(result.rolling), result.chosen_before
    others = dict.fromkeys(race.chosen for race in result.rolling if race.chosen != result.model)
    instead = speech.series(forecast_name(other, speech) for other in others)
    how_often = "always" if k == n else "at times" if k else "never"
    return speech.prose(_CHOSEN[how_often], n=n, k=k, instead=instead)


def _totals(result: Clv, speech: Speech) -> str:
    """Return how often the total of the forecast in use was at most a quarter off."""
    for one in result.standings:
        if one.name == result.model:
            return speech.prose(
                "Its total was at most a quarter off in **{near:count} of {races:count}** "
                "test{races:|s}.",
                one,
            )
    return ""
