"""Can the records carry a rate, a value and a forecast?"""

from __future__ import annotations

from retention_lib.results import Audit
from retention_lib.speech import Speech, mark
from retention_lib.words.checks import explained as explained_check
from retention_lib.words.checks import name
from retention_lib.words.labels import FITNESS, TOUCHED, label
from retention_lib.words.lowered import named
from retention_lib.words.reasons import follow

_MESSAGES = mark(
    {
        "retention": "- **Retention rate: {fitness}.**",
        "clv": "- **Customer value: {fitness}.**",
        "forecast": "- **Forecast: {fitness}.**",
        "retention because": "- **Retention rate: {fitness}**, because of: {reasons}.",
        "clv because": "- **Customer value: {fitness}**, because of: {reasons}.",
        "forecast because": "- **Forecast: {fitness}**, because of: {reasons}.",
    }
)
_MOVED = mark({"all": "It moves every figure.", "some": "It moves {figures}."})


def meaning(result: Audit, speech: Speech) -> str:
    """Return the verdicts with what is behind them, one line each."""
    repeat_buyers = speech.prose(
        "- **{repeat_buyers:count}** customer{repeat_buyers:|s} of {customers:count} bought more "
        "than once; a model of future purchases needs at least {needed_repeat_buyers:count} such "
        "customers.",
        result,
    )
    lines = (_line(result, question, speech) for question in ("retention", "clv", "forecast"))
    return "\n".join((*lines, repeat_buyers))


def _line(result: Audit, question: str, speech: Speech) -> str:
    fitness = label(FITNESS, getattr(result.verdict, question), speech)
    names = [named(reason, result, speech) for reason in result.reasons.get(question, [])]
    message = _MESSAGES[f"{question} because" if names else question]
    return speech.prose(message, fitness=fitness, reasons=speech.series(names))


def explained(result: Audit, speech: Speech) -> str:
    """Return what each thing behind the verdicts means and moves; "" where nothing is."""
    found = dict.fromkeys(reason for reasons in result.reasons.values() for reason in reasons)
    lines = (
        speech.prose(
            "- **{name}.** {meaning}",
            name=name(reason, speech),
            meaning=follow(explained_check(reason, speech), moved(reason, result, speech)),
        )
        for reason in found
    )
    return "\n".join(lines)


def moved(reason: str, result: Audit, speech: Speech) -> str:
    """Return which figures a fault of the records moves, as a sentence; "" where it moves none."""
    touched = result.touches.get(reason, [])
    if not touched:
        return ""
    figures = [label(TOUCHED, figure, speech) for figure in touched]
    every = set(touched) >= set(TOUCHED)
    return speech.text(_MOVED["all" if every else "some"], figures=speech.listed(figures))
