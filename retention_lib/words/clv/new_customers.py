"""Sentences of notebook 04 on the next new customer: the most that winning one may cost."""

from __future__ import annotations

from typing import Literal

from retention_lib.results import Clv, Interval, NewCustomerValue
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow

Part = Literal["cohort", "channel", "product"]
_PARTS: tuple[Part, ...] = ("cohort", "channel", "product")
_LISTED = 3  # parts told in words on either side; the figure shows the others


def _all(result: Clv) -> NewCustomerValue | None:
    """Return the next new customer of any kind."""
    found = result.new_customer_value or []
    return next((kind for kind in found if kind.kind == "all"), None)


def _parts(result: Clv) -> list[NewCustomerValue]:
    return [kind for kind in result.new_customer_value or [] if kind.kind != "all"]


def _clear(result: Clv) -> list[NewCustomerValue]:
    return [kind for kind in _parts(result) if kind.compared != "not clearly"]


def _times(purchases: float, speech: Speech) -> str:
    return speech.number(purchases, 1 if purchases >= 1 else 2)


def _worth(kind: NewCustomerValue) -> float:
    """Return what orders customers: money, or purchases where there is none."""
    return kind.purchases if kind.value is None else kind.value


# --- figure -------------------------------------------------------------------


def new_customers_title(result: Clv, speech: Speech) -> str:
    """Return the title of the figure of new customers."""
    whole = _all(result)
    if whole is None:
        return speech.text("What a next new customer is worth")
    if whole.value is None:
        return speech.texts(
            "A next new customer buys {purchases} more times within a month",
            "A next new customer buys {purchases} more times within {n} months",
            result.horizon_months,
            purchases=_times(whole.purchases, speech),
        )
    if result.basis == "margin":
        return speech.texts(
            "A next new customer brings {money} of margin within a month",
            "A next new customer brings {money} of margin within {n} months",
            result.horizon_months,
            money=speech.rounded_money(whole.value),
        )
    return speech.texts(
        "A next new customer brings {money} of revenue within a month",
        "A next new customer brings {money} of revenue within {n} months",
        result.horizon_months,
        money=speech.rounded_money(whole.value),
    )


def new_customers_alt(result: Clv, speech: Speech) -> str:
    """Return the alternative text of the figure of new customers."""
    if _all(result) is None:
        return speech.text(
            "The value of a next new customer is not known: there is nothing to draw."
        )
    drawn = speech.text(
        "Dots with 95% intervals: what a next new customer is expected to bring, of all and by "
        "start, channel and first product, as far as the records name them."
    )
    above = [_name(kind, speech) for kind in _clear(result) if kind.compared == "above"]
    below = [_name(kind, speech) for kind in _clear(result) if kind.compared == "below"]
    return follow(
        drawn,
        speech.text("Clearly above all: {names}.", names="; ".join(above)) if above else "",
        speech.text("Clearly below all: {names}.", names="; ".join(below)) if below else "",
    )


_NAMES: dict[str, str] = {
    "cohort": mark("customers of {name}"),
    "channel": mark("channel “{name}”"),
    "product": mark("first product “{name}”"),
}


def _name(kind: NewCustomerValue, speech: Speech) -> str:
    return speech.text(_NAMES[kind.kind], name=kind.name)


# --- what is a new customer worth? --------------------------------------------


def new_customers_meaning(result: Clv, speech: Speech) -> str:
    """Return what winning a customer may cost, and which kinds are clearly worth more or less."""
    whole = _all(result)
    if whole is None:
        return because(result, "/new_customer_value", speech) or speech.prose(
            "The value of a next new customer is not known."
        )
    first = follow(
        _expected(result, whole, speech),
        _allowed(result, whole, speech),
        _compared(result, speech),
    )
    lines = [_line(kind, speech) for kind in _told(result)]
    closing = follow(_more(result, speech), _decision(result, speech), _young(result, speech))
    if not lines:
        return follow(first, closing)
    return "\n".join([first, "", *lines, "", closing])


