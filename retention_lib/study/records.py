"""A client's records: read once, kept in the engine, varied, and what was saved of them."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import ibis
from filelock import FileLock
from ibis.backends.duckdb import Backend

from retention_lib import results, sources, tables, transactions
from retention_lib.client import Client, load_client, project_root
from retention_lib.client.definitions import Definitions, load_definitions
from retention_lib.errors import ConfigError, DataError
from retention_lib.results import Varied, whole, write_json
from retention_lib.speech import Speech
from retention_lib.study import customers_file, lost_customers, preparation, selection, set_aside
from retention_lib.study.preparation import Prepared
from retention_lib.study.selection import Condition, Ids
from retention_lib.summaries import counts
from retention_lib.summaries.occasions import occasions
from retention_lib.words import variants

AnySection = TypeVar("AnySection", bound=results.Section)

# what a notebook leaves beside its result, and what goes with the study that is saved
_BESIDE: Final = {
    results.Retention.name: (lost_customers.WORKBOOK,),
    results.Clv.name: (customers_file.CUSTOMERS, customers_file.COLUMNS),
}


class NothingLeftError(DataError):
    """A variant has no purchase left."""


_BUILT_ON: Final = {
    results.Retention.name: ("cycle",),
    results.Clv.name: ("cycle",),
    results.Recommendations.name: ("audit", "cycle", "retention", "clv"),
}


@dataclass(frozen=True)
class Variation:
    """What a study is a variant of, and what differs: its rows, its day or its window.

    ``steps`` says all that was varied, from the client's own study on. What is None here is the
    parent's.
    """

    parent: Records
    steps: tuple[Varied, ...]
    rows: ibis.Table | None = None
    as_of: date | None = None
    definitions: Definitions | None = None


class _Folder:
    """A folder of a variant's tables, removed when nothing refers to it any more."""

    def __init__(self, place: Path) -> None:
        self.path = place / str(ibis.util.gen_name("v"))
        (self.path / "private").mkdir(parents=True)
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


