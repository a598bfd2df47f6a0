"""Sentences of notebook 04 on where the value lies, and how much of it is at risk."""

from __future__ import annotations

from retention_lib.results import Clv, State, StateValue
from retention_lib.speech import Speech, mark
from retention_lib.words.labels import STATES, label
from retention_lib.words.reasons import because, follow

_APART = 1.5  # times the median: from here on a mean says little about most customers
_HALF = 0.5
_NEXT_TO_NOTHING = 0.005  # of money: shown as nothing


# --- how many are worth how much? ---------------------------------------------


def value_distribution_title(result: Clv, speech: Speech) -> str:
    """Return the title of the figure of customers by what they are worth."""
    if result.median_clv is None:
        return speech.text("How many customers are worth how much")
    if result.median_clv < _NEXT_TO_NOTHING:
        return speech.text("Half of the customers are worth next to nothing")
    return speech.text(
        "Half of the customers are worth less than {median} each",
        median=speech.rounded_money(result.median_clv),
    )


def value_distribution_alt(result: Clv, speech: Speech) -> str:
    """Return the alternative text of the figure of customers by what they are worth."""
    if result.median_clv is None:
        return speech.text("Without expected values there is nothing to draw.")
    drawn = speech.text(
        "Bars of the number of customers by the value expected of each, from next to nothing to "
        "the largest, one above the other; each stands for about twice the money of the one before."
    )
    if result.median_clv < _NEXT_TO_NOTHING:
        return follow(drawn, speech.text("Half of the customers lie in the first."))
    return follow(
        drawn,
        speech.text(
            "Half of the customers lie below {median}.",
            median=speech.rounded_money(result.median_clv),
        ),
    )


def value_distribution_meaning(result: Clv, speech: Speech) -> str:
    """Return what a usual customer is worth, and what may be spent on each."""
    if result.median_clv is None:
        return because(result, "/median_clv", speech)
    if result.median_clv < _NEXT_TO_NOTHING:
        return speech.prose(
            "Half of the customers are expected to bring **next to nothing**: whatever is spent on "
            "all alike is lost on half of them, so choose whom to spend it on."
        )
    return follow(_median(result, speech), _spend_on_each(result, speech))


def _mean(result: Clv) -> float | None:
    customers = sum(state.customers for state in result.states)
    if not customers or result.total_clv is None:
        return None
    return result.total_clv / customers


def _median(result: Clv, speech: Speech) -> str:
    assert result.median_clv is not None
    mean = _mean(result)
    values = {"median": speech.rounded_money(result.median_clv)}
    months = result.horizon_months
    if mean is None:
        return speech.proses(
            "Half of the customers are expected to bring less than **{median}** in the next month.",
            "Half of the customers are expected to bring less than **{median}** in the next {n} "
            "months.",
            months,
            **values,
        )
    values["mean"] = speech.rounded_money(mean)
    if mean > _APART * result.median_clv:
        return speech.proses(
            "Half of the customers are expected to bring less than **{median}** in the next month; "
            "the mean is **{mean}**, because a few bring far more than the others.",
            "Half of the customers are expected to bring less than **{median}** in the next {n} "
            "months; the mean is **{mean}**, because a few bring far more than the others.",
            months,
            **values,
        )
    return speech.proses(
        "Half of the customers are expected to bring less than **{median}** in the next month; the "
        "mean is **{mean}**: customers differ little.",
        "Half of the customers are expected to bring less than **{median}** in the next {n} "
        "months; the mean is **{mean}**: customers differ little.",
        months,
        **values,
    )


def _spend_on_each(result: Clv, speech: Speech) -> str:
    assert result.median_clv is not None
    return speech.prose(
        "So whatever costs **{median}** or more for each customer cannot pay for half of them, even "
        "if all that they will bring were owed to it: choose whom to spend it on.",
        median=speech.rounded_money(result.median_clv),
    )


# --- how much hangs on few? ---------------------------------------------------


def value_lorenz_title(result: Clv, speech: Speech) -> str:
    """Return the title of the figure of concentration."""
    if result.top20_share is None:
        return speech.text("How the expected value is spread over customers")
    return speech.text(
        "The most valuable fifth of customers holds {share} of the expected value",
        share=speech.share(result.top20_share, 0),
    )


def value_lorenz_alt(result: Clv, speech: Speech) -> str:
    """Return the alternative text of the figure of concentration."""
    if result.top20_share is None:
        return speech.text("Without expected values there is nothing to draw.")
    return speech.text(
        "Two rising curves, one of the expected value and one of the spend so far, each from the "
        "largest customers to the smallest: the share of all that so many customers hold. The "
        "first fifth holds {share} of the expected value; a straight line shows equal customers.",
        share=speech.share(result.top20_share, 0),
    )


def value_lorenz_meaning(result: Clv, speech: Speech) -> str:
    """Return how much hangs on few customers, and what that means for effort."""
    if result.top20_share is None:
        return because(result, "/top20_share", speech)
    return follow(
        _top_fifth(result.top20_share, speech),
        speech.prose(
            "Where the curve of the expected value lies above that of past spend, fewer customers "
            "carry the future than carried the past."
        ),
    )


