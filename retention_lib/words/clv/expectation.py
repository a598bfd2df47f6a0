"""What will the customers buy?"""

from __future__ import annotations

from collections.abc import Callable

from retention_lib.results import Clv, Interval
from retention_lib.speech import Speech, mark
from retention_lib.words.clv.race import forever
from retention_lib.words.reasons import because, follow


def meaning(result: Clv, speech: Speech) -> str:
    """Return what the customers are expected to buy and bring, with both ranges and why."""
    if result.expected_purchases is None:
        return follow(purchases(result, speech), subscribers(result, speech))
    return follow(
        purchases(result, speech),
        _total(result, speech),
        _own_range(result, speech),
        _widened_by(result, speech),
        subscribers(result, speech),
        forever(result, speech),
    )


def purchases(result: Clv, speech: Speech) -> str:
    """Return how often the customers are expected to buy."""
    if result.expected_purchases is None:
        return because(result, "/expected_purchases", speech)
    said = speech.prose(
        "Within {horizon_months:months}, today's customers are expected to buy "
        "**{expected_purchases:rounded_count}** times.",
        result,
    )
    return follow(said, interval(result.expected_purchases_ci95, speech.rounded_count, speech))


def interval(ci95: Interval | None, form: Callable[[float], str], speech: Speech) -> str:
    """Return the range of a figure, each end in the given format; "" without one."""
    if ci95 is None:
        return ""
    return speech.prose(
        "The 95% interval goes from **{low}** to **{high}**.", low=form(ci95[0]), high=form(ci95[1])
    )


_TOTAL = mark(
    {
        "margin": "That is worth **{total_clv:rounded_money}** of margin, what is left once the "
        "goods are paid, later months discounted at {discount_rate:share 0} a year: their "
        "**customer equity**.",
        "revenue": "That is worth **{total_clv:rounded_money}** of revenue, later months "
        "discounted at {discount_rate:share 0} a year: their **customer equity**. It is not "
        "profit, as no costs or margin are given.",
    }
)


def _total(result: Clv, speech: Speech) -> str:
    if result.total_clv is None:
        return because(result, "/total_clv", speech)
    said = speech.prose(_TOTAL[result.basis], result)
    return follow(said, interval(result.total_clv_ci95, speech.rounded_money, speech))


def _own_range(result: Clv, speech: Speech) -> str:
    """Return the forecast's own range, of money where there is money, and why it is too narrow."""
    if result.spread is None:
        return ""
    money = result.total_clv_own_ci95
    ends = money or result.expected_purchases_own_ci95
    if ends is None:
        return ""
    form = speech.rounded_money if money else speech.rounded_count
    return speech.prose(
        "The forecast's own range, from **{low}** to **{high}**, is too narrow: it allows for "
        "chance, but not for the forecast itself being wrong.",
        low=form(ends[0]),
        high=form(ends[1]),
    )


def _widened_by(result: Clv, speech: Speech) -> str:
    """Return by what the wider range is wider."""
    spread = result.spread
    if spread is None:
        return ""
    if not spread.forecasts:
        return speech.prose(
            "The wider one also allows for an error of about {error:share 0}, as is usual; no "
            "earlier forecast could be checked.",
            spread,
        )
    return speech.prose(
        "The wider one also allows for an error of about {error:share 0}, learnt from "
        "{forecasts:count} earlier forecast{forecasts:|s} and from what is usual.",
        spread,
    )


def subscribers(result: Clv, speech: Speech) -> str:
    """Return what subscribers are expected to do, among all or alone; "" without any."""
    total = result.subscribed
    if not total.customers:
        return ""
    if result.expected_purchases is None:
        said = speech.prose(
            "Subscribers are not among these: {customers:count} {customers:is|are} expected to be "
            "charged **{expected_purchases:rounded_count}** times within {months:months}.",
            total,
            months=result.horizon_months,
        )
    else:
        said = speech.prose(
            "Of these purchases, **{expected_purchases:rounded_count}** come from "
            "{customers:count} subscriber{customers:|s}, forecast from the share who renew.",
            total,
        )
    if total.share is not None:
        return follow(
            said,
            speech.prose(
                "They are worth **{value:rounded_money}** ({share:share 0} of the sum).", total
            ),
        )
    if total.value is None:
        return said
    return follow(said, speech.prose("They are worth **{value:rounded_money}**.", total))
