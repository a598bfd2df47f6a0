"""The command that holds two clients, or two runs, side by side."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from retention_lib.cli.common import Debug, Out, table
from retention_lib.cli.failures import attempt
from retention_lib.client import known_clients, load_client, project_root, shown
from retention_lib.errors import ConfigError
from retention_lib.results import Results, runs

if TYPE_CHECKING:
    from retention_lib.comparison.side_by_side import Comparison
    from retention_lib.speech import Speech
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

    folders = [_folder(reference, reports) for reference in (a, b)]
    one, other = (_results(folder) for folder in folders)
    if [part.varied for part in one.sections] != [part.varied for part in other.sections]:
        raise ConfigError(
            "These runs were not varied alike: at least one has an own notebook that looks at a "
            "part of the records, another day or window (`varied` in its results.json). In a "
            "notebook, `study.compare(…)` puts variants side by side."
        )
    held = side_by_side(one, other)
    speech = _speech(one)
    frame = variants.rows(_sides(held, one, other, _headers(one, other, folders)), speech)
    # an interval has a line of its own, so that a narrow terminal does not break it
    lines = frame.map(lambda cell: cell.replace(" (", "\n("))
    Console(highlight=False).print(table(frame.attrs["caption"], lines))
    for why in (held.why_not_rankable, held.why_no_value):
        if why:
            typer.echo(" ".join(reason(found, speech) for found in why))
    return 0


# --- which run is meant -------------------------------------------------------

_RESULTS: Final = Path("private") / "results.json"


def _folder(reference: str, reports: Path) -> Path:
    """Return the folder of the run that a reference names.

    Raises
    ------
    ConfigError
        If there is none; the message names those that there are.
    """
    if (Path(reference) / _RESULTS).is_file():
        return Path(reference).resolve()
    slug, _, run = reference.strip("/").partition("/")
    known = {folder.name: folder for folder in _complete(reports / slug)} if _is_name(slug) else {}
    if not known:
        raise ConfigError(f"There is no report of {reference!r}.{_instead(slug, reports)}")
    name = run or str(runs.latest(reports / slug).get("run"))
    if name not in known:
        what = f"run {run!r} of {slug}" if run else f"current report of {slug}"
        there = ", ".join(f"{slug}/{name}" for name in sorted(known))
        raise ConfigError(f"There is no {what}; its runs are: {there}.")
    return known[name]


def _is_name(slug: str) -> bool:
    return bool(slug) and not slug.startswith(".")


def _complete(home: Path) -> list[Path]:
    """Return the folders of a client's complete runs; a hidden one is not complete yet."""
    found = home.glob(f"*/{_RESULTS.as_posix()}")
    return [file.parents[1] for file in found if not file.parents[1].name.startswith(".")]


def _instead(slug: str, reports: Path) -> str:
    """Say what to do, and which clients have reports."""
    make = f" `retention run {slug}` makes one." if slug in known_clients() else ""
    homes = reports.iterdir() if reports.is_dir() else iter(())
    reported = sorted(home.name for home in homes if _is_name(home.name) and _complete(home))
    if not reported:
        return f"{make} No client has a report in {shown(reports)} yet."
    return f"{make} Clients with reports in {shown(reports)}: {', '.join(reported)}."


def _results(folder: Path) -> Results:
    try:
        return Results.from_json(json.loads((folder / _RESULTS).read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{shown(folder / _RESULTS)} cannot be read by this version; run the client again."
        ) from error


# --- the table ----------------------------------------------------------------


def _speech(results: Results) -> Speech:
    """Return the client's way of speaking; plain English if its folder is gone."""
    from retention_lib.speech import Speech

    if results.client not in known_clients():
        return Speech(currency=results.currency)
    client = load_client(results.client)
    return Speech(client.language, client.locale, results.currency)


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
