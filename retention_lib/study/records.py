"""A client's records, opened: read once, kept in the engine, and what was saved of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Self, TypeVar

import ibis
from ibis.backends.duckdb import Backend

from retention_lib import results, sources
from retention_lib.client import Client, load_client, project_root
from retention_lib.client.definitions import load_definitions
from retention_lib.errors import ConfigError
from retention_lib.results import write_json
from retention_lib.speech import Speech
from retention_lib.study import preparation
from retention_lib.study.preparation import Prepared
from retention_lib.summaries import counts

AnySection = TypeVar("AnySection", bound=results.Section)


class Opened:
    """A client's records as of one day, and the answers they give.

    Open one with :meth:`open`. ``client`` is what the YAML says, ``as_of`` the day looked from,
    ``folder`` the run's folder, ``prepared`` what was read, ``definitions`` the yardstick pinned by
    earlier reports, ``speech`` the client's language, numbers and currency.
    """

    def __init__(
        self, client: Client, folder: Path, work: Path, engine: Backend, prepared: Prepared
    ) -> None:
        self.client = client
        self.folder = folder
        self._work = work
        self.prepared = prepared
        self.as_of = prepared.as_of
        self.definitions = load_definitions(client)
        self.speech = Speech(client.language, client.locale, client.currency)
        self._engine = engine
        self._sections: dict[str, results.Section] = {}

    @classmethod
    def open(cls, client: str, as_of: str | None = None, run: str | None = None) -> Self:
        """Open a client's study, reading and preparing the records where that is still to do.

        Parameters
        ----------
        client
            Name of a folder under ``data/clients``.
        as_of
            The day to look from, as ``YYYY-MM-DD``; None takes the YAML's, or the day of the
            latest purchase that is not after today.
        run
            The folder a run is staged in; None works in ``drafts/<client>``.

        Raises
        ------
        ConfigError
            If the client, its YAML, a file, a column or the day is not as it should be, or the
            run is of another client or day.
        DataError
            If nothing in the records can be used.
        """
        loaded, day = load_client(client), preparation.day(as_of)
        until = day or loaded.as_of
        folder = Path(run) if run else project_root() / "drafts" / client
        work = folder / "work"
        engine = sources.connect(work / "spill")
        with preparation.alone(work):
            stamp = None if run else preparation.stamp(loaded, until)
            place = work if run else preparation.draft_folder(work, stamp)
            prepared = Prepared.read(place)
            if prepared is None:
                prepared = preparation.prepare(loaded, engine, place, folder / "private", until)
                preparation.forget_old(work)
        if (client, day or prepared.as_of) != (prepared.client, prepared.as_of):
            raise ConfigError(
                f"This run is of {prepared.client} as of {prepared.as_of}; leave `run` out to look "
                "at another client or day."
            )
        return cls(loaded, folder, place, engine, prepared)

    def close(self) -> None:
        """Close the engine, so that the work folder can be removed."""
        self._engine.disconnect()

    # --- tables: row-level data stays in the engine ---

    @cached_property
    def rows(self) -> ibis.Table:
        """All typed rows of the source, with the reason where a row was set aside."""
        return self._engine.read_parquet(str(self._work / preparation.ROWS))

    @cached_property
    def occasions(self) -> ibis.Table:
        """The purchase occasions, as :mod:`retention_lib.summaries.occasions` describes them."""
        return self._engine.read_parquet(str(self._work / preparation.OCCASIONS))

    @cached_property
    def _first_date(self) -> date:
        first: date = counts.totals(self.occasions)["first_date"]
        return first

    # --- saved sections ---

    @property
    def _staged(self) -> bool:
        """Whether this study belongs to a run, whose saved results are its truth."""
        return self.folder != project_root() / "drafts" / self.client.slug

    def _section(self, kind: type[AnySection], compute: Callable[[], AnySection]) -> AnySection:
        if kind.name not in self._sections:
            saved = self._result_file(kind)
            if self._staged and saved.exists():
                section = kind.model_validate_json(saved.read_text(encoding="utf-8"))
            else:
                section = compute()
            self._sections[kind.name] = section
        return self._sections[kind.name]  # type: ignore[return-value]

    def _result_file(self, kind: type[results.Section]) -> Path:
        return self.folder / "private" / "results" / f"{kind.number}.json"

    def save(self, section: results.Section) -> None:
        """Save a notebook's result as ``private/results/NN.json``."""
        path = self._result_file(type(section))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(section.model_dump(mode="json"), path)
