"""The command that holds two clients, or two runs, side by side."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from retention_lib.cli import published
from retention_lib.cli.common import Debug, Out, table
from retention_lib.cli.failures import attempt
from retention_lib.client import project_root
from retention_lib.errors import ConfigError
from retention_lib.results import Results

if TYPE_CHECKING:
    from retention_lib.comparison.side_by_side import Comparison
    from retention_lib.words.variants import Sides

Reference = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="A client (its current report), CLIENT/RUN, or the folder of a run."
    ),
]


def compare(a: Reference, b: Reference, out: Out = None, debug: Debug = False) -> None:
    """Hold two clients, or two runs, side by side.

    Rates are ranked only where both were measured by the same window. Language and numbers are
    those of the first client.
    """
    task = partial(_compare, a, b, (out or project_root() / "reports").resolve())
    raise typer.Exit(attempt("compare", task, debug))


def _compare(a: str, b: str, reports: Path) -> int:
    # these take a second, which --help should not
    from retention_lib.comparison.side_by_side import side_by_side
    from retention_lib.words import variants
    from retention_lib.words.reasons import reason

    folders = [published.folder(reference, reports) for reference in (a, b)]
    one, other = (published.results(folder) for folder in folders)
    if [part.varied for part in one.sections] != [part.varied for part in other.sections]:
        raise ConfigError(
            "These runs were not varied alike: at least one has an own notebook that looks at a "
            "part of the records, another day or window (`varied` in its results.json). In a "
            "notebook, `study.compare(…)` puts variants side by side."
        )
    held = side_by_side(one, other)
    speech = published.speech(one)
    frame = variants.rows(_sides(held, one, other, _headers(one, other, folders)), speech)
    # an interval has a line of its own, so that a narrow terminal does not break it
    lines = frame.map(lambda cell: cell.replace(" (", "\n("))
    Console(highlight=False).print(table(frame.attrs["caption"], lines))
    for why in (held.why_not_rankable, held.why_no_value):
        if why:
            typer.echo(" ".join(reason(found, speech) for found in why))
    return 0


# --- the table ----------------------------------------------------------------


def _headers(one: Results, other: Results, folders: list[Path]) -> list[str]:
    """Return what tells the two apart: the clients, their days, or else their runs."""
    if one.client != other.client:
        return [one.client, other.client]
    if one.as_of != other.as_of:
        return [f"{results.client} {results.as_of}" for results in (one, other)]
    return [folder.name for folder in folders]


def _sides(held: Comparison, one: Results, other: Results, headers: list[str]) -> Sides:
    """Return what the table of the two says."""
    from retention_lib.words.variants import Sides

    return Sides(
        headers,
        days=[one.as_of, other.as_of],
        windows=[one.cycle.window, other.cycle.window],
        figures={row.name: [(row.a, row.a_ci95), (row.b, row.b_ci95)] for row in held.rows},
        differences=held.differences,
    )
