"""Can the records be trusted, in three sentences."""

from __future__ import annotations

from retention_lib.results import Audit
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import follow
from retention_lib.words.variants import answering

# by the verdict on retention, then by the one on customer value
_VERDICTS = {
    "fit": mark(
        {
            "fit": "The records can carry a retention rate and a customer value.",
            "fit with care": "The records can carry a retention rate; a customer value needs care.",
            "unfit": "The records can carry a retention rate, but no customer value.",
        }
    ),
    "fit with care": mark(
        {
            "fit": "The records can carry a customer value; a retention rate needs care.",
            "fit with care": "The records can carry a rate and a customer value, both with care.",
            "unfit": "The records can carry a retention rate with care, but no customer value.",
        }
    ),
    "unfit": mark(
        {
            "fit": "The records can carry a customer value, but no retention rate.",
            "fit with care": "The records can carry a customer value with care, but no rate.",
            "unfit": "The records can carry neither a retention rate nor a customer value.",
        }
    ),
}
_FORECASTS = mark(
    {
        "fit": "They can carry a forecast.",
        "fit with care": "A forecast needs care.",
        "unfit": "They can carry no forecast.",
    }
)


@answering
def meaning(result: Audit, speech: Speech) -> str:
    """Return the answer of notebook 01 in three sentences."""
    verdict = _VERDICTS[result.verdict.retention][result.verdict.clv]
    counted = speech.prose(
        "From {first_date:date} to {last_date:date} the records hold **{occasions:count}** "
        "{occasions:purchase (a day|purchases (days} on which a customer bought); the number of "
        "customers is **{customers:count}**.",
        result,
    )
    forecast = speech.prose(_FORECASTS[result.verdict.forecast])
    return follow(speech.prose(verdict), forecast, counted)
