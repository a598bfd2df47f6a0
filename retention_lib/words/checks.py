"""What the audit calls what it noticed, and what that means: checks, reasons, concerns."""

from __future__ import annotations

from retention_lib.speech import Speech, mark
from retention_lib.words.labels import humanised

# what it is called, and what it means
CHECKS = mark(
    {
        "unreadable_line": (
            "Lines with too many or too few fields",
            "Such lines do not have as many fields as the header.",
        ),
        "repeated_header": (
            "The header once more",
            "Names of columns stand among the rows where exports were put one below another.",
        ),
        "empty_line": ("Rows in which nothing stands", "All of their cells are empty."),
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
        "total_row": (
            "Rows of totals",
            "They add up the rows above them; counted as sales, they would double the revenue.",
        ),
        "replaced_order": (
            "Orders that a later file replaces",
            "Where exports overlap, the later file says what became of an order.",
        ),
        "refunded": (
            "Orders refunded in full",
            "What was given back as a whole is no purchase.",
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
        "overlapping_files": (
            "Lines that stand in several files",
            (
                "All of them count, and without order numbers nobody can tell a copy from two equal "
                "sales. Export order numbers, or periods that do not overlap."
            ),
        ),
        "ids_by_case": (
            "Ids that differ only in case, blanks or leading zeros",
            (
                "They count as different customers. If they are not, write “fold_case: true” under "
                "“ids” into the configuration."
            ),
        ),
        "reused_orders": (
            "Order numbers that were used again",
            "A number that stands for several customers, or for distant days, is several orders.",
        ),
        "order_amounts_differ": (
            "Orders whose total is not the same on all lines",
            "The configuration says that the amount is the order's, but these orders have several.",
        ),
        "refund_repeated": (
            "Refunds that stand on every line of an order",
            "They are the order's, and were taken off once.",
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
# what else may stand behind a verdict, breaks in the records among it
CONCERNS = mark(
    {
        "mid_life": (
            "The records begin when the business was already under way",
            (
                "Customers of long standing appear as new at the start, and when they first came is "
                "not known; export the years before as well."
            ),
        ),
        "unassigned": (
            "Sales that name no customer",
            (
                "Whoever made them may be a customer who came back, and nobody is credited; find a "
                "column that tells who they are, an e-mail address for example."
            ),
        ),
        "short_for_horizon": (
            "A history shorter than twice the forecast",
            (
                "A forecast so far ahead cannot be tested on what has come since; a longer history "
                "would let it be."
            ),
        ),
        "gap": (
            "Days without sales that nothing explains",
            (
                "If the shop was open, sales are missing, and customers who bought on these days look "
                "as if they had stayed away."
            ),
        ),
        "closed": (
            "A yearly closure that only one of the two windows holds",
            "Fewer customers can come in that window, whoever stayed and whoever left.",
        ),
        "level": (
            "Sales jump to another level on a day",
            (
                "If that is the till or the export and not the customers, what came before and what "
                "came after are not the same thing, and cannot be compared."
            ),
        ),
        "tax": (
            "Prices move on a day as a tax would move them",
            "Amounts with tax and amounts without are added up, so what a customer spends is neither.",
        ),
        "acquisition_starts": (
            "New customers begin at a date",
            (
                "Up to a certain day nobody buys for the first time: who is new, and since when "
                "customers have come, cannot be told."
            ),
        ),
        "migration": (
            "Very many first purchases within a few days",
            (
                "A move to another system may have given old customers new ids; they then count as "
                "new, and the old ones as lost."
            ),
        ),
        "truncated_start": (
            "The first days of the records are not whole",
            "Customers of those days are missing, or come later than they did.",
        ),
        "truncated_end": (
            "The last days of the records are not whole",
            (
                "Whoever bought on them looks silent, so too few seem to have come back; choose the "
                "last whole day as the day of the report."
            ),
        ),
        "few_customers": (
            "Few customers",
            "So few customers allow no rate; wait for more of them, or export a longer history.",
        ),
        "few_repeat_buyers": (
            "Few customers bought twice",
            "Without customers who bought twice nothing can be said about coming back.",
        ),
        "short_history": (
            "Short history",
            "Customers must be watched for longer; export a longer history, or wait.",
        ),
        "no_amounts": ("No amounts above zero", "Map a column of amounts."),
        "doubts": (
            "Columns that nobody mapped, but that warn",
            "The data audit names the line of the configuration that settles each.",
        ),
        "control": (
            "Totals that do not meet the client's books",
            "The data audit holds each total against the books.",
        ),
    }
)


def name(check: str, speech: Speech) -> str:
    """Return the name of a check, or of what stands behind a verdict, as plain text."""
    known = CHECKS.get(check) or CONCERNS.get(check)
    return speech.text(known[0]) if known else humanised(check)


def explained(check: str, speech: Speech) -> str:
    """Return what a check, or what stands behind a verdict, means, as plain text."""
    known = CHECKS.get(check) or CONCERNS.get(check)
    return speech.text(known[1]) if known else ""
