"""Sentences of notebook 04: what each customer is worth."""

from __future__ import annotations

import pandas as pd

from retention_lib.results import Clv, Score
from retention_lib.words.certainty import model_bias, outlasts_test, tested_days
from retention_lib.words.formats import Speech
from retention_lib.words.labels import PARAMETERS, label
from retention_lib.words.race import forecast_name, forever, is_rule, rough
from retention_lib.words.reasons import because, follow

GOOD_BIAS, LARGEST_BIAS = 0.10, 0.25


def clv_answer(result: Clv, speech: Speech) -> str:
    """Return the answer of notebook 04 in two sentences; a third where it is a rough guide only."""
    if result.model is None:
        return because(result, "/model", speech)
    return follow(_worth(result, speech), _trust(result, speech), rough(result, speech))


def _worth(result: Clv, speech: Speech) -> str:
    if result.total_clv is None:
        return _purchases(result, speech)
    money, months = speech.about_money(result.total_clv), result.horizon_months
    if result.basis == "margin":
        return speech.proses(
            "Over the next month the customers there are today are expected to bring "
            "**{money}** of margin, in today's money.",
            "Over the next {n} months the customers there are today are expected to bring "
            "**{money}** of margin, in today's money.",
            months,
            money=money,
        )
    return speech.proses(
        "Over the next month the customers there are today are expected to bring **{money}** "
        "of revenue (not profit), in today's money.",
        "Over the next {n} months the customers there are today are expected to bring "
        "**{money}** of revenue (not profit), in today's money.",
        months,
        money=money,
    )


def _purchases(result: Clv, speech: Speech) -> str:
    if result.expected_purchases is None:
        return because(result, "/expected_purchases", speech)
    return speech.proses(
        "Over the next month the customers there are today are expected to buy **{purchases}** "
        "times.",
        "Over the next {n} months the customers there are today are expected to buy "
        "**{purchases}** times.",
        result.horizon_months,
        purchases=speech.count(result.expected_purchases),
    )


def _trust(result: Clv, speech: Speech) -> str:
    """Return in one sentence how far the model may be trusted."""
    bias = model_bias(result)
    if result.holdout is None or bias is None:
        return because(result, "/holdout", speech) or speech.prose(
            "How well the model predicts could not be tested."
        )
    off = speech.share(abs(bias), 0)
    if abs(bias) < 0.005:
        return speech.prose("Tested on days it had not seen, the model was right within 1%.")
    if bias < 0:
        return speech.prose(
            "Tested on days it had not seen, the model predicted **{off} too few** purchases.",
            off=off,
        )
    return speech.prose(
        "Tested on days it had not seen, the model predicted **{off} too many** purchases.", off=off
    )


# --- does the model predict well? ---------------------------------------------


def calibration_title(result: Clv, speech: Speech) -> str:
    """Return the title of the calibration figure."""
    bias = model_bias(result)
    if bias is None:
        return speech.text("Purchases predicted and purchases made")
    if abs(bias) < 0.005:
        return speech.text("The model predicted as many purchases as were made")
    if bias < 0:
        return speech.text(
            "The model predicted {off} too few purchases", off=speech.share(-bias, 0)
        )
    return speech.text("The model predicted {off} too many purchases", off=speech.share(bias, 0))


def calibration_alt(result: Clv, speech: Speech) -> str:
    """Return the alternative text of the calibration figure."""
    score = chosen_score(result)
    if result.holdout is None or score is None:
        return speech.text("The model could not be tested, so there is nothing to draw.")
    return speech.text(
        "Two lines of purchases per customer between {start} and {end}, by how often customers "
        "had bought again before: made ({actual} in all) and predicted ({predicted} in all).",
        start=speech.date(result.holdout.start),
        end=speech.date(result.holdout.end),
        actual=speech.count(score.actual),
        predicted=speech.count(score.predicted),
    )


def chosen_score(result: Clv) -> Score | None:
    """Return how the chosen model did in the holdout."""
    if result.holdout is None:
        return None
    return next((score for score in result.holdout.models if score.name == result.model), None)


