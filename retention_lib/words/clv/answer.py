"""Sentences of notebook 04: what the customers are worth together, and how sure that is."""

from __future__ import annotations

from math import expm1

from retention_lib.results import Clv, Interval
from retention_lib.speech import Speech, mark
from retention_lib.words.certainty import chosen_score
from retention_lib.words.clv.calibration import no_test
from retention_lib.words.clv.past_forecasts import held_sentence, lean_sentence, past
from retention_lib.words.clv.race import forever, rough
from retention_lib.words.reasons import because, follow
from retention_lib.words.variants import answering


@answering
def clv_answer(result: Clv, speech: Speech) -> str:
    """Return the answer of notebook 04: the sum with its range, and how far it may be trusted.

    A further sentence says that all earlier forecasts erred on one side, or that the sum is a
    rough guide only.
    """
    if result.model is None:
        return follow(because(result, "/model", speech), _subscribers_alone(result, speech))
    return follow(
        _worth(result, speech),
        _trust(result, speech),
        lean_sentence(result, speech),
        rough(result, speech),
    )


_WORTH: dict[tuple[str, bool], tuple[str, str]] = {
    ("margin", True): (
        mark(
            "Over the next month the customers there are today are expected to bring **{money}** "
            "of margin, between **{low}** and **{high}** (95% interval), in today's money: their "
            "customer equity."
        ),
        mark(
            "Over the next {n} months the customers there are today are expected to bring "
            "**{money}** of margin, between **{low}** and **{high}** (95% interval), in today's "
            "money: their customer equity."
        ),
    ),
    ("margin", False): (
        mark(
            "Over the next month the customers there are today are expected to bring **{money}** "
            "of margin, in today's money: their customer equity."
        ),
        mark(
            "Over the next {n} months the customers there are today are expected to bring "
            "**{money}** of margin, in today's money: their customer equity."
        ),
    ),
    ("revenue", True): (
        mark(
            "Over the next month the customers there are today are expected to bring **{money}** "
            "of revenue (not profit), between **{low}** and **{high}** (95% interval), in today's "
            "money: their customer equity."
        ),
        mark(
            "Over the next {n} months the customers there are today are expected to bring "
            "**{money}** of revenue (not profit), between **{low}** and **{high}** (95% "
            "interval), in today's money: their customer equity."
        ),
    ),
    ("revenue", False): (
        mark(
            "Over the next month the customers there are today are expected to bring **{money}** "
            "of revenue (not profit), in today's money: their customer equity."
        ),
        mark(
            "Over the next {n} months the customers there are today are expected to bring "
            "**{money}** of revenue (not profit), in today's money: their customer equity."
        ),
    ),
}


def _worth(result: Clv, speech: Speech) -> str:
    if result.total_clv is None:
        return _purchases(result, speech)
    ci95 = result.total_clv_ci95
    low, high = ci95 or (0.0, 0.0)
    return speech.proses(
        *_WORTH[result.basis, ci95 is not None],
        result.horizon_months,
        money=speech.about_money(result.total_clv),
        low=speech.about_money(low),
        high=speech.about_money(high),
    )


def _purchases(result: Clv, speech: Speech) -> str:
    if result.expected_purchases is None:
        return because(result, "/expected_purchases", speech)
    purchases, ci95 = result.expected_purchases, result.expected_purchases_ci95
    if ci95 is None:
        return speech.proses(
            "Over the next month the customers there are today are expected to buy "
            "**{purchases}** times.",
            "Over the next {n} months the customers there are today are expected to buy "
            "**{purchases}** times.",
            result.horizon_months,
            purchases=speech.rounded_count(purchases),
        )
    return speech.proses(
        "Over the next month the customers there are today are expected to buy **{purchases}** "
        "times, between **{low}** and **{high}** (95% interval).",
        "Over the next {n} months the customers there are today are expected to buy "
        "**{purchases}** times, between **{low}** and **{high}** (95% interval).",
        result.horizon_months,
        purchases=speech.rounded_count(purchases),
        low=speech.rounded_count(ci95[0]),
        high=speech.rounded_count(ci95[1]),
    )


def _trust(result: Clv, speech: Speech) -> str:
    """Return in one sentence how far the forecast may be trusted: from earlier ones, or the test."""
    if past(result):
        return held_sentence(result, speech)
    score = chosen_score(result)
    if score is None:
        return no_test(result, speech)
    if score.bias is None:
        return speech.prose("Nobody bought in the days kept for a test, so it tells little.")
    off = speech.share(abs(score.bias), 0)
    if abs(score.bias) < 0.005:
        return speech.prose("Tested on days it had not seen, the forecast was right within 1%.")
    if score.bias < 0:
        return speech.prose(
            "Tested on days it had not seen, the forecast foresaw **{off} too few** purchases.",
            off=off,
        )
    return speech.prose(
        "Tested on days it had not seen, the forecast foresaw **{off} too many** purchases.",
        off=off,
    )


# --- what will the customers buy? ---------------------------------------------


def expectation_meaning(result: Clv, speech: Speech) -> str:
    """Return what the customers are expected to buy and bring, with both ranges and why."""
    if result.expected_purchases is None:
        why = because(result, "/expected_purchases", speech)
        return follow(why, _subscribers_alone(result, speech))
    return follow(
        _purchases(result, speech),
        _total(result, speech),
        _not_profit(result, speech),
        _own_range(result, speech),
        _widened_by(result, speech),
        _subscribers(result, speech),
        forever(result, speech),
    )


