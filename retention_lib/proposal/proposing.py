"""From an export to a client's YAML: what is told by the data, and what has to be asked."""

from __future__ import annotations

import fnmatch
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ibis.backends.duckdb import Backend

from retention_lib import sources
from retention_lib.client import SLUG, clients_folder, parse_client, shown
from retention_lib.errors import ConfigError, RetentionError
from retention_lib.proposal.attempts import Attempts
from retention_lib.proposal.finding import find
from retention_lib.proposal.meaning import Meaning
from retention_lib.proposal.places import expanded, placed, staged
from retention_lib.proposal.proposed import Proposed, client_of, without_nulls
from retention_lib.proposal.settling import Ask, OpenError, Settler
from retention_lib.results import whole
from retention_lib.sources import Raw

__all__ = ["Proposed", "propose", "write"]

Say = Callable[[str], None]


def propose(
    slug: str,
    given: Sequence[str],
    fixed: Mapping[str, Any],
    ask: Ask,
    link: bool = False,
    say: Say = lambda what: None,
) -> Proposed:
    """Find out how an export is read; nothing is written.

    Parameters
    ----------
    slug
        The client's name.
    given
        Files, folders, globs or a database's URL.
    fixed
        What the user says, as a YAML would.
    ask
        Asks somebody to choose; gives None where nobody answers.
    link
        Whether files stay where they are.
    say
        Told what is being done.

    Raises
    ------
    OpenError
        If something is open that nobody answered.
    ConfigError, DataError
        If there is such a client already, or the export cannot be read.
    """
    folder = _free(slug)
    places = expanded(given, folder, link)
    found = Proposed(slug, folder, places)
    with (
        staged(places) as stage,
        tempfile.TemporaryDirectory(prefix="retention-", ignore_cleanup_errors=True) as work,
        _named(stage, folder),
    ):
        engine = sources.connect(Path(work) / "spill")
        try:
            _settle(found, Settler(fixed, ask), stage, Path(work), engine, say)
        finally:
            sources.disconnect(engine)
    return found


def _settle(
    found: Proposed, settler: Settler, stage: Path, work: Path, engine: Backend, say: Say
) -> None:
    """Take all steps from an export to its YAML."""
    attempts = Attempts(found, stage, work, engine)
    meaning = Meaning(found, settler, attempts)
    settler.say({"name": settler.fixed.get("name", _title(found.slug))})
    say("looking at the files")
    names = find(found, settler, stage, engine)
    say("reading the rows")
    settler.until_it_runs(attempts.readable)
    meaning.columns(names)
    meaning.warned()
    meaning.statuses()
    say("checking the records")
    settler.until_it_runs(attempts.counted)
    meaning.money()
    found.settings = without_nulls(settler.settings)
    found.applied = settler.applied
    found.doubts += _doubts(found, attempts.surveyed(settler.settings))


def write(found: Proposed) -> Path:
    """Copy the files and write the YAML, whole or not at all.

    Raises
    ------
    ConfigError
        If a YAML stands there by now.
    """
    target = _free(found.slug) / "client.yaml"
    parse_client(found.text, found.slug, found.folder)
    read = _read(found)
    with placed(found.places, read, found.folder), whole(target) as half:
        half.write_text(found.text, encoding="utf-8")
    return target


def _read(found: Proposed) -> list[str]:
    """Return the names of the files that are read, or of the database's."""
    if "connection" in found.settings["source"]:
        return list(found.places.files.values())
    client = client_of(found.slug, found.folder, found.settings)
    named = client.source.file or ()
    return [
        name
        for name in found.places.files.values()
        if any(
            name == it or fnmatch.fnmatchcase(name, it) or name.startswith(f"{it.rstrip('/')}/")
            for it in named
        )
    ]


def _free(slug: str) -> Path:
    if not SLUG.fullmatch(slug):
        raise ConfigError(
            f"{slug!r} cannot be a client's name: use small letters, digits and hyphens only, as in "
            "my-shop."
        )
    folder = clients_folder() / slug
    if (folder / "client.yaml").exists():
        raise ConfigError(
            f"{shown(folder / 'client.yaml')} is there already and is not overwritten; delete it, or "
            "give another name."
        )
    return folder


@contextmanager
def _named(stage: Path, folder: Path) -> Iterator[None]:
    """Let messages speak of the client's folder instead of the one that is worked in."""
    try:
        yield
    except RetentionError as error:
        text = (
            str(error).replace(stage.as_posix(), shown(folder)).replace(str(stage), shown(folder))
        )
        if isinstance(error, OpenError):
            raise OpenError(text, error.choices, error.settings) from error
        if isinstance(error, ConfigError):
            raise ConfigError(text, choices=error.choices) from error
        raise type(error)(text) from error


def _title(slug: str) -> str:
    return slug.replace("-", " ").strip().capitalize() or slug


def _doubts(found: Proposed, raw: Raw) -> Iterator[str]:
    """Yield what no look at the data can tell."""
    form = found.settings.get("format", {})
    if form.get("timezone") == "UTC":
        yield "Days are counted in UTC; write the shop's own time zone, as in `timezone: Europe/Warsaw`."
    if "amount" in found.columns or "unit_price" in found.columns:
        yield "Whether amounts are net or gross of tax, and with or without shipping, is not said."
    if "currency" not in found.settings and found.columns.get("amount"):
        yield "No currency is seen; write e.g. `currency: EUR`."
    if "order_id" in found.columns and not found.settings.get("not_sales"):
        yield "The shop's own test orders, if any, count as sales; `not_sales` leaves them out."
    for file in raw.files:
        if file.same_as:
            yield f"{file.label} holds the same as {file.same_as} and is read once."
