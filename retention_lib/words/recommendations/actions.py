"""What to do next, as plain sentences: whom it concerns, what is at stake, how to find out."""

from __future__ import annotations

from retention_lib.results import Action, Recommendations, Results
from retention_lib.speech import Speech, mark
from retention_lib.words.labels import CERTAINTIES, humanised, label
from retention_lib.words.reasons import follow

MOST_STEPS = 4

_STEPS = mark(
    {
        "second_purchase": "Invite the {customers:count} recent first-time buyer{customers:|s} to "
        "a second purchase; test it first on a random half.",
        "win_back_slipping": "Write to the {customers:count} slipping customer{customers:|s} "
        "before they lapse; test it first on a random half.",
        "protect_top": "Look after the {customers:count} active customer{customers:|s}, the most "
        "valuable first; test it first on a random half.",
        "keep_lapsed_automatic": "Reach the {customers:count} lapsed customer{customers:|s} by "
        "automatic messages only; leave a random half alone to see what they change.",
        "collect_data": "Complete the records before deciding on more: see the reservations of "
        "the data audit ({customers:count} customer{customers:|s}).",
    }
)
_OTHER = mark("{name}: {customers:count} customer{customers:|s}.")


def line(action: Action, speech: Speech) -> str:
    """Return one action as plain text."""
    step = speech.text(_STEPS.get(action.name, _OTHER), action, name=humanised(action.name))
    at_stake = round(action.money or 0)  # less than one is nothing to a reader
    money = speech.text("At stake: {money:about_money}.", action) if at_stake else ""
    return follow(step, money)


def none(speech: Speech) -> str:
    """Return that there is nothing to do, as plain text."""
    return speech.text("The figures do not point to a next step yet.")


def next_steps(results: Results, speech: Speech) -> list[str]:
    """Return what to do next, at most four sentences, in the order of the actions.

    Steps that bring customers or money come before those that mend the records, but the
    latter are never crowded out.
    """
    actions = results.recommendations.actions
    data = [action for action in actions if action.name == "collect_data"][:1]
    others = [action for action in actions if action.name != "collect_data"]
    chosen = others[: MOST_STEPS - len(data)] + data
    return [line(action, speech) for action in chosen] or [none(speech)]


def meaning(result: Recommendations, speech: Speech) -> str:
    """Return what to do next, one line for each step."""
    lines = [
        speech.prose(
            "1. {step} Certainty: **{word}**.",
            step=line(action, speech),
            word=label(CERTAINTIES, action.certainty, speech),
        )
        for action in result.actions
    ]
    return "\n".join(lines) or none(speech)
