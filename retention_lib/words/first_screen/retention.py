"""Lines of the first screen on notebook 03: who came back, the net flow, repeat revenue."""

from __future__ import annotations

from retention_lib.results import Cycle, Fitness, Interval, Retention
from retention_lib.speech import Speech
from retention_lib.words.certainty import MAJORITY, Certainty, at_most, certainty_word, of_rate
from retention_lib.words.first_screen.line import Headline, capital, lowered, missing
from retention_lib.words.reasons import why_not
from retention_lib.words.retention_rate.changes import change_line
from retention_lib.words.retention_rate.growth import EVEN, ratio_certainty
from retention_lib.words.retention_rate.no_churn import Judged, expected_share, judged
from retention_lib.words.season import season_caveat

# --- do customers come back? --------------------------------------------------


def returning_line(result: Retention, cycle: Cycle, fitness: Fitness, speech: Speech) -> Headline:
    """Return the line on established customers who came back, or on all."""
    known = result.returning_rate is not None
    name = (
        speech.text("Established customers who came back")
        if known
        else speech.text("Customers who came back")
    )
    rate, ci95 = result.returning_rate, result.returning_ci95
    if rate is None:
        rate, ci95 = result.retained_rate, result.retained_ci95
    if rate is None:
        return missing(name, why_not(result, "/retained_rate", speech), speech)
    customers = (result.returning_customers if known else result.start_customers) or 0
    found = judged(result, cycle)
    certainty = of_rate(rate, ci95) if found is None else found.certainty
    shown = _rate_range(rate, ci95, customers, speech)
    return Headline(
        name,
        capital(speech.about_share(rate)),
        lowered(shown, certainty, fitness, speech),
        _rate_means(rate, ci95, customers, found, speech),
        certainty_word(at_most(certainty, fitness), speech),
        change_line(result, speech, cycle) if known else "",
    )


def _rate_range(rate: float, ci95: Interval | None, customers: int, speech: Speech) -> str:
    ends = ci95 or (rate, rate)
    return speech.texts(
        "{rate} of {n} customer; 95% interval {ends}",
        "{rate} of {n} customers; 95% interval {ends}",
        customers,
        rate=speech.share(rate),
        ends=speech.range(ends, speech.share),
    )


def _rate_means(
    rate: float, ci95: Interval | None, customers: int, found: Judged | None, speech: Speech
) -> str:
    away = customers - round(rate * customers)
    if customers and not away:
        return speech.text("All of them came back: there is nobody to win back yet.")
    if found is not None:
        return _against_nobody_leaving(found, speech)
    if of_rate(rate, ci95) == "open":
        return speech.text(
            "Whether more stay than go cannot be told from so few; hold off on large changes."
        )
    if rate > MAJORITY:
        return speech.texts(
            "More stay than go; {n} of them has not come back yet.",
            "More stay than go; {n} of them have not come back yet.",
            away,
        )
    return speech.text(
        "More go than stay: keeping customers deserves a test before more is spent on winning them."
    )


def _against_nobody_leaving(found: Judged, speech: Speech) -> str:
    expected = expected_share(found.expected, found.regular, speech)
    if found.side == "below":
        return speech.texts(
            "If nobody left it would be {expected}: about {n} customer short, so keeping deserves a "
            "test.",
            "If nobody left it would be {expected}: about {n} customers short, so keeping deserves a "
            "test.",
            found.gap,
            expected=expected,
        )
    if found.side == "above":
        return speech.text(
            "If nobody left it would be {expected}: nothing to mend by keeping; growth has to come "
            "from winning.",
            expected=expected,
        )
    if found.certainty == "open":
        return speech.text(
            "If nobody left it would be {expected}, which cannot be told apart: no case yet for "
            "spending more on keeping.",
            expected=expected,
        )
    if found.rate < found.low:
        return speech.text(
            "If nobody left it would be {expected}: probably some leave, so test keeping on a small "
            "scale.",
            expected=expected,
        )
    return speech.text(
        "If nobody left it would be {expected}: probably little to mend by keeping.",
        expected=expected,
    )


# --- do more come than go? ----------------------------------------------------


def net_flow_line(result: Retention, cycle: Cycle, fitness: Fitness, speech: Speech) -> Headline:
    """Return the line on customers gained for each one lost."""
    name, ratio = speech.text("Customers gained for each one lost"), result.quick_ratio
    if ratio is None:
        return missing(name, why_not(result, "/quick_ratio", speech), speech)
    certainty = ratio_certainty(result, cycle)
    return Headline(
        name,
        speech.text("About {ratio}", ratio=speech.number(ratio, 1)),
        lowered(_flow_range(result, ratio, speech), certainty, fitness, speech),
        season_caveat(cycle, speech) or _flow_means(result, ratio, certainty, speech),
        certainty_word(at_most(certainty, fitness), speech),
        change_line(result, speech, cycle, "quick_ratio"),
    )


def _flow_range(result: Retention, ratio: float, speech: Speech) -> str:
    gained = (result.new_customers or 0) + (result.resurrected_customers or 0)
    counts = {
        "ratio": speech.number(ratio),
        "gained": speech.count(gained),
        "lost": speech.count(result.lost_customers or 0),
    }
    if result.quick_ratio_ci95 is None:
        return speech.text("{ratio}, from {gained} gained and {lost} lost; no interval", **counts)
    return speech.text(
        "{ratio}, from {gained} gained and {lost} lost; 95% interval {ends}",
        ends=speech.range(result.quick_ratio_ci95, speech.number),
        **counts,
    )


def _flow_means(result: Retention, ratio: float, certainty: Certainty, speech: Speech) -> str:
    if not result.end_customers:
        return speech.text(
            "Nobody bought in the later window: look first whether records are missing."
        )
    if result.new_customers == 0 and result.resurrected_customers == 0:
        return speech.text(
            "Nobody new came and nobody came back: this says nothing about winning customers."
        )
    if result.new_customers == 0:
        return speech.text(
            "Nobody new came, only customers after a pause: this says nothing about winning customers."
        )
    if certainty == "open":
        return speech.text("Whether the base grows or shrinks cannot be told: plan with neither.")
    if ratio > EVEN:
        return speech.text("More come than go: the base grows, as long as arrivals keep up.")
    return speech.text("More go than come: the base shrinks until more are kept, or more are won.")


# --- how much hangs on repeat purchases? --------------------------------------


def repeat_revenue_line(result: Retention, fitness: Fitness, speech: Speech) -> Headline:
    """Return the line on revenue from repeat purchases."""
    name, share = speech.text("Revenue from repeat purchases"), result.repeat_revenue_share
    if share is None:
        return missing(name, why_not(result, "/repeat_revenue_share", speech), speech)
    return Headline(
        name,
        capital(speech.about_share(share)),
        lowered(
            speech.text("{share} of all revenue recorded", share=speech.share(share)),
            "firm",
            fitness,
            speech,
        ),
        _repeat_means(share, speech),
        certainty_word(at_most("firm", fitness), speech),
        change_line(result, speech, name="repeat_revenue_share"),
    )


def _repeat_means(share: float, speech: Speech) -> str:
    if share > MAJORITY:
        return speech.text(
            "Most revenue comes after the first purchase: losing buyers costs more than it shows."
        )
    return speech.text(
        "Most revenue comes from first purchases: the second purchase is where there is room."
    )
