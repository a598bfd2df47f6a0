"""What to do next?"""

from __future__ import annotations

from typing import Final

from retention_lib.results import Action, Audit, Segment, State

_STEPS: Final[dict[State, str]] = {
    "active": "protect_top",
    "slipping": "win_back_slipping",
    "new": "second_purchase",
    "lapsed": "keep_lapsed_automatic",
}


def actions(audit: Audit, segments: list[Segment]) -> list[Action]:
    """Return what to do, most at stake first. No effect is measured yet: every one is open.

    The lapsed come last: what is expected of them is flattered, since BG/NBD lets no one-time
    buyer leave. On records that are unfit nothing can be built but better records.
    """
    fitness = audit.verdict.retention
    better_records = Action(
        name="collect_data", segment=None, customers=audit.customers, money=None, certainty="firm"
    )
    if fitness == "unfit":
        return [better_records]
    by_name = {segment.name: segment for segment in segments if segment.customers}
    steps = [_step(by_name[state]) for state in _STEPS if state in by_name]
    steps.sort(key=lambda action: (action.segment == "lapsed", -(action.money or 0)))
    return steps if fitness == "fit" else [*steps, better_records]


def _step(segment: Segment) -> Action:
    return Action(
        name=_STEPS[segment.name],
        segment=segment.name,
        customers=segment.customers,
        money=segment.expected_value,
        certainty="open",
    )
