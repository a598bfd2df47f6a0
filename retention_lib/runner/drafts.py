"""An analyst's notebooks: drafts to try things in, own copies for runs, what these change.

A draft stands in ``drafts/<client>`` and no run ever looks there. A client's own copy stands in
``data/clients/<client>/notebooks`` and takes its master's place in the client's runs. Masters are
only read.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

import nbformat
import papermill
from nbdime import diff_notebooks  # type: ignore[import-untyped]
from nbdime.prettyprint import (  # type: ignore[import-untyped]
    PrettyPrintConfig,
    pretty_print_diff,
)
from nbformat import NotebookNode

from retention_lib.client import Client, project_root, shown
from retention_lib.errors import ConfigError, RetentionError
from retention_lib.results import whole
from retention_lib.runner.execution import (
    find_notebooks,
    numbered,
    read,
    refuse_missing_parameters,
)

__all__ = ["Draft", "adopt_draft", "copy_master", "difference", "drafts_folder", "prepare_drafts"]

_INJECTED: Final = "injected-parameters"  # papermill's tag
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Draft:
    """A notebook to try things in; ``kept`` if it stays as the analyst has changed it."""

    path: Path
    kept: bool


# --- drafts ---------------------------------------------------------------------------


def drafts_folder(client: Client) -> Path:
    """Return the folder of a client's drafts."""
    return project_root() / "drafts" / client.slug


def prepare_drafts(client: Client) -> list[Draft]:
    """Write a draft of each notebook of the client's runs, but over none the analyst has changed.

    A draft counts as changed if its cells' sources or tags are not those it was prepared with.
    One that has merely been run keeps its outputs for as long as its notebook stays the same.

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
    fresh = _stamped(_prepared(source, client))
    if not path.exists():
        return Draft(_write(fresh, path), kept=False)
    found = _readable(path)
    if found is None or _digest(found) not in (_stamp(found), _stamp(fresh)):
        return Draft(path, kept=True)
    if _stamp(found) != _stamp(fresh):
        same = _digest(found) == _stamp(fresh)
        _write(_stamped(found) if same else fresh, path)
    return Draft(path, kept=False)


def _readable(path: Path) -> NotebookNode | None:
    try:
        return read(path)
    except ConfigError:
        return None


def _stamped(draft: NotebookNode) -> NotebookNode:
    """Note in a draft what it is prepared with, to know a change by."""
    draft.metadata["retention"] = {"prepared": _digest(draft)}
    return draft


def _stamp(draft: NotebookNode) -> str | None:
    noted = draft.metadata.get("retention")
    return noted.get("prepared") if isinstance(noted, dict) else None


def _digest(notebook: NotebookNode) -> str:
    """Return a digest of what an analyst writes: the cells' kinds, sources and tags.

    Empty cells do not count, since running the last cell makes JupyterLab add one.
    """
    written = [
        (cell.cell_type, cell.source, sorted(cell.metadata.get("tags", [])))
        for cell in notebook.cells
        if cell.source.strip()
    ]
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()


# --- own copies -----------------------------------------------------------------------


def copy_master(client: Client, notebook: str) -> Path:
    """Copy a master to the client's own notebooks, to be changed there.

    Parameters
    ----------
    client : Client
        Whose copy it will be: the copy's parameters name the client.
    notebook : str
        The notebook's number or name, as in ``"3"``, ``"03"`` or ``"03_retention_rate"``.

    Returns
    -------
    Path
        The copy.

    Raises
    ------
    ConfigError
        If there is no such notebook, it lacks a run's parameters, the client has a copy of it
        already, or the copy cannot be written.
    RetentionError
        If the disk is full.
    """
    masters, own = numbered(_masters()), numbered(_own(client))
    name = _named(notebook, masters | own)
    if name in own:
        raise ConfigError(
            f"The client's own copy stands already: {shown(own[name])}; change that, delete it to "
            "begin again from the master, or give --draft to put the draft in its place."
        )
    refuse_missing_parameters(masters[name])
    return _write(_prepared(masters[name], client), _own(client) / name)


def adopt_draft(client: Client, notebook: str) -> Path:
    """Make the analyst's draft the client's own copy of a notebook.

    What an older copy held is kept beside it, under a name that ends in ``~`` and that no run
    heeds.

    Parameters
    ----------
    client : Client
        Whose draft it is.
    notebook : str
        As for :func:`copy_master`.

    Returns
    -------
    Path
        The copy.

    Raises
    ------
    ConfigError
        If there is no such notebook, no draft of it, the draft lacks a run's parameters, or the
        copy cannot be written.
    RetentionError
        If the disk is full.
    """
    drafts = numbered(drafts_folder(client))
    name = _named(notebook, numbered(_masters()) | numbered(_own(client)) | drafts)
    if name not in drafts:
        raise ConfigError(
            f"There is no draft {shown(drafts_folder(client) / name)}; `retention lab "
            f"{client.slug}` makes it: change and save it there, then give this command again."
        )
    refuse_missing_parameters(drafts[name])
    return _write(_prepared(drafts[name], client), _own(client) / name, aside=True)


def _masters() -> Path:
    return project_root() / "notebooks"


def _own(client: Client) -> Path:
    return client.folder / "notebooks"


def _named(given: str, known: Iterable[str]) -> str:
    """Return the one file name that is meant by a notebook's number, stem or name."""
    stem = given.removesuffix(".ipynb")
    exact = [name for name in known if name == f"{stem}.ipynb"]
    found = exact or [name for name in known if name[:2] == f"{stem:0>2}"]
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigError(f"{given!r} may be {_listed(found)}; give the whole name.")
    raise ConfigError(f"There is no notebook {given!r}; there are {_listed(known)}.")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(name.removesuffix(".ipynb") for name in names)) or "none"


