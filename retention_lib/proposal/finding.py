"""Where the sales of an export stand: which of its files, or which table or query of a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ibis.backends.duckdb import Backend

from retention_lib.errors import ConfigError
from retention_lib.proposal import written
from retention_lib.proposal.attempts import one_row
from retention_lib.proposal.places import pattern
from retention_lib.proposal.proposed import Proposed
from retention_lib.proposal.settling import Settler
from retention_lib.proposal.tables import Proposal as Query
from retention_lib.proposal.tables import propose_query
from retention_lib.sources import databases
from retention_lib.sources.start import start

__all__ = ["find"]


def find(found: Proposed, settler: Settler, stage: Path, engine: Backend) -> list[str] | None:
    """Say where the sales stand, and how files are written.

    Parameters
    ----------
    found
        The export; what was seen is noted here.
    settler
        Told what the YAML is to say.
    stage
        A folder with the client's files as they will lie.
    engine
        A DuckDB connection.

    Returns
    -------
    list of str or None
        The names of the columns; None where it is known already which is which.

    Raises
    ------
    OpenError
        If the sales can be read in several ways, and nobody chooses.
    ConfigError, DataError
        If nothing can be read.
    """
    files = found.places.files
    if found.places.database is not None or any(map(databases.is_database, files)):
        return _database(found, settler)
    return _files(found, settler, stage, engine)


def _files(found: Proposed, settler: Settler, stage: Path, engine: Backend) -> list[str]:
    seen = written.look(found.places, stage, settler.fixed, engine)
    found.notes += seen.notes
    settler.say({"source": {"file": pattern(seen.files)}})
    if seen.format:
        settler.say({"format": seen.format})
    if seen.formats:
        settler.say({"formats": seen.formats})
    for message, choices in seen.questions:
        settler.settle(message, choices)
    return seen.names


def _database(found: Proposed, settler: Settler) -> list[str] | None:
    source, connection = _connection(found)
    own = settler.fixed.get("source", {})
    with databases.opened(source) as database:
        ways = propose_query(database, connection)
        chosen = _way(settler, ways, own, connection)
        if chosen is None:
            return database.ask(one_row(settler.settings["source"])).names
    found.notes += chosen.notes
    settler.say({"columns": chosen.columns})
    return None


def _connection(found: Proposed) -> tuple[str | Path, str]:
    """Return what to open, and its connection as the YAML is to have it."""
    if found.places.database:
        return found.places.database, found.places.database
    file, name = next(iter(found.places.files.items()))
    place = name if Path(name).is_absolute() else f"/{name}"
    return file, f"{start(file).database or 'sqlite'}://{place}"


def _way(
    settler: Settler, ways: Sequence[Query], own: Mapping[str, Any], connection: str
) -> Query | None:
    """Choose one of the ways to read a database; None where the user gave another."""
    if not ways and not own:
        raise ConfigError(
            "No table of the database holds both a customer and a day; write "
            '`--set "source.query=SELECT …"` (or `--set source.table=…`).'
        )
    if not own:
        settler.settle("The sales can be read in several ways.", [it.choice for it in ways])
    elif "connection" not in own:
        settler.say({"source": {"connection": connection}})
    source = settler.settings["source"]
    return next((it for it in ways if _same_source(it.source, source)), None)


def _same_source(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one.get(key) == other.get(key) for key in ("table", "query"))