def calibration_meaning(result: Clv, speech: Speech) -> str:
    """Return how the model did on days it had not seen, and what that allows."""
    score = chosen_score(result)
    if result.holdout is None or score is None:
        return because(result, "/holdout", speech) or because(result, "/model", speech)
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


def _untested(result: Clv, speech: Speech) -> str:
    """Say that the test is shorter than what is forecast, where it is."""
    if not outlasts_test(result):
        return ""
    return speech.prose(
        "The test covers {days}, the forecast {months}: how well it does over so long has not "
        "been tested.",
        days=speech.days(tested_days(result)),
        months=speech.length(result.horizon_months, "month"),
    )


def _verdict(score: Score, speech: Speech) -> str:
    if score.bias is None:
        return speech.prose("Nobody bought in those days, so the error cannot be put in per cent.")
    if abs(score.bias) <= GOOD_BIAS:
        return speech.prose(
            "That is close: the total of a period like this one can be planned with."
        )
    if abs(score.bias) <= LARGEST_BIAS:
        return speech.prose(
            "That will do to rank customers; totals should be read as give or take a quarter."
        )
    return speech.prose("That is too far off for totals: use the values only to rank customers.")


# --- what will the customers buy? ---------------------------------------------


def expectation_meaning(result: Clv, speech: Speech) -> str:
    """Return what the customers are expected to buy and bring."""
    if result.expected_purchases is None:
        return because(result, "/expected_purchases", speech)
    return follow(
        _purchases(result, speech),
        _total(result, speech),
        _ends(result, speech),
        forever(result, speech),
    )


def _total(result: Clv, speech: Speech) -> str:
    if result.total_clv is None:
        return because(result, "/total_clv", speech)
    rate = speech.share(result.discount_rate, 0)
    money = speech.money(result.total_clv)
    if result.basis == "margin":
        return speech.prose(
            "That is worth **{money}** of margin, later months discounted at {rate} a year.",
            money=money,
            rate=rate,
        )
    return speech.prose(
        "That is worth **{money}** of revenue, later months discounted at {rate} a year; as no "
        "costs or margin are given, it is not profit.",
        money=money,
        rate=rate,
    )


def _ends(result: Clv, speech: Speech) -> str:
    if result.total_clv_ci95 is None:
        return ""
    low, high = result.total_clv_ci95
    return speech.prose(
        "The 95% interval reaches from **{low}** to **{high}**.",
        low=speech.money(low),
        high=speech.money(high),
    )


# --- how is the value spread? -------------------------------------------------


def value_bands_title(result: Clv, speech: Speech) -> str:
    """Return the title of the figure of value by band."""
    if result.top20_share is None:
        return speech.text("How the expected value is spread over customers")
    return speech.text(
        "The most valuable fifth of customers holds {share} of the expected value",
        share=speech.share(result.top20_share, 0),
    )


def value_bands_alt(result: Clv, speech: Speech) -> str:
    """Return the alternative text of the figure of value by band."""
    if result.top20_share is None:
        return speech.text("Without expected values there is nothing to draw.")
    return speech.text(
        "Bars of the share of expected value held by each tenth of customers, from the most to "
        "the least valuable; the first two tenths together hold {share}.",
        share=speech.share(result.top20_share, 0),
    )


def value_bands_meaning(result: Clv, speech: Speech) -> str:
    """Return what the spread of value means."""
    if result.top20_share is None:
        return because(result, "/top20_share", speech)
    share = speech.share(result.top20_share)
    if result.top20_share < 0.5:
        return speech.prose(
            "The most valuable fifth of customers holds **{share}** of all expected value: it is "
            "spread widely, so what is cheap for each customer pays best.",
            share=share,
        )
    return speech.prose(
        "The most valuable fifth of customers holds **{share}** of all expected value: effort "
        "spread evenly over all customers would mostly go to those who bring little.",
        share=share,
    )


# --- who is still a customer? -------------------------------------------------


