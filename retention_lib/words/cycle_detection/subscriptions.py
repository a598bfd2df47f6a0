"""Do some pay like subscribers? Sentences of notebook 02."""

from __future__ import annotations

from retention_lib.results import Cycle
from retention_lib.speech import Speech
from retention_lib.words.cycle_detection.calendar import PERIODS
from retention_lib.words.reasons import follow


def meaning(result: Cycle, speech: Speech) -> str:
    """Return whether some customers pay as subscribers do."""
    found = result.subscriptions
    if not found.customers:
        return speech.prose(
            "No customer pays as subscribers do: at even distances, and mostly the same amount. "
            "All are judged as free to come and go."
        )
    periods = [
        speech.text("{name} {n:count}", name=speech.text(said), n=found.periods[period])
        for period, said in PERIODS.items()
        if period in found.periods
    ]
    counted = speech.prose(
        "**{customers:count}** customer{customers:|s} ({customer_share:share} of all, with "
        "{occasion_share:share} of all purchases) pay{customers:s|} as subscribers do, by billing "
        "period: {periods:listed}.",
        found,
        periods=periods,
    )
    so_what = speech.prose(
        "They are **a part of their own**: one missed payment says about a subscriber what only "
        "long silence says about others. Watch them payment by payment, and read the cycle above "
        "as that of a mix."
        if found.reported
        else "Those are too few to be a part of their own (at least 20, and one in a hundred, are "
        "needed); they are counted with all the others."
    )
    return follow(counted, so_what)