def _expected(result: Clv, whole: NewCustomerValue, speech: Speech) -> str:
    if whole.value is None or whole.value_ci95 is None:
        return follow(_bought(result, whole, speech), _why_no_money(result, speech))
    money = {
        "money": speech.rounded_money(whole.value),
        **_ends(whole.value_ci95, speech),
        "first": speech.rounded_money(whole.first_value or 0.0),
    }
    if result.basis == "margin":
        return speech.proses(
            "A next new customer is expected to bring **{money}** of margin within a month, between "
            "**{low}** and **{high}** (95% interval); **{first}** of it comes with the first "
            "purchase.",
            "A next new customer is expected to bring **{money}** of margin within {n} months, "
            "between **{low}** and **{high}** (95% interval); **{first}** of it comes with the "
            "first purchase.",
            result.horizon_months,
            **money,
        )
    return speech.proses(
        "A next new customer is expected to bring **{money}** of revenue within a month, between "
        "**{low}** and **{high}** (95% interval); **{first}** of it comes with the first purchase.",
        "A next new customer is expected to bring **{money}** of revenue within {n} months, "
        "between **{low}** and **{high}** (95% interval); **{first}** of it comes with the first "
        "purchase.",
        result.horizon_months,
        **money,
    )


def _why_no_money(result: Clv, speech: Speech) -> str:
    """Return why the value of new customers is in purchases only."""
    place = next(
        at for at, kind in enumerate(result.new_customer_value or []) if kind.kind == "all"
    )
    return because(result, f"/new_customer_value/{place}/value", speech)


def _bought(result: Clv, whole: NewCustomerValue, speech: Speech) -> str:
    low, high = whole.purchases_ci95
    return speech.proses(
        "A next new customer is expected to buy **{purchases}** more times within a month of the "
        "first purchase, between **{low}** and **{high}** times (95% interval).",
        "A next new customer is expected to buy **{purchases}** more times within {n} months of "
        "the first purchase, between **{low}** and **{high}** times (95% interval).",
        result.horizon_months,
        purchases=_times(whole.purchases, speech),
        low=_times(low, speech),
        high=_times(high, speech),
    )


def _ends(ci95: Interval, speech: Speech) -> dict[str, str]:
    return {"low": speech.rounded_money(ci95[0]), "high": speech.rounded_money(ci95[1])}


def _allowed(result: Clv, whole: NewCustomerValue, speech: Speech) -> str:
    """Return what winning a customer may cost."""
    if whole.value is None:
        return speech.prose(
            "What winning one may cost cannot be said without amounts; the kinds can still be "
            "compared."
        )
    if result.basis == "margin":
        return speech.prose(
            "That is **the most that winning one may cost** within this time; plan with the lower "
            "end."
        )
    return speech.prose(
        "**The most that winning one may cost is the profit in that sum**, not the sum: multiply "
        "it by the margin, and plan with the lower end."
    )


def _compared(result: Clv, speech: Speech) -> str:
    parts = _parts(result)
    if not parts:
        return speech.prose("No parts of the new customers could be compared.")
    clear = len(_clear(result))
    if not clear:
        return speech.proses(
            "The {n} part that could be compared with all does not stand clearly apart: nothing "
            "speaks for paying more or less for it.",
            "Of {n} parts that could be compared with all, none stands clearly apart: nothing "
            "speaks for paying more for some than for others.",
            len(parts),
        )
    return speech.proses(
        "The {n} part that could be compared with all stands clearly apart:",
        "Of {n} parts that could be compared with all, {clear} clearly stand apart:",
        len(parts),
        clear=speech.count(clear),
    )


def _told(result: Clv) -> list[NewCustomerValue]:
    """Return the parts told in words: by kind, those furthest above and below all, best first."""
    told = []
    for part in _PARTS:
        ranked = sorted((kind for kind in _clear(result) if kind.kind == part), key=_worth)[::-1]
        above = [kind for kind in ranked if kind.compared == "above"]
        below = [kind for kind in ranked if kind.compared == "below"]
        told += above[:_LISTED] + below[-_LISTED:]
    return told


