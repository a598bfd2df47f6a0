"""The ``retention`` command.

Exit codes: 0 published or fit; 1 failed, or nothing readable in the data; 2 usage,
configuration, a missing file or column; 3, from ``check`` only, records that are unfit for
a retention rate; 130 and 143 ended by Ctrl-C and SIGTERM. Progress and errors go to stderr; stdout ends in the path of the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from retention_lib.cli import notebooks
from retention_lib.cli.check import check
from retention_lib.cli.common import UNPUBLISHED, AsOf, Debug, Out, from_here
from retention_lib.cli.compare import compare
from retention_lib.cli.explain import explain
from retention_lib.cli.failures import attempt
from retention_lib.cli.new import new
from retention_lib.client import clients_folder, known_clients, shown

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="From a sales export to a management report on retention.",
)


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
    out: Out = None,
    debug: Debug = False,
) -> None:
    """Execute the notebooks of one or more clients and publish their reports."""
    slugs = _chosen(clients or [], every)
    codes = {
        slug: attempt(slug, partial(_publish, slug, as_of, out), debug, UNPUBLISHED)
        for slug in slugs
    }
    for slug, code in codes.items() if len(codes) > 1 else ():
        outcome = "published" if code == 0 else f"failed (code {code})"
        typer.echo(f"{slug}: {outcome}", err=True)
    raise typer.Exit(max(codes.values()))


for _command in (new, check, notebooks.lab, notebooks.edit, notebooks.diff, compare, explain):
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
    with _progress(slug) as say:
        say("reading the data")
        published = runner.run(
            slug,
            as_of=as_of,
            today=date.today(),
            out=out,
            on_progress=say,
            on_notice=notices.append,
        )
    for notice in notices:
        typer.echo(f"{slug}: {notice}", err=True)
    typer.echo(from_here(published.report))
    return 0


@contextmanager
def _progress(slug: str) -> Iterator[Callable[[str], None]]:
    """Give what says which notebook is at work: by a spinner on a terminal, else a line each."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda what: typer.echo(f"{slug}: {what}", err=True)
        return
    with console.status("") as status:
        yield lambda what: status.update(escape(f"{slug}: {what}"))
