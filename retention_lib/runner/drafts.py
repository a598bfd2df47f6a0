"""Drafts of a client's notebooks, to try things in.

They stand in ``drafts/<client>``, where no run ever looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from retention_lib.client import Client, project_root
from retention_lib.errors import ConfigError
from retention_lib.runner import preparing
from retention_lib.runner.execution import find_notebooks, read


@dataclass(frozen=True)
class Draft:
    """A notebook to try things in.

    Attributes
    ----------
    path : Path
        Where it stands.
    kept : bool
        Whether it stays as the analyst has changed it.
    readable : bool
        Whether it is a notebook still; one that is not is kept, too.
    """

    path: Path
    kept: bool
    readable: bool = True


def drafts_folder(client: Client) -> Path:
    """Return the folder of a client's drafts."""
    return project_root() / "drafts" / client.slug


def prepare_drafts(client: Client) -> list[Draft]:
    """Write a draft of each notebook of the client's runs, but over none the analyst has changed.

    Until it is run, a draft shows the outputs of its notebook, which a master has of the demo
    client; its first cell of code says so.

    A draft counts as changed if its cells' sources, attachments or metadata, such as tags, are not
    those it was prepared with, or if it cannot be read. One that has merely been run keeps its
    outputs for as long as its notebook stays the same.

    Returns
    -------
    list of Draft
        All drafts in the order of a run.

    Raises
    ------
    ConfigError
        As :func:`~retention_lib.runner.execution.find_notebooks`, or if a draft cannot be
        written.
    RetentionError
        If the disk is full.
    """
    return [_draft(source, client) for source in find_notebooks(client)]


def _draft(source: Path, client: Client) -> Draft:
    path = drafts_folder(client) / source.name
    fresh = preparing.stamped(preparing.prepared(source, client, outputs=True))
    if not path.exists():
        preparing.write(fresh, path)
        return Draft(path, kept=False)
    try:
        found = read(path)
    except ConfigError:
        return Draft(path, kept=True, readable=False)
    now, was, new = preparing.digest(found), preparing.stamp(found), preparing.stamp(fresh)
    if now not in (was, new):
        return Draft(path, kept=True)
    if was != new:
        preparing.write(preparing.stamped(found) if now == new else fresh, path)
    return Draft(path, kept=False)
