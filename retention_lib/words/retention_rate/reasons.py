"""Why a figure of notebook 03, or of a comparison of two runs, cannot be given."""

from __future__ import annotations

from retention_lib.speech import mark

REASONS: dict[str, str] = mark(
    {
        "varied": "A varied analysis is not held against earlier reports.",
        # too little history
        "too_short_for_cycles": "Too little history: {history_days:days}, where three cycles need "
        "{needed:count}. There will be enough on {on:date}.",
        "one_window_only": "One window only: {history_days:days} of history, where a rate needs two "
        "windows of {needed:days}. There will be enough on {on:date}.",
        # the two windows
        "nobody_in_earlier_window": "Nobody bought in the earlier window, so there is nobody to keep.",
        "none_returning": "Every customer of the earlier window bought there for the first time.",
        "none_first_time": "No customer of the earlier window bought there for the first time.",
        "no_losses": "Nobody was lost, so there is nothing to set the gains against.",
        "nobody_to_call": "Nobody was lost between the two windows, so there is nobody to call.",
        "nobody_gained": "Nobody was gained, so there is no interval to give.",
        "above_expectation": "Nothing is read against what would be expected if nobody had left: of "
        "{customers:count} customer{customers:|s} {rate:share} came back, more than the {expected:share} "
        "that the models expect then and than chance allows, so they do not fit these customers.",
        "models_disagree": "Nothing is read against what would be expected if nobody had left: the "
        "models say from {lowest:share 0} to {highest:share 0}, too far apart to believe any of them.",
        "leaving_adds_nothing": "{model} is not used: letting customers leave hardly makes these "
        "purchases any likelier.",
        "leaving_fits_better": "{model} is not used: it lets nobody leave, and a model with leaving "
        "fits these purchases clearly better.",
        # second purchases, periods, parts
        "not_watched_for_a_window": "No customer could be watched for a whole window after the "
        "first purchase.",
        "no_period_before": "No period stands before the first.",
        "not_outpaced": "In the last period at least as many customers came as were lost.",
        "part_not_in_earlier_window": "No customer of this part bought in the earlier window.",
        "part_not_watched_for_a_window": "No customer of this part could be watched for a whole "
        "window.",
        # money
        "no_revenue_before": "The customers of the earlier window spent nothing there.",
        "no_revenue_lost": "No revenue was lost, so there is nothing to set the gains against.",
        "no_amounts": "The records hold no amounts above zero.",
        # subscribers
        "no_charges": "It is not known yet of any charge whether another followed.",
        "no_earlier_charges": "All charges of which it is known are of the last year.",
        "nobody_ended": "No subscriber has stopped, so how fast they leave is not known.",
        "nobody_renewed": "No subscriber has paid again, so there is nobody left to project.",
        "renewals_of_one_age": "All charges are of one age and tell nothing about later ones.",
        # against an earlier run
        "no_earlier_run": "There is no complete report of an earlier day to compare with.",
        "not_in_these_records": "The records do not give this figure.",
        "not_recomputed": "Today's records do not give this figure as of {as_of:date}.",
        "not_reported": "The report of {as_of:date} did not give this figure.",
        "reported_by_another_window": "The report of {as_of:date} measured by another window, so "
        "this figure is not repeated.",
        # two runs side by side
        "no_rate_of_client": "{client} has no retention rate as of {as_of:date}.",
        "different_windows": "Rates measured by different windows are not ranked.",
        "different_currencies": "Customer values are not compared: one is in {a}, the other in {b}.",
        "revenue_and_margin": "Customer values are not compared: one is revenue, the other margin.",
        "different_horizons": "Customer values are not compared: one looks {a:months} ahead, the "
        "other {b:months}.",
        "different_discounts": "Customer values are not compared: one is discounted at {a:share} a "
        "year, the other at {b:share}.",
    }
)
