"""Why a figure of data audit cannot be given: a message for each code of ``why_not``."""

from __future__ import annotations

from retention_lib.speech import mark

REASONS: dict[str, str] = mark(
    {
        "no_rate_yet": "There is no retained rate yet.",
        "rows_without_customers": "These rows name no customer that could be counted.",
        "rows_without_money": "No money can be put on this check.",
        "nothing_done": "Nothing was done about this, so there is nothing to undo.",
        "no_sale_in_row": "Such rows hold no sale that could be counted.",
        "sale_unknown": "What such lines say of a sale is not known.",
        "customer_unknown": "Nobody knows which customers these sales belong to.",
        "day_unknown": "Nobody knows on which day these sales were.",
        "amount_unknown": "Nobody knows what these sales were worth.",
        "order_of_several": "Nobody knows which of its customers such an order would go to.",
        "lines_not_kept": "What stood on each line of such an order is not kept.",
        "nobody_before": "Without this step nobody would have bought in the earlier window.",
        "records_unfit": "The records cannot carry it: the data audit says why, and what to mend.",
        "no_order_ids": "No column of the records holds the numbers of orders.",
        "status_without_meaning": "The configuration does not say what this status means.",
        "file_without_lines": "Such a file holds rows, but no lines of text.",
        "no_file_alike": "No earlier file holds the same.",
        "no_line_settles": "No line of the configuration settles this by itself.",
        "not_in_records": "There is nothing to hold this total against.",
        "no_one_tax": "No one tax explains how the client's totals and the records differ.",
        "no_revenue": "There is no revenue to take a share of.",
        "goes_on": "It goes on to the end of the records.",
        "no_yearly_closure": "The shop has no closure that comes every year, or there is no window.",
        "no_level": "There is nothing on this side of the day to tell a level by.",
        "not_of_rows": "This is not about single rows.",
        "of_no_day": "This is not about a day.",
        "none_ahead": "No row was set aside as dated after the records end.",
    }
)
