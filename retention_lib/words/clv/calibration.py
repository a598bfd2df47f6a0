"""Sentences of notebook 04 on the test: by kind of customer, week by week, and added up."""

from __future__ import annotations

from retention_lib.results import Clv, Score
from retention_lib.speech import Speech
from retention_lib.words.certainty import chosen_score, model_bias, outlasts_test, tested_days
from retention_lib.words.clv.race import is_rule
from retention_lib.words.reasons import because, follow

GOOD_BIAS, LARGEST_BIAS = 0.10, 0.25
_NONE = 0.005  # an error that is shown as 0 %


def no_test(result: Clv, speech: Speech) -> str:
    """Return why nothing can be said on how the forecast did in the test."""
    return (
        because(result, "/holdout", speech)
        or because(result, "/model", speech)
        or speech.prose("The forecast in use took no part in the test.")
    )


def _nothing_to_draw(speech: Speech) -> str:
    return speech.text("The forecast could not be tested, so there is nothing to draw.")


# --- is it right for each kind of customer? -----------------------------------


def calibration_title(result: Clv, speech: Speech) -> str:
    """Return the title of the calibration figure."""
    bias = model_bias(result)
    if bias is None:
        return speech.text("Purchases predicted and purchases made")
    if abs(bias) < _NONE:
        return speech.text("The forecast foresaw as many purchases as were made")
    if bias < 0:
        return speech.text(
            "The forecast foresaw {off} too few purchases", off=speech.share(-bias, 0)
        )
    return speech.text("The forecast foresaw {off} too many purchases", off=speech.share(bias, 0))


def calibration_alt(result: Clv, speech: Speech) -> str:
    """Return the alternative text of the calibration figure."""
    score = chosen_score(result)
    if result.holdout is None or score is None:
        return _nothing_to_draw(speech)
    return speech.text(
        "Two lines of purchases per customer between {start} and {end}, by how often customers "
        "had bought again before: made ({actual} in all) and predicted ({predicted} in all).",
        start=speech.date(result.holdout.start),
        end=speech.date(result.holdout.end),
        actual=speech.count(score.actual),
        predicted=speech.count(score.predicted),
    )


def calibration_meaning(result: Clv, speech: Speech) -> str:
    """Return how the forecast did on days it had not seen, and what that allows."""
    score = chosen_score(result)
    if result.holdout is None or score is None:
        return no_test(result, speech)
    tested = speech.proses(
        "The forecast was made without the days from {start} to {end} and says what {n} "
        "customer would do in them. Purchases predicted: **{predicted}**; made: **{actual}**.",
        "The forecast was made without the days from {start} to {end} and says what {n} "
        "customers would do in them. Purchases predicted: **{predicted}**; made: **{actual}**.",
        result.holdout.customers,
        start=speech.date(result.holdout.start),
        end=speech.date(result.holdout.end),
        predicted=speech.count(score.predicted),
        actual=speech.count(score.actual),
    )
    return follow(tested, _verdict(score, speech), _untested(result, speech))


def _verdict(score: Score, speech: Speech) -> str:
    if score.bias is None:
        return speech.prose("Nobody bought in those days, so the error cannot be put in per cent.")
    if abs(score.bias) <= GOOD_BIAS:
        return speech.prose(
            "That is close: the total of a period like this one can be planned with."
        )
    if abs(score.bias) <= LARGEST_BIAS:
        return speech.prose(
            "That will do to rank customers; of a total read the range, not the single figure."
        )
    return speech.prose("That is too far off for totals: use the values only to rank customers.")


def _untested(result: Clv, speech: Speech) -> str:
    """Say that no test looked as far ahead as the value does, where none did."""
    if not outlasts_test(result):
        return ""
    return speech.prose(
        "The longest test looks {days} ahead, the value {months}: how well the forecast does over "
        "so long has not been tested.",
        days=speech.days(tested_days(result)),
        months=speech.months(result.horizon_months),
    )


# --- is it right week by week? ------------------------------------------------


def tracking_title(result: Clv, speech: Speech) -> str:
    """Return the title of the figure of purchases week by week."""
    bias = model_bias(result)
    if bias is None:
        return speech.text("Purchases week by week, predicted and made")
    if abs(bias) < _NONE:
        return speech.text("Week by week: as many predicted as made over the test")
    if bias < 0:
        return speech.text(
            "Week by week: {off} too few predicted over the test", off=speech.share(-bias, 0)
        )
    return speech.text(
        "Week by week: {off} too many predicted over the test", off=speech.share(bias, 0)
    )


