"""What was noticed, and does it matter: each check, and what may lower a verdict, by name."""

from __future__ import annotations

import pandas as pd

from retention_lib.results import Audit, Check
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import cell, table
from retention_lib.words.labels import label

# what it is called, and what it means
CHECKS = mark(
    {
        "unreadable_line": (
            "Lines with too many or too few fields",
            "Such lines do not have as many fields as the header.",
        ),
        "missing_customer_id": (
            "Rows without a customer id",
            "Such sales belong to nobody, so no customer is credited.",
        ),
        "missing_date": ("Rows without a date", "Without a date a sale belongs to no period."),
        "unreadable_date": (
            "Dates that cannot be read",
            "Such rows do not follow the date format of the configuration.",
        ),
        "missing_amount": (
            "Rows without an amount",
            "Without an amount a sale cannot be valued.",
        ),
        "unreadable_amount": (
            "Amounts that cannot be read",
            "Such rows do not follow the number format of the configuration.",
        ),
        "after_as_of": (
            "Rows after the day of the report",
            "They lie in the future of this report and belong to the next one.",
        ),
        "duplicate_line": (
            "Copies of a line of the same order",
            "One of them is used; what stands twice in an order was sold once.",
        ),
        "cancelled": (
            "Cancelled or unpaid orders",
            "Orders that the configuration calls cancelled or unpaid are no purchases.",
        ),
        "zero_amount": (
            "Rows with an amount of zero",
            "The configuration leaves out rows that cost nothing.",
        ),
        "empty_line": ("Lines without content", "Nothing but separators stands on such lines."),
        "repeated_header": (
            "The header once more",
            "Joined files often hold their header again between the rows.",
        ),
        "total_row": (
            "Rows of totals",
            "They add up the rows above them; counted as sales, they would double the revenue.",
        ),
        "replaced_order": (
            "Orders that a later file replaces",
            "Where exports overlap, the later file says what became of an order.",
        ),
        "no_customer": (
            "Rows with an id that stands for nobody",
            "The configuration calls such ids no customers; their sales belong to nobody.",
        ),
        "dated_ahead": (
            "Rows dated after the records end",
            (
                "A long pause lies before them, so they would move the day of the report; write "
                "“ahead: keep” into the configuration if they are sales of that time."
            ),
        ),
        "duplicate_lines": (
            "Exact copies of a line",
            (
                "Lines that agree in every field may be one sale recorded twice, or two real sales; "
                "without an order id nobody can tell, so they are kept."
            ),
        ),
        "zero_amounts": (
            "Purchases of zero value",
            "An order can be fully paid by a discount; such a day counts as a purchase of no value.",
        ),
        "negative_amounts": (
            "Negative amounts (returns)",
            "A return lowers what a customer has spent and never counts as a purchase.",
        ),
        "decimal_ids": (
            "Customer ids written as decimals",
            "A spreadsheet turned ids into decimal numbers; the part after the mark was dropped.",
        ),
        "isolated_dates": (
            "Dates far from all others",
            (
                "More than a year lies between a few rows and all others; one wrong date moves the "
                "beginning or the end of the history, and every figure with it. Correct or remove them."
            ),
        ),
        "unused_status": (
            "A status that is not used",
            (
                "Cancelled and unpaid orders count as purchases; say which they are in the "
                "configuration (cancelled)."
            ),
        ),
        "unused_cost": (
            "A cost that is not used",
            "Without amounts, no margin can be computed from the costs.",
        ),
        "acquisition_stops": (
            "New customers stop at a date",
            (
                "From a certain day on nobody buys for the first time, so the source holds a closed "
                "group of customers: figures on newly won customers cannot be judged."
            ),
        ),
    }
)
# what else may stand behind a verdict
_CONCERNS = mark(
    {
        "few_customers": "Few customers",
        "few_repeat_buyers": "Few customers bought twice",
        "short_history": "Short history",
        "no_amounts": "No amounts above zero",
        "doubts": "Columns that nobody mapped, but that warn",
        "control": "Totals that do not meet the client's books",
    }
)
_HEADERS = mark(("What was noticed", "Rows", "Customers"))
_MONEY = mark({True: "Money ({currency})", False: "Money"})  # is it known of what
_DONE = mark(("What was done", "Retained rate without this step"))
_ACTIONS = mark(
    {"kept": "kept", "set aside": "set aside", "netted": "netted", "counted": "counted"}
)


def name(check: str, speech: Speech) -> str:
    """Return the name of a check, or of what stands behind a verdict, as plain text."""
    return speech.text(CHECKS[check][0]) if check in CHECKS else label(_CONCERNS, check, speech)


def rows(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return what the audit noticed, as a table shows it, the costliest first."""
    headers = (*_HEADERS, _MONEY[bool(speech.currency)], *_DONE)
    return table([_row(check, speech) for check in result.checks], headers, speech)


def _row(check: Check, speech: Speech) -> tuple[str, ...]:
    return (
        name(check.name, speech),
        speech.count(check.rows),
        cell(check.customers, "count", speech),
        cell(check.money, "count", speech),
        label(_ACTIONS, check.action, speech),
        cell(check.rate_without, "share", speech),
    )


def caption(result: Audit, speech: Speech) -> str:
    """Return the caption of the table of checks."""
    if not result.checks:
        return speech.text("Nothing was noticed")
    return speech.text(
        "{n:count} thing{n:|s} the audit noticed"
        if result.retained_rate is None
        else "{n:count} thing{n:|s} the audit noticed (retained rate of all customers, as used: "
        "{retained_rate:share})",
        result,
        n=len(result.checks),
    )


def meaning(result: Audit, speech: Speech) -> str:
    """Return what each thing noticed means, one line each."""
    if not result.checks:
        return speech.prose("The audit noticed nothing that needs a decision.")
    return "\n".join(_line(check.name, speech) for check in result.checks)


def _line(check: str, speech: Speech) -> str:
    said = name(check, speech)
    if check not in CHECKS:
        return speech.prose("- **{name}.**", name=said)
    meaning = speech.text(CHECKS[check][1])
    return speech.prose("- **{name}.** {meaning}", name=said, meaning=meaning)
