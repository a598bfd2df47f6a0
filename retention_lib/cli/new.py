"""The command that makes a client of an export."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from retention_lib.cli.common import Debug, from_here
from retention_lib.cli.failures import attempt
from retention_lib.errors import Choice, ConfigError

if TYPE_CHECKING:
    from retention_lib.proposal import Proposed

Name = Annotated[
    str,
    typer.Argument(metavar="CLIENT", help="Its name: small letters, digits and hyphens."),
]
From = Annotated[
    list[str],
    typer.Option(
        "--from",
        metavar="FILE|FOLDER|URL",
        help="The export: files, folders, globs, or a database. May be given several times.",
    ),
]
Yes = Annotated[
    bool, typer.Option("--yes", help="Accept whatever can be read in one way, without asking.")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="A line of the YAML, as in --set columns.amount=Total. May be given several times.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the proposal as JSON.")]
Link = Annotated[
    bool, typer.Option("--link", help="Leave the files where they lie, instead of copying them.")
]


def new(
    client: Name,
    source: From,
    yes: Yes = False,
    settings: Set = None,
    as_json: Json = False,
    link: Link = False,
    debug: Debug = False,
) -> None:
    """Find out how an export is read, and write data/clients/CLIENT/client.yaml.

    Where two readings fit it asks; without a terminal it stops with code 2 and lists the choices.
    Nothing is written then, so that the same command can be given again with --set.
    """
    task = partial(_new, client, source, yes, settings or [], as_json, link)
    raise typer.Exit(attempt(client, task, debug, "interrupted; nothing was written."))


def _new(slug: str, given: list[str], yes: bool, sets: list[str], as_json: bool, link: bool) -> int:
    # these take a second, which --help should not
    from retention_lib import proposal

    fixed = proposal.assigned(sets)
    if "as_of" in fixed:
        raise ConfigError("--set as_of: a new client has none; give `--as-of` to check and run.")
    console = Console(stderr=as_json, highlight=False)
    answers = _answers()
    try:
        found = proposal.propose(
            slug, given, fixed, _asking(answers), link, lambda what: _say(slug, what)
        )
    except proposal.OpenError as open_:
        if as_json:
            _print({"settings": open_.settings, "choices": _choices(open_.choices)})
        raise ConfigError(_unanswered(open_), choices=open_.choices) from None
    if as_json:
        _print(_as_json(found))
    _show(found, console)
    if not yes and not _agreed(answers):
        raise ConfigError("Nothing was written; --yes accepts this proposal.")
    written = proposal.write(found)
    typer.echo(f"{from_here(written)} is written.", err=True)
    typer.echo(f"Next: `retention check {slug}`, then `retention run {slug}`.", err=True)
    return 0


def _say(slug: str, what: str) -> None:
    typer.echo(f"{slug}: {what}", err=True)


# --- asking ---------------------------------------------------------------------------


def _answers() -> bool:
    """Whether somebody is there who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _asking(answers: bool) -> Callable[[str, Sequence[Choice]], Choice | None]:
    """Return what asks on a terminal; where there is none, nobody answers."""
    return _ask if answers else lambda message, choices: None


def _ask(message: str, choices: Sequence[Choice]) -> Choice | None:
    typer.echo(f"\n{message}", err=True)
    for number, choice in enumerate(choices, 1):
        typer.echo(
            f"  {number}  {choice.line}" + (f"  ({choice.means})" * bool(choice.means)), err=True
        )
    while True:
        try:
            answer = typer.prompt("Which one? (a number, or q to stop)", err=True)
        except typer.Abort:
            return None
        if answer.strip().casefold() in ("q", "quit"):
            return None
        with suppress(ValueError, IndexError):
            number = int(answer)
            if number > 0:
                return choices[number - 1]


def _agreed(answers: bool) -> bool:
    return answers and typer.confirm("\nWrite this client?", default=True, err=True)


def _unanswered(open_: ConfigError) -> str:
    """Return a stop with its choices as they are given on the command line."""
    from retention_lib.proposal import arguments

    lines = [
        f"  {arguments(choice)}" + (f"    {choice.means}" if choice.means else "")
        for choice in open_.choices
    ]
    return "\n".join(
        [str(open_), "Nothing was written. Give the same command with one of:", *lines]
    )


# --- showing --------------------------------------------------------------------------


def _show(found: Proposed, console: Console) -> None:
    """Print the mapping with samples and doubts, and what was read."""
    console.print(_mapping(found))
    for choice in found.applied:
        console.print(
            escape(f"Read by {choice.line}" + (f": {choice.means}" if choice.means else ""))
        )
    for name, value in _figures(found).items():
        console.print(f"{name}: {value}")
    for note in (*found.notes, *found.doubts):
        console.print(escape(f"- {note}"))
    _warn(found, console)


def _mapping(found: Proposed) -> Table:
    """Return which column is which, with samples; what is in doubt stands in a line of its own."""
    table = Table(title="What the columns hold", title_justify="left", title_style="bold")
    for title in ("ours", "the export's", "such as"):
        table.add_column(title, overflow="fold")
    for ours, theirs in found.columns.items():
        for column in theirs if isinstance(theirs, list) else [theirs]:
            profile = found.profile(column)
            samples = ", ".join(profile.samples) if profile else ""
            doubt = "? " * (ours in found.beside)
            table.add_row(*(escape(cell) for cell in (doubt + ours, str(column), samples)))
    return table


def _warn(found: Proposed, console: Console) -> None:
    """Print what `check` will warn of; a line is never broken, so that it can be copied."""
    if found.audit is None or not found.audit.doubts:
        return
    from retention_lib.results import Doubt
    from retention_lib.speech import Speech
    from retention_lib.words.data_audit import doubts

    for doubt in found.audit.doubts:
        console.print(f"- {doubts.said(Doubt(**vars(doubt)), Speech())}", markup=False)
        if doubt.line is not None:
            console.print(f"    {doubt.line}", markup=False, soft_wrap=True)


def _figures(found: Proposed) -> dict[str, Any]:
    """Return what to compare with the source."""
    audit = found.audit
    if audit is None:
        return {}
    revenue = audit.revenue
    return {
        "rows": f"{audit.rows_in:,}",
        "rows used": f"{audit.rows_kept:,}",
        "customers": f"{audit.customers:,}",
        "purchases": f"{audit.occasions:,}",
        **({"revenue": f"{revenue:,.2f}"} if revenue is not None else {}),
        "first day": audit.first_date,
        "last day": audit.last_date,
    }


def _as_json(found: Proposed) -> dict[str, Any]:
    audit = found.audit
    return {
        "client": found.slug,
        "settings": found.settings,
        "columns": [
            {
                "name": ours,
                "column": column,
                "samples": list(profile.samples) if (profile := found.profile(str(column))) else [],
                "doubt": found.beside.get(ours),
            }
            for ours, column in found.columns.items()
        ],
        "applied": _choices(found.applied),
        "choices": [],
        "doubts": found.doubts,
        "notes": found.notes,
        "audit": asdict(audit) if audit else None,
    }


def _choices(choices: Sequence[Choice]) -> list[dict[str, str]]:
    from retention_lib.proposal import arguments

    return [
        {"line": choice.line, "means": choice.means, "set": arguments(choice)} for choice in choices
    ]


def _print(value: dict[str, Any]) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))
