"""What the figures of notebook 05 are."""

from __future__ import annotations

from retention_lib.speech import mark

DEFINITIONS = mark(
    {
        "concentration/hhi": "Herfindahl's index: the sum of the squared shares of spend.",
        "concentration/effective_customers": "How many equal customers would give that index.",
        "concentration/gini": "Gini's coefficient of spend: 0 is even, 1 is all with one.",
        "concentration/top20_share": "The share of spend that a fifth of the customers holds.",
        "concentration/top1_share": "The share of spend of the largest customer.",
        "concentration/top5_share": "The share of spend of the five largest customers.",
        "concentration/top10_share": "The share of spend of the ten largest customers.",
        "repeat_revenue_share": "The share of all revenue from a customer's second purchase on.",
        "established_revenue_share": "Of the last year's revenue the share of customers won over a year ago.",
        "claims/*/name": "A folk claim.",
        "claims/*/figure": "The client's own figure for it.",
        "claims/*/ci95": "95% interval of that figure.",
        "claims/*/verdict": "Whether the claim holds here: by which side the whole interval lies on.",
        "claims/*/needs": "What a test of it needs; empty where it was tested.",
        "segments/*/name": "A state of customers, by their silence so far.",
        "segments/*/customers": "Customers in this state.",
        "segments/*/share": "Their share of all customers.",
        "segments/*/spend_share": "Their share of all spend so far.",
        "segments/*/expected_purchases": "Purchases expected of them within the horizon.",
        "segments/*/expected_value": "What they are worth together.",
        "actions/*/name": "What to do.",
        "actions/*/segment": "The state of the customers to do it with.",
        "actions/*/customers": "How many customers that are.",
        "actions/*/money": "What they are worth together.",
        "actions/*/certainty": "How sure it is that it works.",
        "lines/*/name": "A figure of the report's first screen.",
        "lines/*/value": "The figure.",
        "lines/*/range": "Its 95% interval: one end if it has no upper one.",
        "lines/*/certainty": "How sure it is: no surer than the records.",
        "lines/*/capped": "Whether the records decide how sure it is.",
        "lines/*/finding": "What the figure means for a decision.",
        "lines/*/change": "What has become of it since the earlier report.",
    }
)
