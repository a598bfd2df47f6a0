"""What will the customers buy?"""

from __future__ import annotations

from collections.abc import Callable

from retention_lib.results import Clv, Interval
from retention_lib.speech import Speech, mark
from retention_lib.words.clv import centre, span
from retention_lib.words.clv.race import forever
from retention_lib.words.reasons import because, follow


def meaning(result: Clv, speech: Speech) -> str:
    """Return what the customers will buy and bring, how far ahead, and what the ranges hold."""
    if result.expected_purchases is None:
        return follow(purchases(result, speech), subscribers(result, speech))
    return follow(
        purchases(result, speech),
        span.shortened(result, speech),
        _revenue(result, speech),
        _total(result, speech),
        _prices(result, speech),
        centre.moved(result, speech),
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


def _revenue(result: Clv, speech: Speech) -> str:
    """Return what these purchases bring as they come, before costs and interest."""
    if result.expected_revenue is None:
        return ""
    said = speech.prose("They bring **{expected_revenue:rounded_money}** of revenue.", result)
    return follow(said, interval(result.expected_revenue_ci95, speech.rounded_money, speech))


_TOTAL = mark(
    {
        "margin": "What is left once the goods are paid, later months discounted at "
        "{discount_rate:share 0} a year, is worth **{total_clv:rounded_money}** of margin: their "
        "**customer equity**, {mean_clv:rounded_money} for each customer on average.",
        "revenue": "Later months discounted at {discount_rate:share 0} a year, that is worth "
        "**{total_clv:rounded_money}** of revenue: their **customer equity**, "
        "{mean_clv:rounded_money} for each customer on average. It is not profit, as no costs or "
        "margin are given.",
    }
)


def _total(result: Clv, speech: Speech) -> str:
    if result.total_clv is None:
        return because(result, "/total_clv", speech)
    said = speech.prose(_TOTAL[result.basis], result)
    return follow(said, interval(result.total_clv_ci95, speech.rounded_money, speech))


_PRICES = mark(
    {
        "more": "The same customers paid **{change:share 0} more** for an order each year, so past "
        "amounts are brought to today's level.",
        "less": "The same customers paid **{change:share 0} less** for an order each year, so past "
        "amounts are brought to today's level.",
    }
)


def _prices(result: Clv, speech: Speech) -> str:
    """Return that past amounts were brought to today's prices; "" where they were not."""
    drift = result.price_drift
    if drift is None or not drift.used or result.total_clv is None:
        return ""
    way = "less" if drift.per_year < 0 else "more"
    return speech.prose(_PRICES[way], change=abs(drift.per_year))


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


_WIDENED = mark(
    {
        "even": "The wider one also allows for an error of about {error:share 0}, learnt from "
        "{forecasts:count} earlier forecast{forecasts:|s} and from what is usual.",
        "below": "The wider one also allows for an error of about {error:share 0}, learnt from "
        "{forecasts:count} earlier forecast{forecasts:|s} and from what is usual; it reaches "
        "further **down** than up, as their errors did.",
        "above": "The wider one also allows for an error of about {error:share 0}, learnt from "
        "{forecasts:count} earlier forecast{forecasts:|s} and from what is usual; it reaches "
        "further **up** than down, as their errors did.",
    }
)


def _widened_by(result: Clv, speech: Speech) -> str:
    """Return by what the wider range is wider, and on which side."""
    spread = result.spread
    if spread is None:
        return ""
    if not spread.forecasts:
        return speech.prose(
            "The wider one also allows for an error of about {error:share 0}, as is usual; no "
            "earlier forecast could be checked.",
            spread,
        )
    return speech.prose(_WIDENED[spread.longer], spread)


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
            "{customers:count} subscriber{customers:|s}, forecast from the share who renew; here "
            "those count too who have paid only two or three times, where the amounts tell them.",
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
