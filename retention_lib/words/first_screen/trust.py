"""Can the figures of the first screen be trusted? Every doubt that touches one is named."""

from __future__ import annotations

from retention_lib.results import Audit, Line, Results
from retention_lib.speech import Speech, mark
from retention_lib.words import checks
from retention_lib.words.reasons import follow

_MEANINGS = mark(
    {
        "fit": "Nothing in the records speaks against the figures above.",
        "mid_life": "The figures above hold, with one doubt. {doubts}.",
        "fit with care": "The figures above hold with the reservations of the data audit. {doubts}.",
        "unfit_value": "The records carry a retention rate, but no customer value. {doubts}.",
        "unfit": "Mend the records first, they are no basis for a decision. {doubts}.",
    }
)
_MID_LIFE = mark("The records begin when the business was already under way")
_COLUMNS = mark("{name}: {columns:listed}")


def meaning(line: Line, results: Results, speech: Speech) -> str:
    """Return what the verdicts on the records mean for the figures, with all that lowers them."""
    doubts = ". ".join(_doubts(results, speech))
    return speech.text(_MEANINGS[line.finding.code], doubts=doubts)


def _doubts(results: Results, speech: Speech) -> list[str]:
    names = [_named(reason, results.audit, speech) for reason in _reasons(results.audit)]
    return names + [speech.text(_MID_LIFE)] * results.cycle.starts_mid_life


def _reasons(audit: Audit) -> list[str]:
    """Return what lowers either verdict, each once."""
    return list(dict.fromkeys(name for found in audit.reasons.values() for name in found))


def _named(reason: str, audit: Audit, speech: Speech) -> str:
    name = checks.name(reason, speech)
    if reason != "doubts" or not audit.doubts:
        return name
    columns = list(dict.fromkeys(doubt.column for doubt in audit.doubts))
    return speech.text(_COLUMNS, name=name, columns=columns)


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
            follow(f"{_named(name, audit, speech)}.", checks.explained(name, speech))
            for name in audit.spoilt.get("retention", [])
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
