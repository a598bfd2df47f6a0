"""Sentences of notebook 03 on subscribers: do they go on paying?"""

from __future__ import annotations

from retention_lib.results import Billing, Contractual, Retention
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow

_PERIODS: dict[Billing, str] = mark(
    {
        "week": "By the week",
        "month": "By the month",
        "quarter": "By the quarter",
        "year": "By the year",
    }
)
_RECENT = mark(
    {
        "below": "**Clearly fewer stop now.**",
        "above": "**Clearly more stop now.**",
        "unclear": "That is no clear change.",
    }
)


def meaning(result: Retention, speech: Speech) -> str:
    """Return how many subscribers stop at each charge, a line for each billing period."""
    if not result.contractual:
        return speech.prose(
            "Too few customers pay like subscribers, at even distances and mostly the same amount, "
            "to give a churn by billing period."
        )
    lines = [_line(result, at, part, speech) for at, part in enumerate(result.contractual)]
    so_what = speech.prose(
        "A single missing charge says of a subscriber what only long silence says of others: act at "
        "the first one that fails to come. Keeping a subscriber may cost at most what one charge "
        "brings, times the charges still to be expected."
    )
    return "\n".join([*lines, "", so_what])


def _line(result: Retention, at: int, part: Contractual, speech: Speech) -> str:
    return follow(
        speech.prose(
            "- **{label}**: {customers:count} customer{customers:|s} paid like subscribers, "
            "{active:count} still active.",
            part,
            label=speech.text(_PERIODS[part.period]),
        ),
        _churn(result, at, part, speech),
        _recent(part, speech),
        _projected(result, at, part, speech),
    )


def _churn(result: Retention, at: int, part: Contractual, speech: Speech) -> str:
    if part.churn_rate is None:
        return because(result, f"/contractual/{at}/churn_rate", speech)
    return speech.prose(
        "Of {charges:count} charge{charges:|s} from the fourth on, **{rate:estimate share}** "
        "{charges:was|were} the last.",
        part,
        rate=(part.churn_rate, part.churn_ci95),
    )


def _recent(part: Contractual, speech: Speech) -> str:
    if part.recent_rate is None or part.earlier_rate is None:
        return ""
    said = speech.prose(
        "In the last year it was {recent:estimate share}, before that {earlier_rate:share}.",
        part,
        recent=(part.recent_rate, part.recent_ci95),
    )
    return follow(said, speech.prose(_RECENT[part.recent_clearly]))


def _projected(result: Retention, at: int, part: Contractual, speech: Speech) -> str:
    if not part.projection:
        return because(result, f"/contractual/{at}/projection", speech)
    return speech.prose(
        "Of 100 who pay for the fourth time, about **{left:count}** would still pay {n:count} "
        "charge{n:|s} later (a projection without an interval).",
        n=len(part.projection),
        left=100 * part.projection[-1],
    )
