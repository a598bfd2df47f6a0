"""The published runs that a command reads: which one is meant, and how its client is spoken to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from retention_lib.client import known_clients, load_client, shown
from retention_lib.errors import ConfigError
from retention_lib.results import Results, runs

if TYPE_CHECKING:
    from retention_lib.speech import Speech

RESULTS: Final = Path("private") / "results.json"


def folder(reference: str, reports: Path) -> Path:
    """Return the folder of the run that a reference names: a client, CLIENT/RUN, or the folder.

    Raises
    ------
    ConfigError
        If there is none; the message names those that there are.
    """
    if (Path(reference) / RESULTS).is_file():
        return Path(reference).resolve()
    slug, _, run = reference.strip("/").partition("/")
    known = {folder.name: folder for folder in complete(reports / slug)} if _is_name(slug) else {}
    if not known:
        raise ConfigError(f"There is no report of {reference!r}.{_instead(slug, reports)}")
    name = run or str(runs.latest(reports / slug).get("run"))
    if name not in known:
        what = f"run {run!r} of {slug}" if run else f"current report of {slug}"
        there = ", ".join(f"{slug}/{name}" for name in sorted(known))
        raise ConfigError(f"There is no {what}; its runs are: {there}.")
    return known[name]


def _is_name(slug: str) -> bool:
    return bool(slug) and not slug.startswith(".")


def complete(home: Path) -> list[Path]:
    """Return the folders of a client's complete runs; a hidden one is not complete yet."""
    found = home.glob(f"*/{RESULTS.as_posix()}")
    return [file.parents[1] for file in found if not file.parents[1].name.startswith(".")]


def _instead(slug: str, reports: Path) -> str:
    """Say what to do, and which clients have reports."""
    make = f" `retention run {slug}` makes one." if slug in known_clients() else ""
    homes = reports.iterdir() if reports.is_dir() else iter(())
    reported = sorted(home.name for home in homes if _is_name(home.name) and complete(home))
    if not reported:
        return f"{make} No client has a report in {shown(reports)} yet."
    return f"{make} Clients with reports in {shown(reports)}: {', '.join(reported)}."


def results(run: Path) -> Results:
    """Return the results of a run.

    Raises
    ------
    ConfigError
        If another version has written them.
    """
    try:
        return Results.from_json(json.loads((run / RESULTS).read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{shown(run / RESULTS)} cannot be read by this version; run the client again."
        ) from error


def speech(found: Results) -> Speech:
    """Return the client's way of speaking; plain English if its folder is gone."""
    from retention_lib.speech import Speech

    if found.client not in known_clients():
        return Speech(currency=found.currency)
    client = load_client(found.client)
    return Speech(client.language, client.locale, found.currency)
