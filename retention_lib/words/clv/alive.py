"""Who is still a customer?"""

from __future__ import annotations

from retention_lib.results import Clv
from retention_lib.speech import Speech, mark
from retention_lib.words.clv.race import forecast_name
from retention_lib.words.clv.reasons import nothing_to_draw
from retention_lib.words.reasons import because, follow

_NEVER_LOSES_ONE_TIME_BUYERS = "BG/NBD"
_NEVER_LOSES_ANYBODY = "NBD"


def title(result: Clv, speech: Speech) -> str:
    """Return the figure's title."""
    if result.mean_p_alive is None or result.model == _NEVER_LOSES_ANYBODY:
        return speech.text("The chance of still being a customer")
    return speech.text(
        "The longer the silence, the smaller the chance: {mean_p_alive:share 0} on average", result
    )


def alt(result: Clv, speech: Speech) -> str:
    """Return the figure's alternative text."""
    if result.mean_p_alive is None:
        return nothing_to_draw(result, "/mean_p_alive", speech)
    if result.model == _NEVER_LOSES_ANYBODY:
        return speech.text(
            "Map of the chance of still being a customer: it is the same everywhere."
        )
    drawn = speech.text(
        "Map of the chance of still being a customer, by how often a customer has bought again and "
        "for how many days they have been silent; all of them first bought equally long ago. The "
        "chance falls with the silence, and faster for those who used to buy often."
    )
    if result.model != _NEVER_LOSES_ONE_TIME_BUYERS:
        return drawn
    stays = speech.text("For those who never bought again it stays at {all:share 0}.", all=1.0)
    return follow(drawn, stays)


def meaning(result: Clv, speech: Speech) -> str:
    """Return the mean chance of still being a customer, and how far it may be believed."""
    if result.model == _NEVER_LOSES_ANYBODY:
        return because(result, "/mean_p_alive", speech) or speech.prose(_NOBODY_LEAVES)
    return because(result, "/mean_p_alive", speech) or follow(
        speech.prose(
            "On average the model gives a customer a chance of **{mean_p_alive:share 0}** of still "
            "being one.",
            result,
        ),
        *_one_time_buyers(result, speech),
        speech.prose(
            "The same silence says more about a frequent buyer than about a rare one: reach "
            "frequent buyers first when they fall silent."
        ),
    )


_NOBODY_LEAVES = mark(
    "NBD counts on nobody leaving: to it everybody is a customer for ever, and only how often they "
    "buy differs. Do not read that as a chance."
)


def _one_time_buyers(result: Clv, speech: Speech) -> list[str]:
    """Return what the model says of those who bought just once, and another beside it."""
    if result.model != _NEVER_LOSES_ONE_TIME_BUYERS:
        return [
            speech.prose(
                "{model} lets customers leave after their first purchase too, so the chance of "
                "those who bought just once falls with the time since.",
                model=forecast_name(result.model, speech),
            )
        ]
    return [
        speech.prose(
            "Read that as an upper limit: BG/NBD lets a customer leave only after a repeat "
            "purchase, so everybody who bought just once counts as **surely still a customer**, "
            "however long ago it was. Do not use this chance to decide whom to give up."
        ),
        *(
            speech.prose(
                "{model}, which lets them leave as well, gives **{alive:share 0}**: the truth is "
                "likelier there.",
                model=forecast_name(name, speech),
                alive=alive,
            )
            for name, alive in result.p_alive_beside.items()
        ),
    ]
