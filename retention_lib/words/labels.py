"""Readable names for the keys of the results; an unknown key is shown as plain words."""

from __future__ import annotations

from collections.abc import Mapping

from retention_lib.speech import Speech, mark

Labels = Mapping[str, str]

REASONS: Labels = {
    "unreadable_line": mark("Line with too many or too few fields"),
    "missing_customer_id": mark("No customer id"),
    "missing_date": mark("No date"),
    "unreadable_date": mark("Date that cannot be read"),
    "missing_amount": mark("No amount"),
    "unreadable_amount": mark("Amount that cannot be read"),
    "after_as_of": mark("Dated after the day of the report"),
    "duplicate_line": mark("Exact copy of another line of the same order"),
    "cancelled": mark("Cancelled or unpaid order"),
    "zero_amount": mark("Amount of zero"),
}

CHECKS: Labels = {
    "duplicate_lines": mark("Exact copies of a line"),
    "zero_amounts": mark("Purchases of zero value"),
    "negative_amounts": mark("Negative amounts (returns)"),
    "missing_customer_id": mark("Rows without a customer id"),
    "missing_date": mark("Rows without a date"),
    "missing_amount": mark("Rows without an amount"),
    "unreadable_date": mark("Dates that cannot be read"),
    "unreadable_amount": mark("Amounts that cannot be read"),
    "unreadable_line": mark("Lines with too many or too few fields"),
    "after_as_of": mark("Rows after the day of the report"),
    "acquisition_stops": mark("New customers stop at a date"),
    "decimal_ids": mark("Customer ids written as decimals"),
    "few_repeat_buyers": mark("Few customers bought twice"),
    "few_customers": mark("Few customers"),
    "no_amounts": mark("No amounts above zero"),
    "short_history": mark("Short history"),
    "isolated_dates": mark("Dates far from all others"),
    "unused_status": mark("A status that is not used"),
    "unused_discount": mark("A discount that is not used"),
    "unused_account": mark("An account that is not used"),
    "unused_cost": mark("A cost that is not used"),
    "duplicate_line": mark("Copies of a line of the same order"),
    "cancelled": mark("Cancelled or unpaid orders"),
    "zero_amount": mark("Rows with an amount of zero"),
}

MEANINGS: Labels = {
    "duplicate_lines": mark(
        "Lines that agree in every field may be one sale recorded twice, or two real sales; "
        "without an order id nobody can tell, so they are kept."
    ),
    "zero_amounts": mark(
        "An order can be fully paid by a discount; such a day counts as a purchase of no value."
    ),
    "negative_amounts": mark(
        "A return lowers what a customer has spent and never counts as a purchase."
    ),
    "missing_customer_id": mark("Such sales belong to nobody, so no customer is credited."),
    "missing_date": mark("Without a date a sale belongs to no period."),
    "missing_amount": mark("Without an amount a sale cannot be valued."),
    "unreadable_date": mark("Such rows do not follow the date format of the configuration."),
    "unreadable_amount": mark("Such rows do not follow the number format of the configuration."),
    "unreadable_line": mark("Such lines do not have as many fields as the header."),
    "duplicate_line": mark("One of them is used; what stands twice in an order was sold once."),
    "cancelled": mark("Orders that the configuration calls cancelled or unpaid are no purchases."),
    "zero_amount": mark("The configuration leaves out rows that cost nothing."),
    "after_as_of": mark("They lie in the future of this report and belong to the next one."),
    "acquisition_stops": mark(
        "From a certain day on nobody buys for the first time, so the source holds a closed "
        "group of customers: figures on newly won customers cannot be judged."
    ),
    "decimal_ids": mark(
        "A spreadsheet turned ids into decimal numbers; the part after the mark was dropped."
    ),
    "no_amounts": mark("Without amounts no customer can be given a value in money."),
    "few_customers": mark("With so few customers, chance alone moves every rate a long way."),
    "few_repeat_buyers": mark(
        "With so few customers who bought twice, no model of future purchases can be fitted."
    ),
    "short_history": mark(
        "The records do not reach back far enough to compare two periods of buying."
    ),
    "isolated_dates": mark(
        "More than a year lies between a few rows and all others; one wrong date moves the "
        "beginning or the end of the history, and every figure with it. Mend or remove them."
    ),
    "unused_status": mark(
        "Cancelled and unpaid orders count as purchases; say which they are in the "
        "configuration (cancelled)."
    ),
    "unused_discount": mark("Amounts are taken as they stand, before or after the discount."),
    "unused_cost": mark("Without amounts, costs leave no margin to be told."),
    "unused_account": mark("Each customer id stands for itself, whatever account it belongs to."),
}

STEPS: Labels = {
    "kept": mark("kept"),
    "set aside": mark("set aside"),
    "netted": mark("netted"),
    "counted": mark("counted"),
}

STATES: Labels = mark(
    {"new": "New", "active": "Active", "slipping": "Slipping", "lapsed": "Lapsed"}
)

FITNESS: Labels = mark({"fit": "Fit", "fit with care": "Fit with care", "unfit": "Unfit"})

CERTAINTIES: Labels = mark({"firm": "firm", "likely": "likely", "open": "open"})

PARAMETERS: Labels = mark(
    {
        "r": "purchase rate: how alike customers are (r)",
        "alpha": "purchase rate: scale in weeks (α)",
        "a": "leaving: first shape (a)",
        "b": "leaving: second shape (b)",
        "s": "leaving: how alike customers are (s)",
        "beta": "leaving: scale in weeks (β)",
        "p": "spend per purchase: how alike a customer's are (p)",
        "q": "spend per purchase: how alike customers are (q)",
        "v": "spend per purchase: scale (v)",
    }
)


def label(labels: Labels, key: str, speech: Speech) -> str:
    """Return the name of a key as plain text: ``zero_amounts`` is "Purchases of zero value"."""
    known = labels.get(key)
    return speech.text(known) if known else humanised(key)


def state_names(speech: Speech) -> dict[str, str]:
    """Return the name of each state of customers."""
    return {state: label(STATES, state, speech) for state in STATES}


def humanised(key: str) -> str:
    """Return a key as plain words: ``win_back`` is "Win back"."""
    words = " ".join(key.replace("_", " ").split())
    return words[:1].upper() + words[1:]