def alive_meaning(result: Clv, speech: Speech) -> str:
    """Return the mean chance of still being a customer, and how far it may be believed."""
    if result.mean_p_alive is None:
        return because(result, "/mean_p_alive", speech)
    alive = speech.share(result.mean_p_alive, 0)
    if result.model == "BG/NBD":
        return speech.prose(
            "On average the model gives a customer a chance of **{alive}** of still being one. "
            "Read that as an upper limit: BG/NBD lets a customer leave only after a repeat "
            "purchase, so everybody who bought just once is counted as **surely still a "
            "customer**, however long ago it was. Do not use this chance to decide whom to give "
            "up.",
            alive=alive,
        )
    return speech.prose(
        "On average the model gives a customer a chance of **{alive}** of still being one. "
        "{model} lets customers leave after their first purchase too, so the chance of those who "
        "bought just once falls with the time since.",
        alive=alive,
        model=forecast_name(result.model, speech),
    )


# --- what stands behind the model? --------------------------------------------


def parameter_rows(result: Clv, speech: Speech) -> pd.DataFrame:
    """Return the fitted parameters, as a table shows them."""
    errors = result.standard_errors or {}
    rows = [
        (
            forecast_name(result.model, speech),
            label(PARAMETERS, name, speech),
            speech.number(value, 4),
            speech.number(errors[name], 4) if name in errors else "–",
        )
        for name, value in (result.params or {}).items()
    ]
    spend = result.gamma_gamma
    if spend is not None:
        rows += [
            ("Gamma-Gamma", label(PARAMETERS, name, speech), speech.number(value, 4), "–")
            for name, value in (("p", spend.p), ("q", spend.q), ("v", spend.v))
        ]
    headers = [
        speech.text("Model"),
        speech.text("Parameter"),
        speech.text("Estimate"),
        speech.text("Standard error"),
    ]
    return pd.DataFrame(rows, columns=headers)


def parameters_caption(result: Clv, speech: Speech) -> str:
    """Return the caption of the table of parameters."""
    return speech.text("Fitted parameters, time in weeks")


def parameters_meaning(result: Clv, speech: Speech) -> str:
    """Return how well the models fit, in the figures a specialist asks for."""
    if result.log_likelihood is None:
        likelihood = because(result, "/log_likelihood", speech)
    else:
        likelihood = speech.prose(
            "The log-likelihood of {model} is **{value}**.",
            model=forecast_name(result.model, speech),
            value=speech.number(result.log_likelihood),
        )
    if result.model is None:
        return likelihood
    if result.gamma_gamma is None:
        return follow(likelihood, because(result, "/gamma_gamma", speech))
    spend = speech.proses(
        "Gamma-Gamma was fitted on {n} repeat buyer; spend and frequency correlate by "
        "**{correlation}**, and it may be used while that is between −0.3 and 0.3.",
        "Gamma-Gamma was fitted on {n} repeat buyers; spend and frequency correlate by "
        "**{correlation}**, and it may be used while that is between −0.3 and 0.3.",
        result.gamma_gamma.customers,
        correlation=speech.number(result.gamma_gamma.correlation),
    )
    return follow(likelihood, spend)


# --- where is the list of customers? ------------------------------------------


def customers_file_meaning(result: Clv, speech: Speech) -> str:
    """Return what the file of customers holds."""
    if result.model is None:
        return because(result, "/model", speech)
    if is_rule(result):
        return speech.prose(
            "`customers.parquet`, in the private part of the run, lists every customer with their "
            "purchases so far, expected purchases and, where there are amounts, the value expected "
            "of them; it holds no chance of still being a customer."
        )
    if result.total_clv is None:
        return speech.prose(
            "`customers.parquet`, in the private part of the run, lists every customer with "
            "expected purchases and the chance of still being a customer; without amounts it "
            "holds no value in money."
        )
    return speech.prose(
        "`customers.parquet`, in the private part of the run, lists every customer with their "
        "purchases so far, expected purchases, the chance of still being a customer, and the "
        "value expected of them."
    )
