"""Which forecast is used?"""

from __future__ import annotations

from typing import Final

import pandas as pd

from retention_lib.results import Clv, Score
from retention_lib.speech import Speech, escape, mark
from retention_lib.words.cells import cell, table
from retention_lib.words.labels import Labels, label
from retention_lib.words.reasons import because, follow, reason

RULES: Final[Labels] = mark(
    {
        "own": "Every customer's own pace so far",
        "cohort": "The pace of all who came in the same quarter",
        "last window": "As many purchases as in the latest days",
    }
)
_HEADERS = mark(
    ("Forecast", "Purchases predicted", "Purchases made", "Total off by", "Distance (deviance)")
)


def forecast_name(name: str | None, speech: Speech) -> str:
    """Return a forecast's name as plain text; models have their own in every language."""
    known = name or ""
    return label(RULES, known, speech) if known in RULES else known


def is_rule(result: Clv) -> bool:
    """Say whether a plain rule stands behind the values, by which nobody leaves."""
    return result.model in RULES


def knows_calendar(result: Clv) -> bool:
    """Say whether the forecast in use knows what the calendar does."""
    return result.model == "MBG/NBD on two clocks"


def meaning(result: Clv, speech: Speech) -> str:
    """Return which forecast is used and why, which model failed, and what that allows."""
    if result.model is None:
        return follow(because(result, "/model", speech), *failed(result, speech))
    return follow(
        _choice(result, speech),
        because(result, "/holdout", speech),
        *failed(result, speech),
        forever(result, speech),
        rough(result, speech),
        speech.prose(_WITHOUT_SUBSCRIBERS) if result.subscribers else "",
    )


_WITHOUT_SUBSCRIBERS = mark(
    "Subscribers are in none of these tests: they are valued by the share who renew."
)
_CHOICE = mark(
    {
        "none better": "**{name}** is used: no other forecast was clearly closer in the test.",
        "clearly better": "**{name}** is used: it was clearly closer than BG/NBD in the test.",
        "biased": "**{name}** is used: BG/NBD was more than a quarter off in the test.",
        "left out": "**{name}** is used: BG/NBD could not be fitted, and of the others this was "
        "the closest in the test.",
    }
)


def _choice(result: Clv, speech: Speech) -> str:
    held, name = result.holdout, forecast_name(result.model, speech)
    if held is None:
        if not result.left_out:
            return speech.prose("**{name}** is used: no test speaks for another.", name=name)
        return speech.prose(
            "**{name}** is used, untested: {failed:listed} could not be fitted.",
            name=name,
            failed=list(result.left_out),
        )
    if result.model == held.chosen:
        return speech.prose(_CHOICE[held.reason], name=name)
    return speech.prose(
        "**{name}** is used: {chosen} did best in the test, but could not be fitted to all of "
        "today's records.",
        name=name,
        chosen=forecast_name(held.chosen, speech),
    )


def failed(result: Clv, speech: Speech) -> list[str]:
    """Return why models could not be fitted, in the test or on all records."""
    tested = {} if result.holdout is None else result.holdout.left_out
    return [escape(reason(why, speech)) for why in (*tested.values(), *result.left_out.values())]


def forever(result: Clv, speech: Speech) -> str:
    """Return what a plain rule, or NBD, takes for granted; "" where customers may leave."""
    if result.model == "NBD":
        return speech.prose(
            "This forecast counts on nobody leaving: the further ahead it looks, the more it "
            "promises."
        )
    if not is_rule(result):
        return ""
    return speech.prose(
        "This forecast counts on everybody staying and buying at the same pace as before: the "
        "further ahead it looks, the more it promises."
    )


def rough(result: Clv, speech: Speech) -> str:
    """Return that the values are a rough guide, where the test says so; else ""."""
    if not result.expected_purchases or not result.far_off or result.tested is None:
        return ""
    return speech.prose(
        "Nobody bought in the days kept for a test: read the values as **a rough guide** to who is "
        "worth more than whom, not as sums."
        if result.tested.off is None
        else "The total of the test was more than a quarter off: read the values as **a rough "
        "guide** to who is worth more than whom, not as sums."
    )


def rows(result: Clv, speech: Speech) -> pd.DataFrame:
    """Return how each forecast did in the test, the closest first, as a table shows it."""
    held = result.holdout
    scores = [] if held is None else sorted(held.models, key=lambda score: score.deviance)
    lines = [_row(score, speech) for score in scores]
    lines += [
        (forecast_name(name, speech), "–", "–", "–", "–")
        for name in (held.left_out if held else {})
    ]
    return table(lines, _HEADERS, speech)


def _row(score: Score, speech: Speech) -> tuple[str, ...]:
    return (
        forecast_name(score.name, speech),
        speech.count(score.predicted),
        speech.count(score.actual),
        cell(score.bias, "share 0", speech),
        speech.number(score.deviance, 3),
    )


def caption(result: Clv, speech: Speech) -> str:
    """Return the caption of the table."""
    if result.holdout is None:
        return speech.text("Forecasts in the test")
    return speech.text(
        "Forecasts of the days from {start:date} to {end:date}, the closest first", result.holdout
    )
