"""Can the figures of the first screen be trusted? Every doubt that touches one is named."""

from __future__ import annotations

from retention_lib.results import Audit, Fitness, Line, Results
from retention_lib.speech import Speech, mark
from retention_lib.words import checks
from retention_lib.words.lowered import named
from retention_lib.words.reasons import follow

_MEANINGS = mark(
    {
        "fit": "Nothing in the records speaks against the figures above.",
        "fit with care": "The figures above hold with the reservations of the data audit. {doubts}.",
        "unfit_value": "The records carry a retention rate, but no customer value. {unfit}.",
        "unfit_value_care": "The records carry no customer value. {unfit}. The other figures hold "
        "with the reservations of the data audit. {doubts}.",
        "unfit": "Mend the records first, they are no basis for a decision. {unfit}.",
    }
)


def meaning(line: Line, results: Results, speech: Speech) -> str:
    """Return what the verdicts on the records mean for the figures, with all that lowers them.

    What makes a figure unfit stands apart from what only asks for care: never under the same word.
    """
    unfit, doubts = (_named(results.audit, left, speech) for left in ("unfit", "fit with care"))
    return speech.text(_MEANINGS[line.finding.code], unfit=unfit, doubts=doubts)


def _named(audit: Audit, fitness: Fitness, speech: Speech) -> str:
    """Return what leaves the rate or the value in such a state, each once."""
    verdicts = {"retention": audit.verdict.retention, "clv": audit.verdict.clv}
    found = (audit.reasons.get(name, []) for name, left in verdicts.items() if left == fitness)
    names = dict.fromkeys(reason for reasons in found for reason in reasons)
    return ". ".join(named(reason, audit, speech) for reason in names)


def caveat(results: Results, speech: Speech) -> str:
    """Return what stands over each chapter but the audit where the records are unfit; else ""."""
    found = results.retention.why_not.get("/retained_rate")
    if found is None or found.code != "records_unfit":
        return ""
    return speech.text(
        "These records are unfit for a retention rate, and the data audit says why. Whatever this "
        "chapter still shows is no basis for a decision."
    )


def banner(results: Results, speech: Speech) -> list[str]:
    """Return what a reader must know of the records before any figure: what is unfit, what is ahead."""
    audit, said = results.audit, []
    if audit.verdict.retention == "unfit":
        said.append(
            speech.text("These records cannot carry a retention rate, so no figure is given here.")
        )
        said += [
            follow(f"{named(name, audit, speech)}.", checks.explained(name, speech))
            for name in audit.reasons.get("retention", [])
            if name != "short_history"  # what is too short says itself when it will do
        ]
    if audit.ahead is not None:
        said.append(
            speech.text(
                "{rows:count} {rows:row is|rows are} dated {first:date} to {last:date}, after the "
                "records end on {ends:date}, and left out. If they are sales of that time, write "
                "“ahead: keep” into the configuration.",
                audit.ahead,
            )
        )
    return said
