"""From an export to a client's YAML: what is told by the data, and what has to be asked."""

from __future__ import annotations

import fnmatch
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import yaml
from ibis.backends.duckdb import Backend

from retention_lib import sources, transactions
from retention_lib.client import SLUG, Client, clients_folder, parse_client, recipes, shown
from retention_lib.client.lines import as_line
from retention_lib.client.schema import Columns
from retention_lib.errors import Choice, ConfigError, RetentionError
from retention_lib.proposal import commented, told, written
from retention_lib.proposal.places import Places, expanded, pattern, placed, staged
from retention_lib.proposal.profiles import Profile, named_by, profiles
from retention_lib.proposal.roles import roles
from retention_lib.proposal.settling import Ask, OpenError, Settler
from retention_lib.proposal.tables import Proposal as Query
from retention_lib.proposal.tables import propose_query
from retention_lib.results import Audit, whole
from retention_lib.sources import Raw, databases, kinds
from retention_lib.sources.files import label
from retention_lib.sources.start import start
from retention_lib.study import Study, preparation

__all__ = ["Proposed", "propose", "write"]

Say = Callable[[str], None]
_READ_BY: Final = ("skip_lines", "sheet", "encoding", "delimiter", "header")
_WRITTEN_BY: Final = ("date", "decimal")  # how real dates and numbers become texts


@dataclass
class Proposed:
    """What was found of an export.

    Attributes
    ----------
    slug : str
        The client's name.
    folder : Path
        Where its YAML is to stand.
    places : Places
        The files.
    settings : dict
        What the YAML says.
    profiles : list of Profile
        What stands in the export's columns.
    doubts : list of str
        What could not be told for sure, one sentence each.
    beside : dict
        What is to be known of single columns, by the suite's names.
    notes : list of str
        What else was seen.
    applied : list of Choice
        Lines that the data asked for.
    audit : Audit or None
        What `retention check` will find; None where it did not come to that.
    """

    slug: str
    folder: Path
    places: Places
    settings: dict[str, Any] = field(default_factory=dict)
    profiles: list[Profile] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    beside: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    applied: list[Choice] = field(default_factory=list)
    audit: Audit | None = None

    @property
    def columns(self) -> dict[str, str]:
        """The export's column under each of the suite's names."""
        columns = self.settings.get("columns", {})
        return {name: column for name, column in columns.items() if column is not None}

    def profile(self, column: str) -> Profile | None:
        """Return what stands in a column of the export."""
        return next((it for it in self.profiles if it.name == str(column)), None)

    @property
    def text(self) -> str:
        """The YAML."""
        return commented.as_yaml(self.slug, self.settings, self.beside, self.doubts)


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
            _Engine(found, stage, Path(work), engine, Settler(fixed, ask), say).run()
        finally:
            engine.disconnect()
    return found


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
    client = _client(found.slug, found.folder, found.settings)
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


def _client(slug: str, folder: Path, settings: Mapping[str, Any]) -> Client:
    """Return the client that settings describe."""
    text = yaml.safe_dump(_without_nulls(settings), allow_unicode=True, sort_keys=False)
    return parse_client(text, slug, folder)


def _without_nulls(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_nulls(value) if isinstance(value, Mapping) else value
        for key, value in settings.items()
        if value is not None
    }


