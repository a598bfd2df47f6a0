"""How much of the value may be lost?"""

from __future__ import annotations

from typing import Final

from retention_lib.results import Clv, Stake
from retention_lib.speech import Speech, mark
from retention_lib.words.clv.reasons import nothing_to_draw
from retention_lib.words.labels import STATES, label
from retention_lib.words.reasons import because, follow

_CUSTOMERS: Final = mark(
    {
        "new": "{customers:count} new customer{customers:|s}",
        "active": "{customers:count} active customer{customers:|s}",
        "slipping": "{customers:count} slipping customer{customers:|s}",
        "lapsed": "{customers:count} lapsed customer{customers:|s}",
    }
)
_WITH_WHOM: Final = mark(
    {
        "all": "All of it lies with {whom}.",
        "most": "Most of it, **{share:share 0}**, lies with {whom}.",
        "largest": "The largest part, **{share:share 0}**, lies with {whom}.",
    }
)
_MOST: Final = 0.5


def _whom(stake: Stake, speech: Speech) -> str:
    return speech.text(_CUSTOMERS[stake.state], stake)


def names(speech: Speech) -> dict[str, str]:
    """Return the name of each state of customers."""
    return {state: label(STATES, state, speech) for state in STATES}


def title(result: Clv, speech: Speech) -> str:
    """Return the figure's title."""
    if result.value_at_risk is None:
        return speech.text("Expected value, and what of it is at risk")
    for first in result.stakes:
        return speech.text(
            "{money:about_money} at risk, {share:share 0} of it with {whom}",
            first,
            money=result.value_at_risk,
            whom=_whom(first, speech),
        )
    return speech.text("{value_at_risk:about_money} of the expected value is at risk", result)


def alt(result: Clv, speech: Speech) -> str:
    """Return the figure's alternative text."""
    if result.value_at_risk is None or not result.states:
        return nothing_to_draw(result, "/value_at_risk", speech)
    shares = [
        speech.text("{state} {of_value:share 0}", one, state=label(STATES, one.state, speech))
        for one in result.stakes
    ]
    if not shares:
        return speech.text("Bars of the expected value by state of customers; nothing is at risk.")
    return speech.text(
        "Bars of the expected value by state of customers, the part at risk marked in each: "
        "{shares}.",
        shares=speech.series(shares),
    )


def meaning(result: Clv, speech: Speech) -> str:
    """Return how much of the value is at stake, and with whom."""
    return because(result, "/value_at_risk", speech) or follow(
        speech.prose(
            "**{value_at_risk:about_money}** of the expected value, **{at_risk_share:share 0}** of "
            "it, is at stake: what each customer is worth, times the chance that they buy nothing "
            "in the next {at_risk_days:days}.",
            result,
        ),
        _with_whom(result, speech),
        _each(result, speech),
        speech.prose(
            "That is **what is at stake, not what a campaign would win**: many would come without "
            "it, and many will not come for it. Only a test on a random half shows what it adds."
        ),
    )


def _with_whom(result: Clv, speech: Speech) -> str:
    for first in result.stakes:
        part = "all" if first.share == 1 else "most" if first.share > _MOST else "largest"
        return speech.prose(_WITH_WHOM[part], first, whom=_whom(first, speech))
    return ""


def _each(result: Clv, speech: Speech) -> str:
    """Return with whom most is at stake for each customer: the most that reaching one can bring."""
    for at, one in enumerate(result.stakes):
        if one.most_each:
            return speech.prose(
                "For each customer, most is at stake with {whom}: **{each:rounded_money}**. "
                "Reaching one of them is on average worth at most that, even if it always worked."
                if at
                else "For each of them, too, most is at stake: **{each:rounded_money}**. Reaching "
                "one of them is on average worth at most that, even if it always worked.",
                one,
                whom=_whom(one, speech),
            )
    return ""
