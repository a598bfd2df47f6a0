"""What to do next, as plain sentences: whom it concerns, what is at stake, how to find out."""

from __future__ import annotations

from retention_lib.results import Action, Results
from retention_lib.speech import Speech, mark
from retention_lib.words.labels import humanised

MOST_STEPS = 4

Pair = tuple[str, str]

# for one customer and for several; the second pair names the money
_STEPS: dict[str, tuple[Pair, Pair]] = {
    "second_purchase": (
        (
            mark(
                "Invite the {n} recent first-time buyer to a second purchase; test it first on a "
                "random half."
            ),
            mark(
                "Invite the {n} recent first-time buyers to a second purchase; test it first on "
                "a random half."
            ),
        ),
        (
            mark(
                "Invite the {n} recent first-time buyer, expected to bring {money}, to a second "
                "purchase; test it first on a random half."
            ),
            mark(
                "Invite the {n} recent first-time buyers, expected to bring {money}, to a second "
                "purchase; test it first on a random half."
            ),
        ),
    ),
    "win_back_slipping": (
        (
            mark(
                "Write to the {n} slipping customer before they lapse; test it first on a random "
                "half."
            ),
            mark(
                "Write to the {n} slipping customers before they lapse; test it first on a "
                "random half."
            ),
        ),
        (
            mark(
                "Write to the {n} slipping customer before they lapse: {money} is expected of "
                "them; test it first on a random half."
            ),
            mark(
                "Write to the {n} slipping customers before they lapse: {money} is expected of "
                "them; test it first on a random half."
            ),
        ),
    ),
    "protect_top": (
        (
            mark(
                "Look after the {n} active customer, the most valuable first; test it first on a "
                "random half."
            ),
            mark(
                "Look after the {n} active customers, the most valuable first; test it first on "
                "a random half."
            ),
        ),
        (
            mark(
                "Look after the {n} active customer, expected to bring {money}; test it first on "
                "a random half."
            ),
            mark(
                "Look after the {n} active customers, the most valuable first: {money} is "
                "expected of them; test it first on a random half."
            ),
        ),
    ),
    "keep_lapsed_automatic": (
        (
            mark(
                "Reach the {n} lapsed customer by automatic messages only; leave a "
                "random half alone to see what they change."
            ),
            mark(
                "Reach the {n} lapsed customers by automatic messages only; leave a "
                "random half alone to see what they change."
            ),
        ),
        (
            mark(
                "Reach the {n} lapsed customer, expected to bring {money}, by automatic messages "
                "only; leave a random half alone to see what they change."
            ),
            mark(
                "Reach the {n} lapsed customers, expected to bring {money}, by automatic "
                "messages only; leave a random half alone to see what they change."
            ),
        ),
    ),
    "collect_data": (
        (
            mark(
                "Complete the records before deciding on more: see the reservations of the data "
                "audit ({n} customer)."
            ),
            mark(
                "Complete the records before deciding on more: see the reservations of the data "
                "audit ({n} customers)."
            ),
        ),
        (
            mark(
                "Complete the records before deciding on more: see the reservations of the data "
                "audit ({n} customer, {money})."
            ),
            mark(
                "Complete the records before deciding on more: see the reservations of the data "
                "audit ({n} customers, {money})."
            ),
        ),
    ),
}
_OTHER: tuple[Pair, Pair] = (
    (mark("{name}: {n} customer."), mark("{name}: {n} customers.")),
    (
        mark("{name}: {n} customer, {money} at stake."),
        mark("{name}: {n} customers, {money} at stake."),
    ),
)


def action_line(action: Action, speech: Speech) -> str:
    """Return one action as a plain sentence."""
    plain, valued = _STEPS.get(action.name, _OTHER)
    one, many = plain if action.money is None else valued
    return speech.texts(
        one,
        many,
        action.customers,
        money=speech.about_money(action.money or 0),
        name=humanised(action.name),
    )


def next_steps(results: Results, speech: Speech) -> list[str]:
    """Return what to do next, at most four sentences, in the order of the actions.

    Steps that bring customers or money come before those that mend the records, but the
    latter are never crowded out.
    """
    actions = results.recommendations.actions
    data = [action for action in actions if action.name == "collect_data"]
    others = [action for action in actions if action.name != "collect_data"]
    chosen = others[: MOST_STEPS - len(data[:1])] + data[:1]
    if not chosen:
        return [speech.text("The figures do not point to a next step yet.")]
    return [action_line(action, speech) for action in chosen]
