"""Lines of the first screen on notebook 03: who came back, the net flow, repeat revenue."""

from __future__ import annotations

from retention_lib.results import Cycle, Fitness, HeadlineRate, Judged, NetFlow, Retention
from retention_lib.speech import Speech, mark
from retention_lib.stats.certainty import MAJORITY
from retention_lib.words.certainty import at_most, certainty_word
from retention_lib.words.first_screen.line import Headline, capital, lowered, missing
from retention_lib.words.reasons import why_not
from retention_lib.words.retention_rate import changes
from retention_lib.words.retention_rate.answer import expected_share
from retention_lib.words.season import season_caveat

# --- do customers come back? --------------------------------------------------


def returning_line(result: Retention, cycle: Cycle, fitness: Fitness, speech: Speech) -> Headline:
    """Return the line on established customers who came back, or on all."""
    head, found = result.headline, result.judged
    if head is None:
        name = speech.text("Customers who came back")
        return missing(name, why_not(result, "/retained_rate", speech), speech)
    certainty = found.certainty if found else head.certainty
    shown = speech.text(
        "{rate:share} of {customers:count} customer{customers:|s}; 95% interval {ci95:range share}",
        head,
    )
    return Headline(
        speech.text(_NAMES[head.established]),
        capital(speech.about_share(head.rate)),
        lowered(shown, certainty, fitness, speech),
        _rate_means(head, found, speech),
        certainty_word(at_most(certainty, fitness), speech),
        changes.line(result, speech) if head.established else "",
    )


_NAMES = mark({True: "Established customers who came back", False: "Customers who came back"})
_STAY = mark(
    {
        "unclear": "Whether more stay than go cannot be told from so few; hold off on large changes.",
        "above": "More stay than go; {away:count} of them {away:has|have} not come back yet.",
        "below": "More go than stay: keeping customers deserves a test before more is spent on "
        "winning them.",
    }
)
_AGAINST = mark(
    {
        "below": "If nobody left it would be {expected}: about {gap:count} customer{gap:|s} short, so "
        "keeping deserves a test.",
        "above": "If nobody left it would be {expected}: nothing to mend by keeping; growth has to "
        "come from winning.",
        "open": "If nobody left it would be {expected}, which cannot be told apart: no case yet for "
        "spending more on keeping.",
        "likely below": "If nobody left it would be {expected}: probably some leave, so test keeping "
        "on a small scale.",
        "likely above": "If nobody left it would be {expected}: probably little to mend by keeping.",
    }
)


def _rate_means(head: HeadlineRate, found: Judged | None, speech: Speech) -> str:
    away = head.customers - round(head.rate * head.customers)
    if head.customers and not away:
        return speech.text("All of them came back: there is nobody to win back yet.")
    if found is not None:
        return _against_nobody_leaving(head, found, speech)
    side = "above" if head.rate > MAJORITY else "below"
    return speech.text(_STAY["unclear" if head.certainty == "open" else side], away=away)


def _against_nobody_leaving(head: HeadlineRate, found: Judged, speech: Speech) -> str:
    kind: str = found.side
    if kind == "unclear":
        likely = "likely below" if head.rate < found.low else "likely above"
        kind = "open" if found.certainty == "open" else likely
    expected = expected_share(found.expected, found.regular, speech)
    return speech.text(_AGAINST[kind], found, expected=expected)


# --- do more come than go? ----------------------------------------------------

_RANGES = mark(
    {  # whether there is an interval
        True: "{quick_ratio:number}, from {gained:count} gained and {lost_customers:count} lost; 95% "
        "interval {quick_ratio_ci95:range number}",
        False: "{quick_ratio:number}, from {gained:count} gained and {lost_customers:count} lost; no "
        "interval",
    }
)
_FLOWS = mark(
    {
        "none came": "Nobody bought in the later window: look first whether records are missing.",
        "none gained": "Nobody new came and nobody came back: this says nothing about winning "
        "customers.",
        "closed": "Nobody new came, only customers after a pause: this says nothing about winning "
        "customers.",
        "open": "Whether the base grows or shrinks cannot be told: plan with neither.",
        "grows": "More come than go: the base grows, as long as arrivals keep up.",
        "shrinks": "More go than come: the base shrinks until more are kept, or more are won.",
    }
)


def net_flow_line(result: Retention, cycle: Cycle, fitness: Fitness, speech: Speech) -> Headline:
    """Return the line on customers gained for each one lost."""
    name, flow = speech.text("Customers gained for each one lost"), result.net_flow
    if result.quick_ratio is None or flow is None:
        return missing(name, why_not(result, "/quick_ratio", speech), speech)
    message = _RANGES[result.quick_ratio_ci95 is not None]
    shown = speech.text(message, result, gained=flow.gained)
    return Headline(
        name,
        speech.text("About {quick_ratio:number 1}", result),
        lowered(shown, flow.certainty, fitness, speech),
        season_caveat(cycle, speech) or speech.text(_FLOWS[_flow_kind(result, flow)]),
        certainty_word(at_most(flow.certainty, fitness), speech),
        changes.line(result, speech, "quick_ratio"),
    )


def _flow_kind(result: Retention, flow: NetFlow) -> str:
    if not result.end_customers:
        return "none came"
    if flow.closed:
        return "closed" if flow.gained else "none gained"
    if flow.certainty == "open":
        return "open"
    return "grows" if flow.change > 0 else "shrinks"


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
        changes.line(result, speech, "repeat_revenue_share"),
    )


def _repeat_means(share: float, speech: Speech) -> str:
    if share > MAJORITY:
        return speech.text(
            "Most revenue comes after the first purchase: losing buyers costs more than it shows."
        )
    return speech.text(
        "Most revenue comes from first purchases: the second purchase is where there is room."
    )