class Records:
    """A client's records as of one day, and variants of them.

    Open them with :meth:`open`. ``client`` is what the YAML says, ``as_of`` the day looked from,
    ``folder`` the run's folder, ``prepared`` what was read, ``definitions`` the yardstick pinned by
    earlier reports, ``speech`` the client's language, numbers and currency, ``varied`` how this
    study differs from the client's own: empty where it does not.
    """

    def __init__(
        self,
        client: Client,
        folder: Path,
        work: Path,
        engine: Backend,
        prepared: Prepared,
        variation: Variation | None = None,
    ) -> None:
        self.client = client
        self.folder = folder
        self._work = work
        self._engine = engine
        self.prepared = prepared
        self._variation = variation
        self._sections: dict[str, results.Section] = {}
        self.varied: tuple[Varied, ...] = variation.steps if variation else ()
        self.speech = Speech(client.language, client.locale, client.currency)
        if variation is None:
            self.as_of, self.definitions = prepared.as_of, load_definitions(client)
        else:
            self.as_of = variation.as_of or variation.parent.as_of
            self.definitions = variation.definitions or variation.parent.definitions
            self.speech = replace(self.speech, varied=variants.said(self.varied, self.speech))

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
        # two notebooks may open a draft at once: the second waits, and then finds it prepared
        with FileLock(work / "lock"):
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
        study = cls(loaded, folder, place, engine, prepared)
        tables.dress(study.speech)
        return study

    def write_set_aside(self) -> None:
        """Write the rows set aside as ``private/set_aside.xlsx``, for whoever mends the export."""
        private = self.folder / "private"
        rows = self._engine.read_parquet(str(private / preparation.SET_ASIDE))
        labels = [file.name for file in self.prepared.reads]
        path = private / set_aside.WORKBOOK
        set_aside.write(rows, path, labels, self.prepared.given, self.speech)

    def close(self) -> None:
        """Close the engine, which all variants share, so that the work folder can be removed."""
        sources.disconnect(self._engine)

    # --- variants: the same questions of a part, an earlier day or another window ---

    def where(self, condition: Condition | None = None, /, **columns: Any) -> Self:
        """Return the study of the rows for which a condition holds.

        Parameters
        ----------
        condition
            A function of the rows: ``where(lambda t: t.spend < 5000)``. Beside the columns of
            :attr:`rows`, segments under the client's own names, it sees those of each row's
            customer: ``spend``, ``spend_rank`` (1: spent most), ``occasions``, ``first_day``,
            ``last_day``, ``silent_days``, ``frequency``, ``recency_days``, ``T_days`` and
            ``monetary``. They are missing for a row that names nobody who bought: no condition
            on them holds for it.
        columns
            The value, or list of values, of a column: ``where(channel="web")``. The client's own
            names of columns are known, too.

        Raises
        ------
        ConfigError
            If a column or a value is not there; the message says which are.
        """
        study = self
        for name, value in columns.items():
            step, rows = selection.only(study.rows, self.client, name, value)
            study = study._variant(step, rows=rows)
        if condition is not None:
            asked = selection.with_customers(study.rows, study.occasions, study.as_of)
            step, rows = selection.holding(asked, study.rows.columns, self.client, condition)
            study = study._variant(step, rows=rows)
        return study

    def without(self, customers: Ids) -> Self:
        """Return the study without some customers: ``without(["K-17"])``.

        Parameters
        ----------
        customers
            Their ids, or a table of them with a column ``customer_id``, such as
            :meth:`largest` or part of ``study.customers``.

        Raises
        ------
        ConfigError
            If none of them is in the records.
        """
        step, rows = selection.without(self.rows, customers)
        return self._variant(step, rows=rows)

    def largest(self, customers: int) -> ibis.Table:
        """Return so many customers who have spent most, or without amounts bought most often.

        Columns customer_id and those that :meth:`where` sees of a customer.
        """
        if not isinstance(customers, int) or customers < 1:
            raise ConfigError(f"Say how many customers: `study.largest(100)`, not {customers!r}.")
        ranked = selection.ranked(self.occasions, self.as_of)
        return ranked.filter(ranked.spend_rank <= customers)

    def until(self, day: str | date) -> Self:
        """Return the study as it would have been on an earlier day: ``until("2024-06-30")``.

        Later rows are set aside. What has been revised since stays revised.

        Raises
        ------
        ConfigError
            If it is no day, or one after the study's own.
        """
        at = selection.day(day)
        if at > self.as_of:
            raise ConfigError(
                f"This study ends on {self.as_of}, and cannot look until {at}; open it with "
                f"`as_of={str(at)!r}`."
            )
        step = Varied.model_validate({"code": "until", "day": at})
        return self._variant(step, rows=transactions.until(self.rows, at), as_of=at)

    def _variant(self, step: Varied, **changed: Any) -> Self:
        variation = Variation(self, (*self.varied, step), **changed)
        return type(self)(
            self.client, self.folder, self._work, self._engine, self.prepared, variation
        )

    # --- tables: row-level data stays in the engine ---

    @cached_property
    def rows(self) -> ibis.Table:
        """All typed rows of the source, with the reason where a row was set aside."""
        if self._variation is None:
            return self._engine.read_parquet(str(self._own / preparation.ROWS))
        rows = self._variation.rows
        return self._variation.parent.rows if rows is None else self._stored(rows, preparation.ROWS)

    @cached_property
    def occasions(self) -> ibis.Table:
        """The purchase occasions, as :mod:`retention_lib.summaries.occasions` describes them."""
        if self._variation is None:
            return self._engine.read_parquet(str(self._own / preparation.OCCASIONS))
        if self._variation.rows is None:
            return self._variation.parent.occasions
        made = occasions(transactions.kept(self.rows), self.client.merge_days)
        stored = self._stored(made, preparation.OCCASIONS)
        if not stored.count().execute():
            parent = self._variation.parent
            total = counts.totals(parent.occasions)
            raise NothingLeftError(
                f"Nothing is left to look at ({self.speech.varied}): without the last step there "
                f"are {total['customers']:,} customers with {total['occasions']:,} purchases from "
                f"{total['first_date']} to {parent.as_of}."
            )
        return stored

    @property
    def _source(self) -> ibis.Table:
        """The cells of all rows as they were read, of this study and of its variants."""
        return self._engine.read_parquet(str(self._work / preparation.SOURCE))

    def _stored(self, table: ibis.Table, name: str) -> ibis.Table:
        preparation.write(table, self._own / name)
        return self._read(self._own / name)

    def _read(self, file: Path) -> ibis.Table:
        """Return a table of this study, whose folder stays for as long as either is in use."""
        table = self._engine.read_parquet(str(file))
        weakref.finalize(table.op(), id, self._folder_of_variant)
        return table

    @cached_property
    def _folder_of_variant(self) -> _Folder | None:
        return None if self._variation is None else _Folder(self._work / "varied")

    @property
    def _own(self) -> Path:
        """The folder of this study's tables."""
        return self._folder_of_variant.path if self._folder_of_variant else self._work

    @cached_property
    def _first_date(self) -> date:
        first: date = counts.totals(self.occasions)["first_date"]
        return first

    # --- saved sections ---

    @property
    def _staged(self) -> bool:
        """Whether this study belongs to a run, whose saved results are its truth."""
        return self.folder != project_root() / "drafts" / self.client.slug

    @property
    def _private(self) -> Path:
        """The folder of what is written beside the results: a variant's until it is saved."""
        return self._own / "private" if self.varied else self.folder / "private"

    def _section(self, kind: type[AnySection], compute: Callable[[], AnySection]) -> AnySection:
        if kind.name not in self._sections:
            self._sections[kind.name] = self._saved(kind) or self._marked(compute())
        return self._sections[kind.name]  # type: ignore[return-value]

    def _saved(self, kind: type[AnySection]) -> AnySection | None:
        """Return what an earlier notebook of the run has saved, varied or not; not to a variant."""
        saved = self._result_file(kind)
        if self.varied or not self._staged or not saved.exists():
            return None
        return kind.model_validate_json(saved.read_text(encoding="utf-8"))

    def _marked(self, section: AnySection) -> AnySection:
        """Return a result that says what was varied, in it or in those that it is built on."""
        inputs = (self._sections.get(name) for name in _BUILT_ON.get(section.name, ()))
        steps = [step for read in inputs if read for step in read.varied]
        # a variant's own inputs were varied as itself
        own = self.varied or tuple(one for n, one in enumerate(steps) if one not in steps[:n])
        return section.model_copy(update={"varied": own})

    def _result_file(self, kind: type[results.Section]) -> Path:
        return self.folder / "private" / "results" / f"{kind.number}.json"

    def save(self, section: results.Section) -> None:
        """Save a notebook's result as ``private/results/NN.json``, with the files beside it.

        Raises
        ------
        ConfigError
            If it is a variant's result, and this is not that variant.
        """
        known = self._sections.get(section.name)
        if section.varied != (known.varied if known else self.varied):
            raise ConfigError(
                "This result is of a varied study and this study is not that one; save it with "
                "the study that gave it, as in `study = study.where(…)` above `result = …`."
            )
        path = self._result_file(type(section))
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.varied:
            for name in _BESIDE.get(section.name, ()):
                if (self._private / name).exists():
                    with whole(self.folder / "private" / name) as half:
                        shutil.copyfile(self._private / name, half)
        write_json(section.model_dump(mode="json"), path)
