"""The words around the notebooks: what the report's first screen and footer hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import ibis

from retention_lib.client import Client
from retention_lib.report import KnownIds, Page
from retention_lib.results import Results
from retention_lib.speech import Speech
from retention_lib.words import variants
from retention_lib.words.first_screen import trust
from retention_lib.words.first_screen.lines import headlines
from retention_lib.words.reasons import why_not
from retention_lib.words.recommendations.actions import next_steps


def page(
    client: Client, results: Results, manifest: Mapping[str, Any], known_ids: KnownIds
) -> Page:
    """Return the report's first screen and footer for a run.

    ``known_ids`` returns which of some texts are customers' ids, as :func:`ids_among` does.
    """
    speech = Speech(client.language, client.locale, client.currency)
    return Page(
        title=client.name,
        subtitle=speech.text(
            "Retention report on the purchases of {start:date} to {end:date}",
            start=results.audit.first_date,
            end=results.as_of,
        ),
        banner=_banner(results, speech),
        caveat=trust.caveat(results, speech),
        headlines=headlines(results, speech),
        actions=next_steps(results, speech),
        provenance=_provenance(results, manifest, speech),
        language=client.language,
        own_notebooks=manifest["own_notebooks"],
        id_columns=_id_columns(client),
        known_ids=known_ids,
    )


def ids_among(texts: Collection[str], occasions: ibis.Table) -> set[str]:
    """Return which of the texts are ids of customers; the ids themselves stay in the engine."""
    asked = ibis.memtable({"customer_id": list(texts)}, schema={"customer_id": "string"})
    found = asked.semi_join(occasions, "customer_id").to_pyarrow()
    return set(found["customer_id"].to_pylist())


def _id_columns(client: Client) -> list[str]:
    """Return the names the client gives to columns that tell who a customer is."""
    if not client.format.header:
        return []  # their names are positions, which any table may have for a header
    columns = (client.columns.customer_id, client.columns.email)
    return [name for name in columns if name is not None]


def _banner(results: Results, speech: Speech) -> list[str]:
    """Return what a reader must know before any figure."""
    said = variants.banner(results, speech)
    said += trust.banner(results, speech)
    unknown = results.retention.why_not.get("/retained_rate")
    if unknown is not None and unknown.code != "records_unfit":  # that is said already
        said.append(why_not(results.retention, "/retained_rate", speech))
    if late := results.audit.set_aside.get("after_as_of"):
        said.append(
            speech.text(
                "{n:count} {n:line is|lines are} dated after {day:date} and left out: the figures "
                "stop on that day.",
                n=late,
                day=results.as_of,
            )
        )
    return said


def _provenance(
    results: Results, manifest: Mapping[str, Any], speech: Speech
) -> list[tuple[str, str]]:
    versions = ", ".join(f"{name} {number}" for name, number in manifest["versions"].items())
    names = ", ".join(file["name"] for file in manifest["files"])
    rows = speech.text(
        "{rows_in:count} row{rows_in:|s} read, {rows_kept:count} kept", results.audit
    )
    return [
        (speech.text("Figures as of"), results.as_of.isoformat()),
        (speech.text("Input"), ": ".join(filter(None, [names, rows]))),
        (speech.text("Input hash"), manifest["fingerprint"]),
        (speech.text("Program's commit"), _commit(manifest["git"], speech)),
        (speech.text("Software"), versions),
    ]


def _commit(git: Mapping[str, Any] | None, speech: Speech) -> str:
    if git is None:
        return speech.text("unknown")
    return speech.text("{commit}, with changes", **git) if git["dirty"] else str(git["commit"])
