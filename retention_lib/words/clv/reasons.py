"""Why a figure of clv cannot be given: a message for each code of ``why_not``."""

from __future__ import annotations

from retention_lib.results import Clv
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import follow, why_not


def nothing_to_draw(result: Clv, pointer: str, speech: Speech) -> str:
    """Return the alternative text of a figure of what is not known, with the reason."""
    return follow(why_not(result, pointer, speech), speech.text("There is nothing to draw."))


REASONS: dict[str, str] = mark(
    {
        # too few customers, or none of a kind
        "too_few_repeat_buyers": "Customers who bought more than once: {repeat:count}; a model "
        "needs at least {needed:count}.",
        "too_few_before_holdout": "Before the test, customers who had bought more than once: "
        "{repeat:count}; a model needs at least {needed:count}.",
        "too_few_spenders": "Repeat buyers who spent anything: {repeat:count}; a model needs at "
        "least {needed:count}.",
        "nobody_bought_again": "{model} needs customers who bought again, and nobody did.",
        "nobody_in_prior_window": "Nobody bought in the prior window.",
        "nobody_in_holdout": "Nobody bought in the test, so the error cannot be a share of that.",
        "nobody_new": "New customers no longer come: the latest began on {latest:date}.",
        "nothing_expected": "Nobody is expected to buy again.",
        "not_tested": "No forecast could be tested on days that it had not seen, so none is given.",
        # a model that does not fit
        "no_model_fits": "No model fits these purchases.",
        "no_maximum": "{model} does not fit these purchases: its likelihood has no maximum.",
        "not_converged": "{model} did not converge on these purchases.",
        "not_moved": "{model} did not leave its start values: these purchases do not tell them.",
        "run_off": "{model} does not fit these purchases: its parameters run off to a bound.",
        "nobody_leaves": "{model} becomes NBD on these purchases, its parameters at a bound: "
        "nobody seems to leave.",
        "not_finite": "{model} gives no finite figure for some customers.",
        "parameters_unsure": "How sure the parameters of {model} are cannot be computed.",
        "draws_not_finite": "Parameters about as likely as the fitted ones give no finite figure.",
        "nothing_to_compare_with": "BG/NBD did not fit, so nothing can be compared with it.",
        # a plain rule in place of a model
        "rule_has_no_parameters": "The forecast is a plain rule, which has no parameters.",
        "rule_has_no_p_alive": "The forecast is a plain rule that counts on nobody leaving, so it "
        "gives no chance of still being a customer.",
        "rule_knows_nobody_new": "The forecast is a plain rule based on what each customer bought "
        "so far, so it cannot be used for customers who have not bought yet.",
        # spend
        "no_spend": "{model} needs repeat buyers who spent more than nothing.",
        "no_mean_spend": "{model} gives no finite mean spend on these amounts.",
        "prices_not_told": "Too few customers bought at different times to compare their orders.",
        "no_amounts_less_returns": "After returns, the records hold no amounts above zero.",
        "no_repeat_amounts": "After returns, repeat purchases hold no amounts above zero.",
        "costs_below_zero": "Costs come to less than zero, so there is no margin to work with.",
        "sold_at_cost": "Sales brought no more than they cost, so there is no margin to work with.",
        "spend_unrelated": "How much customers spend depends little, if at all, on how often they buy.",
        # the calendar
        "no_clocks": "The calendar takes a year of records, and a model that fits them.",
        "under_two_years": "A change from year to year shows in two years of records or more.",
        # the rest
        "no_next_purchases": "Nobody's expected day lay in the test.",
        "not_due_yet": "This forecast is not due yet.",
        "published_without_range": "This forecast was published without a range.",
        # what of the published forecasts is not known
        "draft_unpublished": "A draft is not published: its client's reports say what came of "
        "their forecasts.",
        "published_unvaried": "Published forecasts are those of the client's own analysis, so a "
        "varied one has none.",
        "ledger_no_file": "“forecasts.jsonl” is no file, so no published forecast is known.",
        "ledger_unreadable": "“forecasts.jsonl” cannot be opened, so no published forecast is "
        "known.",
        "ledger_lines_unread": "Lines of “forecasts.jsonl” that cannot be read as a forecast and "
        "do not count: {lines:count}, the first of them line {first:count}.",
        "not_in_test": "The forecast in use took no part in the test.",
        "no_past_forecasts": "The forecast in use could not be made on any earlier day.",
        "no_forecast_alike": "No earlier forecast was made as today's is, so none moves it.",
        "no_cycle_to_lapse_by": "There is no purchase cycle, so there is no silence after which "
        "customers count as lapsed.",
    }
)