class _Engine:
    """The steps from an export to its YAML."""

    def __init__(
        self, found: Proposed, stage: Path, work: Path, engine: Backend, settler: Settler, say: Say
    ) -> None:
        self.found = found
        self.stage = stage
        self.work = work
        self.engine = engine
        self.settler = settler
        self.say = say
        self._raw: tuple[str, Raw] | None = None
        self.open: Sequence[str] = ()  # statuses that only the client can place

    def run(self) -> None:
        """Take all steps."""
        self.settler.say({"name": self.settler.fixed.get("name", _title(self.found.slug))})
        self.say("looking at the files")
        names = self._database() if self._is_database() else self._files()
        self.say("reading the rows")
        self.settler.until_it_runs(self._readable)
        self._columns(names)
        self._statuses()
        self.say("typing the rows")
        self.settler.until_it_runs(self._typed)
        self._money()
        self.say("checking the records")
        self.settler.until_it_runs(self._prepared)
        self._finish()

    # --- where and how ---

    def _is_database(self) -> bool:
        files = self.found.places.files
        return self.found.places.database is not None or any(map(databases.is_database, files))

    def _database(self) -> list[str] | None:
        """Say which table or query holds the sales."""
        places = self.found.places
        if places.database:
            source: str | Path = places.database
            connection = places.database
        else:
            file, name = next(iter(places.files.items()))
            source, connection = (
                file,
                f"{start(file).database or 'sqlite'}://{name if Path(name).is_absolute() else '/' + name}",
            )
        own = self.settler.fixed.get("source", {})
        with databases.opened(source) as database:
            ways = propose_query(database, connection)
            chosen = self._way(ways, own, connection)
            if chosen is None:
                return database.ask(self._sample()).names
        self.found.notes += chosen.notes
        self.settler.say({"columns": chosen.columns})
        return None

    def _way(self, ways: Sequence[Query], own: Mapping[str, Any], connection: str) -> Query | None:
        """Choose one of the ways to read a database; None where the user gave another."""
        if not ways and not own:
            raise ConfigError(
                "No table of the database holds both a customer and a day; write "
                "`--set source.query='SELECT …'` (or `--set source.table=…`)."
            )
        if not own:
            self.settler.settle(
                "The sales can be read in several ways.", [it.choice for it in ways]
            )
        elif "connection" not in own:
            self.settler.say({"source": {"connection": connection}})
        source = self.settler.settings["source"]
        return next((it for it in ways if _same_source(it.source, source)), None)

    def _sample(self) -> str:
        source = self.settler.settings["source"]
        inner = source.get("query") or f"SELECT * FROM {source['table']}"
        return f"SELECT * FROM ({inner.rstrip().rstrip(';')}) AS sales LIMIT 1"

    def _files(self) -> list[str]:
        """Say which files are read, and how they are written."""
        found = written.look(self.found.places, self.stage, self.settler.fixed, self.engine)
        self.found.notes += found.notes
        self.settler.say({"source": {"file": pattern(found.files)}})
        if found.format:
            self.settler.say({"format": found.format})
        if found.formats:
            self.settler.say({"formats": found.formats})
        for message, choices in found.questions:
            self.settler.settle(message, choices)
        return found.names

    # --- which column is which ---

    def _columns(self, names: Sequence[str] | None) -> None:
        """Say which column is which: by a recipe, else by names and values."""
        raw = self._surveyed(self.settler.settings)
        self.found.profiles = profiles(raw)
        given: dict[str, str | None] = {
            name: None if column is None else str(column)
            for name, column in self.settler.settings.get("columns", {}).items()
            if name != "segments"
        }
        recipe = recipes.matching(raw.names) if names is not None else None
        if recipe:
            self._by_recipe(recipe, raw, given)
        while True:
            told_ = roles(self.found.profiles, given, partial(named_by, raw))
            if not told_.questions:
                break
            question = told_.questions[0]
            choices = question.choices or tuple(self._any(question.about))
            self.settler.settle(f"{question.message}{self._headers()}", choices, sure=False)
            chosen = self.settler.settings["columns"]
            given |= {name: chosen[name] for name in chosen if name != "segments"}
        self.settler.say({"columns": told_.columns})
        for name, said in told_.doubts.items():
            self.found.beside[name] = "; ".join(said)
            self.found.doubts += [f"{name}: {one}." for one in said]

    def _by_recipe(self, recipe: recipes.Recipe, raw: Raw, given: dict[str, str | None]) -> None:
        """Take over what a recipe knows of a system's exports."""
        said = recipes.settings(recipe, raw.names)
        said.pop("format", None)
        self.open = recipe.statuses.open
        self.settler.say(said)
        if recipe.format.given():
            self.settler.say({"format": recipe.format.model_dump(mode="json", exclude_unset=True)})
        self.found.notes.append(f"Recognised as {recipe.system}.")
        self.found.doubts += [note for note in recipe.notes]
        columns = self.settler.settings["columns"]
        if not columns.get("customer_id"):
            raise ConfigError(_nobody(recipe))
        if {"customer_id", "ordered_at"} <= columns.keys():
            given |= dict.fromkeys(Columns.model_fields)
        given |= {
            name: str(column) for name, column in columns.items() if name != "segments" and column
        }

    def _any(self, about: str) -> Iterator[Choice]:
        for profile in self.found.profiles:
            yield Choice(
                as_line("columns", {about: profile.name}), f"such as {', '.join(profile.samples)}"
            )

    def _headers(self) -> str:
        """Return what columns there are, for somebody who chooses among them."""
        return f" The columns are: {', '.join(profile.name for profile in self.found.profiles)}."

    # --- what they hold ---

    def _statuses(self) -> None:
        """Say what the statuses mean that words tell; ask for the others."""
        raw = self._surveyed(self.settler.settings)
        while column := self.settler.settings["columns"].get("status"):
            if self.settler.settings.get("cancelled"):
                return
            seen = told.counted(raw, str(column))
            placed_ = told.statuses(seen, self.settler.settings.get("statuses") or {}, self.open)
            open_ = told.unplaced(seen, placed_)
            if placed_:
                self.settler.say({"statuses": placed_})
            if open_ is None:
                return
            self.settler.settle(*open_)
        self.settler.settings.pop("statuses", None)

    def _money(self) -> None:
        """Say the currency where it is seen, and how its country writes numbers."""
        raw = self._surveyed(self.settler.settings)
        columns, form = self.settler.settings["columns"], self.settler.settings.get("format", {})
        amount = self.found.profile(str(columns.get("amount") or columns.get("unit_price")))
        code = told.currency(raw, columns.get("currency"), form.get("sign"), amount)
        if code and "currency" not in self.settler.fixed:
            self.settler.say({"currency": code})
        if (place := told.locale(code)) and "locale" not in self.settler.fixed:
            self.settler.say({"locale": place})

    # --- the same steps as a run takes ---

    def _surveyed(self, settings: Mapping[str, Any]) -> Raw:
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

    def _readable(self, settings: Mapping[str, Any]) -> None:
        self._surveyed(settings)

    def _survey(self, settings: Mapping[str, Any]) -> Raw:
        columns = settings.get("columns") or {}
        if "connection" in settings["source"]:
            if not {"customer_id", "ordered_at"} <= columns.keys():
                with databases.opened(self._connected(settings)) as database:
                    name = database.ask(self._sample()).names[0]
                columns = {"customer_id": name, "ordered_at": name}
            client = self._written({**settings, "columns": columns})
            return sources.read(client, self.engine, self.work / "raw")
        any_columns = {"customer_id": "1", "ordered_at": "1"}
        client = self._written({"name": "-", **settings, "columns": any_columns})
        files = sources.locate(client)
        named = partial(label, client)
        return sources.survey(files, client.format_of, self.engine, self.work / "raw", named)

    def _connected(self, settings: Mapping[str, Any]) -> str | Path:
        files = list(self.found.places.files)
        return files[0] if files else str(settings["source"]["connection"])

    def _written(self, settings: Mapping[str, Any]) -> Client:
        """Return the client that settings describe, its YAML written where it is worked in."""
        keep = {
            key: value
            for key, value in settings.items()
            if key in ("name", "source", "format", "formats", "columns")
        }
        client = _client(self.found.slug, self.stage, keep)
        self._write(settings)
        return client

    def _write(self, settings: Mapping[str, Any]) -> None:
        text = yaml.safe_dump(_without_nulls(settings), allow_unicode=True, sort_keys=False)
        (self.stage / "client.yaml").write_text(text, encoding="utf-8")

    def _typed(self, settings: Mapping[str, Any]) -> None:
        """Type the rows; what cannot be read in one way stops it."""
        client = _client(self.found.slug, self.stage, settings)
        self._write(settings)
        transactions.typed(self._surveyed(settings), client)

    def _prepared(self, settings: Mapping[str, Any]) -> None:
        """Prepare the records as a run does, and audit them."""
        client = _client(self.found.slug, self.stage, settings)
        self._write(settings)
        work, private = self.work / "prepared", self.work / "private"
        work.mkdir(exist_ok=True)
        prepared = preparation.prepare(client, self.engine, work, private, None)
        study = Study(client, self.work, work, self.engine, prepared)
        self.found.audit = study.audit()

    def _finish(self) -> None:
        self.found.settings = _without_nulls(self.settler.settings)
        self.found.applied = self.settler.applied
        self.found.doubts += list(_doubts(self.found, self._surveyed(self.settler.settings)))


