"""Drafts of a client's notebooks, to try things in.

They stand in ``drafts/<client>``, where no run ever looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from retention_lib.client import Client, project_root
from retention_lib.errors import ConfigError
from retention_lib.runner.execution import find_notebooks, read
from retention_lib.runner.preparing import digest, prepared, stamp, stamped, write

__all__ = ["Draft", "drafts_folder", "prepare_drafts"]


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
    fresh = stamped(prepared(source, client, outputs=True))
    if not path.exists():
        write(fresh, path)
        return Draft(path, kept=False)
    found = _readable(path)
    if found is None:
        return Draft(path, kept=True, readable=False)
    if digest(found) not in (stamp(found), stamp(fresh)):
        return Draft(path, kept=True)
    if stamp(found) != stamp(fresh):
        same = digest(found) == stamp(fresh)
        write(stamped(found) if same else fresh, path)
    return Draft(path, kept=False)


def _readable(path: Path) -> NotebookNode | None:
    try:
        return read(path)
    except ConfigError:
        return None