def tracking_alt(result: Clv, speech: Speech) -> str:
    """Return the alternative text of the figure of purchases week by week."""
    score = chosen_score(result)
    if result.holdout is None or score is None:
        return _nothing_to_draw(speech)
    drawn = speech.text(
        "Two lines of repeat purchases in each week up to {end}, made and predicted; the days from "
        "{start} on were kept from the forecast.",
        start=speech.date(result.holdout.start),
        end=speech.date(result.holdout.end),
    )
    return follow(drawn, _begins_late(result, speech))


def _begins_late(result: Clv, speech: Speech) -> str:
    """Return that the line of a plain rule begins with the test; "" for a model."""
    if result.holdout is None or not is_rule(result):
        return ""
    return speech.text(
        "The line of the forecast begins on {start}: a plain rule says nothing of the days before.",
        start=speech.date(result.holdout.start),
    )


def tracking_meaning(result: Clv, speech: Speech) -> str:
    """Return what the weeks show of the forecast, and what to look for."""
    if result.holdout is None or chosen_score(result) is None:
        return no_test(result, speech)
    return follow(
        speech.prose(
            "Only the weeks from **{start}** on are a test; those before were known to the "
            "forecast.",
            start=speech.date(result.holdout.start),
        )
        if not is_rule(result)
        else _begins_late(result, speech),
        speech.prose(
            "Peaks that the forecast does not follow are sales and seasons, of which it knows "
            "nothing: **plan single weeks from the calendar, not from it**. Look instead whether "
            "it stays on one side of what was made for weeks on end."
        ),
        _weekly_lean(result, speech),
    )


def _weekly_lean(result: Clv, speech: Speech) -> str:
    """Return how far off the weeks of the test were together."""
    bias = model_bias(result)
    if bias is None:
        return ""
    off = speech.share(abs(bias), 0)
    if not bias:
        return speech.prose("Over the test as a whole it foresaw as many purchases as were made.")
    if abs(bias) <= GOOD_BIAS:
        return speech.prose(
            "Over the test as a whole it was {off} off: weeks too high and weeks too low nearly "
            "made up for each other.",
            off=off,
        )
    if bias < 0:
        return speech.prose(
            "Over the test as a whole it was **{off} too low**: customers kept buying more than it "
            "reckoned with.",
            off=off,
        )
    return speech.prose(
        "Over the test as a whole it was **{off} too high**: customers bought less, or left sooner, "
        "than it reckoned with.",
        off=off,
    )


# --- is it right when added up? -----------------------------------------------


def tracking_total_title(result: Clv, speech: Speech) -> str:
    """Return the title of the figure of purchases added up."""
    bias = model_bias(result)
    if bias is None:
        return speech.text("Purchases added up, predicted and made")
    if abs(bias) < _NONE:
        return speech.text("Added up over the test, the forecast adds as many as were made")
    if bias < 0:
        return speech.text(
            "Added up over the test, the forecast adds {off} too few", off=speech.share(-bias, 0)
        )
    return speech.text(
        "Added up over the test, the forecast adds {off} too many", off=speech.share(bias, 0)
    )


def tracking_total_alt(result: Clv, speech: Speech) -> str:
    """Return the alternative text of the figure of purchases added up."""
    score = chosen_score(result)
    if result.holdout is None or score is None:
        return _nothing_to_draw(speech)
    drawn = speech.text(
        "Two rising lines of repeat purchases added up to {end}, made and predicted. From {start} "
        "on, the days kept from the forecast, {actual} were made and {predicted} predicted.",
        start=speech.date(result.holdout.start),
        end=speech.date(result.holdout.end),
        actual=speech.count(score.actual),
        predicted=speech.count(score.predicted),
    )
    return follow(drawn, _begins_late(result, speech))


def tracking_total_meaning(result: Clv, speech: Speech) -> str:
    """Return what the purchases added up show of the forecast, and what to look for."""
    score = chosen_score(result)
    if result.holdout is None or score is None:
        return no_test(result, speech)
    added = speech.prose(
        "Added up, good and bad weeks cancel, and what is left is a steady error: from {start} to "
        "{end} the forecast adds **{predicted}** purchases, customers made **{actual}**.",
        start=speech.date(result.holdout.start),
        end=speech.date(result.holdout.end),
        predicted=speech.count(score.predicted),
        actual=speech.count(score.actual),
    )
    return follow(
        added,
        speech.prose(
            "A gap that widens week after week will go on widening over the time that the value "
            "looks ahead. A gap that opens at once and then stays comes from one event, a sale or "
            "a stop, and says little about the time to come."
        ),
    )
