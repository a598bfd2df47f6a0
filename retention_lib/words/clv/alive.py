"""Sentences of notebook 04 on the chance that a customer still is one."""

from __future__ import annotations

from retention_lib.results import Clv
from retention_lib.speech import Speech
from retention_lib.words.clv.race import forecast_name
from retention_lib.words.reasons import because, follow

_NEVER_LOSES_ONE_TIME_BUYERS = "BG/NBD"


def alive_title(result: Clv, speech: Speech) -> str:
    """Return the title of the figure of the chance of still being a customer."""
    if result.mean_p_alive is None:
        return speech.text("The chance of still being a customer")
    return speech.text(
        "The longer the silence, the smaller the chance: {alive} on average",
        alive=speech.share(result.mean_p_alive, 0),
    )


def alive_alt(result: Clv, speech: Speech) -> str:
    """Return the alternative text of the figure of the chance of still being a customer."""
    if result.mean_p_alive is None:
        return speech.text(
            "No chance of still being a customer is known: there is nothing to draw."
        )
    drawn = speech.text(
        "Map of the chance of still being a customer, by how often a customer has bought again and "
        "for how many days they have been silent; all of them first bought equally long ago. The "
        "chance falls with the silence, and faster for those who used to buy often."
    )
    if result.model != _NEVER_LOSES_ONE_TIME_BUYERS:
        return drawn
    return follow(
        drawn, speech.text("For those who never bought again it stays at {all}.", all=_all(speech))
    )


def _all(speech: Speech) -> str:
    return speech.share(1.0, 0)


def alive_meaning(result: Clv, speech: Speech) -> str:
    """Return the mean chance of still being a customer, and how far it may be believed."""
    if result.mean_p_alive is None:
        return because(result, "/mean_p_alive", speech)
    return follow(_mean(result, speech), _beside(result, speech), _how_to_read(speech))


def _mean(result: Clv, speech: Speech) -> str:
    assert result.mean_p_alive is not None
    alive = speech.share(result.mean_p_alive, 0)
    if result.model == _NEVER_LOSES_ONE_TIME_BUYERS:
        return speech.prose(
            "On average the model gives a customer a chance of **{alive}** of still being one. "
            "Read that as an upper limit: BG/NBD lets a customer leave only after a repeat "
            "purchase, so everybody who bought just once is counted as **surely still a "
            "customer**, however long ago it was. Do not use this chance to decide whom to give "
            "up.",
            alive=alive,
        )
    return speech.prose(
        "On average the model gives a customer a chance of **{alive}** of still being one. "
        "{model} lets customers leave after their first purchase too, so the chance of those who "
        "bought just once falls with the time since.",
        alive=alive,
        model=forecast_name(result.model, speech),
    )


def _beside(result: Clv, speech: Speech) -> str:
    """Return what a model says that lets one-time buyers leave, where the one in use does not."""
    for name, alive in result.p_alive_beside.items():
        return speech.prose(
            "{model}, which lets them leave as well, gives **{alive}**: the truth is likelier "
            "there.",
            model=forecast_name(name, speech),
            alive=speech.share(alive, 0),
        )
    return ""


def _how_to_read(speech: Speech) -> str:
    return speech.prose(
        "The same silence says more about a frequent buyer than about a rare one: reach frequent "
        "buyers first when they fall silent."
    )
