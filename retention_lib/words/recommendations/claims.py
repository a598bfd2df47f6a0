"""Sentences on folk claims: do they hold here, and what would a test of the others need?"""

from __future__ import annotations

import pandas as pd

from retention_lib.results import Claim, Recommendations
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import cell, table
from retention_lib.words.labels import label
from retention_lib.words.reasons import follow

_CLAIMS = mark(
    {
        "repeat_revenue": "40% of revenue comes from repeat buyers.",
        "active_buys": "An existing customer buys with a chance of 60 to 70%: here, an active "
        "customer within one cycle.",
        "bigger_orders": "Existing customers spend 31% more per order.",
        "pareto": "80% of sales come from 20% of customers.",
        "key_customers": "Losing the ten largest customers would hurt: they hold a tenth of all "
        "spend.",
        "second_purchase": "One-time buyers can be made loyal.",
        "new_buys": "A new prospect buys with a chance of 20%.",
        "cost_ratio": "Winning a customer costs 5 to 7 times as much as keeping one.",
        "effort": "An established business should put 60% of its marketing effort into keeping.",
        "new_products": "Existing customers are 50% likelier to try a new product.",
        "profit": "5% more retention lifts profit by 7%.",
        "channels": "E-mail keeps customers best, and the web site wins them best.",
        "why_they_leave": "68% leave because nobody cared for them, 14% dissatisfied, 9% to a "
        "competitor.",
        "controllable": "85% of all losses could have been prevented.",
        "surveys": "What shoppers say in surveys about loyalty (82, 84, 86%).",
    }
)
_NEEDS = mark(
    {
        "amounts": "A test needs amounts.",
        "amounts_of_eleven": "A test needs amounts, and more than ten customers.",
        "repeat_amounts": "A test needs amounts, and repeat buyers.",
        "longer_history": "A test needs a longer history.",
        "sound_records": "A test needs records that are fit for it.",
        "more_customers": "A test needs more customers: the interval still reaches to both sides "
        "of the claim.",
        "campaign": "A test needs a campaign to one-time buyers that leaves a random part alone.",
        "leads": "A test needs a list of leads, with those who bought.",
        "spend": ("A test needs marketing spend on winning and on keeping, which is not read yet."),
        "products": "A test needs a look at each customer's products over time, which is not "
        "built yet.",
        "margin": "A test needs a margin, and the spend on keeping, which is not read yet.",
        "channels": "A test needs retention by channel, which is not computed yet.",
        "reasons": "A test needs a file of reasons given by customers who left.",
        "survey": "A test needs a survey of your own customers.",
    }
)
_HEADERS = mark(("What is often said", "Here", "95% interval", "Verdict"))
_VERDICTS = mark(
    {
        "holds": "holds",
        "does not hold": "does not hold",
        "cannot be tested": "cannot be tested",
    }
)


def rows(result: Recommendations, speech: Speech) -> pd.DataFrame:
    """Return the claims that have a figure here, as a table shows them."""
    figures = [claim for claim in result.claims if claim.figure is not None]
    return table([_row(claim, speech) for claim in figures], _HEADERS, speech)


def _row(claim: Claim, speech: Speech) -> tuple[str, ...]:
    return (
        label(_CLAIMS, claim.name, speech),
        cell(claim.figure, "share", speech),
        cell(claim.ci95, "range share", speech),
        label(_VERDICTS, claim.verdict, speech),
    )


def caption(result: Recommendations, speech: Speech) -> str:
    """Return the caption of the table of claims."""
    return speech.text("What is often said about customers, against these records")


def meaning(result: Recommendations, speech: Speech) -> str:
    """Return how many claims hold, and what a test of the others would need."""
    if not result.claims:
        return speech.prose("No claim was examined.")
    verdicts = [claim.verdict for claim in result.claims]
    counted = speech.prose(
        "{n:count} {n:claim was|claims were} examined. Hold here: **{holds:count}**; do not hold: "
        "**{fails:count}**; cannot be tested with these records: **{open:count}**.",
        n=len(verdicts),
        holds=verdicts.count("holds"),
        fails=verdicts.count("does not hold"),
        open=verdicts.count("cannot be tested"),
    )
    untested = [_untested(claim, speech) for claim in result.claims if claim.needs]
    return "\n".join([counted, "", *untested]).rstrip()


def _untested(claim: Claim, speech: Speech) -> str:
    said = follow(label(_CLAIMS, claim.name, speech), label(_NEEDS, claim.needs, speech))
    return speech.prose("- Not tested: {claim}", claim=said)