# --- what both are made of ------------------------------------------------------------


def _prepared(source: Path, client: Client) -> NotebookNode:
    """Return a notebook that looks at this client, without outputs or traces of papermill."""
    notebook = papermill.execute_notebook(
        read(source),
        None,
        parameters={"client": client.slug},
        prepare_only=True,
        kernel_name="python3",
        language="python",
        progress_bar=False,
    )
    for key in ("papermill", "retention", "widgets"):  # widgets' states are outputs
        notebook.metadata.pop(key, None)
    for cell in notebook.cells:
        _strip(cell)
    injected = next(cell for cell in notebook.cells if _is_injected(cell))
    injected["id"] = _INJECTED  # papermill's is another one each time
    return cast("NotebookNode", notebook)


def _strip(cell: NotebookNode) -> None:
    """Take a cell's outputs and what papermill and Jupyter add out of it."""
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    for key in ("papermill", "execution", "collapsed", "scrolled"):
        cell.metadata.pop(key, None)
    if not cell.metadata.get("tags"):
        cell.metadata.pop("tags", None)


def _is_injected(cell: NotebookNode) -> bool:
    return _INJECTED in cell.metadata.get("tags", [])


def _write(notebook: NotebookNode, target: Path, aside: bool = False) -> Path:
    """Write a notebook whole or not at all; if asked, set what it replaces aside."""
    text = nbformat.writes(notebook) + "\n"  # type: ignore[no-untyped-call]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole(target) as half:
            half.write_text(text, encoding="utf-8", newline="\n")
            if aside and target.exists() and target.read_bytes() != half.read_bytes():
                shutil.copy2(target, target.with_name(f"{target.name}~"))
    except OSError as error:
        raise _unwritable(target, error) from error
    return target


def _unwritable(target: Path, error: OSError) -> RetentionError:
    kind = RetentionError if error.errno in _FULL else ConfigError
    reason = (error.strerror or str(error)).lower()
    return kind(
        f"Cannot write {shown(target)}: {reason}; see that {shown(target.parent)} is a folder you "
        "may write to, and that its disk has room."
    )


# --- differences ----------------------------------------------------------------------


def difference(client: Client, notebook: str, *, colour: bool = False) -> str:
    """Say how the client's own copy of a notebook differs from its master, in sources only.

    Parameters
    ----------
    client : Client
        Whose copy it is.
    notebook : str
        As for :func:`copy_master`.
    colour : bool
        Whether the lines are coloured for a terminal.

    Returns
    -------
    str
        nbdime's lines under both paths, or one sentence if nothing differs.

    Raises
    ------
    ConfigError
        If there is no such notebook, no own copy or no master of it, or one cannot be read.
    """
    master, own = _pair(client, notebook)
    before, after = _sources(master), _sources(own)
    lines = io.StringIO()
    config = PrettyPrintConfig(
        out=lines,
        include=SimpleNamespace(id=False, details=False),
        use_git=False,
        use_diff=False,
        use_color=colour,
    )
    pretty_print_diff(before, diff_notebooks(before, after), "", config)
    if not lines.getvalue():
        return f"{shown(own)} does not differ from {shown(master)}.\n"
    return f"--- {shown(master)}\n+++ {shown(own)}\n{lines.getvalue().rstrip()}\n"


def _pair(client: Client, notebook: str) -> tuple[Path, Path]:
    """Return a master and the client's own copy of it."""
    masters, own = numbered(_masters()), numbered(_own(client))
    name = _named(notebook, masters | own)
    if name not in own:
        raise ConfigError(
            f"There is no own copy {shown(_own(client) / name)}: runs use the master. "
            f"`retention edit {client.slug} {name[:2]}` makes a copy to change."
        )
    if name not in masters:
        raise ConfigError(
            f"{shown(own[name])} is {client.slug}'s alone: there is no master "
            f"{shown(_masters() / name)} to compare it with."
        )
    return masters[name], own[name]


def _sources(path: Path) -> dict[str, Any]:
    """Return a notebook of its cells' sources alone, without injected parameters.

    The ids are for nbdime to pair the cells by, never those of different kinds.
    """
    cells = [
        {
            "id": f"{cell.cell_type}-{cell.get('id')}",
            "cell_type": cell.cell_type,
            "source": cell.source,
            "metadata": {},
            "outputs": [],
        }
        for cell in read(path).cells
        if not _is_injected(cell)
    ]
    return {"cells": cells}
