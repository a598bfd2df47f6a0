"""Sentences of notebook 05: where the next effort should go."""

from __future__ import annotations

import pandas as pd

from retention_lib.results import Claim, Concentration, Recommendations, Segment
from retention_lib.speech import Speech, escape
from retention_lib.words.certainty import certainty_word
from retention_lib.words.labels import STATES, VERDICTS, label
from retention_lib.words.reasons import because, follow
from retention_lib.words.recommendations.actions import action_line
from retention_lib.words.variants import answering


@answering
def recommendations_answer(result: Recommendations, speech: Speech) -> str:
    """Return the answer of notebook 05 in two sentences."""
    return follow(_hangs(result, speech), _first_step(result, speech))


def _hangs(result: Recommendations, speech: Speech) -> str:
    if result.repeat_revenue_share is not None:
        return speech.prose(
            "**{share}** of all revenue comes from purchases after a customer's first.",
            share=speech.share(result.repeat_revenue_share, 0),
        )
    return because(result, "/repeat_revenue_share", speech)


def _first_step(result: Recommendations, speech: Speech) -> str:
    if not result.actions:
        return speech.prose("The figures do not point to a next step.")
    return escape(action_line(result.actions[0], speech))


# --- how much hangs on few customers? -----------------------------------------


def lorenz_title(result: Recommendations, speech: Speech) -> str:
    """Return the title of the figure of concentration."""
    if result.concentration is None:
        return speech.text("Share of spend held by the largest customers")
    return speech.text(
        "The largest fifth of customers brought {share} of all spend",
        share=speech.share(result.concentration.top20_share, 0),
    )


def lorenz_alt(result: Recommendations, speech: Speech) -> str:
    """Return the alternative text of the figure of concentration."""
    if result.concentration is None:
        return speech.text("Without amounts there is nothing to draw.")
    return speech.text(
        "Curve of the share of all spend held by the largest customers: the first fifth holds "
        "{share}; a straight line shows equal customers.",
        share=speech.share(result.concentration.top20_share, 0),
    )


def lorenz_meaning(result: Recommendations, speech: Speech) -> str:
    """Return how much hangs on few customers."""
    if result.concentration is None:
        return because(result, "/concentration", speech)
    return follow(_top(result.concentration, speech), _effective(result.concentration, speech))


def _top(concentration: Concentration, speech: Speech) -> str:
    return speech.prose(
        "The largest fifth of customers brought **{fifth}** of all spend, the ten largest "
        "**{ten}**, and the largest one **{one}**.",
        fifth=speech.share(concentration.top20_share),
        ten=speech.share(concentration.top10_share),
        one=speech.share(concentration.top1_share),
    )


def _effective(concentration: Concentration, speech: Speech) -> str:
    return speech.proses(
        "Spend is as concentrated as if **{n}** customer brought all of it.",
        "Spend is as concentrated as if **{n}** equally large customers brought all of it "
        "(Gini {gini}).",
        round(concentration.effective_customers),
        gini=speech.number(concentration.gini),
    )


# --- where is the money and where the risk? -----------------------------------


def state_names(speech: Speech) -> dict[str, str]:
    """Return the name of each state of customers."""
    return {state: label(STATES, state, speech) for state in STATES}


def segments_title(result: Recommendations, speech: Speech) -> str:
    """Return the title of the figure of customers by state."""
    lapsed = _segment(result, "lapsed")
    if lapsed is None:
        return speech.text("Customers and their spend, by state")
    if lapsed.spend_share is None:
        return speech.text(
            "Lapsed customers are {share} of all customers", share=speech.share(lapsed.share, 0)
        )
    return speech.text(
        "Lapsed customers: {share} of customers, {spend} of past spend",
        share=speech.share(lapsed.share, 0),
        spend=speech.share(lapsed.spend_share, 0),
    )


def _segment(result: Recommendations, state: str) -> Segment | None:
    return next((segment for segment in result.segments if segment.name == state), None)


def segments_alt(result: Recommendations, speech: Speech) -> str:
    """Return the alternative text of the figure of customers by state."""
    if not result.segments:
        return speech.text("No states of customers can be drawn.")
    shares = "; ".join(
        speech.text(
            "{state} {share}",
            state=label(STATES, segment.name, speech),
            share=speech.share(segment.share, 0),
        )
        for segment in result.segments
    )
    return speech.text(
        "Bars of the share of customers and of past spend by state. Customers: {shares}.",
        shares=shares,
    )


def segments_meaning(result: Recommendations, speech: Speech) -> str:
    """Return where money and risk lie."""
    if not result.segments:
        return speech.prose(
            "Customers could not be told apart by state, because it is not known after which "
            "silence they stay away."
        )
    return follow(_worth(result, speech), _slipping(result, speech)) or speech.prose(
        "No value could be given to the states."
    )


