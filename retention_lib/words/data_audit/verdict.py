"""Can the records carry a rate and a value?"""

from __future__ import annotations

from typing import Literal

from retention_lib.results import Audit
from retention_lib.speech import Speech, mark
from retention_lib.words.checks import explained as explained_check
from retention_lib.words.checks import name
from retention_lib.words.labels import FITNESS, label

_MESSAGES = mark(
    {
        "retention": "- **Retention rate: {fitness}.**",
        "clv": "- **Customer value: {fitness}.**",
        "retention because": "- **Retention rate: {fitness}**, because of: {reasons}.",
        "clv because": "- **Customer value: {fitness}**, because of: {reasons}.",
    }
)


def meaning(result: Audit, speech: Speech) -> str:
    """Return both verdicts with the checks behind them, one line each."""
    repeat_buyers = speech.prose(
        "- **{repeat_buyers:count}** customer{repeat_buyers:|s} of {customers:count} bought more "
        "than once; a model of future purchases needs at least {needed_repeat_buyers:count} such "
        "customers.",
        result,
    )
    lines = (_line(result, question, speech) for question in ("retention", "clv"))
    return "\n".join((*lines, repeat_buyers))


def _line(result: Audit, question: Literal["retention", "clv"], speech: Speech) -> str:
    fitness = label(FITNESS, getattr(result.verdict, question), speech)
    names = [name(reason, speech) for reason in result.reasons.get(question, [])]
    message = _MESSAGES[f"{question} because" if names else question]
    return speech.prose(message, fitness=fitness, reasons=speech.series(names))


def explained(result: Audit, speech: Speech) -> str:
    """Return what each thing behind the verdicts means, one line each; "" where nothing is."""
    found = dict.fromkeys(reason for reasons in result.reasons.values() for reason in reasons)
    lines = (
        speech.prose(
            "- **{name}.** {meaning}",
            name=name(reason, speech),
            meaning=explained_check(reason, speech),
        )
        for reason in found
    )
    return "\n".join(lines)
