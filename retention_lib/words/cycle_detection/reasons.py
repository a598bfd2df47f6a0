"""Why a figure of cycle detection cannot be given: a message for each code of ``why_not``."""

from __future__ import annotations

from retention_lib.speech import mark

REASONS: dict[str, str] = mark(
    {
        # the cycle
        "no_gap": "No customer has bought on two different days: there is no gap to measure.",
        "too_few_followed": "Fewer than {needed:count} customers can be followed for long enough.",
        "too_few_back": "Too few customers have come back to say when they do: {back:count}, "
        "where {needed:count} are needed.",
        "cycle_settled": "The cycle is settled, so it needs no bounds.",
        "no_upper_bound": "No upper bound: at no time had half of all customers come back.",
        "no_upper_end": "No upper bound: too few customers come back for one.",
        # rhythm and season
        "no_gaps_to_compare": "No customer has two gaps of different length to compare.",
        "too_few_gaps": "Fewer than {needed:count} customers have two gaps to compare.",
        "too_short_for_season": "The season cannot be judged: {years:number 1} years of history, "
        "two are needed.",
        "sales_are_even": "The season cannot be judged: sales are the same every week.",
        "no_year_earlier": "The history does not hold the same window a year earlier.",
        "window_over_a_year": "A window of over a year would overlap with the same one a year earlier.",
        # the yardstick
        "last_gate": "The history already reaches the last gate.",
        "no_chart_period": "No period suits a chart: either the history holds fewer than three of "
        "them, or more than a quarter of the customers in them had seemed gone before.",
        "not_pinned": "No definitions are pinned yet: the first published run does that.",
        # the lapse
        "no_lapse": "However long customers were silent, more than one in ten came back within "
        "the next two cycles.",
        "lapse_unseen": "Too few customers could be followed to see after which silence they stay away.",
        "lapse_unsure": "Too few customers could be followed to say how sure that silence is.",
        "too_short_for_race": "The history is too short to try rules for calling customers lost.",
        "nobody_lost": "Every customer bought in the last two cycles: none was lost.",
        "nobody_called": "Two cycles ago, no rule would have called any customer lost.",
        "no_rule_passes": "Of the customers whom each rule would have called lost two cycles ago, "
        "more than one in ten have bought since.",
        # rules that could not be tried
        "called_nobody": "The rule called nobody lost.",
        "lapse_unseen_then": "Too few customers could be followed then to find the silence.",
        "no_lapse_then": "However long customers were silent then, more than one in ten came back "
        "within two cycles.",
    }
)
