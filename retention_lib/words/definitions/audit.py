"""What the figures of notebook 01 are, and what stands above all sections."""

from __future__ import annotations

from retention_lib.speech import mark

DOCUMENT = mark(
    {
        "client": "The client's folder in data/clients.",
        "as_of": (
            "The day of the report: the one given, else that of client.yaml, else that of the "
            "latest purchase."
        ),
        "currency": "The currency that client.yaml names.",
        "schema_version": "The version of the form of results.json.",
    }
)
DEFINITIONS = mark(
    {
        "files": "The files that were read, with their lines and rows.",
        "files/*/name": "The file, as client.yaml finds it.",
        "files/*/lines": "Lines of the file; none are counted where it has none, as in a workbook.",
        "files/*/above": "Lines up to and with the header.",
        "files/*/rows": "Rows that were read from it.",
        "files/*/continued": "Lines on which a quoted text goes on.",
        "files/*/blank": "Lines on which nothing stands.",
        "files/*/same_as": "The earlier file of the same content, in whose place it is not read.",
        "rows_in": "Rows that were read, from all files or the database.",
        "set_aside": "Rows that are not used, by the first reason that holds.",
        "set_aside/*": "Rows that are not used for this reason.",
        "rows_kept": "Rows in use: rows read less rows set aside.",
        "orders": "Orders in use with at least one line that is no return.",
        "occasions": (
            "Purchases: one customer on one day, with a line of 0 or more that was not reversed "
            "that day."
        ),
        "customers": "Customers with at least one purchase.",
        "revenue": "Money of the rows in use, which all name a customer, less returns.",
        "unassigned_revenue": "Money of sales that name no customer.",
        "refunds": "Money that was given back, as a positive sum.",
        "repeat_buyers": "Customers with two purchases or more.",
        "zero_occasions": "Purchases of no value, such as orders that a discount paid in full.",
        "first_date": "Day of the first purchase on record.",
        "last_date": "Day of the last purchase on record.",
        "last_first_purchase": "Day on which somebody last bought for the first time.",
        "closed_group": "Whether nobody buys for the first time any more, towards the end.",
        "needed_repeat_buyers": (
            "How many customers must have bought twice before a model is fitted; set by the suite."
        ),
        "verdict/retention": "Whether the records can carry a retention rate.",
        "verdict/clv": "Whether the records can carry a value of customers.",
        "verdict/forecast": "Whether the records can carry a forecast.",
        "reasons/*": "The checks that stand behind this verdict.",
        "spoilt/*": "The checks that alone make this verdict unfit.",
        "touches/*": "The figures that this reason of a verdict moves.",
        "retained_rate": "The retained rate of notebook 03, beside which rates without a step stand.",
        "checks/*/name": "The check.",
        "checks/*/rows": "Rows in use that it touches, or rows set aside for it.",
        "checks/*/rows_read": "Of all rows read those that it touches, whatever became of them.",
        "checks/*/customers": "Customers whose rows it touches.",
        "checks/*/money": "Money of the rows that it touches.",
        "checks/*/action": "What was done about these rows.",
        "checks/*/rate_without": "The retained rate by the same windows, had the step not been taken.",
        "checks/*/revenue_without": "The revenue, had the step not been taken.",
        "breaks/*/kind": "What kind of break it is.",
        "breaks/*/series": "What changes there, counted by day.",
        "breaks/*/start": "The day of the break, or the first of its days.",
        "breaks/*/end": "The last day of what ends.",
        "breaks/*/before": "The typical value per day before it, or what was to be expected.",
        "breaks/*/after": "The typical value per day after it, or what its days hold.",
        "breaks/*/touches": "The figures that it moves.",
        "questions/*/name": "The check, break or reason that the client is asked about.",
        "questions/*/rows": "Rows that the question is about.",
        "questions/*/money": "Money that the question is about.",
        "questions/*/start": "Day of the break that the question is about.",
        "questions/*/listed": "Its rows that stand in questions.xlsx.",
        "years/*/year": "The calendar year.",
        "years/*/revenue": "Money of its rows that name a customer, less returns.",
        "years/*/orders": "Its orders with at least one line that is no return.",
        "years/*/occasions": "Its purchases: one customer on one day.",
        "years/*/customers": "Customers with a purchase in it.",
        "statuses/*/status": "A status of orders, as it stands in the records.",
        "statuses/*/means": "What it counts as, by client.yaml.",
        "statuses/*/rows": "Rows that carry it.",
        "statuses/*/money": "Money of its rows as they were counted, or left out.",
        "doubts/*/code": "What the column warns of.",
        "doubts/*/column": "A column that client.yaml does not name, but that warns.",
        "doubts/*/rows": "Rows with such a value in it.",
        "doubts/*/line": "The line of client.yaml that settles it.",
        "doubts/*/values": "Its values, the commonest first.",
        "control/*/what": "What the client's books give.",
        "control/*/period": "The period that they give it for.",
        "control/*/given": "The total of the client's books, as client.yaml has it.",
        "control/*/read": "The same total of what was read, sales without a customer included.",
        "control/*/difference": "What was read less what the books say.",
        "control/*/share": "The difference as a share of what the books say.",
        "control/*/meets": "Whether the difference lies within the tolerance.",
        "ahead/rows": "Rows dated after the records end, which are set aside.",
        "ahead/first": "The first day of such rows.",
        "ahead/last": "The last day of such rows.",
        "ahead/ends": "The day on which the records end.",
    }
)
