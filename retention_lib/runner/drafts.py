"""An analyst's notebooks: drafts to try things in, and own copies for runs.

A draft stands in ``drafts/<client>`` and no run ever looks there. A client's own copy stands in
``data/clients/<client>/notebooks`` and takes its master's place in the client's runs. Masters are
only read.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from os.path import lexists
from pathlib import Path
from typing import Any, Final, cast

import papermill
from nbformat import NotebookNode
from nbformat.v4 import new_output

from retention_lib.client import Client, project_root, shown
from retention_lib.errors import ConfigError, RetentionError
from retention_lib.results import whole
from retention_lib.runner.execution import (
    INJECTED,
    find_notebooks,
    is_injected,
    numbered,
    read,
    refuse_shared_numbers,
    refuse_unfit_parameters,
    text,
)
from retention_lib.speech import Speech

__all__ = ["Adopted", "Draft", "adopt_draft", "copy_master", "drafts_folder", "prepare_drafts"]

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_LITTLE: Final = re.compile(r"""(# Parameters\s+)?(client = (["'])[^"'\n]*\3)?""")

# What a notebook's editor notes in a cell when it is run, folded or only looked at.
_RUN: Final = frozenset(
    {"papermill", "execution", "ExecuteTime", "collapsed", "scrolled", "trusted"}
)
_LOOKED_AT: Final = _RUN | {"jupyter", "jp-MarkdownHeadingCollapsed", "vscode"}
_PRESET: Final = {"editable": True, "slideshow": {"slide_type": ""}, "tags": []}


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


@dataclass(frozen=True)
class Adopted:
    """A client's own copy made of a draft, and where what it replaces was set aside, if it was."""

    copy: Path
    aside: Path | None


# --- drafts ---------------------------------------------------------------------------


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
    fresh = _stamped(_prepared(source, client, outputs=True))
    if not path.exists():
        _write(fresh, path)
        return Draft(path, kept=False)
    found = _readable(path)
    if found is None:
        return Draft(path, kept=True, readable=False)
    if _digest(found) not in (_stamp(found), _stamp(fresh)):
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
    """Return a digest of what an analyst writes: each cell's kind, source, attachments, metadata.

    Empty cells do not count, since running the last cell makes JupyterLab add one.
    """
    written = [
        (cell.cell_type, *parts)
        for cell in notebook.cells
        if any(parts := (cell.source.strip() and cell.source, _attached(cell), _marks(cell)))
    ]
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()


def _attached(cell: NotebookNode) -> dict[str, Any]:
    return cast("dict[str, Any]", cell.get("attachments", {}))


def _marks(cell: NotebookNode) -> dict[str, Any]:
    """Return a cell's metadata but for what is noted without the analyst's doing."""
    return {
        key: sorted(value) if key == "tags" else value
        for key, value in cell.metadata.items()
        if key not in _LOOKED_AT and value != _PRESET.get(key)
    }


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
        If there is no such notebook, it is not fit for a run's parameters, the client has a copy
        of it already, or the copy cannot be written.
    RetentionError
        If the disk is full.
    """
    masters, own = numbered(masters_folder()), numbered(own_folder(client))
    name = named(notebook, masters | own)
    if name in own:
        raise ConfigError(
            f"The client's own copy stands already: {shown(own[name])}; change that, delete it to "
            "begin again from the master, or give --draft to put the draft in its place."
        )
    refuse_unfit_parameters(masters[name])
    copy = own_folder(client) / name
    _write(_prepared(masters[name], client), copy)
    return copy


def adopt_draft(client: Client, notebook: str) -> Adopted:
    """Make the analyst's draft the client's own copy of a notebook.

    What an older copy held is kept beside it, under a name that ends in ``~``, ``~2~``, … and that
    no run heeds.

    Parameters
    ----------
    client : Client
        Whose draft it is.
    notebook : str
        As for :func:`copy_master`.

    Returns
    -------
    Adopted
        The copy, and where what it replaces was set aside.

    Raises
    ------
    ConfigError
        If there is no such notebook, no draft of it, the draft does not differ from what runs
        use already, is not fit for a run's parameters or holds something among those, its number is another's, or the copy cannot be written.
    RetentionError
        If the disk is full.
    """
    drafts, runs = numbered(drafts_folder(client)), _heeded(client)
    name = named(notebook, runs | drafts)
    if name not in drafts:
        raise ConfigError(
            f"There is no draft {shown(drafts_folder(client) / name)}; `retention lab "
            f"{client.slug}` makes it: change and save it there, then give this command again."
        )
    refuse_shared_numbers([path for path in runs.values() if path.name != name] + [drafts[name]])
    refuse_unfit_parameters(drafts[name])
    _refuse_loss(drafts[name])
    if name in runs:
        _refuse_unchanged(drafts[name], runs[name], client)
        _refuse_untouched(drafts[name])
    copy = own_folder(client) / name
    return Adopted(copy, _write(_prepared(drafts[name], client), copy, aside=True))


def _heeded(client: Client) -> dict[str, Path]:
    """Return the notebooks of a client's runs, fit or not."""
    return numbered(masters_folder()) | numbered(own_folder(client))


def _refuse_loss(draft: Path) -> None:
    """Refuse a draft whose injected cell, which is to be replaced, holds what nobody injected."""
    for cell in filter(is_injected, read(draft).cells):
        if not _LITTLE.fullmatch(cell.source.strip()):
            raise ConfigError(
                f"The cell tagged `{INJECTED}` in {shown(draft)} holds more than the client, and "
                "every run replaces it; move what you have written to a cell of its own, display "
                "literals to the cell tagged `parameters`, and leave only `client = …` there."
            )
        return  # papermill replaces the first alone


def _refuse_untouched(draft: Path) -> None:
    """Refuse a draft as it was prepared: the master may have learnt something since."""
    found = read(draft)
    if _digest(found) == _stamp(found):
        raise ConfigError(
            f"{shown(draft)} does not differ from what it was prepared with; change and save it "
            "first."
        )


def _refuse_unchanged(draft: Path, used: Path, client: Client) -> None:
    """Refuse a draft that changes nothing: its copy would only miss what the master learns."""
    if _digest(_prepared(draft, client)) == _digest(_prepared(used, client)):
        raise ConfigError(
            f"{shown(draft)} does not differ from {shown(used)}, which runs use already; change "
            "and save it first."
        )


def masters_folder() -> Path:
    """Return the folder of the masters."""
    return project_root() / "notebooks"


def own_folder(client: Client) -> Path:
    """Return the folder of a client's own notebooks."""
    return client.folder / "notebooks"


def named(given: str, known: Iterable[str]) -> str:
    """Return the one file name that is meant by a notebook's number, stem or name.

    Raises
    ------
    ConfigError
        If it is meant by none, or several.
    """
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


def _prepared(source: Path, client: Client, *, outputs: bool = False) -> NotebookNode:
    """Return a notebook that looks at this client, without traces of papermill.

    With outputs, the cell of parameters says whose these are, as an output: to run it is to see
    one's own.
    """
    master = read(source)
    declared = papermill.inspect_notebook(master)
    notebook = papermill.execute_notebook(
        master,
        None,
        parameters={"client": client.slug},
        prepare_only=True,
        kernel_name="python3",
        language="python",
        progress_bar=False,
    )
    for key in ("papermill", "retention", "widgets"):  # widgets' states are outputs
        notebook.metadata.pop(key, None)
    injected = next(cell for cell in notebook.cells if is_injected(cell))
    for at, cell in enumerate(notebook.cells):
        _strip(cell, outputs)
        if cell["id"] == INJECTED:  # as in one that was copied
            cell["id"] = f"{INJECTED}-{at}"
    injected["id"] = INJECTED  # papermill's is another one each time
    if any(cell.get("outputs") for cell in notebook.cells):
        injected.outputs = [_whose(declared["client"]["default"].strip("'\""), client)]
    return cast("NotebookNode", notebook)


def _whose(of: str, client: Client) -> NotebookNode:
    """Return an output that says of which client the others are, until the cell is run."""
    said = Speech(client.language, client.locale).prose(
        "The outputs below are of the client **{of}**, for whom this notebook was last run. Run "
        "all cells to see {name}.",
        of=of,
        name=client.name,
    )
    return cast("NotebookNode", new_output("display_data", {"text/markdown": said}))  # type: ignore[no-untyped-call]


def _strip(cell: NotebookNode, outputs: bool) -> None:
    """Take what running it adds out of a cell, its outputs too unless they are kept."""
    if cell.cell_type == "code" and not outputs:
        cell.outputs, cell.execution_count = [], None
    for key in _RUN:
        cell.metadata.pop(key, None)
    if not cell.metadata.get("tags"):
        cell.metadata.pop("tags", None)


def _write(notebook: NotebookNode, target: Path, aside: bool = False) -> Path | None:
    """Write a notebook whole or not at all; if asked, set what it replaces aside, return where."""
    content = text(notebook)
    _refuse_master(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole(target) as half:
            half.write_bytes(content)
            return _set_aside(target, content) if aside and target.is_file() else None
    except OSError as error:
        raise _unwritable(target, error) from error


def _refuse_master(target: Path) -> None:
    """Refuse to write where a link leads to the masters."""
    masters = masters_folder().resolve()
    if target.resolve().is_relative_to(masters):
        link = target if target.is_symlink() else target.parent
        raise ConfigError(
            f"{shown(target)} is a master: a link leads from {shown(link)} to {shown(masters)}, "
            "and masters are not written to; take the link away."
        )


def _set_aside(target: Path, content: bytes) -> Path | None:
    """Keep what a file holds, if it is not this, over no other file; return where."""
    held = target.read_bytes()
    if held == content:
        return None
    aside = next(path for path in _asides(target) if _holds(path, held) or not lexists(path))
    if not lexists(aside):
        with whole(aside) as half:
            shutil.copy2(target, half)
    return aside


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _asides(target: Path) -> Iterator[Path]:
    """Yield the names that end in ``~``, ``~2~``, ``~3~``, …; no run heeds these."""
    for number in itertools.count(1):
        yield target.with_name(f"{target.name}~" if number == 1 else f"{target.name}~{number}~")


def _unwritable(target: Path, error: OSError) -> RetentionError:
    kind = RetentionError if error.errno in _FULL else ConfigError
    reason = (error.strerror or str(error)).lower()
    return kind(
        f"Cannot write {shown(target)}: {reason}; see that {shown(target.parent)} is a folder you "
        "may write to, and that its disk has room."
    )