def _top_fifth(top: float, speech: Speech) -> str:
    if top < _HALF:
        return speech.prose(
            "The most valuable fifth of customers holds **{share}** of all expected value: it is "
            "spread widely, so what is cheap for each customer pays best.",
            share=speech.share(top, 0),
        )
    return speech.prose(
        "The most valuable fifth of customers holds **{share}** of all expected value: effort "
        "spread evenly over all customers would mostly go to those who bring little.",
        share=speech.share(top, 0),
    )


# --- how much is at risk? -----------------------------------------------------

_CUSTOMERS: dict[State, tuple[str, str]] = {
    "new": (mark("{n} new customer"), mark("{n} new customers")),
    "active": (mark("{n} active customer"), mark("{n} active customers")),
    "slipping": (mark("{n} slipping customer"), mark("{n} slipping customers")),
    "lapsed": (mark("{n} lapsed customer"), mark("{n} lapsed customers")),
}


def _customers(state: StateValue, speech: Speech) -> str:
    return speech.texts(*_CUSTOMERS[state.state], state.customers)


def _share_at_risk(result: Clv) -> float | None:
    if result.value_at_risk is None or not result.total_clv:
        return None
    return result.value_at_risk / result.total_clv


def _largest(result: Clv) -> tuple[StateValue, float] | None:
    """Return the state that holds most of what is at risk, and its share of it."""
    if not result.value_at_risk:
        return None
    states = [(state, state.at_risk) for state in result.states if state.at_risk]
    if not states:
        return None
    state, at_risk = max(states, key=lambda pair: pair[1])
    return state, at_risk / result.value_at_risk


def at_risk_title(result: Clv, speech: Speech) -> str:
    """Return the title of the figure of value at risk."""
    if result.value_at_risk is None:
        return speech.text("Expected value, and what of it is at risk")
    money, found = speech.about_money(result.value_at_risk), _largest(result)
    if found is None:
        return speech.text("Of the expected value {money} is at risk", money=money)
    state, share = found
    return speech.text(
        "{money} at risk, {share} of it with {customers}",
        money=money,
        share=speech.share(share, 0),
        customers=_customers(state, speech),
    )


def at_risk_alt(result: Clv, speech: Speech) -> str:
    """Return the alternative text of the figure of value at risk."""
    if result.value_at_risk is None or not result.states:
        return speech.text("What is at risk is not known, so there is nothing to draw.")
    shares = "; ".join(
        speech.text(
            "{state} {share}",
            state=label(STATES, state.state, speech),
            share=speech.share(state.at_risk / state.value, 0),
        )
        for state in result.states
        if state.value and state.at_risk is not None
    )
    if not shares:
        return speech.text("Bars of the expected value by state of customers; all of it is zero.")
    return speech.text(
        "Bars of the expected value by state of customers, the part at risk marked in each. At "
        "risk is of each: {shares}.",
        shares=shares,
    )


def at_risk_meaning(result: Clv, speech: Speech) -> str:
    """Return how much of the value is at stake, and with whom."""
    if result.value_at_risk is None:
        return because(result, "/value_at_risk", speech)
    return follow(
        _at_stake(result, speech),
        _with_whom(result, speech),
        _each(result, speech),
        speech.prose(
            "That is **what is at stake, not what a campaign would win**: many would come without "
            "it, and many will not come for it. Only a test on a random half shows what it adds."
        ),
    )


def _at_stake(result: Clv, speech: Speech) -> str:
    assert result.value_at_risk is not None
    share, money = _share_at_risk(result), speech.about_money(result.value_at_risk)
    if share is None or result.at_risk_days is None:
        return speech.prose(
            "**{money}** of the expected value is at stake: it hangs on customers who may not come.",
            money=money,
        )
    return speech.prose(
        "**{money}** of the expected value, **{share}** of it, is at stake: what each customer is "
        "worth, times the chance that they buy nothing in the next {days}.",
        money=money,
        share=speech.share(share, 0),
        days=speech.days(result.at_risk_days),
    )


def _with_whom(result: Clv, speech: Speech) -> str:
    found = _largest(result)
    if found is None:
        return ""
    state, share = found
    if share == 1:
        return speech.prose("All of it lies with {customers}.", customers=_customers(state, speech))
    if share > _HALF:
        return speech.prose(
            "Most of it, **{share}**, lies with {customers}.",
            share=speech.share(share, 0),
            customers=_customers(state, speech),
        )
    return speech.prose(
        "The largest part, **{share}**, lies with {customers}.",
        share=speech.share(share, 0),
        customers=_customers(state, speech),
    )


def _each(result: Clv, speech: Speech) -> str:
    """Return with whom most is at stake for each customer: the most that reaching one can bring."""
    each = [
        (state, state.at_risk / state.customers)
        for state in result.states
        if state.at_risk and state.customers
    ]
    if len(each) < 2:
        return ""
    state, most = max(each, key=lambda pair: pair[1])
    largest = _largest(result)
    if largest is not None and largest[0] is state:
        return speech.prose(
            "For each of them, too, most is at stake: **{money}**. Reaching one of them is on "
            "average worth at most that, even if it always worked.",
            money=speech.rounded_money(most),
        )
    return speech.prose(
        "For each customer, most is at stake with {customers}: **{money}**. Reaching one of them "
        "is on average worth at most that, even if it always worked.",
        customers=_customers(state, speech),
        money=speech.rounded_money(most),
    )