def _nobody(recipe: recipes.Recipe) -> str:
    """Say that a system's export does not say who bought, and what its recipe knows of that."""
    return (
        f"This is {recipe.system}, and none of its columns says who bought, without which there is "
        f"no retention. {' '.join(recipe.notes)} If one of these columns does, name it: `--set "
        "columns.customer_id=…`."
    )


def _same_source(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one.get(key) == other.get(key) for key in ("table", "query"))


def _title(slug: str) -> str:
    return slug.replace("-", " ").strip().capitalize() or slug


def _doubts(found: Proposed, raw: Raw) -> Iterator[str]:
    """Yield what no look at the data can tell."""
    form = found.settings.get("format", {})
    if form.get("timezone") == "UTC" and "timezone" not in found.notes:
        yield "Days are counted in UTC; write the shop's own time zone, as in `timezone: Europe/Warsaw`."
    if "amount" in found.columns or "unit_price" in found.columns:
        yield "Whether amounts are net or gross of tax, and with or without shipping, is not said."
    if "currency" not in found.settings and found.columns.get("amount"):
        yield "No currency is seen; write e.g. `currency: EUR`."
    if "order_id" in found.columns or "status" in found.columns:
        yield "The shop's own test orders, if any, count as sales; `customers` and `statuses` leave them out."
    for file in raw.files:
        if file.same_as:
            yield f"{file.label} holds the same as {file.same_as} and is read once."
