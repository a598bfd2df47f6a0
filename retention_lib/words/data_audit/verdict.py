"""Can the records carry a rate and a value?"""

from __future__ import annotations

from retention_lib.results import Audit, Fitness
from retention_lib.speech import Speech, mark
from retention_lib.words.data_audit.checks import name
from retention_lib.words.labels import FITNESS, label

_RETENTION = mark(
    (
        "- **Retention rate: {fitness}.**",
        "- **Retention rate: {fitness}**, because of: {reasons}.",
    )
)
_CLV = mark(
    (
        "- **Customer value: {fitness}.**",
        "- **Customer value: {fitness}**, because of: {reasons}.",
    )
)


def meaning(result: Audit, speech: Speech) -> str:
    """Return both verdicts with the checks behind them, one line each."""
    repeat_buyers = speech.prose(
        "- **{repeat_buyers:count}** customer{repeat_buyers:|s} of {customers:count} bought more "
        "than once; a model of future purchases needs at least {needed_repeat_buyers:count} such "
        "customers.",
        result,
    )
    return "\n".join((*lines(result, speech), repeat_buyers))


def lines(result: Audit, speech: Speech) -> tuple[str, str]:
    """Return the verdict on retention and the one on customer value, each with its reasons."""
    return (
        _line(_RETENTION, result.verdict.retention, result.reasons.get("retention", []), speech),
        _line(_CLV, result.verdict.clv, result.reasons.get("clv", []), speech),
    )


def _line(messages: tuple[str, str], fitness: Fitness, reasons: list[str], speech: Speech) -> str:
    said = {"fitness": label(FITNESS, fitness, speech)}
    if reasons:
        said["reasons"] = "; ".join(name(reason, speech) for reason in reasons)
    return speech.prose(messages[bool(reasons)], **said)
