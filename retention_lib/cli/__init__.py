"""The ``retention`` command.

Exit codes: 0 published or fit; 1 failed, or nothing readable in the data; 2 usage,
configuration, a missing file or column; 3, from ``check`` only, records that are unfit for
a retention rate; 130 and 143 ended by Ctrl-C and SIGTERM. Progress and errors go to stderr; stdout ends in the path of the report.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Self

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from retention_lib.cli import notebooks
from retention_lib.cli.common import Debug, from_here
from retention_lib.cli.compare import compare
from retention_lib.cli.failures import attempt
from retention_lib.client import clients_folder, known_clients, shown
from retention_lib.errors import ConfigError
from retention_lib.results import Audit

if TYPE_CHECKING:
    import pandas as pd

    from retention_lib.speech import Speech

UNFIT: Final = 3

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="From a sales export to a management report on retention.",
)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day; write it as in 1998-06-30") from None


AsOf = Annotated[
    date | None,
    typer.Option(
        "--as-of",
        parser=_day,
        metavar="DATE",
        help="Last day to look at, as in 1998-06-30; else the YAML's, else the latest purchase's.",
    ),
]


def main() -> None:
    """Run the command line; the console's entry point."""
    app()


@app.command()
def run(
    clients: Annotated[
        list[str] | None, typer.Argument(metavar="CLIENT...", help="Folders in data/clients.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every client in data/clients.")] = False,
    as_of: AsOf = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", file_okay=False, metavar="DIR", help="Folder of the reports."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Execute the notebooks of one or more clients and publish their reports."""
    slugs = _chosen(clients or [], every)
    codes = {}
    for slug in slugs:
        codes[slug] = attempt(slug, partial(_publish, slug, as_of, out), debug)
    if len(slugs) > 1:
        _summary(codes)
    raise typer.Exit(max(codes.values()))


@app.command()
def check(
    client: Annotated[str, typer.Argument(metavar="CLIENT", help="Folder in data/clients.")],
    as_of: AsOf = None,
    debug: Debug = False,
) -> None:
    """Read a client's configuration and data, and say whether they are fit.

    Ends with code 3 if the records cannot carry a retention rate. Records that are only unfit
    for customer values end with 0: every other chapter of the report still stands.
    """
    raise typer.Exit(attempt(client, partial(_check, client, as_of), debug))


for _command in (notebooks.lab, notebooks.edit, notebooks.diff, compare):
    app.command()(_command)


def _chosen(clients: Sequence[str], every: bool) -> list[str]:
    if bool(clients) == every:
        raise typer.BadParameter("name one or more clients, or give --all, but not both")
    if every:
        _name_overlooked()
    slugs = known_clients() if every else list(dict.fromkeys(clients))
    if not slugs:
        raise typer.BadParameter("--all finds no client: data/clients holds no client.yaml")
    return slugs


def _name_overlooked() -> None:
    """Warn of clients that ``--all`` leaves out because of their folder's name."""
    found = {path.parent.name for path in clients_folder().glob("*/client.yaml")}
    for name in sorted(found.difference(known_clients())):
        typer.echo(
            f"Warning: {shown(clients_folder() / name)} is left out: a client's folder has small "
            "letters, digits and hyphens only; rename it.",
            err=True,
        )


# --- run ----------------------------------------------------------------------


def _publish(slug: str, as_of: date | None, out: Path | None) -> int:
    from retention_lib import runner  # takes a second, which --help should not

    notices: list[str] = []
    with _Progress(slug) as progress:
        published = runner.run(
            slug,
            as_of=as_of,
            today=date.today(),
            out=out,
            on_progress=progress.notebook,
            on_notice=notices.append,
        )
    for notice in notices:
        typer.echo(f"{slug}: {notice}", err=True)
    typer.echo(from_here(published.report))
    return 0


class _Progress(AbstractContextManager["_Progress"]):
    """Says which notebook is at work: a spinner on a terminal, else one line each."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.console = Console(stderr=True, highlight=False)
        self.status: Status | None = None

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self.status = self.console.status("")
            self.status.start()
        self._say("reading the data")
        return self

    def __exit__(self, *failure: object) -> None:
        if self.status:
            self.status.stop()

    def notebook(self, stem: str) -> None:
        """Say that a notebook begins."""
        self._say(stem)

    def _say(self, what: str) -> None:
        if self.status:
            self.status.update(escape(f"{self.slug}: {what}"))
        else:
            typer.echo(f"{self.slug}: {what}", err=True)


def _summary(codes: dict[str, int]) -> None:
    for slug, code in codes.items():
        outcome = "published" if code == 0 else f"failed (code {code})"
        typer.echo(f"{slug}: {outcome}", err=True)


# --- check --------------------------------------------------------------------


def _check(slug: str, as_of: date | None) -> int:
    from retention_lib.study import Study  # as in _publish

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        study = Study.open(slug, as_of=as_of.isoformat() if as_of else None, run=scratch)
        try:
            _refuse_future(study.as_of)
            audit = study.audit()
        finally:
            study.close()
    _print_audit(audit, study.speech)
    return UNFIT if audit.verdict.retention == "unfit" else 0


def _refuse_future(as_of: date) -> None:
    if as_of > date.today():
        raise ConfigError(f"As of {as_of} lies after today; give a day that is over.")


def _print_audit(audit: Audit, speech: Speech) -> None:
    from retention_lib.words import data_audit as words  # as in _publish

    console = Console(highlight=False)
    console.print(Markdown(words.answer.meaning(audit, speech)))
    console.print(_table(words.rows.caption(audit, speech), words.rows.rows(audit, speech)))
    if audit.checks:
        noticed = words.checks.rows(audit, speech)
        console.print(_table(words.checks.caption(audit, speech), noticed))
    console.print(Markdown(words.verdict.meaning(audit, speech)))


def _table(title: str, frame: pd.DataFrame) -> Table:
    """Return a frame of finished text as a table of the terminal."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for number, name in enumerate(frame.columns):
        table.add_column(escape(name), justify="left" if number == 0 else "right")
    for row in frame.itertuples(index=False):
        table.add_row(*(escape(str(cell)) for cell in row))
    return table
