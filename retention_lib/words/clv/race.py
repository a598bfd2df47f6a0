"""Which forecast is used?"""

from __future__ import annotations

from typing import Final

import pandas as pd

from retention_lib.results import Clv, Holdout, Standing
from retention_lib.speech import Speech, escape, mark
from retention_lib.words.cells import UNKNOWN, cell, table
from retention_lib.words.labels import Labels, label, model_name
from retention_lib.words.reasons import because, follow, reason

RULES: Final[Labels] = mark(
    {
        "own": "Every customer's own pace so far",
        "cohort": "The pace of all who came in the same quarter",
        "last window": "As many purchases as in the latest days",
    }
)
_HEADERS = mark(
    (
        "Forecast",
        "Times closest",
        "Distance of totals, on average",
        "Total off by, lowest",
        "Total off by, highest",
        "Distance per customer (deviance)",
    )
)


def forecast_name(name: str | None, speech: Speech) -> str:
    """Return a forecast's name as plain text."""
    known = name or ""
    return label(RULES, known, speech) if known in RULES else model_name(known, speech)


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
        _near(result, speech),
        because(result, "/holdout", speech),
        *failed(result, speech),
        forever(result, speech),
        rough(result, speech),
        speech.prose(_WITHOUT_SUBSCRIBERS) if result.subscribers else "",
    )


_WITHOUT_SUBSCRIBERS = mark(
    "Subscribers are in none of these tests: they are valued by the share who renew."
)
_BY_RECORD: Final = mark(
    {
        "none better": "**{name}** is used: no other model's totals came clearly closer, over "
        "{days:days} from {races:count} earlier day{races:|s} on.",
        "clearly better": "**{name}** is used: its totals came clearly closer than BG/NBD's, over "
        "{days:days} from {races:count} earlier day{races:|s} on.",
        "rule": "**{name}** is used: its totals came at least a fifth closer than any model's, over "
        "{days:days} from {races:count} earlier day{races:|s} on.",
        "calendar": "**{name}** is used: the calendar clearly shows in the purchases, and no other "
        "forecast came clearly closer where this one knew as much of it, among tests over "
        "{days:days} from {races:count} earlier day{races:|s} on.",
        "left out": "**{name}** is used: BG/NBD could not be fitted on most of {races:count} earlier "
        "day{races:|s}, and of the others this came closest over {days:days}.",
    }
)
_BY_TEST: Final = mark(
    {
        "none better": "**{name}** is used: no other forecast was clearly closer in the test, and "
        "nothing longer could be tested.",
        "clearly better": "**{name}** is used: it was clearly closer than BG/NBD in the test, and "
        "nothing longer could be tested.",
        "biased": "**{name}** is used: BG/NBD was more than a quarter off in the test, and nothing "
        "longer could be tested.",
        "left out": "**{name}** is used: BG/NBD could not be fitted, and of the others this was the "
        "closest in the test. Nothing longer could be tested.",
    }
)


def _choice(result: Clv, speech: Speech) -> str:
    choice, name = result.choice, forecast_name(result.model, speech)
    if choice is None:
        return because(result, "/choice", speech)
    if result.model != choice.chosen:
        return speech.prose(
            "**{name}** is used: {chosen} did best in the tests, but could not be fitted to all of "
            "today's records.",
            name=name,
            chosen=forecast_name(choice.chosen, speech),
        )
    if choice.by == "holdout":
        return speech.prose(_BY_TEST[choice.reason], name=name)
    rule = choice.chosen in RULES and choice.reason == "clearly better"
    return speech.prose(_BY_RECORD["rule" if rule else choice.reason], choice, name=name)


def _near(result: Clv, speech: Speech) -> str:
    """Return how often the total of the forecast in use was at most a quarter off."""
    for one in result.standings:
        if one.name == result.model and one.races > 1:
            return speech.prose(
                "Its total was at most a quarter off in **{near:count} of {races:count}**.", one
            )
    return ""


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
    """Return how each forecast did in the tests that decided, the closest first, as a table shows it."""
    ran = {one.name for one in result.standings}
    left_out = dict.fromkeys(
        name for race in _races(result) for name in race.left_out if name not in ran
    )
    lines = [_row(one, speech) for one in result.standings]
    lines += [(forecast_name(name, speech), *[UNKNOWN] * 5) for name in left_out]
    return table(lines, _HEADERS, speech)


def _races(result: Clv) -> list[Holdout]:
    """Return the tests that decided: those as long as the value, or the latest one."""
    return result.rolling or ([result.holdout] if result.holdout else [])


def _row(one: Standing, speech: Speech) -> tuple[str, ...]:
    low, high = one.bias or (None, None)
    return (
        forecast_name(one.name, speech),
        speech.text("{closest:count} of {races:count}", one),
        speech.number(one.distance, 3),
        cell(low, "share 0", speech),
        cell(high, "share 0", speech),
        speech.number(one.deviance, 3),
    )


def caption(result: Clv, speech: Speech) -> str:
    """Return the caption of the table."""
    races = _races(result)
    if not races:
        return speech.text("Forecasts in the tests")
    if not result.rolling:
        return speech.text(
            "Forecasts of the days from {start:date} to {end:date}, the closest first", races[0]
        )
    return speech.text(
        "Forecasts of {days:days}, {n:count} time{n:|s} between {first:date} and {last:date}, the "
        "closest first",
        days=races[0].days,
        n=len(races),
        first=min(race.start for race in races),
        last=max(race.end for race in races),
    )
