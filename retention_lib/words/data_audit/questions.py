"""What the client is asked, in words that a shop owner can answer, and what the answer changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from retention_lib.results import Audit, Question
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import UNKNOWN, cell, table
from retention_lib.words.labels import TOUCHED, label
from retention_lib.words.lowered import briefly

# one question for each check, reason, break and concern that may be asked about
ASKED = mark(
    {
        # rows set aside
        "unreadable_line": "{rows:count} line{rows:|s} of the export {rows:has|have} more or fewer "
        "fields than the header. Can you export them again, with texts in quotes?",
        "missing_customer_id": "{rows:count} row{rows:|s} {rows:names|name} no customer. Were these "
        "guests or sales over the counter, or is there another column that tells who they were?",
        "no_customer": "{rows:count} row{rows:|s} {rows:stands|stand} under an id for nobody, such "
        "as a guest. Is there another column, an e-mail address for example, that tells who they "
        "were?",
        "missing_date": "{rows:count} row{rows:|s} {rows:has|have} no date. When were these sales "
        "made?",
        "unreadable_date": "{rows:count} row{rows:|s} {rows:has|have} a date that cannot be read. "
        "What days are meant?",
        "missing_amount": "{rows:count} row{rows:|s} {rows:has|have} no amount. Were these sales, "
        "and for how much?",
        "unreadable_amount": "{rows:count} row{rows:|s} {rows:has|have} an amount that cannot be "
        "read. What sums are meant?",
        "dated_ahead": "{rows:count} row{rows:|s} {rows:is|are} dated long after all others, and "
        "{rows:was|were} left out. Are these orders placed ahead, or wrong dates?",
        # rows in use
        "duplicate_lines": "{rows:count} row{rows:|s} {rows:repeats|repeat} another row to the "
        "letter. Were these separate sales, or was one sale recorded twice?",
        "overlapping_files": "{rows:count} row{rows:|s} {rows:stands|stand} in several of the files "
        "that you sent. Do the files overlap? If so, can you export them with order numbers?",
        "ids_by_case": "Some customer numbers differ only in capital letters, blanks or leading "
        "zeros ({rows:count} row{rows:|s}). Do they mean the same customer?",
        "reused_orders": "{rows:count} row{rows:|s} {rows:has|have} an order number that stands for "
        "several customers or distant days. Does your system use numbers again?",
        "order_amounts_differ": "In {rows:count} row{rows:|s} the total of an order is not the same "
        "on all of its lines. Which amount is the order's?",
        "isolated_dates": "{rows:count} row{rows:|s} {rows:is|are} dated more than a year away from "
        "all others. Are these dates right?",
        "unused_status": "The export has a column of statuses ({rows:count} row{rows:|s}). Which of "
        "them mean that an order was cancelled, not paid, or sent back?",
        "orders_booked_twice": "{rows:count} row{rows:|s} {rows:belongs|belong} to orders that repeat "
        "another order of the same customer and day under a new number. Was each sold, or booked "
        "twice?",
        "reversed_within_orders": "{rows:count} row{rows:|s} {rows:is|are} taken back by another line "
        "of the same order. Were these purchases undone, or paid by a voucher?",
        "reversed_large": "{rows:count} very large {rows:purchase was|purchases were} returned in "
        "full. {rows:Was it a typing error|Were they typing errors}?",
        "expenses": "{rows:count} row{rows:|s} with a negative amount {rows:looks|look} like "
        "expenses and not like returns. What are they?",
        "free_but_paid": "{rows:count} row{rows:|s} {rows:has|have} a price of zero, but an amount. "
        "Which of the two is right?",
        "negative_prices": "{rows:count} row{rows:|s} {rows:has|have} a price below zero. "
        "{rows:Is it a correction|Are they corrections} in the books?",
        "extreme_amounts": "{rows:count} row{rows:|s} {rows:has an amount|have amounts} far above all "
        "others. {rows:Was it a real sale|Were they real sales}, or a slip of the keyboard?",
        "placeholder_ids": "{rows:count} row{rows:|s} {rows:stands|stand} under an id that looks like "
        "a guest's, or like nobody's. Does such an id stand for one customer?",
        "test_accounts": "{rows:count} row{rows:|s} {rows:belongs|belong} to accounts whose name or "
        "address says “test”. Did anybody buy there?",
        "staff_accounts": "{rows:count} row{rows:|s} {rows:belongs|belong} to accounts that look like "
        "your own staff's. Should they count as customers?",
        "dominant_accounts": "{rows:count} row{rows:|s} {rows:belongs|belong} to an account with far "
        "more sales than any other. Is it one customer, a reseller, or a till?",
        "shared_emails": "{rows:count} row{rows:|s} {rows:belongs|belong} to customer numbers that "
        "have an e-mail address in common. Is each of them one person under several numbers?",
        "several_emails": "{rows:count} row{rows:|s} {rows:belongs|belong} to customer numbers with "
        "several e-mail addresses. Is each number one person, or was it given away anew?",
        "times_in_utc": "The times of {rows:count} row{rows:|s} seem to be those of another time zone "
        "(UTC), which puts them on another day. By which clock does your system write?",
        "times_at_night": "Most of your sales seem to be made at night. By the clock of which place "
        "does your system write?",
        # breaks
        "gap": "Between {start:date} and {end:date} no sale is recorded. Was the shop closed, or is "
        "part of the export missing?",
        "gap_day": "On {start:date} no sale is recorded. Was the shop closed, or is part of the export "
        "missing?",
        "level": "On {start:date} sales jump to another level, from about {before} to {after} "
        "({series}). Did something change in the shop, the till or the export on that day?",
        "tax": "On {start:date} prices jump from about {before} to {after}. Were amounts recorded "
        "without tax on one side of that day, and with tax on the other?",
        "acquisition_pauses": "From {start:date} to {end:date} nobody buys for the first time, though "
        "known customers do. Were new customers recorded in another way then?",
        "acquisition_stops": "From {start:date} on nobody buys for the first time. Does the export "
        "hold only part of the customers, or did you really win no new ones?",
        "acquisition_starts": "Before {start:date} nobody buys for the first time. Were customers "
        "recorded in another way until then?",
        "migration": "From {start:date} to {end:date} unusually many customers appear for the first "
        "time. Did you move to another system then, and did old customers get new numbers?",
        "truncated_start": "The first days of the export, from {start:date}, hold far fewer sales "
        "than usual. Does the export begin in the middle of something?",
        "truncated_end": "The last days of the export, from {start:date}, hold far fewer sales than "
        "usual. Was it made before all sales were entered?",
        # what else
        "mid_life": "The export begins on {start:date}, and many customers seem to have bought "
        "before that. Can you export the years before, too?",
        "control": "These totals of your books do not meet what the export holds: {totals}. Are "
        "yours counted in another way, with tax or before returns for example, or is something "
        "missing?",
        "control_tax": "Your books and the export differ by {rate:share 0} or so throughout. Is one "
        "of them with tax, and the other without?",
        "doubts": "The export has columns that nobody has explained: {columns}. What do they mean, "
        "and do their rows count as sales?",
    }
)
_SERIES = mark(
    {
        "rows": "rows a day",
        "customers": "customers a day",
        "money": "revenue a day",
        "order_value": "value of a purchase",
        "new_customers": "new customers a day",
        "unit_price": "index of prices",
    }
)
_OTHER = mark("{rows:count} row{rows:|s} {rows:looks|look} odd. What {rows:is it|are they}?")
_HEADERS = mark(("Question", "Rows"))
_MONEY = mark({True: "Money ({currency})", False: "Money"})  # is it known of what
_REST = mark(("What the answer changes", "Sheet"))
_PLACE = mark(("File", "Line"))
_EVERY = mark("every figure")
_ANSWER = mark("Your answer")
_LINES = mark(
    {
        "unknown": "1. {asked}",
        "exact": "1. {asked} **{money:money}** is at stake.",
        "about": "1. {asked} **{money:about_money}** or so is at stake.",
    }
)
_SHEET = mark("Question {number:count}")
_FIRST = mark("Questions")


def asked(question: Question, result: Audit, speech: Speech) -> str:
    """Return a question to the client, as plain text."""
    facts = _facts(question, result, speech)
    code = question.name
    if code == "control" and result.control_tax is not None:
        code = "control_tax"
    if code == "gap" and facts["end"] == facts["start"]:
        code = "gap_day"
    if code == "acquisition_stops" and facts["ends"]:
        code = "acquisition_pauses"
    return speech.text(ASKED.get(code, _OTHER), **facts)


def _facts(question: Question, result: Audit, speech: Speech) -> dict[str, Any]:
    """Return what fills the question."""
    at = (question.name, question.start)
    found = next((it for it in result.breaks if (it.kind, it.start) == at), None)
    return {
        "rows": question.rows or 0,
        "start": question.start,
        "end": result.last_date if found is None or found.end is None else found.end,
        "ends": found is not None and found.end is not None,
        "before": cell(found and found.before, "number 1", speech),
        "after": cell(found and found.after, "number 1", speech),
        "series": "" if found is None else label(_SERIES, found.series, speech),
        "rate": 0.0 if result.control_tax is None else result.control_tax.rate,
        "totals": _listed([briefly(it, speech) for it in result.control if not it.meets], speech),
        "columns": _listed(list(dict.fromkeys(it.column for it in result.doubts)), speech),
    }


def _listed(things: Sequence[str], speech: Speech) -> str:
    return speech.listed(things) if things else ""


def rows(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return the questions in order of money, as a table shows them."""
    headers = (*_HEADERS, _MONEY[bool(speech.currency)], *_REST)
    lines = [
        (
            asked(question, result, speech),
            cell(question.rows, "count", speech),
            cell(question.money, "count", speech),
            _changes(question, speech),
            sheet(number, speech) if question.listed else UNKNOWN,
        )
        for number, question in enumerate(result.questions, start=1)
    ]
    return table(lines, headers, speech)


