"""The steps of a run, attempted by settings that are not written yet."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from ibis.backends.duckdb import Backend

from retention_lib import sources
from retention_lib.client import Client
from retention_lib.proposal.figures import figures
from retention_lib.proposal.proposed import Proposed, as_text, client_of
from retention_lib.sources import Raw, databases, kinds
from retention_lib.sources.files import label
from retention_lib.sources.names import mapped

__all__ = ["Attempts", "one_row"]

_READ_BY: Final = ("skip_lines", "sheet", "encoding", "delimiter", "header")
_WRITTEN_BY: Final = ("date", "decimal")  # how real dates and numbers become texts


class Attempts:
    """What a run does with a source, as far as settings let it.

    Parameters
    ----------
    found
        The export; what is counted is noted here.
    stage
        A folder with the client's files as they will lie.
    work
        A folder to work in.
    engine
        A DuckDB connection.
    """

    def __init__(self, found: Proposed, stage: Path, work: Path, engine: Backend) -> None:
        self.found = found
        self.stage = stage
        self.work = work
        self.engine = engine
        self._raw: tuple[str, Raw] | None = None

    def surveyed(self, settings: Mapping[str, Any]) -> Raw:
        """Return all rows of the source, read anew only where it is read otherwise than before."""
        form = settings.get("format", {})
        by = (*_READ_BY, *_WRITTEN_BY) if self._has_types() else _READ_BY
        own = {
            name: {k: v for k, v in it.items() if k in by}
            for name, it in settings.get("formats", {}).items()
        }
        key = repr((settings["source"], {k: form.get(k) for k in by}, own))
        if self._raw is None or self._raw[0] != key:
            self._raw = (key, self._survey(settings))
        return self._raw[1]

    def _has_types(self) -> bool:
        """Whether any file is more than text, so that its cells are written as texts first."""
        return any(map(kinds.may_have_types, self.found.places.files))

    def readable(self, settings: Mapping[str, Any]) -> None:
        """Read the rows; what no reader can tell stops it."""
        self.surveyed(settings)

    def counted(self, settings: Mapping[str, Any]) -> None:
        """Type the rows as a run does, and count what they come to."""
        client = self.client(settings)
        raw = self.surveyed(settings)
        if not _stands_for(raw, client):
            raw = sources.read(client, self.engine, self.work / "read")
        self.found.audit = figures(raw, client, self.engine, self.work / "counted")

    def client(self, settings: Mapping[str, Any]) -> Client:
        """Return the client that settings describe, its YAML written where it is worked in."""
        client = client_of(self.found.slug, self.stage, settings)
        self._write(settings)
        return client

    def _survey(self, settings: Mapping[str, Any]) -> Raw:
        columns = settings.get("columns") or {}
        if "connection" in settings["source"]:
            if not {"customer_id", "ordered_at"} <= columns.keys():
                with databases.opened(self._connected(settings)) as database:
                    name = database.ask(one_row(settings["source"])).names[0]
                columns = {"customer_id": name, "ordered_at": name}
            client = self._bare({**settings, "columns": columns})
            return sources.read(client, self.engine, self.work / "raw")
        any_columns = {"customer_id": "1", "ordered_at": "1"}
        client = self._bare({"name": "-", **settings, "columns": any_columns})
        files = sources.locate(client)
        named = partial(label, client)
        return sources.survey(files, client.format_of, self.engine, self.work / "raw", named)

    def _connected(self, settings: Mapping[str, Any]) -> str | Path:
        files = list(self.found.places.files)
        return files[0] if files else str(settings["source"]["connection"])

    def _bare(self, settings: Mapping[str, Any]) -> Client:
        """Return the client of those settings that reading goes by."""
        keep = ("name", "source", "format", "formats", "columns")
        said = {key: value for key, value in settings.items() if key in keep}
        client = client_of(self.found.slug, self.stage, said)
        self._write(settings)
        return client

    def _write(self, settings: Mapping[str, Any]) -> None:
        (self.stage / "client.yaml").write_text(as_text(settings), encoding="utf-8")


def one_row(source: Mapping[str, Any]) -> str:
    """Return the SQL of one row of a database's sales."""
    inner = source.get("query") or f"SELECT * FROM {source['table']}"
    return f"SELECT * FROM ({inner.rstrip().rstrip(';')}) AS sales LIMIT 1"


def _stands_for(raw: Raw, client: Client) -> bool:
    """Whether reading by the mapping would give the same rows, and stop at nothing.

    It would where each mapped column is in every file, once.
    """
    ours = {"source_file", "unreadable_line", "line_number"}
    folded = {name.casefold() for name in raw.names}
    once = len(folded) == len([it for it in raw.table.columns if it not in ours])
    everywhere = not any(file.absent for file in raw.files)
    return once and everywhere and set(mapped(client)) <= raw.names.keys()
