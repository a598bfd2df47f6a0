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
            "Lines of zero value",
            "An order can be fully paid by a discount; such a day counts as a purchase of no value.",
        ),
        "orders_of_one_amount": (
            "Orders of several lines with one amount",
            "The amount is the order's, so it is counted once; the other lines add nothing.",
        ),
        "orders_booked_twice": (
            "Orders booked twice under two numbers",
            (
                "The same customer has two orders of one day that agree in every line. Both count; if "
                "they are one, the revenue is too high."
            ),
        ),
        "returns_matched": (
            "Returns of a known purchase",
            (
                "Each takes back an earlier purchase of the same customer, product and quantity. It "
                "lowers what the customer has spent and never counts as a purchase."
            ),
        ),
        "returns_unmatched": (
            "Returns without a known purchase",
            (
                "No earlier purchase of that customer fits: it is older than the records, only part of "
                "it came back, or the amount is no return. They lower what the customer has spent."
            ),
        ),
        "discounts_in_orders": (
            "Discounts booked as a line of their order",
            (
                "They lower the value of the order; an order that a voucher pays in full is still a "
                "purchase, of value zero."
            ),
        ),
        "reversed_same_day": (
            "Purchases taken back the same day",
            "Nothing is left of them, so such a day counts as no purchase.",
        ),
        "reversed_within_orders": (
            "Orders that one of their own lines takes back",
            (
                "Without products nobody can tell a purchase that was undone from one that a voucher "
                "paid; they count as undone. Map the column of products, or tell the vouchers apart."
            ),
        ),
        "reversed_large": (
            "A very large purchase that was returned",
            (
                "It leaves no money behind, but moves every sum of purchases alone and the mean value "
                "of an order; it may have been a typing error."
            ),
        ),
        "expenses": (
            "Negative amounts that look like expenses",
            (
                "They match no purchase and are of things that nobody bought, or customers got more "
                "back than they paid. Taken off as returns, they make customers look worth less; "
                "leave such rows out (not_sales)."
            ),
        ),
        "return_documents": (
            "Lines of return documents",
            "Their numbers begin with letters that only returns have.",
        ),
        "negative_quantities": (
            "Negative quantities that are no returns",
            (
                "They take no money back, or stand on no return document: mostly corrections of the "
                "stock, such as breakage."
            ),
        ),
        "free_but_paid": (
            "A price of zero, but an amount",
            "Price and amount contradict each other; the amount counts.",
        ),
        "negative_prices": (
            "Prices below zero",
            "No product costs less than nothing: mostly corrections in the books, such as bad debts.",
        ),
        "extreme_amounts": (
            "Amounts far above all others",
            (
                "They lie far beyond what the spread of all amounts explains, so they may be typing "
                "errors; one of them can decide what a customer is worth."
            ),
        ),
        "fees_and_adjustments": (
            "Lines that are no product",
            (
                "Postage, fees, discounts, samples and corrections count as part of a purchase; they "
                "raise or lower its value, and a day of nothing else counts as a purchase."
            ),
        ),
        "placeholder_ids": (
            "Ids that systems write for nobody",
            (
                "They count as customers. If they are none, name them under “not_customers” in the "
                "configuration."
            ),
        ),
        "test_accounts": (
            "Accounts made for tests",
            (
                "Their ids or e-mail addresses say so, and their purchases count; name them under "
                "“not_customers” if nobody bought."
            ),
        ),
        "staff_accounts": (
            "Accounts of the house's own people",
            (
                "Their ids or e-mail addresses say so, and their purchases count; name them under "
                "“not_customers” if they are no customers."
            ),
        ),
        "dominant_accounts": (
            "An account with far more sales than any other",
            (
                "It may be a till, a reseller or many people under one id. Name it under "
                "“not_customers” if it is nobody, under “customers” if it is one customer."
            ),
        ),
        "shared_emails": (
            "Several ids with one e-mail address",
            (
                "One person under several ids looks like several customers, most of whom never come "
                "back. Map the e-mail address as the customer id if that is so."
            ),
        ),
        "several_emails": (
            "Ids with several e-mail addresses",
            (
                "People change their address, but an id may also have been given to several people, "
                "who then look like one loyal customer."
            ),
        ),
        "midnight_times": (
            "Times that are midnight sharp",
            "So many sales at midnight have no known time; their day is right, their hour is not.",
        ),
        "times_in_utc": (
            "Sales on another day by the clocks of the place",
            (
                "When clocks change, all hours move, so the times are those of London in winter (UTC). "
                "Sales near midnight fall on the wrong day: export local times, or times with their "
                "distance from UTC, and write the place into the configuration (format: timezone)."
            ),
        ),
        "times_at_night": (
            "Most sales in the dead of night",
            (
                "The times are likely those of another continent, so that days begin at the wrong hour. "
                "Export local times, or times with their distance from UTC, and write the place into "
                "the configuration (format: timezone)."
            ),
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
