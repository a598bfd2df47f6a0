"""The command that says how a figure, or one customer's value, comes about."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from retention_lib.cli import published
from retention_lib.cli.common import Debug, Out
from retention_lib.cli.failures import attempt
from retention_lib.client import project_root, shown
from retention_lib.errors import ConfigError
from retention_lib.results import SECTIONS

if TYPE_CHECKING:
    from ibis import Table
    from ibis.backends.duckdb import Backend

    from retention_lib.study import Study
    from retention_lib.study.explain import Asked, Explanation

_CUSTOMERS: Final = Path("private") / "customers.parquet"


def explain(
    client: Annotated[str, typer.Argument(metavar="CLIENT", help="Folder in data/clients.")],
    figure: Annotated[
        str,
        typer.Argument(
            metavar="FIGURE",
            help="Its place in results.json, as retention/retained_rate; a section lists its own.",
        ),
    ] = "",
    customer: Annotated[
        str | None, typer.Option("--customer", metavar="ID", help="One customer's value instead.")
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="RUN",
            help="A run of the client, or the folder of one; else the current report.",
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Compute from the records, though there is a report.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the steps as JSON.")] = False,
    out: Out = None,
    debug: Debug = False,
) -> None:
    """Say how a figure of a report comes about: from the files over counts to the figure.

    Each step comes with its number and its definition. The numbers are those of the client's
    current report; without one they are computed from the records.
    """
    reports = (out or project_root() / "reports").resolve()
    task = partial(_explain, client, figure, customer, _Where(run, reports, fresh), as_json)
    raise typer.Exit(attempt(client, task, debug))


class _Where(NamedTuple):
    """Where the numbers are read: a run by name, the folder of the reports, or the records."""

    run: str | None
    reports: Path
    fresh: bool


def _explain(slug: str, figure: str, customer: str | None, where: _Where, as_json: bool) -> int:
    if bool(figure) == (customer is not None):
        sections = ", ".join(section.name for section in SECTIONS)
        raise ConfigError(f"Name a figure, a section ({sections}), or give --customer ID.")
    with _asked(slug, *where) as asked:
        _print(_explained(asked, figure, customer), as_json)
    return 0


def _explained(asked: Asked, figure: str, customer: str | None) -> Explanation:
    from retention_lib.study import explain as explaining  # takes a second, which --help should not

    if customer is not None:
        return explaining.one_customer(customer, asked)
    return explaining.figure(figure, asked)


def _print(found: Explanation, as_json: bool) -> None:
    # JSON in ASCII, which every console can print
    typer.echo(json.dumps(found.plain, indent=2) if as_json else repr(found))


# --- where the numbers are read ---------------------------------------------------


@contextmanager
def _asked(slug: str, run: str | None, reports: Path, fresh: bool) -> Iterator[Asked]:
    """Give what is explained: a published run, or without one what the records give now."""
    from retention_lib.study.explain import Asked  # as in _explained

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        folder = None if fresh else _published(slug, run, reports)
        if folder is None:
            with closing(_study(slug, scratch)) as study:
                yield study.asked
            return
        found = published.results(folder)
        if found.client != slug:
            raise ConfigError(f"{shown(folder)} is a run of {found.client}, not of {slug}.")
        with _engine(scratch) as engine:
            customers = partial(_customers, engine, folder)
            speech = published.speech(found)
            yield Asked(slug, found.as_of, speech, partial(getattr, found), customers)


def _published(slug: str, run: str | None, reports: Path) -> Path | None:
    """Return the folder of the run that is meant; None where the client has no report yet."""
    if run is not None:
        is_folder = (Path(run) / published.RESULTS).is_file()
        return published.folder(run if is_folder or "/" in run else f"{slug}/{run}", reports)
    return published.folder(slug, reports) if published.complete(reports / slug) else None


def _study(slug: str, scratch: str) -> Study:
    from retention_lib.study import Study  # as in _explained

    study = Study.open(slug, run=scratch)
    typer.echo(f"{slug}: the numbers are computed from the records, as of {study.as_of}.", err=True)
    return study


@contextmanager
def _engine(scratch: str) -> Iterator[Backend]:
    from retention_lib import sources  # as in _explained

    engine = sources.connect(Path(scratch) / "spill")
    try:
        yield engine
    finally:
        sources.disconnect(engine)


def _customers(engine: Backend, folder: Path) -> Table:
    file = folder / _CUSTOMERS
    if not file.is_file():
        raise ConfigError(f"{shown(file)} is missing, which lists the customers of this run.")
    return engine.read_parquet(str(file))
