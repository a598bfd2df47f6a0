"""Do some pay like subscribers? Sentences of notebook 02."""

from __future__ import annotations

from retention_lib.results import Billing, Cycle
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import follow

_BILLING: dict[Billing, str] = mark(
    {
        "week": "{n:count} by the week",
        "month": "{n:count} by the month",
        "quarter": "{n:count} by the quarter",
        "year": "{n:count} by the year",
    }
)


def meaning(result: Cycle, speech: Speech) -> str:
    """Return whether some customers pay as subscribers do."""
    found = result.subscriptions
    if not found.customers:
        return speech.prose(
            "No customer pays as subscribers do: at even distances, and mostly the same amount. "
            "All are judged as free to come and go."
        )
    periods = [(said, found.periods.get(period, 0)) for period, said in _BILLING.items()]
    counted = speech.prose(
        "**{customers:count}** customer{customers:|s} ({customer_share:share} of all, with "
        "{occasion_share:share} of all purchases) pay{customers:s|} as subscribers do: "
        "{periods:listed}.",
        found,
        periods=[speech.text(said, n=n) for said, n in periods if n],
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