def _total(result: Clv, speech: Speech) -> str:
    if result.total_clv is None:
        return because(result, "/total_clv", speech)
    values = {
        "money": speech.rounded_money(result.total_clv),
        "discounted": _discounted(result, speech),
    }
    if result.total_clv_ci95 is None:
        return speech.prose(
            "That is worth **{money}**, {discounted}: their **customer equity**.",
            **values,
        )
    low, high = (speech.rounded_money(end) for end in result.total_clv_ci95)
    return speech.prose(
        "That is worth **{money}**, between **{low}** and **{high}** (95% interval), {discounted}: "
        "their **customer equity**.",
        low=low,
        high=high,
        **values,
    )


def _discounted(result: Clv, speech: Speech) -> str:
    """Return what later months count."""
    if not result.discount_rate:
        return speech.text("later months counted in full")
    return speech.text(
        "later months discounted at {rate} a year", rate=speech.share(result.discount_rate, 0)
    )


def _not_profit(result: Clv, speech: Speech) -> str:
    """Return what kind of money that is."""
    if result.total_clv is None:
        return ""
    if result.basis == "margin":
        return speech.prose("It is margin: what is left once the goods are paid.")
    return speech.prose("It is revenue, not profit, as no costs or margin are given.")


def _own_range(result: Clv, speech: Speech) -> str:
    """Return the forecast's own range, of money where there is money, and why it is too narrow."""
    if result.total_clv_own_ci95 is not None and result.total_clv_ci95 is not None:
        ends = _money_ends(result.total_clv_own_ci95, speech)
    elif result.expected_purchases_own_ci95 is not None:
        if result.expected_purchases_ci95 is None:
            return ""
        low, high = result.expected_purchases_own_ci95
        ends = {"low": speech.rounded_count(low), "high": speech.rounded_count(high)}
    else:
        return ""
    return speech.prose(
        "The forecast's own range, between **{low}** and **{high}**, is too narrow, because it "
        "knows only chance and not how wrong the forecast itself may be.",
        **ends,
    )


def _money_ends(ends: Interval, speech: Speech) -> dict[str, str]:
    return {"low": speech.rounded_money(ends[0]), "high": speech.rounded_money(ends[1])}


def _widened_by(result: Clv, speech: Speech) -> str:
    """Return by what the wider range is wider."""
    if result.spread is None:
        return ""
    off = speech.share(expm1(result.spread.record), 0)
    if not result.spread.forecasts:
        return speech.prose(
            "The wider one also reckons with an error of about {off}, as is usual; no earlier "
            "forecast could be checked.",
            off=off,
        )
    return speech.proses(
        "The wider one also reckons with an error of about {off}, learnt from {n} earlier forecast "
        "and from what is usual.",
        "The wider one also reckons with an error of about {off}, learnt from {n} earlier "
        "forecasts and from what is usual.",
        result.spread.forecasts,
        off=off,
    )


def _subscribers(result: Clv, speech: Speech) -> str:
    """Return the share of those who pay as subscribers do; "" without any."""
    customers = sum(kind.customers for kind in result.subscribers)
    if not customers:
        return ""
    purchases = speech.rounded_count(sum(kind.expected_purchases for kind in result.subscribers))
    values = [kind.value for kind in result.subscribers if kind.value is not None]
    if not result.total_clv or not values:
        return speech.proses(
            "Of these purchases, **{purchases}** come from {n} customer who pays as subscribers do, "
            "reckoned from the share who renew.",
            "Of these purchases, **{purchases}** come from {n} customers who pay as subscribers do, "
            "reckoned from the share who renew.",
            customers,
            purchases=purchases,
        )
    return speech.proses(
        "Of this, **{purchases}** purchases and **{money}** ({share} of the sum) come from {n} "
        "customer who pays as subscribers do, reckoned from the share who renew.",
        "Of this, **{purchases}** purchases and **{money}** ({share} of the sum) come from {n} "
        "customers who pay as subscribers do, reckoned from the share who renew.",
        customers,
        purchases=purchases,
        money=speech.rounded_money(sum(values)),
        share=speech.share(sum(values) / result.total_clv, 0),
    )


def _subscribers_alone(result: Clv, speech: Speech) -> str:
    """Return what subscribers are expected to do where nothing is said of all others."""
    customers = sum(kind.customers for kind in result.subscribers)
    if not customers:
        return ""
    values = [kind.value for kind in result.subscribers if kind.value is not None]
    counted = {
        "purchases": speech.rounded_count(
            sum(kind.expected_purchases for kind in result.subscribers)
        ),
        "months": speech.months(result.horizon_months),
    }
    if not values:
        return speech.proses(
            "Subscribers are not among these: {n} customer who pays as subscribers do is expected "
            "to be charged **{purchases}** times in the next {months}.",
            "Subscribers are not among these: {n} customers who pay as subscribers do are expected "
            "to be charged **{purchases}** times in the next {months}.",
            customers,
            **counted,
        )
    return speech.proses(
        "Subscribers are not among these: {n} customer who pays as subscribers do is expected to "
        "be charged **{purchases}** times in the next {months}, worth **{money}**.",
        "Subscribers are not among these: {n} customers who pay as subscribers do are expected to "
        "be charged **{purchases}** times in the next {months}, worth **{money}**.",
        customers,
        money=speech.rounded_money(sum(values)),
        **counted,
    )