_LINES: dict[tuple[str, str], tuple[str, str]] = {
    ("cohort", "above"): (
        mark(
            "- First bought in {name}: **{worth}**, between **{low}** and **{high}**, learnt from "
            "{n} customer: **clearly more**."
        ),
        mark(
            "- First bought in {name}: **{worth}**, between **{low}** and **{high}**, learnt from "
            "{n} customers: **clearly more**."
        ),
    ),
    ("cohort", "below"): (
        mark(
            "- First bought in {name}: **{worth}**, between **{low}** and **{high}**, learnt from "
            "{n} customer: **clearly less**."
        ),
        mark(
            "- First bought in {name}: **{worth}**, between **{low}** and **{high}**, learnt from "
            "{n} customers: **clearly less**."
        ),
    ),
    ("channel", "above"): (
        mark(
            "- Came by the channel “{name}”: **{worth}**, between **{low}** and **{high}**, learnt "
            "from {n} customer: **clearly more**."
        ),
        mark(
            "- Came by the channel “{name}”: **{worth}**, between **{low}** and **{high}**, learnt "
            "from {n} customers: **clearly more**."
        ),
    ),
    ("channel", "below"): (
        mark(
            "- Came by the channel “{name}”: **{worth}**, between **{low}** and **{high}**, learnt "
            "from {n} customer: **clearly less**."
        ),
        mark(
            "- Came by the channel “{name}”: **{worth}**, between **{low}** and **{high}**, learnt "
            "from {n} customers: **clearly less**."
        ),
    ),
    ("product", "above"): (
        mark(
            "- First bought “{name}”: **{worth}**, between **{low}** and **{high}**, learnt from "
            "{n} customer: **clearly more**."
        ),
        mark(
            "- First bought “{name}”: **{worth}**, between **{low}** and **{high}**, learnt from "
            "{n} customers: **clearly more**."
        ),
    ),
    ("product", "below"): (
        mark(
            "- First bought “{name}”: **{worth}**, between **{low}** and **{high}**, learnt from "
            "{n} customer: **clearly less**."
        ),
        mark(
            "- First bought “{name}”: **{worth}**, between **{low}** and **{high}**, learnt from "
            "{n} customers: **clearly less**."
        ),
    ),
}


def _line(kind: NewCustomerValue, speech: Speech) -> str:
    """Return a part's line, its worth in money or else in purchases."""
    if kind.value is None or kind.value_ci95 is None:
        worth = {
            "worth": speech.text("{n} more purchases", n=_times(kind.purchases, speech)),
            "low": _times(kind.purchases_ci95[0], speech),
            "high": _times(kind.purchases_ci95[1], speech),
        }
    else:
        worth = {"worth": speech.rounded_money(kind.value), **_ends(kind.value_ci95, speech)}
    return speech.proses(*_LINES[kind.kind, kind.compared], kind.customers, name=kind.name, **worth)


def _more(result: Clv, speech: Speech) -> str:
    left = len(_clear(result)) - len(_told(result))
    if left <= 0:
        return ""
    return speech.proses(
        "{n} more stands apart in the figure.", "{n} more stand apart in the figure.", left
    )


def _decision(result: Clv, speech: Speech) -> str:
    """Return what the differences are good for, where there is something to decide on."""
    if all(kind.kind == "cohort" for kind in _clear(result)):
        return ""
    return speech.prose(
        "Winning customers may cost more where they bring more, and less where they bring less; but "
        "the next ones that more money brings there may be worth less than those who came so far."
    )


def _young(result: Clv, speech: Speech) -> str:
    """Return that young cohorts were seen for a short time, where there are cohorts."""
    if not any(kind.kind == "cohort" for kind in _parts(result)):
        return ""
    return speech.prose(
        "Customers who came lately were seen for a short time only: what is said of them may still "
        "change."
    )