def _worth(result: Recommendations, speech: Speech) -> str:
    valued = [segment for segment in result.segments if segment.expected_value is not None]
    if not valued:
        return ""
    top = max(valued, key=lambda segment: segment.expected_value or 0)
    return speech.proses(
        "Most of the value still to come lies with the state “{state}”: **{money}** expected of "
        "{n} customer.",
        "Most of the value still to come lies with the state “{state}”: **{money}** expected of "
        "{n} customers.",
        top.customers,
        state=label(STATES, top.name, speech),
        money=speech.about_money(top.expected_value or 0),
    )


def _slipping(result: Recommendations, speech: Speech) -> str:
    slipping = _segment(result, "slipping")
    if slipping is None or slipping.expected_value is None:
        return ""
    return speech.proses(
        "At risk is the **{money}** expected of {n} slipping customer: late, but not lapsed yet.",
        "At risk is the **{money}** expected of {n} slipping customers: late, but not lapsed yet.",
        slipping.customers,
        money=speech.about_money(slipping.expected_value),
    )


def segment_rows(result: Recommendations, speech: Speech) -> pd.DataFrame:
    """Return customers by state, as a table shows them."""
    headers = [
        speech.text("State"),
        speech.text("Customers"),
        speech.text("Share of customers"),
        speech.text("Share of past spend"),
        speech.text("Expected purchases"),
        _value_header(speech),
    ]
    rows = [_segment_row(segment, speech) for segment in result.segments]
    return pd.DataFrame(rows, columns=headers)


def _value_header(speech: Speech) -> str:
    if not speech.currency:
        return speech.text("Expected value")
    return speech.text("Expected value ({currency})", currency=speech.currency)


def _segment_row(segment: Segment, speech: Speech) -> tuple[str, ...]:
    purchases, value = segment.expected_purchases, segment.expected_value
    return (
        label(STATES, segment.name, speech),
        speech.count(segment.customers),
        speech.share(segment.share),
        "–" if segment.spend_share is None else speech.share(segment.spend_share),
        "–" if purchases is None else speech.count(purchases),
        "–" if value is None else speech.count(value),
    )


def segments_caption(result: Recommendations, speech: Speech) -> str:
    """Return the caption of the table of customers by state."""
    return speech.text("Customers by state, and what they are expected to bring")


def states_meaning(result: Recommendations, speech: Speech) -> str:
    """Return what the four states are."""
    return speech.prose(
        "**New**: bought once, not long ago. **Active**: bought again, and not overdue. "
        "**Slipping**: later than three quarters of those who come back. "
        "**Lapsed**: silent for longer than the lapse that the chapter on the purchase cycle "
        "gives, or for two cycles where it gives none."
    )


# --- do the folk claims hold here? --------------------------------------------


def claim_rows(result: Recommendations, speech: Speech) -> pd.DataFrame:
    """Return the claims that have a figure here, as a table shows them."""
    headers = [
        speech.text("What is often said"),
        speech.text("Here"),
        speech.text("95% interval"),
        speech.text("Verdict"),
    ]
    rows = [_claim_row(claim, speech) for claim in result.claims if claim.figure is not None]
    return pd.DataFrame(rows, columns=headers)


def _claim_row(claim: Claim, speech: Speech) -> tuple[str, ...]:
    return (
        claim.claim,
        "–" if claim.figure is None else speech.share(claim.figure),
        "–" if claim.ci95 is None else speech.range(claim.ci95, speech.share),
        label(VERDICTS, claim.verdict, speech),
    )


def claims_caption(result: Recommendations, speech: Speech) -> str:
    """Return the caption of the table of claims."""
    return speech.text("What is often said about customers, against these records")


def claims_meaning(result: Recommendations, speech: Speech) -> str:
    """Return how many claims hold, and what a test of the others would need."""
    if not result.claims:
        return speech.prose("No claim was examined.")
    verdicts = [claim.verdict for claim in result.claims]
    counted = speech.proses(
        "{n} claim was examined. Hold here: **{holds}**; do not hold: **{fails}**; cannot be "
        "tested with these records: **{open}**.",
        "{n} claims were examined. Hold here: **{holds}**; do not hold: **{fails}**; cannot be "
        "tested with these records: **{open}**.",
        len(verdicts),
        holds=speech.count(verdicts.count("holds")),
        fails=speech.count(verdicts.count("does not hold")),
        open=speech.count(verdicts.count("cannot be tested")),
    )
    return "\n".join([counted, *_untested(result, speech)])


def _untested(result: Recommendations, speech: Speech) -> list[str]:
    lines = [
        speech.prose(
            "- Not tested: {claim} A test needs {needs}.", claim=claim.claim, needs=claim.needs
        )
        for claim in result.claims
        if claim.verdict == "cannot be tested" and claim.needs
    ]
    return ["", *lines] if lines else []


# --- what to do next? ---------------------------------------------------------


def actions_meaning(result: Recommendations, speech: Speech) -> str:
    """Return what to do next, one line for each step."""
    if not result.actions:
        return speech.prose("The figures do not point to a next step.")
    lines = [
        speech.prose(
            "1. {step} Certainty: **{word}**.",
            step=action_line(action, speech),
            word=certainty_word(action.certainty, speech),
        )
        for action in result.actions
    ]
    return "\n".join(lines)
