"""Sentences of notebook 04 on the race: which forecast was chosen, and why."""

from __future__ import annotations

from typing import Final

import pandas as pd

from retention_lib.results import Clv, Holdout, Score
from retention_lib.speech import Speech, escape, mark
from retention_lib.words.certainty import is_far_off, model_bias
from retention_lib.words.labels import Labels, label
from retention_lib.words.reasons import because, follow, reason

RULES: Final[Labels] = {
    "own": mark("Every customer's own pace so far"),
    "cohort": mark("The pace of all who came in the same quarter"),
    "last window": mark("As many purchases as in the latest days"),
}


def forecast_name(name: str | None, speech: Speech) -> str:
    """Return a forecast's name as plain text; models have their own in every language."""
    known = name or ""
    return label(RULES, known, speech) if known in RULES else known


def is_rule(result: Clv) -> bool:
    """Say whether a plain rule stands behind the values, by which nobody leaves."""
    return result.model in RULES


# --- which forecast is used? --------------------------------------------------


def choice_meaning(result: Clv, speech: Speech) -> str:
    """Return which forecast is used and why, which model failed, and what that allows."""
    if result.model is None:
        return because(result, "/model", speech)
    return follow(
        _choice(result, speech),
        *_failed(result, speech),
        forever(result, speech),
        rough(result, speech),
        _without_subscribers(result, speech),
    )


def _without_subscribers(result: Clv, speech: Speech) -> str:
    """Return that subscribers take no part in the tests, where there are any."""
    if not result.subscribers:
        return ""
    return speech.prose(
        "Customers who pay as subscribers do are in none of these tests: they are valued by the "
        "share who renew."
    )


def _choice(result: Clv, speech: Speech) -> str:
    held, name = result.holdout, forecast_name(result.model, speech)
    if held is None:
        return follow(_untested(result, name, speech), because(result, "/holdout", speech))
    if result.model != held.chosen:
        return speech.prose(
            "**{name}** is used, because {chosen}, which did best in the test, could not be "
            "fitted to all of today's records.",
            name=name,
            chosen=forecast_name(held.chosen, speech),
        )
    return _by_reason(held, name, speech)


def _untested(result: Clv, name: str, speech: Speech) -> str:
    if not result.left_out:
        return speech.prose(
            "**{name}** is used, because no test could be made that speaks for another.", name=name
        )
    return speech.prose(
        "**{name}** is used, untested, because {failed} could not be fitted.",
        name=name,
        failed=speech.listed(list(result.left_out)),
    )


def _by_reason(held: Holdout, name: str, speech: Speech) -> str:
    if held.reason == "none better":
        return speech.prose(
            "**{name}** is used, because no other forecast was clearly closer in the test.",
            name=name,
        )
    if held.reason == "clearly better":
        return speech.prose(
            "**{name}** is used, because it was clearly closer than BG/NBD in the test.", name=name
        )
    if held.reason == "biased":
        return speech.prose(
            "**{name}** is used, because BG/NBD was more than a quarter off in the test.",
            name=name,
        )
    return speech.prose(
        "**{name}** is used, because BG/NBD could not be fitted and of the others it was the "
        "closest in the test.",
        name=name,
    )


def _failed(result: Clv, speech: Speech) -> list[str]:
    """Return why models could not be fitted, in the test or on all records, each sentence once."""
    tested = {} if result.holdout is None else result.holdout.left_out
    return [escape(reason(why, speech)) for why in (*tested.values(), *result.left_out.values())]


def forever(result: Clv, speech: Speech) -> str:
    """Return what a plain rule takes for granted; "" for a model."""
    if not is_rule(result):
        return ""
    return speech.prose(
        "This forecast takes it that nobody leaves and that everybody goes on at the same pace: "
        "the further ahead it looks, the more it promises."
    )


def rough(result: Clv, speech: Speech) -> str:
    """Return that the values are a rough guide, where the test says so; else ""."""
    if not result.expected_purchases or not is_far_off(result):
        return ""
    if model_bias(result) is None:
        return speech.prose(
            "As nobody bought in the days kept for a test, read the values as **a rough guide** to "
            "who is worth more than whom, not as sums."
        )
    return speech.prose(
        "As the total of the test was more than a quarter off, read the values as **a rough "
        "guide** to who is worth more than whom, not as sums."
    )


# --- how did they do? ---------------------------------------------------------


def race_rows(result: Clv, speech: Speech) -> pd.DataFrame:
    """Return how each forecast did in the test, the closest first, as a table shows it."""
    held = result.holdout
    scores = [] if held is None else sorted(held.models, key=lambda score: score.deviance)
    failed = {} if held is None else held.left_out
    rows = [_row(score, speech) for score in scores]
    rows += [(forecast_name(name, speech), "–", "–", "–", "–") for name in failed]
    headers = [
        speech.text("Forecast"),
        speech.text("Purchases predicted"),
        speech.text("Purchases made"),
        speech.text("Total off by"),
        speech.text("Distance (deviance)"),
    ]
    return pd.DataFrame(rows, columns=headers)


def _row(score: Score, speech: Speech) -> tuple[str, ...]:
    return (
        forecast_name(score.name, speech),
        speech.count(score.predicted),
        speech.count(score.actual),
        "–" if score.bias is None else speech.share(score.bias, 0),
        speech.number(score.deviance, 3),
    )


def race_caption(result: Clv, speech: Speech) -> str:
    """Return the caption of the table of the race."""
    if result.holdout is None:
        return speech.text("Forecasts in the test")
    return speech.text(
        "Forecasts of the days from {start} to {end}, the closest first",
        start=speech.date(result.holdout.start),
        end=speech.date(result.holdout.end),
    )
