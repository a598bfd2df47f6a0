"""The command that reads a client's data and says what was counted, and whether it is fit."""

from __future__ import annotations

import json
import tempfile
from contextlib import closing
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.markdown import Markdown

from retention_lib.cli.common import UNPUBLISHED, AsOf, Debug, table
from retention_lib.cli.failures import attempt
from retention_lib.errors import ConfigError
from retention_lib.results import Audit

if TYPE_CHECKING:
    from retention_lib.speech import Speech

UNFIT: Final = 3

AsJson = Annotated[bool, typer.Option("--json", help="Print the audit's result alone, as JSON.")]


def check(
    client: Annotated[str, typer.Argument(metavar="CLIENT", help="Folder in data/clients.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Read a client's configuration and data, and say what was counted and whether it is fit.

    Ends with code 3 if the records cannot carry a retention rate. Records that are only unfit
    for customer values end with 0: every other chapter of the report still stands.
    """
    task = partial(_check, client, as_of, as_json)
    raise typer.Exit(attempt(client, task, debug, UNPUBLISHED))


def _check(slug: str, as_of: date | None, as_json: bool) -> int:
    from retention_lib.study import Study  # takes a second, which --help should not

    day = as_of.isoformat() if as_of else None
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch,
        closing(Study.open(slug, as_of=day, run=scratch)) as study,
    ):
        if study.as_of > date.today():
            raise ConfigError(f"As of {study.as_of} lies after today; give a day that is over.")
        audit, busiest = study.audit(), study.busiest()
    if as_json:  # ASCII, which every console can print
        typer.echo(json.dumps(audit.model_dump(mode="json"), indent=2))
    else:
        _print(audit, busiest, study.speech)
    return UNFIT if audit.verdict.retention == "unfit" else 0


def _print(audit: Audit, busiest: dict[str, Any], speech: Speech) -> None:
    from retention_lib.words import data_audit as words  # as in _check

    console = Console(highlight=False)
    console.print(Markdown(words.answer.meaning(audit, speech)))
    received = (words.rows, words.files, words.years, words.control, words.statuses)
    for section in (*received, words.checks, words.breaks, words.effects):
        _print_table(section, audit, speech, console)
    for section in (words.files, words.years):
        console.print(Markdown(section.meaning(audit, speech)))
    console.print(words.busiest.said(busiest, speech), markup=False)
    _print_doubts(audit, speech, console)
    if audit.control:
        console.print(Markdown(words.control.meaning(audit, speech)))
    console.print(Markdown(words.verdict.meaning(audit, speech)))
    console.print(Markdown(words.verdict.explained(audit, speech)))
    console.print(Markdown(words.questions.meaning(audit, speech)))


def _print_table(section: Any, audit: Audit, speech: Speech, console: Console) -> None:
    """Print the table of a section, if it has a row."""
    frame = section.rows(audit, speech)
    if len(frame):
        console.print(table(section.caption(audit, speech), frame))


def _print_doubts(audit: Audit, speech: Speech, console: Console) -> None:
    """Print each doubt with the line that settles it; a line is never broken, so it can be copied."""
    from retention_lib.words.data_audit import doubts  # as in _check

    for doubt in audit.doubts:
        console.print(f"\n{doubts.said(doubt, speech)}", markup=False)
        if doubt.line is not None:
            console.print(f"    {doubt.line}", markup=False, soft_wrap=True)
