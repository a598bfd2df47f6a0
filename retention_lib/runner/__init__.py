"""One client's run: the notebooks are executed, and a complete run is published at once.

A run that fails, for whatever reason, leaves the last good report as it was.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from time import perf_counter

from retention_lib import report
from retention_lib.client import Client, load_client, load_definitions, project_root
from retention_lib.errors import ConfigError
from retention_lib.results import Results, write_json
from retention_lib.runner import ledger, publication
from retention_lib.runner.execution import execute, find_notebooks
from retention_lib.runner.figures import refuse_silent_figures
from retention_lib.runner.page import ids_among, page
from retention_lib.runner.record import manifest, merge, refuse_unsaved
from retention_lib.runner.yardstick import pin
from retention_lib.study import Prepared, Study

__all__ = ["Published", "run"]


@dataclass(frozen=True)
class Published:
    """A complete run: where its report is, the run's folder, and its results.

    ``report`` is the client's ``report.html``, or the copy in the run's own folder where a later
    day's report stays the client's.
    """

    report: Path
    folder: Path
    results: Results


def run(
    slug: str,
    *,
    as_of: date | None = None,
    today: date,
    out: Path | None = None,
    on_progress: Callable[[str], None] = lambda stem: None,
    on_notice: Callable[[str], None] = lambda sentence: None,
) -> Published:
    """Execute one client's notebooks and publish the run.

    A look back, at an ``as_of`` given here that lies before the day of the client's report, is
    published in its own folder only. The first run that becomes the client's report pins the
    yardstick in ``definitions.yaml``; later runs go by it. The forecast of each that does, unless
    an ``as_of`` is given here, is entered in the client's ``forecasts.jsonl``.

    Parameters
    ----------
    slug : str
        Name of the client's folder.
    as_of : date, optional
        Last day to look at; by default the YAML's, else the latest purchase's.
    today : date
        The day of the run: no ``as_of`` lies after it.
    out : Path, optional
        Folder of the reports, by default ``reports`` in the project's root.
    on_progress : callable
        Called with each notebook's stem, as in ``"03_retention_rate"``, before it starts.
    on_notice : callable
        Called with a sentence if the client's report stays what it was, if the yardstick was
        pinned or could not be, and for whatever of the published forecasts could not be read or
        entered.

    Returns
    -------
    Published
        The run and its report.

    Raises
    ------
    ConfigError
        If the configuration, the pinned definitions, a file or a column is wrong, ``as_of`` lies
        in the future, or the folder of the reports cannot be written to.
    DataError
        If nothing in the data can be used.
    NotebookError
        If a notebook fails, the message names it, the cell and the error; if it saved nothing
        or nothing valid, what is wrong with it.
    RetentionError
        If another run of the client is at work, the results break their schema, the report
        would show customers' ids, or the disk is full.
    """
    client = load_client(slug)
    notebooks = find_notebooks(client)
    for own in notebooks:
        if own.is_relative_to(client.folder):
            refuse_silent_figures(own)
    home = (out or project_root() / "reports").resolve() / client.slug
    with (
        publication.alone(home, client.slug),
        publication.disk_failures_said(home),
        publication.staged(home) as stage,
    ):
        ledger.enter(home)  # what a run that died left to do; what still cannot be is said below
        results, name = _run(client, notebooks, as_of, today, stage, on_progress)
        stays = publication.standing_day(home) if as_of else None
        current = stays is None or results.as_of >= stays
        folder = publication.publish(stage, name, current=current, enters=as_of is None)
        said = pin(client, results) if current else f"report.html stays that of {stays}."
        for sentence in [*filter(None, [said]), *ledger.unread(results), *ledger.enter(home)]:
            on_notice(sentence)
        shown = home if current else folder / "share"
        return Published(shown / "report.html", folder, results)


def _run(
    client: Client,
    notebooks: Sequence[Path],
    as_of: date | None,
    today: date,
    stage: Path,
    on_progress: Callable[[str], None],
) -> tuple[Results, str]:
    """Complete the stage; return the results, and the name of the run's folder."""
    started = perf_counter()
    definitions = load_definitions(client)
    prepared = _prepare(client, as_of, today, stage)
    parameters = {"client": client.slug, "as_of": prepared.as_of.isoformat(), "run": str(stage)}
    timings = {}
    for notebook in notebooks:
        on_progress(notebook.stem)
        begun = perf_counter()
        report.refuse_bad_pictures(execute(notebook, parameters, stage))
        refuse_unsaved(notebook, stage)
        timings[notebook.stem] = round(perf_counter() - begun, 3)
    results = merge(client, prepared.as_of, stage)
    record = manifest(client, prepared, definitions, parameters, notebooks, timings)
    first = page(client, results, record, partial(_ids_among, client.slug, stage))
    executed = sorted((stage / "private" / "notebooks").glob("*.ipynb"))
    html = report.render(executed, first)
    (stage / "share" / "report.html").write_text(html, encoding="utf-8", newline="\n")
    record["seconds"] = round(perf_counter() - started, 3)
    write_json(record, stage / "private" / "manifest.json")
    shutil.rmtree(stage / "work")
    return results, f"{prepared.as_of}-{prepared.fingerprint[:12]}"


def _ids_among(slug: str, stage: Path, texts: Collection[str]) -> set[str]:
    """Return which of the texts are ids of the customers that the run has read."""
    with closing(Study.open(slug, run=str(stage))) as study:
        return ids_among(texts, study.occasions)


def _prepare(client: Client, as_of: date | None, today: date, stage: Path) -> Prepared:
    """Read the data in this process, so that what is wrong with them is said plainly."""
    day = as_of.isoformat() if as_of else None
    with closing(Study.open(client.slug, as_of=day, run=str(stage))) as study:
        if study.as_of > today:
            raise ConfigError(
                f"As of {study.as_of} lies after today ({today}); give a day that is over, "
                f"or take `as_of` out of {client.slug}'s client.yaml."
            )
        study.write_set_aside()
        return study.prepared