def _changes(question: Question, speech: Speech) -> str:
    """Return which figures the answer changes."""
    if set(question.touches) >= set(TOUCHED):
        return speech.text(_EVERY)
    if not question.touches:
        return UNKNOWN
    return speech.listed([label(TOUCHED, figure, speech) for figure in question.touches])


def sheet(number: int, speech: Speech) -> str:
    """Return the name of a question's sheet; that of all questions is number 0."""
    return speech.text(_SHEET if number else _FIRST, number=number)


def place(speech: Speech) -> list[str]:
    """Return what stands over the file and the line of a row."""
    return [speech.text(header) for header in _PLACE]


def answer(speech: Speech) -> str:
    """Return what stands over the column that the client fills in."""
    return speech.text(_ANSWER)


def rest(more: int, speech: Speech) -> str:
    """Return how many rows the sheet has no room for."""
    return speech.text("{n:count} more row{n:|s} {n:is|are} not shown here.", n=more)


def caption(result: Audit, speech: Speech) -> str:
    """Return the caption of the table of questions."""
    return speech.text(
        "{n:count} question{n:|s} for the client" if result.questions else "No question is open",
        n=len(result.questions),
    )


def meaning(result: Audit, speech: Speech) -> str:
    """Return the questions, one line each, and what is to be done with them."""
    if not result.questions:
        return speech.prose("Nothing in the records needs an answer from the client.")
    lines = [_line(question, result, speech) for question in result.questions]
    send = speech.prose(
        "Send the client questions.xlsx, which a run and a notebook of the client's leave in the folder "
        "`private`: each question stands there in plain words, with the rows that it is about. It "
        "names real customers, so it goes to nobody else."
    )
    return "\n".join([*lines, "", send])


def _line(question: Question, result: Audit, speech: Speech) -> str:
    exact = question.rows is not None or question.name == "control"
    code = "unknown" if question.money is None else "exact" if exact else "about"
    said = asked(question, result, speech)
    return speech.prose(_LINES[code], asked=said, money=question.money)
