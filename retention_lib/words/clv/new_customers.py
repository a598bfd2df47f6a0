"""What may a new customer cost?"""

from __future__ import annotations

from typing import Final

from retention_lib.results import Clv, NewCustomerValue
from retention_lib.speech import Speech, mark
from retention_lib.words.clv import span
from retention_lib.words.clv.expectation import interval
from retention_lib.words.clv.reasons import nothing_to_draw
from retention_lib.words.reasons import because, follow

_LISTED: Final = 3  # parts told in words on either side; the figure shows the others


def _all(result: Clv) -> NewCustomerValue | None:
    """Return the next new customer of any kind."""
    return next((kind for kind in result.new_customer_value or [] if kind.kind == "all"), None)


def _parts(result: Clv) -> list[NewCustomerValue]:
    return [kind for kind in result.new_customer_value or [] if kind.kind != "all"]


def _clear(result: Clv) -> list[NewCustomerValue]:
    return [kind for kind in _parts(result) if kind.compared != "not clearly"]


_TITLES = mark(
    {
        "purchases": ("A next new customer buys {times} more times within {horizon_months:months}"),
        "margin": "A next new customer brings {value:rounded_money} of margin within "
        "{horizon_months:months}",
        "revenue": "A next new customer brings {value:rounded_money} of revenue within "
        "{horizon_months:months}",
    }
)


def title(result: Clv, speech: Speech) -> str:
    """Return the figure's title."""
    whole = _all(result)
    if whole is None:
        return speech.text("What a next new customer is worth")
    unit = "purchases" if whole.value is None else result.basis
    times = _times(whole, whole.purchases, speech)
    return speech.text(_TITLES[unit], result, value=whole.value, times=times)


def alt(result: Clv, speech: Speech) -> str:
    """Return the figure's alternative text."""
    if _all(result) is None:
        return nothing_to_draw(result, "/new_customer_value", speech)
    sides = {
        side: speech.series(
            speech.text(_NAMES[kind.kind], kind) for kind in _clear(result) if kind.compared == side
        )
        for side in ("above", "below")
    }
    return follow(
        speech.text(
            "Dots with 95% intervals: what a next new customer is expected to bring, of all and by "
            "start, channel and first product, as far as the records name them."
        ),
        *(speech.text(_SIDES[side], names=names) for side, names in sides.items() if names),
    )


_SIDES = mark({"above": "Clearly above all: {names}.", "below": "Clearly below all: {names}."})
_NAMES = mark(
    {
        "cohort": "customers of {name}",
        "channel": "channel “{name}”",
        "product": "first product “{name}”",
    }
)


def meaning(result: Clv, speech: Speech) -> str:
    """Return what winning a customer may cost, and which kinds are clearly worth more or less."""
    whole = _all(result)
    if whole is None:
        return because(result, "/new_customer_value", speech)
    first = follow(_expected(result, whole, speech), _compared(result, speech))
    lines = [_line(kind, speech) for kind in _told(result)]
    closing = follow(
        _more(result, speech),
        _decision(result, speech),
        speech.prose(
            "Customers who came lately were seen for a short time only: what is said of them may "
            "still change."
        )
        if any(kind.kind == "cohort" for kind in _parts(result))
        else "",
    )
    return "\n".join([first, "", *lines, "", closing]) if lines else follow(first, closing)


_ALLOWED = mark(
    {
        "margin": "That is margin, so it is **the most that winning one may cost** within this "
        "time; plan with the lower end.",
        "revenue": "That is revenue: **the most that winning one may cost is the profit in that "
        "sum**. Multiply it by the margin, and plan with the lower end.",
    }
)


def _expected(result: Clv, whole: NewCustomerValue, speech: Speech) -> str:
    if whole.value is not None:
        return follow(
            speech.prose(
                "A next new customer is expected to bring **{value:rounded_money}** within "
                "{months:months}; **{first:rounded_money}** of it comes with the first purchase.",
                months=result.horizon_months,
                value=whole.value,
                first=whole.first_value or 0.0,
            ),
            span.shortened(result, speech),
            interval(whole.value_ci95, speech.rounded_money, speech),
            speech.prose(_ALLOWED[result.basis]),
        )
    at = (result.new_customer_value or []).index(whole)
    return follow(
        speech.prose(
            "A next new customer is expected to buy **{times}** more times within "
            "{horizon_months:months} of the first purchase.",
            result,
            times=_times(whole, whole.purchases, speech),
        ),
        span.shortened(result, speech),
        interval(whole.purchases_ci95, lambda end: _times(whole, end, speech), speech),
        because(result, f"/new_customer_value/{at}/value", speech),
        speech.prose(
            "What winning one may cost cannot be said without amounts; the kinds can still be "
            "compared."
        ),
    )


def _times(kind: NewCustomerValue, purchases: float, speech: Speech) -> str:
    """Return later purchases of a kind, or an end of their range."""
    return speech.number(purchases, 1 if kind.purchases >= 1 else 2)


def _compared(result: Clv, speech: Speech) -> str:
    n, clear = len(_parts(result)), len(_clear(result))
    if not n:
        return speech.prose("No parts of the new customers could be compared.")
    if not clear:
        return speech.prose(
            "Of {n:count} part{n:|s} that could be compared with all, none clearly differs: there "
            "is no case for paying more for some than for others.",
            n=n,
        )
    return speech.prose(
        "Of {n:count} part{n:|s} that could be compared with all, {clear:count} clearly differ:",
        n=n,
        clear=clear,
    )


def _told(result: Clv) -> list[NewCustomerValue]:
    """Return the parts told in words: by kind, those furthest above and below all."""
    told = [kind for kind in _clear(result) if kind.place <= _LISTED]
    order = list(_NAMES)
    return sorted(told, key=lambda one: (order.index(one.kind), one.compared, one.place))


_LINES = mark(
    {
        "above": "- **Clearly more**, {kind}: **{worth}**, between **{low}** and **{high}**, "
        "learnt from {customers:count} customer{customers:|s}.",
        "below": "- **Clearly less**, {kind}: **{worth}**, between **{low}** and **{high}**, "
        "learnt from {customers:count} customer{customers:|s}.",
    }
)


def _line(kind: NewCustomerValue, speech: Speech) -> str:
    """Return a part's line, its worth in money or else in purchases."""
    if kind.value is None or kind.value_ci95 is None:
        ends = [_times(kind, end, speech) for end in kind.purchases_ci95]
        worth = speech.text("{times} more purchases", times=_times(kind, kind.purchases, speech))
    else:
        ends = [speech.rounded_money(end) for end in kind.value_ci95]
        worth = speech.rounded_money(kind.value)
    return speech.prose(
        _LINES[kind.compared],
        kind,
        kind=speech.text(_NAMES[kind.kind], kind),
        worth=worth,
        low=ends[0],
        high=ends[1],
    )


def _more(result: Clv, speech: Speech) -> str:
    left = len(_clear(result)) - len(_told(result))
    if not left:
        return ""
    return speech.prose("{n:count} more {n:differs|differ} in the figure.", n=left)


def _decision(result: Clv, speech: Speech) -> str:
    """Return what the differences are good for, where there is something to decide on."""
    if all(kind.kind == "cohort" for kind in _clear(result)):
        return ""
    return speech.prose(
        "Winning customers may cost more where they bring more, and less where they bring less; "
        "but the next ones that more money brings there may be worth less than those who came so "
        "far."
    )
